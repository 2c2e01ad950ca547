// SPDX-License-Identifier: BSD-3-Clause
// rotate, by way of any affine map of pixel coordinates.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>

#include "gpuimg/kernels/transform/resampling.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::resampling {

using matrix = std::array<std::array<double, 3>, 3>;  // rows of factors of x, y and z

inline matrix product(const matrix& a, const matrix& b) {
  matrix all{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 3; ++k) all[i][j] += a[i][k] * b[k][j];
  return all;
}

/// Where a pixel of the result comes from: linear * (x, y, z) + offset.
struct map {
  matrix linear;
  std::array<double, 3> offset;
};

/// A map in whole numbers of 1/2^32 pixel, row by row.
struct fixed_map {
  std::array<std::int64_t, 12> numbers;

  [[nodiscard]] std::int64_t coordinate(std::size_t axis, std::size_t x, std::size_t y,
                                        std::size_t z) const {
    const auto* row = numbers.data() + 4 * axis;
    return row[0] * static_cast<std::int64_t>(x) + row[1] * static_cast<std::int64_t>(y) +
           row[2] * static_cast<std::int64_t>(z) + row[3];
  }
  /// Whether z comes from z alone, unchanged.
  [[nodiscard]] bool is_planar() const {
    return numbers[8] == 0 && numbers[9] == 0 && numbers[10] == std::int64_t{1} << 32 &&
           numbers[11] == 0;
  }
};

/// Throws argument_error where coordinates do not fit 31 bits.
inline fixed_map fixed(const map& from, const shape& dst) {
  constexpr double one = 4294967296;
  fixed_map all{};
  for (std::size_t i = 0; i < 3; ++i) {
    double most = std::abs(from.offset[i]);
    for (std::size_t j = 0; j < 3; ++j)
      most += std::abs(from.linear[i][j]) * static_cast<double>(dst.axes()[j]);
    if (!(most < 1 << 30))
      throw argument_error("coordinates would reach " + number_text(most) +
                           " pixels, where 1073741824 are possible");
    for (std::size_t j = 0; j < 3; ++j)
      all.numbers[4 * i + j] = std::llround(from.linear[i][j] * one);
    all.numbers[4 * i + 3] = std::llround(from.offset[i] * one);
  }
  return all;
}

inline void launch(const opencl::device& device, const opencl::buffer_view& dst,
                   const opencl::buffer_view& src, const fixed_map& from, bool interpolate) {
  const bool cooperative = device.launches().variant == opencl::kernel_variant::cooperative;
  opencl::defines macros{{"SRC_T", opencl_name_of(src.type)}};
  if (src.type == pixel_type::f32) macros.add("IS_FLOAT");
  if (interpolate) macros.add("LINEAR");
  if (from.is_planar()) macros.add("PLANAR");
  if (cooperative) macros.add("RUN", 1);
  opencl::grid grid = row_vectors(device, dst.shape);
  if (cooperative) grid.x = dst.shape.x;
  if (cooperative) grid.local = {32, 8, 1};
  grid.cost = 16 * (dst.shape.x / grid.x + 1);
  device.launch(
      kernels::resampling, "resampling__affine", macros, grid,
      {src, dst, device.table(std::span<const std::int64_t>(from.numbers)), src.shape, dst.shape});
}

/// How far a coordinate is beyond a pixel, from 0 to 1, exactly.
inline float fraction_of(std::int64_t coordinate) {
  return static_cast<float>(static_cast<std::uint32_t>(coordinate) >> 8) * 0x1p-24f;
}
/// Where it is not at all, the next pixel has no say, whatever it is.
inline float mix(float a, float b, float fraction) {
  return fraction > 0 ? std::fma(fraction, b - a, a) : a;
}

template <pixel T>
T pixel_at(view<const T> src, const std::array<std::int64_t, 3>& at, bool interpolate) {
  const auto sizes = src.shape().axes();
  std::array<std::size_t, 3> near{}, next{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::int64_t half = interpolate ? 0 : std::int64_t{1} << 31;
    near[axis] = static_cast<std::size_t>((at[axis] + half) >> 32);
    next[axis] = std::min(near[axis] + 1, sizes[axis] - 1);
  }
  if (!interpolate) return src(near[0], near[1], near[2]);
  const auto in_row = [&](std::size_t y, std::size_t z) {
    return mix(static_cast<float>(src(near[0], y, z)), static_cast<float>(src(next[0], y, z)),
               fraction_of(at[0]));
  };
  const auto in_plane = [&](std::size_t z) {
    return mix(in_row(near[1], z), in_row(next[1], z), fraction_of(at[1]));
  };
  return convert_pixel<T>(mix(in_plane(near[2]), in_plane(next[2]), fraction_of(at[2])));
}

template <pixel T>
void reference(view<T> dst, view<const T> src, const fixed_map& from, bool interpolate) {
  const auto sizes = src.shape().axes();
  std::size_t i = 0;
  for (std::size_t z = 0; z < dst.shape().z; ++z)
    for (std::size_t y = 0; y < dst.shape().y; ++y)
      for (std::size_t x = 0; x < dst.shape().x; ++x) {
        std::array<std::int64_t, 3> at{};
        bool inside = true;
        for (std::size_t axis = 0; axis < 3; ++axis) {
          at[axis] = from.coordinate(axis, x, y, z);
          inside = inside && at[axis] >= 0 &&
                   at[axis] <= static_cast<std::int64_t>(sizes[axis] - 1) << 32;
        }
        dst[i++] = inside ? pixel_at(src, at, interpolate) : T{0};
      }
}

}  // namespace detail::resampling

namespace ops {

struct rotate {
  float angle_x = 0, angle_y = 0, angle_z = 0;
  bool centered = true, interpolate = false, resize = false;

  static constexpr operation_info about{
      .name = "rotate",
      .theme = "transform",
      .brief = "The image turned about the axes",
      .source = "scipy.ndimage.affine_transform (order 0 or 1, mode constant)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("angle_x", &rotate::angle_x, "degree", "turn about x, from y to z backwards", -1e6, 1e6);
    p("angle_y", &rotate::angle_y, "degree", "turn about y, from z to x backwards", -1e6, 1e6);
    p("angle_z", &rotate::angle_z, "degree", "turn about z, counter-clockwise as displayed", -1e6,
      1e6);
    p("centered", &rotate::centered, "", "about the centre of the image, not its first pixel");
    p("interpolate", &rotate::interpolate, "", "between pixels linearly, not the nearest one");
    p("resize", &rotate::resize, "", "the result holds the whole turned image");
  }
  template <pixel T>
  using dst_pixel = T;

  void check(const shape& src) const {
    if (!src.empty()) static_cast<void>(source_of(src));
  }
  [[nodiscard]] shape dst_shape(const shape& src) const {
    if (!resize || src.empty()) return src;
    const auto turned = backwards();
    std::array<std::size_t, 3> sizes{};
    for (std::size_t i = 0; i < 3; ++i) {
      double extent = 0;
      for (std::size_t j = 0; j < 3; ++j)
        extent += std::abs(turned[j][i]) * static_cast<double>(src.axes()[j]);
      sizes[i] = std::max(static_cast<std::size_t>(extent + 0.5), std::size_t{1});
    }
    return {sizes[0], sizes[1], sizes[2]};
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::resampling::launch(device, dst, src, source_of(src.shape), interpolate);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    detail::resampling::reference(dst, src, source_of(src.shape()), interpolate);
  }

 private:
  /// The rotation that leads from the result to the source: z, y and x undone.
  [[nodiscard]] detail::resampling::matrix backwards() const {
    const auto turn = [](std::size_t axis, float degrees) {
      const double radians = static_cast<double>(degrees) * std::numbers::pi / 180;
      const std::size_t i = (axis + 1) % 3, j = (axis + 2) % 3;
      detail::resampling::matrix m{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
      m[i][i] = m[j][j] = std::cos(radians);
      m[j][i] = std::sin(radians);
      m[i][j] = -m[j][i];
      return m;
    };
    using detail::resampling::product;
    return product(turn(0, angle_x), product(turn(1, angle_y), turn(2, angle_z)));
  }
  /// Where the pixels of the result come from. Centres stay centres, or first pixels first pixels.
  [[nodiscard]] detail::resampling::fixed_map source_of(const shape& src) const {
    const shape dst = dst_shape(src);
    detail::resampling::map from{.linear = backwards(), .offset = {}};
    if (centered || resize)
      for (std::size_t i = 0; i < 3; ++i) {
        from.offset[i] = (static_cast<double>(src.axes()[i]) - 1) / 2;
        for (std::size_t j = 0; j < 3; ++j)
          from.offset[i] -= from.linear[i][j] * (static_cast<double>(dst.axes()[j]) - 1) / 2;
      }
    return detail::resampling::fixed(from, dst);
  }
};

}  // namespace ops

/// The image turned about x, then y, then z.
/// src      any pixel type, 2D or 3D
/// p        angle_x, angle_y, angle_z in degrees, counter-clockwise where one looks along the axis,
///          as an image is displayed; centered: about (size - 1) / 2, else about the first pixel;
///          interpolate: linear between pixels, else the nearest one; resize: the result is as
///          large as the turned image, and centered
/// returns  src's type; integers are interpolated as f32 and rounded, halves to even
/// edges    0 beyond the centres of the outermost pixels
/// throws   argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels of the result)
/// source   scipy.ndimage.affine_transform (mode constant); clesperanto rotate, which turns the
///          other way
template <pixel T>
image<T> rotate(const image<T>& src, const ops::rotate& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
