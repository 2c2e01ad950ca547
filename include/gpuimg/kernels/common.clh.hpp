// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/common.clh by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source common{
    "common",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// What every kernel starts with: exact arithmetic, pixel types as macros, vectors along x, borders.\n"
    "//\n"
    "//   SRC_T  pixel type that is read          DST_T  pixel type that is written\n"
    "//   VEC    pixels along x per work-item     image sizes are arguments, never macros\n"
    "//\n"
    "// An image is contiguous, x fastest: pixel (x, y, z) of size (nx, ny, nz) is at\n"
    "// x + nx * (y + ny * z).\n"
    "#pragma OPENCL FP_CONTRACT OFF\n"
    "\n"
    "#ifndef SRC_T  // defaults only so that a file compiles alone; the host sets what it means\n"
    "#define SRC_T float\n"
    "#endif\n"
    "#ifndef DST_T\n"
    "#define DST_T float\n"
    "#endif\n"
    "#ifndef VEC\n"
    "#define VEC 4\n"
    "#endif\n"
    "\n"
    "#define PASTE_(a, b) a##b\n"
    "#define PASTE(a, b) PASTE_(a, b)\n"
    "#define VECTOR(type) PASTE(type, VEC)\n"
    "#define LOAD(pointer) PASTE(vload, VEC)(0, pointer)\n"
    "#define STORE(value, pointer) PASTE(vstore, VEC)(value, 0, pointer)\n"
    "#define TO(type, value) PASTE(convert_, type)(value)\n"
    "#define TO_VECTOR(type, value) PASTE(convert_, VECTOR(type))(value)\n"
    "\n"
    "// How pixels beyond the edge are made, as scipy.ndimage names it.\n"
    "#define BORDER_NEAREST 0   // a a | a b c | c c\n"
    "#define BORDER_REFLECT 1   // b a | a b c | c b\n"
    "#define BORDER_MIRROR 2    // c b | a b c | b a\n"
    "#define BORDER_WRAP 3      // b c | a b c | a b\n"
    "#define BORDER_CONSTANT 4  // k k | a b c | k k\n"
    "\n"
    "// The pixel that stands for pixel i of an axis of n pixels; -1 for the constant.\n"
    "int border_index(int i, int n, int border) {\n"
    "  if (i >= 0 && i < n) return i;\n"
    "  if (border == BORDER_CONSTANT) return -1;\n"
    "  if (border == BORDER_NEAREST || n == 1) return clamp(i, 0, n - 1);\n"
    "  const int period = border == BORDER_WRAP ? n : border == BORDER_REFLECT ? 2 * n : 2 * n - 2;\n"
    "  i %= period;\n"
    "  if (i < 0) i += period;\n"
    "  if (i < n) return i;\n"
    "  return border == BORDER_REFLECT ? 2 * n - 1 - i : 2 * n - 2 - i;\n"
    "}\n"
    "",
    "d9cc1b342538559ab866907d02190462bbaa188522b4079ebc26a4ea7fcb17e4"};
// clang-format on

}  // namespace gpuimg::kernels
