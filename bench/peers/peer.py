# SPDX-License-Identifier: BSD-3-Clause
"""What peers of the table of speed-ups in Python share: they answer line by line what
bench/speedup/contestant.hpp asks. A peer calls serve() and knows how to compute operations.
"""
import os
import sys
import time

try:
    import numpy
except ImportError as error:
    print(f"missing {error}")
    sys.exit()

THREADS = int(os.environ.get("PEER_THREADS", os.cpu_count()))
DEVICE = os.environ.get("PEER_DEVICE", "")  # the OpenCL device that ours are measured on

_TYPES = {"u8": numpy.uint8, "i8": numpy.int8, "u16": numpy.uint16, "i16": numpy.int16,
          "u32": numpy.uint32, "i32": numpy.int32, "f32": numpy.float32}
_NAMES = {numpy.dtype(t): name for name, t in _TYPES.items()}
_NAMES_OF_OTHERS = {"b": "u8", "i": "i32", "u": "u32", "f": "f32"}  # by numpy's kind

_answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # what libraries print is no answer


class NoCounterpart(Exception):
    """The library has no such operation, or not for such images."""

    def __init__(self, reason="no counterpart"):
        super().__init__(reason)


def missing(reason):
    """Says why this peer takes no part, and ends."""
    print(f"missing {reason}", file=_answers)
    sys.exit()


def radii(parameters, image, name="radius"):
    """radius_x, radius_y, radius_z in the order of the axes of a numpy array."""
    return tuple(parameters[f"{name}_{axis}"] for axis in "zyx"[-image.ndim:])


def box(parameters, image):
    """The edges of the box of these radii, in the order of the axes of a numpy array."""
    return tuple(2 * int(radius) + 1 for radius in radii(parameters, image))


def rays(parameters, image):
    """y and x where radial_reslice looks in a plane: a row per angle, a column per radius."""
    p = parameters
    height, width = image.shape[-2:]
    center_y = (height - 1) / 2 if p["center_y"] == "auto" else p["center_y"]
    center_x = (width - 1) / 2 if p["center_x"] == "auto" else p["center_x"]
    count = int(p["number_of_angles"] / p["angle_step_size"])
    degrees = p["start_angle_degrees"] + p["angle_step_size"] * numpy.arange(count)[:, None]
    radius = numpy.arange(int(numpy.hypot(width // 2, height // 2)))
    return (center_y + numpy.cos(numpy.deg2rad(degrees)) * radius * p["scale_factor_y"],
            center_x + numpy.sin(numpy.deg2rad(degrees)) * radius * p["scale_factor_x"])


def _value(text):
    if text in ("true", "false"):
        return text == "true"
    if "," in text:
        return [float(part) for part in text.split(",")]
    try:
        return float(text)
    except ValueError:
        return text


class _Row:
    """What the row that is measured now computes."""

    def __init__(self, words, implement, push, pull, finish):
        self.operation, *words = words
        self.parameters = dict()
        self.inputs = []
        for word in words:
            name, equals, value = word.partition("=")
            if equals:
                self.parameters[name] = _value(value)
            else:
                type_name, size, path = word.split(":", 2)
                shape = tuple(int(n) for n in reversed(size.split("x")))
                self.inputs.append(numpy.fromfile(path, _TYPES[type_name]).reshape(shape))
        self.implement, self.push, self.pull, self.finish = implement, push, pull, finish
        self.work = self.work_on(self.inputs)

    def work_on(self, arrays):
        return self.implement(self.operation, self.parameters, [self.push(a) for a in arrays])

    def timed(self, work):
        self.finish()
        start = time.perf_counter()
        result = work()
        self.finish()
        return time.perf_counter() - start, result

    def call(self):
        return self.timed(self.work)[0]

    def transfer(self):
        return self.timed(lambda: self.pull(self.work_on(self.inputs)()))[0]

    def second_size(self):
        smaller = [a[tuple(slice(n - n // 8) for n in a.shape)].copy() for a in self.inputs]
        return self.timed(self.work_on(smaller))[0]

    def first_call(self):
        seconds, self.result = self.timed(self.work)
        return seconds

    def write_result(self, path):
        array = numpy.ascontiguousarray(self.pull(self.result))
        name = _NAMES.get(array.dtype) or _NAMES_OF_OTHERS[array.dtype.kind]
        array.astype(_TYPES[name], copy=False).tofile(path)
        self.result = None
        return name


def serve(column, name, implement, push=None, pull=lambda a: a, finish=lambda: None):
    """Answers until there are no more questions.

    implement(operation, parameters, images) gives a function that computes the result, or throws;
    what it prepares, such as memory for the result, is not timed. A library with memory of its own
    gives push, pull, and finish, which waits for it.
    """
    print(f"{column}\t{name}", file=_answers)
    row = None
    for line in sys.stdin:
        question, *words = line.split()
        try:
            if question == "row":
                row = None  # frees its images first
                row = _Row(words, implement, push or (lambda a: a), pull, finish)
                answer = row.first_call()
            elif question == "result":
                answer = row.write_result(words[0])
            elif question == "call":
                answer = row.call()
            elif push is None:
                answer = "none"
            else:
                answer = {"transfer": row.transfer, "second_size": row.second_size}[question]()
        except Exception as error:  # what a library cannot do is a result, too
            kind = "" if isinstance(error, NoCounterpart) else type(error).__name__ + ": "
            answer = "cannot " + " ".join((kind + str(error)).split())[:200]
        print(answer, file=_answers)
