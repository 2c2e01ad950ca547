// SPDX-License-Identifier: BSD-3-Clause
// The operations of the theme filter.
#pragma once

#include "gpuimg/ops/filter/detect_maxima.hpp"
#include "gpuimg/ops/filter/gaussian_blur.hpp"
#include "gpuimg/ops/filter/neighborhood_filter.hpp"
