# SPDX-License-Identifier: BSD-3-Clause
"""OpenCV from PyPI. Of a volume the planes are computed side by side, and what goes along z on the
image that has a row per plane, as in opencv_peer.cpp."""
from concurrent.futures import ThreadPoolExecutor

import numpy
from peer import THREADS, NoCounterpart, box, missing, rays, serve

try:
    import cv2
except ImportError as error:
    missing(error)

EDGE = cv2.BORDER_REPLICATE
POOL = ThreadPoolExecutor(THREADS)


def per_plane(result, function, *images):
    """function(plane of each image, plane of the result), which it fills."""
    if result.ndim == 2:
        return lambda: (function(*images, result), result)[1]

    def work():
        list(POOL.map(function, *images, result))
        return result
    return work


def along_z(image, result, function):
    """function(part of image, part of result) on images with a row per plane, in columns."""
    rows, result_rows = image.reshape(len(image), -1), result.reshape(-1, image[0].size)
    edges = numpy.linspace(0, rows.shape[1], 4 * THREADS + 1, dtype=int)

    def part(begin, end):
        result_rows[:, begin:end] = function(rows[:, begin:end])
    return lambda: (list(POOL.map(part, edges[:-1], edges[1:])), result)[1]


def separable(image, result, in_plane, in_z):
    planes = per_plane(result, in_plane, image)
    if image.ndim == 2:
        return planes
    through = along_z(result, result, in_z)
    return lambda: (planes(), through())[1]


def gaussian_blur(p, image):
    sigma = p["sigma_x"]
    edge = 2 * int(4 * sigma + 0.5) + 1
    return separable(
        image, numpy.empty_like(image),
        lambda src, dst: cv2.GaussianBlur(src, (edge, edge), sigma, dst, sigma, EDGE),
        lambda src: cv2.GaussianBlur(src, (1, edge), 0.1, None, p["sigma_z"], EDGE))


def mean_filter(p, image):
    *depth, height, width = box(p, image)
    return separable(
        image, numpy.empty_like(image),
        lambda src, dst: cv2.blur(src, (width, height), dst, (-1, -1), EDGE),
        lambda src: cv2.blur(src, (1, *depth), None, (-1, -1), EDGE))


def box_filter(function):
    def implementation(p, image):
        *depth, height, width = box(p, image)
        plane, line = numpy.ones((height, width), numpy.uint8), numpy.ones((*depth, 1), numpy.uint8)
        return separable(
            image, numpy.empty_like(image),
            lambda src, dst: function(src, plane, dst, (-1, -1), 1, EDGE),
            lambda src: function(src, line, None, (-1, -1), 1, EDGE))
    return implementation


def median(p, image):
    edge = box(p, image)[-1]
    if image.ndim == 3 or (edge > 5 and image.dtype != numpy.uint8):
        raise NoCounterpart
    return per_plane(numpy.empty_like(image), lambda src, dst: cv2.medianBlur(src, edge, dst), image)


def threshold_otsu(p, image):
    flat = image.reshape(-1, image.shape[-1])
    result = numpy.empty(flat.shape, numpy.uint8)
    if image.dtype != numpy.float32:
        return lambda: cv2.threshold(flat, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]

    def work():
        low, high, _, _ = cv2.minMaxLoc(flat)
        end = float(numpy.nextafter(numpy.float32(high), numpy.float32(numpy.inf)))
        counts = cv2.calcHist([flat], [0], None, [256], [low, end]).ravel().astype(float)
        centres = low + (numpy.arange(256) + 0.5) * (high - low) / 256
        below = numpy.cumsum(counts)
        moment = numpy.cumsum(counts * centres)
        between = ((moment[-1] * below[:-1] - moment[:-1] * below[-1]) ** 2
                   / (below[:-1] * (below[-1] - below[:-1])))
        return cv2.compare(flat, float(centres[numpy.nanargmax(between)]), cv2.CMP_GT, result)
    return work


def rotate(p, image):
    if p["angle_x"] != 0 or p["angle_y"] != 0:
        raise NoCounterpart
    height, width = image.shape[-2:]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), p["angle_z"], 1)
    how = cv2.INTER_LINEAR if p["interpolate"] else cv2.INTER_NEAREST
    return per_plane(numpy.empty_like(image),
                     lambda src, dst: cv2.warpAffine(src, matrix, (width, height), dst, how), image)


def radial_reslice(p, image):
    y, x = rays(p, image)
    maps = cv2.convertMaps(x.astype(numpy.float32), y.astype(numpy.float32), cv2.CV_16SC2)
    result = numpy.empty((len(y), len(image), y.shape[1]), image.dtype)

    def plane(z):
        cv2.remap(image[z], *maps, cv2.INTER_LINEAR, result[:, z])
    return lambda: (list(POOL.map(plane, range(len(image)))), result)[1]


def connected_component_labeling(p, image):
    if image.ndim == 3:
        raise NoCounterpart
    neighbours = 8 if p["connectivity"] == "box" else 4
    return lambda: cv2.connectedComponents(image, None, neighbours)[1]


def top_hat(p, image):
    if image.ndim == 3:
        raise NoCounterpart
    kernel = numpy.ones(box(p, image), numpy.uint8)
    return lambda: cv2.morphologyEx(image, cv2.MORPH_TOPHAT, kernel, borderType=EDGE)


def floats(image):
    return numpy.empty(image.shape, numpy.float32)


OPERATIONS = {
    "add_image_and_scalar": lambda p, a: per_plane(
        floats(a), lambda src, dst: cv2.add(src, (p["scalar"],) * 4, dst, None, cv2.CV_32F), a),
    "add_images_weighted": lambda p, a, b: per_plane(
        floats(a), lambda one, two, dst: cv2.addWeighted(
            one, p["factor1"], two, p["factor2"], 0, dst, cv2.CV_32F), a, b),
    "binary_and": lambda p, a, b: per_plane(numpy.empty_like(a), cv2.bitwise_and, a, b),
    "binary_erode": box_filter(cv2.erode),
    "connected_component_labeling": connected_component_labeling,
    "flip": lambda p, a: per_plane(
        numpy.empty_like(a), lambda src, dst: cv2.flip(src, 1, dst), a),
    "gaussian_blur": gaussian_blur,
    "greater_constant": lambda p, a: per_plane(
        numpy.empty(a.shape, numpy.uint8),
        lambda src, dst: cv2.compare(src, p["scalar"], cv2.CMP_GT, dst), a),
    "maximum_filter": box_filter(cv2.dilate),
    "maximum_z_projection": lambda p, a: along_z(
        a, numpy.empty_like(a[0]), lambda src: cv2.reduce(src, 0, cv2.REDUCE_MAX)),
    "mean_filter": mean_filter,
    "median": median,
    "minimum_filter": box_filter(cv2.erode),
    "multiply_image_and_scalar": lambda p, a: per_plane(
        floats(a), lambda src, dst: cv2.multiply(src, (p["scalar"],) * 4, dst, 1, cv2.CV_32F), a),
    "radial_reslice": radial_reslice,
    "rotate": rotate,
    "threshold_otsu": threshold_otsu,
    "top_hat": top_hat,
}


def implement(operation, parameters, images):
    if operation not in OPERATIONS:
        raise NoCounterpart
    return OPERATIONS[operation](parameters, *images)


cv2.setNumThreads(THREADS)
serve("OpenCV", f"OpenCV {cv2.__version__} (PyPI)", implement)
