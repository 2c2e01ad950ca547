// SPDX-License-Identifier: BSD-3-Clause
// The version of the library.
#pragma once

namespace gpuimg {

inline constexpr const char* version = "0.1.0";

}  // namespace gpuimg
