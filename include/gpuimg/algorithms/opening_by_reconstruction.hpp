// SPDX-License-Identifier: BSD-3-Clause
// opening_by_reconstruction: what is bright and small goes, all else keeps its shape.
#pragma once

#include "gpuimg/neighborhood.hpp"
#include "gpuimg/ops/filter/neighborhood_filter.hpp"
#include "gpuimg/ops/morphology/reconstruction.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct opening_by_reconstruction {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "opening_by_reconstruction",
      .theme = "morphology",
      .brief = "Remove what is bright and small, and leave all else as it is",
      .source = "scipy.ndimage.grey_erosion, then skimage.morphology.reconstruction",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    detail::parameters_of<opening_by_reconstruction>(p);
  }
  void check(const shape& size) const {
    detail::neighborhood(radius_x, radius_y, radius_z, connectivity, size).check();
  }
  template <pixel T>
  using dst_pixel = T;

  template <pixel T>
  image<T> operator()(const image<T>& src) const {
    const auto eroded = gpuimg::minimum_filter(src, {radius_x, radius_y, radius_z, connectivity});
    return gpuimg::reconstruct_by_dilation(eroded, src, {connectivity});
  }
};

}  // namespace ops

/// reconstruct_by_dilation of minimum_filter: what is bright and has no room for the neighbourhood
/// goes; what has keeps its shape, which grayscale_opening rounds off.
/// src      any pixel type, 2D or 3D; floats in their total order (IEEE 754)
/// p        radius_x, radius_y, radius_z in pixels, 0 to 10000 (no effect along z on a 2D image);
///          connectivity box, also of all neighbours in the reconstruction, or sphere, of those
///          that share a face
/// returns  the same pixel type and shape      edges  nearest pixel repeated
/// throws   argument_error, memory_error (one temporary of the size of src more than
///          reconstruct_by_dilation)
/// parity   the same bits on every device; waits for the device now and then
/// cost     as minimum_filter and reconstruct_by_dilation
/// source   scipy.ndimage.grey_erosion, then skimage.morphology.reconstruction
template <pixel T>
image<T> opening_by_reconstruction(const image<T>& src,
                                   const ops::opening_by_reconstruction& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
