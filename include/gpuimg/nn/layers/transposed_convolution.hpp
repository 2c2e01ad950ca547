// SPDX-License-Identifier: BSD-3-Clause
// Transposed convolutions along up to three axes.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "gpuimg/nn/layers/convolution.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// ONNX's ConvTranspose: every pixel of the source adds its multiple of the window to the result,
/// `stride` pixels apart; window.begin and window.end are cut off the result. Sums are added in
/// double precision and rounded once.
class transposed_convolution final : public detail::sum_over_taps {
 public:
  /// `output_padding` is added to the size of the result behind the last pixel. Throws
  /// argument_error where the numbers do not fit together.
  explicit transposed_convolution(convolution_parameters p, per_axis output_padding = {})
      : sum_over_taps("transposed convolution", std::move(p)), output_padding_(output_padding) {}

  [[nodiscard]] const per_axis& output_padding() const { return output_padding_; }
  [[nodiscard]] std::uint64_t flops(std::span<const tensor_shape> src) const override {
    const tensor_shape& s = src[0];
    return 2 * get().weights.size() * static_cast<std::uint64_t>(s[0] * s.product(2, s.rank()));
  }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override {
    const auto& p = get();
    const window& w = p.window;
    const auto [nz, ny, nx] = detail::spatial({src[0].shape});
    const auto [mz, my, mx] = detail::spatial({dst.shape});
    const std::int64_t per_group = p.src_channels / p.groups;
    std::size_t i = 0;
    for (std::int64_t n = 0; n < dst.shape[0]; ++n)
      for (std::int64_t o = 0; o < p.dst_channels; ++o) {
        const std::int64_t first = o / (p.dst_channels / p.groups) * per_group;
        for (std::int64_t z = 0; z < mz; ++z)
          for (std::int64_t y = 0; y < my; ++y)
            for (std::int64_t x = 0; x < mx; ++x, ++i) {
              double sum = bias(o);
              for (std::int64_t c = first; c < first + per_group; ++c) {
                const float* const channel = channel_of(src, n, c);
                const float* weight =
                    &p.weights[static_cast<std::size_t>(index_of_weight(o, c, 0))];
                for (std::int64_t kz = 0; kz < w.size[0]; ++kz)
                  for (std::int64_t ky = 0; ky < w.size[1]; ++ky)
                    for (std::int64_t kx = 0; kx < w.size[2]; ++kx, ++weight) {
                      // stride s + dilation k - begin is this pixel for one s, or for none.
                      const std::int64_t tz = z + w.begin[0] - kz * w.dilation[0];
                      const std::int64_t ty = y + w.begin[1] - ky * w.dilation[1];
                      const std::int64_t tx = x + w.begin[2] - kx * w.dilation[2];
                      if (tz % w.stride[0] != 0 || ty % w.stride[1] != 0 || tx % w.stride[2] != 0)
                        continue;
                      const std::int64_t sz = tz / w.stride[0], sy = ty / w.stride[1];
                      const std::int64_t sx = tx / w.stride[2];
                      if (sz < 0 || sz >= nz || sy < 0 || sy >= ny || sx < 0 || sx >= nx) continue;
                      sum += static_cast<double>(*weight) *
                             static_cast<double>(channel[(sz * ny + sy) * nx + sx]);
                    }
              }
              if (p.adds_residual) sum += static_cast<double>(src.back().data[i]);
              dst.data[i] = p.activation(static_cast<float>(sum));
            }
      }
  }

 protected:
  [[nodiscard]] std::int64_t result_size(std::size_t axis, std::int64_t size) const override {
    const window& w = get().window;
    if (size == 0) return 0;
    return w.stride[axis] * (size - 1) + output_padding_[axis] + w.extent(axis) - w.begin[axis] -
           w.end[axis];
  }
  // Pixel stride q + r of the result, r = 0 .. stride - 1 being the phase, gets from tap k the
  // pixel q + (r + begin - dilation k) / stride of the source, where that is a whole number.
  [[nodiscard]] detail::tap_sum taps() const override {
    const window& w = get().window;
    detail::tap_sum sum{.dst_step = w.stride, .phases = {}};
    for (std::int64_t rz = 0; rz < w.stride[0]; ++rz)
      for (std::int64_t ry = 0; ry < w.stride[1]; ++ry)
        for (std::int64_t rx = 0; rx < w.stride[2]; ++rx) {
          auto& phase = sum.phases.emplace_back();
          std::int64_t weight = 0;
          for (std::int64_t kz = 0; kz < w.size[0]; ++kz)
            for (std::int64_t ky = 0; ky < w.size[1]; ++ky)
              for (std::int64_t kx = 0; kx < w.size[2]; ++kx, ++weight) {
                const per_axis t{rz + w.begin[0] - kz * w.dilation[0],
                                 ry + w.begin[1] - ky * w.dilation[1],
                                 rx + w.begin[2] - kx * w.dilation[2]};
                if (t[0] % w.stride[0] == 0 && t[1] % w.stride[1] == 0 && t[2] % w.stride[2] == 0)
                  phase.push_back(
                      {{t[0] / w.stride[0], t[1] / w.stride[1], t[2] / w.stride[2]}, weight});
              }
        }
    return sum;
  }
  [[nodiscard]] std::int64_t index_of_weight(std::int64_t dst_channel, std::int64_t src_channel,
                                             std::int64_t tap) const override {
    const std::int64_t per_group = get().dst_channels / get().groups;
    return (src_channel * per_group + dst_channel % per_group) * get().window.taps() + tap;
  }

 private:
  per_axis output_padding_;
};

}  // namespace gpuimg::nn
