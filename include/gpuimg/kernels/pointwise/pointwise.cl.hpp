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
    "//   PIXELS(read, i)  declarations of a, b, c and d\n"
    "//   CONSTANTS(type)  declarations of the numbers\n"
    "//   RESULT           what converts ACC_T to DST_T, without the vector's width\n"
    "\n"
    "#ifndef FORMULA  // so that the file compiles alone\n"
    "#define ACC_T float\n"
    "#define IMAGES global const SRC_T *restrict image_a,\n"
    "#define NUMBERS const float scalar_,\n"
    "#define PIXELS(read, i) read(a, image_a, i)\n"
    "#define CONSTANTS(type) const type scalar = (type)(scalar_);\n"
    "#define FORMULA a + scalar + zero\n"
    "#define RESULT(width) PASTE(convert_float, width)\n"
    "#endif\n"
    "\n"
    "#define READ_VECTOR(name, image, i) \\\n"
    "  const VECTOR(ACC_T) name = TO_VECTOR(ACC_T, PASTE(vload, VEC)(0, image + (i)));\n"
    "#define READ_PIXEL(name, image, i) const ACC_T name = TO(ACC_T, image[i]);\n"
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
    "    STORE(PASTE(convert_, VECTOR(DST_T))(FORMULA) & (DST_T)1, dst + i);  // true is -1 in a vector\n"
    "#else\n"
    "    STORE(RESULT(VEC)(FORMULA), dst + i);\n"
    "#endif\n"
    "    return;\n"
    "  }\n"
    "  for (size_t k = i; k < count; ++k) {\n"
    "    const ACC_T zero = 0;\n"
    "    CONSTANTS(ACC_T)\n"
    "    PIXELS(READ_PIXEL, k)\n"
    "#ifdef IS_BINARY\n"
    "    dst[k] = (FORMULA) ? 1 : 0;\n"
    "#else\n"
    "    dst[k] = RESULT()(FORMULA);\n"
    "#endif\n"
    "  }\n"
    "}\n"
    "#endif\n"
    "",
    "22468bb7fe5bf6923ac27d1341d78b024578f3fd554514540f57ca8cdc920add"};
// clang-format on

}  // namespace gpuimg::kernels
