# SPDX-License-Identifier: BSD-3-Clause
"""Turns an exported network into what tf2onnx makes of the same one in TensorFlow."""
import onnx
from onnx import helper


def _user(graph: onnx.GraphProto, name: str) -> onnx.NodeProto:
    """The only node that reads a tensor."""
    node, = (n for n in graph.node if name in n.input)
    return node


def _pad_instead_of_cutting(graph: onnx.GraphProto) -> None:
    """Padding 'same' is a ConvTranspose that cuts behind; PyTorch needs Slice for it."""
    for up in [n for n in graph.node if n.op_type == "ConvTranspose"]:
        up.attribute.remove(next(a for a in up.attribute if a.name == "pads"))
        up.attribute.append(helper.make_attribute("pads", [0, 0, 1, 1]))
        while (cut := _user(graph, up.output[0])).op_type == "Slice":
            up.output[0] = cut.output[0]
            graph.node.remove(cut)
    read = {name for node in graph.node for name in node.input}
    for node in [n for n in graph.node if n.op_type == "Constant" and n.output[0] not in read]:
        graph.node.remove(node)


def _transpose_ends(graph: onnx.GraphProto) -> None:
    first, last = graph.input[0], graph.output[0]
    for node in graph.node:
        node.input[:] = ["channels_first" if n == first.name else n for n in node.input]
        node.output[:] = ["result" if n == last.name else n for n in node.output]
    graph.node.insert(0, helper.make_node(
        "Transpose", [first.name], ["channels_first"], perm=[0, 3, 1, 2]))
    graph.node.append(helper.make_node("Transpose", ["result"], [last.name], perm=[0, 2, 3, 1]))
    for end in (first, last):
        batch, channels, *space = end.type.tensor_type.shape.dim
        sizes = [d.dim_value for d in (batch, *space, channels)]
        end.CopyFrom(helper.make_tensor_value_info(end.name, onnx.TensorProto.FLOAT, sizes))


def like_tf2onnx(model: onnx.ModelProto) -> None:
    _pad_instead_of_cutting(model.graph)
    _transpose_ends(model.graph)
    model.graph.ClearField("value_info")
    onnx.checker.check_model(model)
