// SPDX-License-Identifier: BSD-3-Clause
// gpuimg info: what an image file says about itself.
#include <cstddef>
#include <string>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/report.hpp"
#include "gpuimg/io/csv.hpp"
#include "gpuimg/io/tiff.hpp"

namespace gpuimg::cli {
namespace {

std::string format_text(const io::tiff_info& info) {
  return std::string(info.big_tiff ? "BigTIFF, " : "TIFF, ") + std::to_string(info.pages) +
         (info.pages == 1 ? " page in " : " pages in ") + (info.tiled ? "tiles" : "strips");
}

/// "3 x 8 bits, unsigned, RGB"
std::string sample_text(const io::tiff_info& info) {
  constexpr const char* colors[] = {"grey", "palette", "RGB"};
  return std::to_string(info.samples_per_pixel) + " x " + std::to_string(info.bits) + " bits, " +
         (info.is_float    ? "float, "
          : info.is_signed ? "signed, "
                           : "unsigned, ") +
         colors[static_cast<std::size_t>(info.color)];
}

/// "0.1 x 0.1 x 0.5 um"; "?" stands for a length that the file does not give.
std::string pixel_size_text(const io::tiff_info& info) {
  if (info.unit.empty()) return "unknown";
  std::string text;
  for (std::size_t axis = 0; axis < (info.size.is_3d() ? 3u : 2u); ++axis)
    text += (axis == 0 ? "" : " x ") +
            (info.pixel_size[axis] > 0 ? io::number_text(info.pixel_size[axis]) : std::string("?"));
  return text + " " + info.unit;
}

void print_tiff_info(const std::string& path) {
  const io::tiff_info info = io::read_tiff_info(path);
  print_fact("file", path);
  print_fact("format", format_text(info));
  print_fact("shape", to_string(info.size));
  print_fact("type", name_of(info.type));
  print_fact("samples", sample_text(info));
  print_fact("channels", info.channels);
  print_fact("frames", info.frames);
  print_fact("pixel size", pixel_size_text(info));
  print_fact("compression", info.compression);
  print_fact("byte order", info.big_endian ? "big-endian" : "little-endian");
  print_fact("metadata", info.metadata.empty() ? "none" : info.metadata);
}

void print_png_info(const std::string& path) {
  const image_file image(path, {.grey = true});
  print_fact("file", path);
  print_fact("format", "PNG");
  print_fact("shape", to_string(image.size()));
  print_fact("type", name_of(image.type()));
  print_fact("channels", 1);
  print_fact("frames", 1);
  print_fact("pixel size", "unknown");
  print_fact("compression", "deflate");
  print_fact("byte order", "big-endian");
  print_fact("metadata", "none");
}

}  // namespace

void print_info(const std::string& path) {
  is_png(path) ? print_png_info(path) : print_tiff_info(path);
}

}  // namespace gpuimg::cli
