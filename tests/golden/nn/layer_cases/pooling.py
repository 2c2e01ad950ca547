# SPDX-License-Identifier: BSD-3-Clause
"""MaxPool, AveragePool and the global ones."""
import torch
from torch.nn import functional as F

from .case import case, x

_MAX = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
_AVERAGE = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}


def _max(name, image, kernel, strides=None, pad=0, dilation=1, ceil=False, offset=0.0):
    dim = len(image) - 2
    attributes = dict(kernel_shape=kernel, strides=strides or [1] * dim)
    if pad:
        attributes["pads"] = [pad] * 2 * dim
    if dilation > 1:
        attributes["dilations"] = [dilation] * dim
    if ceil:
        attributes["ceil_mode"] = 1
    return case(name, "MaxPool", [x(*image, offset=offset)],
                lambda image: _MAX[dim](image, kernel, strides or 1, pad, dilation, ceil),
                **attributes)


def _average(name, image, kernel, strides=None, pad=0, ceil=False, count=False):
    dim = len(image) - 2
    attributes = dict(kernel_shape=kernel, strides=strides or [1] * dim)
    if pad:
        attributes["pads"] = [pad] * 2 * dim
    if ceil:
        attributes["ceil_mode"] = 1
    if count:
        attributes["count_include_pad"] = 1
    return case(name, "AveragePool", [x(*image)],
                lambda image: _AVERAGE[dim](image, kernel, strides or 1, pad, ceil, count),
                **attributes)


def _max_cut(pads, kernel, strides):
    """Pads by minus infinity, given as PyTorch wants them."""
    return lambda image: F.max_pool2d(F.pad(image, pads, value=-torch.inf), kernel, strides)


def cases():
    two = dict(kernel_shape=[2, 2], strides=[2, 2])
    return [
        _max("max_1d", (1, 2, 9), [3], [2], 1),
        _max("max_2d", (2, 3, 6, 8), [2, 2], [2, 2]),
        _max("max_2d_odd", (1, 3, 7, 9), [2, 2], [2, 2]),
        _max("max_2d_odd_ceil", (1, 3, 7, 9), [2, 2], [2, 2], ceil=True),
        _max("max_2d_k3_s2_p1", (1, 2, 9, 8), [3, 3], [2, 2], 1),
        _max("max_2d_k3_s2_p1_ceil", (1, 2, 8, 7), [3, 3], [2, 2], 1, ceil=True),
        _max("max_2d_below_zero_padded", (1, 1, 5, 6), [3, 3], pad=1, offset=-9),
        _max("max_2d_dilation", (1, 2, 8, 9), [3, 2], [1, 1], 1, 2),
        _max("max_2d_3x2_stride_2_1", (1, 2, 8, 7), [3, 2], [2, 1]),
        case("max_2d_asymmetric_pads", "MaxPool", [x(1, 2, 5, 7, offset=-9)],
             _max_cut([0, 1, 0, 1], 2, 2), pads=[0, 0, 1, 1], **two),
        case("max_2d_same_upper", "MaxPool", [x(1, 2, 5, 7)], _max_cut([0, 1, 0, 1], 2, 2),
             auto_pad="SAME_UPPER", **two),
        case("max_2d_same_lower", "MaxPool", [x(1, 2, 5, 7)], _max_cut([1, 0, 1, 0], 2, 2),
             auto_pad="SAME_LOWER", **two),
        _max("max_3d", (1, 2, 4, 6, 5), [2, 2, 2], [2, 2, 2]),
        _max("max_3d_1x2x2", (1, 2, 3, 6, 4), [1, 2, 2], [1, 2, 2]),
        _max("max_3d_k3_s2_p1", (1, 1, 5, 6, 7), [3, 3, 3], [2, 2, 2], 1),
        _average("average_1d", (1, 2, 9), [2], [2]),
        _average("average_2d", (1, 3, 6, 8), [2, 2], [2, 2]),
        _average("average_2d_padded", (1, 2, 6, 7), [3, 3], pad=1),
        _average("average_2d_padded_counted", (1, 2, 6, 7), [3, 3], pad=1, count=True),
        _average("average_2d_ceil", (1, 2, 7, 8), [3, 3], [2, 2], ceil=True),
        _average("average_2d_ceil_padded", (1, 2, 8, 7), [3, 3], [2, 2], 1, ceil=True),
        _average("average_2d_ceil_padded_counted", (1, 2, 8, 7), [3, 3], [2, 2], 1, ceil=True,
                 count=True),
        case("average_2d_same_upper", "AveragePool", [x(1, 2, 5, 7)], auto_pad="SAME_UPPER", **two),
        case("average_2d_asymmetric_pads", "AveragePool", [x(1, 2, 5, 7)], pads=[0, 1, 1, 0],
             **two),
        _average("average_3d", (1, 2, 4, 6, 4), [2, 2, 2], [2, 2, 2]),
        _average("average_3d_1x2x2", (1, 2, 3, 6, 4), [1, 2, 2], [1, 2, 2]),
        case("global_average_1d", "GlobalAveragePool", [x(2, 3, 9)],
             lambda a: a.mean(2, keepdim=True)),
        case("global_average_2d", "GlobalAveragePool", [x(2, 3, 5, 7)],
             lambda a: a.mean((2, 3), keepdim=True)),
        case("global_average_3d", "GlobalAveragePool", [x(1, 3, 4, 5, 6)],
             lambda a: a.mean((2, 3, 4), keepdim=True)),
        case("global_max_2d", "GlobalMaxPool", [x(1, 3, 5, 7, offset=-9)],
             lambda a: a.amax((2, 3), keepdim=True)),
        case("global_max_3d", "GlobalMaxPool", [x(1, 2, 3, 5, 4)],
             lambda a: a.amax((2, 3, 4), keepdim=True)),
    ]
