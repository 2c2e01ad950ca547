// SPDX-License-Identifier: BSD-3-Clause
// Conversions of pixels whose type is known only when the program runs.
#pragma once

#include <string>

#include "gpuimg/io/image_file.hpp"

namespace gpuimg::cli {

/// Pixels as labels, u32. Throws argument_error, which opens with `name`, where a value is not a
/// whole number from 0 to 2^32 - 1.
io::host_image to_labels(io::host_image image, const std::string& name);

/// `foreground` where a pixel is not 0, as u8.
io::host_image to_binary(const io::host_image& image, std::uint8_t foreground = 1);

/// Pixels as f32.
io::host_image to_float(io::host_image image);

}  // namespace gpuimg::cli
