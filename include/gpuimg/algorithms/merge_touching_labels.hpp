// SPDX-License-Identifier: BSD-3-Clause
// merge_touching_labels: objects that no valley tells apart become one.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/label/labeling.hpp"
#include "gpuimg/ops/label/replace_values.hpp"
#include "gpuimg/ops/measure/label_pairs.hpp"
#include "gpuimg/ops/measure/label_percentiles.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail {

/// Joins labels 1 to n that touch, the highest saddle first: a number for each label, and 0 for the
/// background. `peaks` are by label, `contacts` in ascending order.
template <std::same_as<region_contact> Contact>
std::vector<std::uint32_t> merged_numbers(const std::vector<double>& peaks,
                                          std::vector<Contact> contacts, double ratio) {
  std::vector<std::uint32_t> parent(peaks.size());  // the way to the label of the highest peak
  for (std::size_t label = 0; label < parent.size(); ++label)
    parent[label] = static_cast<std::uint32_t>(label);
  const auto find = [&](std::uint32_t label) {
    while (parent[label] != label) label = parent[label] = parent[parent[label]];
    return label;
  };
  std::erase_if(contacts, [](const region_contact& c) { return std::isnan(c.saddle); });
  std::stable_sort(contacts.begin(), contacts.end(),
                   [](const auto& x, const auto& y) { return x.saddle > y.saddle; });
  for (const region_contact& contact : contacts) {
    std::uint32_t high = find(contact.a), low = find(contact.b);
    if (high == low) continue;
    if (peaks[low] > peaks[high] || (peaks[low] == peaks[high] && low < high)) std::swap(low, high);
    const bool are_numbers = peaks[low] <= peaks[high];
    if (are_numbers && contact.saddle >= ratio * peaks[low]) parent[low] = high;
  }
  std::vector<std::uint32_t> numbers(parent.size());
  std::uint32_t count = 0;
  for (std::uint32_t label = 1; label < numbers.size(); ++label)
    if (find(label) == label) numbers[label] = ++count;
  for (std::uint32_t label = 1; label < numbers.size(); ++label)
    numbers[label] = numbers[find(label)];
  return numbers;
}

}  // namespace detail

namespace ops {

struct merge_touching_labels {
  double ratio = 0.9;

  static constexpr operation_info about{
      .name = "merge_touching_labels",
      .theme = "label",
      .brief = "Join labels that touch where the image between them is nearly as high as they are",
      .source = "clesperanto merge_touching_labels, with an image",
      .inputs = {{{"labels", kind::labels}, {"src", kind::image}}},
      .outputs = {{{"dst", kind::labels}}}};
  static constexpr void parameters(auto&& p) {
    p("ratio", &merge_touching_labels::ratio, "",
      "labels are joined where the saddle is at least so much of the lower peak", 0, 1e9);
  }
  static void check(const shape& size) { detail::labeling::check_pixels(size); }

  template <pixel T>
  label_image operator()(const label_image& labels, const image<T>& src) const {
    return of_sequential(gpuimg::relabel_sequential(labels), src);
  }

  /// Of labels 1 to n, of which none is missing.
  template <pixel T>
  [[nodiscard]] label_image of_sequential(const label_image& labels, const image<T>& src) const {
    std::vector<double> peaks{0};  // of the background, which is not asked for
    for (const auto& row : gpuimg::label_percentiles(labels, src, {.percentile = 100}))
      peaks.push_back(row.value);
    const auto numbers =
        detail::merged_numbers(peaks, gpuimg::region_adjacency(labels, src), ratio);
    return gpuimg::replace_values(labels, push(labels.device(), numbers, {numbers.size()}));
  }
};

}  // namespace ops

/// Joins labels that touch, the highest saddle first: of equal ones that of the lesser label, then
/// of the lesser other one. Two become one where
///     saddle >= ratio * the lower of both peaks
/// where the saddle is that of region_adjacency, and the peak of a label is its greatest pixel. A
/// label that is joined of two has the higher peak, and the number of the label that had it, of
/// equal peaks the lesser number. Then labels are numbered as relabel_sequential does.
/// labels   labels, 2D or 3D, fewer than 2^32 - 1 pixels
/// src      any pixel type, the same shape; a label in which there is a positive NaN stays alone
/// p        ratio, >= 0: 0 joins all that touch where no pixel is negative, above 1 none where all
///          are positive
/// returns  labels, the same shape      throws  argument_error, memory_error
/// parity   the same labels on every device; waits for the device
/// cost     O(pixels + pairs log pairs); the pairs on the host
/// source   clesperanto merge_touching_labels joins all that touch
template <pixel T>
label_image merge_touching_labels(const label_image& labels, const image<T>& src,
                                  const ops::merge_touching_labels& p = {}) {
  return run(p, labels, src);
}

}  // namespace gpuimg
