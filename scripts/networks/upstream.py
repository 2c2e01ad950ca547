# SPDX-License-Identifier: BSD-3-Clause
"""Compares the networks here with their authors' own, given the same weights: no bit may differ.

    pip install monai; pip install --no-deps dynamic-network-architectures biapy pytorch3dunet
    python3 scripts/networks/upstream.py
"""
import contextlib
import importlib
import importlib.util
import io
import sys
import types
from typing import Callable

import torch
from torch import nn

import biapy_unets
import nnunet
import wolny


def _plain_package(name: str) -> None:
    """Lets modules of a package be imported without what its __init__ asks for."""
    package = types.ModuleType(name)
    package.__path__ = list(importlib.util.find_spec(name).submodule_search_locations)
    sys.modules[name] = package


def _theirs(module: str, name: str) -> Callable[..., nn.Module]:
    return getattr(importlib.import_module(module), name)


def _with_weights(net: nn.Module) -> list[nn.Module]:
    return [m for m in net.modules() if list(m.parameters(recurse=False))]


def _same_kind(a: nn.Module, b: nn.Module) -> bool:
    shapes = [[tuple(p.shape) for p in m.parameters(recurse=False)] for m in (a, b)]
    return type(a) is type(b) and shapes[0] == shapes[1]


@torch.no_grad()
def _compare(name: str, ours: nn.Module, theirs: nn.Module, x: torch.Tensor) -> bool:
    """Layers of one kind come in the same order in both."""
    unused = _with_weights(theirs)
    for layer in _with_weights(ours):
        for p in layer.parameters(recurse=False):
            p.normal_(0.5 if p.dim() == 1 else 0, 0.2)
        other = next(m for m in unused if _same_kind(layer, m))
        other.load_state_dict(layer.state_dict())
        unused.remove(other)
    result = theirs.eval()(x)
    equal = not unused and torch.equal(ours.eval()(x), result)
    print(f"{name:32}{'equal' if equal else 'DIFFERENT'}")
    return equal


def _nnunets():
    dynunet = _theirs("monai.networks.nets", "DynUNet")
    unets = "dynamic_network_architectures.architectures.unet"
    plain, resenc = _theirs(unets, "PlainConvUNet"), _theirs(unets, "ResidualEncoderUNet")
    widths = [8, 16, 24]
    for dim, size in ((2, (32, 48)), (3, (16, 16, 24))):
        x = torch.randn(1, 4, *size)
        for residual in (False, True):
            theirs = dynunet(dim, 4, 3, [3] * 3, [1, 2, 2], [2, 2], filters=widths,
                             norm_name=("INSTANCE", {"affine": True}), res_block=residual,
                             act_name=("leakyrelu", {"negative_slope": 0.01}), trans_bias=True)
            yield (f"DynUNet {dim}D" + ", residual" * residual,
                   nnunet.dynunet(dim, 4, 3, widths, residual), theirs, x)
        conv, norm = getattr(nn, f"Conv{dim}d"), getattr(nn, f"InstanceNorm{dim}d")
        norms = (True, norm, {"eps": 1e-5, "affine": True}, None, None, nn.LeakyReLU, {}, False)
        kernels = [3, 3, 3] if dim == 2 else [(1, 3, 3), (3, 3, 3), (3, 3, 3)]
        strides = [1, 2, 2] if dim == 2 else [1, (1, 2, 2), 2]
        yield (f"PlainConvUNet {dim}D", nnunet.plain_conv_unet(dim, 4, 2, widths, kernels, strides),
               plain(4, 3, widths, conv, kernels, strides, 2, 2, 2, *norms), x)
        yield (f"ResidualEncoderUNet {dim}D",
               nnunet.residual_encoder_unet(dim, 4, 2, widths, (1, 2, 3)),
               resenc(4, 3, widths, conv, 3, [1, 2, 2], [1, 2, 3], 2, 1, *norms), x)


def _biapys():
    widths = [16, 32, 64]
    ours = {"unet.U_Net": biapy_unets.unet, "seunet.SE_U_Net": biapy_unets.seunet,
            "attention_unet.Attention_U_Net": lambda dim, **options: biapy_unets.attention_unet(
                dim, 1, **options),  # of this version
            "resunet.ResUNet": biapy_unets.resunet, "resunet_se.ResUNet_SE": biapy_unets.resunet_se}
    common = dict(activation="elu", feature_maps=widths, drop_values=[0] * 3, normalization="bn",
                  yx_down=[2, 2], isotropy=[True] * 3, larger_io=False, conv_layers=[2] * 3,
                  z_down=[1, 1])
    for dim, size in ((2, (32, 48)), (3, (6, 16, 24))):
        for name, make in ours.items():
            module, kind = name.split(".")
            options = common | (dict(extra_conv=False) if kind == "ResUNet_SE" else {})
            with contextlib.redirect_stdout(io.StringIO()):
                theirs = _theirs(f"biapy.models.{module}", kind)(
                    image_shape=(*size, 1), **options)
            yield (f"BiaPy {kind} {dim}D", make(dim, widths=widths, z_down=1), theirs,
                   torch.randn(1, 1, *size))


def _wolnys():
    widths = [16, 32, 64]
    ours = {"UNet3D": wolny.unet3d, "ResidualUNet3D": wolny.residual_unet3d,
            "ResidualUNetSE3D": wolny.residual_unet_se3d}
    for name, make in ours.items():
        theirs = _theirs("pytorch3dunet.unet3d.model", name)(1, 1, True, f_maps=widths)
        yield name, make(widths=widths), theirs, torch.randn(1, 1, 18, 20, 25)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    equal = [_compare(*row) for row in _nnunets()]
    equal += [_compare(*row) for row in _wolnys()]
    for name in ("biapy", "biapy.models"):
        _plain_package(name)
    equal += [_compare(*row) for row in _biapys()]
    sys.exit(0 if all(equal) else "not all are equal")


if __name__ == "__main__":
    main()
