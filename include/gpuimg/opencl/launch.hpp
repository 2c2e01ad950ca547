// SPDX-License-Identifier: BSD-3-Clause
// How kernels are launched: their arguments, the work-items, and the one table that says what each
// kind of device wants.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/opencl/api.hpp"
#include "gpuimg/opencl/buffer.hpp"
#include "gpuimg/opencl/device_description.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Which of two kernels does the work where one cannot serve both: `serial` gives each work-item a
/// long run of neighbouring pixels, as a CPU's core wants it; `cooperative` lets a work-group share
/// neighbouring pixels in local memory, as a GPU wants it.
enum class kernel_variant { serial, cooperative };

/// What a device is given to do. Nothing else in the library asks what kind of device it is.
struct launch_table {
  std::size_t vector_width = 4;               ///< pixels along x per work-item: VEC in kernels
  std::array<std::size_t, 3> rows{64, 1, 1};  ///< work-group of kernels over rows, where y or z > 1
  std::size_t flat = 64;                      ///< work-group of kernels over one axis
  kernel_variant variant = kernel_variant::cooperative;
  bool any_alignment = false;  ///< whether kernels take buffers that are aligned like a pixel only
  std::size_t largest_work_group = 1;                 ///< work-items
  std::array<std::size_t, 3> largest_sides{1, 1, 1};  ///< of a work-group: work-items
  std::array<std::size_t, 3> most_groups{1, 1, 1};    ///< work-groups of one launch, per axis
  std::uint64_t longest_launch = 0;  ///< operations: what takes about 0.2 s on a slow device
  std::uint64_t local_memory = 0;    ///< bytes per work-group
};

inline launch_table launch_table_for(const device_description& device) {
  launch_table table;
  table.largest_work_group = device.largest_work_group;
  table.largest_sides = device.largest_work_group_sides;
  table.local_memory = device.local_memory;
  constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
  if (device.is_cpu()) {
    // Two vector registers hide how long a multiplication takes; nothing kills a long launch.
    table.vector_width = std::bit_floor(std::clamp(2 * device.native_floats, 4u, 16u));
    table.variant = kernel_variant::serial;
    table.any_alignment = true;
    table.most_groups = {any, any, any};
    table.longest_launch = std::numeric_limits<std::uint64_t>::max();
    return table;
  }
  table.most_groups = {2147483647, 65535, 65535};  // what CUDA allows, beneath NVIDIA's OpenCL
  // Drivers end a launch after 2 s (Windows) to 5 s (a GPU with a display). One operation per clock
  // and compute unit is pessimistic.
  const std::uint64_t clock = device.clock > 0 ? device.clock : 500;
  table.longest_launch = device.compute_units * clock * 200'000;
  return table;
}

/// One argument of a kernel: a buffer, a buffer view, a shape (uint4), or a number of a type that
/// OpenCL C has.
class argument {
 public:
  argument() = default;  ///< none yet
  argument(const buffer& b) { set(b.memory()); }
  argument(const buffer_view& b) { set(b.memory); }
  argument(const gpuimg::shape& s) {
    set(cl_uint4{
        {static_cast<cl_uint>(s.x), static_cast<cl_uint>(s.y), static_cast<cl_uint>(s.z), 0}});
  }
  argument(cl_int value) { set(value); }
  argument(cl_uint value) { set(value); }
  argument(cl_long value) { set(value); }
  argument(cl_ulong value) { set(value); }
  argument(cl_float value) { set(value); }
  argument(const cl_float4& value) { set(value); }
  argument(const cl_int4& value) { set(value); }

  /// A number of any other type that OpenCL C has.
  template <class Number>
  static argument of(Number value) {
    argument made;
    made.set(value);
    return made;
  }
  /// So many bytes of local memory for each work-group.
  static argument local(std::size_t bytes) { return argument(nullptr, bytes); }

  /// Null for local memory.
  [[nodiscard]] const void* data() const { return is_local_ ? nullptr : bytes_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool is_local() const { return is_local_; }

 private:
  argument(std::nullptr_t, std::size_t bytes) : size_(bytes), is_local_(true) {}
  template <class T>
  void set(const T& value) {
    static_assert(sizeof value <= sizeof bytes_);
    std::memcpy(bytes_, &value, sizeof value);
    size_ = sizeof value;
  }

  alignas(16) unsigned char bytes_[16];
  std::size_t size_ = 0;
  bool is_local_ = false;
};

/// How many work-items along each axis, and how many of them form a work-group: where `local` is 0
/// the device's launch table says so. `cost` is how many operations (loads, multiplications) a
/// work-item takes, about: launches that a driver would take for hung are split.
///
/// What is split is launched in bands, with offsets. A kernel that is launched so finds its pixels
/// by get_global_id; get_group_id counts from 0 in each band, and get_global_size is the band's.
struct grid {
  std::size_t x = 1, y = 1, z = 1;
  std::array<std::size_t, 3> local{};
  std::uint64_t cost = 1;
};

/// The work-group that is wanted, halved along x, then y, then z until the device takes it.
/// `largest` is what the kernel allows.
inline std::array<std::size_t, 3> work_group_of(const grid& items, const launch_table& table,
                                                std::size_t largest) {
  auto group = items.local;
  if (group[0] == 0) {
    if (items.y == 1 && items.z == 1)
      group = {table.flat, 1, 1};
    else
      group = table.rows;
    if (items.x <= group[0] / 2) group[0] /= 4;  // few lanes idle beside a narrow image
  }
  for (std::size_t axis = 0; axis < 3; ++axis)
    group[axis] = std::clamp<std::size_t>(group[axis], 1, table.largest_sides[axis]);
  largest = std::min(largest, table.largest_work_group);
  for (auto& side : group)
    while (group[0] * group[1] * group[2] > largest && side > 1) side /= 2;
  return group;
}

/// One launch: work-items from `offset` on.
struct band {
  std::array<std::size_t, 3> offset, items;
};

/// Whole work-groups that cover a grid, in as many launches as the device wants: along z first,
/// then along y, then along x.
class bands {
 public:
  bands(const grid& items, const std::array<std::size_t, 3>& group, const launch_table& table)
      : group_(group) {
    const std::array<std::size_t, 3> wanted{items.x, items.y, items.z};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      total_[axis] = (wanted[axis] + group[axis] - 1) / group[axis];
      step_[axis] = std::min(total_[axis], table.most_groups[axis]);
    }
    const double cost =
        static_cast<double>(group[0] * group[1] * group[2]) * static_cast<double>(items.cost);
    for (std::size_t axis = 3; axis-- > 0;) {
      double others = cost;
      for (std::size_t other = 0; other < 3; ++other)
        if (other != axis) others *= static_cast<double>(step_[other]);
      const double most = static_cast<double>(table.longest_launch) / others;
      if (most < static_cast<double>(step_[axis]))
        step_[axis] = std::max<std::size_t>(static_cast<std::size_t>(most), 1);
    }
  }

  [[nodiscard]] std::size_t size() const { return count(0) * count(1) * count(2); }
  [[nodiscard]] band operator[](std::size_t index) const {
    band part{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::size_t first = index % count(axis) * step_[axis];
      index /= count(axis);
      part.offset[axis] = first * group_[axis];
      part.items[axis] = std::min(step_[axis], total_[axis] - first) * group_[axis];
    }
    return part;
  }

 private:
  [[nodiscard]] std::size_t count(std::size_t axis) const {
    return step_[axis] == 0 ? 0 : (total_[axis] + step_[axis] - 1) / step_[axis];
  }

  std::array<std::size_t, 3> group_, total_{}, step_{};  // total and step: work-groups
};

/// Throws argument_error where a work-group would share more memory than the device has: some
/// drivers end the process then.
inline void check_local_memory(const char* kernel, std::uint64_t bytes, const launch_table& table) {
  if (bytes > table.local_memory)
    throw argument_error(detail::text({"kernel ", kernel, " needs ", bytes,
                                       " bytes of local memory per work-group, the device has ",
                                       table.local_memory}));
}

}  // namespace gpuimg::opencl
