# SPDX-License-Identifier: BSD-3-Clause
"""pytorch-3dunet's UNet3D, ResidualUNet3D and ResidualUNetSE3D, layer order 'gcr'."""
from typing import Sequence

import torch
from torch import nn
from torch.nn import functional

from layers import broadcast, cat, conv, global_avg_pool, max_pool


def _norm_conv(cin: int, cout: int) -> nn.Sequential:
    groups = 8 if cin >= 8 else 1
    return nn.Sequential(nn.GroupNorm(groups, cin), conv(3, cin, cout, bias=False))


def _norm_conv_relu(cin: int, cout: int) -> nn.Sequential:
    return nn.Sequential(*_norm_conv(cin, cout), nn.ReLU())


def _double_conv(cin: int, cout: int, encoder: bool) -> nn.Sequential:
    middle = max(cin, cout // 2) if encoder else cout
    return nn.Sequential(_norm_conv_relu(cin, middle), _norm_conv_relu(middle, cout))


class _ResNetBlock(nn.Module):
    def __init__(self, cin: int, cout: int):
        super().__init__()
        self.shortcut = nn.Conv3d(cin, cout, 1) if cin != cout else nn.Identity()
        self.first = _norm_conv_relu(cout, cout)
        self.second = _norm_conv(cout, cout)

    def forward(self, x):
        residual = self.shortcut(x)
        return torch.relu(self.second(self.first(residual)) + residual)


class _ChannelAndSpaceExcitation(nn.Module):
    """The larger of an image times factors of channels, and times factors of voxels."""

    def __init__(self, channels: int):
        super().__init__()
        self.mean = global_avg_pool(3)
        self.of_channels = nn.Sequential(nn.Linear(channels, channels), nn.ReLU(),
                                         nn.Linear(channels, channels), nn.Sigmoid())
        self.of_voxels = nn.Sequential(nn.Conv3d(channels, 1, 1), nn.Sigmoid())

    def forward(self, x):
        means = self.mean(x).view(x.shape[0], x.shape[1])
        return torch.max(x * broadcast(self.of_channels(means), x), x * self.of_voxels(x))


def _res_se_block(cin: int, cout: int) -> nn.Sequential:
    return nn.Sequential(_ResNetBlock(cin, cout), _ChannelAndSpaceExcitation(cout))


def _resized(x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, size=like.shape[2:], mode="nearest")


class UNet3D(nn.Module):
    def __init__(self, cin=1, classes=1, widths: Sequence[int] = (64, 128, 256, 512)):
        super().__init__()
        self.pool = max_pool(3, 2)
        self.down = nn.ModuleList(
            _double_conv(a, b, True) for a, b in zip((cin, *widths), widths))
        self.merge = nn.ModuleList(_double_conv(a + b, b, False)
                                   for a, b in zip(widths[:0:-1], widths[-2::-1]))
        self.out = nn.Conv3d(widths[0], classes, 1)

    def forward(self, x):
        skips = []
        for level, block in enumerate(self.down):
            x = block(self.pool(x) if level else x)
            skips.append(x)
        for merge, skip in zip(self.merge, skips[-2::-1]):
            x = merge(cat(skip, _resized(x, skip)))
        return torch.sigmoid(self.out(x))


class ResidualUNet3D(nn.Module):
    """Skips are added, not concatenated. An up-convolution gives 2n-1 voxels, which then are
    resized to the 2n of the skip."""

    def __init__(self, block=_ResNetBlock, cin=1, classes=1,
                 widths: Sequence[int] = (64, 128, 256, 512, 1024)):
        super().__init__()
        self.pool = max_pool(3, 2)
        self.down = nn.ModuleList(block(a, b) for a, b in zip((cin, *widths), widths))
        self.up = nn.ModuleList(nn.ConvTranspose3d(a, b, 3, 2, 1, bias=False)
                                for a, b in zip(widths[:0:-1], widths[-2::-1]))
        self.merge = nn.ModuleList(block(b, b) for b in widths[-2::-1])
        self.out = nn.Conv3d(widths[0], classes, 1)

    def forward(self, x):
        skips = []
        for level, block in enumerate(self.down):
            x = block(self.pool(x) if level else x)
            skips.append(x)
        for up, merge, skip in zip(self.up, self.merge, skips[-2::-1]):
            x = merge(_resized(up(x), skip) + skip)
        return torch.sigmoid(self.out(x))


def unet3d(**options) -> nn.Module:
    return UNet3D(**options)


def residual_unet3d(**options) -> nn.Module:
    return ResidualUNet3D(_ResNetBlock, **options)


def residual_unet_se3d(**options) -> nn.Module:
    return ResidualUNet3D(_res_se_block, **options)
