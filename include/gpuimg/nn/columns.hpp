// SPDX-License-Identifier: BSD-3-Clause
// Work-items over columns: numbers of a tensor that lie behind each other along an axis.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gpuimg/nn/tensor_shape.hpp"
#include "gpuimg/opencl/device.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn::detail {

/// A tensor as (outer, size, inner): what is before an axis, along it, and behind it.
struct axis_view {
  std::int64_t outer = 1, size = 1, inner = 1;

  axis_view() = default;
  axis_view(std::int64_t before, std::int64_t along, std::int64_t behind)
      : outer(before), size(along), inner(behind) {}
  axis_view(const tensor_shape& shape, std::size_t axis)
      : outer(shape.product(0, axis)),
        size(shape[axis]),
        inner(shape.product(axis + 1, shape.rank())) {}
};

/// Neighbouring columns for work-items that each take `width` of them.
struct column_run {
  std::int64_t width, first, items;
};

/// Runs that cover `count` columns: in vectors on CPUs, then those that are left, one by one.
/// Neighbours of a GPU's take one each.
inline std::vector<column_run> column_runs(const opencl::device& device, std::int64_t count) {
  const bool is_serial = device.launches().variant == opencl::kernel_variant::serial;
  const auto width = is_serial ? static_cast<std::int64_t>(device.vector_width()) : 1;
  std::vector<column_run> runs;
  const std::int64_t whole = count / width;
  if (whole > 0) runs.push_back({width, 0, whole});
  if (whole * width < count) runs.push_back({1, whole * width, count - whole * width});
  return runs;
}

/// Work-groups of 64, long along x where there is so much.
inline opencl::grid wide_grid(std::int64_t x, std::int64_t y, std::int64_t z = 1,
                              std::int64_t cost = 1) {
  const auto size = [](std::int64_t n) { return static_cast<std::size_t>(n); };
  std::size_t wide = 64;
  while (wide > 1 && wide / 2 >= size(x)) wide /= 2;
  return {size(x), size(y), size(z), {wide, 64 / wide, 1}, static_cast<std::uint64_t>(cost)};
}

}  // namespace gpuimg::nn::detail
