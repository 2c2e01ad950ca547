# SPDX-License-Identifier: BSD-3-Clause
"""scipy.ndimage and scikit-image, or their counterparts on a GPU: cupyx.scipy.ndimage and cuCIM.

    ndimage_peer.py scipy|cupy
"""
import importlib
import sys

from peer import NoCounterpart, box, missing, radii, rays, serve

ON_GPU = sys.argv[1:] == ["cupy"]
EDGE = "nearest"


def optional(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


try:
    np = importlib.import_module("cupy" if ON_GPU else "numpy")
    library = importlib.import_module("cupyx.scipy" if ON_GPU else "scipy")
    ndimage = importlib.import_module(library.__name__ + ".ndimage")
    if ON_GPU:
        np.cuda.runtime.getDeviceCount()
except Exception as reason:  # no library, or no driver
    missing(reason)
filters = optional("cucim.skimage.filters" if ON_GPU else "skimage.filters")


def into(image, dtype, work):
    """A call that fills a result that exists: work(result)."""
    result = np.empty(image.shape, dtype)

    def call():
        work(result)
        return result
    return call


def box_filter(function, of_floats=False):
    def implementation(p, image):
        size = box(p, image)
        return into(image, np.float32 if of_floats else image.dtype,
                    lambda out: function(image, size, output=out, mode=EDGE))
    return implementation


def weighted(p, a, b):
    one, two = np.float32(p["factor1"]), np.float32(p["factor2"])
    return into(a, np.float32, lambda out: np.add(a * one, b * two, out=out))


def threshold_otsu(p, image):
    if filters is None:
        raise NoCounterpart("needs " + ("cuCIM" if ON_GPU else "scikit-image"))
    return lambda: image > filters.threshold_otsu(image)


def binary_erode(p, image):
    structure = np.ones(box(p, image), bool)
    return into(image, bool, lambda out: ndimage.binary_erosion(
        image, structure, output=out, border_value=1))


def rotate(p, image):
    if p["angle_x"] != 0 or p["angle_y"] != 0 or p["interpolation"] == "cubic":
        raise NoCounterpart
    axes, order = (image.ndim - 1, image.ndim - 2), int(p["interpolation"] == "linear")
    return into(image, image.dtype, lambda out: ndimage.rotate(
        image, p["angle_z"], axes, reshape=False, output=out, order=order))


def radial_reslice(p, image):
    y, x = (np.asarray(a) for a in rays(p, image))
    result = np.empty((len(y), len(image), y.shape[1]), np.float32)

    def per_plane():
        for z, plane in enumerate(image):
            ndimage.map_coordinates(plane, (y, x), output=result[:, z], order=1)
        return result
    if not ON_GPU:
        return per_plane
    z = np.arange(len(image))[:, None]
    at = np.stack(np.broadcast_arrays(z, y[:, None], x[:, None]))

    def at_once():
        ndimage.map_coordinates(image, at, output=result, order=1)
        return result
    return at_once


def label(p, image):
    structure = ndimage.generate_binary_structure(
        image.ndim, image.ndim if p["connectivity"] == "box" else 1)
    return lambda: ndimage.label(image, structure)[0]


OPERATIONS = {
    "add_image_and_scalar": lambda p, a: into(
        a, np.float32, lambda out: np.add(a, np.float32(p["scalar"]), out=out)),
    "add_images_weighted": weighted,
    "binary_and": lambda p, a, b: into(a, a.dtype, lambda out: np.bitwise_and(a, b, out=out)),
    "binary_erode": binary_erode,
    "connected_component_labeling": label,
    "flip": lambda p, a: into(a, a.dtype, lambda out: out.__setitem__(..., a[..., ::-1])),
    "gaussian_blur": lambda p, a: into(a, np.float32, lambda out: ndimage.gaussian_filter(
        a, radii(p, a, "sigma"), output=out, mode=EDGE)),
    "greater_constant": lambda p, a: into(
        a, bool, lambda out: np.greater(a, np.float32(p["scalar"]), out=out)),
    "maximum_filter": box_filter(ndimage.maximum_filter),
    "maximum_z_projection": lambda p, a: lambda: a.max(axis=0),
    "mean_filter": box_filter(ndimage.uniform_filter, of_floats=True),
    "median": box_filter(ndimage.median_filter),
    "minimum_filter": box_filter(ndimage.minimum_filter),
    "multiply_image_and_scalar": lambda p, a: into(
        a, np.float32, lambda out: np.multiply(a, np.float32(p["scalar"]), out=out)),
    "radial_reslice": radial_reslice,
    "rotate": rotate,
    "threshold_otsu": threshold_otsu,
    "top_hat": box_filter(ndimage.white_tophat),
}


def implement(operation, parameters, images):
    if operation not in OPERATIONS:
        raise NoCounterpart
    return OPERATIONS[operation](parameters, *images)


version = optional("cucim" if ON_GPU else "skimage")
with_version = f", {version.__name__} {version.__version__}" if version else ""
if ON_GPU:
    serve("CuPy, cuCIM", f"CuPy {np.__version__}{with_version}", implement, np.asarray,
          lambda a: a.get(), lambda: np.cuda.Device().synchronize())
else:
    serve("scipy, scikit-image", f"scipy {library.__version__}{with_version}", implement)
