# SPDX-License-Identifier: BSD-3-Clause
"""Writes sliding_window.safetensors and .json: what nnU-Net and MONAI make of images in windows.

    python3 tests/golden/nn/make_sliding_window.py

A case has the tensors CASE/input (channels, then axes), CASE/model, the ONNX file of the network
that is applied to each window, and CASE/output. Its parameters are in the list. Both libraries
compute in double here, nnU-Net's accumulators and its importance of voxels included, which are half
there. gaussian/nnunet_SIZE and monai_SIZE are importances
alone; "starts" in the list says where windows of nnU-Net begin.
"""
import json
import pathlib
import platform
import types
from importlib.metadata import version
from unittest import mock

import numpy as np
import onnx
import torch
from monai.data.utils import compute_importance_map
from monai.inferers import sliding_window_inference
from nnunetv2.inference import predict_from_raw_data
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.inference.sliding_window_prediction import (compute_gaussian,
                                                          compute_steps_for_sliding_window)
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file
from torch import nn

HERE = pathlib.Path(__file__).parent
STARTS = [(110, 64, 0.5), (64, 64, 0.5), (100, 64, 0.5), (65, 64, 0.5), (512, 192, 0.5),
          (333, 128, 0.25), (97, 32, 0.75), (40, 16, 1.0), (41, 16, 1.0), (7, 3, 0.5)]
GAUSSIANS = [(12, 10), (9, 13), (64, 48), (8, 12, 10), (5, 16, 9)]


def network(dim: int, seed: int) -> nn.Sequential:
    """Asymmetric, and without memory of where it is: one channel to two."""
    kind = (nn.Conv2d, nn.Conv3d)[dim - 2]
    torch.manual_seed(seed)
    return nn.Sequential(kind(1, 2, 3, padding=1), nn.ReLU(), kind(2, 2, 1))


def as_onnx(net: nn.Sequential, tile: tuple[int, ...]) -> np.ndarray:
    first, last = net[0], net[2]
    dim = len(tile)
    weights = {"weight": first.weight, "bias": first.bias, "weight2": last.weight,
               "bias2": last.bias}
    nodes = [helper.make_node("Conv", ["input", "weight", "bias"], ["a"], pads=[1] * 2 * dim),
             helper.make_node("Relu", ["a"], ["b"]),
             helper.make_node("Conv", ["b", "weight2", "bias2"], ["output"])]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", channels, *tile])
            for name, channels in (("input", 1), ("output", 2))]
    graph = helper.make_graph(
        nodes, "windows", ends[:1], ends[1:],
        [numpy_helper.from_array(w.detach().numpy(), n) for n, w in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return np.frombuffer(model.SerializeToString(), np.uint8)


@torch.no_grad()
def by_nnunet(net: nn.Module, image: torch.Tensor, tile, step, gaussian, mirror):
    predictor = nnUNetPredictor(step, gaussian, bool(mirror), device=torch.device("cpu"),
                                perform_everything_on_device=False, allow_tqdm=False)
    predictor.network = net
    predictor.configuration_manager = types.SimpleNamespace(patch_size=tile)
    predictor.label_manager = types.SimpleNamespace(num_segmentation_heads=2)
    predictor.allowed_mirroring_axes = mirror
    def in_double(*args, **others):
        return compute_gaussian(*args, **{**others, "dtype": torch.double})

    with (mock.patch.object(torch, "half", torch.double),
          mock.patch.object(predict_from_raw_data, "compute_gaussian", in_double)):
        return predictor.predict_sliding_window_return_logits(image)


@torch.no_grad()
def by_monai(net: nn.Module, image: torch.Tensor, tile, overlap, mode):
    return sliding_window_inference(image[None], tile, 1, net, overlap, mode)[0]


DEFAULTS = {by_nnunet: dict(step=0.5, gaussian=True, mirror=()),
            by_monai: dict(overlap=0.25, mode="constant")}
CASES = [  # name, maker, shape of the image, tile, what is not the default
    ("nnunet_3d", by_nnunet, (11, 19, 14), (8, 12, 10), {}),
    ("nnunet_3d_mirrored", by_nnunet, (9, 14, 12), (8, 10, 8), dict(mirror=(0, 1, 2))),
    ("nnunet_3d_mirrored_in_plane", by_nnunet, (9, 14, 12), (8, 10, 8), dict(mirror=(1, 2))),
    ("nnunet_3d_constant", by_nnunet, (11, 19, 14), (8, 12, 10), dict(gaussian=False)),
    ("nnunet_3d_step_1", by_nnunet, (11, 19, 14), (8, 12, 10), dict(step=1.0)),
    ("nnunet_3d_one_window", by_nnunet, (8, 10, 8), (8, 10, 8), {}),
    ("nnunet_3d_smaller_than_window", by_nnunet, (5, 19, 9), (8, 12, 10), {}),
    ("nnunet_2d", by_nnunet, (1, 37, 29), (16, 12), {}),
    ("nnunet_2d_of_slices_mirrored", by_nnunet, (3, 19, 14), (12, 10), dict(mirror=(0, 1))),
    ("monai_3d", by_monai, (11, 19, 14), (8, 12, 10), {}),
    ("monai_3d_gaussian", by_monai, (11, 19, 14), (8, 12, 10), dict(mode="gaussian", overlap=0.5)),
    ("monai_3d_smaller_than_window", by_monai, (5, 19, 9), (8, 12, 10), dict(mode="gaussian")),
    ("monai_2d", by_monai, (37, 29), (16, 12), dict(overlap=0.6)),
    ("monai_2d_gaussian", by_monai, (37, 29), (16, 12), dict(mode="gaussian")),
]


def main():
    torch.set_num_threads(1)
    tensors, listed = {}, []
    for seed, (name, maker, shape, tile, changed) in enumerate(CASES):
        parameters = DEFAULTS[maker] | changed
        net = network(len(tile), seed)
        tensors[f"{name}/model"] = as_onnx(net, tile)
        image = torch.randn(1, *shape, generator=torch.Generator().manual_seed(seed))
        output = maker(net.double(), image.double(), tile, **parameters).float()
        tensors |= {f"{name}/input": image.numpy(), f"{name}/output": output.contiguous().numpy()}
        listed.append({"name": name, "by": maker.__name__[3:], "tile": tile, **parameters})

    for tile in GAUSSIANS:
        size = "x".join(map(str, tile))
        ours = compute_gaussian(tile, 1 / 8, 10, device=torch.device("cpu"))
        tensors[f"gaussian/nnunet_{size}"] = ours.float().numpy()
        theirs = compute_importance_map(tile, "gaussian", 0.125, "cpu", torch.float32)
        tensors[f"gaussian/monai_{size}"] = theirs.numpy()
    starts = [{"image": image, "tile": tile, "step": step,
               "starts": compute_steps_for_sliding_window((image,), (tile,), step)[0]}
              for image, tile, step in STARTS]

    made_by = {"command": "python3 tests/golden/nn/make_sliding_window.py",
               "python": platform.python_version(), "torch": torch.__version__,
               "nnunetv2": version("nnunetv2"), "monai": version("monai"),
               "onnx": onnx.__version__}
    save_file(tensors, HERE / "sliding_window.safetensors",
              metadata={"made_by": json.dumps(made_by)})

    def lines(rows):
        return ",\n".join("  " + json.dumps(row) for row in rows)
    (HERE / "sliding_window.json").write_text(
        f'{{\n "made_by": {json.dumps(made_by)},\n "cases": [\n{lines(listed)}\n ],\n'
        f' "starts": [\n{lines(starts)}\n ]\n}}\n')


if __name__ == "__main__":
    main()
