// SPDX-License-Identifier: BSD-3-Clause
// Sums of all pixels, or of those where a mask is, and what is made of sums: means, variances,
// standard deviations, mean squared errors.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include "gpuimg/core/product.hpp"
#include "gpuimg/kernels/measure/sum.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/opencl/primitives.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::sums {

inline constexpr std::size_t block = 4096, lanes = 16;  // the kernels know them, too

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

/// The sum of numbers that come one after the other, in any portions.
template <pixel T>
class running_sum {
 public:
  void add(std::span<const T> numbers) {
    for (const T number : numbers) {
      if (count_ == block) close();
      if constexpr (is_float)
        values_[count_] = number;
      else
        block_sum_ += number;
      ++count_;
    }
  }
  [[nodiscard]] double total() {
    close();
    if constexpr (is_float)
      return total_;
    else
      return total_.rounded();
  }

 private:
  static constexpr bool is_float = std::same_as<T, float>;
  struct nothing {};

  void close() {
    if constexpr (is_float) {
      std::array<float, lanes> lane{};
      std::size_t i = 0;
      for (; i + lanes <= count_; i += lanes)
        for (std::size_t k = 0; k < lanes; ++k) lane[k] += values_[i + k];
      float rest = 0;
      for (; i < count_; ++i) rest += values_[i];
      for (std::size_t half = lanes / 2; half > 0; half /= 2)
        for (std::size_t k = 0; k < half; ++k) lane[k] += lane[k + half];
      total_ += static_cast<double>(lane[0] + rest);
    } else {
      total_.add(block_sum_);
      block_sum_ = 0;
    }
    count_ = 0;
  }

  std::conditional_t<is_float, std::array<float, block>, nothing> values_;
  std::int64_t block_sum_ = 0;
  std::size_t count_ = 0;
  std::conditional_t<is_float, double, exact_sum> total_{};
};

/// Adds up terms of a type, which a kernel makes of what it is given, the first image first. What
/// kind of terms they are is said by more macros.
inline double sum_of_terms(const opencl::device& device, const opencl::buffer_view& src,
                           pixel_type terms, std::initializer_list<opencl::argument> more = {},
                           std::initializer_list<opencl::defines::definition> kind = {}) {
  const std::size_t count = src.shape.pixels();
  if (count == 0) return 0;
  return visit_pixel_type(terms, [&]<class Term>(std::type_identity<Term>) {
    constexpr bool is_float = std::same_as<Term, float>, is_narrow = sizeof(Term) < 4;
    using Sum = std::conditional_t<is_float, float,
                                   std::conditional_t<is_narrow, std::int32_t, std::int64_t>>;
    using Partial = std::conditional_t<is_float, float, std::int64_t>;
    opencl::defines macros{{"SRC_T", opencl_name_of(src.type)},
                           {"TERM_T", opencl_name_of(terms)},
                           {"ACC_T", is_float    ? "float"
                                     : is_narrow ? "int"
                                                 : "long"},
                           {"PARTIAL_T", is_float ? "float" : "long"}};
    for (const auto& macro : kind) macros.add(macro.name, macro.value);
    std::vector<Partial> partial(pieces(count, block));
    const std::size_t bytes = partial.size() * sizeof(Partial);
    const auto memory = device.allocate(bytes);
    std::vector<opencl::argument> arguments{src};
    arguments.insert(arguments.end(), more);
    arguments.emplace_back(memory);
    arguments.emplace_back(static_cast<cl_ulong>(count));
    const char* kernel = "sum__blocks";
    opencl::grid grid{.x = partial.size(), .cost = block};
    if (device.launches().variant != opencl::kernel_variant::serial) {
      kernel = "sum__shared_blocks";
      grid = {.x = partial.size(), .local = {1, parts::group, 1}, .cost = block / lanes};
      arguments.push_back(opencl::argument::local(block * sizeof(Term)));
      arguments.push_back(opencl::argument::local(lanes * sizeof(Sum)));
    }
    device.launch(kernels::sum, kernel, macros, grid, arguments.data(), arguments.size());
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

/// The same of numbers term(i).
template <pixel Term>
double sum_of_terms(std::size_t count, const auto& term) {
  running_sum<Term> sum;
  std::array<Term, block> some;
  for (std::size_t i = 0; i < count; i += block) {
    const std::size_t here = std::min(block, count - i);
    for (std::size_t k = 0; k < here; ++k) some[k] = term(i + k);
    sum.add(std::span(some).first(here));
  }
  return sum.total();
}

/// A type of integers as wide as pixels.
inline const char* integer_as_wide_as(pixel_type type) {
  return size_of(type) == 1 ? "char" : size_of(type) == 2 ? "short" : "int";
}

// Of pixels; of those where a mask is not 0.
inline double sum_of(const opencl::device& device, const opencl::buffer_view& src) {
  return sum_of_terms(device, src, src.type);
}
inline double sum_of(const opencl::device& device, const opencl::buffer_view& src,
                     const opencl::buffer_view& mask) {
  return sum_of_terms(device, src, src.type, {mask}, {{"MASKED", integer_as_wide_as(src.type)}});
}
template <pixel T>
double sum_of(const reference::device&, view<const T> src,
              std::same_as<view<const std::uint8_t>> auto... mask) {
  return sum_of_terms<T>(src.size(),
                         [&](std::size_t i) { return ((mask[i] != 0) && ...) ? src[i] : T{0}; });
}

// Of the squares of what pixels, or those where a mask is not 0, differ by from a number.
inline double squares_of(const opencl::device& device, float number,
                         const opencl::buffer_view& src) {
  return sum_of_terms(device, src, pixel_type::f32, {number}, {{"OF_NUMBER", ""}});
}
inline double squares_of(const opencl::device& device, float number, const opencl::buffer_view& src,
                         const opencl::buffer_view& mask) {
  return sum_of_terms(device, src, pixel_type::f32, {number, mask},
                      {{"OF_NUMBER", ""}, {"MASKED", "int"}});
}
template <pixel T>
double squares_of(const reference::device&, float number, view<const T> src,
                  std::same_as<view<const std::uint8_t>> auto... mask) {
  return sum_of_terms<float>(src.size(), [&](std::size_t i) {
    const float difference = static_cast<float>(src[i]) - number;
    return ((mask[i] != 0) && ...) ? product(difference, difference) : 0;
  });
}

// How many pixels of a mask are not 0.
inline double count_of(const opencl::device& device, const opencl::buffer_view& mask) {
  return sum_of_terms(device, mask, mask.type, {}, {{"OF_ONES", ""}});
}
inline double count_of(const reference::device&, view<const std::uint8_t> mask) {
  return static_cast<double>(std::ranges::count_if(mask, [](auto pixel) { return pixel != 0; }));
}

// Of the squares of the differences of two images.
inline double squares_of_differences(const opencl::device& device, const opencl::buffer_view& src0,
                                     const opencl::buffer_view& src1) {
  return sum_of_terms(device, src0, pixel_type::f32, {src1},
                      {{"OTHER_T", opencl_name_of(src1.type)}});
}
template <pixel T, pixel U>
double squares_of_differences(const reference::device&, view<const T> src0, view<const U> src1) {
  return sum_of_terms<float>(src0.size(), [&](std::size_t i) {
    const float difference = static_cast<float>(src0[i]) - static_cast<float>(src1[i]);
    return product(difference, difference);
  });
}

/// The variance of so many pixels: all of an image, or those where a mask is not 0.
double variance_of(const auto& device, int ddof, double pixels, const auto&... images) {
  const double mean = sum_of(device, images...) / pixels;
  if (!std::isfinite(mean)) return std::numeric_limits<double>::quiet_NaN();
  const auto near = static_cast<float>(mean);
  const double squares = squares_of(device, near, images...);
  const double rounding = mean - static_cast<double>(near);
  const double rest = std::max(squares - product(pixels * rounding, rounding), 0.0);
  return rest / std::max(pixels - ddof, 0.0);
}

}  // namespace detail::sums

namespace ops {

struct mean_of_all_pixels {
  static constexpr operation_info about{.name = "mean_of_all_pixels",
                                        .theme = "measure",
                                        .brief = "The mean of all pixels",
                                        .source = "clesperanto mean_of_all_pixels; numpy.mean",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"value", kind::scalar}}}};
  static void check(const shape& size) { detail::check_has_pixels(size); }

  double operator()(const opencl::device& device, const opencl::buffer_view& src) const {
    return detail::sums::sum_of(device, src) / static_cast<double>(src.shape.pixels());
  }
  template <pixel T>
  double operator()(const reference::device& device, view<const T> src) const {
    return detail::sums::sum_of(device, src) / static_cast<double>(src.size());
  }
};

struct mean_of_masked_pixels {
  static constexpr operation_info about{
      .name = "mean_of_masked_pixels",
      .theme = "measure",
      .brief = "The mean of the pixels where a mask is not 0",
      .source = "clesperanto prototype mean_of_masked_pixels; numpy.mean (where)",
      .inputs = {{{"src", kind::image}, {"mask", kind::binary}}},
      .outputs = {{{"value", kind::scalar}}}};

  template <pixel T>
  double operator()(const image<T>& src, const binary_image& mask) const {
    const auto mean = [](const auto& device, const auto& pixels, const auto& where) {
      return detail::sums::sum_of(device, pixels, where) / detail::sums::count_of(device, where);
    };
    return detail::on_backend(mean, src, mask)();
  }
};

struct mean_squared_error {
  static constexpr operation_info about{
      .name = "mean_squared_error",
      .theme = "measure",
      .brief = "The mean of the squares of the differences of two images",
      .source = "clesperanto mean_squared_error; skimage.metrics.mean_squared_error",
      .inputs = {{{"src0", kind::image}, {"src1", kind::image}}},
      .outputs = {{{"value", kind::scalar}}}};
  static void check(const shape& size) { detail::check_has_pixels(size); }

  template <pixel T, pixel U>
  double operator()(const image<T>& src0, const image<U>& src1) const {
    const auto squares = [](const auto& device, const auto&... images) {
      return detail::sums::squares_of_differences(device, images...);
    };
    return detail::on_backend(squares, src0, src1)() / static_cast<double>(src0.shape().pixels());
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
    return detail::sums::sum_of(device, src);
  }
  template <pixel T>
  double operator()(const reference::device& device, view<const T> src) const {
    return detail::sums::sum_of(device, src);
  }
};

struct sum_of_masked_pixels {
  static constexpr operation_info about{.name = "sum_of_masked_pixels",
                                        .theme = "measure",
                                        .brief = "The sum of the pixels where a mask is not 0",
                                        .source = "numpy.sum (where)",
                                        .inputs = {{{"src", kind::image}, {"mask", kind::binary}}},
                                        .outputs = {{{"value", kind::scalar}}}};

  double operator()(const opencl::device& device, const opencl::buffer_view& src,
                    const opencl::buffer_view& mask) const {
    return detail::sums::sum_of(device, src, mask);
  }
  template <pixel T>
  double operator()(const reference::device& device, view<const T> src,
                    view<const std::uint8_t> mask) const {
    return detail::sums::sum_of(device, src, mask);
  }
};

struct variance_of_all_pixels {
  int ddof = 0;

  static constexpr operation_info about{.name = "variance_of_all_pixels",
                                        .theme = "measure",
                                        .brief = "The variance of all pixels",
                                        .source = "clesperanto variance_of_all_pixels; numpy.var",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"value", kind::scalar}}}};
  static constexpr void parameters(auto&& p) {
    p("ddof", &variance_of_all_pixels::ddof, "", "how much less than the number of pixels divides",
      0, 2147483647);
  }
  static void check(const shape& size) { detail::check_has_pixels(size); }

  template <pixel T>
  double operator()(const image<T>& src) const {
    const auto variance = [&](const auto& device, const auto& pixels) {
      return detail::sums::variance_of(device, ddof, static_cast<double>(src.shape().pixels()),
                                       pixels);
    };
    return detail::on_backend(variance, src)();
  }
};

struct variance_of_masked_pixels {
  int ddof = 0;

  static constexpr operation_info about{.name = "variance_of_masked_pixels",
                                        .theme = "measure",
                                        .brief = "The variance of the pixels where a mask is not 0",
                                        .source = "numpy.var (where)",
                                        .inputs = {{{"src", kind::image}, {"mask", kind::binary}}},
                                        .outputs = {{{"value", kind::scalar}}}};
  static constexpr void parameters(auto&& p) {
    p("ddof", &variance_of_masked_pixels::ddof, "",
      "how much less than the number of pixels divides", 0, 2147483647);
  }

  template <pixel T>
  double operator()(const image<T>& src, const binary_image& mask) const {
    const auto variance = [&](const auto& device, const auto& pixels, const auto& where) {
      return detail::sums::variance_of(device, ddof, detail::sums::count_of(device, where), pixels,
                                       where);
    };
    return detail::on_backend(variance, src, mask)();
  }
};

struct standard_deviation_of_all_pixels {
  int ddof = 0;

  static constexpr operation_info about{
      .name = "standard_deviation_of_all_pixels",
      .theme = "measure",
      .brief = "The standard deviation of all pixels",
      .source = "clesperanto standard_deviation_of_all_pixels; numpy.std",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"value", kind::scalar}}}};
  static constexpr void parameters(auto&& p) {
    p("ddof", &standard_deviation_of_all_pixels::ddof, "",
      "how much less than the number of pixels divides", 0, 2147483647);
  }
  static void check(const shape& size) { detail::check_has_pixels(size); }

  template <pixel T>
  double operator()(const image<T>& src) const {
    return std::sqrt(variance_of_all_pixels{ddof}(src));
  }
};

struct standard_deviation_of_masked_pixels {
  int ddof = 0;

  static constexpr operation_info about{
      .name = "standard_deviation_of_masked_pixels",
      .theme = "measure",
      .brief = "The standard deviation of the pixels where a mask is not 0",
      .source = "numpy.std (where)",
      .inputs = {{{"src", kind::image}, {"mask", kind::binary}}},
      .outputs = {{{"value", kind::scalar}}}};
  static constexpr void parameters(auto&& p) {
    p("ddof", &standard_deviation_of_masked_pixels::ddof, "",
      "how much less than the number of pixels divides", 0, 2147483647);
  }

  template <pixel T>
  double operator()(const image<T>& src, const binary_image& mask) const {
    return std::sqrt(variance_of_masked_pixels{ddof}(src, mask));
  }
};

}  // namespace ops

/// The sum of all pixels divided by their number; the sum as sum_of_all_pixels, else as that.
template <pixel T>
double mean_of_all_pixels(const image<T>& src) {
  return run(ops::mean_of_all_pixels{}, src);
}

/// The mean of the pixels where a mask is not 0: sum_of_masked_pixels divided by their number. NaN
/// where there are none. Else as that.
/// source   numpy.mean (where); CLIJ2 meanOfMaskedPixels
template <pixel T>
double mean_of_masked_pixels(const image<T>& src, const binary_image& mask) {
  return run(ops::mean_of_masked_pixels{}, src, mask);
}

/// The mean of the squares of the differences of two images: mean_of_all_pixels of
/// squared_difference.
/// src0, src1  any pixel types, the same shape, at least one pixel; pixels are taken as floats
/// returns  the mean; waits for the device
/// throws   argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels), one read of each
/// source   clesperanto mean_squared_error; skimage.metrics.mean_squared_error
template <pixel T, pixel U>
double mean_squared_error(const image<T>& src0, const image<U>& src1) {
  return run(ops::mean_squared_error{}, src0, src1);
}

/// The square root of variance_of_all_pixels. Else as that.
/// source   clesperanto standard_deviation_of_all_pixels; numpy.std
template <pixel T>
double standard_deviation_of_all_pixels(const image<T>& src,
                                        const ops::standard_deviation_of_all_pixels& p = {}) {
  return run(p, src);
}

/// The square root of variance_of_masked_pixels. Else as that.
/// source   numpy.std (where); CLIJ2 standardDeviationOfMaskedPixels
template <pixel T>
double standard_deviation_of_masked_pixels(const image<T>& src, const binary_image& mask,
                                           const ops::standard_deviation_of_masked_pixels& p = {}) {
  return run(p, src, mask);
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

/// The sum of the pixels where a mask is not 0: sum_of_all_pixels where the others are 0.
/// src      any pixel type    mask  of the same shape
/// returns  the sum; waits for the device
/// throws   argument_error (another shape), memory_error
/// parity   the same bits on every device    cost  O(pixels), one read of each
/// source   numpy.sum (where); CLIJ2 sumOfMaskedPixels
template <pixel T>
double sum_of_masked_pixels(const image<T>& src, const binary_image& mask) {
  return run(ops::sum_of_masked_pixels{}, src, mask);
}

/// The variance of all pixels: the sum of the squares of their distances from the mean, in floats
/// as sum_of_all_pixels, divided by their number - ddof. Where that is not above 0, the result is
/// NaN or infinity as with numpy; NaN, too, where the mean is not finite.
/// src      any pixel type, at least one pixel    p  ddof
/// returns  the variance; waits for the device
/// throws   argument_error without pixels, memory_error
/// parity   the same bits on every device    cost  O(pixels), two reads
/// source   clesperanto variance_of_all_pixels; numpy.var
template <pixel T>
double variance_of_all_pixels(const image<T>& src, const ops::variance_of_all_pixels& p = {}) {
  return run(p, src);
}

/// The variance of the pixels where a mask is not 0, as variance_of_all_pixels of all; NaN without
/// pixels.
/// src      any pixel type    mask  of the same shape    p  ddof
/// returns  the variance; waits for the device
/// throws   argument_error (another shape), memory_error
/// parity   the same bits on every device    cost  O(pixels), two reads of the image, three of the
///          mask
/// source   numpy.var (where); CLIJ2 varianceOfMaskedPixels
template <pixel T>
double variance_of_masked_pixels(const image<T>& src, const binary_image& mask,
                                 const ops::variance_of_masked_pixels& p = {}) {
  return run(p, src, mask);
}

}  // namespace gpuimg
