// SPDX-License-Identifier: BSD-3-Clause
// detect_maxima: properties, then the same rule written with scipy.
#include "gpuimg/ops/filter/detect_maxima.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::connectivity;
using gpuimg::detect_maxima;
using gpuimg::shape;
using test::same_pixels;

TEST_CASE("detect_maxima: an impulse is the only maximum, wherever it is",
          "[filter][detect_maxima]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    if (size.empty()) continue;
    for (std::size_t at = 0; at < size.pixels(); at += size.pixels() / 7 + 1) {
      std::vector<std::int16_t> pixels(size.pixels(), -32768);
      std::vector<std::uint8_t> expected(size.pixels(), 0);
      pixels[at] = -32767;
      expected[at] = 1;
      CHECK_THAT(detect_maxima(push(device, pixels, size)), same_pixels(expected, size));
    }
  }
}

TEST_CASE("detect_maxima: a plateau has none, a pixel without neighbours is one",
          "[filter][detect_maxima]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(detect_maxima(push(device, std::vector<float>{1, 5, 5, 1, 7}, {5})),
             same_pixels(std::vector<std::uint8_t>{0, 0, 0, 0, 1}));
  CHECK_THAT(detect_maxima(push(device, std::vector<float>(30, 4.0f), {5, 3, 2})),
             same_pixels(std::vector<std::uint8_t>(30, 0)));
  CHECK_THAT(detect_maxima(push(device, std::vector<std::uint8_t>{0}, {1})),
             same_pixels(std::vector<std::uint8_t>{1}));
}

TEST_CASE("detect_maxima: diagonal neighbours count for box and not for sphere",
          "[filter][detect_maxima]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::uint8_t>{5, 0, 0, 6}, {2, 2});
  CHECK_THAT(detect_maxima(src), same_pixels(std::vector<std::uint8_t>{0, 0, 0, 1}));
  CHECK_THAT(detect_maxima(src, {.connectivity = connectivity::sphere}),
             same_pixels(std::vector<std::uint8_t>{1, 0, 0, 1}));
  const auto deep = push(device, std::vector<std::uint8_t>{5, 0, 0, 0, 0, 0, 0, 6}, {2, 2, 2});
  CHECK_THAT(detect_maxima(deep), same_pixels(std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0, 1}));
  CHECK_THAT(detect_maxima(deep, {.connectivity = connectivity::sphere}),
             same_pixels(std::vector<std::uint8_t>{1, 0, 0, 0, 0, 0, 0, 1}));
}

TEST_CASE("detect_maxima: integers that are equal as floats are told apart",
          "[filter][detect_maxima]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(
      detect_maxima(push(device, std::vector<std::uint32_t>{16777216, 16777217, 16777216}, {3})),
      same_pixels(std::vector<std::uint8_t>{0, 1, 0}));
  CHECK_THAT(detect_maxima(push(
                 device, std::vector<std::int32_t>{-2147483648, -2147483647, -2147483648}, {3})),
             same_pixels(std::vector<std::uint8_t>{0, 1, 0}));
}

TEST_CASE("detect_maxima: no two maxima of a box neighbourhood touch", "[filter][detect_maxima]") {
  ON_EVERY_DEVICE(device);
  const shape size{64, 64};
  const auto maxima = pull(detect_maxima(push(device, test::random_pixels<float>(size, 1), size)));
  CHECK(std::accumulate(maxima.begin(), maxima.end(), 0) > 100);
  for (std::size_t y = 0; y + 1 < size.y; ++y)
    for (std::size_t x = 0; x + 1 < size.x; ++x) {
      const std::size_t p = x + size.x * y;
      REQUIRE(maxima[p] + maxima[p + 1] + maxima[p + size.x] + maxima[p + size.x + 1] <= 1);
    }
}

TEST_CASE("detect_maxima: scipy's maximum of the neighbours decides alike",
          "[filter][detect_maxima]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("detect_maxima");
  for (const auto& [dimensions, size] :
       {std::pair{"2d_", shape{29, 23}}, std::pair{"3d_", shape{13, 11, 7}}})
    for (const auto content : {test::content::even, test::content::few})
      for (const auto c : {connectivity::box, connectivity::sphere}) {
        const std::string entry = dimensions + std::string(name_of(content)) + "_" +
                                  choice_names(c)[static_cast<std::size_t>(c)];
        INFO(entry);
        CHECK_THAT(
            detect_maxima(push(device, test::random_pixels<std::uint8_t>(size, 8, content), size),
                          {.connectivity = c}),
            same_pixels(golden.values<std::uint8_t>("u8_" + entry)));
        CHECK_THAT(detect_maxima(push(device, test::random_pixels<float>(size, 8, content), size),
                                 {.connectivity = c}),
                   same_pixels(golden.values<std::uint8_t>("f32_" + entry)));
      }
}
