// SPDX-License-Identifier: BSD-3-Clause
// Layers that compute each number of a result from one number, or from two.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpuimg/kernels/nn/elementwise.cl.hpp"
#include "gpuimg/nn/activation.hpp"
#include "gpuimg/nn/layers/layout.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// A function of each number.
class activation_layer final : public layer {
 public:
  explicit activation_layer(activation f) : f_(f) {}

  [[nodiscard]] const activation& get() const { return f_; }
  [[nodiscard]] std::string describe() const override { return std::string(name_of(f_.kind)); }
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    return src[0];
  }
  [[nodiscard]] blocks choose_blocks(std::span<const tensor_info> src,
                                     std::int64_t) const override {
    // What lies behind the last channel must stay finite.
    const bool fits = is_finite(f_.kind) || src[0].channels() % src[0].block == 0;
    const std::int64_t block = fits ? src[0].block : 1;
    return {{block}, block};
  }
  [[nodiscard]] bool runs_in_place() const override { return true; }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override {
    std::transform(src[0].data, src[0].data + dst.shape.elements(), dst.data, f_);
  }
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override {
    const opencl::defines macros = detail::macros_of(dst, src[0], dst.block, f_);
    const auto count = static_cast<std::uint64_t>(dst.batch() * dst.blocks() * dst.pixels());
    prepared_layer made;
    made.enqueue = [=, f = f_](const device_tensor& to, std::span<const device_tensor> from,
                               cl_mem) {
      device.launch(kernels::elementwise, "elementwise", macros, {count},
                    {from[0], to, static_cast<cl_ulong>(count), f.alpha, f.beta});
    };
    return made;
  }

 private:
  activation f_;
};

/// What becomes of two numbers.
enum class combination : std::uint8_t {
  add,
  subtract,
  multiply,
  divide,
  maximum,
  minimum,
  power,
  remainder,
  prelu,  ///< x, x y below 0
  equal,  ///< 1 where true, 0 where not
  less,
  greater,
};

constexpr std::string_view name_of(combination kind) {
  constexpr std::string_view names[] = {"add",     "subtract", "multiply", "divide",
                                        "maximum", "minimum",  "power",    "remainder",
                                        "prelu",   "equal",    "less",     "greater"};
  return names[static_cast<std::size_t>(kind)];
}

inline float combine(combination kind, float x, float y) {
  switch (kind) {
    case combination::add:
      return x + y;
    case combination::subtract:
      return x - y;
    case combination::multiply:
      return x * y;
    case combination::divide:
      return x / y;
    case combination::maximum:
      return x < y ? y : x;
    case combination::minimum:
      return y < x ? y : x;
    case combination::power:
      return std::pow(x, y);
    case combination::remainder:
      return std::fmod(x, y);
    case combination::prelu:
      return x < 0 ? x * y : x;
    case combination::equal:
      return x == y ? 1.f : 0.f;
    case combination::less:
      return x < y ? 1.f : 0.f;
    case combination::greater:
      return x > y ? 1.f : 0.f;
  }
  return x;
}

/// A function of two numbers, one from each of two tensors, whose axes of size 1 are repeated, as
/// NumPy broadcasts them. One of the tensors may be a constant.
class elementwise final : public layer {
 public:
  explicit elementwise(combination kind, activation f = {}) : kind_(kind), f_(f) {}
  /// The constant is the second number of each pair, or with `is_first` the first one.
  elementwise(combination kind, host_tensor constant, bool is_first = false, activation f = {})
      : kind_(kind),
        f_(f),
        constant_(std::make_shared<const host_tensor>(std::move(constant))),
        constant_is_first_(is_first) {}

  [[nodiscard]] combination kind() const { return kind_; }
  [[nodiscard]] const activation& function() const { return f_; }
  /// Null where both numbers come from tensors that are made at run time.
  [[nodiscard]] const host_tensor* constant() const { return constant_.get(); }
  [[nodiscard]] bool constant_is_first() const { return constant_is_first_; }
  [[nodiscard]] std::shared_ptr<const elementwise> followed_by(activation f) const {
    auto made = std::make_shared<elementwise>(*this);
    made->f_ = f;
    return made;
  }

  [[nodiscard]] std::string describe() const override {
    std::string all(name_of(kind_));
    if (constant_) all += " with a constant of " + to_string(constant_->shape());
    if (f_.kind != activation_kind::identity) all += ", " + std::string(name_of(f_.kind));
    return all;
  }
  [[nodiscard]] std::uint64_t parameters() const override {
    return constant_ ? static_cast<std::uint64_t>(constant_->shape().elements()) : 0;
  }
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    const tensor_shape made = broadcast(src[0], constant_ ? constant_->shape() : src[1]);
    if (made.rank() > 8) throw argument_error(describe() + ": tensors have at most 8 axes");
    return made;
  }
  [[nodiscard]] blocks choose_blocks(std::span<const tensor_info> src,
                                     std::int64_t) const override {
    std::vector<tensor_shape> shapes;
    for (const tensor_info& one : src) shapes.push_back(one.shape);
    const tensor_shape made = result(shapes);
    if (constant_) shapes.push_back(constant_->shape());
    // Blocks stay where a source has them and all of the result's channels, and the other one has
    // all of them, too, or one for all.
    blocks chosen{std::vector<std::int64_t>(src.size(), 1), 1};
    if (made.rank() < 3) return chosen;
    const auto has_all = [&](const tensor_shape& shape) {
      return shape.rank() == made.rank() && shape[1] == made[1];
    };
    for (const tensor_info& one : src)
      if (has_all(one.shape)) chosen.dst = std::max(chosen.dst, one.block);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const tensor_shape& shape = shapes[i];
      const bool is_constant = i >= src.size();
      const bool has_one =
          shape.rank() < made.rank() - 1 || shape[shape.rank() + 1 - made.rank()] == 1;
      if (!has_one && !has_all(shape) && !is_constant) chosen.dst = 1;
    }
    // What lies behind the last channel must stay finite.
    const bool is_total = kind_ != combination::divide && kind_ != combination::power &&
                          kind_ != combination::remainder && is_finite(f_.kind);
    if (!is_total && made[1] % chosen.dst != 0) chosen.dst = 1;
    for (std::size_t i = 0; i < src.size(); ++i)
      if (has_all(src[i].shape)) chosen.src[i] = chosen.dst;
    return chosen;
  }
  [[nodiscard]] bool runs_in_place() const override { return true; }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override {
    std::vector<float> numbers;
    host_view<const float> x = src[0], y = src.back();
    if (constant_) {
      numbers = constant_->values<float>();
      y = {numbers.data(), constant_->shape()};
      if (constant_is_first_) std::swap(x, y);
    }
    tables_for({dst.shape}, {x.shape}, {y.shape})
        .walk([&](std::int64_t i, std::int64_t in_x, std::int64_t in_y) {
          dst.data[i] = f_(combine(kind_, x.data[in_x], y.data[in_y]));
        });
  }
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override;

 private:
  // Places in both sources: where an axis has size 1, or is not there, always the same.
  static detail::place_tables tables_for(const tensor_info& dst, const tensor_info& x,
                                         const tensor_info& y) {
    const auto sizes = detail::places_of(dst, true);
    const auto repeated = [&](const tensor_info& one) {
      const auto own = detail::places_of(one, true);
      std::vector<std::vector<std::int64_t>> all;
      const std::size_t missing = sizes.size() - own.size();
      for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
        std::vector<std::int64_t>& places = all.emplace_back(sizes[axis].size(), 0);
        if (axis >= missing && own[axis - missing].size() == places.size())
          places = own[axis - missing];
      }
      return all;
    };
    return {repeated(x), repeated(y)};
  }

  combination kind_;
  activation f_;
  std::shared_ptr<const host_tensor> constant_;
  bool constant_is_first_ = false;
};

inline prepared_layer elementwise::prepare(const opencl::device& device, const tensor_info& dst,
                                           std::span<const tensor_info> src) const {
  constexpr const char* formulas[] = {"((x) + (y))",
                                      "((x) - (y))",
                                      "((x) * (y))",
                                      "((x) / (y))",
                                      "((x) < (y) ? (y) : (x))",
                                      "((y) < (x) ? (y) : (x))",
                                      "pow(x, y)",
                                      "fmod(x, y)",
                                      "((x) < 0.0f ? (x) * (y) : (x))",
                                      "((x) == (y) ? (CHANNELS)1.0f : (CHANNELS)0.0f)",
                                      "((x) < (y) ? (CHANNELS)1.0f : (CHANNELS)0.0f)",
                                      "((x) > (y) ? (CHANNELS)1.0f : (CHANNELS)0.0f)"};
  // The constant lies as the result does, as far as it has channels of its own.
  std::shared_ptr<const opencl::buffer> constant;
  tensor_info x = src[0], y = src.back();
  prepared_layer made;
  if (constant_) {
    const tensor_shape shape = aligned(constant_->shape(), dst.shape.rank());
    const bool follows = dst.block > 1 && shape[1] == dst.shape[1];
    y = {shape, src[0].type, follows ? dst.block : 1};
    constant = detail::on_device(device, packed(*constant_, y));
    made.weight_bytes = y.bytes();
    if (constant_is_first_) std::swap(x, y);
  }
  // What lies in blocks comes first in the kernel.
  const bool turned = dst.block > 1 && x.block == 1 && y.block > 1;
  opencl::defines macros = detail::macros_of(dst, src[0], dst.block, f_);
  macros.add(turned ? "COMBINE(y, x)" : "COMBINE(x, y)", formulas[static_cast<std::size_t>(kind_)]);
  if (turned) std::swap(x, y);
  if (dst.block > 1 && y.block == 1) macros.add("OTHER_IS_PLAIN");
  const detail::place_tables tables = tables_for(dst, x, y);
  const std::vector<std::int64_t> flat = tables.flat();
  made.weight_bytes += flat.size() * sizeof(std::int64_t);
  made.enqueue = [=, walk = detail::walk_grid_of(device, tables), f = f_,
                  constant_first = constant_is_first_, table = detail::on_device(device, flat)](
                     const device_tensor& to, std::span<const device_tensor> from, cl_mem) {
    opencl::argument a = from[0], b = from.back();
    if (constant != nullptr) b = *constant;
    if (constant_first != turned) std::swap(a, b);
    device.launch(kernels::elementwise, "elementwise__two", macros, walk.items,
                  {a, b, to, *table, walk.outer, walk.inner, f.alpha, f.beta});
  };
  return made;
}

}  // namespace gpuimg::nn
