// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/filter/detect_maxima.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source detect_maxima{
    "filter/detect_maxima",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// Marks with 1 each pixel that is greater than all of its neighbours inside the image, others with\n"
    "// 0. A plateau has no maximum. A work-item computes VEC pixels of one row.\n"
    "\n"
    "#ifndef MASK_T  // the signed integer as wide as SRC_T: what comparing vectors of it gives\n"
    "#define MASK_T int\n"
    "#endif\n"
    "\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_detect_maxima)\n"
    "kernel void detect_maxima(global const SRC_T* restrict src, global uchar* restrict dst,\n"
    "                          const uint4 unsigned_size, const int is_box) {\n"
    "  const int4 size = convert_int4(unsigned_size);\n"
    "  const int x = (int)get_global_id(0) * VEC, y = (int)get_global_id(1), z = (int)get_global_id(2);\n"
    "  if (x >= size.x) return;\n"
    "  const size_t at = x + (size_t)size.x * (y + (size_t)size.y * z);\n"
    "  src += at;\n"
    "  dst += at;\n"
    "  const int y0 = max(y - 1, 0), y1 = min(y + 1, size.y - 1);\n"
    "  const int z0 = max(z - 1, 0), z1 = min(z + 1, size.z - 1);\n"
    "  if (x > 0 && x + VEC < size.x) {\n"
    "    const VECTOR(SRC_T) pixels = LOAD(src);\n"
    "    VECTOR(MASK_T) greater = (pixels > LOAD(src - 1)) & (pixels > LOAD(src + 1));\n"
    "    for (int nz = z0; nz <= z1; ++nz)\n"
    "      for (int ny = y0; ny <= y1; ++ny) {\n"
    "        const int away = abs(nz - z) + abs(ny - y);\n"
    "        if (away == 0 || (away == 2 && !is_box)) continue;\n"
    "        global const SRC_T* row =\n"
    "            src + ((ptrdiff_t)(ny - y) + (ptrdiff_t)size.y * (nz - z)) * size.x;\n"
    "        greater &= pixels > LOAD(row);\n"
    "        if (is_box) greater &= (pixels > LOAD(row - 1)) & (pixels > LOAD(row + 1));\n"
    "      }\n"
    "    STORE(TO_VECTOR(uchar, greater) & (uchar)1, dst);\n"
    "    return;\n"
    "  }\n"
    "  for (int k = 0; k < min(VEC, size.x - x); ++k) {\n"
    "    bool greatest = true;\n"
    "    for (int nz = z0; nz <= z1; ++nz)\n"
    "      for (int ny = y0; ny <= y1; ++ny)\n"
    "        for (int nx = max(x + k - 1, 0); nx <= min(x + k + 1, size.x - 1); ++nx) {\n"
    "          const int away = abs(nz - z) + abs(ny - y) + abs(nx - x - k);\n"
    "          if (away == 0 || (away > 1 && !is_box)) continue;\n"
    "          const ptrdiff_t to =\n"
    "              nx - x + ((ptrdiff_t)(ny - y) + (ptrdiff_t)size.y * (nz - z)) * size.x;\n"
    "          greatest = greatest && src[k] > src[to];\n"
    "        }\n"
    "    dst[k] = greatest;\n"
    "  }\n"
    "}\n"
    "#endif\n"
    "",
    "54c1b3830a1429c85556becd66d9c8ad7970ac608620ac4eddbf21cf9079f16a"};
// clang-format on

}  // namespace gpuimg::kernels
