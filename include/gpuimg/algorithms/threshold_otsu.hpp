// SPDX-License-Identifier: BSD-3-Clause
// threshold_otsu: the threshold that parts the histogram best in two, and the pixels above it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail {

/// The bin centre that maximises the variance between the pixels up to it and those above it. Real
/// is float for float images and double for integers, and counts are floats, as in scikit-image:
/// its choice between nearly equal bins depends on the rounding, so it is kept.
template <class Real>
Real otsu_centre(const std::vector<float>& counts, const std::vector<Real>& centres) {
  const std::size_t n = counts.size();
  const auto product_at = [&](std::size_t i) {
    return product(static_cast<Real>(counts[i]), centres[i]);
  };
  std::vector<float> below(n), above(n);
  std::vector<Real> mean_below(n), mean_above(n);
  float weight = 0;
  Real sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    below[i] = weight += counts[i];
    sum += product_at(i);
    mean_below[i] = sum / static_cast<Real>(weight);
  }
  weight = 0, sum = 0;
  for (std::size_t i = n; i-- > 0;) {
    above[i] = weight += counts[i];
    sum += product_at(i);
    mean_above[i] = sum / static_cast<Real>(weight);
  }
  std::size_t best = 0;
  Real most = -1;
  for (std::size_t i = 0; i + 1 < n; ++i) {
    const Real apart = mean_below[i] - mean_above[i + 1];
    const Real variance = static_cast<Real>(below[i] * above[i + 1]) * (apart * apart);
    if (variance > most) most = variance, best = i;
  }
  return centres[best];
}

/// The threshold of a histogram with one bin per value, the first one's being `least`.
inline double otsu_by_value(const pixel_histogram& h, double least) {
  const auto is_filled = [](std::uint64_t count) { return count > 0; };
  const auto first = std::find_if(h.counts.begin(), h.counts.end(), is_filled);
  const auto last = std::find_if(h.counts.rbegin(), h.counts.rend(), is_filled).base();
  const std::vector<float> counts(first, last);
  std::vector<double> centres(counts.size());
  for (std::size_t i = 0; i < centres.size(); ++i)
    centres[i] = least + static_cast<double>(first - h.counts.begin()) + static_cast<double>(i);
  return otsu_centre(counts, centres);
}

/// The threshold of a histogram whose bins are intervals.
inline double otsu_by_bin(const pixel_histogram& h) {
  const std::vector<float> counts(h.counts.begin(), h.counts.end());
  std::vector<float> centres(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) centres[i] = (h.edges[i] + h.edges[i + 1]) / 2;
  return static_cast<double>(otsu_centre(counts, centres));
}

/// The least and the greatest number of an integer type.
inline reduction::extrema extrema_of_type(pixel_type type) {
  return visit_pixel_type(type, []<class T>(std::type_identity<T>) -> reduction::extrema {
    return {static_cast<double>(std::numeric_limits<T>::lowest()),
            static_cast<double>(std::numeric_limits<T>::max())};
  });
}

/// How the threshold is found, once the extrema of the pixels are known: without a histogram, or
/// in one.
struct otsu_search {
  double least;
  bool is_constant, by_value;
  ops::histogram wanted{};

  otsu_search(pixel_type type, const reduction::extrema& pixels)
      : least(pixels.least),
        is_constant(type == pixel_type::f32 &&
                    (pixels.least == pixels.most || std::isnan(pixels.least))),
        by_value(type != pixel_type::f32 && pixels.most - pixels.least < 65536) {
    if (by_value)
      wanted = {.bins = static_cast<int>(pixels.most - pixels.least) + 1,
                .minimum = -0.5f,
                .maximum = static_cast<float>(pixels.most - pixels.least + 0.5),
                .origin = static_cast<std::int64_t>(pixels.least)};
    else if (!is_constant)
      wanted = {.minimum = static_cast<float>(pixels.least),
                .maximum = static_cast<float>(pixels.most)};
  }
  [[nodiscard]] double in(const pixel_histogram& h) const {
    return is_constant ? least : by_value ? otsu_by_value(h, least) : otsu_by_bin(h);
  }
};

/// The threshold of an image: `search_among(pixels)`, with their extrema, says which histogram is
/// `wanted` and what the threshold is `in` it.
template <pixel T, class Search>
auto search_threshold(const image<T>& src, const Search& search_among) {
  if (src.empty()) static_cast<void>(minimum_of_all_pixels(src));  // throws
  if constexpr (std::same_as<T, float>) {  // both in one pass over the device
    const auto [pixels, histogram] = reduction::count(src, ops::histogram{});
    return search_among(pixels).in(histogram);
  } else {
    const auto search = search_among([&]() -> reduction::extrema {
      if constexpr (sizeof(T) == 1)  // 256 bins do, whatever the extrema are
        return extrema_of_type(pixel_type_of<T>());
      else
        return reduction::extrema_of(src);
    }());
    return search.in(histogram(src, search.wanted));
  }
}

/// The pixels above a threshold; none where it is NaN, as then no pixel counts.
template <pixel T>
binary_image above_threshold(const image<T>& src, double threshold) {
  return gpuimg::greater_constant(src, {.scalar = std::isnan(threshold) ? 0 : threshold});
}

}  // namespace detail

/// The threshold of Otsu, IEEE Trans. Syst. Man Cybern. 9 (1979), as scikit-image computes it. An
/// integer image has one bin per value, where its values span at most 65536; any other image has
/// 256 bins from the least to the greatest pixel.
/// src      any pixel type, at least one pixel; NaN does not count
/// returns  the centre of the last bin that is background; the pixel value of a constant image; NaN
///          where no pixel counts
/// throws   argument_error (no pixels, infinite pixels), memory_error
/// parity   the same number on every device; waits for the device
/// source   skimage.filters.threshold_otsu
template <pixel T>
double otsu_threshold(const image<T>& src) {
  return detail::search_threshold(src, [](const detail::reduction::extrema& pixels) {
    return detail::otsu_search(pixel_type_of<T>(), pixels);
  });
}

namespace ops {

struct threshold_otsu {
  static constexpr operation_info about{.name = "threshold_otsu",
                                        .theme = "threshold",
                                        .brief = "1 where a pixel is above the threshold of Otsu",
                                        .source = "skimage.filters.threshold_otsu",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::binary}}}};

  template <pixel T>
  binary_image operator()(const image<T>& src) const {
    if (src.empty()) return binary_image(src.device(), src.shape());
    return detail::above_threshold(src, otsu_threshold(src));
  }
};

}  // namespace ops

/// 1 where src(p) > otsu_threshold(src), else 0.
/// src      any pixel type, 2D or 3D    returns  u8, the same shape
/// throws   argument_error (infinite pixels), memory_error
/// parity   the same bits on every device; waits for the device    cost  O(pixels), three reads
/// source   skimage.filters.threshold_otsu; clesperanto threshold_otsu
template <pixel T>
binary_image threshold_otsu(const image<T>& src) {
  return run(ops::threshold_otsu{}, src);
}

}  // namespace gpuimg
