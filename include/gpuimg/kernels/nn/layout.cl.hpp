// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/nn/layout.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/kernels/nn/common.clh.hpp"
#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source layout{
    "nn/layout",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// Numbers moved from tensor to tensor: slices, paddings, transposed axes, repeated and joined\n"
    "// tensors, other blocks of channels.\n"
    "//\n"
    "// What a step along an axis means in memory stands in a table, so that every way to move numbers,\n"
    "// and every way in which tensors lie, is the same sum over axes:\n"
    "//\n"
    "//   dst[sum of to(axis, i)] = src[sum of from(axis, i)]    for i = 0 ... n - 1 along each axis\n"
    "//\n"
    "// A sum below 0 means `fill`. `tables` holds from, then to. Places count blocks of channels.\n"
    "// Axis 0: the last axis, or a part of it per work-item; axis 1: all others.\n"
    "\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_layout)\n"
    "kernel void layout(global const SRC_NUMBER* src, global DST_NUMBER* dst, global const long* tables,\n"
    "                   int4 outer, int4 inner, float fill) {\n"
    "  const row_walk row = walk_row(get_global_id(1), tables, outer, inner);\n"
    "  if (!row.exists) return;\n"
    "  for (int i = get_global_id(0); i < row.size; i += get_global_size(0)) {\n"
    "    const long from = row.first + row.firsts[i];\n"
    "    PUT(from < 0 ? (CHANNELS)fill : GET(src, from), dst, row.second + row.seconds[i]);\n"
    "  }\n"
    "}\n"
    "#endif\n"
    "",
    "b3b8ca665e7e17c99872b34581683b46611729535af889de7cc48b6bc447ef82",
    nn_common.text};
// clang-format on

}  // namespace gpuimg::kernels
