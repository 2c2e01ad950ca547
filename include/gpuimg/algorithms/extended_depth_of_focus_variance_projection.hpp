// SPDX-License-Identifier: BSD-3-Clause
// extended_depth_of_focus_variance_projection: a picture that is sharp everywhere, from a stack.
#pragma once

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/filter/gaussian_blur.hpp"
#include "gpuimg/ops/filter/stencil.hpp"
#include "gpuimg/ops/projection/projection.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct extended_depth_of_focus_variance_projection {
  int radius_x = 10, radius_y = 10;
  float sigma = 5;

  static constexpr operation_info about{
      .name = "extended_depth_of_focus_variance_projection",
      .theme = "projection",
      .brief = "Of every column along z the pixel around which the plane varies most",
      .source = "clesperanto extended_depth_of_focus_variance_projection",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    using Op = extended_depth_of_focus_variance_projection;
    p("radius_x", &Op::radius_x, "pixel", "reach of the variance along x", 0, 10000);
    p("radius_y", &Op::radius_y, "pixel", "reach of the variance along y", 0, 10000);
    p("sigma", &Op::sigma, "pixel", "blur of the variances along x and y", 0, 1e4);
  }
  static shape dst_shape(const shape& src) { return detail::projection::dst_shape(src, 'z'); }
  void check(const shape& size) const { around().check(size); }
  template <pixel T>
  using dst_pixel = T;

  template <pixel T>
  image<T> operator()(const image<T>& src) const {
    const auto sharpness =
        gpuimg::gaussian_blur(run(around(), src), {.sigma_x = sigma, .sigma_y = sigma});
    return gpuimg::z_position_projection(src,
                                         gpuimg::z_position_of_maximum_z_projection(sharpness));
  }

 private:
  [[nodiscard]] variance_filter around() const {
    return {radius_x, radius_y, 0, connectivity::sphere};
  }
};

}  // namespace ops

/// A picture that is sharp everywhere: of every column along z the pixel of the plane that varies
/// most there, by variance_filter over an ellipse, blurred.
///     dst(x, y) = src(x, y, z) with the greatest gaussian_blur(variance_filter(src))(x, y, z)
/// src      any pixel type, 2D or 3D
/// p        radius_x and radius_y of the ellipse in pixels, 10 unless told otherwise; sigma of the
///          blur, 0 to 10000, 5 unless told otherwise
/// returns  src's type, z = 1; a 2D image comes back as it is
/// edges    nearest pixel repeated
/// throws   argument_error, memory_error (three temporaries of floats)
/// parity   the same bits on every device    cost  as variance_filter and gaussian_blur
/// source   clesperanto extended_depth_of_focus_variance_projection
template <pixel T>
image<T> extended_depth_of_focus_variance_projection(
    const image<T>& src, const ops::extended_depth_of_focus_variance_projection& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
