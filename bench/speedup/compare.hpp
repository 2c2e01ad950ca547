// SPDX-License-Identifier: BSD-3-Clause
// Whether a contestant computes what we do.
#pragma once

#include "bench/speedup/report.hpp"
#include "gpuimg/core/host_image.hpp"
#include "gpuimg/operation.hpp"

namespace speedup {

/// Notes in `o` how much a result differs from ours. Binary images agree where both are 0 or both
/// are not, and so do labels, whose greatest difference is that of their numbers of objects.
/// Throws std::runtime_error where the sizes differ.
void compare(const gpuimg::host_image& ours, const gpuimg::host_image& theirs, gpuimg::kind kind,
             outcome& o);

}  // namespace speedup
