# SPDX-License-Identifier: BSD-3-Clause
"""A case is an ONNX model of one node (rarely more), the values of its inputs, and its outputs."""
from dataclasses import dataclass, field
from typing import Callable, Sequence
import zlib

import numpy as np
from onnx import helper, numpy_helper
import onnx
import torch


@dataclass
class Operand:
    """What goes into a node: random floats of a shape, or values. Weights lie inside the model."""
    shape: tuple[int, ...] = ()
    values: np.ndarray | None = None
    weight: bool = False
    scale: float = 1.0
    offset: float = 0.0

    def array(self, random: np.random.Generator) -> np.ndarray:
        if self.values is not None:
            return self.values
        return (random.standard_normal(self.shape) * self.scale + self.offset).astype(np.float32)


def x(*shape: int, scale=1.0, offset=0.0) -> Operand:
    return Operand(shape, scale=scale, offset=offset)


def w(*shape: int, scale=1.0, offset=0.0) -> Operand:
    return Operand(shape, weight=True, scale=scale, offset=offset)


def xs(values, dtype=np.float32) -> Operand:
    return Operand(values=np.asarray(values, dtype))


def ws(values, dtype=np.float32) -> Operand:
    return Operand(values=np.asarray(values, dtype), weight=True)


def ints(*values: int) -> Operand:
    return ws(values, np.int64)


@dataclass
class Case:
    """`expected` computes in double what the inputs give, by PyTorch; where it is absent, the
    outputs are ONNX Runtime's. `nodes` says what to build instead of the one node `op`."""
    name: str
    op: str
    operands: Sequence[Operand | None]
    expected: Callable | None = None
    opset: int = 17
    attributes: dict = field(default_factory=dict)
    outputs: int = 1
    nodes: Sequence[onnx.NodeProto] = ()
    initializers: Sequence[onnx.TensorProto] = ()
    weights_are_inputs: bool = False  # listed among the graph's inputs too, as old files do

    def arrays(self) -> list[np.ndarray | None]:
        random = np.random.default_rng(zlib.crc32(self.name.encode()))
        return [None if o is None else o.array(random) for o in self.operands]

    def names(self) -> list[str]:
        """Of the operands: input, input2 ... and weight, weight2 ...; "" is an absent one."""
        counts, names = {}, []
        for operand in self.operands:
            if operand is None:
                names.append("")
                continue
            kind = "weight" if operand.weight else "input"
            counts[kind] = counts.get(kind, 0) + 1
            names.append(kind + (str(counts[kind]) if counts[kind] > 1 else ""))
        return names

    def output_names(self) -> list[str]:
        return ["output" + (str(i + 1) if i else "") for i in range(self.outputs)]

    def inputs(self) -> dict[str, np.ndarray]:
        return {name: array for name, array, operand
                in zip(self.names(), self.arrays(), self.operands)
                if operand and not operand.weight}

    def model(self) -> onnx.ModelProto:
        names, arrays = self.names(), self.arrays()
        weights = [numpy_helper.from_array(a, n) for n, a, o in zip(names, arrays, self.operands)
                   if o and o.weight]
        nodes = self.nodes or [
            helper.make_node(self.op, names, self.output_names(), **self.attributes)]
        kind = helper.np_dtype_to_tensor_dtype
        inputs = [helper.make_tensor_value_info(n, kind(a.dtype), a.shape)
                  for n, a, o in zip(names, arrays, self.operands)
                  if o and (self.weights_are_inputs or not o.weight)]
        outputs = [onnx.ValueInfoProto(name=n) for n in self.output_names()]
        graph = helper.make_graph(nodes, self.name, inputs, outputs,
                                  [*weights, *self.initializers])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)],
                                  ir_version=3 if self.weights_are_inputs else 8)
        inferred = onnx.shape_inference.infer_shapes(model)
        for mine, known in zip(graph.output, inferred.graph.output):
            mine.type.CopyFrom(known.type)
        model = helper.make_model(graph, opset_imports=model.opset_import,
                                  ir_version=model.ir_version)
        model.ClearField("producer_name")
        return model

    def by_pytorch(self) -> list[np.ndarray]:
        """The outputs, computed in double and rounded to float."""
        def tensor(a):
            if a is None:
                return None
            t = torch.from_numpy(np.array(a))
            return t.double() if t.is_floating_point() else t
        results = self.expected(*(tensor(a) for a in self.arrays()))
        results = results if isinstance(results, (tuple, list)) else [results]
        return [(r.float() if r.is_floating_point() else r).contiguous().numpy() for r in results]


def case(name: str, op: str, operands: Sequence[Operand | None], expected: Callable | None = None,
         opset=17, outputs=1, **attributes) -> Case:
    return Case(name, op, operands, expected, opset, attributes, outputs)


def chain(name: str, nodes: Sequence[onnx.NodeProto], operands: Sequence[Operand | None],
          expected: Callable | None = None, opset=17, **options) -> Case:
    return Case(name, "+".join(n.op_type for n in nodes), operands, expected, opset, nodes=nodes,
                **options)
