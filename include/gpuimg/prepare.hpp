// SPDX-License-Identifier: BSD-3-Clause
// Compiles the kernels of an operation before they are needed.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/device.hpp"
#include "gpuimg/image.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace detail {

/// An image with something to find for any operation: pyramids of 8 on 0, which are blobs, objects
/// of a binary image, and labels.
template <pixel T>
image<T> pyramids(const device& device, const shape& size) {
  const auto from_middle = [](std::size_t i) {
    return std::max(i % 16, std::size_t{8}) - std::min(i % 16, std::size_t{8});
  };
  std::vector<T> pixels;
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x)
        pixels.push_back(static_cast<T>(
            8 - std::min<std::size_t>(
                    from_middle(x) + from_middle(y) + (size.is_3d() ? from_middle(z) : 0), 8)));
  return push(device, pixels, size);
}

}  // namespace detail

/// Compiles what an operation needs for inputs of the given pixel types, in their order, by running
/// it once on small images:
/// `prepare<std::uint16_t>(device, ops::gaussian_blur{.sigma_x = 2, .sigma_y = 2})`.
/// op      the operation with the parameters it is going to have: some choose between kernels
/// size    64x64 pixels; 3D images may need other kernels than 2D ones
/// throws  what the operation throws      cost  seconds at first, then milliseconds; waits
template <pixel... Inputs, class Op>
requires(sizeof...(Inputs) > 0) void prepare(const device& device, const Op& op,
                                             const shape& size = {64, 64}) {
  static_cast<void>(run(op, detail::pyramids<Inputs>(device, size)...));
  device.finish();
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
