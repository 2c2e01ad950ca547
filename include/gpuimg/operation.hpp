// SPDX-License-Identifier: BSD-3-Clause
// What an operation is, and run(): the only place that picks a backend.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "gpuimg/core/choices.hpp"
#include "gpuimg/core/product.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/image.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// What goes into an operation and comes out of it. binary: u8, 0 or not 0. labels: u32.
enum class kind { image, binary, labels, scalar, table };

constexpr const char* name_of(kind k) {
  constexpr const char* names[] = {"image", "binary", "labels", "scalar", "table"};
  return names[static_cast<std::size_t>(k)];
}

/// An image that an operation takes, or what it gives: one of up to 4 inputs or 3 outputs.
struct port {
  const char* name = nullptr;
  gpuimg::kind kind = kind::image;
};

namespace detail {
template <std::size_t N>
constexpr std::size_t port_count(const std::array<port, N>& ports) {
  std::size_t n = 0;
  while (n < N && ports[n].name != nullptr) ++n;
  return n;
}
}  // namespace detail

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
  std::array<port, 4> inputs;
  std::array<port, 3> outputs;  ///< images, or a single scalar or table
  std::optional<gpuimg::tolerance> tolerance = std::nullopt;

  [[nodiscard]] constexpr std::size_t input_count() const { return detail::port_count(inputs); }
  [[nodiscard]] constexpr std::size_t output_count() const { return detail::port_count(outputs); }
  /// Whether name and theme are those that operations.def gives.
  [[nodiscard]] constexpr bool is(std::string_view its_name, std::string_view its_theme) const {
    return its_name == name && its_theme == theme;
  }
  [[nodiscard]] constexpr bool gives_images() const {
    return outputs[0].kind != kind::scalar && outputs[0].kind != kind::table;
  }
};

/// How many pixels beyond an output pixel an operation reads, to both sides, per axis, and whether
/// what it reads beyond the edge of the image comes from the opposite edge. One without `halo()`
/// needs the whole image.
struct halo {
  std::size_t x = 0, y = 0, z = 0;
  bool wraps = false;
};

namespace ops {
#define GPUIMG_OPERATION(theme, family, name) struct name;
#include "gpuimg/operations.def"
#undef GPUIMG_OPERATION
}  // namespace ops

namespace detail {

template <class Op>
inline constexpr bool is_listed = false;
#define GPUIMG_OPERATION(theme, family, name) \
  template <>                                 \
  inline constexpr bool is_listed<ops::name> = true;
#include "gpuimg/operations.def"
#undef GPUIMG_OPERATION

}  // namespace detail

/// Whether `run` takes a struct as an operation: those of operations.def. Specialise it for an
/// operation of your own: `template <> inline constexpr bool gpuimg::is_operation<mine> = true;`.
template <class Op>
inline constexpr bool is_operation = detail::is_listed<Op>;

namespace detail {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// Calls `visit(name, member, unit, help[, minimum, maximum])` for every parameter of an operation,
/// in the order in which its `parameters(visit)` does so.
template <class Op, class Visit>
constexpr void for_each_parameter(Visit&& visit) {
  if constexpr (requires { Op::parameters(visit); }) Op::parameters(visit);
}

template <class T>
inline constexpr bool is_number_array = false;
template <class T, std::size_t N>
inline constexpr bool is_number_array<std::array<T, N>> = std::is_arithmetic_v<T>;

/// A number in the fewest digits that read back as the same number.
template <class T>
std::string number_text(T value) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

[[noreturn, gnu::cold]] inline void refuse_number(const char* name, double value, double minimum,
                                                  double maximum, bool is_whole) {
  std::string rule = is_whole ? "" : "finite";
  if (std::isfinite(minimum))
    rule += text({rule.empty() ? ">= " : " and >= ", number_text(minimum)});
  if (std::isfinite(maximum))
    rule += text({rule.empty() ? "<= " : " and <= ", number_text(maximum)});
  throw argument_error(text({name, " must be ", rule, ", got ", number_text(value)}));
}

/// Throws argument_error for a number outside its range. NaN is allowed where it is the default.
inline void check_number(const char* name, double value, double standard, double minimum,
                         double maximum, bool is_whole) {
  if (std::isfinite(value) ? value < minimum || value > maximum
                           : !std::isnan(value) || !std::isnan(standard))
    refuse_number(name, value, minimum, maximum, is_whole);
}

/// Throws argument_error for a parameter outside its range.
template <class Op>
void check_parameters(const Op& op) {
  for_each_parameter<Op>([&]<class T>(const char* name, T Op::*member, const char*, const char*,
                                      double minimum = -infinity, double maximum = infinity) {
    const auto check = [&]<class N>(N value, N standard) {
      check_number(name, static_cast<double>(value), static_cast<double>(standard), minimum,
                   maximum, std::is_integral_v<N>);
    };
    if constexpr (is_number_array<T>)
      for (std::size_t i = 0; i < T{}.size(); ++i) check((op.*member)[i], (Op{}.*member)[i]);
    else if constexpr (std::is_arithmetic_v<T> && !std::same_as<T, bool>)
      check(op.*member, Op{}.*member);
  });
}

/// What messages and checks need to know of an input or output image.
struct operand {
  const gpuimg::device* device;
  gpuimg::shape shape;
  pixel_type type;
};

template <pixel T>
operand operand_of(const image<T>& src) {
  return {&src.device(), src.shape(), pixel_type_of<T>()};
}

using operands = std::initializer_list<operand>;

/// "src 300x200 u16 on NVIDIA H100": the images that an operation was given.
[[gnu::cold]] inline std::string describe(const operation_info& about, operands inputs) {
  std::string all;
  std::size_t i = 0;
  for (const operand& input : inputs)
    all += text({all.empty() ? "" : ", ", about.inputs[i++].name, " ", to_string(input.shape), " ",
                 name_of(input.type)});
  return text({all, " on ", inputs.begin()->device->name()});
}

/// Throws the exception at hand once more, with the operation and its images in its text.
[[noreturn, gnu::cold]] inline void rethrow_with_context(const operation_info& about,
                                                         operands inputs) {
  try {
    throw;
  } catch (error& e) {
    e.add_context(about.name, describe(about, inputs));
    throw;
  } catch (const std::bad_alloc&) {
    memory_error e("the host has not enough memory left", 0, 0);
    e.add_context(about.name, describe(about, inputs));
    throw e;
  }
}

inline void check_same_device(operands images) {
  const device& first = *images.begin()->device;
  for (const operand& other : images)
    if (*other.device != first)
      throw argument_error(text({"the images are on different devices, ", first.name(), " and ",
                                 other.device->name(), "; copy_to brings one to the other"}));
}

inline void check_has_pixels(const shape& size) {
  if (size.empty()) throw argument_error("the image has no pixels");
}

template <class... Shapes>
void check_same_shape(const shape& first, const Shapes&... rest) {
  for (const shape& other : {first, rest...})
    if (other != first)
      throw argument_error(text({"the images must have the same shape, got ", to_string(first),
                                 " and ", to_string(other)}));
}

// Whether a struct has a member `check`, however many overloads there are of it.
struct has_check_too {
  int check;
};
template <class Op>
struct with_another_check : Op, has_check_too {};
template <class Op>
concept has_check = !requires {
  &with_another_check<Op>::check;
};

template <class Op, std::size_t Output, pixel T>
constexpr auto output_pixel() {
  constexpr kind k = Op::about.outputs[Output].kind;
  if constexpr (k == kind::binary)
    return std::type_identity<std::uint8_t>{};
  else if constexpr (k == kind::labels)
    return std::type_identity<std::uint32_t>{};
  else
    return std::type_identity<typename Op::template dst_pixel<T>>{};
}

/// The pixel type of an output, for a first input of pixels T.
template <class Op, std::size_t Output, pixel T>
using output_pixel_t = typename decltype(output_pixel<Op, Output, T>())::type;

/// The shape of the results, for inputs of these shapes.
template <class Op, class... Shapes>
shape result_shape(const Op& op, const shape& first, const Shapes&... rest) {
  if constexpr (requires { op.dst_shape(first, rest...); })
    return op.dst_shape(first, rest...);
  else if constexpr (requires { op.dst_shape(first); })
    return op.dst_shape(first);
  else
    return first;
}

/// Checks the shapes of the inputs by `op.check`, which takes all of them, or the one that they
/// must have in common.
template <class Op, class... Shapes>
void check_shapes(const Op& op, const shape& first, const Shapes&... rest) {
  if constexpr (requires { op.check(first, rest...); }) {
    op.check(first, rest...);
  } else {
    check_same_shape(first, rest...);
    if constexpr (has_check<Op>) {
      static_assert(
          requires { op.check(first); },
          "check() takes the shapes of all inputs, or the one that they have in common");
      op.check(first);
    }
  }
}

/// Checks everything but the results' images.
template <class Op, pixel... T>
void check_inputs(const Op& op, operands inputs, const image<T>&... src) {
  check_same_device(inputs);
  inputs.begin()->device->begin(Op::about.name);
  check_parameters(op);
  check_shapes(op, src.shape()...);
}

/// What calls an operation's launch or its reference with the result images that it is given: the
/// only place that picks a backend.
template <class Op, pixel First, pixel... Rest>
auto on_backend(const Op& op, const image<First>& first, const image<Rest>&... rest) {
  return [&](auto&... dst) {
    const device& where = first.device();
    if (where.is_reference())
      return op(where.reference_side(), access::write(dst)..., access::read(first),
                access::read(rest)...);
    return op(where.opencl(), access::opencl(dst)..., access::opencl(first),
              access::opencl(rest)...);
  };
}

/// Has the device begin what an operation enqueued, which drivers may else put off until somebody
/// waits.
inline void submit(const device& where) {
  if (!where.is_reference()) where.opencl().flush();
}

/// New images for the results.
template <class Op, std::size_t... Output, pixel First, pixel... Rest>
auto new_images(const Op& op, std::index_sequence<Output...>, const image<First>& first,
                const image<Rest>&... rest) {
  const shape size = result_shape(op, first.shape(), rest.shape()...);
  return std::tuple{image<output_pixel_t<Op, Output, First>>(first.device(), size)...};
}

/// What `run` gives, as a tuple where it is several images.
template <class Op, pixel First, pixel... Rest>
auto run_plain(const Op& op, const image<First>& first, const image<Rest>&... rest) {
  static_assert(is_operation<Op>,
                "the operation is not in operations.def; specialise is_operation for your own");
  static_assert(Op::about.input_count() == 1 + sizeof...(Rest), "the number of images is wrong");
  const operands inputs{operand_of(first), operand_of(rest)...};
  try {
    check_inputs(op, inputs, first, rest...);
    if constexpr (requires { op(first, rest...); }) {
      return op(first, rest...);
    } else if constexpr (!Op::about.gives_images()) {
      return on_backend(op, first, rest...)();
    } else if constexpr (Op::about.output_count() == 1) {
      image<output_pixel_t<Op, 0, First>> dst(first.device(),
                                              result_shape(op, first.shape(), rest.shape()...));
      if (!dst.empty()) on_backend(op, first, rest...)(dst);
      submit(first.device());
      return dst;
    } else {
      auto dst =
          new_images(op, std::make_index_sequence<Op::about.output_count()>{}, first, rest...);
      if (!std::get<0>(dst).empty()) std::apply(on_backend(op, first, rest...), dst);
      submit(first.device());
      return dst;
    }
  } catch (...) {
    rethrow_with_context(Op::about, inputs);
  }
}

template <class Op, std::size_t... Output, std::size_t... Input, class... Images>
void run_into_plain(const Op& op, std::index_sequence<Output...>, std::index_sequence<Input...>,
                    const std::tuple<Images&...>& images) {
  constexpr std::size_t outputs = sizeof...(Output);
  const auto& first = std::get<outputs>(images);
  const operands inputs{operand_of(std::get<outputs + Input>(images))...};
  try {
    check_inputs(op, inputs, std::get<outputs + Input>(images)...);
    check_same_device({*inputs.begin(), operand_of(std::get<Output>(images))...});
    const shape size = result_shape(op, std::get<outputs + Input>(images).shape()...);
    const auto check = [&](const auto& dst, const char* name) {
      if (dst.shape() != size)
        throw argument_error(text(
            {name, " must have the shape ", to_string(size), ", got ", to_string(dst.shape())}));
      for (const void* src : {static_cast<const void*>(&std::get<outputs + Input>(images))...})
        if (src == &dst)
          throw argument_error(text({name, " must be another image than the inputs"}));
    };
    (check(std::get<Output>(images), Op::about.outputs[Output].name), ...);
    const void* results[] = {static_cast<const void*>(&std::get<Output>(images))...};
    for (std::size_t i = 1; i < outputs; ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (results[i] == results[j])
          throw argument_error(std::string(Op::about.outputs[i].name) +
                               " must be another image than " + Op::about.outputs[j].name);
    if (size.empty()) return;
    if constexpr (requires { op(std::get<outputs + Input>(images)...); })
      paste(op(std::get<outputs + Input>(images)...), std::get<0>(images), {});
    else
      on_backend(op, std::get<outputs + Input>(images)...)(std::get<Output>(images)...);
    submit(first.device());
  } catch (...) {
    rethrow_with_context(Op::about, inputs);
  }
}

}  // namespace detail

/// Runs an operation where its images live. Image results are on the same device and nothing waits
/// for them; a scalar or a table waits. Images without pixels give images without work. Several
/// images come as the struct that the operation names `result`, else as a tuple.
template <class Op, pixel First, pixel... Rest>
auto run(const Op& op, const image<First>& first, const image<Rest>&... rest) {
  if constexpr (requires { typename Op::template result<First>; })
    return std::apply(
        [](auto&&... dst) { return typename Op::template result<First>{std::move(dst)...}; },
        detail::run_plain(op, first, rest...));
  else
    return detail::run_plain(op, first, rest...);
}

/// As `run`, into images that are there already: first the results, then the inputs. Throws
/// argument_error where a result has another shape than it must have, or is one of the inputs.
template <class Op, class... Images>
void run_into(const Op& op, Images&&... images) {
  static_assert(is_operation<Op>,
                "the operation is not in operations.def; specialise is_operation for your own");
  static_assert(Op::about.gives_images(), "a number or a table is returned by run");
  static_assert(sizeof...(Images) == Op::about.output_count() + Op::about.input_count(),
                "run_into takes the results, then the inputs");
  detail::run_into_plain(op, std::make_index_sequence<Op::about.output_count()>{},
                         std::make_index_sequence<Op::about.input_count()>{},
                         std::tuple<Images&...>(images...));
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
