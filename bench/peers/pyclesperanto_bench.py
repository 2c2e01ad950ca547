# SPDX-License-Identifier: BSD-3-Clause
"""Times gpuimg and pyclesperanto side by side: the same images, device and parameters, in turns.

    python bench/peers/pyclesperanto_bench.py [--bin build/release/bin] [--calls 15]

Needs pyclesperanto, numpy and tifffile. A call is timed until its pixels are in host memory, with
the image on the device before. gpuimg runs in a child process that does one call per line; the
two take turns, A B A B, so that both see the same load. Printed: the median, the least and the
greatest time of each, the median of the ratios of neighbouring calls, the ratio of the least
times, that of the time of all processors together (on a CPU device: what the work costs; on a
GPU: the host's share only), and the greatest pixel of each result.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy
import pyclesperanto as cle
import tifffile


class Child:
    """gpuimg_pair, which does one call per line."""

    def __init__(self, binary, *arguments):
        self.process = subprocess.Popen([binary, *map(str, arguments)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.device = self._line()

    def _line(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("gpuimg_pair ended; its message is above")
        return line.strip()

    def call(self):
        """Milliseconds, those of all processors together, and the greatest pixel of the result."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return tuple(float(word) for word in self._line().split())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def timed(function):
    """As Child.call, for a function that returns host pixels."""
    processor_start = time.process_time()
    start = time.perf_counter()
    pixels = function()
    wall = time.perf_counter() - start
    return 1000 * wall, 1000 * (time.process_time() - processor_start), float(pixels.max())


def spread(times):
    return f"{statistics.median(times):.2f} ({min(times):.2f} to {max(times):.2f})"


def compare(title, theirs, child, calls, warm_up=2):
    """Alternates the two and prints one row."""
    for _ in range(warm_up):
        child.call(), timed(theirs)
    pairs = [(child.call(), timed(theirs)) for _ in range(calls)]
    ours_ms, theirs_ms = [a[0] for a, b in pairs], [b[0] for a, b in pairs]
    ratio = statistics.median(b[0] / a[0] for a, b in pairs)
    of_processor = sum(b[1] for a, b in pairs) / sum(a[1] for a, b in pairs)
    print(f"| {title} | {spread(ours_ms)} | {spread(theirs_ms)} | {ratio:.1f} "
          f"| {min(theirs_ms) / min(ours_ms):.1f} | {of_processor:.1f} "
          f"| {pairs[0][0][2]:g}, {pairs[0][1][2]:g} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default="build/release/bin", type=pathlib.Path,
                        help="folder of gpuimg_pair and synthesize [build/release/bin]")
    parser.add_argument("--calls", default=15, type=int, help="timed calls of each [15]")
    given = parser.parse_args()
    pair = given.bin / "gpuimg_pair"

    with tempfile.TemporaryDirectory() as folder:
        wide, square = f"{folder}/wide.tif", f"{folder}/square.tif"
        for path, size, nuclei in ((wide, (2048, 1024), 1500), (square, (2048, 2048), 3000)):
            subprocess.run([given.bin / "synthesize", path, "--size", *map(str, size),
                            "--nuclei", str(nuclei)], check=True)

        blur = Child(pair, "gaussian_blur", 2, wide)
        device = cle.select_device(blur.device)
        cle_name = device.name
        if cle_name != blur.device:
            raise SystemExit(f"different devices: gpuimg {blur.device}, pyclesperanto {cle_name}")
        print(f"\ndevice: {blur.device}; {os.cpu_count()} CPUs; load {os.getloadavg()[0]:.1f}; "
              f"pyclesperanto {cle.__version__}; {given.calls} calls each, in turns\n")
        print("| milliseconds: median (least to greatest) | gpuimg | pyclesperanto | ratio "
              "| of the least | of processor time | greatest pixels |")
        print("|---|---|---|---|---|---|---|")

        image = cle.push(tifffile.imread(wide).astype(numpy.float32))
        compare("gaussian_blur, sigma 2, 2048x1024 f32",
                lambda: cle.pull(cle.gaussian_blur(image, sigma_x=2, sigma_y=2, sigma_z=0)),
                blur, given.calls)
        blur.close()

        spot, outline = 5, 1
        labeling = Child(pair, "voronoi_otsu_labeling", spot, outline, square)
        nuclei = cle.push(tifffile.imread(square))
        compare(f"voronoi_otsu_labeling, sigmas {spot} and {outline}, 2048x2048 u16",
                lambda: cle.pull(cle.voronoi_otsu_labeling(nuclei, spot_sigma=spot,
                                                           outline_sigma=outline)),
                labeling, given.calls)
        labeling.close()


if __name__ == "__main__":
    main()
