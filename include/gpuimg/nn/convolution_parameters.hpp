// SPDX-License-Identifier: BSD-3-Clause
// What convolutions are made of, and how their kernels see channels and weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "gpuimg/nn/activation.hpp"
#include "gpuimg/nn/preparing.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// What convolutions and transposed convolutions are made of.
struct convolution_parameters {
  std::int64_t src_channels = 1, dst_channels = 1, groups = 1;
  nn::window window{};
  /// As ONNX orders them. Conv: (dst_channels, src_channels / groups, z, y, x); ConvTranspose:
  /// (src_channels, dst_channels / groups, z, y, x).
  std::vector<float> weights{};
  std::vector<float> bias{};  ///< one number per channel of the result, or none
  nn::activation activation{};
  /// How many tensors the source is: the channels of the first, then those of the second.
  std::size_t sources = 1;
  /// Whether a last tensor, shaped like the result, is added before the activation.
  bool adds_residual = false;
  /// Whether the kernels avoid what rounds more (short sums, no large Winograd tiles).
  bool is_accurate = false;
};

namespace detail {

inline std::int64_t divided_up(std::int64_t count, std::int64_t size) {
  return (count + size - 1) / size;
}

/// How many channels each source has.
inline std::vector<std::int64_t> channels_of(const convolution_parameters& p,
                                             std::span<const tensor_info> src) {
  std::vector<std::int64_t> channels;
  for (const tensor_info& info : src.first(p.sources)) channels.push_back(info.channels());
  return channels;
}

/// The channel at each place of the blocks of all sources; -1 behind a source's last channel.
inline std::vector<std::int64_t> channels_in_blocks(
    const std::vector<std::int64_t>& channels_of_sources, std::int64_t block) {
  std::vector<std::int64_t> all;
  std::int64_t channel = 0;
  for (const std::int64_t channels : channels_of_sources)
    for (std::int64_t c = 0; c < divided_up(channels, block) * block; ++c)
      all.push_back(c < channels ? channel++ : -1);
  return all;
}

/// Per vector of weights: how many multiplications of vectors the cores of a CPU could do while one
/// comes from memory, about; to compare ways to compute a convolution.
constexpr std::int64_t weight_cost(std::int64_t block) { return block * 4 / 3; }

/// What both kinds of kernels are compiled with.
inline opencl::defines macros_of(const convolution_parameters& p, std::int64_t block,
                                 const tensor_info& dst, const tensor_info& src) {
  opencl::defines macros = macros_of(dst, src, block, p.activation);
  if (p.adds_residual) macros.add("RESIDUAL");
  if (p.is_accurate) macros.add("RUN", 16);
  return macros;
}

}  // namespace detail

}  // namespace gpuimg::nn
