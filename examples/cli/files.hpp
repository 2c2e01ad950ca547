// SPDX-License-Identifier: BSD-3-Clause
// The files the commands read and write: images as TIFF or PNG, and text.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "gpuimg/io/image_file.hpp"

namespace gpuimg::cli {

/// Which volume of a file is read, and whether its colours may become grey.
struct volume_choice {
  std::size_t channel = 0, frame = 0;
  bool grey = false;
  bool offers_grey = false;  ///< whether the command has the option --grey, for a refusal to name
};

/// The length of a pixel along x, y and z; 0 where unknown.
struct pixel_length {
  std::array<double, 3> value{};
  std::string unit;
};

struct loaded_image : io::host_image {
  pixel_length length;
};

/// Whether a file is read as PNG: by its first bytes. Everything else is read as TIFF.
bool is_png(const std::string& path);

/// Reads one volume. Throws what read_tiff and read_png throw; of colours in the program's words.
loaded_image read_image(const std::string& path, const volume_choice& choice = {});

/// Reads the first volume as labels. Throws as read_image, and argument_error for other numbers.
loaded_image read_labels(const std::string& path);

enum class image_format { tiff, png };

/// The format that a file to write is named for; argument_error where it is not .tif, .tiff or
/// .png.
image_format format_of(const std::string& path);

/// Writes pixels as they are. Throws argument_error for what a PNG file cannot hold, io_error.
void write_image(const std::string& path, const io::host_image& image, const pixel_length& length);

/// Writes a file that appears complete or not at all. Throws io_error.
void write_text(const std::string& path, const std::string& text);

}  // namespace gpuimg::cli
