// SPDX-License-Identifier: BSD-3-Clause
// The neighbourhoods of filters: their radii, and the pixels they cover, taken one by one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <gpuimg/core/shape.hpp>
#include <gpuimg/ops/filter/neighborhood_filter.hpp>
#include <string>
#include <vector>

namespace test {

struct radii {
  int x, y, z;
  gpuimg::connectivity connectivity;

  template <class Op>
  [[nodiscard]] Op as() const {
    return {.radius_x = x, .radius_y = y, .radius_z = z, .connectivity = connectivity};
  }
  /// As in the names of golden files.
  [[nodiscard]] std::string name() const {
    return std::string(connectivity == gpuimg::connectivity::box ? "box" : "sphere") + "_" +
           std::to_string(x) + "_" + std::to_string(y) + "_" + std::to_string(z);
  }
};

/// Calls `f(p, covered)` for every pixel: the pixels of the image that its neighbourhood covers.
/// Edges are repeated.
template <class T, class F>
void visit_neighborhoods(const std::vector<T>& pixels, const gpuimg::shape& size, const radii& r,
                         F&& f) {
  const auto part = [](int d, int radius) {
    return radius == 0 ? 0.0 : static_cast<double>(d * d) / (radius * radius);
  };
  const auto at = [](std::size_t i, int d, std::size_t n) {
    const auto moved = static_cast<std::ptrdiff_t>(i) + d;
    return static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(moved, 0, static_cast<std::ptrdiff_t>(n) - 1));
  };
  const int rz = size.z > 1 ? r.z : 0;
  for (std::size_t p = 0; p < pixels.size(); ++p) {
    std::vector<T> covered;
    for (int dz = -rz; dz <= rz; ++dz)
      for (int dy = -r.y; dy <= r.y; ++dy)
        for (int dx = -r.x; dx <= r.x; ++dx)
          if (r.connectivity == gpuimg::connectivity::box ||
              part(dx, r.x) + part(dy, r.y) + part(dz, rz) <= 1)
            covered.push_back(pixels[at(p % size.x, dx, size.x) +
                                     size.x * (at(p / size.x % size.y, dy, size.y) +
                                               size.y * at(p / size.x / size.y, dz, size.z))]);
    f(p, covered);
  }
}

}  // namespace test
