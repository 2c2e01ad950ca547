// SPDX-License-Identifier: BSD-3-Clause
// labels_statistics: size, place and intensity of every label, in one go over the image.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "gpuimg/core/table.hpp"
#include "gpuimg/kernels/measure/labels_statistics.cl.hpp"
#include "gpuimg/opencl/primitives.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// One row per label. Pixels are at whole coordinates, counted from 0.
struct label_statistics {
  std::uint32_t label;
  std::uint64_t area;                                ///< pixels, in 3D too
  double centroid_x, centroid_y, centroid_z;         ///< mean coordinates
  std::uint32_t bbox_min_x, bbox_min_y, bbox_min_z;  ///< first pixel along each axis
  std::uint32_t bbox_max_x, bbox_max_y, bbox_max_z;  ///< last pixel along each axis, included
  double min_intensity, max_intensity, sum_intensity, mean_intensity;
  double standard_deviation_intensity;  ///< of the pixels as a whole: divided by area
};

inline table to_table(const std::vector<label_statistics>& rows) {
  table t{{"label", "area", "centroid_x", "centroid_y", "centroid_z", "bbox_min_x", "bbox_min_y",
           "bbox_min_z", "bbox_max_x", "bbox_max_y", "bbox_max_z", "min_intensity", "max_intensity",
           "sum_intensity", "mean_intensity", "standard_deviation_intensity"},
          {}};
  for (const auto& r : rows)
    t.rows.push_back({static_cast<double>(r.label), static_cast<double>(r.area), r.centroid_x,
                      r.centroid_y, r.centroid_z, static_cast<double>(r.bbox_min_x),
                      static_cast<double>(r.bbox_min_y), static_cast<double>(r.bbox_min_z),
                      static_cast<double>(r.bbox_max_x), static_cast<double>(r.bbox_max_y),
                      static_cast<double>(r.bbox_max_z), r.min_intensity, r.max_intensity,
                      r.sum_intensity, r.mean_intensity, r.standard_deviation_intensity});
  return t;
}

namespace detail {

/// A sum of floats with its rounding errors in a second float (Knuth, TAOCP 2, 4.2.2).
struct float_sum {
  float sum = 0, errors = 0;

  void add(float value) {
    const float next = sum + value, of_value = next - sum;
    errors += (sum - (next - of_value)) + (value - of_value);
    sum = next;
  }
  void add_square(float value) {
    const float square = product(value, value);
    add(square);
    errors += std::fma(value, value, -square);
  }
  [[nodiscard]] double total() const {
    return std::isfinite(sum) ? static_cast<double>(sum) + errors : static_cast<double>(sum);
  }
};

/// What is added up for one label, before it is divided. `shifted` and `squares` are of the pixels
/// minus the label's first pixel, so that the standard deviation does not cancel out.
struct label_sums {
  std::uint64_t area = 0, x = 0, y = 0, z = 0;
  std::array<std::uint32_t, 3> low{}, high{};
  double least = 0, most = 0, total = 0, shifted = 0, squares = 0;

  [[nodiscard]] label_statistics statistics(std::uint32_t label) const {
    const auto n = static_cast<double>(area);
    const double variance = (squares - shifted * shifted / n) / n;
    return {label,
            area,
            static_cast<double>(x) / n,
            static_cast<double>(y) / n,
            static_cast<double>(z) / n,
            low[0],
            low[1],
            low[2],
            high[0],
            high[1],
            high[2],
            least,
            most,
            total,
            total / n,
            std::sqrt(variance < 0 ? 0 : variance)};
  }
};

template <pixel T>
std::vector<label_statistics> labels_statistics(view<const std::uint32_t> labels,
                                                view<const T> src) {
  constexpr bool is_float = std::same_as<T, float>, is_narrow = sizeof(T) < 4;
  using total_type = std::conditional_t<is_float, float_sum, std::int64_t>;
  using squares_type = std::conditional_t<is_narrow, std::uint64_t, float_sum>;
  struct sums : label_sums {
    T first{}, lowest{}, highest{};
    total_type exact_total{}, exact_shifted{};
    squares_type exact_squares{};
  };
  const auto value = []<class V>(const V& v) {
    if constexpr (std::same_as<V, float_sum>)
      return v.total();
    else
      return static_cast<double>(v);
  };
  std::map<std::uint32_t, sums> all;
  const shape size = src.shape();
  for (std::uint32_t z = 0; z < size.z; ++z)
    for (std::uint32_t y = 0; y < size.y; ++y)
      for (std::uint32_t x = 0; x < size.x; ++x) {
        if (labels(x, y, z) == 0) continue;
        sums& s = all[labels(x, y, z)];
        const T pixel = src(x, y, z);
        const std::array<std::uint32_t, 3> at{x, y, z};
        if (s.area == 0) s.first = s.lowest = s.highest = pixel, s.low = s.high = at;
        ++s.area, s.x += x, s.y += y, s.z += z;
        for (std::size_t i = 0; i < 3; ++i)
          s.low[i] = std::min(s.low[i], at[i]), s.high[i] = std::max(s.high[i], at[i]);
        if (pixel < s.lowest) s.lowest = pixel;
        if (pixel > s.highest) s.highest = pixel;
        if constexpr (is_float) {
          const float apart = pixel - s.first;
          s.exact_total.add(pixel), s.exact_shifted.add(apart), s.exact_squares.add_square(apart);
        } else {
          const auto apart = static_cast<std::int64_t>(pixel) - static_cast<std::int64_t>(s.first);
          s.exact_total += pixel, s.exact_shifted += apart;
          if constexpr (is_narrow)
            s.exact_squares += static_cast<std::uint64_t>(apart * apart);
          else
            s.exact_squares.add_square(static_cast<float>(apart));
        }
      }
  std::vector<label_statistics> rows;
  for (auto& [label, s] : all) {
    s.least = static_cast<double>(s.lowest), s.most = static_cast<double>(s.highest);
    s.total = value(s.exact_total), s.shifted = value(s.exact_shifted),
    s.squares = value(s.exact_squares);
    rows.push_back(s.statistics(label));
  }
  return rows;
}

/// Of labels below `count`, with a row of memory for each.
inline std::vector<label_statistics> statistics_by_label(const opencl::device& device,
                                                         const opencl::buffer_view& labels,
                                                         const opencl::buffer_view& src,
                                                         std::size_t count) {
  constexpr std::size_t columns = 16, piece = 256;  // the kernels know them, too
  const shape size = src.shape;
  const bool is_float = src.type == pixel_type::f32, is_narrow = size_of(src.type) < 4;
  const opencl::defines macros{{"SRC_T", std::string(opencl_name_of(src.type))},
                               {"IS_NARROW", is_narrow ? "1" : "0"},
                               {is_float ? "IS_FLOAT" : "IS_INTEGER", ""}};
  const opencl::grid pieces{(size.x + piece - 1) / piece, size.y, size.z, {16, 1, 1}};
  const auto ends = device.allocate((count + 1) * sizeof(cl_uint));
  opencl::fill_zero(device, ends, count + 1);
  device.launch(kernels::labels_statistics, "labels_statistics__runs", macros, pieces,
                {labels, ends, size});
  opencl::exclusive_scan(device, ends, count + 1);
  cl_uint runs = 0;
  device.read(ends.memory(), &runs, sizeof runs, count * sizeof(cl_uint));
  const auto list = device.allocate(runs * sizeof(cl_uint4));
  const auto memory = device.allocate(count * columns * sizeof(cl_long));
  device.launch(kernels::labels_statistics, "labels_statistics__collect", macros, pieces,
                {labels, ends, list, size});
  device.launch(kernels::labels_statistics, "labels_statistics__measure", macros,
                {.x = count, .local = {16, 1, 1}},
                {list, ends, src, memory, static_cast<cl_uint>(count), size});
  std::vector<std::array<std::int64_t, columns>> table(count);
  device.read(memory.memory(), table.data(), count * sizeof table[0]);

  const auto sum_of_floats = [](std::int64_t packed) {
    const auto bits = static_cast<std::uint64_t>(packed);
    return float_sum{std::bit_cast<float>(static_cast<std::uint32_t>(bits)),
                     std::bit_cast<float>(static_cast<std::uint32_t>(bits >> 32))}
        .total();
  };
  const auto total = [&](std::int64_t v) {
    return is_float ? sum_of_floats(v) : static_cast<double>(v);
  };
  const auto pixel = [&](std::int64_t v) {
    return is_float ? static_cast<double>(std::bit_cast<float>(static_cast<std::int32_t>(v)))
                    : static_cast<double>(v);
  };
  std::vector<label_statistics> rows;
  for (std::size_t label = 1; label < count; ++label) {
    const auto& t = table[label];
    if (t[0] == 0) continue;
    const auto whole = [&](std::size_t i) { return static_cast<std::uint64_t>(t[i]); };
    const auto coordinate = [&](std::size_t i) { return static_cast<std::uint32_t>(t[i]); };
    const label_sums sums{whole(0),
                          whole(1),
                          whole(2),
                          whole(3),
                          {coordinate(4), coordinate(5), coordinate(6)},
                          {coordinate(7), coordinate(8), coordinate(9)},
                          pixel(t[10]),
                          pixel(t[11]),
                          total(t[12]),
                          total(t[13]),
                          is_narrow ? static_cast<double>(whole(14)) : sum_of_floats(t[14])};
    rows.push_back(sums.statistics(static_cast<std::uint32_t>(label)));
  }
  return rows;
}

inline std::vector<label_statistics> labels_statistics(const opencl::device& device,
                                                       const opencl::buffer_view& labels,
                                                       const opencl::buffer_view& src) {
  const std::size_t pixels = src.shape.pixels();
  if (pixels == 0) return {};
  const std::size_t count = std::size_t{opencl::greatest(device, labels)} + 1;
  if (count <= pixels / 4 + 1024) return statistics_by_label(device, labels, src, count);
  // Far apart, or so many that rows would outweigh the image: number those there are from 1 to n.
  std::vector<std::uint32_t> all(pixels);
  device.read(labels.memory, all.data(), labels.bytes());
  std::vector<std::uint32_t> known{0};
  known.insert(known.end(), all.begin(), all.end());
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  for (auto& label : all)
    label = static_cast<std::uint32_t>(std::lower_bound(known.begin(), known.end(), label) -
                                       known.begin());
  const auto memory = device.allocate(labels.bytes());
  device.write(memory.memory(), all.data(), labels.bytes());
  auto rows =
      statistics_by_label(device, {memory.memory(), labels.type, labels.shape}, src, known.size());
  for (auto& row : rows) row.label = known[row.label];
  return rows;
}

}  // namespace detail

namespace ops {

struct labels_statistics {
  static constexpr operation_info about{
      .name = "labels_statistics",
      .theme = "measure",
      .brief = "Size, place and intensity of every label",
      .source = "clesperanto labels_statistics; skimage.measure.regionprops",
      .inputs = {{{"label", kind::labels}, {"intensity", kind::image}}},
      .outputs = {{{"table", kind::table}}}};

  std::vector<label_statistics> operator()(const opencl::device& device,
                                           const opencl::buffer_view& label,
                                           const opencl::buffer_view& intensity) const {
    return detail::labels_statistics(device, label, intensity);
  }
  template <pixel T>
  std::vector<label_statistics> operator()(const reference::device&,
                                           view<const std::uint32_t> label,
                                           view<const T> intensity) const {
    return detail::labels_statistics(label, intensity);
  }
};

}  // namespace ops

/// Size, place and intensity of every label; background, 0, is left out.
/// label      labels, 2D or 3D         intensity  any pixel type, the same shape
/// returns    a row per label in ascending order; to_table() makes a table of it; waits for the
///            device
/// accuracy   sums of integers are exact; sums of floats, and the standard deviation of 32-bit
///            pixels, are good to about 1e-7 of the greatest pixel; a NaN never becomes minimum or
///            maximum, unless it is the label's first pixel
/// throws     argument_error (shapes differ), memory_error
/// parity     the same bits on every device    cost  O(pixels + runs log runs)
/// source     clesperanto labels_statistics; skimage.measure.regionprops
template <pixel T>
std::vector<label_statistics> labels_statistics(const label_image& label,
                                                const image<T>& intensity) {
  return run(ops::labels_statistics{}, label, intensity);
}

}  // namespace gpuimg
