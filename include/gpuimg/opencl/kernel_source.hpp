// SPDX-License-Identifier: BSD-3-Clause
// The text of a kernel file, as embedded in a header.
#pragma once

namespace gpuimg::opencl {

struct kernel_source {
  const char* name;  ///< "theme/family"
  const char* text;  ///< OpenCL C
  const char* hash;  ///< SHA-256 of the text
};

}  // namespace gpuimg::opencl
