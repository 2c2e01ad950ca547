// SPDX-License-Identifier: BSD-3-Clause
// Boxes and ellipsoids around a pixel: what filters over neighbourhoods have in common.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::detail {

/// One row of a footprint: the pixels x - half ... x + half of the row dy, dz away.
struct footprint_row {
  std::int32_t dy, dz, half, unused = 0;  // as the kernel's int4
};

/// The rows of dx^2/rx^2 + dy^2/ry^2 + dz^2/rz^2 <= 1, z then y ascending; a radius of 0 allows 0
/// only.
inline std::vector<footprint_row> ellipsoid_rows(std::array<int, 3> radius) {
  const auto part = [](int d, int r) {
    const double ratio = r == 0 ? 0.0 : static_cast<double>(d) / r;
    return product(ratio, ratio);
  };
  std::vector<footprint_row> rows;
  for (int dz = -radius[2]; dz <= radius[2]; ++dz)
    for (int dy = -radius[1]; dy <= radius[1]; ++dy) {
      const double across = part(dy, radius[1]) + part(dz, radius[2]);
      if (across > 1) continue;
      const auto fits = [&](int half) { return part(half, radius[0]) + across <= 1; };
      int half = std::min(radius[0], static_cast<int>(radius[0] * std::sqrt(1 - across)) + 1);
      while (!fits(half)) --half;
      rows.push_back({dy, dz, half});
    }
  return rows;
}

/// The parameters of a filter over a neighbourhood, without what it computes there.
struct neighborhood {
  std::array<int, 3> radius;
  gpuimg::connectivity connectivity;

  /// A 2D image has no neighbours along z.
  neighborhood(int x, int y, int z, gpuimg::connectivity c, const shape& size)
      : radius{x, y, size.is_3d() ? z : 0}, connectivity(c) {}

  [[nodiscard]] double pixels() const {
    if (connectivity == connectivity::box) return pixels_of_box();
    double count = 0;
    for (const auto& row : ellipsoid_rows(radius)) count += 2.0 * row.half + 1;
    return count;
  }
  /// A work-item goes through all of an ellipsoid.
  void check() const {
    if (connectivity == connectivity::box || pixels_of_box() <= 16777216) return;
    throw argument_error(
        "the box around an ellipsoid may have 16777216 pixels: (2 radius_x + 1) (2 radius_y + 1) "
        "(2 radius_z + 1), got radii " +
        radii());
  }
  /// A sum of 2^32 pixels of 32 bits fits 64.
  void check_sum() const {
    check();
    check_pixels("a mean", 4294967296);
  }
  /// Of a box: check has bounded ellipsoids.
  void check_pixels(const char* what, double most) const {
    if (const double count = pixels_of_box(); count > most)
      throw argument_error(std::string(what) + " may be of " + number_text(most) + " pixels, got " +
                           number_text(count) + ": radii " + radii());
  }

 private:
  [[nodiscard]] double pixels_of_box() const {
    return (2.0 * radius[0] + 1) * (2.0 * radius[1] + 1) * (2.0 * radius[2] + 1);
  }
  [[nodiscard]] std::string radii() const {
    return std::to_string(radius[0]) + ", " + std::to_string(radius[1]) + " and " +
           std::to_string(radius[2]);
  }
};

/// The pixel dx, dy and dz away from (x, y, z), or the nearest one.
template <class T>
T nearest_pixel(view<const T> src, std::size_t x, std::size_t y, std::size_t z, int dx, int dy,
                int dz) {
  const auto at = [](std::size_t i, int d, std::size_t n) {
    return static_cast<std::size_t>(std::clamp(
        static_cast<std::ptrdiff_t>(i) + d, std::ptrdiff_t{0}, static_cast<std::ptrdiff_t>(n) - 1));
  };
  return src(at(x, dx, src.shape().x), at(y, dy, src.shape().y), at(z, dz, src.shape().z));
}

/// Calls `f(pixel)` for the pixels of the rows around (x, y, z), in the order of the rows.
template <class T, class F>
void for_each_neighbor(view<const T> src, const std::vector<footprint_row>& rows, std::size_t x,
                       std::size_t y, std::size_t z, F&& f) {
  for (const auto& row : rows)
    for (int dx = -row.half; dx <= row.half; ++dx)
      f(nearest_pixel(src, x, y, z, dx, row.dy, row.dz));
}

/// Whether `is(pixel)` for any pixel of the rows around (x, y, z). The pixels that an edge repeats
/// are in these rows anyway, so that only what lies in the image is looked at.
template <class T, class Predicate>
bool any_neighbor(view<const T> src, const std::vector<footprint_row>& rows, std::size_t x,
                  std::size_t y, std::size_t z, Predicate&& is) {
  const auto inside = [](std::size_t i, int d, std::size_t n) {
    const auto at = static_cast<std::ptrdiff_t>(i) + d;
    return at >= 0 && at < static_cast<std::ptrdiff_t>(n);
  };
  for (const auto& row : rows) {
    if (!inside(y, row.dy, src.shape().y) || !inside(z, row.dz, src.shape().z)) continue;
    const std::size_t half = static_cast<std::size_t>(row.half), first = x < half ? 0 : x - half;
    const T* pixel =
        &src(0, y + static_cast<std::size_t>(row.dy), z + static_cast<std::size_t>(row.dz));
    if (std::any_of(pixel + first, pixel + std::min(x + half + 1, src.shape().x), is)) return true;
  }
  return false;
}

template <class F>
void for_each_pixel(const shape& size, F&& f) {
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x) f(x, y, z);
}

/// The rows of a box, or of an ellipsoid.
inline std::vector<footprint_row> rows_of(const neighborhood& around) {
  if (around.connectivity == connectivity::sphere) return ellipsoid_rows(around.radius);
  std::vector<footprint_row> rows;
  for (int dz = -around.radius[2]; dz <= around.radius[2]; ++dz)
    for (int dy = -around.radius[1]; dy <= around.radius[1]; ++dy)
      rows.push_back({dy, dz, around.radius[0]});
  return rows;
}

inline halo halo_of(int x, int y, int z) {
  return {static_cast<std::size_t>(x), static_cast<std::size_t>(y), static_cast<std::size_t>(z)};
}

template <class Op>
constexpr void parameters_of(auto&& p) {
  p("radius_x", &Op::radius_x, "pixel", "reach along x", 0, 10000);
  p("radius_y", &Op::radius_y, "pixel", "reach along y", 0, 10000);
  p("radius_z", &Op::radius_z, "pixel", "reach along z; no effect on a 2D image", 0, 10000);
  p("connectivity", &Op::connectivity, "",
    "box: 2 radius + 1 pixels along each axis; sphere: the ellipsoid with these half-axes");
}

}  // namespace gpuimg::detail

#include "gpuimg/core/pop_macros.def"
