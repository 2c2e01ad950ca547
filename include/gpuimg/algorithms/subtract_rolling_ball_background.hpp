// SPDX-License-Identifier: BSD-3-Clause
// subtract_rolling_ball_background: an image without what is wider than a ball.
#pragma once

#include <limits>
#include <type_traits>

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/filter/rolling_ball.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct subtract_rolling_ball_background {
  float radius = 50;
  bool light_background = false, smoothing = true;

  static constexpr operation_info about{
      .name = "subtract_rolling_ball_background",
      .theme = "filter",
      .brief = "The image without its background, below what is narrower than a ball",
      .source = "ImageJ's Subtract Background",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    using op = subtract_rolling_ball_background;
    p("radius", &op::radius, "pixel", "of the ball", 1, 1000);
    p("light_background", &op::light_background, "", "the background is light, objects are dark");
    p("smoothing", &op::smoothing, "", "of what the ball rolls under, by means of 3 x 3 pixels");
  }
  template <pixel T>
  using dst_pixel = T;

  template <pixel T>
  image<T> operator()(const image<T>& src) const {
    auto rest = gpuimg::subtract_images(
        src, gpuimg::rolling_ball(src, {radius, light_background, smoothing}));
    if constexpr (std::is_floating_point_v<T>) {
      return rest;
    } else {
      constexpr auto most = static_cast<float>(std::numeric_limits<T>::max());
      return gpuimg::convert<T>(gpuimg::floor(
          gpuimg::add_image_and_scalar(rest, {.scalar = light_background ? most + 0.5f : 0.5f})));
    }
  }
};

}  // namespace ops

/// The image minus its background, which is that of rolling_ball. Integers are rounded, halves up,
/// and saturated: unsigned ones are never below 0. A light background becomes the greatest number
/// of an integer type, of 32 bits with the rounding of floats of that size, and 0 of floats, whose
/// objects are below 0 then.
/// src      any pixel type, 2D or 3D
/// p        radius, light_background, smoothing, as of rolling_ball
/// returns  src's type, the same shape
/// edges    as of rolling_ball
/// throws   argument_error, memory_error (as rolling_ball, and two temporaries of floats)
/// parity   the same bits on every device    cost  as rolling_ball
/// source   ImageJ's Subtract Background
template <pixel T>
image<T> subtract_rolling_ball_background(const image<T>& src,
                                          const ops::subtract_rolling_ball_background& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
