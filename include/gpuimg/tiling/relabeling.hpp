// SPDX-License-Identifier: BSD-3-Clause
// Labels removed or numbered anew in an image that is seen tile by tile.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/ops/label/labeling.hpp"
#include "gpuimg/tiling/pass.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

/// What becomes of labels; those that it does not know become 0.
class renumbering {
 public:
  void set(std::uint32_t label, std::uint32_t number) { numbers_.emplace(label, number); }

  label_image operator()(const label_image& labels) const {
    auto pixels = pull(labels);
    std::uint32_t label = 0, number = 0;  // of the pixel before
    for (std::uint32_t& pixel : pixels) {
      if (pixel != label) {
        const auto found = numbers_.find(pixel);
        label = pixel, number = found == numbers_.end() ? 0 : found->second;
      }
      pixel = number;
    }
    return push(labels.device(), pixels, labels.shape());
  }

 private:
  std::unordered_map<std::uint32_t, std::uint32_t> numbers_;
};

/// Finds which labels stay, and their numbers: 1 to n in the order of their values.
class relabeling_pass final : public pass {
 public:
  relabeling_pass(std::string name, std::size_t node, gpuimg::detail::labeling::removal what_goes,
                  std::shared_ptr<renumbering> result)
      : pass(std::move(name), {node}), what_goes_(what_goes), result_(std::move(result)) {}

  [[nodiscard]] double bytes_per_pixel() const override { return 4; }
  void begin(const grid& tiles) override {
    pass::begin(tiles);
    sizes_.clear();
  }
  message run(const evaluator& evaluate, std::size_t tile) override {
    const box part = tiles()[tile];
    const any_image image = evaluate(nodes()[0], part);
    const auto pixels = pull(std::get<label_image>(image));
    const view<const std::uint32_t> labels(pixels.data(), part.shape());
    message said;
    put_sizes(said, pixels);
    for (std::size_t axis = 0; axis < 3; ++axis)
      for (const bool is_high : {false, true}) {
        const bool is_edge =
            is_high ? part.end(axis) == tiles().image().axes()[axis] : part.origin[axis] == 0;
        put_sizes(said, what_goes_.on_faces[axis] && is_edge
                            ? detail::face_of(labels, axis, is_high)
                            : std::vector<std::uint32_t>{});
      }
    return said;
  }
  void merge(std::size_t, message said) override {
    for (const auto& [label, pixels] : said.get_all<label_size>()) sizes_[label].pixels += pixels;
    for (int face = 0; face < 6; ++face)
      for (const label_size& each : said.get_all<label_size>()) sizes_[each.label].goes = true;
  }
  bool finish() override {
    std::uint32_t count = 0;
    for (const auto& [label, size] : sizes_)
      if (label > 0 && !size.goes && size.pixels >= what_goes_.minimum_size)
        result_->set(label, ++count);
    sizes_ = {};
    return true;
  }

 private:
  struct label_size {
    std::uint32_t label;
    std::uint64_t pixels;
  };
  struct whole_size {
    std::uint64_t pixels = 0;
    bool goes = false;
  };

  static void put_sizes(message& to, const std::vector<std::uint32_t>& labels) {
    std::unordered_map<std::uint32_t, std::uint64_t> sizes;
    for (std::size_t i = 0, next; i < labels.size(); i = next) {
      for (next = i + 1; next < labels.size() && labels[next] == labels[i];) ++next;
      sizes[labels[i]] += next - i;
    }
    std::vector<label_size> all;
    for (const auto& [label, pixels] : sizes) all.push_back({label, pixels});
    to.put(all);
  }

  gpuimg::detail::labeling::removal what_goes_;
  std::map<std::uint32_t, whole_size> sizes_;
  std::shared_ptr<renumbering> result_;
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
