// SPDX-License-Identifier: BSD-3-Clause
// minimum_position: where the least pixel is.
#pragma once

#include "gpuimg/algorithms/maximum_position.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace ops {

struct minimum_position {
  static constexpr operation_info about{
      .name = "minimum_position",
      .theme = "measure",
      .brief = "Where the least pixel is",
      .source = "clesperanto minimum_position; scipy.ndimage.minimum_position",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"table", kind::table}}}};
  static void check(const shape& size) { detail::check_has_pixels(size); }

  template <pixel T>
  pixel_position operator()(const image<T>& src) const {
    return detail::position_of_extreme<true>(src);
  }
};

}  // namespace ops

/// Where the least pixel is. Else as maximum_position.
/// source   clesperanto minimum_position; scipy.ndimage.minimum_position
template <pixel T>
pixel_position minimum_position(const image<T>& src) {
  return run(ops::minimum_position{}, src);
}

}  // namespace gpuimg
