// SPDX-License-Identifier: BSD-3-Clause
// extended_depth_of_focus_sobel_projection: its steps, and a stack whose sharp planes are known.
#include "gpuimg/algorithms/extended_depth_of_focus_sobel_projection.hpp"

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::extended_depth_of_focus_sobel_projection;
using gpuimg::shape;
using test::same_pixels;

TEST_CASE("extended_depth_of_focus_sobel_projection: takes what is sharp from either plane",
          "[projection][extended_depth_of_focus_sobel_projection]") {
  ON_EVERY_DEVICE(device);
  const shape size{40, 12, 2};
  const auto noise = test::random_pixels<std::uint8_t>({40, 12}, 3);
  std::vector<std::uint8_t> pixels(size.pixels(), 100);
  for (std::size_t i = 0; i < noise.size(); ++i)  // the left half is sharp below, the right above
    pixels[i + (i % size.x < 20 ? 0 : noise.size())] = noise[i];
  const auto found =
      pull(extended_depth_of_focus_sobel_projection(push(device, pixels, size), {.sigma = 0}));
  for (std::size_t i = 0; i < noise.size(); ++i)
    if (const std::size_t x = i % size.x; x < 18 || x > 21) CHECK(found[i] == noise[i]);
}

TEST_CASE("extended_depth_of_focus_sobel_projection: is what it is made of",
          "[projection][extended_depth_of_focus_sobel_projection]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 21, 5};
  const auto src = push(device, test::random_pixels<std::uint16_t>(size, 4), size);
  const auto sharpness =
      gaussian_blur(sobel(src, {.along_z = false}), {.sigma_x = 2, .sigma_y = 2});
  CHECK_THAT(
      extended_depth_of_focus_sobel_projection(src, {.sigma = 2}),
      same_pixels(z_position_projection(src, z_position_of_maximum_z_projection(sharpness))));
}

TEST_CASE("extended_depth_of_focus_sobel_projection: a 2D image stays what it is",
          "[projection][extended_depth_of_focus_sobel_projection]") {
  ON_EVERY_DEVICE(device);
  const auto pixels = test::random_pixels<float>({17, 9}, 5);
  const auto src = push(device, pixels, {17, 9});
  CHECK_THAT(extended_depth_of_focus_sobel_projection(src), same_pixels(pixels, shape{17, 9}));
}
