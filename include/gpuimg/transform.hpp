// SPDX-License-Identifier: BSD-3-Clause
// The operations of the theme transform.
#pragma once

#include "gpuimg/core/push_macros.def"

#include "gpuimg/algorithms/scale.hpp"
#include "gpuimg/ops/transform/flip.hpp"
#include "gpuimg/ops/transform/rearrangement.hpp"
#include "gpuimg/ops/transform/resampling.hpp"
#include "gpuimg/ops/transform/scaling.hpp"

#include "gpuimg/core/pop_macros.def"
