// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/nn/pooling.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/kernels/nn/common.clh.hpp"
#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source pooling{
    "nn/pooling",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// The maximum or the mean of a window around each pixel.\n"
    "//\n"
    "//   MAXIMUM  the maximum instead of the mean\n"
    "//\n"
    "// Sizes, steps and the window are x, y, z. Pixel p of the result looks at step p - begin + dilation\n"
    "// k for k = 0 ... window - 1, as far as that is inside the source. The mean is the sum times a\n"
    "// factor: 1 over the number of pixels inside, or, where `counts_outside`, over those that are not\n"
    "// farther outside than `end`, which are counted as 0. Axis 0: pixels along x; 1: rows; 2: planes of\n"
    "// blocks of channels.\n"
    "\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_pooling)\n"
    "kernel void pooling(global const SRC_NUMBER* src, global DST_NUMBER* dst, int4 src_size,\n"
    "                    int4 dst_size, int4 window, int4 step, int4 dilation, int4 begin, int4 end,\n"
    "                    int counts_outside, ulong blocks, float alpha, float beta) {\n"
    "  (void)end, (void)counts_outside, (void)alpha, (void)beta;  // some macros leave them out\n"
    "  const int x = get_global_id(0), y = get_global_id(1), z = get_global_id(2) % dst_size.z;\n"
    "  const ulong block = get_global_id(2) / dst_size.z;\n"
    "  if (x >= dst_size.x || y >= dst_size.y || block >= blocks) return;\n"
    "  const int4 first = (int4)(x, y, z, 0) * step - begin;\n"
    "  const size_t plane = (size_t)src_size.x * src_size.y;\n"
    "#ifdef MAXIMUM\n"
    "  CHANNELS result = -INFINITY;\n"
    "#else\n"
    "  CHANNELS result = 0;\n"
    "  int count = 0;\n"
    "#endif\n"
    "  for (int k = 0; k < window.z; ++k)\n"
    "    for (int j = 0; j < window.y; ++j)\n"
    "      for (int i = 0; i < window.x; ++i) {\n"
    "        const int4 at = first + (int4)(i, j, k, 0) * dilation;\n"
    "        const bool is_inside = at.x >= 0 && at.y >= 0 && at.z >= 0 && at.x < src_size.x &&\n"
    "                               at.y < src_size.y && at.z < src_size.z;\n"
    "#ifndef MAXIMUM\n"
    "        const bool is_near =\n"
    "            at.x < src_size.x + end.x && at.y < src_size.y + end.y && at.z < src_size.z + end.z;\n"
    "        count += counts_outside ? is_near : is_inside;\n"
    "#endif\n"
    "        if (!is_inside) continue;\n"
    "        const CHANNELS v =\n"
    "            GET(src, block * src_size.z * plane + at.z * plane + (size_t)at.y * src_size.x + at.x);\n"
    "#ifdef MAXIMUM\n"
    "        result = v > result || v != v ? v : result;\n"
    "#else\n"
    "        result += v;\n"
    "#endif\n"
    "      }\n"
    "#ifndef MAXIMUM\n"
    "  result *= 1.0f / count;\n"
    "#endif\n"
    "  PUT(ACTIVATE(result, alpha, beta), dst,\n"
    "      ((block * dst_size.z + z) * dst_size.y + y) * dst_size.x + x);\n"
    "}\n"
    "#endif\n"
    "",
    "1c2ea2c9ad0b00a6b3cce9faef0271fbaa86e6d8dbf828a9ef15814d68f3ceb5",
    nn_common.text};
// clang-format on

}  // namespace gpuimg::kernels
