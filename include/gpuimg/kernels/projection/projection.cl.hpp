// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/projection/projection.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source projection{
    "projection/projection",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// Projections along z. A work-item computes VEC pixels of one row of the plane they fall on.\n"
    "// Of two pixels the later one wins only if it is greater, so a NaN stays where it came first.\n"
    "\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_projection__maximum_z)\n"
    "kernel void projection__maximum_z(global const SRC_T* restrict src, global SRC_T* restrict dst,\n"
    "                                  const uint4 size) {\n"
    "  const size_t plane = (size_t)size.x * size.y, i = get_global_id(0) * VEC;\n"
    "  if (i >= plane) return;\n"
    "  src += i;\n"
    "  dst += i;\n"
    "  if (i + VEC <= plane) {\n"
    "    VECTOR(SRC_T) most = LOAD(src);\n"
    "    for (uint z = 1; z < size.z; ++z) {\n"
    "      const VECTOR(SRC_T) next = LOAD(src + z * plane);\n"
    "      most = next > most ? next : most;\n"
    "    }\n"
    "    STORE(most, dst);\n"
    "    return;\n"
    "  }\n"
    "  for (size_t k = 0; k < plane - i; ++k) {\n"
    "    SRC_T most = src[k];\n"
    "    for (uint z = 1; z < size.z; ++z) {\n"
    "      const SRC_T next = src[z * plane + k];\n"
    "      most = next > most ? next : most;\n"
    "    }\n"
    "    dst[k] = most;\n"
    "  }\n"
    "}\n"
    "#endif\n"
    "",
    "8ad50d348b3fb2ffc74206466165c588351a3b01244aea57dd011657b130a489"};
// clang-format on

}  // namespace gpuimg::kernels
