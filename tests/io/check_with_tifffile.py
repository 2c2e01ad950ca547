# SPDX-License-Identifier: BSD-3-Clause
"""Reads the TIFF files of a folder with tifffile, and compares each with the pixels beside it.

    python check_with_tifffile.py FOLDER
For NAME.tif there is NAME.raw with the same pixels and nothing else. Names end in the pixel type and
the axes, as in 12_u16_TZCYX, and BigTIFFs have "big" in their names. All files say that pixels are
0.125 x 0.25 x 2.5 um large. Written for tifffile 2026.3.3 with imagecodecs 2026.3.6.
"""

import re
import sys
from pathlib import Path

import tifffile


def check(path):
    raw = path.with_suffix(".raw").read_bytes()
    *marks, pixel_type, axes = path.stem.split("_")
    kind = {"u": "uint", "i": "int", "f": "float"}[pixel_type[0]]
    with tifffile.TiffFile(path) as file:
        pixels = file.asarray()
        assert pixels.tobytes() == raw, f"{path}: other pixels"
        assert len(file.series) == 1, f"{path}: {len(file.series)} series"
        assert file.series[0].axes == axes, f"{path}: axes {file.series[0].axes}"
        assert pixels.dtype == kind + pixel_type[1:], f"{path}: {pixels.dtype}"
        assert file.is_bigtiff == ("big" in marks), path
        if file.is_imagej:
            assert file.imagej_metadata["spacing"] == 2.5, path
            assert file.imagej_metadata["unit"] == "um", path
            numerator, denominator = file.pages[0].tags["XResolution"].value
            assert numerator / denominator == 8, path
            assert not file.pages[0].is_tiled and not file.is_bigtiff, path
        else:
            assert file.is_ome and file.pages[0].is_tiled, path
            sizes = re.findall(r'PhysicalSize([XYZ])="([0-9.]+)"', file.ome_metadata)
            assert sizes == [("X", "0.125"), ("Y", "0.25"), ("Z", "2.5")], path


files = sorted(Path(sys.argv[1]).glob("*.tif"))
assert files
for file in files:
    check(file)
