// SPDX-License-Identifier: BSD-3-Clause
// Prints how well found objects match true ones.
#pragma once

#include <cstdint>

#include "gpuimg/core/view.hpp"

namespace gpuimg::cli {

inline constexpr double default_iou = 0.5;  ///< from which on two objects are the same

/// Prints the number of objects, precision, recall and F1. Throws argument_error where the shapes
/// differ or the threshold is not in [0, 1].
void print_score(view<const std::uint32_t> found, view<const std::uint32_t> truth, double iou);

}  // namespace gpuimg::cli
