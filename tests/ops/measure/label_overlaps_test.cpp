// SPDX-License-Identifier: BSD-3-Clause
// label_overlaps: counted by hand, properties, numbers of scikit-image, and more pairs than fit the
// device's table.
#include "gpuimg/ops/measure/label_overlaps.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"

namespace {

using gpuimg::label_overlap;
using gpuimg::label_overlaps;
using gpuimg::shape;
using labels = std::vector<std::uint32_t>;
using rows = std::vector<label_overlap>;

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
