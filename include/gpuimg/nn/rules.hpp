// SPDX-License-Identifier: BSD-3-Clause
// Which layers the operators of graphs become, as ONNX defines the operators.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpuimg/core/choices.hpp"
#include "gpuimg/nn/layers/axis_reduction.hpp"
#include "gpuimg/nn/layers/convolution.hpp"
#include "gpuimg/nn/layers/elementwise.hpp"
#include "gpuimg/nn/layers/layout.hpp"
#include "gpuimg/nn/layers/matrix_product.hpp"
#include "gpuimg/nn/layers/normalization.hpp"
#include "gpuimg/nn/layers/pooling.hpp"
#include "gpuimg/nn/layers/resize.hpp"
#include "gpuimg/nn/layers/softmax.hpp"
#include "gpuimg/nn/layers/transposed_convolution.hpp"
#include "gpuimg/nn/lowering.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {
namespace detail {

using operands = lowering::operands;
using value = lowering::value;

inline std::vector<std::int64_t> sizes_of(const tensor_shape& shape) {
  return {shape.sizes().begin(), shape.sizes().end()};
}

/// The one number that an input holds. Throws argument_error where it holds none, or several.
inline float one_number(const node_reader& node, const host_tensor& from) {
  if (from.shape().elements() != 1)
    node.fail("needs one number, got a tensor of shape " + to_string(from.shape()));
  return from.values<float>()[0];
}

/// No axis is longer: tables with a number for each place would fill the memory.
inline constexpr std::int64_t longest_axis = std::int64_t{1} << 24;

/// Numbers for the spatial axes of an operator as numbers for z, y and x.
inline per_axis axes_from(const node_reader& node, const char* name,
                          const std::vector<std::int64_t>& given, std::int64_t otherwise,
                          std::size_t rank) {
  per_axis all{otherwise, otherwise, otherwise};
  if (given.empty()) return all;
  if (given.size() != rank)
    node.fail(std::string(name) + " must have one number for each of " + std::to_string(rank) +
              " axes");
  std::copy(given.begin(), given.end(), all.end() - static_cast<std::ptrdiff_t>(rank));
  return all;
}

/// The number of spatial axes of an input. Throws argument_error where there are none, or over
/// three.
inline std::size_t spatial_rank(const node_reader& node, const tensor_shape& src) {
  if (src.rank() < 3 || src.rank() > 5)
    node.fail("takes tensors with 1 to 3 spatial axes, got shape " + to_string(src));
  return src.rank() - 2;
}

/// Where the taps of Conv, of a pooling and of ConvTranspose lie, without the zeros around.
inline window taps_of(const node_reader& node, const std::vector<std::int64_t>& size,
                      std::size_t rank) {
  window made;
  made.size = axes_from(node, "kernel_shape", node.integers("kernel_shape", size), 1, rank);
  made.stride = axes_from(node, "strides", node.integers("strides"), 1, rank);
  made.dilation = axes_from(node, "dilations", node.integers("dilations"), 1, rank);
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (const std::int64_t number : {made.size[axis], made.stride[axis], made.dilation[axis]})
      if (number < 1 || number > 1 << 20)
        node.fail("kernel_shape, strides and dilations must be from 1 to 2^20");
  return made;
}

/// Sets pads, which come with those before the first pixel first.
inline void set_pads(const node_reader& node, window& made, std::size_t rank) {
  const auto pads = node.integers("pads");
  if (pads.empty()) return;
  if (pads.size() != 2 * rank)
    node.fail("pads must have two numbers for each of " + std::to_string(rank) + " axes");
  for (const std::int64_t pad : pads)
    if (pad < -longest_axis || pad > longest_axis) node.fail("pads must be from -2^24 to 2^24");
  const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(rank);
  made.begin = axes_from(node, "pads", {pads.begin(), middle}, 0, rank);
  made.end = axes_from(node, "pads", {middle, pads.end()}, 0, rank);
}

/// Where the taps of Conv or of a pooling lie, with the zeros around.
inline window window_of(const node_reader& node, const tensor_shape& src,
                        const std::vector<std::int64_t>& size) {
  const std::size_t rank = spatial_rank(node, src);
  window made = taps_of(node, size, rank);
  const std::string automatic = node.word("auto_pad", "NOTSET");
  if (automatic == "NOTSET") set_pads(node, made, rank);
  if (automatic == "NOTSET" || automatic == "VALID") return made;
  if (automatic != "SAME_UPPER" && automatic != "SAME_LOWER")
    node.fail("auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER, got " + automatic);
  for (std::size_t axis = 3 - rank; axis < 3; ++axis) {
    const std::int64_t in = src[axis + rank - 1];
    const std::int64_t out = (in + made.stride[axis] - 1) / made.stride[axis];
    const std::int64_t zeros =
        std::max<std::int64_t>((out - 1) * made.stride[axis] + made.extent(axis) - in, 0);
    made.begin[axis] = automatic == "SAME_UPPER" ? zeros / 2 : zeros - zeros / 2;
    made.end[axis] = zeros - made.begin[axis];
  }
  return made;
}

/// What Conv and ConvTranspose have in common. `weights`: their second input.
inline convolution_parameters convolution_of(const node_reader& node, const operands& in) {
  const host_tensor& weights = in.known(1);
  const tensor_shape& src = in[0].shape;
  if (spatial_rank(node, src) + 2 != weights.shape().rank())
    node.fail("weights of shape " + to_string(weights.shape()) + " for a tensor of shape " +
              to_string(src));
  if (weights.shape().elements() == 0)
    node.fail("weights of shape " + to_string(weights.shape()) + " have no numbers");
  convolution_parameters made;
  made.groups = node.integer("group", 1);
  made.src_channels = src[1];
  made.weights = weights.values<float>();
  if (const host_tensor* bias = in.known_if_there(2)) made.bias = bias->values<float>();
  if (made.groups < 1 || made.src_channels % made.groups != 0)
    node.fail("cannot divide " + std::to_string(made.src_channels) + " channels into " +
              std::to_string(made.groups) + " groups");
  return made;
}
inline std::vector<std::int64_t> spatial_sizes(const tensor_shape& shape) {
  return {shape.sizes().begin() + 2, shape.sizes().end()};
}
inline void check_weights(const node_reader& node, const operands& in, std::int64_t first,
                          std::int64_t second) {
  const tensor_shape& weights = in.known(1).shape();
  if (weights[0] != first || weights[1] != second)
    node.fail("weights of shape " + to_string(weights) + " for a tensor of shape " +
              to_string(in[0].shape));
}

inline void check_kernel_shape(const node_reader& node, const tensor_shape& weights) {
  const auto sizes = spatial_sizes(weights);
  if (node.integers("kernel_shape", sizes) != sizes)
    node.fail("kernel_shape is not that of the weights, " + to_string(weights));
}

inline value lower_convolution(lowering& to, const node_reader& node, const operands& in) {
  convolution_parameters made = convolution_of(node, in);
  const tensor_shape& weights = in.known(1).shape();
  made.dst_channels = weights[0];
  check_weights(node, in, made.dst_channels, made.src_channels / made.groups);
  check_kernel_shape(node, weights);
  made.window = window_of(node, in[0].shape, spatial_sizes(weights));
  return to.add(node, std::make_shared<convolution>(std::move(made)), in[0]);
}

inline value lower_transposed_convolution(lowering& to, const node_reader& node,
                                          const operands& in) {
  convolution_parameters made = convolution_of(node, in);
  const tensor_shape &src = in[0].shape, &weights = in.known(1).shape();
  const std::size_t rank = src.rank() - 2;
  made.dst_channels = weights[1] * made.groups;
  check_weights(node, in, made.src_channels, weights[1]);
  check_kernel_shape(node, weights);
  window& w = made.window = taps_of(node, spatial_sizes(weights), rank);
  const per_axis extra =
      axes_from(node, "output_padding", node.integers("output_padding"), 0, rank);
  const auto wanted = node.integers("output_shape");
  const std::string automatic = node.word("auto_pad", "NOTSET");
  if (automatic == "NOTSET" && wanted.empty()) set_pads(node, w, rank);
  per_axis sizes = axes_from(node, "output_shape",
                             wanted.size() == rank + 2
                                 ? std::vector<std::int64_t>(wanted.begin() + 2, wanted.end())
                                 : wanted,
                             0, rank);
  for (std::size_t axis = 3 - rank; axis < 3; ++axis) {
    for (const std::int64_t number : {extra[axis], sizes[axis]})
      if (number < 0 || number > longest_axis)
        node.fail("output_padding and output_shape must be from 0 to 2^24");
    const std::int64_t size = src[axis + rank - 1];
    if (wanted.empty() && automatic.starts_with("SAME")) sizes[axis] = size * w.stride[axis];
    if (wanted.empty() && !automatic.starts_with("SAME")) {
      w.end[axis] -= extra[axis];
      continue;
    }
    const std::int64_t cut =
        w.stride[axis] * (size - 1) + extra[axis] + w.extent(axis) - sizes[axis];
    const std::int64_t total = std::max<std::int64_t>(cut, 0);
    w.begin[axis] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
    w.end[axis] = cut - w.begin[axis] - extra[axis];
  }
  return to.add(node, std::make_shared<transposed_convolution>(std::move(made)), in[0]);
}

inline value lower_pooling(lowering& to, const node_reader& node, const operands& in) {
  pooling_parameters made;
  made.maximum = node.op() == "MaxPool";
  if (!node.has("kernel_shape")) node.fail("needs the attribute kernel_shape");
  made.window = window_of(node, in[0].shape, {});
  if (made.window.taps() > 1 << 24) node.fail("kernel_shape must have at most 2^24 pixels");
  made.rounds_up = node.integer("ceil_mode", 0) != 0;
  made.counts_outside = node.integer("count_include_pad", 0) != 0;
  if (node.integer("storage_order", 0) != 0) node.fail("storage_order must be 0");
  return to.add(node, std::make_shared<pooling>(made), in[0]);
}

// ---- functions of one number

inline value lower_activation(lowering& to, const node_reader& node, const operands& in) {
  using kind = activation_kind;
  static const std::map<std::string_view, activation> all{
      {"Relu", {kind::relu}},
      {"LeakyRelu", {kind::leaky_relu, 0.01f}},
      {"Elu", {kind::elu, 1}},
      {"Sigmoid", {kind::sigmoid}},
      {"Tanh", {kind::tanh}},
      {"HardSigmoid", {kind::hard_sigmoid, 0.2f, 0.5f}},
      {"HardSwish", {kind::hard_swish}},
      {"Softplus", {kind::softplus}},
      {"Mish", {kind::mish}},
      {"Exp", {kind::exp}},
      {"Log", {kind::log}},
      {"Sqrt", {kind::sqrt}},
      {"Reciprocal", {kind::reciprocal}},
      {"Neg", {kind::negate}},
      {"Abs", {kind::absolute}},
      {"Erf", {kind::erf}},
      {"Floor", {kind::floor}},
      {"Ceil", {kind::ceil}},
  };
  activation f = all.at(node.op());
  f.alpha = node.number("alpha", f.alpha);
  f.beta = node.number("beta", f.beta);
  return to.add(node, std::make_shared<activation_layer>(f), in[0]);
}

inline value lower_gelu(lowering& to, const node_reader& node, const operands& in) {
  const std::string how = node.word("approximate", "none");
  if (how != "none" && how != "tanh") node.fail("approximate must be none or tanh, got " + how);
  const auto kind = how == "tanh" ? activation_kind::gelu_tanh : activation_kind::gelu;
  return to.add(node, std::make_shared<activation_layer>(activation{kind}), in[0]);
}

inline value lower_clip(lowering& to, const node_reader& node, const operands& in) {
  constexpr float most = std::numeric_limits<float>::max();
  activation f{activation_kind::clip, node.number("min", -most), node.number("max", most)};
  if (node.opset() >= 11) {
    if (const host_tensor* low = in.known_if_there(1)) f.alpha = one_number(node, *low);
    if (const host_tensor* high = in.known_if_there(2)) f.beta = one_number(node, *high);
  }
  return to.add(node, std::make_shared<activation_layer>(f), in[0]);
}

// ---- functions of two numbers

inline value combined(lowering& to, const node_reader& node, combination kind, const value& x,
                      const value& y) {
  if (y.known != nullptr) return to.add(node, std::make_shared<elementwise>(kind, *y.known), x);
  if (x.known != nullptr)
    return to.add(node, std::make_shared<elementwise>(kind, *x.known, true), y);
  const value* both[] = {&x, &y};
  return to.add(node, std::make_shared<elementwise>(kind), both);
}

inline value lower_combination(lowering& to, const node_reader& node, const operands& in) {
  static const std::map<std::string_view, combination> all{
      {"Add", combination::add},        {"Sub", combination::subtract},
      {"Mul", combination::multiply},   {"Div", combination::divide},
      {"Max", combination::maximum},    {"Min", combination::minimum},
      {"Pow", combination::power},      {"Mod", combination::remainder},
      {"Sum", combination::add},        {"Mean", combination::add},
      {"Equal", combination::equal},    {"Less", combination::less},
      {"Greater", combination::greater}};
  value made = in[0];
  for (std::size_t i = 1; i < in.size(); ++i)
    made = combined(to, node, all.at(node.op()), made, in[i]);
  if (node.op() != "Mean") return made;
  const std::vector<float> share{1.f / static_cast<float>(in.size())};
  return to.add(node,
                std::make_shared<elementwise>(combination::multiply, known(tensor_shape{1}, share)),
                made);
}

inline value lower_prelu(lowering& to, const node_reader& node, const operands& in) {
  return combined(to, node, combination::prelu, in[0], in[1]);
}

// ---- numbers in other places

inline std::vector<std::int64_t> counted(std::int64_t first, std::int64_t count,
                                         std::int64_t step = 1) {
  if (count > longest_axis)
    throw argument_error("takes numbers from axes of up to 2^24, got " + std::to_string(count));
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(first + i * step);
  return all;
}
/// Axes that stay what they are.
inline std::vector<axis_source> same_axes(const tensor_shape& shape) {
  std::vector<axis_source> all;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis)
    all.push_back({axis, counted(0, shape[axis])});
  return all;
}
inline value rearranged(lowering& to, const node_reader& node, const value& src,
                        std::vector<axis_source> axes, std::string text, float fill = 0) {
  return to.add(
      node, std::make_shared<rearrange>(std::move(text), src.shape, std::move(axes), fill), src);
}

inline value lower_same(lowering&, const node_reader&, const operands& in) { return in[0]; }

inline value lower_cast(lowering&, const node_reader& node, const operands& in) {
  const std::int64_t to = node.integer("to", 1);  // TensorProto's numbers of types
  if (to != 1 && to != 10 && to != 11 && to != 16)
    node.fail("casts tensors that are made at run time to whole numbers");
  return in[0];
}

inline value lower_concat(lowering& to, const node_reader& node, const operands& in) {
  const std::size_t axis = axis_of(node, node.integer("axis", 1), in[0].shape.rank());
  std::vector<const value*> all;
  for (std::size_t i = 0; i < in.size(); ++i) all.push_back(&in[i]);
  return to.add(node, std::make_shared<concat>(axis), all);
}

inline value lower_slice(lowering& to, const node_reader& node, const operands& in) {
  for (std::size_t i = 1; i < in.size(); ++i) (void)in.known_if_there(i);
  const auto ranges = slices_of(node, in[0].shape, in.all_known());
  std::vector<axis_source> axes;
  for (std::size_t axis = 0; axis < ranges.size(); ++axis)
    axes.push_back({axis, counted(ranges[axis].start, ranges[axis].count, ranges[axis].step)});
  return rearranged(to, node, in[0], std::move(axes), "slice");
}

inline value lower_split(lowering& to, const node_reader& node, const operands& in) {
  const tensor_shape& src = in[0].shape;
  const std::size_t axis = axis_of(node, node.integer("axis", 0), src.rank());
  const auto& names = node.node().outputs;
  const auto pieces = static_cast<std::int64_t>(names.size());
  auto sizes = node.opset() < 13 ? node.integers("split") : integers_of(in.all_known(), 1);
  if (sizes.empty())
    for (std::int64_t i = 0, left = src[axis]; i < pieces; ++i) {
      sizes.push_back(std::min((src[axis] + pieces - 1) / pieces, left));
      left -= sizes.back();
    }
  std::int64_t first = 0;
  value made;
  if (sizes.size() != names.size()) node.fail("has other sizes than results");
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (sizes[i] < 0 || sizes[i] > src[axis] - first) node.fail("sizes go beyond the tensor");
    auto axes = same_axes(src);
    axes[axis].index = counted(first, sizes[i]);
    first += sizes[i];
    value part = rearranged(to, node, in[0], std::move(axes), "split");
    if (i == 0) made = part;
    to.define(names[i], std::move(part));
  }
  return made;
}

inline value lower_pad(lowering& to, const node_reader& node, const operands& in) {
  const tensor_shape& src = in[0].shape;
  const bool attributes = node.opset() < 11;
  const auto pads = attributes ? node.integers("pads") : in.known(1).values<std::int64_t>();
  float fill = node.number("value", 0);
  if (!attributes)
    if (const host_tensor* given = in.known_if_there(2)) fill = one_number(node, *given);
  auto which = node.opset() < 18 ? std::vector<std::int64_t>{} : integers_of(in.all_known(), 3);
  if (which.empty()) which = counted(0, static_cast<std::int64_t>(src.rank()));
  if (pads.size() != 2 * which.size()) node.fail("pads must have two numbers for each axis");
  static const std::map<std::string, border> modes{{"constant", border::constant},
                                                   {"reflect", border::mirror},
                                                   {"edge", border::nearest},
                                                   {"wrap", border::wrap}};
  const auto mode = modes.find(node.word("mode", "constant"));
  if (mode == modes.end()) node.fail("mode must be constant, reflect, edge or wrap");
  auto axes = same_axes(src);
  for (std::size_t i = 0; i < which.size(); ++i) {
    const std::size_t axis = axis_of(node, which[i], src.rank());
    const std::int64_t before = pads[i], after = pads[i + which.size()];
    const auto is_near = [](std::int64_t pad) {
      return pad >= -longest_axis && pad <= longest_axis;
    };
    const std::int64_t size = is_near(before) && is_near(after) ? src[axis] + before + after : -1;
    if (size < 0 || size > longest_axis || (src[axis] == 0 && size > 0))
      node.fail("pads do not fit " + to_string(src));
    axes[axis].index.clear();
    for (std::int64_t k = 0; k < size; ++k)
      axes[axis].index.push_back(border_index(k - before, src[axis], mode->second));
  }
  if (std::all_of(pads.begin(), pads.end(), [](std::int64_t p) { return p == 0; })) return in[0];
  return rearranged(to, node, in[0], std::move(axes), "pad " + mode->first, fill);
}

inline value lower_transpose(lowering& to, const node_reader& node, const operands& in) {
  std::vector<axis_source> axes;
  for (const std::size_t axis : order_of(node, in[0].shape))
    axes.push_back({axis, counted(0, in[0].shape[axis])});
  return rearranged(to, node, in[0], std::move(axes), "transpose");
}

inline value expanded(lowering& to, const node_reader& node, const value& src,
                      const tensor_shape& wanted) {
  const tensor_shape shape = broadcast(src.shape, wanted);
  if (shape == src.shape) return src;
  std::vector<axis_source> axes;
  const std::size_t missing = shape.rank() - src.shape.rank();
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] > longest_axis) node.fail("an axis of " + to_string(shape) + " is too long");
    const bool repeats = axis < missing || src.shape[axis - missing] != shape[axis];
    axes.push_back({repeats ? axis_source::none : axis - missing,
                    repeats ? std::vector<std::int64_t>(static_cast<std::size_t>(shape[axis]), 0)
                            : counted(0, shape[axis])});
  }
  return rearranged(to, node, src, std::move(axes), "expand");
}
inline value lower_expand(lowering& to, const node_reader& node, const operands& in) {
  return expanded(to, node, in[0], tensor_shape(in.known(1).values<std::int64_t>()));
}

inline value lower_tile(lowering& to, const node_reader& node, const operands& in) {
  const auto times = in.known(1).values<std::int64_t>();
  auto axes = same_axes(in[0].shape);
  if (times.size() != axes.size()) node.fail("repeats must have one number for each axis");
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    if (times[axis] < 0 || times[axis] > longest_axis ||
        times[axis] * in[0].shape[axis] > longest_axis)
      node.fail("repeats must be from 0 on, and no axis longer than 2^24");
    const auto once = axes[axis].index;
    axes[axis].index.clear();
    for (std::int64_t i = 0; i < times[axis]; ++i)
      axes[axis].index.insert(axes[axis].index.end(), once.begin(), once.end());
  }
  return rearranged(to, node, in[0], std::move(axes), "tile");
}

inline value lower_gather(lowering& to, const node_reader& node, const operands& in) {
  const tensor_shape& src = in[0].shape;
  const std::size_t axis = axis_of(node, node.integer("axis", 0), src.rank());
  const host_tensor& wanted = in.known(1);
  auto axes = same_axes(src);
  axes[axis].index = wanted.values<std::int64_t>();
  for (std::int64_t& index : axes[axis].index) {
    if (index < -src[axis] || index >= src[axis])
      node.fail("takes number " + std::to_string(index) + " of " + std::to_string(src[axis]));
    index += index < 0 ? src[axis] : 0;
  }
  std::vector<std::int64_t> sizes(src.sizes().begin(), src.sizes().end());
  const auto at = sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(axis));
  sizes.insert(at, wanted.shape().sizes().begin(), wanted.shape().sizes().end());
  const value picked = rearranged(to, node, in[0], std::move(axes), "gather");
  return to.view(node, picked, tensor_shape(std::move(sizes)));
}

inline value lower_view(lowering& to, const node_reader& node, const operands& in) {
  const tensor_shape& src = in[0].shape;
  const known_inputs known = in.all_known();
  if (node.op() == "Flatten") return to.view(node, in[0], flattened(node, src));
  if (node.op() == "Squeeze")
    return to.view(node, in[0], squeezed(node, src, axes_of(node, known, 13)));
  if (node.op() == "Unsqueeze")
    return to.view(node, in[0], unsqueezed(node, src, axes_of(node, known, 13)));
  return to.view(
      node, in[0],
      reshaped(src, in.known(1).values<std::int64_t>(), node.integer("allowzero", 0) != 0));
}

/// Blocks of pixels that become channels, or channels that become blocks of pixels.
inline value lower_space_and_depth(lowering& to, const node_reader& node, const operands& in) {
  const tensor_shape& src = in[0].shape;
  const std::int64_t size = node.integer("blocksize", 1);
  if (src.rank() != 4 || size < 1 || size > 1 << 10)
    node.fail("takes tensors with 4 axes and a blocksize from 1 to 1024");
  const std::int64_t area = size * size;
  const bool to_space = node.op() == "DepthToSpace";
  if (to_space ? src[1] % area != 0 : (src[2] % size != 0 || src[3] % size != 0))
    node.fail("a blocksize of " + std::to_string(size) + " does not divide " + to_string(src));
  const std::string mode = node.word("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") node.fail("mode must be DCR or CRD, got " + mode);
  const std::int64_t n = src[0], c = src[1], h = src[2], w = src[3];
  tensor_shape parts{n, c, h / size, size, w / size, size};
  std::vector<std::size_t> order{0, 3, 5, 1, 2, 4};
  tensor_shape made{n, c * area, h / size, w / size};
  if (to_space) {
    const bool depth_last = mode == "CRD";
    parts = depth_last ? tensor_shape{n, c / area, size, size, h, w}
                       : tensor_shape{n, size, size, c / area, h, w};
    order = depth_last ? std::vector<std::size_t>{0, 1, 4, 2, 5, 3}
                       : std::vector<std::size_t>{0, 3, 4, 1, 5, 2};
    made = {n, c / area, h * size, w * size};
  }
  std::vector<axis_source> axes;
  for (const std::size_t axis : order) axes.push_back({axis, counted(0, parts[axis])});
  const value split = to.view(node, in[0], parts);
  return to.view(node, rearranged(to, node, split, std::move(axes), "transpose"), made);
}

// ---- normalizations

inline learnt_scale scale_of(const host_tensor& factor, const host_tensor& shift) {
  return {factor.values<float>(), shift.values<float>()};
}

inline value lower_batch_normalization(lowering& to, const node_reader& node, const operands& in) {
  if (node.integer("training_mode", 0) != 0) node.fail("training_mode must be 0");
  learnt_scale scale = scale_of(in.known(1), in.known(2));
  const auto mean = in.known(3).values<float>(), variance = in.known(4).values<float>();
  if (scale.factor.size() != scale.shift.size() || mean.size() != scale.factor.size() ||
      variance.size() != mean.size())
    node.fail("scale, bias, mean and variance must be equally many");
  const auto epsilon = static_cast<double>(node.number("epsilon", 1e-5f));
  for (std::size_t c = 0; c < mean.size(); ++c) {
    const double factor = static_cast<double>(scale.factor[c]) /
                          std::sqrt(static_cast<double>(variance[c]) + epsilon);
    scale.factor[c] = static_cast<float>(factor);
    scale.shift[c] = static_cast<float>(
        std::fma(-static_cast<double>(mean[c]), factor, static_cast<double>(scale.shift[c])));
  }
  return to.add(node, std::make_shared<channel_scale>(std::move(scale)), in[0]);
}

inline value lower_instance_normalization(lowering& to, const node_reader& node,
                                          const operands& in) {
  return to.add(node,
                std::make_shared<normalization>(1, node.number("epsilon", 1e-5f),
                                                scale_of(in.known(1), in.known(2))),
                in[0]);
}

inline value lower_group_normalization(lowering& to, const node_reader& node, const operands& in) {
  const tensor_shape& src = in[0].shape;
  const std::int64_t groups = node.integer("num_groups", 0);
  if (src.rank() < 2 || groups < 1 || src[1] % groups != 0)
    node.fail("num_groups must divide the channels of " + to_string(src));
  learnt_scale scale = scale_of(in.known(1), in.known(2));
  if (node.opset() < 21)  // one for each group, until then
    for (auto* numbers : {&scale.factor, &scale.shift}) {
      if (static_cast<std::int64_t>(numbers->size()) != groups)
        node.fail("scale and bias must have one number for each group");
      std::vector<float> all;
      for (const float number : *numbers)
        all.insert(all.end(), static_cast<std::size_t>(src[1] / groups), number);
      *numbers = std::move(all);
    }
  return to.add(node,
                std::make_shared<normalization>(src[1] / groups, node.number("epsilon", 1e-5f),
                                                std::move(scale)),
                in[0]);
}

inline value lower_layer_normalization(lowering& to, const node_reader& node, const operands& in) {
  const tensor_shape& src = in[0].shape;
  const std::size_t axis = axis_of(node, node.integer("axis", -1), src.rank());
  learnt_scale scale{in.known(1).values<float>(), {}};
  scale.shift.assign(scale.factor.size(), 0);
  if (const host_tensor* bias = in.known_if_there(2)) scale.shift = bias->values<float>();
  return to.add(
      node,
      std::make_shared<layer_normalization>(axis, node.number("epsilon", 1e-5f), std::move(scale)),
      in[0]);
}

// ---- sizes

template <class Choice>
Choice choice_of(const node_reader& node, const char* name, const std::string& given,
                 const std::map<std::string, Choice>& all) {
  const auto found = all.find(given);
  if (found != all.end()) return found->second;
  std::string names;
  for (const auto& [known, choice] : all) names += (names.empty() ? "" : ", ") + known;
  node.fail(std::string(name) + " must be one of " + names + "; got " + given);
}

inline value lower_resize(lowering& to, const node_reader& node, const operands& in) {
  const tensor_shape& src = in[0].shape;
  const std::size_t rank = spatial_rank(node, src) + 2;
  const bool is_old = node.op() == "Upsample" || node.opset() < 11;
  resize_parameters p;
  const std::string mode = node.word("mode", "nearest");
  p.mode = choice_of<interpolation>(node, "mode", mode,
                                    {{"nearest", interpolation::nearest},
                                     {"linear", interpolation::linear},
                                     {"bilinear", interpolation::linear},
                                     {"trilinear", interpolation::linear},
                                     {"cubic", interpolation::cubic}});
  p.where = choice_of<coordinates>(
      node, "coordinate_transformation_mode",
      is_old ? "asymmetric" : node.word("coordinate_transformation_mode", "half_pixel"),
      {{"half_pixel", coordinates::half_pixel},
       {"half_pixel_symmetric", coordinates::half_pixel_symmetric},
       {"pytorch_half_pixel", coordinates::pytorch_half_pixel},
       {"align_corners", coordinates::align_corners},
       {"asymmetric", coordinates::asymmetric}});
  p.nearest = choice_of<nearest_pixel>(
      node, "nearest_mode", is_old ? "floor" : node.word("nearest_mode", "round_prefer_floor"),
      {{"round_prefer_floor", nearest_pixel::round_prefer_floor},
       {"round_prefer_ceil", nearest_pixel::round_prefer_ceil},
       {"floor", nearest_pixel::floor},
       {"ceil", nearest_pixel::ceil}});
  p.cubic = node.number("cubic_coeff_a", -0.75f);
  p.excludes_outside = node.integer("exclude_outside", 0) != 0;
  p.antialias = node.integer("antialias", 0) != 0;

  std::vector<double> scales(rank, 1);
  std::vector<std::int64_t> sizes(src.sizes().begin(), src.sizes().end());
  auto axes = node.integers("axes");
  if (axes.empty()) axes = counted(0, static_cast<std::int64_t>(rank));
  const std::size_t at = is_old ? 1 : 2;
  std::vector<float> factors;
  if (node.op() == "Upsample" && node.opset() < 9)
    factors = node.numbers("scales");
  else if (const host_tensor* given = in.known_if_there(at))
    factors = given->values<float>();
  const host_tensor* wanted = is_old ? nullptr : in.known_if_there(3);
  const auto given_sizes =
      wanted != nullptr ? wanted->values<std::int64_t>() : std::vector<std::int64_t>{};
  if (factors.size() != axes.size() && given_sizes.size() != axes.size())
    node.fail("needs a scale or a size for each axis");
  const std::string policy = node.word("keep_aspect_ratio_policy", "stretch");
  double common = policy == "not_larger" ? 1e30 : 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = axis_of(node, axes[i], rank);
    const auto size = static_cast<double>(src[axis]);
    if (factors.size() == axes.size()) {
      scales[axis] = static_cast<double>(factors[i]);
      if (!(scales[axis] > 0) || size * scales[axis] > static_cast<double>(longest_axis))
        node.fail("scales must be > 0, and no axis longer than 2^24");
      sizes[axis] = static_cast<std::int64_t>(std::floor(size * scales[axis]));
    } else {
      sizes[axis] = given_sizes[i];
      if (sizes[axis] < 1 || sizes[axis] > longest_axis) node.fail("sizes must be from 1 to 2^24");
      scales[axis] = static_cast<double>(sizes[axis]) / size;
      common =
          policy == "not_larger" ? std::min(common, scales[axis]) : std::max(common, scales[axis]);
    }
  }
  if (policy != "stretch" && given_sizes.size() == axes.size())
    for (const std::int64_t named : axes) {
      const std::size_t axis = axis_of(node, named, rank);
      scales[axis] = common;
      const double size = std::round(common * static_cast<double>(src[axis]));
      if (size > static_cast<double>(longest_axis)) node.fail("sizes must be from 1 to 2^24");
      sizes[axis] = static_cast<std::int64_t>(size);
    }
  if (sizes[0] != src[0] || sizes[1] != src[1]) node.fail("resizes spatial axes only");
  if (src.elements() == 0) node.fail("cannot resize a tensor without numbers");
  std::array<axis_taps, 3> taps;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const bool exists = axis + rank >= 5;
    const std::size_t own = axis + rank - 3;
    taps[axis] =
        exists ? nn::taps_of(p, src[own], sizes[own], scales[own]) : nn::taps_of({}, 1, 1, 1);
  }
  return to.add(node, std::make_shared<resize>(p.mode, src, std::move(taps)), in[0]);
}

// ---- along axes

inline value lower_reduction(lowering& to, const node_reader& node, const operands& in) {
  static const std::map<std::string_view, std::pair<reduction_kind, std::int64_t>> all{
      {"ReduceSum", {reduction_kind::sum, 13}},
      {"ReduceMean", {reduction_kind::mean, 18}},
      {"ReduceMax", {reduction_kind::maximum, 18}},
      {"ReduceMin", {reduction_kind::minimum, 18}},
      {"ReduceProd", {reduction_kind::product, 18}},
      {"ReduceL1", {reduction_kind::l1, 18}},
      {"ReduceL2", {reduction_kind::l2, 18}},
      {"ReduceSumSquare", {reduction_kind::sum_square, 18}}};
  const auto [kind, since] = all.at(node.op());
  if (node.opset() >= since) (void)in.known_if_there(1);
  const reduction_shapes shapes =
      reduction_of(node, in[0].shape, axes_of(node, in.all_known(), since));
  return to.add(node,
                std::make_shared<reduction>(kind, shapes.goes, node.integer("keepdims", 1) != 0),
                in[0]);
}

inline value lower_global_pooling(lowering& to, const node_reader& node, const operands& in) {
  std::vector<bool> goes(spatial_rank(node, in[0].shape) + 2, true);
  goes[0] = goes[1] = false;
  const auto kind = node.op() == "GlobalMaxPool" ? reduction_kind::maximum : reduction_kind::mean;
  return to.add(node, std::make_shared<reduction>(kind, std::move(goes)), in[0]);
}

inline value lower_position(lowering& to, const node_reader& node, const operands& in) {
  const std::size_t axis = axis_of(node, node.integer("axis", 0), in[0].shape.rank());
  return to.add(node,
                std::make_shared<position_of_extremum>(node.op() == "ArgMin", axis,
                                                       node.integer("keepdims", 1) != 0,
                                                       node.integer("select_last_index", 0) != 0),
                in[0]);
}

inline value lower_softmax(lowering& to, const node_reader& node, const operands& in) {
  const tensor_shape& src = in[0].shape;
  const bool is_logarithm = node.op() == "LogSoftmax";
  if (node.opset() >= 13)
    return to.add(node,
                  std::make_shared<softmax>(axis_of(node, node.integer("axis", -1), src.rank()),
                                            is_logarithm),
                  in[0]);
  // Until then all axes from one on were one.
  const tensor_shape flat = flattened(node, src);
  const value rows = to.view(node, in[0], flat);
  return to.view(node, to.add(node, std::make_shared<softmax>(1, is_logarithm), rows), src);
}

// ---- products of matrices

inline value lower_product(lowering& to, const node_reader& node, const operands& in) {
  matrix_product_parameters p;
  if (node.op() == "Gemm") {
    p.transposes_a = node.integer("transA", 0) != 0;
    p.transposes_b = node.integer("transB", 0) != 0;
    p.alpha = node.number("alpha", 1);
    p.beta = node.number("beta", 1);
  }
  std::vector<const value*> src{&in[0]};
  if (in[1].known != nullptr)
    p.b = *in[1].known;
  else
    src.push_back(&in[1]);
  if (in.exists(2) && in[2].known != nullptr) p.c = *in[2].known;
  if (in.exists(2) && in[2].known == nullptr) {
    p.adds_source = true;
    src.push_back(&in[2]);
  }
  return to.add(node, std::make_shared<matrix_product>(std::move(p)), src);
}

}  // namespace detail

/// The operators that become layers, by name.
inline const std::map<std::string_view, lowering::rule>& rules() {
  using namespace detail;
  static const std::map<std::string_view, lowering::rule> all{
      {"Conv", lower_convolution},
      {"ConvTranspose", lower_transposed_convolution},
      {"MaxPool", lower_pooling},
      {"AveragePool", lower_pooling},
      {"Relu", lower_activation},
      {"LeakyRelu", lower_activation},
      {"Elu", lower_activation},
      {"Sigmoid", lower_activation},
      {"Tanh", lower_activation},
      {"HardSigmoid", lower_activation},
      {"HardSwish", lower_activation},
      {"Softplus", lower_activation},
      {"Mish", lower_activation},
      {"Exp", lower_activation},
      {"Log", lower_activation},
      {"Sqrt", lower_activation},
      {"Reciprocal", lower_activation},
      {"Neg", lower_activation},
      {"Abs", lower_activation},
      {"Erf", lower_activation},
      {"Floor", lower_activation},
      {"Ceil", lower_activation},
      {"Gelu", lower_gelu},
      {"Clip", lower_clip},
      {"Add", lower_combination},
      {"Sub", lower_combination},
      {"Mul", lower_combination},
      {"Div", lower_combination},
      {"Max", lower_combination},
      {"Min", lower_combination},
      {"Pow", lower_combination},
      {"Sum", lower_combination},
      {"Mean", lower_combination},
      {"Equal", lower_combination},
      {"Less", lower_combination},
      {"Greater", lower_combination},
      {"PRelu", lower_prelu},
      {"Identity", lower_same},
      {"Dropout", lower_same},
      {"Cast", lower_cast},
      {"Concat", lower_concat},
      {"Slice", lower_slice},
      {"Split", lower_split},
      {"Pad", lower_pad},
      {"Transpose", lower_transpose},
      {"Expand", lower_expand},
      {"Tile", lower_tile},
      {"Gather", lower_gather},
      {"Reshape", lower_view},
      {"Flatten", lower_view},
      {"Squeeze", lower_view},
      {"Unsqueeze", lower_view},
      {"BatchNormalization", lower_batch_normalization},
      {"InstanceNormalization", lower_instance_normalization},
      {"GroupNormalization", lower_group_normalization},
      {"LayerNormalization", lower_layer_normalization},
      {"ReduceSum", lower_reduction},
      {"ReduceMean", lower_reduction},
      {"ReduceMax", lower_reduction},
      {"ReduceMin", lower_reduction},
      {"ReduceProd", lower_reduction},
      {"ReduceL1", lower_reduction},
      {"ReduceL2", lower_reduction},
      {"ReduceSumSquare", lower_reduction},
      {"GlobalAveragePool", lower_global_pooling},
      {"GlobalMaxPool", lower_global_pooling},
      {"ArgMax", lower_position},
      {"ArgMin", lower_position},
      {"Softmax", lower_softmax},
      {"LogSoftmax", lower_softmax},
      {"MatMul", lower_product},
      {"Gemm", lower_product},
      {"Resize", lower_resize},
      {"Upsample", lower_resize},
      {"DepthToSpace", lower_space_and_depth},
      {"SpaceToDepth", lower_space_and_depth},
  };
  return all;
}

}  // namespace gpuimg::nn
