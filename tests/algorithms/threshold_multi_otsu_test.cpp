// SPDX-License-Identifier: BSD-3-Clause
// threshold_multi_otsu: properties, then scikit-image's thresholds.
#include "gpuimg/algorithms/threshold_multi_otsu.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::multi_otsu_thresholds;
using gpuimg::shape;
using gpuimg::threshold_multi_otsu;
using test::same_pixels;

TEMPLATE_TEST_CASE("multi_otsu_thresholds: scikit-image finds the same numbers",
                   "[threshold][threshold_multi_otsu]", std::uint8_t, float) {
  ON_EVERY_DEVICE(device);
  const test::golden golden("threshold_multi_otsu");
  const std::string type(name_of(gpuimg::pixel_type_of<TestType>()));
  const auto pixels = golden.values<TestType>("image_" + type);
  const shape size = golden.shape("image_" + type);
  const auto src = push(device, pixels, size);
  for (const int classes : {2, 3, 4}) {
    INFO(classes << " classes");
    const auto expected =
        golden.values<double>("thresholds_" + type + "_" + std::to_string(classes));
    const auto found = multi_otsu_thresholds(src, {.classes = classes});
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(expected[i]));
    std::vector<std::uint32_t> labels;
    for (const TestType pixel : pixels) {
      labels.push_back(0);
      for (const double threshold : found) labels.back() += static_cast<double>(pixel) > threshold;
    }
    CHECK_THAT(threshold_multi_otsu(src, {.classes = classes}), same_pixels(labels, size));
  }
}

TEST_CASE("threshold_multi_otsu: two classes are those of threshold_otsu",
          "[threshold][threshold_multi_otsu]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, test::random_pixels<std::uint8_t>({65, 33}, 3), {65, 33});
  CHECK(multi_otsu_thresholds(src, {.classes = 2}).at(0) == otsu_threshold(src));
}

TEST_CASE("threshold_multi_otsu: values far apart, and far from 0, are classes of their own",
          "[threshold][threshold_multi_otsu]") {
  ON_EVERY_DEVICE(device);
  const std::vector<std::uint32_t> pixels{4000000000u, 3000000000u, 3000000007u, 3500000000u};
  CHECK_THAT(threshold_multi_otsu(push(device, pixels, {4})),
             same_pixels(std::vector<std::uint32_t>{2, 0, 0, 1}));
  const std::vector<float> with_nan{NAN, 3, 1, 2};
  CHECK_THAT(threshold_multi_otsu(push(device, with_nan, {4})),
             same_pixels(std::vector<std::uint32_t>{0, 2, 0, 1}));
  CHECK(threshold_multi_otsu(push(device, std::vector<float>{}, {0})).empty());
}

TEST_CASE("threshold_multi_otsu: refuses fewer values than classes",
          "[threshold][threshold_multi_otsu]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::uint8_t>{3, 9, 3}, {3});
  CHECK_THROWS_WITH(threshold_multi_otsu(src),
                    Catch::Contains("there are to be 3 classes, but the pixels fill 2 bins"));
  CHECK_THROWS_WITH(threshold_multi_otsu(src, {.classes = 17}), Catch::Contains("<= 16, got 17"));
}
