// SPDX-License-Identifier: BSD-3-Clause
// variance_of_all_pixels: how far pixels are from their mean, squared.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail {

/// Of so many pixels, which `sum` sums.
template <pixel T, class Sum>
double variance(const image<T>& src, double pixels, const Sum& sum, int ddof) {
  const double mean = sum(src) / pixels;
  if (!std::isfinite(mean)) return std::numeric_limits<double>::quiet_NaN();
  const auto near = static_cast<float>(mean);
  const double squares = sum(gpuimg::square(gpuimg::add_image_and_scalar(src, {.scalar = -near})));
  const double rounding = mean - static_cast<double>(near);
  const double rest = std::max(squares - pixels * rounding * rounding, 0.0);
  return rest / std::max(pixels - ddof, 0.0);
}

}  // namespace detail

namespace ops {

struct variance_of_all_pixels {
  int ddof = 0;

  static constexpr operation_info about{.name = "variance_of_all_pixels",
                                        .theme = "measure",
                                        .brief = "The variance of all pixels",
                                        .source = "clesperanto variance_of_all_pixels; numpy.var",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"value", kind::scalar}}}};
  static constexpr void parameters(auto&& p) {
    p("ddof", &variance_of_all_pixels::ddof, "", "how much less than the number of pixels divides",
      0, 2147483647);
  }
  static void check(const shape& size) { detail::reduction::check_pixels(size); }

  template <pixel T>
  double operator()(const image<T>& src) const {
    const auto sum = [](const auto& pixels) { return gpuimg::sum_of_all_pixels(pixels); };
    return detail::variance(src, static_cast<double>(src.shape().pixels()), sum, ddof);
  }
};

}  // namespace ops

/// The variance of all pixels: the sum of the squares of their distances from the mean, in floats
/// as sum_of_all_pixels, divided by their number - ddof. Where that is not above 0, the result is
/// NaN or infinity as with numpy; NaN, too, where the mean is not finite.
/// src      any pixel type, at least one pixel    p  ddof
/// returns  the variance; waits for the device
/// throws   argument_error without pixels, memory_error (two temporaries of floats)
/// parity   the same bits on every device    cost  O(pixels), four reads
/// source   clesperanto variance_of_all_pixels; numpy.var
template <pixel T>
double variance_of_all_pixels(const image<T>& src, const ops::variance_of_all_pixels& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
