// SPDX-License-Identifier: BSD-3-Clause
// affine_transform, radial_reslice, rigid_transform, rotate and translate: properties, then the
// results of numpy, scipy and scikit-image.
#include "gpuimg/ops/transform/resampling.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gpuimg/algorithms/scale.hpp"
#include "gpuimg/ops/transform/rearrangement.hpp"
#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::affine_transform;
using gpuimg::circular_shift;
using gpuimg::radial_reslice;
using gpuimg::rigid_transform;
using gpuimg::rotate;
using gpuimg::shape;
using gpuimg::translate;
using test::same_pixels;
constexpr auto nearest = gpuimg::interpolation::nearest, linear = gpuimg::interpolation::linear,
               cubic = gpuimg::interpolation::cubic;

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
  CHECK_THAT(rotate(push(device, pixels, {3, 2}), {.interpolation = linear}), same_pixels(pixels));
  CHECK_THAT(rotate(push(device, pixels, {1, 3, 2}), {.interpolation = linear}),
             same_pixels(pixels));
}

// numpy 2.4.6: np.rot90(np.arange(6).reshape(2, 3)), np.rot90(..., -1)
TEST_CASE("rotate: a quarter turn is counter-clockwise as displayed", "[transform][rotate]") {
  ON_EVERY_DEVICE(device);
  using pixels = std::vector<std::uint8_t>;
  const auto src = push(device, pixels{0, 1, 2, 3, 4, 5}, {3, 2});
  for (const auto interpolation : {nearest, linear, cubic}) {
    CHECK_THAT(rotate(src, {.angle_z = 90, .interpolation = interpolation, .resize = true}),
               same_pixels(pixels{2, 5, 1, 4, 0, 3}, shape{2, 3}));
    CHECK_THAT(rotate(src, {.angle_z = -90, .interpolation = interpolation, .resize = true}),
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
                            {.angle_z = 41, .interpolation = linear});
  std::vector<std::uint8_t> rounded;
  for (const float value : pull(exact))
    rounded.push_back(gpuimg::convert_pixel<std::uint8_t>(value));
  CHECK_THAT(rotate(src, {.angle_z = 41, .interpolation = linear}), same_pixels(rounded));
}

TEST_CASE("rotate: coordinates are exact in large images", "[transform][rotate]") {
  ON_EVERY_DEVICE(device);
  // Half a turn of a ramp of 100001 pixels: with coordinates in f32, pixels would be off by one.
  const shape size{100001, 1};
  std::vector<float> ramp;
  for (std::size_t i = 0; i < size.x; ++i) ramp.push_back(static_cast<float>(i));
  const std::vector<float> reversed(ramp.rbegin(), ramp.rend());
  for (const auto interpolation : {nearest, linear, cubic})
    CHECK_THAT(rotate(push(device, ramp, size), {.angle_z = 180, .interpolation = interpolation}),
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
        q.interpolation = linear;
        CHECK_THAT(rotate(src, q),
                   test::near_pixels(expected.values<float>("linear_" + name), 1e-3));
      }
  }
}

namespace {

constexpr std::array all_borders{gpuimg::border::nearest, gpuimg::border::reflect,
                                 gpuimg::border::mirror, gpuimg::border::wrap,
                                 gpuimg::border::constant};

}  // namespace

TEST_CASE("affine_transform: equals scipy's and scikit-image's", "[transform][affine_transform]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("resampling");
  for (const shape& size : {shape{29, 23}, shape{13, 11, 7}}) {
    const auto src = push(device, test::random_pixels<float>(size, 19), size);
    gpuimg::ops::affine_transform p{.transform_matrix = {1.1, 0.2, -0.1, 3.237, -0.3, 0.9, 0.15,
                                                         -2.513, 0.1, -0.05, 1.2, 0.741},
                                    .border_value = 7};
    if (!size.is_3d()) p.transform_matrix = {1.1, 0.2, 0, 3.237, -0.3, 0.9, 0, -2.513, 0, 0, 1, 0};
    for (const auto border : all_borders) {
      const std::string name = std::string(choice_names(border)[static_cast<std::size_t>(border)]) +
                               (size.is_3d() ? "_3d" : "_2d");
      INFO(name);
      p.border = border;
      p.interpolation = nearest;
      CHECK_THAT(affine_transform(src, p),
                 same_pixels(expected.values<float>("affine_nearest_" + name)));
      p.interpolation = linear;
      CHECK_THAT(affine_transform(src, p),
                 test::near_pixels(expected.values<float>("affine_linear_" + name), 2e-3));
      if (size.is_3d() || border == gpuimg::border::constant) continue;
      p.interpolation = cubic;
      CHECK_THAT(affine_transform(src, p),
                 test::near_pixels(expected.values<float>("affine_cubic_" + name), 2e-3));
    }
  }
}

TEST_CASE("affine_transform: the identity changes nothing, whatever is between and beyond",
          "[transform][affine_transform][rigid_transform][scale][translate]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<float>(size, 3, test::content::awkward);
    const auto src = push(device, pixels, size);
    for (const auto between : {nearest, linear, cubic})
      for (const auto border : all_borders) {
        CHECK_THAT(affine_transform(src, {.interpolation = between, .border = border}),
                   same_pixels(pixels, size));
        CHECK_THAT(rigid_transform(src, {.interpolation = between, .border = border}),
                   same_pixels(pixels, size));
        CHECK_THAT(gpuimg::scale(src, {.interpolation = between, .border = border}),
                   same_pixels(pixels, size));
        CHECK_THAT(translate(src, {.interpolation = between, .border = border}),
                   same_pixels(pixels, size));
      }
  }
}

TEST_CASE("affine_transform: cubics keep parabolas", "[transform][affine_transform]") {
  ON_EVERY_DEVICE(device);
  const shape size{12, 11, 10};
  const auto at = [](double x, double y, double z) {
    return 3 + x * y - 2 * z + 0.5 * x * x - 0.25 * z * z + y * y - 0.125 * x * z;
  };
  std::vector<float> pixels;
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x)
        pixels.push_back(static_cast<float>(
            at(static_cast<double>(x), static_cast<double>(y), static_cast<double>(z))));
  const auto moved = pull(translate(push(device, pixels, size), {.translate_x = 0.3f,
                                                                 .translate_y = -0.45f,
                                                                 .translate_z = 0.8125f,
                                                                 .interpolation = cubic}));
  for (std::size_t z = 2; z < 8; ++z)
    for (std::size_t y = 2; y < 8; ++y)
      for (std::size_t x = 2; x < 8; ++x)
        CHECK(moved[x + size.x * (y + size.y * z)] ==
              Approx(at(static_cast<double>(x) - 0.3, static_cast<double>(y) + 0.45,
                        static_cast<double>(z) - 0.8125))
                  .margin(1e-3));
}

TEST_CASE("affine_transform: resized, the whole moved image is in the centre",
          "[transform][affine_transform]") {
  ON_EVERY_DEVICE(device);
  using pixels = std::vector<std::uint8_t>;
  const auto src = push(device, pixels{1, 2, 3, 4, 5, 6}, {3, 2});
  CHECK_THAT(affine_transform(src, {.transform_matrix = {0, -1, 0, 100, 1, 0, 0, 9, 0, 0, 1, 0},
                                    .resize = true}),
             same_pixels(pixels{4, 1, 5, 2, 6, 3}, shape{2, 3}));
}

TEST_CASE("affine_transform: refuses a matrix without an inverse and coordinates beyond reach",
          "[transform][affine_transform]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>{1, 2}, {2});
  CHECK_THROWS_WITH(affine_transform(src, {.transform_matrix = {1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1}}),
                    Catch::Contains("transform_matrix has no inverse"));
  CHECK_THROWS_WITH(
      affine_transform(src, {.transform_matrix = {1e-6, 0, 0, 1e6, 0, 1, 0, 0, 0, 0, 1}}),
      Catch::Contains("coordinates would reach"));
}

TEST_CASE("rigid_transform: turns as rotate, then moves", "[transform][rigid_transform]") {
  ON_EVERY_DEVICE(device);
  const shape size{15, 13, 5};
  const auto pixels = test::random_pixels<std::uint16_t>(size, 4);
  const auto src = push(device, pixels, size);
  for (const bool centered : {false, true}) {
    const auto turned = rotate(src, {.angle_x = 90, .angle_z = 20, .centered = centered});
    CHECK_THAT(rigid_transform(src, {.angle_x = 90, .angle_z = 20, .centered = centered}),
               same_pixels(pull(turned), size));
  }
  const auto moved = pull(rigid_transform(src, {.translate_x = 2, .translate_z = -1}));
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t x = 0; x < size.x; ++x)
      CHECK(moved[x + size.x * size.y * z] ==
            (x >= 2 && z + 1 < size.z ? pixels[x - 2 + size.x * size.y * (z + 1)] : 0));
}

TEST_CASE("translate: whole pixels are those of circular_shift where pixels wrap",
          "[transform][translate]") {
  ON_EVERY_DEVICE(device);
  const shape size{21, 8, 6};
  const auto src = push(device, test::random_pixels<std::uint8_t>(size, 5), size);
  const auto shifted = circular_shift(src, {.shift_x = -3, .shift_y = 20, .shift_z = 4});
  for (const auto between : {nearest, linear, cubic})
    CHECK_THAT(translate(src, {.translate_x = -3,
                               .translate_y = 20,
                               .translate_z = 4,
                               .interpolation = between,
                               .border = gpuimg::border::wrap}),
               same_pixels(pull(shifted), size));
}

TEST_CASE("translate: what comes from beyond is border_value, saturated",
          "[transform][translate]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::uint8_t>(40, 9), {40});
  const auto moved = pull(translate(src, {.translate_x = 33, .border_value = 300}));
  CHECK(moved[32] == 255);
  CHECK(moved[33] == 9);
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
