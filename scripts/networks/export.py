# SPDX-License-Identifier: BSD-3-Clause
"""Writes networks with random weights as ONNX files, with an input and what PyTorch makes of it.

    python3 scripts/networks/export.py DIR [NAME ...] [--set bench|small]

Per network: NAME.onnx; NAME_input.npy; NAME_output.npy, of float; NAME_exact.npy, computed in
double and rounded to float. networks.json lists them, with the rms of the differences of PyTorch to
what is exact and of ONNX Runtime to PyTorch, over the standard deviation of the output.
"""
import argparse
import json
import logging
import pathlib
import platform
import sys
import warnings

import numpy as np
import onnx
import onnxruntime
import torch

import cost
import zoo
from tf2onnx_like import like_tf2onnx
from weights import random_input, ready

def _write_onnx(network: zoo.Network, net: torch.nn.Module, path: pathlib.Path) -> None:
    x = random_input(network)
    options = {}
    if network.free_axes:
        x = torch.randn(3, x.shape[1], *([16] * (x.dim() - 2)))
        axes = ["batch", None, *"zyx"[5 - x.dim():]]
        names = {i: axis for i, axis in enumerate(axes) if axis}
        options["dynamic_axes"] = {"input": names, "output": {0: "batch"}}
    torch.onnx.export(net, (x,), path, input_names=["input"], output_names=["output"],
                      opset_version=network.opset, dynamo=network.dynamo,
                      external_data=network.external, **options)
    model = onnx.load(path)
    _strip(model.graph)
    if network.tensorflow:
        like_tf2onnx(model)
    if network.external:
        data = path.with_suffix(".onnx.data")
        data.unlink(missing_ok=True)  # else it grows
        onnx.save_model(model, path, save_as_external_data=True, size_threshold=0,
                        location=data.name)
    else:
        onnx.save_model(model, path)


def _strip(graph: onnx.GraphProto) -> None:
    """Drops what exporters note about lines of Python."""
    for part in (graph, *graph.node, *graph.value_info, *graph.input, *graph.output):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")


def _difference(a: np.ndarray, b: np.ndarray) -> float:
    """The root of the mean square of a - b, over the standard deviation of b."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    return float(np.sqrt(np.mean((a - b) ** 2)) / b.std())


def _run_onnx(path: pathlib.Path, x: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"input": x})[0]


@torch.no_grad()
def export(network: zoo.Network, folder: pathlib.Path) -> dict:
    """Writes the files of a network; what the list says of it."""
    x = random_input(network)
    net = ready(network)
    output = net(x)
    path = folder / f"{network.name}.onnx"
    _write_onnx(network, net, path)
    exact = net.double()(x.double()).float()
    if network.tensorflow:
        x, output, exact = (a.movedim(1, -1).contiguous() for a in (x, output, exact))
    for name, array in (("input", x), ("output", output), ("exact", exact)):
        np.save(folder / f"{network.name}_{name}.npy", array.contiguous().numpy())
    model = onnx.load(path, load_external_data=False)
    kinds = sorted({node.op_type for node in model.graph.node})
    return {
        "name": network.name,
        "opset": next(o.version for o in model.opset_import if not o.domain),
        "exporter": "dynamo" if network.dynamo else "torchscript",
        "like_tf2onnx": network.tensorflow,
        "free_axes": network.free_axes,
        "external_data": network.external,
        "parameters": cost.parameters(net),
        "flops": cost.flops(cost.on_meta(network.make), network.shape),
        "input_shape": list(x.shape),
        "output_shape": list(output.shape),
        "operators": kinds,
        "pytorch_to_exact": float(f"{_difference(output.numpy(), exact.numpy()):.2g}"),
        "onnxruntime_to_pytorch": float(
            f"{_difference(_run_onnx(path, x.numpy()), output.numpy()):.2g}"),
    }


def _listed(path: pathlib.Path) -> list[dict]:
    return json.loads(path.read_text())["networks"] if path.exists() else []


def _write_list(path: pathlib.Path, of: str, rows: list[dict]) -> None:
    """Lists networks; those of earlier calls that were not written anew stay."""
    rows = {row["name"]: row for row in [*_listed(path), *rows]}
    made_by = {"command": f"python3 scripts/networks/export.py DIR --set {of}",
               "python": platform.python_version(), "torch": torch.__version__,
               "onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}
    lines = ",\n".join("  " + json.dumps(rows[n.name]) for n in zoo.SETS[of] if n.name in rows)
    path.write_text(f'{{\n "made_by": {json.dumps(made_by)},\n "networks": [\n{lines}\n ]\n}}\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="*", help="of networks; all of the set where none is given")
    parser.add_argument("--set", choices=zoo.SETS, default="small")
    arguments = parser.parse_intermixed_args()
    unknown = set(arguments.names) - {n.name for n in zoo.SETS[arguments.set]}
    if unknown:
        parser.error(f"no such networks: {', '.join(sorted(unknown))}")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)

    print(f"{'network':26}{'opset':>6}{'parameters':>13}{'GFLOP':>10}{'PyTorch':>10}{'ORT':>9}"
          f"{'bytes':>13}")
    rows, far = [], []
    for network in zoo.SETS[arguments.set]:
        if arguments.names and network.name not in arguments.names:
            continue
        row = export(network, arguments.folder)
        rows.append(row)
        if not row["onnxruntime_to_pytorch"] <= network.agreement:
            far.append(network.name)
        size = sum(f.stat().st_size for f in arguments.folder.glob(f"{network.name}.onnx*"))
        print(f"{row['name']:26}{row['opset']:>6}{row['parameters']:>13,}"
              f"{row['flops'] / 1e9:>10.4f}{row['pytorch_to_exact']:>10.1e}"
              f"{row['onnxruntime_to_pytorch']:>9.1e}{size:>13,}", flush=True)
        _write_list(arguments.folder / "networks.json", arguments.set, rows)
    if far:
        sys.exit(f"ONNX Runtime differs from PyTorch: {', '.join(far)}")


if __name__ == "__main__":
    main()
