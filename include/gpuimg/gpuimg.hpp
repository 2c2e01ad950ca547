// SPDX-License-Identifier: BSD-3-Clause
// gpuimg: GPU image processing for microscopy. Include this, link OpenCL.
#pragma once

#include "gpuimg/core/push_macros.def"

#include "gpuimg/core/choices.hpp"
#include "gpuimg/core/error.hpp"
#include "gpuimg/core/memory_budget.hpp"
#include "gpuimg/core/observer.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/product.hpp"
#include "gpuimg/core/sha256.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/table.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/core/threshold_method.hpp"
#include "gpuimg/core/version.hpp"
#include "gpuimg/core/view.hpp"
#include "gpuimg/device.hpp"
#include "gpuimg/filter.hpp"
#include "gpuimg/image.hpp"
#include "gpuimg/label.hpp"
#include "gpuimg/measure.hpp"
#include "gpuimg/morphology.hpp"
#include "gpuimg/operation.hpp"
#include "gpuimg/pointwise.hpp"
#include "gpuimg/prepare.hpp"
#include "gpuimg/projection.hpp"
#include "gpuimg/threshold.hpp"
#include "gpuimg/transform.hpp"

#include "gpuimg/core/pop_macros.def"
