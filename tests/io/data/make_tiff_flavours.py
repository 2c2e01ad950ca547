# SPDX-License-Identifier: BSD-3-Clause
"""Writes the small TIFF files of this folder, one per flavour that the tests read.

Made with tifffile 2026.3.3, imagecodecs 2026.3.6 and numpy 2.4.6 by
    python make_tiff_flavours.py
Pixels follow a formula of their coordinates, which tests/io/tiff_test.cpp recomputes.
"""

from pathlib import Path

import numpy
import tifffile

FOLDER = Path(__file__).parent
WIDTH, HEIGHT = 19, 17
UUID = {"UUID": "00000000-0000-1000-8000-000000000000"}  # the same file at every run


def number(width=WIDTH, height=HEIGHT, slices=1, channels=1, frames=1):
    """The number n of each pixel, as an array of axes t, z, c, y, x without those of length 1."""
    t, z, c, y, x = numpy.ogrid[:frames, :slices, :channels, :height, :width]
    n = 7 * x + 13 * y + 31 * z + 101 * c + 211 * t + 5
    return n.reshape([length for length in n.shape[:3] if length > 1] + [height, width])


PIXELS = {
    "u1": lambda n: n % 3 == 0,
    "u8": lambda n: (n % 251).astype("u1"),
    "i8": lambda n: (n % 251 - 125).astype("i1"),
    "u16": lambda n: (n * 97 % 65521).astype("u2"),
    "i16": lambda n: (n * 97 % 65521 - 32760).astype("i2"),
    "u32": lambda n: (n * 4000037 % 4294967291).astype("u4"),
    "i32": lambda n: (n * 4000037 % 4294967291 - 2147483640).astype("i4"),
    "f16": lambda n: (n / 8 - 20).astype("f2"),
    "f32": lambda n: (n / 8 - 20).astype("f4"),
    "f64": lambda n: (n / 8 - 20).astype("f8"),
}


def pixels(kind, **axes):
    return PIXELS[kind](number(**axes))


def write(name, data, **options):
    options.setdefault("metadata", None)
    options.setdefault("software", False)
    if data.shape[-1] > 4:
        options.setdefault("photometric", "minisblack")
    tifffile.imwrite(FOLDER / f"{name}.tif", data, **options)


def write_types():
    for kind in PIXELS:
        for name, order in ("little", "<"), ("big", ">"):
            write(f"{name}_{kind}", pixels(kind), byteorder=order)
    write("white_u1", pixels("u1"), photometric="miniswhite")
    write("white_u8", pixels("u8"), photometric="miniswhite")
    write("white_u16", pixels("u16"), photometric="miniswhite", byteorder=">")


def write_storage():
    for codec in "packbits", "lzw", "deflate", "zstd", "lzma":
        write(f"strips_{codec}_u16", pixels("u16"), rowsperstrip=5, compression=codec)
    for codec in "lzw", "deflate", "zstd", "lzma":
        write(f"predictor2_{codec}_u16", pixels("u16"), compression=codec, predictor=2)
        write(f"predictor3_{codec}_f32", pixels("f32"), compression=codec, predictor=3)
    write("predictor2_big_u32", pixels("u32"), compression="deflate", predictor=2, byteorder=">")
    write("predictor3_big_f64", pixels("f64"), compression="deflate", predictor=3, byteorder=">")
    write("strips_u16", pixels("u16"), rowsperstrip=5)
    write("tiles_u16", pixels("u16"), tile=(16, 16))
    write("tiles_big_u8", pixels("u8"), tile=(16, 16), byteorder=">")
    write("tiles_deflate_f32", pixels("f32"), tile=(16, 16), compression="deflate", predictor=3)
    write("tiles_zstd_u1", pixels("u1"), tile=(16, 16), compression="zstd")
    write("bigtiff_u16", pixels("u16"), bigtiff=True)
    write("bigtiff_big_u16", pixels("u16"), bigtiff=True, byteorder=">")
    write("bigtiff_tiles_u16", pixels("u16"), bigtiff=True, tile=(16, 16), compression="lzw")


def write_stacks():
    small = {"width": 5, "height": 3}
    write("stack_u8", pixels("u8", slices=3))
    write("stack_cm_u16", pixels("u16", slices=3, **small), resolution=(20000, 10000),
          resolutionunit="CENTIMETER")
    hyperstack = pixels("u8", slices=3, channels=2, frames=2, **small)
    imagej = {"axes": "TZCYX", "unit": "\\u00B5m", "spacing": 0.5}
    for name, order in ("little", "<"), ("big", ">"):
        write(f"imagej_{name}_u8", hyperstack, imagej=True, metadata=imagej, byteorder=order,
              resolution=(4, 2), resolutionunit="NONE")
    write("imagej_one_directory_u16", pixels("u16", slices=4, **small), imagej=True, byteorder=">",
          truncate=True, metadata={"axes": "ZYX"})


def write_ome():
    small = {"width": 5, "height": 3}
    hyperstack = pixels("u8", slices=3, channels=2, frames=2, **small)  # t, z, c, y, x
    sizes = UUID | {"PhysicalSizeX": 0.25, "PhysicalSizeY": 0.5, "PhysicalSizeZ": 2.0}
    for axes in "TZC", "TCZ", "CTZ", "CZT", "ZCT", "ZTC":
        data = hyperstack.transpose(*("TZC".index(axis) for axis in axes), 3, 4)
        write(f"ome_xy{axes[::-1].lower()}_u8", data, ome=True,
              metadata={"axes": axes + "YX"} | sizes)
    write("ome_nm_f32", pixels("f32"), ome=True,
          metadata=UUID | {"axes": "YX", "PhysicalSizeX": 65.0, "PhysicalSizeXUnit": "nm",
                           "PhysicalSizeY": 65.0, "PhysicalSizeYUnit": "nm"})


def write_colors():
    n = number()
    rgb = numpy.stack([n % 251, n * 3 % 251, n * 5 % 251], axis=-1).astype("u1")
    write("rgb_u8", rgb, photometric="rgb")
    write("rgb_planar_u8", rgb.transpose(2, 0, 1), photometric="rgb", planarconfig="separate")
    write("rgb_tiles_planar_u8", rgb.transpose(2, 0, 1), photometric="rgb",
          planarconfig="separate", tile=(16, 16), compression="deflate")
    write("rgba_u8", numpy.concatenate([rgb, rgb[..., :1]], axis=-1), photometric="rgb",
          extrasamples=["unassalpha"])
    write("rgb_u16", (rgb[:9] * numpy.uint16(257)), photometric="rgb", byteorder=">")
    index = numpy.arange(256)
    palette = numpy.stack([index, index * 3 % 256, index * 5 % 256]).astype("u2") * 257
    write("palette_u8", pixels("u8"), photometric="palette", colormap=palette)


def write_several_kinds():
    with tifffile.TiffWriter(FOLDER / "reduced_u8.tif") as tiff:
        options = {"photometric": "minisblack", "metadata": None, "software": False}
        for z in range(2):
            data = pixels("u8", slices=2)[z]
            tiff.write(data, contiguous=False, **options)
            tiff.write(data[::2, ::2], contiguous=False, subfiletype=1, **options)
    with tifffile.TiffWriter(FOLDER / "pyramid_u8.tif") as tiff:
        tiff.write(pixels("u8"), subifds=1, **options)
        tiff.write(pixels("u8")[::2, ::2], subfiletype=1, **options)
    with tifffile.TiffWriter(FOLDER / "refused_sizes.tif") as tiff:
        tiff.write(pixels("u8"), contiguous=False, **options)
        tiff.write(pixels("u8")[:-1], contiguous=False, **options)
    with tifffile.TiffWriter(FOLDER / "refused_types.tif") as tiff:
        tiff.write(pixels("u8"), contiguous=False, **options)
        tiff.write(pixels("u16"), contiguous=False, **options)


def write_refused():
    n = number(width=5, height=3)
    write("refused_u64", n.astype("u8"))
    write("refused_c64", n.astype("c8"))
    write("refused_jpeg", pixels("u8"), compression="jpeg")
    write("refused_two_samples", numpy.stack([n, n], axis=-1).astype("u1"),
          photometric="minisblack", planarconfig="contig")
    write("refused_depth", pixels("u8", slices=2), volumetric=True, tile=(2, 16, 16),
          compression="deflate")


if __name__ == "__main__":
    write_types()
    write_storage()
    write_stacks()
    write_ome()
    write_colors()
    write_several_kinds()
    write_refused()
