// SPDX-License-Identifier: BSD-3-Clause
// Operations on pixels one by one.
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "gpuimg/formula.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::pointwise {

// What operations on one or two images of one kind say of themselves.
constexpr operation_info about(const char* name, const char* brief, const char* source,
                               std::size_t images, kind src = kind::image, kind dst = kind::image) {
  operation_info info{.name = name,
                      .theme = "pointwise",
                      .brief = brief,
                      .source = source,
                      .inputs = {},
                      .outputs = {{{"dst", dst}}}};
  if (images == 1)
    info.inputs[0] = {"src", src};
  else
    info.inputs = {{{"src0", src}, {"src1", src}}};
  return info;
}

// What a whole number is compared with instead of a number that may lie between two of them:
// v > 2.5 says v > 2, v < 2.5 says v < 3, and nothing is 2.5.
inline double down(double value) { return std::floor(value); }
inline double up(double value) { return std::ceil(value); }
inline double exactly(double value) { return value == std::floor(value) ? value : -infinity; }

// A type that holds all pixels of type T, and numbers below and above them.
template <pixel T>
using wider = std::conditional_t<std::same_as<T, float>, float,
                                 std::conditional_t<sizeof(T) < 4, std::int32_t, std::int64_t>>;

}  // namespace detail::pointwise

namespace ops {

struct absolute {
  static constexpr auto about = detail::pointwise::about(
      "absolute", "The pixels without their sign", "clesperanto absolute; numpy.abs", 1);
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, decltype(a) zero = 0), (a < zero) ? zero - a : a + zero)
};

struct absolute_difference {
  static constexpr auto about = detail::pointwise::about(
      "absolute_difference", "How far apart the pixels of two images are",
      "clesperanto absolute_difference; skimage.util.compare_images (diff)", 2);
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float b, decltype(a) zero = 0), ((a < b) ? b - a : a - b) + zero)
};

struct add_image_and_scalar {
  float scalar = 1;

  static constexpr operation_info about{.name = "add_image_and_scalar",
                                        .theme = "pointwise",
                                        .brief = "Add a number to every pixel",
                                        .source = "clesperanto add_image_and_scalar",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("scalar", &add_image_and_scalar::scalar, "", "what is added");
  }
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float scalar), a + scalar)
};

struct add_images {
  static constexpr auto about =
      detail::pointwise::about("add_images", "Add two images", "clesperanto add_images", 2);
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float b), a + b)
};

struct add_images_weighted {
  float factor1 = 1, factor2 = 1;

  static constexpr operation_info about{.name = "add_images_weighted",
                                        .theme = "pointwise",
                                        .brief = "Add two images, each times a factor",
                                        .source = "clesperanto add_images_weighted",
                                        .inputs = {{{"src0", kind::image}, {"src1", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    using Op = add_images_weighted;
    p("factor1", &Op::factor1, "", "what the first image is multiplied by");
    p("factor2", &Op::factor2, "", "what the second image is multiplied by");
  }
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float b, float factor1, float factor2), fma(a, factor1, (b * factor2)))
};

struct binary_and {
  static constexpr auto about =
      detail::pointwise::about("binary_and", "1 where both images are not 0",
                               "clesperanto binary_and", 2, kind::binary, kind::binary);
  GPUIMG_FORMULA((auto a, auto b, decltype(a) zero = 0), a != zero && b != zero)
};

struct binary_not {
  static constexpr auto about =
      detail::pointwise::about("binary_not", "1 where an image is 0", "clesperanto binary_not", 1,
                               kind::binary, kind::binary);
  GPUIMG_FORMULA((auto a, decltype(a) zero = 0), a == zero)
};

struct binary_or {
  static constexpr auto about =
      detail::pointwise::about("binary_or", "1 where one of two images is not 0, or both",
                               "clesperanto binary_or", 2, kind::binary, kind::binary);
  GPUIMG_FORMULA((auto a, auto b, decltype(a) zero = 0), a != zero || b != zero)
};

struct binary_subtract {
  static constexpr auto about = detail::pointwise::about(
      "binary_subtract", "1 where the first image is not 0 and the second is",
      "clesperanto binary_subtract", 2, kind::binary, kind::binary);
  GPUIMG_FORMULA((auto a, auto b, decltype(a) zero = 0), a != zero && b == zero)
};

struct binary_xor {
  static constexpr auto about =
      detail::pointwise::about("binary_xor", "1 where one of two images is not 0, and not both",
                               "clesperanto binary_xor", 2, kind::binary, kind::binary);
  GPUIMG_FORMULA((auto a, auto b, decltype(a) zero = 0), (a != zero) != (b != zero))
};

struct ceil {
  static constexpr auto about =
      detail::pointwise::about("ceil", "The least whole number that is not below the pixel",
                               "clesperanto ceil; numpy.ceil", 1);
  template <pixel T>
  using dst_pixel = T;
  GPUIMG_FORMULAS((auto a), ceil(a), a)
};

struct clip {
  double min_intensity = std::numeric_limits<double>::quiet_NaN();
  double max_intensity = std::numeric_limits<double>::quiet_NaN();

  static constexpr auto about = detail::pointwise::about("clip", "Bring the pixels into a range",
                                                         "clesperanto clip; numpy.clip", 1);
  static constexpr void parameters(auto&& p) {
    p("min_intensity", &clip::min_intensity, "", "what smaller pixels become; auto: they stay");
    p("max_intensity", &clip::max_intensity, "", "what greater pixels become; auto: they stay");
  }
  template <pixel T>
  using dst_pixel = T;
  void check(const shape&) const {
    if (min_intensity > max_intensity)
      throw argument_error(detail::text({"min_intensity must be <= max_intensity, got ",
                                         detail::number_text(min_intensity), " and ",
                                         detail::number_text(max_intensity)}));
  }
  // No float is beyond a bound that is NaN, no integer beyond an infinite one.
  [[nodiscard]] std::array<double, 2> whole_numbers() const {
    return {std::isnan(min_intensity) ? -HUGE_VAL : min_intensity,
            std::isnan(max_intensity) ? HUGE_VAL : max_intensity};
  }
  GPUIMG_FORMULA((auto a, auto min_intensity, auto max_intensity),
                 (a < min_intensity)   ? min_intensity
                 : (a > max_intensity) ? max_intensity
                                       : a)
};

// Two comparisons by the same sign, of two images and of an image and a number.
#define GPUIMG_COMPARISON(operation, words, sign, rounding)                                \
  struct operation {                                                                       \
    static constexpr auto about = detail::pointwise::about(                                \
        #operation, "1 where a pixel is " words " that of a second image",                 \
        "clesperanto " #operation, 2, kind::image, kind::binary);                          \
    GPUIMG_FORMULA((auto a, auto b), a sign b)                                             \
  };                                                                                       \
  struct operation##_constant {                                                            \
    double scalar = 0;                                                                     \
                                                                                           \
    static constexpr auto about = detail::pointwise::about(                                \
        #operation "_constant", "1 where a pixel is " words " a number",                   \
        "clesperanto " #operation "_constant", 1, kind::image, kind::binary);              \
    static constexpr void parameters(auto&& p) {                                           \
      p("scalar", &operation##_constant::scalar, "", "what the pixels are compared with"); \
    }                                                                                      \
    template <pixel T>                                                                     \
    using acc = detail::pointwise::wider<T>;                                               \
    [[nodiscard]] std::array<double, 1> whole_numbers() const {                            \
      return {detail::pointwise::rounding(scalar)};                                        \
    }                                                                                      \
    GPUIMG_FORMULA((auto a, auto scalar), a sign scalar)                                   \
  };
GPUIMG_COMPARISON(equal, "equal to", ==, exactly)
GPUIMG_COMPARISON(greater, "greater than", >, down)
GPUIMG_COMPARISON(greater_or_equal, "greater than or equal to", >=, up)
GPUIMG_COMPARISON(not_equal, "not equal to", !=, exactly)
GPUIMG_COMPARISON(smaller, "smaller than", <, up)
GPUIMG_COMPARISON(smaller_or_equal, "smaller than or equal to", <=, down)
#undef GPUIMG_COMPARISON

/// One operation per pixel type of the result. It is not in operations.def, where the type of a
/// result follows from that of the first image.
template <pixel To>
struct convert {
  static constexpr operation_info about{
      .name = "convert",
      .theme = "pointwise",
      .brief = "The same pixels in another type, as near as it can say them",
      .source = "conversions of OpenCL C with _sat_rte",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  template <pixel T>
  using dst_pixel = To;
  GPUIMG_FORMULA((auto a), a)
};

struct divide_images {
  static constexpr auto about =
      detail::pointwise::about("divide_images", "Divide the first of two images by the second",
                               "clesperanto divide_images", 2);
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float b), quotient_of(a, b))
};

struct divide_scalar_by_image {
  float scalar = 0;

  static constexpr auto about =
      detail::pointwise::about("divide_scalar_by_image", "Divide a number by every pixel",
                               "clesperanto divide_scalar_by_image", 1);
  static constexpr void parameters(auto&& p) {
    p("scalar", &divide_scalar_by_image::scalar, "", "what is divided by the pixels");
  }
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float scalar), quotient_of(scalar, a))
};

struct floor {
  static constexpr auto about =
      detail::pointwise::about("floor", "The greatest whole number that is not above the pixel",
                               "clesperanto floor; numpy.floor", 1);
  template <pixel T>
  using dst_pixel = T;
  GPUIMG_FORMULAS((auto a), floor(a), a)
};

struct invert {
  static constexpr auto about =
      detail::pointwise::about("invert", "Change the sign of every pixel", "clesperanto invert", 1);
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, decltype(a) zero = 0), zero - a)
};

struct mask {
  static constexpr operation_info about{
      .name = "mask",
      .theme = "pointwise",
      .brief = "Keep the pixels where the mask is not 0, set the others to 0",
      .source = "clesperanto mask",
      .inputs = {{{"src", kind::image}, {"mask", kind::binary}}},
      .outputs = {{{"dst", kind::image}}}};
  template <pixel T>
  using dst_pixel = T;
  template <pixel T>
  using acc = T;
  GPUIMG_FORMULA((auto a, auto b, decltype(a) zero = 0), b != zero ? a : zero)
};

struct maximum_image_and_scalar {
  double scalar = 0;

  static constexpr auto about = detail::pointwise::about(
      "maximum_image_and_scalar", "The greater of every pixel and a number",
      "clesperanto maximum_image_and_scalar; numpy.maximum", 1);
  static constexpr void parameters(auto&& p) {
    p("scalar", &maximum_image_and_scalar::scalar, "", "what smaller pixels become");
  }
  template <pixel T>
  using dst_pixel = T;
  GPUIMG_FORMULA((auto a, auto scalar), (a < scalar) ? scalar : a)
};

struct maximum_images {
  static constexpr auto about =
      detail::pointwise::about("maximum_images", "The greater of the pixels of two images",
                               "numpy.maximum; clesperanto maximum_images", 2);
  template <pixel T>
  using dst_pixel = T;
  GPUIMG_FORMULA((auto a, auto b), (a < b || b != b) ? b : a)
};

struct minimum_image_and_scalar {
  double scalar = 0;

  static constexpr auto about = detail::pointwise::about(
      "minimum_image_and_scalar", "The smaller of every pixel and a number",
      "clesperanto minimum_image_and_scalar; numpy.minimum", 1);
  static constexpr void parameters(auto&& p) {
    p("scalar", &minimum_image_and_scalar::scalar, "", "what greater pixels become");
  }
  template <pixel T>
  using dst_pixel = T;
  GPUIMG_FORMULA((auto a, auto scalar), (a > scalar) ? scalar : a)
};

struct minimum_images {
  static constexpr auto about =
      detail::pointwise::about("minimum_images", "The smaller of the pixels of two images",
                               "numpy.minimum; clesperanto minimum_images", 2);
  template <pixel T>
  using dst_pixel = T;
  GPUIMG_FORMULA((auto a, auto b), (b < a || b != b) ? b : a)
};

struct modulo_images {
  static constexpr auto about = detail::pointwise::about(
      "modulo_images", "What is left of a division of the first of two images by the second",
      "clesperanto modulo_images; numpy.fmod", 2);
  template <pixel T>
  using dst_pixel = T;
  template <pixel T>
  using acc = detail::pointwise::wider<T>;
  GPUIMG_FORMULAS((auto a, auto b, decltype(a) zero = 0), fmod(a, b),
                  a % ((b == zero) ? zero + 1 : b))
};

struct multiply_image_and_scalar {
  float scalar = 0;

  static constexpr operation_info about{.name = "multiply_image_and_scalar",
                                        .theme = "pointwise",
                                        .brief = "Multiply every pixel by a number",
                                        .source = "clesperanto multiply_image_and_scalar",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("scalar", &multiply_image_and_scalar::scalar, "", "what the pixels are multiplied by");
  }
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float scalar), (a * scalar))
};

struct multiply_images {
  static constexpr auto about = detail::pointwise::about("multiply_images", "Multiply two images",
                                                         "clesperanto multiply_images", 2);
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float b), (a * b))
};

struct nan_to_num {
  float nan = 0;
  float posinf = std::numeric_limits<float>::max();
  float neginf = std::numeric_limits<float>::lowest();

  static constexpr auto about =
      detail::pointwise::about("nan_to_num", "Put numbers in the place of NaN and infinity",
                               "clesperanto nan_to_num; numpy.nan_to_num", 1);
  static constexpr void parameters(auto&& p) {
    p("nan", &nan_to_num::nan, "", "what NaN becomes");
    p("posinf", &nan_to_num::posinf, "", "what infinity becomes");
    p("neginf", &nan_to_num::neginf, "", "what negative infinity becomes");
  }
  template <pixel T>
  using dst_pixel = T;
  GPUIMG_FORMULAS((auto a, auto nan, auto posinf, auto neginf),
                  (a != a)                 ? nan
                  : (a > 0x1.fffffep127f)  ? posinf
                  : (a < -0x1.fffffep127f) ? neginf
                                           : a,
                  a)
};

struct reciprocal {
  static constexpr auto about = detail::pointwise::about(
      "reciprocal", "1 divided by every pixel", "clesperanto reciprocal; numpy.reciprocal", 1);
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, decltype(a) zero = 0), quotient_of(zero + 1, a))
};

struct replace_value {
  double value_to_replace = 0, value_replacement = 1;

  static constexpr auto about = detail::pointwise::about(
      "replace_value", "Put one value in the place of another", "clesperanto replace_value", 1);
  static constexpr void parameters(auto&& p) {
    using Op = replace_value;
    p("value_to_replace", &Op::value_to_replace, "", "which pixels are replaced");
    p("value_replacement", &Op::value_replacement, "", "what they become");
  }
  template <pixel T>
  using dst_pixel = T;
  template <pixel T>
  using acc = detail::pointwise::wider<T>;
  [[nodiscard]] std::array<double, 2> whole_numbers() const {
    return {detail::pointwise::exactly(value_to_replace), value_replacement};
  }
  GPUIMG_FORMULA((auto a, auto value_to_replace, auto value_replacement),
                 (a == value_to_replace) ? value_replacement : a)
};

struct round {
  static constexpr auto about =
      detail::pointwise::about("round", "The nearest whole number, of two the one farther from 0",
                               "clesperanto round; std::round", 1);
  template <pixel T>
  using dst_pixel = T;
  GPUIMG_FORMULAS((auto a), round(a), a)
};

struct sign {
  static constexpr auto about = detail::pointwise::about(
      "sign", "1, 0 or -1: the sign of every pixel", "clesperanto sign; numpy.sign", 1);
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, decltype(a) zero = 0), (a > zero)   ? zero + 1
                                                  : (a < zero) ? zero - 1
                                                               : a + zero)
};

struct square {
  static constexpr auto about = detail::pointwise::about("square", "Every pixel times itself",
                                                         "clesperanto square; numpy.square", 1);
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a), (a * a))
};

struct square_root {
  static constexpr auto about = detail::pointwise::about(
      "square_root", "The square root of every pixel", "clesperanto square_root; numpy.sqrt", 1);
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a), root_of(a))
};

struct squared_difference {
  static constexpr auto about =
      detail::pointwise::about("squared_difference", "The square of the difference of two images",
                               "clesperanto squared_difference", 2);
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float b), (a - b) * (a - b))
};

struct subtract_image_from_scalar {
  float scalar = 0;

  static constexpr auto about =
      detail::pointwise::about("subtract_image_from_scalar", "Subtract every pixel from a number",
                               "clesperanto subtract_image_from_scalar", 1);
  static constexpr void parameters(auto&& p) {
    p("scalar", &subtract_image_from_scalar::scalar, "", "what the pixels are subtracted from");
  }
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float scalar), scalar - a)
};

struct subtract_images {
  static constexpr auto about = detail::pointwise::about(
      "subtract_images", "Subtract the second of two images from the first",
      "clesperanto subtract_images", 2);
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float b), a - b)
};

struct truncate {
  static constexpr auto about = detail::pointwise::about(
      "truncate", "The pixels without their fractions", "clesperanto truncate; numpy.trunc", 1);
  template <pixel T>
  using dst_pixel = T;
  GPUIMG_FORMULAS((auto a), trunc(a), a)
};

struct undefined_to_zero {
  static constexpr auto about =
      detail::pointwise::about("undefined_to_zero", "Put 0 in the place of NaN and infinity",
                               "clesperanto undefined_to_zero", 1);
  template <pixel T>
  using dst_pixel = T;
  GPUIMG_FORMULAS((auto a, decltype(a) zero = 0), (a - a == zero) ? a : zero, a)
};

}  // namespace ops

template <pixel To>
inline constexpr bool is_operation<ops::convert<To>> = true;

/// |src(p)| for every pixel; 0 of -0.
/// src      any pixel type, 2D or 3D; pixels are taken as floats
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto absolute; numpy.abs
template <pixel T>
image<float> absolute(const image<T>& src) {
  return run(ops::absolute{}, src);
}

/// |src0(p) - src1(p)| for every pixel, rounded once.
/// src0, src1  any pixel types, the same shape; pixels are taken as floats
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto absolute_difference; skimage.util.compare_images (method diff)
template <pixel T, pixel U>
image<float> absolute_difference(const image<T>& src0, const image<U>& src1) {
  return run(ops::absolute_difference{}, src0, src1);
}

/// src(p) + scalar for every pixel.
/// src      any pixel type, 2D or 3D    p  scalar
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto add_image_and_scalar
template <pixel T>
image<float> add_image_and_scalar(const image<T>& src, const ops::add_image_and_scalar& p = {}) {
  return run(p, src);
}

/// src0(p) + src1(p) for every pixel, rounded once.
/// src0, src1  any pixel types, the same shape; pixels are taken as floats
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto add_images
template <pixel T, pixel U>
image<float> add_images(const image<T>& src0, const image<U>& src1) {
  return run(ops::add_images{}, src0, src1);
}

/// factor1 * src0(p) + factor2 * src1(p) for every pixel, rounded twice: fma(src0, factor1, src1 *
/// factor2).
/// src0, src1  any pixel types, the same shape    p  factor1, factor2
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto add_images_weighted
template <pixel T, pixel U>
image<float> add_images_weighted(const image<T>& src0, const image<U>& src1,
                                 const ops::add_images_weighted& p = {}) {
  return run(p, src0, src1);
}

/// 1 where both images are not 0, else 0.
/// src0, src1  binary images of the same shape
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto binary_and
template <std::same_as<std::uint8_t> T>
image<T> binary_and(const image<T>& src0, const image<T>& src1) {
  return run(ops::binary_and{}, src0, src1);
}

/// 1 where the image is 0, else 0.
/// src      a binary image, 2D or 3D
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto binary_not
template <std::same_as<std::uint8_t> T>
image<T> binary_not(const image<T>& src) {
  return run(ops::binary_not{}, src);
}

/// 1 where src0 or src1 is not 0, or both are not, else 0.
/// src0, src1  binary images of the same shape
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto binary_or
template <std::same_as<std::uint8_t> T>
image<T> binary_or(const image<T>& src0, const image<T>& src1) {
  return run(ops::binary_or{}, src0, src1);
}

/// 1 where src0 is not 0 and src1 is 0, else 0.
/// src0, src1  binary images of the same shape
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto binary_subtract
template <std::same_as<std::uint8_t> T>
image<T> binary_subtract(const image<T>& src0, const image<T>& src1) {
  return run(ops::binary_subtract{}, src0, src1);
}

/// 1 where either src0 or src1 is not 0, but not both, else 0.
/// src0, src1  binary images of the same shape
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto binary_xor
template <std::same_as<std::uint8_t> T>
image<T> binary_xor(const image<T>& src0, const image<T>& src1) {
  return run(ops::binary_xor{}, src0, src1);
}

/// The least whole number that is not below src(p): -0 of -0.5. Integers, infinity and NaN stay as
/// they are.
/// src      any pixel type, 2D or 3D
/// returns  the type of src, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto ceil; numpy.ceil
template <pixel T>
image<T> ceil(const image<T>& src) {
  return run(ops::ceil{}, src);
}

/// The pixels, those below min_intensity and above max_intensity set to these. A NaN stays.
/// src      any pixel type, 2D or 3D
/// p        min_intensity <= max_intensity, rounded to the type of the pixels; NaN for no bound
/// returns  the type of src, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto clip; numpy.clip
template <pixel T>
image<T> clip(const image<T>& src, const ops::clip& p = {}) {
  return run(p, src);
}

/// The same pixels in the type To, as near as it can say them: what is out of its range becomes its
/// least or greatest value, halves go to the even number, NaN becomes 0 in integers. This is not
/// numpy's astype, which cuts fractions off and wraps around.
/// src      any pixel type, 2D or 3D
/// returns  To, the same shape; integers of 32 bits are rounded to the nearest float
/// throws   memory_error                parity  the same bits on every device
/// cost     O(pixels), one read and one write
///     const auto bytes = convert<std::uint8_t>(gaussian_blur(src, {.sigma_x = 2}));
template <pixel To, pixel From>
image<To> convert(const image<From>& src) {
  return run(ops::convert<To>{}, src);
}

/// src0(p) / src1(p) for every pixel, rounded correctly, also where a device's own division is not.
/// Infinity where src1(p) is 0, NaN where both are.
/// src0, src1  any pixel types, the same shape; pixels are taken as floats
/// returns  f32, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto divide_images
template <pixel T, pixel U>
image<float> divide_images(const image<T>& src0, const image<U>& src1) {
  return run(ops::divide_images{}, src0, src1);
}

/// scalar / src(p) for every pixel, rounded correctly. Else as divide_images.
/// src      any pixel type, 2D or 3D    p  scalar
/// returns  f32, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto divide_scalar_by_image
template <pixel T>
image<float> divide_scalar_by_image(const image<T>& src,
                                    const ops::divide_scalar_by_image& p = {}) {
  return run(p, src);
}

/// 1 where src0(p) == src1(p), else 0; a NaN equals nothing.
/// src0, src1  any pixel types, the same shape; where one is of floats, integers are taken as such
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto equal
template <pixel T, pixel U>
binary_image equal(const image<T>& src0, const image<U>& src1) {
  return run(ops::equal{}, src0, src1);
}

/// 1 where src(p) == scalar, else 0. Integers are compared exactly, floats with the scalar as a
/// float; a NaN equals nothing.
/// src      any pixel type, 2D or 3D    p  scalar
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto equal_constant
template <pixel T>
binary_image equal_constant(const image<T>& src, const ops::equal_constant& p = {}) {
  return run(p, src);
}

/// The greatest whole number that is not above src(p): -1 of -0.5. Else as ceil.
/// src      any pixel type, 2D or 3D
/// returns  the type of src, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto floor; numpy.floor
template <pixel T>
image<T> floor(const image<T>& src) {
  return run(ops::floor{}, src);
}

/// 1 where src0(p) > src1(p), else 0; a NaN is greater than nothing.
/// src0, src1  any pixel types, the same shape; where one is of floats, integers are taken as such
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto greater
template <pixel T, pixel U>
binary_image greater(const image<T>& src0, const image<U>& src1) {
  return run(ops::greater{}, src0, src1);
}

/// 1 where src(p) > scalar, else 0. Integers are compared exactly, floats with the scalar as a
/// float; a NaN is greater than nothing.
/// src      any pixel type, 2D or 3D    p  scalar
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto greater_constant
template <pixel T>
binary_image greater_constant(const image<T>& src, const ops::greater_constant& p = {}) {
  return run(p, src);
}

/// 1 where src0(p) >= src1(p), else 0; of a NaN it is 0.
/// src0, src1  any pixel types, the same shape; where one is of floats, integers are taken as such
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto greater_or_equal
template <pixel T, pixel U>
binary_image greater_or_equal(const image<T>& src0, const image<U>& src1) {
  return run(ops::greater_or_equal{}, src0, src1);
}

/// 1 where src(p) >= scalar, else 0. Integers are compared exactly, floats with the scalar as a
/// float; of a NaN it is 0.
/// src      any pixel type, 2D or 3D    p  scalar
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto greater_or_equal_constant
template <pixel T>
binary_image greater_or_equal_constant(const image<T>& src,
                                       const ops::greater_or_equal_constant& p = {}) {
  return run(p, src);
}

/// -src(p) for every pixel; 0 of 0.
/// src      any pixel type, 2D or 3D; pixels are taken as floats
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto invert
template <pixel T>
image<float> invert(const image<T>& src) {
  return run(ops::invert{}, src);
}

/// src(p) where the mask is not 0, else 0.
/// src      any pixel type; mask: a binary image of the same shape
/// returns  src's type and shape        parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto mask
template <pixel T>
image<T> mask(const image<T>& src, const binary_image& mask) {
  return run(ops::mask{}, src, mask);
}

/// The greater of src(p) and a number. A NaN stays, unlike in clesperanto.
/// src      any pixel type, 2D or 3D
/// p        scalar, rounded to the type of the pixels, into its range
/// returns  the type of src, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto maximum_image_and_scalar; numpy.maximum
template <pixel T>
image<T> maximum_image_and_scalar(const image<T>& src,
                                  const ops::maximum_image_and_scalar& p = {}) {
  return run(p, src);
}

/// The greater of src0(p) and src1(p): NaN where one of them is NaN, src0(p) where they are
/// equal, as -0 and 0 are.
/// src0, src1  any pixel type, the same shape
/// returns  the type of the images, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   numpy.maximum; clesperanto maximum_images
template <pixel T>
image<T> maximum_images(const image<T>& src0, const image<T>& src1) {
  return run(ops::maximum_images{}, src0, src1);
}

/// The smaller of src(p) and a number. A NaN stays, unlike in clesperanto.
/// src      any pixel type, 2D or 3D
/// p        scalar, rounded to the type of the pixels, into its range
/// returns  the type of src, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto minimum_image_and_scalar; numpy.minimum
template <pixel T>
image<T> minimum_image_and_scalar(const image<T>& src,
                                  const ops::minimum_image_and_scalar& p = {}) {
  return run(p, src);
}

/// The smaller of src0(p) and src1(p): NaN where one of them is NaN, src0(p) where they are
/// equal, as -0 and 0 are.
/// src0, src1  any pixel type, the same shape
/// returns  the type of the images, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   numpy.minimum; clesperanto minimum_images
template <pixel T>
image<T> minimum_images(const image<T>& src0, const image<T>& src1) {
  return run(ops::minimum_images{}, src0, src1);
}

/// What is left of src0(p) when src1(p) is taken from it as often as it goes into it: exact, and of
/// the sign of src0(p), as % in C and unlike % in Python. Where src1(p) is 0: 0 of integers, NaN of
/// floats.
/// src0, src1  any pixel type, the same shape
/// returns  the type of the images, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto modulo_images; numpy.fmod
template <pixel T>
image<T> modulo_images(const image<T>& src0, const image<T>& src1) {
  return run(ops::modulo_images{}, src0, src1);
}

/// src(p) * scalar for every pixel.
/// src      any pixel type, 2D or 3D    p  scalar
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto multiply_image_and_scalar
template <pixel T>
image<float> multiply_image_and_scalar(const image<T>& src,
                                       const ops::multiply_image_and_scalar& p = {}) {
  return run(p, src);
}

/// src0(p) * src1(p) for every pixel, rounded once.
/// src0, src1  any pixel types, the same shape; pixels are taken as floats
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto multiply_images
template <pixel T, pixel U>
image<float> multiply_images(const image<T>& src0, const image<U>& src1) {
  return run(ops::multiply_images{}, src0, src1);
}

/// src(p), and numbers where it is NaN or infinite. Integers stay as they are.
/// src      any pixel type, 2D or 3D
/// p        nan; posinf and neginf, by default the greatest and the least float
/// returns  the type of src, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto nan_to_num; numpy.nan_to_num
template <pixel T>
image<T> nan_to_num(const image<T>& src, const ops::nan_to_num& p = {}) {
  return run(p, src);
}

/// 1 where src0(p) != src1(p), else 0; a NaN differs from all.
/// src0, src1  any pixel types, the same shape; where one is of floats, integers are taken as such
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto not_equal
template <pixel T, pixel U>
binary_image not_equal(const image<T>& src0, const image<U>& src1) {
  return run(ops::not_equal{}, src0, src1);
}

/// 1 where src(p) != scalar, else 0. Integers are compared exactly, floats with the scalar as a
/// float; a NaN differs from all.
/// src      any pixel type, 2D or 3D    p  scalar
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto not_equal_constant
template <pixel T>
binary_image not_equal_constant(const image<T>& src, const ops::not_equal_constant& p = {}) {
  return run(p, src);
}

/// 1 where src0(p) < src1(p), else 0; a NaN is smaller than nothing.
/// src0, src1  any pixel types, the same shape; where one is of floats, integers are taken as such
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto smaller
template <pixel T, pixel U>
binary_image smaller(const image<T>& src0, const image<U>& src1) {
  return run(ops::smaller{}, src0, src1);
}

/// 1 where src(p) < scalar, else 0. Integers are compared exactly, floats with the scalar as a
/// float; a NaN is smaller than nothing.
/// src      any pixel type, 2D or 3D    p  scalar
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto smaller_constant
template <pixel T>
binary_image smaller_constant(const image<T>& src, const ops::smaller_constant& p = {}) {
  return run(p, src);
}

/// 1 where src0(p) <= src1(p), else 0; of a NaN it is 0.
/// src0, src1  any pixel types, the same shape; where one is of floats, integers are taken as such
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto smaller_or_equal
template <pixel T, pixel U>
binary_image smaller_or_equal(const image<T>& src0, const image<U>& src1) {
  return run(ops::smaller_or_equal{}, src0, src1);
}

/// 1 where src(p) <= scalar, else 0. Integers are compared exactly, floats with the scalar as a
/// float; of a NaN it is 0.
/// src      any pixel type, 2D or 3D    p  scalar
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto smaller_or_equal_constant
template <pixel T>
binary_image smaller_or_equal_constant(const image<T>& src,
                                       const ops::smaller_or_equal_constant& p = {}) {
  return run(p, src);
}

/// 1 / src(p) for every pixel, rounded correctly. Else as divide_images.
/// src      any pixel type, 2D or 3D; pixels are taken as floats
/// returns  f32, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto reciprocal; numpy.reciprocal
template <pixel T>
image<float> reciprocal(const image<T>& src) {
  return run(ops::reciprocal{}, src);
}

/// src(p), and value_replacement where it is value_to_replace. Integers are compared exactly,
/// floats with the value as a float; the replacement is rounded to the type of the pixels, into its
/// range.
/// src      any pixel type, 2D or 3D    p  value_to_replace, value_replacement
/// returns  the type of src, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto replace_value
template <pixel T>
image<T> replace_value(const image<T>& src, const ops::replace_value& p = {}) {
  return run(p, src);
}

/// The whole number nearest to src(p). Halves go away from 0, 3 of 2.5 and -3 of -2.5, as in OpenCL
/// C and C++, not to the even number, as with numpy.round and `convert`. Else as ceil.
/// src      any pixel type, 2D or 3D
/// returns  the type of src, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto round; std::round
template <pixel T>
image<T> round(const image<T>& src) {
  return run(ops::round{}, src);
}

/// 1 where src(p) is greater than 0, -1 where it is smaller; else 0, NaN of NaN.
/// src      any pixel type, 2D or 3D; pixels are taken as floats
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto sign; numpy.sign
template <pixel T>
image<float> sign(const image<T>& src) {
  return run(ops::sign{}, src);
}

/// src(p) * src(p) for every pixel, rounded once.
/// src      any pixel type, 2D or 3D; pixels are taken as floats
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto square; numpy.square
template <pixel T>
image<float> square(const image<T>& src) {
  return run(ops::square{}, src);
}

/// The square root of src(p), rounded correctly. As std::sqrt: NaN below 0, and -0 of -0.
/// src      any pixel type, 2D or 3D; pixels are taken as floats
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto square_root; numpy.sqrt
template <pixel T>
image<float> square_root(const image<T>& src) {
  return run(ops::square_root{}, src);
}

/// The square of src0(p) - src1(p) for every pixel, rounded twice.
/// src0, src1  any pixel types, the same shape; pixels are taken as floats
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto squared_difference
template <pixel T, pixel U>
image<float> squared_difference(const image<T>& src0, const image<U>& src1) {
  return run(ops::squared_difference{}, src0, src1);
}

/// scalar - src(p) for every pixel.
/// src      any pixel type, 2D or 3D    p  scalar
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto subtract_image_from_scalar
template <pixel T>
image<float> subtract_image_from_scalar(const image<T>& src,
                                        const ops::subtract_image_from_scalar& p = {}) {
  return run(p, src);
}

/// src0(p) - src1(p) for every pixel, rounded once.
/// src0, src1  any pixel types, the same shape; pixels are taken as floats
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto subtract_images
template <pixel T, pixel U>
image<float> subtract_images(const image<T>& src0, const image<U>& src1) {
  return run(ops::subtract_images{}, src0, src1);
}

/// src(p) without its fraction: -0 of -0.5. Else as ceil.
/// src      any pixel type, 2D or 3D
/// returns  the type of src, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto truncate; numpy.trunc
template <pixel T>
image<T> truncate(const image<T>& src) {
  return run(ops::truncate{}, src);
}

/// src(p), and 0 where it is NaN or infinite. Integers stay as they are.
/// src      any pixel type, 2D or 3D
/// returns  the type of src, the same shape    parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto undefined_to_zero
template <pixel T>
image<T> undefined_to_zero(const image<T>& src) {
  return run(ops::undefined_to_zero{}, src);
}

}  // namespace gpuimg
