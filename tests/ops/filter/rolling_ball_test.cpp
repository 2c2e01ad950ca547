// SPDX-License-Identifier: BSD-3-Clause
// rolling_ball: ImageJ's backgrounds, bit by bit, and properties.
#include "gpuimg/ops/filter/rolling_ball.hpp"

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::rolling_ball;
using gpuimg::shape;
using test::same_pixels;

TEST_CASE("rolling_ball: ImageJ finds the same background", "[filter][rolling_ball]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("rolling_ball");
  const auto src = push(device, golden.values<float>("floats"), golden.shape("floats"));
  for (const float radius : {4.5f, 25.0f, 50.0f, 150.0f})
    for (const bool light : {false, true})
      for (const bool smoothing : {false, true}) {
        const std::string name = "background_" + std::to_string(static_cast<int>(radius)) +
                                 (light ? "_light" : "") + (smoothing ? "_smooth" : "");
        INFO(name);
        CHECK_THAT(rolling_ball(src, {radius, light, smoothing}),
                   same_pixels(golden.values<float>(name)));
      }
}

TEST_CASE("rolling_ball: planes do not see each other", "[filter][rolling_ball]") {
  ON_EVERY_DEVICE(device);
  const shape size{37, 21, 3};
  const auto pixels = test::random_pixels<std::uint16_t>(size, 3);
  const auto found = pull(rolling_ball(push(device, pixels, size), {.radius = 12}));
  const std::size_t plane = size.x * size.y;
  for (std::size_t z = 0; z < size.z; ++z) {
    const auto at = [&](const auto& all, std::size_t i) {
      return all.begin() + static_cast<std::ptrdiff_t>(i * plane);
    };
    const std::vector<std::uint16_t> alone(at(pixels, z), at(pixels, z + 1));
    const std::vector<float> expected(at(found, z), at(found, z + 1));
    CHECK_THAT(rolling_ball(push(device, alone, {size.x, size.y}), {.radius = 12}),
               same_pixels(expected));
  }
}

TEST_CASE("rolling_ball: a flat image is its background, however small", "[filter][rolling_ball]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{1, 1}, shape{5, 3}, shape{64, 1, 2}, shape{0}}) {
    const std::vector<float> pixels(size.pixels(), 8);
    for (const float radius : {1.0f, 20.0f, 200.0f})
      CHECK_THAT(rolling_ball(push(device, pixels, size), {.radius = radius, .smoothing = false}),
                 same_pixels(pixels));
  }
}

TEST_CASE("rolling_ball: refuses a ball without extent", "[filter][rolling_ball]") {
  ON_EVERY_DEVICE(device);
  CHECK_THROWS_WITH(rolling_ball(push(device, std::vector<float>{1}, {1}), {.radius = 0}),
                    Catch::Contains("radius must be finite and >= 1 and <= 1000, got 0"));
}
