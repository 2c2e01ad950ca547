// SPDX-License-Identifier: BSD-3-Clause
// Lines of pixels along an axis: what projections have in common.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cstddef>

#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::detail::projection {

constexpr operation_info about(const char* name, const char* brief, const char* source) {
  return {.name = name,
          .theme = "projection",
          .brief = brief,
          .source = source,
          .inputs = {{{"src", kind::image}}},
          .outputs = {{{"dst", kind::image}}}};
}

// The image without an axis: what is left of its axes keeps its order.
inline shape dst_shape(const shape& src, char axis) {
  if (axis == 'x') return {src.y, src.z, src.x == 0 ? 0u : 1u};
  if (axis == 'y') return {src.x, src.z, src.y == 0 ? 0u : 1u};
  return {src.x, src.y, src.z == 0 ? 0u : 1u};
}

/// What becomes one pixel: lines of `length` pixels that are `plane` apart, as many side by side,
/// and `planes` of such lines one after the other.
struct lines {
  std::size_t plane, length, planes;

  static lines of(const shape& size, char axis) {
    if (axis == 'x') return {1, size.x, size.y * size.z};
    if (axis == 'y') return {size.x, size.y, size.z};
    return {size.x * size.y, size.z, 1};
  }

  /// Calls f(number of a line, what gives its pixels).
  template <pixel T>
  void for_each(view<const T> src, auto&& f) const {
    for (std::size_t p = 0; p < planes; ++p)
      for (std::size_t i = 0; i < plane; ++i)
        f(p * plane + i, [&](std::size_t k) { return src[(p * length + k) * plane + i]; });
  }
};

}  // namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::detail::projection

#include "gpuimg/core/pop_macros.def"
