// SPDX-License-Identifier: BSD-3-Clause
// Layers that shift and scale numbers: to mean 0 and variance 1, and as a network has learnt it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/kernels/nn/normalization.cl.hpp"
#include "gpuimg/nn/activation.hpp"
#include "gpuimg/nn/preparing.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// What numbers are multiplied by, and what is added then: one of each per channel, or along a row.
struct learnt_scale {
  std::vector<float> factor{}, shift{};
  bool operator==(const learnt_scale&) const = default;
};

namespace detail {

inline std::string normalization_text(std::string what, const activation& f) {
  if (f.kind != activation_kind::identity) what += ", " + std::string(name_of(f.kind));
  return what;
}

/// Throws argument_error unless there is a factor and a shift for each of `count`.
inline void check_scale(const std::string& what, const learnt_scale& scale, std::int64_t count) {
  if (static_cast<std::int64_t>(scale.factor.size()) != count ||
      static_cast<std::int64_t>(scale.shift.size()) != count)
    throw argument_error(what + ": has " + std::to_string(scale.factor.size()) + " factors and " +
                         std::to_string(scale.shift.size()) + " shifts for " +
                         std::to_string(count) + " channels");
}

inline void check_channels(const std::string& what, const tensor_shape& src) {
  if (src.rank() < 2)
    throw argument_error(what + ": takes tensors with channels, got " + to_string(src));
}

inline opencl::grid pixel_grid(const tensor_info& info) {
  return {.x = static_cast<std::size_t>(info.pixels()),
          .y = static_cast<std::size_t>(info.batch() * info.blocks()),
          .local = {64, 1, 1}};
}

}  // namespace detail

/// Each channel times a factor, plus a shift: what ONNX's BatchNormalization is once it is learnt.
class channel_scale final : public layer {
 public:
  explicit channel_scale(learnt_scale scale, activation f = {}) : scale_(std::move(scale)), f_(f) {}

  [[nodiscard]] const learnt_scale& scale() const { return scale_; }
  [[nodiscard]] const activation& function() const { return f_; }
  [[nodiscard]] std::string describe() const override {
    return detail::normalization_text("batch normalization", f_);
  }
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    detail::check_channels(describe(), src[0]);
    detail::check_scale(describe(), scale_, src[0][1]);
    return src[0];
  }
  [[nodiscard]] std::uint64_t parameters() const override { return 2 * scale_.factor.size(); }
  [[nodiscard]] blocks choose_blocks(std::span<const tensor_info> src,
                                     std::int64_t) const override {
    return {{src[0].block}, src[0].block};
  }
  [[nodiscard]] bool runs_in_place() const override { return true; }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override {
    const tensor_info info{dst.shape};
    for (std::int64_t i = 0; i < dst.shape.elements(); ++i) {
      const auto c = static_cast<std::size_t>(i / info.pixels() % info.channels());
      dst.data[i] = f_(std::fma(src[0].data[i], scale_.factor[c], scale_.shift[c]));
    }
  }
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override {
    // A mean of 0, the factor, the shift.
    std::vector<float> scales(static_cast<std::size_t>(3 * dst.blocks() * dst.block), 0.f);
    for (std::int64_t c = 0; c < dst.channels(); ++c) {
      const std::int64_t at = 3 * dst.block * (c / dst.block) + dst.block + c % dst.block;
      scales[static_cast<std::size_t>(at)] = scale_.factor[static_cast<std::size_t>(c)];
      scales[static_cast<std::size_t>(at + dst.block)] = scale_.shift[static_cast<std::size_t>(c)];
    }
    const opencl::defines macros = detail::macros_of(dst, src[0], dst.block, f_);
    prepared_layer made;
    made.weight_bytes = scales.size() * sizeof(float);
    made.enqueue = [=, scale = detail::on_device(device, scales), f = f_,
                    items = detail::pixel_grid(dst), pixels = static_cast<cl_ulong>(dst.pixels()),
                    period = static_cast<cl_ulong>(dst.blocks())](
                       const device_tensor& to, std::span<const device_tensor> from, cl_mem) {
      device.launch(
          kernels::normalization, "normalization__apply", macros, items,
          {from[0], to, *scale, pixels, static_cast<cl_ulong>(items.y), period, f.alpha, f.beta});
    };
    return made;
  }

 private:
  learnt_scale scale_;
  activation f_;
};

/// ONNX's InstanceNormalization and GroupNormalization: each group of channels of each image to
/// mean 0 and variance 1, with the biased variance, then each channel times a factor, plus a shift.
class normalization final : public layer {
 public:
  /// `group`: how many channels are in a group; 1 for instance normalization.
  normalization(std::int64_t group, float epsilon, learnt_scale scale, activation f = {})
      : group_(group), epsilon_(epsilon), scale_(std::move(scale)), f_(f) {}

  [[nodiscard]] std::int64_t group() const { return group_; }
  [[nodiscard]] float epsilon() const { return epsilon_; }
  [[nodiscard]] const learnt_scale& scale() const { return scale_; }
  [[nodiscard]] const activation& function() const { return f_; }
  [[nodiscard]] std::string describe() const override {
    return detail::normalization_text(
        group_ == 1 ? "instance normalization"
                    : "group normalization, " + std::to_string(group_) + " channels each",
        f_);
  }
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    detail::check_channels(describe(), src[0]);
    detail::check_scale(describe(), scale_, src[0][1]);
    if (group_ < 1 || src[0][1] % group_ != 0)
      throw argument_error(describe() + ": does not divide " + to_string(src[0]));
    return src[0];
  }
  [[nodiscard]] std::uint64_t parameters() const override { return 2 * scale_.factor.size(); }
  [[nodiscard]] blocks choose_blocks(std::span<const tensor_info> src,
                                     std::int64_t) const override {
    return {{src[0].block}, src[0].block};
  }
  [[nodiscard]] bool runs_in_place() const override { return true; }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override {
    const tensor_info info{dst.shape};
    const std::int64_t pixels = info.pixels(), count = group_ * pixels;
    for (std::int64_t g = 0; g < info.batch() * info.channels() / group_; ++g) {
      const float* from = src[0].data + g * count;
      double mean = 0, variance = 0;
      for (std::int64_t i = 0; i < count; ++i) mean += static_cast<double>(from[i]);
      mean /= static_cast<double>(count);
      for (std::int64_t i = 0; i < count; ++i) {
        const double d = static_cast<double>(from[i]) - mean;
        variance += d * d;
      }
      variance /= static_cast<double>(count);
      const double factor = 1 / std::sqrt(variance + static_cast<double>(epsilon_));
      for (std::int64_t i = 0; i < count; ++i) {
        const auto c = static_cast<std::size_t>((g * group_ + i / pixels) % info.channels());
        const double v = (static_cast<double>(from[i]) - mean) * factor;
        dst.data[g * count + i] = f_(static_cast<float>(v * static_cast<double>(scale_.factor[c]) +
                                                        static_cast<double>(scale_.shift[c])));
      }
    }
  }
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override {
    std::vector<float> learnt = scale_.factor;
    learnt.insert(learnt.end(), scale_.shift.begin(), scale_.shift.end());
    const auto pixels = static_cast<std::size_t>(dst.pixels());
    const auto planes = static_cast<std::size_t>(dst.batch() * dst.blocks());
    const bool is_gpu = device.launches().variant == opencl::kernel_variant::cooperative;
    const std::size_t part = std::max<std::size_t>(
        is_gpu ? 64 : 1024, gpuimg::detail::pieces(pixels, is_gpu ? 1024 : 256));
    const std::size_t parts = gpuimg::detail::pieces(pixels, part);
    const std::size_t block = static_cast<std::size_t>(dst.block) * sizeof(float);
    opencl::defines macros = detail::macros_of(dst, src[0], dst.block, f_);
    if (is_gpu) macros.add("INTERLEAVED");
    prepared_layer made;
    made.weight_bytes = learnt.size() * sizeof(float) + (2 * parts + 3) * planes * block;
    made.enqueue = [=, all = detail::on_device(device, learnt), f = f_, epsilon = epsilon_,
                    means = detail::zeros(device, 2 * parts * planes * block),
                    scales = detail::zeros(device, 3 * planes * block),
                    group = static_cast<cl_uint>(group_),
                    channels = static_cast<cl_uint>(dst.channels()),
                    images = static_cast<cl_uint>(dst.batch()), apply = detail::pixel_grid(dst),
                    period = planes](const device_tensor& to, std::span<const device_tensor> from,
                                     cl_mem) {
      const auto n = static_cast<cl_ulong>(pixels), size = static_cast<cl_ulong>(part);
      device.launch(kernels::normalization, "normalization__parts", macros,
                    {.x = parts, .y = planes, .local = {is_gpu ? 64u : 1u, 1, 1}, .cost = 2 * part},
                    {from[0], *means, n, size, static_cast<cl_ulong>(planes)});
      device.launch(kernels::normalization, "normalization__merge", macros,
                    {.x = channels / group, .y = images, .local = {8, 1, 1}, .cost = parts * group},
                    {*means, *scales, *all, n, size, channels, group, images, epsilon});
      device.launch(kernels::normalization, "normalization__apply", macros, apply,
                    {from[0], to, *scales, n, static_cast<cl_ulong>(planes),
                     static_cast<cl_ulong>(period), f.alpha, f.beta});
    };
    return made;
  }

 private:
  std::int64_t group_;
  float epsilon_;
  learnt_scale scale_;
  activation f_;
};

/// ONNX's LayerNormalization: the numbers along the last axes to mean 0 and variance 1, then each
/// times a factor, plus a shift.
class layer_normalization final : public layer {
 public:
  /// `axis`: the first of the axes.
  layer_normalization(std::size_t axis, float epsilon, learnt_scale scale)
      : axis_(axis), epsilon_(epsilon), scale_(std::move(scale)) {}

  [[nodiscard]] std::string describe() const override { return "layer normalization"; }
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    if (axis_ > src[0].rank())
      throw argument_error("layer normalization: no axis " + std::to_string(axis_) + " in " +
                           to_string(src[0]));
    detail::check_scale(describe(), scale_, src[0].product(axis_, src[0].rank()));
    return src[0];
  }
  [[nodiscard]] std::uint64_t parameters() const override { return 2 * scale_.factor.size(); }
  [[nodiscard]] bool runs_in_place() const override { return true; }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override {
    const std::size_t size = scale_.factor.size();
    const auto rows = static_cast<std::size_t>(dst.shape.product(0, axis_));
    for (std::size_t row = 0; row < rows; ++row) {
      const float* from = src[0].data + row * size;
      double mean = 0, variance = 0;
      for (std::size_t i = 0; i < size; ++i) mean += static_cast<double>(from[i]);
      mean /= static_cast<double>(size);
      for (std::size_t i = 0; i < size; ++i) {
        const double d = static_cast<double>(from[i]) - mean;
        variance += d * d;
      }
      variance /= static_cast<double>(size);
      const double factor = 1 / std::sqrt(variance + static_cast<double>(epsilon_));
      for (std::size_t i = 0; i < size; ++i)
        dst.data[row * size + i] = static_cast<float>(
            (static_cast<double>(from[i]) - mean) * factor * static_cast<double>(scale_.factor[i]) +
            static_cast<double>(scale_.shift[i]));
    }
  }
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override {
    std::vector<float> learnt = scale_.factor;
    learnt.insert(learnt.end(), scale_.shift.begin(), scale_.shift.end());
    const auto rows = static_cast<std::size_t>(dst.shape.product(0, axis_));
    prepared_layer made;
    made.weight_bytes = learnt.size() * sizeof(float);
    made.enqueue = [=, all = detail::on_device(device, learnt), epsilon = epsilon_,
                    size = static_cast<cl_ulong>(scale_.factor.size()),
                    macros = detail::macros_of(dst, src[0], 1)](
                       const device_tensor& to, std::span<const device_tensor> from, cl_mem) {
      device.launch(kernels::normalization, "normalization__rows", macros,
                    {.x = rows, .local = {16, 1, 1}, .cost = 3 * size},
                    {from[0], to, *all, static_cast<cl_ulong>(rows), size, epsilon});
    };
    return made;
  }

 private:
  std::size_t axis_;
  float epsilon_;
  learnt_scale scale_;
};

}  // namespace gpuimg::nn
