// SPDX-License-Identifier: BSD-3-Clause
// maximum_z_projection against its formula.
#include "gpuimg/ops/projection/projection.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::maximum_z_projection;
using gpuimg::shape;
using test::same_pixels;

TEMPLATE_TEST_CASE("maximum_z_projection: is the greatest pixel of each column",
                   "[projection][maximum_z_projection]", std::uint8_t, std::int8_t, std::uint16_t,
                   std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 1);
    const std::size_t plane = size.x * size.y;
    std::vector<TestType> expected(pixels.begin(),
                                   pixels.begin() + static_cast<std::ptrdiff_t>(plane));
    for (std::size_t i = 0; i < pixels.size(); ++i)
      expected[i % plane] = std::max(expected[i % plane], pixels[i]);
    CHECK_THAT(maximum_z_projection(push(device, pixels, size)),
               same_pixels(expected, shape{size.x, size.y}));
  }
}

TEST_CASE("maximum_z_projection: does not depend on the order of the planes",
          "[projection][maximum_z_projection]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 31, 5};
  const auto pixels = test::random_pixels<std::int32_t>(size, 2);
  std::vector<std::int32_t> upside_down;
  const auto plane = static_cast<std::ptrdiff_t>(size.x * size.y);
  for (std::ptrdiff_t z = 4; z >= 0; --z)
    upside_down.insert(upside_down.end(), pixels.begin() + z * plane,
                       pixels.begin() + (z + 1) * plane);
  CHECK_THAT(maximum_z_projection(push(device, upside_down, size)),
             same_pixels(maximum_z_projection(push(device, pixels, size))));
}

TEST_CASE("maximum_z_projection: every plane counts, however many there are",
          "[projection][maximum_z_projection]") {
  ON_EVERY_DEVICE(device);
  for (std::size_t planes = 1; planes <= 20; ++planes)
    for (std::size_t greatest = 0; greatest < planes; ++greatest) {
      std::vector<std::uint16_t> pixels(37 * planes, 3);
      std::fill_n(pixels.begin() + static_cast<std::ptrdiff_t>(37 * greatest), 37, 9);
      CHECK_THAT(maximum_z_projection(push(device, pixels, {37, 1, planes})),
                 same_pixels(std::vector<std::uint16_t>(37, 9), shape{37, 1}));
    }
}

TEST_CASE("maximum_z_projection: a stack without planes gives an image without pixels",
          "[projection][maximum_z_projection]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(maximum_z_projection(push(device, std::vector<float>{}, {4, 3, 0})),
             same_pixels(std::vector<float>{}, shape{4, 3, 0}));
}

TEST_CASE(
    "maximum_z_projection: a NaN stays where it is in the first plane, else it does not count",
    "[projection][maximum_z_projection]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_THAT(maximum_z_projection(push(device, std::vector<float>{nan, 1, 5, nan}, {2, 1, 2})),
             same_pixels(std::vector<float>{nan, 1}));
}
