// SPDX-License-Identifier: BSD-3-Clause
// label_overlaps: how many pixels each pair of labels shares, of two label images.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gpuimg/core/table.hpp"
#include "gpuimg/kernels/measure/label_overlaps.cl.hpp"
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

namespace detail::label_overlaps {

/// By labels, in ascending order.
inline void sort(std::vector<label_overlap>& rows) {
  std::sort(rows.begin(), rows.end(), [](const label_overlap& x, const label_overlap& y) {
    return x.a != y.a ? x.a < y.a : x.b < y.b;
  });
}

/// Sorts runs of pixels that have the same labels, and adds up those of each pair.
inline std::vector<label_overlap> overlaps(view<const std::uint32_t> a,
                                           view<const std::uint32_t> b) {
  std::vector<label_overlap> rows;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (rows.empty() || rows.back().a != a[i] || rows.back().b != b[i])
      rows.push_back({a[i], b[i], 0});
    ++rows.back().pixels;
  }
  sort(rows);
  std::size_t pairs = 0;
  for (const label_overlap& row : rows) {
    if (pairs > 0 && rows[pairs - 1].a == row.a && rows[pairs - 1].b == row.b)
      rows[pairs - 1].pixels += row.pixels;
    else
      rows[pairs++] = row;
  }
  rows.resize(pairs);
  return rows;
}

/// The same from a table on the device of so many slots; none where it is too small.
inline std::vector<label_overlap> overlaps_in_table(const opencl::device& device,
                                                    const opencl::buffer_view& a,
                                                    const opencl::buffer_view& b,
                                                    std::size_t slots) {
  const auto pixels = static_cast<cl_uint>(a.shape.pixels()), size = static_cast<cl_uint>(slots);
  const auto table = device.allocate((2 * slots + 1) * sizeof(cl_uint));
  opencl::fill_zero(device, table, 2 * slots + 1);
  if (device.launches().variant == opencl::kernel_variant::serial) {
    constexpr cl_uint length = 4096;
    device.launch(kernels::label_overlaps, "label_overlaps__count_vectors", {},
                  {.x = pieces(pixels, length), .local = {4, 1, 1}, .cost = length},
                  {a, b, table, size, pixels, length});
  } else {  // down the columns: neighbours above each other are the same as often as side by side
    constexpr cl_uint length = 32;
    const std::size_t step = a.shape.x, rows = pixels / step;
    device.launch(kernels::label_overlaps, "label_overlaps__count", {},
                  {.x = step * pieces(rows, length), .cost = length},
                  {a, b, table, size, pixels, static_cast<cl_uint>(step), length});
  }
  std::vector<cl_uint4> found(slots + 1);
  const auto memory = device.allocate(found.size() * sizeof(cl_uint4));
  device.launch(kernels::label_overlaps, "label_overlaps__rows", {}, {found.size()},
                {a, b, table, memory, size});
  device.read(memory.memory(), found.data(), found.size() * sizeof(cl_uint4));
  if (found.back().s[0] != 0) return {};
  found.pop_back();

  std::vector<label_overlap> rows;
  std::uint64_t background = pixels;
  for (const cl_uint4& row : found) {
    if (row.s[2] == 0) continue;
    rows.push_back({row.s[0], row.s[1], row.s[2]});
    background -= row.s[2];
  }
  if (background > 0) rows.push_back({0, 0, background});
  sort(rows);
  return rows;
}

inline std::vector<label_overlap> overlaps(const opencl::device& device,
                                           const opencl::buffer_view& a,
                                           const opencl::buffer_view& b) {
  const std::size_t pixels = a.shape.pixels();
  if (pixels == 0) return {};
  if (pixels < 0xffffffff)  // so that a pixel's number, plus 1, has 32 bits
    for (std::size_t slots = std::bit_ceil(std::clamp<std::size_t>(pixels / 64, 1024, 131072));
         slots <= pixels / 4 + 1024; slots *= 8)
      if (auto rows = overlaps_in_table(device, a, b, slots); !rows.empty()) return rows;
  // So many pairs that a table of them would outweigh the images.
  std::vector<std::uint32_t> on_host_a(pixels), on_host_b(pixels);
  device.read(a.memory, on_host_a.data(), a.bytes());
  device.read(b.memory, on_host_b.data(), b.bytes());
  return overlaps(view<const std::uint32_t>(on_host_a.data(), a.shape),
                  view<const std::uint32_t>(on_host_b.data(), b.shape));
}

}  // namespace detail::label_overlaps

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
    return detail::label_overlaps::overlaps(device, a, b);
  }
  std::vector<label_overlap> operator()(const reference::device&, view<const std::uint32_t> a,
                                        view<const std::uint32_t> b) const {
    return detail::label_overlaps::overlaps(a, b);
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

}  // namespace gpuimg
