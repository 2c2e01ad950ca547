# SPDX-License-Identifier: BSD-3-Clause
"""pyclesperanto, on the OpenCL device that ours are measured on."""
import inspect

import numpy
from peer import DEVICE, NoCounterpart, missing, serve

try:
    import pyclesperanto as cle
except ImportError as error:
    missing(error)


def implement(operation, parameters, images):
    """The names are theirs, so what they call something is what we call it."""
    function = getattr(cle, operation, None)
    if function is None:
        raise NoCounterpart
    known = inspect.signature(function).parameters
    given = {name: int(value) if known[name].annotation is int and isinstance(value, float) else value
             for name, value in parameters.items() if name in known and value != "auto"}
    if "interpolation" in parameters:
        if parameters["interpolation"] == "cubic" or parameters["border"] != "constant":
            raise NoCounterpart
        given["interpolate"] = parameters["interpolation"] == "linear"
    if "transform_matrix" in given:  # (0, 0, 0) is the corner of the first pixel there
        matrix = numpy.vstack((numpy.reshape(given["transform_matrix"], (3, 4)), (0, 0, 0, 1)))
        matrix[:3, 3] += 0.5 - matrix[:3, :3].sum(axis=1) / 2
        given["transform_matrix"] = matrix
    if operation in ("rotate", "rigid_transform"):  # clockwise there
        given.update((name, -given[name]) for name in given if name.startswith("angle"))
    if "output_image" not in known:  # a number
        return lambda: function(*images, **given)
    result = None

    def call():
        nonlocal result  # made by the first call, filled again by the others
        result = function(*images, output_image=result, **given)
        return result
    return call


def pull(result):
    """An image, or a number as one."""
    if isinstance(result, dict):
        raise NoCounterpart("gives a table of its own")
    if isinstance(result, (int, float)):
        return numpy.array([result], numpy.float32)
    return cle.pull(result)


def main():
    if cle.select_device(DEVICE).name != DEVICE:
        missing(f"finds no device {DEVICE}")
    one_pixel = cle.push(numpy.zeros((1, 1), numpy.float32))
    # Calls return before the work is done, and so does cle's own finish; reading waits for what is
    # in the queue before it.
    serve("pyclesperanto", f"pyclesperanto {cle.__version__}", implement, cle.push, pull,
          lambda: cle.pull(one_pixel))


main()
