// SPDX-License-Identifier: BSD-3-Clause
// threshold_otsu: properties, then scikit-image's thresholds for every pixel type.
#include "gpuimg/algorithms/threshold_otsu.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::otsu_threshold;
using gpuimg::shape;
using gpuimg::threshold_otsu;
using test::same_pixels;

shape otsu_shape(std::size_t seed) { return {5 + seed, 7, 1 + seed % 3}; }

// The images of make_golden.py: every fourth has few values, every fourth two modes, the others the
// whole range of their type, or some thousand values where the type has 32 bits.
template <gpuimg::pixel T>
std::vector<T> otsu_pixels(std::size_t seed) {
  const shape size = otsu_shape(seed);
  if (seed % 4 == 3) return test::random_pixels<T>(size, seed, test::content::few);
  std::vector<T> pixels;
  if constexpr (std::same_as<T, std::uint32_t> || std::same_as<T, std::int32_t>) {
    for (const auto p : test::random_pixels<std::uint16_t>(size, seed))
      pixels.push_back(
          static_cast<T>(p / 8) +
          (std::same_as<T, std::uint32_t> ? static_cast<T>(3000000000u) : static_cast<T>(-2000)));
  } else {
    pixels = test::random_pixels<T>(size, seed);
  }
  if (seed % 4 == 2) {
    const auto [least, most] = std::minmax_element(pixels.begin(), pixels.end());
    const T end = seed % 8 == 2 ? *least : *most;
    for (std::size_t i = 0; i < pixels.size(); ++i)
      if (i % 3 != 0) pixels[i] = end;
  }
  return pixels;
}

}  // namespace

TEMPLATE_TEST_CASE("otsu_threshold: scikit-image finds the same number",
                   "[threshold][threshold_otsu]", std::uint8_t, std::int8_t, std::uint16_t,
                   std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  const test::golden golden("threshold_otsu");
  const std::string type(gpuimg::name_of(gpuimg::pixel_type_of<TestType>()));
  const auto thresholds = golden.values<double>("thresholds_" + type);
  REQUIRE(thresholds.size() == 40);
  for (std::size_t seed = 0; seed < thresholds.size(); ++seed) {
    INFO("image " << seed << " of type " << type);
    const auto src = push(device, otsu_pixels<TestType>(seed), otsu_shape(seed));
    CHECK(otsu_threshold(src) == thresholds[seed]);
  }
  const auto src = push(device, otsu_pixels<TestType>(3), otsu_shape(3));
  CHECK_THAT(threshold_otsu(src), same_pixels(golden.values<std::uint8_t>("mask_" + type)));
}

TEST_CASE("otsu_threshold: scikit-image agrees on blobs, two pixels and constant images",
          "[threshold][threshold_otsu]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("threshold_otsu");
  const shape size{29, 23};
  CHECK(otsu_threshold(push(device, test::blobs(size, 6, 5, 7), size)) ==
        golden.number("threshold_blobs"));
  CHECK(otsu_threshold(push(device, std::vector<std::uint8_t>{3, 9}, {2})) ==
        golden.number("threshold_two"));
  CHECK(otsu_threshold(push(device, std::vector<std::int16_t>(5, 7), {5})) ==
        golden.number("threshold_same"));
  CHECK(otsu_threshold(push(device, std::vector<float>(5, -2.5f), {5})) ==
        golden.number("threshold_same_float"));
}

TEST_CASE("threshold_otsu: two values are told apart, in every type",
          "[threshold][threshold_otsu]") {
  ON_EVERY_DEVICE(device);
  const std::vector<std::uint8_t> expected{0, 1, 1, 0, 1};
  const auto check = [&]<class T>(T low, T high) {
    INFO(+low << " and " << +high);
    CHECK_THAT(threshold_otsu(push(device, std::vector<T>{low, high, high, low, high}, {5})),
               same_pixels(expected));
  };
  check(std::uint8_t{0}, std::uint8_t{1});
  check(std::int8_t{-128}, std::int8_t{127});
  check(std::uint16_t{0}, std::uint16_t{65535});
  check(std::int16_t{-5}, std::int16_t{-4});
  check(std::uint32_t{0}, std::uint32_t{4294967295u});
  check(std::uint32_t{4294967294u}, std::uint32_t{4294967295u});
  check(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
  check(std::int32_t{16777216}, std::int32_t{16777217});
  check(-1e-3f, 1e-3f);
  check(-1e30f, 1e30f);
}

TEST_CASE("threshold_otsu: a constant image has no foreground, an empty one no pixels",
          "[threshold][threshold_otsu]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(threshold_otsu(push(device, std::vector<float>(6, 2.5f), {3, 2})),
             same_pixels(std::vector<std::uint8_t>(6, 0)));
  CHECK_THAT(threshold_otsu(push(device, std::vector<float>{}, {0})),
             same_pixels(std::vector<std::uint8_t>{}, shape{0}));
}

TEST_CASE("threshold_otsu: where no pixel is a number there is no threshold and no foreground",
          "[threshold][threshold_otsu]") {
  ON_EVERY_DEVICE(device);
  const auto src =
      push(device, std::vector<float>(6, std::numeric_limits<float>::quiet_NaN()), {3, 2});
  CHECK(std::isnan(otsu_threshold(src)));
  CHECK_THAT(threshold_otsu(src), same_pixels(std::vector<std::uint8_t>(6, 0)));
}

TEST_CASE("threshold_otsu: the order of the pixels does not matter",
          "[threshold][threshold_otsu]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 31, 5};
  auto pixels = test::random_pixels<float>(size, 1);
  const double forward = otsu_threshold(push(device, pixels, size));
  std::ranges::reverse(pixels);
  CHECK(otsu_threshold(push(device, pixels, size)) == forward);
}

TEST_CASE("otsu_threshold: an image without pixels is refused",
          "[threshold][threshold_otsu][error]") {
  ON_EVERY_DEVICE(device);
  CHECK_THROWS_AS(otsu_threshold(push(device, std::vector<float>{}, {0})), gpuimg::argument_error);
}

TEST_CASE("threshold_otsu: infinite pixels are refused", "[threshold][threshold_otsu][error]") {
  ON_EVERY_DEVICE(device);
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK_THROWS_AS(threshold_otsu(push(device, std::vector<float>{0, infinity}, {2})),
                  gpuimg::argument_error);
}
