// SPDX-License-Identifier: BSD-3-Clause
// The least, the greatest, the sum and the mean of all pixels, and their histogram.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "gpuimg/core/table.hpp"
#include "gpuimg/kernels/measure/reduction.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// Bin i holds edges[i] <= pixel < edges[i + 1]; the last bin holds its upper edge, too.
struct pixel_histogram {
  std::vector<float> edges;           ///< one more than bins
  std::vector<std::uint64_t> counts;  ///< pixels per bin

  bool operator==(const pixel_histogram&) const = default;
};

inline table to_table(const pixel_histogram& h) {
  table t{{"bin", "lower_edge", "upper_edge", "count"}, {}};
  for (std::size_t i = 0; i < h.counts.size(); ++i)
    t.rows.push_back({static_cast<double>(i), static_cast<double>(h.edges[i]),
                      static_cast<double>(h.edges[i + 1]), static_cast<double>(h.counts[i])});
  return t;
}

namespace detail::reduction {

inline constexpr std::size_t block = 4096, lanes = 16;  // the kernels know them, too

struct extrema {
  double least, most;
};

inline void check_pixels(const shape& size) {
  if (size.empty()) throw argument_error("the image has no pixels");
}

inline extrema extrema_of(const opencl::device& device, const opencl::buffer_view& src) {
  const std::size_t count = src.shape.pixels();
  const std::size_t blocks = pieces(count, block);
  std::vector<std::int64_t> partial(2 * blocks);  // the least and the greatest of each
  const std::size_t bytes = partial.size() * sizeof partial[0];
  const auto memory = device.allocate(bytes);
  opencl::defines macros{{"SRC_T", opencl_name_of(src.type)}};
  if (src.type == pixel_type::f32) macros.add("IS_FLOAT");
  device.launch(kernels::reduction, "reduction__extrema", macros, {.x = blocks, .cost = block},
                {src, memory, static_cast<cl_ulong>(count)});
  device.read(memory.memory(), partial.data(), bytes);
  std::int64_t least = partial[0], most = partial[1];
  for (std::size_t i = 2; i < partial.size(); i += 2)
    least = std::min(least, partial[i]), most = std::max(most, partial[i + 1]);
  if (src.type != pixel_type::f32) return {static_cast<double>(least), static_cast<double>(most)};
  const auto pixel_of = [](std::int64_t key) {
    const auto bits = static_cast<std::int32_t>(key);
    return static_cast<double>(std::bit_cast<float>(bits ^ (bits >> 31 & 0x7fffffff)));
  };
  return {pixel_of(least), pixel_of(most)};
}

template <pixel T>
extrema extrema_of(view<const T> src) {
  if constexpr (std::same_as<T, float>) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    float least = nan, most = nan;
    for (const float pixel : src) {
      if (std::isnan(pixel)) continue;
      const bool minus = std::signbit(pixel);
      if (std::isnan(least) || pixel < least || (pixel == least && minus)) least = pixel;
      if (std::isnan(most) || pixel > most || (pixel == most && !minus)) most = pixel;
    }
    return {least, most};
  } else {
    return {static_cast<double>(*std::min_element(src.begin(), src.end())),
            static_cast<double>(*std::max_element(src.begin(), src.end()))};
  }
}

/// A sum of integers that may need more than 64 bits: exact until it is rounded, once.
class exact_sum {
 public:
  void add(std::int64_t value) {
    high_ += value >> 32;
    low_ += static_cast<std::uint64_t>(value) & 0xffffffff;
  }
  [[nodiscard]] double rounded() const {
    const auto high = static_cast<double>(high_ + static_cast<std::int64_t>(low_ >> 32));
    return high * 0x1p32 + static_cast<double>(low_ & 0xffffffff);
  }

 private:
  std::int64_t high_ = 0;
  std::uint64_t low_ = 0;
};

inline double sum_of(const opencl::device& device, const opencl::buffer_view& src) {
  const std::size_t count = src.shape.pixels();
  if (count == 0) return 0;
  return visit_pixel_type(src.type, [&]<class T>(std::type_identity<T>) {
    constexpr bool is_float = std::same_as<T, float>;
    using Partial = std::conditional_t<is_float, float, std::int64_t>;
    std::vector<Partial> partial(pieces(count, block));
    const std::size_t bytes = partial.size() * sizeof(Partial);
    const auto memory = device.allocate(bytes);
    device.launch(kernels::reduction, "reduction__sum",
                  {{"SRC_T", opencl_name_of(src.type)},
                   {"ACC_T", is_float        ? "float"
                             : sizeof(T) < 4 ? "int"
                                             : "long"},
                   {"PARTIAL_T", is_float ? "float" : "long"}},
                  {.x = partial.size(), .cost = block},
                  {src, memory, static_cast<cl_ulong>(count)});
    device.read(memory.memory(), partial.data(), bytes);
    if constexpr (is_float) {
      double total = 0;
      for (const float p : partial) total += static_cast<double>(p);
      return total;
    } else {
      exact_sum total;
      for (const std::int64_t p : partial) total.add(p);
      return total.rounded();
    }
  });
}

template <pixel T>
double sum_of(view<const T> src) {
  if constexpr (std::same_as<T, float>) {
    double total = 0;
    for (std::size_t begin = 0; begin < src.size(); begin += block) {
      const std::size_t end = std::min(begin + block, src.size());
      std::array<float, lanes> lane{};
      std::size_t i = begin;
      for (; i + lanes <= end; i += lanes)
        for (std::size_t k = 0; k < lanes; ++k) lane[k] += src[i + k];
      float rest = 0;
      for (; i < end; ++i) rest += src[i];
      for (std::size_t half = lanes / 2; half > 0; half /= 2)
        for (std::size_t k = 0; k < half; ++k) lane[k] += lane[k + half];
      total += static_cast<double>(lane[0] + rest);
    }
    return total;
  } else {
    exact_sum total;
    for (std::size_t begin = 0; begin < src.size(); begin += block) {
      std::int64_t part = 0;
      for (std::size_t i = begin; i < std::min(begin + block, src.size()); ++i) part += src[i];
      total.add(part);
    }
    return total.rounded();
  }
}

/// numpy.linspace(first, last, bins + 1) in float, which numpy.histogram takes for float images.
inline std::vector<float> bin_edges(float first, float last, int bins) {
  const float step = (last - first) / static_cast<float>(bins);
  std::vector<float> edges(static_cast<std::size_t>(bins) + 1);
  for (std::size_t i = 0; i + 1 < edges.size(); ++i)
    edges[i] = product(static_cast<float>(i), step) + first;
  edges.back() = last;
  return edges;
}

/// The range that a histogram counts in. As numpy: a single value gets a range of 1 around it.
struct bin_range {
  float first, last;

  bin_range(float minimum, float maximum, const extrema& pixels, std::int64_t origin)
      : first(std::isnan(minimum) ? static_cast<float>(pixels.least - static_cast<double>(origin))
                                  : minimum),
        last(std::isnan(maximum) ? static_cast<float>(pixels.most - static_cast<double>(origin))
                                 : maximum) {
    if (std::isnan(first) && std::isnan(last)) first = 0, last = 1;  // no pixel that counts
    if (std::isinf(last - first) || std::isinf(first))
      throw argument_error("the range of the pixels is not finite; give minimum and maximum");
    if (!(first <= last))
      throw argument_error(text(
          {"minimum must be <= maximum, got ", number_text(first), " and ", number_text(last)}));
    if (first == last) first -= 0.5f, last += 0.5f;
  }
};

inline pixel_histogram histogram_of(const opencl::device& device, const opencl::buffer_view& src,
                                    int bins, bin_range range, std::int64_t origin) {
  pixel_histogram result{bin_edges(range.first, range.last, bins), {}};
  result.counts.resize(static_cast<std::size_t>(bins));
  const std::size_t count = src.shape.pixels(), n = result.counts.size();
  if (count == 0) return result;
  const bool is_serial = device.launches().variant == opencl::kernel_variant::serial;
  const std::size_t most_parts =
      std::clamp<std::size_t>((std::size_t{16} << 20) / n, 1, is_serial ? 32 : 4096);
  const std::size_t part = std::max<std::size_t>(4096, (count / most_parts / 16 + 1) * 16);
  const std::size_t parts = pieces(count, part);
  const double scale = bins / (static_cast<double>(range.last) - range.first);
  const float widest = std::max(std::abs(range.first), std::abs(range.last));
  const double rounding = static_cast<double>(std::nextafter(widest, INFINITY) - widest) * scale;
  const double margin = std::min(0.5, bins * 0x1p-21 + 2 * rounding);
  const auto edges = device.table(std::span<const float>(result.edges));
  const auto counts = device.allocate(parts * n * sizeof(cl_uint));
  const auto total = device.allocate(n * sizeof(cl_ulong));
  const bool fits_int =
      size_of(src.type) < 4 && std::abs(origin) < 1 << 30;  // a pixel minus origin
  const opencl::defines macros{{"SRC_T", opencl_name_of(src.type)},
                               {"WIDE_T", src.type == pixel_type::f32 ? "float"
                                          : fits_int                  ? "int"
                                                                      : "long"}};
  device.launch(
      kernels::reduction, "reduction__histogram_count", macros,
      {.x = parts, .local = {is_serial ? std::size_t{1} : std::size_t{64}, 1, 1}, .cost = part},
      {src, edges, counts, static_cast<cl_int>(bins), static_cast<cl_float>(scale),
       static_cast<cl_float>(margin), static_cast<cl_ulong>(count), static_cast<cl_ulong>(part),
       static_cast<cl_long>(origin)});
  device.launch(kernels::reduction, "reduction__histogram_sum", macros, {.x = n, .cost = parts},
                {counts, total, static_cast<cl_int>(bins), static_cast<cl_int>(parts)});
  device.read(total.memory(), result.counts.data(), n * sizeof(cl_ulong));
  return result;
}

template <pixel T>
pixel_histogram histogram_of(view<const T> src, int bins, bin_range range, std::int64_t origin) {
  pixel_histogram result{bin_edges(range.first, range.last, bins), {}};
  result.counts.resize(static_cast<std::size_t>(bins));
  const auto& edges = result.edges;
  for (const T p : src) {
    using wide = std::conditional_t<std::same_as<T, float>, float, std::int64_t>;
    const auto pixel = static_cast<float>(static_cast<wide>(p) - static_cast<wide>(origin));
    if (!(pixel >= range.first && pixel <= range.last)) continue;
    const auto above = std::upper_bound(edges.begin(), edges.end() - 1, pixel);
    ++result.counts[static_cast<std::size_t>(above - edges.begin()) - 1];
  }
  return result;
}

}  // namespace detail::reduction

namespace ops {

struct histogram {
  int bins = 256;
  float minimum = std::numeric_limits<float>::quiet_NaN();
  float maximum = std::numeric_limits<float>::quiet_NaN();
  std::int64_t origin = 0;

  static constexpr operation_info about{
      .name = "histogram",
      .theme = "measure",
      .brief = "How many pixels fall into each of equally wide bins",
      .source = "numpy.histogram; clesperanto histogram",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"table", kind::table}}}};
  static constexpr void parameters(auto&& p) {
    using Op = histogram;
    p("bins", &Op::bins, "", "number of bins", 1, 1 << 20);
    p("minimum", &Op::minimum, "", "lower edge of the first bin; auto is the least pixel");
    p("maximum", &Op::maximum, "", "upper edge of the last bin; auto is the greatest pixel");
    p("origin", &Op::origin, "", "subtracted from every pixel first, exactly from integers",
      -4294967296.0, 4294967296.0);
  }

  pixel_histogram operator()(const opencl::device& device, const opencl::buffer_view& src) const {
    const bool any = src.shape.pixels() > 0 && (std::isnan(minimum) || std::isnan(maximum));
    const double nan = std::numeric_limits<double>::quiet_NaN();
    return detail::reduction::histogram_of(
        device, src, bins,
        {minimum, maximum,
         any ? detail::reduction::extrema_of(device, src) : detail::reduction::extrema{nan, nan},
         origin},
        origin);
  }
  template <pixel T>
  pixel_histogram operator()(const reference::device&, view<const T> src) const {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    return detail::reduction::histogram_of(
        src, bins,
        {minimum, maximum,
         src.size() > 0 ? detail::reduction::extrema_of(src) : detail::reduction::extrema{nan, nan},
         origin},
        origin);
  }
};

struct maximum_of_all_pixels {
  static constexpr operation_info about{.name = "maximum_of_all_pixels",
                                        .theme = "measure",
                                        .brief = "The greatest pixel",
                                        .source = "clesperanto maximum_of_all_pixels; numpy.nanmax",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"value", kind::scalar}}}};
  static void check(const shape& size) { detail::reduction::check_pixels(size); }

  double operator()(const opencl::device& device, const opencl::buffer_view& src) const {
    return detail::reduction::extrema_of(device, src).most;
  }
  template <pixel T>
  double operator()(const reference::device&, view<const T> src) const {
    return detail::reduction::extrema_of(src).most;
  }
};

struct mean_of_all_pixels {
  static constexpr operation_info about{.name = "mean_of_all_pixels",
                                        .theme = "measure",
                                        .brief = "The mean of all pixels",
                                        .source = "clesperanto mean_of_all_pixels; numpy.mean",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"value", kind::scalar}}}};
  static void check(const shape& size) { detail::reduction::check_pixels(size); }

  double operator()(const opencl::device& device, const opencl::buffer_view& src) const {
    return detail::reduction::sum_of(device, src) / static_cast<double>(src.shape.pixels());
  }
  template <pixel T>
  double operator()(const reference::device&, view<const T> src) const {
    return detail::reduction::sum_of(src) / static_cast<double>(src.size());
  }
};

struct minimum_of_all_pixels {
  static constexpr operation_info about{.name = "minimum_of_all_pixels",
                                        .theme = "measure",
                                        .brief = "The least pixel",
                                        .source = "clesperanto minimum_of_all_pixels; numpy.nanmin",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"value", kind::scalar}}}};
  static void check(const shape& size) { detail::reduction::check_pixels(size); }

  double operator()(const opencl::device& device, const opencl::buffer_view& src) const {
    return detail::reduction::extrema_of(device, src).least;
  }
  template <pixel T>
  double operator()(const reference::device&, view<const T> src) const {
    return detail::reduction::extrema_of(src).least;
  }
};

struct sum_of_all_pixels {
  static constexpr operation_info about{.name = "sum_of_all_pixels",
                                        .theme = "measure",
                                        .brief = "The sum of all pixels",
                                        .source = "clesperanto sum_of_all_pixels; numpy.sum",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"value", kind::scalar}}}};

  double operator()(const opencl::device& device, const opencl::buffer_view& src) const {
    return detail::reduction::sum_of(device, src);
  }
  template <pixel T>
  double operator()(const reference::device&, view<const T> src) const {
    return detail::reduction::sum_of(src);
  }
};

}  // namespace ops

/// How many pixels fall into each of equally wide bins between minimum and maximum.
/// src      any pixel type; integers become floats once `origin` is subtracted from them
/// p        bins, 1 to 1048576; minimum and maximum, by default those of the image; origin, 0, from
///          which pixels, minimum and maximum are counted
/// returns  edges and counts; pixels outside and NaN are not counted; waits for the device
/// throws   argument_error (minimum > maximum, or a range that is not finite), memory_error
/// parity   the same counts on every device    cost  O(pixels), one read, two with a range to be
///          found
/// source   numpy.histogram of float32, edges included; clesperanto histogram
template <pixel T>
pixel_histogram histogram(const image<T>& src, const ops::histogram& p = {}) {
  return run(p, src);
}

/// The greatest pixel; a NaN does not count, unless all pixels are NaN.
/// src      any pixel type, at least one pixel
/// returns  the pixel, exactly; waits for the device
/// throws   argument_error without pixels, memory_error
/// parity   the same bits on every device    cost  O(pixels), one read
/// source   clesperanto maximum_of_all_pixels; numpy.nanmax
template <pixel T>
double maximum_of_all_pixels(const image<T>& src) {
  return run(ops::maximum_of_all_pixels{}, src);
}

/// The sum of all pixels divided by their number; the sum as sum_of_all_pixels, else as above.
template <pixel T>
double mean_of_all_pixels(const image<T>& src) {
  return run(ops::mean_of_all_pixels{}, src);
}

/// The least pixel; a NaN does not count, unless all pixels are NaN. Else as maximum_of_all_pixels.
template <pixel T>
double minimum_of_all_pixels(const image<T>& src) {
  return run(ops::minimum_of_all_pixels{}, src);
}

/// The sum of all pixels. Integers: exact however many, then rounded once to double. Floats: blocks
/// of 4096 pixels in float, in a fixed order, then the blocks in double.
/// src      any pixel type; without pixels the sum is 0
/// returns  the sum; waits for the device
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels), one read
/// source   clesperanto sum_of_all_pixels; numpy.sum
template <pixel T>
double sum_of_all_pixels(const image<T>& src) {
  return run(ops::sum_of_all_pixels{}, src);
}

}  // namespace gpuimg
