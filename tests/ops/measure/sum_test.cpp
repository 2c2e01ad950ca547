// SPDX-License-Identifier: BSD-3-Clause
// Sums of pixels, and what is made of them: formulas, then numpy's results.
#include "gpuimg/ops/measure/sum.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::mean_of_all_pixels;
using gpuimg::mean_squared_error;
using gpuimg::shape;
using gpuimg::standard_deviation_of_all_pixels;
using gpuimg::sum_of_all_pixels;
using gpuimg::variance_of_all_pixels;

// Smaller than a block, just as large, and larger.
const std::vector<shape> sizes_of_sums{{1}, {2, 3}, {65, 3, 2}, {64, 64}, {4097}, {130, 70, 3}};

}  // namespace

TEMPLATE_TEST_CASE("sums: of integers are exact",
                   "[measure][sum_of_all_pixels][mean_of_all_pixels]", std::uint8_t, std::int8_t,
                   std::uint16_t, std::int16_t, std::uint32_t, std::int32_t) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : sizes_of_sums) {
    const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const auto src = push(device, pixels, size);
    const auto sum = std::accumulate(pixels.begin(), pixels.end(), std::int64_t{0});
    CHECK(sum_of_all_pixels(src) == static_cast<double>(sum));
    CHECK(mean_of_all_pixels(src) == static_cast<double>(sum) / static_cast<double>(pixels.size()));
  }
}

TEST_CASE("sums: of floats have a small error",
          "[measure][sum_of_all_pixels][mean_of_all_pixels]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : sizes_of_sums) {
    const auto pixels = test::random_pixels<float>(size, 2);
    const auto src = push(device, pixels, size);
    double sum = 0, absolute = 0;
    for (const float p : pixels)
      sum += static_cast<double>(p), absolute += std::abs(static_cast<double>(p));
    CHECK(std::abs(sum_of_all_pixels(src) - sum) <= 2e-6 * absolute);
    CHECK(std::abs(mean_of_all_pixels(src) * static_cast<double>(pixels.size()) - sum) <=
          2e-6 * absolute);
  }
}

TEST_CASE("sums: of integers are exact beyond 64 bits, then rounded once",
          "[measure][sum_of_all_pixels]") {
  constexpr std::int64_t block = 4096 * 4294967295;
  gpuimg::detail::sums::exact_sum total;
  for (int i = 0; i < 1 << 21; ++i) total.add(block);  // 2^33 pixels of 32 bits
  CHECK(total.rounded() == 0x1p33 * 4294967295.0);
  for (int i = 0; i < 1 << 22; ++i) total.add(-block);
  CHECK(total.rounded() == -0x1p33 * 4294967295.0);
  gpuimg::detail::sums::exact_sum tie;  // 2^53 + 1 lies between two doubles, + 2 does not
  tie.add((std::int64_t{1} << 53) + 1);
  CHECK(tie.rounded() == 0x1p53);
  tie.add(1);
  CHECK(tie.rounded() == 0x1p53 + 2);
}

TEST_CASE("sums: of integers of 32 bits are exact", "[measure][sum_of_all_pixels]") {
  ON_EVERY_DEVICE(device);
  const shape size{300, 300};
  const std::vector<std::uint32_t> most(size.pixels(), 4294967295u);
  CHECK(sum_of_all_pixels(push(device, most, size)) == 4294967295.0 * 90000);
  const std::vector<std::int32_t> least(size.pixels(), std::numeric_limits<std::int32_t>::min());
  CHECK(sum_of_all_pixels(push(device, least, size)) == -2147483648.0 * 90000);
}

TEST_CASE("sums: without pixels the sum is 0, and the mean is refused; NaN gives NaN",
          "[measure][error][sum_of_all_pixels][mean_of_all_pixels]") {
  ON_EVERY_DEVICE(device);
  const auto empty = push(device, std::vector<std::uint16_t>{}, {0, 4});
  CHECK(sum_of_all_pixels(empty) == 0);
  CHECK_THROWS_MATCHES(
      mean_of_all_pixels(empty), gpuimg::argument_error,
      Catch::Message("mean_of_all_pixels: the image has no pixels [src 0x4 u16 on " +
                     device.name() + "]"));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(sum_of_all_pixels(push(device, std::vector<float>{3, nan}, {2}))));
}

TEMPLATE_TEST_CASE("sums: numpy agrees", "[measure][sum_of_all_pixels][mean_of_all_pixels]",
                   std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t,
                   std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  const test::golden golden("reduction");
  const auto src = push(device, test::random_pixels<TestType>({13, 11, 7}, 5), {13, 11, 7});
  const std::string type(name_of(gpuimg::pixel_type_of<TestType>()));
  const double error = std::same_as<TestType, float> ? 2e-6 * 1000 * 1001 : 0.0;
  CHECK(std::abs(sum_of_all_pixels(src) - golden.number("sum_" + type)) <= error);
  CHECK(mean_of_all_pixels(src) == Approx(golden.number("mean_" + type)).epsilon(1e-5));
}

TEMPLATE_TEST_CASE("sums: of masked pixels are those of the pixels alone",
                   "[measure][sum_of_masked_pixels][mean_of_masked_pixels]"
                   "[variance_of_masked_pixels][standard_deviation_of_masked_pixels]",
                   std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t,
                   std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{65, 33, 3}, shape{17}, shape{4096}}) {
    const auto pixels = test::random_pixels<TestType>(size, 6);
    const auto where = test::random_mask(size, 30, 7);
    std::vector<TestType> chosen;
    for (std::size_t i = 0; i < pixels.size(); ++i)
      if (where[i] != 0) chosen.push_back(pixels[i]);
    const auto src = push(device, pixels, size);
    const auto mask = push(device, where, size);
    const auto alone = push(device, chosen, {chosen.size()});
    const double error = std::same_as<TestType, float> ? 1e-5 : 1e-15;
    CHECK(sum_of_masked_pixels(src, mask) == Approx(sum_of_all_pixels(alone)).epsilon(error));
    CHECK(mean_of_masked_pixels(src, mask) == Approx(mean_of_all_pixels(alone)).epsilon(error));
    CHECK(variance_of_masked_pixels(src, mask, {.ddof = 1}) ==
          Approx(variance_of_all_pixels(alone, {.ddof = 1})).epsilon(2e-6));
    CHECK(standard_deviation_of_masked_pixels(src, mask) ==
          Approx(standard_deviation_of_all_pixels(alone)).epsilon(2e-6));
  }
}

TEST_CASE("sums: where a mask is 0 pixels do not count, and any other number is a mask",
          "[measure][sum_of_masked_pixels][mean_of_masked_pixels][variance_of_masked_pixels]"
          "[standard_deviation_of_masked_pixels]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto src = push(device, std::vector<float>{1, nan, 5}, {3});
  const auto mask = push(device, std::vector<std::uint8_t>{1, 0, 255}, {3});
  CHECK(sum_of_masked_pixels(src, mask) == 6);
  CHECK(mean_of_masked_pixels(src, mask) == 3);
  CHECK(variance_of_masked_pixels(src, mask) == 4);
  const auto nowhere = push(device, std::vector<std::uint8_t>{0, 0, 0}, {3});
  CHECK(sum_of_masked_pixels(src, nowhere) == 0);
  CHECK(std::isnan(mean_of_masked_pixels(src, nowhere)));
  CHECK(std::isnan(variance_of_masked_pixels(src, nowhere)));
  CHECK(std::isnan(standard_deviation_of_masked_pixels(src, nowhere)));
}

TEST_CASE("variance_of_all_pixels: is the mean of the squares of distances from the mean",
          "[measure][variance_of_all_pixels]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::uint8_t>{1, 2, 3, 6}, {2, 2});
  CHECK(variance_of_all_pixels(src) == 3.5);
  CHECK(variance_of_all_pixels(src, {.ddof = 2}) == 7);
  CHECK(std::isinf(variance_of_all_pixels(src, {.ddof = 4})));
  const auto one = push(device, std::vector<float>{5}, {1});
  CHECK(variance_of_all_pixels(one) == 0);
  CHECK(std::isnan(variance_of_all_pixels(one, {.ddof = 1})));
}

TEST_CASE("variance_of_all_pixels: does not depend on where 0 is",
          "[measure][variance_of_all_pixels]") {
  ON_EVERY_DEVICE(device);
  const shape size{65, 33, 3};
  auto pixels = test::random_pixels<std::uint32_t>(size, 1);
  for (auto& pixel : pixels) pixel %= 1000;
  const double expected = variance_of_all_pixels(push(device, pixels, size));
  for (auto& pixel : pixels) pixel += 10000000;
  CHECK(variance_of_all_pixels(push(device, pixels, size)) == Approx(expected).epsilon(1e-6));
}

TEST_CASE("variance_of_all_pixels: of no pixels is refused", "[measure][variance_of_all_pixels]") {
  ON_EVERY_DEVICE(device);
  CHECK_THROWS_WITH(variance_of_all_pixels(push(device, std::vector<float>{}, {0})),
                    Catch::StartsWith("variance_of_all_pixels: the image has no pixels"));
}

TEMPLATE_TEST_CASE("variance_of_all_pixels: equals numpy's", "[measure][variance_of_all_pixels]",
                   std::uint8_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  const test::golden golden("reduction");
  const auto src = push(device, test::random_pixels<TestType>({13, 11, 7}, 5), {13, 11, 7});
  const std::string type(name_of(gpuimg::pixel_type_of<TestType>()));
  CHECK(variance_of_all_pixels(src) == Approx(golden.number("variance_" + type)).epsilon(2e-6));
  CHECK(variance_of_all_pixels(src, {.ddof = 1}) ==
        Approx(golden.number("variance_1_" + type)).epsilon(2e-6));
}

TEST_CASE("standard_deviation_of_all_pixels: is the root of the variance",
          "[measure][standard_deviation_of_all_pixels]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::int16_t>{-3, -1, 1, 3, 0, 0}, {3, 2});
  CHECK(standard_deviation_of_all_pixels(src, {.ddof = 1}) == 2);
  CHECK(standard_deviation_of_all_pixels(src) == std::sqrt(20 / 6.0));
}

TEST_CASE("mean_squared_error: is the mean of squares, in either order",
          "[measure][mean_squared_error]") {
  ON_EVERY_DEVICE(device);
  const auto a = push(device, std::vector<std::uint8_t>{1, 2, 3, 4}, {4});
  const auto b = push(device, std::vector<float>{1, 4, 2, 4.5f}, {4});
  CHECK(mean_squared_error(a, b) == (4 + 1 + 0.25) / 4);
  CHECK(mean_squared_error(b, a) == mean_squared_error(a, b));
  CHECK(mean_squared_error(a, a) == 0);
  CHECK(std::isnan(mean_squared_error(
      a, push(device, std::vector<float>(4, std::numeric_limits<float>::quiet_NaN()), {4}))));
}

TEST_CASE("mean_squared_error: equals numpy's", "[measure][mean_squared_error]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("reduction");
  const shape size{13, 11, 7};
  const auto a = push(device, test::random_pixels<float>(size, 5), size);
  const auto b = push(device, test::random_pixels<float>(size, 6), size);
  CHECK(mean_squared_error(a, b) == Approx(golden.number("mean_squared_error")).epsilon(1e-6));
}
