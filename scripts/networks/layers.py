# SPDX-License-Identifier: BSD-3-Clause
"""Layers by number of dimensions, as all families of networks write them."""
import torch
from torch import nn


def _pick(kind: str, dim: int) -> type[nn.Module]:
    return getattr(nn, f"{kind}{dim}d")


def conv(dim: int, cin: int, cout: int, kernel=3, stride=1, bias=True) -> nn.Module:
    """A convolution whose padding keeps the size at stride 1."""
    sizes = [kernel] * dim if isinstance(kernel, int) else kernel
    padding = tuple((k - 1) // 2 for k in sizes)
    return _pick("Conv", dim)(cin, cout, tuple(sizes), stride, padding, bias=bias)


def up_conv(dim: int, cin: int, cout: int, factor=2, bias=True) -> nn.Module:
    """A transposed convolution whose kernel is its stride: windows do not overlap."""
    return _pick("ConvTranspose", dim)(cin, cout, factor, factor, bias=bias)


def batch_norm(dim: int, channels: int) -> nn.Module:
    return _pick("BatchNorm", dim)(channels)


def instance_norm(dim: int, channels: int) -> nn.Module:
    return _pick("InstanceNorm", dim)(channels, affine=True)


def max_pool(dim: int, size) -> nn.Module:
    return _pick("MaxPool", dim)(size)


def avg_pool(dim: int, size) -> nn.Module:
    return _pick("AvgPool", dim)(size, size)


def global_avg_pool(dim: int) -> nn.Module:
    return _pick("AdaptiveAvgPool", dim)(1)


def cat(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    return torch.cat([first, second], 1)


def broadcast(per_channel: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """A value per image and channel as a factor of images."""
    return per_channel.reshape(*per_channel.shape, *[1] * (like.dim() - 2))
