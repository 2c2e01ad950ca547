# SPDX-License-Identifier: BSD-3-Clause
"""Networks on encoders from PyPI: torchvision and segmentation_models_pytorch (smp). Those of
published sizes are theirs; the narrow ones put small decoders on encoders of a few channels."""
from functools import partial
from typing import Sequence

import segmentation_models_pytorch as smp
from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoder
from segmentation_models_pytorch.decoders.upernet.decoder import UPerNetDecoder
from torch import nn
from torch.nn import functional
from torchvision.models import convnext, efficientnet, resnet


def unet(encoder: str, attention: str | None = None) -> nn.Module:
    return smp.Unet(encoder, encoder_weights=None, decoder_attention_type=attention, classes=2)


def fpn(encoder: str) -> nn.Module:
    return smp.FPN(encoder, encoder_weights=None, classes=2)


def upernet(encoder: str) -> nn.Module:
    return smp.UPerNet(encoder, encoder_weights=None, classes=2)


def convnext_classifier(widths: Sequence[int] = (96, 192, 384, 768),
                        depths: Sequence[int] = (3, 3, 9, 3), classes=10) -> nn.Module:
    following = [*widths[1:], None]
    stages = [convnext.CNBlockConfig(*stage) for stage in zip(widths, following, depths)]
    return convnext.ConvNeXt(stages, layer_scale=0.5, num_classes=classes)


class _Stages(nn.Module):
    """An encoder: the results of modules one after the other."""

    def __init__(self, stages: Sequence[nn.Module]):
        super().__init__()
        self.stages = nn.ModuleList(stages)

    def forward(self, x):
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features


def _narrow_resnet(levels: int, width=8) -> nn.Module:
    stem = nn.Sequential(nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU())
    stages = [stem, nn.Sequential(nn.MaxPool2d(3, 2, 1), resnet.BasicBlock(width, width))]
    for _ in range(levels - 2):
        shortcut = nn.Sequential(nn.Conv2d(width, width, 1, 2, bias=False), nn.BatchNorm2d(width))
        stages.append(resnet.BasicBlock(width, width, 2, shortcut))
    return _Stages(stages)


def _narrow_efficientnet() -> nn.Module:
    block = partial(efficientnet.MBConvConfig, width_mult=1, depth_mult=1)
    net = efficientnet.EfficientNet(
        [block(1, 3, 1, 8, 8, 1), block(2, 3, 2, 8, 8, 2), block(2, 5, 2, 8, 8, 1)],
        dropout=0, last_channel=8)
    return _Stages([net.features[:2], net.features[2], net.features[3]])


class _Segmenter(nn.Module):
    """A decoder on an encoder, and a convolution to classes."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module, width: int, scale=1):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.head = nn.Conv2d(width, 2, 3, padding=1)
        self.scale = nn.UpsamplingBilinear2d(scale_factor=scale) if scale > 1 else nn.Identity()

    def forward(self, x):
        return self.scale(self.head(self.decoder([x, *self.encoder(x)])))


def narrow_unet_resnet() -> nn.Module:
    decoder = UnetDecoder((3, 8, 8), (16, 16), n_blocks=2, attention_type="scse")
    return _Segmenter(_narrow_resnet(2), decoder, 16)


def narrow_unet_efficientnet() -> nn.Module:
    return _Segmenter(_narrow_efficientnet(), UnetDecoder((3, 8, 8, 8), (4, 4, 4), n_blocks=3), 4)


def narrow_upernet() -> nn.Module:
    decoder = UPerNetDecoder((3, 8, 8, 8), encoder_depth=3, decoder_channels=4)
    return _Segmenter(_narrow_resnet(3), decoder, 4, scale=2)


class _PyramidDecoder(nn.Module):
    """A feature pyramid: coarse maps are added to finer ones, and the sum of all is taken."""

    def __init__(self, widths: Sequence[int], width: int, groups: int):
        super().__init__()
        self.lateral = nn.ModuleList(nn.Conv2d(w, width, 1) for w in widths)
        self.smooth = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False),
                          nn.GroupNorm(groups, width), nn.ReLU()) for _ in widths)

    def forward(self, features):
        maps = [lateral(f) for lateral, f in zip(self.lateral, features[1:])]
        total, coarser = 0, None
        for smooth, finer in zip(self.smooth, reversed(maps)):
            if coarser is not None:
                finer = finer + functional.interpolate(coarser, scale_factor=2.0, mode="nearest")
            coarser = finer
            total = total + functional.interpolate(
                smooth(finer), size=maps[0].shape[2:], mode="bilinear", align_corners=True)
        return total


def narrow_fpn() -> nn.Module:
    return _Segmenter(_narrow_resnet(3), _PyramidDecoder((8, 8, 8), 8, 4), 8, scale=2)


def narrow_convnext() -> nn.Module:
    return convnext_classifier((4, 8), (1, 2), 5)
