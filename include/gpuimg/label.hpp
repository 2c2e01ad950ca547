// SPDX-License-Identifier: BSD-3-Clause
// The operations of the theme label.
#pragma once

#include "gpuimg/core/push_macros.def"

#include "gpuimg/algorithms/masked_voronoi_labeling.hpp"
#include "gpuimg/algorithms/merge_touching_labels.hpp"
#include "gpuimg/algorithms/nuclei_labeling.hpp"
#include "gpuimg/algorithms/open_labels.hpp"
#include "gpuimg/algorithms/threshold_labels.hpp"
#include "gpuimg/algorithms/voronoi_otsu_labeling.hpp"
#include "gpuimg/ops/label/labeling.hpp"
#include "gpuimg/ops/label/propagate_labels.hpp"
#include "gpuimg/ops/label/replace_values.hpp"
#include "gpuimg/ops/label/watershed.hpp"

#include "gpuimg/core/pop_macros.def"
