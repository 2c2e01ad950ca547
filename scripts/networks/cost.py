# SPDX-License-Identifier: BSD-3-Clause
"""What a network costs: its parameters, and the operations of its convolutions and matrices.

    python3 scripts/networks/cost.py        prints the networks of published sizes, and checks them
"""
import math
from typing import Callable, NamedTuple, Sequence

import torch
from torch import nn

_CONV = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


def parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def _multiplications(module: nn.Module, x: torch.Tensor, y: torch.Tensor) -> int:
    if isinstance(module, nn.Linear):
        return y.numel() * module.in_features
    window = math.prod(module.kernel_size)
    if isinstance(module, _TRANSPOSED):
        return x.numel() * module.out_channels // module.groups * window
    return y.numel() * module.in_channels // module.groups * window


def flops(net: nn.Module, shape: Sequence[int]) -> int:
    """Two per multiplication of convolutions, transposed ones and matrices; `net` and the input
    are on the device "meta", where nothing is computed."""
    total = 0

    def count(module, inputs, output):
        nonlocal total
        total += 2 * _multiplications(module, inputs[0], output)

    hooks = [m.register_forward_hook(count) for m in net.modules()
             if isinstance(m, (*_CONV, *_TRANSPOSED, nn.Linear))]
    net.eval()(torch.empty(*shape, device="meta"))
    for hook in hooks:
        hook.remove()
    return total


def on_meta(make: Callable[[], nn.Module]) -> nn.Module:
    with torch.device("meta"):
        return make()


class Published(NamedTuple):
    name: str
    make: Callable[[], nn.Module]
    shape: tuple[int, ...]
    parameters: int
    gflop: float


def published() -> list[Published]:
    import biapy_unets
    import bioimage_io
    import milesial
    import nnunet
    import unet_medical
    import wolny

    cube, plane, stack = (128,) * 3, (256, 256), (20, 128, 128)
    v2 = nnunet.plain_conv_unet
    half = dict(widths=(32, 64, 128, 256))
    rows = [
        ("UNet Medical", unet_medical.unet_medical, (1, 572, 572), 34_512_258, 314.935),
        ("nnU-Net 2D", lambda: nnunet.dynunet(2), (4, 192, 160), 20_613_092, 13.385),
        ("nnU-Net 3D", lambda: nnunet.dynunet(3), (4, *cube), 31_192_868, 965.603),
        ("BiaPy unet 2D", lambda: biapy_unets.unet(2), (1, *plane), 1_944_241, 6.027),
        ("BiaPy unet 2D BC", lambda: biapy_unets.unet(2, classes=2), (1, *plane), 1_944_258, 6.029),
        ("BiaPy attention_unet 2D", lambda: biapy_unets.attention_unet(2), (1, *plane),
         1_966_853, 6.163),
        ("BiaPy resunet 2D", lambda: biapy_unets.resunet(2), (1, *plane), 2_423_921, 7.975),
        ("BiaPy seunet 2D", lambda: biapy_unets.seunet(2), (1, *plane), 1_971_505, 6.027),
        ("BiaPy resunet_se 2D", lambda: biapy_unets.resunet_se(2), (1, *plane), 2_437_553, 7.975),
        ("BiaPy attention_unet 3D", lambda: biapy_unets.attention_unet(3, z_down=1), (1, *stack),
         5_496_869, 88.384),
        ("BiaPy unet 3D BC", lambda: biapy_unets.unet(3, classes=2, z_down=1), (1, *stack),
         5_474_274, 87.713),
        ("BiaPy resunet 3D", lambda: biapy_unets.resunet(3, z_down=1), (1, *stack),
         6_345_617, 109.524),
        ("UNet3D f64", wolny.unet3d, (1, *cube), 16_318_691, 3787.2),
        ("UNet3D f32, 2 classes", lambda: wolny.unet3d(classes=2, **half), (1, *cube),
         4_081_300, 947.9),
        ("ResidualUNet3D f64", wolny.residual_unet3d, (1, *cube), 113_735_233, 3762.9),
        ("ResidualUNet3D f32", lambda: wolny.residual_unet3d(widths=(32, 64, 128, 256, 512)),
         (1, *cube), 28_437_281, 940.9),
        ("ResidualUNetSE3D f64", wolny.residual_unet_se3d, (1, *cube), 117_233_866, 3763.6),
        ("nnU-Net v2 plain 3D 4 to 4", lambda: v2(3, 4, 4), (4, *cube), 31_199_796, 965.603),
        ("nnU-Net v2 plain 3D 1 to 2", lambda: v2(3), (1, *cube), 31_195_594, 954.463),
        ("nnU-Net v2 plain 2D, 8 stages", lambda: v2(2, widths=nnunet.widths_of(2, 8)),
         (1, 512, 512), 46_324_558, 119.185),
        ("nnU-Net v2 ResEnc 3D", lambda: nnunet.residual_encoder_unet(3), (1, *cube),
         102_349_770, 1434.806),
        ("milesial", milesial.milesial, (3, 512, 512), 31_037_698, 385.373),
        ("milesial, bilinear", lambda: milesial.milesial(bilinear=True), (3, 512, 512),
         17_263_042, 319.874),
        ("bioimage.io's nuclei", bioimage_io.NucleiUNet, (1, 512, 512), 449_489, 18.405),
    ]
    return [Published(name, make, (1, *shape), *cost) for name, make, shape, *cost in rows]


def main():
    print(f"{'network':32}{'input':>18}{'parameters':>14}{'GFLOP':>10}")
    wrong = []
    for row in published():
        net = on_meta(row.make)
        count, gflop = parameters(net), flops(net, row.shape) / 1e9
        digits = 3 if round(row.gflop, 1) != row.gflop else 1
        equal = count == row.parameters and round(gflop, digits) == row.gflop
        shape = "x".join(map(str, row.shape[1:]))
        print(f"{row.name:32}{shape:>18}{count:>14,}{gflop:>10.3f}"
              + ("" if equal else f"   published {row.parameters:,} {row.gflop}"))
        if not equal:
            wrong.append(row.name)
    assert not wrong, wrong


if __name__ == "__main__":
    main()
