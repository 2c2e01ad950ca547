// SPDX-License-Identifier: BSD-3-Clause
// normalize: an image from 0 to 1.
#pragma once

#include <cmath>

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct normalize {
  double low_percentile = -1, high_percentile = -1;

  static constexpr operation_info about{
      .name = "normalize",
      .theme = "pointwise",
      .brief = "Stretch what lies between two percentiles, or all pixels, from 0 to 1",
      .source = "clesperanto normalize; skimage.exposure.rescale_intensity",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("low_percentile", &normalize::low_percentile, "%", "what becomes 0; below 0 the least pixel",
      -1, 100);
    p("high_percentile", &normalize::high_percentile, "%",
      "what becomes 1; below 0 the greatest pixel", -1, 100);
  }
  template <pixel T>
  using dst_pixel = float;

  template <pixel T>
  image<float> operator()(const image<T>& src) const {
    const bool is_empty = src.shape().pixels() == 0;
    const auto low = static_cast<float>(is_empty             ? 0
                                        : low_percentile < 0 ? gpuimg::minimum_of_all_pixels(src)
                                                             : percentile(src, low_percentile));
    const auto high = static_cast<float>(is_empty              ? 1
                                         : high_percentile < 0 ? gpuimg::maximum_of_all_pixels(src)
                                                               : percentile(src, high_percentile));
    const bool has_range = high > low && std::isfinite(low) && std::isfinite(high);
    const float factor = has_range ? 1 / (high - low) : 0;
    const auto above = gpuimg::add_image_and_scalar(src, {.scalar = has_range ? -low : 0});
    return gpuimg::clip(gpuimg::multiply_image_and_scalar(above, {.scalar = factor}),
                        {.min_intensity = 0, .max_intensity = 1});
  }

 private:
  template <pixel T>
  static double percentile(const image<T>& src, double percent) {
    return gpuimg::percentile_of_all_pixels(src, {.percentile = percent});
  }
};

}  // namespace ops

/// Stretches an image from 0 to 1:
///     dst = (src - low) (1 / (high - low)), and not below 0 or above 1
/// src      any pixel type, 2D or 3D; pixels are taken as floats
/// p        low_percentile and high_percentile, 0 to 100, whose pixels are low and high, as
///          percentile_of_all_pixels finds them; below 0, as they are unless told otherwise, the
///          least and the greatest pixel
/// returns  f32, the same shape; 0 everywhere where high is not above low or one of them is not
///          finite, but NaN where pixels then are not finite
/// throws   argument_error, memory_error (two temporaries of the size of the result)
/// parity   the same bits on every device; waits for low and high
/// cost     O(pixels), as two reductions, or percentile_of_all_pixels twice, and three passes
/// source   clesperanto normalize; skimage.exposure.rescale_intensity
template <pixel T>
image<float> normalize(const image<T>& src, const ops::normalize& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
