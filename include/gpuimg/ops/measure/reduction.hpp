// SPDX-License-Identifier: BSD-3-Clause
// The least and the greatest of all pixels, percentiles, and histograms.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "gpuimg/core/table.hpp"
#include "gpuimg/kernels/measure/reduction.cl.hpp"
#include "gpuimg/neighborhood.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/opencl/primitives.hpp"
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

struct extrema {
  double least, most;
};

/// Types of pixels, and of pixels minus `origin`.
inline opencl::defines macros_of(pixel_type type, std::int64_t origin = 0) {
  const bool is_float = type == pixel_type::f32, is_narrow = size_of(type) < 4;
  return {{"SRC_T", opencl_name_of(type)},
          {"WIDE_T", is_float                                  ? "float"
                     : is_narrow && std::abs(origin) < 1 << 30 ? "int"
                                                               : "long"},
          {is_float ? "IS_FLOAT" : "IS_INTEGER", ""}};
}

/// Extrema as the kernels keep them: numbers in the order of the pixels, the least one inverted, so
/// that zeros are less than any.
inline constexpr std::size_t extrema_words = 2;

/// Adds the extrema of all parts to the words, which are zeros at first; or `are_apart`, each part
/// has words of its own.
inline void put_extrema(const opencl::device& device, const opencl::buffer_view& src,
                        const parts& all, const opencl::buffer& words, bool are_apart) {
  const opencl::argument arguments[] = {src,
                                        words,
                                        cl_uint{are_apart},
                                        static_cast<cl_ulong>(src.shape.pixels()),
                                        static_cast<cl_ulong>(all.size),
                                        opencl::argument::local(parts::group * sizeof(cl_uint2))};
  device.launch(kernels::reduction,
                all.is_shared() ? "reduction__shared_extrema" : "reduction__extrema",
                macros_of(src.type), all.grid(), arguments, all.is_shared() ? 6 : 5);
}

inline extrema extrema_in(const cl_uint* words, pixel_type type) {
  return visit_pixel_type(type, [&]<class T>(std::type_identity<T>) -> extrema {
    if constexpr (std::same_as<T, float>) {
      const auto pixel_of = [](std::uint32_t number) {
        const auto bits = static_cast<std::int32_t>(number - 0x7f800001u);
        return static_cast<double>(std::bit_cast<float>(bits ^ (bits >> 31 & 0x7fffffff)));
      };
      return {pixel_of(~words[0]), pixel_of(words[1] - 0x00fffffeu)};
    } else if constexpr (std::is_signed_v<T>) {
      const auto pixel_of = [](std::uint32_t number) {
        return static_cast<double>(static_cast<std::int32_t>(number ^ 0x80000000u));
      };
      return {pixel_of(~words[0]), pixel_of(words[1])};
    } else {
      return {static_cast<double>(~words[0]), static_cast<double>(words[1])};
    }
  });
}

inline extrema extrema_of(const opencl::device& device, const opencl::buffer_view& src) {
  const parts all(device, src.shape.pixels());
  std::vector<cl_uint> words(extrema_words * all.count);
  const auto memory = device.allocate(words.size() * sizeof(cl_uint));
  put_extrema(device, src, all, memory, true);
  device.read(memory.memory(), words.data(), words.size() * sizeof(cl_uint));
  for (std::size_t i = extrema_words; i < words.size(); ++i)
    words[i % extrema_words] = std::max(words[i % extrema_words], words[i]);
  return extrema_in(words.data(), src.type);
}

template <pixel T>
extrema extrema_of(const reference::device&, view<const T> src) {
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

  bin_range(float minimum, float maximum, const extrema& pixels)
      : first(std::isnan(minimum) ? static_cast<float>(pixels.least) : minimum),
        last(std::isnan(maximum) ? static_cast<float>(pixels.most) : maximum) {
    if (std::isnan(first) && std::isnan(last)) first = 0, last = 1;  // no pixel that counts
    if (std::isinf(last - first) || std::isinf(first))
      throw argument_error("the range of the pixels is not finite; give minimum and maximum");
    if (!(first <= last))
      throw argument_error(text(
          {"minimum must be <= maximum, got ", number_text(first), " and ", number_text(last)}));
    if (first == last) first -= 0.5f, last += 0.5f;
  }
};

/// Which histogram is wanted; minimum or maximum NaN is that of the pixels.
struct bin_request {
  int bins;
  float minimum, maximum;
  std::int64_t origin;

  [[nodiscard]] bool needs_extrema() const { return std::isnan(minimum) || std::isnan(maximum); }
};

/// A histogram, and the extrema of the pixels where its range was made of them.
struct counted_pixels {
  extrema pixels;
  pixel_histogram histogram;

  /// None is counted yet.
  counted_pixels(const bin_request& wanted, const extrema& found, pixel_type type) : pixels(found) {
    const auto relative = [&](double pixel) {  // as pixels are counted
      return type == pixel_type::f32 ? static_cast<double>(static_cast<float>(pixel) -
                                                           static_cast<float>(wanted.origin))
                                     : pixel - static_cast<double>(wanted.origin);
    };
    const bin_range range(wanted.minimum, wanted.maximum,
                          {relative(found.least), relative(found.most)});
    histogram.edges = bin_edges(range.first, range.last, wanted.bins);
    histogram.counts.resize(static_cast<std::size_t>(wanted.bins));
  }
};

inline constexpr extrema no_extrema{std::numeric_limits<double>::quiet_NaN(),
                                    std::numeric_limits<double>::quiet_NaN()};

/// Counts the pixels of images, of which a second one is a mask, in bins of a range.
inline void launch_histogram(const opencl::device& device, const opencl::defines& macros,
                             std::span<const opencl::buffer_view> images,
                             const opencl::buffer& words, std::size_t bins,
                             std::initializer_list<opencl::argument> range) {
  const std::size_t pixels = images[0].shape.pixels();
  std::array<opencl::argument, 12> arguments;
  std::size_t count = 0;
  for (const auto& image : images) arguments[count++] = image;
  arguments[count++] = words;
  arguments[count++] = static_cast<cl_int>(bins);
  for (const auto& argument : range) arguments[count++] = argument;
  arguments[count++] = static_cast<cl_ulong>(pixels);
  const auto launch = [&](const char* kernel, const opencl::grid& grid, const parts& all,
                          std::initializer_list<opencl::argument> rest) {
    arguments[count++] = static_cast<cl_ulong>(all.size);
    for (const auto& argument : rest) arguments[count++] = argument;
    device.launch(kernels::reduction, kernel, macros, grid, arguments.data(), count);
  };
  if (device.launches().variant == opencl::kernel_variant::serial) {
    constexpr std::size_t copies = 4;  // the kernel knows it, too
    const parts all(device, pixels, 4 * copies * bins);
    const auto tables = device.allocate(all.count * copies * (bins + 1) * sizeof(cl_uint));
    launch("reduction__histogram", all.grid(), all, {tables});
    return;
  }
  // Tables in 16 KB of local memory: 8 of 512 bins each, or one for each slice of many bins.
  const std::size_t slice = std::min<std::size_t>(bins, 4095),
                    copies = std::clamp<std::size_t>(4096 / (slice + 1), 1, 8);
  const parts all(device, pixels);
  opencl::grid grid = all.grid();
  grid.z = pieces(bins, slice);
  launch("reduction__shared_histogram", grid, all,
         {opencl::argument::local(copies * (slice + 1) * sizeof(cl_uint)),
          static_cast<cl_uint>(slice), static_cast<cl_uint>(copies)});
}

/// The counts among the words that a histogram was counted in.
inline std::vector<std::uint64_t> counts_in(std::span<const cl_uint> words) {
  std::vector<std::uint64_t> counts;
  for (std::size_t i = extrema_words; i < words.size(); i += 2)
    counts.push_back(words[i] | std::uint64_t{words[i + 1]} << 32);
  return counts;
}

inline counted_pixels count(const opencl::device& device, const opencl::buffer_view& src,
                            const bin_request& wanted) {
  const auto bins = static_cast<std::size_t>(wanted.bins);
  std::vector<cl_uint> words(extrema_words + 2 * bins);  // two for each bin, the low one first
  const bool is_empty = src.shape.pixels() == 0;
  if (!is_empty) {
    const auto memory = device.allocate(words.size() * sizeof(cl_uint));
    opencl::fill_zero(device, memory, words.size());
    if (wanted.needs_extrema())
      put_extrema(device, src, parts(device, src.shape.pixels()), memory, false);
    launch_histogram(device, macros_of(src.type, wanted.origin), {&src, 1}, memory, bins,
                     {wanted.minimum, wanted.maximum, static_cast<cl_long>(wanted.origin)});
    device.read(memory.memory(), words.data(), words.size() * sizeof(cl_uint));
  }
  counted_pixels result(wanted, is_empty ? no_extrema : extrema_in(words.data(), src.type),
                        src.type);
  result.histogram.counts = counts_in(words);
  return result;
}

template <pixel T>
counted_pixels count(const reference::device& device, view<const T> src,
                     const bin_request& wanted) {
  const bool has_extrema = src.size() > 0 && wanted.needs_extrema();
  counted_pixels result(wanted, has_extrema ? extrema_of(device, src) : no_extrema,
                        pixel_type_of<T>());
  const auto& edges = result.histogram.edges;
  for (const T p : src) {
    using wide = std::conditional_t<std::same_as<T, float>, float, std::int64_t>;
    const auto pixel = static_cast<float>(static_cast<wide>(p) - static_cast<wide>(wanted.origin));
    if (!(pixel >= edges.front() && pixel <= edges.back())) continue;
    const auto above = std::upper_bound(edges.begin(), edges.end() - 1, pixel);
    ++result.histogram.counts[static_cast<std::size_t>(above - edges.begin()) - 1];
  }
  return result;
}

/// The histograms of blocks, one behind the other: along x, block i of n begins at pixel
/// i * size.x / n, and so on. The range must be given.
inline std::vector<std::uint32_t> count_blocks(const opencl::device& device,
                                               const opencl::buffer_view& src,
                                               const bin_request& wanted, const shape& blocks) {
  const auto bins = static_cast<std::size_t>(wanted.bins);
  const std::size_t bytes = blocks.pixels() * bins * sizeof(cl_uint);
  const auto memory = device.allocate(bytes);
  std::vector<std::uint32_t> counts(blocks.pixels() * bins);
  const bool shared = device.launches().variant == opencl::kernel_variant::cooperative;
  opencl::defines macros = macros_of(src.type, wanted.origin);
  if (shared) macros.add("SHARED");
  const std::size_t items = shared ? parts::group : 1;
  const opencl::grid grid{
      .x = blocks.pixels(),
      .local = {1, items, 1},
      .cost = pieces(pieces(src.shape.pixels(), blocks.pixels()) + 2 * bins, items)};
  device.launch(kernels::reduction, "reduction__block_histograms", macros, grid,
                {src, memory, static_cast<cl_int>(wanted.bins), wanted.minimum, wanted.maximum,
                 static_cast<cl_long>(wanted.origin), src.shape, blocks,
                 opencl::argument::local(bins * sizeof(cl_uint))});
  device.read(memory.memory(), counts.data(), bytes);
  return counts;
}

template <pixel T>
std::vector<std::uint32_t> count_blocks(const reference::device& device, view<const T> src,
                                        const bin_request& wanted, const shape& blocks) {
  const shape size = src.shape();
  std::vector<std::uint32_t> counts;
  for_each_pixel(blocks, [&](std::size_t bx, std::size_t by, std::size_t bz) {
    std::vector<T> pixels;
    for (std::size_t z = bz * size.z / blocks.z; z < (bz + 1) * size.z / blocks.z; ++z)
      for (std::size_t y = by * size.y / blocks.y; y < (by + 1) * size.y / blocks.y; ++y)
        for (std::size_t x = bx * size.x / blocks.x; x < (bx + 1) * size.x / blocks.x; ++x)
          pixels.push_back(src(x, y, z));
    const view<const T> block(pixels.data(), {pixels.size()});
    for (const auto number : count(device, block, wanted).histogram.counts)
      counts.push_back(static_cast<std::uint32_t>(number));
  });
  return counts;
}

/// Finds the pixel of a percentile by histograms of ranks, each of a digit more.
class percentile_search {
 public:
  percentile_search(double percentile, pixel_type type)
      : percentile_(percentile), type_(type), bits_(8 * size_of(type)) {}

  [[nodiscard]] bool is_done() const { return bits_ == 0; }
  /// The histogram that is wanted next: bins of 2^shift ranks, from the rank `first` on.
  [[nodiscard]] std::uint32_t first() const { return first_; }
  [[nodiscard]] std::size_t shift() const { return bits_ - digit(); }
  [[nodiscard]] std::size_t bins() const { return std::size_t{1} << digit(); }
  void narrow(std::span<const std::uint64_t> counts) {
    if (!before_) {
      std::uint64_t pixels = 0;
      for (const auto count : counts) pixels += count;
      if (pixels == 0) {
        bits_ = 0;
        return;
      }
      before_ = pixels_before(percentile_, pixels);
    }
    std::size_t bin = 0;
    while (counts[bin] <= *before_) *before_ -= counts[bin++];
    first_ += static_cast<std::uint32_t>(bin << shift());
    bits_ = shift();
  }
  /// NaN where there is no pixel.
  [[nodiscard]] double found() const {
    return before_ ? pixel_of_rank(first_, type_) : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  [[nodiscard]] std::size_t digit() const { return std::min<std::size_t>(bits_, 11); }

  double percentile_;
  pixel_type type_;
  std::size_t bits_;  // of the rank that are not known yet
  std::uint32_t first_ = 0;
  std::optional<std::uint64_t> before_{};  // pixels below the one wanted, among those counted next
};

/// How many pixels have the ranks that a search wants to know of; where there is a second image, a
/// mask, only where that is not 0.
inline std::vector<std::uint64_t> count_ranks(const opencl::device& device,
                                              const percentile_search& search,
                                              std::span<const opencl::buffer_view> images) {
  std::vector<cl_uint> words(extrema_words + 2 * search.bins());
  if (images[0].shape.pixels() > 0) {
    const auto memory = device.allocate(words.size() * sizeof(cl_uint));
    opencl::fill_zero(device, memory, words.size());
    opencl::defines macros = macros_of(images[0].type);
    macros.add("OF_RANKS");
    macros.add("RANK_OF_ZERO", text({rank_of_zero(images[0].type), "u"}));
    if (images.size() > 1) macros.add("MASK");
    launch_histogram(device, macros, images, memory, search.bins(),
                     {search.first(), static_cast<cl_uint>(search.shift())});
    device.read(memory.memory(), words.data(), words.size() * sizeof(cl_uint));
  }
  return counts_in(words);
}

template <pixel T>
std::vector<std::uint64_t> count_ranks(const reference::device&, const percentile_search& search,
                                       view<const T> src,
                                       std::same_as<view<const std::uint8_t>> auto... mask) {
  std::vector<std::uint64_t> counts(search.bins());
  for (std::size_t i = 0; i < src.size(); ++i) {
    const std::uint32_t bin = (rank_of(src[i]) - search.first()) >> search.shift();
    if (bin < counts.size() && ((mask[i] != 0) && ...)) ++counts[bin];
  }
  return counts;
}

inline double percentile_of(const opencl::device& device, double percentile,
                            std::initializer_list<opencl::buffer_view> images) {
  percentile_search search(percentile, images.begin()->type);
  while (!search.is_done()) search.narrow(count_ranks(device, search, images));
  return search.found();
}

/// Of pixels in any order, which they lose.
template <pixel T>
double percentile_of(std::vector<T> pixels, double percentile) {
  if (pixels.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto wanted =
      pixels.begin() + static_cast<std::ptrdiff_t>(pixels_before(percentile, pixels.size()));
  std::ranges::nth_element(pixels, wanted, {}, ordered<T>);
  return static_cast<double>(*wanted);
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
    return detail::reduction::count(device, src, wanted()).histogram;
  }
  template <pixel T>
  pixel_histogram operator()(const reference::device& device, view<const T> src) const {
    return detail::reduction::count(device, src, wanted()).histogram;
  }

  [[nodiscard]] detail::reduction::bin_request wanted() const {
    return {bins, minimum, maximum, origin};
  }
};

struct maximum_of_all_pixels {
  static constexpr operation_info about{.name = "maximum_of_all_pixels",
                                        .theme = "measure",
                                        .brief = "The greatest pixel",
                                        .source = "clesperanto maximum_of_all_pixels; numpy.nanmax",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"value", kind::scalar}}}};
  static void check(const shape& size) { detail::check_has_pixels(size); }

  double operator()(const opencl::device& device, const opencl::buffer_view& src) const {
    return detail::reduction::extrema_of(device, src).most;
  }
  template <pixel T>
  double operator()(const reference::device& device, view<const T> src) const {
    return detail::reduction::extrema_of(device, src).most;
  }
};

struct minimum_of_all_pixels {
  static constexpr operation_info about{.name = "minimum_of_all_pixels",
                                        .theme = "measure",
                                        .brief = "The least pixel",
                                        .source = "clesperanto minimum_of_all_pixels; numpy.nanmin",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"value", kind::scalar}}}};
  static void check(const shape& size) { detail::check_has_pixels(size); }

  double operator()(const opencl::device& device, const opencl::buffer_view& src) const {
    return detail::reduction::extrema_of(device, src).least;
  }
  template <pixel T>
  double operator()(const reference::device& device, view<const T> src) const {
    return detail::reduction::extrema_of(device, src).least;
  }
};

struct percentile_of_all_pixels {
  double percentile = 50;

  static constexpr operation_info about{.name = "percentile_of_all_pixels",
                                        .theme = "measure",
                                        .brief = "The median of all pixels, or another percentile",
                                        .source = "numpy.percentile (method lower)",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"value", kind::scalar}}}};
  static constexpr void parameters(auto&& p) {
    p("percentile", &percentile_of_all_pixels::percentile, "%",
      "how many of the pixels are less; 50 is the median", 0, 100);
  }

  double operator()(const opencl::device& device, const opencl::buffer_view& src) const {
    return detail::reduction::percentile_of(device, percentile, {src});
  }
  template <pixel T>
  double operator()(const reference::device&, view<const T> src) const {
    return detail::reduction::percentile_of(std::vector<T>(src.begin(), src.end()), percentile);
  }
};

struct percentile_of_masked_pixels {
  double percentile = 50;

  static constexpr operation_info about{
      .name = "percentile_of_masked_pixels",
      .theme = "measure",
      .brief = "The median of the pixels where a mask is not 0, or another percentile",
      .source = "numpy.percentile (method lower)",
      .inputs = {{{"src", kind::image}, {"mask", kind::binary}}},
      .outputs = {{{"value", kind::scalar}}}};
  static constexpr void parameters(auto&& p) {
    p("percentile", &percentile_of_masked_pixels::percentile, "%",
      "how many of the pixels are less; 50 is the median", 0, 100);
  }

  double operator()(const opencl::device& device, const opencl::buffer_view& src,
                    const opencl::buffer_view& mask) const {
    return detail::reduction::percentile_of(device, percentile, {src, mask});
  }
  template <pixel T>
  double operator()(const reference::device&, view<const T> src,
                    view<const std::uint8_t> mask) const {
    std::vector<T> pixels;
    for (std::size_t i = 0; i < src.size(); ++i)
      if (mask[i] != 0) pixels.push_back(src[i]);
    return detail::reduction::percentile_of(std::move(pixels), percentile);
  }
};

}  // namespace ops

namespace detail::reduction {

// For compositions, which want both at once, and for tiles.
template <pixel T>
extrema extrema_of(const image<T>& src) {
  const auto both = [](const auto& device, const auto& pixels) {
    return extrema_of(device, pixels);
  };
  return on_backend(both, src)();
}

template <pixel T>
std::vector<std::uint32_t> count_blocks(const image<T>& src, const ops::histogram& p,
                                        const shape& blocks) {
  const auto both = [&](const auto& device, const auto& pixels) {
    return count_blocks(device, pixels, p.wanted(), blocks);
  };
  return on_backend(both, src)();
}

template <pixel T>
std::vector<std::uint64_t> count_ranks(const percentile_search& search, const image<T>& src,
                                       const std::same_as<binary_image> auto&... mask) {
  const auto both = [&](const auto& device, const auto&... images) {
    if constexpr (std::same_as<decltype(device), const opencl::device&>)
      return count_ranks(device, search, std::array{images...});
    else
      return count_ranks(device, search, images...);
  };
  return on_backend(both, src, mask...)();
}

template <pixel T>
counted_pixels count(const image<T>& src, const ops::histogram& p) {
  const auto both = [&](const auto& device, const auto& pixels) {
    return count(device, pixels, p.wanted());
  };
  try {
    return on_backend(both, src)();
  } catch (...) {
    rethrow_with_context(ops::histogram::about, {operand_of(src)});
  }
}

}  // namespace detail::reduction

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

/// The least pixel; a NaN does not count, unless all pixels are NaN. Else as maximum_of_all_pixels.
template <pixel T>
double minimum_of_all_pixels(const image<T>& src) {
  return run(ops::minimum_of_all_pixels{}, src);
}

/// A percentile of all pixels, which is one of them: pixel floor(percentile / 100 * (n - 1)), from
/// 0, of n in order.
/// src      any pixel type; floats in their total order: -0 < +0, and a positive NaN is above
///          everything
/// p        percentile, 0 (the least pixel) to 100 (the greatest); 50 is the median
/// returns  the pixel, exactly; NaN without pixels; waits for the device
/// throws   argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels), a read for each 11 bits of a pixel
/// source   numpy.percentile (method lower)
template <pixel T>
double percentile_of_all_pixels(const image<T>& src, const ops::percentile_of_all_pixels& p = {}) {
  return run(p, src);
}

/// A percentile of the pixels where a mask, of the same shape, is not 0; NaN where it is 0
/// everywhere. Else as percentile_of_all_pixels.
template <pixel T>
double percentile_of_masked_pixels(const image<T>& src, const binary_image& mask,
                                   const ops::percentile_of_masked_pixels& p = {}) {
  return run(p, src, mask);
}

}  // namespace gpuimg
