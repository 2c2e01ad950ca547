// SPDX-License-Identifier: BSD-3-Clause
// binary_watershed: small pictures, properties, then ImageJ's result.
#include "gpuimg/algorithms/binary_watershed.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gpuimg/ops/measure/sum.hpp"
#include "gpuimg/ops/morphology/binary_morphology.hpp"
#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::binary_watershed;
using gpuimg::shape;
using bytes = std::vector<std::uint8_t>;

double objects_in(const gpuimg::binary_image& src) {
  return gpuimg::maximum_of_all_pixels(
      gpuimg::connected_component_labeling(src, {.connectivity = gpuimg::connectivity::box}));
}

bytes balls(const shape& size, const std::vector<gpuimg::position>& centres, double radius) {
  bytes pixels(size.pixels());
  for (std::size_t i = 0; i < pixels.size(); ++i)
    for (const auto& c : centres) {
      const auto away = [](std::size_t a, std::size_t b) {
        return (static_cast<double>(a) - static_cast<double>(b)) *
               (static_cast<double>(a) - static_cast<double>(b));
      };
      if (away(i % size.x, c.x) + away(i / size.x % size.y, c.y) + away(i / size.x / size.y, c.z) <=
          radius * radius)
        pixels[i] = 255;
    }
  return pixels;
}

}  // namespace

TEST_CASE("binary_watershed: two discs that touch are cut by a line, one stays whole",
          "[morphology][binary_watershed]") {
  ON_EVERY_DEVICE(device);
  const shape size{40, 24};
  const auto two = push(device, balls(size, {{12, 12, 0}, {26, 12, 0}}, 8.5), size);
  const auto parted = binary_watershed(two);
  CHECK(objects_in(two) == 1);
  CHECK(objects_in(parted) == 2);
  const auto before = pull(two), after = pull(parted);
  std::size_t cut = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == 0) CHECK(after[i] == 0);
    if (before[i] == 0 || after[i] != 0) continue;
    ++cut;
    CHECK((i % size.x >= 18 && i % size.x <= 20));
  }
  CHECK((cut >= 8 && cut <= 12));
  CHECK(objects_in(binary_watershed(two, {.prominence = 5})) == 1);
  const auto one = balls(size, {{12, 12, 0}}, 8.5);
  bytes ones(one.size());
  std::ranges::transform(one, ones.begin(), [](auto pixel) { return pixel != 0 ? 1 : 0; });
  CHECK_THAT(binary_watershed(push(device, one, size)), test::same_pixels(ones));
}

TEST_CASE("binary_watershed: balls are cut by a plane, and what nothing parts stays",
          "[morphology][binary_watershed]") {
  ON_EVERY_DEVICE(device);
  const shape size{30, 17, 17};
  const auto two = push(device, balls(size, {{9, 8, 8}, {20, 8, 8}}, 6.5), size);
  CHECK(objects_in(two) == 1);
  CHECK(objects_in(binary_watershed(two)) == 2);
  const bytes all(12, 1), none(12, 0);
  CHECK_THAT(binary_watershed(push(device, all, {4, 3})), test::same_pixels(all));
  CHECK_THAT(binary_watershed(push(device, none, {4, 3})), test::same_pixels(none));
}

TEST_CASE("binary_watershed: parts as many objects as ImageJ, along lines beside its lines",
          "[morphology][binary_watershed]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("binary_watershed");
  for (const std::string name : {"discs", "large", "small"}) {
    INFO(name);
    const auto size = expected.shape(name);
    const auto src = push(device, expected.values<std::uint8_t>(name), size);
    const auto imagej = push(device, expected.values<std::uint8_t>(name + "_parted"), size);
    const auto found = binary_watershed(src);
    CHECK(objects_in(found) == objects_in(imagej));
    // Where only one of both cuts, the other one does at most three pixels away.
    const auto lines = binary_subtract(src, found), its_lines = binary_subtract(src, imagej);
    const auto beside = [](const gpuimg::binary_image& of) {
      return gpuimg::binary_dilate(of, {.radius_x = 3, .radius_y = 3, .radius_z = 0});
    };
    const auto alone = gpuimg::binary_or(binary_subtract(lines, beside(its_lines)),
                                         binary_subtract(its_lines, beside(lines)));
    CHECK(gpuimg::sum_of_all_pixels(alone) <=
          0.05 * gpuimg::sum_of_all_pixels(gpuimg::binary_or(lines, its_lines)));
  }
}
