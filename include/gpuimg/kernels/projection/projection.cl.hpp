// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/projection/projection.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source projection{
    "projection/projection",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// Projections along z. Of two pixels the later one wins only if it is greater, so a NaN stays where\n"
    "// it came first.\n"
    "\n"
    "// A work-item computes VEC pixels of the plane they fall on, which is `plane` pixels long.\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_projection__maximum_z)\n"
    "kernel void projection__maximum_z(global const SRC_T* restrict src, global SRC_T* restrict dst,\n"
    "                                  const ulong plane, const ulong planes) {\n"
    "  const size_t i = get_global_id(0) * VEC;\n"
    "  if (i >= plane) return;\n"
    "  VECTOR(SRC_T) most = LOAD_ALIGNED(SRC_T, src + i);\n"
    "  for (size_t z = 1; z < planes; ++z) {\n"
    "    const VECTOR(SRC_T) next = LOAD_ALIGNED(SRC_T, src + z * plane + i);\n"
    "    most = next > most ? next : most;\n"
    "  }\n"
    "  STORE_ALIGNED(SRC_T, most, dst + i);\n"
    "}\n"
    "#endif\n"
    "\n"
    "// The same plane by plane: a work-item goes over RUN neighbouring pixels of each, and keeps what it\n"
    "// has so far in the result, which stays in the cache. The next work-item would else come to every\n"
    "// plane's page anew.\n"
    "#ifndef RUN\n"
    "#define RUN 1024\n"
    "#endif\n"
    "\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_projection__maximum_z_runs)\n"
    "kernel void projection__maximum_z_runs(global const SRC_T* restrict src, global SRC_T* restrict dst,\n"
    "                                       const ulong plane, const ulong planes) {\n"
    "  const size_t first = get_global_id(0) * RUN;\n"
    "  if (first >= plane) return;\n"
    "  const size_t count = min((size_t)RUN, plane - first);\n"
    "  src += first;\n"
    "  dst += first;\n"
    "  for (size_t i = 0; i < count; ++i) dst[i] = src[i];\n"
    "  for (size_t z = 1; z < planes; ++z) {\n"
    "    src += plane;\n"
    "    size_t i = 0;\n"
    "    for (; i + VEC <= count; i += VEC) {\n"
    "      const VECTOR(SRC_T) most = LOAD_ALIGNED(SRC_T, dst + i), next = LOAD_ALIGNED(SRC_T, src + i);\n"
    "      STORE_ALIGNED(SRC_T, next > most ? next : most, dst + i);\n"
    "    }\n"
    "    for (; i < count; ++i) dst[i] = src[i] > dst[i] ? src[i] : dst[i];\n"
    "  }\n"
    "}\n"
    "#endif\n"
    "",
    "49e88bba6a541c2f95443763ae6fbcad056cf7fbf3202a7be19938b8e2b4ddfb"};
// clang-format on

}  // namespace gpuimg::kernels
