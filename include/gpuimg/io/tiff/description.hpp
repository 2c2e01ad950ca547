// SPDX-License-Identifier: BSD-3-Clause
// The text that describes a TIFF file's axes for ImageJ or as OME-XML: parsed and written.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <locale>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/io/tiff/info.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

namespace detail {

/// The axes beyond x and y: how many planes along each, and which of them runs fastest.
struct tiff_axes {
  std::size_t channels = 1, slices = 1, frames = 1;
  std::string_view order = "CZT";  ///< fastest first

  [[nodiscard]] std::size_t extent(char axis) const {
    return axis == 'C' ? channels : axis == 'Z' ? slices : frames;
  }
  /// True where there are exactly `planes` planes; cannot overflow.
  [[nodiscard]] bool count(std::size_t planes) const {
    if (channels == 0 || slices == 0 || frames == 0 || planes % channels != 0) return false;
    const std::size_t rest = planes / channels;
    return rest % slices == 0 && rest / slices == frames;
  }
  /// The number of a plane in the order of the file.
  [[nodiscard]] std::size_t plane(std::size_t channel, std::size_t slice, std::size_t frame) const {
    std::size_t index = 0, stride = 1;
    for (const char axis : order) {
      index += stride * (axis == 'C' ? channel : axis == 'Z' ? slice : frame);
      stride *= extent(axis);
    }
    return index;
  }
};

inline std::size_t to_count(std::string_view text, std::size_t fallback) {
  std::size_t value = 0;
  const auto end = text.data() + text.size();
  return std::from_chars(text.data(), end, value).ec == std::errc{} ? value : fallback;
}

/// A length > 0, or 0 for anything else.
inline double to_length(std::string_view text) {
  std::istringstream stream{std::string(text)};
  stream.imbue(std::locale::classic());
  double value = 0;
  return stream >> value && std::isfinite(value) && value > 0 ? value : 0;
}

/// What a unit may be made of, so that every reader understands the file: printable ASCII without
/// spaces, quotes, <, > and &.
inline bool is_unit_character(char c) {
  return c > ' ' && c < 0x7f && std::string_view("\"'<>&").find(c) == std::string_view::npos;
}

inline std::string to_unit(std::string_view text) {
  for (const char* micrometre : {"\xC2\xB5m", "\xCE\xBCm", "\xB5m", "\\u00B5m", "&#181;m",
                                 "&#xB5;m", "micron", "microns", "micrometer"})
    if (text == micrometre) return "um";
  std::string unit(text);
  std::erase_if(unit, [](char c) { return !is_unit_character(c); });
  return unit == "pixel" || unit == "pixels" ? std::string() : unit;
}

/// The value of the line `key=value`, or "".
inline std::string_view line_value(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(key) && line.substr(key.size()).starts_with('='))
      return line.substr(key.size() + 1);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return {};
}

/// Moves `xml` behind the next start tag of the element `name`, with or without a prefix as in
/// `ome:name`, and returns what the tag says after the name; nothing where there is none.
inline std::optional<std::string_view> next_element(std::string_view& xml, std::string_view name) {
  for (std::size_t at = 0; (at = xml.find('<')) != std::string_view::npos;) {
    xml.remove_prefix(at + 1);
    const std::string_view tag = xml.substr(0, xml.find('>'));
    xml.remove_prefix(tag.size());
    const std::size_t end = std::min(tag.find_first_of(" \t\r\n/"), tag.size());
    const std::string_view full_name = tag.substr(0, end);  // "" for an end tag
    if (full_name.substr(full_name.find(':') + 1) == name) return tag.substr(end);
  }
  return std::nullopt;
}

/// The value of ` name="value"`, or "".
inline std::string_view attribute(std::string_view attributes, std::string_view name) {
  constexpr std::string_view none;
  while (true) {
    attributes.remove_prefix(std::min(attributes.find_first_not_of(" \t\r\n"), attributes.size()));
    const std::string_view key = attributes.substr(0, attributes.find_first_of("= \t\r\n"));
    const std::size_t open = attributes.find_first_of("\"'");
    if (open == none.npos) return none;
    const std::size_t close = attributes.find(attributes[open], open + 1);
    if (close == none.npos) return none;
    if (key == name) return attributes.substr(open + 1, close - open - 1);
    attributes.remove_prefix(close + 1);
  }
}

inline std::string to_text(double value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

/// Throws argument_error for options that no description can say, or that libtiff cannot do.
inline void check_description(const tiff_write_options& options) {
  for (const double length : options.pixel_size)
    if (!std::isfinite(length) || length < 0)
      throw argument_error("write_tiff: pixel_size must be finite and >= 0, got " +
                           to_text(length));
  if (!std::ranges::all_of(options.unit, is_unit_character))
    throw argument_error(
        "write_tiff: unit must be printable ASCII without spaces, quotes, <, > and &");
}

/// Without the line `images=`, which would make ImageJ take the planes for one block of bytes.
inline std::string imagej_description(const tiff_axes& axes, const tiff_write_options& options) {
  std::string text = "ImageJ=1.53c\n";
  if (axes.channels > 1) text += "channels=" + std::to_string(axes.channels) + "\n";
  if (axes.slices > 1) text += "slices=" + std::to_string(axes.slices) + "\n";
  if (axes.frames > 1) text += "frames=" + std::to_string(axes.frames) + "\n";
  if (axes.channels > 1 || axes.frames > 1) text += "hyperstack=true\n";
  if (axes.channels > 1) text += "mode=grayscale\n";
  if (options.pixel_size != std::array<double, 3>{}) text += "unit=" + options.unit + "\n";
  if (options.pixel_size[2] > 0) text += "spacing=" + to_text(options.pixel_size[2]) + "\n";
  return text + "loop=false\n";
}

inline std::string ome_description(const shape& size, pixel_type type, const tiff_axes& axes,
                                   const tiff_write_options& options) {
  constexpr const char* types[] = {"uint8", "int8", "uint16", "int16", "uint32", "int32", "float"};
  constexpr const char* names[] = {"X", "Y", "Z"};
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
      "<OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\">"
      "<Image ID=\"Image:0\"><Pixels ID=\"Pixels:0\" DimensionOrder=\"XYCZT\" Type=\"" +
      std::string(types[static_cast<std::size_t>(type)]) + "\" SizeC=\"" +
      std::to_string(axes.channels) + "\" SizeT=\"" + std::to_string(axes.frames) + "\"";
  for (std::size_t axis = 0; axis < 3; ++axis) {
    text += " Size" + std::string(names[axis]) + "=\"" + std::to_string(size.axes()[axis]) + "\"";
    if (options.pixel_size[axis] <= 0) continue;
    const std::string physical = " PhysicalSize" + std::string(names[axis]);
    text += physical + "=\"" + to_text(options.pixel_size[axis]) + "\"";
    if (options.unit != "um") text += physical + "Unit=\"" + options.unit + "\"";
  }
  text += ">";
  for (std::size_t channel = 0; channel < axes.channels; ++channel)
    text += "<Channel ID=\"Channel:0:" + std::to_string(channel) + "\" SamplesPerPixel=\"1\"/>";
  return text + "<TiffData/></Pixels></Image></OME>";
}

}  // namespace detail
}  // namespace gpuimg::io
