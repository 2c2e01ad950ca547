// SPDX-License-Identifier: BSD-3-Clause
// opening_by_reconstruction: a small picture, properties, then scipy's and scikit-image's result.
#include "gpuimg/algorithms/opening_by_reconstruction.hpp"

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::connectivity;
using gpuimg::opening_by_reconstruction;
using gpuimg::shape;
using test::same_pixels;

TEST_CASE("opening_by_reconstruction: what is bright and narrow goes, what is wide keeps its shape",
          "[morphology][opening_by_reconstruction]") {
  using bytes = std::vector<std::uint8_t>;
  ON_EVERY_DEVICE(device);
  const auto src = push(device, bytes{1, 9, 1, 5, 5, 6, 5, 1, 8, 8, 1}, {11});
  CHECK_THAT(opening_by_reconstruction(src), same_pixels(bytes{1, 1, 1, 5, 5, 5, 5, 1, 1, 1, 1}));
  CHECK_THAT(opening_by_reconstruction(src, {.radius_x = 0}), same_pixels(src));
}

TEST_CASE("opening_by_reconstruction: is below its source, and once is enough",
          "[morphology][opening_by_reconstruction]") {
  ON_EVERY_DEVICE(device);
  const shape size{65, 21, 4};
  const auto src = test::random_pixels<std::int16_t>(size, 1);
  const auto once = opening_by_reconstruction(push(device, src, size));
  const auto pixels = pull(once);
  bool is_below = true;
  for (std::size_t i = 0; i < src.size(); ++i) is_below &= pixels[i] <= src[i];
  CHECK(is_below);
  CHECK_THAT(opening_by_reconstruction(once), same_pixels(once));
}

TEST_CASE("opening_by_reconstruction: equals scipy and scikit-image",
          "[morphology][opening_by_reconstruction]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("reconstruction");
  for (const shape& size : {shape{29, 23}, shape{13, 11, 7}})
    for (const auto c : {connectivity::box, connectivity::sphere}) {
      const auto src = push(device, test::random_pixels<std::uint8_t>(size, 32), size);
      const std::string name = std::string("opening") + (size.is_3d() ? "_3d" : "_2d") +
                               (c == connectivity::box ? "_box" : "_sphere");
      INFO(name);
      CHECK_THAT(opening_by_reconstruction(src, {.connectivity = c}),
                 same_pixels(expected.values<std::uint8_t>(name)));
    }
}
