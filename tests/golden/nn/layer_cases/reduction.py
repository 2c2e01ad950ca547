# SPDX-License-Identifier: BSD-3-Clause
"""Reductions, ArgMax, and matrix products."""
import torch

from .case import case, ints, w, x

_SHAPE = (2, 3, 4, 5)


def _reduce(name, op, expected, axes, opset=11, keep=True):
    """Axes are an attribute before opset 18 (13 for ReduceSum), and then an input."""
    since = 13 if op == "ReduceSum" else 18
    as_input = opset >= since and axes is not None
    attributes = dict(keepdims=int(keep))
    if axes is not None and not as_input:
        attributes["axes"] = axes
    over = tuple(axes if axes is not None else range(len(_SHAPE)))
    return case(name, op, [x(*_SHAPE)] + ([ints(*axes)] if as_input else []),
                lambda a, *_: expected(a, over, keep), opset, **attributes)


def _mean(a, axes, keep):
    return a.mean(axes, keepdim=keep)


def _reductions():
    by_name = {
        "ReduceMean": _mean,
        "ReduceSum": lambda a, axes, keep: a.sum(axes, keepdim=keep),
        "ReduceMax": lambda a, axes, keep: a.amax(axes, keepdim=keep),
        "ReduceMin": lambda a, axes, keep: a.amin(axes, keepdim=keep),
        "ReduceL1": lambda a, axes, keep: a.abs().sum(axes, keepdim=keep),
        "ReduceL2": lambda a, axes, keep: (a * a).sum(axes, keepdim=keep).sqrt(),
        "ReduceSumSquare": lambda a, axes, keep: (a * a).sum(axes, keepdim=keep),
        "ReduceLogSumExp": lambda a, axes, keep: a.logsumexp(axes, keepdim=keep),
    }
    for op, expected in by_name.items():
        yield _reduce(f"{op}_space", op, expected, [2, 3])
        yield _reduce(f"{op}_channels_opset_18", op, expected, [1], 18, keep=False)
    yield _reduce("ReduceMean_last_axis", "ReduceMean", _mean, [-1])
    yield _reduce("ReduceMean_first_and_last", "ReduceMean", _mean, [0, 3], 18)
    yield _reduce("ReduceMean_all", "ReduceMean", _mean, None)
    yield _reduce("ReduceMean_all_opset_18", "ReduceMean", _mean, None, 18, keep=False)
    yield case("ReduceProd_space", "ReduceProd", [x(*_SHAPE)],
               lambda a: a.prod(3, keepdim=True).prod(2, keepdim=True), 11, axes=[2, 3])


def _matrices():
    def gemm(alpha, beta, trans_a, trans_b):
        def expected(a, b, c=0):
            a, b = a.T if trans_a else a, b.T if trans_b else b
            return alpha * (a @ b) + beta * c
        return expected
    return [
        case("argmax_channels", "ArgMax", [x(*_SHAPE)], lambda a: a.argmax(1, keepdim=True), 13,
             axis=1),
        case("argmax_channels_dropped", "ArgMax", [x(*_SHAPE)], lambda a: a.argmax(1), 13, axis=1,
             keepdims=0),
        case("argmax_3d", "ArgMax", [x(1, 4, 2, 3, 5)], lambda a: a.argmax(1), 11, axis=1,
             keepdims=0),
        case("argmax_last_axis", "ArgMax", [x(*_SHAPE)], lambda a: a.argmax(-1), 13, axis=-1,
             keepdims=0),
        case("argmin_channels", "ArgMin", [x(*_SHAPE)], lambda a: a.argmin(1), 13, axis=1,
             keepdims=0),
        case("matmul", "MatMul", [x(5, 7), w(7, 4)], torch.matmul),
        case("matmul_large", "MatMul", [x(33, 20), w(20, 17)], torch.matmul),
        case("matmul_batch_by_matrix", "MatMul", [x(2, 3, 4, 5), w(5, 6)], torch.matmul),
        case("matmul_batch_by_batch", "MatMul", [x(2, 3, 4, 5), x(2, 3, 5, 2)], torch.matmul),
        case("matmul_broadcast_batch", "MatMul", [x(2, 1, 4, 5), x(3, 5, 2)], torch.matmul),
        case("matmul_by_vector", "MatMul", [x(3, 4, 5), w(5)], torch.matmul),
        case("matmul_of_vector", "MatMul", [x(5), w(5, 3)], torch.matmul),
        case("gemm", "Gemm", [x(3, 5), w(5, 4), w(4)], gemm(1, 1, 0, 0)),
        case("gemm_linear", "Gemm", [x(3, 5), w(4, 5), w(4)], gemm(1, 1, 0, 1), transB=1),
        case("gemm_transposed_scaled", "Gemm", [x(5, 3), w(4, 5), w(3, 1)], gemm(0.5, 2, 1, 1),
             alpha=0.5, beta=2.0, transA=1, transB=1),
        case("gemm_no_bias", "Gemm", [x(3, 5), w(5, 4)], gemm(1, 1, 0, 0)),
    ]


def cases():
    return [*_reductions(), *_matrices()]
