// SPDX-License-Identifier: BSD-3-Clause
// What an OpenCL device says of itself, and which devices there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gpuimg/opencl/api.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// What a device says of itself. Nothing is created by asking.
struct device_description {
  std::string platform, platform_version, name, vendor, version, driver;
  cl_device_type type = 0;
  std::uint64_t memory = 0;            ///< bytes
  std::uint64_t largest_buffer = 0;    ///< bytes
  std::size_t largest_work_group = 1;  ///< work-items
  bool shares_host_memory = false;
  cl_platform_id platform_id = nullptr;
  cl_device_id id = nullptr;

  [[nodiscard]] bool is_gpu() const { return (type & CL_DEVICE_TYPE_GPU) != 0; }
  [[nodiscard]] bool is_cpu() const { return (type & CL_DEVICE_TYPE_CPU) != 0; }
};

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
