# SPDX-License-Identifier: BSD-3-Clause
"""Conv and ConvTranspose."""
import itertools

from torch.nn import functional as F

from .case import case, w, x

_CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def _torch_pad(pads):
    """ONNX lists begins, then ends; PyTorch pairs of them, last axis first."""
    n = len(pads) // 2
    return list(itertools.chain.from_iterable(zip(pads[:n][::-1], pads[n:][::-1])))


def _conv(name, image, kernel, bias=True, strides=None, pads=None, dilations=None, group=1,
          auto_pad=None, shown_kernel=True):
    """`pads` is what is added, also where the file only says auto_pad."""
    dim = len(image) - 2
    attributes = dict(kernel_shape=list(kernel[2:])) if shown_kernel else {}
    attributes |= {k: v for k, v in (("strides", strides), ("dilations", dilations)) if v}
    if group > 1:
        attributes["group"] = group
    if auto_pad:
        attributes["auto_pad"] = auto_pad
    elif pads:
        attributes["pads"] = pads

    def expected(image, weight, bias=None):
        padded = F.pad(image, _torch_pad(pads or [0] * 2 * dim))
        return _CONV[dim](padded, weight, bias, strides or 1, 0, dilations or 1, group)
    operands = [x(*image), w(*kernel, scale=0.3)] + ([w(kernel[0])] if bias else [])
    return case(name, "Conv", operands, expected, **attributes)


def _transposed(name, image, kernel, bias=True, strides=None, pads=None, dilations=None, group=1,
                output_padding=None, auto_pad=None, output_shape=None):
    dim = len(image) - 2
    attributes = dict(kernel_shape=list(kernel[2:]))
    shown = dict(strides=strides, pads=None if auto_pad or output_shape else pads,
                 dilations=dilations, output_padding=output_padding, auto_pad=auto_pad,
                 output_shape=output_shape, group=group if group > 1 else None)
    attributes |= {k: v for k, v in shown.items() if v}

    def expected(image, weight, bias=None):
        """All of the output, less the pads; output_padding adds zeros behind, then pads cut."""
        whole = _TRANSPOSED[dim](image, weight, None, strides or 1, 0, 0, group, dilations or 1)
        amounts = [-p for p in pads or [0] * 2 * dim]
        for axis, more in enumerate(output_padding or []):
            amounts[dim + axis] += more
        result = F.pad(whole, _torch_pad(amounts))
        return result if bias is None else result + bias.reshape(-1, *[1] * dim)
    operands = [x(*image), w(*kernel, scale=0.3)] + ([w(kernel[1] * group)] if bias else [])
    return case(name, "ConvTranspose", operands, expected, **attributes)


def cases():
    same2, same3 = [1] * 4, [1] * 6
    return [
        _conv("conv_1d", (1, 3, 11), (4, 3, 3), pads=[1, 1]),
        _conv("conv_1d_strided_dilated_grouped", (2, 4, 17), (6, 2, 3), strides=[2], dilations=[2],
              pads=[2, 2], group=2),
        _conv("conv_2d", (1, 3, 7, 9), (5, 3, 3, 3), pads=same2),
        _conv("conv_2d_no_bias", (1, 2, 6, 5), (3, 2, 3, 3), bias=False, pads=same2),
        _conv("conv_2d_valid", (1, 2, 7, 8), (3, 2, 3, 3)),
        _conv("conv_2d_batch", (3, 2, 5, 6), (4, 2, 3, 3), pads=same2),
        _conv("conv_2d_many_channels", (1, 20, 5, 6), (17, 20, 3, 3), pads=same2),
        _conv("conv_2d_wide", (1, 2, 3, 37), (3, 2, 3, 3), pads=same2),
        _conv("conv_2d_one_pixel", (1, 4, 1, 1), (5, 4, 3, 3), pads=same2),
        _conv("conv_2d_stride_2", (1, 3, 8, 9), (4, 3, 3, 3), strides=[2, 2], pads=same2),
        _conv("conv_2d_stride_2_1", (1, 3, 8, 9), (4, 3, 3, 3), strides=[2, 1], pads=same2),
        _conv("conv_2d_stride_3", (1, 2, 10, 11), (3, 2, 2, 2), strides=[3, 3]),
        _conv("conv_2d_dilation_2", (1, 3, 9, 8), (4, 3, 3, 3), dilations=[2, 2], pads=[2] * 4),
        _conv("conv_2d_dilation_1_3_stride_2", (1, 2, 9, 12), (3, 2, 3, 3), dilations=[1, 3],
              strides=[2, 2], pads=[1, 3, 1, 3]),
        _conv("conv_2d_groups", (1, 6, 6, 7), (4, 3, 3, 3), group=2, pads=same2),
        _conv("conv_2d_depthwise_7x7", (1, 5, 8, 9), (5, 1, 7, 7), group=5, pads=[3] * 4),
        _conv("conv_2d_depthwise_5x5_stride_2", (1, 4, 9, 8), (4, 1, 5, 5), group=4,
              strides=[2, 2], pads=[2] * 4, bias=False),
        _conv("conv_2d_depthwise_multiplier", (1, 3, 6, 5), (6, 1, 3, 3), group=3, pads=same2),
        _conv("conv_2d_1x1", (2, 7, 4, 5), (3, 7, 1, 1)),
        _conv("conv_2d_1x1_stride_2", (1, 4, 7, 6), (5, 4, 1, 1), strides=[2, 2], bias=False),
        _conv("conv_2d_7x7_stride_2", (1, 3, 13, 12), (4, 3, 7, 7), strides=[2, 2], pads=[3] * 4,
              bias=False),
        _conv("conv_2d_1x5", (1, 2, 4, 9), (3, 2, 1, 5), pads=[0, 2, 0, 2]),
        _conv("conv_2d_4x4_stride_4", (1, 3, 8, 12), (6, 3, 4, 4), strides=[4, 4]),
        _conv("conv_2d_even_kernel_padded", (1, 2, 6, 7), (3, 2, 4, 2), pads=[1, 0, 2, 1]),
        _conv("conv_2d_asymmetric_pads", (1, 2, 5, 6), (3, 2, 3, 3), pads=[0, 2, 3, 1]),
        _conv("conv_2d_same_upper", (1, 2, 6, 7), (3, 2, 2, 4), pads=[0, 1, 1, 2],
              auto_pad="SAME_UPPER"),
        _conv("conv_2d_same_lower", (1, 2, 6, 7), (3, 2, 2, 4), pads=[1, 2, 0, 1],
              auto_pad="SAME_LOWER"),
        _conv("conv_2d_same_upper_stride_2", (1, 2, 8, 7), (3, 2, 3, 3), pads=[0, 1, 1, 1],
              strides=[2, 2], auto_pad="SAME_UPPER"),
        _conv("conv_2d_same_lower_stride_2", (1, 2, 8, 7), (3, 2, 3, 3), pads=[1, 1, 0, 1],
              strides=[2, 2], auto_pad="SAME_LOWER"),
        _conv("conv_2d_same_upper_dilated", (1, 2, 8, 7), (3, 2, 3, 3), pads=[2] * 4,
              dilations=[2, 2], auto_pad="SAME_UPPER"),
        _conv("conv_2d_auto_pad_valid", (1, 2, 5, 6), (3, 2, 3, 3), auto_pad="VALID"),
        _conv("conv_2d_no_kernel_shape", (1, 2, 5, 6), (3, 2, 3, 2), pads=[1, 0, 1, 1],
              shown_kernel=False),
        _conv("conv_3d", (1, 2, 4, 5, 6), (3, 2, 3, 3, 3), pads=same3),
        _conv("conv_3d_many_channels", (1, 9, 3, 4, 5), (8, 9, 3, 3, 3), pads=same3, bias=False),
        _conv("conv_3d_stride_2", (1, 2, 6, 5, 7), (3, 2, 3, 3, 3), strides=[2] * 3, pads=same3),
        _conv("conv_3d_1x3x3", (1, 2, 3, 5, 6), (3, 2, 1, 3, 3), pads=[0, 1, 1, 0, 1, 1]),
        _conv("conv_3d_stride_1_2_2", (1, 2, 4, 6, 7), (3, 2, 3, 3, 3), strides=[1, 2, 2],
              pads=same3),
        _conv("conv_3d_1x1x1", (1, 5, 2, 3, 4), (3, 5, 1, 1, 1)),
        _conv("conv_3d_groups", (1, 4, 3, 4, 5), (4, 2, 3, 3, 3), group=2, pads=same3),
        _conv("conv_3d_dilation", (1, 2, 6, 5, 7), (2, 2, 3, 3, 3), dilations=[2, 1, 2],
              pads=[2, 1, 2, 2, 1, 2]),
        _conv("conv_3d_asymmetric_pads", (1, 2, 3, 4, 5), (2, 2, 3, 3, 3), pads=[0, 1, 2, 2, 1, 0]),
        _conv("conv_3d_same_upper_stride_2", (1, 1, 4, 5, 6), (2, 1, 3, 3, 3), strides=[2] * 3,
              pads=[0, 1, 0, 1, 1, 1], auto_pad="SAME_UPPER"),
        _transposed("up_1d", (1, 3, 5), (3, 4, 2), strides=[2]),
        _transposed("up_2d", (1, 3, 4, 5), (3, 4, 2, 2), strides=[2, 2]),
        _transposed("up_2d_no_bias_batch", (2, 3, 4, 5), (3, 4, 2, 2), strides=[2, 2], bias=False),
        _transposed("up_2d_many_channels", (1, 18, 3, 4), (18, 17, 2, 2), strides=[2, 2]),
        _transposed("up_2d_k3_s2_cut_behind", (1, 3, 4, 5), (3, 2, 3, 3), strides=[2, 2],
                    pads=[0, 0, 1, 1]),
        _transposed("up_2d_k3_s2_p1", (1, 3, 4, 5), (3, 2, 3, 3), strides=[2, 2], pads=same2),
        _transposed("up_2d_k3_s2_p1_output_padding", (1, 3, 4, 5), (3, 2, 3, 3), strides=[2, 2],
                    pads=same2, output_padding=[1, 1]),
        _transposed("up_2d_k3_s1", (1, 3, 4, 5), (3, 2, 3, 3), pads=same2),
        _transposed("up_2d_k4_s2_p1", (1, 2, 4, 5), (2, 3, 4, 4), strides=[2, 2], pads=same2),
        _transposed("up_2d_k2_s3_gaps", (1, 2, 3, 4), (2, 3, 2, 2), strides=[3, 3],
                    output_padding=[1, 0]),
        _transposed("up_2d_k3_s3_2", (1, 2, 3, 4), (2, 3, 3, 2), strides=[3, 2]),
        _transposed("up_2d_dilation", (1, 2, 4, 5), (2, 3, 3, 3), dilations=[2, 2], strides=[2, 1],
                    pads=[1, 2, 1, 2]),
        _transposed("up_2d_groups", (1, 4, 3, 4), (4, 3, 2, 2), strides=[2, 2], group=2),
        _transposed("up_2d_depthwise", (1, 4, 3, 4), (4, 1, 3, 3), strides=[2, 2], group=4,
                    pads=same2, bias=False),
        _transposed("up_2d_output_shape", (1, 2, 4, 5), (2, 3, 3, 3), strides=[2, 2],
                    pads=[1, 1, 0, 0], output_shape=[8, 10]),
        _transposed("up_2d_same_upper", (1, 2, 4, 5), (2, 3, 3, 3), strides=[2, 2],
                    pads=[0, 0, 1, 1], auto_pad="SAME_UPPER"),
        _transposed("up_2d_same_lower", (1, 2, 4, 5), (2, 3, 3, 3), strides=[2, 2],
                    pads=[1, 1, 0, 0], auto_pad="SAME_LOWER"),
        _transposed("up_3d", (1, 3, 2, 3, 4), (3, 2, 2, 2, 2), strides=[2] * 3),
        _transposed("up_3d_1x2x2", (1, 3, 3, 3, 4), (3, 2, 1, 2, 2), strides=[1, 2, 2]),
        _transposed("up_3d_k3_s2_p1", (1, 2, 2, 3, 4), (2, 3, 3, 3, 3), strides=[2] * 3, pads=same3,
                    bias=False),
        _transposed("up_3d_k3_s2_p1_output_padding", (1, 2, 2, 3, 4), (2, 3, 3, 3, 3),
                    strides=[2] * 3, pads=same3, output_padding=[1, 0, 1]),
        _transposed("up_3d_groups", (1, 4, 2, 3, 3), (4, 1, 2, 2, 2), strides=[2] * 3, group=2),
    ]
