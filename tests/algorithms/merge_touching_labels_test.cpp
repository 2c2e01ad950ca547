// SPDX-License-Identifier: BSD-3-Clause
// merge_touching_labels: cases by hand, properties, and the results of a few lines of numpy.
#include "gpuimg/algorithms/merge_touching_labels.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::merge_touching_labels;
using gpuimg::shape;
using test::same_pixels;
using labels = std::vector<std::uint32_t>;

labels merged(const gpuimg::device& device, const labels& label, const std::vector<float>& pixels,
              double ratio) {
  return pull(merge_touching_labels(push(device, label, {label.size()}),
                                    push(device, pixels, {pixels.size()}), {.ratio = ratio}));
}

}  // namespace

TEST_CASE("merge_touching_labels: labels become one where the saddle is high enough",
          "[label][merge_touching_labels]") {
  ON_EVERY_DEVICE(device);
  const labels label{5, 5, 5, 9, 9, 9, 0, 2, 2};
  const std::vector<float> pixels{1, 20, 8, 9, 10, 1, 30, 30, 30};
  CHECK(merged(device, label, pixels, 0.8) == labels{2, 2, 2, 2, 2, 2, 0, 1, 1});
  CHECK(merged(device, label, pixels, 0.81) == labels{2, 2, 2, 3, 3, 3, 0, 1, 1});
}

TEST_CASE("merge_touching_labels: the joined label has the number of the higher peak",
          "[label][merge_touching_labels]") {
  ON_EVERY_DEVICE(device);
  const labels label{1, 1, 0, 4, 4, 7, 7, 0, 6};
  CHECK(merged(device, label, {5, 5, 0, 9, 8, 8, 10, 0, 5}, 0.5) ==
        labels{1, 1, 0, 3, 3, 3, 3, 0, 2});  // 7, behind 6
  CHECK(merged(device, label, {5, 5, 0, 9, 8, 8, 9, 0, 5}, 0.5) ==
        labels{1, 1, 0, 2, 2, 2, 2, 0, 3});  // of equal peaks the lesser number: 4
}

TEST_CASE("merge_touching_labels: the highest saddle comes first, and peaks grow",
          "[label][merge_touching_labels]") {
  ON_EVERY_DEVICE(device);
  // Saddles 6 and 7, peaks 10, 7 and 20: 2 goes to 3 first, whose peak then keeps 1 out or not.
  const labels label{1, 1, 2, 2, 3, 3};
  const std::vector<float> pixels{10, 6, 6, 7, 7, 20};
  CHECK(merged(device, label, pixels, 0.6) == labels{1, 1, 1, 1, 1, 1});
  CHECK(merged(device, label, pixels, 0.7) == labels{1, 1, 2, 2, 2, 2});
  // Without that order 1 would have taken 2, for 6 >= 0.7 * 7.
  CHECK(merged(device, {1, 1, 2, 2}, {10, 6, 6, 7}, 0.7) == labels{1, 1, 1, 1});
}

TEST_CASE("merge_touching_labels: a chain of equal labels becomes one, however long",
          "[label][merge_touching_labels]") {
  ON_EVERY_DEVICE(device);
  labels label(5000);
  for (std::uint32_t i = 0; i < label.size(); ++i) label[i] = 5000 - i;
  CHECK(merged(device, label, std::vector<float>(label.size(), 2), 1) == labels(5000, 1));
}

TEST_CASE("merge_touching_labels: above 1 nothing is joined, at 0 all that touches",
          "[label][merge_touching_labels]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto label = push(device, test::random_labels(size, 3), size);
    const auto src = push(device, std::vector<std::uint8_t>(size.pixels(), 7), size);
    CHECK_THAT(merge_touching_labels(label, src, {.ratio = 1.01}),
               same_pixels(pull(gpuimg::relabel_sequential(label)), size));
    const auto joined = merge_touching_labels(label, src, {.ratio = 0});
    CHECK(gpuimg::region_adjacency(joined, src).empty());
  }
}

TEST_CASE("merge_touching_labels: a label in which there is NaN stays alone",
          "[label][merge_touching_labels]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(merged(device, {1, 1, 2, 2, 3}, {nan, 5, 5, 5, 5}, 0.5) == labels{1, 1, 2, 2, 2});
  CHECK(merged(device, {1, 1, 2, 2, 3}, {5, 5, 5, nan, nan}, 0) == labels{1, 1, 2, 2, 3});
}

TEST_CASE("merge_touching_labels: numpy gives the same", "[label][merge_touching_labels]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("merge_touching_labels");
  for (const std::string dimensions : {"2d", "3d"}) {
    const std::string before = dimensions + "_";
    const shape size = golden.shape(before + "image");
    const auto src = push(device, golden.values<std::uint8_t>(before + "image"), size);
    const auto label = push(device, golden.values<std::uint32_t>(before + "labels"), size);
    const auto check = [&](const char* text, double ratio) {
      INFO(dimensions << ", " << text);
      CHECK_THAT(merge_touching_labels(label, src, {.ratio = ratio}),
                 same_pixels(golden.values<std::uint32_t>(before + text), size));
    };
    check("0", 0);
    check("0.7", 0.7);
    check("0.8", 0.8);
    check("0.9", 0.9);
    check("1", 1);
  }
}

TEST_CASE("merge_touching_labels: what is out of range, or does not fit, is refused",
          "[label][merge_touching_labels][error]") {
  ON_EVERY_DEVICE(device);
  const auto label = push(device, labels(4), {4});
  const auto src = push(device, std::vector<float>(4), {4});
  CHECK_THROWS_MATCHES(
      merge_touching_labels(label, src, {.ratio = -1}), gpuimg::argument_error,
      Catch::Message("merge_touching_labels: ratio must be finite and >= 0 and <= 1e+09, got -1 "
                     "[labels 4x1 u32, src 4x1 f32 on " +
                     device.name() + "]"));
  CHECK_THROWS_AS(merge_touching_labels(label, push(device, std::vector<float>(4), {2, 2})),
                  gpuimg::argument_error);
}
