// SPDX-License-Identifier: BSD-3-Clause
// replace_values: every label becomes the value that a list has for it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gpuimg/kernels/label/replace_values.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct replace_values {
  static constexpr operation_info about{
      .name = "replace_values",
      .theme = "label",
      .brief = "Replace every label by the value at its place in a list",
      .source = "clesperanto replace_values",
      .inputs = {{{"src", kind::labels}, {"values", kind::labels}}},
      .outputs = {{{"dst", kind::labels}}}};
  static void check(const shape&, const shape&) {}  // a list is as long as it is

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src, const opencl::buffer_view& values) const {
    const std::size_t pixels = src.shape.pixels();
    device.launch(kernels::replace_values, "replace_values", {}, detail::vectors(device, pixels),
                  {src, values, dst, static_cast<cl_ulong>(pixels),
                   static_cast<cl_ulong>(values.shape.pixels())});
  }
  void operator()(const reference::device&, view<std::uint32_t> dst, view<const std::uint32_t> src,
                  view<const std::uint32_t> values) const {
    for (std::size_t i = 0; i < src.size(); ++i)
      dst[i] = src[i] < values.size() ? values[src[i]] : 0;
  }
};

}  // namespace ops

/// Replaces every label by the value at its place in a list: dst = values[src], the background's
/// too; labels beyond the end of the list become 0.
/// src      labels, 2D or 3D
/// values   a list of u32, of any shape: its pixels in memory order
/// returns  labels, the shape of src      throws  argument_error, memory_error
/// parity   the same labels on every device    cost  O(pixels)
/// source   clesperanto replace_values, which says nothing of labels beyond the end
inline label_image replace_values(const label_image& src, const image<std::uint32_t>& values) {
  return run(ops::replace_values{}, src, values);
}

}  // namespace gpuimg
