// SPDX-License-Identifier: BSD-3-Clause
// gamma_correction against its formula, and numpy's numbers.
#include "gpuimg/algorithms/gamma_correction.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::gamma_correction;
using gpuimg::shape;
using test::same_pixels;

TEST_CASE("gamma_correction: 0 and the greatest pixel stay, a half becomes a power of a half",
          "[pointwise][gamma_correction]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::uint8_t>{0, 64, 128, 32}, {4});
  CHECK_THAT(gamma_correction(src, {.gamma = 2}), same_pixels(std::vector<float>{0, 32, 128, 8}));
  CHECK_THAT(gamma_correction(src), same_pixels(std::vector<float>{0, 64, 128, 32}));
}

TEST_CASE("gamma_correction: an image of zeros stays one, and one without pixels, too",
          "[pointwise][gamma_correction]") {
  ON_EVERY_DEVICE(device);
  const auto zeros = push(device, std::vector<std::int16_t>(6), {3, 2});
  CHECK_THAT(gamma_correction(zeros, {.gamma = 0.5f}), same_pixels(std::vector<float>(6)));
  const auto none = push(device, std::vector<float>{}, {0, 3});
  CHECK_THAT(gamma_correction(none), same_pixels(std::vector<float>{}, shape{0, 3}));
}

TEST_CASE("gamma_correction: equals numpy's formula", "[pointwise][gamma_correction]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("elementary");
  const auto src = push(device, test::random_pixels<std::uint16_t>({40, 5}, 29), {40, 5});
  CHECK_THAT(gamma_correction(src, {.gamma = 0.45f}),
             test::near_pixels(expected.values<double>("gamma"), 0, 4e-7));
}
