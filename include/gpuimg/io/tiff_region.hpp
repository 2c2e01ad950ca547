// SPDX-License-Identifier: BSD-3-Clause
// TIFF files of images larger than memory, read and written part by part (link with -ltiff).
#pragma once

#include "gpuimg/core/push_macros.def"

#include "gpuimg/io/tiff/region_sink.hpp"
#include "gpuimg/io/tiff/region_source.hpp"

#include "gpuimg/core/pop_macros.def"
