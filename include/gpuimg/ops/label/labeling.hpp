// SPDX-License-Identifier: BSD-3-Clause
// connected_component_labeling, and operations that remove labels, or pieces of them, number them
// anew, fill their holes, or find their edges.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "gpuimg/kernels/label/labeling.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/opencl/primitives.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::labeling {

// Sizes that the kernels know, too.
inline constexpr std::size_t word = 32, tile_rows = 64, segment = 256, stride = 64, vectors = 16;

/// Which labels go.
struct removal {
  std::uint32_t minimum_size = 1;                     ///< pixels; smaller labels go
  std::array<bool, 3> on_faces{false, false, false};  ///< labels on the faces across x, y, z go
};

/// Whether a table by label would dwarf an image of so many pixels, or its last number not fit.
constexpr bool is_too_long(std::size_t labels, std::size_t pixels) {
  return labels > 16 * pixels + 1024 || labels >= 0xffffffff;
}

/// The whole rows that a work-item takes: tiles for everybody, but few borders between them.
inline shape serial_tile(const opencl::device& device, const shape& size) {
  if (!size.is_3d()) return {size.x, 64};
  const std::size_t units = device.description().compute_units;
  return {size.x, size.y, std::max<std::size_t>(pieces(size.z, std::size_t{8} * units), 8)};
}

/// Calls `f(src, dst)` with a label image in memory, for a result that goes to the device.
template <class F>
void on_host(const opencl::device& device, const opencl::buffer_view& src,
             const opencl::buffer_view& dst, const F& f) {
  std::vector<std::uint32_t> from(src.shape.pixels()), to(from.size());
  device.read(src.memory, from.data(), src.bytes());
  f(view<const std::uint32_t>(from.data(), src.shape), view<std::uint32_t>(to.data(), src.shape));
  device.write(dst.memory, to.data(), dst.bytes());
}

/// Labels that stay, numbered 1..n in the order of their values.
inline void renumber(view<const std::uint32_t> src, view<std::uint32_t> dst, const removal& what) {
  const shape size = src.shape();
  std::map<std::uint32_t, std::uint32_t> sizes;
  for (const auto label : src) ++sizes[label];
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x)
        if ((what.on_faces[0] && (x == 0 || x + 1 == size.x)) ||
            (what.on_faces[1] && (y == 0 || y + 1 == size.y)) ||
            (what.on_faces[2] && (z == 0 || z + 1 == size.z)))
          sizes[src(x, y, z)] = 0;
  std::map<std::uint32_t, std::uint32_t> numbers;
  std::uint32_t count = 0;
  for (const auto& [label, pixels] : sizes)
    numbers[label] = label > 0 && pixels > 0 && pixels >= what.minimum_size ? ++count : 0;
  for (std::size_t i = 0; i < src.size(); ++i) dst[i] = numbers[src[i]];
}

/// The labels on the chosen faces get the size 0.
inline void drop_faces(const opencl::device& device, const opencl::buffer_view& src,
                       const opencl::buffer& sizes, const std::array<bool, 3>& on_faces) {
  const shape& size = src.shape;
  opencl::grid faces{0, 0, 6};
  cl_uint axes = 0;
  for (cl_uint axis = 0; axis < 3; ++axis) {
    if (!on_faces[axis]) continue;
    axes |= 1u << axis;
    faces.x = std::max(faces.x, axis == 0 ? size.y : size.x);
    faces.y = std::max(faces.y, axis == 2 ? size.y : size.z);
  }
  device.launch(kernels::labeling, "labeling__drop_faces", {}, faces, {src, sizes, size, axes});
}

/// Adds the pixels of each label to its size, which on GPUs need not be exact from `enough` on.
inline void add_sizes(const opencl::device& device, const opencl::buffer_view& src,
                      const opencl::buffer& sizes, cl_uint enough) {
  const std::size_t count = src.shape.pixels();
  const auto pixels = static_cast<cl_uint>(count);
  if (device.launches().variant == opencl::kernel_variant::serial)
    device.launch(kernels::labeling, "labeling__sizes", {}, {pieces(count, segment)},
                  {src, sizes, pixels});
  else
    device.launch(
        kernels::labeling, "labeling__sizes_strided", {},
        {.x = pieces(count, device.vector_width() * vectors * stride) * stride, .cost = 64},
        {src, sizes, pixels, enough});
}

inline void renumber(const opencl::device& device, const opencl::buffer_view& src,
                     const opencl::buffer_view& dst, const removal& what) {
  const std::size_t count = src.shape.pixels();
  const auto pixels = static_cast<cl_uint>(count);
  const std::size_t labels = std::size_t{opencl::greatest(device, src)} + 1;

  if (is_too_long(labels, count)) {
    on_host(device, src, dst, [&](auto from, auto to) { renumber(from, to, what); });
    return;
  }
  const auto table = device.allocate((labels + 1) * sizeof(cl_uint));
  opencl::fill_zero(device, table, labels + 1);
  add_sizes(device, src, table, std::max(what.minimum_size, cl_uint{1}));
  drop_faces(device, src, table, what.on_faces);
  device.launch(kernels::labeling, "labeling__keep", {}, {labels + 1},
                {table, static_cast<cl_uint>(labels + 1), what.minimum_size});
  opencl::exclusive_scan(device, table, labels + 1);
  if (device.launches().variant == opencl::kernel_variant::serial)
    device.launch(kernels::labeling, "labeling__apply", {}, {pieces(count, segment)},
                  {src, dst, table, pixels});
  else
    device.launch(kernels::labeling, "labeling__apply_vectors", {}, detail::vectors(device, count),
                  {src, dst, table, pixels});
}

/// Numbers what is connected 1..n in raster order of the first pixels: pixels for which
/// `belongs(pixel, first pixel)`; the others are 0. Returns how many pixels have each number.
template <class T, class Belongs>
std::vector<std::uint32_t> connect(view<const T> src, view<std::uint32_t> dst,
                                   connectivity connected, const Belongs& belongs) {
  const shape size = src.shape();
  std::fill(dst.begin(), dst.end(), 0u);
  std::vector<std::uint32_t> sizes{0};
  std::vector<std::array<std::ptrdiff_t, 3>> todo;
  for (std::size_t i = 0; i < src.size(); ++i) {
    const auto visit = [&](std::ptrdiff_t x, std::ptrdiff_t y, std::ptrdiff_t z) {
      if (x < 0 || y < 0 || z < 0) return;
      const auto ux = static_cast<std::size_t>(x), uy = static_cast<std::size_t>(y),
                 uz = static_cast<std::size_t>(z);
      if (ux >= size.x || uy >= size.y || uz >= size.z) return;
      if (!belongs(src(ux, uy, uz), src[i]) || dst(ux, uy, uz) != 0) return;
      dst(ux, uy, uz) = static_cast<std::uint32_t>(sizes.size() - 1);
      ++sizes.back();
      todo.push_back({x, y, z});
    };
    if (src[i] == 0 || dst[i] != 0) continue;
    sizes.push_back(0);
    visit(static_cast<std::ptrdiff_t>(i % size.x), static_cast<std::ptrdiff_t>(i / size.x % size.y),
          static_cast<std::ptrdiff_t>(i / size.x / size.y));
    while (!todo.empty()) {
      const auto [x, y, z] = todo.back();
      todo.pop_back();
      for (int dz = -1; dz <= 1; ++dz)
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx)
            if (connected == connectivity::box || dx * dx + dy * dy + dz * dz == 1)
              visit(x + dx, y + dy, z + dz);
    }
  }
  return sizes;
}

/// The largest piece of each label, and of several the first.
inline void keep_largest_pieces(view<const std::uint32_t> src, view<std::uint32_t> dst) {
  const auto sizes =
      connect(src, dst, connectivity::sphere,
              [](std::uint32_t pixel, std::uint32_t first) { return pixel == first; });
  std::map<std::uint32_t, std::uint32_t> largest;  // the number of a label's piece
  for (std::size_t i = 0; i < src.size(); ++i) {
    std::uint32_t& best = largest[src[i]];
    if (sizes[dst[i]] > sizes[best]) best = dst[i];
  }
  for (std::size_t i = 0; i < src.size(); ++i) dst[i] = dst[i] == largest[src[i]] ? src[i] : 0;
}

inline void keep_largest_pieces(const opencl::device& device, const opencl::buffer_view& src,
                                const opencl::buffer_view& dst) {
  const shape size = src.shape;
  const std::size_t count = size.pixels(), labels = std::size_t{opencl::greatest(device, src)} + 1;
  if (is_too_long(labels, count)) {
    on_host(device, src, dst, [](auto from, auto to) { keep_largest_pieces(from, to); });
    return;
  }
  const bool is_serial = device.launches().variant == opencl::kernel_variant::serial;
  const auto pixels = static_cast<cl_uint>(count);
  const auto row_run = static_cast<cl_uint>(is_serial ? size.x : 1);
  const auto run = static_cast<cl_uint>(is_serial ? segment : 1);
  const shape tile = is_serial ? serial_tile(device, size) : shape{word};
  const shape tiles = pieces(size, tile);
  opencl::grid rows{pieces(size.x, row_run), size.y, size.z};
  if (is_serial) rows.local = {1, 16, 1};
  const opencl::grid all{pieces(count, run)};
  const auto parent = device.allocate(count * sizeof(cl_uint));
  const auto largest = device.allocate(labels * sizeof(cl_uint));
  const auto first = device.allocate(labels * sizeof(cl_uint));
  const opencl::buffer_view& sizes = dst;  // by root, until the result is known
  opencl::fill_zero(device, sizes, count);
  opencl::fill_zero(device, largest, labels);
  opencl::fill_zero(device, first, labels);
  if (is_serial)
    device.launch(kernels::labeling, "labeling__piece_tiles", {}, {1, tiles.y, tiles.z, {1, 1, 1}},
                  {src, parent, size, tile});
  else
    device.launch(kernels::labeling, "labeling__pieces", {},
                  {.x = size.x, .y = size.y, .z = size.z, .cost = word}, {src, parent, size, tile});
  device.launch(kernels::labeling, "labeling__join_pieces", {}, rows,
                {src, parent, size, tile, row_run});
  device.launch(kernels::labeling, "labeling__piece_sizes", {}, rows,
                {src, parent, sizes, size, tile, row_run});
  for (const cl_int is_first : {0, 1})
    device.launch(kernels::labeling, "labeling__largest_pieces", {}, all,
                  {src, sizes, largest, first, pixels, run, is_first});
  device.launch(kernels::labeling, "labeling__keep_pieces", {}, rows,
                {src, parent, first, dst, size, row_run});
}

inline void check_pixels(const shape& size) {
  if (size.pixels() >= 0xffffffff)
    throw argument_error(
        "at most 2^32 - 2 pixels can be labelled at once; crop the image and label its parts, "
        "got " +
        to_string(size));
}

}  // namespace detail::labeling

namespace ops {

struct connected_component_labeling {
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "connected_component_labeling",
      .theme = "label",
      .brief = "Give every connected component of the foreground a number of its own",
      .source = "scipy.ndimage.label",
      .inputs = {{{"src", kind::binary}}},
      .outputs = {{{"dst", kind::labels}}}};
  static constexpr void parameters(auto&& p) {
    p("connectivity", &connected_component_labeling::connectivity, "",
      "box: 8 neighbours (3D: 26); sphere: 4 (3D: 6)");
  }
  static void check(const shape& size) { detail::labeling::check_pixels(size); }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    using detail::pieces;
    const shape size = src.shape;
    const bool is_serial = device.launches().variant == opencl::kernel_variant::serial;
    const std::size_t row_words = pieces(size.x, detail::labeling::word),
                      words = row_words * size.y * size.z;
    // In words. A work-item's tile holds whole rows, a work-group's tile_rows of them in part.
    shape tile = is_serial      ? detail::labeling::serial_tile(device, size)
                 : size.is_3d() ? shape{1, 8, detail::labeling::tile_rows / 8}
                                : shape{1, detail::labeling::tile_rows};
    if (is_serial) tile.x = row_words;
    const std::size_t tiles_y = pieces(size.y, tile.y), tiles_z = pieces(size.z, tile.z);
    const auto is_box = static_cast<cl_int>(connectivity == connectivity::box);
    const auto parent = device.allocate(size.pixels() * sizeof(cl_uint));
    const auto bits = device.allocate(words * sizeof(cl_uint));
    const auto roots = device.allocate(words * sizeof(cl_uint));
    const auto counts = device.allocate(words * sizeof(cl_uint));

    if (is_serial)
      device.launch(kernels::labeling, "labeling__tiles", {}, {1, tiles_y, tiles_z, {1, 1, 1}},
                    {src, bits, parent, size, tile, is_box});
    else
      device.launch(kernels::labeling, "labeling__tiles_shared", {},
                    {row_words * 32, tiles_y * 8, tiles_z, {32, 8, 1}, 256},
                    {src, bits, parent, size, tile, is_box});
    device.launch(kernels::labeling, "labeling__borders", {}, {.x = words / tile.x, .cost = 64},
                  {bits, parent, size, tile, is_box});
    device.launch(kernels::labeling, "labeling__roots", {}, {words},
                  {bits, parent, roots, counts, size});
    opencl::exclusive_scan(device, counts, words);
    device.launch(kernels::labeling, "labeling__number", {}, detail::row_vectors(device, size),
                  {bits, parent, roots, counts, dst, size});
  }

  void operator()(const reference::device&, view<std::uint32_t> dst,
                  view<const std::uint8_t> src) const {
    detail::labeling::connect(src, dst, connectivity,
                              [](std::uint8_t pixel, std::uint8_t) { return pixel != 0; });
  }
};

struct detect_label_edges {
  static constexpr operation_info about{
      .name = "detect_label_edges",
      .theme = "label",
      .brief = "1 where a pixel that shares a face has another label",
      .source = "skimage.segmentation.find_boundaries (thick)",
      .inputs = {{{"src", kind::labels}}},
      .outputs = {{{"dst", kind::binary}}}};
  static gpuimg::halo halo() { return {1, 1, 1}; }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    opencl::defines macros;
    opencl::grid items = detail::row_vectors(device, src.shape);
    if (device.launches().variant == opencl::kernel_variant::cooperative) {
      macros.add("ONE_PIXEL");
      items.x = src.shape.x;
    }
    device.launch(kernels::labeling, "labeling__edges", macros, items, {src, dst, src.shape});
  }
  void operator()(const reference::device&, view<std::uint8_t> dst,
                  view<const std::uint32_t> src) const {
    const auto [nx, ny, nz] = src.shape();
    for (std::size_t i = 0; i < src.size(); ++i) {
      const std::size_t x = i % nx, y = i / nx % ny, z = i / nx / ny;
      dst[i] = (x > 0 && src[i - 1] != src[i]) || (x + 1 < nx && src[i + 1] != src[i]) ||
               (y > 0 && src[i - nx] != src[i]) || (y + 1 < ny && src[i + nx] != src[i]) ||
               (z > 0 && src[i - nx * ny] != src[i]) || (z + 1 < nz && src[i + nx * ny] != src[i]);
    }
  }
};

struct fill_label_holes {
  int maximum_size = any_size;

  static constexpr int any_size = 2147483647;
  static constexpr operation_info about{.name = "fill_label_holes",
                                        .theme = "label",
                                        .brief = "Fill the holes that are inside of one label",
                                        .source = "scipy.ndimage.binary_fill_holes of each label",
                                        .inputs = {{{"src", kind::labels}}},
                                        .outputs = {{{"dst", kind::labels}}}};
  static constexpr void parameters(auto&& p) {
    p("maximum_size", &fill_label_holes::maximum_size, "pixel",
      "holes of at most so many pixels are filled; 2147483647: all of them", 0, any_size);
  }
  static void check(const shape& size) { detail::labeling::check_pixels(size); }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const shape size = src.shape;
    const std::size_t count = size.pixels(), most = (count + 1) / 2 + 1;  // as on a checkerboard
    const auto pixels = static_cast<cl_uint>(count);
    const opencl::grid all = detail::vectors(device, count);
    {
      const auto background = device.allocate(count);
      device.launch(kernels::labeling, "labeling__background", {}, all, {src, background, pixels});
      connected_component_labeling{connectivity::sphere}(
          device, dst, {background.memory(), pixel_type::u8, size});
    }
    const bool is_any = maximum_size == any_size;
    const bool is_serial = device.launches().variant == opencl::kernel_variant::serial;
    const auto around = device.allocate(2 * most * sizeof(cl_uint));
    opencl::fill_zero(device, around, 2 * most);
    opencl::buffer sizes;
    opencl::defines macros;
    if (!is_serial) macros.add("ONE_PIXEL");
    if (!is_any) {
      sizes = device.allocate(most * sizeof(cl_uint));
      opencl::fill_zero(device, sizes, most);
      if (is_serial)
        macros.add("WITH_SIZES");
      else
        detail::labeling::add_sizes(device, dst, sizes, static_cast<cl_uint>(maximum_size) + 1);
    }
    const opencl::argument sizes_or_any{is_any ? opencl::argument(around)
                                               : opencl::argument(sizes)};
    const std::size_t row_run = is_serial ? size.x : 1;
    const std::size_t run = is_serial ? detail::labeling::segment : 1;
    opencl::grid rows{detail::pieces(size.x, row_run), size.y, size.z};
    if (is_serial) rows.local = {1, 16, 1};
    device.launch(kernels::labeling, "labeling__around_holes", macros, rows,
                  {src, dst, around, sizes_or_any, size, static_cast<cl_uint>(row_run)});
    device.launch(kernels::labeling, "labeling__fill_holes", macros, {detail::pieces(count, run)},
                  {src, dst, around, sizes_or_any, pixels, static_cast<cl_uint>(run),
                   is_any ? ~cl_uint{0} : static_cast<cl_uint>(maximum_size)});
  }
  void operator()(const reference::device&, view<std::uint32_t> dst,
                  view<const std::uint32_t> src) const {
    const auto [nx, ny, nz] = src.shape();
    std::vector<std::uint8_t> background(src.size());
    for (std::size_t i = 0; i < src.size(); ++i) background[i] = src[i] == 0;
    const auto sizes = detail::labeling::connect(
        view<const std::uint8_t>(background.data(), src.shape()), dst, connectivity::sphere,
        [](std::uint8_t pixel, std::uint8_t) { return pixel != 0; });
    std::vector<std::uint32_t> least(sizes.size(), 0xffffffff), greatest(sizes.size(), 0);
    for (std::size_t i = 0; i < src.size(); ++i) {
      const std::size_t x = i % nx, y = i / nx % ny, z = i / nx / ny;
      const std::uint32_t hole = dst[i];
      if (hole == 0) continue;
      const auto look = [&](bool is_inside, std::size_t beside) {
        const std::uint32_t label = is_inside ? src[beside] : 0;
        if (is_inside && label == 0) return;  // the hole itself
        least[hole] = std::min(least[hole], label);
        greatest[hole] = std::max(greatest[hole], label);
      };
      look(x > 0, i - 1);
      look(x + 1 < nx, i + 1);
      look(y > 0, i - nx);
      look(y + 1 < ny, i + nx);
      if (nz == 1) continue;
      look(z > 0, i - nx * ny);
      look(z + 1 < nz, i + nx * ny);
    }
    for (std::size_t i = 0; i < src.size(); ++i) {
      const std::uint32_t hole = dst[i];
      const bool is_filled =
          least[hole] == greatest[hole] && sizes[hole] <= static_cast<std::uint32_t>(maximum_size);
      dst[i] = src[i] != 0 ? src[i] : is_filled ? greatest[hole] : 0;
    }
  }
};

struct keep_largest_pieces {
  static constexpr operation_info about{
      .name = "keep_largest_pieces",
      .theme = "label",
      .brief = "Of each label, keep the largest of its connected pieces",
      .source = "skimage.measure.label, numpy.bincount",
      .inputs = {{{"src", kind::labels}}},
      .outputs = {{{"dst", kind::labels}}}};
  static void check(const shape& size) { detail::labeling::check_pixels(size); }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::labeling::keep_largest_pieces(device, src, dst);
  }
  void operator()(const reference::device&, view<std::uint32_t> dst,
                  view<const std::uint32_t> src) const {
    detail::labeling::keep_largest_pieces(src, dst);
  }
};

struct relabel_sequential {
  static constexpr operation_info about{
      .name = "relabel_sequential",
      .theme = "label",
      .brief = "Number the labels 1 to n in the order of their values",
      .source = "skimage.segmentation.relabel_sequential",
      .inputs = {{{"src", kind::labels}}},
      .outputs = {{{"dst", kind::labels}}}};
  static void check(const shape& size) { detail::labeling::check_pixels(size); }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::labeling::renumber(device, src, dst, {});
  }
  void operator()(const reference::device&, view<std::uint32_t> dst,
                  view<const std::uint32_t> src) const {
    detail::labeling::renumber(src, dst, {});
  }
};

struct remove_labels_on_edges {
  bool exclude_x = true, exclude_y = true, exclude_z = true;

  static constexpr operation_info about{.name = "remove_labels_on_edges",
                                        .theme = "label",
                                        .brief = "Remove the labels that touch the image's edge",
                                        .source = "clesperanto remove_labels_on_edges",
                                        .inputs = {{{"src", kind::labels}}},
                                        .outputs = {{{"dst", kind::labels}}}};
  static constexpr void parameters(auto&& p) {
    using Op = remove_labels_on_edges;
    p("exclude_x", &Op::exclude_x, "", "remove what touches the first or last x");
    p("exclude_y", &Op::exclude_y, "", "remove what touches the first or last y");
    p("exclude_z", &Op::exclude_z, "",
      "remove what touches the first or last z; no effect on a 2D image");
  }
  static void check(const shape& size) { detail::labeling::check_pixels(size); }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::labeling::renumber(device, src, dst, what_goes(src.shape));
  }
  void operator()(const reference::device&, view<std::uint32_t> dst,
                  view<const std::uint32_t> src) const {
    detail::labeling::renumber(src, dst, what_goes(src.shape()));
  }

  [[nodiscard]] detail::labeling::removal what_goes(const shape& size) const {
    return {1, {exclude_x, exclude_y, exclude_z && size.is_3d()}};
  }
};

struct remove_small_labels {
  int minimum_size = 100;

  static constexpr operation_info about{
      .name = "remove_small_labels",
      .theme = "label",
      .brief = "Remove the labels of fewer pixels than the minimum size",
      .source = "clesperanto remove_small_labels",
      .inputs = {{{"src", kind::labels}}},
      .outputs = {{{"dst", kind::labels}}}};
  static constexpr void parameters(auto&& p) {
    p("minimum_size", &remove_small_labels::minimum_size, "pixel",
      "labels of at least so many pixels stay", 0, 2147483647);
  }
  static void check(const shape& size) { detail::labeling::check_pixels(size); }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::labeling::renumber(device, src, dst, what_goes());
  }
  void operator()(const reference::device&, view<std::uint32_t> dst,
                  view<const std::uint32_t> src) const {
    detail::labeling::renumber(src, dst, what_goes());
  }

  [[nodiscard]] detail::labeling::removal what_goes() const {
    return {static_cast<std::uint32_t>(minimum_size)};
  }
};

}  // namespace ops

/// Gives every connected component of the foreground a number: 1..n in raster order of each
/// component's first pixel, as scipy.ndimage.label.
/// src      binary (not 0 is foreground), 2D or 3D, fewer than 2^32 - 1 pixels
/// p        connectivity box (8 neighbours, 3D 26) or sphere (4, 3D 6)
/// returns  labels, the same shape; background is 0
/// throws   argument_error, memory_error (temporaries of about 4.4 bytes per pixel)
/// parity   the same labels on every device    cost  O(pixels), nearly
/// source   scipy.ndimage.label; clesperanto connected_component_labeling
inline label_image connected_component_labeling(const binary_image& src,
                                                const ops::connected_component_labeling& p = {}) {
  return run(p, src);
}

/// 1 where a pixel that shares a face with this one, of 4 (3D 6), is of another label or, beside a
/// label, background; so both sides of an edge are marked.
/// src      labels, 2D or 3D
/// returns  binary, the same shape          edges  no pixel lies beyond them
/// throws   argument_error, memory_error    parity the same bits on every device
/// cost     O(pixels)
/// source   skimage.segmentation.find_boundaries (thick); clesperanto detect_label_edges
inline binary_image detect_label_edges(const label_image& src) {
  return run(ops::detect_label_edges{}, src);
}

/// Fills the holes in labels. A hole is a piece of the background, connected by faces (4
/// neighbours, 3D 6), that lies nowhere at the edge of the image and touches by faces one label
/// only: it becomes that label. What touches several labels stays background, also what is around a
/// label inside another.
/// src      labels, 2D or 3D, fewer than 2^32 - 1 pixels
/// p        maximum_size: of the holes that are filled, in pixels, >= 0; by default of any size
/// returns  labels, the same shape; labels keep their values
/// edges    those of a 2D image are its four sides, of a 3D one its six
/// throws   argument_error, memory_error (temporaries of about 5.4 bytes per pixel, or 6)
/// parity   the same labels on every device    cost  O(pixels), nearly
/// source   scipy.ndimage.binary_fill_holes of each label, where holes touch one label
inline label_image fill_label_holes(const label_image& src, const ops::fill_label_holes& p = {}) {
  return run(p, src);
}

/// Of each label only the largest of its pieces stays, which are connected by faces (4 neighbours,
/// 3D 6); of several that are as large, the first in raster order. Labels keep their values.
/// src      labels, 2D or 3D, fewer than 2^32 - 1 pixels
/// returns  labels, the same shape
/// throws   argument_error, memory_error (4 bytes per pixel, 8 per label value)
/// parity   the same labels on every device; waits once, for the greatest label
/// cost     O(pixels), nearly
/// source   skimage.measure.label with connectivity 1, and the greatest of numpy.bincount
inline label_image keep_largest_pieces(const label_image& src) {
  return run(ops::keep_largest_pieces{}, src);
}

/// Numbers labels 1..n in the order of their values; gaps close, background stays 0.
/// src      labels, 2D or 3D, fewer than 2^32 - 1 pixels
/// returns  labels, the same shape      throws  argument_error, memory_error (4 bytes per label
///          value)
/// parity   the same labels on every device; waits once, for the greatest label    cost  O(pixels)
/// source   skimage.segmentation.relabel_sequential; clesperanto relabel_sequential
inline label_image relabel_sequential(const label_image& src) {
  return run(ops::relabel_sequential{}, src);
}

/// Removes the labels that touch the edge of the image, then numbers the others as
/// relabel_sequential.
/// p        exclude_x, exclude_y, exclude_z: the edges that count; z counts in a 3D image only
inline label_image remove_labels_on_edges(const label_image& src,
                                          const ops::remove_labels_on_edges& p = {}) {
  return run(p, src);
}

/// Removes the labels of fewer than minimum_size pixels, then numbers the others as
/// relabel_sequential.
/// p        minimum_size in pixels, >= 0
inline label_image remove_small_labels(const label_image& src,
                                       const ops::remove_small_labels& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
