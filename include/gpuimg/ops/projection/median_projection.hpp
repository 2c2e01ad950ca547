// SPDX-License-Identifier: BSD-3-Clause
// Medians along y and z.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "gpuimg/core/product.hpp"
#include "gpuimg/kernels/projection/median_projection.cl.hpp"
#include "gpuimg/lines.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::projection {

inline void median(const opencl::device& device, const opencl::buffer_view& dst,
                   const opencl::buffer_view& src, char axis) {
  const bool is_serial = device.launches().variant == opencl::kernel_variant::serial;
  const lines all = lines::of(src.shape, axis);
  opencl::defines macros = rank_macros(src.type);
  const std::size_t width = is_serial ? device.vector_width() : 1;
  opencl::grid items{.x = pieces(all.plane, width),
                     .y = all.planes,
                     .cost = 8 * size_of(src.type) * all.length * width};
  std::vector<opencl::argument> arguments{src, dst, static_cast<cl_ulong>(all.plane),
                                          static_cast<cl_ulong>(all.length),
                                          static_cast<cl_ulong>(all.planes)};
  if (!is_serial) {
    // Work-items share lines where these are few and long.
    std::size_t lanes = 1;
    while (lanes < 32 && all.plane * all.planes * lanes < 65536 && all.length >= 64 * lanes)
      lanes *= 2;
    constexpr std::size_t group = 256;
    macros.add("ONE_PIXEL");
    items.y *= lanes;
    items.local = {group / lanes, lanes, 1};
    items.cost /= lanes;
    arguments.push_back(opencl::argument::local(group * sizeof(cl_uint)));
  }
  const std::size_t bytes = all.length * width * sizeof(cl_uint);
  if (is_serial && bytes <= device.launches().local_memory) {
    macros.add("LOCAL");
    items.local = {1, 1, 1};
    arguments.push_back(opencl::argument::local(bytes));
  }
  device.launch(kernels::median_projection, "median_projection__lines", macros, items,
                arguments.data(), arguments.size());
}

/// The pixel in the middle, or the mean of the two.
template <pixel T>
float median(std::vector<T>& line) {
  if constexpr (std::same_as<T, float>)
    if (std::ranges::any_of(line, [](float p) { return std::isnan(p); }))
      return std::numeric_limits<float>::quiet_NaN();
  std::ranges::sort(line, {}, ordered<T>);
  const T a = line[(line.size() - 1) / 2], b = line[line.size() / 2];
  if constexpr (std::same_as<T, float>)
    return ordered(a) == ordered(b) ? a : detail::product(0.5f, a) + detail::product(0.5f, b);
  else
    return static_cast<float>(std::int64_t{a} + b) * 0.5f;
}

template <char axis>
struct to_median {
  template <pixel T>
  using dst_pixel = float;
  static shape dst_shape(const shape& src) { return detail::projection::dst_shape(src, axis); }
  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    median(device, dst, src, axis);
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    const lines all = lines::of(src.shape(), axis);
    std::vector<T> line(all.length);
    all.for_each(src, [&](std::size_t i, auto&& pixel) {
      for (std::size_t k = 0; k < all.length; ++k) line[k] = pixel(k);
      dst[i] = median(line);
    });
  }
};

}  // namespace detail::projection

namespace ops {

struct median_y_projection : detail::projection::to_median<'y'> {
  static constexpr auto about =
      detail::projection::about("median_y_projection", "The median of the pixels along y",
                                "numpy.median(axis=1); ImageJ's Z Project");
};

struct median_z_projection : detail::projection::to_median<'z'> {
  static constexpr auto about =
      detail::projection::about("median_z_projection", "The median of the pixels along z",
                                "numpy.median(axis=0); ImageJ's Z Project");
};

}  // namespace ops

/// The median of every column along y: dst(x, z) of src(x, y, z). Else as median_z_projection.
/// returns  f32, as large as src along x and z
/// source   numpy.median(axis=1)
template <pixel T>
image<float> median_y_projection(const image<T>& src) {
  return run(ops::median_y_projection{}, src);
}

/// The median of every column along z: the pixel in the middle of their order, or the mean of the
/// two that are there, rounded to f32. NaN where one of the pixels is.
/// src      any pixel type, 2D or 3D
/// returns  f32, z = 1
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels * bits in which pixels differ)
/// source   numpy.median(axis=0); ImageJ's Z Project
template <pixel T>
image<float> median_z_projection(const image<T>& src) {
  return run(ops::median_z_projection{}, src);
}

}  // namespace gpuimg
