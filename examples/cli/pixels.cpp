// SPDX-License-Identifier: BSD-3-Clause
// Conversions of pixels of any type.
#include "cli/pixels.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <sstream>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace gpuimg::cli {
namespace {

template <pixel To, class Convert>
host_image convert(const host_image& image, Convert convert_one) {
  return std::visit(
      [&](const auto& pixels) -> host_image {
        std::vector<To> converted(pixels.size());
        std::ranges::transform(pixels, converted.begin(), convert_one);
        host_image result{.size = image.size, .pixels = std::move(converted)};
        result.describe_as(image);
        return result;
      },
      image.pixels);
}

template <pixel T>
bool is_label(T value) {
  if constexpr (std::is_same_v<T, float>)
    return value >= 0 && value < 4294967296.0f && value == std::floor(value);
  else
    return std::in_range<std::uint32_t>(value);
}

}  // namespace

host_image to_labels(host_image image, const std::string& name) {
  if (image.type() == pixel_type::u32) return image;
  return convert<std::uint32_t>(image, [&](auto value) {
    if (is_label(value)) return static_cast<std::uint32_t>(value);
    std::ostringstream text;
    text << name << ": labels must be whole numbers from 0 to 4294967295, got " << +value;
    throw argument_error(text.str());
  });
}

host_image to_binary(const host_image& image, std::uint8_t foreground) {
  return convert<std::uint8_t>(
      image, [&](auto value) { return value != 0 ? foreground : std::uint8_t{0}; });
}

odd_pixels count_odd_pixels(const host_image& image) {
  odd_pixels found;
  if (const auto* pixels = std::get_if<std::vector<float>>(&image.pixels))
    for (const float value : *pixels) {
      found.infinite += std::isinf(value) ? 1 : 0;
      found.nan += std::isnan(value) ? 1 : 0;
    }
  return found;
}

host_image to_float(host_image image) {
  if (image.type() == pixel_type::f32) return image;
  return convert<float>(image, [](auto value) { return convert_pixel<float>(value); });
}

}  // namespace gpuimg::cli
