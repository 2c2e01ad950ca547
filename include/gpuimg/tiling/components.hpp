// SPDX-License-Identifier: BSD-3-Clause
// Connected components of an image that is seen tile by tile, numbered as if it were seen whole.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/ops/label/labeling.hpp"
#include "gpuimg/tiling/pass.hpp"
#include "gpuimg/tiling/store.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

namespace detail {

/// Sets that become one; each is known by the member that comes first in the image.
class disjoint_sets {
 public:
  /// Adds a set for each of these pixels.
  void add(std::span<const std::uint64_t> first_pixels) {
    first_.insert(first_.end(), first_pixels.begin(), first_pixels.end());
    while (parent_.size() < first_.size()) parent_.push_back(parent_.size());
  }
  [[nodiscard]] std::size_t size() const { return parent_.size(); }
  std::size_t root(std::size_t member) {
    while (parent_[member] != member) member = parent_[member] = parent_[parent_[member]];
    return member;
  }
  void unite(std::size_t a, std::size_t b) {
    a = root(a), b = root(b);
    if (first_[b] < first_[a]) std::swap(a, b);
    parent_[b] = a;
  }
  /// 1 to n in the order of the sets' first pixels, per member.
  [[nodiscard]] std::vector<std::uint32_t> numbers() {
    std::vector<std::size_t> roots;
    for (std::size_t i = 0; i < size(); ++i)
      if (parent_[i] == i) roots.push_back(i);
    if (roots.size() >= 0xffffffff)
      throw argument_error("the image has " + std::to_string(roots.size()) +
                           " objects, more than labels of 32 bits tell apart");
    std::ranges::sort(roots, {}, [&](std::size_t i) { return first_[i]; });
    std::vector<std::uint32_t> numbers(size());
    for (std::size_t i = 0; i < roots.size(); ++i)
      numbers[roots[i]] = static_cast<std::uint32_t>(i + 1);
    for (std::size_t i = 0; i < size(); ++i) numbers[i] = numbers[root(i)];
    return numbers;
  }

 private:
  std::vector<std::uint64_t> first_;
  std::vector<std::size_t> parent_;
};

/// The labels on the six faces of a tile.
struct tile_faces {
  box part;
  std::size_t offset = 0;  ///< of the tile's labels among those of all tiles
  std::array<std::vector<std::uint32_t>, 3> low{}, high{};

  /// Of a pixel, in coordinates of the image, on the face across an axis.
  [[nodiscard]] std::uint32_t at(const std::array<std::vector<std::uint32_t>, 3>& faces,
                                 std::size_t axis, const extent& pixel) const {
    const std::size_t u = axis == 0 ? 1 : 0, v = axis == 2 ? 1 : 2;
    return faces[axis][(pixel[u] - part.origin[u]) + part.size[u] * (pixel[v] - part.origin[v])];
  }
};

/// The labels of tiles as the numbers of the whole image.
class numbered_source final : public source {
 public:
  numbered_source(std::shared_ptr<source> tiles_labels, const grid& tiles)
      : labels_(std::move(tiles_labels)), tiles_(tiles) {}
  [[nodiscard]] const host_image& description() const override { return labels_->description(); }
  [[nodiscard]] shape chunk() const override { return labels_->chunk(); }
  [[nodiscard]] host_image read(const box& part) override {
    host_image all = zeros(part.shape(), pixel_type::u32);
    tiles_.for_each_in(part, [&](std::size_t tile) {
      const box shared = intersection(part, tiles_[tile]);
      host_image pixels = labels_->read(shared);
      for (auto& label : std::get<std::vector<std::uint32_t>>(pixels.pixels))
        if (label != 0) label = numbers[offsets[tile] + label - 1];
      copy_pixels(pixels, {}, all, from(shared, part), shared.size);
    });
    return all;
  }

  std::vector<std::size_t> offsets;    ///< of each tile's labels
  std::vector<std::uint32_t> numbers;  ///< of all tiles' labels

 private:
  std::shared_ptr<source> labels_;
  grid tiles_;
};

}  // namespace detail

/// Labels each tile, then joins labels that touch across tiles: faces, edges and corners. What
/// comes out is what connected_component_labeling gives for the whole image, number for number.
class components_pass final : public pass {
 public:
  /// `result` is set when the pass begins and holds the labels when it ends.
  components_pass(std::string name, std::size_t node, gpuimg::connectivity connectivity,
                  scratch& space, std::shared_ptr<source>* result)
      : pass(std::move(name), {node}),
        connectivity_(connectivity),
        space_(&space),
        result_(result) {}

  [[nodiscard]] double bytes_per_pixel() const override { return 14; }
  void begin(const grid& tiles) override {
    pass::begin(tiles);
    sets_ = {};
    earlier_.clear();
    store_ = space_->make(describe(tiles.image(), pixel_type::u32), tiles);
    numbered_ = std::make_shared<detail::numbered_source>(store_, tiles);
    *result_ = numbered_;
  }

  message run(const evaluator& evaluate, std::size_t tile) override {
    const box part = tiles()[tile];
    const any_image foreground = evaluate(nodes()[0], part);
    const auto labels = connected_component_labeling(std::get<binary_image>(foreground),
                                                     {.connectivity = connectivity_});
    const host_image pulled = pull(labels, host_image{});
    store_->write(part, pulled);
    return describe_tile(pulled.as<std::uint32_t>(), part);
  }

  void merge(std::size_t tile, message said) override {
    detail::tile_faces faces{.part = tiles()[tile], .offset = sets_.size()};
    numbered_->offsets.push_back(faces.offset);
    sets_.add(said.get_all<std::uint64_t>());
    for (std::size_t axis = 0; axis < 3; ++axis) {
      faces.low[axis] = said.get_all<std::uint32_t>();
      faces.high[axis] = said.get_all<std::uint32_t>();
    }
    join_with_earlier(tile, faces);
    for (auto& face : faces.low) face = {};
    earlier_.emplace(tile, std::move(faces));
    const auto& [nx, ny, nz] = tiles().count();
    while (earlier_.begin()->first + nx * ny + nx + 1 < tile) earlier_.erase(earlier_.begin());
  }

  bool finish() override {
    numbered_->numbers = sets_.numbers();
    earlier_.clear();
    sets_ = {};
    return true;
  }

 private:
  /// The first pixel of each label, and the faces.
  [[nodiscard]] message describe_tile(view<const std::uint32_t> labels, const box& part) const {
    const shape image = tiles().image();
    std::vector<std::uint64_t> first_pixels;
    std::size_t i = 0;
    for (std::uint64_t z = part.origin[2]; z < part.end(2); ++z)
      for (std::uint64_t y = part.origin[1]; y < part.end(1); ++y)
        for (std::uint64_t x = part.origin[0]; x < part.end(0); ++x, ++i)
          if (labels[i] == first_pixels.size() + 1)  // they are numbered in this order
            first_pixels.push_back(x + image.x * (y + image.y * z));
    message said;
    said.put(first_pixels);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const bool has_neighbors = tiles().count()[axis] > 1;
      for (const bool is_high : {false, true})
        said.put(has_neighbors ? detail::face_of(labels, axis, is_high)
                               : std::vector<std::uint32_t>{});
    }
    return said;
  }

  void join_with_earlier(std::size_t tile, const detail::tile_faces& mine) {
    const auto place = tiles().place(tile);
    for (int z = -1; z <= 0; ++z)
      for (int y = -1; y <= (z < 0 ? 1 : 0); ++y)
        for (int x = -1; x <= (z < 0 || y < 0 ? 1 : -1); ++x) {
          std::array<std::size_t, 3> other = place;
          const std::array step{x, y, z};
          bool exists = true;
          for (std::size_t axis = 0; axis < 3; ++axis) {
            other[axis] += static_cast<std::size_t>(step[axis]);
            exists &= other[axis] < tiles().count()[axis];
          }
          const std::size_t axis = z < 0 ? 2 : y < 0 ? 1 : 0;
          if (exists) join(mine, earlier_.at(tiles().index(other)), axis);
        }
  }

  /// Joins the labels of a tile's low face across an axis with those of the high face of another.
  void join(const detail::tile_faces& mine, const detail::tile_faces& other, std::size_t axis) {
    const bool is_box = connectivity_ == connectivity::box;
    const box seam =
        intersection(grow(mine.part, {1, 1, 1}, {1, 1, 1}, tiles().image()), other.part);
    for (std::uint64_t z = seam.origin[2]; z < seam.end(2); ++z)
      for (std::uint64_t y = seam.origin[1]; y < seam.end(1); ++y)
        for (std::uint64_t x = seam.origin[0]; x < seam.end(0); ++x) {
          const std::uint32_t theirs = other.at(other.high, axis, {x, y, z});
          if (theirs == 0) continue;
          const box around = intersection(
              grow({{x, y, z}, {1, 1, 1}}, {1, 1, 1}, {1, 1, 1}, tiles().image()), mine.part);
          for (std::uint64_t w = around.origin[2]; w < around.end(2); ++w)
            for (std::uint64_t v = around.origin[1]; v < around.end(1); ++v)
              for (std::uint64_t u = around.origin[0]; u < around.end(0); ++u) {
                if (!is_box && (u != x) + (v != y) + (w != z) > 1) continue;
                const std::uint32_t ours = mine.at(mine.low, axis, {u, v, w});
                if (ours != 0) sets_.unite(mine.offset + ours - 1, other.offset + theirs - 1);
              }
        }
  }

  gpuimg::connectivity connectivity_;
  scratch* space_;
  std::shared_ptr<source>* result_;
  std::shared_ptr<store> store_;
  std::shared_ptr<detail::numbered_source> numbered_;
  detail::disjoint_sets sets_;
  std::map<std::size_t, detail::tile_faces> earlier_;
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
