// SPDX-License-Identifier: BSD-3-Clause
// Where two images differ, and by how much: what one number for the whole image hides, such as a
// wrong column at the border or one NaN.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/agreement/bland_altman.hpp"
#include "gpuimg/agreement/difference.hpp"
#include "gpuimg/core/error.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/view.hpp"
#include "gpuimg/image.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// A pixel of two images.
struct pixel_pair {
  position at{};
  double a = 0, b = 0;
};

/// The differences in a part of two images. -0 equals 0, and any two NaN are equal.
struct image_part {
  const char* name = "";
  std::uint64_t pixels = 0;
  std::uint64_t mismatches = 0;  ///< pixels that are not equal
  double largest = 0;            ///< the greatest |a - b|; infinite where one is NaN
  /// The greatest number of steps from one value to the other through all values of the type that
  /// lie between: units in the last place of floats.
  std::uint64_t largest_steps = 0;
};

/// How two images differ. The parts overlap: a pixel may be in the border and in the first plane.
struct image_comparison {
  image_part all{"all"}, interior{"interior"};
  image_part border{"border"};      ///< along the edges, one pixel wide (in depth too, in 3D)
  image_part row_ends{"row ends"};  ///< after the last whole vector of 16 pixels of each row
  image_part first_plane{"first plane"}, last_plane{"last plane"};
  agreement pairs{};                ///< Bland-Altman analysis of all pixels
  std::vector<pixel_pair> worst{};  ///< up to ten, the greatest difference first
  [[nodiscard]] bool is_identical() const { return all.mismatches == 0; }
};

/// Compares two images of one shape and pixel type.
/// throws   argument_error where the shapes differ      cost  a pass and those of bland_altman
template <pixel T>
image_comparison compare_images(view<const T> x, view<const T> y) {
  const shape size = x.shape();
  if (y.shape() != size)
    throw argument_error("compare_images: the images are " + to_string(size) + " and " +
                         to_string(y.shape()));
  const auto is_at_end = [](std::size_t at, std::size_t length) {
    return at == 0 || at + 1 == length;
  };
  image_comparison result;
  result.pairs = bland_altman(std::span(x.data(), x.size()), std::span(y.data(), y.size()));
  // the worst ones; the least of them is in front
  const auto is_worse = [](const auto& p, const auto& q) { return p.first > q.first; };
  std::vector<std::pair<double, std::size_t>> worst;
  std::size_t i = 0;
  for (std::size_t pz = 0; pz < size.z; ++pz)
    for (std::size_t py = 0; py < size.y; ++py)
      for (std::size_t px = 0; px < size.x; ++px, ++i) {
        const std::uint64_t steps = detail::steps_between(x[i], y[i]);
        double distance = 0;
        if (steps != 0) {
          distance = std::abs(static_cast<double>(x[i]) - static_cast<double>(y[i]));
          if (std::isnan(distance)) distance = std::numeric_limits<double>::infinity();
          if (worst.size() < 10 || distance > worst.front().first) {
            if (worst.size() == 10) {
              std::pop_heap(worst.begin(), worst.end(), is_worse);
              worst.pop_back();
            }
            worst.emplace_back(distance, i);
            std::push_heap(worst.begin(), worst.end(), is_worse);
          }
        }
        const auto add_to = [&](image_part& part) {
          ++part.pixels;
          part.mismatches += steps != 0 ? 1 : 0;
          part.largest = std::max(part.largest, distance);
          part.largest_steps = std::max(part.largest_steps, steps);
        };
        const bool is_border =
            is_at_end(px, size.x) || is_at_end(py, size.y) || (size.z > 1 && is_at_end(pz, size.z));
        add_to(result.all);
        add_to(is_border ? result.border : result.interior);
        if (px >= size.x / 16 * 16) add_to(result.row_ends);
        if (pz == 0) add_to(result.first_plane);
        if (pz + 1 == size.z) add_to(result.last_plane);
      }
  std::sort(worst.begin(), worst.end(), [](const auto& p, const auto& q) {
    return p.first > q.first || (p.first == q.first && p.second < q.second);
  });
  for (const auto& [distance, at] : worst)
    result.worst.push_back({{at % size.x, at / size.x % size.y, at / size.x / size.y},
                            static_cast<double>(x[at]),
                            static_cast<double>(y[at])});
  return result;
}
/// The same for images, on any devices.
template <pixel T>
image_comparison compare_images(const image<T>& a, const image<T>& b) {
  const auto x = pull(a), y = pull(b);
  return compare_images(view<const T>(x.data(), a.shape()), view<const T>(y.data(), b.shape()));
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
