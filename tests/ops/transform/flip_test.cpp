// SPDX-License-Identifier: BSD-3-Clause
// flip: properties, then numpy's result.
#include "gpuimg/ops/transform/flip.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::flip;
using gpuimg::shape;
using test::same_pixels;

const std::vector<gpuimg::ops::flip> all_flips{{.flip_x = false, .flip_y = false, .flip_z = false},
                                               {.flip_x = true, .flip_y = false, .flip_z = false},
                                               {.flip_x = false, .flip_y = true, .flip_z = false},
                                               {.flip_x = false, .flip_y = false, .flip_z = true},
                                               {.flip_x = true, .flip_y = true, .flip_z = true}};

}  // namespace

TEMPLATE_TEST_CASE("flip: pixel i of an axis of n comes from n - 1 - i", "[transform][flip]",
                   std::uint8_t, std::int16_t, std::uint32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const gpuimg::view<const TestType> src(pixels.data(), size);
    for (const auto& axes : all_flips) {
      std::vector<TestType> expected;
      for (std::size_t z = 0; z < size.z; ++z)
        for (std::size_t y = 0; y < size.y; ++y)
          for (std::size_t x = 0; x < size.x; ++x)
            expected.push_back(src(axes.flip_x ? size.x - 1 - x : x,
                                   axes.flip_y ? size.y - 1 - y : y,
                                   axes.flip_z ? size.z - 1 - z : z));
      CHECK_THAT(flip(push(device, pixels, size), axes), same_pixels(expected, size));
    }
  }
}

TEST_CASE("flip: twice is the image, NaN and the sign of zero included", "[transform][flip]") {
  ON_EVERY_DEVICE(device);
  const shape size{130, 7, 3};
  auto pixels = test::random_pixels<float>(size, 2, test::content::awkward);
  pixels[5] = std::numeric_limits<float>::quiet_NaN();
  const auto src = push(device, pixels, size);
  for (const auto& axes : all_flips) CHECK_THAT(flip(flip(src, axes), axes), same_pixels(pixels));
}

// numpy 2.4.6: np.flip(np.arange(12).reshape(2, 2, 3), axis).ravel(), axis z, y, x and all
TEST_CASE("flip: equals numpy's", "[transform][flip]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, test::ramp<std::uint8_t>({3, 2, 2}), {3, 2, 2});
  using pixels = std::vector<std::uint8_t>;
  CHECK_THAT(flip(src, {.flip_x = false, .flip_y = false}),
             same_pixels(pixels{6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5}));
  CHECK_THAT(flip(src, {.flip_x = false, .flip_z = false}),
             same_pixels(pixels{3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8}));
  CHECK_THAT(flip(src, {.flip_y = false, .flip_z = false}),
             same_pixels(pixels{2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9}));
  CHECK_THAT(flip(src), same_pixels(pixels{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}));
}
