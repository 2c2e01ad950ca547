// SPDX-License-Identifier: BSD-3-Clause
// Scores of 200 pairs of label images against what others say of them (tests/golden/make_scores.py
// makes the same images): empty ones, one object, touching, split, joined and shifted objects.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/agreement/compare_labels.hpp"
#include "gpuimg/metrics/confusion.hpp"
#include "gpuimg/metrics/segmentation.hpp"
#include "gpuimg/metrics/surface_distance.hpp"

namespace {

using ids = std::vector<std::uint32_t>;
constexpr std::size_t width = 23, height = 17;

class random_numbers {
 public:
  explicit random_numbers(std::uint32_t seed) : state_(seed * 7919 + 1) {}
  std::uint32_t operator()() { return (state_ = 1664525 * state_ + 1013904223) >> 16; }

 private:
  std::uint32_t state_;
};

ids label_image(random_numbers& next, std::uint32_t objects, int spread) {
  struct point {
    int x, y;
    std::uint32_t kind;
  };
  std::vector<point> points(objects);
  for (auto& p : points) {
    p.x = static_cast<int>(next() % width);
    p.y = static_cast<int>(next() % height);
    p.kind = next() % 3;
  }
  ids image(width * height);
  for (int y = 0; y < static_cast<int>(height); ++y)
    for (int x = 0; x < static_cast<int>(width); ++x) {
      int best = spread;
      for (std::uint32_t i = 0; i < objects; ++i) {
        const auto& p = points[i];
        const int d = (x - p.x) * (x - p.x) + (y - p.y) * (y - p.y);
        if (d >= best) continue;
        best = d;
        image[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)] =
            p.kind == 0 ? 0 : 3 * i + 1;
      }
    }
  return image;
}

ids shifted(random_numbers& next, const ids& image) {
  const std::size_t dx = next() % 3, dy = next() % 3;
  ids moved(image.size());
  for (std::size_t y = dy; y < height; ++y)
    for (std::size_t x = dx; x < width; ++x)
      moved[y * width + x] = image[(y - dy) * width + x - dx];
  const std::size_t cut = next() % width;
  const ids before = moved;
  for (std::uint32_t label = 1; label < 40; ++label) {
    if (std::find(before.begin(), before.end(), label) == before.end()) continue;
    const auto change = next() % 5;
    for (std::size_t i = 0; i < moved.size(); ++i) {
      if (moved[i] != label) continue;
      if (change == 0) moved[i] = 0;
      if (change == 1 && i % width < cut) ++moved[i];
      if (change == 2) moved[i] = 1;
    }
  }
  return moved;
}

std::pair<ids, ids> images(std::uint32_t number) {
  random_numbers next(number);
  const ids truth = label_image(next, number % 12, 20 + static_cast<int>(number) % 60);
  const ids nothing(truth.size());
  if (number % 10 == 0) return {truth, nothing};
  if (number % 10 == 1) return {nothing, truth};
  if (number % 10 == 2) return {truth, label_image(next, 1 + number % 12, 40)};
  return {truth, shifted(next, truth)};
}

bool is_near(double found, double expected) {
  if (std::isnan(expected)) return std::isnan(found);
  if (std::isinf(expected)) return found == expected;
  return std::abs(found - expected) <= 1e-12 * std::max(1.0, std::abs(expected));
}

}  // namespace

TEST_CASE("scores are those of stardist, scikit-learn, scikit-image and scipy", "[metrics]") {
  std::ifstream file(GPUIMG_TEST_SOURCE_DIR "/golden/scores.txt");
  REQUIRE(file);
  std::size_t cases = 0;
  for (std::string line; std::getline(file, line);) {
    if (line[0] == '#') continue;
    std::istringstream words(line);
    std::vector<double> expected;
    for (std::string word; words >> word;) expected.push_back(std::stod(word));
    REQUIRE(expected.size() == 29);
    auto next = expected.begin();
    const auto number = static_cast<std::uint32_t>(*next++);
    INFO("pair " << number);
    ++cases;

    const auto [truth, predicted] = images(number);
    std::uint32_t hash = 0;
    for (const auto* image : {&truth, &predicted})
      for (const auto id : *image) hash = hash * 31 + id;
    REQUIRE(hash == *next++);

    const gpuimg::view<const std::uint32_t> a(truth.data(), {width, height});
    const gpuimg::view<const std::uint32_t> b(predicted.data(), {width, height});
    const auto overlaps = gpuimg::metrics::overlap_objects(a, b);
    for (const double threshold : {0.1, 0.3, 0.5, 0.75, 0.9}) {
      INFO("at IoU " << threshold);
      const auto found = gpuimg::metrics::match_objects(overlaps, threshold);
      CHECK(static_cast<double>(found.true_positives) == *next++);
      CHECK(static_cast<double>(found.false_positives) == *next++);
      CHECK(static_cast<double>(found.false_negatives) == *next++);
      CHECK(is_near(found.iou_sum, *next++));
      // the identities between the columns of published tables
      const double f1 = found.f1();
      CHECK(is_near(found.accuracy(), f1 / (2 - f1)));
      CHECK(is_near(found.panoptic_quality(), f1 * found.mean_matched_score()));
    }
    const auto comparison = gpuimg::compare_labels(a, b);
    CHECK(is_near(comparison.adjusted_rand_index, *next++));
    CHECK(is_near(comparison.variation_merged, *next++));
    CHECK(is_near(comparison.variation_split, *next++));

    std::vector<float> scores;
    for (const auto id : predicted) scores.push_back(static_cast<float>(id % 7));
    const gpuimg::view<const float> s(scores.data(), {width, height});
    CHECK(is_near(gpuimg::metrics::precision_recall(a, s).average_precision, *next++));
    const auto distance = gpuimg::metrics::surface_distance_of(a, b, {0.5, 2, 1});
    CHECK(is_near(distance.hausdorff, *next++));
    CHECK(is_near(distance.hausdorff_95, *next++));
    CHECK(is_near(distance.average, *next++));
  }
  CHECK(cases == 200);
}
