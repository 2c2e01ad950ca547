// SPDX-License-Identifier: BSD-3-Clause
// threshold_multi_otsu: the thresholds that part the histogram best in several classes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "gpuimg/algorithms/threshold_otsu.hpp"
#include "gpuimg/operation.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail {

/// The last bins of all classes but the last: the variance between the classes is greatest; of
/// equal ones the first. Computed from the last class on, as the best of what follows is the same
/// whatever comes before.
inline std::vector<std::size_t> multi_otsu(const std::vector<std::uint64_t>& counts,
                                           std::size_t classes) {
  const std::size_t n = counts.size();
  std::vector<double> pixels(n + 1), moment(n + 1);
  for (std::size_t i = 0; i < n; ++i) {
    const auto count = static_cast<double>(counts[i]);
    pixels[i + 1] = pixels[i] + count;
    moment[i + 1] = moment[i] + count * static_cast<double>(i);
  }
  const auto variance = [&](std::size_t begin, std::size_t end) {
    const double weight = pixels[end] - pixels[begin], sum = moment[end] - moment[begin];
    return weight > 0 ? sum * sum / weight : 0;
  };
  std::vector<double> best(n);
  for (std::size_t i = 0; i < n; ++i) best[i] = variance(i, n);
  std::vector<std::vector<std::size_t>> ends;  // of a class that begins in bin i
  for (std::size_t left = 2; left <= classes; ++left) {
    std::vector<double> found(n, -1);
    std::vector<std::size_t> end(n, n);
    for (std::size_t i = 0; i + left <= n; ++i)
      for (std::size_t j = i + 1; j + left <= n + 1; ++j)
        if (const double all = variance(i, j) + best[j]; all > found[i]) found[i] = all, end[i] = j;
    best = std::move(found);
    ends.push_back(std::move(end));
  }
  std::vector<std::size_t> last;
  for (std::size_t i = 0; !ends.empty(); ends.pop_back()) last.push_back((i = ends.back()[i]) - 1);
  return last;
}

/// As otsu_search, with at most 256 bins: the time grows with the square of their number.
struct multi_otsu_search {
  std::size_t classes;
  double least;
  bool by_value;
  ops::histogram wanted;

  multi_otsu_search(std::size_t classes, pixel_type type, const reduction::extrema& pixels)
      : classes(classes),
        least(pixels.least),
        by_value(type != pixel_type::f32 && pixels.most - pixels.least < 256) {
    if (by_value)
      wanted = otsu_search(type, pixels).wanted;
    else
      wanted = {.minimum = static_cast<float>(pixels.least),
                .maximum = static_cast<float>(pixels.most)};
  }
  [[nodiscard]] std::vector<double> in(const pixel_histogram& h) const {
    const auto filled = static_cast<std::size_t>(
        std::ranges::count_if(h.counts, [](std::uint64_t count) { return count > 0; }));
    if (filled < classes)
      throw argument_error(text({"there are to be ", classes, " classes, but the pixels fill ",
                                 filled, filled == 1 ? " bin" : " bins"}));
    std::vector<double> thresholds;
    for (const std::size_t bin : multi_otsu(h.counts, classes))
      thresholds.push_back(by_value ? least + static_cast<double>(bin)
                                    : static_cast<double>((h.edges[bin] + h.edges[bin + 1]) / 2));
    return thresholds;
  }
};

}  // namespace detail

namespace ops {

struct threshold_multi_otsu {
  int classes = 3;

  static constexpr operation_info about{
      .name = "threshold_multi_otsu",
      .theme = "threshold",
      .brief = "Classes of brightness, by several thresholds of Otsu",
      .source = "skimage.filters.threshold_multiotsu",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::labels}}}};
  static constexpr void parameters(auto&& p) {
    p("classes", &threshold_multi_otsu::classes, "", "one more than thresholds", 2, 16);
  }

  /// The greatest pixel values of classes 0, 1 ..., or the centres of their last bins.
  template <pixel T>
  [[nodiscard]] std::vector<double> thresholds(const image<T>& src) const {
    return detail::search_threshold(src, [this](const detail::reduction::extrema& pixels) {
      return detail::multi_otsu_search(static_cast<std::size_t>(classes), pixel_type_of<T>(),
                                       pixels);
    });
  }
  template <pixel T>
  label_image operator()(const image<T>& src) const {
    if (src.empty()) return label_image(src.device(), src.shape());
    std::optional<label_image> labels;
    for (const double threshold : thresholds(src)) {
      const auto above = gpuimg::greater_constant(src, {.scalar = threshold});
      labels = labels ? gpuimg::convert<std::uint32_t>(gpuimg::add_images(*labels, above))
                      : gpuimg::convert<std::uint32_t>(above);
    }
    return std::move(*labels);
  }
};

}  // namespace ops

/// The thresholds of threshold_multi_otsu, ascending: one less than classes.
/// throws   argument_error (no pixels, infinite ones, fewer bins filled than classes), memory_error
template <pixel T>
std::vector<double> multi_otsu_thresholds(const image<T>& src,
                                          const ops::threshold_multi_otsu& p = {}) {
  try {
    detail::check_parameters(p);
    return p.thresholds(src);
  } catch (...) {
    detail::rethrow_with_context(ops::threshold_multi_otsu::about, {operand_of(src)});
  }
}

/// The class of every pixel: how many of the thresholds it is above. They are those between which
/// the variance of the classes is greatest (Liao, Chen, Chung, J. Inf. Sci. Eng. 17 (2001)); of
/// equal ones, the lowest. An integer image whose values span at most 256 has one bin per value;
/// any other image has 256 bins from the least to the greatest pixel.
/// src      any pixel type, 2D or 3D; NaN does not count and is of class 0
/// p        classes, 2 to 16
/// returns  labels, the same shape: 0 for the darkest class to classes - 1
/// throws   argument_error (infinite pixels, fewer bins filled than classes), memory_error
/// parity   the same labels on every device; waits for the device
/// cost     O(pixels), a read for each class and three more
/// source   skimage.filters.threshold_multiotsu, which has as many bins as integers have values
template <pixel T>
label_image threshold_multi_otsu(const image<T>& src, const ops::threshold_multi_otsu& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
