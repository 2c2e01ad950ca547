// SPDX-License-Identifier: BSD-3-Clause
// gamma_correction: dark pixels become brighter, or darker; the greatest one stays.
#pragma once

#include <cmath>

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/ops/pointwise/elementary.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct gamma_correction {
  float gamma = 1;

  static constexpr operation_info about{
      .name = "gamma_correction",
      .theme = "pointwise",
      .brief = "Make dark pixels brighter, or darker, by a power: 0 and the greatest one stay",
      .source = "clesperanto gamma_correction; skimage.exposure.adjust_gamma",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("gamma", &gamma_correction::gamma, "", "the exponent; below 1 dark pixels become brighter");
  }
  template <pixel T>
  using dst_pixel = float;

  template <pixel T>
  image<float> operator()(const image<T>& src) const {
    const bool is_empty = src.shape().pixels() == 0;
    const auto found = is_empty ? 0 : static_cast<float>(gpuimg::maximum_of_all_pixels(src));
    const float most = std::isnormal(found) && std::isfinite(1 / found) ? found : 1;
    const auto parts = gpuimg::multiply_image_and_scalar(src, {.scalar = 1 / most});
    return gpuimg::multiply_image_and_scalar(gpuimg::power(parts, {.scalar = gamma}),
                                             {.scalar = most});
  }
};

}  // namespace ops

/// (src(p) / m)^gamma m, where m is the greatest pixel, or 1 where nothing can be divided by that:
/// it is 0, nearly so, or not finite. So 0 and m stay what they are, and below a gamma of 1 what
/// lies between becomes brighter. NaN of pixels below 0, unless gamma is whole.
/// src      any pixel type, 2D or 3D    p  gamma
/// returns  f32, the same shape
/// throws   argument_error, memory_error (one temporary of the size of the result)
/// parity   the same bits on every device; waits once, for the greatest pixel
/// cost     O(pixels), as maximum_of_all_pixels, power and two multiplications
/// source   clesperanto gamma_correction; skimage.exposure.adjust_gamma
template <pixel T>
image<float> gamma_correction(const image<T>& src, const ops::gamma_correction& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
