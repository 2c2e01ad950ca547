// SPDX-License-Identifier: BSD-3-Clause
// What several operations on labels need: zeros, an exclusive prefix sum, the greatest of many
// numbers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gpuimg/kernels/opencl/primitives.cl.hpp"
#include "gpuimg/opencl/device.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Sets `count` 32-bit numbers to 0. Waits for nothing.
inline void fill_zero(const device& device, const buffer& values, std::size_t count) {
  device.launch(kernels::primitives, "primitives__fill_zero", {}, {count},
                {values, static_cast<cl_ulong>(count)});
}

/// Replaces each of `count` 32-bit numbers by the sum of those before it. Waits for nothing.
inline void exclusive_scan(const device& device, const buffer& values, std::size_t count) {
  if (count > 0xffffffff)
    throw argument_error(
        gpuimg::detail::text({"at most 4294967295 numbers are added up at once, got ", count}));
  constexpr std::size_t block = 1024;  // the kernels know it, too
  const std::size_t blocks = (count + block - 1) / block;
  const auto sums = device.allocate(blocks * sizeof(cl_uint));
  const auto n = static_cast<cl_uint>(count);
  device.launch(kernels::primitives, "primitives__scan_blocks", {}, {blocks}, {values, sums, n});
  device.launch(kernels::primitives, "primitives__scan_sums", {}, {.x = 1, .local = {1, 1, 1}},
                {sums, static_cast<cl_uint>(blocks)});
  device.launch(kernels::primitives, "primitives__scan_apply", {}, {blocks}, {values, sums, n});
}

/// The greatest pixel of a u32 image that has pixels. Waits for the device.
inline std::uint32_t greatest(const device& device, const buffer_view& src) {
  constexpr std::size_t piece = 4096;  // the kernel knows it, too
  const std::size_t count = src.shape.pixels();
  std::vector<cl_uint> partial((count + piece - 1) / piece);
  const auto memory = device.allocate(partial.size() * sizeof(cl_uint));
  device.launch(kernels::primitives, "primitives__greatest", {}, {partial.size()},
                {src, memory, static_cast<cl_ulong>(count)});
  device.read(memory.memory(), partial.data(), partial.size() * sizeof(cl_uint));
  return *std::max_element(partial.begin(), partial.end());
}

}  // namespace gpuimg::opencl
