# SPDX-License-Identifier: BSD-3-Clause
"""The U-Net of bioimage.io's nuclei model: no activation between the convolutions of a block."""
from typing import Sequence

from torch import nn

from layers import cat, conv, max_pool


def _block(cin: int, cout: int) -> nn.Sequential:
    return nn.Sequential(conv(2, cin, cout), conv(2, cout, cout), nn.ReLU())


def _up(cin: int, cout: int) -> nn.Sequential:
    return nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), conv(2, cin, cout, 1))


class NucleiUNet(nn.Module):
    def __init__(self, widths: Sequence[int] = (16, 32, 64, 128)):
        super().__init__()
        self.down = nn.ModuleList(_block(a, b) for a, b in zip((1, *widths), widths))
        self.pool = max_pool(2, 2)
        pairs = list(zip(widths[:0:-1], widths[-2::-1]))
        self.up = nn.ModuleList(_up(a, b) for a, b in pairs)
        self.merge = nn.ModuleList(_block(2 * b, b) for _, b in pairs)
        self.out = conv(2, widths[0], 1, 1)

    def forward(self, x):
        skips = []
        for level, block in enumerate(self.down):
            x = block(self.pool(x) if level else x)
            skips.append(x)
        for up, merge, skip in zip(self.up, self.merge, skips[-2::-1]):
            x = merge(cat(skip, up(x)))
        return self.out(x)
