// SPDX-License-Identifier: BSD-3-Clause
// The operations of the theme projection.
#pragma once

#include "gpuimg/core/push_macros.def"

#include "gpuimg/algorithms/extended_depth_of_focus_sobel_projection.hpp"
#include "gpuimg/algorithms/extended_depth_of_focus_variance_projection.hpp"
#include "gpuimg/algorithms/median_x_projection.hpp"
#include "gpuimg/ops/projection/median_projection.hpp"
#include "gpuimg/ops/projection/projection.hpp"

#include "gpuimg/core/pop_macros.def"
