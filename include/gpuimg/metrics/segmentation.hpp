// SPDX-License-Identifier: BSD-3-Clause
// Scores a segmentation object by object: which predicted objects match which true ones.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/view.hpp"
#include "gpuimg/image.hpp"
#include "gpuimg/metrics/assignment.hpp"
#include "gpuimg/metrics/confusion.hpp"
#include "gpuimg/ops/measure/label_pairs.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::metrics {

/// A true and a predicted object that share `intersection` > 0 pixels.
struct object_pair {
  std::uint32_t truth = 0, predicted = 0;  ///< ids, never 0
  std::uint64_t intersection = 0;          ///< pixels
  double iou = 0;                          ///< intersection over union, in (0, 1]
};

struct object_area {
  std::uint32_t id = 0;      ///< never 0
  std::uint64_t pixels = 0;  ///< > 0
};

/// All objects of two label images, and the pairs that overlap.
struct object_overlaps {
  std::vector<object_area> truth, predicted;  ///< by id
  std::vector<object_pair> pairs;  ///< best IoU first, then by truth id, then by predicted id
  std::uint64_t pixels = 0;        ///< of each image, background too
};

/// Where an object is among objects by id; one of them has this id.
inline std::size_t place_of(const std::vector<object_area>& objects, std::uint32_t id) {
  const auto at = std::lower_bound(objects.begin(), objects.end(), id,
                                   [](const object_area& o, std::uint32_t i) { return o.id < i; });
  return static_cast<std::size_t>(at - objects.begin());
}
inline std::uint64_t area_of(const std::vector<object_area>& objects, std::uint32_t id) {
  return objects[place_of(objects, id)].pixels;
}

/// How many objects a one-to-one matching found, and the scores that follow, named and defined as
/// by stardist.matching. A score of nothing (no objects to find, none found) is what the caller
/// says.
struct matching_counts {
  std::size_t true_positives = 0;   ///< matched pairs
  std::size_t false_positives = 0;  ///< predicted objects without a match
  std::size_t false_negatives = 0;  ///< true objects without a match
  double iou_sum = 0;               ///< of the matched pairs

  /// Both together, as if they were one image: for scores over a whole set of images.
  matching_counts& operator+=(const matching_counts& other) {
    true_positives += other.true_positives;
    false_positives += other.false_positives;
    false_negatives += other.false_negatives;
    iou_sum += other.iou_sum;
    return *this;
  }

  [[nodiscard]] double precision(double of_nothing = 0) const {
    return ratio(matched(), predicted(), of_nothing);
  }
  [[nodiscard]] double recall(double of_nothing = 0) const {
    return ratio(matched(), truth(), of_nothing);
  }
  /// TP / (TP + FP + FN), which others call average precision at one threshold.
  [[nodiscard]] double accuracy(double of_nothing = 0) const {
    return ratio(matched(), truth() + predicted() - matched(), of_nothing);
  }
  /// The harmonic mean of precision and recall.
  [[nodiscard]] double f1(double of_nothing = 0) const {
    return ratio(2 * matched(), truth() + predicted(), of_nothing);
  }
  /// The IoU of true objects, 0 for those without a match.
  [[nodiscard]] double mean_true_score(double of_nothing = 0) const {
    return ratio(iou_sum, truth(), of_nothing);
  }
  [[nodiscard]] double mean_matched_score(double of_nothing = 0) const {
    return ratio(iou_sum, matched(), of_nothing);
  }
  /// F1 times the mean score of matched pairs (Kirillov et al. 2019).
  [[nodiscard]] double panoptic_quality(double of_nothing = 0) const {
    return ratio(2 * iou_sum, truth() + predicted(), of_nothing);
  }

 private:
  [[nodiscard]] double matched() const { return static_cast<double>(true_positives); }
  [[nodiscard]] double truth() const { return matched() + static_cast<double>(false_negatives); }
  [[nodiscard]] double predicted() const {
    return matched() + static_cast<double>(false_positives);
  }
  static double ratio(double part, double whole, double of_nothing) {
    return whole == 0 ? of_nothing : part / whole;
  }
};

/// What a one-to-one matching found.
struct object_matching : matching_counts {
  std::vector<object_pair> pairs;  ///< the matched ones, in the order of object_overlaps
};

/// Objects and pairs of the rows of label_overlaps(truth, predicted): IoU = |A and B| / |A or B|.
inline object_overlaps overlap_objects(const std::vector<label_overlap>& rows) {
  object_overlaps result;
  const auto add = [](std::vector<object_area>& objects, std::uint32_t id, std::uint64_t pixels) {
    if (id == 0) return;
    if (objects.empty() || objects.back().id != id) objects.push_back({id, 0});
    objects.back().pixels += pixels;
  };
  for (const auto& [t, p, pixels] : rows) {  // in the order of true, then predicted ids
    result.pixels += pixels;
    add(result.truth, t, pixels);
    if (t != 0 && p != 0)
      result.pairs.push_back({.truth = t, .predicted = p, .intersection = pixels});
  }
  std::vector<label_overlap> by_predicted = rows;
  std::sort(by_predicted.begin(), by_predicted.end(),
            [](const label_overlap& a, const label_overlap& b) { return a.b < b.b; });
  for (const auto& [t, p, pixels] : by_predicted) add(result.predicted, p, pixels);

  for (object_pair& pair : result.pairs)
    pair.iou = static_cast<double>(pair.intersection) /
               static_cast<double>(area_of(result.truth, pair.truth) +
                                   area_of(result.predicted, pair.predicted) - pair.intersection);
  std::sort(result.pairs.begin(), result.pairs.end(),
            [](const object_pair& a, const object_pair& b) {
              return std::tie(b.iou, a.truth, a.predicted) < std::tie(a.iou, b.truth, b.predicted);
            });
  return result;
}

/// Counts the pixels that each pair of objects shares, where the images live.
///
/// truth, predicted: on one device, of equal shape; 0 is background, ids may be sparse and of any
///   size: time and memory follow the number of objects and pairs, not the largest id.
/// throws what label_overlaps throws.
inline object_overlaps overlap_objects(const label_image& truth, const label_image& predicted) {
  return overlap_objects(label_overlaps(truth, predicted));
}

/// The same of label images in host memory.
///
/// throws argument_error where the shapes differ.
inline object_overlaps overlap_objects(view<const std::uint32_t> truth,
                                       view<const std::uint32_t> predicted) {
  detail::check_same_shape("overlap_objects", truth, predicted);
  return overlap_objects(gpuimg::detail::label_pairs::overlaps(truth, predicted));
}

/// Foreground of both images, whatever its ids: as confusion_of of the images.
inline confusion foreground_of(const object_overlaps& overlaps) {
  const auto sum_of = [](const std::vector<object_area>& objects) {
    std::uint64_t pixels = 0;
    for (const object_area& object : objects) pixels += object.pixels;
    return pixels;
  };
  confusion all;
  for (const object_pair& pair : overlaps.pairs) all.true_positives += pair.intersection;
  all.false_positives = sum_of(overlaps.predicted) - all.true_positives;
  all.false_negatives = sum_of(overlaps.truth) - all.true_positives;
  all.true_negatives =
      overlaps.pixels - all.true_positives - all.false_positives - all.false_negatives;
  return all;
}

/// Matches objects one to one; a pair may match where its IoU >= threshold.
///
/// As many pairs as can be, and of the matchings with as many the one whose objects overlap best,
/// as stardist.matching: the assignment that maximises the sum of [IoU >= threshold] + IoU / (2 n)
/// over its pairs, n objects being in the image that has fewer.
/// threshold: in [0, 1]; with 0 any shared pixel will do.
/// throws argument_error where the threshold is out of range.
inline object_matching match_objects(const object_overlaps& overlaps, double threshold = 0.5) {
  if (!(threshold >= 0 && threshold <= 1))
    throw argument_error("match_objects: threshold must be in [0, 1], got " +
                         std::to_string(threshold));
  object_matching result;
  const auto match = [&result](const object_pair& pair) {
    ++result.true_positives;
    result.iou_sum += pair.iou;
    result.pairs.push_back(pair);
  };
  if (threshold > 0.5) {  // then no object has two candidates
    for (const object_pair& pair : overlaps.pairs)
      if (pair.iou >= threshold) match(pair);
  } else {
    const auto n = static_cast<double>(std::min(overlaps.truth.size(), overlaps.predicted.size()));
    std::vector<detail::edge> edges;
    for (const object_pair& pair : overlaps.pairs)
      edges.push_back({place_of(overlaps.truth, pair.truth),
                       place_of(overlaps.predicted, pair.predicted),
                       (pair.iou >= threshold ? 1 : 0) + pair.iou / (2 * n)});
    const auto partners =
        detail::heaviest_assignment(overlaps.truth.size(), overlaps.predicted.size(), edges);
    for (std::size_t i = 0; i < edges.size(); ++i)
      if (partners[edges[i].left] == edges[i].right && overlaps.pairs[i].iou >= threshold)
        match(overlaps.pairs[i]);
  }
  result.false_positives = overlaps.predicted.size() - result.true_positives;
  result.false_negatives = overlaps.truth.size() - result.true_positives;
  return result;
}

/// The same straight from two label images; for several thresholds, overlap the objects once.
///
/// throws what overlap_objects throws, and argument_error where the threshold is out of range.
inline object_matching match_objects(const label_image& truth, const label_image& predicted,
                                     double threshold = 0.5) {
  return match_objects(overlap_objects(truth, predicted), threshold);
}
inline object_matching match_objects(view<const std::uint32_t> truth,
                                     view<const std::uint32_t> predicted, double threshold = 0.5) {
  return match_objects(overlap_objects(truth, predicted), threshold);
}

/// The mean accuracy over the thresholds 0.5, 0.55 ... 0.95, as of the Data Science Bowl 2018.
inline double average_precision(const object_overlaps& overlaps) {
  double sum = 0;
  for (int percent = 50; percent <= 95; percent += 5)
    sum += match_objects(overlaps, percent / 100.0).accuracy();
  return sum / 10;
}

}  // namespace gpuimg::metrics

#include "gpuimg/core/pop_macros.def"
