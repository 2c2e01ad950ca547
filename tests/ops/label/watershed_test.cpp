// SPDX-License-Identifier: BSD-3-Clause
// watershed: small pictures, properties, then scikit-image's result.
#include "gpuimg/ops/label/watershed.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::shape;
using gpuimg::watershed;
using test::same_pixels;

using labels = std::vector<std::uint32_t>;
using mask = std::vector<std::uint8_t>;

// Every 33rd pixel or so, numbered in no order.
labels random_markers(const shape& size, std::uint64_t seed) {
  labels all;
  for (std::size_t i = 0; i < size.pixels(); ++i)
    all.push_back(
        gpuimg::samples::random_below(33, seed, i) == 0
            ? static_cast<std::uint32_t>(gpuimg::samples::random_below(900, seed + 1, i) + 1)
            : 0);
  return all;
}

}  // namespace

TEST_CASE("watershed: floods meet on the ridge", "[label][watershed]") {
  ON_EVERY_DEVICE(device);
  const std::vector<float> src{1, 2, 5, 9, 4, 3, 0};
  const shape line{7};
  const mask everywhere(7, 1);
  const auto flooded = [&](const labels& markers, const mask& inside) {
    return watershed(push(device, src, line), push(device, markers, line),
                     push(device, inside, line));
  };
  CHECK_THAT(flooded({1, 0, 0, 0, 0, 0, 2}, everywhere), same_pixels(labels{1, 1, 1, 2, 2, 2, 2}));
  CHECK_THAT(flooded({0, 0, 0, 0, 7, 0, 0}, everywhere), same_pixels(labels{7, 7, 7, 7, 7, 7, 7}));
  CHECK_THAT(flooded({1, 0, 0, 0, 0, 0, 2}, {1, 1, 0, 1, 1, 0, 1}),
             same_pixels(labels{1, 1, 0, 0, 0, 0, 2}));
  CHECK_THAT(flooded({0, 0, 3, 0, 0, 0, 0}, {1, 1, 0, 1, 1, 1, 1}), same_pixels(labels(7)));
}

TEST_CASE("watershed: among equal pixels the first one goes first", "[label][watershed]") {
  ON_EVERY_DEVICE(device);
  const shape size{5, 1};
  CHECK_THAT(watershed(push(device, mask(5, 8), size), push(device, labels{2, 0, 0, 0, 1}, size),
                       push(device, mask(5, 1), size)),
             same_pixels(labels{2, 2, 2, 2, 1}));
}

TEST_CASE("watershed: infinities and NaN have a place", "[label][watershed]") {
  ON_EVERY_DEVICE(device);
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const shape size{7, 1};
  const std::vector<float> src{0, nan, -1, -infinity, 3, infinity, 0};
  CHECK_THAT(watershed(push(device, src, size), push(device, labels{1, 0, 0, 0, 0, 0, 2}, size),
                       push(device, mask(7, 1), size)),
             same_pixels(labels{1, 1, 2, 2, 2, 2, 2}));
}

TEMPLATE_TEST_CASE("watershed: gives every device the labels of the reference",
                   "[label][watershed]", std::uint8_t, std::int16_t, std::uint32_t, float) {
  ON_EVERY_DEVICE(device);
  std::vector<shape> sizes = test::awkward_shapes();
  sizes.insert(sizes.end(), {{200, 150}, {9, 300}, {70, 40, 30}});
  for (const shape& size : sizes)
    for (const auto content : gpuimg::samples::all_contents) {
      const auto pixels = test::random_pixels<TestType>(size, 3, content);
      const auto markers = random_markers(size, 4);
      const auto inside = test::random_mask(size, 80, 5);
      const auto flooded = [&](const gpuimg::device& on) {
        return watershed(push(on, pixels, size), push(on, markers, size), push(on, inside, size));
      };
      INFO(to_string(size));
      CHECK_THAT(flooded(device), same_pixels(pull(flooded(test::reference()))));
    }
}

TEST_CASE("watershed: a flood finds its way through a maze", "[label][watershed]") {
  ON_EVERY_DEVICE(device);
  // Walls on every other row, open at one end in turns.
  const shape size{61, 41};
  mask inside(size.pixels(), 1);
  for (std::size_t y = 1; y < size.y; y += 2)
    for (std::size_t x = 0; x < size.x; ++x)
      if (x != (y / 2 % 2 == 0 ? size.x - 1 : 0)) inside[x + size.x * y] = 0;
  const auto pixels = test::random_pixels<std::uint8_t>(size, 6);
  labels markers(size.pixels()), expected(size.pixels());
  markers[0] = 5;
  for (std::size_t i = 0; i < inside.size(); ++i) expected[i] = inside[i] != 0 ? 5 : 0;
  CHECK_THAT(watershed(push(device, pixels, size), push(device, markers, size),
                       push(device, inside, size)),
             same_pixels(expected));
}

TEST_CASE("watershed: equals scikit-image's where all values differ", "[label][watershed]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("watershed");
  for (const shape& size : {shape{45, 23}, shape{37, 11, 7}}) {
    labels markers;
    for (std::size_t i = 0; i < size.pixels(); ++i)
      markers.push_back(
          gpuimg::samples::random_below(100, 11, i) < 3 ? static_cast<std::uint32_t>(i + 1) : 0);
    for (const std::string image : {"noise", "smooth"}) {
      const std::string name = (size.is_3d() ? "3d_" : "2d_") + image;
      INFO(name);
      const auto src = push(device, expected.values<std::uint16_t>(name + "_image"), size);
      const auto flooded = [&](const mask& inside) {
        return watershed(src, push(device, markers, size), push(device, inside, size));
      };
      CHECK_THAT(flooded(mask(size.pixels(), 1)),
                 same_pixels(expected.values<std::uint32_t>(name + "_all")));
      CHECK_THAT(flooded(test::random_mask(size, 85, 10)),
                 same_pixels(expected.values<std::uint32_t>(name + "_masked")));
    }
  }
}
