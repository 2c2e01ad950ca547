// SPDX-License-Identifier: BSD-3-Clause
// rotate and radial_reslice: properties, then numpy's and scipy's results.
#include "gpuimg/ops/transform/resampling.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::radial_reslice;
using gpuimg::rotate;
using gpuimg::shape;
using test::same_pixels;

TEMPLATE_TEST_CASE("rotate: no angle and whole turns change nothing", "[transform][rotate]",
                   std::uint8_t, std::int16_t, std::uint32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const auto src = push(device, pixels, size);
    for (const bool resize : {false, true}) {
      CHECK_THAT(rotate(src, {.resize = resize}), same_pixels(pixels, size));
      CHECK_THAT(rotate(src, {.angle_x = 360, .angle_z = -720, .resize = resize}),
                 same_pixels(pixels, size));
    }
  }
}

TEST_CASE("rotate: no angle keeps infinities and NaN where it interpolates",
          "[transform][rotate]") {
  ON_EVERY_DEVICE(device);
  constexpr float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> pixels{1, inf, -inf, std::numeric_limits<float>::quiet_NaN(), inf, 2};
  CHECK_THAT(rotate(push(device, pixels, {3, 2}), {.interpolate = true}), same_pixels(pixels));
  CHECK_THAT(rotate(push(device, pixels, {1, 3, 2}), {.interpolate = true}), same_pixels(pixels));
}

// numpy 2.4.6: np.rot90(np.arange(6).reshape(2, 3)), np.rot90(..., -1)
TEST_CASE("rotate: a quarter turn is counter-clockwise as displayed", "[transform][rotate]") {
  ON_EVERY_DEVICE(device);
  using pixels = std::vector<std::uint8_t>;
  const auto src = push(device, pixels{0, 1, 2, 3, 4, 5}, {3, 2});
  for (const bool interpolate : {false, true}) {
    CHECK_THAT(rotate(src, {.angle_z = 90, .interpolate = interpolate, .resize = true}),
               same_pixels(pixels{2, 5, 1, 4, 0, 3}, shape{2, 3}));
    CHECK_THAT(rotate(src, {.angle_z = -90, .interpolate = interpolate, .resize = true}),
               same_pixels(pixels{3, 0, 4, 1, 5, 2}, shape{2, 3}));
  }
}

TEST_CASE("rotate: four quarter turns about each axis are none", "[transform][rotate]") {
  ON_EVERY_DEVICE(device);
  const shape size{17, 5, 3};
  const auto pixels = test::random_pixels<std::uint16_t>(size, 2);
  for (const auto& p : {gpuimg::ops::rotate{.angle_x = 90, .resize = true},
                        gpuimg::ops::rotate{.angle_y = 90, .resize = true},
                        gpuimg::ops::rotate{.angle_z = 90, .resize = true}}) {
    auto turned = rotate(push(device, pixels, size), p);
    CHECK_FALSE(turned.shape() == size);
    for (int i = 0; i < 3; ++i) turned = rotate(turned, p);
    CHECK_THAT(turned, same_pixels(pixels, size));
  }
}

TEST_CASE("rotate: not centered, the first pixel stays", "[transform][rotate]") {
  ON_EVERY_DEVICE(device);
  using pixels = std::vector<std::uint8_t>;
  const auto src = push(device, pixels{1, 2, 3, 4, 5, 6, 7, 8, 9}, {3, 3});
  CHECK_THAT(rotate(src, {.angle_z = 90, .centered = false}),
             same_pixels(pixels{1, 4, 7, 0, 0, 0, 0, 0, 0}));
}

TEST_CASE("rotate: integers are interpolated and rounded, halves to even", "[transform][rotate]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::uint8_t>{0, 1, 0, 255, 254, 255}, {3, 2});
  const auto exact = rotate(push(device, std::vector<float>{0, 1, 0, 255, 254, 255}, {3, 2}),
                            {.angle_z = 41, .interpolate = true});
  std::vector<std::uint8_t> rounded;
  for (const float value : pull(exact))
    rounded.push_back(gpuimg::convert_pixel<std::uint8_t>(value));
  CHECK_THAT(rotate(src, {.angle_z = 41, .interpolate = true}), same_pixels(rounded));
}

TEST_CASE("rotate: coordinates are exact in large images", "[transform][rotate]") {
  ON_EVERY_DEVICE(device);
  // Half a turn of a ramp of 100001 pixels: with coordinates in f32, pixels would be off by one.
  const shape size{100001, 1};
  std::vector<float> ramp;
  for (std::size_t i = 0; i < size.x; ++i) ramp.push_back(static_cast<float>(i));
  const std::vector<float> reversed(ramp.rbegin(), ramp.rend());
  for (const bool interpolate : {false, true})
    CHECK_THAT(rotate(push(device, ramp, size), {.angle_z = 180, .interpolate = interpolate}),
               same_pixels(reversed));
}

TEST_CASE("rotate: equals scipy's", "[transform][rotate]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("resampling");
  for (const shape& size : {shape{29, 23}, shape{13, 11, 7}}) {
    const auto src = push(device, test::random_pixels<float>(size, 17), size);
    for (const auto& p : {gpuimg::ops::rotate{.angle_z = 31},
                          gpuimg::ops::rotate{.angle_x = 20, .angle_y = -35, .angle_z = 140}})
      for (const bool resize : {false, true}) {
        if (!size.is_3d() && p.angle_x != 0) continue;
        auto q = p;
        q.resize = resize;
        const std::string name = std::string(size.is_3d() ? "3d_" : "2d_") +
                                 (p.angle_z == 31 ? "31" : "140") + (resize ? "_resize" : "");
        INFO(name);
        CHECK_THAT(rotate(src, q), same_pixels(expected.values<float>("nearest_" + name),
                                               expected.shape("nearest_" + name)));
        q.interpolate = true;
        CHECK_THAT(rotate(src, q),
                   test::near_pixels(expected.values<float>("linear_" + name), 1e-3));
      }
  }
}

TEST_CASE("radial_reslice: rays lead down, right, up and left", "[transform][radial_reslice]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, test::ramp<std::uint8_t>({5, 7}), {5, 7});  // 17 in the middle
  const std::vector<float> expected{17, 22, 27, 17, 18, 19, 17, 12, 7, 17, 16, 15};
  CHECK_THAT(radial_reslice(src, {.angle_step_size = 90}), same_pixels(expected, shape{3, 1, 4}));
}

TEST_CASE("radial_reslice: has as many radii as lead to a corner, all planes and the angles",
          "[transform][radial_reslice]") {
  ON_EVERY_DEVICE(device);
  const auto sliced = radial_reslice(push(device, test::ramp<float>({9, 7, 2}), {9, 7, 2}),
                                     {.number_of_angles = 90, .angle_step_size = 0.5f});
  CHECK(sliced.shape() == shape{5, 2, 180});
  CHECK(radial_reslice(gpuimg::image<float>(device, {0})).empty());
  CHECK(radial_reslice(push(device, std::vector<float>{3}, {1})).shape() == shape{1, 1, 360});
}

TEST_CASE("radial_reslice: refuses no angle", "[transform][radial_reslice]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>{1, 2}, {2});
  CHECK_THROWS_WITH(radial_reslice(src, {.number_of_angles = 3, .angle_step_size = 4}),
                    Catch::Contains("there is no angle: number_of_angles is 3, angle_step_size 4"));
}

TEST_CASE("radial_reslice: equals scipy's", "[transform][radial_reslice]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("resampling");
  const auto compare = [&](const std::string& name, const shape& size,
                           const gpuimg::ops::radial_reslice& p) {
    INFO(name);
    const auto sliced = radial_reslice(push(device, test::random_pixels<float>(size, 18), size), p);
    CHECK(sliced.shape() == expected.shape(name));
    CHECK_THAT(sliced, test::near_pixels(expected.values<float>(name), 1e-3));
  };
  compare("radial_2d", {29, 23}, {.number_of_angles = 36, .angle_step_size = 1.5f});
  compare("radial_3d", {13, 11, 7},
          {.number_of_angles = 40,
           .angle_step_size = 7,
           .start_angle_degrees = 20,
           .center_x = 4.25f,
           .center_y = 6.5f,
           .scale_factor_y = 0.5f});
}
