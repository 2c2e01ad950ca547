// SPDX-License-Identifier: BSD-3-Clause
// The version of the library, which is also a part of every name in it: two versions in one
// process, say in two shared libraries, never run each other's code.
#pragma once

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ > 0)
#error \
    "gpuimg cannot be compiled with -ffast-math or -ffinite-math-only: NaN and infinity would go \
unnoticed, and the reference would not be one. Compile the files that include it without them."
#endif

#define GPUIMG_VERSION_NAMESPACE v0_2_0

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

inline constexpr const char* version = "0.2.0";

}  // namespace gpuimg
