// SPDX-License-Identifier: BSD-3-Clause
// labels_statistics: size, place and intensity of every label, in one go over the image.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "gpuimg/core/table.hpp"
#include "gpuimg/kernels/measure/labels_statistics.cl.hpp"
#include "gpuimg/opencl/label_numbers.hpp"
#include "gpuimg/opencl/launching.hpp"
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

namespace detail::labels_statistics {

inline constexpr std::size_t columns = 16, run_columns = 5, piece = 256,
                             lanes = 64;  // as the kernels

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
  /// Adds another sum: that as one number, its errors to the errors.
  void add(const float_sum& other) {
    add(other.sum);
    errors += other.errors;
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

/// The number that a sum stands for.
template <class Sum>
double value_of(const Sum& sum) {
  if constexpr (std::same_as<Sum, float_sum>)
    return sum.total();
  else
    return static_cast<double>(sum);
}

/// The statistics of labels in rows that come one after the other, in raster order. Integers are
/// summed exactly; deviations of 32-bit pixels are floats. Sums of floats: each run (pixels of one
/// label side by side in a row, which is cut every 256 pixels) is summed from left to right on its
/// own. Of a label's runs in raster order lane k adds up runs k, k + 64, ...; then lanes are added
/// pairwise.
template <pixel T>
class running_statistics {
 public:
  using value_type = T;
  using row_type = label_statistics;

  /// A whole row.
  void add(std::span<const std::uint32_t> labels, std::span<const T> pixels, std::size_t y,
           std::size_t z) {
    for (std::size_t x0 = 0, x1; x0 < labels.size(); x0 = x1) {
      x1 = x0 + 1;
      while (x1 < labels.size() && x1 % piece != 0 && labels[x1] == labels[x0]) ++x1;
      if (labels[x0] != 0) add_run(all_[labels[x0]], pixels, x0, x1, y, z);
    }
  }

  /// Whether a label takes much memory until it is taken out.
  static constexpr bool is_large = sizeof(T) >= 4;  // many lanes

  /// The row of a label of which no more pixels come, which is forgotten.
  label_statistics take(std::uint32_t label) {
    const auto found = all_.find(label);
    const label_statistics row = row_of(label, found->second);
    all_.erase(found);
    return row;
  }

  /// A row per label, in ascending order.
  [[nodiscard]] std::vector<label_statistics> rows() {
    std::vector<label_statistics> rows;
    for (auto& [label, s] : all_) rows.push_back(row_of(label, s));
    return rows;
  }

 private:
  static constexpr bool is_float = std::same_as<T, float>, is_narrow = !is_large;
  using whole = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
  struct run_sums {
    std::conditional_t<is_float, float_sum, whole> total{};
    std::conditional_t<is_narrow, std::int64_t, float_sum> shifted{};
    std::conditional_t<is_narrow, std::uint64_t, float_sum> squares{};
  };
  struct sums : label_sums {
    T first{}, lowest{}, highest{};
    std::size_t runs = 0;
    std::vector<run_sums> lane;
  };

  static label_statistics row_of(std::uint32_t label, sums& s) {
    for (std::size_t n = lanes / 2; n > 0; n /= 2)
      for (std::size_t k = 0; k < n && k + n < s.lane.size(); ++k)
        add_all(s.lane[k], s.lane[k + n]);
    const run_sums& exact = s.lane[0];
    s.least = static_cast<double>(s.lowest), s.most = static_cast<double>(s.highest);
    s.total = value_of(exact.total), s.shifted = value_of(exact.shifted),
    s.squares = value_of(exact.squares);
    return s.statistics(label);
  }

  template <class Sum>
  static void add(Sum& sum, const Sum& other) {
    if constexpr (std::same_as<Sum, float_sum>)
      sum.add(other);
    else
      sum += other;
  }
  static void add_all(run_sums& to, const run_sums& more) {
    add(to.total, more.total), add(to.shifted, more.shifted), add(to.squares, more.squares);
  }

  static void add_run(sums& s, std::span<const T> pixels, std::size_t x0, std::size_t x1,
                      std::size_t y, std::size_t z) {
    const std::array low{static_cast<std::uint32_t>(x0), static_cast<std::uint32_t>(y),
                         static_cast<std::uint32_t>(z)};
    const std::array high{static_cast<std::uint32_t>(x1 - 1), low[1], low[2]};
    if (s.area == 0) s.first = s.lowest = s.highest = pixels[x0], s.low = low, s.high = high;
    run_sums run;
    for (std::size_t x = x0; x < x1; ++x) {
      const T pixel = pixels[x];
      ++s.area, s.x += x, s.y += y, s.z += z;
      if (pixel < s.lowest) s.lowest = pixel;
      if (pixel > s.highest) s.highest = pixel;
      if constexpr (is_float)
        run.total.add(pixel);
      else
        run.total += static_cast<whole>(pixel);
      if constexpr (is_narrow) {
        const auto apart = static_cast<std::int64_t>(pixel) - static_cast<std::int64_t>(s.first);
        run.shifted += apart;
        run.squares += static_cast<std::uint64_t>(apart * apart);
      } else {
        using wide = std::conditional_t<is_float, float, std::int64_t>;
        const auto apart =
            static_cast<float>(static_cast<wide>(pixel) - static_cast<wide>(s.first));
        run.shifted.add(apart);
        run.squares.add_square(apart);
      }
    }
    for (std::size_t i = 0; i < 3; ++i)
      s.low[i] = std::min(s.low[i], low[i]), s.high[i] = std::max(s.high[i], high[i]);
    const std::size_t k = is_narrow ? 0 : s.runs % lanes;  // exact sums need one lane
    if (k < s.lane.size())
      add_all(s.lane[k], run);
    else
      s.lane.push_back(run);
    ++s.runs;
  }

  std::map<std::uint32_t, sums> all_;
};

template <pixel T>
std::vector<label_statistics> statistics(view<const std::uint32_t> labels, view<const T> src) {
  running_statistics<T> all;
  const shape size = src.shape();
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y) {
      const std::size_t row = size.x * (y + size.y * z);
      all.add({labels.begin() + row, size.x}, {src.begin() + row, size.x}, y, z);
    }
  return all.rows();
}

/// What the device has added up for one label, from a row of its table.
inline label_sums sums_of_row(const std::array<std::int64_t, columns>& row, pixel_type type) {
  const bool is_float = type == pixel_type::f32, is_narrow = size_of(type) < 4;
  const auto unsigned_at = [&](std::size_t i) { return static_cast<std::uint64_t>(row[i]); };
  const auto floats_at = [&](std::size_t i) {
    return float_sum{std::bit_cast<float>(static_cast<std::uint32_t>(unsigned_at(i))),
                     std::bit_cast<float>(static_cast<std::uint32_t>(unsigned_at(i) >> 32))}
        .total();
  };
  const auto whole_at = [&](std::size_t i) {
    return is_signed_integer(type) ? static_cast<double>(row[i])
                                   : static_cast<double>(unsigned_at(i));
  };
  const auto pixel_at = [&](std::size_t i) {
    return is_float ? static_cast<double>(std::bit_cast<float>(static_cast<std::int32_t>(row[i])))
                    : static_cast<double>(row[i]);
  };
  const auto corner_at = [&](std::size_t i) {
    return std::array{static_cast<std::uint32_t>(row[i]), static_cast<std::uint32_t>(row[i + 1]),
                      static_cast<std::uint32_t>(row[i + 2])};
  };
  return {unsigned_at(0),
          unsigned_at(1),
          unsigned_at(2),
          unsigned_at(3),
          corner_at(4),
          corner_at(7),
          pixel_at(10),
          pixel_at(11),
          is_float ? floats_at(12) : whole_at(12),
          is_narrow ? static_cast<double>(row[13]) : floats_at(13),
          is_narrow ? static_cast<double>(unsigned_at(14)) : floats_at(14)};
}

using rows_by_image = std::vector<std::vector<label_statistics>>;

/// Of labels below `count`, with a row of memory for each; of images of one pixel type.
inline rows_by_image statistics_by_label(const opencl::device& device,
                                         const opencl::buffer_view& labels,
                                         std::span<const opencl::buffer_view> images,
                                         std::size_t count) {
  const shape size = labels.shape;
  const pixel_type type = images[0].type;
  const opencl::defines macros{{"SRC_T", opencl_name_of(type)},
                               {"IS_NARROW", size_of(type) < 4 ? "1" : "0"},
                               {type == pixel_type::f32 ? "IS_FLOAT" : "IS_INTEGER", ""}};
  // A CPU has a work-item for each piece, and one for each label that sorts, measures and combines
  // its runs; unless labels alone do not keep all cores busy and runs are long enough for items of
  // their own. On other devices runs are in bands, so that no item has many to sort.
  const bool is_serial = device.launches().variant == opencl::kernel_variant::serial;
  const std::size_t all_pieces = pieces(size.x, piece) * size.y * size.z;
  const std::size_t most_bands = is_serial ? 1 : std::min<std::size_t>(all_pieces, 1024);
  const std::size_t per_band =
      pieces(all_pieces, std::clamp<std::size_t>(size.pixels() / 16 / count, 1, most_bands));
  const std::size_t bands = pieces(all_pieces, per_band), segments = count * bands;
  const auto band_count = static_cast<cl_uint>(bands), per = static_cast<cl_uint>(per_band);
  const opencl::grid parts = is_serial
                                 ? opencl::grid{pieces(size.x, piece), size.y, size.z, {16, 1, 1}}
                                 : opencl::grid{size.x, size.y, size.z, {64, 4, 1}};
  const opencl::grid by_label{.x = count, .local = {16, 1, 1}};
  const opencl::grid by_group{.x = count, .local = {1, lanes, 1}};
  const auto label_count = static_cast<cl_uint>(count);
  const auto ends = device.allocate((segments + 1) * sizeof(cl_uint));
  opencl::fill_zero(device, ends, segments + 1);
  device.launch(kernels::labels_statistics,
                is_serial ? "labels_statistics__runs" : "labels_statistics__pixel_runs", macros,
                parts, {labels, ends, size, band_count, per});
  opencl::exclusive_scan(device, ends, segments + 1);
  cl_uint runs = 0;
  device.read(ends.memory(), &runs, sizeof runs, segments * sizeof(cl_uint));
  if (runs == 0) return rows_by_image(images.size());
  const bool by_run = !is_serial || (count < std::size_t{32} * device.description().compute_units &&
                                     runs < size.pixels() / 8);
  const auto list = device.allocate(runs * sizeof(cl_uint4));
  const auto sums = device.allocate((by_run ? runs : 1) * run_columns * sizeof(cl_long));
  const auto memory = device.allocate(count * columns * sizeof(cl_long));
  device.launch(kernels::labels_statistics,
                is_serial ? "labels_statistics__collect" : "labels_statistics__pixel_collect",
                macros, parts, {labels, ends, list, size, band_count, per});
  if (by_run)
    device.launch(kernels::labels_statistics, "labels_statistics__sort", macros,
                  {.x = segments, .local = {is_serial ? 16u : 64u, 1, 1}},
                  {list, ends, static_cast<cl_uint>(segments)});
  rows_by_image all;
  std::vector<std::array<std::int64_t, columns>> table(count);
  for (const auto& image : images) {
    if (by_run)
      device.launch(kernels::labels_statistics, "labels_statistics__measure", macros, {runs},
                    {list, ends, labels, image, sums, runs, size, band_count});
    if (is_serial)
      device.launch(
          kernels::labels_statistics, "labels_statistics__combine", macros, by_label,
          {list, ends, image, sums, memory, label_count, size, static_cast<cl_int>(by_run)});
    else
      device.launch(kernels::labels_statistics, "labels_statistics__shared_combine", macros,
                    by_group, {list, ends, sums, memory, band_count});
    device.read(memory.memory(), table.data(), count * sizeof table[0]);
    auto& rows = all.emplace_back();
    for (std::size_t label = 1; label < count; ++label)
      if (table[label][0] != 0)
        rows.push_back(
            sums_of_row(table[label], type).statistics(static_cast<std::uint32_t>(label)));
  }
  return all;
}

inline rows_by_image statistics(const opencl::device& device, const opencl::buffer_view& labels,
                                std::span<const opencl::buffer_view> images) {
  if (labels.shape.empty()) return rows_by_image(images.size());
  const label_numbers numbers(device, labels);
  auto all = statistics_by_label(device, numbers.image(), images, numbers.count());
  for (auto& rows : all)
    for (auto& row : rows) row.label = numbers.label_of(row.label);
  return all;
}

}  // namespace detail::labels_statistics

namespace ops {

struct labels_statistics {
  static constexpr operation_info about{
      .name = "labels_statistics",
      .theme = "measure",
      .brief = "Size, place and intensity of every label",
      .source = "clesperanto labels_statistics; skimage.measure.regionprops",
      .inputs = {{{"label", kind::labels}, {"intensity", kind::image}}},
      .outputs = {{{"table", kind::table}}}};

  static void check(const shape& size) {
    if (size.pixels() >= 0xffffffff)
      throw argument_error(
          "at most 2^32 - 2 pixels can be measured at once; crop the images, got " +
          to_string(size));
  }

  std::vector<label_statistics> operator()(const opencl::device& device,
                                           const opencl::buffer_view& label,
                                           const opencl::buffer_view& intensity) const {
    return detail::labels_statistics::statistics(device, label, {&intensity, 1}).front();
  }
  template <pixel T>
  std::vector<label_statistics> operator()(const reference::device&,
                                           view<const std::uint32_t> label,
                                           view<const T> intensity) const {
    return detail::labels_statistics::statistics(label, intensity);
  }
};

}  // namespace ops

namespace detail::labels_statistics {

template <pixel T>
rows_by_image run_on_all(const label_image& label, std::span<const image<T>* const> images) {
  using op = ops::labels_statistics;
  for (const image<T>* each : images) {
    const operands inputs{operand_of(label), operand_of(*each)};
    try {
      check_same_device(inputs);
      if (each == images.front()) label.device().begin(op::about.name);
      check_same_shape(label.shape(), each->shape());
      op::check(label.shape());
    } catch (...) {
      rethrow_with_context(op::about, inputs);
    }
  }
  if (images.empty()) return {};
  try {
    const device& where = label.device();
    if (!where.is_reference()) {
      std::vector<opencl::buffer_view> views;
      for (const image<T>* each : images) views.push_back(access::opencl(*each));
      return statistics(where.opencl(), access::opencl(label), views);
    }
    rows_by_image all;
    for (const image<T>* each : images)
      all.push_back(statistics(access::read(label), access::read(*each)));
    return all;
  } catch (...) {
    rethrow_with_context(op::about, {operand_of(label), operand_of(*images.front())});
  }
}

}  // namespace detail::labels_statistics

/// Size, place and intensity of every label; background, 0, is left out.
/// label      labels, 2D or 3D         intensity  any pixel type, the same shape
/// returns    a row per label in ascending order; to_table() makes a table of it; waits for the
///            device
/// accuracy   sums of integers are exact; sums of floats (runs of at most 256 pixels of a row, then
///            a label's runs in 64 lanes), and the standard deviation of 32-bit pixels, are good to
///            about 1e-7 of the greatest pixel; a NaN never becomes minimum or maximum, unless it
///            is the label's first pixel
/// throws     argument_error (shapes differ, 2^32 - 1 pixels or more), memory_error (56 bytes per
///            run, 132 per label, on a GPU a quarter of a byte per pixel)
/// parity     the same bits on every device    cost  O(pixels + runs log runs)
/// source     clesperanto labels_statistics; skimage.measure.regionprops
template <pixel T>
std::vector<label_statistics> labels_statistics(const label_image& label,
                                                const image<T>& intensity) {
  return run(ops::labels_statistics{}, label, intensity);
}

/// The statistics of several images with the same labels, such as the channels of a picture: the
/// same as one call for each, but the labels are gone over once.
///     const auto rows = labels_statistics(labels, {&red, &green});
/// returns    the rows of each image, in the order of the images
template <pixel T>
std::vector<std::vector<label_statistics>> labels_statistics(
    const label_image& label, std::initializer_list<const image<T>*> intensities) {
  return detail::labels_statistics::run_on_all<T>(label, {intensities.begin(), intensities.end()});
}

/// As above, of images in a vector.
template <pixel T>
std::vector<std::vector<label_statistics>> labels_statistics(
    const label_image& label, const std::vector<image<T>>& intensities) {
  std::vector<const image<T>*> images;
  for (const auto& each : intensities) images.push_back(&each);
  return detail::labels_statistics::run_on_all<T>(label, images);
}

}  // namespace gpuimg
