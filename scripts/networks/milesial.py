# SPDX-License-Identifier: BSD-3-Clause
"""milesial's Pytorch-UNet, whose up-sampled images are padded to the size of the skip."""
from typing import Sequence

from torch import nn
from torch.nn import functional

from layers import cat, conv, max_pool, up_conv


def _double_conv(cin: int, cout: int, middle: int | None = None) -> nn.Sequential:
    middle = middle or cout
    return nn.Sequential(
        conv(2, cin, middle, bias=False), nn.BatchNorm2d(middle), nn.ReLU(),
        conv(2, middle, cout, bias=False), nn.BatchNorm2d(cout), nn.ReLU())


class MilesialUNet(nn.Module):
    def __init__(self, cin=3, classes=2, widths: Sequence[int] = (64, 128, 256, 512, 1024),
                 bilinear=False):
        super().__init__()
        factor = 2 if bilinear else 1
        down = [*widths[:-1], widths[-1] // factor]
        self.down = nn.ModuleList(_double_conv(a, b) for a, b in zip((cin, *down), down))
        self.pool = max_pool(2, 2)
        self.up, self.merge = nn.ModuleList(), nn.ModuleList()
        for level in range(len(widths) - 1, 0, -1):
            wide, narrow = widths[level], widths[level - 1]
            out = narrow // factor if level > 1 else narrow
            if bilinear:
                self.up.append(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True))
                self.merge.append(_double_conv(wide, out, wide // 2))
            else:
                self.up.append(up_conv(2, wide, narrow))
                self.merge.append(_double_conv(wide, out))
        self.out = conv(2, widths[0], classes, 1)

    def forward(self, x):
        skips = []
        for level, block in enumerate(self.down):
            x = block(self.pool(x) if level else x)
            skips.append(x)
        for up, merge, skip in zip(self.up, self.merge, skips[-2::-1]):
            x = up(x)
            rows, columns = skip.shape[2] - x.shape[2], skip.shape[3] - x.shape[3]
            x = functional.pad(x, [columns // 2, columns - columns // 2,
                                   rows // 2, rows - rows // 2])
            x = merge(cat(skip, x))
        return self.out(x)


def milesial(**options) -> nn.Module:
    return MilesialUNet(**options)
