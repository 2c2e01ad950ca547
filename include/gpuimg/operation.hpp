// SPDX-License-Identifier: BSD-3-Clause
// What an operation is, and run(): the only place that picks a backend.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "gpuimg/core/choices.hpp"
#include "gpuimg/image.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// What goes into an operation and comes out of it. binary: u8, 0 or not 0. labels: u32.
enum class kind { image, binary, labels, scalar, table };

constexpr const char* name_of(kind k) {
  constexpr const char* names[] = {"image", "binary", "labels", "scalar", "table"};
  return names[static_cast<std::size_t>(k)];
}

struct input_info {
  const char* name = nullptr;
  gpuimg::kind kind = kind::image;
};

/// How far backends may differ, and why they must.
struct tolerance {
  double absolute = 0, relative = 0;
  const char* reason = "";
};

/// What an operation says of itself. Without `tolerance` all devices give the same bits.
struct operation_info {
  const char* name;
  const char* theme;
  const char* brief;   ///< one sentence
  const char* source;  ///< what it agrees with, or the paper
  std::array<input_info, 2> inputs;
  kind output;
  std::optional<gpuimg::tolerance> tolerance = std::nullopt;

  [[nodiscard]] constexpr std::size_t input_count() const {
    return inputs[1].name == nullptr ? 1 : 2;
  }
};

/// One field of an operation. NaN is allowed where it is the default.
template <class Op, class T>
struct parameter {
  constexpr parameter(const char* name_, T Op::*member_, const char* unit_, const char* help_,
                      double minimum_ = -std::numeric_limits<double>::infinity(),
                      double maximum_ = std::numeric_limits<double>::infinity())
      : name(name_),
        member(member_),
        unit(unit_),
        help(help_),
        minimum(minimum_),
        maximum(maximum_) {}

  const char* name;
  T Op::*member;
  const char* unit;  ///< "pixel", or "" for a plain number
  const char* help;  ///< one line
  double minimum, maximum;
};

/// How many pixels beyond an output pixel an operation reads, to both sides, per axis. One without
/// `halo()` needs the whole image.
struct halo {
  std::size_t x = 0, y = 0, z = 0;
};

namespace ops {
#define GPUIMG_OPERATION(theme, family, name) struct name;
#include "gpuimg/operations.def"
#undef GPUIMG_OPERATION
}  // namespace ops

namespace detail {
struct end_of_list;
template <class...>
struct type_list {};
}  // namespace detail

/// Every operation there is: the lines of operations.def.
#define GPUIMG_OPERATION(theme, family, name) ops::name,
using all_operations = detail::type_list<
#include "gpuimg/operations.def"
    detail::end_of_list>;
#undef GPUIMG_OPERATION

/// Calls `f.template operator()<Op>()` for every operation, in the order of the list.
template <class F>
void for_each_operation(F&& f) {
  [&]<class... Op>(detail::type_list<Op...>) {
    const auto call = [&]<class T>() {
      if constexpr (!std::same_as<T, detail::end_of_list>) f.template operator()<T>();
    };
    (call.template operator()<Op>(), ...);
  }(all_operations{});
}

namespace detail {

template <class Op, class List>
inline constexpr bool is_listed = false;
template <class Op, class... Listed>
inline constexpr bool is_listed<Op, type_list<Listed...>> = (std::same_as<Op, Listed> || ...);

/// Calls `f(parameter)` for every parameter of an operation.
template <class Op, class F>
void for_each_parameter(F&& f) {
  constexpr auto parameters = Op::parameters();
  [&]<std::size_t... I>(std::index_sequence<I...>) { (f(std::get<I>(parameters)), ...); }
  (std::make_index_sequence<std::tuple_size_v<decltype(parameters)>>{});
}

/// A product as it is before something is added: without this, compilers for machines that have fma
/// may do both at once and round once only.
template <class T>
T rounded(T product) {
  volatile T value = product;
  return value;
}

template <class T>
std::string number_text(T value) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

template <class Op>
void check_parameters(const Op& op) {
  for_each_parameter<Op>([&]<class T>(const parameter<Op, T>& p) {
    if constexpr (std::is_arithmetic_v<T> && !std::same_as<T, bool>) {
      const auto value = static_cast<double>(op.*(p.member));
      if (std::isnan(value) && std::isnan(static_cast<double>(Op{}.*(p.member)))) return;
      const bool bounded_below = std::isfinite(p.minimum), bounded_above = std::isfinite(p.maximum);
      if (std::isfinite(value) && value >= p.minimum && value <= p.maximum) return;
      std::string rule = std::is_floating_point_v<T> ? "finite" : "";
      if (bounded_below) rule += (rule.empty() ? ">= " : " and >= ") + number_text(p.minimum);
      if (bounded_above) rule += (rule.empty() ? "<= " : " and <= ") + number_text(p.maximum);
      throw argument_error(std::string(p.name) + " must be " + rule + ", got " +
                           number_text(value));
    }
  });
}

template <class First, class... Rest>
void check_same_device(const First& first, const Rest&... rest) {
  [[maybe_unused]] const auto check_one = [&](const auto& other) {
    if (other.device() != first.device())
      throw argument_error("the images are on different devices, " + first.device().name() +
                           " and " + other.device().name() + "; copy_to brings one to the other");
  };
  (check_one(rest), ...);
}

template <class Op, class First, class... Rest>
void check_shapes(const Op& op, const First& first, const Rest&... rest) {
  if constexpr (requires { op.check(first, rest...); }) {
    op.check(first, rest...);
  } else {
    [[maybe_unused]] const auto check_one = [&](const shape& other) {
      if (other != first)
        throw argument_error("the images must have the same shape, got " + to_string(first) +
                             " and " + to_string(other));
    };
    (check_one(rest), ...);
  }
}

template <class Op, pixel... T>
std::string describe(const image<T>&... src) {
  std::string text;
  std::size_t i = 0;
  ((text += (i == 0 ? "" : ", ") + std::string(Op::about.inputs[i].name) + " " +
            to_string(src.shape()) + " " + std::string(name_of(pixel_type_of<T>())),
    ++i),
   ...);
  return text + " on " + std::get<0>(std::tie(src...)).device().name();
}

template <class Op, pixel T>
struct result_pixel {
  using type = std::uint8_t;
};
template <class Op, pixel T>
requires(Op::about.output == kind::labels) struct result_pixel<Op, T> {
  using type = std::uint32_t;
};
template <class Op, pixel T>
requires(Op::about.output == kind::image) struct result_pixel<Op, T> {
  using type = typename Op::template dst_pixel<T>;
};

template <class Op>
shape result_shape(const Op& op, const shape& src) {
  if constexpr (requires { op.dst_shape(src); }) return op.dst_shape(src);
  return src;
}

inline auto on_backend(const device& device, const auto& on_reference, const auto& on_opencl) {
  if (device.is_reference()) return on_reference(std::get<reference::device>(device.backend()));
  return on_opencl(device.opencl());
}

}  // namespace detail

/// Runs an operation where its images live. An image result is on the same device and nothing waits
/// for it; a scalar or a table waits. Images without pixels give an image without work.
template <class Op, pixel First, pixel... Rest>
auto run(const Op& op, const image<First>& first, const image<Rest>&... rest) {
  static_assert(detail::is_listed<Op, all_operations>, "the operation is not in operations.def");
  try {
    detail::check_same_device(first, rest...);
    detail::check_parameters(op);
    detail::check_shapes(op, first.shape(), rest.shape()...);
    if constexpr (requires { op(first, rest...); }) {
      return op(first, rest...);
    } else if constexpr (Op::about.output == kind::scalar || Op::about.output == kind::table) {
      return detail::on_backend(
          first.device(),
          [&](const reference::device& d) {
            return op(d, detail::access::read(first), detail::access::read(rest)...);
          },
          [&](const opencl::device& d) {
            return op(d, detail::access::opencl(first), detail::access::opencl(rest)...);
          });
    } else {
      using Dst = typename detail::result_pixel<Op, First>::type;
      image<Dst> dst(first.device(), detail::result_shape(op, first.shape()));
      if (!dst.empty())
        detail::on_backend(
            first.device(),
            [&](const reference::device& d) {
              op(d, detail::access::read(first), detail::access::read(rest)...,
                 detail::access::write(dst));
            },
            [&](const opencl::device& d) {
              op(d, detail::access::opencl(first), detail::access::opencl(rest)...,
                 detail::access::opencl(dst));
            });
      return dst;
    }
  } catch (error& e) {
    e.add_context(Op::about.name, detail::describe<Op>(first, rest...));
    throw;
  }
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
