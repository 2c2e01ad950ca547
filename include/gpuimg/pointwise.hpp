// SPDX-License-Identifier: BSD-3-Clause
// The operations of the theme pointwise.
#pragma once

#include "gpuimg/ops/pointwise/pointwise.hpp"
