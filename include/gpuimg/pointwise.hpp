// SPDX-License-Identifier: BSD-3-Clause
// The operations of the theme pointwise.
#pragma once

#include "gpuimg/core/push_macros.def"

#include "gpuimg/algorithms/gamma_correction.hpp"
#include "gpuimg/algorithms/normalize.hpp"
#include "gpuimg/ops/pointwise/elementary.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

#include "gpuimg/core/pop_macros.def"
