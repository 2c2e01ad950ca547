// SPDX-License-Identifier: BSD-3-Clause
// Extrema, histograms, thresholds and overlaps of images that are seen tile by tile.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/algorithms/threshold_otsu.hpp"
#include "gpuimg/ops/measure/label_pairs.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/tiling/pass.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

using gpuimg::detail::reduction::extrema;

/// The least and the greatest pixel.
class extrema_pass final : public pass {
 public:
  extrema_pass(std::string name, std::size_t node, std::shared_ptr<extrema> result)
      : pass(std::move(name), {node}), result_(std::move(result)) {}
  void begin(const grid& tiles) override {
    pass::begin(tiles);
    *result_ = gpuimg::detail::reduction::no_extrema;
  }
  message run(const evaluator& evaluate, std::size_t tile) override {
    message said;
    std::visit(
        [&](const auto& image) {
          said.put(minimum_of_all_pixels(image));
          said.put(maximum_of_all_pixels(image));
        },
        evaluate(nodes()[0], tiles()[tile]));
    return said;
  }
  void merge(std::size_t, message said) override {
    const auto least = said.get<double>(), most = said.get<double>();
    if (std::isnan(least)) return;  // no pixel that counts
    auto& [all_least, all_most] = *result_;
    if (std::isnan(all_least) || least < all_least || (least == all_least && std::signbit(least)))
      all_least = least;
    if (std::isnan(all_most) || most > all_most || (most == all_most && !std::signbit(most)))
      all_most = most;
  }

 private:
  std::shared_ptr<extrema> result_;
};

/// How many pixels fall into each bin; `wanted` is asked when the pass begins, as its range may
/// come of one before. Without a histogram that is wanted it goes over no tile.
class histogram_pass final : public pass {
 public:
  using question = std::function<std::optional<ops::histogram>()>;

  histogram_pass(std::string name, std::size_t node, question wanted,
                 std::function<void(const pixel_histogram&)> done)
      : pass(std::move(name), {node}), ask_(std::move(wanted)), done_(std::move(done)) {}

  void begin(const grid& tiles) override {
    pass::begin(tiles);
    wanted_ = ask_();
    sum_ = {};
  }
  [[nodiscard]] bool wants(std::size_t) const override { return wanted_.has_value(); }
  message run(const evaluator& evaluate, std::size_t tile) override {
    message said;
    std::visit(
        [&](const auto& image) {
          const pixel_histogram counted = gpuimg::histogram(image, *wanted_);
          said.put(counted.edges);
          said.put(counted.counts);
        },
        evaluate(nodes()[0], tiles()[tile]));
    return said;
  }
  void merge(std::size_t, message said) override {
    sum_.edges = said.get_all<float>();
    const auto counts = said.get_all<std::uint64_t>();
    sum_.counts.resize(counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) sum_.counts[i] += counts[i];
  }
  bool finish() override {
    done_(sum_);
    return true;
  }

 private:
  question ask_;
  std::optional<ops::histogram> wanted_;
  pixel_histogram sum_;
  std::function<void(const pixel_histogram&)> done_;
};

/// A percentile of an image, or of its pixels where a second image is not 0; goes over the tiles
/// for each digit of the pixel's rank.
class percentile_pass final : public pass {
 public:
  using search = gpuimg::detail::reduction::percentile_search;

  percentile_pass(std::string name, std::vector<std::size_t> images, const search& wanted,
                  std::shared_ptr<double> result)
      : pass(std::move(name), std::move(images)),
        wanted_(wanted),
        search_(wanted),
        result_(std::move(result)) {}

  void begin(const grid& tiles) override {
    pass::begin(tiles);
    search_ = wanted_;
    counts_.assign(search_.bins(), 0);
  }
  message run(const evaluator& evaluate, std::size_t tile) override {
    const auto images = evaluate(nodes(), tiles()[tile]);
    using gpuimg::detail::reduction::count_ranks;
    const auto counts = std::visit(
        [&](const auto& src) {
          return images.size() == 1 ? count_ranks(search_, src)
                                    : count_ranks(search_, src, std::get<binary_image>(images[1]));
        },
        images[0]);
    message said;
    said.put(counts);
    return said;
  }
  void merge(std::size_t, message said) override {
    const auto counts = said.get_all<std::uint64_t>();
    for (std::size_t i = 0; i < counts.size(); ++i) counts_[i] += counts[i];
  }
  bool finish() override {
    search_.narrow(counts_);
    counts_.assign(search_.bins(), 0);
    *result_ = search_.found();
    return search_.is_done();
  }

 private:
  search wanted_, search_;
  std::vector<std::uint64_t> counts_;
  std::shared_ptr<double> result_;
};

/// How many pixels each pair of labels shares.
class overlaps_pass final : public pass {
 public:
  overlaps_pass(std::string name, std::size_t a, std::size_t b,
                std::shared_ptr<std::vector<label_overlap>> result)
      : pass(std::move(name), {a, b}), result_(std::move(result)) {}
  void begin(const grid& tiles) override {
    pass::begin(tiles);
    pixels_.clear();
    result_->clear();
  }
  message run(const evaluator& evaluate, std::size_t tile) override {
    const auto images = evaluate(nodes(), tiles()[tile]);
    message said;
    said.put(label_overlaps(std::get<label_image>(images[0]), std::get<label_image>(images[1])));
    return said;
  }
  void merge(std::size_t, message said) override {
    for (const auto& [a, b, pixels] : said.get_all<label_overlap>()) pixels_[{a, b}] += pixels;
  }
  bool finish() override {
    for (const auto& [pair, pixels] : pixels_)
      result_->push_back({pair.first, pair.second, pixels});
    return true;
  }

 private:
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> pixels_;
  std::shared_ptr<std::vector<label_overlap>> result_;
};

/// Which labels touch: each tile looks at the faces from its pixels to the next ones.
template <pixel T>
class contacts_pass final : public pass {
 public:
  contacts_pass(std::string name, std::size_t labels, std::size_t src,
                std::shared_ptr<std::vector<region_contact>> result)
      : pass(std::move(name), {labels, src}), result_(std::move(result)) {}

  [[nodiscard]] gpuimg::halo halo() const override { return {1, 1, 1}; }
  [[nodiscard]] double bytes_per_pixel() const override { return 4 + sizeof(T); }
  void begin(const grid& tiles) override {
    pass::begin(tiles);
    pairs_.clear();
  }
  message run(const evaluator& evaluate, std::size_t tile) override {
    const box part = tiles()[tile];
    box outer = part;  // and the next pixels
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (part.end(axis) < tiles().image().axes()[axis]) ++outer.size[axis];
    const auto images = evaluate(nodes(), outer);
    const auto labels = pull(std::get<label_image>(images[0]));
    const auto pixels = pull(std::get<image<T>>(images[1]));
    message said;
    said.put(gpuimg::detail::label_pairs::faces(
        view<const std::uint32_t>(labels.data(), outer.shape()),
        view<const T>(pixels.data(), outer.shape()), part.shape()));
    return said;
  }
  void merge(std::size_t, message said) override {
    const auto more = said.get_all<pair>();
    pairs_.insert(pairs_.end(), more.begin(), more.end());
  }
  bool finish() override {
    gpuimg::detail::label_pairs::combine(pairs_);
    *result_ = gpuimg::detail::label_pairs::contacts_of(pairs_, pixel_type_of<T>());
    return true;
  }

 private:
  using pair = gpuimg::detail::label_pairs::counted_pair;

  std::vector<pair> pairs_;
  std::shared_ptr<std::vector<region_contact>> result_;
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
