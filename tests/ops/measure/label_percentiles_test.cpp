// SPDX-License-Identifier: BSD-3-Clause
// label_percentiles: properties, hard cases, and numpy's results.
#include "gpuimg/ops/measure/label_percentiles.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"

namespace {

using gpuimg::label_percentile;
using gpuimg::label_percentiles;
using gpuimg::shape;
using labels = std::vector<std::uint32_t>;
using result = std::vector<label_percentile>;

}  // namespace

template <>
struct Catch::StringMaker<label_percentile> {
  static std::string convert(const label_percentile& row) {
    return std::to_string(row.label) + ": " + std::to_string(row.value) + " of " +
           std::to_string(row.pixels);
  }
};

TEST_CASE("label_percentiles: gives the pixel of each label that so many are before",
          "[measure][label_percentiles]") {
  ON_EVERY_DEVICE(device);
  const auto label = push(device, labels{7, 0, 3, 7, 7, 0, 7, 7}, {4, 2});
  const auto src = push(device, std::vector<std::int16_t>{-5, 99, 8, 30, -300, 99, 1, 2}, {4, 2});
  CHECK(label_percentiles(label, src) == result{{3, 1, 8}, {7, 5, 1}});  // the median
  CHECK(label_percentiles(label, src, {.percentile = 0}) == result{{3, 1, 8}, {7, 5, -300}});
  CHECK(label_percentiles(label, src, {.percentile = 49.9}) == result{{3, 1, 8}, {7, 5, -5}});
  CHECK(label_percentiles(label, src, {.percentile = 75}) == result{{3, 1, 8}, {7, 5, 2}});
  CHECK(label_percentiles(label, src, {.percentile = 100}) == result{{3, 1, 8}, {7, 5, 30}});
}

TEST_CASE("label_percentiles: pixels far apart", "[measure][label_percentiles]") {
  ON_EVERY_DEVICE(device);
  const shape size{5000};
  labels label(size.pixels(), 0);
  std::vector<std::uint32_t> pixels(size.pixels(), 7);
  result expected;
  for (const std::size_t at : {1u, 15u, 16u, 17u, 33u, 4095u, 4096u, 4999u}) {
    label[at] = static_cast<std::uint32_t>(at);
    pixels[at] = 4000000000u + label[at];
    expected.push_back({label[at], 1, static_cast<double>(pixels[at])});
  }
  CHECK(label_percentiles(push(device, label, size), push(device, pixels, size)) == expected);
}

TEST_CASE("label_percentiles: the range narrows by one pixel at a time",
          "[measure][label_percentiles]") {
  ON_EVERY_DEVICE(device);
  for (const std::size_t copies : {1u, 3u}) {  // few pixels are compared with each other
    std::vector<std::uint32_t> pixels(4 * copies);
    for (std::size_t i = 0; i < pixels.size(); ++i)
      pixels[i] = static_cast<std::uint32_t>(i / copies);
    for (std::uint32_t bit = 1u << 31; bit > 8; bit /= 2) pixels.insert(pixels.end(), copies, bit);
    const shape size{pixels.size()};
    const auto src = push(device, pixels, size);
    const auto label = push(device, labels(pixels.size(), 1), size);
    std::sort(pixels.begin(), pixels.end());
    for (std::size_t i = 0; i + 1 < pixels.size(); ++i) {
      const double last = static_cast<double>(pixels.size() - 1);
      const auto found = label_percentiles(
          label, src, {.percentile = 100 * (static_cast<double>(i) + 0.5) / last});
      CHECK(found == result{{1, pixels.size(), static_cast<double>(pixels[i])}});
    }
  }
}

TEST_CASE("label_percentiles: pixels that have their highest bits in common",
          "[measure][label_percentiles]") {
  ON_EVERY_DEVICE(device);
  const shape size{500};
  std::vector<std::uint16_t> pixels;
  for (std::size_t i = 0; i < size.pixels(); ++i)
    pixels.push_back(static_cast<std::uint16_t>(0x5000 + i * 1237 % 4096));
  const auto src = push(device, pixels, size);
  const auto label = push(device, labels(size.pixels(), 1), size);
  std::sort(pixels.begin(), pixels.end());
  for (const std::size_t i : {1u, 77u, 250u, 498u})
    CHECK(
        label_percentiles(label, src, {.percentile = 100 * (static_cast<double>(i) + 0.5) / 499}) ==
        result{{1, size.pixels(), static_cast<double>(pixels[i])}});
}

TEST_CASE("label_percentiles: labels of one value", "[measure][label_percentiles]") {
  ON_EVERY_DEVICE(device);
  for (const std::size_t count : {1u, 63u, 64u, 65u, 300u}) {
    const auto label = push(device, labels(count, 2), {count});
    for (const std::int32_t value : {-7, 0, 2147483647})
      CHECK(label_percentiles(label, push(device, std::vector(count, value), {count})) ==
            result{{2, count, static_cast<double>(value)}});
  }
}

TEST_CASE("label_percentiles: the table's columns have the names of the fields",
          "[measure][label_percentiles]") {
  const auto table = gpuimg::to_table(result{{3, 5, -0.5}});
  CHECK(table.columns == std::vector<std::string>{"label", "pixels", "value"});
  CHECK(table.rows == std::vector<std::vector<double>>{{3, 5, -0.5}});
}

TEST_CASE("label_percentiles: background alone, or no pixels, give no rows",
          "[measure][label_percentiles]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes())
    CHECK(label_percentiles(push(device, labels(size.pixels(), 0), size),
                            push(device, test::random_pixels<float>(size, 1), size))
              .empty());
}

TEST_CASE("label_percentiles: floats are in their total order", "[measure][label_percentiles]") {
  ON_EVERY_DEVICE(device);
  const float infinite = std::numeric_limits<float>::infinity();
  const std::vector<float> ascending{-std::numeric_limits<float>::quiet_NaN(),
                                     -infinite,
                                     -3e38f,
                                     -1e-45f,
                                     -0.0f,
                                     0.0f,
                                     1e-45f,
                                     1e-38f,
                                     1,
                                     infinite,
                                     std::numeric_limits<float>::quiet_NaN()};
  auto pixels = ascending;
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = ascending[i * 7 % pixels.size()];
  const auto src = push(device, pixels, {pixels.size()});
  const auto label = push(device, labels(pixels.size(), 2), {pixels.size()});
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    const auto found = label_percentiles(label, src, {.percentile = 10.0 * static_cast<double>(i)});
    REQUIRE(found.size() == 1);
    INFO(i);
    CHECK(std::signbit(found[0].value) == std::signbit(ascending[i]));
    if (std::isnan(ascending[i]))
      CHECK(std::isnan(found[0].value));
    else
      CHECK(found[0].value == static_cast<double>(ascending[i]));
  }
}

TEST_CASE("label_percentiles: numpy gives the same", "[measure][label_percentiles]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("label_percentiles");
  const auto check = [&]<class T>(T, const std::string& entry, const shape& size) {
    const auto label = push(device, test::random_labels(size, 18), size);
    const auto src = push(device, test::random_pixels<T>(size, 19), size);
    const auto expected = golden.values<double>(entry);
    const std::size_t columns = golden.shape(entry).x, count = golden.shape(entry).y;
    const double percentiles[] = {0, 12.5, 50, 99.9, 100};
    for (std::size_t k = 0; k < 5; ++k) {
      INFO(entry << ", " << percentiles[k]);
      result wanted;
      for (std::size_t r = 0; r < count; ++r)
        wanted.push_back({static_cast<std::uint32_t>(expected[r * columns]),
                          static_cast<std::uint64_t>(expected[r * columns + 1]),
                          expected[r * columns + 2 + k]});
      CHECK(label_percentiles(label, src, {.percentile = percentiles[k]}) == wanted);
    }
  };
  const auto check_all = [&](const std::string& dimensions, const shape& size) {
    check(std::uint8_t{}, "u8_" + dimensions, size);
    check(std::int8_t{}, "i8_" + dimensions, size);
    check(std::uint16_t{}, "u16_" + dimensions, size);
    check(std::int16_t{}, "i16_" + dimensions, size);
    check(std::uint32_t{}, "u32_" + dimensions, size);
    check(std::int32_t{}, "i32_" + dimensions, size);
    check(float{}, "f32_" + dimensions, size);
  };
  check_all("2d", {29, 23});
  check_all("3d", {13, 11, 7});
}

TEST_CASE("label_percentiles: thousands of labels of few pixels", "[measure][label_percentiles]") {
  ON_EVERY_DEVICE(device);
  const shape size{300, 200};
  labels label(size.pixels());
  std::vector<float> pixels(size.pixels());
  for (std::size_t i = 0; i < label.size();
       ++i) {  // 5 pixels each: -2, -1, 0, 1, 2 times their label
    label[i] = static_cast<std::uint32_t>(1 + i % 12000);
    pixels[i] = (static_cast<float>(i / 12000) - 2) * static_cast<float>(label[i]);
  }
  const auto found =
      label_percentiles(push(device, label, size), push(device, pixels, size), {.percentile = 75});
  REQUIRE(found.size() == 12000);
  for (std::uint32_t k = 1; k <= 12000; ++k) {
    if (found[k - 1] == label_percentile{k, 5, static_cast<double>(k)}) continue;
    FAIL_CHECK(k << ": " << found[k - 1].pixels << ", " << found[k - 1].value);
  }
}

TEST_CASE("label_percentiles: memory is for the labels there are, not for all up to the greatest",
          "[measure][label_percentiles]") {
  ON_EVERY_DEVICE(device);
  const shape size{64, 64};
  labels far(size.pixels(), 10000000u);
  far[5] = 4294967295u, far[7] = 0;
  std::vector<std::uint8_t> pixels(size.pixels(), 4);
  pixels[5] = 9;
  CHECK(label_percentiles(push(device, far, size), push(device, pixels, size)) ==
        result{{10000000u, 4094, 4}, {4294967295u, 1, 9}});
  if (!device.is_reference()) CHECK(device.opencl().pool().peak() < 1u << 29);
}

TEST_CASE("label_percentiles: a large label and small ones beside it",
          "[measure][label_percentiles]") {
  ON_EVERY_DEVICE(device);
  const shape size{700, 401};
  const auto pixels = test::random_pixels<std::uint32_t>(size, 5);
  labels label(size.pixels(), 1);
  for (std::size_t i = 0; i < label.size(); i += 1000)
    label[i] = static_cast<std::uint32_t>(2 + i / 1000);
  const auto found = label_percentiles(push(device, label, size), push(device, pixels, size));
  REQUIRE(found.size() == 282);
  auto ordered = pixels;
  for (std::size_t i = 0; i < label.size(); i += 1000) {
    const label_percentile expected{label[i], 1, static_cast<double>(pixels[i])};
    CHECK(found[i / 1000 + 1] == expected);
    ordered[i] = 0;
  }
  std::sort(ordered.begin(), ordered.end());  // 281 are 0
  const std::size_t others = label.size() - 281;
  const label_percentile expected{1, others, static_cast<double>(ordered[281 + (others - 1) / 2])};
  CHECK(found[0] == expected);
}

TEST_CASE("label_percentiles: what is out of range, or does not fit, is refused",
          "[measure][label_percentiles][error]") {
  ON_EVERY_DEVICE(device);
  const auto label = push(device, labels(4), {4});
  const auto src = push(device, std::vector<float>(4), {4});
  CHECK_THROWS_MATCHES(
      label_percentiles(label, src, {.percentile = 101}), gpuimg::argument_error,
      Catch::Message("label_percentiles: percentile must be finite and >= 0 and <= 100, got 101 "
                     "[labels 4x1 u32, src 4x1 f32 on " +
                     device.name() + "]"));
  CHECK_THROWS_MATCHES(
      label_percentiles(label, push(device, std::vector<float>(4), {2, 2})), gpuimg::argument_error,
      Catch::Message("label_percentiles: the images must have the same shape, got 4x1 and 2x2 "
                     "[labels 4x1 u32, src 2x2 f32 on " +
                     device.name() + "]"));
}
