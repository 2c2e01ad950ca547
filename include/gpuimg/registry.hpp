// SPDX-License-Identifier: BSD-3-Clause
// Operations by name, with images and parameters whose types are known only when the program runs:
// what the command line, the benchmark, the parity test and the documentation are made from.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <locale>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/core/table.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// An image of any pixel type.
using any_image =
    std::variant<image<std::uint8_t>, image<std::int8_t>, image<std::uint16_t>, image<std::int16_t>,
                 image<std::uint32_t>, image<std::int32_t>, image<float>>;

/// What an operation returns: an image, a number or a table.
using any_result = std::variant<any_image, double, table>;

/// A parameter in words, as the command line and the documentation show it.
struct parameter_description {
  enum class type { number, integer, boolean, choice };

  std::string name{}, unit{}, help{};
  parameter_description::type type = type::number;
  std::vector<std::string> choices{};          ///< of a choice
  std::string default_text{};                  ///< "auto" where the default is NaN
  std::optional<double> minimum{}, maximum{};  ///< of a number or an integer
};

constexpr const char* name_of(enum parameter_description::type type) {
  constexpr const char* names[] = {"number", "integer", "boolean", "choice"};
  return names[static_cast<std::size_t>(type)];
}

namespace detail {

template <class T>
std::string value_text(const T& value) {
  if constexpr (std::is_enum_v<T>)
    return choice_names(value)[static_cast<std::size_t>(value)];
  else if constexpr (std::same_as<T, bool>)
    return value ? "true" : "false";
  else if (std::isnan(static_cast<double>(value)))
    return "auto";
  else
    return number_text(value);
}

template <class T>
void set_value(T& value, const std::string& name, const std::string& text) {
  const auto refuse = [&](const std::string& allowed) {
    throw argument_error(name + " must be " + allowed + ", got '" + text + "'");
  };
  if constexpr (std::is_enum_v<T>) {
    std::string allowed;
    const auto names = choice_names(T{});
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (text == names[i]) {
        value = static_cast<T>(i);
        return;
      }
      allowed += (i == 0 ? "" : i + 1 < names.size() ? ", " : " or ") + std::string(names[i]);
    }
    refuse(allowed);
  } else if constexpr (std::same_as<T, bool>) {
    if (text != "true" && text != "false" && text != "1" && text != "0") refuse("true or false");
    value = text == "true" || text == "1";
  } else if (std::is_floating_point_v<T> && text == "auto") {
    if constexpr (std::is_floating_point_v<T>) value = std::numeric_limits<T>::quiet_NaN();
  } else {
    T parsed{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (failure != std::errc{} || end != text.data() + text.size())
      refuse(std::is_integral_v<T> ? "a whole number" : "a number");
    value = parsed;
  }
}

// The image of the kind an operation wants, of type T where it takes any.
template <kind K, pixel T>
using input_image =
    std::conditional_t<K == kind::binary, binary_image,
                       std::conditional_t<K == kind::labels, label_image, image<T>>>;

template <class Op, pixel T>
any_result invoke_as(const Op& op, std::span<const any_image> images) {
  const auto input = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) -> const auto& {
    using Wanted = input_image<Op::about.inputs[I].kind, T>;
    const auto* found = std::get_if<Wanted>(&images[I]);
    if (found == nullptr)
      throw argument_error(std::string(Op::about.name) + ": " + Op::about.inputs[I].name +
                           " must be " +
                           std::string(name_of(pixel_type_of<typename Wanted::value_type>())));
    return *found;
  };
  const auto wrap_result = []<class R>(R&& result) -> any_result {
    if constexpr (std::is_arithmetic_v<std::remove_cvref_t<R>>)
      return static_cast<double>(result);
    else if constexpr (requires { to_table(result); })
      return to_table(result);
    else
      return any_image(std::move(result));
  };
  if constexpr (Op::about.input_count() == 1)
    return wrap_result(run(op, input(std::integral_constant<std::size_t, 0>{})));
  else
    return wrap_result(run(op, input(std::integral_constant<std::size_t, 0>{}),
                           input(std::integral_constant<std::size_t, 1>{})));
}

}  // namespace detail

/// The pixel type of an image whose type is known only now.
inline pixel_type type_of(const any_image& image) { return static_cast<pixel_type>(image.index()); }

/// Whether an operation takes images of any pixel type, or only binary and label images.
template <class Op>
constexpr bool takes_any_pixel_type() {
  for (std::size_t i = 0; i < Op::about.input_count(); ++i)
    if (Op::about.inputs[i].kind == kind::image) return true;
  return false;
}

/// Runs an operation. Binary inputs must be u8, label inputs u32, the others of one type.
/// Throws what the operation throws, and argument_error for inputs it does not take.
template <class Op>
any_result invoke(const Op& op, std::span<const any_image> images) {
  if (images.size() != Op::about.input_count())
    throw argument_error(std::string(Op::about.name) + ": takes " +
                         std::to_string(Op::about.input_count()) + " images, got " +
                         std::to_string(images.size()));
  if constexpr (!takes_any_pixel_type<Op>()) {
    return detail::invoke_as<Op, std::uint8_t>(op, images);
  } else {
    std::size_t free = 0;
    while (Op::about.inputs[free].kind != kind::image) ++free;
    return visit_pixel_type(type_of(images[free]), [&]<class T>(std::type_identity<T>) {
      return detail::invoke_as<Op, T>(op, images);
    });
  }
}

/// The parameters of an operation, in the order of its fields.
template <class Op>
std::vector<parameter_description> describe_parameters() {
  std::vector<parameter_description> all;
  detail::for_each_parameter<Op>([&]<class T>(const parameter<Op, T>& p) {
    using type = enum parameter_description::type;
    parameter_description d{.name = p.name, .unit = p.unit, .help = p.help};
    d.default_text = detail::value_text(Op{}.*(p.member));
    if constexpr (std::is_enum_v<T>) {
      d.type = type::choice;
      for (const char* name : choice_names(T{})) d.choices.emplace_back(name);
    } else if constexpr (std::same_as<T, bool>) {
      d.type = type::boolean;
    } else {
      d.type = std::is_integral_v<T> ? type::integer : type::number;
      if (std::isfinite(p.minimum)) d.minimum = p.minimum;
      if (std::isfinite(p.maximum)) d.maximum = p.maximum;
    }
    all.push_back(std::move(d));
  });
  return all;
}

/// Sets a parameter from text. Throws argument_error that says what is allowed.
template <class Op>
void set_parameter(Op& op, const std::string& name, const std::string& text) {
  bool found = false;
  std::string known;
  detail::for_each_parameter<Op>([&]<class T>(const parameter<Op, T>& p) {
    known += (known.empty() ? "" : ", ") + std::string(p.name);
    if (name != p.name) return;
    detail::set_value(op.*(p.member), name, text);
    found = true;
  });
  if (!found)
    throw argument_error(std::string(Op::about.name) + " has no parameter " + name +
                         (known.empty() ? "; it has none" : "; it has " + known));
}

/// "sigma_x=2 border=reflect": the parameters that differ from their defaults.
template <class Op>
std::string parameter_text(const Op& op) {
  std::string text;
  detail::for_each_parameter<Op>([&]<class T>(const parameter<Op, T>& p) {
    const auto value = detail::value_text(op.*(p.member));
    if (value != detail::value_text(Op{}.*(p.member)))
      text += (text.empty() ? "" : " ") + std::string(p.name) + "=" + value;
  });
  return text;
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
