// SPDX-License-Identifier: BSD-3-Clause
// Softmax: numbers that are positive and whose sum is 1.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "gpuimg/kernels/nn/softmax.cl.hpp"
#include "gpuimg/nn/columns.hpp"
#include "gpuimg/nn/preparing.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// exp(x) over the sum of exp(x) along an axis, or its logarithm.
class softmax final : public layer {
 public:
  explicit softmax(std::size_t axis, bool logarithm = false) : axis_(axis), log_(logarithm) {}

  [[nodiscard]] std::size_t axis() const { return axis_; }
  [[nodiscard]] std::string describe() const override {
    return (log_ ? "log_softmax along axis " : "softmax along axis ") + std::to_string(axis_);
  }
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    if (axis_ >= src[0].rank())
      throw argument_error(describe() + ": got a tensor of shape " + to_string(src[0]));
    return src[0];
  }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override {
    const detail::axis_view view(dst.shape, axis_);
    for (std::int64_t column = 0; column < view.outer * view.inner; ++column) {
      const std::int64_t first = column / view.inner * view.size * view.inner + column % view.inner;
      const auto at = [&](std::int64_t i) { return src[0].data[first + i * view.inner]; };
      float greatest = -std::numeric_limits<float>::infinity();
      double sum = 0;
      for (std::int64_t i = 0; i < view.size; ++i) greatest = std::fmax(greatest, at(i));
      for (std::int64_t i = 0; i < view.size; ++i)
        sum += std::exp(static_cast<double>(at(i) - greatest));
      for (std::int64_t i = 0; i < view.size; ++i) {
        const double x = static_cast<double>(at(i) - greatest);
        dst.data[first + i * view.inner] =
            static_cast<float>(log_ ? x - std::log(sum) : std::exp(x) / sum);
      }
    }
  }
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override {
    const detail::axis_view view(dst.shape, axis_);
    prepared_layer made;
    made.enqueue = [=, is_log = log_, in = src[0], runs = detail::column_runs(device, view.inner)](
                       const device_tensor& to, std::span<const device_tensor> from, cl_mem) {
      const auto number = [](std::int64_t n) { return static_cast<cl_ulong>(n); };
      for (const auto& run : runs) {
        opencl::defines macros = detail::macros_of(to.info, in, run.width);
        if (is_log) macros.add("LOGARITHM");
        device.launch(kernels::softmax, "softmax", macros,
                      detail::wide_grid(run.items, view.outer, 1, 3 * view.size),
                      {from[0], to, number(view.size), number(view.inner), number(run.first),
                       number(run.items), number(view.outer)});
      }
    };
    return made;
  }

 private:
  std::size_t axis_;
  bool log_;
};

}  // namespace gpuimg::nn
