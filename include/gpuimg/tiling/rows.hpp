// SPDX-License-Identifier: BSD-3-Clause
// Sums of an image that is seen row by row, as additions of floats have an order, and what is
// measured label by label.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/ops/measure/label_percentiles.hpp"
#include "gpuimg/ops/measure/labels_statistics.hpp"
#include "gpuimg/ops/measure/sum.hpp"
#include "gpuimg/tiling/pass.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

/// The sum of all pixels.
template <pixel T>
class sum_pass final : public pass {
 public:
  sum_pass(std::string name, std::size_t node, std::shared_ptr<double> result)
      : pass(std::move(name), {node}, tile_order::rows), result_(std::move(result)) {}

  [[nodiscard]] bool is_resumable() const override { return false; }
  [[nodiscard]] double bytes_per_pixel() const override { return 3 * sizeof(T); }
  void begin(const grid& tiles) override {
    pass::begin(tiles);
    sum_ = {};
  }
  message run(const evaluator& evaluate, std::size_t tile) override {
    message said;
    said.put(pull(std::get<image<T>>(evaluate(nodes()[0], tiles()[tile]))));
    return said;
  }
  void merge(std::size_t, message said) override { sum_.add(said.get_all<T>()); }
  bool finish() override {
    *result_ = sum_.total();
    return true;
  }

 private:
  gpuimg::detail::sums::running_sum<T> sum_;
  std::shared_ptr<double> result_;
};

/// A row for each label, from what `Running` makes of whole rows of both images. Where that takes
/// much memory for each label, a first going over the tiles finds where each label ends: after that
/// tile only its row is kept.
template <class Running>
class label_rows_pass final : public pass {
 public:
  using T = typename Running::value_type;
  using rows = std::vector<typename Running::row_type>;

  label_rows_pass(std::string name, std::size_t labels, std::size_t src, Running nothing,
                  std::shared_ptr<rows> result)
      : pass(std::move(name), {labels, src}, tile_order::rows),
        nothing_(std::move(nothing)),
        result_(std::move(result)) {}

  [[nodiscard]] bool is_resumable() const override { return false; }
  [[nodiscard]] double bytes_per_pixel() const override { return 3 * (4 + sizeof(T)); }
  void begin(const grid& tiles) override {
    pass::begin(tiles);
    running_ = nothing_;
    rows_.clear();
    last_tile_.clear();
    ending_.assign(tiles.size(), {});
    is_measuring_ = !Running::is_large || tiles.size() == 1;
  }
  message run(const evaluator& evaluate, std::size_t tile) override {
    message said;
    if (!is_measuring_) {
      const auto labels = pull(std::get<label_image>(evaluate(nodes()[0], tiles()[tile])));
      said.put(different(labels));
      return said;
    }
    const auto images = evaluate(nodes(), tiles()[tile]);
    said.put(pull(std::get<label_image>(images[0])));
    said.put(pull(std::get<image<T>>(images[1])));
    return said;
  }
  void merge(std::size_t tile, message said) override {
    if (!is_measuring_) {
      for (const std::uint32_t label : said.get_all<std::uint32_t>()) last_tile_[label] = tile;
      return;
    }
    const box part = tiles()[tile];
    const auto labels = said.get_all<std::uint32_t>();
    const auto pixels = said.get_all<T>();
    const std::size_t row = part.size[0];
    for (std::size_t i = 0; i < labels.size() / row; ++i)
      running_.add(std::span(labels).subspan(i * row, row), std::span(pixels).subspan(i * row, row),
                   part.origin[1] + i % part.size[1], part.origin[2] + i / part.size[1]);
    for (const std::uint32_t label : ending_[tile]) rows_.push_back(running_.take(label));
  }
  bool finish() override {
    if (!is_measuring_) {
      for (const auto& [label, tile] : last_tile_) ending_[tile].push_back(label);
      last_tile_.clear();
      is_measuring_ = true;
      return false;
    }
    const auto others = running_.rows();
    rows_.insert(rows_.end(), others.begin(), others.end());
    std::ranges::sort(rows_, {}, &Running::row_type::label);
    *result_ = std::move(rows_);
    return true;
  }

 private:
  /// The labels of some pixels, once each.
  static std::vector<std::uint32_t> different(const std::vector<std::uint32_t>& pixels) {
    std::vector<std::uint32_t> all;
    for (std::size_t i = 0; i < pixels.size(); ++i)
      if (pixels[i] != 0 && (i == 0 || pixels[i] != pixels[i - 1])) all.push_back(pixels[i]);
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  Running nothing_, running_ = nothing_;
  rows rows_;
  bool is_measuring_ = false;
  std::map<std::uint32_t, std::size_t> last_tile_;
  std::vector<std::vector<std::uint32_t>> ending_;  // by tile
  std::shared_ptr<rows> result_;
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
