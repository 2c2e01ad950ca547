// SPDX-License-Identifier: BSD-3-Clause
// threshold_labels: cases by hand, the formula, and what is hard.
#include "gpuimg/algorithms/threshold_labels.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::shape;
using gpuimg::threshold_labels;
using test::same_pixels;
using labels = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("threshold_labels: keeps the pixels that are as high as half of the label's median",
          "[label][threshold_labels]") {
  ON_EVERY_DEVICE(device);
  const auto label = push(device, labels{1, 1, 1, 0, 2, 2, 2}, {7});
  const auto src = push(device, std::vector<std::uint8_t>{4, 9, 20, 200, 50, 100, 49}, {7});
  const auto check = [&](const gpuimg::ops::threshold_labels& p, const labels& expected) {
    CHECK_THAT(threshold_labels(label, src, p), same_pixels(expected));
  };
  check({}, {0, 1, 1, 0, 2, 2, 2});  // 4 < 9 / 2, 49 >= 50 / 2
  check({.fraction = 1}, {0, 1, 1, 0, 2, 2, 0});
  check({.percentile = 100, .fraction = 0.5}, {0, 0, 1, 0, 2, 2, 0});
  check({.at_least = 10}, {0, 0, 1, 0, 2, 2, 2});
  check({.at_least = 49.5}, {0, 0, 0, 0, 2, 2, 0});
  check({.at_least = -3}, {0, 1, 1, 0, 2, 2, 2});
  check({.at_least = 255.5}, labels(7));
}

TEST_CASE("threshold_labels: labels far apart keep their numbers", "[label][threshold_labels]") {
  ON_EVERY_DEVICE(device);
  const auto label = push(device, labels{4294967295u, 3, 4294967295u, 0, 70001, 3}, {3, 2});
  const auto src = push(device, std::vector<std::int16_t>{-4, 8, 5, 6, -7, 3}, {3, 2});
  CHECK_THAT(threshold_labels(label, src, {.percentile = 100, .fraction = 0.5}),
             same_pixels(labels{0, 3, 4294967295u, 0, 0, 0}, shape{3, 2}));
}

TEST_CASE("threshold_labels: is its formula", "[label][threshold_labels]") {
  ON_EVERY_DEVICE(device);
  const auto check = [&]<class T>(T, const shape& size, double at_least) {
    const auto label = test::random_labels(size, 1);
    const auto pixels = test::random_pixels<T>(size, 2);
    const auto src = push(device, pixels, size);
    const auto on_device = push(device, label, size);
    auto expected = label;
    for (const auto& row : gpuimg::label_percentiles(on_device, src, {.percentile = 60}))
      for (std::size_t i = 0; i < label.size(); ++i)
        if (label[i] == row.label && static_cast<double>(pixels[i]) <
                                         (at_least > 0.3 * row.value ? at_least : 0.3 * row.value))
          expected[i] = 0;
    CHECK_THAT(
        threshold_labels(on_device, src, {.percentile = 60, .fraction = 0.3, .at_least = at_least}),
        same_pixels(expected, size));
  };
  for (const shape& size : test::awkward_shapes())
    for (const double at_least : {std::nan(""), 70.3, -70.3}) {
      check(std::uint8_t{}, size, at_least);
      check(std::int8_t{}, size, at_least);
      check(std::uint32_t{}, size, at_least);
      check(std::int32_t{}, size, at_least);
      check(float{}, size, at_least);
    }
}

TEST_CASE("threshold_labels: a threshold between two floats keeps the upper one",
          "[label][threshold_labels]") {
  ON_EVERY_DEVICE(device);
  const auto label = push(device, labels{1, 1, 1}, {3});
  const float one_less = std::nextafter(1.0f, 0.0f), one_more = std::nextafter(1.0f, 2.0f);
  const auto src = push(device, std::vector<float>{one_less, 1, one_more}, {3});
  const auto check = [&](double at_least, const labels& expected) {
    CHECK_THAT(threshold_labels(label, src, {.fraction = 0, .at_least = at_least}),
               same_pixels(expected));
  };
  check(1, {0, 1, 1});
  check(1 + 1e-12, {0, 0, 1});
  check(1 - 1e-12, {0, 1, 1});
}

TEST_CASE("threshold_labels: what is out of range is refused", "[label][threshold_labels][error]") {
  ON_EVERY_DEVICE(device);
  const auto label = push(device, labels(4), {4});
  const auto src = push(device, std::vector<float>(4), {4});
  CHECK_THROWS_MATCHES(
      threshold_labels(label, src, {.fraction = 1.5}), gpuimg::argument_error,
      Catch::Message("threshold_labels: fraction must be finite and >= 0 and <= 1, got 1.5 "
                     "[labels 4x1 u32, src 4x1 f32 on " +
                     device.name() + "]"));
  CHECK_THROWS_AS(threshold_labels(label, src, {.percentile = -1}), gpuimg::argument_error);
  CHECK_THROWS_AS(threshold_labels(label, push(device, std::vector<float>(4), {2, 2})),
                  gpuimg::argument_error);
}
