// SPDX-License-Identifier: BSD-3-Clause
// Conversions of pixels whose type is known only when the program runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "gpuimg/core/host_image.hpp"

namespace gpuimg::cli {

/// Pixels as labels, u32. Throws argument_error, which opens with `name`, where a value is not a
/// whole number from 0 to 2^32 - 1.
host_image to_labels(host_image image, const std::string& name);

/// `foreground` where a pixel is not 0, as u8.
host_image to_binary(const host_image& image, std::uint8_t foreground = 1);

/// How many pixels are infinite, and how many are no number.
struct odd_pixels {
  std::size_t infinite = 0, nan = 0;
};
odd_pixels count_odd_pixels(const host_image& image);

/// Pixels as f32.
host_image to_float(host_image image);

}  // namespace gpuimg::cli
