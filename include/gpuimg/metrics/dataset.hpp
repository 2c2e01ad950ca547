// SPDX-License-Identifier: BSD-3-Clause
// Scores over a set of images: of all of them as if they were one image, and the mean of their own.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::metrics {

/// The mean of scores, and how many are in it: those that are numbers. NaN where none is.
struct mean_score {
  double value = std::numeric_limits<double>::quiet_NaN();
  std::size_t images = 0;
};
inline mean_score mean_of(const std::vector<double>& scores) {
  double sum = 0;
  std::size_t images = 0;
  for (const double score : scores) {
    if (std::isnan(score)) continue;
    sum += score;
    ++images;
  }
  if (images == 0) return {};
  return {sum / static_cast<double>(images), images};
}

struct dataset_score {
  double pooled = 0;  ///< of the counts of all images together: large images weigh more
  mean_score mean{};  ///< of the images' own scores: each weighs the same
};

/// A score of every image, such as &confusion::iou or &matching_counts::f1, in both ways.
/// counts:     one per image
/// of_nothing: the score of an image that has nothing to score, such as two empty masks: NaN leaves
///             it out of the mean, as nnU-Net does; 0 counts it as a failure, as stardist does; 1
///             as a success.
/// example: over_dataset(matchings, &matching_counts::f1, 0).mean.value
template <class Counts, class Base>
dataset_score over_dataset(const std::vector<Counts>& counts, double (Base::*score)(double) const,
                           double of_nothing = std::numeric_limits<double>::quiet_NaN()) {
  Base all;
  std::vector<double> scores;
  for (const Counts& image : counts) {
    all += image;
    scores.push_back((image.*score)(of_nothing));
  }
  return {(all.*score)(of_nothing), mean_of(scores)};
}

}  // namespace gpuimg::metrics

#include "gpuimg/core/pop_macros.def"
