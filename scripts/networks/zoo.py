# SPDX-License-Identifier: BSD-3-Clause
"""The networks that export.py writes: "bench", of published sizes, and "small", for tests."""
from functools import partial
from typing import Callable, NamedTuple

from torch import nn

import biapy_unets
import bioimage_io
import milesial
import nnunet
import unet_medical
import wolny


class Network(NamedTuple):
    name: str
    make: Callable[[], nn.Module]
    shape: tuple[int, ...]  # of the input, with the batch
    opset: int = 17
    dynamo: bool = False  # the exporter by torch.export; else the one by TorchScript
    free_axes: bool = False  # batch and sizes are left open, and were others while exporting
    external: bool = False  # weights lie in a file of their own
    tensorflow: bool = False  # channels last, as tf2onnx writes files
    # Around 0, the biases of normalisations make a network of many layers amplify every rounding by
    # its depth; around 1 they do so as little as trained weights.
    bias_of_norms: float = 0
    agreement: float = 1e-5  # of ONNX Runtime with PyTorch: rms of the difference over deviation


def _encoder(name: str, *arguments, **options) -> Callable[[], nn.Module]:
    def make() -> nn.Module:
        import encoders  # only they need more than torch
        return getattr(encoders, name)(*arguments, **options)
    return make


BENCH = [
    Network("unet_medical", unet_medical.unet_medical, (1, 1, 572, 572)),
    Network("nnunet_2d", partial(nnunet.dynunet, 2), (1, 4, 192, 160)),
    Network("nnunet_3d", partial(nnunet.dynunet, 3), (1, 4, 64, 64, 64)),
    Network("biapy_unet_2d", partial(biapy_unets.unet, 2), (1, 1, 256, 256)),
    Network("biapy_attention_unet_3d", partial(biapy_unets.attention_unet, 3, z_down=1),
            (1, 1, 20, 128, 128)),
    Network("biapy_resunet_2d", partial(biapy_unets.resunet, 2), (1, 1, 256, 256)),
    # ONNX Runtime's InstanceNormalization loses 1e-3 on groups of three million voxels.
    Network("wolny_unet3d", partial(wolny.unet3d, widths=(32, 64, 128, 256)), (1, 1, 64, 64, 64),
            agreement=5e-3),
    Network("nnunet_v2_resenc_3d", partial(nnunet.residual_encoder_unet, 3), (1, 1, 64, 64, 64)),
    Network("milesial", milesial.milesial, (1, 3, 256, 256)),
    Network("nuclei", bioimage_io.NucleiUNet, (1, 1, 512, 512), 20),
    Network("unet_resnet34_scse", _encoder("unet", "resnet34", "scse"), (1, 3, 256, 256)),
    Network("unet_efficientnet_b4", _encoder("unet", "efficientnet-b4"), (1, 3, 256, 256)),
    Network("fpn_resnet34", _encoder("fpn", "resnet34"), (1, 3, 256, 256)),
    Network("upernet_resnet34", _encoder("upernet", "resnet34"), (1, 3, 192, 192)),
    Network("convnext_tiny", _encoder("convnext_classifier"), (1, 3, 224, 224)),
]
BENCH = [network._replace(bias_of_norms=1) for network in BENCH]

# Two or three levels of few channels: what is left of a family is the way its layers go together.
_THREE = (4, 6, 6)
_ANISOTROPIC = dict(kernels=[(1, 3, 3), (3, 3, 3), (3, 3, 3)], strides=[1, (1, 2, 2), 2])

SMALL = [
    Network("unet_medical", partial(unet_medical.unet_medical, widths=_THREE), (1, 1, 52, 60), 17),
    Network("unet_medical_tensorflow",
            partial(unet_medical.unet_medical, widths=(4, 6)), (1, 1, 20, 24), 17, tensorflow=True),
    Network("ronneberger", partial(unet_medical.ronneberger, widths=_THREE), (1, 1, 60, 52), 11),
    Network("nnunet_2d", partial(nnunet.dynunet, 2, 2, 3, widths=(4, 6, 6, 6)),
            (2, 2, 24, 16), 17),
    Network("nnunet_2d_dynamo", partial(nnunet.dynunet, 2, 2, 3, widths=_THREE), (1, 2, 20, 28), 20,
            dynamo=True),
    Network("nnunet_2d_residual", partial(nnunet.dynunet, 2, 1, 2, widths=_THREE, residual=True),
            (1, 1, 24, 20), 11),
    Network("nnunet_3d", partial(nnunet.dynunet, 3, 2, 3, widths=(4, 4, 6)), (1, 2, 8, 8, 12), 17),
    Network("nnunet_v2_2d", partial(nnunet.plain_conv_unet, 2, widths=(4, 4, 6, 6)),
            (1, 1, 24, 32), 20, free_axes=True),
    Network("nnunet_v2_3d", partial(nnunet.plain_conv_unet, 3, widths=_THREE[:2]),
            (1, 1, 8, 10, 12), 11),
    Network("nnunet_v2_3d_anisotropic",
            partial(nnunet.plain_conv_unet, 3, widths=(4, 4, 6), **_ANISOTROPIC),
            (1, 1, 6, 16, 12), 17),
    Network("nnunet_v2_resenc_2d",
            partial(nnunet.residual_encoder_unet, 2, widths=_THREE, blocks=(1, 2, 1)),
            (1, 1, 20, 24), 17),
    Network("nnunet_v2_resenc_3d",
            partial(nnunet.residual_encoder_unet, 3, widths=(4, 6), blocks=(1, 2)),
            (1, 1, 8, 8, 10), 20),
    Network("biapy_unet_2d", partial(biapy_unets.unet, 2, widths=_THREE), (2, 1, 20, 24), 17),
    Network("biapy_unet_2d_bc", partial(biapy_unets.unet, 2, classes=2, widths=(4, 6)),
            (1, 1, 14, 10), 11),
    Network("biapy_unet_2d_dynamo", partial(biapy_unets.unet, 2, widths=_THREE), (1, 1, 20, 24), 18,
            dynamo=True),
    Network("biapy_unet_3d", partial(biapy_unets.unet, 3, widths=(4, 6), z_down=1),
            (1, 1, 5, 12, 14)),
    Network("biapy_attention_unet_2d", partial(biapy_unets.attention_unet, 2, widths=_THREE),
            (1, 1, 24, 20), 17, external=True),
    Network("biapy_attention_unet_3d",
            partial(biapy_unets.attention_unet, 3, widths=(4, 6), z_down=1), (1, 1, 5, 14, 12), 20),
    Network("biapy_resunet_2d", partial(biapy_unets.resunet, 2, widths=_THREE), (1, 1, 20, 28), 17),
    Network("biapy_resunet_3d", partial(biapy_unets.resunet, 3, widths=(4, 6)),
            (1, 1, 6, 10, 12), 11),
    Network("biapy_seunet_2d", partial(biapy_unets.seunet, 2, widths=_THREE, reduction=2),
            (1, 1, 24, 24), 17),
    Network("biapy_seunet_3d", partial(biapy_unets.seunet, 3, widths=(4, 6), reduction=2),
            (1, 1, 6, 8, 12), 11),
    Network("biapy_resunet_se_2d", partial(biapy_unets.resunet_se, 2, widths=_THREE, reduction=2),
            (1, 1, 16, 24), 20),
    Network("wolny_unet3d", partial(wolny.unet3d, widths=(8, 8)), (1, 1, 6, 10, 9), 17),
    Network("wolny_unet3d_dynamo", partial(wolny.unet3d, classes=2, widths=(8, 8)),
            (1, 1, 6, 8, 11), 18, dynamo=True),
    Network("wolny_residual_unet3d", partial(wolny.residual_unet3d, widths=(4, 8)),
            (1, 1, 7, 8, 10), 17),
    Network("wolny_residual_unet_se3d", partial(wolny.residual_unet_se3d, widths=(4, 8)),
            (1, 1, 6, 9, 8), 11),
    Network("milesial", partial(milesial.milesial, widths=(4, 8)), (1, 3, 23, 30), 17),
    Network("milesial_bilinear", partial(milesial.milesial, widths=(4, 8, 16), bilinear=True),
            (1, 3, 22, 29), 11),
    Network("milesial_free_axes", partial(milesial.milesial, widths=(4, 8)), (1, 3, 21, 26), 17,
            free_axes=True),
    Network("nuclei", partial(bioimage_io.NucleiUNet, widths=_THREE), (1, 1, 20, 28), 20),
    Network("unet_resnet_scse", _encoder("narrow_unet_resnet"), (1, 3, 24, 32), 17),
    Network("unet_efficientnet", _encoder("narrow_unet_efficientnet"), (1, 3, 32, 24), 17),
    Network("fpn_resnet", _encoder("narrow_fpn"), (1, 3, 24, 32), 17),
    Network("upernet_resnet", _encoder("narrow_upernet"), (1, 3, 48, 48), 17),
    Network("convnext", _encoder("narrow_convnext"), (2, 3, 24, 16), 17),
    Network("convnext_opset11", _encoder("narrow_convnext"), (1, 3, 24, 32), 11),
    Network("convnext_dynamo", _encoder("narrow_convnext"), (1, 3, 32, 24), 20, dynamo=True),
]

SETS = {"bench": BENCH, "small": SMALL}


def find(name: str, shape: tuple[int, ...]) -> Network:
    """Of whichever set; they share names, but not shapes."""
    return next(n for n in BENCH + SMALL if (n.name, n.shape) == (name, shape))
