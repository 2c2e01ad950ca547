// SPDX-License-Identifier: BSD-3-Clause
// scale: an image enlarged or made smaller.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/filter/gaussian_blur.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"
#include "gpuimg/ops/transform/resampling.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct scale {
  float factor_x = 1, factor_y = 1, factor_z = 1;
  bool centered = true;
  gpuimg::interpolation interpolation = interpolation::nearest;
  bool resize = false, anti_aliasing = false;
  gpuimg::border border = border::constant;
  float border_value = 0;

  static constexpr operation_info about{
      .name = "scale",
      .theme = "transform",
      .brief = "The image enlarged, or made smaller",
      .source = "scipy.ndimage.affine_transform; skimage.transform.rescale (anti_aliasing)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("factor_x", &scale::factor_x, "", "how much wider", 0x1p-10, 0x1p10);
    p("factor_y", &scale::factor_y, "", "how much higher", 0x1p-10, 0x1p10);
    p("factor_z", &scale::factor_z, "", "how much deeper", 0x1p-10, 0x1p10);
    p("centered", &scale::centered, "", "the centre of the image stays, not its first pixel");
    p("resize", &scale::resize, "", "the result is as large as the scaled image");
    p("anti_aliasing", &scale::anti_aliasing, "", "what is made smaller is blurred before");
    detail::resampling::parameters_of_sampling<scale>(p);
  }
  template <pixel T>
  using dst_pixel = T;

  void check(const shape& src) const { moved(src).check(src); }
  [[nodiscard]] shape dst_shape(const shape& src) const { return moved(src).dst_shape(src); }

  template <pixel T>
  image<T> operator()(const image<T>& src) const {
    const auto sigma = [this](float factor) {
      return anti_aliasing ? std::max((1 / factor - 1) / 2, 0.0f) : 0;
    };
    const ops::gaussian_blur blur{sigma(factor_x), sigma(factor_y), sigma(factor_z), border,
                                  border_value};
    if (blur.sigma_x == 0 && blur.sigma_y == 0 && blur.sigma_z == 0)
      return gpuimg::affine_transform(src, moved(src.shape()));
    return gpuimg::affine_transform(gpuimg::convert<T>(gpuimg::gaussian_blur(src, blur)),
                                    moved(src.shape()));
  }

 private:
  [[nodiscard]] affine_transform moved(const shape& src) const {
    const std::array<double, 3> factors{factor_x, factor_y, src.is_3d() ? factor_z : 1};
    const auto at = detail::resampling::center(src);
    affine_transform moved{.interpolation = interpolation,
                           .resize = resize,
                           .border = border,
                           .border_value = border_value};
    for (std::size_t i = 0; i < 3; ++i) {
      moved.transform_matrix[5 * i] = factors[i];
      moved.transform_matrix[4 * i + 3] = centered ? at[i] * (1 - factors[i]) : 0;
    }
    return moved;
  }
};

}  // namespace ops

/// The image enlarged or made smaller.
/// src      any pixel type, 2D or 3D; factor_z has no effect on a 2D image
/// p        factor_x, factor_y, factor_z, 1/1024 to 1024; centered: (size - 1) / 2 stays where it
///          is, else the first pixel; resize: the result has size * factor pixels, rounded, and at
///          least one, and their centres are in the same place; anti_aliasing: an axis of a factor
///          below 1 is blurred before, with sigma (1 / factor - 1) / 2 and the same border;
///          interpolation, border and border_value as of affine_transform
/// returns  src's type, and values as of affine_transform
/// edges    as of affine_transform; a resized image whose edges are to be whole wants
///          border::nearest
/// throws   argument_error, memory_error (two temporaries of src's size where it is blurred)
/// parity   the same bits on every device    cost  O(pixels of the result), and gaussian_blur
/// source   scipy.ndimage.affine_transform; skimage.transform.rescale (anti_aliasing); clesperanto
///          scale
template <pixel T>
image<T> scale(const image<T>& src, const ops::scale& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
