// SPDX-License-Identifier: BSD-3-Clause
// Layers that make images larger or smaller.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/kernels/nn/resize.cl.hpp"
#include "gpuimg/nn/preparing.hpp"
#include "gpuimg/nn/window.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// How pixels between pixels are made.
enum class interpolation : std::uint8_t { nearest, linear, cubic };

/// Which place of the source a pixel of the result stands for, as ONNX names it.
enum class coordinates : std::uint8_t {
  half_pixel,
  half_pixel_symmetric,
  pytorch_half_pixel,
  align_corners,
  asymmetric
};

/// Which pixel is the nearest.
enum class nearest_pixel : std::uint8_t { round_prefer_floor, round_prefer_ceil, floor, ceil };

struct resize_parameters {
  interpolation mode = interpolation::nearest;
  coordinates where = coordinates::half_pixel;
  nearest_pixel nearest = nearest_pixel::round_prefer_floor;
  float cubic = -0.75f;           ///< the constant of cubic interpolation
  bool excludes_outside = false;  ///< pixels outside have no weight, instead of the edge's value
  bool antialias = false;         ///< smaller images are means over all pixels
};

/// Which pixels a pixel of the result is made of along one axis, and their weights.
struct axis_taps {
  std::int64_t size = 0, taps = 1;  ///< pixels of the result; pixels for each
  std::vector<std::int32_t> places{};
  std::vector<float> weights{};
};

/// The taps of an axis of `src` pixels for `dst` pixels. `scale`: dst / src, or the number that a
/// file gives in its place.
/// source: ONNX, operator Resize
inline axis_taps taps_of(const resize_parameters& p, std::int64_t src, std::int64_t dst,
                         double scale) {
  const auto length = static_cast<double>(dst);
  const auto place_of = [&](double i) {
    switch (p.where) {
      case coordinates::half_pixel:
        break;
      case coordinates::half_pixel_symmetric: {
        const double adjustment = length / (scale * static_cast<double>(src));
        const double offset = static_cast<double>(src) / 2 * (1 - adjustment);
        return offset + (i + 0.5) / scale - 0.5;
      }
      case coordinates::pytorch_half_pixel:
        if (dst == 1) return 0.0;
        break;
      case coordinates::align_corners:
        return dst == 1 ? 0.0 : i * static_cast<double>(src - 1) / (length - 1);
      case coordinates::asymmetric:
        return i / scale;
    }
    return (i + 0.5) / scale - 0.5;
  };
  const auto nearest_of = [&](double x) {
    const double low = std::floor(x);
    switch (p.nearest) {
      case nearest_pixel::round_prefer_floor:
        return x == low + 0.5 ? low : std::round(x);
      case nearest_pixel::round_prefer_ceil:
        return x == low + 0.5 ? low + 1 : std::round(x);
      case nearest_pixel::floor:
        return low;
      case nearest_pixel::ceil:
        break;
    }
    return std::ceil(x);
  };
  const double a = static_cast<double>(p.cubic);
  const auto weight_at = [&](double distance) {
    const double d = std::fabs(distance);
    if (p.mode == interpolation::linear) return std::max(1 - d, 0.0);
    if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0.0;
  };
  // Smaller images without aliasing: the same curve, wider.
  const double width = p.antialias && scale < 1 ? 1 / scale : 1;
  const double reach = (p.mode == interpolation::cubic ? 2 : 1) * width;

  axis_taps made{.size = dst};
  if (p.mode != interpolation::nearest)
    made.taps = width > 1 ? 2 * static_cast<std::int64_t>(std::ceil(reach)) + 1
                          : static_cast<std::int64_t>(2 * reach);
  for (std::int64_t i = 0; i < dst; ++i) {
    const double x = place_of(static_cast<double>(i));
    if (p.mode == interpolation::nearest) {
      const double last = static_cast<double>(src - 1);
      made.places.push_back(static_cast<std::int32_t>(std::clamp(nearest_of(x), 0.0, last)));
      made.weights.push_back(1);
      continue;
    }
    const auto first = width > 1 ? static_cast<std::int64_t>(std::floor(x - reach)) + 1
                                 : static_cast<std::int64_t>(std::floor(x)) + 1 - made.taps / 2;
    std::vector<double> weights;
    double sum = 0;
    for (std::int64_t k = first; k < first + made.taps; ++k) {
      const bool is_outside = k < 0 || k >= src;
      const double weight = weight_at((static_cast<double>(k) - x) / width);
      weights.push_back(p.excludes_outside && is_outside ? 0 : weight);
      sum += weights.back();
      made.places.push_back(static_cast<std::int32_t>(std::clamp<std::int64_t>(k, 0, src - 1)));
    }
    const bool normalize = p.excludes_outside || width > 1;
    for (const double weight : weights)
      made.weights.push_back(static_cast<float>(normalize ? weight / sum : weight));
  }
  return made;
}

/// ONNX's Resize and Upsample along the spatial axes.
class resize final : public layer {
 public:
  /// `axes`: along z, y and x, for a source of `src`.
  resize(interpolation mode, tensor_shape src, std::array<axis_taps, 3> axes)
      : mode_(mode), src_(std::move(src)), axes_(std::move(axes)) {}

  [[nodiscard]] std::string describe() const override {
    constexpr const char* names[] = {"nearest", "linear", "cubic"};
    return std::string("resize, ") + names[static_cast<std::size_t>(mode_)];
  }
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    if (src[0] != src_)
      throw argument_error(describe() + ": takes a tensor of shape " + to_string(src_) + ", got " +
                           to_string(src[0]));
    std::vector<std::int64_t> sizes(src[0].sizes().begin(), src[0].sizes().end());
    for (std::size_t axis = 2; axis < sizes.size(); ++axis)
      sizes[axis] = axes_[axis + 3 - sizes.size()].size;
    return tensor_shape(std::move(sizes));
  }
  [[nodiscard]] blocks choose_blocks(std::span<const tensor_info> src,
                                     std::int64_t) const override {
    return {{src[0].block}, src[0].block};
  }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override {
    const tensor_info from{src[0].shape}, to{dst.shape};
    const auto at = [](std::int64_t i) { return static_cast<std::size_t>(i); };
    const auto& [az, ay, ax] = axes_;
    float* next = dst.data;
    for (std::int64_t c = 0; c < to.batch() * to.channels(); ++c)
      for (std::int64_t z = 0; z < az.size; ++z)
        for (std::int64_t y = 0; y < ay.size; ++y)
          for (std::int64_t x = 0; x < ax.size; ++x) {
            float result = 0;
            for (std::int64_t k = z * az.taps; k < (z + 1) * az.taps; ++k)
              for (std::int64_t j = y * ay.taps; j < (y + 1) * ay.taps; ++j) {
                const std::int64_t row =
                    (c * from.spatial(0) + az.places[at(k)]) * from.spatial(1) + ay.places[at(j)];
                float sum = 0;
                for (std::int64_t i = x * ax.taps; i < (x + 1) * ax.taps; ++i)
                  sum = std::fma(src[0].data[row * from.spatial(2) + ax.places[at(i)]],
                                 ax.weights[at(i)], sum);
                result = std::fma(sum, az.weights[at(k)] * ay.weights[at(j)], result);
              }
            *next++ = result;
          }
  }
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override {
    std::vector<std::int32_t> places;
    std::vector<float> weights;
    for (const axis_taps& axis : axes_) {
      places.insert(places.end(), axis.places.begin(), axis.places.end());
      weights.insert(weights.end(), axis.weights.begin(), axis.weights.end());
    }
    prepared_layer made;
    made.weight_bytes = places.size() * sizeof(std::int32_t) + weights.size() * sizeof(float);
    made.enqueue =
        [=, macros = detail::macros_of(dst, src[0], dst.block),
         from_size = detail::xyz(detail::spatial(src[0])),
         to_size = detail::xyz(detail::spatial(dst)),
         taps = detail::xyz({axes_[0].taps, axes_[1].taps, axes_[2].taps}),
         planes = static_cast<cl_ulong>(dst.batch() * dst.blocks()),
         all_places = detail::on_device(device, places),
         all_weights = detail::on_device(device, weights),
         items = detail::pixel_blocks(
             dst, static_cast<std::uint64_t>(axes_[0].taps * axes_[1].taps * axes_[2].taps))](
            const device_tensor& to, std::span<const device_tensor> from, cl_mem) {
          device.launch(kernels::resize, "resize", macros, items,
                        {from[0], to, *all_places, *all_weights, from_size, to_size, taps, planes});
        };
    return made;
  }

 private:
  interpolation mode_;
  tensor_shape src_;
  std::array<axis_taps, 3> axes_;
};

}  // namespace gpuimg::nn
