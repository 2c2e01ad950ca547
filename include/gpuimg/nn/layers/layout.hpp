// SPDX-License-Identifier: BSD-3-Clause
// Layers that move numbers and compute nothing: slices, paddings, transposed axes, repeated and
// joined tensors, other blocks of channels.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/kernels/nn/layout.cl.hpp"
#include "gpuimg/nn/preparing.hpp"
#include "gpuimg/nn/shapes.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {
namespace detail {

/// Where the numbers of a tensor lie along each axis, in blocks of channels; with `whole_blocks`,
/// axis 1 counts blocks, else it counts channels and a block is a number.
inline std::vector<std::vector<std::int64_t>> places_of(const tensor_info& info,
                                                        bool whole_blocks) {
  const std::int64_t block = whole_blocks ? 1 : info.block;  // numbers that a step of a pixel skips
  std::vector<std::vector<std::int64_t>> all;
  for (std::size_t axis = 0; axis < info.shape.rank(); ++axis) {
    std::vector<std::int64_t>& places = all.emplace_back();
    const bool is_channel = axis == 1 && info.block > 1;
    const std::int64_t size = is_channel && whole_blocks ? info.blocks() : info.shape[axis];
    std::int64_t step = block;
    if (axis > 1 || info.block == 1)
      step *= info.shape.product(axis + 1, info.shape.rank());
    else
      step *= info.pixels() * (axis == 0 ? info.blocks() : 1);
    for (std::int64_t i = 0; i < size; ++i)
      places.push_back(is_channel && !whole_blocks ? i / info.block * step + i % info.block
                                                   : i * step);
  }
  return all;
}

/// The place of a number that is not in the source: a sum with it, of up to 8, is below 0.
inline constexpr std::int64_t nowhere = -(std::int64_t{1} << 60);

/// Two places for each number of a result, sums of one from a table per axis. At most 8 axes.
struct place_tables {
  std::vector<std::vector<std::int64_t>> first, second;  ///< by axis of the result

  [[nodiscard]] std::array<std::int64_t, 8> sizes() const {
    std::array<std::int64_t, 8> all;
    all.fill(1);
    for (std::size_t axis = 0; axis < first.size(); ++axis)
      all[8 - first.size() + axis] = static_cast<std::int64_t>(first[axis].size());
    return all;
  }
  /// As the kernels read them.
  [[nodiscard]] std::vector<std::int64_t> flat() const {
    std::vector<std::int64_t> all;
    for (const auto* tables : {&first, &second}) {
      all.insert(all.end(), 8 - tables->size(), 0);
      for (const auto& axis : *tables) all.insert(all.end(), axis.begin(), axis.end());
    }
    return all;
  }
  /// f(number of the result, first place, second place) for all, in order.
  template <class F>
  void walk(F f) const {
    const auto all = sizes();
    const auto count =
        std::accumulate(all.begin(), all.end(), std::int64_t{1}, std::multiplies<>{});
    for (std::int64_t i = 0; i < count; ++i) {
      std::int64_t rest = i, a = 0, b = 0;
      for (std::size_t axis = first.size(); axis-- > 0;) {
        const auto at = static_cast<std::size_t>(rest) % first[axis].size();
        rest /= static_cast<std::int64_t>(first[axis].size());
        a += first[axis][at];
        b += second[axis][at];
      }
      f(i, a, b);
    }
  }
};

/// The work-items that walk over a result, and its sizes, as kernels are given them.
struct walk_grid {
  opencl::grid items;
  cl_int4 outer{}, inner{};
};
inline walk_grid walk_grid_of(const opencl::device& device, const place_tables& tables) {
  const auto sizes = tables.sizes();
  walk_grid made;
  std::size_t rows = 1;
  for (std::size_t axis = 0; axis < 8; ++axis) {
    (axis < 4 ? made.outer : made.inner).s[axis % 4] = static_cast<cl_int>(sizes[axis]);
    if (axis < 7) rows *= static_cast<std::size_t>(sizes[axis]);
  }
  const auto last = static_cast<std::size_t>(sizes[7]);
  // A CPU's work-items take whole rows where there are enough of them.
  const bool whole = device.launches().variant == opencl::kernel_variant::serial && rows > 16;
  made.items = {.x = last == 0 ? 0
                     : whole   ? 1
                               : last,
                .y = rows,
                .local = {whole ? 1u : 64u, whole ? 16u : 1u, 1},
                .cost = whole ? last : 1};
  return made;
}

/// Moves numbers of one source; `macros` say how many a place is.
inline prepared_layer prepare_move(const opencl::device& device, const place_tables& tables,
                                   const opencl::defines& macros, float fill) {
  const std::vector<std::int64_t> flat = tables.flat();
  prepared_layer made;
  made.weight_bytes = flat.size() * sizeof(std::int64_t);
  made.enqueue = [=, walk = walk_grid_of(device, tables), table = on_device(device, flat)](
                     const device_tensor& dst, std::span<const device_tensor> src, cl_mem) {
    device.launch(kernels::layout, "layout", macros, walk.items,
                  {src[0], dst, *table, walk.outer, walk.inner, fill});
  };
  return made;
}

}  // namespace detail

/// The same tensor in other blocks of channels, or stored in another precision.
class reorder final : public layer {
 public:
  [[nodiscard]] std::string describe() const override { return "reorder"; }
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    return src[0];
  }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override {
    std::copy_n(src[0].data, dst.shape.elements(), dst.data);
  }
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override {
    const bool same = dst.block == src[0].block;
    detail::place_tables tables{detail::places_of(src[0], same), detail::places_of(dst, same)};
    if (!same)  // what lies behind the last channel becomes 0
      for (std::int64_t c = dst.channels(); c < dst.blocks() * dst.block; ++c) {
        tables.first[1].push_back(detail::nowhere);
        tables.second[1].push_back(c / dst.block * dst.block * dst.pixels() + c % dst.block);
      }
    return detail::prepare_move(device, tables,
                                detail::macros_of(dst, src[0], same ? dst.block : 1), 0);
  }
};

/// For one axis of a result: which axis of the source it goes along, and where it finds each of its
/// numbers there; -1 where the number is the layer's constant.
struct axis_source {
  static constexpr std::size_t none = 8;  ///< the axis repeats what is there once
  std::size_t axis = none;
  std::vector<std::int64_t> index{};
};

/// Numbers of the source in other places: a slice, a padding, a transposition, a repetition,
/// numbers that are picked from an axis, or all of it at once.
class rearrange final : public layer {
 public:
  /// `axes`: of the result, at most 8. Axes of the source that none of them goes along are read at
  /// 0. Throws argument_error where there are more.
  rearrange(std::string text, tensor_shape src, std::vector<axis_source> axes, float fill = 0)
      : text_(std::move(text)), src_(std::move(src)), axes_(std::move(axes)), fill_(fill) {
    if (axes_.size() > 8 || src_.rank() > 8)
      throw argument_error(text_ + ": tensors have at most 8 axes, got " +
                           std::to_string(std::max(axes_.size(), src_.rank())));
  }

  [[nodiscard]] std::string describe() const override { return text_; }
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    if (src[0] != src_)
      throw argument_error(text_ + ": takes a tensor of shape " + to_string(src_) + ", got " +
                           to_string(src[0]));
    std::vector<std::int64_t> sizes;
    for (const axis_source& a : axes_) sizes.push_back(static_cast<std::int64_t>(a.index.size()));
    return tensor_shape(std::move(sizes));
  }
  [[nodiscard]] blocks choose_blocks(std::span<const tensor_info> src,
                                     std::int64_t) const override {
    const std::int64_t block = keeps_channels() ? src[0].block : 1;
    return {{block}, block};
  }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override {
    tables_for({dst.shape}, {src[0].shape}, false)
        .walk([&](std::int64_t, std::int64_t from, std::int64_t to) {
          dst.data[to] = from < 0 ? fill_ : src[0].data[from];
        });
  }
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override {
    const bool blocks = src[0].block > 1;
    return detail::prepare_move(device, tables_for(dst, src[0], blocks),
                                detail::macros_of(dst, src[0], src[0].block), fill_);
  }

 private:
  // Whether batch and channels stay what they are, and tensors have the same axes.
  [[nodiscard]] bool keeps_channels() const {
    if (axes_.size() != src_.rank() || src_.rank() < 3 || fill_ != 0) return false;
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
      if (axis > 1 && (axes_[axis].axis < 2 || axes_[axis].axis == axis_source::none)) return false;
      if (axis > 1) continue;
      std::vector<std::int64_t> same(static_cast<std::size_t>(src_[axis]));
      std::iota(same.begin(), same.end(), 0);
      if (axes_[axis].axis != axis || axes_[axis].index != same) return false;
    }
    return true;
  }
  [[nodiscard]] detail::place_tables tables_for(const tensor_info& dst, const tensor_info& src,
                                                bool whole_blocks) const {
    detail::place_tables made{{}, detail::places_of(dst, whole_blocks)};
    const auto places = detail::places_of(src, whole_blocks);
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
      std::vector<std::int64_t>& from = made.first.emplace_back(made.second[axis].size(), 0);
      if (axes_[axis].axis == axis_source::none) continue;
      for (std::size_t i = 0; i < from.size(); ++i) {
        const std::int64_t index =
            whole_blocks && axis == 1 ? static_cast<std::int64_t>(i) : axes_[axis].index[i];
        from[i] =
            index < 0 ? detail::nowhere : places[axes_[axis].axis][static_cast<std::size_t>(index)];
      }
    }
    return made;
  }

  std::string text_;
  tensor_shape src_;
  std::vector<axis_source> axes_;
  float fill_;
};

/// Tensors one behind the other along an axis.
class concat final : public layer {
 public:
  explicit concat(std::size_t axis) : axis_(axis) {}

  [[nodiscard]] std::size_t axis() const { return axis_; }
  [[nodiscard]] std::string describe() const override {
    return "concat along axis " + std::to_string(axis_);
  }
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    std::vector<std::int64_t> sizes(src[0].sizes().begin(), src[0].sizes().end());
    for (std::size_t i = 0; i < src.size(); ++i)
      for (std::size_t axis = 0; axis < std::max(sizes.size(), src[i].rank()); ++axis) {
        if (src[i].rank() != sizes.size() || axis_ >= sizes.size() || sizes.size() > 8 ||
            (axis != axis_ && src[i][axis] != sizes[axis]))
          throw argument_error(describe() + ": " + to_string(src[0]) + " and " + to_string(src[i]) +
                               " do not fit");
        if (axis == axis_ && i > 0) sizes[axis] += src[i][axis];
      }
    return tensor_shape(std::move(sizes));
  }
  [[nodiscard]] blocks choose_blocks(std::span<const tensor_info> src,
                                     std::int64_t) const override {
    std::int64_t block = src[0].block;
    for (const tensor_info& one : src)
      if (one.block != block || (axis_ == 1 && one.channels() % block != 0)) block = 1;
    return {std::vector<std::int64_t>(src.size(), block), block};
  }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override {
    const std::int64_t rows = dst.shape.product(0, axis_);
    float* to = dst.data;
    for (std::int64_t row = 0; row < rows; ++row)
      for (const auto& one : src) {
        const std::int64_t count = one.shape.product(axis_, one.shape.rank());
        to = std::copy_n(one.data + row * count, count, to);
      }
  }
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override {
    const bool blocks = dst.block > 1;
    const auto all = detail::places_of(dst, blocks);
    prepared_layer made;
    std::vector<std::function<void(const device_tensor&, std::span<const device_tensor>, cl_mem)>>
        parts;
    std::ptrdiff_t first = 0;
    for (const tensor_info& one : src) {
      detail::place_tables tables{detail::places_of(one, blocks), all};
      const auto count = static_cast<std::ptrdiff_t>(tables.first[axis_].size());
      const auto begin = all[axis_].begin() + first;
      tables.second[axis_].assign(begin, begin + count);
      first += count;
      prepared_layer part =
          detail::prepare_move(device, tables, detail::macros_of(dst, one, dst.block), 0);
      made.weight_bytes += part.weight_bytes;
      parts.push_back(std::move(part.enqueue));
    }
    made.enqueue = [parts](const device_tensor& to, std::span<const device_tensor> from,
                           cl_mem scratch) {
      for (std::size_t i = 0; i < parts.size(); ++i) parts[i](to, from.subspan(i, 1), scratch);
    };
    return made;
  }

 private:
  std::size_t axis_;
};

}  // namespace gpuimg::nn
