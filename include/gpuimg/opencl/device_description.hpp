// SPDX-License-Identifier: BSD-3-Clause
// What an OpenCL device says of itself, and which devices there are.
#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gpuimg/opencl/api.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// What a device says of itself, and what follows from it. Nothing is created by asking. What a
/// driver does not answer is the least that every device has.
struct device_description {
  std::string platform, platform_version, name, vendor, version, driver;
  cl_device_type type = 0;
  std::uint64_t memory = 0;            ///< bytes
  std::uint64_t largest_buffer = 0;    ///< bytes
  std::size_t largest_work_group = 1;  ///< work-items
  bool shares_host_memory = false;
  cl_platform_id platform_id = nullptr;
  cl_device_id id = nullptr;

  std::array<std::size_t, 3> largest_work_group_sides{1, 1, 1};  ///< work-items along x, y, z
  std::uint64_t local_memory = 0;       ///< bytes that a work-group may share
  bool local_memory_is_fast = false;    ///< memory of its own, not a part of the device's memory
  std::uint32_t compute_units = 1;      ///< cores of a CPU, multiprocessors of a GPU
  std::uint32_t clock = 0;              ///< MHz, at most; 0 where the driver does not say
  std::uint32_t native_floats = 1;      ///< floats in a vector register
  std::size_t work_group_multiple = 1;  ///< work-items that run in step, where the driver says
  std::size_t base_alignment = 128;     ///< bytes: how buffers and sub-buffers are aligned
  bool has_half = false;                ///< computes with 16-bit floats: cl_khr_fp16
  bool has_64_bit_atomics = false;      ///< cl_khr_int64_base_atomics and ..._extended_atomics
  bool has_sub_groups = false;          ///< cl_khr_subgroups or cl_intel_subgroups
  bool is_software = false;             ///< runs on the CPU to show or to check, not to compute
  bool compiles_at_launch = false;      ///< compiles a kernel when launched first, keeps it on disk

  [[nodiscard]] bool is_gpu() const { return (type & CL_DEVICE_TYPE_GPU) != 0; }
  [[nodiscard]] bool is_cpu() const { return (type & CL_DEVICE_TYPE_CPU) != 0; }
  [[nodiscard]] bool is_accelerator() const { return (type & CL_DEVICE_TYPE_ACCELERATOR) != 0; }
};

/// How many work-items a work-group may have along x, y and z.
inline std::array<std::size_t, 3> work_group_sides(cl_device_id id) {
  std::size_t bytes = 0;
  if (clGetDeviceInfo(id, CL_DEVICE_MAX_WORK_ITEM_SIZES, 0, nullptr, &bytes) != CL_SUCCESS ||
      bytes < 3 * sizeof(std::size_t))
    return {1, 1, 1};
  std::vector<std::size_t> sides(bytes / sizeof(std::size_t));
  if (clGetDeviceInfo(id, CL_DEVICE_MAX_WORK_ITEM_SIZES, bytes, sides.data(), nullptr) !=
      CL_SUCCESS)
    return {1, 1, 1};
  return {std::max<std::size_t>(sides[0], 1), std::max<std::size_t>(sides[1], 1),
          std::max<std::size_t>(sides[2], 1)};
}

inline device_description describe(cl_device_id id) {
  device_description d;
  d.id = id;
  d.platform_id = info_value<cl_platform_id>(clGetDeviceInfo, id, CL_DEVICE_PLATFORM, nullptr);
  d.platform = info_string(clGetPlatformInfo, d.platform_id, CL_PLATFORM_NAME);
  d.platform_version = info_string(clGetPlatformInfo, d.platform_id, CL_PLATFORM_VERSION);
  d.name = info_string(clGetDeviceInfo, id, CL_DEVICE_NAME);
  d.vendor = info_string(clGetDeviceInfo, id, CL_DEVICE_VENDOR);
  d.version = info_string(clGetDeviceInfo, id, CL_DEVICE_VERSION);
  d.driver = info_string(clGetDeviceInfo, id, CL_DRIVER_VERSION);
  d.type = info_value<cl_device_type>(clGetDeviceInfo, id, CL_DEVICE_TYPE, 0);
  d.memory = info_value<cl_ulong>(clGetDeviceInfo, id, CL_DEVICE_GLOBAL_MEM_SIZE, 0);
  d.largest_buffer = info_value<cl_ulong>(clGetDeviceInfo, id, CL_DEVICE_MAX_MEM_ALLOC_SIZE, 0);
  d.largest_work_group =
      info_value<std::size_t>(clGetDeviceInfo, id, CL_DEVICE_MAX_WORK_GROUP_SIZE, 1);
  d.shares_host_memory =
      info_value<cl_bool>(clGetDeviceInfo, id, CL_DEVICE_HOST_UNIFIED_MEMORY, CL_FALSE) == CL_TRUE;

  const auto number = [&](cl_uint what, cl_uint least) {
    return std::max(info_value<cl_uint>(clGetDeviceInfo, id, what, least), least);
  };
  d.largest_work_group_sides = work_group_sides(id);
  d.local_memory = info_value<cl_ulong>(clGetDeviceInfo, id, CL_DEVICE_LOCAL_MEM_SIZE, 0);
  d.local_memory_is_fast =
      info_value<cl_device_local_mem_type>(clGetDeviceInfo, id, CL_DEVICE_LOCAL_MEM_TYPE,
                                           CL_GLOBAL) == CL_LOCAL;
  d.compute_units = number(CL_DEVICE_MAX_COMPUTE_UNITS, 1);
  d.clock = number(CL_DEVICE_MAX_CLOCK_FREQUENCY, 0);
  d.native_floats = number(CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, 1);
  d.base_alignment = std::max<std::size_t>(number(CL_DEVICE_MEM_BASE_ADDR_ALIGN, 8) / 8, 1);
  constexpr cl_uint preferred_multiple = 0x1067;  // OpenCL 3.0; older headers have no name for it
  d.work_group_multiple =
      std::max<std::size_t>(info_value<std::size_t>(clGetDeviceInfo, id, preferred_multiple, 1), 1);

  const std::string extensions = " " + info_string(clGetDeviceInfo, id, CL_DEVICE_EXTENSIONS) + " ";
  const auto has = [&](std::string_view name) {
    return extensions.find(" " + std::string(name) + " ") != std::string::npos;
  };
  d.has_half = has("cl_khr_fp16");
  d.has_64_bit_atomics = has("cl_khr_int64_base_atomics") && has("cl_khr_int64_extended_atomics");
  d.has_sub_groups = has("cl_khr_subgroups") || has("cl_intel_subgroups");

  std::string all = d.platform + " " + d.name + " " + d.vendor;
  std::ranges::transform(all, all.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto says = [&](const char* word) { return all.find(word) != std::string::npos; };
  d.is_software = says("llvmpipe") || says("softpipe") || says("swrast") || says("oclgrind") ||
                  (d.is_cpu() && says("mesa"));
  d.compiles_at_launch = says("portable computing language");
  return d;
}

/// Every device of every platform, in the platforms' order; empty where there is no OpenCL.
inline std::vector<device_description> list_devices() {
  std::vector<device_description> found;
  cl_uint count = 0;
  if (clGetPlatformIDs(0, nullptr, &count) != CL_SUCCESS) return found;
  std::vector<cl_platform_id> platforms(count);
  if (count == 0 || clGetPlatformIDs(count, platforms.data(), nullptr) != CL_SUCCESS) return found;
  for (cl_platform_id platform : platforms) {
    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &count) != CL_SUCCESS) continue;
    std::vector<cl_device_id> ids(count);
    if (count == 0 ||
        clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, ids.data(), nullptr) != CL_SUCCESS)
      continue;
    for (cl_device_id id : ids) found.push_back(describe(id));
  }
  return found;
}

}  // namespace gpuimg::opencl
