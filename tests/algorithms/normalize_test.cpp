// SPDX-License-Identifier: BSD-3-Clause
// normalize: its ends, and numpy's results.
#include "gpuimg/algorithms/normalize.hpp"

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

using gpuimg::normalize;
using gpuimg::shape;
using test::same_pixels;

TEST_CASE("normalize: the least pixel becomes 0, the greatest 1", "[pointwise][normalize]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::int16_t>{-10, 6, -6, -2}, {4});
  CHECK_THAT(normalize(src), same_pixels(std::vector<float>{0, 1, 0.25f, 0.5f}));
}

TEST_CASE("normalize: what is beyond the percentiles becomes 0 or 1", "[pointwise][normalize]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>{8, 0, 1, 3, 5, 9, 100}, {7});
  CHECK_THAT(normalize(src, {.low_percentile = 20, .high_percentile = 70}),
             same_pixels(std::vector<float>{1, 0, 0, 2 * (1 / 7.0f), 4 * (1 / 7.0f), 1, 1}));
}

TEST_CASE("normalize: an image of one value becomes 0, and one without pixels stays",
          "[pointwise][normalize]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(normalize(push(device, std::vector<std::uint8_t>(6, 7), {3, 2})),
             same_pixels(std::vector<float>(6), shape{3, 2}));
  CHECK_THAT(normalize(push(device, std::vector<float>{}, {0, 3})),
             same_pixels(std::vector<float>{}, shape{0, 3}));
}

TEMPLATE_TEST_CASE("normalize: equals numpy's", "[pointwise][normalize]", std::uint8_t,
                   std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  const test::golden golden("reduction");
  const shape size{13, 11, 7};
  const auto src = push(device, test::random_pixels<TestType>(size, 5), size);
  const std::string type(name_of(gpuimg::pixel_type_of<TestType>()));
  CHECK_THAT(normalize(src, {.low_percentile = 10, .high_percentile = 95}),
             test::near_pixels(golden.values<double>("normalized_" + type), 3e-7, 0));
}
