# SPDX-License-Identifier: BSD-3-Clause
"""BatchNormalization, InstanceNormalization, GroupNormalization and LayerNormalization."""
from onnx import helper
from torch.nn import functional as F

from .case import case, chain, ints, w, ws, x

_GAMMA = dict(scale=0.3, offset=1.0)


def _batch(name, image, opset=17, epsilon=None):
    channels = image[1]
    attributes = {} if epsilon is None else dict(epsilon=epsilon)
    return case(name, "BatchNormalization",
                [x(*image), w(channels, **_GAMMA), w(channels), w(channels),
                 ws([0.5 + 0.25 * i for i in range(channels)])],
                lambda a, scale, bias, mean, var: F.batch_norm(
                    a, mean, var, scale, bias, eps=epsilon or 1e-5), opset, **attributes)


def _instance(name, image, **values):
    return case(name, "InstanceNormalization",
                [x(*image, **values), w(image[1], **_GAMMA), w(image[1])],
                lambda a, scale, bias: F.instance_norm(a, weight=scale, bias=bias, eps=1e-5),
                epsilon=9.999999747378752e-06)


def _layer(name, image, axis, bias=True, opset=17, epsilon=1e-5):
    shape = image[axis:]
    return case(name, "LayerNormalization",
                [x(*image), w(*shape, **_GAMMA)] + ([w(*shape)] if bias else []),
                lambda a, scale, bias=None: F.layer_norm(a, shape, scale, bias, epsilon), opset,
                axis=axis, epsilon=epsilon)


def _group_nodes(groups):
    """What exporters write for PyTorch's GroupNorm before opset 18."""
    node = helper.make_node
    return [node("Reshape", ["input", "weight"], ["grouped"]),
            node("InstanceNormalization", ["grouped", "weight2", "weight3"], ["normal"],
                 epsilon=9.999999747378752e-06),
            node("Shape", ["input"], ["shape"]),
            node("Reshape", ["normal", "shape"], ["back"]),
            node("Mul", ["back", "weight4"], ["scaled"]),
            node("Add", ["scaled", "weight5"], ["output"])]


def _group_pattern(name, image, groups):
    ones = [1] * (len(image) - 2)
    return chain(name, _group_nodes(groups),
                 [x(*image), ints(0, groups, -1), ws([1.0] * groups), ws([0.0] * groups),
                  w(image[1], *ones, **_GAMMA), w(image[1], *ones)],
                 lambda a, s, one, zero, scale, bias: F.group_norm(
                     a, groups, scale.flatten(), bias.flatten(), 1e-5))


def cases():
    return [
        _batch("batch_1d", (2, 3, 7)),
        _batch("batch_2d", (2, 3, 5, 6)),
        _batch("batch_2d_opset_9", (1, 3, 5, 6), 9),
        _batch("batch_2d_opset_14", (1, 3, 4, 5), 14, 1e-3),
        _batch("batch_3d", (1, 3, 3, 4, 5)),
        _instance("instance_1d", (2, 3, 17)),
        _instance("instance_2d", (2, 3, 5, 7)),
        _instance("instance_2d_far_from_zero", (1, 2, 16, 17), offset=30),
        _instance("instance_2d_narrow", (1, 2, 5, 7), scale=1e-3),
        _instance("instance_3d", (1, 3, 4, 5, 6)),
        _instance("instance_3d_large", (1, 2, 8, 12, 13)),
        _layer("layer_last_axis", (2, 5, 8), -1),
        _layer("layer_last_axis_4d", (1, 3, 4, 6), -1, epsilon=1e-6),
        _layer("layer_no_bias", (2, 5, 8), -1, bias=False),
        _layer("layer_three_axes", (2, 3, 4, 5), 1),
        case("group_opset_21", "GroupNormalization",
             [x(2, 6, 4, 5), w(6, **_GAMMA), w(6)],
             lambda a, scale, bias: F.group_norm(a, 3, scale, bias, 1e-5), 21, num_groups=3),
        case("group_3d_opset_21", "GroupNormalization",
             [x(1, 4, 3, 4, 5), w(4, **_GAMMA), w(4)],
             lambda a, scale, bias: F.group_norm(a, 2, scale, bias, 1e-3), 21, num_groups=2,
             epsilon=1e-3),
        case("group_opset_18_scales_groups", "GroupNormalization",
             [x(2, 6, 4, 5), w(3, **_GAMMA), w(3)],
             lambda a, scale, bias: F.group_norm(
                 a, 3, scale.repeat_interleave(2), bias.repeat_interleave(2), 1e-5),
             18, num_groups=3),
        _group_pattern("group_of_instance_2d", (2, 6, 4, 5), 3),
        _group_pattern("group_of_instance_3d", (1, 8, 3, 4, 5), 8),
        _group_pattern("group_of_one", (1, 3, 3, 4, 5), 1),
    ]
