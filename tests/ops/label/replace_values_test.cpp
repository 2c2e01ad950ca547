// SPDX-License-Identifier: BSD-3-Clause
// replace_values against its formula.
#include "gpuimg/ops/label/replace_values.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::replace_values;
using gpuimg::shape;
using test::same_pixels;
using labels = std::vector<std::uint32_t>;

TEST_CASE("replace_values: gives every label its value, and 0 beyond the end of the list",
          "[label][replace_values]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, labels{0, 3, 1, 4294967295u, 2, 1}, {3, 2});
  CHECK_THAT(replace_values(src, push(device, labels{7, 0, 4294967295u}, {3})),
             same_pixels(labels{7, 0, 0, 0, 4294967295u, 0}, shape{3, 2}));
  CHECK_THAT(replace_values(src, push(device, labels{9, 8, 7, 6}, {2, 2})),
             same_pixels(labels{9, 6, 8, 0, 7, 8}));
  CHECK_THAT(replace_values(src, push(device, labels{}, {0})), same_pixels(labels(6)));
}

TEST_CASE("replace_values: by the identity changes nothing", "[label][replace_values]") {
  ON_EVERY_DEVICE(device);
  labels identity(70002);
  for (std::uint32_t i = 0; i < identity.size(); ++i) identity[i] = i;
  const auto values = push(device, identity, {identity.size()});
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_labels(size, 1);
    CHECK_THAT(replace_values(push(device, pixels, size), values), same_pixels(pixels, size));
  }
}
