// SPDX-License-Identifier: BSD-3-Clause
// What a pipeline is made into before it runs in tiles: images that can be had box by box.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/any_image.hpp"
#include "gpuimg/operation.hpp"
#include "gpuimg/tiling/box.hpp"
#include "gpuimg/tiling/stage.hpp"
#include "gpuimg/tiling/storage.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

/// An image of which any box can be had: read from a source, or computed on a device from boxes of
/// other images.
struct node {
  std::string name{};
  shape size{};
  pixel_type type = pixel_type::f32;

  bool is_stored = false;            ///< whether it is read; else it is computed
  std::shared_ptr<source> stored{};  ///< where it is read; null before the pass that makes it

  std::vector<std::size_t> inputs{};  ///< nodes before this one
  /// Gives the pixels of a box from those of its inputs in the same box; or, where there is a
  /// `source_box`, in that one.
  std::function<any_image(std::vector<any_image>, const box&)> compute{};
  gpuimg::halo halo{};  ///< how far beyond a pixel the inputs have a say
  std::function<box(const box&)> source_box{};
  std::shared_ptr<const tiling::stage> stage{};  ///< what computes it, where that says its memory

  /// Whether its box is had on its own, whatever else is computed.
  [[nodiscard]] bool is_leaf() const { return is_stored || source_box; }
};

/// Nodes, each after its inputs; they stay where they are when others are added.
using graph = std::deque<node>;

namespace detail {

inline halo sum(const halo& a, const halo& b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z, a.wraps || b.wraps};
}
inline halo larger(const halo& a, const halo& b) {
  return {std::max(a.x, b.x), std::max(a.y, b.y), std::max(a.z, b.z), a.wraps || b.wraps};
}

/// A box with a halo, as far as the image goes: operations see its edges as they are. Where a halo
/// wraps and would leave the image, all of the axis.
inline box grow(const box& part, const halo& around, const shape& image) {
  const extent by{around.x, around.y, around.z};
  box outer = tiling::grow(part, by, by, image);
  for (std::size_t axis = 0; around.wraps && axis < 3; ++axis)
    if (by[axis] > 0 &&
        (part.origin[axis] < by[axis] || part.end(axis) + by[axis] > image.axes()[axis]))
      outer.origin[axis] = 0, outer.size[axis] = image.axes()[axis];
  return outer;
}

/// The nodes that have a say in what is wanted, by way of computing alone, and how far beyond a
/// wanted pixel each does.
struct reach {
  std::vector<std::optional<halo>> of;  ///< per node; nothing where it has none
  halo most{};                          ///< of all

  reach(const graph& all, std::span<const std::size_t> wanted) : of(all.size()) {
    for (const std::size_t n : wanted) of[n] = halo{};
    for (std::size_t n = all.size(); n-- > 0;) {
      if (!of[n]) continue;
      most = larger(most, *of[n]);
      if (all[n].is_leaf()) continue;
      for (const std::size_t input : all[n].inputs)
        of[input] = larger(of[input].value_or(halo{}), sum(*of[n], all[n].halo));
    }
  }
};

/// Where a box begins in another one, as operations want it.
inline position within(const box& part, const box& outer) {
  const extent at = from(part, outer);
  return {at[0], at[1], at[2]};
}

inline any_image crop(any_image src, const box& part, const box& outer) {
  if (part == outer) return src;
  return std::visit(
      [&](const auto& image) -> any_image {
        return gpuimg::crop(image, within(part, outer), part.shape());
      },
      src);
}

}  // namespace detail

/// Computes boxes of a graph's nodes on one device. Every step sees the same box: the one that is
/// wanted with the halos of all steps around it, cut off where the image ends.
class evaluator {
 public:
  /// Evaluators that share sources share `reading`.
  evaluator(const graph& nodes, gpuimg::device where, std::mutex& reading)
      : nodes_(&nodes), device_(std::move(where)), reading_(&reading) {}

  [[nodiscard]] const gpuimg::device& device() const { return device_; }
  /// Reads when no other evaluator does.
  [[nodiscard]] host_image read(source& from, const box& part) const {
    const std::lock_guard lock(*reading_);
    return from.read(part);
  }

  /// The pixels of some nodes of one size in a box.
  std::vector<any_image> operator()(std::span<const std::size_t> wanted, const box& part) const {
    const shape& image = (*nodes_)[wanted[0]].size;
    const detail::reach reach(*nodes_, wanted);
    const box outer = detail::grow(part, reach.most, image);
    std::vector<std::optional<any_image>> at(nodes_->size());
    std::vector<std::size_t> uses(nodes_->size());
    for (std::size_t n = 0; n < nodes_->size(); ++n)
      if (reach.of[n] && !(*nodes_)[n].is_leaf())
        for (const std::size_t input : (*nodes_)[n].inputs) ++uses[input];
    for (const std::size_t n : wanted) ++uses[n];
    const auto take = [&](std::size_t n) {
      return --uses[n] == 0 ? std::move(*at[n]) : clone(*at[n]);
    };
    for (std::size_t n = 0; n < nodes_->size(); ++n) {
      if (!reach.of[n]) continue;
      if ((*nodes_)[n].is_leaf()) {
        at[n] = leaf((*nodes_)[n], outer);
        continue;
      }
      std::vector<any_image> inputs;
      for (const std::size_t input : (*nodes_)[n].inputs) inputs.push_back(take(input));
      at[n] = (*nodes_)[n].compute(std::move(inputs), outer);
    }
    std::vector<any_image> results;
    for (const std::size_t n : wanted) results.push_back(detail::crop(take(n), part, outer));
    return results;
  }
  any_image operator()(std::size_t wanted, const box& part) const {
    return std::move((*this)(std::span(&wanted, 1), part)[0]);
  }

 private:
  [[nodiscard]] any_image leaf(const node& n, const box& part) const {
    if (n.is_stored) return push(device_, read(*n.stored, part));
    std::vector<any_image> inputs;
    const box from = n.source_box(part);
    for (const std::size_t input : n.inputs) inputs.push_back((*this)(input, from));
    return n.compute(std::move(inputs), part);
  }

  const graph* nodes_;
  gpuimg::device device_;
  std::mutex* reading_;
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
