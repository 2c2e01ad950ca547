// SPDX-License-Identifier: BSD-3-Clause
// Whether two label images show the same objects, whatever their numbers.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gpuimg/image.hpp"
#include "gpuimg/metrics/segmentation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// What differs between label images a and b.
struct label_comparison {
  std::size_t objects_a = 0, objects_b = 0;
  bool same_objects = false;            ///< every object of one is exactly an object of the other
  bool same_labels = false;             ///< and has the same number
  std::vector<std::uint32_t> split{};   ///< ids of a: most pixels of several objects of b lie there
  std::vector<std::uint32_t> merged{};  ///< ids of b: most pixels of several objects of a lie there
  std::vector<std::uint32_t> missing{};  ///< ids of a that overlap no object of b
  std::vector<std::uint32_t> added{};    ///< ids of b that overlap no object of a
  /// Of all pixels, background being one class: 1 for the same objects, 0 for chance (Hubert &
  /// Arabie 1985), as scikit-learn's adjusted_rand_score.
  double adjusted_rand_index = 1;
  /// Entropies in bits, of all pixels (Meila 2007), 0 for the same objects: of a's objects where
  /// b's are known, which grows as b joins them, and of b's where a's are known, as b splits them.
  double variation_merged = 0, variation_split = 0;
};

/// Compares label images whose objects have been overlapped, a for the truth, b for what was
/// predicted. Time and memory follow the objects and pairs.
inline label_comparison compare_labels(const metrics::object_overlaps& overlaps) {
  label_comparison result;
  result.objects_a = overlaps.truth.size();
  result.objects_b = overlaps.predicted.size();

  struct part {
    std::uint64_t pixels = 0, background = 0;  // in the other image
    std::size_t partners = 0, mostly_here = 0;
  };
  const auto parts_of = [](const std::vector<metrics::object_area>& objects) {
    std::vector<part> parts;
    for (const auto& object : objects) parts.push_back({object.pixels, object.pixels});
    return parts;
  };
  auto in_a = parts_of(overlaps.truth), in_b = parts_of(overlaps.predicted);

  // Sums over the classes of a, of b, and of both, background too.
  const auto n = static_cast<double>(overlaps.pixels);
  double pairs_a = 0, pairs_b = 0, pairs_both = 0, entropy_a = 0, entropy_b = 0, entropy_both = 0;
  const auto add = [n](std::uint64_t pixels, double& pairs, double& entropy) {
    const auto count = static_cast<double>(pixels);
    pairs += count * (count - 1) / 2;
    if (pixels > 0) entropy -= count / n * std::log2(count / n);
  };
  std::uint64_t background_a = overlaps.pixels, background_b = overlaps.pixels;
  std::uint64_t background_both = overlaps.pixels;
  result.same_objects =
      result.objects_a == result.objects_b && overlaps.pairs.size() == result.objects_a;
  result.same_labels = true;
  for (const auto& pair : overlaps.pairs) {
    part& of_a = in_a[place_of(overlaps.truth, pair.truth)];
    part& of_b = in_b[place_of(overlaps.predicted, pair.predicted)];
    of_a.background -= pair.intersection;
    of_b.background -= pair.intersection;
    ++of_a.partners;
    ++of_b.partners;
    of_a.mostly_here += 2 * pair.intersection > of_b.pixels ? 1 : 0;
    of_b.mostly_here += 2 * pair.intersection > of_a.pixels ? 1 : 0;
    background_both -= pair.intersection;
    add(pair.intersection, pairs_both, entropy_both);
    result.same_objects = result.same_objects && pair.iou == 1;
    result.same_labels = result.same_labels && pair.truth == pair.predicted;
  }
  result.same_labels = result.same_labels && result.same_objects;
  for (std::size_t i = 0; i < in_a.size(); ++i) {
    const part& p = in_a[i];
    if (p.partners == 0) result.missing.push_back(overlaps.truth[i].id);
    if (p.mostly_here > 1) result.split.push_back(overlaps.truth[i].id);
    add(p.pixels, pairs_a, entropy_a);
    add(p.background, pairs_both, entropy_both);
    background_a -= p.pixels;
    background_both -= p.background;
  }
  for (std::size_t i = 0; i < in_b.size(); ++i) {
    const part& p = in_b[i];
    if (p.partners == 0) result.added.push_back(overlaps.predicted[i].id);
    if (p.mostly_here > 1) result.merged.push_back(overlaps.predicted[i].id);
    add(p.pixels, pairs_b, entropy_b);
    add(p.background, pairs_both, entropy_both);
    background_b -= p.pixels;
    background_both -= p.background;
  }
  add(background_a, pairs_a, entropy_a);
  add(background_b, pairs_b, entropy_b);
  add(background_both, pairs_both, entropy_both);
  if (result.same_objects) return result;  // no rounding there

  const double by_chance = n > 1 ? pairs_a * pairs_b / (n * (n - 1) / 2) : 0;
  const double greatest = (pairs_a + pairs_b) / 2;
  if (greatest != by_chance)
    result.adjusted_rand_index = (pairs_both - by_chance) / (greatest - by_chance);
  result.variation_merged = std::max(entropy_both - entropy_b, 0.0);  // but for rounding
  result.variation_split = std::max(entropy_both - entropy_a, 0.0);
  return result;
}
/// Compares two label images of one shape, where a lives; b is copied there if it lives elsewhere.
/// throws   what label_overlaps throws
inline label_comparison compare_labels(const label_image& a, const label_image& b) {
  return compare_labels(b.device() == a.device()
                            ? metrics::overlap_objects(a, b)
                            : metrics::overlap_objects(a, copy_to(b, a.device())));
}
/// The same in host memory.
/// throws   argument_error where the shapes differ
inline label_comparison compare_labels(view<const std::uint32_t> a, view<const std::uint32_t> b) {
  return compare_labels(metrics::overlap_objects(a, b));
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
