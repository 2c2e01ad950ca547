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
    "// The greatest pixel of one column, which begins at `src`.\n"
    "SRC_T greatest(global const SRC_T* restrict src, const ulong plane, const ulong planes) {\n"
    "  SRC_T most = *src;\n"
    "  for (size_t z = 1; z < planes; ++z) {\n"
    "    const SRC_T next = src[z * plane];\n"
    "    most = next > most ? next : most;\n"
    "  }\n"
    "  return most;\n"
    "}\n"
    "\n"
    "// A work-item computes VEC pixels of the plane they fall on, which is `plane` pixels long: side by\n"
    "// side where every plane begins at a multiple of VEC, else as far apart as there are work-items.\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_projection__maximum_z)\n"
    "kernel void projection__maximum_z(global const SRC_T* restrict src, global SRC_T* restrict dst,\n"
    "                                  const ulong plane, const ulong planes) {\n"
    "  const size_t items = (plane + VEC - 1) / VEC;\n"
    "  size_t i = get_global_id(0);\n"
    "  if (i >= items) return;\n"
    "  if (plane % VEC != 0) {\n"
    "    for (; i < plane; i += items) dst[i] = greatest(src + i, plane, planes);\n"
    "    return;\n"
    "  }\n"
    "  i *= VEC;\n"
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
    "2ac476e831d76f6cc777daa7a9e7bdd8b97ec7d7de1da2d307600d3ae6b6cb36"};
// clang-format on

}  // namespace gpuimg::kernels
