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

/// An image of tiles of which there are two versions: what is read, and what is being written.
class two_versions final : public source {
 public:
  two_versions(scratch& space, const grid& tiles)
      : tiles_(tiles),
        stores_{space.make(describe(tiles.image(), pixel_type::u32), tiles.tile()),
                space.make(describe(tiles.image(), pixel_type::u32), tiles.tile())},
        current_(tiles.size()),
        is_written_(tiles.size()) {}

  [[nodiscard]] const host_image& description() const override { return stores_[0]->description(); }
  [[nodiscard]] shape chunk() const override { return tiles_.tile(); }
  [[nodiscard]] host_image read(const box& part) override {
    host_image all = zeros(part.shape(), pixel_type::u32);
    tiles_.for_each_in(part, [&](std::size_t tile) {
      const box shared = intersection(part, tiles_[tile]);
      const position at = within(shared, part);
      copy_pixels(stores_[current_[tile]]->read(shared), {}, all, {at.x, at.y, at.z}, shared.size);
    });
    return all;
  }
  void write(std::size_t tile, const host_image& pixels) {
    stores_[1 - current_[tile]]->write(tiles_[tile], pixels);
    is_written_[tile] = 1;
  }
  /// What was written is read from here on. Gives the tiles that it was.
  std::vector<char> commit() {
    for (std::size_t tile = 0; tile < current_.size(); ++tile)
      if (is_written_[tile] != 0) current_[tile] ^= 1;
    return std::exchange(is_written_, std::vector<char>(current_.size()));
  }

 private:
  grid tiles_;
  std::array<std::shared_ptr<store>, 2> stores_;
  std::vector<char> current_, is_written_;  // by tile
};

}  // namespace detail

/// Grows labels as propagate_labels does, in rounds: a tile takes so many steps with as many pixels
/// around it, which is all that can have a say in them. It has another turn as long as it, or a
/// tile around it, changes.
class propagation_pass final : public pass {
 public:
  static constexpr std::size_t steps = 16;  // per round

  /// `result` is set when the pass begins and holds the labels when it ends.
  propagation_pass(std::string name, std::size_t labels, std::size_t mask, bool is_3d,
                   scratch& space, std::shared_ptr<source>* result)
      : pass(std::move(name), {labels, mask}), is_3d_(is_3d), space_(&space), result_(result) {}

  [[nodiscard]] gpuimg::halo halo() const override { return {steps, steps, is_3d_ ? steps : 0}; }

  void begin(const grid& tiles) override {
    pass::begin(tiles);
    grown_ = std::make_shared<detail::two_versions>(*space_, tiles);
    *result_ = grown_;
    wants_.assign(tiles.size(), 1);
    is_first_ = true;
  }
  [[nodiscard]] bool wants(std::size_t tile) const override { return wants_[tile] != 0; }

  message run(const evaluator& evaluate, std::size_t tile) override {
    const box part = tiles()[tile];
    const box outer = detail::grow(part, halo(), tiles().image());
    const auto grow = [&](const label_image& labels, const binary_image& mask) {
      label_image grown(labels.device(), labels.shape());
      gpuimg::detail::on_backend(gpuimg::detail::label_growth{steps}, labels, mask)(grown);
      return grown;
    };
    const auto core_of = [&](const label_image& image) {
      return pull(crop(image, detail::within(part, outer), part.shape()), host_image{});
    };
    message said;
    if (is_first_) {
      const auto images = evaluate(nodes(), outer);
      grown_->write(
          tile, core_of(grow(std::get<label_image>(images[0]), std::get<binary_image>(images[1]))));
      return said;
    }
    const any_image mask = evaluate(nodes()[1], outer);
    const auto labels = push<std::uint32_t>(evaluate.device(), evaluate.read(*grown_, outer));
    const host_image before = core_of(labels);
    const host_image after = core_of(grow(labels, std::get<binary_image>(mask)));
    if (after.pixels != before.pixels) grown_->write(tile, after);
    return said;
  }
  void merge(std::size_t, message) override {}

  bool finish() override {
    const std::vector<char> changed = grown_->commit();
    is_first_ = false;
    std::ranges::fill(wants_, 0);
    bool is_done = true;
    for (std::size_t tile = 0; tile < changed.size(); ++tile)
      if (changed[tile] != 0) {
        is_done = false;
        tiles().for_each_in(detail::grow(tiles()[tile], halo(), tiles().image()),
                            [&](std::size_t near) { wants_[near] = 1; });
      }
    return is_done;
  }

 private:
  bool is_3d_, is_first_ = true;
  scratch* space_;
  std::shared_ptr<source>* result_;
  std::shared_ptr<detail::two_versions> grown_;
  std::vector<char> wants_;
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
