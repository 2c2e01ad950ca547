// SPDX-License-Identifier: BSD-3-Clause
// variance_of_all_pixels: small numbers, properties, then numpy's results.
#include "gpuimg/algorithms/variance_of_all_pixels.hpp"

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
using gpuimg::variance_of_all_pixels;

TEST_CASE("variance_of_all_pixels: is the mean of the squares of distances from the mean",
          "[measure][variance_of_all_pixels]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::uint8_t>{1, 2, 3, 6}, {2, 2});
  CHECK(variance_of_all_pixels(src) == 3.5);
  CHECK(variance_of_all_pixels(src, {.ddof = 2}) == 7);
  CHECK(std::isinf(variance_of_all_pixels(src, {.ddof = 4})));
  const auto one = push(device, std::vector<float>{5}, {1});
  CHECK(variance_of_all_pixels(one) == 0);
  CHECK(std::isnan(variance_of_all_pixels(one, {.ddof = 1})));
}

TEST_CASE("variance_of_all_pixels: does not depend on where 0 is",
          "[measure][variance_of_all_pixels]") {
  ON_EVERY_DEVICE(device);
  const shape size{65, 33, 3};
  auto pixels = test::random_pixels<std::uint32_t>(size, 1);
  for (auto& pixel : pixels) pixel %= 1000;
  const double expected = variance_of_all_pixels(push(device, pixels, size));
  for (auto& pixel : pixels) pixel += 10000000;
  CHECK(variance_of_all_pixels(push(device, pixels, size)) == Approx(expected).epsilon(1e-6));
}

TEST_CASE("variance_of_all_pixels: of no pixels is refused", "[measure][variance_of_all_pixels]") {
  ON_EVERY_DEVICE(device);
  CHECK_THROWS_WITH(variance_of_all_pixels(push(device, std::vector<float>{}, {0})),
                    Catch::StartsWith("variance_of_all_pixels: the image has no pixels"));
}

TEMPLATE_TEST_CASE("variance_of_all_pixels: equals numpy's", "[measure][variance_of_all_pixels]",
                   std::uint8_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  const test::golden golden("reduction");
  const auto src = push(device, test::random_pixels<TestType>({13, 11, 7}, 5), {13, 11, 7});
  const std::string type(name_of(gpuimg::pixel_type_of<TestType>()));
  CHECK(variance_of_all_pixels(src) == Approx(golden.number("variance_" + type)).epsilon(2e-6));
  CHECK(variance_of_all_pixels(src, {.ddof = 1}) ==
        Approx(golden.number("variance_1_" + type)).epsilon(2e-6));
}
