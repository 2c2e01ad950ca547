// SPDX-License-Identifier: BSD-3-Clause
// sum_of_masked_pixels: sums of the chosen pixels alone.
#include "gpuimg/algorithms/sum_of_masked_pixels.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"

using gpuimg::shape;
using gpuimg::sum_of_masked_pixels;

TEMPLATE_TEST_CASE("sum_of_masked_pixels: is that of the pixels alone",
                   "[measure][sum_of_masked_pixels]", std::uint8_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  const shape size{65, 33, 3};
  const auto pixels = test::random_pixels<TestType>(size, 6);
  const auto where = test::random_mask(size, 30, 7);
  std::vector<TestType> chosen;
  for (std::size_t i = 0; i < pixels.size(); ++i)
    if (where[i] != 0) chosen.push_back(pixels[i]);
  const auto src = push(device, pixels, size);
  const auto mask = push(device, where, size);
  const auto alone = push(device, chosen, {chosen.size()});
  CHECK(sum_of_masked_pixels(src, mask) == Approx(sum_of_all_pixels(alone)).epsilon(1e-5));
}

TEST_CASE("sum_of_masked_pixels: of no pixels is 0", "[measure][sum_of_masked_pixels]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>{1, 2}, {2});
  const auto mask = push(device, std::vector<std::uint8_t>{0, 0}, {2});
  CHECK(sum_of_masked_pixels(src, mask) == 0);
}
