// SPDX-License-Identifier: BSD-3-Clause
// median over a box or an ellipsoid.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/kernels/filter/median.cl.hpp"
#include "gpuimg/neighborhood.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::median {

/// Up to so many pixels are compared in a fixed order, all in registers.
inline constexpr std::size_t most_in_network = 49;

/// Pixel types of few values are counted in histograms: on a GPU those of 8 bits, in local memory.
constexpr bool has_histogram(pixel_type type, bool cooperative) {
  return size_of(type) == 1 || (size_of(type) == 2 && !cooperative);
}

struct offset {
  int x, y, z;
  bool operator==(const offset&) const = default;
};

/// The pixels of a neighbourhood and of the one a row further: first what they have in common, if
/// that is enough to begin with, then the rest of each.
struct pair_of_windows {
  std::vector<offset> pixels;
  std::size_t shared = 0, count = 0;

  explicit pair_of_windows(const std::vector<footprint_row>& rows) {
    std::array<std::vector<offset>, 2> windows;
    for (const auto& row : rows)
      for (int dx = -row.half; dx <= row.half; ++dx)
        for (int i = 0; i < 2; ++i)
          windows[static_cast<std::size_t>(i)].push_back({dx, row.dy + i, row.dz});
    count = windows[0].size();
    const auto is_in = [](const offset& o, const std::vector<offset>& all) {
      return std::find(all.begin(), all.end(), o) != all.end();
    };
    for (const offset& o : windows[0])
      if (is_in(o, windows[1])) pixels.push_back(o);
    shared = pixels.size();
    if (shared < count / 2 + 2) {
      pixels.clear();
      shared = 0;
    }
    for (const auto& window : windows)
      for (const offset& o : window)
        if (shared == 0 || !is_in(o, windows[0]) || !is_in(o, windows[1])) pixels.push_back(o);
  }
  [[nodiscard]] std::string text() const {
    std::string all;
    for (const auto& o : pixels)
      all +=
          "{" + std::to_string(o.x) + "," + std::to_string(o.y) + "," + std::to_string(o.z) + "},";
    return all;
  }
};

/// Exchanges of keys in slots, which bring the lesser of two into the slot that is named first.
class network {
 public:
  using slots = std::vector<std::size_t>;  ///< in ascending order of the keys in them

  slots sort(std::size_t first, std::size_t count) {
    if (count == 1) return {first};
    return merge(sort(first, count / 2), sort(first + count / 2, count - count / 2));
  }
  /// `lists` sorted lists of `length` keys.
  slots merge_lists(std::size_t lists, std::size_t length) {
    slots all;
    for (std::size_t first = 0; first < lists * length; first += length) {
      slots next(length);
      for (std::size_t i = 0; i < length; ++i) next[i] = first + i;
      all = merge(all, next);
    }
    return all;
  }
  [[nodiscard]] const std::string& exchanges() const { return exchanges_; }

 private:
  /// Of two sorted lists (Batcher 1968).
  slots merge(const slots& a, const slots& b) {
    if (a.empty() || b.empty()) return a.empty() ? b : a;
    if (a.size() == 1 && b.size() == 1) return exchanged(a[0], b[0]);
    const slots even = merge(every_other(a, 0), every_other(b, 0));
    const slots odd = merge(every_other(a, 1), every_other(b, 1));
    slots all{even[0]};
    for (std::size_t i = 0; i + 1 < even.size() || i < odd.size(); ++i) {
      slots pair;
      if (i < odd.size() && i + 1 < even.size())
        pair = exchanged(odd[i], even[i + 1]);
      else
        pair = {i < odd.size() ? odd[i] : even[i + 1]};
      all.insert(all.end(), pair.begin(), pair.end());
    }
    return all;
  }
  slots exchanged(std::size_t a, std::size_t b) {
    exchanges_ += text({"E(", a, ",", b, ")"});
    return {a, b};
  }
  static slots every_other(const slots& all, std::size_t first) {
    slots some;
    for (std::size_t i = first; i < all.size(); i += 2) some.push_back(all[i]);
    return some;
  }

  std::string exchanges_;
};

/// What a CPU needs to know of a box whose slices across y it sorts and merges.
inline void add_networks(opencl::defines& macros, const std::vector<footprint_row>& rows,
                         std::size_t height) {
  std::string pixels;
  std::size_t slice = 0;
  for (const auto& row : rows)
    for (int dx = -row.half; dx <= row.half && row.dy == 0; ++dx, ++slice)
      pixels += "{" + std::to_string(dx) + "," + std::to_string(row.dz) + "},";
  const auto add = [&](const char* name, const char* order, const network& n,
                       const network::slots& slots) {
    std::string list;
    for (const std::size_t slot : slots) list += text({slot, ","});
    macros.add(name, n.exchanges());
    macros.add(order, list);
  };
  network sort, two, all;
  const auto sorted = sort.sort(0, slice);
  add("SORT", "SORT_ORDER", sort, sorted);
  const bool has_pairs = height > 3;  // of slices, which several rows need
  if (has_pairs) {
    const auto merged = two.merge_lists(2, slice);
    add("MERGE_TWO", "TWO_ORDER", two, merged);
  }
  const auto merged =
      has_pairs ? all.merge_lists(height / 2, 2 * slice) : all.merge_lists(2, slice);
  add("MERGE_ALL", "ALL_ORDER", all, merged);
  macros.add("SLICE_PIXELS", pixels);
  macros.add("SLICE", slice);
  macros.add("HEIGHT", height);
}

/// The columns of a neighbourhood along y, as rows are along x: {dx, dz, half height}.
inline std::vector<footprint_row> columns_of(const neighborhood& around) {
  neighborhood turned = around;
  std::swap(turned.radius[0], turned.radius[1]);
  return rows_of(turned);
}

inline std::size_t pixels_of(const std::vector<footprint_row>& rows) {
  std::size_t count = 0;
  for (const auto& row : rows) count += 2 * static_cast<std::size_t>(row.half) + 1;
  return count;
}

inline void filter(const opencl::device& device, const opencl::buffer_view& dst,
                   const opencl::buffer_view& src, const neighborhood& around) {
  const auto rows = rows_of(around);
  const std::size_t count = pixels_of(rows);
  if (count == 1) {
    device.copy_box(src, {}, dst, {}, src.shape);
    return;
  }
  const bool cooperative = device.launches().variant == opencl::kernel_variant::cooperative;
  const bool is_float = src.type == pixel_type::f32;
  const std::size_t bits = 8 * size_of(src.type);
  opencl::defines macros{{"SRC_T", opencl_name_of(src.type)},
                         {"KEY_T", is_float ? "int" : opencl_name_of(src.type)},
                         {"UNSIGNED_T", bits == 8    ? "uchar"
                                        : bits == 16 ? "ushort"
                                                     : "uint"},
                         {"BITS", bits}};
  if (is_float) macros.add("IS_FLOAT");
  if (cooperative) macros.add("ONE_PIXEL");
  opencl::grid grid = row_vectors(device, src.shape);
  if (cooperative) grid.x = src.shape.x;
  if (cooperative) grid.local = {32, 4, 1};
  const auto rank = static_cast<cl_int>(count / 2);

  const bool is_box = around.connectivity == connectivity::box;
  // Nine floats, of which a register holds fewer, take less time in a network.
  if (count <= most_in_network && !cooperative && is_box && around.radius[1] > 0 &&
      (count > 9 || bits < 32)) {
    const std::size_t run = src.shape.is_3d() ? 32 : 16;
    add_networks(macros, rows, 2 * static_cast<std::size_t>(around.radius[1]) + 1);
    const std::size_t span = device.vector_width() * 32 / bits;  // a register of small integers
    macros.add("RUN", run);
    macros.add("SPAN", span);
    grid.x = pieces(src.shape.x, span);
    grid.y = pieces(src.shape.y, run);
    grid.local = {1, 1, 1};
    device.launch(kernels::median, "median__merged", macros, grid, {src, dst, src.shape});
  } else if (count <= most_in_network) {
    const pair_of_windows windows(rows);
    macros.add("WINDOW", windows.text());
    macros.add("PIXELS", windows.count);
    macros.add("SHARED", windows.shared);
    grid.y = pieces(src.shape.y, 2);
    grid.cost = 8 * count;
    device.launch(kernels::median, "median__network", macros, grid, {src, dst, src.shape});
  } else if (has_histogram(src.type, cooperative)) {
    const auto columns = columns_of(around);
    const std::size_t bins = std::size_t{1} << bits;
    const std::size_t height = 2 * static_cast<std::size_t>(around.radius[1]) + 1;
    // Beginning with an empty histogram costs as much as some pixels.
    const std::size_t length = std::max(2 * height, cooperative ? std::size_t{64} : bins / 4);
    const bool few = count < 65536;
    const std::size_t side = cooperative ? 32 : 1;
    macros.add("BINS", bins);
    if (bits == 16) macros.add("COARSE", 256);
    macros.add("COUNT_T", few ? "ushort" : "uint");
    macros.add("LOWEST", is_signed_integer(src.type) ? text({"-", bins / 2}) : std::string("0"));
    grid = {.x = src.shape.x,
            .y = pieces(src.shape.y, length),
            .z = src.shape.z,
            .local = {side, 1, 1},
            .cost = length * 2 * columns.size()};
    const auto table = device.table(std::span<const footprint_row>(columns));
    const opencl::argument all[] = {src,
                                    dst,
                                    table,
                                    static_cast<cl_int>(columns.size()),
                                    static_cast<cl_uint>(rank),
                                    static_cast<cl_int>(length),
                                    src.shape,
                                    opencl::argument::local(bins * side * (few ? 2 : 4))};
    device.launch(kernels::median, "median__sliding", macros, grid, all, cooperative ? 8 : 7);
  } else {
    macros.add("SIGN", is_float || is_signed_integer(src.type) ? text({"(1u << ", bits - 1, ")"})
                                                               : std::string("0"));
    grid.cost = bits * count;
    device.launch(kernels::median, "median__bits", macros, grid,
                  {src, dst, device.table(std::span<const footprint_row>(rows)),
                   static_cast<cl_int>(rows.size()), rank, src.shape});
  }
}

}  // namespace detail::median

namespace ops {

struct median {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{.name = "median",
                                        .theme = "filter",
                                        .brief = "The median of the pixels of a neighbourhood",
                                        .source = "scipy.ndimage.median_filter (mode nearest)",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) { detail::parameters_of<median>(p); }
  [[nodiscard]] gpuimg::halo halo() const { return detail::halo_of(radius_x, radius_y, radius_z); }
  void check(const shape& size) const {
    around(size).check();
    around(size).check_pixels("a median", 16777216);
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::median::filter(device, dst, src, around(src.shape));
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    const auto rows = detail::rows_of(around(src.shape()));
    std::vector<T> pixels;
    detail::for_each_pixel(src.shape(), [&](std::size_t x, std::size_t y, std::size_t z) {
      pixels.clear();
      detail::for_each_neighbor(src, rows, x, y, z, [&](T pixel) { pixels.push_back(pixel); });
      const auto middle = pixels.begin() + static_cast<std::ptrdiff_t>(pixels.size() / 2);
      std::ranges::nth_element(pixels, middle, {}, detail::ordered<T>);
      dst(x, y, z) = *middle;
    });
  }

 private:
  [[nodiscard]] detail::neighborhood around(const shape& size) const {
    return {radius_x, radius_y, radius_z, connectivity, size};
  }
};

}  // namespace ops

/// The median of a box or an ellipsoid around each pixel: as many pixels are above as below, for
/// the number of pixels is odd. Floats are compared in their total order: -0 < +0, and a positive
/// NaN is above everything.
/// src      any pixel type, 2D or 3D
/// p        radius_x, radius_y, radius_z in pixels, 0 to 10000 (no effect along z on a 2D image);
///          connectivity box (2 radius + 1 pixels per axis) or sphere (the ellipsoid in the box);
///          the box has at most 2^24 pixels
/// returns  src's type and shape        edges  nearest pixel repeated
/// throws   argument_error, memory_error
/// parity   the same bits on every device
/// cost     up to 49 pixels: a fixed number of comparisons, about 3 per pixel of the neighbourhood;
///          above: 8 bits O(pixels x columns of the neighbourhood), so are 16 bits on a CPU; else
///          O(pixels x bits x pixels of the neighbourhood)
/// source   scipy.ndimage.median_filter; clesperanto median
template <pixel T>
image<T> median(const image<T>& src, const ops::median& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
