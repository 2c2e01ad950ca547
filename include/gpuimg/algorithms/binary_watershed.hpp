// SPDX-License-Identifier: BSD-3-Clause
// binary_watershed: objects that touch, cut apart where they are narrow.
#pragma once

#include <concepts>
#include <cstdint>

#include "gpuimg/algorithms/find_maxima.hpp"
#include "gpuimg/operation.hpp"
#include "gpuimg/ops/filter/neighborhood_filter.hpp"
#include "gpuimg/ops/label/labeling.hpp"
#include "gpuimg/ops/label/watershed.hpp"
#include "gpuimg/ops/morphology/distance_transform.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct binary_watershed {
  double prominence = 0.5;

  static constexpr operation_info about{.name = "binary_watershed",
                                        .theme = "morphology",
                                        .brief = "Cut objects that touch where they are narrow",
                                        .source = "ImageJ Watershed",
                                        .inputs = {{{"src", kind::binary}}},
                                        .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) {
    p("prominence", &binary_watershed::prominence, "pixel",
      "how much narrower an object must become between two parts", 0, 1e9);
  }
  static void check(const shape& size) { detail::labeling::check_pixels(size); }

  // A template, as who does not use it shall not wait for its compilation.
  template <std::same_as<std::uint8_t> T>
  binary_image operator()(const image<T>& src) const {
    if (src.empty()) return binary_image(src.device(), src.shape());
    const auto objects = gpuimg::greater_constant(src, {.scalar = 0});
    const auto depth = gpuimg::distance_transform(objects);
    const auto middles = gpuimg::find_maxima(detail::ridges_of(depth), {.prominence = prominence});
    const auto parts = gpuimg::watershed(
        gpuimg::multiply_image_and_scalar(depth, {.scalar = -1}),
        gpuimg::connected_component_labeling(gpuimg::binary_and(middles, objects)), objects);
    const auto is_line = gpuimg::smaller(parts, gpuimg::maximum_filter(parts));
    return gpuimg::binary_subtract(
        objects, gpuimg::binary_and(is_line, gpuimg::greater_constant(parts, {.scalar = 0})));
  }
};

}  // namespace ops

/// Cuts objects that touch where they are narrow: the distances to the background are flooded from
/// their maxima, and where two floods touch (8 neighbours, 3D 26) the pixels of that become 0 which
/// began earlier in raster order. What touches at corners only is cut, too.
/// src      binary, 2D or 3D, fewer than 2^32 - 1 pixels
/// p        prominence in pixels, 0 to 1e9, ImageJ's 0.5: between two maxima the distance to the
///          background falls by more than that below the lower one. What has no maximum, where it
///          is great, stays whole
/// returns  u8, 0 and 1, the same shape
/// edges    those of the image are no background
/// throws   argument_error, memory_error (as watershed and find_maxima)
/// parity   the same bits on every device; waits for the device
/// cost     as find_maxima and watershed
/// source   ImageJ Process > Binary > Watershed: as many objects, along nearly the same lines
template <std::same_as<std::uint8_t> T>
binary_image binary_watershed(const image<T>& src, const ops::binary_watershed& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
