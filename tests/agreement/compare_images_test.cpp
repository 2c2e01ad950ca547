// SPDX-License-Identifier: BSD-3-Clause
// What differs between two images: each kind of error is found where it is.
#include "gpuimg/agreement/compare_images.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "gpuimg/agreement/compare_labels.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"

namespace {

using gpuimg::compare_images;
using gpuimg::compare_labels;
using gpuimg::shape;
using ids = std::vector<std::uint32_t>;

const shape size{37, 20, 3};
std::size_t index(std::size_t x, std::size_t y, std::size_t z) {
  return x + size.x * (y + size.y * z);
}
auto labels(const ids& image) { return gpuimg::view<const std::uint32_t>(image.data(), {6, 2}); }

}  // namespace

TEST_CASE("compare_images: an image is identical to itself, NaN and -0 included", "[agreement]") {
  ON_EVERY_DEVICE(device);
  auto pixels = test::random_pixels<float>(size, 1);
  pixels[5] = std::numeric_limits<float>::quiet_NaN();
  pixels[6] = 0.0f;
  auto other = pixels;
  other[5] = -pixels[5];
  other[6] = -0.0f;
  const auto found =
      compare_images(push(device, pixels, size), push(test::reference(), other, size));
  CHECK(found.is_identical());
  CHECK(found.all.pixels == size.pixels());
  CHECK(found.worst.empty());
  CHECK(found.interior.pixels == 35 * 18);
  CHECK(found.border.pixels == size.pixels() - 35 * 18);
  CHECK(found.row_ends.pixels == 5 * 60);
  CHECK(found.first_plane.pixels == 37 * 20);
}

TEST_CASE("compare_images: a step of one float, a column and a NaN are found and placed",
          "[agreement]") {
  const auto pixels = test::random_pixels<float>(size, 2);
  const auto compared_with = [&](const std::vector<float>& other) {
    return compare_images(push(test::reference(), pixels, size),
                          push(test::reference(), other, size));
  };
  auto step = pixels;
  step[index(10, 10, 1)] = std::nextafter(step[index(10, 10, 1)], 1e9f);
  const auto one_step = compared_with(step);
  CHECK(one_step.all.mismatches == 1);
  CHECK(one_step.all.largest_steps == 1);
  CHECK(one_step.interior.mismatches == 1);
  CHECK(one_step.border.mismatches == 0);
  CHECK(one_step.row_ends.mismatches == 0);
  REQUIRE(one_step.worst.size() == 1);
  CHECK(one_step.worst[0].at == gpuimg::position{10, 10, 1});
  CHECK(one_step.worst[0].a == static_cast<double>(pixels[index(10, 10, 1)]));

  auto column = pixels;
  for (std::size_t y = 0; y < size.y; ++y) column[index(36, y, 0)] += 0.05f;
  const auto one_column = compared_with(column);
  CHECK(one_column.all.mismatches == 20);
  CHECK(one_column.interior.mismatches == 0);
  CHECK(one_column.border.mismatches == 20);
  CHECK(one_column.row_ends.mismatches == 20);
  CHECK(one_column.first_plane.mismatches == 20);
  CHECK(one_column.last_plane.mismatches == 0);
  CHECK(one_column.worst.size() == 10);

  auto nan = pixels;
  nan[index(3, 3, 2)] = std::numeric_limits<float>::quiet_NaN();
  const auto one_nan = compared_with(nan);
  CHECK(one_nan.all.mismatches == 1);
  CHECK(std::isinf(one_nan.last_plane.largest));
  CHECK(one_nan.pairs.non_finite == 1);
  CHECK_FALSE(one_nan.pairs.all_identical());
}

TEST_CASE("compare_images: steps count through zero, and of integers", "[agreement]") {
  using gpuimg::detail::steps_between;
  constexpr float tiny = std::numeric_limits<float>::denorm_min();
  CHECK(steps_between(tiny, -tiny) == 2);
  CHECK(steps_between(1.0f, std::nextafter(1.0f, 2.0f)) == 1);
  CHECK(steps_between(-0.0f, tiny) == 1);
  CHECK(steps_between<std::int32_t>(-2147483647 - 1, 2147483647) == 4294967295u);
  CHECK(steps_between<std::uint8_t>(255, 0) == 255);
}

TEST_CASE("compare_labels: other numbers are the same objects", "[agreement]") {
  const ids a{1, 1, 0, 2, 2, 0, 1, 1, 0, 3, 3, 3};
  ids b = a;
  CHECK(compare_labels(labels(a), labels(b)).same_labels);
  for (auto& id : b) id = id == 1 ? 2 : id == 2 ? 1 : id;  // two labels swapped
  const auto swapped = compare_labels(labels(a), labels(b));
  CHECK(swapped.same_objects);
  CHECK_FALSE(swapped.same_labels);
  CHECK(swapped.adjusted_rand_index == 1);
  CHECK(swapped.variation_split + swapped.variation_merged == 0);
  CHECK((swapped.split.empty() && swapped.merged.empty() && swapped.missing.empty()));
}

TEST_CASE("compare_labels: split, merged, missing and added objects are named", "[agreement]") {
  const ids a{1, 1, 1, 1, 5, 5, 2, 2, 3, 3, 0, 0};
  const ids b{7, 7, 8, 8, 0, 0, 9, 9, 9, 9, 4, 0};
  const auto found = compare_labels(labels(a), labels(b));
  CHECK_FALSE(found.same_objects);
  CHECK(found.objects_a == 4);
  CHECK(found.objects_b == 4);
  CHECK(found.split == ids{1});
  CHECK(found.merged == ids{9});
  CHECK(found.missing == ids{5});
  CHECK(found.added == ids{4});
  CHECK(found.variation_split > 0);
  CHECK(found.variation_merged > 0);
  CHECK_FALSE(compare_labels(labels(a), labels(ids(12))).same_objects);
  CHECK(compare_labels(labels(ids(12)), labels(ids(12))).same_labels);
}

TEST_CASE("compare_labels: one pixel leaves nothing to chance", "[agreement]") {
  // scikit-learn 1.9.1: adjusted_rand_score([1], [0]) is 1.0
  const ids a{1}, b{0};
  const auto found = compare_labels(gpuimg::view<const std::uint32_t>(a.data(), {1}),
                                    gpuimg::view<const std::uint32_t>(b.data(), {1}));
  CHECK_FALSE(found.same_objects);
  CHECK(found.adjusted_rand_index == 1);
  CHECK(found.variation_split + found.variation_merged == 0);
}

TEST_CASE("compare_labels: no variation is less than none, where objects are only joined",
          "[agreement]") {
  const ids a{1, 1, 1, 1, 2, 2, 2, 3, 4, 4, 4, 4}, b{1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2};
  CHECK(compare_labels(labels(a), labels(b)).variation_merged > 0.8);
  CHECK(compare_labels(labels(a), labels(b)).variation_split == 0);
  CHECK(compare_labels(labels(b), labels(a)).variation_merged == 0);
}

TEST_CASE("compare_labels: label images are overlapped where they live, or where the first lives",
          "[agreement]") {
  ON_EVERY_DEVICE(device);
  const shape labelled{65, 33, 3};
  const auto a = test::random_labels(labelled, 1), b = test::random_labels(labelled, 2);
  const gpuimg::view<const std::uint32_t> host_a(a.data(), labelled), host_b(b.data(), labelled);
  const auto expected = compare_labels(host_a, host_b);
  const auto there = push(device, a, labelled);
  for (const auto& other : {device, test::reference()}) {
    const auto found = compare_labels(there, push(other, b, labelled));
    CHECK(found.adjusted_rand_index == expected.adjusted_rand_index);
    CHECK(found.variation_split == expected.variation_split);
    CHECK(found.merged == expected.merged);
    CHECK(found.missing == expected.missing);
  }
  namespace metrics = gpuimg::metrics;
  const auto matched = metrics::match_objects(there, push(device, b, labelled), 0.1);
  CHECK(matched.iou_sum == metrics::match_objects(host_a, host_b, 0.1).iou_sum);
  const auto overlaps = metrics::overlap_objects(there, push(device, b, labelled));
  CHECK(metrics::foreground_of(overlaps) == metrics::confusion_of(host_a, host_b));
}
