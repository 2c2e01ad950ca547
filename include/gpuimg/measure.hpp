// SPDX-License-Identifier: BSD-3-Clause
// The operations of the theme measure.
#pragma once

#include "gpuimg/core/push_macros.def"

#include "gpuimg/algorithms/estimate_diameter.hpp"
#include "gpuimg/algorithms/jaccard_index.hpp"
#include "gpuimg/algorithms/maximum_position.hpp"
#include "gpuimg/algorithms/minimum_position.hpp"
#include "gpuimg/ops/measure/label_pairs.hpp"
#include "gpuimg/ops/measure/label_percentiles.hpp"
#include "gpuimg/ops/measure/labels_statistics.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/ops/measure/sum.hpp"

#include "gpuimg/core/pop_macros.def"
