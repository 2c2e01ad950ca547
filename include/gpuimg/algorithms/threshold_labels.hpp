// SPDX-License-Identifier: BSD-3-Clause
// threshold_labels: a threshold of its own for every label.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <vector>

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/label/labeling.hpp"
#include "gpuimg/ops/label/replace_values.hpp"
#include "gpuimg/ops/measure/label_percentiles.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail {

/// The least pixel of a type that is not below a number; that is not above all of them.
template <pixel T>
T least_pixel_from(double number) {
  if constexpr (std::same_as<T, float>) {
    const auto nearest = static_cast<float>(number);
    return static_cast<double>(nearest) < number
               ? std::nextafter(nearest, std::numeric_limits<float>::infinity())
               : nearest;
  } else {
    constexpr double lowest = std::numeric_limits<T>::lowest();
    return static_cast<T>(number < lowest ? lowest : std::ceil(number));
  }
}

}  // namespace detail

namespace ops {

struct threshold_labels {
  double percentile = 50, fraction = 0.5;
  double at_least = std::numeric_limits<double>::quiet_NaN();

  static constexpr operation_info about{
      .name = "threshold_labels",
      .theme = "label",
      .brief = "Keep the pixels of every label that are as high as a part of its median",
      .source = "numpy.percentile (method lower), label by label",
      .inputs = {{{"labels", kind::labels}, {"src", kind::image}}},
      .outputs = {{{"dst", kind::labels}}}};
  static constexpr void parameters(auto&& p) {
    using Op = threshold_labels;
    p("percentile", &Op::percentile, "%",
      "of a label's pixels, of which the threshold is a part; 50 is the median", 0, 100);
    p("fraction", &Op::fraction, "", "how much of the percentile the threshold is", 0, 1);
    p("at_least", &Op::at_least, "grey level", "no threshold is lower; auto: any may be", -3e38,
      3e38);
  }
  static void check(const shape& size) { detail::labeling::check_pixels(size); }

  template <pixel T>
  label_image operator()(const label_image& labels, const image<T>& src) const {
    const auto rows = gpuimg::label_percentiles(labels, src, {.percentile = percentile});
    std::vector<std::uint32_t> numbers{0};  // the labels, in their order
    std::vector<T> least{0};
    for (const auto& row : rows) {
      const double part = fraction * row.value, threshold = at_least > part ? at_least : part;
      numbers.push_back(row.label);
      if (is_reached<T>(threshold)) least.push_back(detail::least_pixel_from<T>(threshold));
    }
    // Where one label's threshold is above all pixels, at_least is, and is that of all: the list
    // ends at the background, and all goes.
    const auto list = push(labels.device(), least, {least.size()});
    if (numbers.back() + 1 == numbers.size()) return gpuimg::remove_pixels_below(labels, src, list);
    const auto kept = gpuimg::remove_pixels_below(gpuimg::relabel_sequential(labels), src, list);
    return gpuimg::replace_values(kept, push(labels.device(), numbers, {numbers.size()}));
  }

 private:
  /// Whether a pixel may be as high as a threshold.
  template <pixel T>
  static bool is_reached(double threshold) {
    return std::same_as<T, float> ||
           threshold <= static_cast<double>(std::numeric_limits<T>::max());
  }
};

}  // namespace ops

/// Sets the pixels of a label to 0 where an image is below the label's threshold:
///     threshold = max(fraction * percentile of the label, at_least)
/// where the percentile is that of label_percentiles.
/// labels   labels, 2D or 3D, fewer than 2^32 - 1 pixels      src  any pixel type, the same shape
/// p        percentile 0 to 100, 50 is the median; fraction 0 to 1; at_least NaN for none
/// returns  labels, the same shape, with the numbers that they had; one may have no pixels left
/// throws   argument_error, memory_error (as label_percentiles)
/// parity   the same labels on every device; waits for the device
/// cost     O(pixels), once per byte of a pixel
/// source   numpy.percentile (method lower), label by label
template <pixel T>
label_image threshold_labels(const label_image& labels, const image<T>& src,
                             const ops::threshold_labels& p = {}) {
  return run(p, labels, src);
}

}  // namespace gpuimg
