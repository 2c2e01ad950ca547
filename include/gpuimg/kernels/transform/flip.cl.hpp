// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/transform/flip.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source flip{
    "transform/flip",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// The image mirrored along axes: pixel i of an axis of n pixels comes from n - 1 - i.\n"
    "//\n"
    "// A work-item takes VEC pixels of one row, or one pixel where rows are no whole number of vectors\n"
    "// and a device wants its neighbouring work-items on neighbouring pixels. ALIGNED says that vectors\n"
    "// of a row start at multiples of their size: some devices load those at once only if told.\n"
    "\n"
    "#if VEC == 4\n"
    "#define REVERSE(v) (v).wzyx\n"
    "#elif VEC == 8\n"
    "#define REVERSE(v) (v).s76543210\n"
    "#else\n"
    "#define REVERSE(v) (v).sfedcba9876543210\n"
    "#endif\n"
    "\n"
    "#ifdef ALIGNED\n"
    "#define GET(pointer) (*(global const VECTOR(SRC_T)*)(pointer))\n"
    "#define PUT(value, pointer) (*(global VECTOR(SRC_T)*)(pointer) = (value))\n"
    "#else\n"
    "#define GET(pointer) LOAD(pointer)\n"
    "#define PUT(value, pointer) STORE_ANY(SRC_T, value, pointer)\n"
    "#endif\n"
    "\n"
    "// Where the row goes that this work-item reads. Bits of `axes`: 1 = x, 2 = y, 4 = z.\n"
    "size_t row_across(const uint4 size, const uint axes) {\n"
    "  const size_t y = get_global_id(1), z = get_global_id(2);\n"
    "  return size.x * ((axes & 2 ? size.y - 1 - y : y) + size.y * (axes & 4 ? size.z - 1 - z : z));\n"
    "}\n"
    "\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_flip__vectors)\n"
    "kernel void flip__vectors(global const SRC_T* restrict src, global SRC_T* restrict dst,\n"
    "                          const uint4 size, const uint axes) {\n"
    "  const size_t x = get_global_id(0) * VEC, nx = size.x;\n"
    "  if (x >= nx) return;\n"
    "  src += x + nx * (get_global_id(1) + size.y * get_global_id(2));\n"
    "  dst += row_across(size, axes);\n"
    "  if (x + VEC <= nx) {\n"
    "    const VECTOR(SRC_T) pixels = axes & 1 ? REVERSE(GET(src)) : GET(src);\n"
    "    dst += axes & 1 ? nx - x - VEC : x;\n"
    "    if (IS_STREAM(SRC_T, dst, nx * size.y * size.z))\n"
    "      STREAM(SRC_T, pixels, dst);\n"
    "    else\n"
    "      PUT(pixels, dst);\n"
    "    return;\n"
    "  }\n"
    "  for (size_t k = 0; k < nx - x; ++k) dst[axes & 1 ? nx - 1 - x - k : x + k] = src[k];\n"
    "}\n"
    "#endif\n"
    "\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_flip__pixels)\n"
    "kernel void flip__pixels(global const SRC_T* restrict src, global SRC_T* restrict dst,\n"
    "                         const uint4 size, const uint axes) {\n"
    "  const size_t x = get_global_id(0), nx = size.x;\n"
    "  if (x >= nx) return;\n"
    "  dst[row_across(size, axes) + (axes & 1 ? nx - 1 - x : x)] =\n"
    "      src[x + nx * (get_global_id(1) + size.y * get_global_id(2))];\n"
    "}\n"
    "#endif\n"
    "",
    "aa47dec64b89972e736a920fa326801ad8f6ca552300b30a8482acbebd942d3c"};
// clang-format on

}  // namespace gpuimg::kernels
