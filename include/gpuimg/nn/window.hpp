// SPDX-License-Identifier: BSD-3-Clause
// Where the pixels lie that a convolution or a pooling looks at.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// One number for each of z, y and x.
using per_axis = std::array<std::int64_t, 3>;

/// "3x3": axes of size 1 in front are left out.
inline std::string sizes_text(const per_axis& sizes) {
  std::string all;
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (!all.empty() || sizes[axis] != 1 || axis == 2)
      all += (all.empty() ? "" : "x") + std::to_string(sizes[axis]);
  return all;
}

/// Where the taps of a convolution lie, along z, y and x. Axes that a tensor lacks have size 1.
struct window {
  per_axis size{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1};
  per_axis begin{}, end{};  ///< zeros before the first and behind the last pixel

  bool operator==(const window&) const = default;
  [[nodiscard]] std::int64_t taps() const { return size[0] * size[1] * size[2]; }
  /// How many pixels lie between the first tap and the last one, both counted.
  [[nodiscard]] std::int64_t extent(std::size_t axis) const {
    return dilation[axis] * (size[axis] - 1) + 1;
  }
};

}  // namespace gpuimg::nn
