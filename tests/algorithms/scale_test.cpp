// SPDX-License-Identifier: BSD-3-Clause
// scale: properties, then scipy's results.
#include "gpuimg/algorithms/scale.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::shape;
using test::same_pixels;

TEST_CASE("scale: resized by two, every pixel is there four times", "[transform][scale]") {
  ON_EVERY_DEVICE(device);
  using pixels = std::vector<std::uint8_t>;
  const auto src = push(device, pixels{1, 2, 3, 4}, {2, 2});
  CHECK_THAT(
      gpuimg::scale(
          src, {.factor_x = 2, .factor_y = 2, .resize = true, .border = gpuimg::border::nearest}),
      same_pixels(pixels{1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}, shape{4, 4}));
}

TEST_CASE("scale: not centered, the first pixel stays", "[transform][scale]") {
  ON_EVERY_DEVICE(device);
  using pixels = std::vector<float>;
  const auto src = push(device, pixels{1, 2, 3, 4, 5}, {5});
  using gpuimg::interpolation;
  CHECK_THAT(gpuimg::scale(
                 src, {.factor_x = 2, .centered = false, .interpolation = interpolation::linear}),
             same_pixels(pixels{1, 1.5f, 2, 2.5f, 3}));
  CHECK_THAT(
      gpuimg::scale(src,
                    {.factor_x = 0.5f, .centered = false, .interpolation = interpolation::linear}),
      same_pixels(pixels{1, 3, 5, 0, 0}));
  CHECK_THAT(gpuimg::scale(src, {.factor_x = 2, .interpolation = interpolation::linear}),
             same_pixels(pixels{2, 2.5f, 3, 3.5f, 4}));
}

TEST_CASE("scale: blurred before it is made smaller, equals scipy's", "[transform][scale]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("resampling");
  const auto compare = [&](const char* name, const shape& size, gpuimg::ops::scale p) {
    INFO(name);
    p.resize = p.anti_aliasing = true;
    p.interpolation = gpuimg::interpolation::linear;
    p.border = gpuimg::border::nearest;
    const auto scaled = gpuimg::scale(push(device, test::random_pixels<float>(size, 20), size), p);
    CHECK(scaled.shape() == expected.shape(name));
    CHECK_THAT(scaled, test::near_pixels(expected.values<float>(name), 2e-3));
  };
  compare("scale_2d", {29, 23}, {.factor_x = 0.4f, .factor_y = 1.5f});
  compare("scale_3d", {13, 11, 7}, {.factor_x = 0.5f, .factor_y = 1.5f, .factor_z = 0.6f});
}

TEST_CASE("scale: a 2D image stays one plane", "[transform][scale]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>{1, 2}, {2});
  CHECK_THAT(gpuimg::scale(src, {.factor_z = 2, .resize = true}),
             same_pixels(std::vector<float>{1, 2}, shape{2}));
}

TEST_CASE("scale: leaves a pixel at least, and refuses factors that make no sense",
          "[transform][scale]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>{1, 2}, {2});
  CHECK(gpuimg::scale(src, {.factor_x = 0.001f, .resize = true}).shape() == shape{1});
  CHECK_THROWS_WITH(gpuimg::scale(src, {.factor_x = 0}),
                    Catch::Contains("factor_x must be finite and >= "));
  CHECK_THROWS_WITH(gpuimg::scale(src, {.factor_y = 2000}), Catch::Contains("<= 1024, got 2000"));
}
