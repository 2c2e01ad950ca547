// SPDX-License-Identifier: BSD-3-Clause
// binary_fill_holes: small pictures, properties, then scipy's result.
#include "gpuimg/algorithms/binary_fill_holes.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::binary_fill_holes;
using gpuimg::shape;
using test::same_pixels;

TEST_CASE("binary_fill_holes: fills what is closed by faces, whatever is in it",
          "[morphology][binary_fill_holes]") {
  using mask = std::vector<std::uint8_t>;
  ON_EVERY_DEVICE(device);
  // A ring with a piece in its hole, which a corner is enough to close; and a bay.
  const mask rings{0, 9, 9, 9, 0, 1, 1,  //
                   9, 0, 0, 0, 9, 1, 0,  //
                   9, 0, 7, 0, 9, 1, 0,  //
                   0, 9, 9, 9, 0, 1, 1};
  const mask filled{0, 1, 1, 1, 0, 1, 1,  //
                    1, 1, 1, 1, 1, 1, 0,  //
                    1, 1, 1, 1, 1, 1, 0,  //
                    0, 1, 1, 1, 0, 1, 1};
  CHECK_THAT(binary_fill_holes(push(device, rings, {7, 4})), same_pixels(filled));
  CHECK_THAT(binary_fill_holes(push(device, filled, {7, 4})), same_pixels(filled));
  mask cube(27, 1);
  cube[13] = 0;
  CHECK_THAT(binary_fill_holes(push(device, cube, {3, 3, 3})), same_pixels(mask(27, 1)));
  CHECK_THAT(binary_fill_holes(push(device, mask(27, 0), {3, 3, 3})), same_pixels(mask(27, 0)));
}

TEST_CASE("binary_fill_holes: equals scipy's", "[morphology][binary_fill_holes]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("reconstruction");
  for (const shape& size : {shape{29, 23}, shape{13, 11, 7}})
    CHECK_THAT(
        binary_fill_holes(push(device, test::random_mask(size, 60, 33), size)),
        same_pixels(expected.values<std::uint8_t>(size.is_3d() ? "filled_3d" : "filled_2d")));
}
