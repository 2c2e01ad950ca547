// SPDX-License-Identifier: BSD-3-Clause
// Medians along y and z: sorted columns, NaN, then numpy's results.
#include "gpuimg/ops/projection/median_projection.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::median_y_projection;
using gpuimg::median_z_projection;
using gpuimg::shape;
using test::same_pixels;

TEMPLATE_TEST_CASE("median_z_projection: is in the middle of each sorted column",
                   "[projection][median_z_projection]", std::uint8_t, std::int16_t, std::int32_t,
                   float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size :
       {shape{1}, shape{3, 17}, shape{31, 5, 3}, shape{64, 3, 12}, shape{0}, shape{33, 1, 101}}) {
    const auto pixels = test::random_pixels<TestType>(size, 8, test::content::awkward);
    const std::size_t plane = size.x * size.y;
    std::vector<float> expected;
    for (std::size_t i = 0; i < plane; ++i) {
      std::vector<TestType> column;
      for (std::size_t k = i; k < pixels.size(); k += plane) column.push_back(pixels[k]);
      std::ranges::sort(column);
      const double a = column[(column.size() - 1) / 2], b = column[column.size() / 2];
      expected.push_back(static_cast<float>((a + b) / 2));
    }
    const auto found = pull(median_z_projection(push(device, pixels, size)));
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < plane; ++i) CHECK(found[i] == expected[i]);  // 0 is -0
  }
}

TEST_CASE("median_z_projection: columns that no cache holds", "[projection][median_z_projection]") {
  ON_EVERY_DEVICE(device);
  const shape size{5, 1, 200001};
  std::vector<std::uint32_t> pixels(size.pixels());
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = 4000000000u - static_cast<std::uint32_t>(i / 5 * 3 + i % 5);
  std::vector<float> expected;
  for (std::uint32_t i = 0; i < 5; ++i)
    expected.push_back(static_cast<float>(4000000000u - 100000u * 3 - i));
  CHECK_THAT(median_z_projection(push(device, pixels, size)), same_pixels(expected));
}

TEST_CASE("median_z_projection: lines of which pixels have many bits in common",
          "[projection][median_z_projection]") {
  ON_EVERY_DEVICE(device);
  const std::uint32_t few_bits[] = {0x80000000u, 0x00410000u, 0x00001040u, 0x00000003u};
  for (const shape& size : {shape{17, 17, 5}, shape{16, 16, 6}, shape{9, 1, 3000}}) {
    const std::size_t plane = size.x * size.y;
    std::vector<std::uint32_t> pixels;
    for (std::size_t i = 0; i < size.pixels(); ++i) {
      const std::uint32_t vary = few_bits[i % plane % 4],
                          noise = static_cast<std::uint32_t>(i / plane * 2654435761u);
      pixels.push_back((0x5a5a5a5au & ~vary) | (noise & vary));
    }
    std::vector<float> expected;
    for (std::size_t i = 0; i < plane; ++i) {
      std::vector<std::uint32_t> column;
      for (std::size_t k = i; k < pixels.size(); k += plane) column.push_back(pixels[k]);
      std::ranges::sort(column);
      const std::uint64_t a = column[(column.size() - 1) / 2], b = column[column.size() / 2];
      expected.push_back(static_cast<float>(a + b) * 0.5f);
    }
    CHECK_THAT(median_z_projection(push(device, pixels, size)), same_pixels(expected));
  }
}

TEST_CASE("median_z_projection: more lines than a GPU shares",
          "[projection][median_z_projection]") {
  ON_EVERY_DEVICE(device);
  const shape size{301, 219, 3};
  const std::size_t plane = size.x * size.y;
  std::vector<std::uint8_t> pixels;
  for (const std::size_t add : {2u, 0u, 1u})
    for (std::size_t i = 0; i < plane; ++i)
      pixels.push_back(static_cast<std::uint8_t>(i % 251 + add));
  std::vector<float> expected;
  for (std::size_t i = 0; i < plane; ++i) expected.push_back(static_cast<float>(i % 251 + 1));
  CHECK_THAT(median_z_projection(push(device, pixels, size)), same_pixels(expected));
}

TEST_CASE("median_z_projection: NaN where a pixel is, infinities like others",
          "[projection][median_z_projection]") {
  ON_EVERY_DEVICE(device);
  constexpr float inf = std::numeric_limits<float>::infinity(), nan = NAN;
  constexpr float tiny = std::numeric_limits<float>::denorm_min();
  const std::vector<float> pixels{1,   -nan, -inf, tiny, 3e38f,   // a plane
                                  nan, 2,    inf,  tiny, 3e38f,   //
                                  5,   7,    inf,  tiny, -3e38f,  //
                                  6,   8,    inf,  -1,   3e38f};
  const auto found = pull(median_z_projection(push(device, pixels, {5, 1, 4})));
  CHECK(std::isnan(found[0]));
  CHECK(std::isnan(found[1]));
  CHECK(found[2] == inf);
  CHECK(found[3] == tiny);
  CHECK(found[4] == 3e38f);
}

TEMPLATE_TEST_CASE("median projections: equal numpy's",
                   "[projection][median_y_projection][median_z_projection]", std::uint8_t,
                   std::int16_t, std::uint32_t, float) {
  ON_EVERY_DEVICE(device);
  const test::golden expected("projection");
  const shape size{37, 3, 4};
  const auto src = push(device, test::random_pixels<TestType>(size, 25), size);
  const std::string type(name_of(gpuimg::pixel_type_of<TestType>()));
  CHECK_THAT(median_y_projection(src),
             same_pixels(expected.values<float>("median_y_" + type), shape{37, 4}));
  CHECK_THAT(median_z_projection(src),
             same_pixels(expected.values<float>("median_z_" + type), shape{37, 3}));
}
