// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/opencl/self_test.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source self_test{
    "opencl/self_test",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// What all kernels rely on, as numbers that the host knows. Work-item 0 computes; all of them\n"
    "// count. What goes in comes from memory, so that no compiler computes it beforehand.\n"
    "\n"
    "#define LONG_LOOP 100000\n"
    "\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_self_test)\n"
    "kernel void self_test(global const float* restrict in, global uint* restrict answer,\n"
    "                      volatile global uint* counter) {\n"
    "  atomic_inc(counter);\n"
    "  atomic_add(counter + 1, (uint)get_global_id(0));\n"
    "  atomic_min(counter + 2, (uint)get_global_id(0));\n"
    "  atomic_or(counter + 3, 1u << (get_global_id(0) % 32));\n"
    "  if (get_global_id(0) != 0) return;\n"
    "\n"
    "  // One rounding after the product and one after the sum; an fma has one in all.\n"
    "  answer[0] = as_uint(in[0] * in[0] + in[1]);\n"
    "  answer[1] = as_uint(fma(in[0], in[0], in[1]));\n"
    "  // Numbers too small to be normal.\n"
    "  answer[2] = as_uint(in[2] * in[3]);\n"
    "  answer[3] = as_uint(in[4] + in[4]);\n"
    "  // Zeros.\n"
    "  answer[4] = as_uint(fma(in[5], in[6], in[7]));\n"
    "  answer[5] = as_uint(fma(in[5], in[6], in[5]));\n"
    "  // Halves go to the even neighbour.\n"
    "  answer[6] = (uint)convert_int_rte(in[8]);\n"
    "  answer[7] = (uint)convert_int_rte(in[9]);\n"
    "  answer[8] = as_uint(convert_float((uint)in[10] + 1u));\n"
    "  // Beyond the range of the integer; NaN.\n"
    "  const float4 wide = vload4(0, in + 11);\n"
    "  const uchar4 bytes = convert_uchar4_sat_rte(wide);\n"
    "  answer[9] = bytes.x | (uint)bytes.y << 8 | (uint)bytes.z << 16 | (uint)bytes.w << 24;\n"
    "  answer[10] = (uint)convert_int_sat(in[14]);\n"
    "  answer[11] = convert_uint_sat(in[15]);\n"
    "\n"
    "  // The loop's condition comes from memory, too.\n"
    "  uint state = 1;\n"
    "  for (uint turns = 0; turns < LONG_LOOP + (uint)in[5]; ++turns)\n"
    "    state = state * 1664525u + 1013904223u;\n"
    "  answer[12] = state;\n"
    "  answer[13] = (uint)in[10] * 0x9e3779b9u;\n"
    "  answer[14] = as_uint(fma(in[4], in[6], in[4]));\n"
    "}\n"
    "#endif\n"
    "",
    "5a599104ff8295ca9b7343e03f44c63ce1c0ffaf5b32d6eb8b6c309acb6bb3fa"};
// clang-format on

}  // namespace gpuimg::kernels
