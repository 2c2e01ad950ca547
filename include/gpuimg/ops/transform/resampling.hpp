// SPDX-License-Identifier: BSD-3-Clause
// Images on other grids: rotate and radial_reslice.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

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

/// A number of pixels as a whole number of 1/2^32 pixel.
inline std::int64_t fixed(double pixels) {
  constexpr double one = 4294967296;
  return std::llround(pixels * one);
}
inline void check_reach(double pixels) {
  constexpr double most = 1 << 30;
  if (!(pixels < most))
    throw argument_error("coordinates would reach " + number_text(pixels) + " pixels, where " +
                         number_text(most) + " are possible");
}

/// Throws argument_error where coordinates are too large.
inline fixed_map fixed(const map& from, const shape& dst) {
  fixed_map all{};
  for (std::size_t i = 0; i < 3; ++i) {
    double reach = std::abs(from.offset[i]);
    for (std::size_t j = 0; j < 3; ++j) {
      reach += std::abs(from.linear[i][j]) * static_cast<double>(dst.axes()[j]);
      all.numbers[4 * i + j] = fixed(from.linear[i][j]);
    }
    check_reach(reach);
    all.numbers[4 * i + 3] = fixed(from.offset[i]);
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
  // Tiles: turned lines of them share cache lines and pages of the source.
  if (cooperative)
    grid.local = {32, 8, 1};
  else if (!from.is_planar())
    grid.local = {4, 8, 8};
  else if (dst.shape.y >= 64)
    grid.local = {4, 64, 1};
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

/// The pixel at whole coordinates and the next one along each axis, mixed.
template <pixel T>
float interpolated(view<const T> src, const std::array<std::int64_t, 3>& at) {
  const auto sizes = src.shape().axes();
  std::array<std::size_t, 3> first{}, next{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    first[axis] = static_cast<std::size_t>(at[axis] >> 32);
    next[axis] = std::min(first[axis] + 1, sizes[axis] - 1);
  }
  const auto in_row = [&](std::size_t y, std::size_t z) {
    return mix(static_cast<float>(src(first[0], y, z)), static_cast<float>(src(next[0], y, z)),
               fraction_of(at[0]));
  };
  const auto in_plane = [&](std::size_t z) {
    return mix(in_row(first[1], z), in_row(next[1], z), fraction_of(at[1]));
  };
  return mix(in_plane(first[2]), in_plane(next[2]), fraction_of(at[2]));
}

template <pixel T>
T nearest(view<const T> src, const std::array<std::int64_t, 3>& at) {
  const auto whole = [&](std::size_t axis) {
    return static_cast<std::size_t>((at[axis] + (std::int64_t{1} << 31)) >> 32);
  };
  return src(whole(0), whole(1), whole(2));
}

/// From the first pixel of each axis to the last.
inline bool is_inside(const shape& size, const std::array<std::int64_t, 3>& at) {
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (at[axis] < 0 || at[axis] > static_cast<std::int64_t>(size.axes()[axis] - 1) << 32)
      return false;
  return true;
}

template <pixel T>
void reference(view<T> dst, view<const T> src, const fixed_map& from, bool interpolate) {
  std::size_t i = 0;
  for (std::size_t z = 0; z < dst.shape().z; ++z)
    for (std::size_t y = 0; y < dst.shape().y; ++y)
      for (std::size_t x = 0; x < dst.shape().x; ++x) {
        const std::array at{from.coordinate(0, x, y, z), from.coordinate(1, x, y, z),
                            from.coordinate(2, x, y, z)};
        dst[i++] = !is_inside(src.shape(), at) ? T{0}
                   : interpolate               ? convert_pixel<T>(interpolated(src, at))
                                               : nearest(src, at);
      }
}

}  // namespace detail::resampling

namespace ops {

struct radial_reslice {
  int number_of_angles = 360;
  float angle_step_size = 1, start_angle_degrees = 0;
  float center_x = std::numeric_limits<float>::quiet_NaN();
  float center_y = std::numeric_limits<float>::quiet_NaN();
  float scale_factor_x = 1, scale_factor_y = 1;

  static constexpr operation_info about{
      .name = "radial_reslice",
      .theme = "transform",
      .brief = "The planes of an image along rays from a centre: radius, z, angle",
      .source = "CLIJ2 resliceRadial",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    using op = radial_reslice;
    p("number_of_angles", &op::number_of_angles, "degree", "how far the rays go around", 1, 36000);
    p("angle_step_size", &op::angle_step_size, "degree", "from ray to ray", 0.001, 360);
    p("start_angle_degrees", &op::start_angle_degrees, "degree",
      "of the first ray: 0 leads down, 90 to the right", -1e6, 1e6);
    p("center_x", &op::center_x, "pixel", "where rays begin; auto: the centre of the image", -1e6,
      1e6);
    p("center_y", &op::center_y, "pixel", "where rays begin; auto: the centre of the image", -1e6,
      1e6);
    p("scale_factor_x", &op::scale_factor_x, "", "pixels along x per step of the radius", -1000,
      1000);
    p("scale_factor_y", &op::scale_factor_y, "", "pixels along y per step of the radius", -1000,
      1000);
  }
  template <pixel T>
  using dst_pixel = float;

  void check(const shape& src) const {
    if (static_cast<float>(number_of_angles) < angle_step_size)
      throw argument_error(detail::text(
          {"there is no angle: number_of_angles is ", static_cast<std::size_t>(number_of_angles),
           ", angle_step_size ", detail::number_text(angle_step_size)}));
    const double radius = static_cast<double>(dst_shape(src).x);
    for (const float scale : {scale_factor_x, scale_factor_y})
      detail::resampling::check_reach(1e6 + radius * std::abs(static_cast<double>(scale)));
  }
  /// As far as the corners, in whole pixels.
  [[nodiscard]] shape dst_shape(const shape& src) const {
    if (src.empty()) return {0};
    const auto angles =
        static_cast<std::size_t>(static_cast<float>(number_of_angles) / angle_step_size);
    const std::size_t half_x = src.x / 2, half_y = src.y / 2;
    const auto radius = static_cast<std::size_t>(
        std::hypot(static_cast<double>(half_x), static_cast<double>(half_y)));
    return {std::max(radius, std::size_t{1}), src.z, angles};
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const bool cooperative = device.launches().variant == opencl::kernel_variant::cooperative;
    opencl::defines macros{{"SRC_T", opencl_name_of(src.type)}};
    if (src.type == pixel_type::f32) macros.add("IS_FLOAT");
    if (cooperative) macros.add("RUN", 1);
    // Planes one after the other: all angles read the same one.
    opencl::grid grid = detail::row_vectors(device, {dst.shape.x, dst.shape.z, dst.shape.y});
    if (cooperative) grid.x = dst.shape.x;
    if (cooperative) grid.local = {32, 4, 1};
    grid.cost = 16 * (dst.shape.x / grid.x + 1);
    const auto center = center_of(src.shape);
    const auto all = directions(dst.shape.z);
    device.launch(
        kernels::resampling, "resampling__radial", macros, grid,
        {src, dst, device.table(std::span<const std::array<std::int64_t, 2>>(all)),
         static_cast<cl_long>(center[0]), static_cast<cl_long>(center[1]), src.shape, dst.shape});
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    using detail::resampling::interpolated, detail::resampling::is_inside;
    const auto center = center_of(src.shape());
    const auto all = directions(dst.shape().z);
    for (std::size_t angle = 0; angle < dst.shape().z; ++angle)
      for (std::size_t z = 0; z < dst.shape().y; ++z)
        for (std::size_t r = 0; r < dst.shape().x; ++r) {
          const auto steps = static_cast<std::int64_t>(r);
          const std::array at{center[0] + steps * all[angle][0], center[1] + steps * all[angle][1],
                              static_cast<std::int64_t>(z) << 32};
          dst(r, z, angle) = is_inside(src.shape(), at) ? interpolated(src, at) : 0.0f;
        }
  }

 private:
  /// In whole numbers of 1/2^32 pixel, as are directions.
  [[nodiscard]] std::array<std::int64_t, 2> center_of(const shape& src) const {
    const auto one = [](float chosen, std::size_t n) {
      return detail::resampling::fixed(std::isnan(chosen) ? (static_cast<double>(n) - 1) / 2
                                                          : static_cast<double>(chosen));
    };
    return {one(center_x, src.x), one(center_y, src.y)};
  }
  [[nodiscard]] std::vector<std::array<std::int64_t, 2>> directions(std::size_t angles) const {
    std::vector<std::array<std::int64_t, 2>> all;
    for (std::size_t i = 0; i < angles; ++i) {
      const double degrees = static_cast<double>(i) * static_cast<double>(angle_step_size) +
                             static_cast<double>(start_angle_degrees);
      const double radians = degrees * std::numbers::pi / 180;
      all.push_back(
          {detail::resampling::fixed(std::sin(radians) * static_cast<double>(scale_factor_x)),
           detail::resampling::fixed(std::cos(radians) * static_cast<double>(scale_factor_y))});
    }
    return all;
  }
};

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

/// The planes of an image along rays from a centre, interpolated linearly.
///     dst(r, z, i) = src(center_x + r sin(a) scale_factor_x,
///                        center_y + r cos(a) scale_factor_y, z)
///     a = start_angle_degrees + i angle_step_size
/// src      any pixel type, 2D or 3D
/// p        number_of_angles: how far the rays go around, in degrees; angle_step_size from ray to
///          ray; start_angle_degrees: 0 leads down, 90 to the right; center_x, center_y in pixels,
///          NaN for (size - 1) / 2; scale_factor_x, scale_factor_y in pixels per step of r
/// returns  f32; x: the radius, as far as the corners of the image; y: src's z; z: the angles
/// edges    0 beyond the centres of the outermost pixels
/// throws   argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels of the result)
/// source   CLIJ2 resliceRadial
template <pixel T>
image<float> radial_reslice(const image<T>& src, const ops::radial_reslice& p = {}) {
  return run(p, src);
}

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
