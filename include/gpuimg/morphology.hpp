// SPDX-License-Identifier: BSD-3-Clause
// The operations of the theme morphology.
#pragma once

#include "gpuimg/core/push_macros.def"

#include "gpuimg/algorithms/binary_fill_holes.hpp"
#include "gpuimg/algorithms/binary_watershed.hpp"
#include "gpuimg/algorithms/closing_by_reconstruction.hpp"
#include "gpuimg/algorithms/find_maxima.hpp"
#include "gpuimg/algorithms/opening_by_reconstruction.hpp"
#include "gpuimg/ops/morphology/binary_morphology.hpp"
#include "gpuimg/ops/morphology/distance_transform.hpp"
#include "gpuimg/ops/morphology/reconstruction.hpp"

#include "gpuimg/core/pop_macros.def"
