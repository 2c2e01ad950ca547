// SPDX-License-Identifier: BSD-3-Clause
// Which layers the operators of graphs become, as ONNX defines the operators.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpuimg/nn/layers/convolution.hpp"
#include "gpuimg/nn/lowering.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {
namespace detail {

using operands = lowering::operands;
using value = lowering::value;

inline std::vector<std::int64_t> sizes_of(const tensor_shape& shape) {
  return {shape.sizes().begin(), shape.sizes().end()};
}

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

/// The number of spatial axes of an input. Throws argument_error where there are none, or over three.
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
    if (made.size[axis] < 1 || made.stride[axis] < 1 || made.dilation[axis] < 1)
      node.fail("kernel_shape, strides and dilations must be 1 or more");
  return made;
}

/// Sets pads, which come with those before the first pixel first.
inline void set_pads(const node_reader& node, window& made, std::size_t rank) {
  const auto pads = node.integers("pads");
  if (pads.empty()) return;
  if (pads.size() != 2 * rank)
    node.fail("pads must have two numbers for each of " + std::to_string(rank) + " axes");
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

inline value lower_convolution(lowering& to, const node_reader& node, const operands& in) {
  convolution_parameters made = convolution_of(node, in);
  const tensor_shape& weights = in.known(1).shape();
  made.dst_channels = weights[0];
  check_weights(node, in, made.dst_channels, made.src_channels / made.groups);
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

}  // namespace detail
}  // namespace gpuimg::nn
