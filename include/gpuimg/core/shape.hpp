// SPDX-License-Identifier: BSD-3-Clause
// The size of an image along x, y and z, and positions in it.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/text.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// Pixels along x, y and z; x is fastest in memory. A 2D image has z = 1.
struct shape {
  std::size_t x = 0, y = 1, z = 1;

  bool operator==(const shape&) const = default;
  [[nodiscard]] constexpr bool empty() const { return x == 0 || y == 0 || z == 0; }
  [[nodiscard]] constexpr bool is_3d() const { return z > 1; }
  [[nodiscard]] constexpr std::array<std::size_t, 3> axes() const { return {x, y, z}; }

  /// Number of pixels; throws argument_error where it does not fit a size_t.
  [[nodiscard]] constexpr std::size_t pixels() const {
    if (empty()) return 0;
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    if (y > most / x || z > most / (x * y))
      throw argument_error(
          detail::text({"shape ", to_string(*this), " has more pixels than memory can address"}));
    return x * y * z;
  }

  /// "512x512x64"; the last part is left out for a 2D image.
  friend std::string to_string(const shape& s) {
    return s.z == 1 ? detail::text({s.x, "x", s.y}) : detail::text({s.x, "x", s.y, "x", s.z});
  }
};

/// A pixel's coordinates, or an offset from the first pixel.
struct position {
  std::size_t x = 0, y = 0, z = 0;
  bool operator==(const position&) const = default;
};

}  // namespace gpuimg
