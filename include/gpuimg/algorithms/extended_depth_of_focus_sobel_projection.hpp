// SPDX-License-Identifier: BSD-3-Clause
// extended_depth_of_focus_sobel_projection: a picture that is sharp everywhere, from a stack.
#pragma once

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/filter/gaussian_blur.hpp"
#include "gpuimg/ops/filter/stencil.hpp"
#include "gpuimg/ops/projection/projection.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct extended_depth_of_focus_sobel_projection {
  float sigma = 5;

  static constexpr operation_info about{
      .name = "extended_depth_of_focus_sobel_projection",
      .theme = "projection",
      .brief = "Of every column along z the pixel around which the plane is steepest",
      .source = "clesperanto extended_depth_of_focus_sobel_projection",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("sigma", &extended_depth_of_focus_sobel_projection::sigma, "pixel",
      "blur of the steepness along x and y", 0, 1e4);
  }
  static shape dst_shape(const shape& src) { return detail::projection::dst_shape(src, 'z'); }
  template <pixel T>
  using dst_pixel = T;

  template <pixel T>
  image<T> operator()(const image<T>& src) const {
    const auto sharpness = gpuimg::gaussian_blur(gpuimg::sobel(src, {.along_z = false}),
                                                 {.sigma_x = sigma, .sigma_y = sigma});
    return gpuimg::z_position_projection(src,
                                         gpuimg::z_position_of_maximum_z_projection(sharpness));
  }
};

}  // namespace ops

/// A picture that is sharp everywhere: of every column along z the pixel of the plane that is
/// steepest there, by sobel of each plane, blurred.
///     dst(x, y) = src(x, y, z) with the greatest gaussian_blur(sobel(src))(x, y, z)
/// src      any pixel type, 2D or 3D
/// p        sigma of the blur, 0 to 10000, 5 unless told otherwise
/// returns  src's type, z = 1; a 2D image comes back as it is
/// edges    nearest pixel repeated
/// throws   argument_error, memory_error (three temporaries of floats)
/// parity   the same bits on every device    cost  as sobel and gaussian_blur
/// source   clesperanto extended_depth_of_focus_sobel_projection
template <pixel T>
image<T> extended_depth_of_focus_sobel_projection(
    const image<T>& src, const ops::extended_depth_of_focus_sobel_projection& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
