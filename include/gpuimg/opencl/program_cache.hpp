// SPDX-License-Identifier: BSD-3-Clause
// Programs of one device: compiled once per process, and once per machine where the disk allows.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpuimg/core/version.hpp"
#include "gpuimg/kernels/common.clh.hpp"
#include "gpuimg/opencl/api.hpp"
#include "gpuimg/opencl/binary_cache.hpp"
#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Macros that a program is compiled with, in order: {"SRC_T", "ushort"}.
using defines = std::vector<std::pair<std::string_view, std::string>>;

/// The sizes of images are never among the defines, so a new size compiles nothing.
class program_cache {
 public:
  program_cache(cl_context context, cl_device_id device, const std::string& device_key)
      : context_(context), device_(device), device_key_(device_key) {}
  program_cache(const program_cache&) = delete;
  program_cache& operator=(const program_cache&) = delete;
  ~program_cache() {
    for (const auto& [key, program] : programs_) clReleaseProgram(program);
  }

  /// The program of a kernel file with the given macros. Throws build_error.
  cl_program get(const kernel_source& source, const defines& macros) {
    std::string definitions;
    for (const auto& [name, value] : macros)
      definitions.append("#define ").append(name).append(" ").append(value).append("\n");
    std::string key = std::string(source.hash) + "\n" + definitions;
    const std::lock_guard lock(mutex_);
    if (const auto found = programs_.find(key); found != programs_.end()) return found->second;
    cl_program program = load_or_build(source, definitions);
    programs_.emplace(std::move(key), program);
    return program;
  }

  /// How many programs were compiled, those that came from disk not counted.
  [[nodiscard]] std::uint64_t built() const {
    const std::lock_guard lock(mutex_);
    return built_;
  }

 private:
  static constexpr const char* options = "-cl-std=CL1.2";

  cl_program load_or_build(const kernel_source& source, const std::string& definitions) {
    const std::string text = definitions + kernels::common.text + source.text;
    const std::string key =
        std::string(version) + "\n" + device_key_ + "\n" + options + "\n" + text;
    if (const auto binary = disk_.read(key)) {
      if (cl_program program = from_binary(*binary); program != nullptr) return program;
    }
    const char* lines = text.c_str();
    int code = CL_SUCCESS;
    cl_program program = clCreateProgramWithSource(context_, 1, &lines, nullptr, &code);
    check(code, "clCreateProgramWithSource");
    code = clBuildProgram(program, 1, &device_, options, nullptr, nullptr);
    if (is_memory_code(code)) {
      clReleaseProgram(program);
      check(code, "clBuildProgram");
    }
    if (code != CL_SUCCESS) {
      const std::string log = build_log(program);
      clReleaseProgram(program);
      throw build_error(source.name, options, log.empty() ? name_of_code(code) : log);
    }
    ++built_;
    // Not asked for in vain: a driver may compile every kernel once more to give a binary.
    if (disk_.is_on()) disk_.write(key, binary_of(program));
    return program;
  }

  cl_program from_binary(const std::string& binary) const {
    const auto* bytes = reinterpret_cast<const unsigned char*>(binary.data());
    const std::size_t size = binary.size();
    int status = CL_SUCCESS, code = CL_SUCCESS;
    cl_program program =
        clCreateProgramWithBinary(context_, 1, &device_, &size, &bytes, &status, &code);
    if (code == CL_SUCCESS && status == CL_SUCCESS &&
        clBuildProgram(program, 1, &device_, options, nullptr, nullptr) == CL_SUCCESS)
      return program;
    if (program != nullptr) clReleaseProgram(program);
    return nullptr;
  }

  [[nodiscard]] std::string build_log(cl_program program) const {
    std::size_t size = 0;
    if (clGetProgramBuildInfo(program, device_, CL_PROGRAM_BUILD_LOG, 0, nullptr, &size) !=
        CL_SUCCESS)
      return {};
    std::string log(size, '\0');
    clGetProgramBuildInfo(program, device_, CL_PROGRAM_BUILD_LOG, size, log.data(), nullptr);
    while (!log.empty() && (log.back() == '\0' || log.back() == '\n')) log.pop_back();
    return log;
  }

  // Empty where the driver gives none, or where a user's context has several devices, each with its
  // own.
  [[nodiscard]] static std::string binary_of(cl_program program) {
    std::size_t size = 0;
    if (clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, nullptr) !=
        CL_SUCCESS)
      return {};
    std::string binary(size, '\0');
    auto* bytes = reinterpret_cast<unsigned char*>(binary.data());
    if (size == 0 ||
        clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof bytes, &bytes, nullptr) != CL_SUCCESS)
      return {};
    return binary;
  }

  cl_context context_;
  cl_device_id device_;
  std::string device_key_;
  binary_cache disk_ = binary_cache::from_environment();
  mutable std::mutex mutex_;
  std::map<std::string, cl_program> programs_;
  std::uint64_t built_ = 0;
};

}  // namespace gpuimg::opencl
