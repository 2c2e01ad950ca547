// SPDX-License-Identifier: BSD-3-Clause
// Every operation takes pixels that are not finite: no refusal, unless it says so of its range.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "agreement/operations.hpp"
#include "support/images.hpp"

namespace {

using gpuimg::shape;

/// Pixels of the given values in turns.
std::vector<float> of_values(const shape& size, const std::vector<float>& values) {
  std::vector<float> pixels(size.pixels());
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = values[test::random_below(values.size(), 7, i)];
  return pixels;
}

/// What an operation says of the images, "" where it computes with them. Histograms, and the
/// thresholds that are found in them, need a range that is finite, and classes need values.
std::string refusal(const gpuimg::registry_entry& entry,
                    std::span<const gpuimg::any_image> images) {
  try {
    entry.run({}, images);
  } catch (const gpuimg::argument_error& e) {
    const std::string text = e.what();
    for (const char* reason : {"the range of the pixels is not finite", "there are to be"})
      if (text.find(reason) != text.npos) return "";
    return text;
  }
  return "";
}

}  // namespace

TEST_CASE("agreement: pixels that are not finite are computed with", "[agreement]") {
  constexpr float infinity = std::numeric_limits<float>::infinity(), nan = NAN;
  constexpr float greatest = std::numeric_limits<float>::max();
  const std::vector<std::vector<float>> contents{{nan},
                                                 {infinity},
                                                 {-infinity},
                                                 {nan, infinity, -infinity, 1},
                                                 {greatest, -greatest, 0},
                                                 {std::numeric_limits<float>::denorm_min()}};
  for (const auto& [entry, cases] : test::tested_operations(test::case_filter::from_environment()))
    for (const shape& size : std::array<shape, 2>{{{19, 13}, {9, 8, 5}}})
      for (const auto& values : contents) {
        INFO(entry->about->name << " of " << to_string(size) << " with " << values[0]);
        auto inputs = gpuimg::samples::random_inputs(*entry->about, gpuimg::pixel_type::f32, size,
                                                     gpuimg::samples::content::even, 1);
        for (auto& input : inputs)
          if (const auto* image = std::get_if<gpuimg::image<float>>(&input))
            input = push(gpuimg::device::reference(), of_values(image->shape(), values),
                         image->shape());
        CHECK(refusal(*entry, inputs) == "");
      }
}
