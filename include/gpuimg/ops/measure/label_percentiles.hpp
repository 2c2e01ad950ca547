// SPDX-License-Identifier: BSD-3-Clause
// label_percentiles: the median of every label, or another percentile.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/core/table.hpp"
#include "gpuimg/kernels/measure/label_percentiles.cl.hpp"
#include "gpuimg/opencl/label_numbers.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/opencl/primitives.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// A percentile of the pixels of a label.
struct label_percentile {
  std::uint32_t label;
  std::uint64_t pixels;
  double value;

  bool operator==(const label_percentile&) const = default;
};

inline table to_table(const std::vector<label_percentile>& rows) {
  table t{{"label", "pixels", "value"}, {}};
  for (const auto& row : rows)
    t.rows.push_back({static_cast<double>(row.label), static_cast<double>(row.pixels), row.value});
  return t;
}

namespace detail::label_percentiles {

/// The percentiles of labels in rows that come one after the other.
template <pixel T>
class running_percentiles {
 public:
  using value_type = T;
  using row_type = label_percentile;

  explicit running_percentiles(double percentile) : percentile_(percentile) {}

  /// A whole row.
  void add(std::span<const std::uint32_t> labels, std::span<const T> pixels, std::size_t,
           std::size_t) {
    for (std::size_t x = 0; x < labels.size(); ++x)
      if (labels[x] != 0) all_[labels[x]].push_back(pixels[x]);
  }

  /// Whether a label takes much memory until it is taken out.
  static constexpr bool is_large = true;

  /// The row of a label of which no more pixels come, which is forgotten.
  label_percentile take(std::uint32_t label) {
    const auto found = all_.find(label);
    const auto row = row_of(label, found->second);
    all_.erase(found);
    return row;
  }

  [[nodiscard]] std::vector<label_percentile> rows() {
    std::vector<label_percentile> rows;
    for (auto& [label, pixels] : all_) rows.push_back(row_of(label, pixels));
    return rows;
  }

 private:
  label_percentile row_of(std::uint32_t label, std::vector<T>& pixels) const {
    const auto wanted =
        pixels.begin() + static_cast<std::ptrdiff_t>(pixels_before(percentile_, pixels.size()));
    std::ranges::nth_element(pixels, wanted, {}, ordered<T>);
    return {label, pixels.size(), static_cast<double>(*wanted)};
  }

  double percentile_;
  std::map<std::uint32_t, std::vector<T>> all_;
};

inline std::vector<label_percentile> percentiles(const opencl::device& device,
                                                 const opencl::buffer_view& labels,
                                                 const opencl::buffer_view& src,
                                                 double percentile) {
  if (labels.shape.empty()) return {};
  const label_numbers numbers(device, labels);
  const std::size_t count = numbers.count(), pixels = src.shape.pixels();
  const std::size_t bytes = (count + 1) * sizeof(cl_uint);
  const auto ends = device.allocate(bytes), wanted = device.allocate(bytes);
  opencl::fill_zero(device, ends, count + 1);

  opencl::defines macros = rank_macros(src.type);
  macros.add("RANK_BITS", 8 * size_of(src.type));
  // A CPU goes along rows, a GPU down columns.
  const bool is_serial = device.launches().variant == opencl::kernel_variant::serial;
  const std::size_t step = is_serial ? 1 : src.shape.x, length = is_serial ? 4096 : 8;
  const auto pixel_count = static_cast<cl_uint>(pixels), pixel_step = static_cast<cl_uint>(step),
             part = static_cast<cl_uint>(length);
  const opencl::grid parts{.x = step * pieces(pixels / step, length),
                           .local = {is_serial ? 4u : 0u, 1, 1},
                           .cost = length};
  std::vector<cl_uint> counts(count), values(count);
  const bool is_extreme = percentile == 0 || percentile == 100;
  const cl_uint flip = percentile == 0 ? ~cl_uint{0} : 0;
  if (is_extreme) {
    opencl::fill_zero(device, wanted, count + 1);
    device.launch(kernels::label_percentiles, "label_percentiles__extreme", macros, parts,
                  {numbers.image(), src, ends, wanted, flip, pixel_count, pixel_step, part});
  } else {
    device.launch(kernels::label_percentiles, "label_percentiles__count", macros, parts,
                  {numbers.image(), ends, pixel_count, pixel_step, part});
  }
  device.read(ends.memory(), counts.data(), count * sizeof(cl_uint));
  if (!is_extreme) {
    std::size_t all = 0;
    for (std::size_t label = 1; label < count; ++label) {
      all += counts[label];
      if (counts[label] > 0)
        values[label] = static_cast<cl_uint>(pixels_before(percentile, counts[label]));
    }
    if (all == 0) return {};
    device.write(wanted.memory(), values.data(), count * sizeof(cl_uint));
    opencl::exclusive_scan(device, ends, count + 1);
    const auto list = device.allocate(all * sizeof(cl_uint));
    device.launch(kernels::label_percentiles, "label_percentiles__collect", macros, parts,
                  {numbers.image(), src, ends, list, pixel_count, pixel_step, part});
    if (is_serial)
      device.launch(kernels::label_percentiles, "label_percentiles__select", macros,
                    {.x = count, .local = {16, 1, 1}},
                    {list, ends, wanted, static_cast<cl_uint>(count)});
    else
      device.launch(kernels::label_percentiles, "label_percentiles__shared_select", macros,
                    {.x = count,
                     .local = {1, all < 4096 * count ? 64u : 256u, 1},
                     .cost = pieces(all, count)},
                    {list, ends, wanted});
  }
  device.read(wanted.memory(), values.data(), count * sizeof(cl_uint));
  std::vector<label_percentile> rows;
  for (cl_uint label = 1; label < count; ++label)
    if (counts[label] > 0)
      rows.push_back(
          {numbers.label_of(label), counts[label], pixel_of_rank(values[label] ^ flip, src.type)});
  return rows;
}

}  // namespace detail::label_percentiles

namespace ops {

struct label_percentiles {
  double percentile = 50;

  static constexpr operation_info about{
      .name = "label_percentiles",
      .theme = "measure",
      .brief = "The median of the pixels of every label, or another percentile",
      .source = "numpy.percentile (method lower), label by label",
      .inputs = {{{"labels", kind::labels}, {"src", kind::image}}},
      .outputs = {{{"table", kind::table}}}};
  static constexpr void parameters(auto&& p) {
    p("percentile", &label_percentiles::percentile, "%",
      "how many of a label's pixels are less; 50 is the median", 0, 100);
  }
  static void check(const shape& size) {
    if (size.pixels() >= 0xffffffff)
      throw argument_error(
          "at most 2^32 - 2 pixels can be measured at once; crop the images, got " +
          to_string(size));
  }

  std::vector<label_percentile> operator()(const opencl::device& device,
                                           const opencl::buffer_view& labels,
                                           const opencl::buffer_view& src) const {
    return detail::label_percentiles::percentiles(device, labels, src, percentile);
  }
  template <pixel T>
  std::vector<label_percentile> operator()(const reference::device&,
                                           view<const std::uint32_t> labels,
                                           view<const T> src) const {
    detail::label_percentiles::running_percentiles<T> all(percentile);
    all.add({labels.begin(), labels.size()}, {src.begin(), src.size()}, 0, 0);
    return all.rows();
  }
};

}  // namespace ops

/// A percentile of the pixels of every label, which is one of them; background, 0, is left out.
///     value = pixel floor(percentile / 100 * (n - 1)), from 0, of the label's n pixels in order
/// labels   labels, 2D or 3D; any values
/// src      any pixel type, the same shape; floats in their total order: -0 < +0, and a positive
///          NaN is above everything
/// p        percentile, 0 (the least pixel) to 100 (the greatest); 50 is the median
/// returns  a row per label in ascending order; to_table() makes a table of it; waits for the
///          device
/// throws   argument_error (shapes differ, 2^32 - 1 pixels or more), memory_error (4 bytes per
///          pixel of a label, 8 per label)
/// parity   the same on every device    cost  O(pixels), a few passes; one for 0 and 100
/// source   numpy.percentile (method lower), label by label
template <pixel T>
std::vector<label_percentile> label_percentiles(const label_image& labels, const image<T>& src,
                                                const ops::label_percentiles& p = {}) {
  return run(p, labels, src);
}

}  // namespace gpuimg
