// SPDX-License-Identifier: BSD-3-Clause
// distance_transform, erode_labels and expand_labels against their definitions, scipy and
// scikit-image.
#include "gpuimg/ops/morphology/distance_transform.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::distance_transform;
using gpuimg::erode_labels;
using gpuimg::expand_labels;
using gpuimg::label_image;
using gpuimg::shape;
using test::same_pixels;
using labels = std::vector<std::uint32_t>;

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
      std::vector<std::uint8_t> blocks;
      for (const auto label : test::random_labels(size, 3))
        blocks.push_back(static_cast<std::uint8_t>(label % 4));
      const auto mask = test::random_mask(size, 90, 4);
      made.push_back({size, blocks, true, by_definition(blocks, size, true)});
      made.push_back({size, mask, false, by_definition(mask, size, false)});
    }
    return made;
  }();
  return all;
}

// The square of the distance between two pixels.
double square_between(std::size_t i, std::size_t k, const shape& size,
                      const std::array<double, 3>& spacing) {
  const std::array<std::size_t, 3> pitches{1, size.x, size.x * size.y};
  double square = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t n = size.axes()[axis], pitch = pitches[axis];
    const double steps = static_cast<double>(i / pitch % n) - static_cast<double>(k / pitch % n);
    square += steps * spacing[axis] * steps * spacing[axis];
  }
  return square;
}

// The labels that are nearest to a pixel, in the order of their values.
std::set<std::uint32_t> nearest_labels(const labels& pixels, std::size_t i, const shape& size,
                                       double most,
                                       const std::array<double, 3>& spacing = {1, 1, 1}) {
  double least = most * most * (1 + 1e-7);
  std::set<std::uint32_t> found;
  for (std::size_t k = 0; k < pixels.size(); ++k) {
    if (pixels[k] == 0) continue;
    const double square = square_between(i, k, size, spacing);
    if (square < least * (1 - 1e-7)) found.clear();
    if (square > least * (1 + 1e-7)) continue;
    least = std::min(least, square);
    found.insert(pixels[k]);
  }
  return found;
}

// Few labels in a large image: most pixels are nearer to one than to all others.
labels sparse_labels(const shape& size, std::uint64_t seed) {
  labels pixels = test::random_labels(size, seed);
  const auto hidden = test::random_mask(size, 95, seed + 1);
  for (std::size_t i = 0; i < pixels.size(); ++i)
    if (hidden[i] != 0) pixels[i] = 0;
  return pixels;
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
          "[morphology][distance_transform][slow]") {
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
    const auto blocks = test::random_labels(size, 3);
    const auto mask = test::random_mask(size, 97, 4);
    for (const gpuimg::ops::distance_transform& p :
         {gpuimg::ops::distance_transform{},
          gpuimg::ops::distance_transform{.between_labels = true},
          gpuimg::ops::distance_transform{.spacing_x = 0.3f, .spacing_y = 0.7f, .spacing_z = 1.9f},
          gpuimg::ops::distance_transform{.spacing_x = 1e-7f, .spacing_y = 1e7f}}) {
      CHECK_THAT(distance_transform(push(device, blocks, size), p),
                 same_pixels(pull(distance_transform(push(test::reference(), blocks, size), p))));
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
    const auto blocks = push(device, test::random_labels(size, 8), size);
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
    check(distance_transform(blocks, {.between_labels = true}), "labels");
  }
}

TEST_CASE("expand_labels: gives each pixel the smallest of its nearest labels, within the distance",
          "[morphology][expand_labels]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const labels pixels = sparse_labels(size, 5);
    for (const float distance : {0.0f, 1.0f, 1.5f, 3.0f, 1e18f}) {
      labels expected;
      for (std::size_t i = 0; i < pixels.size(); ++i) {
        const auto nearest = nearest_labels(pixels, i, size, distance);
        expected.push_back(nearest.empty() ? 0 : *nearest.begin());
      }
      INFO(to_string(size) << " by " << distance);
      CHECK_THAT(expand_labels(push(device, pixels, size), {.distance = distance}),
                 same_pixels(expected));
    }
  }
}

TEST_CASE("expand_labels: of two labels that are as near it is the smaller one",
          "[morphology][expand_labels]") {
  ON_EVERY_DEVICE(device);
  constexpr std::uint32_t most = 4294967295;
  const auto grown = [&](const labels& row, const shape& size) {
    return expand_labels(push(device, row, size), {.distance = 9});
  };
  CHECK_THAT(grown({7, 0, 0, 0, 3}, {5}), same_pixels(labels{7, 7, 3, 3, 3}));
  CHECK_THAT(grown({3, 0, 0, 0, most}, {1, 5}), same_pixels(labels{3, 3, 3, most, most}));
  CHECK_THAT(grown({most, 0, 7}, {1, 1, 3}), same_pixels(labels{most, 7, 7}));
  // as far along x as along y: 5 pixels to 9, and 3 and 4 to 4
  labels pixels(100), corner(100);
  pixels[5] = 9, pixels[3 + 10 * 4] = 4;
  CHECK(pull(grown(pixels, {10, 10}))[0] == 4);
  pixels[5] = 2;
  CHECK(pull(grown(pixels, {10, 10}))[0] == 2);
}

TEST_CASE("expand_labels: a mirrored image gives the mirrored result",
          "[morphology][expand_labels]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{133, 95}, shape{31, 40, 21}}) {
    labels pixels = sparse_labels(size, 6);
    const labels grown = pull(expand_labels(push(device, pixels, size), {.distance = 6}));
    std::ranges::reverse(pixels);
    labels mirrored = pull(expand_labels(push(device, pixels, size), {.distance = 6}));
    std::ranges::reverse(mirrored);
    CHECK(mirrored == grown);
  }
}

TEST_CASE("expand_labels: far away labels get the reference's share of a large image",
          "[morphology][expand_labels][slow]") {
  ON_EVERY_DEVICE(device);
  const shape size{700, 300};
  labels pixels(size.pixels());
  pixels[0] = 8, pixels[350 + 700 * 299] = 5, pixels[699] = 8, pixels[640 + 700 * 200] = 1;
  CHECK_THAT(
      expand_labels(push(device, pixels, size), {.distance = 1e9f}),
      same_pixels(pull(expand_labels(push(test::reference(), pixels, size), {.distance = 1e9f}))));
}

TEST_CASE("expand_labels: reaches as far as the spacing of the pixels says",
          "[morphology][expand_labels]") {
  ON_EVERY_DEVICE(device);
  const shape size{7, 3};
  labels pixels(size.pixels());
  pixels[3 + 7] = 6;
  const auto grown = [&](const gpuimg::ops::expand_labels& p) {
    return expand_labels(push(device, pixels, size), p);
  };
  const labels row{0, 0, 0, 0, 0, 0, 0, 6, 6, 6, 6, 6, 6, 6, 0, 0, 0, 0, 0, 0, 0};
  CHECK_THAT(grown({.distance = 0.95f, .spacing_x = 0.3f}), same_pixels(row));
  const labels cross{0, 0, 0, 6, 0, 0, 0, 0, 0, 6, 6, 6, 0, 0, 0, 0, 0, 6, 0, 0, 0};
  CHECK_THAT(grown({.distance = 0.3f, .spacing_x = 0.3f, .spacing_y = 0.3f}), same_pixels(cross));
  const labels all(21, 6);
  CHECK_THAT(grown({.distance = 1, .spacing_x = 0.3f, .spacing_y = 0.4f}), same_pixels(all));
}

TEST_CASE("expand_labels, erode_labels: cut off where distance_transform says so",
          "[morphology][expand_labels][erode_labels]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{133, 95}, shape{31, 40, 21}, shape{9, 200, 3}})
    for (const std::array<float, 3>& spacing :
         {std::array{1.0f, 1.0f, 1.0f}, std::array{0.3f, 0.3f, 0.3f}, std::array{0.3f, 0.3f, 9.0f},
          std::array{0.3f, 0.7f, 1.9f}})
      for (const float distance : {0.6f, 0.9f, 1.5f, 2.1f}) {
        const auto [sx, sy, sz] = spacing;
        const labels seeds = sparse_labels(size, 7);
        std::vector<std::uint8_t> background;
        for (const auto label : seeds) background.push_back(label == 0);
        const auto away = pull(distance_transform(push(device, background, size), {sx, sy, sz}));
        const labels grown = pull(expand_labels(push(device, seeds, size), {distance, sx, sy, sz}));
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < grown.size(); ++i)
          wrong += (grown[i] != 0) != (away[i] <= distance);

        const labels blocks = test::random_labels(size, 3);
        const auto src = push(device, blocks, size);
        const auto depth = pull(distance_transform(src, {sx, sy, sz, true}));
        const labels eroded = pull(erode_labels(src, {distance, sx, sy, sz}));
        for (std::size_t i = 0; i < eroded.size(); ++i)
          wrong += eroded[i] != (depth[i] <= distance ? 0 : blocks[i]);
        INFO(to_string(size) << ", " << distance << " in " << sx << ", " << sy << ", " << sz);
        CHECK(wrong == 0);
      }
}

TEST_CASE("erode_labels: keeps what is farther than the radius from any other value",
          "[morphology][erode_labels]") {
  ON_EVERY_DEVICE(device);
  for (const auto& [size, pixels, between_labels, distances] : samples()) {
    if (!between_labels) continue;
    const auto src = push(device, labels(pixels.begin(), pixels.end()), size);
    for (const float radius : {0.0f, 1.0f, 1.25f, 1.5f, 1e18f}) {
      labels expected;
      for (std::size_t i = 0; i < pixels.size(); ++i)
        expected.push_back(distances[i] > radius ? pixels[i] : 0);
      CHECK_THAT(erode_labels(src, {.radius = radius}), same_pixels(expected));
    }
  }
}

TEST_CASE("erode_labels: takes nothing at the edges of the image", "[morphology][erode_labels]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const labels one(size.pixels(), 4294967295);
    CHECK_THAT(erode_labels(push(device, one, size), {.radius = 50}), same_pixels(one));
  }
}

TEST_CASE("expand_labels, erode_labels: equal scikit-image's and scipy's",
          "[morphology][expand_labels][erode_labels]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("label_morphology");
  for (const shape& size : {shape{45, 23}, shape{37, 11, 7}}) {
    const std::string dimensions = size.is_3d() ? "3d_" : "2d_";
    labels seeds = sparse_labels(size, 9), blocks = test::random_labels(size, 8);
    for (auto& label : seeds) label %= 251;  // as make_golden.py
    for (auto& label : blocks) label %= 251;
    const auto check_grown = [&](const std::string& name, const gpuimg::ops::expand_labels& p) {
      const labels found = pull(expand_labels(push(device, seeds, size), p));
      const auto wanted = expected.values<std::uint32_t>("expand_" + dimensions + name);
      std::size_t alike = 0, wrong = 0;
      for (std::size_t i = 0; i < found.size(); ++i) {
        const auto nearest =
            nearest_labels(seeds, i, size, p.distance, {p.spacing_x, p.spacing_y, p.spacing_z});
        alike += nearest.size() < 2;
        wrong += found[i] != wanted[i] &&
                 (nearest.count(wanted[i]) == 0 || *nearest.begin() != found[i]);
      }
      INFO("expand " << dimensions << name);
      CHECK(wrong == 0);
      CHECK(alike > found.size() / 2);
    };
    check_grown("0", {.distance = 0});
    check_grown("2.5", {.distance = 2.5f});
    check_grown("100", {.distance = 100});
    check_grown("xyz", {.distance = 2, .spacing_x = 0.3f, .spacing_y = 0.7f, .spacing_z = 2});

    const auto src = push(device, blocks, size);
    const auto check_eroded = [&](const std::string& name, const gpuimg::ops::erode_labels& p) {
      INFO("erode " << dimensions << name);
      CHECK_THAT(erode_labels(src, p),
                 same_pixels(expected.values<std::uint32_t>("erode_" + dimensions + name)));
    };
    check_eroded("1", {.radius = 1});
    check_eroded("1.5", {.radius = 1.5f});
    check_eroded("xyz", {.radius = 0.65f, .spacing_x = 0.3f, .spacing_y = 0.7f, .spacing_z = 2});
  }
}

TEST_CASE("expand_labels, erode_labels: refuse distances that are none",
          "[morphology][expand_labels][erode_labels]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, labels{1, 0}, {2});
  CHECK_THROWS_WITH(expand_labels(src, {.distance = -1}),
                    Catch::StartsWith("expand_labels: distance must be finite and >= 0 and <= "));
  CHECK_THROWS_AS(expand_labels(src, {.distance = infinity}), gpuimg::argument_error);
  CHECK_THROWS_WITH(erode_labels(src, {.radius = -1}),
                    Catch::StartsWith("erode_labels: radius must be finite and >= 0 and <= "));
  CHECK_THROWS_AS(erode_labels(src, {.spacing_x = 0}), gpuimg::argument_error);
}
