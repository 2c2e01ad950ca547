// SPDX-License-Identifier: BSD-3-Clause
// How kernels are launched: their arguments, the work-items, and the one table that says what each
// kind of device wants.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>

#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/opencl/api.hpp"
#include "gpuimg/opencl/buffer.hpp"
#include "gpuimg/opencl/device_description.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Which of two kernels does the work where one cannot serve both: `serial` gives each work-item a
/// long run of neighbouring pixels, as a CPU's core wants it; `cooperative` lets a work-group share
/// neighbouring pixels in local memory, as a GPU wants it.
enum class kernel_variant { serial, cooperative };

/// What a device is given to do. Nothing else in the library asks for the kind of a device.
struct launch_table {
  std::size_t vector_width = 4;         ///< pixels along x per work-item: VEC in kernels
  std::array<std::size_t, 3> rows{64};  ///< work-group of kernels over rows, where y or z > 1
  std::size_t flat = 64;                ///< work-group of kernels over one axis
  kernel_variant variant = kernel_variant::cooperative;
};

inline launch_table launch_table_for(const device_description& device) {
  if (device.is_cpu()) return {16, {64, 1, 1}, 64, kernel_variant::serial};
  return {4, {64, 1, 1}, 64, kernel_variant::cooperative};
}

/// One argument of a kernel: a buffer, a buffer view, a shape (uint4), or a number of a type that
/// OpenCL C has.
class argument {
 public:
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

  /// So many bytes of local memory for each work-group.
  static argument local(std::size_t bytes) { return argument(nullptr, bytes); }

  /// Null for local memory.
  [[nodiscard]] const void* data() const { return is_local_ ? nullptr : bytes_; }
  [[nodiscard]] std::size_t size() const { return size_; }

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
/// the device's launch table says so.
struct grid {
  std::size_t x = 1, y = 1, z = 1;
  std::array<std::size_t, 3> local{};
};

}  // namespace gpuimg::opencl
