// SPDX-License-Identifier: BSD-3-Clause
// Scores over several images, pooled and averaged, with and without empty ones.
#include "gpuimg/metrics/dataset.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "gpuimg/metrics/confusion.hpp"
#include "gpuimg/metrics/segmentation.hpp"

namespace {

using gpuimg::metrics::confusion;
using gpuimg::metrics::matching_counts;
using gpuimg::metrics::object_matching;
using gpuimg::metrics::over_dataset;

const std::vector<confusion> masks{{10, 0, 10, 80}, {1, 0, 0, 99}, {0, 0, 0, 100}};

}  // namespace

TEST_CASE("over_dataset: images are pooled by their counts, and averaged by their scores",
          "[metrics]") {
  const auto found = over_dataset(masks, &confusion::iou);
  CHECK(found.pooled == 11.0 / 21);
  CHECK(found.mean.value == 0.75);
  CHECK(found.mean.images == 2);
  CHECK(over_dataset(masks, &confusion::accuracy).mean.value == Approx(0.9 / 3 + 2.0 / 3));
}

TEST_CASE("over_dataset: what an empty image counts is what the caller says", "[metrics]") {
  CHECK(over_dataset(masks, &confusion::dice, 0).mean.value == Approx((2.0 / 3 + 1 + 0) / 3));
  CHECK(over_dataset(masks, &confusion::dice, 1).mean.value == Approx((2.0 / 3 + 1 + 1) / 3));
  CHECK(over_dataset(masks, &confusion::dice, 1).mean.images == 3);
  CHECK(over_dataset(masks, &confusion::dice, 1).pooled == 22.0 / 32);
  CHECK(std::isnan(over_dataset(std::vector<confusion>(2), &confusion::iou).mean.value));
  CHECK(std::isnan(over_dataset(std::vector<confusion>{}, &confusion::iou, 1).mean.value));
}

TEST_CASE("over_dataset: objects are scored as by stardist.matching_dataset", "[metrics]") {
  // its by_image=False sums tp, fp and fn, by_image=True averages the scores of the images
  std::vector<object_matching> images(3);
  images[0].true_positives = 3;
  images[0].false_positives = images[0].false_negatives = 1;
  images[0].iou_sum = 2.4;
  images[1].false_negatives = 2;
  const auto f1 = over_dataset(images, &matching_counts::f1, 0);
  CHECK(f1.pooled == 0.6);
  CHECK(f1.mean.value == 0.25);
  CHECK(over_dataset(images, &matching_counts::mean_true_score, 0).pooled == Approx(0.4));
  CHECK(over_dataset(images, &matching_counts::panoptic_quality, 0).mean.value == Approx(0.2));
}
