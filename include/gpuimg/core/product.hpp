// SPDX-License-Identifier: BSD-3-Clause
// A product that is rounded before anything is added to it.
#pragma once

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::detail {

/// A product, rounded before anything is added to it. The volatile keeps compilers from merging
/// both into one fma, which rounds once: none has a pragma that works in C++ everywhere, and clang
/// makes a product of std::fma(a, b, -0.0f) again.
template <class T>
T product(T a, T b) {
  volatile T rounded = a * b;
  return rounded;
}

}  // namespace gpuimg::detail
