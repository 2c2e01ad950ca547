// SPDX-License-Identifier: BSD-3-Clause
// adaptive_threshold: properties, then the result of numpy and scikit-image.
#include "gpuimg/algorithms/adaptive_threshold.hpp"

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gpuimg/ops/measure/sum.hpp"
#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::adaptive_threshold;
using gpuimg::shape;
namespace ops = gpuimg::ops;
using test::same_pixels;

TEST_CASE("adaptive_threshold: finds dim objects beside bright ones on a ground that rises",
          "[threshold][adaptive_threshold]") {
  ON_EVERY_DEVICE(device);
  const shape size{200, 100};
  std::vector<float> pixels(size.pixels());
  std::vector<std::uint8_t> objects(size.pixels());
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const std::size_t x = i % size.x, y = i / size.x;
    const bool is_object = x % 25 < 10 && y % 25 < 10;
    objects[i] = is_object ? 1 : 0;
    pixels[i] = (is_object ? 200.f : 100.f) * (1 + static_cast<float>(x) / 150);
  }
  const auto src = push(device, pixels, size);
  CHECK_THAT(adaptive_threshold(src), same_pixels(objects));
  CHECK(sum_of_all_pixels(automatic_threshold(src, {gpuimg::threshold_method::otsu})) !=
        sum_of_all_pixels(push(device, objects, size)));
}

TEST_CASE("adaptive_threshold: with both factors 1 it is that of the whole image",
          "[threshold][adaptive_threshold]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, test::random_pixels<std::uint16_t>({65, 33, 4}, 3), {65, 33, 4});
  for (const auto method : {gpuimg::threshold_method::otsu, gpuimg::threshold_method::li})
    CHECK_THAT(
        adaptive_threshold(src, {.method = method, .minimum_factor = 1, .maximum_factor = 1}),
        same_pixels(automatic_threshold(src, {method})));
}

TEST_CASE("adaptive_threshold: an image of one value, of one pixel and of none",
          "[threshold][adaptive_threshold]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(adaptive_threshold(push(device, std::vector<float>(6, 7.f), {3, 2})),
             same_pixels(std::vector<std::uint8_t>(6, 0)));
  CHECK_THAT(adaptive_threshold(push(device, std::vector<std::uint16_t>{9}, {1})),
             same_pixels(std::vector<std::uint8_t>{0}));
  CHECK(adaptive_threshold(push(device, std::vector<float>{}, {0})).empty());
}

TEST_CASE(
    "adaptive_threshold: blocks without numbers have the threshold of all, infinity is refused",
    "[threshold][adaptive_threshold]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> pixels(40, nan);
  for (std::size_t i = 20; i < 40; ++i) pixels[i] = i % 2 == 0 ? -8.f : -2.f;
  const auto found = pull(adaptive_threshold(push(device, pixels, {40}), {.block_x = 20}));
  for (std::size_t i = 0; i < 40; ++i) CHECK(found[i] == (i >= 20 && i % 2 == 1 ? 1 : 0));
  pixels[3] = std::numeric_limits<float>::infinity();
  CHECK_THROWS_WITH(adaptive_threshold(push(device, pixels, {40})),
                    Catch::Contains("the range of the pixels is not finite"));
}

TEST_CASE("adaptive_threshold: as many blocks as there may be", "[threshold][adaptive_threshold]") {
  for (const int width : {1, 3, 17, 65, 200}) {
    INFO("blocks of " << width);
    const auto pixels = test::random_pixels<std::uint16_t>({131, 7, 3}, 5);
    const ops::adaptive_threshold p{.block_x = width, .block_y = 3, .block_z = 1};
    const auto expected = pull(adaptive_threshold(push(test::reference(), pixels, {131, 7, 3}), p));
    ON_EVERY_DEVICE(device);
    CHECK_THAT(adaptive_threshold(push(device, pixels, {131, 7, 3}), p), same_pixels(expected));
  }
}

TEST_CASE("adaptive_threshold: means of blocks, as numpy and scikit-image",
          "[threshold][adaptive_threshold]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("adaptive_threshold");
  const auto check = [&](const std::string& name, int x, int y, int z) {
    INFO(name);
    const auto size = golden.shape("image_" + name);
    const auto src = push(device, golden.values<std::uint8_t>("image_" + name), size);
    CHECK_THAT(
        adaptive_threshold(
            src,
            {.method = gpuimg::threshold_method::mean, .block_x = x, .block_y = y, .block_z = z}),
        same_pixels(golden.values<std::uint8_t>("found_" + name)));
  };
  check("2d", 40, 37, 1);
  check("3d", 8, 20, 3);
}
