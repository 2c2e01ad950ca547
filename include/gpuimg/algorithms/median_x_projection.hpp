// SPDX-License-Identifier: BSD-3-Clause
// median_x_projection: medians of rows.
#pragma once

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/projection/median_projection.hpp"
#include "gpuimg/ops/transform/rearrangement.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct median_x_projection {
  static constexpr auto about = detail::projection::about(
      "median_x_projection", "The median of the pixels along x", "numpy.median(axis=2)");
  template <pixel T>
  using dst_pixel = float;
  static shape dst_shape(const shape& src) { return detail::projection::dst_shape(src, 'x'); }

  template <pixel T>
  image<float> operator()(const image<T>& src) const {
    return gpuimg::median_y_projection(gpuimg::transpose_xy(src));
  }
};

}  // namespace ops

/// The median of every row: dst(y, z) of src(x, y, z). Else as median_z_projection.
/// returns  f32, as large as src along y and z
/// throws   memory_error (a temporary of the size of src)
/// source   numpy.median(axis=2)
template <pixel T>
image<float> median_x_projection(const image<T>& src) {
  return run(ops::median_x_projection{}, src);
}

}  // namespace gpuimg
