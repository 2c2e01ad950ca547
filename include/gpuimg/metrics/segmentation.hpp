// SPDX-License-Identifier: BSD-3-Clause
// Scores a segmentation object by object: which predicted objects match which true ones.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/view.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::metrics {

/// A true and a predicted object that share `intersection` > 0 pixels.
struct object_pair {
  std::uint32_t truth = 0, predicted = 0;  ///< ids, never 0
  std::uint64_t intersection = 0;          ///< pixels
  double iou = 0;                          ///< intersection over union, in (0, 1]
};

/// All objects of two label images, and the pairs that overlap.
struct object_overlaps {
  std::size_t truth_objects = 0, predicted_objects = 0;
  std::vector<object_pair> pairs;  ///< best IoU first, then by truth id, then by predicted id
};

/// What a one-to-one matching found. Ratios are NaN where there is nothing to divide by.
struct object_matching {
  std::size_t true_positives = 0;   ///< matched pairs
  std::size_t false_positives = 0;  ///< predicted objects without a match
  std::size_t false_negatives = 0;  ///< true objects without a match
  double mean_matched_iou = std::numeric_limits<double>::quiet_NaN();

  [[nodiscard]] double precision() const {
    return ratio(true_positives, true_positives + false_positives);
  }
  [[nodiscard]] double recall() const {
    return ratio(true_positives, true_positives + false_negatives);
  }
  /// The harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN).
  [[nodiscard]] double f1() const {
    return ratio(2 * true_positives, 2 * true_positives + false_positives + false_negatives);
  }

 private:
  static double ratio(std::size_t part, std::size_t whole) {
    return whole == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(part) / static_cast<double>(whole);
  }
};

/// Counts the pixels that each pair of objects shares, and derives IoU = |A and B| / |A or B|.
///
/// truth, predicted: label images of equal shape; 0 is background, ids may be sparse and of any
///   size: time and memory follow the number of objects and pairs, not the largest id.
/// throws argument_error where the shapes differ.
inline object_overlaps overlap_objects(view<const std::uint32_t> truth,
                                       view<const std::uint32_t> predicted) {
  if (truth.shape() != predicted.shape())
    throw argument_error("overlap_objects: truth and predicted must have the same shape, got " +
                         to_string(truth.shape()) + " and " + to_string(predicted.shape()));

  // Neighbours mostly belong to the same pair, so whole runs are counted, not single pixels.
  std::unordered_map<std::uint64_t, std::uint64_t> shared;  // (truth id, predicted id) -> pixels
  const auto ids_at = [&](std::size_t i) { return std::uint64_t{truth[i]} << 32 | predicted[i]; };
  for (std::size_t begin = 0, end = 0, pixels = truth.size(); begin < pixels; begin = end) {
    while (end < pixels && ids_at(end) == ids_at(begin)) ++end;
    shared[ids_at(begin)] += end - begin;
  }

  object_overlaps result;
  std::unordered_map<std::uint32_t, std::uint64_t> truth_area, predicted_area;
  for (const auto& [ids, pixels] : shared) {
    const auto t = static_cast<std::uint32_t>(ids >> 32), p = static_cast<std::uint32_t>(ids);
    if (t != 0) truth_area[t] += pixels;
    if (p != 0) predicted_area[p] += pixels;
    if (t != 0 && p != 0)
      result.pairs.push_back({.truth = t, .predicted = p, .intersection = pixels});
  }
  result.truth_objects = truth_area.size();
  result.predicted_objects = predicted_area.size();
  for (object_pair& pair : result.pairs)
    pair.iou = static_cast<double>(pair.intersection) /
               static_cast<double>(truth_area[pair.truth] + predicted_area[pair.predicted] -
                                   pair.intersection);
  std::sort(result.pairs.begin(), result.pairs.end(),
            [](const object_pair& a, const object_pair& b) {
              return std::tie(b.iou, a.truth, a.predicted) < std::tie(a.iou, b.truth, b.predicted);
            });
  return result;
}

/// Matches objects one to one; a pair may match where its IoU >= threshold.
///
/// The matching is greedy: the best remaining IoU first, equal ones by truth id, then by predicted
/// id. Above 0.5 a pair's partners have no other candidate, so the matching is the only one there
/// is; at 0.5 it still has as many matches as any. Below 0.5 an assignment that maximises the
/// number of matches can find more.
/// threshold: in [0, 1]; with 0 any shared pixel will do.
/// throws argument_error where the threshold is out of range.
inline object_matching match_objects(const object_overlaps& overlaps, double threshold = 0.5) {
  if (!(threshold >= 0 && threshold <= 1))
    throw argument_error("match_objects: threshold must be in [0, 1], got " +
                         std::to_string(threshold));
  std::unordered_set<std::uint32_t> matched_truth, matched_predicted;
  double sum = 0;
  for (const object_pair& pair : overlaps.pairs) {
    if (pair.iou < threshold) break;
    if (matched_truth.contains(pair.truth) || matched_predicted.contains(pair.predicted)) continue;
    matched_truth.insert(pair.truth);
    matched_predicted.insert(pair.predicted);
    sum += pair.iou;
  }
  const std::size_t matches = matched_truth.size();
  return {.true_positives = matches,
          .false_positives = overlaps.predicted_objects - matches,
          .false_negatives = overlaps.truth_objects - matches,
          .mean_matched_iou = sum / static_cast<double>(matches)};
}

/// The same straight from two label images; for several thresholds, overlap the objects once.
///
/// throws argument_error where the shapes differ or the threshold is out of range.
inline object_matching match_objects(view<const std::uint32_t> truth,
                                     view<const std::uint32_t> predicted, double threshold = 0.5) {
  return match_objects(overlap_objects(truth, predicted), threshold);
}

}  // namespace gpuimg::metrics

#include "gpuimg/core/pop_macros.def"
