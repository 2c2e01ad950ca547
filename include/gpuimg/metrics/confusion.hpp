// SPDX-License-Identifier: BSD-3-Clause
// Scores a mask or a probability image pixel by pixel.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/view.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::metrics {

/// Pixels by what they are and what they were predicted to be, and the scores that follow. A score
/// of nothing (two empty masks have no IoU) is what the caller says: NaN, which a mean over images
/// leaves out, or 0 or 1, as other programs have it.
struct confusion {
  std::uint64_t true_positives = 0, false_positives = 0, false_negatives = 0, true_negatives = 0;

  /// Both together, as if they were one image: for scores over a whole set of images.
  confusion& operator+=(const confusion& other) {
    true_positives += other.true_positives;
    false_positives += other.false_positives;
    false_negatives += other.false_negatives;
    true_negatives += other.true_negatives;
    return *this;
  }
  bool operator==(const confusion&) const = default;

  static constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
  /// Intersection over union, the Jaccard index.
  [[nodiscard]] double iou(double of_nothing = undefined) const {
    return ratio(true_positives, false_positives + false_negatives, of_nothing);
  }
  /// Twice the intersection over the sum of both areas; F1 of the pixels.
  [[nodiscard]] double dice(double of_nothing = undefined) const {
    return ratio(2 * true_positives, false_positives + false_negatives, of_nothing);
  }
  [[nodiscard]] double precision(double of_nothing = undefined) const {
    return ratio(true_positives, false_positives, of_nothing);
  }
  /// The true positive rate, sensitivity.
  [[nodiscard]] double recall(double of_nothing = undefined) const {
    return ratio(true_positives, false_negatives, of_nothing);
  }
  /// The true negative rate.
  [[nodiscard]] double specificity(double of_nothing = undefined) const {
    return ratio(true_negatives, false_positives, of_nothing);
  }
  [[nodiscard]] double accuracy(double of_nothing = undefined) const {
    return ratio(true_positives + true_negatives, false_positives + false_negatives, of_nothing);
  }

 private:
  static double ratio(std::uint64_t right, std::uint64_t wrong, double of_nothing) {
    if (right + wrong == 0) return of_nothing;
    return static_cast<double>(right) / static_cast<double>(right + wrong);
  }
};

namespace detail {

template <class A, class B>
void check_same_shape(const char* function, view<A> a, view<B> b) {
  if (a.shape() != b.shape())
    throw argument_error(std::string(function) +
                         ": truth and predicted must have the same shape, got " +
                         to_string(a.shape()) + " and " + to_string(b.shape()));
}

}  // namespace detail

/// Compares a mask or probabilities with the truth.
///
/// truth:     foreground where it is not 0
/// predicted: foreground where it is greater than `threshold`: 0 for masks and labels, 0.5 for
///            probabilities. NaN is background.
/// throws argument_error where the shapes differ.
template <class T, class P>
confusion confusion_of(view<T> truth, view<P> predicted, double threshold = 0) {
  detail::check_same_shape("confusion_of", truth, predicted);
  std::uint64_t counts[2][2] = {};
  for (std::size_t i = 0; i < truth.size(); ++i)
    ++counts[truth[i] != T{}][static_cast<double>(predicted[i]) > threshold];
  return {counts[1][1], counts[0][1], counts[1][0], counts[0][0]};
}

/// What precision and recall every threshold gives.
struct precision_recall_curve {
  /// Of the pixels whose score is at least thresholds[i]: ascending thresholds, descending recall.
  std::vector<double> precision, recall, thresholds;
  /// The area under it in steps: sum of (recall - next recall) * precision, as scikit-learn's
  /// average_precision_score. NaN where nothing is true.
  double average_precision = 0;
};

/// truth:     true where it is not 0
/// predicted: scores, such as probabilities; the greater the likelier true
/// throws argument_error where the shapes differ or a score is NaN.
/// cost: sorts the pixels.
template <class T, class P>
precision_recall_curve precision_recall(view<T> truth, view<P> predicted) {
  detail::check_same_shape("precision_recall", truth, predicted);
  std::vector<std::size_t> order(truth.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (const std::size_t i : order)
    if (predicted[i] != predicted[i]) throw argument_error("precision_recall: a score is NaN");
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return predicted[a] > predicted[b]; });
  std::size_t positives = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) positives += truth[i] != T{} ? 1 : 0;

  precision_recall_curve curve;
  if (positives == 0) curve.average_precision = confusion::undefined;
  double last_recall = 0;
  for (std::size_t begin = 0, found = 0; begin < order.size();) {
    std::size_t end = begin;  // of the pixels with the same score
    for (; end < order.size() && predicted[order[end]] == predicted[order[begin]]; ++end)
      found += truth[order[end]] != T{} ? 1 : 0;
    curve.thresholds.push_back(static_cast<double>(predicted[order[begin]]));
    curve.precision.push_back(static_cast<double>(found) / static_cast<double>(end));
    curve.recall.push_back(static_cast<double>(found) / static_cast<double>(positives));
    curve.average_precision += (curve.recall.back() - last_recall) * curve.precision.back();
    last_recall = curve.recall.back();
    begin = end;
  }
  for (auto* column : {&curve.precision, &curve.recall, &curve.thresholds})
    std::reverse(column->begin(), column->end());
  return curve;
}

}  // namespace gpuimg::metrics

#include "gpuimg/core/pop_macros.def"
