# SPDX-License-Identifier: BSD-3-Clause
"""nnU-Nets: NVIDIA's for PyTorch (MONAI's DynUNet), and version 2's plain and residual ones."""
from typing import Sequence

from torch import nn

from layers import avg_pool, cat, conv, instance_norm, up_conv

SLOPE = 0.01


def _conv_norm(dim: int, cin: int, cout: int, kernel, stride, bias: bool) -> nn.Sequential:
    return nn.Sequential(conv(dim, cin, cout, kernel, stride, bias), instance_norm(dim, cout))


def _conv_norm_act(dim: int, cin: int, cout: int, kernel, stride, bias: bool) -> nn.Sequential:
    return nn.Sequential(
        *_conv_norm(dim, cin, cout, kernel, stride, bias), nn.LeakyReLU(SLOPE))


def _stack(dim: int, cin: int, cout: int, kernel, stride, bias: bool, count: int) -> nn.Sequential:
    """Convolutions one after the other, of which the first strides."""
    return nn.Sequential(
        _conv_norm_act(dim, cin, cout, kernel, stride, bias),
        *(_conv_norm_act(dim, cout, cout, kernel, 1, bias) for _ in range(count - 1)))


class _Residual(nn.Module):
    """Two convolutions and what goes around them; `skip` is the identity, or changes the size."""

    def __init__(self, dim: int, cin: int, cout: int, kernel, stride, bias: bool, skip: nn.Module):
        super().__init__()
        self.body = nn.Sequential(_conv_norm_act(dim, cin, cout, kernel, stride, bias),
                                  _conv_norm(dim, cout, cout, kernel, 1, bias))
        self.skip = skip
        self.act = nn.LeakyReLU(SLOPE)

    def forward(self, x):
        return self.act(self.body(x) + self.skip(x))


def _strides(stride) -> bool:
    return any(s != 1 for s in (stride if isinstance(stride, Sequence) else [stride]))


def _monai_residual(dim: int, cin: int, cout: int, kernel, stride, bias: bool) -> _Residual:
    """DynUNet's with res_block: the skip is a convolution that strides."""
    changes = cin != cout or _strides(stride)
    skip = _conv_norm(dim, cin, cout, 1, stride, bias) if changes else nn.Identity()
    return _Residual(dim, cin, cout, kernel, stride, bias, skip)


def _v2_residual(dim: int, cin: int, cout: int, kernel, stride, bias: bool) -> _Residual:
    """Version 2's: the skip takes means, then convolves without a bias."""
    skip = nn.Sequential()
    if _strides(stride):
        skip.append(avg_pool(dim, stride))
    if cin != cout:
        skip.append(_conv_norm(dim, cin, cout, 1, 1, False))
    return _Residual(dim, cin, cout, kernel, stride, bias, skip if len(skip) else nn.Identity())


class NnUNet(nn.Module):
    """`encoder` has a module per stage, `kernels` and `strides` are theirs; the output is the last
    head's, and `heads` counts those that a checkpoint holds."""

    def __init__(self, dim: int, encoder: Sequence[nn.Module], widths: Sequence[int], classes: int,
                 kernels: Sequence, strides: Sequence, bias: bool, decoder_convs=2, heads=1):
        super().__init__()
        self.encoder = nn.ModuleList(encoder)
        levels = range(len(widths) - 2, -1, -1)
        self.up = nn.ModuleList(
            up_conv(dim, widths[i + 1], widths[i], strides[i + 1]) for i in levels)
        self.decoder = nn.ModuleList(
            _stack(dim, 2 * widths[i], widths[i], kernels[i], 1, bias, decoder_convs)
            for i in levels)
        self.heads = nn.ModuleList(
            conv(dim, widths[i], classes, 1) for i in reversed(range(heads)))

    def forward(self, x):
        skips = []
        for stage in self.encoder:
            x = stage(x)
            skips.append(x)
        for up, block, skip in zip(self.up, self.decoder, skips[-2::-1]):
            x = block(cat(up(x), skip))
        return self.heads[-1](x)


def widths_of(dim: int, stages: int, first=32, most: int | None = None) -> list[int]:
    return [min(first * 2 ** i, most or (512 if dim == 2 else 320)) for i in range(stages)]


def dynunet(dim: int, cin=4, classes=4, widths: Sequence[int] | None = None,
            residual=False) -> nn.Module:
    """The one of NVIDIA's benchmark, which halves the size five times. Only its encoder may be
    residual."""
    widths = widths or widths_of(dim, 6)
    stages = len(widths)
    kernels, strides = [3] * stages, [1] + [2] * (stages - 1)
    inputs = [cin, *widths]
    if residual:
        encoder = [_monai_residual(dim, inputs[i], widths[i], 3, strides[i], False)
                   for i in range(stages)]
    else:
        encoder = [_stack(dim, inputs[i], widths[i], 3, strides[i], False, 2)
                   for i in range(stages)]
    return NnUNet(dim, encoder, widths, classes, kernels, strides, bias=False)


def plain_conv_unet(dim: int, cin=1, classes=2, widths: Sequence[int] | None = None,
                    kernels: Sequence | None = None, strides: Sequence | None = None) -> nn.Module:
    """Version 2's PlainConvUNet, whose convolutions have biases."""
    widths = widths or widths_of(dim, 6)
    stages = len(widths)
    kernels, strides = kernels or [3] * stages, strides or [1] + [2] * (stages - 1)
    inputs = [cin, *widths]
    encoder = [_stack(dim, inputs[i], widths[i], kernels[i], strides[i], True, 2)
               for i in range(stages)]
    return NnUNet(dim, encoder, widths, classes, kernels, strides, True, heads=stages - 1)


def residual_encoder_unet(dim: int, cin=1, classes=2, widths: Sequence[int] | None = None,
                          blocks: Sequence[int] = (1, 3, 4, 6, 6, 6)) -> nn.Module:
    """Version 2's ResEnc: a convolution, stages of residual blocks, and one convolution per stage
    on the way up."""
    widths = widths or widths_of(dim, 6)
    stages = len(widths)
    kernels, strides = [3] * stages, [1] + [2] * (stages - 1)
    inputs = [widths[0], *widths]

    def stage(i: int) -> nn.Sequential:
        first = _v2_residual(dim, inputs[i], widths[i], 3, strides[i], True)
        rest = [_v2_residual(dim, widths[i], widths[i], 3, 1, True) for _ in range(blocks[i] - 1)]
        return nn.Sequential(first, *rest)

    encoder = [stage(i) for i in range(stages)]
    encoder[0].insert(0, _conv_norm_act(dim, cin, widths[0], 3, 1, True))
    return NnUNet(dim, encoder, widths, classes, kernels, strides, True, 1, heads=stages - 1)
