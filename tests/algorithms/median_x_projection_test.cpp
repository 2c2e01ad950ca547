// SPDX-License-Identifier: BSD-3-Clause
// median_x_projection: numpy's results.
#include "gpuimg/algorithms/median_x_projection.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::shape;

TEMPLATE_TEST_CASE("median_x_projection: equals numpy's", "[projection][median_x_projection]",
                   std::uint8_t, std::int16_t, std::uint32_t, float) {
  ON_EVERY_DEVICE(device);
  const test::golden expected("projection");
  const auto src = push(device, test::random_pixels<TestType>({37, 3, 4}, 25), {37, 3, 4});
  const std::string type(name_of(gpuimg::pixel_type_of<TestType>()));
  CHECK_THAT(gpuimg::median_x_projection(src),
             test::same_pixels(expected.values<float>("median_x_" + type), shape{3, 4}));
}
