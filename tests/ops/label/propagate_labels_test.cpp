// SPDX-License-Identifier: BSD-3-Clause
// propagate_labels: labels that grow into a mask, against its rule written as plain steps.
#include "gpuimg/ops/label/propagate_labels.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::propagate_labels;
using gpuimg::shape;
using test::same_pixels;
using labels = std::vector<std::uint32_t>;
using mask = std::vector<std::uint8_t>;

// The rule itself: all 26 neighbours in even steps, the 6 that share a face in odd ones.
labels grown(labels now, const mask& inside, const shape& size) {
  for (std::size_t i = 0; i < now.size(); ++i)
    if (inside[i] == 0) now[i] = 0;
  // Two steps in a row without a change: no step of either kind changes anything.
  for (int step = 0, quiet = 0; quiet < 2; ++step) {
    labels next = now;
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (inside[i] == 0 || now[i] != 0) continue;
      const auto x = static_cast<int>(i % size.x), y = static_cast<int>(i / size.x % size.y),
                 z = static_cast<int>(i / size.x / size.y);
      for (int dz = -1; dz <= 1; ++dz)
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx) {
            const int qx = x + dx, qy = y + dy, qz = z + dz;
            if (qx < 0 || qy < 0 || qz < 0 || qx >= static_cast<int>(size.x) ||
                qy >= static_cast<int>(size.y) || qz >= static_cast<int>(size.z))
              continue;
            if (step % 2 == 1 && dx * dx + dy * dy + dz * dz > 1) continue;
            const auto q =
                static_cast<std::size_t>(qx) +
                size.x * (static_cast<std::size_t>(qy) + size.y * static_cast<std::size_t>(qz));
            next[i] = std::max(next[i], now[q]);
          }
    }
    quiet = next == now ? quiet + 1 : 0;
    now = std::move(next);
  }
  return now;
}

}  // namespace

TEST_CASE("propagate_labels: each step takes the greatest neighbour, by turns of all and of faces",
          "[label][propagate_labels]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes())
    for (const std::size_t percent : {100u, 70u, 40u}) {
      INFO(to_string(size) << ", " << percent << " % inside");
      const auto inside = test::random_mask(size, percent, 1);
      labels seeds(size.pixels(), 0);
      for (std::size_t i = 0; i < seeds.size(); ++i)
        if (test::random_below(100, 2, i) < 3) seeds[i] = static_cast<std::uint32_t>(i * 7 + 1);
      CHECK_THAT(propagate_labels(push(device, seeds, size), push(device, inside, size)),
                 same_pixels(grown(seeds, inside, size), size));
    }
}

TEST_CASE("propagate_labels: a label goes round corners as far as the mask does",
          "[label][propagate_labels]") {
  ON_EVERY_DEVICE(device);
  const shape size{60, 45};
  const auto inside = test::spiral(size);
  labels seeds(size.pixels(), 0), expected(size.pixels(), 0);
  seeds[0] = 5;
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = inside[i] != 0 ? 5 : 0;
  CHECK_THAT(propagate_labels(push(device, seeds, size), push(device, inside, size)),
             same_pixels(expected));
}

TEST_CASE("propagate_labels: tiles that were quiet wake up when a label arrives",
          "[label][propagate_labels]") {
  for (const auto& device : test::opencl_devices()) {
    const auto check = [&](const mask& inside, const shape& size) {
      labels seeds(size.pixels(), 0), expected(size.pixels(), 0);
      seeds[0] = 5;
      for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = inside[i] != 0 ? 5 : 0;
      CHECK_THAT(propagate_labels(push(device, seeds, size), push(device, inside, size)),
                 same_pixels(expected));
    };
    check(test::spiral({150, 100}), {150, 100});

    // Up and down the planes, in each to and fro along x.
    const shape size{70, 11, 13};
    mask inside(size.pixels(), 0);
    const auto at = [&](std::size_t x, std::size_t y, std::size_t z) -> auto& {
      return inside[x + size.x * (y + size.y * z)];
    };
    for (std::size_t z = 0; z < size.z; z += 2) {
      for (std::size_t y = 0; y < size.y; y += 2) {
        for (std::size_t x = 0; x < size.x; ++x) at(x, y, z) = 1;
        if (y + 1 < size.y) at(y % 4 == 0 ? size.x - 1 : 0, y + 1, z) = 1;
      }
      if (z + 1 < size.z) at(0, z % 4 == 0 ? size.y - 1 : 0, z + 1) = 1;
    }
    check(inside, size);
  }
}

TEST_CASE("propagate_labels: a label of its own where nothing separates them, the greater one wins",
          "[label][propagate_labels]") {
  ON_EVERY_DEVICE(device);
  const auto inside = push(device, mask(7, 1), {7});
  CHECK_THAT(propagate_labels(push(device, labels{2, 0, 0, 0, 0, 0, 9}, {7}), inside),
             same_pixels(labels{2, 2, 2, 9, 9, 9, 9}));
  CHECK_THAT(propagate_labels(push(device, labels{9, 0, 0, 0, 0, 0, 2}, {7}), inside),
             same_pixels(labels{9, 9, 9, 9, 2, 2, 2}));
}

TEST_CASE("propagate_labels: labels outside the mask are dropped, and what none reaches stays 0",
          "[label][propagate_labels]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(propagate_labels(push(device, labels{4, 0, 0, 0, 6}, {5}),
                              push(device, mask{0, 1, 1, 0, 255}, {5})),
             same_pixels(labels{0, 0, 0, 0, 6}));
}

TEST_CASE("propagate_labels: doing it twice is doing it once", "[label][propagate_labels]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 31, 5};
  const auto inside = push(device, test::random_mask(size, 60, 3), size);
  const auto once = propagate_labels(push(device, test::random_labels(size, 4), size), inside);
  CHECK_THAT(propagate_labels(once, inside), same_pixels(once));
}

TEST_CASE("propagate_labels: the largest labels keep their value", "[label][propagate_labels]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(
      propagate_labels(push(device, labels{0, 4294967294u, 0}, {3}), push(device, mask(3, 1), {3})),
      same_pixels(labels(3, 4294967294u)));
  CHECK_THAT(
      propagate_labels(push(device, labels{0, 4294967295u, 7}, {3}), push(device, mask(3, 1), {3})),
      same_pixels(labels{4294967295u, 4294967295u, 7}));
}

TEST_CASE("propagate_labels: the greatest label there is grows like any other",
          "[label][propagate_labels]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{130, 7}, shape{33, 31, 5}}) {
    const auto inside = test::random_mask(size, 70, 1);
    labels seeds(size.pixels(), 0);
    for (std::size_t i = 0; i < seeds.size(); ++i)
      if (test::random_below(100, 2, i) < 3)
        seeds[i] = 4294967295u - static_cast<std::uint32_t>(i % 5) * 1000000000u;
    CHECK_THAT(propagate_labels(push(device, seeds, size), push(device, inside, size)),
               same_pixels(grown(seeds, inside, size), size));
  }
  CHECK_THAT(propagate_labels(push(device, labels{4294967295u, 0, 7, 0}, {4}),
                              push(device, mask{0, 1, 1, 1}, {4})),
             same_pixels(labels{0, 7, 7, 7}));
}

TEST_CASE("propagate_labels: images of other shapes are refused",
          "[label][propagate_labels][error]") {
  ON_EVERY_DEVICE(device);
  CHECK_THROWS_MATCHES(
      propagate_labels(push(device, labels(4), {4}), push(device, mask(4), {2, 2})),
      gpuimg::argument_error,
      Catch::Message(
          "propagate_labels: the images must have the same shape, got 4x1 and 2x2 [labels "
          "4x1 u32, mask 2x2 u8 on " +
          device.name() + "]"));
}
