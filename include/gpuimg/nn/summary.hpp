// SPDX-License-Identifier: BSD-3-Clause
// What a network consists of, for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gpuimg/nn/prepared_network.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// One layer of a network.
struct layer_summary {
  std::string name, what;  ///< the file's name for it; what it does
  tensor_shape result{};
  std::uint64_t parameters = 0;  ///< numbers it has learnt
  std::uint64_t flops = 0;       ///< multiplications and additions of convolutions and products
};

/// A network's layers in the order in which they run, and their sums.
struct network_summary {
  std::vector<layer_summary> layers{};
  std::uint64_t parameters = 0, flops = 0;
};

/// The layers of a network for inputs of the shapes that the steps were made for. What only changes
/// a tensor's shape is left out.
inline network_summary summary_of(const network_steps& steps) {
  network_summary all;
  for (const network_step& step : steps.steps) {
    if (step.what == nullptr) continue;
    std::vector<tensor_shape> src;
    for (const std::size_t source : step.src) src.push_back(steps.tensors[source]);
    all.layers.push_back({step.name, step.what->describe(), steps.tensors[step.dst],
                          step.what->parameters(), step.what->flops(src)});
    all.parameters += all.layers.back().parameters;
    all.flops += all.layers.back().flops;
  }
  return all;
}

}  // namespace gpuimg::nn
