// SPDX-License-Identifier: BSD-3-Clause
// Scores of masks and probabilities: hand-made examples.
#include "gpuimg/metrics/confusion.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "gpuimg/metrics/surface_distance.hpp"

namespace {

using gpuimg::view;
using gpuimg::metrics::confusion;
using gpuimg::metrics::confusion_of;
using gpuimg::metrics::precision_recall;
using gpuimg::metrics::surface_distance_of;
using mask = std::vector<std::uint8_t>;

const mask hand_truth = {1, 1, 0, 0, 1, 1, 0, 0,  //
                         1, 1, 0, 0, 1, 1, 0, 0,  //
                         1, 1, 0, 0, 1, 1, 0, 0,  //
                         0, 0, 0, 0, 0, 0, 0, 0,  //
                         1, 1, 1, 1, 0, 0, 1, 1,  //
                         1, 1, 1, 1, 0, 0, 1, 1};
const mask hand_predicted = {1, 1, 0, 0, 0, 1, 1, 0,  //
                             1, 1, 0, 0, 0, 1, 1, 0,  //
                             0, 1, 0, 0, 0, 1, 1, 0,  //
                             0, 0, 0, 0, 0, 0, 0, 0,  //
                             1, 1, 0, 1, 1, 0, 0, 0,  //
                             1, 1, 0, 1, 1, 0, 0, 0};
view<const std::uint8_t> hand(const mask& m) { return {m.data(), {8, 6}}; }
template <class T>
view<const T> row(const std::vector<T>& v) {
  return {v.data(), {v.size()}};
}

}  // namespace

TEST_CASE("confusion: the scores of the hand-made example", "[metrics]") {
  const auto found = confusion_of(hand(hand_truth), hand(hand_predicted));
  CHECK(found == confusion{14, 5, 10, 19});
  CHECK(found.iou() == 14.0 / 29);
  CHECK(found.dice() == 28.0 / 43);
  CHECK(found.dice() == Approx(2 * found.iou() / (1 + found.iou())));
  CHECK(found.precision() == Approx(0.736842).epsilon(1e-6));
  CHECK(found.recall() == Approx(0.583333).epsilon(1e-6));
  CHECK(found.specificity() == Approx(19.0 / 24));
  CHECK(found.accuracy() == 0.6875);
  auto both = found;
  both += confusion{1, 2, 3, 4};
  CHECK(both == confusion{15, 7, 13, 23});
}

TEST_CASE("confusion: the score of two empty masks is what the caller says", "[metrics]") {
  const auto nothing = confusion_of(row(mask{0, 0}), row(mask{0, 0}));
  CHECK(std::isnan(nothing.iou()));
  CHECK(nothing.iou(1) == 1);
  CHECK(nothing.dice(0) == 0);
  CHECK(std::isnan(nothing.precision()));
  CHECK(std::isnan(nothing.recall()));
  CHECK(nothing.specificity() == 1);
  CHECK(nothing.accuracy() == 1);
  CHECK(std::isnan(confusion_of(row(mask{}), row(mask{})).accuracy()));
}

TEST_CASE("confusion: probabilities are foreground above the threshold, NaN never", "[metrics]") {
  const std::vector<float> p{0.5f, 0.51f, std::numeric_limits<float>::quiet_NaN(), 0.2f};
  CHECK(confusion_of(row(mask{1, 1, 1, 0}), row(p), 0.5) == confusion{1, 0, 2, 1});
  CHECK_THROWS_WITH(confusion_of(row(mask{1, 1}), row(p)),
                    "confusion_of: truth and predicted must have the same shape, got 2x1 and 4x1");
}

TEST_CASE("precision_recall: the curve of scikit-learn 1.9.1's precision_recall_curve",
          "[metrics]") {
  const auto curve = precision_recall(row(mask{1, 0, 1, 1, 0, 0, 1, 0}),
                                      row(std::vector<double>{.9, .8, .7, .7, .6, .4, .4, .1}));
  CHECK(curve.thresholds == std::vector<double>{.1, .4, .6, .7, .8, .9});
  CHECK(curve.precision == std::vector<double>{4 / 8., 4 / 7., 3 / 5., 3 / 4., 1 / 2., 1});
  CHECK(curve.recall == std::vector<double>{1, 1, .75, .75, .25, .25});
  CHECK(curve.average_precision == Approx(0.767857).epsilon(1e-6));
  CHECK(std::isnan(precision_recall(row(mask{0, 0}), row(mask{1, 0})).average_precision));
  CHECK_THROWS_WITH(precision_recall(row(mask{1}), row(std::vector<float>{std::nanf("")})),
                    "precision_recall: a score is NaN");
}

TEST_CASE("surface_distance: the distances of the hand-made example", "[metrics]") {
  const auto found = surface_distance_of(hand(hand_truth), hand(hand_predicted));
  CHECK(found.hausdorff == 3);
  CHECK(found.hausdorff_95 == Approx(2.200658).epsilon(1e-6));
  CHECK(found.average == Approx(0.470606).epsilon(1e-6));
  CHECK(surface_distance_of(hand(hand_truth), hand(hand_truth)).hausdorff == 0);
}

TEST_CASE("surface_distance: pixels may be longer in depth", "[metrics]") {
  const mask a{1, 0, 0, 0, 0, 0}, b{0, 0, 0, 0, 0, 1};
  const auto found = surface_distance_of(view<const std::uint8_t>(a.data(), {1, 2, 3}),
                                         view<const std::uint8_t>(b.data(), {1, 2, 3}), {1, 3, 2});
  CHECK(found.hausdorff == 5);
  CHECK(found.average == 5);
}

TEST_CASE("surface_distance: an empty mask is infinitely far away", "[metrics]") {
  const auto one = surface_distance_of(row(mask{1, 0}), row(mask{0, 0}));
  CHECK(std::isinf(one.hausdorff));
  CHECK(std::isinf(one.average));
  CHECK(std::isnan(surface_distance_of(row(mask{0}), row(mask{0})).hausdorff_95));
  CHECK_THROWS_WITH(surface_distance_of(row(mask{1}), row(mask{1}), {1, 0, 1}),
                    "surface_distance_of: spacing must be finite and > 0, got 0.000000");
}
