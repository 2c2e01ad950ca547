// SPDX-License-Identifier: BSD-3-Clause
// A pass: one going over all tiles of an image.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/view.hpp"
#include "gpuimg/operation.hpp"
#include "gpuimg/tiling/box.hpp"
#include "gpuimg/tiling/graph.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

/// An image cut into tiles of one size, those at its ends excepted; x fastest.
class grid {
 public:
  grid() = default;
  grid(const shape& image, const shape& tile) : image_(image), tile_(tile) {
    for (std::size_t axis = 0; axis < 3; ++axis)
      count_[axis] =
          image.empty() ? 0 : (image.axes()[axis] + tile.axes()[axis] - 1) / tile.axes()[axis];
  }

  [[nodiscard]] const shape& image() const { return image_; }
  [[nodiscard]] const shape& tile() const { return tile_; }
  [[nodiscard]] std::size_t size() const { return count_[0] * count_[1] * count_[2]; }
  [[nodiscard]] const std::array<std::size_t, 3>& count() const { return count_; }

  [[nodiscard]] std::array<std::size_t, 3> place(std::size_t tile) const {
    return {tile % count_[0], tile / count_[0] % count_[1], tile / count_[0] / count_[1]};
  }
  [[nodiscard]] std::size_t index(const std::array<std::size_t, 3>& place) const {
    return place[0] + count_[0] * (place[1] + count_[1] * place[2]);
  }
  [[nodiscard]] box operator[](std::size_t tile) const {
    const auto at = place(tile);
    box part;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      part.origin[axis] = at[axis] * tile_.axes()[axis];
      part.size[axis] = std::min(tile_.axes()[axis], image_.axes()[axis] - part.origin[axis]);
    }
    return part;
  }
  /// Calls `visit(tile)` for all tiles that have pixels in a box.
  template <class Visit>
  void for_each_in(const box& part, Visit&& visit) const {
    std::array<std::size_t, 3> first{}, last{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      first[axis] = part.origin[axis] / tile_.axes()[axis];
      last[axis] = (part.end(axis) - 1) / tile_.axes()[axis];
    }
    for (std::size_t z = first[2]; z <= last[2]; ++z)
      for (std::size_t y = first[1]; y <= last[1]; ++y)
        for (std::size_t x = first[0]; x <= last[0]; ++x) visit(index({x, y, z}));
  }

 private:
  shape image_{}, tile_{1, 1, 1};
  std::array<std::size_t, 3> count_{};
};

/// What tiles are best made of: as few bytes as a file is worth.
inline shape convenient_part(const shape& image) {
  return image.is_3d() ? shape{64, 64, 32} : shape{256, 256, 1};
}

/// What of its inputs an operation is asked to check: of an image as many pixels as it takes to be
/// 2D or 3D, as some refuse what is too large at once; all of what is transformed, which must hold
/// the block that is binned, or the box that is cropped; and all where shapes differ.
inline std::vector<shape> checked_parts(const operation_info& about, std::vector<shape> inputs) {
  const bool all_same = std::ranges::all_of(inputs, [&](const shape& s) { return s == inputs[0]; });
  if (std::string_view(about.theme) == "transform" || !all_same) return inputs;
  for (shape& size : inputs)
    size = {std::min<std::size_t>(size.x, 2), std::min<std::size_t>(size.y, 2),
            std::min<std::size_t>(size.z, 2)};
  return inputs;
}

/// What a tile has to say to the whole, as bytes: it may be kept on disk or come from elsewhere.
class message {
 public:
  message() = default;
  explicit message(std::string bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

  template <class T>
  void put(const T& value) requires std::is_trivially_copyable_v<T> {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  template <class T>
  void put(const std::vector<T>& values) requires std::is_trivially_copyable_v<T> {
    put(values.size());
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  template <class T>
  T get() requires std::is_trivially_copyable_v<T> {
    T value;
    take(&value, sizeof value);
    return value;
  }
  template <class T>
  std::vector<T> get_all() requires std::is_trivially_copyable_v<T> {
    const auto count = get<std::size_t>();
    if (count > (bytes_.size() - at_) / sizeof(T))
      throw argument_error("a tile's message is cut off");
    std::vector<T> values(count);
    take(values.data(), count * sizeof(T));
    return values;
  }

 private:
  void take(void* to, std::size_t count) {
    if (count > bytes_.size() - at_) throw argument_error("a tile's message is cut off");
    if (count > 0) std::memcpy(to, bytes_.data() + at_, count);
    at_ += count;
  }

  std::string bytes_;
  std::size_t at_ = 0;
};

namespace detail {

/// Pixels of a box on the face across an axis, in raster order.
template <class T>
std::vector<T> face_of(view<const T> pixels, std::size_t axis, bool is_high) {
  const shape size = pixels.shape();
  std::array<std::size_t, 3> first{}, last = size.axes();
  first[axis] = is_high ? last[axis] - 1 : 0;
  last[axis] = first[axis] + 1;
  std::vector<T> face;
  for (std::size_t z = first[2]; z < last[2]; ++z)
    for (std::size_t y = first[1]; y < last[1]; ++y)
      for (std::size_t x = first[0]; x < last[0]; ++x) face.push_back(pixels(x, y, z));
  return face;
}

}  // namespace detail

/// How the tiles of a pass lie.
enum class tile_order {
  any,   ///< as large as memory allows
  rows,  ///< whole rows, or whole planes: their pixels follow one another as those of the image
  whole  ///< one tile
};

/// A going over all tiles of some nodes of one size: `run` for each tile, on any thread and device;
/// `merge` for each in the order of the tiles; then `finish`.
class pass {
 public:
  pass(std::string name, std::vector<std::size_t> nodes, tile_order order = tile_order::any)
      : name_(std::move(name)), nodes_(std::move(nodes)), order_(order) {}
  pass(const pass&) = delete;
  pass& operator=(const pass&) = delete;
  virtual ~pass() = default;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::span<const std::size_t> nodes() const { return nodes_; }
  [[nodiscard]] tile_order order() const { return order_; }
  /// Beyond what the nodes need.
  [[nodiscard]] virtual gpuimg::halo halo() const { return {}; }
  /// What it takes besides the nodes, on device and host.
  [[nodiscard]] virtual double bytes_per_pixel() const { return 0; }
  /// What tiles begin at multiples of.
  [[nodiscard]] virtual shape chunk() const { return {1, 1, 1}; }

  /// Whether what tiles say is worth keeping for a run that is interrupted and goes on: it is not
  /// where it is as much as the pixels.
  [[nodiscard]] virtual bool is_resumable() const { return true; }

  virtual void begin(const grid& tiles) { tiles_ = tiles; }
  [[nodiscard]] const grid& tiles() const { return tiles_; }
  [[nodiscard]] virtual bool wants(std::size_t /*tile*/) const { return true; }
  virtual message run(const evaluator& evaluate, std::size_t tile) = 0;
  virtual void merge(std::size_t tile, message said) = 0;
  /// Whether that was all; else another going over the tiles follows.
  virtual bool finish() { return true; }

 private:
  std::string name_;
  std::vector<std::size_t> nodes_;
  tile_order order_;
  grid tiles_;
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
