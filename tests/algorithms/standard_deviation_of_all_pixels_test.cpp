// SPDX-License-Identifier: BSD-3-Clause
// standard_deviation_of_all_pixels: the root of the variance.
#include "gpuimg/algorithms/standard_deviation_of_all_pixels.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::shape;
using gpuimg::standard_deviation_of_all_pixels;

TEST_CASE("standard_deviation_of_all_pixels: is the root of the variance",
          "[measure][standard_deviation_of_all_pixels]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::int16_t>{-3, -1, 1, 3, 0, 0}, {3, 2});
  CHECK(standard_deviation_of_all_pixels(src, {.ddof = 1}) == 2);
  CHECK(standard_deviation_of_all_pixels(src) == std::sqrt(20 / 6.0));
}
