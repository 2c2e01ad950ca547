# SPDX-License-Identifier: BSD-3-Clause
"""Writes convolutions.golden: what PyTorch makes of small tensors, which the tests make anew.

    python3 tests/golden/make_convolutions.py > tests/golden/convolutions.golden
"""
import platform
import sys

import torch
import torch.nn.functional as F


def numbers(shape, step):
    """Multiples of 1 / 32 from -1 to 1: i step modulo 65, then shifted."""
    i = torch.arange(int(torch.tensor(shape).prod()), dtype=torch.int64)
    return (((i * step) % 65 - 32).double() / 32).reshape(shape)


def case(src, weight, bias, transposed=False, **options):
    f = getattr(F, f"conv{'_transpose' if transposed else ''}{len(src) - 2}d")
    return f(numbers(src, 7), numbers(weight, 11), numbers([bias], 13), **options)


CASES = {
    "line": case([2, 3, 11], [4, 3, 4], 4, stride=3, padding=2),
    "square": case([2, 3, 7, 9], [5, 3, 3, 3], 5, padding=1),
    "dilated": case([1, 2, 9, 8], [3, 2, 3, 2], 3, stride=(2, 1), padding=(2, 1), dilation=(2, 3)),
    "groups": case([1, 6, 5, 6], [4, 3, 3, 3], 4, groups=2),
    "depthwise": case([1, 4, 5, 6], [4, 1, 3, 3], 4, padding=1, groups=4),
    "cube": case([1, 2, 4, 5, 6], [3, 2, 3, 3, 3], 3, stride=2, padding=1),
    "up": case([2, 3, 4, 5], [3, 4, 2, 2], 4, True, stride=2),
    "up_padded": case([1, 4, 4, 5], [4, 3, 3, 3], 3, True, stride=2, padding=1,
                      output_padding=(1, 0)),
    "up_groups": case([1, 4, 4, 5], [4, 3, 3, 2], 6, True, stride=(3, 2), dilation=(2, 1), groups=2),
    "up_cube": case([1, 2, 3, 2, 4], [2, 3, 3, 3, 3], 3, True, stride=2, padding=1),
}

out = sys.stdout.buffer
out.write(f"# Python {platform.python_version()}, torch {torch.__version__}\n".encode())
out.write(b"# python3 tests/golden/make_convolutions.py\n")
for name, result in CASES.items():
    out.write(f"{name} f64 {result.numel()} 1 1\n".encode())
out.write(b"data\n")
for result in CASES.values():
    out.write(result.contiguous().numpy().astype("<f8").tobytes())
