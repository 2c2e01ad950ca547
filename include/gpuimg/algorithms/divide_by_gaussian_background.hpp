// SPDX-License-Identifier: BSD-3-Clause
// divide_by_gaussian_background: an image relative to what is around each pixel.
#pragma once

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/filter/gaussian_blur.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct divide_by_gaussian_background {
  float sigma_x = 2, sigma_y = 2, sigma_z = 2;
  gpuimg::border border = border::nearest;
  float border_value = 0;

  static constexpr operation_info about{
      .name = "divide_by_gaussian_background",
      .theme = "filter",
      .brief = "The image divided by the blurred image: an uneven illumination goes",
      .source = "clesperanto divide_by_gaussian_background; scipy.ndimage.gaussian_filter",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    detail::gaussian::parameters_of_blur<divide_by_gaussian_background>(p);
  }
  template <pixel T>
  using dst_pixel = float;

  template <pixel T>
  image<float> operator()(const image<T>& src) const {
    return gpuimg::divide_images(
        src, gpuimg::gaussian_blur(src, {sigma_x, sigma_y, sigma_z, border, border_value}));
  }
};

}  // namespace ops

/// The image divided by the blurred image, correctly rounded: an uneven illumination goes.
///     dst = src / gaussian_blur(src, sigma)
/// src      any pixel type, 2D or 3D
/// p        sigma_x, sigma_y, sigma_z in pixels, 0 to 10000; 0 leaves an axis alone; sigma_z has no
///          effect on a 2D image; border and border_value
/// returns  f32, the same shape; infinity, or NaN of 0, where the blurred image is 0
/// edges    as `border` says, nearest unless told otherwise
/// throws   argument_error, memory_error (a temporary of the size of the result)
/// parity   the same bits on every device    cost  as gaussian_blur and divide_images
/// source   clesperanto divide_by_gaussian_background; scipy.ndimage.gaussian_filter
template <pixel T>
image<float> divide_by_gaussian_background(const image<T>& src,
                                           const ops::divide_by_gaussian_background& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
