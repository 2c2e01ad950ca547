// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/pointwise/pointwise.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source pointwise{
    "pointwise/pointwise",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// dst[i] = FORMULA of the pixels i of up to four images and of some numbers, in ACC_T.\n"
    "// A work-item computes VEC pixels; the image's shape does not matter.\n"
    "//\n"
    "// The host writes the formula, which calls the images a, b, c and d, and these lists:\n"
    "//   IMAGES           the images as parameters\n"
    "//   NUMBERS          the numbers as parameters, each called <name>_\n"
    "//   PIXELS(read, i)  declarations of a, b, c and d, each from the type of its image's pixels\n"
    "//   CONSTANTS(type)  declarations of the numbers\n"
    "//   RESULT           what converts ACC_T to DST_T, without the vector's width\n"
    "// FORMULA is told what takes the square root of what it computes with, and what the quotient.\n"
    "\n"
    "#ifndef FORMULA  // so that the file compiles alone\n"
    "#define ACC_T float\n"
    "#define IMAGES global const SRC_T *restrict image_a,\n"
    "#define NUMBERS const float scalar_,\n"
    "#define PIXELS(read, i) read(a, SRC_T, i)\n"
    "#define CONSTANTS(type) const type scalar = (type)(scalar_);\n"
    "#define FORMULA(root_of, quotient_of) root_of(quotient_of(a, scalar)) + zero\n"
    "#define RESULT(width) PASTE(convert_float, width)\n"
    "#endif\n"
    "\n"
    "#define READ_VECTOR(name, type, i) \\\n"
    "  const VECTOR(ACC_T) name = TO_VECTOR(ACC_T, LOAD_ALIGNED(type, PASTE(image_, name) + (i)));\n"
    "#define READ_PIXEL(name, type, i) const ACC_T name = TO(ACC_T, PASTE(image_, name)[i]);\n"
    "\n"
    "DEFINE_ROOT_OF(roots_of, VECTOR, ANY)\n"
    "DEFINE_ROOT_OF(root_of, SINGLE, )\n"
    "DEFINE_QUOTIENT_OF(quotients_of, VECTOR, ANY)\n"
    "DEFINE_QUOTIENT_OF(quotient_of, SINGLE, )\n"
    "\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_pointwise)\n"
    "kernel void pointwise(global DST_T* restrict dst, IMAGES NUMBERS const ulong count) {\n"
    "  const size_t i = get_global_id(0) * VEC;\n"
    "  if (i >= count) return;\n"
    "  if (i + VEC <= count) {\n"
    "    const VECTOR(ACC_T) zero = 0;\n"
    "    CONSTANTS(VECTOR(ACC_T))\n"
    "    PIXELS(READ_VECTOR, i)\n"
    "#ifdef IS_BINARY\n"
    "    const VECTOR(DST_T) result =\n"
    "        TO_VECTOR(DST_T, FORMULA(roots_of, quotients_of)) & (DST_T)1;  // true is -1 in a vector\n"
    "#else\n"
    "    const VECTOR(DST_T) result = RESULT(VEC)(FORMULA(roots_of, quotients_of));\n"
    "#endif\n"
    "    if (IS_STREAM(DST_T, dst, count))\n"
    "      STREAM(DST_T, result, dst + i);\n"
    "    else\n"
    "      STORE_ALIGNED(DST_T, result, dst + i);\n"
    "    return;\n"
    "  }\n"
    "  for (size_t k = i; k < count; ++k) {\n"
    "    const ACC_T zero = 0;\n"
    "    CONSTANTS(ACC_T)\n"
    "    PIXELS(READ_PIXEL, k)\n"
    "#ifdef IS_BINARY\n"
    "    dst[k] = (FORMULA(root_of, quotient_of)) ? 1 : 0;\n"
    "#else\n"
    "    dst[k] = RESULT()(FORMULA(root_of, quotient_of));\n"
    "#endif\n"
    "  }\n"
    "}\n"
    "#endif\n"
    "",
    "71df823f8e37d12434860536731149616c20e1ceffe4d29e2c9b06c7f2499da8"};
// clang-format on

}  // namespace gpuimg::kernels
