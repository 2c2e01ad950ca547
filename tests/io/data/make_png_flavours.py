# SPDX-License-Identifier: BSD-3-Clause
"""Writes the small PNG files of this folder, byte by byte, with Python's zlib alone.

Made with Python 3.11 by
    python make_png_flavours.py
Pixels follow a formula of their coordinates, which tests/io/png_test.cpp recomputes.
"""

import struct
import zlib
from pathlib import Path

FOLDER = Path(__file__).parent
WIDTH, HEIGHT = 19, 17
GREY, PALETTE, GREY_ALPHA = 0, 3, 4
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2)]  # first column and row, step along x and y of each pass


def number(x, y):
    return 7 * x + 13 * y + 5


def chunk(name, data):
    checksum = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)


def write(name, bits, color_type, rows, interlace=0, extra=b""):
    """Writes unfiltered rows, each a list of samples."""
    data = bytearray()
    for row in rows:
        packed = "".join(format(sample, f"0{bits}b") for sample in row)
        packed += "0" * (-len(packed) % 8)
        data += b"\0" + bytes(int(packed[i:i + 8], 2) for i in range(0, len(packed), 8))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, color_type, 0, 0, interlace)
    (FOLDER / f"{name}.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra +
        chunk(b"IDAT", zlib.compress(bytes(data))) + chunk(b"IEND", b""))


def rows_of(samples):
    return [[sample for x in range(WIDTH) for sample in samples(number(x, y))]
            for y in range(HEIGHT)]


if __name__ == "__main__":
    for bits in 1, 2, 4:
        write(f"grey_{bits}", bits, GREY, rows_of(lambda n: [n % 2**bits]))
    write("interlaced_16", 16, GREY, interlace=1, rows=[
        [number(x, y) * 97 % 65521 for x in range(left, WIDTH, step_x)]
        for left, top, step_x, step_y in ADAM7 for y in range(top, HEIGHT, step_y)])
    palette = b"".join(bytes([n, n * 3 % 251, n * 5 % 251]) for n in range(251))
    write("palette", 8, PALETTE, rows_of(lambda n: [n % 251]), extra=chunk(b"PLTE", palette))
    write("grey_alpha", 8, GREY_ALPHA, rows_of(lambda n: [n % 251, n % 7]))
