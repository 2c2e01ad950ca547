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
class lower_envelope {
 public:
  lower_envelope(std::size_t length, double spacing)
      : spacing_(spacing), parabolas_(length), length_(length) {}

  /// Of one line.
  void replace(double* line) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    std::size_t count = 0;
    for (std::size_t i = 0; i < length_; ++i) {
      if (line[i] == infinite) continue;
      const double at = spacing_ * static_cast<double>(i);
      double meet = -infinite;
      while (count > 0) {
        const parabola& last = parabolas_[count - 1];
        meet = (line[i] + at * at - last.least - last.at * last.at) / (2 * (at - last.at));
        if (meet > last.from) break;
        --count;
      }
      parabolas_[count] = {at, line[i], count == 0 ? -infinite : meet};
      ++count;
    }
    for (std::size_t i = 0, k = 0; i < length_ && count > 0; ++i) {
      const double at = spacing_ * static_cast<double>(i);
      while (k + 1 < count && parabolas_[k + 1].from < at) ++k;
      const double away = at - parabolas_[k].at;
      line[i] = parabolas_[k].least + away * away;
    }
  }

 private:
  struct parabola {
    double at, least, from;  // where it is least, its value there, from where on it counts
  };
  double spacing_;
  std::vector<parabola> parabolas_;
  std::size_t length_;
};

inline void add_axis(std::vector<double>& squares, std::size_t length, std::size_t stride,
                     double spacing) {
  if (length == 1) return;
  constexpr std::size_t most = 16;  // neighbouring lines at once, which share memory's cache lines
  std::vector<double> lines(most * length);
  lower_envelope envelope(length, spacing);
  for (std::size_t block = 0; block < squares.size(); block += length * stride)
    for (std::size_t first = 0; first < stride; first += most) {
      const std::size_t count = std::min(most, stride - first);
      double* const begin = squares.data() + block + first;
      if (stride == 1) {
        envelope.replace(begin);
        continue;
      }
      for (std::size_t i = 0; i < length; ++i)
        for (std::size_t k = 0; k < count; ++k) lines[k * length + i] = begin[i * stride + k];
      for (std::size_t k = 0; k < count; ++k) envelope.replace(lines.data() + k * length);
      for (std::size_t i = 0; i < length; ++i)
        for (std::size_t k = 0; k < count; ++k) begin[i * stride + k] = lines[k * length + i];
    }
}

/// Foreground pixels with a neighbour across a face that is background or outside the image.
template <class T>
std::vector<std::size_t> surface_of(view<T> mask) {
  const auto size = mask.shape();
  const std::size_t row = size.x, plane = size.x * size.y;
  std::vector<std::size_t> surface;
  std::size_t i = 0;
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x, ++i) {
        if (mask[i] == T{}) continue;
        const auto ends = [&](std::size_t at, std::size_t length, std::size_t step) {
          return at == 0 || at + 1 == length || mask[i - step] == T{} || mask[i + step] == T{};
        };
        if (ends(x, size.x, 1) || ends(y, size.y, row) || (size.is_3d() && ends(z, size.z, plane)))
          surface.push_back(i);
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
  result.reserve(from.size());
  for (const std::size_t i : from) result.push_back(std::sqrt(squares[i]));
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
  const auto add = [&](std::vector<double> found) {
    for (const double distance : found) sum += distance;
    const double at = 0.95 * static_cast<double>(found.size() - 1);
    const auto below = found.begin() + static_cast<std::ptrdiff_t>(at);
    std::nth_element(found.begin(), below, found.end());
    const auto above = std::min_element(below + 1, found.end());
    result.hausdorff = std::max(result.hausdorff, *std::max_element(below, found.end()));
    result.hausdorff_95 =
        std::max(result.hausdorff_95,
                 std::lerp(*below, above == found.end() ? *below : *above, at - std::floor(at)));
  };
  add(detail::distances(first, second, a.shape(), spacing));
  add(detail::distances(second, first, a.shape(), spacing));
  result.average = sum / static_cast<double>(first.size() + second.size());
  return result;
}

}  // namespace gpuimg::metrics

#include "gpuimg/core/pop_macros.def"
