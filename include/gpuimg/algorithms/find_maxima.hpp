// SPDX-License-Identifier: BSD-3-Clause
// find_maxima: a pixel for each maximum that stands out.
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "gpuimg/algorithms/threshold_labels.hpp"
#include "gpuimg/core/product.hpp"
#include "gpuimg/operation.hpp"
#include "gpuimg/ops/label/labeling.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/ops/morphology/reconstruction.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail {

/// 1 at the pixel of each label that is nearest to the mean of its pixels; of several, at the last.
inline std::vector<std::uint8_t> middles_of(const std::vector<std::uint32_t>& labels,
                                            const shape& size) {
  struct sum {
    double pixels = 0, x = 0, y = 0, z = 0;
  };
  struct pixel_at {
    std::size_t place = 0;
    double away = std::numeric_limits<double>::infinity();
  };
  std::vector<sum> sums;
  std::vector<pixel_at> nearest;
  const auto for_each = [&](const auto& visit) {
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (labels[i] != 0) {
        const std::size_t row = i / size.x, plane = row / size.y;
        visit(labels[i], i, static_cast<double>(i % size.x), static_cast<double>(row % size.y),
              static_cast<double>(plane));
      }
  };
  for_each([&](std::uint32_t label, std::size_t, double x, double y, double z) {
    if (label >= sums.size()) sums.resize(label + std::size_t{1});
    sum& all = sums[label];
    all = {all.pixels + 1, all.x + x, all.y + y, all.z + z};
  });
  nearest.resize(sums.size());
  const auto square = [](double d) { return product(d, d); };
  for_each([&](std::uint32_t label, std::size_t place, double x, double y, double z) {
    const sum& all = sums[label];
    const double away = square(all.x / all.pixels - x) + square(all.y / all.pixels - y) +
                        square(all.z / all.pixels - z);
    if (away <= nearest[label].away) nearest[label] = {place, away};
  });
  std::vector<std::uint8_t> marked(labels.size(), 0);
  for (std::size_t label = 1; label < nearest.size(); ++label)
    if (sums[label].pixels > 0) marked[nearest[label].place] = 1;
  return marked;
}

}  // namespace detail

namespace ops {

struct find_maxima {
  double prominence = 10;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{.name = "find_maxima",
                                        .theme = "morphology",
                                        .brief = "Mark each maximum that stands out with one pixel",
                                        .source = "ImageJ Find Maxima",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) {
    p("prominence", &find_maxima::prominence, "grey level",
      "a way from it to a higher pixel goes down by more than that", 0, 3e38);
    p("connectivity", &find_maxima::connectivity, "", detail::reconstruction::connectivity_help);
  }
  static void check(const shape& size) { detail::labeling::check_pixels(size); }

  template <pixel T>
  binary_image operator()(const image<T>& src) const {
    if (src.empty()) return binary_image(src.device(), src.shape());
    const double h = std::same_as<T, float> ? prominence : std::floor(prominence);
    auto areas =
        gpuimg::regional_maxima(gpuimg::h_maxima_transform(src, {h, connectivity}), {connectivity});
    if (gpuimg::maximum_of_all_pixels(areas) == 0) {  // all is as high, or not much higher
      if (gpuimg::maximum_of_all_pixels(src) == gpuimg::minimum_of_all_pixels(src)) return areas;
      areas = gpuimg::binary_not(areas);
    }
    const auto labels = gpuimg::connected_component_labeling(areas, {connectivity});
    const auto tops = gpuimg::threshold_labels(labels, src, {.percentile = 100, .fraction = 1});
    return push(src.device(), detail::middles_of(pull(tops), src.shape()), src.shape());
  }
};

}  // namespace ops

/// Marks maxima that stand out by more than a prominence: each way from there to a higher pixel
/// goes down by more than that. Of equal pixels, between which no way needs to go down by more, the
/// one nearest to their mean is marked, and of several such the last in raster order. The highest
/// pixels of all are always a maximum, unless all pixels are equal.
/// src      any pixel type, 2D or 3D, without NaN, fewer than 2^32 - 1 pixels
/// p        prominence in grey levels, 0 to 3e38; connectivity box (8 neighbours, 3D 26) or sphere
///          (4, 3D 6)
/// returns  u8, 0 and 1, the same shape
/// edges    no pixel lies beyond them; maxima may lie there
/// throws   argument_error, memory_error (as threshold_labels)
/// parity   the same bits on every device; waits for the device, and brings labels to the host
/// cost     as reconstruct_by_dilation, twice, and the bytes of a u32 image
/// source   ImageJ Find Maxima, neither strict nor without edges: the same pixels
template <pixel T>
binary_image find_maxima(const image<T>& src, const ops::find_maxima& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
