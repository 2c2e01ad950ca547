// SPDX-License-Identifier: BSD-3-Clause
// The operations of the theme measure.
#pragma once

#include "gpuimg/ops/measure/labels_statistics.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
