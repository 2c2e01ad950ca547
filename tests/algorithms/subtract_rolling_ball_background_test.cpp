// SPDX-License-Identifier: BSD-3-Clause
// subtract_rolling_ball_background: ImageJ's results, pixel by pixel, and those of other types.
#include "gpuimg/algorithms/subtract_rolling_ball_background.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::subtract_rolling_ball_background;
using test::same_pixels;

TEST_CASE("subtract_rolling_ball_background: ImageJ finds the same pixels",
          "[filter][subtract_rolling_ball_background]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("rolling_ball");
  const auto src = push(device, golden.values<std::uint8_t>("bytes"), golden.shape("bytes"));
  for (const float radius : {4.5f, 25.0f, 50.0f, 150.0f})
    for (const bool light : {false, true})
      for (const bool smoothing : {false, true}) {
        const std::string name = "rest_" + std::to_string(static_cast<int>(radius)) +
                                 (light ? "_light" : "") + (smoothing ? "_smooth" : "");
        INFO(name);
        CHECK_THAT(subtract_rolling_ball_background(src, {radius, light, smoothing}),
                   same_pixels(golden.values<std::uint8_t>(name)));
      }
}

TEST_CASE("subtract_rolling_ball_background: floats are not rounded, and may be below 0",
          "[filter][subtract_rolling_ball_background]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>{5, 5.25f, 5, 5}, {2, 2});
  const gpuimg::ops::subtract_rolling_ball_background p{.radius = 20, .smoothing = false};
  CHECK_THAT(subtract_rolling_ball_background(src, p),
             same_pixels(std::vector<float>{0, 0.25f, 0, 0}));
  const auto light = push(device, std::vector<float>{5, 4.75f, 5, 5}, {2, 2});
  CHECK_THAT(subtract_rolling_ball_background(
                 light, {.radius = 20, .light_background = true, .smoothing = false}),
             test::near_pixels(std::vector<float>{0, -0.25f, 0, 0}, 1e-5));
  const auto integers = push(device, std::vector<std::int16_t>{5, 4, 5, 5}, {2, 2});
  CHECK_THAT(subtract_rolling_ball_background(
                 integers, {.radius = 20, .light_background = true, .smoothing = false}),
             same_pixels(std::vector<std::int16_t>{32767, 32766, 32767, 32767}));
}
