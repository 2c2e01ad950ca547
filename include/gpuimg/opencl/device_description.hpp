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

#include "gpuimg/core/text.hpp"
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
  bool miscounts_variants = false;      ///< must not launch all at once: see kernel_variants

  [[nodiscard]] bool is_gpu() const { return (type & CL_DEVICE_TYPE_GPU) != 0; }
  [[nodiscard]] bool is_cpu() const { return (type & CL_DEVICE_TYPE_CPU) != 0; }
  [[nodiscard]] bool is_accelerator() const { return (type & CL_DEVICE_TYPE_ACCELERATOR) != 0; }
};

[[gnu::cold]] inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

/// How many work-items a work-group may have along x, y and z.
[[gnu::cold]] inline std::array<std::size_t, 3> work_group_sides(cl_device_id id) {
  std::array<std::size_t, 16> sides{};  // one for each dimension that the device has: usually 3
  if (clGetDeviceInfo(id, CL_DEVICE_MAX_WORK_ITEM_SIZES, sizeof sides, sides.data(), nullptr) !=
      CL_SUCCESS)
    return {1, 1, 1};
  const auto at_least_one = [](std::size_t n) { return n > 0 ? n : 1; };
  return {at_least_one(sides[0]), at_least_one(sides[1]), at_least_one(sides[2])};
}

/// Fills in the description of a device.
[[gnu::cold]] inline void describe(cl_device_id id, device_description& d) {
  d.id = id;
  // What is not answered stays as it is.
  const auto ask = [id](cl_uint what, auto& answer) {
    clGetDeviceInfo(id, what, sizeof answer, &answer, nullptr);
  };
  const auto yes = [ask](cl_uint what, cl_uint wanted) {
    cl_uint answer = 0;
    ask(what, answer);
    return answer == wanted;
  };
  ask(CL_DEVICE_PLATFORM, d.platform_id);
  info_string(clGetPlatformInfo, d.platform_id, CL_PLATFORM_NAME, d.platform);
  info_string(clGetPlatformInfo, d.platform_id, CL_PLATFORM_VERSION, d.platform_version);
  info_string(clGetDeviceInfo, id, CL_DEVICE_NAME, d.name);
  info_string(clGetDeviceInfo, id, CL_DEVICE_VENDOR, d.vendor);
  info_string(clGetDeviceInfo, id, CL_DEVICE_VERSION, d.version);
  info_string(clGetDeviceInfo, id, CL_DRIVER_VERSION, d.driver);
  ask(CL_DEVICE_TYPE, d.type);
  ask(CL_DEVICE_GLOBAL_MEM_SIZE, d.memory);
  ask(CL_DEVICE_MAX_MEM_ALLOC_SIZE, d.largest_buffer);
  ask(CL_DEVICE_MAX_WORK_GROUP_SIZE, d.largest_work_group);
  d.shares_host_memory = yes(CL_DEVICE_HOST_UNIFIED_MEMORY, CL_TRUE);
  d.largest_work_group_sides = work_group_sides(id);
  ask(CL_DEVICE_LOCAL_MEM_SIZE, d.local_memory);
  d.local_memory_is_fast = yes(CL_DEVICE_LOCAL_MEM_TYPE, CL_LOCAL);
  ask(CL_DEVICE_MAX_COMPUTE_UNITS, d.compute_units);
  ask(CL_DEVICE_MAX_CLOCK_FREQUENCY, d.clock);
  ask(CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, d.native_floats);
  cl_uint alignment = 8;  // bits
  ask(CL_DEVICE_MEM_BASE_ADDR_ALIGN, alignment);
  d.base_alignment = std::max(alignment / 8, 1u);
  constexpr cl_uint preferred_multiple = 0x1067;  // OpenCL 3.0; older headers have no name for it
  ask(preferred_multiple, d.work_group_multiple);
  d.compute_units = std::max(d.compute_units, 1u);
  d.native_floats = std::max(d.native_floats, 1u);
  d.work_group_multiple = std::max<std::size_t>(d.work_group_multiple, 1);

  std::string extensions;
  info_string(clGetDeviceInfo, id, CL_DEVICE_EXTENSIONS, extensions);
  extensions = detail::text({" ", extensions, " "});
  const auto has = [&](const char* name) {  // a blank before and behind it
    return extensions.find(name) != std::string::npos;
  };
  d.has_half = has(" cl_khr_fp16 ");
  d.has_64_bit_atomics =
      has(" cl_khr_int64_base_atomics ") && has(" cl_khr_int64_extended_atomics ");
  d.has_sub_groups = has(" cl_khr_subgroups ") || has(" cl_intel_subgroups ");

  const std::string all = lower_case(detail::text({d.platform, " ", d.name, " ", d.vendor}));
  const auto says = [&](const char* word) { return all.find(word) != std::string::npos; };
  d.is_software = says("llvmpipe") || says("softpipe") || says("swrast") || says("oclgrind") ||
                  (d.is_cpu() && says("mesa"));
  d.compiles_at_launch = d.miscounts_variants = says("portable computing language");
}
inline device_description describe(cl_device_id id) {
  device_description d;
  describe(id, d);
  return d;
}

/// Every device of every platform, in the platforms' order; empty where there is no OpenCL.
[[gnu::cold]] inline std::vector<device_description> list_devices() {
  constexpr cl_uint most = 64;  // platforms, and devices of each: nobody has more
  std::array<cl_platform_id, most> platforms{};
  std::array<cl_device_id, most> ids{};
  const auto ids_of = [&](cl_platform_id platform) -> cl_uint {
    cl_uint count = 0;
    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, most, ids.data(), &count) != CL_SUCCESS)
      return 0;
    return std::min(count, most);
  };
  cl_uint platform_count = 0;
  if (clGetPlatformIDs(most, platforms.data(), &platform_count) != CL_SUCCESS) platform_count = 0;
  platform_count = std::min(platform_count, most);

  std::size_t count = 0;
  for (cl_uint i = 0; i < platform_count; ++i) count += ids_of(platforms[i]);
  std::vector<device_description> found(count);
  auto next = found.begin();
  for (cl_uint i = 0; i < platform_count; ++i)
    for (cl_uint k = 0, n = ids_of(platforms[i]); k < n && next != found.end(); ++k)
      describe(ids[k], *next++);
  return found;
}

/// How much a device is preferred to others, 0 where it never is chosen: discrete GPUs, GPUs that
/// share the host's memory, accelerators, CPUs, software that plays a device (llvmpipe); of a kind
/// the one with the most compute units times clock.
inline std::uint64_t preference(const device_description& d) {
  const std::uint64_t kind = d.is_software        ? 1
                             : d.is_gpu()         ? (d.shares_host_memory ? 4 : 5)
                             : d.is_accelerator() ? 3
                             : d.is_cpu()         ? 2
                                                  : 0;
  const std::uint64_t speed = std::uint64_t{d.compute_units} * d.clock;
  constexpr std::uint64_t one_kind = std::uint64_t{1} << 56;
  return kind == 0 ? 0 : kind * one_kind + std::min(speed, one_kind - 1);
}

}  // namespace gpuimg::opencl
