// SPDX-License-Identifier: BSD-3-Clause
// label_overlaps: how many pixels each pair of labels shares, of two label images.
// region_adjacency: which labels of an image touch, along how many faces, and how high.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "gpuimg/core/table.hpp"
#include "gpuimg/kernels/measure/label_pairs.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/opencl/primitives.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// Pixels that have the label `a` in one image and `b` in the other; 0 is background.
struct label_overlap {
  std::uint32_t a, b;
  std::uint64_t pixels;

  bool operator==(const label_overlap&) const = default;
};

inline table to_table(const std::vector<label_overlap>& rows) {
  table t{{"a", "b", "pixels"}, {}};
  for (const auto& row : rows)
    t.rows.push_back(
        {static_cast<double>(row.a), static_cast<double>(row.b), static_cast<double>(row.pixels)});
  return t;
}

/// Two labels that touch, the lesser one first.
struct region_contact {
  std::uint32_t a, b;
  std::uint64_t faces;  ///< between a pixel of one and a pixel of the other
  double saddle;        ///< the greatest, over the faces, of the lesser of both pixels

  bool operator==(const region_contact&) const = default;
};

inline table to_table(const std::vector<region_contact>& rows) {
  table t{{"a", "b", "faces", "saddle"}, {}};
  for (const auto& row : rows)
    t.rows.push_back({static_cast<double>(row.a), static_cast<double>(row.b),
                      static_cast<double>(row.faces), row.saddle});
  return t;
}

namespace detail::label_pairs {

/// A pair of labels, how many places have it, and the greatest rank among them.
struct counted_pair {
  std::uint32_t a, b;
  std::uint64_t count;
  std::uint32_t most, unused = 0;  // no bytes between rows: tiles say them
};

/// Brings rows of the same pair together, in ascending order of the labels.
inline void combine(std::vector<counted_pair>& rows) {
  std::sort(rows.begin(), rows.end(), [](const counted_pair& x, const counted_pair& y) {
    return x.a != y.a ? x.a < y.a : x.b < y.b;
  });
  std::size_t pairs = 0;
  for (const counted_pair& row : rows) {
    if (pairs > 0 && rows[pairs - 1].a == row.a && rows[pairs - 1].b == row.b) {
      rows[pairs - 1].count += row.count;
      rows[pairs - 1].most = std::max(rows[pairs - 1].most, row.most);
    } else {
      rows[pairs++] = row;
    }
  }
  rows.resize(pairs);
}

/// Adds a place, to the last row where that has the same pair.
inline void add(std::vector<counted_pair>& rows, std::uint32_t a, std::uint32_t b,
                std::uint32_t rank = 0) {
  if (rows.empty() || rows.back().a != a || rows.back().b != b) rows.push_back({a, b, 0, rank});
  ++rows.back().count;
  rows.back().most = std::max(rows.back().most, rank);
}

inline std::vector<label_overlap> overlaps_of(const std::vector<counted_pair>& pairs) {
  std::vector<label_overlap> rows;
  for (const auto& pair : pairs) rows.push_back({pair.a, pair.b, pair.count});
  return rows;
}

inline std::vector<region_contact> contacts_of(const std::vector<counted_pair>& pairs,
                                               pixel_type type) {
  std::vector<region_contact> rows;
  for (const auto& pair : pairs)
    rows.push_back({pair.a, pair.b, pair.count, pixel_of_rank(pair.most, type)});
  return rows;
}

inline std::vector<label_overlap> overlaps(view<const std::uint32_t> a,
                                           view<const std::uint32_t> b) {
  std::vector<counted_pair> rows;
  for (std::size_t i = 0; i < a.size(); ++i) add(rows, a[i], b[i]);
  combine(rows);
  return overlaps_of(rows);
}

/// The faces from pixels of a part, which begins at (0, 0, 0), to the next pixel along each axis.
template <pixel T>
std::vector<counted_pair> faces(view<const std::uint32_t> labels, view<const T> src,
                                const shape& part) {
  std::vector<counted_pair> rows;
  const shape size = labels.shape();
  const auto add_face = [&](bool is_there, std::size_t i, std::size_t next) {
    if (!is_there || labels[i] == labels[next] || labels[i] == 0 || labels[next] == 0) return;
    const auto [a, b] = std::minmax(labels[i], labels[next]);
    add(rows, a, b, std::min(rank_of(src[i]), rank_of(src[next])));
  };
  for (std::size_t z = 0; z < part.z; ++z)
    for (std::size_t y = 0; y < part.y; ++y)
      for (std::size_t x = 0; x < part.x; ++x) {
        const std::size_t i = x + size.x * (y + size.y * z);
        add_face(x + 1 < size.x, i, i + 1);
        add_face(y + 1 < size.y, i, i + size.x);
        add_face(z + 1 < size.z, i, i + size.x * size.y);
      }
  combine(rows);
  return rows;
}

/// The pairs of two images that `count(table, slots)` puts into a hash table on the device; nothing
/// where they are so many that a table of them would outweigh the images.
template <class Count>
std::optional<std::vector<counted_pair>> pairs_in_table(
    const opencl::device& device, const opencl::defines& macros, std::size_t words,
    const opencl::buffer_view& src0, const opencl::buffer_view& src1, const Count& count) {
  const shape size = src0.shape;
  for (std::size_t slots = std::bit_ceil(std::clamp<std::size_t>(size.pixels() / 64, 1024, 131072));
       slots <= size.pixels() / 4 + 1024; slots *= 8) {
    const auto slot_count = static_cast<cl_uint>(slots);
    const auto table = device.allocate((words * slots + 1) * sizeof(cl_uint));
    opencl::fill_zero(device, table, words * slots + 1);
    count(table, slot_count);
    std::vector<cl_uint4> found(slots + 1);
    const auto memory = device.allocate(found.size() * sizeof(cl_uint4));
    device.launch(kernels::label_pairs, "label_pairs__rows", macros, {found.size()},
                  {src0, src1, table, memory, slot_count, size});
    device.read(memory.memory(), found.data(), found.size() * sizeof(cl_uint4));
    if (found.back().s[0] != 0) continue;
    found.pop_back();
    std::vector<counted_pair> rows;
    for (const cl_uint4& row : found)
      if (row.s[2] != 0) rows.push_back({row.s[0], row.s[1], row.s[2], row.s[3]});
    return rows;
  }
  return std::nullopt;
}

inline std::vector<label_overlap> overlaps(const opencl::device& device,
                                           const opencl::buffer_view& a,
                                           const opencl::buffer_view& b) {
  const std::size_t pixels = a.shape.pixels();
  if (pixels == 0) return {};
  const auto count = [&](const opencl::buffer& table, cl_uint slots) {
    const shape size = a.shape;
    const auto all = static_cast<cl_uint>(pixels);
    if (device.launches().variant == opencl::kernel_variant::serial) {
      constexpr cl_uint length = 4096;
      device.launch(kernels::label_pairs, "label_pairs__pixel_vectors", {},
                    {.x = pieces(pixels, length), .local = {4, 1, 1}, .cost = length},
                    {a, b, table, slots, size, all, length});
    } else {  // down the columns: neighbours above each other are the same as often as side by side
      constexpr cl_uint length = 32;
      const std::size_t step = size.x, rows = pixels / step;
      device.launch(kernels::label_pairs, "label_pairs__pixels", {},
                    {.x = step * pieces(rows, length), .cost = length},
                    {a, b, table, slots, size, all, static_cast<cl_uint>(step), length});
    }
  };
  if (pixels < 0xffffffff)  // so that a pixel's number, plus 1, has 32 bits
    if (auto rows = pairs_in_table(device, {}, 2, a, b, count)) {
      std::uint64_t background = pixels;
      for (const auto& row : *rows) background -= row.count;
      if (background > 0) rows->push_back({0, 0, background, 0});
      combine(*rows);
      return overlaps_of(*rows);
    }
  std::vector<std::uint32_t> on_host_a(pixels), on_host_b(pixels);
  device.read(a.memory, on_host_a.data(), a.bytes());
  device.read(b.memory, on_host_b.data(), b.bytes());
  return overlaps(view<const std::uint32_t>(on_host_a.data(), a.shape),
                  view<const std::uint32_t>(on_host_b.data(), b.shape));
}

inline std::vector<region_contact> contacts(const opencl::device& device,
                                            const opencl::buffer_view& labels,
                                            const opencl::buffer_view& src) {
  const shape size = labels.shape;
  const std::size_t pixels = size.pixels();
  if (pixels == 0) return {};
  opencl::defines macros = rank_macros(src.type);
  macros.add("FACES");
  const auto count = [&](const opencl::buffer& table, cl_uint slots) {
    const bool is_serial = device.launches().variant == opencl::kernel_variant::serial;
    const cl_uint length = is_serial ? 4096 : 32;
    const opencl::grid rows{pieces(size.x, length), size.y, size.z, {1, 4, 1}, 3ull * length};
    const opencl::grid columns{size.x, pieces(size.y, length), size.z, {}, 3ull * length};
    device.launch(kernels::label_pairs, "label_pairs__faces", macros, is_serial ? rows : columns,
                  {labels, src, table, slots, size, is_serial ? 0u : 1u, length});
  };
  if (pixels < 0xffffffff / 3)  // so that a face's number, plus 1, has 32 bits
    if (auto rows = pairs_in_table(device, macros, 3, labels, labels, count)) {
      combine(*rows);
      return contacts_of(*rows, src.type);
    }
  std::vector<std::uint32_t> labels_on_host(pixels);
  device.read(labels.memory, labels_on_host.data(), labels.bytes());
  std::vector<std::uint32_t> ranks(pixels);
  visit_pixel_type(src.type, [&]<class T>(std::type_identity<T>) {
    std::vector<T> src_on_host(pixels);
    device.read(src.memory, src_on_host.data(), src.bytes());
    for (std::size_t i = 0; i < pixels; ++i) ranks[i] = rank_of(src_on_host[i]);
  });
  return contacts_of(faces(view<const std::uint32_t>(labels_on_host.data(), size),
                           view<const std::uint32_t>(ranks.data(), size), size),
                     src.type);
}

}  // namespace detail::label_pairs

namespace ops {

struct label_overlaps {
  static constexpr operation_info about{
      .name = "label_overlaps",
      .theme = "measure",
      .brief = "Count the pixels that each label of one image shares with each of another",
      .source = "skimage.metrics.contingency_table",
      .inputs = {{{"a", kind::labels}, {"b", kind::labels}}},
      .outputs = {{{"table", kind::table}}}};

  std::vector<label_overlap> operator()(const opencl::device& device, const opencl::buffer_view& a,
                                        const opencl::buffer_view& b) const {
    return detail::label_pairs::overlaps(device, a, b);
  }
  std::vector<label_overlap> operator()(const reference::device&, view<const std::uint32_t> a,
                                        view<const std::uint32_t> b) const {
    return detail::label_pairs::overlaps(a, b);
  }
};

struct region_adjacency {
  static constexpr operation_info about{
      .name = "region_adjacency",
      .theme = "measure",
      .brief = "Which labels touch, along how many faces, and the saddle of an image there",
      .source = "skimage.graph.RAG",
      .inputs = {{{"labels", kind::labels}, {"src", kind::image}}},
      .outputs = {{{"table", kind::table}}}};

  std::vector<region_contact> operator()(const opencl::device& device,
                                         const opencl::buffer_view& labels,
                                         const opencl::buffer_view& src) const {
    return detail::label_pairs::contacts(device, labels, src);
  }
  template <pixel T>
  std::vector<region_contact> operator()(const reference::device&, view<const std::uint32_t> labels,
                                         view<const T> src) const {
    using namespace detail::label_pairs;
    return contacts_of(faces(labels, src, labels.shape()), pixel_type_of<T>());
  }
};

}  // namespace ops

/// How many pixels have label a in one image and label b in the other: the contingency table of two
/// label images. Scores of objects are made of it (metrics/segmentation.hpp).
/// a, b       labels, 2D or 3D, of the same shape; any values
/// returns    a row per pair of labels that occurs, background (0) included, in ascending order of
///            a, then b; to_table() makes a table of it; waits for the device
/// throws     argument_error (shapes differ), memory_error (a table of 3 MB, with very many pairs
///            of up to 6 bytes per pixel; more pairs, and 2^32 pixels, are counted on the host)
/// parity     the same on every device    cost  O(pixels + pairs log pairs)
/// source     skimage.metrics.contingency_table
inline std::vector<label_overlap> label_overlaps(const label_image& a, const label_image& b) {
  return run(ops::label_overlaps{}, a, b);
}

/// Which labels touch. Two touch where a pixel of one shares a face with a pixel of the other (in
/// 2D a side). Their saddle is the highest place to cross from one to the other:
///     saddle(a, b) = max over the faces of min(src of both pixels)
/// labels     labels, 2D or 3D; any values; what touches background alone has no row
/// src        any pixel type, the same shape; floats in their total order: -0 < +0, and a positive
///            NaN is above everything
/// returns    a row per pair of labels that touch, a < b, in ascending order of a, then b;
///            to_table() makes a table of it; waits for the device
/// throws     argument_error (shapes differ), memory_error (a table of 4 MB, with very many pairs
///            of up to 7 bytes per pixel; more pairs, and 2^32 / 3 pixels, are counted on the host)
/// parity     the same on every device    cost  O(pixels + pairs log pairs)
/// source     skimage.graph.RAG (connectivity 1), for which labels touch
template <pixel T>
std::vector<region_contact> region_adjacency(const label_image& labels, const image<T>& src) {
  return run(ops::region_adjacency{}, labels, src);
}

}  // namespace gpuimg
