// SPDX-License-Identifier: BSD-3-Clause
// Programs of one device: compiled once per process, and once per machine where the disk allows.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "gpuimg/core/text.hpp"
#include "gpuimg/core/version.hpp"
#include "gpuimg/kernels/common.clh.hpp"
#include "gpuimg/opencl/api.hpp"
#include "gpuimg/opencl/binary_cache.hpp"
#include "gpuimg/opencl/device_description.hpp"
#include "gpuimg/opencl/handle.hpp"
#include "gpuimg/opencl/kernel_source.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Given to a program_cache by `observed_by`. Called by the threads that compile.
class build_observer {
 public:
  build_observer() = default;
  build_observer(const build_observer&) = delete;
  build_observer& operator=(const build_observer&) = delete;
  virtual ~build_observer() = default;

  /// A program of a kernel file is going to be compiled from its text.
  virtual void builds(const char* file) = 0;
};

/// Programs of one kernel each; the sizes of images are never among their macros, so a new size
/// compiles nothing. Where the driver compiles a kernel only when it is first launched, a program
/// holds all kernels of a file, and the driver's own cache keeps it: to ask such a driver for a
/// binary would compile every kernel of the program once more, used or not.
///
/// Safe to use from several threads: those that want the same program wait for one of them to
/// compile it, others do not wait.
class program_cache {
 public:
  /// `always` comes before every text: macros that all programs of the device have.
  program_cache(cl_context context, const device_description& device, std::string always)
      : always_(std::move(always)),
        context_(context),
        device_(device.id),
        device_key_(key_of(device)),
        compiles_at_launch_(device.compiles_at_launch) {}
  program_cache(const program_cache&) = delete;
  program_cache& operator=(const program_cache&) = delete;
  ~program_cache() {
    while (programs_ != nullptr) {
      const entry* const first = programs_;
      programs_ = first->next;
      delete first;
    }
  }

  /// The program that holds a kernel of a file with the given macros. Throws build_error; the next
  /// call tries again then.
  program_handle get(const kernel_source& source, std::string_view kernel, const defines& macros) {
    std::string definitions = macros.text();
    if (!compiles_at_launch_ && !source.is_users)
      detail::append(definitions, {"#define ONE_KERNEL\n#define KERNEL_", kernel, "\n"});
    const std::string key = detail::text({definitions, source.key()});
    entry& wanted = entry_of(key);
    const std::lock_guard lock(wanted.mutex);  // which another thread has while it compiles
    if (wanted.program() == nullptr)
      wanted.program = load_or_build(
          source,
          detail::text({source.is_users ? "" : always_.c_str(), definitions,
                        source.is_users ? "" : kernels::common.text, source.helpers, source.text}));
    return wanted.program;
  }

  /// How many programs were compiled, those that came from disk not counted.
  [[nodiscard]] std::uint64_t built() const { return built_; }

  /// Lets a program that talks to people say that kernels are compiled, which takes seconds once
  /// per machine. Replaces the observer before; null removes it.
  void observed_by(std::shared_ptr<build_observer> observer) {
    const std::lock_guard lock(mutex_);
    observer_ = std::move(observer);
  }

  /// What tells this device and driver from others.
  [[nodiscard]] const std::string& device_key() const { return device_key_; }

 private:
  static constexpr const char* options = "-cl-std=CL1.2";

  [[gnu::cold]] static std::string key_of(const device_description& d) {
    return detail::text({d.platform, "\n", d.platform_version, "\n", d.vendor, "\n", d.name, "\n",
                         d.version, "\n", d.driver, "\n", sizeof(void*)});
  }

  struct entry {
    std::string key;
    entry* next;
    std::mutex mutex{};        // of the program
    program_handle program{};  // null where it was not compiled yet, or not successfully
  };
  entry& entry_of(const std::string& key) {
    const std::lock_guard lock(mutex_);
    for (entry* e = programs_; e != nullptr; e = e->next)
      if (e->key == key) return *e;
    return *(programs_ = new entry{key, programs_});
  }

  [[gnu::cold]] program_handle load_or_build(const kernel_source& source, const std::string& text) {
    const std::string key = detail::text({version, "\n", device_key_, "\n", options, "\n", text});
    const bool keeps_binaries = disk_.is_on() && !compiles_at_launch_;
    if (keeps_binaries) {
      const std::string binary = disk_.read(key);
      program_handle program = binary.empty() ? program_handle{} : from_binary(binary);
      if (program() != nullptr) return program;
    }
    if (const auto observer = current_observer()) observer->builds(source.name);
    const char* lines = text.c_str();
    int code = CL_SUCCESS;
    program_handle program(clCreateProgramWithSource(context_, 1, &lines, nullptr, &code));
    check(code, "clCreateProgramWithSource");
    code = clBuildProgram(program(), 1, &device_, options, nullptr, nullptr);
    if (code != CL_SUCCESS) {
      const std::string log = build_log(program());
      if (is_memory_code(code) || (log.empty() && code != CL_BUILD_PROGRAM_FAILURE))
        check(code, "clBuildProgram");
      throw build_error(source.name, options, log.empty() ? name_of_code(code) : log);
    }
    ++built_;
    if (keeps_binaries) disk_.write(key, binary_of(program()));
    return program;
  }

  [[nodiscard]] std::shared_ptr<build_observer> current_observer() const {
    const std::lock_guard lock(mutex_);
    return observer_;
  }

  // Null where the driver does not take the binary.
  [[nodiscard]] program_handle from_binary(const std::string& binary) const {
    const auto* bytes = reinterpret_cast<const unsigned char*>(binary.data());
    const std::size_t size = binary.size();
    int status = CL_SUCCESS, code = CL_SUCCESS;
    program_handle program(
        clCreateProgramWithBinary(context_, 1, &device_, &size, &bytes, &status, &code));
    if (code == CL_SUCCESS && status == CL_SUCCESS &&
        clBuildProgram(program(), 1, &device_, options, nullptr, nullptr) == CL_SUCCESS)
      return program;
    return {};
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

  std::string always_;
  cl_context context_;
  cl_device_id device_;
  std::string device_key_;
  bool compiles_at_launch_;
  binary_cache disk_ = binary_cache::from_environment();
  mutable std::mutex mutex_;
  entry* programs_ = nullptr;  // the first of a chain
  std::shared_ptr<build_observer> observer_;
  std::atomic<std::uint64_t> built_ = 0;
};

}  // namespace gpuimg::opencl
