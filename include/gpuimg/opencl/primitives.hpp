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
#include "gpuimg/opencl/launching.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Sets `count` 32-bit numbers to 0. Waits for nothing.
inline void fill_zero(const device& device, const argument& values, std::size_t count) {
  device.launch(kernels::primitives, "primitives__fill_zero", {}, {count},
                {values, static_cast<cl_ulong>(count)});
}

/// Replaces each of `count` 32-bit numbers by the sum of those before it. Waits for nothing.
inline void exclusive_scan(const device& device, const buffer& values, std::size_t count) {
  using gpuimg::detail::parts;
  if (count > 0xffffffff)
    throw argument_error(
        gpuimg::detail::text({"at most 4294967295 numbers are added up at once, got ", count}));
  const parts all(device, count);
  const auto sums = device.allocate(all.count * sizeof(cl_uint));
  const auto n = static_cast<cl_ulong>(count), part = static_cast<cl_ulong>(all.size);
  const argument shared = argument::local(parts::group * sizeof(cl_uint));
  const argument arguments[] = {values, sums, n, part, shared};
  const std::size_t given = all.is_shared() ? 5 : 4;
  if (all.count > 1)
    device.launch(kernels::primitives,
                  all.is_shared() ? "primitives__shared_sums" : "primitives__sums", {}, all.grid(),
                  arguments, given);
  device.launch(kernels::primitives,
                all.is_shared() ? "primitives__shared_scan" : "primitives__scan", {}, all.grid(),
                arguments, given);
}

/// The greatest pixel of a u32 image that has pixels. Waits for the device.
inline std::uint32_t greatest(const device& device, const buffer_view& src) {
  using gpuimg::detail::parts;
  const parts all(device, src.shape.pixels());
  std::vector<cl_uint> partial(all.count);
  const auto memory = device.allocate(partial.size() * sizeof(cl_uint));
  const argument arguments[] = {src, memory, static_cast<cl_ulong>(src.shape.pixels()),
                                static_cast<cl_ulong>(all.size),
                                argument::local(parts::group * sizeof(cl_uint))};
  device.launch(kernels::primitives,
                all.is_shared() ? "primitives__shared_greatest" : "primitives__greatest", {},
                all.grid(), arguments, all.is_shared() ? 5 : 4);
  device.read(memory.memory(), partial.data(), partial.size() * sizeof(cl_uint));
  return *std::max_element(partial.begin(), partial.end());
}

}  // namespace gpuimg::opencl
