// SPDX-License-Identifier: BSD-3-Clause
// closing_by_reconstruction: a small picture, properties, then scipy's and scikit-image's result.
#include "gpuimg/algorithms/closing_by_reconstruction.hpp"

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::closing_by_reconstruction;
using gpuimg::connectivity;
using gpuimg::shape;
using test::same_pixels;

TEST_CASE("closing_by_reconstruction: what is dark and narrow goes, what is wide keeps its shape",
          "[morphology][closing_by_reconstruction]") {
  using bytes = std::vector<std::uint8_t>;
  ON_EVERY_DEVICE(device);
  const auto src = push(device, bytes{9, 1, 9, 5, 5, 4, 5, 9, 2, 2, 9}, {11});
  CHECK_THAT(closing_by_reconstruction(src), same_pixels(bytes{9, 9, 9, 5, 5, 5, 5, 9, 9, 9, 9}));
  CHECK_THAT(closing_by_reconstruction(src, {.radius_x = 0}), same_pixels(src));
}

TEST_CASE("closing_by_reconstruction: is above its source, and once is enough",
          "[morphology][closing_by_reconstruction]") {
  ON_EVERY_DEVICE(device);
  const shape size{65, 21, 4};
  const auto src = test::random_pixels<std::int16_t>(size, 1);
  const auto once = closing_by_reconstruction(push(device, src, size));
  const auto pixels = pull(once);
  bool is_above = true;
  for (std::size_t i = 0; i < src.size(); ++i) is_above &= pixels[i] >= src[i];
  CHECK(is_above);
  CHECK_THAT(closing_by_reconstruction(once), same_pixels(once));
}

TEST_CASE("closing_by_reconstruction: equals scipy and scikit-image",
          "[morphology][closing_by_reconstruction]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("reconstruction");
  for (const shape& size : {shape{29, 23}, shape{13, 11, 7}})
    for (const auto c : {connectivity::box, connectivity::sphere}) {
      const auto src = push(device, test::random_pixels<std::uint8_t>(size, 32), size);
      const std::string name = std::string("closing") + (size.is_3d() ? "_3d" : "_2d") +
                               (c == connectivity::box ? "_box" : "_sphere");
      INFO(name);
      CHECK_THAT(closing_by_reconstruction(src, {.connectivity = c}),
                 same_pixels(expected.values<std::uint8_t>(name)));
    }
}
