// SPDX-License-Identifier: BSD-3-Clause
// Boxes of pixels: parts of an image that may be larger than memory.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/text.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

/// A length along x, y and z.
using extent = std::array<std::uint64_t, 3>;

/// A part of an image: `size` pixels along x, y and z from the pixel `origin` on. Without pixels
/// where one of the sizes is 0.
struct box {
  extent origin{}, size{1, 1, 1};

  bool operator==(const box&) const = default;

  /// The first coordinate behind the box along an axis.
  [[nodiscard]] constexpr std::uint64_t end(std::size_t axis) const {
    return origin[axis] + size[axis];
  }
  [[nodiscard]] constexpr bool empty() const {
    return size[0] == 0 || size[1] == 0 || size[2] == 0;
  }
  /// The box as an image of its own. Its number of pixels is checked there.
  [[nodiscard]] constexpr gpuimg::shape shape() const { return {size[0], size[1], size[2]}; }
  /// Number of pixels; throws argument_error where it does not fit.
  [[nodiscard]] constexpr std::uint64_t pixels() const { return shape().pixels(); }

  [[nodiscard]] constexpr bool contains(const extent& pixel) const {
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (pixel[axis] < origin[axis] || pixel[axis] - origin[axis] >= size[axis]) return false;
    return true;
  }
  /// Whether every pixel of `other` is one of this box.
  [[nodiscard]] constexpr bool contains(const box& other) const {
    if (other.empty()) return true;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (other.origin[axis] < origin[axis]) return false;
      const std::uint64_t before = other.origin[axis] - origin[axis];
      if (before > size[axis] || other.size[axis] > size[axis] - before) return false;
    }
    return true;
  }

  /// "256x256x64 at (512, 0, 128)".
  friend std::string to_string(const box& b) {
    return gpuimg::detail::text({b.size[0], "x", b.size[1], "x", b.size[2], " at (", b.origin[0],
                                 ", ", b.origin[1], ", ", b.origin[2], ")"});
  }
};

/// All of an image.
constexpr box whole(const shape& image) { return {.size = {image.x, image.y, image.z}}; }

/// The pixels that both boxes have; none where they do not touch.
constexpr box intersection(const box& a, const box& b) {
  box both;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    both.origin[axis] = std::max(a.origin[axis], b.origin[axis]);
    const std::uint64_t end = std::min(a.end(axis), b.end(axis));
    both.size[axis] = end > both.origin[axis] ? end - both.origin[axis] : 0;
  }
  return both;
}

/// What of a box lies in the image.
constexpr box clip(const box& part, const shape& image) { return intersection(part, whole(image)); }

/// The box with `before` more pixels in front of it and `behind` more behind it along each axis, as
/// far as the image has them.
constexpr box grow(const box& part, const extent& before, const extent& behind,
                   const shape& image) {
  const extent most = {image.x, image.y, image.z};
  box grown;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    grown.origin[axis] = part.origin[axis] - std::min(part.origin[axis], before[axis]);
    const std::uint64_t left = most[axis] - std::min(most[axis], part.end(axis));
    const std::uint64_t end = part.end(axis) + std::min(left, behind[axis]);
    grown.size[axis] = end - grown.origin[axis];
  }
  return grown;
}

/// Calls `f` with each chunk of an image that has pixels of a part; those at the end of the image
/// are as small as that makes them.
template <class F>
void for_each_chunk(const box& part, const shape& chunk, const shape& image, F&& f) {
  const auto first = [&](std::size_t axis) {
    return part.origin[axis] - part.origin[axis] % chunk.axes()[axis];
  };
  for (std::uint64_t z = first(2); z < part.end(2); z += chunk.z)
    for (std::uint64_t y = first(1); y < part.end(1); y += chunk.y)
      for (std::uint64_t x = first(0); x < part.end(0); x += chunk.x)
        f(clip({{x, y, z}, {chunk.x, chunk.y, chunk.z}}, image));
}

/// Throws argument_error where a box is empty or reaches out of the image; `what` was to be done.
constexpr void check_inside(const char* what, const box& part, const shape& image) {
  if (part.empty() || !whole(image).contains(part))
    throw argument_error(gpuimg::detail::text(
        {what, ": ", to_string(part), " is no part of an image of ", to_string(image)}));
}

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
