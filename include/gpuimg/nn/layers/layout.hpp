// SPDX-License-Identifier: BSD-3-Clause
// Layers that move numbers and compute nothing: slices, paddings, transposed axes, repeated and
// joined tensors, other blocks of channels.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/kernels/nn/layout.cl.hpp"
#include "gpuimg/nn/layer.hpp"
#include "gpuimg/nn/shapes.hpp"
#include "gpuimg/opencl/primitives.hpp"

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

/// What the kernel is told of one way to move numbers. At most 8 axes.
struct move_tables {
  std::vector<std::vector<std::int64_t>> from, to;  ///< by axis of the result
  std::int64_t first_from = 0, first_to = 0;

  // Neighbouring axes along which nothing changes would make longer rows, but rows are long enough.
  [[nodiscard]] std::array<std::int64_t, 8> sizes() const {
    std::array<std::int64_t, 8> all;
    all.fill(1);
    for (std::size_t axis = 0; axis < from.size(); ++axis)
      all[8 - from.size() + axis] = static_cast<std::int64_t>(from[axis].size());
    return all;
  }
  /// As kernels/nn/layout.cl reads them.
  [[nodiscard]] std::vector<std::int64_t> flat() const {
    std::vector<std::int64_t> all;
    const auto add = [&](const auto& tables, std::int64_t first) {
      for (std::size_t axis = tables.size(); axis < 8; ++axis) {
        all.push_back(first);
        first = 0;
      }
      for (std::size_t axis = 0; axis < tables.size(); ++axis)
        for (const std::int64_t place : tables[axis])
          all.push_back(place < 0 ? place : place + (axis == 0 ? first : 0));
    };
    add(from, first_from);
    add(to, first_to);
    return all;
  }
};

/// Memory of the device with a copy of the host's numbers.
template <class T>
std::shared_ptr<const opencl::buffer> on_device(const opencl::device& device,
                                                const std::vector<T>& numbers) {
  const std::size_t bytes = numbers.size() * sizeof(T);
  auto made = std::make_shared<const opencl::buffer>(device.allocate(bytes));
  if (bytes > 0) device.write(made->memory(), numbers.data(), bytes);
  return made;
}

/// Memory of the device for what a layer keeps between its kernels, all 0.
inline std::shared_ptr<const opencl::buffer> scratch(const opencl::device& device,
                                                     std::size_t bytes) {
  auto made = std::make_shared<const opencl::buffer>(device.allocate(bytes));
  opencl::fill_zero(device, *made, bytes / sizeof(float));
  return made;
}

inline opencl::defines macros_of(const tensor_info& dst, const tensor_info& src,
                                 std::int64_t block) {
  opencl::defines macros{{"BLOCK", static_cast<std::uint64_t>(block)}};
  if (src.type == element::f16) macros.add("SRC_HALF");
  if (dst.type == element::f16) macros.add("DST_HALF");
  return macros;
}

/// The work-items that walk over a result, and its sizes, as kernels are given them.
struct walk_grid {
  opencl::grid items;
  cl_int4 outer{}, inner{};
};
inline walk_grid move_grid(const opencl::device& device, const move_tables& tables) {
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
inline prepared_layer prepare_move(const opencl::device& device, const move_tables& tables,
                                   const opencl::defines& macros, float fill) {
  const std::vector<std::int64_t> flat = tables.flat();
  prepared_layer made;
  made.weight_bytes = flat.size() * sizeof(std::int64_t);
  made.enqueue = [=, walk = move_grid(device, tables), table = on_device(device, flat)](
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
    detail::move_tables tables{detail::places_of(src[0], same), detail::places_of(dst, same)};
    if (!same)  // what lies behind the last channel becomes 0
      for (std::int64_t c = dst.channels(); c < dst.blocks() * dst.block; ++c) {
        tables.from[1].push_back(-1);
        tables.to[1].push_back(c / dst.block * dst.block * dst.pixels() + c % dst.block);
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
    const detail::move_tables tables = tables_for({dst.shape}, {src[0].shape}, false);
    const auto sizes = tables.sizes();
    for (std::int64_t i = 0; i < dst.shape.elements(); ++i) {
      std::int64_t rest = i, from = 0;
      bool is_constant = false;
      for (std::size_t axis = axes_.size(); axis-- > 0;) {
        const auto size = sizes[8 - axes_.size() + axis];
        const std::int64_t place = tables.from[axis][static_cast<std::size_t>(rest % size)];
        rest /= size;
        is_constant = is_constant || place < 0;
        from += place;
      }
      dst.data[i] = is_constant ? fill_ : src[0].data[from];
    }
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
  [[nodiscard]] detail::move_tables tables_for(const tensor_info& dst, const tensor_info& src,
                                               bool whole_blocks) const {
    detail::move_tables made{{}, detail::places_of(dst, whole_blocks)};
    const auto places = detail::places_of(src, whole_blocks);
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
      std::vector<std::int64_t>& from = made.from.emplace_back(made.to[axis].size(), 0);
      if (axes_[axis].axis == axis_source::none) continue;
      for (std::size_t i = 0; i < from.size(); ++i) {
        const std::int64_t index =
            whole_blocks && axis == 1 ? static_cast<std::int64_t>(i) : axes_[axis].index[i];
        from[i] = index < 0 ? std::int64_t{-1} << 60
                            : places[axes_[axis].axis][static_cast<std::size_t>(index)];
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
      detail::move_tables tables{detail::places_of(one, blocks), all};
      const auto count = static_cast<std::ptrdiff_t>(tables.from[axis_].size());
      const auto begin = all[axis_].begin() + first;
      tables.to[axis_].assign(begin, begin + count);
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
