// SPDX-License-Identifier: BSD-3-Clause
// divide_by_gaussian_background: its formula, properties, then scipy's results.
#include "gpuimg/algorithms/divide_by_gaussian_background.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::border;
using gpuimg::divide_by_gaussian_background;
using gpuimg::shape;
using test::same_pixels;

TEST_CASE("divide_by_gaussian_background: is the image divided by gaussian_blur",
          "[filter][divide_by_gaussian_background]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 21, 4};
  const auto pixels = test::random_pixels<std::uint16_t>(size, 1);
  const auto src = push(device, pixels, size);
  const auto background = pull(gaussian_blur(src, {.sigma_x = 3, .sigma_y = 1, .sigma_z = 2}));
  std::vector<float> expected;
  for (std::size_t i = 0; i < pixels.size(); ++i)
    expected.push_back(static_cast<float>(pixels[i]) / background[i]);
  CHECK_THAT(divide_by_gaussian_background(src, {.sigma_x = 3, .sigma_y = 1, .sigma_z = 2}),
             same_pixels(expected, size));
}

TEST_CASE("divide_by_gaussian_background: takes light of twice the strength for none",
          "[filter][divide_by_gaussian_background]") {
  ON_EVERY_DEVICE(device);
  const shape size{40, 30};
  auto pixels = test::random_pixels<float>(size, 2);
  for (float& pixel : pixels) pixel = 1 + pixel * 1e-3f / 2;
  const auto once = divide_by_gaussian_background(push(device, pixels, size));
  for (float& pixel : pixels) pixel *= 2;
  CHECK_THAT(divide_by_gaussian_background(push(device, pixels, size)), same_pixels(once));
}

TEST_CASE("divide_by_gaussian_background: divides by 0 as floats are divided",
          "[filter][divide_by_gaussian_background]") {
  ON_EVERY_DEVICE(device);
  const auto zeros = push(device, std::vector<std::uint8_t>(6), {3, 2});
  const std::vector<float> undefined(6, std::numeric_limits<float>::quiet_NaN());
  CHECK_THAT(divide_by_gaussian_background(zeros), same_pixels(undefined, shape{3, 2}));
}

TEST_CASE("divide_by_gaussian_background: scipy.ndimage agrees",
          "[filter][divide_by_gaussian_background]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("difference_of_gaussian");
  const shape flat{29, 23}, deep{13, 11, 7};
  const auto src2 = push(device, test::random_pixels<std::uint8_t>(flat, 1), flat);
  const auto src3 = push(device, test::random_pixels<std::uint16_t>(deep, 2), deep);
  for (const auto& [name, mode] :
       {std::pair{"nearest", border::nearest}, {"constant", border::constant}}) {
    INFO(name);
    CHECK_THAT(divide_by_gaussian_background(src2, {2, 3, 0, mode, 7}),
               test::near_pixels(golden.values<double>("divide_2d_" + std::string(name)), 0, 2e-6));
    CHECK_THAT(divide_by_gaussian_background(src3, {2, 1.5f, 1, mode, 7}),
               test::near_pixels(golden.values<double>("divide_3d_" + std::string(name)), 0, 2e-6));
  }
}
