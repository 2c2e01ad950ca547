// SPDX-License-Identifier: BSD-3-Clause
// Images on other grids: affine_transform, radial_reslice, rigid_transform, rotate and translate.
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

using vector = std::array<double, 3>;

inline vector product(const matrix& a, const vector& b) {
  vector all{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t k = 0; k < 3; ++k) all[i] += a[i][k] * b[k];
  return all;
}

/// Not a number where there is none.
inline matrix inverse(const matrix& a) {
  const auto cofactor = [&](std::size_t i, std::size_t j) {
    const std::size_t r = (i + 1) % 3, s = (i + 2) % 3, c = (j + 1) % 3, d = (j + 2) % 3;
    return a[r][c] * a[s][d] - a[r][d] * a[s][c];
  };
  const double determinant =
      a[0][0] * cofactor(0, 0) + a[0][1] * cofactor(0, 1) + a[0][2] * cofactor(0, 2);
  matrix all{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) all[j][i] = cofactor(i, j) / determinant;
  return all;
}

/// Turned about x, then y, then z.
inline matrix turned(double angle_x, double angle_y, double angle_z) {
  const auto turn = [](std::size_t axis, double degrees) {
    const double radians = degrees * std::numbers::pi / 180;
    const std::size_t i = (axis + 1) % 3, j = (axis + 2) % 3;
    matrix m{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    m[i][i] = m[j][j] = std::cos(radians);
    m[i][j] = std::sin(radians);
    m[j][i] = -m[i][j];
    return m;
  };
  return product(turn(2, angle_z), product(turn(1, angle_y), turn(0, angle_x)));
}

/// How large an image is that holds the whole of another one.
inline shape bounds(const matrix& linear, const shape& src) {
  if (src.empty()) return src;
  std::array<std::size_t, 3> sizes{};
  for (std::size_t i = 0; i < 3; ++i) {
    double extent = 0;
    for (std::size_t j = 0; j < 3; ++j)
      extent += std::abs(linear[i][j]) * static_cast<double>(src.axes()[j]);
    constexpr double most = 1 << 30;
    sizes[i] = static_cast<std::size_t>(std::clamp(extent + 0.5, 1.0, most));
  }
  return {sizes[0], sizes[1], sizes[2]};
}

/// From the first pixel of an image to its centre.
inline vector center(const shape& size) {
  const auto of = [](std::size_t n) { return (static_cast<double>(n) - 1) / 2; };
  return {of(size.x), of(size.y), of(size.z)};
}

/// Where a pixel of the result comes from: linear * (x, y, z) + offset.
struct map {
  matrix linear;
  vector offset;

  /// The map whose result has at `to` what the source has at `at`.
  static map leading(const matrix& backwards, const vector& at, const vector& to) {
    const vector from = product(backwards, to);
    return {backwards, {at[0] - from[0], at[1] - from[1], at[2] - from[2]}};
  }
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
  /// Whether the pixels of a row come from one row.
  [[nodiscard]] bool keeps_rows() const { return numbers[4] == 0 && numbers[8] == 0; }
  /// Whether neighbours along x come from neighbours along x.
  [[nodiscard]] bool is_along_rows() const {
    return numbers[0] == std::int64_t{1} << 32 && keeps_rows();
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

/// What lies between pixels, and beyond the edges.
struct sampling {
  gpuimg::interpolation interpolation;
  gpuimg::border border;
  float border_value;
};

template <class Op>
constexpr void parameters_of_sampling(auto&& p) {
  p("interpolation", &Op::interpolation, "", "what lies between pixels");
  p("border", &Op::border, "", "how pixels beyond the edge are made");
  p("border_value", &Op::border_value, "", "the value beyond a constant border");
}

inline void launch(const opencl::device& device, const opencl::buffer_view& dst,
                   const opencl::buffer_view& src, const fixed_map& from, const sampling& how) {
  const bool cooperative = device.launches().variant == opencl::kernel_variant::cooperative;
  opencl::defines macros{{"SRC_T", opencl_name_of(src.type)}};
  if (src.type != pixel_type::f32) macros.add("IS_INTEGER");
  if (how.interpolation == interpolation::linear) macros.add("LINEAR");
  if (how.interpolation == interpolation::cubic) macros.add("CUBIC");
  macros.add("BORDER", static_cast<std::size_t>(how.border));
  if (from.is_planar()) macros.add("PLANAR");
  if (from.is_along_rows()) macros.add("ALONG_ROWS");
  if (cooperative) macros.add("RUN", 1);
  opencl::grid grid = row_vectors(device, dst.shape);
  if (cooperative) grid.x = dst.shape.x;
  // Tiles: turned lines of them share cache lines and pages of the source.
  if (cooperative)
    grid.local = {32, 8, 1};
  else if (!from.keeps_rows() && !from.is_planar())
    grid.local = {4, 8, 8};
  else if (!from.keeps_rows() && dst.shape.y >= 64)
    grid.local = {4, 64, 1};
  grid.cost = 16 * (dst.shape.x / grid.x + 1);
  device.launch(kernels::resampling, "resampling__affine", macros, grid,
                {src, dst, device.table(std::span<const std::int64_t>(from.numbers)), src.shape,
                 dst.shape, how.border_value});
}

/// How far a coordinate is beyond a pixel, from 0 to 1, exactly.
inline float fraction_of(std::int64_t coordinate) {
  return static_cast<float>(static_cast<std::uint32_t>(coordinate) >> 8) * 0x1p-24f;
}
/// Where it is not at all, the next pixel has no say, whatever it is.
inline float mix(float a, float b, float fraction) {
  return fraction > 0 ? std::fma(fraction, b - a, a) : a;
}

/// Keys' cubic with a = -1/2: between `first` and `next`, from those before and behind, too.
inline float cubic(const std::array<float, 4>& pixels, float t) {
  if (!(t > 0)) return pixels[1];
  const float w0 = t * std::fma(t, std::fma(-0.5f, t, 1.0f), -0.5f);
  const float w1 = std::fma(t * t, std::fma(1.5f, t, -2.5f), 1.0f);
  const float w2 = t * std::fma(t, std::fma(-1.5f, t, 2.0f), 0.5f);
  const float w3 = t * t * std::fma(0.5f, t, -0.5f);
  return std::fma(w3, pixels[3], std::fma(w2, pixels[2], std::fma(w1, pixels[1], w0 * pixels[0])));
}

/// Where in an image; whole numbers of 1/2^32 pixel.
using place = std::array<std::int64_t, 3>;

/// The pixel k behind that before a coordinate, along an axis.
inline std::size_t neighbor(const shape& size, const place& at, std::size_t axis, int k,
                            border beyond) {
  return static_cast<std::size_t>(
      border_index((at[axis] >> 32) + k, static_cast<std::ptrdiff_t>(size.axes()[axis]),
                   beyond == border::constant ? border::nearest : beyond));
}

/// Mixed along x, then y, then z.
template <pixel T>
float linear(view<const T> src, const place& at, border beyond) {
  const auto along = [&](std::size_t axis, const auto& pixel) {
    const std::size_t first = neighbor(src.shape(), at, axis, 0, beyond);
    const std::size_t next = neighbor(src.shape(), at, axis, 1, beyond);
    return mix(pixel(first), pixel(next), fraction_of(at[axis]));
  };
  return along(2, [&](std::size_t z) {
    return along(1, [&](std::size_t y) {
      return along(0, [&](std::size_t x) { return static_cast<float>(src(x, y, z)); });
    });
  });
}

/// Along y, then z, then x.
template <pixel T>
float cubic(view<const T> src, const place& at, border beyond) {
  const auto along = [&](std::size_t axis, const auto& pixel) {
    std::array<float, 4> four{};
    for (int k = 0; k < 4; ++k)
      four[static_cast<std::size_t>(k)] = pixel(neighbor(src.shape(), at, axis, k - 1, beyond));
    return cubic(four, fraction_of(at[axis]));
  };
  return along(0, [&](std::size_t x) {
    return along(2, [&](std::size_t z) {
      return along(1, [&](std::size_t y) { return static_cast<float>(src(x, y, z)); });
    });
  });
}

template <pixel T>
T nearest(view<const T> src, place at, border beyond) {
  for (std::int64_t& coordinate : at) coordinate += std::int64_t{1} << 31;
  const auto whole = [&](std::size_t axis) { return neighbor(src.shape(), at, axis, 0, beyond); };
  return src(whole(0), whole(1), whole(2));
}

/// From the first pixel of each axis to the last.
inline bool is_inside(const shape& size, const place& at) {
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (at[axis] < 0 || at[axis] > static_cast<std::int64_t>(size.axes()[axis] - 1) << 32)
      return false;
  return true;
}

template <pixel T>
void reference(view<T> dst, view<const T> src, const fixed_map& from, const sampling& how) {
  const auto pixel_at = [&](const place& at) {
    if (how.border == border::constant && !is_inside(src.shape(), at))
      return convert_pixel<T>(how.border_value);
    switch (how.interpolation) {
      case interpolation::linear:
        return convert_pixel<T>(linear(src, at, how.border));
      case interpolation::cubic:
        return convert_pixel<T>(cubic(src, at, how.border));
      case interpolation::nearest:
        break;
    }
    return nearest(src, at, how.border);
  };
  std::size_t i = 0;
  for (std::size_t z = 0; z < dst.shape().z; ++z)
    for (std::size_t y = 0; y < dst.shape().y; ++y)
      for (std::size_t x = 0; x < dst.shape().x; ++x)
        dst[i++] = pixel_at({from.coordinate(0, x, y, z), from.coordinate(1, x, y, z),
                             from.coordinate(2, x, y, z)});
}

}  // namespace detail::resampling

namespace ops {

struct affine_transform {
  std::array<double, 12> transform_matrix{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
  gpuimg::interpolation interpolation = interpolation::nearest;
  bool resize = false;
  gpuimg::border border = border::constant;
  float border_value = 0;

  static constexpr operation_info about{
      .name = "affine_transform",
      .theme = "transform",
      .brief = "The image moved by a matrix",
      .source = "scipy.ndimage.affine_transform (orders 0 and 1); skimage.transform.warp",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    using op = affine_transform;
    p("transform_matrix", &op::transform_matrix, "",
      "rows of 4 numbers: what x, y, z and 1 add to x, y and z", -1e6, 1e6);
    p("resize", &op::resize, "", "the result holds the whole moved image");
    detail::resampling::parameters_of_sampling<op>(p);
  }
  template <pixel T>
  using dst_pixel = T;

  void check(const shape& src) const {
    if (!src.empty()) static_cast<void>(source_of(src));
  }
  [[nodiscard]] shape dst_shape(const shape& src) const {
    return resize ? detail::resampling::bounds(linear(), src) : src;
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::resampling::launch(device, dst, src, source_of(src.shape),
                               {interpolation, border, border_value});
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    detail::resampling::reference(dst, src, source_of(src.shape()),
                                  {interpolation, border, border_value});
  }

 private:
  [[nodiscard]] detail::resampling::matrix linear() const {
    const auto& m = transform_matrix;
    return {{{m[0], m[1], m[2]}, {m[4], m[5], m[6]}, {m[8], m[9], m[10]}}};
  }
  [[nodiscard]] detail::resampling::fixed_map source_of(const shape& src) const {
    using namespace detail::resampling;
    const shape dst = dst_shape(src);
    const matrix backwards = inverse(linear());
    for (const auto& row : backwards)
      for (const double number : row)
        if (!std::isfinite(number)) throw argument_error("transform_matrix has no inverse");
    const auto& m = transform_matrix;
    return fixed(resize ? map::leading(backwards, center(src), center(dst))
                        : map::leading(backwards, {}, {m[3], m[7], m[11]}),
                 dst);
  }
};

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
    using detail::resampling::linear, detail::resampling::is_inside;
    const auto center = center_of(src.shape());
    const auto all = directions(dst.shape().z);
    for (std::size_t angle = 0; angle < dst.shape().z; ++angle)
      for (std::size_t z = 0; z < dst.shape().y; ++z)
        for (std::size_t r = 0; r < dst.shape().x; ++r) {
          const auto steps = static_cast<std::int64_t>(r);
          const detail::resampling::place at{center[0] + steps * all[angle][0],
                                             center[1] + steps * all[angle][1],
                                             static_cast<std::int64_t>(z) << 32};
          dst(r, z, angle) = is_inside(src.shape(), at) ? linear(src, at, border::nearest) : 0.0f;
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

struct rigid_transform {
  float translate_x = 0, translate_y = 0, translate_z = 0;
  float angle_x = 0, angle_y = 0, angle_z = 0;
  bool centered = true;
  gpuimg::interpolation interpolation = interpolation::nearest;
  bool resize = false;
  gpuimg::border border = border::constant;
  float border_value = 0;

  static constexpr operation_info about{.name = "rigid_transform",
                                        .theme = "transform",
                                        .brief = "The image turned about the axes, then moved",
                                        .source = "scipy.ndimage.affine_transform (orders 0 and 1)",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    using op = rigid_transform;
    p("translate_x", &op::translate_x, "pixel", "to the right", -1e6, 1e6);
    p("translate_y", &op::translate_y, "pixel", "down", -1e6, 1e6);
    p("translate_z", &op::translate_z, "pixel", "to later planes", -1e6, 1e6);
    p("angle_x", &op::angle_x, "degree", "turn about x, from y to z backwards", -1e6, 1e6);
    p("angle_y", &op::angle_y, "degree", "turn about y, from z to x backwards", -1e6, 1e6);
    p("angle_z", &op::angle_z, "degree", "turn about z, counter-clockwise as displayed", -1e6, 1e6);
    p("centered", &op::centered, "", "turned about the centre of the image, not its first pixel");
    p("resize", &op::resize, "", "the result holds the whole turned image, in its centre");
    detail::resampling::parameters_of_sampling<op>(p);
  }
  template <pixel T>
  using dst_pixel = T;

  void check(const shape& src) const {
    if (!src.empty()) static_cast<void>(source_of(src));
  }
  [[nodiscard]] shape dst_shape(const shape& src) const {
    return resize ? detail::resampling::bounds(linear(), src) : src;
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::resampling::launch(device, dst, src, source_of(src.shape),
                               {interpolation, border, border_value});
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    detail::resampling::reference(dst, src, source_of(src.shape()),
                                  {interpolation, border, border_value});
  }

 private:
  [[nodiscard]] detail::resampling::matrix linear() const {
    return detail::resampling::turned(angle_x, angle_y, angle_z);
  }
  [[nodiscard]] detail::resampling::fixed_map source_of(const shape& src) const {
    using namespace detail::resampling;
    const shape dst = dst_shape(src);
    const vector at = centered || resize ? center(src) : vector{};
    vector to = resize ? center(dst) : at;
    if (!resize) to = {to[0] + translate_x, to[1] + translate_y, to[2] + translate_z};
    return fixed(map::leading(inverse(linear()), at, to), dst);
  }
};

struct rotate {
  float angle_x = 0, angle_y = 0, angle_z = 0;
  bool centered = true;
  gpuimg::interpolation interpolation = interpolation::nearest;
  bool resize = false;
  gpuimg::border border = border::constant;
  float border_value = 0;

  static constexpr operation_info about{.name = "rotate",
                                        .theme = "transform",
                                        .brief = "The image turned about the axes",
                                        .source = "scipy.ndimage.affine_transform (orders 0 and 1)",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("angle_x", &rotate::angle_x, "degree", "turn about x, from y to z backwards", -1e6, 1e6);
    p("angle_y", &rotate::angle_y, "degree", "turn about y, from z to x backwards", -1e6, 1e6);
    p("angle_z", &rotate::angle_z, "degree", "turn about z, counter-clockwise as displayed", -1e6,
      1e6);
    p("centered", &rotate::centered, "", "about the centre of the image, not its first pixel");
    p("resize", &rotate::resize, "", "the result holds the whole turned image");
    detail::resampling::parameters_of_sampling<rotate>(p);
  }
  template <pixel T>
  using dst_pixel = T;

  void check(const shape& src) const { moved().check(src); }
  [[nodiscard]] shape dst_shape(const shape& src) const { return moved().dst_shape(src); }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    moved()(device, dst, src);
  }
  template <pixel T>
  void operator()(const reference::device& device, view<T> dst, view<const T> src) const {
    moved()(device, dst, src);
  }

 private:
  [[nodiscard]] rigid_transform moved() const {
    return {.angle_x = angle_x,
            .angle_y = angle_y,
            .angle_z = angle_z,
            .centered = centered,
            .interpolation = interpolation,
            .resize = resize,
            .border = border,
            .border_value = border_value};
  }
};

struct translate {
  float translate_x = 0, translate_y = 0, translate_z = 0;
  gpuimg::interpolation interpolation = interpolation::nearest;
  gpuimg::border border = border::constant;
  float border_value = 0;

  static constexpr operation_info about{.name = "translate",
                                        .theme = "transform",
                                        .brief = "The image moved",
                                        .source = "scipy.ndimage.shift (orders 0 and 1)",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("translate_x", &translate::translate_x, "pixel", "to the right", -1e6, 1e6);
    p("translate_y", &translate::translate_y, "pixel", "down", -1e6, 1e6);
    p("translate_z", &translate::translate_z, "pixel", "to later planes", -1e6, 1e6);
    detail::resampling::parameters_of_sampling<translate>(p);
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    moved()(device, dst, src);
  }
  template <pixel T>
  void operator()(const reference::device& device, view<T> dst, view<const T> src) const {
    moved()(device, dst, src);
  }

 private:
  [[nodiscard]] rigid_transform moved() const {
    return {.translate_x = translate_x,
            .translate_y = translate_y,
            .translate_z = translate_z,
            .interpolation = interpolation,
            .border = border,
            .border_value = border_value};
  }
};

}  // namespace ops

/// The image moved by a matrix: what src has at (x, y, z) the result has at
///     (m0 x + m1 y + m2 z + m3, m4 x + m5 y + m6 z + m7, m8 x + m9 y + m10 z + m11)
/// where (0, 0, 0) is the centre of the first pixel.
/// src      any pixel type, 2D or 3D
/// p        transform_matrix: m0 to m11, with an inverse; resize: the result is as large as the
///          moved image, which is in its centre wherever the matrix leads;
///          interpolation: what lies between pixels is the nearest one, or mixed linearly, or of
///          4 pixels per axis by Keys' cubic (a = -1/2), which may overshoot; border and
///          border_value
/// returns  src's type; integers are interpolated as f32 and rounded, halves to even
/// edges    border_value, 0 unless told otherwise, beyond the centres of the outermost pixels; with
///          another `border` pixels go on as scipy.ndimage's modes (wrap: grid-wrap)
/// throws   argument_error, memory_error
/// parity   the same bits on every device: where pixels come from is computed in whole numbers of
///          2^-32 pixels                     cost  O(pixels of the result)
/// source   scipy.ndimage.affine_transform, which takes the inverse, rows and columns from z to x;
///          skimage.transform.warp (of AffineTransform.inverse); clesperanto affine_transform,
///          whose (0, 0, 0) is the corner of the first pixel
template <pixel T>
image<T> affine_transform(const image<T>& src, const ops::affine_transform& p = {}) {
  return run(p, src);
}

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

/// The image turned about x, then y, then z, and then moved.
/// src      any pixel type, 2D or 3D
/// p        translate_x, translate_y, translate_z in pixels; the angles and all else as of rotate.
///          With resize the moved image is in the centre, and translations have no effect
/// returns  src's type, and values as of rotate
/// edges    border_value, 0 unless told otherwise, beyond the centres of the outermost pixels; with
///          another `border` pixels go on as scipy.ndimage's modes (wrap: grid-wrap)
/// throws   argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels of the result)
/// source   scipy.ndimage.affine_transform; clesperanto rigid_transform, which turns the other way
template <pixel T>
image<T> rigid_transform(const image<T>& src, const ops::rigid_transform& p = {}) {
  return run(p, src);
}

/// The image turned about x, then y, then z.
/// src      any pixel type, 2D or 3D
/// p        angle_x, angle_y, angle_z in degrees, counter-clockwise where one looks along the axis,
///          as an image is displayed; centered: about (size - 1) / 2, else about the first pixel;
///          resize: the result is as large as the turned image, and centered;
///          interpolation: what lies between pixels is the nearest one, or mixed linearly, or of
///          4 pixels per axis by Keys' cubic (a = -1/2), which may overshoot; border and
///          border_value
/// returns  src's type; integers are interpolated as f32 and rounded, halves to even
/// edges    border_value, 0 unless told otherwise, beyond the centres of the outermost pixels; with
///          another `border` pixels go on as scipy.ndimage's modes (wrap: grid-wrap)
/// throws   argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels of the result)
/// source   scipy.ndimage.affine_transform (orders 0 and 1; cubic: ImageJ's bicubic); clesperanto
///          rotate, which turns the other way
template <pixel T>
image<T> rotate(const image<T>& src, const ops::rotate& p = {}) {
  return run(p, src);
}

/// The image moved, by whole pixels or parts of them.
/// src      any pixel type, 2D or 3D
/// p        translate_x, translate_y, translate_z in pixels, -10^6 to 10^6; all else as of rotate
/// returns  src's type, and values as of rotate
/// edges    border_value, 0 unless told otherwise, beyond the centres of the outermost pixels; with
///          another `border` pixels go on as scipy.ndimage's modes (wrap: grid-wrap)
/// throws   argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   scipy.ndimage.shift; clesperanto translate
template <pixel T>
image<T> translate(const image<T>& src, const ops::translate& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
