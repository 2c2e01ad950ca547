// SPDX-License-Identifier: BSD-3-Clause
// Filters over a box or an ellipsoid: minimum, maximum, mean, and what follows from the first two.
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

// Windows of a box: the kernels know the first of these, too.
inline constexpr int longest_direct = 7;    // pixels that are combined one after the other
inline constexpr int longest_window = 255;  // pixels that a tile has room for; others go in parts

/// Along each axis the windows that one launch takes: so many pixels, the first `from` away.
struct box_pass {
  std::array<int, 3> window{1, 1, 1}, from{};
  bool continues = false;  ///< whether this is a further part of the window of the pass before

  [[nodiscard]] bool is_direct() const { return std::ranges::max(window) <= longest_direct; }
  /// One long window along y or z.
  [[nodiscard]] bool is_column() const {
    return !is_direct() && window[0] == 1 && (window[1] == 1 || window[2] == 1);
  }
};

/// How a pass is cut into tiles: `pixels` of the result each, for which rows of `pitch` pixels are
/// read. The first `skip` of them are there for the alignment.
struct box_tiling {
  std::array<int, 3> pixels;
  int pitch, skip;
  double share;  ///< of the pixels that are read, those that are the tile's own
};

/// How many pixels a tile may hold, how few along x, and to what multiple its rows are aligned.
/// Rows alone, which need no others, are as few as a CPU's first cache likes.
struct box_limits {
  int tile, row_tile, narrowest, alignment;

  box_limits(const opencl::device& device, std::size_t acc_bytes) {
    const int bytes = static_cast<int>(acc_bytes);
    if (device.launches().variant == opencl::kernel_variant::serial)
      *this = {std::max(65536 / bytes, 16384), std::max(8192 / bytes, 2048),
               static_cast<int>(device.vector_width()), static_cast<int>(device.vector_width())};
    else
      *this = {32768 / (3 * bytes), 32768 / (3 * bytes), 32 / std::max(bytes, 4),
               8};  // the least local memory there is
  }

 private:
  box_limits(int t, int r, int n, int a) : tile(t), row_tile(r), narrowest(n), alignment(a) {}
};

/// Tiles as wide as half of what is read is the tile's own, or as narrow as they may be.
inline box_tiling tiling_for(const box_pass& pass, const shape& size, const box_limits& limits) {
  const auto upto = [](int n, std::size_t axis) {
    return static_cast<int>(std::min(static_cast<std::size_t>(std::max(n, 1)), axis));
  };
  const auto [x_window, y_window, z_window] = pass.window;
  const bool is_row = y_window == 1 && z_window == 1;
  const int skip = limits.alignment == 8 ? pass.from[0] & 7 : 0;
  for (int x = is_row ? 1024 : 256;; x /= 2) {
    const bool narrowest = x <= limits.narrowest;
    if (!narrowest && static_cast<std::size_t>(x / 2) >= size.x) continue;
    const int unit = std::min(limits.alignment, x);
    const int pitch = (skip + x + x_window - 1 + unit - 1) / unit * unit;
    const int lines = (is_row ? limits.row_tile : limits.tile) / pitch;
    const int y = z_window > 1 ? 1 : upto(lines - y_window + 1, size.y);
    const int z = z_window > 1 ? upto(lines - z_window + 1, size.z) : 1;
    const double share =
        static_cast<double>(x) * y * z / (1.0 * pitch * (y + y_window - 1) * (z + z_window - 1));
    if (narrowest || share >= 0.5) return {{x, y, z}, pitch, skip, share};
  }
}

/// One axis after the other; x and y together, or x and z, where that reads no pixel much more than
/// once in a large image, unless `one_by_one`: all sizes share their programs.
inline std::vector<box_pass> passes_of(const std::array<int, 3>& radius, const box_limits& limits,
                                       bool one_by_one) {
  std::vector<box_pass> all;
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (int from = -radius[axis]; from <= radius[axis] && radius[axis] > 0;
         from += longest_window) {
      box_pass pass;
      pass.from[axis] = from;
      pass.window[axis] = std::min(longest_window, radius[axis] - from + 1);
      pass.continues = from > -radius[axis];
      all.push_back(pass);
    }
  if (all.empty()) all.push_back({});
  const auto is_whole = [&](std::size_t i) {
    return !all[i].continues && (i + 1 == all.size() || !all[i + 1].continues);
  };
  if (!one_by_one && all.size() > 1 && is_whole(0) && is_whole(1)) {
    box_pass both = all[0];
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (all[1].window[axis] > 1) {
        both.window[axis] = all[1].window[axis];
        both.from[axis] = all[1].from[axis];
      }
    if (tiling_for(both, {65536, 65536, 65536}, limits).share >= 0.5) {
      all.erase(all.begin());
      all[0] = both;
    }
  }
  return all;
}

/// Enqueues a pass along y or z for the least or the greatest: strips as wide as their windows fit
/// `tile`, in pieces for everybody that are not much smaller than what they read around them.
inline void launch_columns(const opencl::device& device, opencl::defines macros,
                           const box_pass& pass, int tile,
                           const std::array<opencl::buffer_view, 4>& images, cl_float scale) {
  const shape size = images[0].shape;
  const std::size_t axis = pass.window[1] > 1 ? 1 : 2;
  const std::size_t step = axis == 1 ? size.x : size.x * size.y, length = size.axes()[axis];
  const std::size_t outer = axis == 1 ? size.z : 1;
  const int window = pass.window[axis], widest = tile / 64;
  const auto vector = device.vector_width();
  const std::size_t columns = std::min(static_cast<std::size_t>(widest),
                                       static_cast<std::size_t>(tile / window) / vector * vector);
  const std::size_t strips = pieces(step, columns);
  const std::size_t wanted =
      pieces(std::size_t{8} * device.description().compute_units, strips * outer);
  const std::size_t most =
      std::max<std::size_t>(length / (2 * static_cast<std::size_t>(window)), 1);
  const std::size_t lines = pieces(length, std::min(wanted, most));
  macros.add("WIDEST", static_cast<std::size_t>(widest));
  device.launch(
      kernels::neighborhood_filter, "neighborhood_filter__columns", macros,
      {strips, pieces(length, lines), outer, {1, 1, 1}},
      {images[0], images[1], images[2], images[3], static_cast<cl_ulong>(step),
       static_cast<cl_int>(length), static_cast<cl_int>(columns), static_cast<cl_int>(lines),
       static_cast<cl_int>(pass.from[axis]), static_cast<cl_int>(window), scale});
}

/// Combines the pixels around each. With `original` the result is the difference from that: what
/// comes out of a minimum minus it, or it minus what comes out of a maximum.
inline void filter(const opencl::device& device, const opencl::buffer_view& src,
                   const opencl::buffer_view& dst, const neighborhood& around, combine what,
                   const opencl::buffer_view* original = nullptr) {
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
  const auto macros = [&](bool first, bool last) {
    opencl::defines all{{"SRC_T", first ? pixels : acc},
                        {"DST_T", last ? opencl_name_of(dst.type) : acc},
                        {"ACC_T", acc}};
    // The least and the greatest of integers are pixels: there the first pass and the last are as
    // any.
    const bool changes_type = is_sum || is_float;
    if (first && changes_type) all.add("FIRST");
    if (last && changes_type) all.add("LAST");
    if (last && original != nullptr) all.add("SUBTRACT");
    if (is_float) all.add("IS_FLOAT");
    all.add(is_sum ? "IS_SUM" : what == combine::minimum ? "IS_MINIMUM" : "IS_MAXIMUM", "");
    return all;
  };
  const opencl::buffer_view& minuend = original != nullptr ? *original : dst;

  if (around.connectivity == connectivity::sphere) {
    const auto rows = ellipsoid_rows(around.radius);
    opencl::grid items = row_vectors(device, src.shape);
    items.cost = device.vector_width() * static_cast<std::uint64_t>(count);
    device.launch(kernels::neighborhood_filter, "neighborhood_filter__sphere", macros(true, true),
                  items,
                  {src, minuend, dst, device.table(std::span<const footprint_row>(rows)),
                   static_cast<cl_int>(rows.size()), static_cast<cl_int>(around.radius[0]),
                   src.shape, scale});
    return;
  }
  const auto add_windows = [](opencl::defines& all, const std::array<int, 3>& window) {
    static constexpr const char* names[] = {"WINDOW_X", "WINDOW_Y", "WINDOW_Z"};
    for (std::size_t axis = 0; axis < 3; ++axis)
      all.add(names[axis], static_cast<std::size_t>(window[axis]));
  };
  const bool serial = device.launches().variant == opencl::kernel_variant::serial;
  const std::array<int, 3> whole{2 * around.radius[0] + 1, 2 * around.radius[1] + 1,
                                 2 * around.radius[2] + 1};
  if (serial && whole[0] <= longest_direct && whole[1] == 1 && whole[2] == 1) {
    opencl::defines all = macros(true, true);
    add_windows(all, whole);
    device.launch(kernels::neighborhood_filter, "neighborhood_filter__row", all,
                  row_vectors(device, src.shape), {src, minuend, dst, src.shape, scale});
    return;
  }
  if (serial && acc_bytes <= 4 && std::ranges::max(whole) <= longest_direct) {
    // Whole rows of most images where memory is what takes long, else what fits the nearest cache.
    const bool is_flat = whole[2] == 1;
    const std::size_t vectors = !is_flat ? 16 : size_of(src.type) == 4 ? 128 : 32;
    const std::size_t width = vectors * device.vector_width();
    const std::size_t height = is_flat ? 8 : 32;
    const std::size_t x = pieces(src.shape.x, width), y = pieces(src.shape.y, height);
    // Bricks for everybody; that each begins with some planes more should not weigh much.
    const std::size_t even =
        pieces(x * y * src.shape.z, std::size_t{8} * device.description().compute_units);
    const std::size_t planes = std::min(std::max<std::size_t>(even, 32), src.shape.z);
    opencl::defines all = macros(true, true);
    all.add("WIDTH", width);
    all.add("HEIGHT", height);
    all.add("DEPTH", 4);
    add_windows(all, whole);
    device.launch(kernels::neighborhood_filter, "neighborhood_filter__brick", all,
                  {x, y, pieces(src.shape.z, planes), {1, 1, 1}},
                  {src, minuend, dst, src.shape, static_cast<cl_int>(planes), scale});
    return;
  }
  if (!serial && std::ranges::max(whole) <= longest_direct) {
    const std::size_t rows = src.shape.is_3d() ? 4 : 8, planes = src.shape.is_3d() ? 8 : 1;
    opencl::defines all = macros(true, true);
    all.add("ONE_PIXEL");
    all.add("ROWS", rows);
    add_windows(all, whole);
    device.launch(kernels::neighborhood_filter, "neighborhood_filter__small", all,
                  {src.shape.x,
                   pieces(src.shape.y, rows),
                   pieces(src.shape.z, planes),
                   {64, 4, 1},
                   rows * planes * static_cast<std::size_t>(whole[0] + whole[1] + whole[2])},
                  {src, minuend, dst, src.shape, static_cast<cl_int>(planes), scale});
    return;
  }

  const box_limits limits(device, acc_bytes);
  const bool by_columns = serial && !is_sum;
  const auto passes = passes_of(around.radius, limits, by_columns);
  std::array<opencl::buffer, 2> between;  // what one axis gives and the next one takes, in turns
  opencl::buffer_view from = src;
  for (std::size_t i = 0, turn = 0; i < passes.size(); ++i) {
    const box_pass& pass = passes[i];
    const bool last = i + 1 == passes.size();
    opencl::defines all = macros(from.memory == src.memory, last);
    all.add("TILE", static_cast<std::size_t>(limits.tile));
    if (pass.continues) all.add("CONTINUES");
    if (!serial) all.add("ONE_PIXEL");
    if (serial && pass.is_direct()) add_windows(all, pass.window);  // unrolled
    if (!last && between[turn].memory() == nullptr)
      between[turn] = device.allocate(src.shape.pixels() * acc_bytes);
    opencl::buffer_view part = dst, to = dst;
    if (!last || pass.continues) part.memory = between[turn].memory();
    if (!last) to = part;
    const auto next = [&] {
      if (last || passes[i + 1].continues) return;
      from = to;
      turn = 1 - turn;
    };
    if (by_columns && pass.is_column()) {
      launch_columns(device, all, pass, limits.tile, {from, part, minuend, to}, scale);
      next();
      continue;
    }
    const box_tiling tiling = tiling_for(pass, src.shape, limits);
    const auto [x, y, z] = tiling.pixels;
    const std::size_t lanes = serial ? 1 : static_cast<std::size_t>(std::min(x, 64));
    const std::size_t layers = serial ? 1 : 256 / lanes;
    const auto tiles = [](std::size_t n, int side) {
      return pieces(n, static_cast<std::size_t>(side));
    };
    const auto vector = [](int vx, int vy, int vz) { return cl_int4{{vx, vy, vz, 0}}; };
    device.launch(kernels::neighborhood_filter, "neighborhood_filter__box", all,
                  {tiles(src.shape.x, x) * lanes,
                   tiles(src.shape.y, y) * layers,
                   tiles(src.shape.z, z),
                   {lanes, layers, 1},
                   static_cast<std::size_t>(limits.tile) * 16 / (lanes * layers)},
                  {from, part, minuend, to, src.shape, vector(x, y, z),
                   vector(pass.from[0] - tiling.skip, pass.from[1], pass.from[2]),
                   vector(pass.window[0], pass.window[1], pass.window[2]),
                   static_cast<cl_int>(tiling.skip), static_cast<cl_int>(tiling.pitch), scale});
    next();
  }
}

/// Combines the pixels around each, and once more by the opposite: an opening (minimum first) or a
/// closing. With `original` the result is that minus its opening, or its closing minus that.
inline void filter_twice(const opencl::device& device, const opencl::buffer_view& src,
                         const opencl::buffer_view& dst, const neighborhood& around, combine first,
                         const opencl::buffer_view* original = nullptr) {
  const auto memory = device.allocate(src.bytes());
  const opencl::buffer_view between{memory.memory(), src.type, src.shape};
  filter(device, src, between, around, first);
  filter(device, between, dst, around,
         first == combine::minimum ? combine::maximum : combine::minimum, original);
}

/// A box axis by axis, an ellipsoid all at once.
template <pixel T>
void extremum_filter(view<const T> src, view<T> dst, const neighborhood& around, bool greatest) {
  const shape size = src.shape();
  const auto pass = [&](view<const T> from, view<T> to, const neighborhood& part) {
    const auto rows = rows_of(part);
    for_each_pixel(size, [&](std::size_t x, std::size_t y, std::size_t z) {
      T best = from(x, y, z);
      for_each_neighbor(from, rows, x, y, z, [&](T pixel) {
        if (greatest ? ordered(pixel) > ordered(best) : ordered(pixel) < ordered(best))
          best = pixel;
      });
      to(x, y, z) = best;
    });
  };
  if (around.connectivity == connectivity::sphere) return pass(src, dst, around);
  std::vector<T> x(src.size()), xy(src.size());
  pass(src, {x.data(), size}, {around.radius[0], 0, 0, connectivity::box, size});
  pass({x.data(), size}, {xy.data(), size}, {0, around.radius[1], 0, connectivity::box, size});
  pass({xy.data(), size}, dst, {0, 0, around.radius[2], connectivity::box, size});
}

/// An opening, or a closing (the greatest first).
template <pixel T>
void extremum_filter_twice(view<const T> src, view<T> dst, const neighborhood& around,
                           bool greatest_first) {
  std::vector<T> memory(src.size());
  extremum_filter(src, view<T>(memory.data(), src.shape()), around, greatest_first);
  extremum_filter(view<const T>(memory.data(), src.shape()), dst, around, !greatest_first);
}

/// a - b; an integer saturates.
template <pixel T>
T difference(T a, T b) {
  if constexpr (std::same_as<T, float>)
    return a - b;
  else
    return convert_pixel<T>(static_cast<std::int64_t>(a) - static_cast<std::int64_t>(b));
}

/// The sum of `count` pixels, where `at(i)` is the first: up to seven one after the other, more in
/// two halves, after which an odd one comes last.
template <class Acc, class At>
Acc sum_of_window(const At& at, int i, int count) {
  if (count <= longest_direct) {
    Acc sum = at(i);
    for (int k = 1; k < count; ++k) sum += at(i + k);
    return sum;
  }
  const int half = count / 2;
  const Acc sum = sum_of_window<Acc>(at, i, half) + sum_of_window<Acc>(at, i + half, half);
  return count % 2 == 0 ? sum : sum + at(i + 2 * half);
}

/// Sums of integers are exact. Sums of floats are rounded axis by axis in a box, x then y then z,
/// windows of more than 255 pixels in parts; and row by row in an ellipsoid.
template <pixel T>
void mean_filter(view<const T> src, view<float> dst, const neighborhood& around) {
  using Acc = std::conditional_t<
      std::same_as<T, float>, float,
      std::conditional_t<std::same_as<T, std::uint32_t>, std::uint64_t, std::int64_t>>;
  const auto scale = static_cast<float>(1.0 / around.pixels());
  const shape size = src.shape();
  std::vector<Acc> before(src.begin(), src.end()), after(src.size());
  const view<Acc> from(before.data(), size), to(after.data(), size);
  const auto clamped = [](std::size_t i, int d, std::size_t n) {
    return static_cast<std::size_t>(std::clamp(
        static_cast<std::ptrdiff_t>(i) + d, std::ptrdiff_t{0}, static_cast<std::ptrdiff_t>(n) - 1));
  };
  if (around.connectivity == connectivity::sphere) {
    const auto rows = ellipsoid_rows(around.radius);
    for_each_pixel(size, [&](std::size_t x, std::size_t y, std::size_t z) {
      bool first = true;
      Acc sum{};
      for_each_neighbor(view<const Acc>(before.data(), size), rows, x, y, z, [&](Acc pixel) {
        sum = first ? pixel : sum + pixel;
        first = false;
      });
      to(x, y, z) = sum;
    });
    before.swap(after);
  } else {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const int radius = around.radius[axis];
      if (radius == 0) continue;
      for_each_pixel(size, [&](std::size_t x, std::size_t y, std::size_t z) {
        const auto at = [&](int d) {
          return axis == 0   ? from(clamped(x, d, size.x), y, z)
                 : axis == 1 ? from(x, clamped(y, d, size.y), z)
                             : from(x, y, clamped(z, d, size.z));
        };
        const int end = radius + 1;
        int i = std::min(-radius + longest_window, end);
        Acc sum = sum_of_window<Acc>(at, -radius, i + radius);
        for (; i < end; i += longest_window)
          sum += sum_of_window<Acc>(at, i, std::min(longest_window, end - i));
        to(x, y, z) = sum;
      });
      std::copy(after.begin(), after.end(), before.begin());
    }
  }
  for (std::size_t i = 0; i < dst.size(); ++i) dst[i] = static_cast<float>(before[i]) * scale;
}

}  // namespace detail::neighborhood_filter

namespace ops {

struct bottom_hat {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "bottom_hat",
      .theme = "filter",
      .brief =
          "The closing minus the image: what is dark and narrower than the neighbourhood stays",
      .source = "scipy.ndimage.black_tophat (mode nearest)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    detail::neighborhood_filter::parameters_of<bottom_hat>(p);
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
    detail::neighborhood_filter::filter_twice(device, src, dst, around,
                                              detail::neighborhood_filter::combine::maximum, &src);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    const detail::neighborhood_filter::neighborhood around{radius_x, radius_y, radius_z,
                                                           connectivity, src.shape()};
    detail::neighborhood_filter::extremum_filter_twice(src, dst, around, true);
    for (std::size_t i = 0; i < dst.size(); ++i)
      dst[i] = detail::neighborhood_filter::difference(dst[i], src[i]);
  }
};

struct grayscale_closing {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "grayscale_closing",
      .theme = "filter",
      .brief = "The minimum of the maximum around each pixel: narrow dark things go",
      .source = "scipy.ndimage.grey_closing (mode nearest); clesperanto grayscale_closing",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    detail::neighborhood_filter::parameters_of<grayscale_closing>(p);
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
    detail::neighborhood_filter::filter_twice(
        device, src, dst, {radius_x, radius_y, radius_z, connectivity, src.shape},
        detail::neighborhood_filter::combine::maximum);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    detail::neighborhood_filter::extremum_filter_twice(
        src, dst, {radius_x, radius_y, radius_z, connectivity, src.shape()}, true);
  }
};

struct grayscale_opening {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "grayscale_opening",
      .theme = "filter",
      .brief = "The maximum of the minimum around each pixel: narrow bright things go",
      .source = "scipy.ndimage.grey_opening (mode nearest); clesperanto grayscale_opening",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    detail::neighborhood_filter::parameters_of<grayscale_opening>(p);
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
    detail::neighborhood_filter::filter_twice(
        device, src, dst, {radius_x, radius_y, radius_z, connectivity, src.shape},
        detail::neighborhood_filter::combine::minimum);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    detail::neighborhood_filter::extremum_filter_twice(
        src, dst, {radius_x, radius_y, radius_z, connectivity, src.shape()}, false);
  }
};

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
    detail::neighborhood_filter::filter_twice(device, src, dst, around,
                                              detail::neighborhood_filter::combine::minimum, &src);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    const detail::neighborhood_filter::neighborhood around{radius_x, radius_y, radius_z,
                                                           connectivity, src.shape()};
    detail::neighborhood_filter::extremum_filter_twice(src, dst, around, false);
    for (std::size_t i = 0; i < dst.size(); ++i)
      dst[i] = detail::neighborhood_filter::difference(src[i], dst[i]);
  }
};

}  // namespace ops

/// The grayscale_closing of the image minus the image: what is dark and narrower than the box or
/// the ellipsoid stays. Everything else as top_hat.
/// source   scipy.ndimage.black_tophat; clesperanto bottom_hat
template <pixel T>
image<T> bottom_hat(const image<T>& src, const ops::bottom_hat& p = {}) {
  return run(p, src);
}

/// minimum_filter of maximum_filter: what is dark and narrower than the box or the ellipsoid goes.
/// src      any pixel type, 2D or 3D    p  as maximum_filter
/// returns  src's type and shape        edges  nearest pixel repeated
/// throws   argument_error, memory_error (one temporary more than maximum_filter)
/// parity   the same bits on every device    cost  as two maximum_filters
/// source   scipy.ndimage.grey_closing; clesperanto grayscale_closing
template <pixel T>
image<T> grayscale_closing(const image<T>& src, const ops::grayscale_closing& p = {}) {
  return run(p, src);
}

/// maximum_filter of minimum_filter: what is bright and narrower than the box or the ellipsoid
/// goes. Else as grayscale_closing.
/// source   scipy.ndimage.grey_opening; clesperanto grayscale_opening
template <pixel T>
image<T> grayscale_opening(const image<T>& src, const ops::grayscale_opening& p = {}) {
  return run(p, src);
}

/// The greatest pixel of a box or an ellipsoid around each pixel. Floats are compared in their
/// total order: -0 < +0, and a positive NaN is above everything.
/// src      any pixel type, 2D or 3D
/// p        radius_x, radius_y, radius_z in pixels, 0 to 10000 (no effect along z on a 2D image);
///          connectivity box (2 radius + 1 pixels per axis) or sphere (the ellipsoid, in a
///          box of at most 2^24 pixels)
/// returns  src's type and shape        edges  nearest pixel repeated
/// throws   argument_error, memory_error (box: up to two temporaries of the size of src)
/// parity   the same bits on every device
/// cost     box O(pixels x log radius), above 127 O(pixels x radius / 255); sphere O(pixels x
///          pixels of the ellipsoid)
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

/// The image minus its grayscale_opening: what is narrower than the box or the ellipsoid stays, an
/// uneven background goes.
/// src      any pixel type, 2D or 3D    p  as maximum_filter
/// returns  src's type and shape; a difference beyond a signed integer's range saturates
/// edges    nearest pixel repeated
/// throws   argument_error, memory_error (one temporary more than maximum_filter)
/// parity   the same bits on every device    cost  as two maximum_filters
/// source   scipy.ndimage.white_tophat; clesperanto top_hat
template <pixel T>
image<T> top_hat(const image<T>& src, const ops::top_hat& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
