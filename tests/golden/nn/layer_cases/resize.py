# SPDX-License-Identifier: BSD-3-Clause
"""Resize, Upsample and DepthToSpace. Where PyTorch has the same rule it is asked, too."""
import itertools

import numpy as np
from torch.nn import functional as F

from .case import Operand, case, ints, ws, x

_EMPTY = Operand(values=np.zeros(0, np.float32), weight=True)
_COORDINATES = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]


def _floats(*values: float) -> Operand:
    return ws(values)


def _scaled(name, image, scales, expected=None, opset=17, **attributes):
    return case(name, "Resize", [x(*image), None, _floats(*scales)], expected, opset, **attributes)


def _sized(name, image, sizes, expected=None, opset=17, **attributes):
    return case(name, "Resize", [x(*image), None, None, ints(*sizes)], expected, opset,
                **attributes)


def _every_coordinate_mode():
    image = (1, 2, 5, 6)
    for mode, coordinates in itertools.product(["nearest", "linear", "cubic"], _COORDINATES):
        options = dict(mode=mode, coordinate_transformation_mode=coordinates)
        name = f"{mode}_{coordinates}"
        yield _scaled(f"{name}_up", image, (1, 1, 2, 2.5), **options)
        yield _sized(f"{name}_down", image, (1, 2, 3, 4), **options)


def _every_nearest_mode():
    for rounding in ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]:
        yield _sized(f"nearest_{rounding}", (1, 1, 5, 6), (1, 1, 10, 9), mode="nearest",
                     coordinate_transformation_mode="half_pixel", nearest_mode=rounding)


def _as_pytorch(mode: str, **options):
    return lambda a, *_: F.interpolate(a, mode=mode, **options)


def _of_pytorch():
    half = dict(coordinate_transformation_mode="pytorch_half_pixel")
    corners = dict(coordinate_transformation_mode="align_corners")
    floor = dict(mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    return [
        _scaled("torch_nearest_2", (2, 3, 4, 5), (1, 1, 2, 2),
                _as_pytorch("nearest", scale_factor=2), **floor),
        _sized("torch_nearest_to_size", (1, 2, 5, 7), (1, 2, 8, 9),
               _as_pytorch("nearest", size=(8, 9)), **floor),
        _sized("torch_nearest_down", (1, 2, 9, 8), (1, 2, 4, 3),
               _as_pytorch("nearest", size=(4, 3)), **floor),
        _sized("torch_nearest_3d", (1, 2, 3, 4, 5), (1, 2, 5, 7, 10),
               _as_pytorch("nearest", size=(5, 7, 10)), **floor),
        _scaled("torch_bilinear_2", (1, 3, 4, 5), (1, 1, 2, 2),
                _as_pytorch("bilinear", scale_factor=2), mode="linear", **half),
        _sized("torch_bilinear_to_size", (1, 2, 5, 7), (1, 2, 8, 6),
               _as_pytorch("bilinear", size=(8, 6)), mode="linear", **half),
        _sized("linear_to_one", (1, 2, 5, 7), (1, 2, 1, 1), mode="linear", **half),  # not PyTorch's
        _sized("torch_bilinear_of_one", (1, 2, 1, 1), (1, 2, 3, 4),
               _as_pytorch("bilinear", size=(3, 4)), mode="linear", **half),
        _scaled("torch_bilinear_align_corners", (1, 2, 4, 5), (1, 1, 2, 2),
                _as_pytorch("bilinear", scale_factor=2, align_corners=True), mode="linear",
                **corners),
        _scaled("torch_linear_1d", (1, 2, 6), (1, 1, 2),
                _as_pytorch("linear", scale_factor=2), mode="linear", **half),
        _scaled("torch_trilinear_2", (1, 2, 3, 4, 5), (1, 1, 2, 2, 2),
                _as_pytorch("trilinear", scale_factor=2), mode="linear", **half),
        _scaled("torch_trilinear_1x2x2", (1, 2, 3, 4, 5), (1, 1, 1, 2, 2),
                _as_pytorch("trilinear", scale_factor=(1, 2, 2)), mode="linear", **half),
        _sized("torch_trilinear_align_corners", (1, 1, 3, 4, 5), (1, 1, 5, 6, 7),
               _as_pytorch("trilinear", size=(5, 6, 7), align_corners=True), mode="linear",
               **corners),
        _scaled("torch_bicubic", (1, 2, 5, 6), (1, 1, 2, 2),
                _as_pytorch("bicubic", scale_factor=2), mode="cubic", cubic_coeff_a=-0.75, **half),
        _sized("torch_bicubic_align_corners", (1, 2, 5, 6), (1, 2, 8, 7),
               _as_pytorch("bicubic", size=(8, 7), align_corners=True), mode="cubic",
               cubic_coeff_a=-0.75, **corners),
    ]


def _further():
    image = (1, 2, 5, 6)
    crop = [0, 0, 0.2, 0.1, 1, 1, 0.8, 0.9]
    return [
        _scaled("defaults", image, (1, 1, 1.5, 2)),
        case("opset_11", "Resize", [x(*image), _EMPTY, _floats(1, 1, 2, 2)], opset=11,
             mode="linear"),
        case("opset_11_empty_roi_and_scales", "Resize",
             [x(*image), _EMPTY, _EMPTY, ints(1, 2, 7, 8)], opset=11, mode="nearest",
             coordinate_transformation_mode="asymmetric", nearest_mode="floor"),
        case("opset_10_nearest", "Resize", [x(*image), _floats(1, 1, 2, 2)],
             _as_pytorch("nearest", scale_factor=2), 10, mode="nearest"),
        case("opset_10_linear", "Resize", [x(*image), _floats(1, 1, 2, 2)], opset=10,
             mode="linear"),
        case("upsample_opset_9_nearest", "Upsample", [x(*image), _floats(1, 1, 2, 3)], opset=9,
             mode="nearest"),
        case("upsample_opset_9_linear", "Upsample", [x(*image), _floats(1, 1, 2, 3)], opset=9,
             mode="linear"),
        _scaled("half_pixel_symmetric", image, (1, 1, 1.3, 0.7), opset=19, mode="linear",
                coordinate_transformation_mode="half_pixel_symmetric"),
        _scaled("scales_that_do_not_divide", (1, 1, 7, 5), (1, 1, 1.3, 1.7), mode="linear",
                coordinate_transformation_mode="asymmetric"),
        _scaled("cubic_coefficient_half", image, (1, 1, 2, 2), mode="cubic", cubic_coeff_a=-0.5),
        _scaled("cubic_excludes_outside", image, (1, 1, 2, 2), mode="cubic", exclude_outside=1,
                cubic_coeff_a=-0.5),
        case("tf_crop_and_resize", "Resize",
             [x(*image), _floats(*crop), None, ints(1, 2, 4, 8)], mode="linear",
             coordinate_transformation_mode="tf_crop_and_resize"),
        case("tf_crop_and_resize_beyond", "Resize",
             [x(*image), _floats(0, 0, -0.2, 0.1, 1, 1, 1.3, 0.9), None, ints(1, 2, 4, 8)],
             mode="linear", coordinate_transformation_mode="tf_crop_and_resize",
             extrapolation_value=9.0),
        case("axes", "Resize", [x(*image), None, _floats(2, 1.5)], opset=18, mode="linear",
             axes=[2, 3]),
        case("sizes_of_axes", "Resize", [x(*image), None, None, ints(9, 4)], opset=18,
             mode="nearest", axes=[2, 3]),
        case("sizes_not_larger", "Resize", [x(1, 1, 4, 8), None, None, ints(8, 8)], opset=18,
             mode="nearest", axes=[2, 3], keep_aspect_ratio_policy="not_larger"),
        case("sizes_not_smaller", "Resize", [x(1, 1, 4, 8), None, None, ints(6, 6)], opset=18,
             mode="nearest", axes=[2, 3], keep_aspect_ratio_policy="not_smaller"),
        case("linear_antialias", "Resize", [x(1, 1, 9, 8), None, None, ints(1, 1, 4, 3)], opset=18,
             mode="linear", antialias=1),
        case("cubic_antialias", "Resize", [x(1, 1, 9, 8), None, None, ints(1, 1, 4, 3)], opset=18,
             mode="cubic", antialias=1),
        case("depth_to_space", "DepthToSpace", [x(1, 8, 2, 3)], blocksize=2),
        case("depth_to_space_crd", "DepthToSpace", [x(1, 8, 2, 3)],
             lambda a: F.pixel_shuffle(a, 2), blocksize=2, mode="CRD"),
        case("space_to_depth", "SpaceToDepth", [x(1, 2, 4, 6)], blocksize=2),
    ]


def cases():
    return [*_every_coordinate_mode(), *_every_nearest_mode(), *_of_pytorch(), *_further()]
