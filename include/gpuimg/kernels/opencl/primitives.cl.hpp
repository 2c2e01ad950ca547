// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/opencl/primitives.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source primitives{
    "opencl/primitives",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// What several operations on labels need: zeros, an exclusive prefix sum, the greatest of many\n"
    "// numbers.\n"
    "\n"
    "#define SCAN_BLOCK 1024\n"
    "#define PIECE 4096\n"
    "\n"
    "kernel void primitives__fill_zero(global uint* restrict values, const ulong count) {\n"
    "  if (get_global_id(0) < count) values[get_global_id(0)] = 0;\n"
    "}\n"
    "\n"
    "// An exclusive prefix sum over `count` numbers in place: block sums, sums before each block,\n"
    "// blocks.\n"
    "kernel void primitives__scan_blocks(global const uint* restrict values, global uint* restrict sums,\n"
    "                                    const uint count) {\n"
    "  const uint block = (uint)get_global_id(0);\n"
    "  const ulong begin = (ulong)block * SCAN_BLOCK, end = min((ulong)count, begin + SCAN_BLOCK);\n"
    "  if (begin >= count) return;\n"
    "  uint sum = 0;\n"
    "  for (ulong i = begin; i < end; ++i) sum += values[i];\n"
    "  sums[block] = sum;\n"
    "}\n"
    "\n"
    "kernel void primitives__scan_sums(global uint* restrict sums, const uint blocks) {\n"
    "  if (get_global_id(0) != 0) return;\n"
    "  uint sum = 0;\n"
    "  for (uint block = 0; block < blocks; ++block) {\n"
    "    const uint next = sums[block];\n"
    "    sums[block] = sum;\n"
    "    sum += next;\n"
    "  }\n"
    "}\n"
    "\n"
    "kernel void primitives__scan_apply(global uint* restrict values, global const uint* restrict sums,\n"
    "                                   const uint count) {\n"
    "  const uint block = (uint)get_global_id(0);\n"
    "  const ulong begin = (ulong)block * SCAN_BLOCK, end = min((ulong)count, begin + SCAN_BLOCK);\n"
    "  if (begin >= count) return;\n"
    "  uint sum = sums[block];\n"
    "  for (ulong i = begin; i < end; ++i) {\n"
    "    const uint next = values[i];\n"
    "    values[i] = sum;\n"
    "    sum += next;\n"
    "  }\n"
    "}\n"
    "\n"
    "kernel void primitives__greatest(global const uint* restrict values, global uint* restrict greatest,\n"
    "                                 const ulong count) {\n"
    "  const size_t piece = get_global_id(0), begin = piece * PIECE;\n"
    "  if (begin >= count) return;\n"
    "  const size_t end = min((size_t)count, begin + PIECE);\n"
    "  uint most = 0;\n"
    "  for (size_t i = begin; i < end; ++i) most = max(most, values[i]);\n"
    "  greatest[piece] = most;\n"
    "}\n"
    "",
    "01da50d148ae8388b333626af4a807a4cb8db940f63d4042883b860e72a0e98d"};
// clang-format on

}  // namespace gpuimg::kernels
