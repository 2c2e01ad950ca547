// SPDX-License-Identifier: BSD-3-Clause
// replace_values and remove_pixels_below against their formulas.
#include "gpuimg/ops/label/replace_values.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::remove_pixels_below;
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

TEST_CASE("remove_pixels_below: labels keep the pixels that are as high as the list says",
          "[label][remove_pixels_below]") {
  ON_EVERY_DEVICE(device);
  const auto label = push(device, labels{0, 1, 1, 2, 2, 3, 1}, {7});
  const auto check = [&]<class T>(T) {
    const auto src = push(device, std::vector<T>{9, 5, 4, 4, 100, 100, 6}, {7});
    const auto least = push(device, std::vector<T>{9, 5, 127}, {3});
    CHECK_THAT(remove_pixels_below(label, src, least), same_pixels(labels{0, 1, 0, 0, 0, 0, 1}));
  };
  check(std::uint8_t{});
  check(std::int8_t{});
  check(std::uint16_t{});
  check(std::int16_t{});
  check(std::uint32_t{});
  check(std::int32_t{});
  check(float{});
}

TEST_CASE("remove_pixels_below: runs of one label", "[label][remove_pixels_below]") {
  ON_EVERY_DEVICE(device);
  const auto check = [&]<class T>(T, const std::vector<T>& pixels, T least) {
    std::vector<T> src;
    labels label, expected;
    for (const std::uint32_t value : {2u, 0u, 1u, 3u, 4294967295u})
      for (std::size_t i = 0; i < 64; ++i) {
        src.push_back(pixels[i % pixels.size()]);
        label.push_back(value);
        expected.push_back(value == 2 && src.back() >= least ? 2 : 0);
      }
    const auto list = push(device, std::vector<T>{0, std::numeric_limits<T>::max(), least}, {3});
    CHECK_THAT(remove_pixels_below(push(device, label, {320}), push(device, src, {320}), list),
               same_pixels(expected));
  };
  check(std::uint8_t{}, {4, 5, 6}, std::uint8_t{5});
  check(std::int8_t{}, {-6, -5, -4, 3}, std::int8_t{-5});
  check(std::uint32_t{}, {0, 4294967294u, 3000000000u}, 3000000000u);
  const float not_a_number = std::numeric_limits<float>::quiet_NaN();
  check(float{}, {-1, not_a_number, 5, 6}, 5.0f);
  check(float{}, {-1, not_a_number, 5, 6}, not_a_number);
}

TEST_CASE("remove_pixels_below: what is NaN goes, and without a list all of it",
          "[label][remove_pixels_below]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto label = push(device, labels{1, 1, 2, 3}, {2, 2});
  const auto src = push(device, std::vector<float>{nan, -0.0f, 5, 5}, {2, 2});
  CHECK_THAT(remove_pixels_below(label, src, push(device, std::vector<float>{0, 0, nan, 5}, {4})),
             same_pixels(labels{0, 1, 0, 3}));
  CHECK_THAT(remove_pixels_below(label, src, push(device, std::vector<float>{}, {0})),
             same_pixels(labels(4)));
}

TEST_CASE("remove_pixels_below: below the least pixel nothing is removed",
          "[label][remove_pixels_below]") {
  ON_EVERY_DEVICE(device);
  const auto least = push(device, std::vector<std::int16_t>(70002, -32768), {70002});
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_labels(size, 2);
    const auto src = push(device, test::random_pixels<std::int16_t>(size, 3), size);
    CHECK_THAT(remove_pixels_below(push(device, pixels, size), src, least),
               same_pixels(pixels, size));
  }
}

TEST_CASE("remove_pixels_below: images of other shapes are refused",
          "[label][remove_pixels_below][error]") {
  ON_EVERY_DEVICE(device);
  const auto label = push(device, labels(4), {4});
  const auto src = push(device, std::vector<float>(4), {2, 2});
  CHECK_THROWS_MATCHES(
      remove_pixels_below(label, src, src), gpuimg::argument_error,
      Catch::Message("remove_pixels_below: the images must have the same shape, got 4x1 and 2x2 "
                     "[labels 4x1 u32, src 2x2 f32, least 2x2 f32 on " +
                     device.name() + "]"));
}
