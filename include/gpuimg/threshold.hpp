// SPDX-License-Identifier: BSD-3-Clause
// The operations of the theme threshold.
#pragma once

#include "gpuimg/algorithms/threshold_otsu.hpp"
