// SPDX-License-Identifier: BSD-3-Clause
// Layers that take the maximum or the mean of a window around each pixel.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "gpuimg/kernels/nn/pooling.cl.hpp"
#include "gpuimg/nn/preparing.hpp"
#include "gpuimg/nn/window.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// What a pooling computes, and over which windows.
struct pooling_parameters {
  nn::window window{};
  bool maximum = true;          ///< else the mean
  bool rounds_up = false;       ///< a last window that is partly outside gives a pixel, too
  bool counts_outside = false;  ///< whether zeros around the tensor count in a mean
};

/// ONNX's MaxPool and AveragePool.
class pooling final : public layer {
 public:
  explicit pooling(const pooling_parameters& p) : p_(p) {}

  [[nodiscard]] const pooling_parameters& get() const { return p_; }
  [[nodiscard]] std::string describe() const override {
    return (p_.maximum ? "max pooling " : "average pooling ") + sizes_text(p_.window.size) +
           ", stride " + sizes_text(p_.window.stride);
  }
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    std::vector<std::int64_t> sizes(src[0].sizes().begin(), src[0].sizes().end());
    if (sizes.size() < 3 || sizes.size() > 5)
      throw argument_error(describe() + ": takes tensors with 3 to 5 axes, got " +
                           to_string(src[0]));
    for (std::size_t axis = 2; axis < sizes.size(); ++axis)
      sizes[axis] = result_size(axis + 3 - sizes.size(), sizes[axis]);
    for (const std::int64_t size : sizes)
      if (size < 0) throw argument_error(describe() + ": does not fit " + to_string(src[0]));
    return tensor_shape(std::move(sizes));
  }
  [[nodiscard]] blocks choose_blocks(std::span<const tensor_info> src,
                                     std::int64_t) const override {
    return {{src[0].block}, src[0].block};
  }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override {
    const window& w = p_.window;
    const tensor_info from{src[0].shape}, to{dst.shape};
    const std::int64_t nz = from.spatial(0), ny = from.spatial(1), nx = from.spatial(2);
    const auto is_in = [](std::int64_t i, std::int64_t n) { return i >= 0 && i < n; };
    float* next = dst.data;
    for (std::int64_t c = 0; c < to.batch() * to.channels(); ++c)
      for (std::int64_t z = 0; z < to.spatial(0); ++z)
        for (std::int64_t y = 0; y < to.spatial(1); ++y)
          for (std::int64_t x = 0; x < to.spatial(2); ++x) {
            float result = p_.maximum ? -std::numeric_limits<float>::infinity() : 0.f;
            int count = 0;
            for (std::int64_t k = 0; k < w.size[0]; ++k)
              for (std::int64_t j = 0; j < w.size[1]; ++j)
                for (std::int64_t i = 0; i < w.size[2]; ++i) {
                  const std::int64_t sz = z * w.stride[0] - w.begin[0] + k * w.dilation[0];
                  const std::int64_t sy = y * w.stride[1] - w.begin[1] + j * w.dilation[1];
                  const std::int64_t sx = x * w.stride[2] - w.begin[2] + i * w.dilation[2];
                  const bool inside = is_in(sz, nz) && is_in(sy, ny) && is_in(sx, nx);
                  const bool near = sz < nz + w.end[0] && sy < ny + w.end[1] && sx < nx + w.end[2];
                  count += (p_.counts_outside ? near : inside) ? 1 : 0;
                  if (!inside) continue;
                  const float v = src[0].data[((c * nz + sz) * ny + sy) * nx + sx];
                  if (p_.maximum)
                    result = v > result || std::isnan(v) ? v : result;
                  else
                    result += v;
                }
            *next++ = p_.maximum ? result : result * (1.0f / static_cast<float>(count));
          }
  }
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override {
    opencl::defines macros = detail::macros_of(dst, src[0], dst.block);
    if (p_.maximum) macros.add("MAXIMUM");
    prepared_layer made;
    made.enqueue = [=, from_size = detail::xyz(detail::spatial(src[0])),
                    to_size = detail::xyz(detail::spatial(dst)),
                    planes = static_cast<cl_ulong>(dst.batch() * dst.blocks()),
                    items = detail::pixel_blocks(dst, static_cast<std::uint64_t>(p_.window.taps())),
                    w = p_.window, counts = cl_int{p_.counts_outside}](
                       const device_tensor& to, std::span<const device_tensor> from, cl_mem) {
      device.launch(kernels::pooling, "pooling", macros, items,
                    {from[0], to, from_size, to_size, detail::xyz(w.size), detail::xyz(w.stride),
                     detail::xyz(w.dilation), detail::xyz(w.begin), detail::xyz(w.end), counts,
                     planes, 0.f, 0.f});
    };
    return made;
  }

 private:
  // As ONNX and PyTorch: a window that rounding up adds must begin inside, or in the zeros before.
  [[nodiscard]] std::int64_t result_size(std::size_t axis, std::int64_t size) const {
    const window& w = p_.window;
    const std::int64_t free = size + w.begin[axis] + w.end[axis] - w.extent(axis);
    if (free < 0) return -1;
    std::int64_t count = free / w.stride[axis] + 1;
    if (p_.rounds_up && free % w.stride[axis] != 0 && count * w.stride[axis] < size + w.begin[axis])
      ++count;
    return count;
  }

  pooling_parameters p_;
};

}  // namespace gpuimg::nn
