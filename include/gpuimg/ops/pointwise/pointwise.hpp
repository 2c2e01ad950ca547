// SPDX-License-Identifier: BSD-3-Clause
// Operations on pixels one by one: each is one formula, valid in C++ and in OpenCL C.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "gpuimg/kernels/pointwise/pointwise.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::pointwise {

// A number in the type of the formula. In integers it is rounded down: v > 2.5 says v > 2. There
// NaN is 0.
template <class Acc>
Acc formula_number(double value) {
  if constexpr (std::is_floating_point_v<Acc>) {
    return static_cast<Acc>(value);
  } else {
    if (std::isnan(value)) return 0;
    const auto whole = static_cast<std::int64_t>(std::clamp(std::floor(value), -9.2e18, 9.2e18));
    if constexpr (std::same_as<Acc, std::int64_t>)
      return whole;
    else
      return convert_pixel<Acc>(whole);
  }
}

inline constexpr std::size_t most_parameters = 8;

/// What the kernel must know of an operation.
struct description {
  const char* formula;
  bool is_binary;
  const char* acc;  ///< the type of the formula in OpenCL C
  struct number {
    const char* name;
    double value;
  };
  std::array<number, most_parameters> numbers{};
  std::size_t number_count = 0;
};

template <class Op>
constexpr std::size_t parameter_count() {
  std::size_t count = 0;
  for_each_parameter<Op>([&](const auto&...) { ++count; });
  return count;
}

template <class Op, pixel T>
constexpr const char* acc_name() {
  using Acc = typename Op::template acc<T>;
  if constexpr (std::same_as<Acc, std::int64_t>)
    return "long";
  else
    return opencl_name_of(pixel_type_of<Acc>()).data();
}

template <class Op>
description description_of(const Op& op, pixel_type type) {
  static_assert(parameter_count<Op>() <= most_parameters);
  description kernel{
      Op::formula_text, Op::about.outputs[0].kind == kind::binary,
      visit_pixel_type(type, []<class T>(std::type_identity<T>) { return acc_name<Op, T>(); })};
  for_each_parameter<Op>([&](const char* name, auto member, const auto&...) {
    kernel.numbers[kernel.number_count++] = {name, static_cast<double>(op.*member)};
  });
  return kernel;
}

inline void launch(const description& kernel, const opencl::device& device,
                   const opencl::buffer_view& dst, std::initializer_list<opencl::buffer_view> src) {
  const std::string_view acc = kernel.acc, dst_type = opencl_name_of(dst.type);
  const bool in_float = acc == "float";
  std::string images, numbers, pixels, constants;
  std::array<opencl::argument, 1 + 4 + most_parameters + 1> arguments;
  std::size_t argument_count = 0;
  arguments[argument_count++] = dst;
  char name[] = "a";
  for (const opencl::buffer_view& image : src) {
    const std::string_view type = opencl_name_of(image.type);
    append(images, {"global const ", type, "* restrict image_", name, ", "});
    append(pixels, {"read(", name, ", ", type, ", i) "});
    arguments[argument_count++] = image;
    ++name[0];
  }
  for (std::size_t i = 0; i < kernel.number_count; ++i) {
    const auto& [number, value] = kernel.numbers[i];
    append(numbers, {"const ", in_float ? "float " : "long ", number, "_, "});
    append(constants, {"const type ", number, " = (type)("});
    if (in_float) {
      append(constants, {number, "_); "});
      arguments[argument_count++] = static_cast<cl_float>(value);
    } else {
      append(constants, {"convert_", acc, "_sat(", number, "_)); "});
      arguments[argument_count++] = static_cast<cl_long>(formula_number<std::int64_t>(value));
    }
  }
  const std::size_t count = dst.shape.pixels();
  arguments[argument_count++] = static_cast<cl_ulong>(count);
  opencl::defines macros{{"DST_T", dst_type},         {"ACC_T", acc},
                         {"IMAGES", images},          {"NUMBERS", numbers},
                         {"PIXELS(read, i)", pixels}, {"CONSTANTS(type)", constants},
                         {"FORMULA", kernel.formula}};
  if (kernel.is_binary)
    macros.add("IS_BINARY");
  else
    macros.add("RESULT(width)", text({"PASTE(PASTE(convert_", dst_type, ", width), ",
                                      dst.type == pixel_type::f32 ? ")" : "_sat_rte)"}));
  device.launch(kernels::pointwise, "pointwise", macros, vectors(device, count), arguments.data(),
                argument_count);
}

// Whether all pixels of a second type are numbers in the formula's type, when the first type is T.
template <class Acc, class T, class Other>
inline constexpr bool fits = std::same_as<T, Other> || std::same_as<Other, std::uint8_t> ||
                             std::floating_point<Acc> ||
                             (std::same_as<Acc, std::int64_t> && std::integral<Other>);

template <class Op, class D, class T, class... Other>
void compute(const Op& op, view<D> dst, view<const T> src, view<const Other>... others) {
  using Acc = typename Op::template acc<T>;
  static_assert((fits<Acc, T, Other> && ...), "the formula's type cannot hold all pixels");
  std::array<Acc, parameter_count<Op>()> numbers{};
  std::size_t count = 0;
  for_each_parameter<Op>([&](const char*, auto member, const auto&...) {
    numbers[count++] = formula_number<Acc>(static_cast<double>(op.*member));
  });
  const auto of_pixel = [&]<std::size_t... I>(std::index_sequence<I...>, std::size_t i) {
    return Op::formula(static_cast<Acc>(src[i]), static_cast<Acc>(others[i])..., numbers[I]...);
  };
  for (std::size_t i = 0; i < dst.size(); ++i) {
    const auto result = of_pixel(std::make_index_sequence<parameter_count<Op>()>{}, i);
    // C++ computes small integers as int, OpenCL C does not: formulas in those only choose values.
    // And in vectors of OpenCL C true is -1.
    if constexpr (Op::about.outputs[0].kind == kind::binary) {
      dst[i] = result ? 1 : 0;
    } else {
      static_assert(std::same_as<decltype(result), const Acc>, "a formula gives its own type, acc");
      dst[i] = convert_pixel<D>(result);
    }
  }
}

}  // namespace detail::pointwise

// What makes a struct a pointwise operation: the formula's arguments, which are the images a, b, c
// and d and the parameters in their order, and the formula. It computes in the type acc<T>, and
// what it gives becomes a pixel as `convert` says.
#define GPUIMG_FORMULA(arguments, expression)                                                      \
  static constexpr const char* formula_text = #expression;                                         \
  static auto formula arguments {                                                                  \
    using std::fma;                                                                                \
    return expression;                                                                             \
  }                                                                                                \
  static gpuimg::halo halo() { return {}; }                                                        \
  template <std::same_as<opencl::buffer_view>... Src>                                              \
  void operator()(const opencl::device& device, const opencl::buffer_view& dst, const Src&... src) \
      const {                                                                                      \
    const std::initializer_list<opencl::buffer_view> images{src...};                               \
    const pixel_type type = images.begin()->type;                                                  \
    detail::pointwise::launch(detail::pointwise::description_of(*this, type), device, dst,         \
                              images);                                                             \
  }                                                                                                \
  template <class... Views>                                                                        \
  void operator()(const reference::device&, Views... views) const {                                \
    detail::pointwise::compute(*this, views...);                                                   \
  }

namespace ops {

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
  static constexpr operation_info about{
      .name = "binary_and",
      .theme = "pointwise",
      .brief = "1 where both images are not 0",
      .source = "clesperanto binary_and",
      .inputs = {{{"src0", kind::binary}, {"src1", kind::binary}}},
      .outputs = {{{"dst", kind::binary}}}};
  template <pixel T>
  using acc = std::uint8_t;
  GPUIMG_FORMULA((std::uint8_t a, std::uint8_t b, std::uint8_t zero = 0), a != zero && b != zero)
};

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
  template <pixel T>
  using acc = T;
  GPUIMG_FORMULA((auto a), a)
};

struct greater_constant {
  double scalar = 0;

  static constexpr operation_info about{.name = "greater_constant",
                                        .theme = "pointwise",
                                        .brief = "1 where a pixel is greater than a number",
                                        .source = "clesperanto greater_constant",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) {
    p("scalar", &greater_constant::scalar, "", "what the pixels are compared with");
  }
  template <pixel T>
  using acc = std::conditional_t<std::same_as<T, float>, float, std::int64_t>;
  GPUIMG_FORMULA((auto a, auto scalar), a > scalar)
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

}  // namespace ops

template <pixel To>
inline constexpr bool is_operation<ops::convert<To>> = true;

/// src(p) + scalar for every pixel.
/// src      any pixel type, 2D or 3D    p  scalar
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto add_image_and_scalar
template <pixel T>
image<float> add_image_and_scalar(const image<T>& src, const ops::add_image_and_scalar& p = {}) {
  return run(p, src);
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
inline binary_image binary_and(const binary_image& src0, const binary_image& src1) {
  return run(ops::binary_and{}, src0, src1);
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

/// src(p) where the mask is not 0, else 0.
/// src      any pixel type; mask: a binary image of the same shape
/// returns  src's type and shape        parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto mask
template <pixel T>
image<T> mask(const image<T>& src, const binary_image& mask) {
  return run(ops::mask{}, src, mask);
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

}  // namespace gpuimg
