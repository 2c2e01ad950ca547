// SPDX-License-Identifier: BSD-3-Clause
// gpuimg compare: whether two files hold the same pixels.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "gpuimg/io/csv.hpp"

namespace gpuimg::cli {
namespace {

struct content {
  shape size;
  pixel_type type = pixel_type::u8;
  std::size_t channels = 1, frames = 1;

  bool operator==(const content&) const = default;
};

content content_of(const image_file& file) {
  return {file.size(), file.type(), file.channels(), file.frames()};
}

std::string to_string(const content& content) {
  return to_string(content.size) + " " + std::string(name_of(content.type)) + ", channels " +
         std::to_string(content.channels) + ", frames " + std::to_string(content.frames);
}

struct differences {
  std::uint64_t pixels = 0;
  double largest = 0;
};

/// Counts the pixels that differ. NaN equals NaN, and is infinitely far from any number.
void add_differences(const host_image& a, const host_image& b, differences& found) {
  const auto add = [&]<class T>(const std::vector<T>& pixels) {
    const auto others = b.as<T>();
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      const auto p = static_cast<double>(pixels[i]), q = static_cast<double>(others[i]);
      if (p == q || (std::isnan(p) && std::isnan(q))) continue;
      const double distance = std::abs(p - q);
      ++found.pixels;
      found.largest = std::max(
          found.largest, std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance);
    }
  };
  std::visit(add, a.pixels);
}

}  // namespace

bool compare(const std::string& a, const std::string& b) {
  image_file first(a), second(b);
  const content expected = content_of(first), other = content_of(second);
  if (expected != other) {
    std::cout << "different: " << to_string(expected) << " and " << to_string(other) << '\n';
    return false;
  }
  differences found;
  for (std::size_t frame = 0; frame < expected.frames; ++frame)
    for (std::size_t channel = 0; channel < expected.channels; ++channel)
      add_differences(first.read(channel, frame), second.read(channel, frame), found);
  if (found.pixels == 0)
    std::cout << "identical\n";
  else
    std::cout << "different: " << found.pixels << " pixels, by " << io::number_text(found.largest)
              << " at most\n";
  return found.pixels == 0;
}

}  // namespace gpuimg::cli
