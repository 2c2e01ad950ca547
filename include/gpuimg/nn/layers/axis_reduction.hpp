// SPDX-License-Identifier: BSD-3-Clause
// Sums, means, products, least and greatest numbers along axes, and where those are.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpuimg/kernels/nn/axis_reduction.cl.hpp"
#include "gpuimg/nn/columns.hpp"
#include "gpuimg/nn/preparing.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

enum class reduction_kind : std::uint8_t {
  sum,
  mean,
  product,
  maximum,
  minimum,
  l1,         ///< sum of absolute values
  l2,         ///< square root of the sum of squares
  sum_square  ///< sum of squares
};

constexpr std::string_view name_of(reduction_kind kind) {
  constexpr std::string_view names[] = {"sum",     "mean", "product", "maximum",
                                        "minimum", "l1",   "l2",      "sum_square"};
  return names[static_cast<std::size_t>(kind)];
}

/// What becomes of the numbers along some axes, which have size 1 then, or are gone.
class reduction final : public layer {
 public:
  /// `goes`: by axis.
  reduction(reduction_kind kind, std::vector<bool> goes, bool keeps_axes = true)
      : kind_(kind), goes_(std::move(goes)), keeps_axes_(keeps_axes) {}

  [[nodiscard]] reduction_kind kind() const { return kind_; }
  [[nodiscard]] const std::vector<bool>& goes() const { return goes_; }
  [[nodiscard]] std::string describe() const override {
    std::string all = std::string(name_of(kind_)) + " along";
    for (std::size_t axis = 0; axis < goes_.size(); ++axis)
      if (goes_[axis]) all += " " + std::to_string(axis);
    return all;
  }
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    if (src[0].rank() != goes_.size())
      throw argument_error(describe() + ": takes tensors with " + std::to_string(goes_.size()) +
                           " axes, got " + to_string(src[0]));
    std::vector<std::int64_t> sizes;
    for (std::size_t axis = 0; axis < goes_.size(); ++axis) {
      if (!goes_[axis])
        sizes.push_back(src[0][axis]);
      else if (keeps_axes_)
        sizes.push_back(1);
    }
    return tensor_shape(std::move(sizes));
  }
  [[nodiscard]] blocks choose_blocks(std::span<const tensor_info> src,
                                     std::int64_t) const override {
    const tensor_shape shape = src[0].shape;
    const bool keeps_channels =
        shape.rank() > 2 && !goes_[0] && !goes_[1] && result(std::span(&shape, 1)).rank() > 2;
    const std::int64_t block = keeps_channels ? src[0].block : 1;
    return {{block}, block};
  }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override;
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override;

 private:
  static constexpr std::int64_t fan = 32;  // as in the kernel

  // One launch of the kernel.
  struct pass {
    std::int64_t outer, size, lanes, parts;
    [[nodiscard]] std::int64_t results() const { return outer * parts * lanes; }
  };
  [[nodiscard]] std::vector<pass> passes_for(const tensor_info& src) const;
  [[nodiscard]] std::uint64_t kernel_kind() const {
    switch (kind_) {
      case reduction_kind::product:
        return 1;
      case reduction_kind::maximum:
        return 2;
      case reduction_kind::minimum:
        return 3;
      default:
        return 0;
    }
  }
  // How many numbers become one.
  [[nodiscard]] std::int64_t count(const tensor_shape& src) const {
    std::int64_t numbers = 1;
    for (std::size_t axis = 0; axis < goes_.size(); ++axis)
      if (goes_[axis]) numbers *= src[axis];
    return numbers;
  }

  reduction_kind kind_;
  std::vector<bool> goes_;
  bool keeps_axes_;
};

/// Sums are taken in double.
inline void reduction::run(host_view<float> dst,
                           std::span<const host_view<const float>> src) const {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double nothing = kind_ == reduction_kind::product   ? 1
                         : kind_ == reduction_kind::maximum ? -infinity
                         : kind_ == reduction_kind::minimum ? infinity
                                                            : 0;
  const tensor_shape& shape = src[0].shape;
  std::vector<double> results(static_cast<std::size_t>(dst.shape.elements()), nothing);
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    std::int64_t rest = i, at = 0, step = 1;
    for (std::size_t axis = shape.rank(); axis-- > 0;) {
      const std::int64_t index = rest % shape[axis];
      rest /= shape[axis];
      if (goes_[axis]) continue;
      at += index * step;
      step *= shape[axis];
    }
    double& result = results[static_cast<std::size_t>(at)];
    const double x = static_cast<double>(src[0].data[i]);
    switch (kind_) {
      case reduction_kind::sum:
      case reduction_kind::mean:
        result += x;
        break;
      case reduction_kind::product:
        result *= x;
        break;
      case reduction_kind::maximum:
        result = result < x ? x : result;
        break;
      case reduction_kind::minimum:
        result = x < result ? x : result;
        break;
      case reduction_kind::l1:
        result += std::fabs(x);
        break;
      case reduction_kind::l2:
      case reduction_kind::sum_square:
        result += x * x;
        break;
    }
  }
  const auto numbers = static_cast<double>(count(shape));
  for (std::size_t i = 0; i < results.size(); ++i) {
    const double result = kind_ == reduction_kind::mean ? results[i] / numbers : results[i];
    dst.data[i] = static_cast<float>(kind_ == reduction_kind::l2 ? std::sqrt(result) : result);
  }
}

// Neighbouring axes that go are one; the last of them come first.
inline std::vector<reduction::pass> reduction::passes_for(const tensor_info& src) const {
  std::vector<std::int64_t> sizes(src.shape.sizes().begin(), src.shape.sizes().end());
  std::vector<bool> goes = goes_;
  if (src.block > 1) {
    sizes[1] = src.blocks();
    sizes.push_back(src.block);
    goes.push_back(false);
  }
  std::vector<pass> all;
  for (std::size_t axis = sizes.size(); axis > 0;) {
    if (!goes[--axis]) continue;
    detail::axis_view view(1, sizes[axis], 1);
    for (std::size_t behind = axis + 1; behind < sizes.size(); ++behind)
      view.inner *= sizes[behind];
    sizes[axis] = 1;
    while (axis > 0 && goes[axis - 1]) {
      view.size *= sizes[--axis];
      sizes[axis] = 1;
    }
    for (std::size_t before = 0; before < axis; ++before) view.outer *= sizes[before];
    // Rows of their own are cut into lanes, as long as they are long.
    std::int64_t numbers = view.size * view.inner;
    for (bool is_done = false; !is_done;) {
      const std::int64_t lanes = view.inner > 1 || numbers <= fan ? view.inner : fan;
      const std::int64_t group = std::max<std::int64_t>(lanes * fan, 1);
      const std::int64_t parts = std::max<std::int64_t>((numbers + group - 1) / group, 1);
      all.push_back({view.outer, numbers, lanes, parts});
      numbers = parts * lanes;
      is_done = parts == 1 && lanes == view.inner;
    }
  }
  const auto stored = static_cast<std::int64_t>(src.bytes() / size_of(src.type));
  if (all.empty()) all.push_back({1, stored, stored, 1});
  return all;
}

inline prepared_layer reduction::prepare(const opencl::device& device, const tensor_info& dst,
                                         std::span<const tensor_info> src) const {
  struct step {
    pass what;
    detail::column_run run;
    opencl::defines macros;
    std::uint64_t from, to;  // in scratch memory, in numbers
    bool is_first, is_last;
    float factor;
  };
  const std::vector<pass> passes = passes_for(src[0]);
  std::int64_t most = 0;  // results between launches
  for (std::size_t i = 0; i + 1 < passes.size(); ++i) most = std::max(most, passes[i].results());
  std::vector<step> steps;
  for (std::size_t i = 0; i < passes.size(); ++i)
    for (const auto& run : detail::column_runs(device, passes[i].lanes)) {
      const bool is_first = i == 0, is_last = i + 1 == passes.size();
      const tensor_info between{};
      step one{passes[i],
               run,
               detail::macros_of(is_last ? dst : between, is_first ? src[0] : between, run.width),
               0,
               0,
               is_first,
               is_last,
               1};
      if (!is_first) one.from = static_cast<std::uint64_t>(most) * ((i - 1) % 2);
      if (!is_last) one.to = static_cast<std::uint64_t>(most) * (i % 2);
      one.macros.add("KIND", kernel_kind());
      if (is_first && kind_ == reduction_kind::l1) one.macros.add("PREPARE", 1);
      if (is_first && (kind_ == reduction_kind::l2 || kind_ == reduction_kind::sum_square))
        one.macros.add("PREPARE", 2);
      if (is_last && kind_ == reduction_kind::l2) one.macros.add("ROOT");
      if (is_last && kind_ == reduction_kind::mean)
        one.factor = static_cast<float>(1 / static_cast<double>(count(src[0].shape)));
      steps.push_back(std::move(one));
    }
  prepared_layer made;
  made.scratch_bytes = 2 * static_cast<std::uint64_t>(most) * sizeof(float);
  made.enqueue = [=](const device_tensor& to, std::span<const device_tensor> from, cl_mem memory) {
    const auto number = [](std::int64_t n) { return static_cast<cl_ulong>(n); };
    const opencl::argument scratch = opencl::buffer_view{memory};
    for (const step& one : steps) {
      const pass& p = one.what;
      device.launch(
          kernels::axis_reduction, "axis_reduction__fold", one.macros,
          detail::wide_grid(one.run.items, p.parts, p.outer, fan),
          {one.is_first ? opencl::argument(from[0]) : scratch,
           one.is_last ? opencl::argument(to) : scratch, static_cast<cl_ulong>(one.from),
           static_cast<cl_ulong>(one.to), number(p.size), number(p.lanes), number(p.parts),
           number(p.outer), number(one.run.first), number(one.run.items), one.factor});
    }
  };
  return made;
}

/// Where along an axis the greatest or the least number is, counted from 0.
class position_of_extremum final : public layer {
 public:
  /// `last`: of several such numbers the last one.
  position_of_extremum(bool least, std::size_t axis, bool keeps_axis = true, bool last = false)
      : least_(least), axis_(axis), keeps_axis_(keeps_axis), last_(last) {}

  [[nodiscard]] std::string describe() const override {
    return (least_ ? "argmin along axis " : "argmax along axis ") + std::to_string(axis_);
  }
  /// Throws argument_error where the axis is not there, or has no numbers.
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    if (axis_ >= src[0].rank() || src[0][axis_] == 0)
      throw argument_error(describe() + ": got a tensor of shape " + to_string(src[0]));
    std::vector<std::int64_t> sizes(src[0].sizes().begin(), src[0].sizes().end());
    sizes[axis_] = 1;
    if (!keeps_axis_) sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(axis_));
    return tensor_shape(std::move(sizes));
  }
  [[nodiscard]] bool makes_whole_numbers() const override { return true; }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override {
    const detail::axis_view view(src[0].shape, axis_);
    for (std::int64_t column = 0; column < view.outer * view.inner; ++column) {
      const float* from =
          src[0].data + column / view.inner * view.size * view.inner + column % view.inner;
      float best = from[0];
      std::int64_t position = 0;
      for (std::int64_t i = 1; i < view.size; ++i) {
        const float next = from[i * view.inner];
        const bool is_better = least_ ? next < best : next > best;
        if (!is_better && !(last_ && next == best)) continue;
        best = next;
        position = i;
      }
      dst.data[column] = static_cast<float>(position);
    }
  }
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override {
    const detail::axis_view view(src[0].shape, axis_);
    prepared_layer made;
    made.enqueue = [=, least = least_, last = last_, in = src[0], out = dst,
                    runs = detail::column_runs(device, view.inner)](
                       const device_tensor& to, std::span<const device_tensor> from, cl_mem) {
      const auto number = [](std::int64_t n) { return static_cast<cl_ulong>(n); };
      for (const auto& run : runs) {
        opencl::defines macros = detail::macros_of(out, in, run.width);
        if (least) macros.add("LEAST");
        if (last) macros.add("LAST");
        device.launch(kernels::axis_reduction, "axis_reduction__position", macros,
                      detail::wide_grid(run.items, view.outer, 1, view.size),
                      {from[0], to, number(view.size), number(view.inner), number(run.first),
                       number(run.items), number(view.outer)});
      }
    };
    return made;
  }

 private:
  bool least_;
  std::size_t axis_;
  bool keeps_axis_, last_;
};

}  // namespace gpuimg::nn
