// SPDX-License-Identifier: BSD-3-Clause
// elementwise: an expression of the user's, of the pixels of up to four images. Opt-in.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "gpuimg/expression.hpp"
#include "gpuimg/formula.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// A number that an expression knows by name.
struct named_number {
  template <class N>
  requires std::is_arithmetic_v<N> named_number(std::string its_name, N its_value)
      : name(std::move(its_name)), value(static_cast<float>(its_value)) {}

  std::string name;
  float value;
};

namespace detail {

/// Images are called x, y, z and w in expressions, in their order; in the kernel a, b, c and d.
inline constexpr std::array<const char*, 4> elementwise_names{"x", "y", "z", "w"};

/// An expression whose names are images and numbers.
class bound_expression {
 public:
  /// Throws build_error where a name is neither, argument_error where an image or a number has no
  /// place in the expression.
  bound_expression(const expression& e, std::size_t images,
                   const std::vector<named_number>& numbers)
      : expression_(e) {
    if (numbers.size() > pointwise::most_parameters)
      throw argument_error(text({"elementwise: an expression takes up to ",
                                 pointwise::most_parameters, " numbers, got ", numbers.size()}));
    std::vector<std::string_view> known(elementwise_names.begin(),
                                        elementwise_names.begin() + images);
    for (const named_number& number : numbers) {
      known.push_back(number.name);
      values_.push_back(number.value);
    }
    const std::vector<std::string> names = e.names();
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::size_t place = place_in(known, names[i]);
      if (place == known.size()) e.refuse_name(i, unknown(names[i], known));
      places_.push_back(place);
    }
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (place_in(known, known[i]) != i)
        throw argument_error(text({"elementwise: two things are called ", known[i]}));
      if (place_in(names, known[i]) == names.size())
        throw argument_error(
            text({"elementwise: ", known[i], " does not occur in the expression ", e.text()}));
    }
    std::vector<std::string> kernel_names;
    for (const std::size_t place : places_)
      kernel_names.push_back(place < images ? std::string(1, static_cast<char>('a' + place))
                                            : number_names[place - images]);
    code_ = e.opencl_code(kernel_names);
    images_ = images;
  }

  /// The value for these pixels, one of each image.
  [[nodiscard]] float value(const float* pixels) const {
    std::vector<float> of_names;
    for (const std::size_t place : places_)
      of_names.push_back(place < images_ ? pixels[place] : values_[place - images_]);
    return expression_.value(of_names);
  }

  [[nodiscard]] pointwise::description description() const {
    pointwise::description kernel{code_.formula.c_str(), false, "float"};
    for (const float value : values_) {
      kernel.numbers[kernel.number_count] = {number_names[kernel.number_count], value};
      ++kernel.number_count;
    }
    kernel.steps = code_.steps;
    return kernel;
  }

 private:
  static constexpr std::array<const char*, pointwise::most_parameters> number_names{
      "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7"};

  template <class Names>
  static std::size_t place_in(const Names& names, std::string_view name) {
    std::size_t place = 0;
    while (place < names.size() && names[place] != name) ++place;
    return place;
  }
  static std::string unknown(std::string_view name, const std::vector<std::string_view>& known) {
    std::string all;
    for (const std::string_view other : known) append(all, {all.empty() ? "" : ", ", other});
    return text({"there is no ", name, "; there are ", all});
  }

  const expression& expression_;
  std::size_t images_ = 0;
  std::vector<float> values_;  // of the numbers
  std::vector<std::size_t>
      places_;  // of the expression's names: among the images, then the numbers
  expression::code code_;
};

/// An expression as an operation on so many images with results of type D.
template <pixel D, std::size_t Images>
struct elementwise_operation {
  const bound_expression* expression = nullptr;

  static constexpr operation_info about = [] {
    operation_info info{.name = "elementwise",
                        .theme = "pointwise",
                        .brief = "An expression of the user's",
                        .source = "cupy.ElementwiseKernel",
                        .inputs = {},
                        .outputs = {{{"dst", kind::image}}}};
    for (std::size_t i = 0; i < Images; ++i) info.inputs[i].name = elementwise_names[i];
    return info;
  }();
  template <pixel>
  using dst_pixel = D;
  static gpuimg::halo halo() { return {}; }

  template <std::same_as<opencl::buffer_view>... Src>
  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const Src&... src) const {
    pointwise::launch(expression->description(), device, dst, {src...});
  }
  template <pixel... T>
  void operator()(const reference::device&, view<D> dst, view<const T>... src) const {
    for (std::size_t i = 0; i < dst.size(); ++i) {
      const float pixels[] = {static_cast<float>(src[i])...};
      dst[i] = convert_pixel<D>(expression->value(pixels));
    }
  }
};

}  // namespace detail

template <pixel D, std::size_t Images>
inline constexpr bool is_operation<detail::elementwise_operation<D, Images>> = true;

/// An expression of the pixels of one to four images, which it calls x, y, z and w, in their order,
/// and of numbers with names of their own, of which other values compile nothing:
///     elementwise("(x - y) * gain", {{"gain", 2.5}}, image1, image2)
/// expression  see its class; made of a text, or once for many calls
/// numbers  up to 8
/// images   any pixel types, of one shape, on one device; they become float, so that integers
///          beyond 2^24 are rounded
/// returns  D, f32 if it is not given: elementwise<std::uint8_t>("x > 3", image); to an integer it
///          saturates and rounds half to even
/// throws   build_error where the expression is wrong, argument_error, memory_error
/// parity   the same bits on every device
/// cost     O(pixels); an expression is compiled once per set of pixel types and device
/// source   cupy.ElementwiseKernel; pyclesperanto evaluate
template <pixel D = float, pixel... T>
requires(sizeof...(T) > 0 && sizeof...(T) <= detail::elementwise_names.size()) image<D> elementwise(
    const expression& expression, const std::vector<named_number>& numbers,
    const image<T>&... images) {
  const detail::bound_expression bound(expression, sizeof...(T), numbers);
  return run(detail::elementwise_operation<D, sizeof...(T)>{&bound}, images...);
}

/// The same of images alone: elementwise("(x - y) * (x - y)", image1, image2).
template <pixel D = float, pixel... T>
requires(sizeof...(T) > 0 && sizeof...(T) <= detail::elementwise_names.size()) image<D> elementwise(
    const expression& expression, const image<T>&... images) {
  return elementwise<D>(expression, {}, images...);
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
