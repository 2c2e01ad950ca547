// SPDX-License-Identifier: BSD-3-Clause
// Tests of the object matching: cases made by hand and one computed with scikit-image and scipy.
#include "gpuimg/metrics/segmentation.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

namespace {

using gpuimg::shape;
using gpuimg::metrics::match_objects;
using gpuimg::metrics::object_matching;
using gpuimg::metrics::overlap_objects;
using labels = std::vector<std::uint32_t>;

gpuimg::view<const std::uint32_t> row(const labels& ids) { return {ids.data(), {ids.size()}}; }

constexpr shape hand_size{8, 6};
const labels hand_labels = {1, 1, 0, 0, 2, 2, 0, 0,  //
                            1, 1, 0, 0, 2, 2, 0, 0,  //
                            1, 1, 0, 0, 2, 2, 0, 0,  //
                            0, 0, 0, 0, 0, 0, 0, 0,  //
                            3, 3, 3, 3, 0, 0, 4, 4,  //
                            3, 3, 3, 3, 0, 0, 4, 4};
const labels hand_found = {7, 7, 0, 0, 0, 5, 5, 0,  //
                           7, 7, 0, 0, 0, 5, 5, 0,  //
                           0, 7, 0, 0, 0, 5, 5, 0,  //
                           0, 0, 0, 0, 0, 0, 0, 0,  //
                           9, 9, 0, 2, 2, 0, 0, 0,  //
                           9, 9, 0, 2, 2, 0, 0, 0};

}  // namespace

TEST_CASE("overlap_objects: pairs come best first with their pixels and IoU", "[metrics]") {
  const auto overlaps =
      overlap_objects({hand_labels.data(), hand_size}, {hand_found.data(), hand_size});
  CHECK(overlaps.truth.size() == 4);
  CHECK(overlaps.predicted.size() == 4);
  const std::uint64_t expected[][3] = {{1, 7, 5}, {3, 9, 4}, {2, 5, 3}, {3, 2, 2}};
  const double iou[] = {5.0 / 6, 4.0 / 8, 3.0 / 9, 2.0 / 10};
  REQUIRE(overlaps.pairs.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(overlaps.pairs[i].truth == expected[i][0]);
    CHECK(overlaps.pairs[i].predicted == expected[i][1]);
    CHECK(overlaps.pairs[i].intersection == expected[i][2]);
    CHECK(overlaps.pairs[i].iou == iou[i]);
  }
}

TEST_CASE("match_objects: the threshold is inclusive and decides what counts", "[metrics]") {
  const auto overlaps =
      overlap_objects({hand_labels.data(), hand_size}, {hand_found.data(), hand_size});
  struct {
    double threshold;
    std::size_t matches;
    double mean;
  } const cases[] = {
      {0.3, 3, (5.0 / 6 + 0.5 + 1.0 / 3) / 3}, {0.5, 2, (5.0 / 6 + 0.5) / 2}, {0.75, 1, 5.0 / 6}};
  for (const auto& c : cases) {
    const object_matching m = match_objects(overlaps, c.threshold);
    CHECK(m.true_positives == c.matches);
    CHECK(m.false_positives == 4 - c.matches);
    CHECK(m.false_negatives == 4 - c.matches);
    CHECK(m.mean_matched_score() == Approx(c.mean));
    CHECK(m.f1() == Approx(static_cast<double>(c.matches) / 4));
  }
}

TEST_CASE("match_objects: precision counts predictions, recall counts true objects", "[metrics]") {
  const labels truth = {1, 1, 0, 2, 2, 0, 3, 3}, predicted = {5, 5, 0, 0, 0, 0, 0, 0};
  const object_matching m = match_objects(row(truth), row(predicted));
  CHECK(m.precision() == 1);
  CHECK(m.recall() == Approx(1.0 / 3));
  CHECK(m.f1() == 0.5);
}

TEST_CASE("match_objects: an object split in halves matches once", "[metrics]") {
  const labels whole = {1, 1, 1, 1}, halves = {8, 8, 3, 3};
  const object_matching split = match_objects(row(whole), row(halves), 0.5);
  CHECK(split.true_positives == 1);
  CHECK(split.false_positives == 1);
  CHECK(split.false_negatives == 0);
  CHECK(match_objects(row(whole), row(halves), 0.51).true_positives == 0);
}

TEST_CASE("match_objects: as many pairs match as can, even where the best pair does not",
          "[metrics]") {
  // IoU: (1, 6) = 3/7, (1, 5) = 2/5, (2, 6) = 2/7. The best pair alone would be one match.
  const labels truth = {1, 1, 1, 1, 1, 2, 2, 2, 2}, predicted = {5, 5, 6, 6, 6, 6, 6, 0, 0};
  const object_matching m = match_objects(row(truth), row(predicted), 0.25);
  CHECK(m.true_positives == 2);
  CHECK(m.iou_sum == Approx(2.0 / 5 + 2.0 / 7));
  REQUIRE(m.pairs.size() == 2);
  CHECK(m.pairs[0].predicted == 5);
  CHECK(m.pairs[1].truth == 2);
}

TEST_CASE("match_objects: ids may be huge, and renaming objects changes nothing", "[metrics]") {
  labels renamed = hand_found;
  for (std::uint32_t& id : renamed)
    if (id != 0) id = 4294967295u - 100000000u * id;
  const object_matching m =
      match_objects({hand_labels.data(), hand_size}, {renamed.data(), hand_size}, 0.3);
  CHECK(m.true_positives == 3);
  CHECK(m.mean_matched_score() == Approx(5.0 / 9));
}

TEST_CASE("match_objects: a volume matches itself perfectly", "[metrics]") {
  const labels volume = {1, 0, 1, 0, 2, 2, 0, 3};
  const gpuimg::view<const std::uint32_t> cube(volume.data(), {2, 2, 2});
  const object_matching m = match_objects(cube, cube, 1.0);
  CHECK(m.true_positives == 3);
  CHECK(m.f1() == 1);
  CHECK(m.mean_matched_score() == 1);
}

TEST_CASE("match_objects: the score of nothing is what the caller says", "[metrics]") {
  const labels none = {0, 0}, one = {0, 4};
  const object_matching nothing = match_objects(row(none), row(none));
  CHECK(nothing.precision() == 0);
  CHECK(nothing.recall(1) == 1);
  CHECK(std::isnan(nothing.f1(std::nan(""))));
  CHECK(nothing.accuracy(1) == 1);
  CHECK(nothing.panoptic_quality(0.5) == 0.5);
  const object_matching missed = match_objects(row(one), row(none));
  CHECK(missed.precision(1) == 1);
  CHECK(missed.recall(1) == 0);
  CHECK(missed.f1(1) == 0);
  CHECK(match_objects({}, {}).true_positives == 0);
}

TEST_CASE("match_objects: the scores of the hand-made example", "[metrics]") {
  const auto overlaps =
      overlap_objects({hand_labels.data(), hand_size}, {hand_found.data(), hand_size});
  const auto loose = match_objects(overlaps, 0.3), strict = match_objects(overlaps, 0.75);
  CHECK(loose.accuracy() == 0.6);
  CHECK(loose.mean_true_score() == Approx(0.416667).epsilon(5e-6));
  CHECK(loose.panoptic_quality() == Approx(0.416667).epsilon(5e-6));
  CHECK(strict.accuracy() == Approx(0.142857).epsilon(5e-6));
  CHECK(strict.mean_true_score() == Approx(0.208333).epsilon(5e-6));
  CHECK(strict.panoptic_quality() == Approx(0.208333).epsilon(5e-6));
  CHECK(match_objects(overlaps, 0.9).panoptic_quality() == 0);

  gpuimg::metrics::matching_counts both = loose;
  both += strict;
  CHECK(both.true_positives == 4);
  CHECK(both.f1() == 0.5);
  CHECK(both.iou_sum == loose.iou_sum + strict.iou_sum);
}

TEST_CASE("match_objects: other shapes and thresholds outside [0, 1] are refused", "[metrics]") {
  const labels ids(6);
  CHECK_THROWS_WITH(
      match_objects({ids.data(), {3, 2}}, {ids.data(), {2, 3}}),
      "overlap_objects: truth and predicted must have the same shape, got 3x2 and 2x3");
  CHECK_THROWS_AS(match_objects(row(ids), row(ids), 1.5), gpuimg::argument_error);
  CHECK_THROWS_AS(match_objects(row(ids), row(ids), std::nan("")), gpuimg::argument_error);
}

TEST_CASE("match_objects: shifted tiles score as scikit-image and scipy score them", "[metrics]") {
  // scikit-image 0.26.0, scipy 1.17.1, numpy 2.4.6:
  //   y, x = np.mgrid[:64, :64]
  //   truth = (x % 8 > 0) * (y % 8 > 0) * (1 + x // 8 + 8 * (y // 8))
  //   predicted = (y % 8 > 1) * (1 + (x + y // 8) // 9 + 9 * (y // 8))
  //   c = skimage.metrics.contingency_table(truth, predicted).toarray()
  //   iou = (c / (c.sum(0) + c.sum(1, keepdims=True) - c))[1:, 1:]
  //   i, j = scipy.optimize.linear_sum_assignment(np.where(iou >= t, iou + 1, 0), maximize=True)
  //   matched = iou[i, j][iou[i, j] >= t]; print((iou > 0).sum(), len(matched), matched.mean())
  labels truth, predicted;
  for (std::uint32_t y = 0; y < 64; ++y)
    for (std::uint32_t x = 0; x < 64; ++x) {
      truth.push_back(x % 8 > 0 && y % 8 > 0 ? 1 + x / 8 + 8 * (y / 8) : 0);
      predicted.push_back(y % 8 > 1 ? 1 + (x + y / 8) / 9 + 9 * (y / 8) : 0);
    }
  const auto overlaps = overlap_objects({truth.data(), {64, 64}}, {predicted.data(), {64, 64}});
  CHECK(overlaps.truth.size() == 64);
  CHECK(overlaps.pairs.size() == 106);
  struct {
    double threshold;
    std::size_t matches;
    double mean;
  } const golden[] = {
      {0.5, 38, 0.6437127043965891}, {0.6, 25, 0.6987146811034398}, {0.7, 4, 0.7797773654916512}};
  for (const auto& g : golden) {
    const object_matching m = match_objects(overlaps, g.threshold);
    CHECK(m.true_positives == g.matches);
    CHECK(m.mean_matched_score() == Approx(g.mean).epsilon(1e-12));
  }
}
