// SPDX-License-Identifier: BSD-3-Clause
// The differences of two images as colours, for people to look at.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "gpuimg/core/view.hpp"

namespace gpuimg::cli {

/// Differences along x and y. Of the pixels that a place stands for, it shows the greatest.
struct difference_picture {
  std::size_t width = 0, height = 0;
  double most = 0;                  ///< the greatest difference that is finite
  std::vector<std::uint8_t> rgb{};  ///< white for 0, red for `most`, blue for -most
};

/// The differences a - b of two images of one shape that has pixels: all planes of a stack in one,
/// and as many pixels in one place as bring each side to 1024 places at most. NaN on both sides is
/// no difference; one that is not finite is black. Any difference is at least a third of the way
/// from white.
template <class T>
difference_picture draw_differences(view<const T> a, view<const T> b) {
  const shape size = a.shape();
  const std::size_t per_place = (std::max(size.x, size.y) + 1023) / 1024;
  difference_picture picture{.width = (size.x + per_place - 1) / per_place,
                             .height = (size.y + per_place - 1) / per_place};
  std::vector<double> greatest(picture.width * picture.height);
  std::size_t i = 0;
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x, ++i) {
        if (a[i] == b[i] || (a[i] != a[i] && b[i] != b[i])) continue;
        double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
        if (std::isnan(difference)) difference = std::numeric_limits<double>::infinity();
        double& there = greatest[x / per_place + picture.width * (y / per_place)];
        if (std::abs(difference) > std::abs(there)) there = difference;
        if (std::isfinite(difference)) picture.most = std::max(picture.most, std::abs(difference));
      }
  for (const double difference : greatest) {
    std::uint8_t colour[] = {0, 0, 0};
    if (std::isfinite(difference)) {
      const double share = difference == 0 ? 0 : (1 + 2 * std::abs(difference) / picture.most) / 3;
      const auto rest = static_cast<std::uint8_t>(std::lround(255 * (1 - share)));
      colour[0] = difference < 0 ? rest : 255;
      colour[1] = rest;
      colour[2] = difference > 0 ? rest : 255;
    }
    picture.rgb.insert(picture.rgb.end(), colour, colour + 3);
  }
  return picture;
}

}  // namespace gpuimg::cli
