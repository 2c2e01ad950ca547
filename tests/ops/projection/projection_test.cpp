// SPDX-License-Identifier: BSD-3-Clause
// Projections along z: formulas and properties, then numpy's results.
#include "gpuimg/ops/projection/projection.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::maximum_z_projection;
using gpuimg::mean_z_projection;
using gpuimg::minimum_z_projection;
using gpuimg::shape;
using gpuimg::sum_z_projection;
using test::same_pixels;

TEMPLATE_TEST_CASE("maximum_z_projection: is the greatest pixel of each column",
                   "[projection][maximum_z_projection]", std::uint8_t, std::int8_t, std::uint16_t,
                   std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 1);
    const std::size_t plane = size.x * size.y;
    std::vector<TestType> expected(pixels.begin(),
                                   pixels.begin() + static_cast<std::ptrdiff_t>(plane));
    for (std::size_t i = 0; i < pixels.size(); ++i)
      expected[i % plane] = std::max(expected[i % plane], pixels[i]);
    CHECK_THAT(maximum_z_projection(push(device, pixels, size)),
               same_pixels(expected, shape{size.x, size.y}));
  }
}

TEST_CASE("maximum_z_projection: does not depend on the order of the planes",
          "[projection][maximum_z_projection]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 31, 5};
  const auto pixels = test::random_pixels<std::int32_t>(size, 2);
  std::vector<std::int32_t> upside_down;
  const auto plane = static_cast<std::ptrdiff_t>(size.x * size.y);
  for (std::ptrdiff_t z = 4; z >= 0; --z)
    upside_down.insert(upside_down.end(), pixels.begin() + z * plane,
                       pixels.begin() + (z + 1) * plane);
  CHECK_THAT(maximum_z_projection(push(device, upside_down, size)),
             same_pixels(maximum_z_projection(push(device, pixels, size))));
}

TEMPLATE_TEST_CASE("sum_z_projection: is exact for integers, and rounded once",
                   "[projection][sum_z_projection][mean_z_projection]", std::uint8_t, std::int8_t,
                   std::uint16_t, std::int16_t, std::uint32_t, std::int32_t) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 3, test::content::awkward);
    std::vector<std::int64_t> sums(size.x * size.y);
    for (std::size_t i = 0; i < pixels.size(); ++i) sums[i % sums.size()] += pixels[i];
    std::vector<float> sum, mean;
    for (const std::int64_t exact : sums) {
      sum.push_back(static_cast<float>(exact));
      mean.push_back(sum.back() * (1 / static_cast<float>(size.z)));
    }
    const auto src = push(device, pixels, size);
    const shape plane{size.x, size.y, size.z == 0 ? 0u : 1u};
    CHECK_THAT(sum_z_projection(src), same_pixels(sum, plane));
    CHECK_THAT(mean_z_projection(src), same_pixels(mean, plane));
  }
}

TEST_CASE("sum_z_projection: columns of any height are summed exactly, or with little rounding",
          "[projection][sum_z_projection][mean_z_projection]") {
  ON_EVERY_DEVICE(device);
  for (const std::size_t planes : {std::size_t{32768}, std::size_t{32769}, std::size_t{100003}}) {
    const std::vector<std::uint16_t> pixels(3 * planes, 65535);
    const float sum = static_cast<float>(65535.0 * static_cast<double>(planes));
    CHECK_THAT(sum_z_projection(push(device, pixels, {3, 1, planes})),
               same_pixels(std::vector<float>(3, sum), shape{3, 1}));
  }
  const std::vector<float> floats(3 * 4096, 0.1f);
  for (const float sum : pull(sum_z_projection(push(device, floats, {3, 1, 4096}))))
    CHECK(sum == Approx(409.6).epsilon(2e-5));
}

TEST_CASE("projections: a 2D image stays what it is", "[projection]") {
  ON_EVERY_DEVICE(device);
  const auto pixels = test::random_pixels<float>({37, 5}, 4);
  const auto src = push(device, pixels, {37, 5});
  CHECK_THAT(minimum_z_projection(src), same_pixels(pixels, shape{37, 5}));
  CHECK_THAT(mean_z_projection(src), same_pixels(pixels, shape{37, 5}));
  CHECK_THAT(sum_z_projection(src), same_pixels(pixels, shape{37, 5}));
}

TEST_CASE("projections: NaN and infinity", "[projection][minimum_z_projection][sum_z_projection]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> pixels{nan, 1,   2, infinity, infinity,  //
                                  5,   nan, 3, 1,        -infinity};
  const auto src = push(device, pixels, {5, 1, 2});
  CHECK_THAT(minimum_z_projection(src),
             same_pixels(std::vector<float>{nan, 1, 2, 1, -infinity}, shape{5, 1}));
  CHECK_THAT(sum_z_projection(src),
             same_pixels(std::vector<float>{nan, nan, 5, infinity, nan}, shape{5, 1}));
}

TEMPLATE_TEST_CASE("projections: equal numpy's", "[projection]", std::uint8_t, std::int8_t,
                   std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  const test::golden expected("projection");
  const shape size{13, 11, 7};
  const auto src = push(device, test::random_pixels<TestType>(size, 25), size);
  const std::string type(name_of(gpuimg::pixel_type_of<TestType>()));
  std::vector<float> least;
  for (const TestType pixel : pull(minimum_z_projection(src)))
    least.push_back(static_cast<float>(pixel));
  CHECK(least == expected.values<float>("minimum_" + type));
  // Sums of integers are exact, means are rounded twice more; floats below 1000 in seven planes
  // are rounded six times, by up to 2^-12 each.
  const double rounding = std::is_same_v<TestType, float> ? 6 * 0x1p-12 : 0;
  CHECK_THAT(mean_z_projection(src),
             test::near_pixels(expected.values<float>("mean_" + type), rounding / 7, 0x1p-22));
  CHECK_THAT(sum_z_projection(src),
             test::near_pixels(expected.values<float>("sum_" + type), rounding));
}

TEST_CASE("maximum_z_projection: every plane counts, however many there are",
          "[projection][maximum_z_projection]") {
  ON_EVERY_DEVICE(device);
  for (std::size_t planes = 1; planes <= 20; ++planes)
    for (std::size_t greatest = 0; greatest < planes; ++greatest) {
      std::vector<std::uint16_t> pixels(37 * planes, 3);
      std::fill_n(pixels.begin() + static_cast<std::ptrdiff_t>(37 * greatest), 37, 9);
      CHECK_THAT(maximum_z_projection(push(device, pixels, {37, 1, planes})),
                 same_pixels(std::vector<std::uint16_t>(37, 9), shape{37, 1}));
    }
}

TEST_CASE("maximum_z_projection: a stack without planes gives an image without pixels",
          "[projection][maximum_z_projection]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(maximum_z_projection(push(device, std::vector<float>{}, {4, 3, 0})),
             same_pixels(std::vector<float>{}, shape{4, 3, 0}));
}

TEST_CASE(
    "maximum_z_projection: a NaN stays where it is in the first plane, else it does not count",
    "[projection][maximum_z_projection]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_THAT(maximum_z_projection(push(device, std::vector<float>{nan, 1, 5, nan}, {2, 1, 2})),
             same_pixels(std::vector<float>{nan, 1}));
}
