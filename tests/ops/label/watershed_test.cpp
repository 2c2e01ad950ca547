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

// Every so many-th pixel or so, numbered in no order.
labels random_markers(const shape& size, std::uint64_t seed, std::uint64_t every = 33) {
  labels all;
  for (std::size_t i = 0; i < size.pixels(); ++i)
    all.push_back(
        gpuimg::samples::random_below(every, seed, i) == 0
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

TEST_CASE("watershed: a flood begins on slopes and on peaks, too", "[label][watershed]") {
  ON_EVERY_DEVICE(device);
  const shape line{7};
  const auto flooded = [&](const labels& markers) {
    return watershed(push(device, std::vector<float>{0, 3, 6, 9, 6, 3, 0}, line),
                     push(device, markers, line), push(device, mask(7, 1), line));
  };
  CHECK_THAT(flooded({0, 0, 0, 8, 0, 0, 0}), same_pixels(labels(7, 8)));
  CHECK_THAT(flooded({0, 1, 0, 0, 2, 0, 0}), same_pixels(labels{1, 1, 1, 1, 2, 2, 2}));
  CHECK_THAT(flooded({0, 1, 0, 3, 0, 0, 0}), same_pixels(labels{1, 1, 1, 3, 3, 3, 3}));
  CHECK_THAT(flooded({1, 2, 3, 4, 5, 6, 7}), same_pixels(labels{1, 2, 3, 4, 5, 6, 7}));
  CHECK_THAT(flooded(labels(7)), same_pixels(labels(7)));
}

TEST_CASE("watershed: a flood runs over thousands of passes, each higher than the one before",
          "[label][watershed]") {
  ON_EVERY_DEVICE(device);
  const std::size_t count = 5000;
  std::vector<float> src(count);
  for (std::size_t i = 0; i < count; ++i) src[i] = static_cast<float>(i % 2 == 0 ? i : i + 2);
  labels markers(count), expected(count, 1);
  markers.front() = 1;
  markers.back() = expected.back() = 2;
  for (const shape& line : {shape{count}, shape{1, count}})
    CHECK_THAT(watershed(push(device, src, line), push(device, markers, line),
                         push(device, mask(count, 1), line)),
               same_pixels(expected));
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

TEST_CASE("watershed: few markers flood many basins, and no islands without one",
          "[label][watershed]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{170, 90}, shape{37, 30, 21}}) {
    const auto markers = random_markers(size, 8, 3000);
    REQUIRE(std::ranges::count_if(markers, [](auto label) { return label != 0; }) > 1);
    for (const std::size_t percent : {100u, 60u})
      for (const int values : {255, 2}) {
        auto pixels = test::random_pixels<std::uint8_t>(size, 7);
        for (auto& value : pixels) value = static_cast<std::uint8_t>(value % values);
        const auto inside = test::random_mask(size, percent, 9);
        const auto flooded = [&](const gpuimg::device& on) {
          return watershed(push(on, pixels, size), push(on, markers, size), push(on, inside, size));
        };
        INFO(to_string(size) << ", " << percent << " %, " << int{values} << " values");
        CHECK_THAT(flooded(device), same_pixels(pull(flooded(test::reference()))));
      }
  }
}

TEST_CASE("watershed: a flood finds its way through a maze", "[label][watershed]") {
  ON_EVERY_DEVICE(device);
  // Walls on every other row, open at one end in turns.
  const shape size{61, 81};
  mask inside(size.pixels(), 1);
  std::vector<std::uint32_t> rising(size.pixels());  // all the way, which is one basin then
  for (std::size_t y = 0; y < size.y; ++y)
    for (std::size_t x = 0; x < size.x; ++x) {
      const bool is_back = y / 2 % 2 == 1;
      inside[x + size.x * y] = y % 2 == 0 || x == (is_back ? 0 : size.x - 1);
      rising[x + size.x * y] =
          static_cast<std::uint32_t>(size.x * y + (is_back ? size.x - 1 - x : x));
    }
  labels markers(size.pixels()), expected(size.pixels());
  markers[0] = 5;
  for (std::size_t i = 0; i < inside.size(); ++i) expected[i] = inside[i] != 0 ? 5 : 0;
  const auto flooded = [&](const auto& src) {
    return watershed(push(device, src, size), push(device, markers, size),
                     push(device, inside, size));
  };
  CHECK_THAT(flooded(test::random_pixels<std::uint8_t>(size, 6)), same_pixels(expected));
  CHECK_THAT(flooded(rising), same_pixels(expected));
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
