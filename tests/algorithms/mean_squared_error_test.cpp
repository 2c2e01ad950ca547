// SPDX-License-Identifier: BSD-3-Clause
// mean_squared_error: small numbers, properties, then numpy's result.
#include "gpuimg/algorithms/mean_squared_error.hpp"

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

using gpuimg::mean_squared_error;
using gpuimg::shape;

TEST_CASE("mean_squared_error: is the mean of squares, in either order",
          "[measure][mean_squared_error]") {
  ON_EVERY_DEVICE(device);
  const auto a = push(device, std::vector<std::uint8_t>{1, 2, 3, 4}, {4});
  const auto b = push(device, std::vector<float>{1, 4, 2, 4.5f}, {4});
  CHECK(mean_squared_error(a, b) == (4 + 1 + 0.25) / 4);
  CHECK(mean_squared_error(b, a) == mean_squared_error(a, b));
  CHECK(mean_squared_error(a, a) == 0);
  CHECK(std::isnan(mean_squared_error(
      a, push(device, std::vector<float>(4, std::numeric_limits<float>::quiet_NaN()), {4}))));
}

TEST_CASE("mean_squared_error: equals numpy's", "[measure][mean_squared_error]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("reduction");
  const shape size{13, 11, 7};
  const auto a = push(device, test::random_pixels<float>(size, 5), size);
  const auto b = push(device, test::random_pixels<float>(size, 6), size);
  CHECK(mean_squared_error(a, b) == Approx(golden.number("mean_squared_error")).epsilon(1e-6));
}
