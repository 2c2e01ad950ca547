// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/nn/sliding_window.cl by cmake/embed_kernels.cmake; do not edit.
#pragma once

#include "gpuimg/kernels/nn/common.clh.hpp"
#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source sliding_window{
    "nn/sliding_window",
    "// SPDX-License-Identifier: BSD-3-Clause\n"
    "// Windows of an image: cut out for a network, and its results added where they belong.\n"
    "//\n"
    "// Images and windows have the same channels, one after the other; a work-item takes one pixel of\n"
    "// one channel of a window. `origin` is where the window begins. Bit a of `mirrored` turns the\n"
    "// window around along axis a (x, y, z).\n"
    "\n"
    "int4 place(uint4 size, uint mirrored) {\n"
    "  const int x = get_global_id(0), y = get_global_id(1), z = get_global_id(2) % size.z;\n"
    "  return (int4)((mirrored & 1) ? (int)size.x - 1 - x : x, (mirrored & 2) ? (int)size.y - 1 - y : y,\n"
    "                (mirrored & 4) ? (int)size.z - 1 - z : z, get_global_id(2) / size.z);\n"
    "}\n"
    "\n"
    "// The number of pixel (x, y, z) of channel w.\n"
    "size_t index_in(uint4 size, int4 at) {\n"
    "  return at.x + (size_t)size.x * (at.y + (size_t)size.y * (at.z + (size_t)size.z * at.w));\n"
    "}\n"
    "\n"
    "// dst is the window, src a part of an image: src_size pixels from src_origin on. What lies beyond\n"
    "// the image is made as `border` says, of 0 where it is constant.\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_sliding_window__cut)\n"
    "kernel void sliding_window__cut(global const float* src, global float* dst, uint4 image_size,\n"
    "                                int4 src_origin, uint4 src_size, uint4 size, int4 origin,\n"
    "                                int border, uint mirrored, uint channels) {\n"
    "  if (get_global_id(0) >= size.x || get_global_id(1) >= size.y ||\n"
    "      get_global_id(2) >= (size_t)size.z * channels)\n"
    "    return;\n"
    "  const int4 at = place(size, mirrored);\n"
    "  const int x = border_index(origin.x + at.x, image_size.x, border);\n"
    "  const int y = border_index(origin.y + at.y, image_size.y, border);\n"
    "  const int z = border_index(origin.z + at.z, image_size.z, border);\n"
    "  dst[index_in(size, place(size, 0))] =\n"
    "      x < 0 || y < 0 || z < 0 ? 0.0f : src[index_in(src_size, (int4)(x, y, z, at.w) - src_origin)];\n"
    "}\n"
    "#endif\n"
    "\n"
    "// dst is a part of an image, in which the window begins at `origin`: dst += weight src. A pixel's\n"
    "// weight is a product of one number per axis, which lie in `weights` one axis after the other.\n"
    "#if !defined(ONE_KERNEL) || defined(KERNEL_sliding_window__add)\n"
    "kernel void sliding_window__add(global const float* src, global float* dst, uint4 dst_size,\n"
    "                                uint4 size, int4 origin, global const float* weights, uint mirrored,\n"
    "                                uint channels) {\n"
    "  if (get_global_id(0) >= size.x || get_global_id(1) >= size.y ||\n"
    "      get_global_id(2) >= (size_t)size.z * channels)\n"
    "    return;\n"
    "  const int4 at = place(size, mirrored);\n"
    "  const int4 there = origin + (int4)(at.xyz, 0);\n"
    "  if (any(there.xyz < 0) || any(there.xyz >= convert_int3(dst_size.xyz))) return;\n"
    "  const float weight = weights[at.x] * weights[size.x + at.y] * weights[size.x + size.y + at.z];\n"
    "  dst[index_in(dst_size, (int4)(there.xyz, at.w))] += weight * src[index_in(size, place(size, 0))];\n"
    "}\n"
    "#endif\n"
    "",
    "5f1343e63964548fc17a442271fc67d3bab29690f1a0605a861cb0a6e60cba59",
    nn_common.text};
// clang-format on

}  // namespace gpuimg::kernels
