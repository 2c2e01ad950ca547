// SPDX-License-Identifier: BSD-3-Clause
// Operations on pixels one by one: each is one formula, valid in C++ and in OpenCL C, from which
// launch and reference come.
#pragma once

#include "gpuimg/core/push_macros.def"

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

// A number in the type of the formula, as `convert` makes pixels of numbers.
template <class Acc>
Acc formula_number(double value) {
  if constexpr (std::is_floating_point_v<Acc>) {
    return static_cast<Acc>(value);
  } else {
    if (std::isnan(value)) return 0;
    const auto whole =
        static_cast<std::int64_t>(std::clamp(std::nearbyint(value), -9.2e18, 9.2e18));
    if constexpr (std::same_as<Acc, std::int64_t>)
      return whole;
    else
      return convert_pixel<Acc>(whole);
  }
}

// A type for pixels of several images: theirs where they have one, float where one is of floats.
template <pixel T, pixel... Other>
using common = std::conditional_t<
    (std::same_as<T, Other> && ...), T,
    std::conditional_t<std::same_as<T, float> || (std::same_as<Other, float> || ...), float,
                       std::int64_t>>;

// The square root and the quotient, rounded correctly, which the kernel has under the same names.
inline float root_of(float value) { return std::sqrt(value); }
inline float quotient_of(float value, float by) { return value / by; }

inline constexpr std::size_t most_parameters = 8;

/// What the kernel must know of an operation.
struct description {
  const char* formula;
  bool is_binary;
  std::string_view acc;  ///< the type of the formula in OpenCL C
  struct number {
    const char* name;
    double value;
  };
  std::array<number, most_parameters> numbers{};
  std::size_t number_count = 0;
  std::string_view steps{};  ///< declarations of what the formula is made of
};

template <class Op>
constexpr std::size_t parameter_count() {
  std::size_t count = 0;
  for_each_parameter<Op>([&](const auto&...) { ++count; });
  return count;
}

// The parameters of an operation in their order, as a formula of floats or of integers takes them.
template <class Op>
auto numbers_of(const Op& op, bool is_float) {
  std::array<double, parameter_count<Op>()> numbers{};
  std::size_t count = 0;
  for_each_parameter<Op>([&](const char*, auto member, const auto&...) {
    numbers[count++] = static_cast<double>(op.*member);
  });
  if constexpr (requires { op.whole_numbers(); })
    if (!is_float) numbers = op.whole_numbers();
  return numbers;
}

template <class Op>
concept has_acc = requires {
  typename Op::template acc<float>;
};

template <class Op, pixel T, pixel... Other>
constexpr auto acc_type() {
  if constexpr (has_acc<Op>)
    return std::type_identity<typename Op::template acc<T>>{};
  else
    return std::type_identity<common<T, Other...>>{};
}

/// The type of the formula, for images of these pixels.
template <class Op, pixel... T>
using acc_t = typename decltype(acc_type<Op, T...>())::type;

template <class Acc>
constexpr std::string_view acc_name() {
  if constexpr (std::same_as<Acc, std::int64_t>)
    return "long";
  else
    return opencl_name_of(pixel_type_of<Acc>());
}

template <class Op>
std::string_view acc_name_of(std::initializer_list<opencl::buffer_view> src) {
  const pixel_type first = src.begin()->type;
  if constexpr (has_acc<Op>) {
    return visit_pixel_type(
        first, []<class T>(std::type_identity<T>) { return acc_name<acc_t<Op, T>>(); });
  } else {
    bool is_one_type = true, has_float = false;
    for (const opencl::buffer_view& image : src) {
      is_one_type = is_one_type && image.type == first;
      has_float = has_float || image.type == pixel_type::f32;
    }
    return is_one_type ? opencl_name_of(first) : has_float ? "float" : "long";
  }
}

template <class Op>
description description_of(const Op& op, std::initializer_list<opencl::buffer_view> src) {
  static_assert(parameter_count<Op>() <= most_parameters);
  const std::string_view acc = acc_name_of<Op>(src);
  const bool is_float = acc == "float";
  description kernel{is_float ? Op::formula_text : Op::formula_text_of_integers,
                     Op::about.outputs[0].kind == kind::binary, acc};
  const auto numbers = numbers_of(op, is_float);
  for_each_parameter<Op>([&](const char* name, const auto&...) {
    const std::size_t i = kernel.number_count++;
    kernel.numbers[i] = {name, numbers[i]};
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
  opencl::defines macros{{"DST_T", dst_type},
                         {"ACC_T", acc},
                         {"IMAGES", images},
                         {"NUMBERS", numbers},
                         {"PIXELS(read, i)", pixels},
                         {"CONSTANTS(type)", constants},
                         {"STEPS(type, root_of, quotient_of)", kernel.steps},
                         {"FORMULA(root_of, quotient_of)", kernel.formula}};
  if (kernel.is_binary)
    macros.add("IS_BINARY");
  else
    macros.add("RESULT(width)", text({"PASTE(PASTE(convert_", dst_type, ", width), ",
                                      dst.type == pixel_type::f32 ? ")" : "_sat_rte)"}));
  device.launch(kernels::pointwise, "pointwise", macros, vectors(device, count), arguments.data(),
                argument_count);
}

// Whether the pixels of all images are numbers in the formula's type. Of a binary image only
// matters which are 0.
template <class Op, pixel T, pixel... Other>
constexpr bool fit() {
  using Acc = acc_t<Op, T, Other...>;
  std::size_t input = 0;
  return ((++input, std::same_as<T, Other> || std::floating_point<Acc> ||
                        Op::about.inputs[input].kind == kind::binary ||
                        (std::same_as<Acc, std::int64_t> && std::integral<Other>)) &&
          ...);
}

template <class Op, class D, class T, class... Other>
void compute(const Op& op, view<D> dst, view<const T> src, view<const Other>... others) {
  using Acc = acc_t<Op, T, Other...>;
  static_assert(fit<Op, T, Other...>(), "the formula's type cannot hold all pixels");
  const auto values = numbers_of(op, std::is_floating_point_v<Acc>);
  std::array<Acc, values.size()> numbers{};
  std::ranges::transform(values, numbers.begin(), formula_number<Acc>);
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
// and d and the parameters in their order, and the formula. It computes in the type acc<T>, or
// without one in the common type of the images, and what it gives becomes a pixel as `convert`
// says. In integers parameters are what `whole_numbers()` says, or without it the nearest.
#define GPUIMG_FORMULA(arguments, expression) GPUIMG_FORMULAS(arguments, expression, expression)

// The same where integers have another formula than floats: `a` is declared auto.
#define GPUIMG_FORMULAS(arguments, of_floats, of_integers)                                         \
  static constexpr const char* formula_text = #of_floats;                                          \
  static constexpr const char* formula_text_of_integers = #of_integers;                            \
  static auto formula arguments {                                                                  \
    using detail::pointwise::quotient_of;                                                          \
    using detail::pointwise::root_of;                                                              \
    using std::ceil, std::floor, std::fma, std::fmod, std::round, std::trunc;                      \
    if constexpr (std::is_floating_point_v<decltype(a)>)                                           \
      return of_floats;                                                                            \
    else                                                                                           \
      return of_integers;                                                                          \
  }                                                                                                \
  static gpuimg::halo halo() { return {}; }                                                        \
  template <std::same_as<opencl::buffer_view>... Src>                                              \
  void operator()(const opencl::device& device, const opencl::buffer_view& dst, const Src&... src) \
      const {                                                                                      \
    detail::pointwise::launch(detail::pointwise::description_of(*this, {src...}), device, dst,     \
                              {src...});                                                           \
  }                                                                                                \
  template <class... Views>                                                                        \
  void operator()(const reference::device&, Views... views) const {                                \
    detail::pointwise::compute(*this, views...);                                                   \
  }

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
