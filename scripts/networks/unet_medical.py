# SPDX-License-Identifier: BSD-3-Clause
"""U-Nets of valid convolutions: Ronneberger's of 2015, NVIDIA's UNet Medical of TensorFlow 2."""
import torch
from torch import nn

from layers import cat, max_pool

WIDTHS = (64, 128, 256, 512, 1024)


def _double_conv(cin: int, cout: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(cin, cout, 3), nn.ReLU(), nn.Conv2d(cout, cout, 3), nn.ReLU())


def _centre(image: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """The middle of an image, as large as another one."""
    top, left = ((image.shape[a] - like.shape[a]) // 2 for a in (2, 3))
    return image[:, :, top:top + like.shape[2], left:left + like.shape[3]]


class _Up2(nn.Module):
    """Ronneberger's: 2x2, stride 2."""

    def __init__(self, cin: int, cout: int):
        super().__init__()
        self.conv = nn.ConvTranspose2d(cin, cout, 2, 2)

    def forward(self, x):
        return torch.relu(self.conv(x))


class _Up3(nn.Module):
    """TensorFlow's 3x3, stride 2, padding 'same': the last row and column of 2n+1 are dropped."""

    def __init__(self, cin: int, cout: int):
        super().__init__()
        self.conv = nn.ConvTranspose2d(cin, cout, 3, 2)

    def forward(self, x):
        y = self.conv(x)
        return torch.relu(y[:, :, :2 * x.shape[2], :2 * x.shape[3]])


class ValidUNet(nn.Module):
    def __init__(self, up: type[nn.Module], skip_first: bool, cin=1, classes=2, widths=WIDTHS):
        super().__init__()
        self.skip_first = skip_first
        self.down = nn.ModuleList(
            _double_conv(a, b) for a, b in zip((cin, *widths), widths))
        self.pool = max_pool(2, 2)
        pairs = list(zip(widths[:0:-1], widths[-2::-1]))
        self.up = nn.ModuleList(up(a, b) for a, b in pairs)
        self.merge = nn.ModuleList(_double_conv(2 * b, b) for _, b in pairs)
        self.out = nn.Conv2d(widths[0], classes, 1)

    def forward(self, x):
        skips = []
        for level, block in enumerate(self.down):
            x = block(self.pool(x) if level else x)
            skips.append(x)
        for up, merge, skip in zip(self.up, self.merge, skips[-2::-1]):
            x = up(x)
            skip = _centre(skip, x)
            x = merge(cat(skip, x) if self.skip_first else cat(x, skip))
        return self.out(x)


def unet_medical(**options) -> nn.Module:
    """Logits of 388x388 from 572x572."""
    return ValidUNet(_Up3, skip_first=False, **options)


def ronneberger(**options) -> nn.Module:
    return ValidUNet(_Up2, skip_first=True, **options)
