// SPDX-License-Identifier: BSD-3-Clause
// mean_squared_error: how far the pixels of two images are apart.
#pragma once

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct mean_squared_error {
  static constexpr operation_info about{
      .name = "mean_squared_error",
      .theme = "measure",
      .brief = "The mean of the squares of the differences of two images",
      .source = "clesperanto mean_squared_error; skimage.metrics.mean_squared_error",
      .inputs = {{{"src0", kind::image}, {"src1", kind::image}}},
      .outputs = {{{"value", kind::scalar}}}};
  static void check(const shape& size) { detail::reduction::check_pixels(size); }

  template <pixel T, pixel U>
  double operator()(const image<T>& src0, const image<U>& src1) const {
    return gpuimg::mean_of_all_pixels(gpuimg::squared_difference(src0, src1));
  }
};

}  // namespace ops

/// The mean of the squares of the differences of two images: mean_of_all_pixels of
/// squared_difference.
/// src0, src1  any pixel types, the same shape, at least one pixel; pixels are taken as floats
/// returns  the mean; waits for the device
/// throws   argument_error, memory_error (one temporary of floats)
/// parity   the same bits on every device    cost  O(pixels), three reads
/// source   clesperanto mean_squared_error; skimage.metrics.mean_squared_error
template <pixel T, pixel U>
double mean_squared_error(const image<T>& src0, const image<U>& src1) {
  return run(ops::mean_squared_error{}, src0, src1);
}

}  // namespace gpuimg
