// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/nn/elementwise.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/kernels/nn/common.clh.hpp"
#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source elementwise{
    "nn/elementwise",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// A function of one number, or of two, for each number of a result.\n"
    "//\n"
    "//   ACTIVATION        is applied last\n"
    "//   COMBINE(x, y)     what two numbers become; left out where there is one source\n"
    "//   OTHER_IS_PLAIN    `other` has one channel, which goes with all channels of a block\n"
    "//\n"
    "// Where a number of `other` lies stands in a table per axis, as in layout.cl, so that axes of size\n"
    "// 1 are repeated; `src` and `dst` lie alike.\n"
    "\n"
    "// Axis 0: blocks of channels, one after the other.\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_elementwise)\n"
    "kernel void elementwise(global const SRC_NUMBER* src, global DST_NUMBER* dst, ulong count,\n"
    "                        float alpha, float beta) {\n"
    "  (void)alpha, (void)beta;  // some functions have no constants\n"
    "  const size_t i = get_global_id(0);\n"
    "  if (i < count) PUT(ACTIVATE(GET(src, i), alpha, beta), dst, i);\n"
    "}\n"
    "#endif\n"
    "\n"
    "#ifndef COMBINE\n"
    "#define COMBINE(x, y) ((x) + (y))\n"
    "#endif\n"
    "#ifdef OTHER_IS_PLAIN\n"
    "#ifdef SRC_HALF\n"
    "#define GET_OTHER(index) ((CHANNELS)vload_half(index, other))\n"
    "#else\n"
    "#define GET_OTHER(index) ((CHANNELS)other[index])\n"
    "#endif\n"
    "#else\n"
    "#define GET_OTHER(index) GET(other, index)\n"
    "#endif\n"
    "\n"
    "// `src` may be repeated along axes, too: `tables` holds places in src, then places in other. Axis\n"
    "// 0: the last axis, or a part of it per work-item; axis 1: all others.\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_elementwise__two)\n"
    "kernel void elementwise__two(global const SRC_NUMBER* src, global const SRC_NUMBER* other,\n"
    "                             global DST_NUMBER* dst, global const long* tables, int4 outer,\n"
    "                             int4 inner, float alpha, float beta) {\n"
    "  (void)alpha, (void)beta;  // some functions have no constants\n"
    "  const row_walk row = walk_row(get_global_id(1), tables, outer, inner);\n"
    "  if (!row.exists) return;\n"
    "  const long first = (long)get_global_id(1) * row.size;\n"
    "  for (int i = get_global_id(0); i < row.size; i += get_global_size(0)) {\n"
    "    const CHANNELS x = GET(src, row.first + row.firsts[i]);\n"
    "    const CHANNELS y = GET_OTHER(row.second + row.seconds[i]);\n"
    "    const CHANNELS z = COMBINE(x, y);\n"
    "    PUT(ACTIVATE(z, alpha, beta), dst, first + i);\n"
    "  }\n"
    "}\n"
    "#endif\n"
    "",
    "40bfa16a27e7a63680aeeea138bb1c9b7020726d9f22f2075426e8c1b618cb19",
    nn_common.text};
// clang-format on

}  // namespace gpuimg::kernels
