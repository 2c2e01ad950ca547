// SPDX-License-Identifier: BSD-3-Clause
// How far apart the surfaces of two masks are.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/view.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::metrics {

/// Distances from each surface pixel of one mask to the nearest of the other, in the unit of the
/// spacing. Where just one mask is empty they are infinite, where both are, NaN.
struct surface_distance {
  double hausdorff = 0;     ///< the greatest
  double hausdorff_95 = 0;  ///< the greater of both directions' 95th percentiles, as MONAI
  double average = 0;       ///< over the surface pixels of both (ASSD)
};

namespace detail {

/// Squared distances to the nearest 0 along lines of one axis, from squared distances along the
/// axes before: the lower envelope of parabolas (Felzenszwalb & Huttenlocher, Theory of Computing
/// 2012; 8: 415).
inline void add_axis(std::vector<double>& squares, std::size_t length, std::size_t stride,
                     double spacing) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  std::vector<double> line(length), from(length + 1);
  std::vector<std::size_t> lowest(length);
  const auto at = [spacing](std::size_t i) { return spacing * static_cast<double>(i); };
  for (std::size_t start = 0; start < squares.size(); ++start) {
    if (start / stride % length != 0) continue;  // no line starts here
    std::size_t count = 0;                       // of parabolas; lowest[k] counts from from[k] on
    for (std::size_t i = 0; i < length; ++i) {
      line[i] = squares[start + i * stride];
      if (line[i] == infinite) continue;
      double meet = -infinite;
      while (count > 0) {
        const std::size_t j = lowest[count - 1];
        meet = (line[i] + at(i) * at(i) - line[j] - at(j) * at(j)) / (2 * (at(i) - at(j)));
        if (meet > from[count - 1]) break;
        --count;
      }
      from[count] = count == 0 ? -infinite : meet;
      lowest[count++] = i;
    }
    for (std::size_t i = 0, k = 0; i < length && count > 0; ++i) {
      while (k + 1 < count && from[k + 1] < at(i)) ++k;
      const double away = at(i) - at(lowest[k]);
      squares[start + i * stride] = line[lowest[k]] + away * away;
    }
  }
}

/// Foreground pixels with a neighbour across a face that is background or outside the image.
template <class T>
std::vector<std::size_t> surface_of(view<T> mask) {
  const auto size = mask.shape();
  const std::array<std::size_t, 3> lengths{size.x, size.y, size.z};
  const std::array<std::size_t, 3> strides{1, size.x, size.x * size.y};
  std::vector<std::size_t> surface;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == T{}) continue;
    bool is_surface = false;
    for (std::size_t axis = 0; axis < (size.z > 1 ? 3 : 2); ++axis) {
      const std::size_t at = i / strides[axis] % lengths[axis];
      is_surface = is_surface || at == 0 || at + 1 == lengths[axis] ||
                   mask[i - strides[axis]] == T{} || mask[i + strides[axis]] == T{};
    }
    if (is_surface) surface.push_back(i);
  }
  return surface;
}

/// From each pixel of one surface to the nearest of the other.
inline std::vector<double> distances(const std::vector<std::size_t>& from,
                                     const std::vector<std::size_t>& to, const shape& size,
                                     const std::array<double, 3>& spacing) {
  std::vector<double> squares(size.pixels(), std::numeric_limits<double>::infinity());
  for (const std::size_t i : to) squares[i] = 0;
  add_axis(squares, size.x, 1, spacing[0]);
  add_axis(squares, size.y, size.x, spacing[1]);
  add_axis(squares, size.z, size.x * size.y, spacing[2]);
  std::vector<double> result;
  for (const std::size_t i : from) result.push_back(std::sqrt(squares[i]));
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace detail

/// a, b:    masks; foreground is not 0. A surface pixel has a background pixel, or the edge of the
///          image, across one of its faces (4 in 2D, 6 in 3D).
/// spacing: between pixels along x, y, z, > 0.
/// throws argument_error where the shapes differ or a spacing is not positive.
/// cost: six passes over the image, 8 bytes per pixel.
template <class A, class B>
surface_distance surface_distance_of(view<A> a, view<B> b,
                                     std::array<double, 3> spacing = {1, 1, 1}) {
  if (a.shape() != b.shape())
    throw argument_error("surface_distance_of: the masks must have the same shape, got " +
                         to_string(a.shape()) + " and " + to_string(b.shape()));
  for (const double s : spacing)
    if (!(s > 0 && std::isfinite(s)))
      throw argument_error("surface_distance_of: spacing must be finite and > 0, got " +
                           std::to_string(s));
  const auto first = detail::surface_of(a), second = detail::surface_of(b);
  if (first.empty() || second.empty()) {
    const double none = first.empty() && second.empty() ? std::numeric_limits<double>::quiet_NaN()
                                                        : std::numeric_limits<double>::infinity();
    return {none, none, none};
  }
  surface_distance result;
  double sum = 0;
  for (const auto& found : {detail::distances(first, second, a.shape(), spacing),
                            detail::distances(second, first, a.shape(), spacing)}) {
    for (const double distance : found) sum += distance;
    const double at = 0.95 * static_cast<double>(found.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const double above = found[std::min(below + 1, found.size() - 1)];
    result.hausdorff = std::max(result.hausdorff, found.back());
    result.hausdorff_95 =
        std::max(result.hausdorff_95, std::lerp(found[below], above, at - std::floor(at)));
  }
  result.average = sum / static_cast<double>(first.size() + second.size());
  return result;
}

}  // namespace gpuimg::metrics

#include "gpuimg/core/pop_macros.def"
