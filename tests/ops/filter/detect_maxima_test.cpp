// SPDX-License-Identifier: BSD-3-Clause
// detect_maxima, detect_scale_maxima: properties, then the same rules written with scipy.
#include "gpuimg/ops/filter/detect_maxima.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::connectivity;
using gpuimg::detect_maxima;
using gpuimg::detect_scale_maxima;
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

TEST_CASE("detect_scale_maxima: an impulse stays, and takes what is beside it at all scales",
          "[filter][detect_scale_maxima]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    if (size.empty()) continue;
    const auto ones = push(device, std::vector<std::int16_t>(size.pixels(), 1), size);
    for (std::size_t at = 0; at < size.pixels(); at += size.pixels() / 7 + 1) {
      const std::size_t x = at % size.x, y = at / size.x % size.y, z = at / size.x / size.y;
      std::vector<std::int16_t> pixels(size.pixels(), 1), beside;
      pixels[at] = 2;
      for (std::size_t i = 0; i < pixels.size(); ++i) {
        const auto is_near = [](std::size_t a, std::size_t b) { return a <= b + 1 && b <= a + 1; };
        beside.push_back(!is_near(i % size.x, x) || !is_near(i / size.x % size.y, y) ||
                         !is_near(i / size.x / size.y, z));
      }
      const auto impulse = push(device, pixels, size);
      CHECK_THAT(detect_scale_maxima(impulse, ones, ones), same_pixels(beside, size));
      CHECK_THAT(detect_scale_maxima(ones, ones, impulse), same_pixels(beside, size));
      beside[at] = 2;
      CHECK_THAT(detect_scale_maxima(ones, impulse, ones), same_pixels(beside, size));
    }
  }
}

TEST_CASE("detect_scale_maxima: only what is above 0 stays, plateaus as a whole",
          "[filter][detect_scale_maxima]") {
  ON_EVERY_DEVICE(device);
  const auto check = [&]<class T>(T least) {
    const auto low = push(device, std::vector<T>(9, least), {9});
    const auto at = push(device, std::vector<T>{5, 5, 4, 0, 0, 0, 3, 9, 9}, {9});
    CHECK_THAT(detect_scale_maxima(low, at, low),
               same_pixels(std::vector<T>{5, 5, 0, 0, 0, 0, 0, 9, 9}));
    CHECK_THAT(detect_scale_maxima(at, at, at),
               same_pixels(std::vector<T>{5, 5, 0, 0, 0, 0, 0, 9, 9}));
    CHECK_THAT(detect_scale_maxima(low, low, low),
               same_pixels(std::vector<T>(9, std::is_unsigned_v<T> ? least : T{0})));
  };
  check(std::uint8_t{0});
  check(std::int8_t{-128});
  check(std::uint16_t{0});
  check(std::int16_t{-32768});
  check(std::uint32_t{0});
  check(std::int32_t{-2147483647});
  check(-0.0f);
  check(-1e30f);
  check(-std::numeric_limits<float>::infinity());
}

TEST_CASE("detect_scale_maxima: nothing is as great as a NaN, whatever its sign",
          "[filter][detect_scale_maxima]") {
  ON_EVERY_DEVICE(device);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> pixels{infinity, 1, 2, 3, 7, 3, 2, infinity};
  for (const float sign : {1.0f, -1.0f}) {
    std::vector<float> with_nan = pixels;
    with_nan[6] = std::copysign(std::numeric_limits<float>::quiet_NaN(), sign);
    const auto without = push(device, pixels, {8}), with = push(device, with_nan, {8});
    const auto expected = same_pixels(std::vector<float>{infinity, 0, 0, 0, 7, 0, 0, 0});
    CHECK_THAT(detect_scale_maxima(with, without, without), expected);
    CHECK_THAT(detect_scale_maxima(without, with, without), expected);
    CHECK_THAT(detect_scale_maxima(without, without, with), expected);
    CHECK_THAT(detect_scale_maxima(without, without, without),
               same_pixels(std::vector<float>{infinity, 0, 0, 0, 7, 0, 0, infinity}));
  }
}

TEST_CASE("detect_scale_maxima: long ramps have their maxima where they end",
          "[filter][detect_scale_maxima]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{4099, 2}, shape{3, 1031}, shape{1, 1031, 3}, shape{2, 3, 259}}) {
    const std::size_t longest = std::max({size.x, size.y, size.z});
    const auto check = [&]<class T>(bool is_down, T) {
      std::vector<T> ramp, end;
      for (std::size_t i = 0; i < size.pixels(); ++i) {
        const std::size_t x = i % size.x, y = i / size.x % size.y, z = i / size.x / size.y;
        const std::size_t at = size.x == longest ? x : size.y == longest ? y : z;
        ramp.push_back(static_cast<T>(is_down ? longest - at : at + 1));
        end.push_back(ramp.back() == static_cast<T>(longest) ? ramp.back() : T{0});
      }
      const auto src = push(device, ramp, size);
      CHECK_THAT(detect_scale_maxima(src, src, src), same_pixels(end, size));
    };
    for (const bool is_down : {false, true}) {
      check(is_down, std::uint16_t{});
      check(is_down, float{});
    }
  }
}

TEST_CASE("detect_scale_maxima: images of other shapes are refused",
          "[filter][detect_scale_maxima][error]") {
  ON_EVERY_DEVICE(device);
  const auto image = push(device, std::vector<float>(4), {4}),
             other = push(device, std::vector<float>(4), {2, 2});
  CHECK_THROWS_WITH(detect_scale_maxima(image, image, other),
                    Catch::Contains("detect_scale_maxima: the images must have the same shape"));
  CHECK_THROWS_WITH(detect_scale_maxima(other, image, image),
                    Catch::Contains("detect_scale_maxima: the images must have the same shape"));
}

TEST_CASE("detect_scale_maxima: scipy's maximum of the stack decides alike",
          "[filter][detect_scale_maxima]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("detect_scale_maxima");
  for (const auto& [dimensions, size] :
       {std::pair{"2d_", shape{29, 23}}, std::pair{"3d_", shape{13, 11, 7}}})
    for (const auto content : {test::content::even, test::content::few}) {
      const std::string entry = dimensions + std::string(name_of(content));
      INFO(entry);
      const auto check = [&, size = size]<class T>(const std::string& type, T) {
        const auto scale = [&](std::uint64_t seed) {
          return push(device, test::random_pixels<T>(size, seed, content), size);
        };
        CHECK_THAT(detect_scale_maxima(scale(23), scale(24), scale(25)),
                   same_pixels(golden.values<T>(type + entry)));
      };
      check("u8_", std::uint8_t{});
      check("i16_", std::int16_t{});
      check("f32_", float{});
    }
}
