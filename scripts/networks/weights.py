# SPDX-License-Identifier: BSD-3-Clause
"""Random inputs of networks, and random weights that keep the values of all layers in range."""
import zlib

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from zoo import Network


def _random(network: Network, purpose: int) -> torch.Generator:
    return torch.Generator().manual_seed(2 * zlib.crc32(network.name.encode()) + purpose)


def random_input(network: Network) -> torch.Tensor:
    return torch.randn(network.shape, generator=_random(network, 0))


def _fill(module: nn.Module, bias_of_norms: float, random: torch.Generator) -> None:
    weight, bias = getattr(module, "weight", None), getattr(module, "bias", None)
    is_norm = isinstance(weight, nn.Parameter) and weight.dim() == 1
    if isinstance(weight, nn.Parameter):
        if is_norm:
            nn.init.uniform_(weight, 0.5, 1.5, generator=random)
        else:  # of convolutions and matrices
            nn.init.kaiming_normal_(weight, generator=random)
    if isinstance(bias, nn.Parameter):
        nn.init.normal_(bias, bias_of_norms if is_norm else 0, 0.1, generator=random)


def _near_statistics(net: nn.Module, x: torch.Tensor, random: torch.Generator) -> None:
    """Gives batch normalisations nearly the mean and variance of what they see."""
    norms = [m for m in net.modules() if isinstance(m, _BatchNorm)]
    for norm in norms:
        norm.momentum = 1.0
    another = torch.empty_like(x).normal_(generator=random)
    if norms:
        net.train()(torch.cat([x, another]))
    for norm in norms:
        mean, variance = norm.running_mean, norm.running_var
        mean.add_(torch.empty_like(mean).normal_(0, 0.1, generator=random))
        variance.mul_(torch.empty_like(variance).uniform_(0.7, 1.4, generator=random))
        variance.clamp_(min=1e-3)


@torch.no_grad()
def ready(network: Network) -> nn.Module:
    """The network with its weights, in evaluation mode: the same ones at every call."""
    random = _random(network, 1)
    torch.manual_seed(random.initial_seed())  # of what layers draw by themselves
    net = network.make()
    for module in net.modules():
        _fill(module, network.bias_of_norms, random)
    _near_statistics(net, random_input(network), random)
    return net.eval()
