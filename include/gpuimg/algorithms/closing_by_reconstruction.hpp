// SPDX-License-Identifier: BSD-3-Clause
// closing_by_reconstruction: what is dark and small is filled, all else keeps its shape.
#pragma once

#include "gpuimg/neighborhood.hpp"
#include "gpuimg/ops/filter/neighborhood_filter.hpp"
#include "gpuimg/ops/morphology/reconstruction.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct closing_by_reconstruction {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "closing_by_reconstruction",
      .theme = "morphology",
      .brief = "Fill what is dark and small, and leave all else as it is",
      .source = "scipy.ndimage.grey_dilation, then skimage.morphology.reconstruction",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    detail::parameters_of<closing_by_reconstruction>(p);
  }
  void check(const shape& size) const {
    detail::neighborhood(radius_x, radius_y, radius_z, connectivity, size).check();
  }
  template <pixel T>
  using dst_pixel = T;

  template <pixel T>
  image<T> operator()(const image<T>& src) const {
    const auto dilated = gpuimg::maximum_filter(src, {radius_x, radius_y, radius_z, connectivity});
    return gpuimg::reconstruct_by_erosion(dilated, src, {connectivity});
  }
};

}  // namespace ops

/// reconstruct_by_erosion of maximum_filter: what is dark and has no room for the neighbourhood is
/// filled. Everything else as opening_by_reconstruction.
/// throws   argument_error, memory_error (one temporary of the size of src more than
///          reconstruct_by_erosion)
/// cost     as maximum_filter and reconstruct_by_erosion
/// source   scipy.ndimage.grey_dilation, then skimage.morphology.reconstruction
template <pixel T>
image<T> closing_by_reconstruction(const image<T>& src,
                                   const ops::closing_by_reconstruction& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
