// SPDX-License-Identifier: BSD-3-Clause
// gpuimg: GPU image processing for microscopy. Include this, link OpenCL.
#pragma once

#include "gpuimg/core/push_macros.def"

#include "gpuimg/algorithms/masked_voronoi_labeling.hpp"
#include "gpuimg/algorithms/threshold_otsu.hpp"
#include "gpuimg/algorithms/voronoi_otsu_labeling.hpp"
#include "gpuimg/core/choices.hpp"
#include "gpuimg/core/error.hpp"
#include "gpuimg/core/memory_budget.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/sha256.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/table.hpp"
#include "gpuimg/core/version.hpp"
#include "gpuimg/core/view.hpp"
#include "gpuimg/device.hpp"
#include "gpuimg/image.hpp"
#include "gpuimg/operation.hpp"
#include "gpuimg/ops/filter/detect_maxima.hpp"
#include "gpuimg/ops/filter/gaussian_blur.hpp"
#include "gpuimg/ops/filter/neighborhood_filter.hpp"
#include "gpuimg/ops/label/labeling.hpp"
#include "gpuimg/ops/label/propagate_labels.hpp"
#include "gpuimg/ops/measure/labels_statistics.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"
#include "gpuimg/ops/projection/projection.hpp"
#include "gpuimg/prepare.hpp"

#include "gpuimg/core/pop_macros.def"
