// SPDX-License-Identifier: BSD-3-Clause
// automatic_threshold: ImageJ's thresholds of 8-bit images, and those of wider pixels.
#include "gpuimg/algorithms/automatic_threshold.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::automatic_threshold;
using gpuimg::shape;
using gpuimg::threshold_method;
using gpuimg::threshold_of;
using test::same_pixels;

constexpr auto names = choice_names(threshold_method{});

/// Histogram `number` of ImageJ's as pixels, the darkest first: least + step * level.
template <gpuimg::pixel T>
std::vector<T> pixels_of(const test::golden& golden, std::size_t number, double least,
                         double step) {
  const auto counts = golden.values<std::size_t>("histograms");
  std::vector<T> pixels;
  for (std::size_t i = 0; i < 256; ++i)
    pixels.insert(pixels.end(), counts[256 * number + i],
                  static_cast<T>(least + step * static_cast<double>(i)));
  return pixels;
}

std::vector<std::uint8_t> above(const auto& pixels, double threshold) {
  std::vector<std::uint8_t> mask;
  for (const auto pixel : pixels) mask.push_back(static_cast<double>(pixel) > threshold ? 1 : 0);
  return mask;
}

}  // namespace

TEMPLATE_TEST_CASE("automatic_threshold: ImageJ finds the same thresholds in 8-bit images",
                   "[threshold][automatic_threshold]", std::uint8_t, std::int8_t) {
  ON_EVERY_DEVICE(device);
  const test::golden golden("threshold_method");
  const auto thresholds = golden.values<double>("thresholds");
  const double least = std::numeric_limits<TestType>::min();
  for (const std::size_t number : {0u, 2u, 3u, 5u, 6u, 17u, 18u, 22u, 23u, 95u}) {
    const auto pixels = pixels_of<TestType>(golden, number, least, 1);
    const auto src = push(device, pixels, {pixels.size()});
    for (std::size_t i = 0; i < names.size(); ++i) {
      INFO("image " << number << ", " << names[i]);
      const auto method = static_cast<threshold_method>(i);
      const double expected = least + thresholds[names.size() * number + i];
      CHECK(threshold_of(src, method) == expected);
      CHECK_THAT(automatic_threshold(src, {.method = method}),
                 same_pixels(above(pixels, expected)));
    }
  }
}

TEMPLATE_TEST_CASE("automatic_threshold: wider pixels have 256 bins from the least to the greatest",
                   "[threshold][automatic_threshold]", std::uint16_t, std::int16_t, std::uint32_t,
                   std::int32_t, float) {
  // 256 levels that are 16 apart, or 2^20: one for each bin, which is a 256th narrower.
  ON_EVERY_DEVICE(device);
  const test::golden golden("threshold_method");
  const auto thresholds = golden.values<double>("thresholds");
  const double least = std::is_unsigned_v<TestType> ? 100 : -3000;
  const double step = sizeof(TestType) == 2 ? 16 : 0x1p20;
  const std::size_t number = 0;  // has pixels of the levels 0 and 255
  const auto pixels = pixels_of<TestType>(golden, number, least, step);
  const auto src = push(device, pixels, {pixels.size()});
  for (std::size_t i = 0; i < names.size(); ++i) {
    INFO(names[i]);
    const auto method = static_cast<threshold_method>(i);
    const double bin = step * 255 / 256, level = thresholds[names.size() * number + i];
    const double centre = least + (level + 0.5) * bin;
    CHECK(threshold_of(src, method) == Approx(centre).epsilon(1e-6));
    CHECK_THAT(automatic_threshold(src, {.method = method}), same_pixels(above(pixels, centre)));
  }
}

TEST_CASE("automatic_threshold: 32-bit integers are counted exactly, wherever they lie",
          "[threshold][automatic_threshold]") {
  ON_EVERY_DEVICE(device);
  const auto check = [&]<class T>(T low, T high) {
    const std::vector<T> pixels{low, high, high, low, high, low, low};
    CHECK_THAT(automatic_threshold(push(device, pixels, {7}), {.method = threshold_method::huang}),
               same_pixels(above(pixels, static_cast<double>(low))));
  };
  check(std::uint32_t{4294967294u}, std::uint32_t{4294967295u});
  check(std::uint32_t{0}, std::uint32_t{4294967295u});
  check(std::int32_t{16777216}, std::int32_t{16777217});
  check(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
}

TEST_CASE("automatic_threshold: Otsu of floats is threshold_otsu, whose number differs in a gap",
          "[threshold][automatic_threshold]") {
  ON_EVERY_DEVICE(device);
  const shape size{41, 37, 3};
  for (const float bright : {700.0f, 3000.0f}) {  // among the others, above a gap
    auto pixels = test::random_pixels<float>(size, 1);
    for (std::size_t i = 0; i < pixels.size(); i += 3) pixels[i] = pixels[i] / 4 + bright;
    const auto src = push(device, pixels, size);
    CHECK((threshold_of(src, threshold_method::otsu) == gpuimg::otsu_threshold(src)) ==
          (bright < 1000));
    CHECK_THAT(automatic_threshold(src, {.method = threshold_method::otsu}),
               same_pixels(pull(gpuimg::threshold_otsu(src))));
  }
}

TEST_CASE("automatic_threshold: NaN does not count, and is background",
          "[threshold][automatic_threshold]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto src = push(device, std::vector<float>{1, nan, 2, nan, nan, 1, 2}, {7});
  CHECK(threshold_of(src, threshold_method::huang) ==
        threshold_of(push(device, std::vector<float>{1, 2, 1, 2}, {4}), threshold_method::huang));
  CHECK_THAT(automatic_threshold(src, {.method = threshold_method::huang}),
             same_pixels(std::vector<std::uint8_t>{0, 0, 1, 0, 0, 0, 1}));
  const auto nothing = push(device, std::vector<float>(6, nan), {3, 2});
  CHECK(std::isnan(threshold_of(nothing, threshold_method::huang)));
  CHECK_THAT(automatic_threshold(nothing), same_pixels(std::vector<std::uint8_t>(6, 0)));
}

TEMPLATE_TEST_CASE("automatic_threshold: where all wider pixels are the same, none is above",
                   "[threshold][automatic_threshold]", std::uint16_t, std::int16_t, std::uint32_t,
                   std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<TestType>(6, 77), {3, 2});
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto method = static_cast<threshold_method>(i);
    CHECK(threshold_of(src, method) == 77);
    CHECK_THAT(automatic_threshold(src, {.method = method}),
               same_pixels(std::vector<std::uint8_t>(6, 0)));
  }
}

TEST_CASE("automatic_threshold: without pixels there is an empty image, but no threshold",
          "[threshold][automatic_threshold][error]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>{}, {0});
  CHECK_THAT(automatic_threshold(src), same_pixels(std::vector<std::uint8_t>{}, shape{0}));
  CHECK_THROWS_AS(threshold_of(src, threshold_method::li), gpuimg::argument_error);
}

TEST_CASE("automatic_threshold: infinite pixels are refused",
          "[threshold][automatic_threshold][error]") {
  ON_EVERY_DEVICE(device);
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK_THROWS_AS(automatic_threshold(push(device, std::vector<float>{0, infinity}, {2})),
                  gpuimg::argument_error);
}
