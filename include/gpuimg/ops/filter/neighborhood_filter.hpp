// SPDX-License-Identifier: BSD-3-Clause
// minimum_filter, maximum_filter, mean_filter and top_hat over a box or an ellipsoid.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gpuimg/kernels/filter/neighborhood_filter.cl.hpp"
#include "gpuimg/neighborhood.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::neighborhood_filter {

enum class combine { minimum, maximum, sum };
using detail::halo_of, detail::neighborhood, detail::parameters_of;

inline void filter(const opencl::device& device, const opencl::buffer_view& src,
                   const opencl::buffer_view& dst, const neighborhood& around, combine what) {
  const bool is_float = src.type == pixel_type::f32;
  const bool is_sum = what == combine::sum;
  const double count = around.pixels();
  // Integers are summed exactly: in 32 bits where those suffice, else in 64, without a sign where
  // pixels have none.
  const bool small = size_of(src.type) < 4 && count < 32768;
  const std::string_view pixels = opencl_name_of(src.type);
  const std::string_view acc = is_float                      ? (is_sum ? "float" : "int")
                               : !is_sum                     ? pixels
                               : small                       ? "int"
                               : src.type == pixel_type::u32 ? "ulong"
                                                             : "long";
  const std::size_t acc_bytes = is_sum && !is_float && !small ? 8
                                : is_sum || is_float          ? 4
                                                              : size_of(src.type);
  const auto scale = static_cast<cl_float>(1.0 / count);
  // A work-item takes VEC pixels, and so many for each of them.
  const auto items = [&](double window) {
    opencl::grid grid = row_vectors(device, src.shape);
    grid.cost = device.vector_width() * static_cast<std::uint64_t>(window);
    return grid;
  };
  const auto macros = [&](bool first, bool last) {
    opencl::defines all{{"SRC_T", first ? pixels : acc},
                        {"DST_T", last ? opencl_name_of(dst.type) : acc},
                        {"ACC_T", acc}};
    // The least and the greatest of integers are pixels: there the first pass and the last are as
    // any.
    const bool changes_type = is_sum || is_float;
    if (first && changes_type) all.add("FIRST");
    if (last && changes_type) all.add("LAST");
    if (is_float) all.add("IS_FLOAT");
    all.add(is_sum ? "IS_SUM" : what == combine::minimum ? "IS_MINIMUM" : "IS_MAXIMUM", "");
    return all;
  };

  if (around.connectivity == connectivity::sphere) {
    const auto rows = ellipsoid_rows(around.radius);
    device.launch(kernels::neighborhood_filter, "neighborhood_filter__sphere", macros(true, true),
                  items(count),
                  {src, dst, device.table(std::span<const footprint_row>(rows)),
                   static_cast<cl_int>(rows.size()), static_cast<cl_int>(around.radius[0]),
                   src.shape, scale});
    return;
  }
  std::vector<std::size_t> axes;
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (around.radius[axis] > 0) axes.push_back(axis);
  if (axes.empty()) axes.push_back(0);
  static constexpr const char* names[] = {"neighborhood_filter__x", "neighborhood_filter__y",
                                          "neighborhood_filter__z"};
  std::array<opencl::buffer, 2> between;
  opencl::buffer_view from = src;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const bool last = i + 1 == axes.size();
    opencl::buffer_view to = dst;
    if (!last) {
      between[i] = device.allocate(src.shape.pixels() * acc_bytes);
      to.memory = between[i].memory();
    }
    device.launch(kernels::neighborhood_filter, names[axes[i]], macros(i == 0, last),
                  items(2.0 * around.radius[axes[i]] + 1),
                  {from, to, static_cast<cl_int>(around.radius[axes[i]]), src.shape, scale});
    from = to;
  }
}

template <pixel T>
void extremum_filter(view<const T> src, view<T> dst, const neighborhood& around, bool greatest) {
  const auto rows = rows_of(around);
  for_each_pixel(src.shape(), [&](std::size_t x, std::size_t y, std::size_t z) {
    T best = src(x, y, z);
    for_each_neighbor(src, rows, x, y, z, [&](T pixel) {
      if (greatest ? ordered(pixel) > ordered(best) : ordered(pixel) < ordered(best)) best = pixel;
    });
    dst(x, y, z) = best;
  });
}

/// Sums of integers are exact. Sums of floats are rounded axis by axis in a box, x then y then z,
/// and row by row in an ellipsoid.
template <pixel T>
void mean_filter(view<const T> src, view<float> dst, const neighborhood& around) {
  using Acc = std::conditional_t<
      std::same_as<T, float>, float,
      std::conditional_t<std::same_as<T, std::uint32_t>, std::uint64_t, std::int64_t>>;
  const auto scale = static_cast<float>(1.0 / around.pixels());
  const auto sum_rows = [&](auto from, auto to, const std::vector<footprint_row>& rows) {
    for_each_pixel(src.shape(), [&](std::size_t x, std::size_t y, std::size_t z) {
      bool first = true;
      Acc sum{};
      for_each_neighbor(from, rows, x, y, z, [&](auto pixel) {
        sum = first ? static_cast<Acc>(pixel) : sum + static_cast<Acc>(pixel);
        first = false;
      });
      to(x, y, z) = sum;
    });
  };
  std::vector<Acc> before(src.begin(), src.end()), after(src.size());
  const auto pass = [&](const std::vector<footprint_row>& rows) {
    sum_rows(view<const Acc>(before.data(), src.shape()), view<Acc>(after.data(), src.shape()),
             rows);
    before.swap(after);
  };
  if (around.connectivity == connectivity::sphere) {
    pass(ellipsoid_rows(around.radius));
  } else {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      neighborhood line = around;
      for (std::size_t other = 0; other < 3; ++other)
        if (other != axis) line.radius[other] = 0;
      if (line.radius[axis] > 0) pass(rows_of(line));
    }
  }
  for (std::size_t i = 0; i < dst.size(); ++i) dst[i] = static_cast<float>(before[i]) * scale;
}

}  // namespace detail::neighborhood_filter

namespace ops {

struct maximum_filter {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{.name = "maximum_filter",
                                        .theme = "filter",
                                        .brief = "The greatest pixel of a neighbourhood",
                                        .source = "scipy.ndimage.maximum_filter (mode nearest)",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    detail::neighborhood_filter::parameters_of<maximum_filter>(p);
  }
  [[nodiscard]] gpuimg::halo halo() const {
    return detail::neighborhood_filter::halo_of(radius_x, radius_y, radius_z);
  }
  void check(const shape& size) const {
    detail::neighborhood_filter::neighborhood(radius_x, radius_y, radius_z, connectivity, size)
        .check();
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::neighborhood_filter::filter(device, src, dst,
                                        {radius_x, radius_y, radius_z, connectivity, src.shape},
                                        detail::neighborhood_filter::combine::maximum);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    detail::neighborhood_filter::extremum_filter(
        src, dst, {radius_x, radius_y, radius_z, connectivity, src.shape()}, true);
  }
};

struct mean_filter {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{.name = "mean_filter",
                                        .theme = "filter",
                                        .brief = "The mean of the pixels of a neighbourhood",
                                        .source = "scipy.ndimage.uniform_filter (mode nearest)",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    detail::neighborhood_filter::parameters_of<mean_filter>(p);
  }
  [[nodiscard]] gpuimg::halo halo() const {
    return detail::neighborhood_filter::halo_of(radius_x, radius_y, radius_z);
  }
  void check(const shape& size) const {
    detail::neighborhood_filter::neighborhood(radius_x, radius_y, radius_z, connectivity, size)
        .check_sum();
  }
  template <pixel T>
  using dst_pixel = float;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::neighborhood_filter::filter(device, src, dst,
                                        {radius_x, radius_y, radius_z, connectivity, src.shape},
                                        detail::neighborhood_filter::combine::sum);
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    detail::neighborhood_filter::mean_filter(
        src, dst, {radius_x, radius_y, radius_z, connectivity, src.shape()});
  }
};

struct minimum_filter {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{.name = "minimum_filter",
                                        .theme = "filter",
                                        .brief = "The least pixel of a neighbourhood",
                                        .source = "scipy.ndimage.minimum_filter (mode nearest)",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    detail::neighborhood_filter::parameters_of<minimum_filter>(p);
  }
  [[nodiscard]] gpuimg::halo halo() const {
    return detail::neighborhood_filter::halo_of(radius_x, radius_y, radius_z);
  }
  void check(const shape& size) const {
    detail::neighborhood_filter::neighborhood(radius_x, radius_y, radius_z, connectivity, size)
        .check();
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::neighborhood_filter::filter(device, src, dst,
                                        {radius_x, radius_y, radius_z, connectivity, src.shape},
                                        detail::neighborhood_filter::combine::minimum);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    detail::neighborhood_filter::extremum_filter(
        src, dst, {radius_x, radius_y, radius_z, connectivity, src.shape()}, false);
  }
};

struct top_hat {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "top_hat",
      .theme = "filter",
      .brief = "The image minus its opening: what is narrower than the neighbourhood stays",
      .source = "scipy.ndimage.white_tophat (mode nearest)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    detail::neighborhood_filter::parameters_of<top_hat>(p);
  }
  [[nodiscard]] gpuimg::halo halo() const {
    return detail::neighborhood_filter::halo_of(2 * radius_x, 2 * radius_y, 2 * radius_z);
  }
  void check(const shape& size) const {
    detail::neighborhood_filter::neighborhood(radius_x, radius_y, radius_z, connectivity, size)
        .check();
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const detail::neighborhood_filter::neighborhood around{radius_x, radius_y, radius_z,
                                                           connectivity, src.shape};
    const auto memory = device.allocate(src.bytes());
    const opencl::buffer_view opened{memory.memory(), src.type, src.shape};
    detail::neighborhood_filter::filter(device, src, dst, around,
                                        detail::neighborhood_filter::combine::minimum);
    detail::neighborhood_filter::filter(device, dst, opened, around,
                                        detail::neighborhood_filter::combine::maximum);
    opencl::defines macros{{"SRC_T", opencl_name_of(src.type)},
                           {"DST_T", opencl_name_of(src.type)},
                           {"ACC_T", opencl_name_of(src.type)}};
    if (src.type == pixel_type::f32) macros.add("IS_FLOAT");
    const std::size_t count = src.shape.pixels();
    device.launch(kernels::neighborhood_filter, "neighborhood_filter__subtract", macros,
                  detail::vectors(device, count), {src, opened, dst, static_cast<cl_ulong>(count)});
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    const detail::neighborhood_filter::neighborhood around{radius_x, radius_y, radius_z,
                                                           connectivity, src.shape()};
    std::vector<T> least(src.size());
    detail::neighborhood_filter::extremum_filter(src, view<T>(least.data(), src.shape()), around,
                                                 false);
    detail::neighborhood_filter::extremum_filter(view<const T>(least.data(), src.shape()), dst,
                                                 around, true);
    for (std::size_t i = 0; i < dst.size(); ++i) {
      if constexpr (std::same_as<T, float>)
        dst[i] = src[i] - dst[i];
      else
        dst[i] =
            convert_pixel<T>(static_cast<std::int64_t>(src[i]) - static_cast<std::int64_t>(dst[i]));
    }
  }
};

}  // namespace ops

/// The greatest pixel of a box or an ellipsoid around each pixel. Floats are compared in their
/// total order: -0 < +0, and a positive NaN is above everything.
/// src      any pixel type, 2D or 3D
/// p        radius_x, radius_y, radius_z in pixels, 0 to 10000 (no effect along z on a 2D image);
///          connectivity box (2 radius + 1 pixels per axis) or sphere (the ellipsoid)
/// returns  src's type and shape        edges  nearest pixel repeated
/// throws   argument_error, memory_error (box: up to two temporaries of the size of src)
/// parity   the same bits on every device
/// cost     box O(pixels x (radius_x + radius_y + radius_z)); sphere O(pixels x pixels of the
///          ellipsoid)
/// source   scipy.ndimage.maximum_filter; clesperanto maximum_filter
template <pixel T>
image<T> maximum_filter(const image<T>& src, const ops::maximum_filter& p = {}) {
  return run(p, src);
}

/// The mean of a box or an ellipsoid around each pixel: the sum, exact for integers, times 1 /
/// count.
/// src      any pixel type, 2D or 3D
/// p        as maximum_filter, but at most 2^32 pixels around a pixel
/// returns  f32, the same shape         edges  nearest pixel repeated
/// throws   argument_error, memory_error (box: up to two temporaries of 4 or 8 bytes per pixel)
/// parity   the same bits on every device    cost  as maximum_filter
/// source   scipy.ndimage.uniform_filter; clesperanto mean_filter, which truncates integers
template <pixel T>
image<float> mean_filter(const image<T>& src, const ops::mean_filter& p = {}) {
  return run(p, src);
}

/// The least pixel of a box or an ellipsoid around each pixel; everything else as maximum_filter.
/// source   scipy.ndimage.minimum_filter; clesperanto minimum_filter
template <pixel T>
image<T> minimum_filter(const image<T>& src, const ops::minimum_filter& p = {}) {
  return run(p, src);
}

/// The image minus its opening (maximum_filter of minimum_filter): what is narrower than the box or
/// the ellipsoid stays, an uneven background goes.
/// src      any pixel type, 2D or 3D    p  as maximum_filter
/// returns  src's type and shape; a difference beyond a signed integer's range saturates
/// edges    nearest pixel repeated
/// throws   argument_error, memory_error (two temporaries more than maximum_filter)
/// parity   the same bits on every device    cost  as two maximum_filters
/// source   scipy.ndimage.white_tophat; clesperanto top_hat
template <pixel T>
image<T> top_hat(const image<T>& src, const ops::top_hat& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
