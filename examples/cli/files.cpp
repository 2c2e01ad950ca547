// SPDX-License-Identifier: BSD-3-Clause
// Reading and writing files by what they hold and how they are named.
#include "cli/files.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>
#include <variant>

#include "cli/pixels.hpp"
#include "gpuimg/io/png.hpp"
#include "gpuimg/io/tiff.hpp"

namespace gpuimg::cli {
namespace {

/// Reads the pixels and, where the file has it, the length of one.
loaded_image read_volume(const std::string& path, const volume_choice& choice) {
  const auto color = choice.grey ? io::color_handling::luminance : io::color_handling::refuse;
  if (is_png(path)) {
    if (choice.channel != 0 || choice.frame != 0)
      throw argument_error(path + ": a PNG file has one channel and one frame");
    return {io::read_png(path, {.color = color}), {}};
  }
  auto tiff =
      io::read_tiff(path, {.channel = choice.channel, .frame = choice.frame, .color = color});
  return {{tiff.size, std::move(tiff.pixels)}, {tiff.info.pixel_size, tiff.info.unit}};
}

}  // namespace

bool is_png(const std::string& path) {
  constexpr std::string_view signature = "\x89PNG\r\n\x1a\n";
  std::array<char, signature.size()> first{};
  std::ifstream file(path, std::ios::binary);
  file.read(first.data(), first.size());
  return file.good() && std::ranges::equal(first, signature);
}

loaded_image read_image(const std::string& path, const volume_choice& choice) {
  try {
    return read_volume(path, choice);
  } catch (const io_error& error) {
    constexpr std::string_view advice = io::detail::color_advice;
    std::string reason = error.reason();
    if (!reason.ends_with(advice)) throw;
    reason.replace(
        reason.size() - advice.size(), advice.size(),
        choice.offers_grey ? "pass --grey to convert them to grey" : "they must be grey here");
    throw io_error(error.file(), error.page(), reason);
  }
}

loaded_image read_labels(const std::string& path) {
  auto image = read_image(path);
  return {to_labels(std::move(image), path), image.length};
}

image_format format_of(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (extension == ".png") return image_format::png;
  if (extension == ".tif" || extension == ".tiff") return image_format::tiff;
  throw argument_error(path + ": the name of an image file must end in .tif, .tiff or .png");
}

void write_image(const std::string& path, const io::host_image& image, const pixel_length& length) {
  if (format_of(path) == image_format::tiff)
    std::visit(
        [&](const auto& pixels) {
          io::write_tiff(path, view(pixels.data(), image.size),
                         {.pixel_size = length.value, .unit = length.unit});
        },
        image.pixels);
  else if (image.type() == pixel_type::u8)
    io::write_png(path, image.as<std::uint8_t>());
  else if (image.type() == pixel_type::u16)
    io::write_png(path, image.as<std::uint16_t>());
  else
    throw argument_error(path + ": a PNG file holds u8 or u16 pixels, not " +
                         std::string(name_of(image.type())) + "; write a .tif file");
}

void write_text(const std::string& path, const std::string& text) {
  io::detail::file_replacement replacement(path);
  std::ofstream file(replacement.temporary(), std::ios::binary);
  file << text;
  file.close();
  if (!file) throw io_error(path, -1, "cannot be written");
  replacement.commit();
}

}  // namespace gpuimg::cli
