// SPDX-License-Identifier: BSD-3-Clause
// minimum_position: the first of equals, whatever NaN are before.
#include "gpuimg/algorithms/minimum_position.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"

using gpuimg::position;
using gpuimg::shape;

TEMPLATE_TEST_CASE("minimum_position: is where the least pixel is first",
                   "[measure][minimum_position]", std::uint8_t, std::int16_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 9, test::content::few);
    if (pixels.empty()) continue;
    const auto at = [&](auto found) {
      const auto i = static_cast<std::size_t>(found - pixels.begin());
      return position{i % size.x, i / size.x % size.y, i / size.x / size.y};
    };
    const auto src = push(device, pixels, size);
    const auto least = minimum_position(src);
    CHECK(least.position == at(std::ranges::min_element(pixels)));
    CHECK(least.value == static_cast<double>(*std::ranges::min_element(pixels)));
  }
}

TEST_CASE("minimum_position: NaN does not count", "[measure][minimum_position]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>{NAN, 1, NAN, NAN, 7, NAN, 7, -2}, {4, 1, 2});
  CHECK(minimum_position(src).position == position{3, 0, 1});
  const auto none = minimum_position(push(device, std::vector<float>{NAN, NAN}, {2}));
  CHECK(none.position == position{0, 0, 0});
  CHECK(std::isnan(none.value));
}

TEST_CASE("minimum_position: of no pixels is refused", "[measure][minimum_position]") {
  ON_EVERY_DEVICE(device);
  CHECK_THROWS_WITH(minimum_position(push(device, std::vector<float>{}, {0})),
                    Catch::Contains("the image has no pixels"));
}
