// SPDX-License-Identifier: BSD-3-Clause
// What layers need to make themselves ready for a device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "gpuimg/nn/activation.hpp"
#include "gpuimg/nn/layer.hpp"
#include "gpuimg/nn/window.hpp"
#include "gpuimg/opencl/primitives.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn::detail {

/// Memory of the device with a copy of the host's numbers.
template <class T>
std::shared_ptr<const opencl::buffer> on_device(const opencl::device& device,
                                                const std::vector<T>& numbers) {
  const std::size_t bytes = numbers.size() * sizeof(T);
  auto made = std::make_shared<const opencl::buffer>(device.allocate(bytes));
  if (bytes > 0) device.write(made->memory(), numbers.data(), bytes);
  return made;
}

/// Memory of the device for what a layer keeps between its kernels, all 0.
inline std::shared_ptr<const opencl::buffer> zeros(const opencl::device& device,
                                                   std::size_t bytes) {
  auto made = std::make_shared<const opencl::buffer>(device.allocate(bytes));
  opencl::fill_zero(device, *made, bytes / sizeof(float));
  return made;
}

/// What the kernels of networks are compiled with.
inline opencl::defines macros_of(const tensor_info& dst, const tensor_info& src, std::int64_t block,
                                 const activation& f = {}) {
  opencl::defines macros{{"BLOCK", static_cast<std::uint64_t>(block)},
                         {"ACTIVATION", static_cast<std::uint64_t>(f.kind)}};
  if (src.type == element::f16) macros.add("SRC_HALF");
  if (dst.type == element::f16) macros.add("DST_HALF");
  return macros;
}

/// x, y, z, and a fourth number.
inline cl_int4 xyz(const per_axis& zyx, std::int64_t w = 0) {
  return {{static_cast<cl_int>(zyx[2]), static_cast<cl_int>(zyx[1]), static_cast<cl_int>(zyx[0]),
           static_cast<cl_int>(w)}};
}
inline per_axis spatial(const tensor_info& info) {
  return {info.spatial(0), info.spatial(1), info.spatial(2)};
}

/// A work-item for each block of channels at each pixel.
inline opencl::grid pixel_blocks(const tensor_info& info, std::uint64_t cost) {
  const auto size = [](std::int64_t n) { return static_cast<std::size_t>(n); };
  return {.x = size(info.spatial(2)),
          .y = size(info.spatial(1)),
          .z = size(info.spatial(0) * info.batch() * info.blocks()),
          .cost = cost};
}

}  // namespace gpuimg::nn::detail
