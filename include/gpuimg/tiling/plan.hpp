// SPDX-License-Identifier: BSD-3-Clause
// How large tiles are: what a pass costs in memory, and how much it reads more than once.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/core/text.hpp"
#include "gpuimg/tiling/graph.hpp"
#include "gpuimg/tiling/lowering.hpp"
#include "gpuimg/tiling/pass.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

/// What the tiles of a plan must keep to.
struct limits {
  std::uint64_t memory = 0;          ///< bytes, of all tiles that are in flight
  std::uint64_t largest_buffer = 0;  ///< bytes, of any image on a device
  std::size_t devices = 1;           ///< that work side by side
  std::size_t in_flight = 1;         ///< tiles per device at the most: one is read, one written
  std::optional<shape> tile{};       ///< as large as this, or the image; else chosen
};

/// One pass of a plan.
struct planned_pass {
  std::string name;
  grid tiles;
  gpuimg::halo halo;            ///< of all its steps together
  double read_amplification;    ///< pixels that tiles see, per pixel of the image
  std::size_t in_flight;        ///< tiles per device at once
  std::uint64_t tile_memory;    ///< bytes of one tile, on the device and on the host
  std::uint64_t held_memory;    ///< bytes besides, however many tiles there are: of networks
  std::uint64_t bytes_to_read;  ///< of all tiles, from files and from what passes have kept
};

/// The passes of a pipeline, before any of them runs.
struct plan {
  std::vector<planned_pass> passes;
  tiling::limits limits;
};

namespace detail {

/// What a box of some nodes takes on a device at the most, and what is read for it.
struct box_cost {
  double peak = 0, read = 0;
  double largest = 0;      ///< bytes of the largest image
  std::uint64_t held = 0;  ///< bytes besides, which tiles share
};

inline double pixels_of(const box& part) {
  return static_cast<double>(part.size[0]) * static_cast<double>(part.size[1]) *
         static_cast<double>(part.size[2]);
}

inline box_cost cost_of(const graph& all, std::span<const std::size_t> wanted, const box& part) {
  constexpr double temporaries = 12;  // bytes per pixel that operations with a halo may need
  const reach reach(all, wanted);
  const box outer = grow(part, reach.most, all[wanted[0]].size);
  std::vector<std::size_t> last_use(all.size());
  for (std::size_t n = 0; n < all.size(); ++n)
    if (reach.of[n] && !all[n].is_leaf())
      for (const std::size_t input : all[n].inputs) last_use[input] = n;
  for (const std::size_t n : wanted) last_use[n] = all.size();
  box_cost cost;
  double live = 0;
  const auto bytes = [&](std::size_t n) {
    return pixels_of(outer) * static_cast<double>(size_of(all[n].type));
  };
  for (std::size_t n = 0; n < all.size(); ++n) {
    if (!reach.of[n]) continue;
    const node& each = all[n];
    double needs = bytes(n);
    cost.largest = std::max(cost.largest, needs);
    if (each.is_stored) {
      cost.read += bytes(n);
      needs += bytes(n);  // on the host
    } else if (each.source_box) {
      const box from = each.source_box(outer);
      const box_cost inner = cost_of(all, each.inputs, from);
      cost.read += inner.read;
      cost.largest = std::max(cost.largest, inner.largest);
      cost.held += inner.held;
      double computing = 0;
      if (each.stage) {
        cost.held += each.stage->bytes_held();
        computing += static_cast<double>(each.stage->bytes_for(outer, all[each.inputs[0]].size));
      }
      for (const std::size_t input : each.inputs)
        computing += pixels_of(from) * static_cast<double>(size_of(all[input].type));
      needs += std::max(inner.peak, computing);
    } else if (each.halo.x + each.halo.y + each.halo.z > 0) {
      needs += temporaries * pixels_of(outer);
    }
    cost.peak = std::max(cost.peak, live + needs);
    live += bytes(n);
    for (std::size_t m = 0; m <= n; ++m)
      if (reach.of[m] && last_use[m] == n) live -= bytes(m);
  }
  return cost;
}

/// The sides of the largest box that is read or computed for a box of some nodes.
inline extent largest_seen(const graph& all, std::span<const std::size_t> wanted, const box& part) {
  const reach reach(all, wanted);
  const box outer = grow(part, reach.most, all[wanted[0]].size);
  extent most = outer.size;
  for (std::size_t n = 0; n < all.size(); ++n) {
    if (!reach.of[n] || !all[n].source_box) continue;
    const extent inner = largest_seen(all, all[n].inputs, all[n].source_box(outer));
    for (std::size_t axis = 0; axis < 3; ++axis) most[axis] = std::max(most[axis], inner[axis]);
  }
  return most;
}

class planner {
 public:
  planner(const graph& nodes, const pass& each, const limits& given)
      : nodes_(&nodes),
        pass_(&each),
        limits_(given),
        image_(nodes[each.nodes()[0]].size),
        halo_(sum(reach(nodes, each.nodes()).most, each.halo())) {}

  /// Several tiles at once keep a device busy while others are read and written; but fewer ones
  /// are larger and read less twice.
  [[nodiscard]] planned_pass plan() const {
    std::optional<planned_pass> best;
    double least = 0;
    for (std::size_t in_flight = limits_.in_flight; in_flight > 0; --in_flight) {
      const std::optional<shape> tile = tile_for(in_flight);
      if (!tile) continue;
      constexpr double idle = 0.25;  // of the time, without a second tile
      const double time = amplification(*tile) * (1 + idle / static_cast<double>(in_flight));
      if (best && time >= least) continue;
      least = time;
      best = {pass_->name(),
              grid(image_, *tile),
              halo_,
              amplification(*tile),
              in_flight,
              memory_of(*tile),
              cost(*tile).held,
              static_cast<std::uint64_t>(read_by_all(*tile))};
    }
    if (!best) refuse();
    return *best;
  }

 private:
  /// The largest tile of which so many fit at once; nothing where none does.
  [[nodiscard]] std::optional<shape> tile_for(std::size_t in_flight) const {
    shape tile = image_;
    if (limits_.tile && pass_->order() != tile_order::whole)
      tile = rounded({std::min(tile.x, limits_.tile->x), std::min(tile.y, limits_.tile->y),
                      std::min(tile.z, limits_.tile->z)},
                     false);
    while (!fits(tile, in_flight)) {
      const std::optional<shape> smaller = next_smaller(tile);
      if (!smaller) return std::nullopt;
      tile = *smaller;
    }
    return tile;
  }
  /// Tiles end at chunks, or where the image does; conveniently at the ends of stored parts.
  [[nodiscard]] shape rounded(const shape& tile, bool conveniently) const {
    const auto up = [](std::size_t n, std::size_t step, std::size_t most) {
      return std::min((std::max<std::size_t>(n, 1) + step - 1) / step * step, most);
    };
    shape chunk = pass_->chunk();
    if (conveniently) {
      const shape part = convenient_part(image_);
      chunk = {std::lcm(chunk.x, part.x), std::lcm(chunk.y, part.y), std::lcm(chunk.z, part.z)};
    }
    shape all{up(tile.x, chunk.x, image_.x), up(tile.y, chunk.y, image_.y),
              up(tile.z, chunk.z, image_.z)};
    if (pass_->order() == tile_order::rows) {
      all.x = image_.x;
      if (all.z > 1) all.y = image_.y;
    }
    return all;
  }
  /// Half as many pixels, along the axis where that makes tiles read least twice.
  [[nodiscard]] std::optional<shape> next_smaller(const shape& tile) const {
    if (pass_->order() == tile_order::whole) return std::nullopt;
    std::optional<shape> best;
    for (const bool conveniently : {true, false})
      for (std::size_t axis = 3; axis-- > 0 && (!best || conveniently);) {
        auto sides = tile.axes();
        sides[axis] = (sides[axis] + 1) / 2;
        const shape smaller =
            rounded({sides[0], sides[1], sides[2]}, conveniently && !limits_.tile);
        if (smaller.pixels() >= tile.pixels()) continue;
        if (!best || amplification(smaller) < amplification(*best)) best = smaller;
      }
    return best;
  }

  /// What is seen for a box, its halo included.
  [[nodiscard]] extent seen(const box& part) const {
    return largest_seen(*nodes_, pass_->nodes(), grow(part, pass_->halo(), image_));
  }
  [[nodiscard]] double amplification(const shape& tile) const {
    const grid tiles(image_, tile);
    const extent once = seen(whole(image_));
    double all = 1;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      double sum = 0;
      for (std::size_t i = 0; i < tiles.count()[axis]; ++i) {
        box part{{0, 0, 0}, {1, 1, 1}};
        part.origin[axis] = i * tile.axes()[axis];
        part.size[axis] =
            std::min<std::uint64_t>(tile.axes()[axis], image_.axes()[axis] - part.origin[axis]);
        sum += static_cast<double>(seen(part)[axis]);
      }
      all *= sum / static_cast<double>(once[axis]);
    }
    return all;
  }

  /// A tile in the middle, with its halo to all sides, and as large as tiles are: those at the end
  /// of an axis may be smaller.
  [[nodiscard]] box inner_tile(const shape& tile) const {
    const grid tiles(image_, tile);
    auto [x, y, z] = tiles.count();
    return tiles[tiles.index({(x - 1) / 2, (y - 1) / 2, (z - 1) / 2})];
  }
  [[nodiscard]] box_cost cost(const shape& tile) const {
    return cost_of(*nodes_, pass_->nodes(), grow(inner_tile(tile), pass_->halo(), image_));
  }
  [[nodiscard]] std::uint64_t memory_of(const shape& tile) const {
    return static_cast<std::uint64_t>(cost(tile).peak +
                                      pass_->bytes_per_pixel() *
                                          pixels_of(grow(inner_tile(tile), pass_->halo(), image_)));
  }
  [[nodiscard]] double read_by_all(const shape& tile) const {
    const box inner{.size = seen(inner_tile(tile))}, all{.size = seen(whole(image_))};
    return cost(tile).read / pixels_of(inner) * amplification(tile) * pixels_of(all);
  }
  [[nodiscard]] bool fits(const shape& tile, std::size_t in_flight) const {
    const std::size_t at_once = std::min(limits_.devices * in_flight, grid(image_, tile).size());
    const box_cost needs = cost(tile);
    return needs.held <= limits_.memory &&
           memory_of(tile) <= (limits_.memory - needs.held) / std::max<std::size_t>(at_once, 1) &&
           needs.largest <= static_cast<double>(limits_.largest_buffer);
  }
  [[noreturn]] void refuse() const {
    shape tile = image_;
    while (const auto smaller = next_smaller(tile)) tile = *smaller;
    const std::uint64_t needed = memory_of(tile) + cost(tile).held;
    throw memory_error(
        gpuimg::detail::text({pass_->name(), ": a tile of ", to_string(tile), " of ",
                              to_string(image_), " needs ", needed, " bytes, the budget is ",
                              limits_.memory, "; smaller tiles are not possible"}),
        needed, limits_.memory);
  }

  const graph* nodes_;
  const pass* pass_;
  limits limits_;
  shape image_;
  gpuimg::halo halo_;
};

}  // namespace detail

inline planned_pass plan_pass(const graph& nodes, const pass& each, const limits& given) {
  return detail::planner(nodes, each, given).plan();
}

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
