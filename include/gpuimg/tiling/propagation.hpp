// SPDX-License-Identifier: BSD-3-Clause
// Labels that grow into a mask, in an image that is seen tile by tile.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/ops/label/propagate_labels.hpp"
#include "gpuimg/tiling/pass.hpp"
#include "gpuimg/tiling/store.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

namespace detail {

/// An image whose tiles are written anew in rounds: each is read as it was written last, before the
/// round that is under way.
class image_of_rounds final : public source {
 public:
  image_of_rounds(scratch& space, const grid& tiles)
      : space_(&space),
        tiles_(tiles),
        description_(describe(tiles.image(), pixel_type::u32)),
        round_of_(tiles.size()) {
    begin_round();
  }
  [[nodiscard]] const host_image& description() const override { return description_; }
  [[nodiscard]] shape chunk() const override { return tiles_.tile(); }
  [[nodiscard]] host_image read(const box& part) override {
    host_image all = zeros(part.shape(), pixel_type::u32);
    tiles_.for_each_in(part, [&](std::size_t tile) {
      const box shared = intersection(part, tiles_[tile]);
      copy_pixels(rounds_[round_of_[tile]]->read(shared), {}, all, from(shared, part), shared.size);
    });
    return all;
  }
  void write(std::size_t tile, const host_image& pixels) {
    rounds_.back()->write(tiles_[tile], pixels);
  }
  void begin_round() { rounds_.push_back(space_->make(description_, tiles_)); }
  /// The tile is read as it was written in this round, once another one begins.
  void commit(std::size_t tile) { round_of_[tile] = rounds_.size() - 1; }

 private:
  scratch* space_;
  grid tiles_;
  host_image description_;
  std::vector<std::shared_ptr<store>> rounds_;
  std::vector<std::size_t> round_of_;  // by tile
};

}  // namespace detail

/// Grows labels as propagate_labels does, in rounds: a tile takes so many steps with as many pixels
/// around it, which is all that can have a say in them. It has another turn as long as some of its
/// pixels have no label, and it, or a tile around it, changes.
class propagation_pass final : public pass {
 public:
  static constexpr std::size_t steps = 16;  // per round

  /// `result` is set when the pass begins and holds the labels when it ends.
  propagation_pass(std::string name, std::size_t labels, std::size_t mask, const shape& image,
                   scratch& space, std::shared_ptr<source>* result)
      : pass(std::move(name), {labels, mask}), image_(image), space_(&space), result_(result) {}

  [[nodiscard]] gpuimg::halo halo() const override {
    return {steps, steps, image_.is_3d() ? steps : 0};
  }

  [[nodiscard]] double bytes_per_pixel() const override { return 20; }

  void begin(const grid& tiles) override {
    pass::begin(tiles);
    grown_ = std::make_shared<detail::image_of_rounds>(*space_, tiles);
    *result_ = grown_;
    wants_.assign(tiles.size(), 1);
    changed_.assign(tiles.size(), 0);
    open_.assign(tiles.size(), 0);
    is_first_ = true;
  }
  [[nodiscard]] bool wants(std::size_t tile) const override { return wants_[tile] != 0; }

  /// Says whether the tile changed, and whether pixels of the mask still have no label.
  message run(const evaluator& evaluate, std::size_t tile) override {
    const box part = tiles()[tile];
    const box outer = detail::grow(part, halo(), tiles().image());
    const auto core_of = [&](const auto& image) {
      return pull(crop(image, detail::within(part, outer), part.shape()));
    };
    const any_image given =
        is_first_
            ? evaluate(nodes()[0], outer)
            : any_image(push<std::uint32_t>(evaluate.device(), evaluate.read(*grown_, outer)));
    const any_image inside = evaluate(nodes()[1], outer);
    const auto& labels = std::get<label_image>(given);
    const auto& mask = std::get<binary_image>(inside);
    const auto after = core_of(grow(labels, mask));
    const bool is_changed = is_first_ || after != core_of(labels);
    if (is_changed) grown_->write(tile, {.size = part.shape(), .pixels = after});
    const auto core_mask = core_of(mask);
    bool is_open = false;
    for (std::size_t i = 0; i < after.size(); ++i) is_open |= core_mask[i] != 0 && after[i] == 0;
    message said;
    said.put<char>(is_changed ? 1 : 0);
    said.put<char>(is_open ? 1 : 0);
    return said;
  }
  void merge(std::size_t tile, message said) override {
    changed_[tile] = said.get<char>();
    open_[tile] = said.get<char>();
  }

  bool finish() override {
    is_first_ = false;
    std::ranges::fill(wants_, 0);
    for (std::size_t tile = 0; tile < changed_.size(); ++tile)
      if (changed_[tile] != 0) {
        changed_[tile] = 0;
        grown_->commit(tile);
        tiles().for_each_in(detail::grow(tiles()[tile], halo(), tiles().image()),
                            [&](std::size_t near) { wants_[near] = open_[near]; });
      }
    const bool is_done = std::ranges::count(wants_, 1) == 0;
    if (!is_done) grown_->begin_round();
    return is_done;
  }

 private:
  static label_image grow(const label_image& labels, const binary_image& mask) {
    label_image grown(labels.device(), labels.shape());
    gpuimg::detail::on_backend(gpuimg::detail::label_growth{steps}, labels, mask)(grown);
    return grown;
  }

  shape image_;
  bool is_first_ = true;
  scratch* space_;
  std::shared_ptr<source>* result_;
  std::shared_ptr<detail::image_of_rounds> grown_;
  std::vector<char> wants_, changed_, open_;  // by tile
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
