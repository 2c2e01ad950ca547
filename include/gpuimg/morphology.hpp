// SPDX-License-Identifier: BSD-3-Clause
// The operations of the theme morphology.
#pragma once

#include "gpuimg/core/push_macros.def"

#include "gpuimg/ops/morphology/binary_morphology.hpp"
#include "gpuimg/ops/morphology/distance_transform.hpp"

#include "gpuimg/core/pop_macros.def"
