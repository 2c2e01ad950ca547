// SPDX-License-Identifier: BSD-3-Clause
// What nearly every launch of a kernel needs: numbers of work-items.
#pragma once

#include <cstddef>

#include "gpuimg/opencl/device.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::detail {

/// How many pieces of `size` it takes to cover `count`.
constexpr std::size_t pieces(std::size_t count, std::size_t size) {
  return (count + size - 1) / size;
}

/// Work-items of a kernel in which each takes VEC of so many pixels.
inline opencl::grid vectors(const opencl::device& device, std::size_t pixels) {
  return {pieces(pixels, device.vector_width())};
}

/// Work-items of a kernel in which each takes VEC pixels of one row.
inline opencl::grid row_vectors(const opencl::device& device, const shape& size) {
  return {pieces(size.x, device.vector_width()), size.y, size.z};
}

}  // namespace gpuimg::detail
