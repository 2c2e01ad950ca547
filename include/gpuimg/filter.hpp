// SPDX-License-Identifier: BSD-3-Clause
// The operations of the theme filter.
#pragma once

#include "gpuimg/core/push_macros.def"

#include "gpuimg/algorithms/divide_by_gaussian_background.hpp"
#include "gpuimg/algorithms/subtract_rolling_ball_background.hpp"
#include "gpuimg/ops/filter/detect_maxima.hpp"
#include "gpuimg/ops/filter/gaussian_blur.hpp"
#include "gpuimg/ops/filter/median.hpp"
#include "gpuimg/ops/filter/neighborhood_filter.hpp"
#include "gpuimg/ops/filter/rolling_ball.hpp"
#include "gpuimg/ops/filter/stencil.hpp"

#include "gpuimg/core/pop_macros.def"
