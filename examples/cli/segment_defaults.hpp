// SPDX-License-Identifier: BSD-3-Clause
// What gpuimg segment --method voronoi-otsu does where it is not told otherwise.
#pragma once

#include "gpuimg/core/choices.hpp"

namespace gpuimg::cli::defaults {

inline constexpr float spot_sigma = 5;       ///< pixels; about a third of an object's radius
inline constexpr float outline_sigma = 1;    ///< pixels
inline constexpr int background_radius = 0;  ///< pixels; 0 leaves the background in

/// The shape of the neighbourhood that estimates the background.
inline constexpr connectivity background_neighbourhood = connectivity::box;

}  // namespace gpuimg::cli::defaults
