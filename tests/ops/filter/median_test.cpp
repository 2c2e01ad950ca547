// SPDX-License-Identifier: BSD-3-Clause
// median: properties, then scipy's results.
#include "gpuimg/ops/filter/median.hpp"

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
#include "support/neighborhoods.hpp"

namespace {

using gpuimg::connectivity;
using gpuimg::median;
using gpuimg::shape;
using test::radii;
using test::same_pixels;
using test::visit_neighborhoods;

// Few pixels, which are compared in a fixed order, with rows in common or none, and many.
const std::vector<radii> median_radii{
    {1, 1, 1, connectivity::box},   {0, 0, 0, connectivity::box},
    {1, 0, 0, connectivity::box},   {0, 1, 1, connectivity::box},
    {2, 2, 2, connectivity::box},   {30, 2, 0, connectivity::box},
    {2, 40, 0, connectivity::box},  {1, 1, 1, connectivity::sphere},
    {5, 6, 2, connectivity::sphere}};

}  // namespace

TEMPLATE_TEST_CASE("median: as many pixels are below as above", "[filter][median]", std::int8_t,
                   std::uint16_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{1}, shape{3, 17}, shape{17, 5, 3}, shape{63, 2}, shape{1, 9, 4},
                            shape{40, 70}, shape{131, 6}}) {
    const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const auto src = push(device, pixels, size);
    for (const auto& r : median_radii) {
      INFO(r.name() << " of " << to_string(size));
      std::vector<double> expected(pixels.size());
      visit_neighborhoods(pixels, size, r, [&](std::size_t p, std::vector<TestType> covered) {
        std::sort(covered.begin(), covered.end());
        expected[p] = static_cast<double>(covered[covered.size() / 2]);
      });
      CHECK_THAT(median(src, r.as<gpuimg::ops::median>()),
                 test::near_pixels<TestType>(expected, 0));
    }
  }
}

TEST_CASE("median: NaN is the greatest and -0 is below +0", "[filter][median]") {
  ON_EVERY_DEVICE(device);
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> pixels{nan, 1, nan, 2, nan, 0.0f, -0.0f, 0.0f, -0.0f, -0.0f};
  CHECK_THAT(median(push(device, pixels, {10})),
             same_pixels(std::vector<float>{nan, nan, 2, nan, 2, 0.0f, 0.0f, -0.0f, -0.0f, -0.0f}));
  const auto wide = gpuimg::ops::median{.radius_x = 30};  // counts every pixel 1 to 26 times
  CHECK_THAT(median(push(device, pixels, {10}), wide),
             same_pixels(median(push(test::reference(), pixels, {10}), wide)));
}

TEST_CASE("median: a threshold before is a threshold behind", "[filter][median]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 31, 5};
  const auto pixels = test::random_pixels<std::uint16_t>(size, 3);
  const auto above = [](std::vector<std::uint16_t> values) {
    for (auto& v : values) v = v > 30000;
    return values;
  };
  for (const auto& r : median_radii) {
    INFO(r.name());
    const auto before = median(push(device, above(pixels), size), r.as<gpuimg::ops::median>());
    CHECK_THAT(
        before,
        same_pixels(above(pull(median(push(device, pixels, size), r.as<gpuimg::ops::median>())))));
  }
}

TEST_CASE("median: a neighbourhood has 2^24 pixels at most", "[filter][median]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>(8), {2, 2, 2});
  CHECK_THROWS_WITH(median(src, {.radius_x = 1000, .radius_y = 1000, .radius_z = 10}),
                    Catch::Contains("median: a median may be of 16777216 pixels, got 84084021: "
                                    "radii 1000, 1000 and 10"));
}

TEST_CASE("median: equals scipy's", "[filter][median]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("median");
  const auto compare = [&]<class T>(const char* type, T) {
    for (const shape& size : {shape{29, 23}, shape{13, 11, 7}}) {
      const auto src = push(device, test::random_pixels<T>(size, 16), size);
      for (const radii& r :
           {radii{1, 1, 1, connectivity::box}, radii{2, 2, 0, connectivity::box},
            radii{6, 5, 1, connectivity::box}, radii{1, 1, 1, connectivity::sphere},
            radii{5, 4, 2, connectivity::sphere}}) {
        const std::string name = type + std::string(size.is_3d() ? "_3d_" : "_2d_") + r.name();
        INFO(name);
        CHECK_THAT(median(src, r.as<gpuimg::ops::median>()), same_pixels(expected.values<T>(name)));
      }
    }
  };
  compare("u8", std::uint8_t{});
  compare("u16", std::uint16_t{});
  compare("f32", float{});
}
