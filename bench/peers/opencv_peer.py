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


def affine(image, p, matrix):
    """Planes moved by rows of factors of x, y and 1; cubics are others there."""
    if (p["interpolation"] == "cubic" or p["border"] != "constant" or p.get("resize")
            or not p.get("centered", True)):
        raise NoCounterpart
    how = cv2.INTER_LINEAR if p["interpolation"] == "linear" else cv2.INTER_NEAREST
    size = image.shape[:-3:-1]
    return per_plane(numpy.empty_like(image),
                     lambda src, dst: cv2.warpAffine(src, matrix, size, dst, how), image)


def affine_transform(p, image):
    m = p["transform_matrix"]
    if list(m[8:]) != [0, 0, 1, 0] or m[2] != 0 or m[6] != 0:
        raise NoCounterpart
    return affine(image, p, numpy.array([[m[0], m[1], m[3]], [m[4], m[5], m[7]]]))


def rotate(p, image):
    if p["angle_x"] != 0 or p["angle_y"] != 0:
        raise NoCounterpart
    height, width = image.shape[-2:]
    return affine(image, p, cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2),
                                                    p["angle_z"], 1))


def scale(p, image):
    if p["factor_z"] != 1:
        raise NoCounterpart
    factors = p["factor_x"], p["factor_y"]
    left, up = ((n - 1) / 2 * (1 - f) for n, f in zip(image.shape[:-3:-1], factors))
    return affine(image, p, numpy.array([[factors[0], 0, left], [0, factors[1], up]]))


def translate(p, image):
    if p["translate_z"] != 0:
        raise NoCounterpart
    return affine(image, p, numpy.array([[1, 0, p["translate_x"]], [0, 1, p["translate_y"]]]))


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


def floats(image):
    return numpy.empty(image.shape, numpy.float32)


def of_plane(function):
    """A result that OpenCV makes of a plane: function(p, image...)."""
    def implementation(p, *images):
        if images[0].ndim == 3:
            raise NoCounterpart
        return lambda: function(p, *images)
    return implementation


def morphology(kind):
    return of_plane(lambda p, a: cv2.morphologyEx(
        a, kind, numpy.ones(box(p, a), numpy.uint8), borderType=EDGE))


def of_floats(function):
    """function(image..., result), all of them floats."""
    def implementation(_, *images):
        if images[0].dtype != numpy.float32:
            raise NoCounterpart
        return per_plane(floats(images[0]), function, *images)
    return implementation


def of_same_type(function):
    """function(p, image..., result), which has the type of the images."""
    return lambda p, *images: per_plane(
        numpy.empty_like(images[0]), lambda *all: function(p, *all), *images)


def into_floats(function):
    """function(image, image, result, type of the result)."""
    return lambda _, a, b: per_plane(
        floats(a), lambda one, two, dst: function(one, two, dst, cv2.CV_32F), a, b)


def comparison(how, of_constant):
    def implementation(p, *images):
        return per_plane(numpy.empty(images[0].shape, numpy.uint8),
                         lambda *all: cv2.compare(all[0], p["scalar"] if of_constant else all[1],
                                                  how, all[-1]), *images)
    return implementation


def number(function):
    """function(image..., as rows), a number."""
    return lambda _, *images: lambda: numpy.array(
        [function(*(a.reshape(-1, a.shape[-1]) for a in images))], numpy.float32)


def projection(axis, how):
    def implementation(_, image):
        is_mean = how in (cv2.REDUCE_SUM, cv2.REDUCE_AVG)
        dtype, kind = (numpy.float32, cv2.CV_32F) if is_mean else (image.dtype, -1)
        if axis == "z":
            return along_z(image, numpy.empty(image.shape[1:], dtype),
                           lambda src: cv2.reduce(src, 0, how, None, kind))
        along = 1 if axis == "x" else 0
        planes = image.reshape(-1, *image.shape[-2:])

        def plane(src):
            return cv2.reduce(src, along, how, None, kind).ravel()
        if image.ndim == 2:
            return lambda: plane(image)
        return lambda: numpy.stack(list(POOL.map(plane, planes)))
    return implementation


OPERATIONS = {
    "absolute_difference": of_floats(cv2.absdiff),
    "add_image_and_scalar": lambda p, a: per_plane(
        floats(a), lambda src, dst: cv2.add(src, (p["scalar"],) * 4, dst, None, cv2.CV_32F), a),
    "add_images": into_floats(lambda a, b, dst, kind: cv2.add(a, b, dst, None, kind)),
    "add_images_weighted": lambda p, a, b: per_plane(
        floats(a), lambda one, two, dst: cv2.addWeighted(
            one, p["factor1"], two, p["factor2"], 0, dst, cv2.CV_32F), a, b),
    "affine_transform": affine_transform,
    "bin": of_plane(lambda p, a: cv2.resize(
        a, (a.shape[1] // int(p["factor_x"]), a.shape[0] // int(p["factor_y"])),
        interpolation=cv2.INTER_AREA)),
    "binary_and": lambda p, a, b: per_plane(numpy.empty_like(a), cv2.bitwise_and, a, b),
    "binary_closing": morphology(cv2.MORPH_CLOSE),
    "binary_dilate": box_filter(cv2.dilate),
    "binary_erode": box_filter(cv2.erode),
    "binary_not": of_same_type(lambda _, a, dst: cv2.compare(a, 0, cv2.CMP_EQ, dst)),
    "binary_opening": morphology(cv2.MORPH_OPEN),
    "binary_or": of_same_type(lambda _, a, b, dst: cv2.bitwise_or(a, b, dst)),
    "binary_xor": of_same_type(lambda _, a, b, dst: cv2.bitwise_xor(a, b, dst)),
    "bottom_hat": morphology(cv2.MORPH_BLACKHAT),
    "concatenate_along_x": of_plane(lambda _, a, b: cv2.hconcat((a, b))),
    "concatenate_along_y": of_plane(lambda _, a, b: cv2.vconcat((a, b))),
    "connected_component_labeling": connected_component_labeling,
    "crop": lambda p, a: lambda: a[tuple(
        slice(int(p[f"start_{axis}"]), int(p[f"start_{axis}"] + p[size]))
        for axis, size in list(zip("zyx", ("depth", "height", "width")))[-a.ndim:])].copy(),
    "divide_images": into_floats(lambda a, b, dst, kind: cv2.divide(a, b, dst, 1, kind)),
    "exponential": of_floats(cv2.exp),
    "flip": lambda p, a: per_plane(
        numpy.empty_like(a), lambda src, dst: cv2.flip(src, 1, dst), a),
    "gaussian_blur": gaussian_blur,
    "grayscale_closing": morphology(cv2.MORPH_CLOSE),
    "grayscale_opening": morphology(cv2.MORPH_OPEN),
    "logarithm": of_floats(cv2.log),
    "mask": lambda _, a, b: per_plane(
        numpy.zeros_like(a), lambda src, where, dst: cv2.bitwise_and(src, src, dst, where), a, b),
    "maximum_filter": box_filter(cv2.dilate),
    "maximum_image_and_scalar": of_same_type(
        lambda p, a, dst: cv2.max(a, (p["scalar"],) * 4, dst)),
    "maximum_images": of_same_type(lambda _, a, b, dst: cv2.max(a, b, dst)),
    "maximum_of_all_pixels": number(lambda a: cv2.minMaxLoc(a)[1]),
    "mean_filter": mean_filter,
    "mean_of_all_pixels": number(lambda a: cv2.mean(a)[0]),
    "mean_squared_error": number(lambda a, b: cv2.norm(a, b, cv2.NORM_L2SQR) / a.size),
    "median": median,
    "minimum_filter": box_filter(cv2.erode),
    "minimum_image_and_scalar": of_same_type(
        lambda p, a, dst: cv2.min(a, (p["scalar"],) * 4, dst)),
    "minimum_images": of_same_type(lambda _, a, b, dst: cv2.min(a, b, dst)),
    "minimum_of_all_pixels": number(lambda a: cv2.minMaxLoc(a)[0]),
    "multiply_image_and_scalar": lambda p, a: per_plane(
        floats(a), lambda src, dst: cv2.multiply(src, (p["scalar"],) * 4, dst, 1, cv2.CV_32F), a),
    "multiply_images": into_floats(lambda a, b, dst, kind: cv2.multiply(a, b, dst, 1, kind)),
    "pad": of_plane(lambda p, a: cv2.copyMakeBorder(
        a, 0, int(p["size_y"]) - a.shape[0], 0, int(p["size_x"]) - a.shape[1],
        cv2.BORDER_CONSTANT, value=p["value"])),
    "power": lambda p, a: of_floats(lambda src, dst: cv2.pow(src, p["scalar"], dst))(p, a),
    "radial_reslice": radial_reslice,
    "reciprocal": of_floats(lambda src, dst: cv2.divide(1, src, dst)),
    "resize": of_plane(lambda p, a: cv2.resize(a, (int(p["width"]), int(p["height"])))),
    "rotate": rotate,
    "rotate_clockwise": of_plane(lambda _, a: cv2.rotate(a, cv2.ROTATE_90_CLOCKWISE)),
    "rotate_counter_clockwise": of_plane(
        lambda _, a: cv2.rotate(a, cv2.ROTATE_90_COUNTERCLOCKWISE)),
    "scale": scale,
    "square": of_floats(lambda src, dst: cv2.multiply(src, src, dst)),
    "square_root": of_floats(cv2.sqrt),
    "squared_difference": of_floats(
        lambda a, b, dst: cv2.multiply(*(cv2.subtract(a, b, dst),) * 2, dst)),
    "subtract_image_from_scalar": lambda p, a: per_plane(
        floats(a),
        lambda src, dst: cv2.subtract((p["scalar"],) * 4, src, dst, None, cv2.CV_32F), a),
    "subtract_images": into_floats(lambda a, b, dst, kind: cv2.subtract(a, b, dst, None, kind)),
    "sum_of_all_pixels": number(lambda a: cv2.sumElems(a)[0]),
    "threshold_otsu": threshold_otsu,
    "top_hat": morphology(cv2.MORPH_TOPHAT),
    "translate": translate,
    "transpose_xy": of_plane(lambda _, a: cv2.transpose(a)),
}
for name, how in {"equal": cv2.CMP_EQ, "not_equal": cv2.CMP_NE, "greater": cv2.CMP_GT,
                  "greater_or_equal": cv2.CMP_GE, "smaller": cv2.CMP_LT,
                  "smaller_or_equal": cv2.CMP_LE}.items():
    OPERATIONS[name] = comparison(how, False)
    OPERATIONS[name + "_constant"] = comparison(how, True)
for axis in "xyz":
    for name, how in {"maximum": cv2.REDUCE_MAX, "minimum": cv2.REDUCE_MIN,
                      "mean": cv2.REDUCE_AVG, "sum": cv2.REDUCE_SUM}.items():
        OPERATIONS[f"{name}_{axis}_projection"] = projection(axis, how)


def implement(operation, parameters, images):
    if operation not in OPERATIONS:
        raise NoCounterpart
    return OPERATIONS[operation](parameters, *images)


cv2.setNumThreads(THREADS)
serve("OpenCV", f"OpenCV {cv2.__version__} (PyPI)", implement)
