// SPDX-License-Identifier: BSD-3-Clause
// gaussian_blur: a separable Gaussian, one pass per axis.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "gpuimg/kernels/filter/gaussian_blur.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct gaussian_blur {
  float sigma_x = 0, sigma_y = 0, sigma_z = 0;
  gpuimg::border border = border::nearest;
  float border_value = 0;

  static constexpr operation_info about{
      .name = "gaussian_blur",
      .theme = "filter",
      .brief = "Blur with a sampled, normalised Gaussian, one axis after the other",
      .source = "scipy.ndimage.gaussian_filter (truncate = 4)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    using Op = gaussian_blur;
    p("sigma_x", &Op::sigma_x, "pixel", "standard deviation along x; 0 leaves x alone", 0, 1e4);
    p("sigma_y", &Op::sigma_y, "pixel", "standard deviation along y; 0 leaves y alone", 0, 1e4);
    p("sigma_z", &Op::sigma_z, "pixel", "standard deviation along z; 0 leaves z alone", 0, 1e4);
    p("border", &Op::border, "", "how pixels beyond the edge are made");
    p("border_value", &Op::border_value, "", "the value beyond a constant border");
  }
  template <pixel T>
  using dst_pixel = float;

  [[nodiscard]] gpuimg::halo halo() const {
    return {radius(sigma_x), radius(sigma_y), radius(sigma_z), border == border::wrap};
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const auto passes = passes_of(src.shape);
    opencl::buffer memory;
    opencl::buffer_view other = dst;
    if (passes.size() > 1) {
      memory = device.allocate(dst.bytes());
      other.memory = memory.memory();
    }
    opencl::buffer_view from = src;
    for (std::size_t i = 0; i < passes.size(); ++i) {
      const auto& to = (passes.size() - i) % 2 == 1 ? dst : other;
      blur(device, to, from, passes[i].axis, weights_of(passes[i].sigma));
      from = to;
    }
  }

  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    const shape size = src.shape();
    std::vector<float> before(src.begin(), src.end());
    for (const auto& [axis, sigma] : passes_of(size)) {
      const auto weights = weights_of(sigma);
      const auto radius = static_cast<std::ptrdiff_t>(weights.size() / 2);
      const std::size_t stride = axis == 0 ? 1 : axis == 1 ? size.x : size.x * size.y;
      const auto n = static_cast<std::ptrdiff_t>(size.axes()[axis]);
      for (std::size_t p = 0; p < dst.size(); ++p) {
        const auto at = static_cast<std::ptrdiff_t>(p / stride) % n;
        float sum = 0;
        for (std::ptrdiff_t i = -radius; i <= radius; ++i) {
          const std::ptrdiff_t from = border_index(at + i, n, border);
          const float value =
              from < 0 ? border_value : before[p + static_cast<std::size_t>(from - at) * stride];
          sum = std::fma(weights[static_cast<std::size_t>(i + radius)], value, sum);
        }
        dst[p] = sum;
      }
      before.assign(dst.begin(), dst.end());
    }
  }

 private:
  // One pass over one axis.
  void blur(const opencl::device& device, const opencl::buffer_view& dst,
            const opencl::buffer_view& src, std::size_t axis,
            const std::vector<float>& weights) const {
    const bool shared = device.launches().variant == opencl::kernel_variant::cooperative;
    const auto [nx, ny, nz] = src.shape;
    const auto table = device.table(std::span<const float>(weights));
    const auto radius = static_cast<cl_int>(weights.size() / 2), mode = static_cast<cl_int>(border);
    constexpr std::size_t columns = 64;  // of a GPU's work-group
    constexpr std::size_t taps = 128, longest_run = 512;
    const opencl::defines macros{
        {"SRC_T", opencl_name_of(src.type)}, {"TAPS", taps}, {"RUN", longest_run}};
    if (axis == 0) {
      const std::size_t run = shared ? 4 : longest_run;  // pixels per work-item
      opencl::grid items{detail::pieces(nx, run), ny, nz, {1, 1, 1}, run * weights.size()};
      if (!shared) {
        device.launch(kernels::gaussian_blur, "gaussian_blur__x", macros, items,
                      {src, dst, table, radius, src.shape, mode, border_value});
        return;
      }
      items.local = {columns, 1, 1};
      device.launch(kernels::gaussian_blur, "gaussian_blur__x_shared", macros, items,
                    {src, dst, table, radius, src.shape, mode, border_value,
                     opencl::argument::local((columns * run + taps) * sizeof(float))});
      return;
    }
    const cl_ulong row = nx, plane = nx * ny;
    const bool along_y = axis == 1;
    const std::size_t n = along_y ? ny : nz, others = along_y ? nz : ny;
    const std::size_t width = shared ? 1 : 2 * device.vector_width(), height = shared ? 8 : 4;
    opencl::grid items{detail::pieces(nx, width), detail::pieces(n, height), others};
    items.cost = width * height * weights.size();
    if (shared) items.local = {columns, 4, 1};
    device.launch(kernels::gaussian_blur,
                  shared ? "gaussian_blur__across_shared" : "gaussian_blur__across", macros, items,
                  {src, dst, table, radius, static_cast<cl_int>(nx), static_cast<cl_int>(n),
                   along_y ? row : plane, along_y ? plane : row, mode, border_value});
  }

  struct pass {
    std::size_t axis;
    float sigma;
  };
  static std::size_t radius(float sigma) { return static_cast<std::size_t>(4.0 * sigma + 0.5); }

  // x, then y, then z; at least one, so that there is always a result. A 2D image has no z.
  struct pass_list {
    std::array<pass, 3> passes{};
    std::size_t count = 0;

    void add(pass p) { passes[count++] = p; }
    [[nodiscard]] std::size_t size() const { return count; }
    [[nodiscard]] const pass& operator[](std::size_t i) const { return passes[i]; }
    [[nodiscard]] const pass* begin() const { return passes.data(); }
    [[nodiscard]] const pass* end() const { return passes.data() + count; }
  };
  [[nodiscard]] pass_list passes_of(const shape& size) const {
    pass_list passes;
    if (sigma_x > 0) passes.add({0, sigma_x});
    if (sigma_y > 0) passes.add({1, sigma_y});
    if (sigma_z > 0 && size.is_3d()) passes.add({2, sigma_z});
    if (passes.size() == 0) passes.add({0, 0});
    return passes;
  }

  // Computed in double and rounded once; their sum is 1 before rounding.
  static std::vector<float> weights_of(float sigma) {
    const std::size_t r = radius(sigma);
    const auto exact = [&](std::size_t tap) {
      const double t = (static_cast<double>(tap) - static_cast<double>(r)) /
                       (sigma > 0 ? static_cast<double>(sigma) : 1.0);
      return std::exp(-0.5 * t * t);
    };
    std::vector<float> weights(2 * r + 1);
    double sum = 0;
    for (std::size_t tap = 0; tap < weights.size(); ++tap) sum += exact(tap);
    for (std::size_t tap = 0; tap < weights.size(); ++tap)
      weights[tap] = static_cast<float>(exact(tap) / sum);
    return weights;
  }
};

}  // namespace ops

/// Blurs an image with a sampled, normalised Gaussian, one axis after the other.
///     dst(p) = sum over i of w(i) src(p + i),  w(i) ~ exp(-i^2 / 2 sigma^2),  |i| <= int(4 sigma +
///     0.5)
/// src      any pixel type, 2D or 3D
/// p        sigma_x, sigma_y, sigma_z in pixels, 0 to 10000; 0 leaves an axis alone; sigma_z has no
///          effect on a 2D image; border and border_value
/// returns  f32, the same shape
/// edges    as `border` says, nearest unless told otherwise
/// throws   argument_error, memory_error (one temporary of the size of the result)
/// parity   the same bits on every device    cost  O(pixels x (radius_x + radius_y + radius_z))
/// source   scipy.ndimage.gaussian_filter; clesperanto gaussian_blur    example  examples/blur.cpp
template <pixel T>
image<float> gaussian_blur(const image<T>& src, const ops::gaussian_blur& p) {
  return run(p, src);
}

}  // namespace gpuimg
