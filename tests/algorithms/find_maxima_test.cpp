// SPDX-License-Identifier: BSD-3-Clause
// find_maxima: small pictures, properties, then ImageJ's result.
#include "gpuimg/algorithms/find_maxima.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "gpuimg/ops/filter/detect_maxima.hpp"
#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::find_maxima;
using gpuimg::shape;
using test::same_pixels;
using bytes = std::vector<std::uint8_t>;

TEST_CASE("find_maxima: marks what stands out by more than the prominence",
          "[morphology][find_maxima]") {
  ON_EVERY_DEVICE(device);
  const auto check = [&](auto zero) {
    using T = decltype(zero);
    const auto src = push(device, std::vector<T>{1, 8, 6, 7, 3, 9, 9, 9, 2}, {9});
    const auto maxima = [&](double prominence) {
      return find_maxima(src, {.prominence = prominence});
    };
    CHECK_THAT(maxima(0), same_pixels(bytes{0, 1, 0, 1, 0, 0, 1, 0, 0}));
    CHECK_THAT(maxima(0.5), same_pixels(bytes{0, 1, 0, 1, 0, 0, 1, 0, 0}));
    CHECK_THAT(maxima(1), same_pixels(bytes{0, 1, 0, 0, 0, 0, 1, 0, 0}));
    CHECK_THAT(maxima(4.9), same_pixels(bytes{0, 1, 0, 0, 0, 0, 1, 0, 0}));
    CHECK_THAT(maxima(5), same_pixels(bytes{0, 0, 0, 0, 0, 0, 1, 0, 0}));
    CHECK_THAT(maxima(1000), same_pixels(bytes{0, 0, 0, 0, 0, 0, 1, 0, 0}));
  };
  check(std::uint8_t{});
  check(std::int32_t{});
  check(0.0f);
}

TEST_CASE("find_maxima: equal pixels are one maximum where no valley parts them",
          "[morphology][find_maxima]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, bytes{0, 9, 5, 9, 0, 9, 9, 0}, {8});
  CHECK_THAT(find_maxima(src, {.prominence = 3}), same_pixels(bytes{0, 1, 0, 1, 0, 0, 1, 0}));
  CHECK_THAT(find_maxima(src, {.prominence = 4}), same_pixels(bytes{0, 0, 0, 1, 0, 0, 1, 0}));
  CHECK_THAT(find_maxima(src, {.prominence = 9}), same_pixels(bytes{0, 0, 0, 1, 0, 0, 0, 0}));
  CHECK_THAT(find_maxima(push(device, bytes(6, 7), {3, 2})), same_pixels(bytes(6, 0)));
}

TEST_CASE("find_maxima: of pixels that all differ, all maxima have a prominence above 0",
          "[morphology][find_maxima]") {
  ON_EVERY_DEVICE(device);
  const shape size{41, 17, 6};
  std::vector<std::uint32_t> pixels;
  for (std::size_t i = 0; i < size.pixels(); ++i)
    pixels.push_back(static_cast<std::uint32_t>(i * 2654435761u));
  const auto src = push(device, pixels, size);
  CHECK_THAT(find_maxima(src, {.prominence = 0}), same_pixels(gpuimg::detect_maxima(src)));
}

TEST_CASE("find_maxima: equals ImageJ's", "[morphology][find_maxima]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("find_maxima");
  for (const std::string image : {"few", "noise", "smooth"}) {
    const auto src = push(device, expected.values<float>(image), expected.shape(image));
    for (const int prominence : {0, 3, 40, 400, 5000}) {
      const std::string name = image + "_" + std::to_string(prominence);
      INFO(name);
      CHECK_THAT(find_maxima(src, {.prominence = static_cast<double>(prominence)}),
                 same_pixels(expected.values<std::uint8_t>(name)));
    }
  }
}
