# SPDX-License-Identifier: BSD-3-Clause
"""Random weights that keep the values of all layers in range."""
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


def _fill(module: nn.Module, random: torch.Generator) -> None:
    weight, bias = getattr(module, "weight", None), getattr(module, "bias", None)
    if isinstance(weight, nn.Parameter):
        if weight.dim() > 1:  # of convolutions and matrices
            nn.init.kaiming_normal_(weight, generator=random)
        else:  # of normalisations
            nn.init.uniform_(weight, 0.5, 1.5, generator=random)
    if isinstance(bias, nn.Parameter):
        nn.init.normal_(bias, 0, 0.1, generator=random)


@torch.no_grad()
def randomise(net: nn.Module, x: torch.Tensor, seed: int) -> nn.Module:
    """Fills a network. Batch normalisations get statistics near those of their inputs at `x`."""
    random = torch.Generator().manual_seed(seed)
    for module in net.modules():
        _fill(module, random)
    norms = [m for m in net.modules() if isinstance(m, _BatchNorm)]
    if norms:
        torch.manual_seed(seed)  # of dropped blocks
        for norm in norms:
            norm.momentum = 1.0
        another = torch.empty_like(x).normal_(generator=random)
        net.train()(torch.cat([x, another]))
        for norm in norms:
            norm.running_mean.add_(torch.empty_like(norm.running_mean).normal_(
                0, 0.1, generator=random))
            norm.running_var.mul_(torch.empty_like(norm.running_var).uniform_(
                0.7, 1.4, generator=random)).clamp_(min=1e-3)
    return net.eval()
