// SPDX-License-Identifier: BSD-3-Clause
// Parameters that are one of a few words.
#pragma once

#include <array>
#include <cstddef>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// Which pixels are neighbours: `box` = all 8 (3D: 26), `sphere` = the 4 (6) that share a face. As
/// a footprint with radii: the box of 2r+1 pixels, or the ellipsoid with half-axes r.
enum class connectivity { box, sphere };
constexpr std::array<const char*, 2> choice_names(connectivity) { return {"box", "sphere"}; }

/// What lies between pixels: the nearest one, or a mixture of 2 or of 4 pixels per axis.
enum class interpolation { nearest, linear, cubic };
constexpr std::array<const char*, 3> choice_names(interpolation) {
  return {"nearest", "linear", "cubic"};
}

/// How pixels beyond the edge are made, as scipy.ndimage names it.
enum class border {
  nearest,   ///< a a | a b c | c c
  reflect,   ///< b a | a b c | c b
  mirror,    ///< c b | a b c | b a
  wrap,      ///< b c | a b c | a b
  constant,  ///< k k | a b c | k k
};
constexpr std::array<const char*, 5> choice_names(border) {
  return {"nearest", "reflect", "mirror", "wrap", "constant"};
}

/// The pixel that stands for pixel i of an axis of n pixels; -1 for the constant.
constexpr std::ptrdiff_t border_index(std::ptrdiff_t i, std::ptrdiff_t n, border mode) {
  if (i >= 0 && i < n) return i;
  if (mode == border::constant) return -1;
  if (mode == border::nearest || n == 1) return i < 0 ? 0 : n - 1;
  const std::ptrdiff_t period = mode == border::wrap      ? n
                                : mode == border::reflect ? 2 * n
                                                          : 2 * n - 2;
  i = (i % period + period) % period;
  if (i < n) return i;
  return mode == border::reflect ? 2 * n - 1 - i : 2 * n - 2 - i;
}

}  // namespace gpuimg
