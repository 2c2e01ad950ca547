# SPDX-License-Identifier: BSD-3-Clause
"""Writes the files of this folder: what NumPy, safetensors, onnx and PyTorch write. Versions are in
versions.txt.

    python3 tests/golden/nn/make_files.py
"""
import os
import platform

import ml_dtypes
import numpy as np
import onnx
import safetensors
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file

os.chdir(os.path.dirname(os.path.abspath(__file__)))
versions = {"python": platform.python_version(), "numpy": np.__version__, "onnx": onnx.__version__,
            "safetensors": safetensors.__version__, "torch": torch.__version__,
            "ml_dtypes": ml_dtypes.__version__}
with open("versions.txt", "w") as file:
    print("make_files.py:", ", ".join(f"{k} {v}" for k, v in versions.items()), file=file)


def numbers(dtype, count):
    """Whole numbers 37 i mod 101, of signed types minus 50, of floats an eighth of that; bool: odd."""
    values = np.arange(count) * 37 % 101
    if np.dtype(dtype) == bool:
        return values % 2 == 1
    if np.dtype(dtype).kind == "u":
        return values.astype(dtype)
    return ((values - 50) if np.dtype(dtype).kind == "i" else (values - 50) / 8).astype(dtype)


# ---- NumPy
TYPES = ["f2", "f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "b1"]
for code in TYPES:
    array = numbers(code, 6).reshape(2, 3)
    np.save(f"{code}.npy", array)
    if array.dtype.itemsize > 1:
        np.save(f"{code}_big.npy", array.astype(">" + code))
np.save("f4_fortran.npy", np.asfortranarray(numbers("f4", 24).reshape(2, 3, 4)))
np.save("i2_big_fortran.npy", np.asfortranarray(numbers("i2", 24).reshape(4, 3, 2).astype(">i2")))
np.save("f4_scalar.npy", numbers("f4", 2)[1])
np.save("f4_vector.npy", numbers("f4", 3))
np.save("f4_empty.npy", np.zeros((0, 3), "f4"))
for version in (2, 3):
    with open(f"f4_version{version}.npy", "wb") as file:
        np.lib.format.write_array(file, numbers("f4", 6).reshape(2, 3), version=(version, 0))
np.save("refused_complex.npy", np.zeros(2, "c8"))
np.save("refused_text.npy", np.array(["a", "bc"]))
np.save("refused_fields.npy", np.zeros(2, [("a", "f4"), ("b", "i4")]))

# ---- safetensors
TORCH = {"f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32, "f64": torch.float64,
         "i8": torch.int8, "u8": torch.uint8, "i16": torch.int16, "u16": torch.uint16,
         "i32": torch.int32, "u32": torch.uint32, "i64": torch.int64, "u64": torch.uint64,
         "bool": torch.bool}


def tensor(name):
    kind = "b1" if name == "bool" else "f8" if "f" in name else name[0] + "8"
    return torch.from_numpy(numbers(kind, 6).reshape(2, 3).copy()).to(TORCH[name])


save_file({name: tensor(name) for name in TORCH} | {"scalar": torch.tensor(2.5), "none": torch.zeros(0, 3)},
          "all.safetensors", metadata={"format": "pt", "note": "caf\u00e9"})
save_file({"weight": torch.zeros(2).to(torch.float8_e4m3fn), "bias": torch.zeros(2)}, "refused.safetensors")

# ---- onnx: each type as raw bytes and as typed numbers, and each form of Constant
ONNX = {"f16": TensorProto.FLOAT16, "bf16": TensorProto.BFLOAT16, "f32": TensorProto.FLOAT,
        "f64": TensorProto.DOUBLE, "i8": TensorProto.INT8, "u8": TensorProto.UINT8,
        "i16": TensorProto.INT16, "u16": TensorProto.UINT16, "i32": TensorProto.INT32,
        "u32": TensorProto.UINT32, "i64": TensorProto.INT64, "u64": TensorProto.UINT64,
        "bool": TensorProto.BOOL}
initializers = []
for name, kind in ONNX.items():
    array = tensor(name).to(torch.float32).numpy().astype(helper.tensor_dtype_to_np_dtype(kind))
    raw = numpy_helper.from_array(array, f"raw_{name}")
    assert raw.HasField("raw_data") and raw.data_type == kind
    initializers.append(raw)
    initializers.append(helper.make_tensor(f"typed_{name}", kind, [2, 3], array.ravel()))
constants = [
    helper.make_node("Constant", [], ["c_value"], value=numpy_helper.from_array(numbers("i8", 3))),
    helper.make_node("Constant", [], ["c_float"], value_float=0.5),
    helper.make_node("Constant", [], ["c_floats"], value_floats=[0.5, -0.25]),
    helper.make_node("Constant", [], ["c_int"], value_int=-7),
    helper.make_node("Constant", [], ["c_ints"], value_ints=[1, 2, 3]),
]
nodes = constants + [
    helper.make_node("Relu", ["x"], ["y"], name="first"),
    helper.make_node("Clip", ["y", "", "c_float"], ["z"]),
    helper.make_node("Fancy", ["z"], ["w"], domain="my.domain", alpha=0.5, count=3, mode="linear",
                     sizes=[1, 2], factors=[0.5, 2.0], names=["a", "b"],
                     table=numpy_helper.from_array(numbers("f4", 3))),
]
value = helper.make_tensor_value_info
graph = helper.make_graph(nodes, "types", [value("x", TensorProto.FLOAT, ["batch", 3, None, 5])],
                          [value("w", TensorProto.FLOAT16, [1, 3])], initializers)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13), helper.make_opsetid("my.domain", 2)])
onnx.save(model, "types.onnx")
if os.path.exists("types_external.bin"):
    os.remove("types_external.bin")
onnx.save(model, "types_external.onnx", save_as_external_data=True, all_tensors_to_one_file=True,
          location="types_external.bin", size_threshold=0)

# IR version 3: initializers are inputs too; version 9 of the operators
old = helper.make_graph([helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1])],
                        "old", [value("x", TensorProto.FLOAT, [1, 1, 8, 8]), value("w", TensorProto.FLOAT, [2, 1, 3, 3])],
                        [value("y", TensorProto.FLOAT, [1, 2, 8, 8])],
                        [numpy_helper.from_array(numbers("f4", 18).reshape(2, 1, 3, 3), "w")])
onnx.save(helper.make_model(old, ir_version=3, opset_imports=[helper.make_opsetid("", 9)]), "opset9.onnx")

# What is refused, all at once
branch = helper.make_graph([helper.make_node("Identity", ["x"], ["b"])], "branch", [], [value("b", TensorProto.FLOAT, [1])])
sparse = helper.make_sparse_tensor(helper.make_tensor("sparse_values", TensorProto.FLOAT, [1], [2.0]),
                                   helper.make_tensor("sparse_indices", TensorProto.INT64, [1], [3]), [10])
bad = helper.make_graph(
    [helper.make_node("If", ["c"], ["y"], name="choose", then_branch=branch, else_branch=branch),
     helper.make_node("Constant", [], ["t"], value_string="text"),
     helper.make_node("Twice", ["y"], ["z"], domain="local")],
    "bad", [value("x", TensorProto.FLOAT, [1]), value("c", TensorProto.BOOL, []),
            value("s", TensorProto.STRING, [1]), helper.make_tensor_sequence_value_info("list", TensorProto.FLOAT, None)],
    [value("z", TensorProto.FLOAT, [1])],
    [helper.make_tensor("words", TensorProto.STRING, [1], [b"word"])], sparse_initializer=[sparse])
function = helper.make_function("local", "Twice", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])],
                                [helper.make_opsetid("", 17)])
onnx.save(helper.make_model(bad, functions=[function],
                            opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]), "refused.onnx")


# ---- PyTorch's two exporters
class small_net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(1, 2, 3, padding=1)
        self.out = torch.nn.Conv2d(3, 1, 1)
        for parameter in self.parameters():
            values = torch.from_numpy(numbers("f4", parameter.numel()))
            parameter.data = values.reshape(parameter.shape).clone()

    def forward(self, x):
        y = torch.relu(self.conv(x))
        y = torch.nn.functional.max_pool2d(y, 2)
        y = torch.nn.functional.interpolate(y, scale_factor=2.0, mode="bilinear")
        return torch.sigmoid(self.out(torch.cat([y, x], 1)))


net, example = small_net().eval(), torch.zeros(1, 1, 8, 8)
for opset in (11, 17):
    torch.onnx.export(net, (example,), f"torch_opset{opset}.onnx", opset_version=opset, dynamo=False,
                      input_names=["image"], output_names=["probability"],
                      dynamic_axes={"image": {0: "batch", 2: "height", 3: "width"}})
torch.onnx.export(net, (example,), "torch_dynamo.onnx", opset_version=20, dynamo=True, external_data=False,
                  input_names=["image"], output_names=["probability"], verbose=False)
# its notes hold the paths of the machine
model = onnx.load("torch_dynamo.onnx")
for node in model.graph.node:
    node.ClearField("metadata_props")
onnx.save(model, "torch_dynamo.onnx")
