# SPDX-License-Identifier: BSD-3-Clause
"""Small graphs as exporters write them: patterns to recognise, and ways to store weights."""
import numpy as np
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.nn import functional as F

from .case import chain, ints, w, ws, x

_GAMMA = dict(scale=0.3, offset=1.0)
node = helper.make_node
_CONV = dict(kernel_shape=[3, 3], pads=[1, 1, 1, 1])


def _conv(a, weight, bias=None):
    return F.conv2d(a, weight, bias, padding=1)


def _constant(name: str, values, dtype=np.float32):
    return node("Constant", [], [name], value=numpy_helper.from_array(np.asarray(values, dtype)))


def _activations():
    gelu = [_constant("root", 2 ** 0.5), node("Div", ["input", "root"], ["a"]),
            node("Erf", ["a"], ["b"]), _constant("one", 1.0), node("Add", ["b", "one"], ["c"]),
            node("Mul", ["input", "c"], ["d"]), _constant("half", 0.5),
            node("Mul", ["d", "half"], ["output"])]
    layer_norm = [node("ReduceMean", ["input"], ["mean"], axes=[-1]),
                  node("Sub", ["input", "mean"], ["centred"]), _constant("two", 2.0),
                  node("Pow", ["centred", "two"], ["square"]),
                  node("ReduceMean", ["square"], ["variance"], axes=[-1]),
                  _constant("epsilon", 1e-6), node("Add", ["variance", "epsilon"], ["above"]),
                  node("Sqrt", ["above"], ["deviation"]),
                  node("Div", ["centred", "deviation"], ["normal"]),
                  node("Mul", ["normal", "weight"], ["scaled"]),
                  node("Add", ["scaled", "weight2"], ["output"])]
    return [
        chain("silu", [node("Sigmoid", ["input"], ["s"]), node("Mul", ["input", "s"], ["output"])],
              [x(1, 3, 4, 5, scale=2)], F.silu),
        chain("gelu_of_erf", gelu, [x(1, 3, 4, 5, scale=2)], F.gelu),
        chain("layer_norm_of_means", layer_norm, [x(2, 5, 8), w(8, **_GAMMA), w(8)],
              lambda a, scale, bias: F.layer_norm(a, (8,), scale, bias, 1e-6), 11),
        chain("hard_swish_of_clip",
              [_constant("three", 3.0), node("Add", ["input", "three"], ["a"]),
               _constant("zero", 0.0), _constant("six", 6.0),
               node("Clip", ["a", "zero", "six"], ["b"]), node("Div", ["b", "six"], ["c"]),
               node("Mul", ["input", "c"], ["output"])], [x(1, 3, 4, 5, scale=3)], F.hardswish),
    ]


def _convolutions():
    norm = dict(epsilon=1e-3)
    statistics = [w(3, **_GAMMA), w(3), w(3), ws([0.5, 1.0, 1.5])]
    names = ["weight3", "weight4", "weight5", "weight6"]

    def normalised(convolve):
        return lambda a, weight, bias, scale, shift, mean, var: F.batch_norm(
            convolve(a, weight, bias), mean, var, scale, shift, eps=1e-3)
    return [
        chain("conv_relu", [node("Conv", ["input", "weight", "weight2"], ["c"], **_CONV),
                            node("Relu", ["c"], ["output"])],
              [x(1, 2, 5, 6), w(3, 2, 3, 3), w(3)], lambda *a: torch.relu(_conv(*a))),
        chain("conv_batch_norm", [
            node("Conv", ["input", "weight", "weight2"], ["c"], **_CONV),
            node("BatchNormalization", ["c", *names], ["output"], **norm)],
            [x(1, 2, 5, 6), w(3, 2, 3, 3), w(3), *statistics], normalised(_conv)),
        chain("up_batch_norm_elu", [
            node("ConvTranspose", ["input", "weight", "weight2"], ["c"], kernel_shape=[2, 2],
                 strides=[2, 2]),
            node("BatchNormalization", ["c", *names], ["n"], **norm),
            node("Elu", ["n"], ["output"], alpha=1.0)],
            [x(1, 2, 3, 4), w(2, 3, 2, 2), w(3), *statistics],
            lambda *a: F.elu(normalised(lambda a, w, b: F.conv_transpose2d(a, w, b, 2))(*a))),
        chain("batch_norm_elu_conv", [
            node("BatchNormalization", ["input", "weight", "weight2", "weight3", "weight4"], ["n"]),
            node("Elu", ["n"], ["e"]), node("Conv", ["e", "weight5"], ["output"], **_CONV)],
            [x(1, 2, 5, 6), w(2, **_GAMMA), w(2), w(2), ws([0.5, 1.5]), w(3, 2, 3, 3)],
            lambda a, scale, shift, mean, var, weight: _conv(F.elu(F.batch_norm(
                a, mean, var, scale, shift)), weight)),
        chain("conv_instance_norm_leaky_relu", [
            node("Conv", ["input", "weight"], ["c"], **_CONV),
            node("InstanceNormalization", ["c", "weight2", "weight3"], ["n"]),
            node("LeakyRelu", ["n"], ["output"], alpha=0.01)],
            [x(2, 2, 6, 7), w(3, 2, 3, 3), w(3, **_GAMMA), w(3)],
            lambda a, weight, scale, bias: F.leaky_relu(F.instance_norm(
                _conv(a, weight), weight=scale, bias=bias), 0.01)),
        chain("concat_conv", [node("Concat", ["input", "input2"], ["c"], axis=1),
                              node("Conv", ["c", "weight"], ["output"], **_CONV)],
              [x(1, 3, 5, 6), x(1, 2, 5, 6), w(4, 5, 3, 3)],
              lambda a, b, weight: _conv(torch.cat([a, b], 1), weight)),
        chain("pad_conv", [node("Pad", ["input", "weight"], ["p"]),
                           node("Conv", ["p", "weight2"], ["output"], kernel_shape=[3, 3],
                                strides=[2, 2])],
              [x(1, 2, 6, 7), ints(0, 0, 0, 1, 0, 0, 1, 1), w(3, 2, 3, 3)],
              lambda a, _, weight: F.conv2d(F.pad(a, [1, 1, 0, 1]), weight, stride=2)),
        chain("empty_pad_average", [
            node("Pad", ["input", "weight"], ["p"]),
            node("AveragePool", ["p"], ["output"], kernel_shape=[2, 2], strides=[2, 2])],
            [x(1, 2, 6, 8), ints(*[0] * 8)], lambda a, _: F.avg_pool2d(a, 2)),
        chain("channels_last_ends", [
            node("Transpose", ["input"], ["t"], perm=[0, 3, 1, 2]),
            node("Conv", ["t", "weight"], ["c"], **_CONV),
            node("Transpose", ["c"], ["output"], perm=[0, 2, 3, 1])],
            [x(1, 5, 6, 2), w(3, 2, 3, 3)],
            lambda a, weight: _conv(a.permute(0, 3, 1, 2), weight).permute(0, 2, 3, 1)),
        chain("residual", [node("Conv", ["input", "weight"], ["c"], **_CONV),
                           node("Add", ["c", "input"], ["a"]), node("Relu", ["a"], ["output"])],
              [x(1, 3, 5, 6), w(3, 3, 3, 3)], lambda a, w: torch.relu(_conv(a, w) + a)),
        chain("squeeze_excitation", [
            node("GlobalAveragePool", ["input"], ["m"]),
            node("Conv", ["m", "weight", "weight2"], ["s"]), node("Relu", ["s"], ["r"]),
            node("Conv", ["r", "weight3", "weight4"], ["e"]), node("Sigmoid", ["e"], ["f"]),
            node("Mul", ["f", "input"], ["output"])],
            [x(2, 4, 5, 6), w(2, 4, 1, 1), w(2), w(4, 2, 1, 1), w(4)],
            lambda a, w1, b1, w2, b2: a * torch.sigmoid(F.conv2d(torch.relu(F.conv2d(
                a.mean((2, 3), keepdim=True), w1, b1)), w2, b2))),
    ]


def _shape_chains():
    resize = [node("Shape", ["input2"], ["size"]), _constant("two", [2], np.int64),
              _constant("four", [4], np.int64), node("Slice", ["size", "two", "four"], ["space"]),
              node("Shape", ["input"], ["own"]), _constant("zero", [0], np.int64),
              node("Slice", ["own", "zero", "two"], ["rest"]),
              node("Concat", ["rest", "space"], ["sizes"], axis=0),
              node("Resize", ["input", "", "", "sizes"], ["output"], mode="nearest",
                   coordinate_transformation_mode="asymmetric", nearest_mode="floor")]
    flatten = [node("Shape", ["input"], ["s"]), _constant("zero", 0, np.int64),
               node("Gather", ["s", "zero"], ["batch"], axis=0),
               _constant("first", [0], np.int64), node("Unsqueeze", ["batch", "first"], ["b"]),
               _constant("rest", [-1], np.int64), node("Concat", ["b", "rest"], ["shape"], axis=0),
               node("Reshape", ["input", "shape"], ["output"])]
    pads = [node("Shape", ["input"], ["s"]), _constant("at", 3, np.int64),
            node("Gather", ["s", "at"], ["width"], axis=0), _constant("eight", 8, np.int64),
            node("Sub", ["eight", "width"], ["missing"]), _constant("two", 2, np.int64),
            node("Div", ["missing", "two"], ["left"]), node("Sub", ["missing", "left"], ["right"]),
            _constant("zero", [0], np.int64), node("Unsqueeze", ["left", "zero"], ["l"]),
            node("Unsqueeze", ["right", "zero"], ["r"]),
            _constant("none", [0, 0, 0], np.int64),
            node("Concat", ["none", "l", "none", "r"], ["pads"], axis=0),
            node("Cast", ["pads"], ["as_integers"], to=TensorProto.INT64),
            node("Pad", ["input", "as_integers"], ["output"])]
    old_pads = [_constant("four", [4], np.int64),
                node("ConstantOfShape", ["four"], ["more"],
                     value=numpy_helper.from_array(np.zeros(1, np.int64))),
                _constant("given", [1, 2, 0, 3], np.int64),
                node("Concat", ["given", "more"], ["flat"], axis=0),
                _constant("pairs", [-1, 2], np.int64), node("Reshape", ["flat", "pairs"], ["rows"]),
                _constant("last", [-1], np.int64), _constant("before", [-2**63 + 1], np.int64),
                _constant("zero", [0], np.int64), _constant("back", [-1], np.int64),
                node("Slice", ["rows", "last", "before", "zero", "back"], ["turned"]),
                node("Transpose", ["turned"], ["columns"], perm=[1, 0]),
                _constant("all", [-1], np.int64), node("Reshape", ["columns", "all"], ["long"]),
                node("Cast", ["long"], ["pads"], to=TensorProto.INT64),
                node("Pad", ["input", "pads"], ["output"])]
    return [
        chain("resize_to_another", resize, [x(1, 2, 3, 4), x(1, 5, 7, 6)],
              lambda a, b: F.interpolate(a, size=b.shape[2:])),
        chain("flatten_of_shape", flatten, [x(2, 3, 4, 5)], lambda a: a.flatten(1)),
        chain("pad_to_eight", pads, [x(1, 2, 3, 5)], lambda a: F.pad(a, [1, 2])),
        chain("pads_of_constants", old_pads, [x(1, 2, 4, 5)], lambda a: F.pad(a, [1, 2, 0, 3])),
    ]


def _with_weights(name, initializer, values, more=(), **options):
    """A product with what is stored in some way under the name "stored"."""
    return chain(name, [*more, node("Mul", ["input", "stored"], ["output"])], [x(2, 3)],
                 lambda a: a * torch.tensor(values, dtype=torch.double),
                 initializers=[initializer] if initializer is not None else (), **options)


def _storage():
    values = [1.5, -0.25, 3.0]
    half = numpy_helper.from_array(np.asarray(values, np.float16), "half")
    cast = [node("Cast", ["half"], ["stored"], to=TensorProto.FLOAT)]

    def packed(kind, data, name):
        return helper.make_tensor(name, kind, [3], data)

    return [
        _with_weights("float_data", packed(TensorProto.FLOAT, values, "stored"), values),
        _with_weights("half_raw", half, values, cast),
        _with_weights("half_int32_data", packed(TensorProto.FLOAT16, values, "half"), values, cast),
        _with_weights("bfloat_raw", helper.make_tensor(
            "half", TensorProto.BFLOAT16, [3],
            (np.asarray(values, np.float32).view(np.uint32) >> 16).astype("<u2").tobytes(),
            raw=True), values, cast),
        _with_weights("double_raw", numpy_helper.from_array(np.asarray(values), "half"), values,
                      cast),
        _with_weights("constant_floats", None, values,
                      [node("Constant", [], ["stored"], value_floats=values)]),
        _with_weights("constant_float", None, 2.5,
                      [node("Constant", [], ["stored"], value_float=2.5)]),
        _with_weights("constant_int", None, 3,
                      [node("Constant", [], ["half"], value_int=3), *cast]),
        chain("identity_of_weights", [
            node("Identity", ["weight2"], ["same"]),
            node("InstanceNormalization", ["input", "weight", "weight2"], ["n"]),
            node("InstanceNormalization", ["n", "weight", "same"], ["output"])],
            [x(1, 2, 5, 6), w(2, **_GAMMA), w(2)],
            lambda a, scale, bias: F.instance_norm(F.instance_norm(
                a, weight=scale, bias=bias), weight=scale, bias=bias)),
        chain("weights_among_inputs", [node("Conv", ["input", "weight"], ["output"], **_CONV)],
              [x(1, 2, 4, 5), w(2, 2, 3, 3)], _conv, 8, weights_are_inputs=True),
        chain("two_outputs", [node("Relu", ["input"], ["output"]),
                              node("Sigmoid", ["output"], ["output2"])],
              [x(1, 2, 3, 4)], lambda a: (torch.relu(a), torch.sigmoid(torch.relu(a))), outputs=2),
        chain("dropout_with_mask", [node("Dropout", ["input"], ["kept", "mask"]),
                                    node("Relu", ["kept"], ["output"])],
              [x(1, 2, 3, 4)], torch.relu, 12),
    ]


def cases():
    return _activations() + _convolutions() + _shape_chains() + _storage()
