// SPDX-License-Identifier: BSD-3-Clause
// automatic_threshold: the pixels above the threshold that one of ImageJ's methods finds.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "gpuimg/algorithms/threshold_otsu.hpp"
#include "gpuimg/core/threshold_method.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail {

/// How a threshold is found in 256 bins, once the extrema of the pixels are known: a bin per value
/// of 8 bits, else bins from the least to the greatest pixel, from which integers are counted.
struct automatic_search {
  threshold_method method;
  double least, origin;
  bool by_value, is_constant;
  ops::histogram wanted{};

  automatic_search(threshold_method by, pixel_type type, const reduction::extrema& pixels)
      : method(by),
        least(pixels.least),
        origin(type == pixel_type::f32 ? 0 : least),
        by_value(size_of(type) == 1),
        is_constant(pixels.least == pixels.most || std::isnan(least)) {
    if (is_constant) return;
    wanted = {.minimum = static_cast<float>(least - origin),
              .maximum = static_cast<float>(pixels.most - origin),
              .origin = static_cast<std::int64_t>(origin)};
    if (by_value) wanted.minimum = -0.5f, wanted.maximum = 255.5f;
  }
  [[nodiscard]] double in(const pixel_histogram& h) const {
    if (is_constant) return least;
    const std::span<const std::uint64_t, 256> counts(h.counts);
    const std::size_t level = threshold_of(counts, method);
    if (by_value) return origin + static_cast<double>(level);
    return origin + static_cast<double>((h.edges[level] + h.edges[level + 1]) / 2);
  }
};

}  // namespace detail

/// The threshold that a method finds among 256 levels: the values of 8-bit pixels, any others from
/// the least to the greatest pixel of the image.
/// src      any pixel type, at least one pixel; NaN does not count
/// returns  the last level that is background, of pixels wider than 8 bits the centre of its bin,
///          as otsu_threshold of floats; their value where all are the same; NaN where no pixel
///          counts
/// throws   argument_error (no pixels, infinite pixels), memory_error
/// parity   the same number on every device; waits for the device
/// source   ImageJ 1.53t, ij.process.AutoThresholder; see threshold_of a histogram
template <pixel T>
double threshold_of(const image<T>& src, threshold_method method) {
  return detail::search_threshold(src, [method](const detail::reduction::extrema& pixels) {
    return detail::automatic_search(method, pixel_type_of<T>(), pixels);
  });
}

namespace ops {

struct automatic_threshold {
  threshold_method method = threshold_method::imagej_default;

  static constexpr operation_info about{
      .name = "automatic_threshold",
      .theme = "threshold",
      .brief = "1 where a pixel is above the threshold that a method of ImageJ finds",
      .source = "CLIJ2 automaticThreshold; ImageJ 1.53t",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) {
    p("method", &automatic_threshold::method, "", "how the threshold is found in a histogram");
  }

  template <pixel T>
  binary_image operator()(const image<T>& src) const {
    if (src.empty()) return binary_image(src.device(), src.shape());
    return detail::above_threshold(src, threshold_of(src, method));
  }
};

}  // namespace ops

/// 1 where src(p) > threshold_of(src, method), else 0.
/// src      any pixel type, 2D or 3D    p  method, by default ImageJ's own
/// returns  u8, the same shape
/// edges    8-bit images of one or two values have the thresholds that ImageJ gives them, which
///          may leave all pixels on one side; wider pixels that are all the same are background.
///          Where levels between two modes are empty, Otsu here takes the last, threshold_otsu the
///          first: the pixels are the same. It never takes level 0, threshold_otsu does
/// throws   argument_error (infinite pixels), memory_error
/// parity   the same bits on every device; waits for the device    cost  O(pixels), three reads
/// source   CLIJ2 automaticThreshold; ImageJ 1.53t: its thresholds of 8-bit images
template <pixel T>
binary_image automatic_threshold(const image<T>& src, const ops::automatic_threshold& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
