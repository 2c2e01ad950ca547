// SPDX-License-Identifier: BSD-3-Clause
// label_overlaps and region_adjacency: counted by hand, properties, numbers of scikit-image and of
// numpy, and more pairs than fit the device's table.
#include "gpuimg/ops/measure/label_pairs.hpp"

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

using gpuimg::label_overlap;
using gpuimg::label_overlaps;
using gpuimg::region_adjacency;
using gpuimg::region_contact;
using gpuimg::shape;
using labels = std::vector<std::uint32_t>;
using rows = std::vector<label_overlap>;
using contacts = std::vector<region_contact>;

rows overlaps(const gpuimg::device& device, const labels& a, const labels& b, const shape& size) {
  return label_overlaps(push(device, a, size), push(device, b, size));
}

}  // namespace

template <>
struct Catch::StringMaker<label_overlap> {
  static std::string convert(const label_overlap& row) {
    return std::to_string(row.a) + "/" + std::to_string(row.b) + ": " + std::to_string(row.pixels);
  }
};

template <>
struct Catch::StringMaker<region_contact> {
  static std::string convert(const region_contact& row) {
    return std::to_string(row.a) + "/" + std::to_string(row.b) + ": " + std::to_string(row.faces) +
           ", " + std::to_string(row.saddle);
  }
};

TEST_CASE("label_overlaps: counts the pixels of each pair of labels, background included",
          "[measure][label_overlaps]") {
  ON_EVERY_DEVICE(device);
  const labels a{0, 1, 1, 0, 4294967295u, 0, 1, 0}, b{0, 7, 0, 0, 4294967295u, 2, 7, 0};
  const rows expected{{0, 0, 3}, {0, 2, 1}, {1, 0, 1}, {1, 7, 2}, {4294967295u, 4294967295u, 1}};
  CHECK(overlaps(device, a, b, {4, 2}) == expected);
  CHECK(overlaps(device, a, b, {2, 2, 2}) == expected);
  CHECK(overlaps(device, a, b, {8}) == expected);
  CHECK(overlaps(device, a, b, {1, 1, 8}) == expected);
}

TEST_CASE("label_overlaps: no pixels have no rows, background alone has one",
          "[measure][label_overlaps]") {
  ON_EVERY_DEVICE(device);
  CHECK(overlaps(device, {}, {}, {0}).empty());
  CHECK(overlaps(device, labels(70), labels(70), {10, 7}) == rows{{0, 0, 70}});
  const auto table = gpuimg::to_table(overlaps(device, {3}, {5}, {1}));
  CHECK(table.columns == std::vector<std::string>{"a", "b", "pixels"});
  CHECK(table.rows == std::vector<std::vector<double>>{{3, 5, 1}});
}

TEST_CASE("label_overlaps: images of other shapes are refused", "[measure][label_overlaps]") {
  CHECK_THROWS_WITH(
      label_overlaps(push(test::reference(), labels(6), {3, 2}),
                     push(test::reference(), labels(6), {2, 3})),
      Catch::StartsWith("label_overlaps: the images must have the same shape, got 3x2 and 2x3"));
}

TEST_CASE("label_overlaps: tiles and shifted tiles overlap as scikit-image counts",
          "[measure][label_overlaps]") {
  // scikit-image 0.26.0, numpy 2.4.6:
  //   y, x = np.mgrid[:300, :301]
  //   a = (x % 8 > 0) * (y % 8 > 0) * (1 + x // 8 + 100 * (y // 8))
  //   b = (y % 8 > 1) * (1 + (x + y // 8) // 9 + 1000 * (y // 8))
  //   c = skimage.metrics.contingency_table(a, b).tocoo()
  //   print(c.nnz, c.data.max(), (c.data * c.row * (c.col % 7)).sum())
  ON_EVERY_DEVICE(device);
  labels a, b;
  for (std::uint32_t y = 0; y < 300; ++y)
    for (std::uint32_t x = 0; x < 301; ++x) {
      a.push_back(x % 8 > 0 && y % 8 > 0 ? 1 + x / 8 + 100 * (y / 8) : 0);
      b.push_back(y % 8 > 1 ? 1 + (x + y / 8) / 9 + 1000 * (y / 8) : 0);
    }
  const auto found = overlaps(device, a, b, {301, 300});
  std::uint64_t most = 0, sum = 0;
  for (const auto& row : found) {
    most = std::max(most, row.pixels);
    sum += row.pixels * row.a * (row.b % 7);
  }
  CHECK(found.size() == 5124);
  CHECK(most == 12882);
  CHECK(sum == 325075992);
}

TEST_CASE("label_overlaps: more pairs than the table holds first, and than it may hold at all",
          "[measure][label_overlaps]") {
  ON_EVERY_DEVICE(device);
  const shape size{1000, 500};
  labels a(size.pixels()), b(size.pixels());
  const std::size_t pixels_per_pair = GENERATE(1u, 2u, 20u);
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = static_cast<std::uint32_t>(i / pixels_per_pair) * 2654435761u;
    b[i] = static_cast<std::uint32_t>(i / pixels_per_pair) + 1;
  }
  const auto found = overlaps(device, a, b, size);
  REQUIRE(found.size() == a.size() / pixels_per_pair);
  for (const auto& row : found) {
    if (row.pixels == pixels_per_pair && row.a == (row.b - 1) * 2654435761u) continue;
    FAIL_CHECK(row.a << ", " << row.b << ": " << row.pixels);
  }
}

TEST_CASE("label_overlaps: a label that overlaps thousands of others",
          "[measure][label_overlaps]") {
  ON_EVERY_DEVICE(device);
  labels few, many;
  for (std::uint32_t i = 0; i < 90000; ++i) {
    few.push_back(1 + i / 45000);
    many.push_back(1 + i / 20);
  }
  for (const bool is_first : {true, false}) {
    const auto found = overlaps(device, is_first ? few : many, is_first ? many : few, {300, 300});
    REQUIRE(found.size() == 4500);
    for (std::uint32_t k = 0; k < 4500; ++k) {
      const std::uint32_t one = 1 + k / 2250, other = k + 1;
      if (found[k] == label_overlap{is_first ? one : other, is_first ? other : one, 20}) continue;
      FAIL_CHECK(found[k].a << ", " << found[k].b << ": " << found[k].pixels);
    }
  }
}

TEST_CASE("region_adjacency: counts the faces of two labels, and finds the saddle there",
          "[measure][region_adjacency]") {
  ON_EVERY_DEVICE(device);
  const labels label{9, 9, 4, 0,  //
                     9, 4, 4, 2,  //
                     0, 4, 0, 2,  //
                     7, 0, 2, 2};
  const std::vector<std::int16_t> pixels{1,  5, -3, 40,  //
                                         8,  6, 70, -9,  //
                                         30, 2, 50, 90,  //
                                         60, 3, 20, 10};
  CHECK(region_adjacency(push(device, label, {4, 4}), push(device, pixels, {4, 4})) ==
        contacts{{2, 4, 1, -9}, {4, 9, 3, 6}});
  // Two planes of 4 x 2: 9 9 4 0 / 9 4 4 2 and 0 4 0 2 / 7 0 2 2.
  CHECK(region_adjacency(push(device, label, {4, 2, 2}), push(device, pixels, {4, 2, 2})) ==
        contacts{{2, 4, 2, 20}, {4, 9, 4, 6}, {7, 9, 1, 8}});
  CHECK(region_adjacency(push(device, label, {16}), push(device, pixels, {16})) ==
        contacts{{2, 4, 1, -9}, {2, 7, 1, 60}, {4, 9, 2, 6}});
  CHECK(region_adjacency(push(device, label, {1, 1, 16}), push(device, pixels, {1, 1, 16})) ==
        contacts{{2, 4, 1, -9}, {2, 7, 1, 60}, {4, 9, 2, 6}});
}

TEST_CASE("region_adjacency: what touches nothing but background has no rows",
          "[measure][region_adjacency]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes())
    for (const std::uint32_t odd : {0u, 3u}) {
      labels label(size.pixels(), 3);
      for (std::size_t i = 0; i < label.size(); i += 2) label[i] = odd;
      const auto src = push(device, test::random_pixels<std::uint8_t>(size, 1), size);
      CHECK(region_adjacency(push(device, label, size), src).empty());
    }
  const auto table = gpuimg::to_table(contacts{{3, 5, 2, -0.5}});
  CHECK(table.columns == std::vector<std::string>{"a", "b", "faces", "saddle"});
  CHECK(table.rows == std::vector<std::vector<double>>{{3, 5, 2, -0.5}});
}

TEST_CASE("region_adjacency: saddles of floats are in their total order",
          "[measure][region_adjacency]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto saddle = [&](const std::vector<float>& pixels) {
    const shape size{2, pixels.size() / 2};
    labels label;
    for (std::size_t i = 0; i < pixels.size(); ++i)
      label.push_back(i % 2 == 0 ? 4294967295u : 4294967294u);
    const auto found = region_adjacency(push(device, label, size), push(device, pixels, size));
    REQUIRE(found.size() == 1);
    CHECK(found[0].a == 4294967294u);
    CHECK(found[0].faces == pixels.size() / 2);
    return found[0].saddle;
  };
  CHECK(saddle({-3, 5, 1, -2}) == -2);
  CHECK(std::signbit(saddle({-0.0f, 0.0f})));
  CHECK(!std::signbit(saddle({-0.0f, 0.0f, 0.0f, 0.0f})));
  CHECK(saddle({nan, 3}) == 3);
  CHECK(std::isnan(saddle({nan, nan, 5, 7})));
  CHECK(saddle({-nan, 3, -1e30f, 2}) == static_cast<double>(-1e30f));
}

TEST_CASE("region_adjacency: numpy gives the same", "[measure][region_adjacency]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("label_pairs");
  const auto check = [&]<class T>(T, const std::string& entry, const shape& size) {
    const auto expected = golden.values<double>(entry);
    contacts wanted;
    for (std::size_t r = 0; r < expected.size(); r += 4)
      wanted.push_back({static_cast<std::uint32_t>(expected[r]),
                        static_cast<std::uint32_t>(expected[r + 1]),
                        static_cast<std::uint64_t>(expected[r + 2]), expected[r + 3]});
    INFO(entry);
    CHECK(region_adjacency(push(device, test::random_labels(size, 20), size),
                           push(device, test::random_pixels<T>(size, 21), size)) == wanted);
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

TEST_CASE("region_adjacency: more pairs than the table holds first, and than it may hold at all",
          "[measure][region_adjacency]") {
  ON_EVERY_DEVICE(device);
  const std::size_t side = GENERATE(1u, 3u, 10u);  // of square labels
  const shape size{700, 300};
  const std::size_t across = (size.x + side - 1) / side, down = size.y / side;
  labels label;
  std::vector<std::uint32_t> pixels;
  for (std::size_t y = 0; y < size.y; ++y)
    for (std::size_t x = 0; x < size.x; ++x) {
      label.push_back(static_cast<std::uint32_t>(x / side + across * (y / side)) * 2654435761u + 1);
      pixels.push_back(label.back() / 2);
    }
  const auto found = region_adjacency(push(device, label, size), push(device, pixels, size));
  REQUIRE(found.size() == (across - 1) * down + across * (down - 1));
  for (const auto& row : found) {
    const bool is_thin = size.x % side != 0 && row.faces == size.x % side;  // the last column
    if ((row.faces == side || is_thin) && row.a < row.b && row.saddle == row.a / 2) continue;
    FAIL_CHECK(row.a << ", " << row.b << ": " << row.faces << ", " << row.saddle);
  }
}

TEST_CASE("region_adjacency: images of other shapes are refused",
          "[measure][region_adjacency][error]") {
  ON_EVERY_DEVICE(device);
  CHECK_THROWS_MATCHES(
      region_adjacency(push(device, labels(4), {4}),
                       push(device, std::vector<std::uint8_t>(4), {2, 2})),
      gpuimg::argument_error,
      Catch::Message("region_adjacency: the images must have the same shape, got 4x1 and 2x2 "
                     "[labels 4x1 u32, src 2x2 u8 on " +
                     device.name() + "]"));
}
