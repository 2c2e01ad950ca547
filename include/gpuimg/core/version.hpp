// SPDX-License-Identifier: BSD-3-Clause
// The version of the library, which is also a part of every name in it: two versions in one
// process, say in two shared libraries, never run each other's code.
#pragma once

#define GPUIMG_VERSION_NAMESPACE v0_2_0

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

inline constexpr const char* version = "0.2.0";

}  // namespace gpuimg
