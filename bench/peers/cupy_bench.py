#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Times CuPy's counterparts of operations on an NVIDIA GPU, as gpuimg_bench times ours.

Images, shapes and the way of timing are those of bench/operations_bench.cpp: from the call until the
device is finished, memory from a warm pool; the median of repeated calls. Prints a line per operation
and shape: milliseconds, GB/s of inputs and result.

    python3 bench/peers/cupy_bench.py [--json FILE]
"""
import argparse
import json
import statistics
import time

import cupy
import cupyx.scipy.ndimage as ndimage
import numpy


def blobs(shape):
    """Noisy discs or balls of radius 9 on a grid of 24 pixels, from 0 to 250, as float32."""
    axes = numpy.meshgrid(*[numpy.arange(n) % 24 - 11.5 for n in shape], indexing="ij")
    away = sum(a * a for a in axes)
    noise = numpy.random.default_rng(1).integers(0, 32, shape)
    return (numpy.where(away < 81, (220 - away).astype(int), 20) + noise).astype(numpy.float32)


def operations(image):
    mask = image > 100
    labels = ndimage.label(mask)[0]
    two = tuple(2 if axis >= image.ndim - 2 else 0 for axis in range(image.ndim))
    yield "add_image_and_scalar", lambda: image + numpy.float32(1)
    yield "add_images_weighted", lambda: image * numpy.float32(1) + image * numpy.float32(1)
    yield "greater_constant", lambda: image > numpy.float32(100)
    yield "gaussian_blur sigma_x=2 sigma_y=2", lambda: ndimage.gaussian_filter(
        image, two, mode="nearest")
    yield "maximum_filter", lambda: ndimage.maximum_filter(image, 3, mode="nearest")
    yield "mean_filter", lambda: ndimage.uniform_filter(image, 3, mode="nearest")
    yield "top_hat", lambda: ndimage.white_tophat(image, (3,) * image.ndim, mode="nearest")
    yield "maximum_of_all_pixels", lambda: float(image.max())
    yield "sum_of_all_pixels", lambda: float(image.sum())
    yield "histogram", lambda: cupy.histogram(image, 256)[0].get()
    yield "connected_component_labeling", lambda: ndimage.label(mask)
    yield "labels_statistics (sum, minimum, maximum)", lambda: [
        f(image, labels, cupy.arange(1, int(labels.max()) + 1))
        for f in (ndimage.sum_labels, ndimage.minimum, ndimage.maximum)]
    if image.ndim == 3:
        yield "maximum_z_projection", lambda: image.max(axis=0)


def timed(call, seconds=0.3):
    """Milliseconds of calls, each until the device is finished."""
    for _ in range(3):
        call()
    cupy.cuda.Device().synchronize()
    times, start = [], time.perf_counter()
    while time.perf_counter() - start < seconds and len(times) < 200:
        begin = time.perf_counter()
        call()
        cupy.cuda.Device().synchronize()
        times.append(1e3 * (time.perf_counter() - begin))
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", help="file for the results")
    arguments = parser.parse_args()
    name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
    print(f"{name}, CuPy {cupy.__version__}, CUDA {cupy.cuda.runtime.runtimeGetVersion()}")
    rows = []
    for shape in ((1024, 2048), (128, 256, 256)):
        image = cupy.asarray(blobs(shape))
        text = "x".join(str(n) for n in reversed(shape))
        for operation, call in operations(image):
            try:
                times = timed(call)
            except Exception as error:  # a peer that cannot do it is a result, too
                print(f"{operation:45s} {text:12s} {type(error).__name__}: {error}")
                continue
            rows.append({"operation": operation, "shape": text,
                         "median_ms": statistics.median(times), "least_ms": min(times)})
            print(f"{operation:45s} {text:12s} {rows[-1]['median_ms']:9.3f} ms")
    if arguments.json:
        with open(arguments.json, "w", encoding="ascii") as file:
            json.dump({"device": name, "cupy": cupy.__version__, "rows": rows}, file, indent=1)


if __name__ == "__main__":
    main()
