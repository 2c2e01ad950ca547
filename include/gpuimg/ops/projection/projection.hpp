// SPDX-License-Identifier: BSD-3-Clause
// Projections of an image along x, y or z.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <type_traits>
#include <vector>

#include "gpuimg/kernels/projection/projection.cl.hpp"
#include "gpuimg/lines.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::projection {

// A kernel along y and z and one along x, each for CPUs and for others.
struct kernel_names {
  const char *of_runs, *of_columns, *of_rows, *of_shared_rows;
};

// `first` and `numbers`: what a kernel takes before the lines and behind them.
inline void launch(const opencl::device& device, const kernel_names& names,
                   const opencl::defines& macros, const lines& all, bool is_rows,
                   std::initializer_list<opencl::argument> first,
                   std::initializer_list<opencl::argument> numbers) {
  const bool is_serial = device.launches().variant == opencl::kernel_variant::serial;
  std::vector<opencl::argument> arguments(first);
  const auto add = [&](std::size_t number) {
    arguments.emplace_back(static_cast<cl_ulong>(number));
  };
  if (!is_rows) add(all.plane);
  add(all.length);
  add(all.planes);
  arguments.insert(arguments.end(), numbers);

  const char* name = is_rows ? names.of_rows : names.of_runs;
  opencl::grid items{.x = all.planes, .cost = all.length};
  if (is_rows && !is_serial) {
    constexpr std::size_t lanes = 32, rows = 8;
    name = names.of_shared_rows;
    items = {.y = all.planes, .local = {lanes, rows, 1}, .cost = all.length / lanes + 1};
    constexpr std::size_t sums = sizeof(cl_long);  // of a lane: a long, or two floats
    arguments.push_back(opencl::argument::local(lanes * rows * sums));
  } else if (!is_rows && is_serial) {
    constexpr std::size_t least_run = 128, most_run = 1024;  // few pixels are for all cores, too
    const std::size_t run = all.plane * all.planes < 64 * most_run ? least_run : most_run;
    items = {pieces(all.plane, run), all.planes, 1, {1, 1, 1}, run * all.length};
    add(run);
  } else if (!is_rows) {
    name = names.of_columns;
    items = vectors(device, all.plane);
    items.y = all.planes;
    items.cost = all.length * device.vector_width();
  }
  device.launch(kernels::projection, name, macros, items, arguments.data(), arguments.size());
}

// --- the greatest pixel of each line, or the least ---

inline void extreme(const opencl::device& device, const opencl::buffer_view& dst,
                    const opencl::buffer_view& src, char axis, bool is_least) {
  opencl::defines macros{{"SRC_T", opencl_name_of(src.type)}};
  if (is_least) macros.add("IS_LEAST");
  launch(device,
         {"projection__extreme_runs", "projection__extreme", "projection__extreme_rows",
          "projection__extreme_shared_rows"},
         macros, lines::of(src.shape, axis), axis == 'x', {src, dst}, {});
}

template <pixel T>
void extreme(view<T> dst, view<const T> src, char axis, bool is_least) {
  const lines all = lines::of(src.shape(), axis);
  all.for_each(src, [&](std::size_t i, auto&& pixel) {
    dst[i] = pixel(0);
    for (std::size_t k = 1; k < all.length; ++k)
      if (is_least ? pixel(k) < dst[i] : pixel(k) > dst[i]) dst[i] = pixel(k);
  });
}

inline void place(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src, char axis, bool is_least) {
  opencl::defines macros{{"SRC_T", opencl_name_of(src.type)}};
  if (is_least) macros.add("IS_LEAST");
  launch(device,
         {"projection__place_runs", "projection__place", "projection__place_rows",
          "projection__place_shared_rows"},
         macros, lines::of(src.shape, axis), axis == 'x', {src, dst}, {});
}

template <pixel T>
void place(view<std::uint32_t> dst, view<const T> src, char axis, bool is_least) {
  const lines all = lines::of(src.shape(), axis);
  all.for_each(src, [&](std::size_t i, auto&& pixel) {
    std::size_t at = 0;
    for (std::size_t k = 1; k < all.length; ++k)
      if (is_least ? pixel(k) < pixel(at) : pixel(k) > pixel(at)) at = k;
    dst[i] = static_cast<std::uint32_t>(at);
  });
}

// --- sums ---

inline float mean_factor(const lines& all, std::size_t ddof = 0) {
  return all.length > ddof ? 1 / static_cast<float>(all.length - ddof)
                           : std::numeric_limits<float>::infinity();
}

// The type that sums a line exactly, the narrower the faster.
inline const char* sum_type(pixel_type type, std::size_t length) {
  if (type == pixel_type::f32) return "float";
  constexpr std::size_t length_of_16_bit = 1u << 15;
  return size_of(type) <= 2 && length <= length_of_16_bit ? "int" : "long";
}

inline constexpr kernel_names sum_kernels{"projection__sum_runs", "projection__sum",
                                          "projection__sum_rows", "projection__sum_shared_rows"};

inline void sum(const opencl::device& device, const opencl::buffer_view& dst,
                const opencl::buffer_view& src, char axis, bool is_mean) {
  const lines all = lines::of(src.shape, axis);
  launch(device, sum_kernels,
         {{"SRC_T", opencl_name_of(src.type)}, {"SUM_T", sum_type(src.type, all.length)}}, all,
         axis == 'x', {src, dst}, {is_mean ? mean_factor(all) : 1.0f});
}

// As std::plus, whose header takes everybody long to compile.
struct addition {
  template <class Sum>
  constexpr Sum operator()(Sum a, Sum b) const {
    return a + b;
  }
};

// The sum of a line, in the order of the kernels; `plus(sum, k)` is a sum and pixel k, `join` makes
// one of two sums, and `nothing` is what they begin with.
template <class Sum, class Join = addition>
Sum sum_of_line(std::size_t length, char axis, auto&& plus, Sum nothing = 0, Join join = {}) {
  if (axis == 'x') {
    std::array<Sum, 32> lanes;
    lanes.fill(nothing);
    for (std::size_t k = 0; k < length; ++k)
      lanes[k % lanes.size()] = plus(lanes[k % lanes.size()], k);
    for (std::size_t n = lanes.size() / 2; n > 0; n /= 2)
      for (std::size_t k = 0; k < n; ++k) lanes[k] = join(lanes[k], lanes[k + n]);
    return lanes[0];
  }
  constexpr std::size_t together = 8;
  Sum all = nothing;
  for (std::size_t first = 0; first < length; first += together) {
    Sum part = nothing;
    for (std::size_t k = first; k < std::min(first + together, length); ++k) part = plus(part, k);
    all = join(all, part);
  }
  return all;
}

// Floats, or what holds sums of integers.
template <pixel T>
using sum_of = std::conditional_t<std::is_floating_point_v<T>, float, std::int64_t>;

template <pixel T>
void sum(view<float> dst, view<const T> src, char axis, bool is_mean) {
  const lines all = lines::of(src.shape(), axis);
  const float factor = is_mean ? mean_factor(all) : 1;
  all.for_each(src, [&](std::size_t i, auto&& pixel) {
    const auto found = sum_of_line<sum_of<T>>(
        all.length, axis, [&](sum_of<T> sum, std::size_t k) { return sum + pixel(k); });
    dst[i] = static_cast<float>(found) * factor;
  });
}

// --- products ---

inline void product(const opencl::device& device, const opencl::buffer_view& dst,
                    const opencl::buffer_view& src, char axis) {
  launch(device, sum_kernels, {{"SRC_T", opencl_name_of(src.type)}, {"IS_PRODUCT", ""}},
         lines::of(src.shape, axis), axis == 'x', {src, dst}, {1.0f});
}

template <pixel T>
void product(view<float> dst, view<const T> src, char axis) {
  const lines all = lines::of(src.shape(), axis);
  all.for_each(src, [&](std::size_t i, auto&& pixel) {
    dst[i] = sum_of_line<float>(
        all.length, axis,
        [&](float product, std::size_t k) { return product * static_cast<float>(pixel(k)); }, 1,
        std::multiplies<float>());
  });
}

// --- variances ---

inline void variance(const opencl::device& device, const opencl::buffer_view& dst,
                     const opencl::buffer_view& src, char axis, int ddof, bool is_root) {
  const lines all = lines::of(src.shape, axis);
  const auto memory = device.allocate(dst.bytes());
  const opencl::buffer_view means{memory.memory(), pixel_type::f32, dst.shape};
  sum(device, means, src, axis, /*is_mean=*/true);
  opencl::defines macros{{"SRC_T", opencl_name_of(src.type)}};
  macros.add("DEVIATIONS");
  if (is_root) macros.add("IS_ROOT");
  launch(device, sum_kernels, macros, all, axis == 'x', {src, dst, means, mean_factor(all)},
         {mean_factor(all, static_cast<std::size_t>(ddof))});
}

template <pixel T>
void variance(view<float> dst, view<const T> src, char axis, int ddof, bool is_root) {
  const lines all = lines::of(src.shape(), axis);
  const float share = mean_factor(all), pixels = static_cast<float>(all.length);
  const float factor = mean_factor(all, static_cast<std::size_t>(ddof));
  sum(dst, src, axis, /*is_mean=*/true);
  all.for_each(src, [&](std::size_t i, auto&& pixel) {
    const auto distance = [&](std::size_t k) { return static_cast<float>(pixel(k)) - dst[i]; };
    const auto squares = sum_of_line<float>(all.length, axis, [&](float sum, std::size_t k) {
      return std::fma(distance(k), distance(k), sum);
    });
    const auto distances = sum_of_line<float>(
        all.length, axis, [&](float sum, std::size_t k) { return sum + distance(k); });
    // The squares are distances^2 / pixels too many, as the mean was rounded.
    const float near = distances * share;
    const float error = std::fma(std::fma(-near, pixels, distances), share, near);
    const float rest = std::fma(-error, distances, squares);
    const float variance = (rest < 0 ? 0 : rest) * factor;
    dst[i] = is_root ? std::sqrt(variance) : variance;
  });
}

/// The greatest pixel of each line, or the least.
template <char axis, bool is_least>
struct to_extreme {
  template <pixel T>
  using dst_pixel = T;
  static shape dst_shape(const shape& src) { return detail::projection::dst_shape(src, axis); }
  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    extreme(device, dst, src, axis, is_least);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    extreme(dst, src, axis, is_least);
  }
};

/// Where the greatest pixel of each line is, or the least.
template <char axis, bool is_least>
struct to_place {
  template <pixel T>
  using dst_pixel = std::uint32_t;
  static shape dst_shape(const shape& src) { return detail::projection::dst_shape(src, axis); }
  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    place(device, dst, src, axis, is_least);
  }
  template <pixel T>
  void operator()(const reference::device&, view<std::uint32_t> dst, view<const T> src) const {
    place(dst, src, axis, is_least);
  }
};

/// The product of each line.
template <char axis>
struct to_product {
  template <pixel T>
  using dst_pixel = float;
  static shape dst_shape(const shape& src) { return detail::projection::dst_shape(src, axis); }
  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    product(device, dst, src, axis);
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    product(dst, src, axis);
  }
};

/// The sum of each line, or the mean.
template <char axis, bool is_mean>
struct to_sum {
  template <pixel T>
  using dst_pixel = float;
  static shape dst_shape(const shape& src) { return detail::projection::dst_shape(src, axis); }
  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    sum(device, dst, src, axis, is_mean);
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    sum(dst, src, axis, is_mean);
  }
};

}  // namespace detail::projection

namespace ops {

struct maximum_x_projection : detail::projection::to_extreme<'x', /*is_least=*/false> {
  static constexpr auto about =
      detail::projection::about("maximum_x_projection", "The greatest pixel along x",
                                "clesperanto maximum_x_projection; numpy.max(axis=2)");
};

struct maximum_y_projection : detail::projection::to_extreme<'y', /*is_least=*/false> {
  static constexpr auto about =
      detail::projection::about("maximum_y_projection", "The greatest pixel along y",
                                "clesperanto maximum_y_projection; numpy.max(axis=1)");
};

struct maximum_z_projection : detail::projection::to_extreme<'z', /*is_least=*/false> {
  static constexpr auto about =
      detail::projection::about("maximum_z_projection", "The greatest pixel along z",
                                "clesperanto maximum_z_projection; numpy.max(axis=0)");
};

struct mean_x_projection : detail::projection::to_sum<'x', /*is_mean=*/true> {
  static constexpr auto about =
      detail::projection::about("mean_x_projection", "The mean of the pixels along x",
                                "clesperanto mean_x_projection; numpy.mean(axis=2)");
};

struct mean_y_projection : detail::projection::to_sum<'y', /*is_mean=*/true> {
  static constexpr auto about =
      detail::projection::about("mean_y_projection", "The mean of the pixels along y",
                                "clesperanto mean_y_projection; numpy.mean(axis=1)");
};

struct mean_z_projection : detail::projection::to_sum<'z', /*is_mean=*/true> {
  static constexpr auto about =
      detail::projection::about("mean_z_projection", "The mean of the pixels along z",
                                "clesperanto mean_z_projection; numpy.mean(axis=0)");
};

struct minimum_x_projection : detail::projection::to_extreme<'x', /*is_least=*/true> {
  static constexpr auto about =
      detail::projection::about("minimum_x_projection", "The least pixel along x",
                                "clesperanto minimum_x_projection; numpy.min(axis=2)");
};

struct minimum_y_projection : detail::projection::to_extreme<'y', /*is_least=*/true> {
  static constexpr auto about =
      detail::projection::about("minimum_y_projection", "The least pixel along y",
                                "clesperanto minimum_y_projection; numpy.min(axis=1)");
};

struct minimum_z_projection : detail::projection::to_extreme<'z', /*is_least=*/true> {
  static constexpr auto about =
      detail::projection::about("minimum_z_projection", "The least pixel along z",
                                "clesperanto minimum_z_projection; numpy.min(axis=0)");
};

struct product_x_projection : detail::projection::to_product<'x'> {
  static constexpr auto about =
      detail::projection::about("product_x_projection", "The product of the pixels along x",
                                "clesperanto product_x_projection; numpy.prod(axis=2)");
};

struct product_y_projection : detail::projection::to_product<'y'> {
  static constexpr auto about =
      detail::projection::about("product_y_projection", "The product of the pixels along y",
                                "clesperanto product_y_projection; numpy.prod(axis=1)");
};

struct product_z_projection : detail::projection::to_product<'z'> {
  static constexpr auto about =
      detail::projection::about("product_z_projection", "The product of the pixels along z",
                                "clesperanto product_z_projection; numpy.prod(axis=0)");
};

// Two operations with a parameter, along one axis.
#define GPUIMG_VARIANCE(operation, axis, words, of_numpy, is_root)                                \
  struct operation {                                                                              \
    int ddof = 0;                                                                                 \
                                                                                                  \
    static constexpr auto about =                                                                 \
        detail::projection::about(#operation, words, "clesperanto " #operation "; " of_numpy);    \
    static constexpr void parameters(auto&& p) {                                                  \
      p("ddof", &operation::ddof, "", "how much less than the number of pixels divides", 0,       \
        2147483647);                                                                              \
    }                                                                                             \
    template <pixel T>                                                                            \
    using dst_pixel = float;                                                                      \
    static shape dst_shape(const shape& src) { return detail::projection::dst_shape(src, axis); } \
    void operator()(const opencl::device& device, const opencl::buffer_view& dst,                 \
                    const opencl::buffer_view& src) const {                                       \
      detail::projection::variance(device, dst, src, axis, ddof, is_root);                        \
    }                                                                                             \
    template <pixel T>                                                                            \
    void operator()(const reference::device&, view<float> dst, view<const T> src) const {         \
      detail::projection::variance(dst, src, axis, ddof, is_root);                                \
    }                                                                                             \
  };
GPUIMG_VARIANCE(std_x_projection, 'x', "The standard deviation along x", "numpy.std(axis=2)",
                /*is_root=*/true)
GPUIMG_VARIANCE(std_y_projection, 'y', "The standard deviation along y", "numpy.std(axis=1)",
                /*is_root=*/true)
GPUIMG_VARIANCE(std_z_projection, 'z', "The standard deviation along z", "numpy.std(axis=0)",
                /*is_root=*/true)
GPUIMG_VARIANCE(variance_x_projection, 'x', "The variance along x", "numpy.var(axis=2)",
                /*is_root=*/false)
GPUIMG_VARIANCE(variance_y_projection, 'y', "The variance along y", "numpy.var(axis=1)",
                /*is_root=*/false)
GPUIMG_VARIANCE(variance_z_projection, 'z', "The variance along z", "numpy.var(axis=0)",
                /*is_root=*/false)
#undef GPUIMG_VARIANCE

struct sum_x_projection : detail::projection::to_sum<'x', /*is_mean=*/false> {
  static constexpr auto about =
      detail::projection::about("sum_x_projection", "The sum of the pixels along x",
                                "clesperanto sum_x_projection; numpy.sum(axis=2)");
};

struct sum_y_projection : detail::projection::to_sum<'y', /*is_mean=*/false> {
  static constexpr auto about =
      detail::projection::about("sum_y_projection", "The sum of the pixels along y",
                                "clesperanto sum_y_projection; numpy.sum(axis=1)");
};

struct sum_z_projection : detail::projection::to_sum<'z', /*is_mean=*/false> {
  static constexpr auto about =
      detail::projection::about("sum_z_projection", "The sum of the pixels along z",
                                "clesperanto sum_z_projection; numpy.sum(axis=0)");
};

struct z_position_projection {
  static constexpr operation_info about{
      .name = "z_position_projection",
      .theme = "projection",
      .brief = "Of every column along z the pixel at a place that a second image says",
      .source = "clesperanto z_position_projection; numpy.take_along_axis(axis=0)",
      .inputs = {{{"src", kind::image}, {"position", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static shape dst_shape(const shape& src) { return detail::projection::dst_shape(src, 'z'); }
  static void check(const shape& src, const shape& position) {
    if (position != dst_shape(src))
      throw argument_error(detail::text({"position must be ", to_string(dst_shape(src)),
                                         ", a plane of src, got ", to_string(position)}));
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src, const opencl::buffer_view& position) const {
    const std::size_t plane = dst.shape.pixels();
    device.launch(
        kernels::projection, "projection__pick",
        {{"SRC_T", opencl_name_of(src.type)}, {"POSITION_T", opencl_name_of(position.type)}},
        {plane},
        {src, position, dst, static_cast<cl_ulong>(plane), static_cast<cl_ulong>(src.shape.z)});
  }
  template <pixel T, pixel Position>
  void operator()(const reference::device&, view<T> dst, view<const T> src,
                  view<const Position> position) const {
    const std::size_t last = src.shape().z - 1;
    for (std::size_t i = 0; i < dst.size(); ++i) {
      const auto wanted = static_cast<double>(position[i]);
      const std::size_t z = !(wanted >= 1)                       ? 0
                            : wanted < static_cast<double>(last) ? static_cast<std::size_t>(wanted)
                                                                 : last;
      dst[i] = src[z * dst.size() + i];
    }
  }
};

struct x_position_of_maximum_x_projection : detail::projection::to_place<'x', /*is_least=*/false> {
  static constexpr auto about = detail::projection::about(
      "x_position_of_maximum_x_projection", "Where along x the greatest pixel is",
      "clesperanto x_position_of_maximum_x_projection; numpy.argmax(axis=2)");
};

struct x_position_of_minimum_x_projection : detail::projection::to_place<'x', /*is_least=*/true> {
  static constexpr auto about = detail::projection::about(
      "x_position_of_minimum_x_projection", "Where along x the least pixel is",
      "clesperanto x_position_of_minimum_x_projection; numpy.argmin(axis=2)");
};

struct y_position_of_maximum_y_projection : detail::projection::to_place<'y', /*is_least=*/false> {
  static constexpr auto about = detail::projection::about(
      "y_position_of_maximum_y_projection", "Where along y the greatest pixel is",
      "clesperanto y_position_of_maximum_y_projection; numpy.argmax(axis=1)");
};

struct y_position_of_minimum_y_projection : detail::projection::to_place<'y', /*is_least=*/true> {
  static constexpr auto about = detail::projection::about(
      "y_position_of_minimum_y_projection", "Where along y the least pixel is",
      "clesperanto y_position_of_minimum_y_projection; numpy.argmin(axis=1)");
};

struct z_position_of_maximum_z_projection : detail::projection::to_place<'z', /*is_least=*/false> {
  static constexpr auto about = detail::projection::about(
      "z_position_of_maximum_z_projection", "Where along z the greatest pixel is",
      "clesperanto z_position_of_maximum_z_projection; numpy.argmax(axis=0)");
};

struct z_position_of_minimum_z_projection : detail::projection::to_place<'z', /*is_least=*/true> {
  static constexpr auto about = detail::projection::about(
      "z_position_of_minimum_z_projection", "Where along z the least pixel is",
      "clesperanto z_position_of_minimum_z_projection; numpy.argmin(axis=0)");
};

}  // namespace ops

/// The greatest pixel of every row: dst(y, z) of src(x, y, z). Else as maximum_z_projection.
/// returns  the same type, as large as src along y and z
/// source   clesperanto maximum_x_projection; numpy.max(axis=2)
template <pixel T>
image<T> maximum_x_projection(const image<T>& src) {
  return run(ops::maximum_x_projection{}, src);
}

/// The greatest pixel of every column along y: dst(x, z) of src(x, y, z). Else as
/// maximum_z_projection.
/// returns  the same type, as large as src along x and z
/// source   clesperanto maximum_y_projection; numpy.max(axis=1)
template <pixel T>
image<T> maximum_y_projection(const image<T>& src) {
  return run(ops::maximum_y_projection{}, src);
}

/// The greatest pixel of every column along z. A NaN counts only in the first plane, where it
/// stays.
/// src      any pixel type, 2D or 3D
/// returns  the same type, z = 1; a 2D image comes back as it is
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   clesperanto maximum_z_projection; numpy.max(axis=0)    example  examples/projection.cpp
template <pixel T>
image<T> maximum_z_projection(const image<T>& src) {
  return run(ops::maximum_z_projection{}, src);
}

/// The mean of every row: dst(y, z) of src(x, y, z). Its sum, as of sum_x_projection, times 1 /
/// pixels, both rounded to f32. Else as mean_z_projection.
/// returns  f32, as large as src along y and z
/// source   clesperanto mean_x_projection; numpy.mean(axis=2)
template <pixel T>
image<float> mean_x_projection(const image<T>& src) {
  return run(ops::mean_x_projection{}, src);
}

/// The mean of every column along y: dst(x, z) of src(x, y, z). Else as mean_z_projection.
/// returns  f32, as large as src along x and z
/// source   clesperanto mean_y_projection; numpy.mean(axis=1)
template <pixel T>
image<float> mean_y_projection(const image<T>& src) {
  return run(ops::mean_y_projection{}, src);
}

/// The mean of every column along z: its sum, as of sum_z_projection, times 1 / planes, both
/// rounded to f32.
/// src      any pixel type, 2D or 3D
/// returns  f32, z = 1
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   clesperanto mean_z_projection; numpy.mean(axis=0)
template <pixel T>
image<float> mean_z_projection(const image<T>& src) {
  return run(ops::mean_z_projection{}, src);
}

/// The least pixel of every row. Else as maximum_x_projection.
/// source   clesperanto minimum_x_projection; numpy.min(axis=2)
template <pixel T>
image<T> minimum_x_projection(const image<T>& src) {
  return run(ops::minimum_x_projection{}, src);
}

/// The least pixel of every column along y. Else as maximum_y_projection.
/// source   clesperanto minimum_y_projection; numpy.min(axis=1)
template <pixel T>
image<T> minimum_y_projection(const image<T>& src) {
  return run(ops::minimum_y_projection{}, src);
}

/// The least pixel of every column along z. Else as maximum_z_projection.
/// source   clesperanto minimum_z_projection; numpy.min(axis=0)
template <pixel T>
image<T> minimum_z_projection(const image<T>& src) {
  return run(ops::minimum_z_projection{}, src);
}

/// The product of every row: dst(y, z) of src(x, y, z). Pixels are multiplied in the order in which
/// sum_x_projection adds floats. Else as product_z_projection.
/// returns  f32, as large as src along y and z
/// source   clesperanto product_x_projection; numpy.prod(axis=2)
template <pixel T>
image<float> product_x_projection(const image<T>& src) {
  return run(ops::product_x_projection{}, src);
}

/// The product of every column along y: dst(x, z) of src(x, y, z). Else as product_z_projection.
/// returns  f32, as large as src along x and z
/// source   clesperanto product_y_projection; numpy.prod(axis=1)
template <pixel T>
image<float> product_y_projection(const image<T>& src) {
  return run(ops::product_y_projection{}, src);
}

/// The product of every column along z: pixels are multiplied in the order in which
/// sum_z_projection adds floats. Products of integers are floats, too, unlike clesperanto's.
/// src      any pixel type, 2D or 3D; pixels are taken as floats
/// returns  f32, z = 1
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   clesperanto product_z_projection; numpy.prod(axis=0)
template <pixel T>
image<float> product_z_projection(const image<T>& src) {
  return run(ops::product_z_projection{}, src);
}

/// The standard deviation of every row: the square root of variance_x_projection, rounded
/// correctly. Else as that.
/// source   clesperanto std_x_projection; numpy.std(axis=2)
template <pixel T>
image<float> std_x_projection(const image<T>& src, const ops::std_x_projection& p = {}) {
  return run(p, src);
}

/// The standard deviation of every column along y: the square root of variance_y_projection,
/// rounded correctly. Else as that.
/// source   clesperanto std_y_projection; numpy.std(axis=1)
template <pixel T>
image<float> std_y_projection(const image<T>& src, const ops::std_y_projection& p = {}) {
  return run(p, src);
}

/// The standard deviation of every column along z: the square root of variance_z_projection,
/// rounded correctly. Else as that.
/// source   clesperanto std_z_projection; numpy.std(axis=0)
template <pixel T>
image<float> std_z_projection(const image<T>& src, const ops::std_z_projection& p = {}) {
  return run(p, src);
}

/// The variance of every row: dst(y, z) of src(x, y, z). Sums are as of sum_x_projection. Else
/// as variance_z_projection.
/// returns  f32, as large as src along y and z
/// source   clesperanto variance_x_projection; numpy.var(axis=2)
template <pixel T>
image<float> variance_x_projection(const image<T>& src, const ops::variance_x_projection& p = {}) {
  return run(p, src);
}

/// The variance of every column along y: dst(x, z) of src(x, y, z). Else as variance_z_projection.
/// returns  f32, as large as src along x and z
/// source   clesperanto variance_y_projection; numpy.var(axis=1)
template <pixel T>
image<float> variance_y_projection(const image<T>& src, const ops::variance_y_projection& p = {}) {
  return run(p, src);
}

/// The variance of every column along z, in two passes: the mean, as of mean_z_projection, and the
/// sum of the squares of the distances from it, floats that fma adds in the order of
/// sum_z_projection, times 1 / (planes - ddof). The distances are summed, too: the square of their
/// sum / planes is what the rounding of the mean adds to the squares, and is subtracted. Where ddof
/// is not less than the planes, the result is NaN or infinity as with numpy; clesperanto gives 0.
/// src      any pixel type, 2D or 3D    p  ddof
/// returns  f32, z = 1
/// throws   argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels), two reads
/// source   clesperanto variance_z_projection; numpy.var(axis=0)
template <pixel T>
image<float> variance_z_projection(const image<T>& src, const ops::variance_z_projection& p = {}) {
  return run(p, src);
}

/// The sum of every row: dst(y, z) of src(x, y, z). Exact for integers, and rounded once. Of floats
/// there are 32 sums, each of every 32nd pixel, which are added up by halves: the second to the
/// first. Else as sum_z_projection.
/// returns  f32, as large as src along y and z
/// source   clesperanto sum_x_projection; numpy.sum(axis=2)
template <pixel T>
image<float> sum_x_projection(const image<T>& src) {
  return run(ops::sum_x_projection{}, src);
}

/// The sum of every column along y: dst(x, z) of src(x, y, z). Else as sum_z_projection.
/// returns  f32, as large as src along x and z
/// source   clesperanto sum_y_projection; numpy.sum(axis=1)
template <pixel T>
image<float> sum_y_projection(const image<T>& src) {
  return run(ops::sum_y_projection{}, src);
}

/// The sum of every column along z: exact for integers, and rounded once. Floats are added up 8
/// planes at a time, and these sums in order, which rounds less than one by one.
/// src      any pixel type, 2D or 3D
/// returns  f32, z = 1
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   clesperanto sum_z_projection; numpy.sum(axis=0)
template <pixel T>
image<float> sum_z_projection(const image<T>& src) {
  return run(ops::sum_z_projection{}, src);
}

/// Where in every row its greatest pixel is. Else as z_position_of_maximum_z_projection.
/// returns  u32, from 0, as large as src along y and z
/// source   clesperanto x_position_of_maximum_x_projection; numpy.argmax(axis=2)
template <pixel T>
image<std::uint32_t> x_position_of_maximum_x_projection(const image<T>& src) {
  return run(ops::x_position_of_maximum_x_projection{}, src);
}

/// Where in every row its least pixel is. Else as x_position_of_maximum_x_projection.
/// source   clesperanto x_position_of_minimum_x_projection; numpy.argmin(axis=2)
template <pixel T>
image<std::uint32_t> x_position_of_minimum_x_projection(const image<T>& src) {
  return run(ops::x_position_of_minimum_x_projection{}, src);
}

/// Where in every column along y its greatest pixel is. Else as z_position_of_maximum_z_projection.
/// returns  u32, from 0, as large as src along x and z
/// source   clesperanto y_position_of_maximum_y_projection; numpy.argmax(axis=1)
template <pixel T>
image<std::uint32_t> y_position_of_maximum_y_projection(const image<T>& src) {
  return run(ops::y_position_of_maximum_y_projection{}, src);
}

/// Where in every column along y its least pixel is. Else as y_position_of_maximum_y_projection.
/// source   clesperanto y_position_of_minimum_y_projection; numpy.argmin(axis=1)
template <pixel T>
image<std::uint32_t> y_position_of_minimum_y_projection(const image<T>& src) {
  return run(ops::y_position_of_minimum_y_projection{}, src);
}

/// Where in every column along z its greatest pixel is, that of maximum_z_projection: the first of
/// equals. As there, a NaN counts only in the first plane; with numpy every one does.
/// src      any pixel type, 2D or 3D
/// returns  u32, from 0, z = 1
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   clesperanto z_position_of_maximum_z_projection; numpy.argmax(axis=0)
template <pixel T>
image<std::uint32_t> z_position_of_maximum_z_projection(const image<T>& src) {
  return run(ops::z_position_of_maximum_z_projection{}, src);
}

/// Where in every column along z its least pixel is. Else as z_position_of_maximum_z_projection.
/// source   clesperanto z_position_of_minimum_z_projection; numpy.argmin(axis=0)
template <pixel T>
image<std::uint32_t> z_position_of_minimum_z_projection(const image<T>& src) {
  return run(ops::z_position_of_minimum_z_projection{}, src);
}

/// Of every column along z the pixel at a place that a second image says:
///     dst(x, y) = src(x, y, position(x, y))
/// src       any pixel type, 2D or 3D
/// position  any pixel type, as large as a plane of src: z_position_of_maximum_z_projection, say;
///           fractions are left out, and places that are not in src are the nearest that are
/// returns   src's type, z = 1
/// throws    argument_error (position of another size), memory_error
/// parity    the same bits on every device    cost  O(pixels of a plane)
/// source    clesperanto z_position_projection; numpy.take_along_axis(axis=0)
template <pixel T, pixel Position>
image<T> z_position_projection(const image<T>& src, const image<Position>& position) {
  return run(ops::z_position_projection{}, src, position);
}

}  // namespace gpuimg
