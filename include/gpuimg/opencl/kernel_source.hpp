// SPDX-License-Identifier: BSD-3-Clause
// The text of a kernel file, as embedded in a header.
#pragma once

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

struct kernel_source {
  const char* name;  ///< "theme/family"
  const char* text;  ///< OpenCL C
  const char* hash;  ///< SHA-256 of the text
};

}  // namespace gpuimg::opencl
