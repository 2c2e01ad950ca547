// SPDX-License-Identifier: BSD-3-Clause
// The operations of the theme threshold.
#pragma once

#include "gpuimg/core/push_macros.def"

#include "gpuimg/algorithms/adaptive_threshold.hpp"
#include "gpuimg/algorithms/auto_local_threshold.hpp"
#include "gpuimg/algorithms/automatic_threshold.hpp"
#include "gpuimg/algorithms/threshold_multi_otsu.hpp"
#include "gpuimg/algorithms/threshold_otsu.hpp"

#include "gpuimg/core/pop_macros.def"
