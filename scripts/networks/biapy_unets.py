# SPDX-License-Identifier: BSD-3-Clause
"""BiaPy's unet, attention_unet, resunet, seunet and resunet_se, of batch normalisation and ELU."""
from typing import Callable, Sequence

import torch
from torch import nn

from layers import batch_norm, broadcast, cat, global_avg_pool, max_pool, up_conv

WIDTHS = (16, 32, 64, 128, 256)


def conv(dim: int, cin: int, cout: int, kernel=3) -> nn.Module:
    """Padded by the name 'same', which exporters hand on as the attribute auto_pad."""
    return getattr(nn, f"Conv{dim}d")(cin, cout, kernel, padding="same")


class SqueezeExcitation(nn.Module):
    """Factors of channels, made of the means of channels."""

    def __init__(self, dim: int, channels: int, reduction: int):
        super().__init__()
        self.mean = global_avg_pool(dim)
        self.factors = nn.Sequential(
            nn.Linear(channels, channels // reduction, bias=False), nn.ReLU(),
            nn.Linear(channels // reduction, channels, bias=False), nn.Sigmoid())

    def forward(self, x):
        means = self.mean(x).view(x.shape[0], x.shape[1])
        return x * broadcast(self.factors(means), x).expand_as(x)


def _conv_norm_act(dim: int, cin: int, cout: int, reduction=None) -> nn.Sequential:
    block = nn.Sequential(conv(dim, cin, cout), batch_norm(dim, cout), nn.ELU())
    if reduction:
        block.append(SqueezeExcitation(dim, cout, reduction))
    return block


def _double_conv(dim: int, cin: int, cout: int, reduction=None) -> nn.Sequential:
    return nn.Sequential(_conv_norm_act(dim, cin, cout, reduction),
                         _conv_norm_act(dim, cout, cout, reduction))


class _ResConv(nn.Module):
    """Activations before convolutions; the first block of a network has none before its first."""

    def __init__(self, dim: int, cin: int, cout: int, first: bool, reduction=None):
        super().__init__()
        before = [] if first else [batch_norm(dim, cin), nn.ELU()]
        self.body = nn.Sequential(*before, *_conv_norm_act(dim, cin, cout), conv(dim, cout, cout))
        self.shortcut = conv(dim, cin, cout, 1)
        self.squeeze = (
            SqueezeExcitation(dim, cout, reduction) if reduction else nn.Identity())

    def forward(self, x):
        return self.squeeze(self.body(x) + self.shortcut(x))


class _Gate(nn.Module):
    """Attention to a skip. The skip is not normalised, as in BiaPy, but its gate is, twice in old
    versions and once in new ones."""

    def __init__(self, dim: int, channels: int, norms: int):
        super().__init__()
        inner = channels // 2
        self.of_gate = nn.Sequential(
            conv(dim, channels, inner, 1), *(batch_norm(dim, inner) for _ in range(norms)))
        self.of_skip = conv(dim, channels, inner, 1)
        self.weight = nn.Sequential(conv(dim, inner, 1, 1), batch_norm(dim, 1), nn.Sigmoid())

    def forward(self, gate, skip):
        return self.weight(torch.relu(self.of_gate(gate) + self.of_skip(skip))) * skip


class _Up(nn.Module):
    """A level on the way up: `merge` takes both what is up-sampled and the skip."""

    def __init__(self, up: nn.Module, gate: nn.Module | None, merge: nn.Module):
        super().__init__()
        self.up, self.gate, self.merge = up, gate, merge

    def forward(self, x, skip):
        x = self.up(x)
        return self.merge(cat(x, self.gate(x, skip) if self.gate else skip))


class BiaPyUNet(nn.Module):
    def __init__(self, dim: int, block: Callable[..., nn.Module],
                 up: Callable[[int, int, object], nn.Module], cin=1, classes=1,
                 widths: Sequence[int] = WIDTHS, z_down=2, up_keeps_channels=False,
                 gate_norms: int | None = None):
        super().__init__()
        step = 2 if dim == 2 else (z_down, 2, 2)
        self.down = nn.ModuleList(
            block(a, b, i == 0) for i, (a, b) in enumerate(zip((cin, *widths), widths)))
        self.pool = max_pool(dim, step)
        self.up = nn.ModuleList(
            _Up(up(a, b, step), _Gate(dim, b, gate_norms) if gate_norms else None,
                block(b + (a if up_keeps_channels else b), b, False))
            for a, b in zip(widths[:0:-1], widths[-2::-1]))
        self.out = conv(dim, widths[0], classes, 1)

    def forward(self, x):
        skips = []
        for level, block in enumerate(self.down):
            x = block(self.pool(x) if level else x)
            skips.append(x)
        for up, skip in zip(self.up, skips[-2::-1]):
            x = up(x, skip)
        return self.out(x)


def _normalised_up(dim: int):
    return lambda cin, cout, step: nn.Sequential(
        up_conv(dim, cin, cout, step), batch_norm(dim, cout), nn.ELU())


def unet(dim: int, **options) -> nn.Module:
    return BiaPyUNet(dim, lambda cin, cout, first: _double_conv(dim, cin, cout),
                     _normalised_up(dim), **options)


def seunet(dim: int, reduction=16, **options) -> nn.Module:
    return BiaPyUNet(dim, lambda cin, cout, first: _double_conv(dim, cin, cout, reduction),
                     _normalised_up(dim), **options)


def attention_unet(dim: int, gate_norms=2, **options) -> nn.Module:
    return unet(dim, gate_norms=gate_norms, **options)


def resunet(dim: int, reduction=None, **options) -> nn.Module:
    return BiaPyUNet(dim, lambda cin, cout, first: _ResConv(dim, cin, cout, first, reduction),
                     lambda cin, cout, step: up_conv(dim, cin, cin, step),
                     up_keeps_channels=True, **options)


def resunet_se(dim: int, reduction=16, **options) -> nn.Module:
    return resunet(dim, reduction, **options)
