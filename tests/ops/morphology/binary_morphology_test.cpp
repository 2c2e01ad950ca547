// SPDX-License-Identifier: BSD-3-Clause
// Operations on binary images over boxes and ellipsoids: properties, then scipy's results.
#include "gpuimg/ops/morphology/binary_morphology.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"
#include "support/neighborhoods.hpp"

namespace {

using gpuimg::binary_dilate;
using gpuimg::binary_erode;
using gpuimg::connectivity;
using gpuimg::shape;
using test::radii;
using test::same_pixels;
using mask = std::vector<std::uint8_t>;

// Within a word of 16 pixels, a word away, many words away.
const std::vector<radii> all_radii{
    {1, 1, 1, connectivity::box},     {0, 0, 0, connectivity::box},
    {15, 2, 0, connectivity::box},    {16, 0, 1, connectivity::box},
    {37, 0, 0, connectivity::box},    {0, 3, 2, connectivity::box},
    {100, 40, 9, connectivity::box},  {1, 1, 1, connectivity::sphere},
    {20, 3, 2, connectivity::sphere}, {0, 2, 1, connectivity::sphere}};

// Whether any pixel inside the image and the neighbourhood has the value `wanted` (0 or not 0).
mask found_near(const mask& pixels, const shape& size, const radii& r, bool wanted) {
  const auto square = [](std::ptrdiff_t d, int radius) {
    return radius == 0 ? 0.0 : static_cast<double>(d * d) / (radius * radius);
  };
  const auto distance = [](std::size_t a, std::size_t b) {
    return static_cast<std::ptrdiff_t>(std::max(a, b) - std::min(a, b));
  };
  struct range {
    std::size_t first, last;
  };
  const auto near = [](std::size_t i, int radius, std::size_t n) {
    const auto reach = static_cast<std::size_t>(radius);
    return range{i < reach ? 0 : i - reach, std::min(i + reach, n - 1)};
  };
  mask found;
  for (std::size_t p = 0; p < pixels.size(); ++p) {
    const std::size_t x = p % size.x, y = p / size.x % size.y, z = p / size.x / size.y;
    const range xs = near(x, r.x, size.x), ys = near(y, r.y, size.y), zs = near(z, r.z, size.z);
    const auto is_found = [&] {
      for (std::size_t k = zs.first; k <= zs.last; ++k)
        for (std::size_t j = ys.first; j <= ys.last; ++j)
          for (std::size_t i = xs.first; i <= xs.last; ++i)
            if ((pixels[i + size.x * (j + size.y * k)] != 0) == wanted &&
                (r.connectivity == connectivity::box || square(distance(i, x), r.x) +
                                                                square(distance(j, y), r.y) +
                                                                square(distance(k, z), r.z) <=
                                                            1))
              return true;
      return false;
    };
    found.push_back(is_found());
  }
  return found;
}

mask inverted(mask pixels) {
  for (auto& p : pixels) p = p == 0;
  return pixels;
}

}  // namespace

TEST_CASE("binary_dilate finds a pixel in each neighbourhood, binary_erode finds no hole",
          "[morphology][binary_dilate][binary_erode]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes())
    for (const std::size_t percent : {2u, 50u, 98u}) {
      const auto pixels = test::random_mask(size, percent, 1);
      const auto src = push(device, pixels, size);
      for (const auto& r : all_radii) {
        INFO(r.name() << " of " << to_string(size) << ", " << percent << " %");
        CHECK_THAT(binary_dilate(src, r.as<gpuimg::ops::binary_dilate>()),
                   same_pixels(found_near(pixels, size, r, true), size));
        CHECK_THAT(binary_erode(src, r.as<gpuimg::ops::binary_erode>()),
                   same_pixels(inverted(found_near(pixels, size, r, false)), size));
      }
    }
}

TEST_CASE("binary_erode: what is foreground everywhere does not shrink from the edge",
          "[morphology][binary_erode]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 7, 3};
  const auto full = push(device, mask(size.pixels(), 255), size);
  for (const auto& r : all_radii)
    CHECK_THAT(binary_erode(full, r.as<gpuimg::ops::binary_erode>()),
               same_pixels(mask(size.pixels(), 1)));
}

TEST_CASE("binary_erode: is the complement of the dilated complement",
          "[morphology][binary_dilate][binary_erode]") {
  ON_EVERY_DEVICE(device);
  const shape size{130, 31, 4};
  const auto pixels = test::random_mask(size, 70, 3);
  for (const auto& r : all_radii) {
    const auto dilated =
        binary_dilate(push(device, inverted(pixels), size), r.as<gpuimg::ops::binary_dilate>());
    CHECK_THAT(binary_erode(push(device, pixels, size), r.as<gpuimg::ops::binary_erode>()),
               same_pixels(inverted(pull(dilated))));
  }
}

TEST_CASE("binary_dilate: two boxes one after the other are the box of both radii",
          "[morphology][binary_dilate]") {
  ON_EVERY_DEVICE(device);
  const shape size{200, 60, 5};
  const auto src = push(device, test::random_mask(size, 1, 4), size);
  const auto twice = binary_dilate(binary_dilate(src, {.radius_x = 14, .radius_y = 2}),
                                   {.radius_x = 9, .radius_y = 5, .radius_z = 2});
  CHECK_THAT(binary_dilate(src, {.radius_x = 23, .radius_y = 7, .radius_z = 3}),
             same_pixels(twice));
}

TEST_CASE("binary_opening and binary_closing: are what the two others give one after the other",
          "[morphology][binary_opening][binary_closing]") {
  ON_EVERY_DEVICE(device);
  const shape size{70, 33, 3};
  const auto src = push(device, test::random_mask(size, 60, 4), size);
  for (const auto& r : all_radii) {
    const auto dilate = r.as<gpuimg::ops::binary_dilate>();
    const auto erode = r.as<gpuimg::ops::binary_erode>();
    const auto opened = binary_opening(src, r.as<gpuimg::ops::binary_opening>());
    CHECK_THAT(opened, same_pixels(binary_dilate(binary_erode(src, erode), dilate)));
    CHECK_THAT(binary_opening(opened, r.as<gpuimg::ops::binary_opening>()), same_pixels(opened));
    const auto closed = binary_closing(src, r.as<gpuimg::ops::binary_closing>());
    CHECK_THAT(closed, same_pixels(binary_erode(binary_dilate(src, dilate), erode)));
    CHECK_THAT(binary_closing(closed, r.as<gpuimg::ops::binary_closing>()), same_pixels(closed));
  }
}

TEST_CASE("binary_dilate, binary_erode, binary_opening and binary_closing: equal scipy's",
          "[morphology][binary_dilate][binary_erode][binary_opening][binary_closing]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("binary_morphology");
  for (const shape& size : {shape{45, 23}, shape{37, 11, 7}})
    for (const radii& r : {radii{1, 1, 1, connectivity::box}, radii{3, 2, 1, connectivity::box},
                           radii{17, 0, 2, connectivity::box}, radii{1, 1, 1, connectivity::sphere},
                           radii{4, 2, 2, connectivity::sphere}}) {
      const std::string name = (size.is_3d() ? "3d_" : "2d_") + r.name();
      INFO(name);
      const auto few = push(device, test::random_mask(size, 5, 5), size);
      const auto most = push(device, test::random_mask(size, 95, 6), size);
      CHECK_THAT(binary_dilate(few, r.as<gpuimg::ops::binary_dilate>()),
                 same_pixels(expected.values<std::uint8_t>("dilate_" + name)));
      CHECK_THAT(binary_erode(most, r.as<gpuimg::ops::binary_erode>()),
                 same_pixels(expected.values<std::uint8_t>("erode_" + name)));
      const auto fewer = push(device, test::random_mask(size, 1, 7), size);
      const auto more = push(device, test::random_mask(size, 99, 8), size);
      CHECK_THAT(binary_closing(fewer, r.as<gpuimg::ops::binary_closing>()),
                 same_pixels(expected.values<std::uint8_t>("closing_" + name)));
      CHECK_THAT(binary_opening(more, r.as<gpuimg::ops::binary_opening>()),
                 same_pixels(expected.values<std::uint8_t>("opening_" + name)));
    }
}
