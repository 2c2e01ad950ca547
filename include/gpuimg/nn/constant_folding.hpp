// SPDX-License-Identifier: BSD-3-Clause
// Operators of graphs on tensors that are known before anything runs: sizes, paddings, and what
// exporters compute from weights. All of it is done on the host.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "gpuimg/nn/shapes.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// Known tensors have one of three types: f32, i64 or bool. Other types become those; f64 is
/// rounded.
inline host_tensor to_known(const host_tensor& from) {
  if (from.type() == element::f32 || from.type() == element::i64 || from.type() == element::boolean)
    return from;
  if (is_float(from.type())) return {from.shape(), std::span<const float>(from.values<float>())};
  return {from.shape(), std::span<const std::int64_t>(from.values<std::int64_t>())};
}

namespace detail {

/// A tensor whose number i is number source(i) of `from`; `source` is called in order of i.
template <class Source>
host_tensor pick(const host_tensor& from, tensor_shape shape, Source source) {
  host_tensor made(from.type(), std::move(shape));
  const std::size_t size = size_of(from.type());
  const auto count = static_cast<std::size_t>(made.shape().elements());
  for (std::size_t i = 0; i < count; ++i)
    std::memcpy(made.bytes().data() + i * size,
                from.bytes().data() + static_cast<std::size_t>(source(i)) * size, size);
  return made;
}

/// Calls f(place) for every number of a tensor, in order, where a step along axis a is strides[a].
template <class F>
void walk(const tensor_shape& shape, std::int64_t place, const std::vector<std::int64_t>& strides,
          F f) {
  std::vector<std::int64_t> at(shape.rank(), 0);
  for (std::int64_t left = shape.elements(); left > 0; --left) {
    f(place);
    for (std::size_t axis = shape.rank(); axis-- > 0;) {
      place += strides[axis];
      if (++at[axis] < shape[axis]) break;
      place -= strides[axis] * shape[axis];
      at[axis] = 0;
    }
  }
}

/// A tensor whose numbers lie `strides` apart in `from`.
inline host_tensor pick_strided(const host_tensor& from, const tensor_shape& shape,
                                std::int64_t first, const std::vector<std::int64_t>& strides) {
  host_tensor made(from.type(), shape);
  const auto size = static_cast<std::ptrdiff_t>(size_of(from.type()));
  std::byte* to = made.bytes().data();
  walk(shape, first, strides, [&](std::int64_t place) {
    std::memcpy(to, from.bytes().data() + place * size, static_cast<std::size_t>(size));
    to += size;
  });
  return made;
}

inline host_tensor expanded(const host_tensor& from, const tensor_shape& to) {
  const auto own = strides_of(from.shape());
  std::vector<std::int64_t> strides(to.rank(), 0);
  const std::size_t missing = to.rank() - from.shape().rank();
  for (std::size_t axis = missing; axis < to.rank(); ++axis)
    if (from.shape()[axis - missing] != 1) strides[axis] = own[axis - missing];
  return pick_strided(from, to, 0, strides);
}

/// Known tensors may not become so large that something must be wrong.
inline tensor_shape sensible(tensor_shape shape) {
  if (shape.elements() > (std::int64_t{1} << 28))
    throw argument_error("a constant of shape " + to_string(shape) + " is too large");
  return shape;
}

template <class T>
host_tensor known(tensor_shape shape, const std::vector<T>& values) {
  return {std::move(shape), std::span<const T>(values)};
}
inline host_tensor known(const std::vector<std::int64_t>& values) {
  return known(tensor_shape{static_cast<std::int64_t>(values.size())}, values);
}
/// Which numbers are not 0.
inline host_tensor truth(const host_tensor& from) {
  host_tensor made(element::boolean, from.shape());
  const std::vector<bool> values = from.values<bool>();
  std::copy(values.begin(), values.end(), made.as<std::uint8_t>().begin());
  return made;
}

/// f(a, b) number by number, in whole numbers where both are.
template <class F>
host_tensor combined(const host_tensor& a, const host_tensor& b, F f) {
  const tensor_shape shape = sensible(broadcast(a.shape(), b.shape()));
  const host_tensor wide_a = expanded(a, shape), wide_b = expanded(b, shape);
  const auto compute = [&]<class T>(T) {
    std::vector<T> values = wide_a.values<T>();
    const std::vector<T> others = wide_b.values<T>();
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<T>(f(values[i], others[i]));
    return known(shape, values);
  };
  return a.type() == element::f32 || b.type() == element::f32 ? compute(float{})
                                                              : compute(std::int64_t{});
}

/// f(f(a, b), c) and so on.
template <class F>
host_tensor all_combined(const known_inputs& in, F f) {
  if (std::find(in.begin(), in.end(), nullptr) != in.end()) throw argument_error("lacks an input");
  host_tensor all = *in[0];
  for (std::size_t i = 1; i < in.size(); ++i) all = combined(all, *in[i], f);
  return all;
}

/// f(a), number by number, of numbers with fractions.
template <class F>
host_tensor transformed(const host_tensor& a, F f) {
  std::vector<float> values = a.values<float>();
  for (float& value : values) value = static_cast<float>(f(value));
  return known(a.shape(), values);
}

inline std::int64_t quotient(std::int64_t a, std::int64_t b) {
  if (b == 0 || (b == -1 && a == std::numeric_limits<std::int64_t>::min()))
    throw argument_error("a constant is divided by 0");
  return a / b;
}
inline float quotient(float a, float b) { return a / b; }

// Sums and products of whole numbers wrap around instead of being undefined.
template <class T, class F>
T wrapped(T a, T b, F f) {
  if constexpr (std::is_same_v<T, std::int64_t>)
    return static_cast<T>(f(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)));
  else
    return f(a, b);
}

// The sign of the divisor, as Python has it.
inline std::int64_t remainder(std::int64_t a, std::int64_t b) {
  const std::int64_t rest = a - quotient(a, b) * b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
inline float remainder(float a, float b) { return std::fmod(a, b); }

inline std::int64_t power(std::int64_t a, std::int64_t b) {
  if (b < 0 || b > 1024)
    throw argument_error("a constant is raised to the power of " + std::to_string(b));
  std::int64_t result = 1;
  for (; b > 0; --b) result = wrapped(result, a, std::multiplies<>{});
  return result;
}
inline float power(float a, float b) { return std::pow(a, b); }

inline std::int64_t negative(std::int64_t a) { return wrapped(std::int64_t{0}, a, std::minus<>{}); }
inline float negative(float a) { return -a; }

/// The same numbers in another shape of as many. Throws argument_error where it is not.
inline host_tensor relabelled(const host_tensor& from, tensor_shape shape) {
  if (shape.elements() != from.shape().elements())
    throw argument_error("a constant of shape " + to_string(from.shape()) + " has no shape " +
                         to_string(shape));
  host_tensor made(from.type(), std::move(shape));
  std::copy(from.bytes().begin(), from.bytes().end(), made.bytes().begin());
  return made;
}

/// Folds the numbers along some axes: f(so far, number), beginning with the first.
template <class F>
host_tensor reduced(const node_reader& node, const host_tensor& src,
                    const std::vector<std::int64_t>& axes, F f) {
  const reduction_shapes shapes = reduction_of(node, src.shape(), axes);
  if (shapes.kept.elements() != 0 && src.shape().elements() == 0)
    node.fail("reduces a constant without numbers");
  std::vector<std::int64_t> strides = strides_of(shapes.kept);
  for (std::size_t axis = 0; axis < strides.size(); ++axis)
    if (shapes.goes[axis]) strides[axis] = 0;
  const auto compute = [&]<class T>(T) {
    const std::vector<T> values = src.values<T>();
    std::vector<T> results(static_cast<std::size_t>(shapes.kept.elements()));
    std::vector<bool> begun(results.size(), false);
    walk(src.shape(), 0, strides, [&, next = std::size_t{0}](std::int64_t place) mutable {
      const auto to = static_cast<std::size_t>(place);
      results[to] = begun[to] ? static_cast<T>(f(results[to], values[next])) : values[next];
      begun[to] = true;
      ++next;
    });
    return known(shapes.result, results);
  };
  return src.type() == element::f32 ? compute(float{}) : compute(std::int64_t{});
}

inline host_tensor concatenated(const node_reader& node, const known_inputs& in) {
  if (std::find(in.begin(), in.end(), nullptr) != in.end()) node.fail("lacks an input");
  const tensor_shape& first = in[0]->shape();
  const std::size_t along = axis_of(node, node.integer("axis", 0), first.rank());
  std::vector<std::int64_t> sizes(first.sizes().begin(), first.sizes().end());
  for (std::size_t i = 1; i < in.size(); ++i) {
    const tensor_shape& shape = in[i]->shape();
    bool fits = shape.rank() == first.rank() && in[i]->type() == in[0]->type();
    for (std::size_t axis = 0; fits && axis < first.rank(); ++axis)
      fits = axis == along || shape[axis] == first[axis];
    if (!fits) node.fail("joins constants of other shapes or types");
    sizes[along] += shape[along];
  }
  host_tensor made(in[0]->type(), sensible(tensor_shape(std::move(sizes))));
  const auto rows = static_cast<std::size_t>(first.product(0, along));
  std::byte* to = made.bytes().data();
  for (std::size_t row = 0; row < rows; ++row)
    for (const host_tensor* one : in) {
      const std::size_t bytes = one->bytes().size() / rows;
      if (bytes != 0) std::memcpy(to, one->bytes().data() + row * bytes, bytes);
      to += bytes;
    }
  return made;
}

inline host_tensor gathered(const node_reader& node, const known_inputs& in) {
  const tensor_shape& src = in[0]->shape();
  const std::size_t along = axis_of(node, node.integer("axis", 0), src.rank());
  const std::vector<std::int64_t> wanted = in[1]->values<std::int64_t>();
  std::vector<std::int64_t> sizes(src.sizes().begin(),
                                  src.sizes().begin() + static_cast<std::ptrdiff_t>(along));
  for (const std::int64_t size : in[1]->shape().sizes()) sizes.push_back(size);
  for (std::size_t axis = along + 1; axis < src.rank(); ++axis) sizes.push_back(src[axis]);
  for (const std::int64_t index : wanted)
    if (index < -src[along] || index >= src[along])
      node.fail("takes number " + std::to_string(index) + " of " + std::to_string(src[along]));
  const std::int64_t inner = src.product(along + 1, src.rank());
  const auto count = static_cast<std::int64_t>(wanted.size());
  return pick(*in[0], sensible(tensor_shape(std::move(sizes))), [&](std::size_t i) {
    const auto at = static_cast<std::int64_t>(i);
    const std::int64_t index = wanted[static_cast<std::size_t>(at / inner % count)];
    return (at / inner / count * src[along] + (index < 0 ? index + src[along] : index)) * inner +
           at % inner;
  });
}

inline host_tensor sliced(const node_reader& node, const known_inputs& in) {
  const auto ranges = slices_of(node, in[0]->shape(), in);
  std::vector<std::int64_t> strides = strides_of(in[0]->shape()), sizes;
  std::int64_t first = 0;
  for (std::size_t axis = 0; axis < strides.size(); ++axis) {
    first += ranges[axis].start * strides[axis];
    strides[axis] *= ranges[axis].step;
    sizes.push_back(ranges[axis].count);
  }
  return pick_strided(*in[0], tensor_shape(std::move(sizes)), first, strides);
}

inline host_tensor transposed(const node_reader& node, const host_tensor& src) {
  const auto own = strides_of(src.shape());
  std::vector<std::int64_t> strides, sizes;
  for (const std::size_t axis : order_of(node, src.shape())) {
    strides.push_back(own[axis]);
    sizes.push_back(src.shape()[axis]);
  }
  return pick_strided(src, tensor_shape(std::move(sizes)), 0, strides);
}

inline host_tensor range(const host_tensor& first, const host_tensor& limit,
                         const host_tensor& step) {
  const auto compute = [&]<class T>(T) {
    const T start = first.values<T>().at(0), end = limit.values<T>().at(0);
    const T by = step.values<T>().at(0);
    if (by == 0) throw argument_error("a range needs a step other than 0");
    const double count = std::ceil((static_cast<double>(end) - static_cast<double>(start)) /
                                   static_cast<double>(by));
    if (count > 1e8) throw argument_error("a range of more than 10^8 numbers");
    std::vector<T> values;
    for (std::int64_t i = 0; static_cast<double>(i) < count; ++i)
      values.push_back(
          wrapped(start, wrapped(static_cast<T>(i), by, std::multiplies<>{}), std::plus<>{}));
    return known(tensor_shape{static_cast<std::int64_t>(values.size())}, values);
  };
  for (const host_tensor* one : {&first, &limit, &step})
    if (one->shape().elements() != 1) throw argument_error("a range is made of three numbers");
  return first.type() == element::f32 ? compute(float{}) : compute(std::int64_t{});
}

inline host_tensor chosen(const host_tensor& condition, const host_tensor& a,
                          const host_tensor& b) {
  const tensor_shape shape =
      sensible(broadcast(condition.shape(), broadcast(a.shape(), b.shape())));
  const auto from = expanded(condition, shape).values<bool>();
  host_tensor made = expanded(a, shape);
  const host_tensor other = expanded(b, shape);
  if (made.type() != other.type()) throw argument_error("chooses between constants of two types");
  const std::size_t size = size_of(made.type());
  for (std::size_t i = 0; i < from.size(); ++i)
    if (!from[i])
      std::memcpy(made.bytes().data() + i * size, other.bytes().data() + i * size, size);
  return made;
}

inline host_tensor cast(const node_reader& node, const host_tensor& src) {
  switch (node.integer("to", 1)) {  // TensorProto's numbers of types
    case 1:
    case 10:
    case 11:
    case 16:
      return known(src.shape(), src.values<float>());
    case 9:
      return truth(src);
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
    case 12:
    case 13:
      break;
    default:
      node.fail("casts to a type that is no number");
  }
  if (src.type() != element::f32) return known(src.shape(), src.values<std::int64_t>());
  std::vector<std::int64_t> values;
  for (const float value : src.as<float>()) {
    constexpr float most = 9.2e18f;
    values.push_back(value > -most && value < most ? static_cast<std::int64_t>(value) : 0);
  }
  return known(src.shape(), values);
}

}  // namespace detail

/// What an operator gives where its inputs are known. Those from `least_inputs` on may be left out.
struct folding {
  std::size_t least_inputs;
  host_tensor (*compute)(const node_reader&, const known_inputs&);
};

/// The operators that can be folded, by name. Foldings throw argument_error.
inline const std::map<std::string_view, folding>& foldings() {
  using node = const node_reader&;
  using inputs = const known_inputs&;
  using namespace detail;
#define GPUIMG_FOLD(least, result) \
  {                                \
    least, [](node n, inputs in) { \
      (void)n;                     \
      return host_tensor(result);  \
    }                              \
  }
#define GPUIMG_FOLD_ALL(f) GPUIMG_FOLD(1, all_combined(in, [](auto a, auto b) { return f; }))
#define GPUIMG_FOLD_NUMBER(f) GPUIMG_FOLD(1, transformed(*in[0], [](float a) { return f; }))
#define GPUIMG_FOLD_TRUTH(f) \
  GPUIMG_FOLD(2, truth(combined(*in[0], *in[1], [](auto a, auto b) { return f; })))
#define GPUIMG_FOLD_REDUCTION(since, f) \
  GPUIMG_FOLD(1, reduced(n, *in[0], axes_of(n, in, since), [](auto a, auto b) { return f; }))
  static const std::map<std::string_view, folding> all{
      {"Add", GPUIMG_FOLD_ALL(wrapped(a, b, std::plus<>{}))},
      {"Sub", GPUIMG_FOLD_ALL(wrapped(a, b, std::minus<>{}))},
      {"Mul", GPUIMG_FOLD_ALL(wrapped(a, b, std::multiplies<>{}))},
      {"Div", GPUIMG_FOLD_ALL(quotient(a, b))},
      {"Mod", GPUIMG_FOLD_ALL(remainder(a, b))},
      {"Max", GPUIMG_FOLD_ALL(a < b ? b : a)},
      {"Min", GPUIMG_FOLD_ALL(b < a ? b : a)},
      {"Pow", GPUIMG_FOLD_ALL(power(a, b))},
      {"Abs", GPUIMG_FOLD_NUMBER(std::fabs(a))},
      {"Neg", GPUIMG_FOLD(1, combined(*in[0], *in[0], [](auto a, auto) { return negative(a); }))},
      {"Ceil", GPUIMG_FOLD_NUMBER(std::ceil(a))},
      {"Floor", GPUIMG_FOLD_NUMBER(std::floor(a))},
      {"Round", GPUIMG_FOLD_NUMBER(std::nearbyint(a))},
      {"Sqrt", GPUIMG_FOLD_NUMBER(std::sqrt(a))},
      {"Reciprocal", GPUIMG_FOLD_NUMBER(1 / a)},
      {"Exp", GPUIMG_FOLD_NUMBER(std::exp(a))},
      {"Log", GPUIMG_FOLD_NUMBER(std::log(a))},
      {"Not", GPUIMG_FOLD(1, truth(combined(*in[0], *in[0], [](auto a, auto) { return a == 0; })))},
      {"And", GPUIMG_FOLD_TRUTH(a != 0 && b != 0)},
      {"Or", GPUIMG_FOLD_TRUTH(a != 0 || b != 0)},
      {"Equal", GPUIMG_FOLD_TRUTH(a == b)},
      {"Less", GPUIMG_FOLD_TRUTH(a < b)},
      {"LessOrEqual", GPUIMG_FOLD_TRUTH(a <= b)},
      {"Greater", GPUIMG_FOLD_TRUTH(a > b)},
      {"GreaterOrEqual", GPUIMG_FOLD_TRUTH(a >= b)},
      {"ReduceProd", GPUIMG_FOLD_REDUCTION(18, wrapped(a, b, std::multiplies<>{}))},
      {"ReduceSum", GPUIMG_FOLD_REDUCTION(13, wrapped(a, b, std::plus<>{}))},
      {"ReduceMax", GPUIMG_FOLD_REDUCTION(18, a < b ? b : a)},
      {"ReduceMin", GPUIMG_FOLD_REDUCTION(18, b < a ? b : a)},
      {"Identity", GPUIMG_FOLD(1, *in[0])},
      {"Dropout", GPUIMG_FOLD(1, *in[0])},
      {"Cast", GPUIMG_FOLD(1, cast(n, *in[0]))},
      {"Concat", GPUIMG_FOLD(1, concatenated(n, in))},
      {"Gather", GPUIMG_FOLD(2, gathered(n, in))},
      {"Slice", GPUIMG_FOLD(1, sliced(n, in))},
      {"Transpose", GPUIMG_FOLD(1, transposed(n, *in[0]))},
      {"Squeeze",
       GPUIMG_FOLD(1, relabelled(*in[0], squeezed(n, in[0]->shape(), axes_of(n, in, 13))))},
      {"Unsqueeze",
       GPUIMG_FOLD(1, relabelled(*in[0], unsqueezed(n, in[0]->shape(), axes_of(n, in, 13))))},
      {"Reshape", GPUIMG_FOLD(2, relabelled(*in[0], reshaped(in[0]->shape(), integers_of(in, 1),
                                                             n.integer("allowzero", 0) != 0)))},
      {"Flatten", GPUIMG_FOLD(1, relabelled(*in[0], flattened(n, in[0]->shape())))},
      {"Expand",
       GPUIMG_FOLD(2, expanded(*in[0], sensible(broadcast(in[0]->shape(),
                                                          tensor_shape(integers_of(in, 1))))))},
      {"ConstantOfShape",
       GPUIMG_FOLD(1, expanded(relabelled(to_known(n.tensor("value", known(tensor_shape{1},
                                                                           std::vector<float>{0}))),
                                          {}),
                               sensible(tensor_shape(integers_of(in, 0)))))},
      {"Range", GPUIMG_FOLD(3, range(*in[0], *in[1], *in[2]))},
      {"Where", GPUIMG_FOLD(3, chosen(*in[0], *in[1], *in[2]))},
  };
#undef GPUIMG_FOLD
#undef GPUIMG_FOLD_ALL
#undef GPUIMG_FOLD_NUMBER
#undef GPUIMG_FOLD_TRUTH
#undef GPUIMG_FOLD_REDUCTION
  return all;
}

}  // namespace gpuimg::nn
