// SPDX-License-Identifier: BSD-3-Clause
// The operations of the theme projection.
#pragma once

#include "gpuimg/ops/projection/projection.hpp"
