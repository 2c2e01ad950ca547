// SPDX-License-Identifier: BSD-3-Clause
// Extrema, percentiles and histograms of all pixels: formulas, then numpy's results.
#include "gpuimg/ops/measure/reduction.hpp"

#include <algorithm>
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

using gpuimg::histogram;
using gpuimg::maximum_of_all_pixels;
using gpuimg::minimum_of_all_pixels;
using gpuimg::shape;
using counts = std::vector<std::uint64_t>;

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

// Pixels that one work-item sees, and that several do.
const std::vector<shape> sizes{{1}, {2, 3}, {65, 3, 2}, {64, 64}, {4097}, {130, 70, 3}};

}  // namespace

TEMPLATE_TEST_CASE("reductions: extrema are pixels",
                   "[measure][minimum_of_all_pixels][maximum_of_all_pixels]", std::uint8_t,
                   std::int8_t, std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : sizes) {
    const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const auto src = push(device, pixels, size);
    CHECK(minimum_of_all_pixels(src) == *std::min_element(pixels.begin(), pixels.end()));
    CHECK(maximum_of_all_pixels(src) == *std::max_element(pixels.begin(), pixels.end()));
  }
}

TEST_CASE("reductions: a NaN is no extreme, unless there is nothing else",
          "[measure][minimum_of_all_pixels][maximum_of_all_pixels]") {
  ON_EVERY_DEVICE(device);
  const auto some = push(device, std::vector<float>{not_a_number, 3, -5, not_a_number}, {4});
  CHECK(minimum_of_all_pixels(some) == -5);
  CHECK(maximum_of_all_pixels(some) == 3);
  const auto none = push(device, std::vector<float>{not_a_number}, {1});
  CHECK(std::isnan(minimum_of_all_pixels(none)));
  CHECK(std::isnan(maximum_of_all_pixels(none)));
  const auto infinite = push(device, std::vector<float>{1, infinity, -infinity}, {3});
  CHECK(minimum_of_all_pixels(infinite) == -infinity);
  CHECK(maximum_of_all_pixels(infinite) == infinity);
}

TEST_CASE("reductions: without pixels extrema are refused",
          "[measure][error][minimum_of_all_pixels][maximum_of_all_pixels]") {
  ON_EVERY_DEVICE(device);
  const auto empty = push(device, std::vector<std::uint16_t>{}, {0, 4});
  const std::string text = ": the image has no pixels [src 0x4 u16 on " + device.name() + "]";
  CHECK_THROWS_MATCHES(minimum_of_all_pixels(empty), gpuimg::argument_error,
                       Catch::Message("minimum_of_all_pixels" + text));
  CHECK_THROWS_MATCHES(maximum_of_all_pixels(empty), gpuimg::argument_error,
                       Catch::Message("maximum_of_all_pixels" + text));
}

TEST_CASE("percentiles: floats have their total order, and no pixels have none",
          "[measure][percentile_of_all_pixels][percentile_of_masked_pixels]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto src = push<float>(
      device, std::vector<float>{0, nan, -0.f, infinity, -3, -infinity, 1e-45f}, {7, 1});
  const auto at = [&](double percentile) {
    return percentile_of_all_pixels(src, {.percentile = percentile});
  };
  CHECK(at(0) == -infinity);
  CHECK(at(17) == -3);
  CHECK((at(34) == 0 && std::signbit(at(34))));
  CHECK((at(50) == 0 && !std::signbit(at(50))));
  CHECK(at(67) == double{1e-45f});
  CHECK(at(84) == infinity);
  CHECK(std::isnan(at(100)));
  const auto mask_of = [&](std::uint8_t last) {
    return push<std::uint8_t>(device, std::vector<std::uint8_t>{0, 0, 0, 0, last, 0, 0}, {7, 1});
  };
  CHECK(percentile_of_masked_pixels(src, mask_of(255), {.percentile = 100}) == -3);
  CHECK(std::isnan(percentile_of_masked_pixels(src, mask_of(0))));
  CHECK(std::isnan(percentile_of_all_pixels(push<float>(device, std::vector<float>{}, {0, 3}))));
  CHECK_THROWS_AS(percentile_of_all_pixels(src, {.percentile = 100.5}), gpuimg::argument_error);
}

TEST_CASE("percentiles: of more pixels than a work-item sees, one by one",
          "[measure][percentile_of_all_pixels][percentile_of_masked_pixels]") {
  ON_EVERY_DEVICE(device);
  const shape size{1021, 331};
  const auto pixels = test::random_pixels<float>(size, 8);
  const auto marks = test::random_pixels<std::uint8_t>(size, 9, test::content::few);
  std::vector<float> sorted, masked;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    sorted.push_back(pixels[i]);
    if (marks[i] != 0) masked.push_back(pixels[i]);
  }
  std::sort(sorted.begin(), sorted.end());
  std::sort(masked.begin(), masked.end());
  const auto src = push(device, pixels, size);
  const auto mask = push(device, marks, size);
  const auto pixel = [](const std::vector<float>& all, double percentile) {
    return double{
        all[static_cast<std::size_t>(percentile / 100 * static_cast<double>(all.size() - 1))]};
  };
  for (const double percentile : {0.5, 50.0, 99.9}) {
    CHECK(percentile_of_all_pixels(src, {.percentile = percentile}) == pixel(sorted, percentile));
    CHECK(percentile_of_masked_pixels(src, mask, {.percentile = percentile}) ==
          pixel(masked, percentile));
  }
}

TEST_CASE("histogram: bins are closed below and open above, the last one is closed",
          "[measure][histogram]") {
  ON_EVERY_DEVICE(device);
  const auto h =
      histogram(push(device, std::vector<std::uint8_t>{0, 1, 2, 3, 4}, {5}), {.bins = 4});
  CHECK(h.counts == counts{1, 1, 1, 2});
  CHECK(h.edges == std::vector<float>{0, 1, 2, 3, 4});
}

TEST_CASE("histogram: pixels outside the range and NaN are not counted", "[measure][histogram]") {
  ON_EVERY_DEVICE(device);
  const auto src =
      push(device, std::vector<float>{-1, 0, 0.5f, 1, 1.5f, not_a_number, infinity}, {7});
  CHECK(histogram(src, {.bins = 2, .minimum = 0, .maximum = 1}).counts == counts{1, 2});
}

TEST_CASE("histogram: one value gets a range of one around it", "[measure][histogram]") {
  ON_EVERY_DEVICE(device);
  const auto h = histogram(push(device, std::vector<std::uint8_t>(6, 9), {3, 2}), {.bins = 2});
  CHECK(h.edges == std::vector<float>{8.5f, 9, 9.5f});
  CHECK(h.counts == counts{0, 6});
}

TEST_CASE("histogram: every pixel is counted once and their order does not matter",
          "[measure][histogram]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : sizes) {
    auto pixels = test::random_pixels<float>(size, 3);
    const auto forward = histogram(push(device, pixels, size), {.bins = 300});
    CHECK(std::accumulate(forward.counts.begin(), forward.counts.end(), std::uint64_t{0}) ==
          pixels.size());
    std::ranges::reverse(pixels);
    CHECK(histogram(push(device, pixels, size), {.bins = 300}) == forward);
  }
}

TEST_CASE("histogram: without pixels all counts are 0", "[measure][histogram]") {
  ON_EVERY_DEVICE(device);
  CHECK(histogram(push(device, std::vector<float>{}, {0}), {.bins = 3}).counts == counts{0, 0, 0});
}

TEST_CASE("histogram: as a table it has a row per bin", "[measure][histogram]") {
  const auto table =
      to_table(histogram(push(test::reference(), std::vector<float>{0, 1, 4}, {3}), {.bins = 2}));
  CHECK(table.columns == std::vector<std::string>{"bin", "lower_edge", "upper_edge", "count"});
  CHECK(table.rows == std::vector<std::vector<double>>{{0, 0, 2, 2}, {1, 2, 4, 1}});
}

TEST_CASE("histogram: bins and ranges that make no sense are refused",
          "[measure][histogram][error]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>{1, infinity}, {2});
  const std::string where = " [src 2x1 f32 on " + device.name() + "]";
  CHECK_THROWS_MATCHES(
      histogram(src, {.bins = 0}), gpuimg::argument_error,
      Catch::Message("histogram: bins must be >= 1 and <= 1048576, got 0" + where));
  CHECK_THROWS_MATCHES(
      histogram(src, {.minimum = 2, .maximum = 1}), gpuimg::argument_error,
      Catch::Message("histogram: minimum must be <= maximum, got 2 and 1" + where));
  CHECK_THROWS_MATCHES(
      histogram(src), gpuimg::argument_error,
      Catch::Message("histogram: the range of the pixels is not finite; give minimum and maximum" +
                     where));
  CHECK_THROWS_MATCHES(histogram(src, {.minimum = infinity, .maximum = 1}), gpuimg::argument_error,
                       Catch::Message("histogram: minimum must be finite, got inf" + where));
}

TEMPLATE_TEST_CASE("reductions and histogram: numpy agrees", "[measure][histogram]", std::uint8_t,
                   std::int8_t, std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  const test::golden golden("reduction");
  const shape size{13, 11, 7};
  const auto src = push(device, test::random_pixels<TestType>(size, 5), size);
  const std::string type(gpuimg::name_of(gpuimg::pixel_type_of<TestType>()));
  CHECK(minimum_of_all_pixels(src) == golden.number("minimum_" + type));
  CHECK(maximum_of_all_pixels(src) == golden.number("maximum_" + type));
  const auto mask =
      push(device, test::random_pixels<std::uint8_t>(size, 7, test::content::few), size);
  const auto percentiles = golden.values<double>("percentiles_" + type),
             masked_percentiles = golden.values<double>("masked_percentiles_" + type);
  for (std::size_t i = 0; const double percentile : {0, 1, 25, 50, 75, 99, 100}) {
    INFO("percentile " << percentile);
    CHECK(percentile_of_all_pixels(src, {.percentile = percentile}) == percentiles[i]);
    CHECK(percentile_of_masked_pixels(src, mask, {.percentile = percentile}) ==
          masked_percentiles[i++]);
  }
  for (const int bins : {1, 7, 256, 1000}) {
    INFO(bins << " bins");
    CHECK(histogram(src, {.bins = bins}).counts ==
          golden.values<std::uint64_t>("histogram_" + type + "_" + std::to_string(bins)));
  }
  const auto range = golden.values<float>("range_" + type);
  CHECK(histogram(src, {.bins = 50, .minimum = range[0], .maximum = range[1]}).counts ==
        golden.values<std::uint64_t>("histogram_" + type + "_range"));
}

TEST_CASE("histogram: numpy agrees on pixels that lie on the edges", "[measure][histogram]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("reduction");
  const shape size{13, 11, 7};
  const auto src = push(device, test::random_pixels<float>(size, 6, test::content::few), size);
  CHECK(histogram(src, {.bins = 7}).counts == golden.values<std::uint64_t>("histogram_few"));
}
