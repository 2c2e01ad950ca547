// SPDX-License-Identifier: BSD-3-Clause
// The shapes that operators of graphs make of shapes, as ONNX defines them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gpuimg/nn/node_reader.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// What is known of the inputs of an operator: null where an input is left out, or made at run
/// time.
using known_inputs = std::vector<const host_tensor*>;

/// The whole numbers of an input; none where it is left out.
inline std::vector<std::int64_t> integers_of(const known_inputs& inputs, std::size_t index) {
  return index < inputs.size() && inputs[index] != nullptr ? inputs[index]->values<std::int64_t>()
                                                           : std::vector<std::int64_t>{};
}

/// The axes that an operator names: an attribute before operator set `since`, an input from it on.
inline std::vector<std::int64_t> axes_of(const node_reader& node, const known_inputs& inputs,
                                         std::int64_t since) {
  return node.opset() < since ? node.integers("axes") : integers_of(inputs, 1);
}

/// How far the numbers along each axis lie apart.
inline std::vector<std::int64_t> strides_of(const tensor_shape& shape) {
  std::vector<std::int64_t> strides(shape.rank());
  for (std::size_t axis = 0; axis < shape.rank(); ++axis)
    strides[axis] = shape.product(axis + 1, shape.rank());
  return strides;
}

/// The shape of what two tensors give where their sizes are equal or 1, axis by axis from the last.
/// Throws argument_error for other sizes.
inline tensor_shape broadcast(const tensor_shape& a, const tensor_shape& b) {
  std::vector<std::int64_t> sizes(std::max(a.rank(), b.rank()));
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::int64_t in_a = i < a.rank() ? a[a.rank() - 1 - i] : 1;
    const std::int64_t in_b = i < b.rank() ? b[b.rank() - 1 - i] : 1;
    if (in_a != in_b && in_a != 1 && in_b != 1)
      throw argument_error(gpuimg::detail::text(
          {"shapes ", to_string(a), " and ", to_string(b), " do not go together"}));
    sizes[sizes.size() - 1 - i] = in_a == 1 ? in_b : in_a;
  }
  return tensor_shape(std::move(sizes));
}

/// The same numbers with axes of size 1 in front, so that there are `rank` of them.
inline tensor_shape aligned(const tensor_shape& shape, std::size_t rank) {
  std::vector<std::int64_t> sizes(rank > shape.rank() ? rank - shape.rank() : 0, 1);
  sizes.insert(sizes.end(), shape.sizes().begin(), shape.sizes().end());
  return tensor_shape(std::move(sizes));
}

/// The shape that Reshape makes of `from`: 0 keeps an axis (unless `zero_is_size`), -1 takes what
/// is left. Throws argument_error where the numbers do not fit.
inline tensor_shape reshaped(const tensor_shape& from, std::vector<std::int64_t> sizes,
                             bool zero_is_size) {
  tensor_shape::check_rank(sizes.size());
  const std::vector<std::int64_t> asked = sizes;
  const auto fail = [&] {
    std::string text;
    for (const std::int64_t size : asked) text += (text.empty() ? "" : ",") + std::to_string(size);
    throw argument_error(gpuimg::detail::text(
        {"a tensor of shape ", to_string(from), " cannot be reshaped to [", text, "]"}));
  };
  std::int64_t known = 1;
  std::size_t open = sizes.size();
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    if (sizes[axis] == 0 && !zero_is_size) {
      if (axis >= from.rank()) fail();
      sizes[axis] = from[axis];
    }
    if (sizes[axis] == -1 && open == sizes.size())
      open = axis;
    else if (sizes[axis] < 0 || __builtin_mul_overflow(known, sizes[axis], &known))
      fail();
  }
  if (open < sizes.size()) sizes[open] = known == 0 ? 0 : from.elements() / known;
  tensor_shape made(std::move(sizes));
  if (made.elements() != from.elements()) fail();
  return made;
}

/// Where Slice begins along an axis of `size`, how many numbers it takes, and its step.
struct slice_range {
  std::int64_t start = 0, count = 0, step = 1;
};
/// Throws argument_error for a step of 0.
inline slice_range slice_of(std::int64_t start, std::int64_t end, std::int64_t step,
                            std::int64_t size) {
  if (step == 0 || step == std::numeric_limits<std::int64_t>::min())
    throw argument_error("a slice needs a step other than 0");
  const auto from_end = [&](std::int64_t i) { return i < 0 ? i + size : i; };
  // No step beyond the axis: it may be large where one number is taken.
  const auto within = [&](std::int64_t count) {
    return slice_range{start, count, count > 1 ? step : 1};
  };
  if (step > 0) {
    start = std::clamp<std::int64_t>(from_end(start), 0, size);
    end = std::clamp<std::int64_t>(from_end(end), 0, size);
    return within(end > start ? (end - start - 1) / step + 1 : 0);
  }
  start = std::clamp<std::int64_t>(from_end(start), -1, size - 1);
  end = std::clamp<std::int64_t>(from_end(end), -1, size - 1);
  return within(start > end ? (start - end - 1) / -step + 1 : 0);
}

/// The ranges of a Slice of a tensor of shape `src`, axis by axis. What it takes comes from
/// attributes before operator set 10, from inputs since. Throws argument_error.
inline std::vector<slice_range> slices_of(const node_reader& node, const tensor_shape& src,
                                          const known_inputs& inputs) {
  const auto given = [&](std::size_t index, const char* name) {
    return node.opset() < 10 ? node.integers(name) : integers_of(inputs, index);
  };
  const auto starts = given(1, "starts"), ends = given(2, "ends");
  auto axes = given(3, "axes"), steps = given(4, "steps");
  if (axes.empty())
    for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  if (steps.empty()) steps.assign(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    node.fail("starts, ends, axes and steps must be equally many");
  std::vector<slice_range> all;
  for (const std::int64_t size : src.sizes()) all.push_back({0, size, 1});
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t axis = axis_of(node, axes[i], src.rank());
    all[axis] = slice_of(starts[i], ends[i], steps[i], src[axis]);
  }
  return all;
}

/// The shapes of Squeeze and Unsqueeze. Throws argument_error for axes that are not there, or whose
/// size is not 1.
inline tensor_shape squeezed(const node_reader& node, const tensor_shape& src,
                             const std::vector<std::int64_t>& axes) {
  std::vector<bool> goes(src.rank(), false);
  for (std::size_t axis = 0; axis < src.rank(); ++axis) goes[axis] = axes.empty() && src[axis] == 1;
  for (const std::int64_t axis : axes) {
    const std::size_t a = axis_of(node, axis, src.rank());
    if (src[a] != 1) node.fail("squeezes axis " + std::to_string(axis) + " of " + to_string(src));
    goes[a] = true;
  }
  std::vector<std::int64_t> sizes;
  for (std::size_t axis = 0; axis < src.rank(); ++axis)
    if (!goes[axis]) sizes.push_back(src[axis]);
  return tensor_shape(std::move(sizes));
}
inline tensor_shape unsqueezed(const node_reader& node, const tensor_shape& src,
                               const std::vector<std::int64_t>& axes) {
  std::vector<bool> is_new(src.rank() + axes.size(), false);
  for (const std::int64_t axis : axes) {
    const std::size_t a = axis_of(node, axis, is_new.size());
    if (is_new[a]) node.fail("names axis " + std::to_string(axis) + " twice");
    is_new[a] = true;
  }
  std::vector<std::int64_t> sizes;
  std::size_t next = 0;
  for (const bool one : is_new) sizes.push_back(one ? 1 : src[next++]);
  return tensor_shape(std::move(sizes));
}

/// The two axes that Flatten makes: those before `axis`, and the others.
inline tensor_shape flattened(const node_reader& node, const tensor_shape& src) {
  const std::int64_t axis = node.integer("axis", 1);
  const std::size_t first =
      axis == static_cast<std::int64_t>(src.rank()) ? src.rank() : axis_of(node, axis, src.rank());
  return {src.product(0, first), src.product(first, src.rank())};
}

/// The axes that a reduction folds away, and the shapes of its result.
struct reduction_shapes {
  std::vector<bool> goes;     ///< by axis
  tensor_shape kept, result;  ///< with size 1 for the axes that go; as keepdims wants it
};
/// Throws argument_error for axes that are not there.
inline reduction_shapes reduction_of(const node_reader& node, const tensor_shape& src,
                                     const std::vector<std::int64_t>& axes) {
  reduction_shapes made{std::vector<bool>(src.rank(), false), {}, {}};
  const bool all = axes.empty() && node.integer("noop_with_empty_axes", 0) == 0;
  for (const std::int64_t axis : axes) made.goes[axis_of(node, axis, src.rank())] = true;
  if (all) made.goes.assign(src.rank(), true);
  std::vector<std::int64_t> kept, result;
  for (std::size_t axis = 0; axis < src.rank(); ++axis) {
    kept.push_back(made.goes[axis] ? 1 : src[axis]);
    if (!made.goes[axis] || node.integer("keepdims", 1) != 0) result.push_back(kept.back());
  }
  made.kept = tensor_shape(std::move(kept));
  made.result = tensor_shape(std::move(result));
  return made;
}

/// The order of axes that Transpose makes: axis i of the result is axis order[i] of `src`. Throws
/// argument_error where it is no order of all axes.
inline std::vector<std::size_t> order_of(const node_reader& node, const tensor_shape& src) {
  std::vector<std::int64_t> wanted = node.integers("perm");
  if (wanted.empty())
    for (std::size_t axis = src.rank(); axis-- > 0;)
      wanted.push_back(static_cast<std::int64_t>(axis));
  std::vector<std::size_t> order;
  std::vector<bool> seen(src.rank(), false);
  for (const std::int64_t axis : wanted) order.push_back(axis_of(node, axis, src.rank()));
  for (const std::size_t axis : order) seen[axis] = true;
  if (order.size() != src.rank() || std::count(seen.begin(), seen.end(), false) != 0)
    node.fail("perm must name each axis of " + to_string(src) + " once");
  return order;
}

}  // namespace gpuimg::nn
