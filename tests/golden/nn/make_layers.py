# SPDX-License-Identifier: BSD-3-Clause
"""Writes layers/THEME.safetensors: small ONNX models, what goes into them, and what comes out.

    python3 tests/golden/nn/make_layers.py [THEME ...]

Tensors of a case: CASE/model, the bytes of the ONNX file; and CASE/NAME for the inputs and outputs
of its graph, by their names there. THEME.json lists the cases. Outputs are PyTorch's, computed in
double and rounded to float, where the layer is in PyTorch, and else ONNX Runtime's. One of ONNX
Runtime and onnx's reference has to agree with PyTorch; where the other does not, it is printed.
"""
import importlib
import json
import pathlib
import platform
import sys
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from onnx.reference import ReferenceEvaluator
from safetensors.numpy import save_file

from layer_cases.case import Case

THEMES = ["convolution", "graph", "normalization", "pointwise", "pooling", "reduction", "resize",
          "shaping"]
FOLDER = pathlib.Path(__file__).parent / "layers"
AGREEMENT = 3e-6  # largest difference over the largest value


def by_onnxruntime(case: Case) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        case.model().SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, case.inputs())


def by_reference(case: Case) -> list[np.ndarray]:
    return ReferenceEvaluator(case.model()).run(None, case.inputs())


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """The largest, over the largest value; infinite where shapes or types differ."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return float("inf")
    if a.size == 0:
        return 0.0
    a, b = a.astype(np.float64), b.astype(np.float64)
    return float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-30))


def tried(run, case: Case) -> list[np.ndarray] | None:
    """What `run` gives; nothing where it does not know the layer."""
    try:
        return [np.asarray(a) for a in run(case)]
    except Exception:
        return None


def outputs_of(case: Case) -> tuple[list[np.ndarray], str, list[str]]:
    """The outputs, who made them, and who agrees."""
    others = {"onnxruntime": tried(by_onnxruntime, case), "onnx": tried(by_reference, case)}
    source = "torch" if case.expected else "onnxruntime"
    outputs = case.by_pytorch() if case.expected else others.pop("onnxruntime")
    agreed = []
    for name, results in others.items():
        if results is None:
            continue
        worst = max(difference(r, o) for r, o in zip(results, outputs, strict=True))
        if worst <= AGREEMENT:
            agreed.append(name)
        else:
            print(f"{case.name}: {name} differs by {worst:.1e}")
    return outputs, source, agreed


def write(theme: str) -> list[str]:
    """Writes the files of a theme; the cases in which nobody agrees with PyTorch."""
    cases = importlib.import_module(f"layer_cases.{theme}").cases()
    tensors, listed, alone = {}, [], []
    for case in cases:
        outputs, source, agreed = outputs_of(case)
        if source == "torch" and not agreed:
            alone.append(case.name)
        tensors[f"{case.name}/model"] = np.frombuffer(case.model().SerializeToString(), np.uint8)
        named = {**case.inputs(), **dict(zip(case.output_names(), outputs, strict=True))}
        tensors |= {f"{case.name}/{name}": np.ascontiguousarray(a) for name, a in named.items()}
        listed.append({"name": case.name, "operator": case.op, "opset": case.opset,
                       "outputs_by": source, "confirmed_by": agreed})
    assert len({c.name for c in cases}) == len(cases)
    made_by = {"command": f"python3 tests/golden/nn/make_layers.py {theme}",
               "python": platform.python_version(), "torch": torch.__version__,
               "onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{theme}.safetensors"
    # One key, since the order of several is random.
    save_file(tensors, path, metadata={"made_by": json.dumps(made_by)})
    rows = ",\n".join("  " + json.dumps(row) for row in listed)
    (FOLDER / f"{theme}.json").write_text(
        f'{{\n "made_by": {json.dumps(made_by)},\n "cases": [\n{rows}\n ]\n}}\n')
    print(f"{theme}: {len(cases)} cases, {path.stat().st_size:,} bytes")
    return alone


def main():
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    alone = [name for theme in sys.argv[1:] or THEMES for name in write(theme)]
    sys.exit(f"nobody confirms {', '.join(alone)}" if alone else 0)


if __name__ == "__main__":
    main()
