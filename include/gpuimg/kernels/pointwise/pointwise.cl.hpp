// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/pointwise/pointwise.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source pointwise{
    "pointwise/pointwise",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// dst[i] = FORMULA of the pixels i of one or two images and up to two scalars, in ACC_T.\n"
    "// A work-item computes VEC pixels; the image's shape does not matter.\n"
    "\n"
    "#ifndef FORMULA  // the host sets the formula, the type it is computed in and the scalars' names\n"
    "#define FORMULA a + scalar\n"
    "#define ACC_T float\n"
    "#define SCALAR_0 scalar\n"
    "#endif\n"
    "\n"
    "kernel void pointwise(global const SRC_T* restrict src,\n"
    "#ifdef OTHER_T\n"
    "                      global const OTHER_T* restrict other,\n"
    "#endif\n"
    "                      global DST_T* restrict dst,\n"
    "#ifdef SCALAR_0\n"
    "                      const ACC_T scalar_0,\n"
    "#endif\n"
    "#ifdef SCALAR_1\n"
    "                      const ACC_T scalar_1,\n"
    "#endif\n"
    "                      const ulong count) {\n"
    "  const size_t i = get_global_id(0) * VEC;\n"
    "  if (i >= count) return;\n"
    "  if (i + VEC <= count) {\n"
    "    const VECTOR(ACC_T) a = TO_VECTOR(ACC_T, LOAD(src + i));\n"
    "#ifdef OTHER_T\n"
    "    const VECTOR(ACC_T) b = TO_VECTOR(ACC_T, LOAD(other + i));\n"
    "#endif\n"
    "#ifdef SCALAR_0\n"
    "    const VECTOR(ACC_T) SCALAR_0 = scalar_0;\n"
    "#endif\n"
    "#ifdef SCALAR_1\n"
    "    const VECTOR(ACC_T) SCALAR_1 = scalar_1;\n"
    "#endif\n"
    "#ifdef USES_ZERO\n"
    "    const VECTOR(ACC_T) zero = 0;\n"
    "#endif\n"
    "#ifdef IS_BINARY\n"
    "    STORE(TO_VECTOR(DST_T, FORMULA) & (DST_T)1, dst + i);  // true is -1 in a vector\n"
    "#else\n"
    "    STORE(TO_VECTOR(DST_T, FORMULA), dst + i);\n"
    "#endif\n"
    "    return;\n"
    "  }\n"
    "  for (size_t k = i; k < count; ++k) {\n"
    "    const ACC_T a = TO(ACC_T, src[k]);\n"
    "#ifdef OTHER_T\n"
    "    const ACC_T b = TO(ACC_T, other[k]);\n"
    "#endif\n"
    "#ifdef SCALAR_0\n"
    "    const ACC_T SCALAR_0 = scalar_0;\n"
    "#endif\n"
    "#ifdef SCALAR_1\n"
    "    const ACC_T SCALAR_1 = scalar_1;\n"
    "#endif\n"
    "#ifdef USES_ZERO\n"
    "    const ACC_T zero = 0;\n"
    "#endif\n"
    "    dst[k] = (DST_T)(FORMULA);\n"
    "  }\n"
    "}\n"
    "",
    "bf2387c9a6b4bfcb3401c1319174569b2fa68b348aa7d9ae4f3bb4e23fecbad2"};
// clang-format on

}  // namespace gpuimg::kernels
