# SPDX-License-Identifier: BSD-3-Clause
"""Functions of one value, and of two with broadcasting."""
import numpy as np
import torch
from torch.nn import functional as F

from .case import case, ints, w, ws, x, xs

_SHAPE = (2, 3, 4, 5)
_RAMP = np.linspace(-6, 6, 97).reshape(1, 1, 97)


def _of_one(name, op, expected, opset=17, operand=None, **attributes):
    return case(name, op, [operand or x(*_SHAPE, scale=2.0)], expected, opset, **attributes)


def _of_ramp(name, op, expected, opset=17, **attributes):
    return _of_one(name, op, expected, opset, xs(_RAMP), **attributes)


def _positive():
    return xs(np.geomspace(1e-3, 1e3, 61).reshape(1, 1, 61))


def _of_two(name, op, expected, first, second, opset=17, **attributes):
    return case(name, op, [first, second], expected, opset, **attributes)


def _activations():
    return [
        _of_one("relu", "Relu", torch.relu),
        _of_one("leaky_relu", "LeakyRelu", lambda a: F.leaky_relu(a, 0.01)),
        _of_one("leaky_relu_0.2", "LeakyRelu", lambda a: F.leaky_relu(a, 0.2), alpha=0.2),
        case("prelu", "PRelu", [x(*_SHAPE), w(3, 1, 1, scale=0.3)],
             lambda a, s: torch.where(a < 0, a * s, a)),
        case("prelu_one_slope", "PRelu", [x(*_SHAPE), ws([0.25])],
             lambda a, s: torch.where(a < 0, a * s, a)),
        _of_ramp("elu", "Elu", F.elu),
        _of_ramp("elu_0.5", "Elu", lambda a: F.elu(a, 0.5), alpha=0.5),
        _of_ramp("selu", "Selu", F.selu),
        _of_ramp("celu", "Celu", lambda a: F.celu(a, 2.0), alpha=2.0),
        _of_ramp("gelu", "Gelu", F.gelu, 20),
        _of_ramp("gelu_tanh", "Gelu", lambda a: F.gelu(a, approximate="tanh"), 20,
                 approximate="tanh"),
        _of_ramp("sigmoid", "Sigmoid", torch.sigmoid),
        _of_one("sigmoid_far", "Sigmoid", torch.sigmoid, operand=xs([[-90, -20, 0, 20, 90]])),
        _of_ramp("tanh", "Tanh", torch.tanh),
        _of_ramp("hard_sigmoid", "HardSigmoid", lambda a: (0.2 * a + 0.5).clamp(0, 1)),
        _of_ramp("hard_sigmoid_sixth", "HardSigmoid", F.hardsigmoid, alpha=1 / 6, beta=0.5),
        _of_ramp("hard_swish", "HardSwish", F.hardswish),
        _of_ramp("softplus", "Softplus", lambda a: torch.log1p(torch.exp(a))),
        _of_one("softplus_far", "Softplus", lambda a: F.softplus(a, threshold=1e9),
                operand=xs([[-50, -20, 0, 20, 80]])),
        _of_ramp("softsign", "Softsign", F.softsign),
        _of_ramp("mish", "Mish", F.mish, 18),
        _of_ramp("thresholded_relu", "ThresholdedRelu", lambda a: torch.where(a > 1.5, a, 0.0),
                 alpha=1.5),
        _of_one("softmax_channels", "Softmax", lambda a: a.softmax(1), axis=1),
        _of_one("softmax_last_axis", "Softmax", lambda a: a.softmax(-1)),
        _of_one("softmax_3d_channels", "Softmax", lambda a: a.softmax(1),
                operand=x(1, 4, 2, 3, 5), axis=1),
        _of_one("softmax_large_values", "Softmax", lambda a: a.softmax(1),
                operand=x(1, 3, 4, 5, scale=40, offset=200), axis=1),
        _of_one("softmax_opset_11_flattens", "Softmax",
                lambda a: a.reshape(2, -1).softmax(1).reshape(a.shape), 11),
        _of_one("log_softmax", "LogSoftmax", lambda a: a.log_softmax(1), axis=1),
    ]


def _functions():
    return [
        _of_one("clip", "Clip", lambda a: a.clamp(-0.5, 1), 6, min=-0.5, max=1.0),
        case("clip_inputs", "Clip", [x(*_SHAPE), ws(-0.5), ws(0.75)], lambda a, lo, hi:
             a.clamp(lo, hi), 13),
        case("clip_only_below", "Clip", [x(*_SHAPE), ws(0.0)], lambda a, lo: a.clamp(lo), 13),
        case("clip_only_above", "Clip", [x(*_SHAPE), None, ws(0.5)],
             lambda a, _, hi: a.clamp(max=hi), 13),
        _of_one("abs", "Abs", torch.abs),
        _of_one("neg", "Neg", torch.neg),
        _of_ramp("exp", "Exp", torch.exp),
        case("log", "Log", [_positive()], torch.log),
        case("sqrt", "Sqrt", [_positive()], torch.sqrt),
        case("reciprocal", "Reciprocal", [_positive()], torch.reciprocal),
        _of_one("floor", "Floor", torch.floor),
        _of_one("ceil", "Ceil", torch.ceil),
        _of_one("round_half_to_even", "Round", torch.round,
                operand=xs([[-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.4, 0.6]])),
        _of_one("sign", "Sign", torch.sign, operand=xs([[-3, 0, 2, -0.0]])),
        _of_ramp("erf", "Erf", torch.erf),
        _of_ramp("sin", "Sin", torch.sin),
        _of_ramp("cos", "Cos", torch.cos),
        _of_one("identity", "Identity", lambda a: a),
        _of_one("dropout_at_inference", "Dropout", lambda a: a, 11, ratio=0.5),
    ]


def _arithmetic():
    add, sub, mul, div = torch.add, torch.sub, torch.mul, torch.div
    whole, other = x(*_SHAPE), x(*_SHAPE)
    return [
        _of_two("add", "Add", add, whole, other),
        _of_two("sub", "Sub", sub, whole, other),
        _of_two("mul", "Mul", mul, whole, other),
        _of_two("div", "Div", div, whole, x(*_SHAPE, scale=0.1, offset=2)),
        _of_two("add_channels", "Add", add, whole, w(3, 1, 1)),
        _of_two("mul_channels_of_images", "Mul", mul, whole, x(2, 3, 1, 1)),
        _of_two("mul_one_channel", "Mul", mul, x(2, 1, 4, 5), whole),
        _of_two("mul_last_axis", "Mul", mul, whole, w(5)),
        _of_two("add_scalar", "Add", add, whole, ws(2.5)),
        _of_two("div_scalar", "Div", div, whole, ws(3.0)),
        _of_two("sub_from_scalar", "Sub", sub, ws(1.0), whole),
        _of_two("div_of_scalar", "Div", div, ws(1.0), x(2, 3, 5, scale=0.1, offset=2)),
        _of_two("add_both_broadcast", "Add", add, x(2, 1, 4, 1), x(1, 3, 1, 5)),
        _of_two("mul_3d_channels", "Mul", mul, x(1, 3, 2, 4, 5), w(1, 3, 1, 1, 1)),
        _of_two("sub_rows_from_one_more_axis", "Sub", sub, x(4, 5), x(3, 4, 5)),
        _of_two("pow_2", "Pow", torch.pow, whole, ws(2.0)),
        _of_two("pow_half", "Pow", torch.pow, _positive(), ws(0.5)),
        _of_two("pow_of_images", "Pow", torch.pow, _positive(), x(1, 1, 61)),
        _of_two("add_integers", "Add", add, xs([[1, -2, 3]], np.int64), ints(4, 5, 6)),
        _of_two("div_integers_truncates", "Div",
                lambda a, b: torch.div(a, b, rounding_mode="trunc"),
                xs([[7, -7, 9]], np.int64), ints(2, 2, -4)),
        _of_two("min", "Min", torch.minimum, whole, other),
        _of_two("max", "Max", torch.maximum, whole, x(3, 1, 1)),
        case("max_of_three", "Max", [x(2, 5), x(2, 5), x(2, 5)],
             lambda a, b, c: torch.maximum(torch.maximum(a, b), c)),
        case("sum_of_three", "Sum", [x(2, 5), x(2, 5), x(2, 5)], lambda a, b, c: a + b + c),
        case("mean_of_two", "Mean", [x(2, 5), x(2, 5)], lambda a, b: (a + b) / 2),
        _of_two("greater", "Greater", torch.gt, whole, ws(0.25)),
        _of_two("less", "Less", torch.lt, whole, other),
        _of_two("equal_integers", "Equal", torch.eq, xs([[1, 2, 3, 4]], np.int64), ints(2)),
        case("where", "Where", [xs([[True, False, True, False]], np.bool_), x(3, 4), w(1, 4)],
             torch.where),
    ]


def cases():
    return _activations() + _functions() + _arithmetic()
