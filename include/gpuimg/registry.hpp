// SPDX-License-Identifier: BSD-3-Clause
// Operations by name, with images and parameters whose types are known only when the program runs:
// what the command line, the benchmark, the parity test and the documentation are made from.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <locale>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/any_image.hpp"
#include "gpuimg/core/table.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// What an operation gives: images, a number or a table.
using any_result = std::variant<any_image, double, table>;

/// A parameter in words, as the command line and the documentation show it.
struct parameter_description {
  enum class type { number, integer, boolean, choice };  ///< of each value

  std::string name{}, unit{}, help{};
  parameter_description::type type = type::number;
  std::size_t count = 1;                       ///< values of an array, written "1,2,3"
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
  if constexpr (is_number_array<T>) {
    std::string text;
    for (const auto element : value) text += (text.empty() ? "" : ",") + value_text(element);
    return text;
  } else if constexpr (std::is_enum_v<T>)
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
  if constexpr (is_number_array<T>) {
    const std::size_t count = value.size();
    if (static_cast<std::size_t>(std::ranges::count(text, ',')) + 1 != count)
      refuse(std::to_string(count) + " numbers with commas between");
    std::size_t begin = 0;
    for (auto& element : value) {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      set_value(element, name, text.substr(begin, end - begin));
      begin = end + 1;
    }
  } else if constexpr (std::is_enum_v<T>) {
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

template <class T>
inline constexpr bool is_whole = std::is_integral_v<T>;
template <class T, std::size_t N>
inline constexpr bool is_whole<std::array<T, N>> = std::is_integral_v<T>;

[[noreturn, gnu::cold]] inline void refuse_type(const operation_info& about, std::size_t input,
                                                pixel_type wanted) {
  throw argument_error(std::string(about.name) + ": " + about.inputs[input].name + " must be " +
                       std::string(name_of(wanted)));
}

// The image of the kind an operation wants, of type T where it takes any.
template <kind K, pixel T>
using input_image =
    std::conditional_t<K == kind::binary, binary_image,
                       std::conditional_t<K == kind::labels, label_image, image<T>>>;

template <class R>
void append_result(std::vector<any_result>& all, R&& result) {
  if constexpr (std::is_arithmetic_v<std::remove_cvref_t<R>>)
    all.emplace_back(static_cast<double>(result));
  else if constexpr (requires { to_table(result); })
    all.emplace_back(to_table(result));
  else if constexpr (requires { std::tuple_size<std::remove_cvref_t<R>>::value; })
    std::apply([&](auto&... r) { (append_result(all, std::move(r)), ...); }, result);
  else
    all.emplace_back(any_image(std::forward<R>(result)));
}

template <class Op, pixel T>
std::vector<any_result> invoke_as(const Op& op, std::span<const any_image> images) {
  const auto input = [&]<std::size_t I>(std::index_sequence<I>) -> const auto& {
    using Wanted = input_image<Op::about.inputs[I].kind, T>;
    if (const auto* found = std::get_if<Wanted>(&images[I])) return *found;
    refuse_type(Op::about, I, pixel_type_of<typename Wanted::value_type>());
  };
  std::vector<any_result> all;
  const auto run_all = [&]<std::size_t... I>(std::index_sequence<I...>) {
    append_result(all, run_plain(op, input(std::index_sequence<I>{})...));
  };
  run_all(std::make_index_sequence<Op::about.input_count()>{});
  return all;
}

}  // namespace detail

/// Whether an operation takes images of any pixel type, or only binary and label images.
template <class Op>
constexpr bool takes_any_pixel_type() {
  for (std::size_t i = 0; i < Op::about.input_count(); ++i)
    if (Op::about.inputs[i].kind == kind::image) return true;
  return false;
}

/// Runs an operation. Binary inputs must be u8, label inputs u32, the others of one type. Gives one
/// result per output. Throws what the operation throws, and argument_error for inputs it does not
/// take.
template <class Op>
std::vector<any_result> invoke(const Op& op, std::span<const any_image> images) {
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
  detail::for_each_parameter<Op>([&]<class T>(const char* name, T Op::*member, const char* unit,
                                              const char* help, double minimum = -detail::infinity,
                                              double maximum = detail::infinity) {
    using type = enum parameter_description::type;
    parameter_description d{.name = name, .unit = unit, .help = help};
    d.default_text = detail::value_text(Op{}.*member);
    if constexpr (std::is_enum_v<T>) {
      d.type = type::choice;
      for (const char* choice : choice_names(T{})) d.choices.emplace_back(choice);
    } else if constexpr (std::same_as<T, bool>) {
      d.type = type::boolean;
    } else {
      if constexpr (detail::is_number_array<T>) d.count = T{}.size();
      d.type = detail::is_whole<T> ? type::integer : type::number;
      if (std::isfinite(minimum)) d.minimum = minimum;
      if (std::isfinite(maximum)) d.maximum = maximum;
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
  detail::for_each_parameter<Op>([&](const char* known_name, auto member, const auto&...) {
    known += (known.empty() ? "" : ", ") + std::string(known_name);
    if (name != known_name) return;
    detail::set_value(op.*member, name, text);
    found = true;
  });
  if (!found)
    throw argument_error(std::string(Op::about.name) + " has no parameter " + name +
                         (known.empty() ? "; it has none" : "; it has " + known));
}

/// The parameters that differ from their defaults, in words: what `set_parameter` takes.
template <class Op>
std::vector<std::pair<std::string, std::string>> assignments_of(const Op& op) {
  std::vector<std::pair<std::string, std::string>> all;
  detail::for_each_parameter<Op>([&](const char* name, auto member, const auto&...) {
    auto value = detail::value_text(op.*member);
    if (value != detail::value_text(Op{}.*member)) all.emplace_back(name, std::move(value));
  });
  return all;
}

/// "sigma_x=2 border=reflect": the parameters that differ from their defaults.
template <class Op>
std::string parameter_text(const Op& op) {
  std::string text;
  for (const auto& [name, value] : assignments_of(op))
    text += (text.empty() ? "" : " ") + name + "=" + value;
  return text;
}

/// Parameters in words: names and values, in any order.
using assignments = std::span<const std::pair<std::string, std::string>>;

/// An operation as data, and as functions of words and images of any type.
struct registry_entry {
  const operation_info* about;
  std::vector<parameter_description> parameters;
  bool takes_any_pixel_type;

  /// The pixel type of an output image, where the first input is of the given type.
  pixel_type (*output_type)(std::size_t output, pixel_type first);
  /// The shape of the results, for inputs of these shapes.
  shape (*output_shape)(assignments parameters, std::span<const shape> inputs);
  /// Throws what set_parameter throws, and argument_error for what is out of range, or not to be
  /// had of inputs of these shapes.
  void (*check)(assignments parameters, std::span<const shape> inputs);
  /// Runs it: one result per output. Throws what set_parameter and invoke throw.
  std::vector<any_result> (*run)(assignments parameters, std::span<const any_image> images);
  /// Its halo with these parameters; nothing where it needs the whole image.
  std::optional<gpuimg::halo> (*halo)(assignments parameters);
  /// "sigma_x=2 border=reflect": those of these parameters that differ from the defaults.
  std::string (*text)(assignments parameters);
};

namespace detail {

template <class Op, std::size_t Output = 0>
pixel_type output_type(std::size_t output, pixel_type first) {
  if constexpr (Output + 1 < Op::about.output_count())
    if (output > Output) return output_type<Op, Output + 1>(output, first);
  return visit_pixel_type(first, []<class T>(std::type_identity<T>) {
    if constexpr (Op::about.gives_images())
      return pixel_type_of<output_pixel_t<Op, Output, T>>();
    else
      return pixel_type::f32;
  });
}

/// Calls `what` with the shape of each input.
template <class Op, class What>
auto with_shapes(std::span<const shape> inputs, const What& what) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) { return what(inputs[I]...); }
  (std::make_index_sequence<Op::about.input_count()>{});
}

template <class Op>
Op with_parameters(assignments parameters) {
  Op op;
  for (const auto& [name, value] : parameters) set_parameter(op, name, value);
  return op;
}

}  // namespace detail

/// The entry of an operation.
template <class Op>
registry_entry entry_of() {
  return {.about = &Op::about,
          .parameters = describe_parameters<Op>(),
          .takes_any_pixel_type = takes_any_pixel_type<Op>(),
          .output_type = &detail::output_type<Op>,
          .output_shape =
              [](assignments p, std::span<const shape> inputs) {
                const auto op = detail::with_parameters<Op>(p);
                return detail::with_shapes<Op>(inputs, [&](const auto&... shapes) {
                  return detail::result_shape(op, shapes...);
                });
              },
          .check =
              [](assignments p, std::span<const shape> inputs) {
                const auto op = detail::with_parameters<Op>(p);
                try {
                  detail::check_parameters(op);
                  detail::with_shapes<Op>(
                      inputs, [&](const auto&... shapes) { detail::check_shapes(op, shapes...); });
                } catch (error& e) {
                  e.add_context(Op::about.name, to_string(inputs[0]));
                  throw;
                }
              },
          .run =
              [](assignments p, std::span<const any_image> images) {
                return invoke(detail::with_parameters<Op>(p), images);
              },
          .halo = [](assignments p) -> std::optional<gpuimg::halo> {
            const auto op = detail::with_parameters<Op>(p);
            if constexpr (requires { op.halo(); }) return op.halo();
            return std::nullopt;
          },
          .text = [](assignments p) { return parameter_text(detail::with_parameters<Op>(p)); }};
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
