// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/label/replace_values.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source replace_values{
    "label/replace_values",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// Lists by label, of `count` entries: values that labels become, or how low pixels of a label may\n"
    "// be. Labels beyond the end of the list become 0. A work-item takes VEC pixels, most often of one\n"
    "// label.\n"
    "\n"
    "uint value_of(global const uint* values, const uint label, const ulong count) {\n"
    "  return label < count ? values[label] : 0;\n"
    "}\n"
    "\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_replace_values)\n"
    "kernel void replace_values(global const uint* restrict src, global const uint* restrict values,\n"
    "                           global uint* restrict dst, const ulong pixels, const ulong count) {\n"
    "  const size_t i = get_global_id(0) * VEC;\n"
    "  if (i + VEC > pixels) {\n"
    "    for (size_t k = i; k < pixels; ++k) dst[k] = value_of(values, src[k], count);\n"
    "    return;\n"
    "  }\n"
    "  const VECTOR(uint) labels = LOAD_ALIGNED(uint, src + i);\n"
    "  uint label[VEC];\n"
    "  STORE(labels, label);\n"
    "  if (ANY(labels != label[0]))\n"
    "    for (int k = 0; k < VEC; ++k) label[k] = value_of(values, label[k], count);\n"
    "  else\n"
    "    STORE((VECTOR(uint))(value_of(values, label[0], count)), label);\n"
    "  STORE_RESULT_ALIGNED(uint, LOAD(label), dst + i, pixels);\n"
    "}\n"
    "#endif\n"
    "\n"
    "uint label_above(global const SRC_T* least, const uint label, const SRC_T pixel,\n"
    "                 const ulong count) {\n"
    "  return label < count && pixel >= least[label] ? label : 0;\n"
    "}\n"
    "\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_replace_values__below)\n"
    "kernel void replace_values__below(global const uint* restrict labels,\n"
    "                                  global const SRC_T* restrict src,\n"
    "                                  global const SRC_T* restrict least, global uint* restrict dst,\n"
    "                                  const ulong pixels, const ulong count) {\n"
    "  const size_t i = get_global_id(0) * VEC;\n"
    "  if (i + VEC > pixels) {\n"
    "    for (size_t k = i; k < pixels; ++k) dst[k] = label_above(least, labels[k], src[k], count);\n"
    "    return;\n"
    "  }\n"
    "  const VECTOR(uint) all = LOAD_ALIGNED(uint, labels + i);\n"
    "  VECTOR(uint) result = 0;\n"
    "  uint label[VEC];\n"
    "  STORE(all, label);\n"
    "  if (ANY(all != label[0])) {\n"
    "    SRC_T pixel[VEC];\n"
    "    STORE(LOAD_ALIGNED(SRC_T, src + i), pixel);\n"
    "    for (int k = 0; k < VEC; ++k) label[k] = label_above(least, label[k], pixel[k], count);\n"
    "    result = LOAD(label);\n"
    "  } else if (label[0] != 0 && label[0] < count) {\n"
    "    result = TO_VECTOR(int, LOAD_ALIGNED(SRC_T, src + i) >= least[label[0]]) ? all : result;\n"
    "  }\n"
    "  STORE_RESULT_ALIGNED(uint, result, dst + i, pixels);\n"
    "}\n"
    "#endif\n"
    "",
    "e8c634ed51d1c9b77f9d6b9e4e74c9735ece012eaff7c730a4706c674b521d2c"};
// clang-format on

}  // namespace gpuimg::kernels
