// SPDX-License-Identifier: BSD-3-Clause
// Sums and statistics of labels of an image that is seen row by row: their additions of floats have
// an order.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/ops/measure/labels_statistics.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
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
  gpuimg::detail::reduction::running_sum<T> sum_;
  std::shared_ptr<double> result_;
};

/// The statistics of labels.
template <pixel T>
class statistics_pass final : public pass {
 public:
  statistics_pass(std::string name, std::size_t labels, std::size_t intensity,
                  std::shared_ptr<std::vector<label_statistics>> result)
      : pass(std::move(name), {labels, intensity}, tile_order::rows), result_(std::move(result)) {}

  [[nodiscard]] bool is_resumable() const override { return false; }
  [[nodiscard]] double bytes_per_pixel() const override { return 3 * (4 + sizeof(T)); }
  void begin(const grid& tiles) override {
    pass::begin(tiles);
    all_ = {};
  }
  message run(const evaluator& evaluate, std::size_t tile) override {
    const auto images = evaluate(nodes(), tiles()[tile]);
    message said;
    said.put(pull(std::get<label_image>(images[0])));
    said.put(pull(std::get<image<T>>(images[1])));
    return said;
  }
  void merge(std::size_t tile, message said) override {
    const box part = tiles()[tile];
    const auto labels = said.get_all<std::uint32_t>();
    const auto pixels = said.get_all<T>();
    const std::size_t row = part.size[0];
    for (std::size_t i = 0; i < labels.size() / row; ++i)
      all_.add(std::span(labels).subspan(i * row, row), std::span(pixels).subspan(i * row, row),
               part.origin[1] + i % part.size[1], part.origin[2] + i / part.size[1]);
  }
  bool finish() override {
    *result_ = all_.rows();
    return true;
  }

 private:
  gpuimg::detail::labels_statistics::running_statistics<T> all_;
  std::shared_ptr<std::vector<label_statistics>> result_;
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
