// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/nn/softmax.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/kernels/nn/common.clh.hpp"
#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source softmax{
    "nn/softmax",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// exp(x) over the sum of exp(x) along an axis, or with LOGARITHM its logarithm.\n"
    "//\n"
    "// The tensor is (outer, size, inner), inner fastest. Axis 0: BLOCK columns of `inner` each, from\n"
    "// `first` on; axis 1: outer.\n"
    "\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_softmax)\n"
    "kernel void softmax(global const SRC_NUMBER* src, global DST_NUMBER* dst, const ulong size,\n"
    "                    const ulong inner, const ulong first, const ulong items, const ulong outer) {\n"
    "  if (get_global_id(0) >= items || get_global_id(1) >= outer) return;\n"
    "  const size_t begin = get_global_id(1) * size * inner + first + get_global_id(0) * BLOCK;\n"
    "  CHANNELS greatest = -INFINITY, sum = 0.0f;\n"
    "  for (size_t i = 0; i < size; ++i) greatest = fmax(greatest, TAKE(src, begin + i * inner));\n"
    "  for (size_t i = 0; i < size; ++i) sum += exp(TAKE(src, begin + i * inner) - greatest);\n"
    "#ifdef LOGARITHM\n"
    "  const CHANNELS last = log(sum);\n"
    "#else\n"
    "  const CHANNELS last = 1.0f / sum;\n"
    "#endif\n"
    "  for (size_t i = 0; i < size; ++i) {\n"
    "    const CHANNELS x = TAKE(src, begin + i * inner) - greatest;\n"
    "#ifdef LOGARITHM\n"
    "    GIVE(x - last, dst, begin + i * inner);\n"
    "#else\n"
    "    GIVE(exp(x) * last, dst, begin + i * inner);\n"
    "#endif\n"
    "  }\n"
    "}\n"
    "#endif\n"
    "",
    "ca302c47cb3ee810bf1b864e11dc4d99647144102d5f3c3d8ab2b2543e53475e",
    nn_common.text};
// clang-format on

}  // namespace gpuimg::kernels
