// SPDX-License-Identifier: BSD-3-Clause
// replace_values: every label becomes the value that a list has for it.
// remove_pixels_below: labels lose the pixels that are darker than a list allows.
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

struct remove_pixels_below {
  static constexpr operation_info about{
      .name = "remove_pixels_below",
      .theme = "label",
      .brief = "Keep the pixels of every label where an image is at least as high as a list says",
      .source = "numpy.where(src >= least[labels], labels, 0)",
      .inputs = {{{"labels", kind::labels}, {"src", kind::image}, {"least", kind::image}}},
      .outputs = {{{"dst", kind::labels}}}};
  static void check(const shape& labels, const shape& src, const shape&) {
    if (labels != src)
      throw argument_error(detail::text({"the images must have the same shape, got ",
                                         to_string(labels), " and ", to_string(src)}));
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& labels, const opencl::buffer_view& src,
                  const opencl::buffer_view& least) const {
    const std::size_t pixels = src.shape.pixels();
    device.launch(kernels::replace_values, "replace_values__below",
                  {{"SRC_T", opencl_name_of(src.type)}}, detail::vectors(device, pixels),
                  {labels, src, least, dst, static_cast<cl_ulong>(pixels),
                   static_cast<cl_ulong>(least.shape.pixels())});
  }
  template <pixel T>
  void operator()(const reference::device&, view<std::uint32_t> dst,
                  view<const std::uint32_t> labels, view<const T> src, view<const T> least) const {
    for (std::size_t i = 0; i < dst.size(); ++i)
      dst[i] = labels[i] < least.size() && src[i] >= least[labels[i]] ? labels[i] : 0;
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

/// Sets the pixels of a label to 0 where an image is below the number that a list has for it:
///     dst = labels where src >= least[labels], else 0
/// so that what is NaN goes, and labels beyond the end of the list do.
/// labels   labels, 2D or 3D      src  any pixel type, the same shape
/// least    a list of src's type, of any shape: its pixels in memory order
/// returns  labels, the same shape, with the numbers that they had
/// throws   argument_error (shapes differ), memory_error
/// parity   the same labels on every device    cost  O(pixels)
/// source   numpy.where(src >= least[labels], labels, 0)
template <pixel T>
label_image remove_pixels_below(const label_image& labels, const image<T>& src,
                                const image<T>& least) {
  return run(ops::remove_pixels_below{}, labels, src, least);
}

}  // namespace gpuimg
