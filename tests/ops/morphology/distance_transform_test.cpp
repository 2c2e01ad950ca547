// SPDX-License-Identifier: BSD-3-Clause
// distance_transform against its definition and scipy.
#include "gpuimg/ops/morphology/distance_transform.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::distance_transform;
using gpuimg::shape;
using test::same_pixels;

constexpr float infinity = std::numeric_limits<float>::infinity();

// The least distance over all pairs of pixels.
std::vector<float> by_definition(const std::vector<std::uint8_t>& pixels, const shape& size,
                                 bool between_labels) {
  std::vector<float> all;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < pixels.size() && pixels[i] != 0; ++k) {
      if (between_labels ? pixels[k] == pixels[i] : pixels[k] != 0) continue;
      const auto along = [&](std::size_t step, std::size_t n) {
        const double d = static_cast<double>(i / step % n) - static_cast<double>(k / step % n);
        return d * d;
      };
      least = std::min(least,
                       along(1, size.x) + along(size.x, size.y) + along(size.x * size.y, size.z));
    }
    all.push_back(pixels[i] == 0 ? 0 : std::sqrt(static_cast<float>(least)));
  }
  return all;
}

struct sample {
  shape size;
  std::vector<std::uint8_t> pixels;
  bool between_labels;
  std::vector<float> expected;
};

// Labels from 0 to 3, and masks of 1 and 255.
const std::vector<sample>& samples() {
  static const std::vector<sample> all = [] {
    std::vector<sample> made;
    for (const shape& size : test::awkward_shapes()) {
      std::vector<std::uint8_t> labels;
      for (const auto label : test::random_labels(size, 3))
        labels.push_back(static_cast<std::uint8_t>(label % 4));
      const auto mask = test::random_mask(size, 90, 4);
      made.push_back({size, labels, true, by_definition(labels, size, true)});
      made.push_back({size, mask, false, by_definition(mask, size, false)});
    }
    return made;
  }();
  return all;
}

}  // namespace

TEMPLATE_TEST_CASE(
    "distance_transform: is the distance to the nearest 0, or to the nearest other value",
    "[morphology][distance_transform]", std::uint8_t, std::int16_t, std::uint32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const auto& [size, pixels, between_labels, expected] : samples())
    CHECK_THAT(
        distance_transform(push(device, std::vector<TestType>(pixels.begin(), pixels.end()), size),
                           {.between_labels = between_labels}),
        same_pixels(expected));
}

TEST_CASE("distance_transform: of one value is infinite, of zeros zero",
          "[morphology][distance_transform]") {
  ON_EVERY_DEVICE(device);
  const shape size{37, 9, 4};
  const std::vector<std::uint8_t> ones(size.pixels(), 1), zeros(size.pixels());
  CHECK_THAT(distance_transform(push(device, ones, size)),
             same_pixels(std::vector<float>(size.pixels(), infinity)));
  CHECK_THAT(distance_transform(push(device, zeros, size)),
             same_pixels(std::vector<float>(size.pixels())));
}

TEST_CASE("distance_transform: far from everything the root is rounded once",
          "[morphology][distance_transform]") {
  ON_EVERY_DEVICE(device);
  const shape size{700, 300};
  std::vector<std::uint8_t> pixels(size.pixels(), 1);
  pixels[0] = 0;
  std::vector<float> expected;
  for (std::uint32_t y = 0; y < size.y; ++y)
    for (std::uint32_t x = 0; x < size.x; ++x)
      expected.push_back(std::sqrt(static_cast<float>(x * x + y * y)));
  CHECK_THAT(distance_transform(push(device, pixels, size)), same_pixels(expected));
}

TEST_CASE("distance_transform: takes pixels that are no cubes",
          "[morphology][distance_transform]") {
  ON_EVERY_DEVICE(device);
  const shape size{3, 1, 3};
  const std::vector<std::uint8_t> pixels{1, 1, 1, 1, 1, 1, 0, 1, 1};
  CHECK_THAT(
      distance_transform(push(device, pixels, size),
                         {.spacing_x = 3, .spacing_y = 1, .spacing_z = 4}),
      same_pixels(std::vector<float>{8, std::sqrt(73.0f), 10, 4, 5, std::sqrt(52.0f), 0, 3, 6}));
  CHECK_THAT(
      distance_transform(push(device, pixels, size),
                         {.spacing_x = 0.5f, .spacing_y = 0.5f, .spacing_z = 0.5f}),
      same_pixels(std::vector<float>{1, std::sqrt(5.0f) * 0.5f, std::sqrt(8.0f) * 0.5f, 0.5f,
                                     std::sqrt(2.0f) * 0.5f, std::sqrt(5.0f) * 0.5f, 0, 0.5f, 1}));
}

TEST_CASE("distance_transform: NaN is not 0, and differs from every pixel",
          "[morphology][distance_transform]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> pixels{1, 1, nan, nan, 1, -0.0f};
  CHECK_THAT(distance_transform(push(device, pixels, {6})),
             same_pixels(std::vector<float>{5, 4, 3, 2, 1, 0}));
  CHECK_THAT(distance_transform(push(device, pixels, {6}), {.between_labels = true}),
             same_pixels(std::vector<float>{2, 1, 1, 1, 1, 0}));
}

TEST_CASE("distance_transform: gives every device the bits of the reference",
          "[morphology][distance_transform]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{133, 95}, shape{31, 40, 21}, shape{9, 200, 3}}) {
    const auto labels = test::random_labels(size, 3);
    const auto mask = test::random_mask(size, 97, 4);
    for (const gpuimg::ops::distance_transform& p :
         {gpuimg::ops::distance_transform{},
          gpuimg::ops::distance_transform{.between_labels = true},
          gpuimg::ops::distance_transform{.spacing_x = 0.3f, .spacing_y = 0.7f, .spacing_z = 1.9f},
          gpuimg::ops::distance_transform{.spacing_x = 1e-7f, .spacing_y = 1e7f}}) {
      CHECK_THAT(distance_transform(push(device, labels, size), p),
                 same_pixels(pull(distance_transform(push(test::reference(), labels, size), p))));
      CHECK_THAT(distance_transform(push(device, mask, size), p),
                 same_pixels(pull(distance_transform(push(test::reference(), mask, size), p))));
    }
  }
}

TEST_CASE("distance_transform: equals scipy's", "[morphology][distance_transform]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("distance_transform");
  for (const shape& size : {shape{45, 23}, shape{37, 11, 7}}) {
    const std::string dimensions = size.is_3d() ? "3d_" : "2d_";
    const auto mask = push(device, test::random_mask(size, 95, 7), size);
    const auto labels = push(device, test::random_labels(size, 8), size);
    const auto check = [&](const gpuimg::image<float>& found, const std::string& name) {
      const auto wanted = expected.values<float>(dimensions + name);
      INFO(name);
      if (name != "xyz") {
        CHECK_THAT(found, same_pixels(wanted));
        return;
      }
      const auto pixels = pull(found);
      for (std::size_t i = 0; i < pixels.size(); ++i)
        CHECK(pixels[i] == Approx(wanted[i]).epsilon(3e-7));
    };
    check(distance_transform(mask), "1");
    check(distance_transform(mask, {.spacing_x = 0.5f, .spacing_y = 0.5f, .spacing_z = 0.5f}),
          "0.5");
    check(distance_transform(mask, {.spacing_x = 0.3f, .spacing_y = 0.7f, .spacing_z = 2}), "xyz");
    check(distance_transform(labels, {.between_labels = true}), "labels");
  }
}
