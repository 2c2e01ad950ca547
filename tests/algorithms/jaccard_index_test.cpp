// SPDX-License-Identifier: BSD-3-Clause
// jaccard_index: small numbers, and its formula.
#include "gpuimg/algorithms/jaccard_index.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"

using gpuimg::jaccard_index;
using gpuimg::shape;

TEST_CASE("jaccard_index: is the intersection over the union", "[measure][jaccard_index]") {
  ON_EVERY_DEVICE(device);
  const auto a = push(device, std::vector<std::uint8_t>{0, 1, 255, 1, 0}, {5});
  const auto b = push(device, std::vector<std::uint8_t>{0, 2, 0, 7, 1}, {5});
  const auto none = push(device, std::vector<std::uint8_t>(5), {5});
  CHECK(jaccard_index(a, b) == 0.5);
  CHECK(jaccard_index(b, a) == 0.5);
  CHECK(jaccard_index(a, a) == 1);
  CHECK(jaccard_index(a, none) == 0);
  CHECK(std::isnan(jaccard_index(none, none)));
}

TEST_CASE("jaccard_index: counts pixels exactly", "[measure][jaccard_index]") {
  ON_EVERY_DEVICE(device);
  const shape size{65, 33, 3};
  const auto a = test::random_mask(size, 40, 1), b = test::random_mask(size, 60, 2);
  double both = 0, any = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += a[i] != 0 && b[i] != 0 ? 1 : 0;
    any += a[i] != 0 || b[i] != 0 ? 1 : 0;
  }
  CHECK(jaccard_index(push(device, a, size), push(device, b, size)) == both / any);
}
