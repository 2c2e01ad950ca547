# SPDX-License-Identifier: BSD-3-Clause
"""Layers that move values: Concat, Split, Slice, Pad, Transpose, Reshape, Gather, Cast ..."""
import numpy as np
import torch
from torch.nn import functional as F

from .case import case, ints, ws, x, xs

_MAX = np.iinfo(np.int64).max
_MIN = np.iinfo(np.int64).min


def _slice(name, image, expected, *limits, opset=17):
    """limits: starts, ends and, where given, axes and steps."""
    return case(name, "Slice", [x(*image), *(ints(*v) for v in limits)], expected, opset)


def _pad(name, image, pads, mode="constant", value=None, opset=17, expected=None):
    operands = [x(*image), ints(*pads)] + ([] if value is None else [ws(value)])
    return case(name, "Pad", operands, expected, opset, mode=mode)


def _joining():
    return [
        case("concat_channels", "Concat", [x(2, 3, 4, 5), x(2, 2, 4, 5)],
             lambda *a: torch.cat(a, 1), axis=1),
        case("concat_three", "Concat", [x(1, 3, 4, 5), x(1, 1, 4, 5), x(1, 2, 4, 5)],
             lambda *a: torch.cat(a, 1), axis=1),
        case("concat_3d", "Concat", [x(1, 2, 2, 3, 4), x(1, 3, 2, 3, 4)],
             lambda *a: torch.cat(a, 1), axis=1),
        case("concat_last_axis", "Concat", [x(2, 3, 4), x(2, 3, 1)],
             lambda *a: torch.cat(a, -1), axis=-1),
        case("concat_batch", "Concat", [x(1, 2, 3, 4), x(2, 2, 3, 4)],
             lambda *a: torch.cat(a, 0), axis=0),
        case("concat_one", "Concat", [x(1, 2, 3)], lambda a: a, axis=1),
        case("split_equal", "Split", [x(1, 6, 3, 4)], lambda a: a.split(3, 1), 11, 2, axis=1),
        case("split_sizes", "Split", [x(1, 6, 3, 4), ints(1, 2, 3)],
             lambda a, s: a.split([1, 2, 3], 1), 17, 3, axis=1),
        case("split_sizes_opset_11", "Split", [x(1, 6, 3, 4)], lambda a: a.split([2, 4], 1), 11, 2,
             axis=1, split=[2, 4]),
        case("split_number", "Split", [x(1, 7, 3)], lambda a: a.split([3, 3, 1], 1), 18, 3, axis=1,
             num_outputs=3),
    ]


def _cutting():
    image = (2, 3, 7, 8)
    return [
        _slice("slice", image, lambda a, *_: a[:, :, 1:6, 2:7], (1, 2), (6, 7), (2, 3)),
        _slice("slice_all_axes", image, lambda a, *_: a[1:2, 0:2, 3:7, 1:8], (1, 0, 3, 1),
               (2, 2, 7, 8)),
        _slice("slice_steps", image, lambda a, *_: a[:, :, 0:7:2, 1:8:3], (0, 1), (7, 8), (2, 3),
               (2, 3)),
        _slice("slice_from_the_end", image, lambda a, *_: a[:, :, -5:-1], (-5,), (-1,), (2,)),
        _slice("slice_to_the_end", image, lambda a, *_: a[..., 3:], (3,), (_MAX,), (-1,)),
        _slice("slice_beyond", image, lambda a, *_: a[:, :, 2:], (2,), (100,), (2,)),
        _slice("slice_backwards", image, lambda a, *_: a.flip(3), (-1,), (_MIN,), (3,), (-1,)),
        _slice("slice_backwards_by_two", image, lambda a, *_: a.flip(2)[:, :, 1:5:2], (5,), (1,),
               (2,), (-2,)),
        _slice("slice_of_3d", (1, 2, 4, 5, 6), lambda a, *_: a[:, :, 1:3, 1:4, 2:5], (1, 1, 2),
               (3, 4, 5), (2, 3, 4)),
        case("slice_opset_9", "Slice", [x(*image)], lambda a: a[:, :, 1:-1, 2:7], 9, starts=[1, 2],
             ends=[-1, 7], axes=[2, 3]),
        _pad("pad_zeros", (1, 2, 3, 4), (0, 0, 1, 2, 0, 0, 3, 0),
             expected=lambda a, p: F.pad(a, [2, 0, 1, 3])),
        _pad("pad_value", (1, 2, 3, 4), (0, 0, 1, 2, 0, 0, 3, 0), value=-1.5,
             expected=lambda a, p, v: F.pad(a, [2, 0, 1, 3], value=-1.5)),
        _pad("pad_none", (1, 2, 3, 4), [0] * 8, expected=lambda a, p: a),
        _pad("pad_cuts", (1, 2, 5, 6), (0, 0, -1, 2, 0, 0, 1, -3),
             expected=lambda a, p: F.pad(a, [2, -3, -1, 1])),
        _pad("pad_channels", (1, 2, 3, 4), (0, 1, 0, 0, 0, 2, 0, 0),
             expected=lambda a, p: F.pad(a, [0, 0, 0, 0, 1, 2])),
        _pad("pad_reflect", (1, 2, 4, 5), (0, 0, 2, 3, 0, 0, 1, 4), "reflect",
             expected=lambda a, p: F.pad(a, [3, 4, 2, 1], "reflect")),
        _pad("pad_edge", (1, 2, 3, 4), (0, 0, 2, 5, 0, 0, 1, 4), "edge",
             expected=lambda a, p: F.pad(a, [5, 4, 2, 1], "replicate")),
        _pad("pad_wrap", (1, 2, 3, 4), (0, 0, 2, 3, 0, 0, 1, 4), "wrap", opset=19,
             expected=lambda a, p: F.pad(a, [3, 4, 2, 1], "circular")),
        _pad("pad_3d_reflect", (1, 1, 3, 4, 5), (0, 0, 1, 2, 3, 0, 0, 2, 1, 2), "reflect",
             expected=lambda a, p: F.pad(a, [3, 2, 2, 1, 1, 2], "reflect")),
        case("pad_opset_10", "Pad", [x(1, 2, 3, 4)], lambda a: F.pad(a, [1, 2, 0, 1], value=2.0),
             10, pads=[0, 0, 0, 1, 0, 0, 1, 2], mode="constant", value=2.0),
        case("pad_axes", "Pad", [x(1, 2, 3, 4), ints(1, 2, 0, 3), None, ints(2, 3)],
             lambda a, *_: F.pad(a, [2, 3, 1, 0]), 18),
    ]


def _shapes():
    image = (2, 3, 4, 5)
    return [
        case("transpose_channels_last", "Transpose", [x(*image)], lambda a: a.permute(0, 2, 3, 1),
             perm=[0, 2, 3, 1]),
        case("transpose_channels_first", "Transpose", [x(2, 4, 5, 3)],
             lambda a: a.permute(0, 3, 1, 2), perm=[0, 3, 1, 2]),
        case("transpose_3d", "Transpose", [x(1, 2, 3, 4, 5)], lambda a: a.permute(0, 2, 3, 4, 1),
             perm=[0, 2, 3, 4, 1]),
        case("transpose_reverses", "Transpose", [x(2, 3, 4)], lambda a: a.permute(2, 1, 0)),
        case("transpose_6d", "Transpose", [x(1, 2, 3, 2, 3, 2)],
             lambda a: a.permute(0, 1, 3, 2, 4, 5), perm=[0, 1, 3, 2, 4, 5]),
        case("reshape", "Reshape", [x(*image), ints(6, 20)], lambda a, s: a.reshape(6, 20)),
        case("reshape_keeps_and_infers", "Reshape", [x(*image), ints(0, -1, 5)],
             lambda a, s: a.reshape(2, 12, 5)),
        case("flatten", "Flatten", [x(*image)], lambda a: a.flatten(1)),
        case("flatten_axis_2", "Flatten", [x(*image)], lambda a: a.reshape(6, 20), axis=2),
        case("flatten_axis_0", "Flatten", [x(*image)], lambda a: a.reshape(1, -1), axis=0),
        case("squeeze_opset_11", "Squeeze", [x(2, 1, 3, 1)], lambda a: a.squeeze(3), 11, axes=[3]),
        case("squeeze", "Squeeze", [x(2, 1, 3, 1), ints(1, -1)], lambda a, _: a.squeeze()),
        case("squeeze_all", "Squeeze", [x(2, 1, 3, 1)], lambda a: a.squeeze()),
        case("unsqueeze_opset_11", "Unsqueeze", [x(2, 3)], lambda a: a[:, None, :, None], 11,
             axes=[1, 3]),
        case("unsqueeze", "Unsqueeze", [x(2, 3), ints(-1, 0)], lambda a, _: a[None, :, :, None]),
        case("expand", "Expand", [x(1, 3, 1, 1), ints(2, 3, 4, 5)],
             lambda a, s: a.expand(2, 3, 4, 5).clone()),
        case("expand_to_more_axes", "Expand", [x(3, 1), ints(2, 1, 4)],
             lambda a, s: a.expand(2, 3, 4).clone()),
        case("tile", "Tile", [x(1, 2, 2, 3), ints(1, 2, 1, 2)], lambda a, r: a.repeat(1, 2, 1, 2)),
        case("gather_channels", "Gather", [x(1, 4, 2, 3), ints(2, 0, -1)],
             lambda a, i: a[:, [2, 0, 3]], axis=1),
        case("gather_one", "Gather", [x(3, 4), ws(1, np.int64)], lambda a, i: a[1]),
        case("shape", "Shape", [x(*image)], lambda a: torch.tensor(a.shape)),
        case("shape_part", "Shape", [x(*image)], lambda a: torch.tensor(a.shape[1:3]), start=1,
             end=-1),
        case("range", "Range", [ws(3, np.int64), ws(11, np.int64), ws(3, np.int64)],
             lambda a, b, c: torch.arange(3, 11, 3)),
        case("constant_of_shape", "ConstantOfShape", [ints(2, 3)],
             lambda s: torch.zeros(2, 3, dtype=torch.double)),
        case("cast_to_integer", "Cast", [xs([[-2.7, -0.5, 0.5, 2.7]])], lambda a: a.long(), to=7),
        case("cast_to_float", "Cast", [xs([[-2, 0, 5]], np.int64)], lambda a: a.double(), to=1),
        case("cast_of_bool", "Cast", [xs([[True, False]], np.bool_)], lambda a: a.double(), to=1),
        case("cast_to_bool", "Cast", [xs([[0.0, -0.5, 2.0]])], lambda a: a != 0, to=9),
        case("gather_elements", "GatherElements", [x(2, 3), xs([[0, 2, 1], [2, 0, 0]], np.int64)],
             lambda a, i: a.gather(1, i), axis=1),
        case("cumulative_sum", "CumSum", [x(2, 5), ws(1, np.int64)], lambda a, _: a.cumsum(1)),
    ]


def cases():
    return _joining() + _cutting() + _shapes()
