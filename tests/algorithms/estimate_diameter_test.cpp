// SPDX-License-Identifier: BSD-3-Clause
// estimate_diameter: discs of known size, properties, and the definition as scipy computes it.
#include "gpuimg/algorithms/estimate_diameter.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"

namespace {

using gpuimg::estimate_diameter;
using gpuimg::shape;

/// Bright balls on a grid, so many pixels apart along each axis, in pixels `spacing` apart along z.
std::vector<std::uint16_t> balls(const shape& size, double diameter, double apart,
                                 double spacing = 1) {
  std::vector<std::uint16_t> pixels(size.pixels(), 100);
  const auto from_centre = [&](double at) {
    return at - apart * std::floor(at / apart) - apart / 2;
  };
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const double x = from_centre(static_cast<double>(i % size.x)),
                 y = from_centre(static_cast<double>(i / size.x % size.y)),
                 z = size.is_3d() ? from_centre(static_cast<double>(i / size.x / size.y) * spacing)
                                  : 0;
    if (x * x + y * y + z * z < diameter * diameter / 4) pixels[i] = 1100;
  }
  return pixels;
}

}  // namespace

TEST_CASE("estimate_diameter: discs and balls have their size", "[measure][estimate_diameter]") {
  ON_EVERY_DEVICE(device);
  for (const double d : {8.0, 13.0, 24.0}) {
    INFO(d << " pixels");
    const shape size{160, 150};
    CHECK(estimate_diameter(push(device, balls(size, d, 1.6 * d), size)) ==
          Approx(d).epsilon(0.16));
  }
  const shape deep{50, 48, 46};
  CHECK(estimate_diameter(push(device, balls(deep, 11, 17), deep)) == Approx(11).epsilon(0.16));
}

TEST_CASE("estimate_diameter: it is in the unit of the spacing", "[measure][estimate_diameter]") {
  ON_EVERY_DEVICE(device);
  const shape flat{90, 80};
  const auto src = push(device, balls(flat, 12, 20), flat);
  const double pixels = estimate_diameter(src);
  CHECK(estimate_diameter(src, {.spacing_x = 0.25f, .spacing_y = 0.25f}) == pixels / 4);
  const shape deep{60, 56, 14};
  CHECK(estimate_diameter(push(device, balls(deep, 14, 20, 4), deep), {.spacing_z = 4}) ==
        Approx(14).epsilon(0.2));
}

TEST_CASE("estimate_diameter: how bright an image is does not matter",
          "[measure][estimate_diameter]") {
  ON_EVERY_DEVICE(device);
  const shape size{120, 91};
  const auto pixels = test::blobs(size, 20, 4, 3);
  std::vector<float> brighter;
  for (const auto pixel : pixels) brighter.push_back(64 * static_cast<float>(pixel) + 4096);
  CHECK(estimate_diameter(push(device, brighter, size)) ==
        estimate_diameter(push(device, pixels, size)));
}

TEST_CASE("estimate_diameter: without blobs it is 12 pixels", "[measure][estimate_diameter]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{0, 4}, shape{1, 1}, shape{40, 40}, shape{9, 1, 7}}) {
    const std::vector<float> pixels(size.pixels(), 7);
    CHECK(estimate_diameter(push(device, pixels, size), {.spacing_x = 0.5f}) == 6);
  }
}

TEST_CASE("estimate_diameter: of two sizes that is found which is expected",
          "[measure][estimate_diameter]") {
  ON_EVERY_DEVICE(device);
  const shape size{320, 150};
  auto pixels = balls(size, 40, 80);
  const auto small = balls(size, 9, 15);
  for (std::size_t i = 0; i < pixels.size(); ++i)
    if (i % size.x >= 160) pixels[i] = small[i];
  const auto src = push(device, pixels, size);
  CHECK(estimate_diameter(src, {.expected = 9}) == Approx(9).epsilon(0.16));
  CHECK(estimate_diameter(src, {.expected = 11, .range = 1.5}) == Approx(9).epsilon(0.16));
  CHECK(estimate_diameter(src, {.expected = 40}) == Approx(40).epsilon(0.16));
  CHECK(estimate_diameter(src, {.expected = 60, .range = 2}) == Approx(40).epsilon(0.16));
  CHECK(estimate_diameter(src, {.expected = 17.5, .range = 1}) == 17.5);
}

TEST_CASE("estimate_diameter: what is not found is what was expected",
          "[measure][estimate_diameter]") {
  ON_EVERY_DEVICE(device);
  const shape size{90, 80};
  const auto src = push(device, balls(size, 12, 20), size);
  for (const double far : {1.5, 50.0, 120.0, 1e9})
    CHECK(estimate_diameter(src, {.expected = far, .range = 1.1}) == far);
  for (const shape& without : {shape{0, 4}, shape{40, 40}})
    CHECK(estimate_diameter(push(device, std::vector<float>(without.pixels(), 7), without),
                            {.expected = 9}) == 9);
  // Larger than without: only room in the image limits it.
  const shape wide{700, 700};
  CHECK(estimate_diameter(push(device, balls(wide, 200, 350), wide), {.expected = 150}) ==
        Approx(200).epsilon(0.16));
}

TEST_CASE("estimate_diameter: scipy's filters give the same", "[measure][estimate_diameter]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("estimate_diameter");
  const shape flat{120, 91}, wide{150, 160}, deep{52, 45, 40};
  const auto check = [&](const char* entry, const std::vector<std::uint16_t>& pixels,
                         const shape& size) {
    INFO(entry);
    CHECK(estimate_diameter(push(device, pixels, size)) ==
          Approx(golden.number(entry)).epsilon(1e-6));
  };
  check("small_2d", test::blobs(flat, 20, 4, 3), flat);
  check("large_2d", test::blobs(wide, 5, 15, 4), wide);
  check("3d", test::blobs(deep, 9, 6, 5), deep);
  auto mixed = test::blobs(wide, 4, 16, 6);
  const auto small = test::blobs(wide, 40, 4, 7);
  for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] = std::max(mixed[i], small[i]);
  check("mixed", mixed, wide);
  auto noisy = test::blobs(wide, 12, 9, 8);
  const auto noise = test::random_pixels<std::uint8_t>(wide, 9);
  for (std::size_t i = 0; i < noisy.size(); ++i)
    noisy[i] = static_cast<std::uint16_t>(noisy[i] + 4 * noise[i]);
  check("noisy", noisy, wide);  // noise is what the finest octave would see
}
