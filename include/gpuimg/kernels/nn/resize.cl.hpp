// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/nn/resize.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/kernels/nn/common.clh.hpp"
#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source resize{
    "nn/resize",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// Images in another size: each pixel is a sum of pixels of the source, a product of sums along z, y\n"
    "// and x.\n"
    "//\n"
    "// Along an axis, pixel i of the result is the sum of `taps` pixels, which and with what weights\n"
    "// stands in tables, of z first, then of y, then of x. Axis 0: pixels along x; axis 1: rows; axis 2:\n"
    "// planes of blocks of channels.\n"
    "\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_resize)\n"
    "kernel void resize(global const SRC_NUMBER* src, global DST_NUMBER* dst, global const int* places,\n"
    "                   global const float* weights, int4 src_size, int4 dst_size, int4 taps,\n"
    "                   ulong blocks) {\n"
    "  const int x = get_global_id(0), y = get_global_id(1), z = get_global_id(2) % dst_size.z;\n"
    "  const ulong block = get_global_id(2) / dst_size.z;\n"
    "  if (x >= dst_size.x || y >= dst_size.y || block >= blocks) return;\n"
    "  const int in_z = z * taps.z, in_y = dst_size.z * taps.z + y * taps.y;\n"
    "  const int in_x = dst_size.z * taps.z + dst_size.y * taps.y + x * taps.x;\n"
    "  CHANNELS result = 0;\n"
    "  for (int k = 0; k < taps.z; ++k)\n"
    "    for (int j = 0; j < taps.y; ++j) {\n"
    "      const size_t row = (block * src_size.z + places[in_z + k]) * src_size.y + places[in_y + j];\n"
    "      CHANNELS sum = 0;\n"
    "      for (int i = 0; i < taps.x; ++i)\n"
    "        sum = fma(GET(src, row * src_size.x + places[in_x + i]), (CHANNELS)weights[in_x + i], sum);\n"
    "      result = fma(sum, (CHANNELS)(weights[in_z + k] * weights[in_y + j]), result);\n"
    "    }\n"
    "  PUT(result, dst, ((block * dst_size.z + z) * dst_size.y + y) * dst_size.x + x);\n"
    "}\n"
    "#endif\n"
    "",
    "03873084e25ea840036686a663965c6b0bad62d31fda57cf3a7be145d8bd852d",
    nn_common.text};
// clang-format on

}  // namespace gpuimg::kernels
