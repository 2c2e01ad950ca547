// SPDX-License-Identifier: BSD-3-Clause
// OpenCL's C header, and its error codes as exceptions. No C++ binding is included: the library
// works with the user's, however it is configured, and without any.
#pragma once

#ifndef CL_TARGET_OPENCL_VERSION
#define CL_TARGET_OPENCL_VERSION 300
#endif
#include <CL/cl.h>

#include <atomic>
#include <string>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/text.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// "CL_OUT_OF_RESOURCES" for -5; null where OpenCL 1.2 has no name for it.
[[gnu::cold]] constexpr const char* known_name_of_code(int code) {
  switch (code) {
#define GPUIMG_CODE(name) \
  case name:              \
    return #name;
    GPUIMG_CODE(CL_SUCCESS)
    GPUIMG_CODE(CL_DEVICE_NOT_FOUND)
    GPUIMG_CODE(CL_DEVICE_NOT_AVAILABLE)
    GPUIMG_CODE(CL_COMPILER_NOT_AVAILABLE)
    GPUIMG_CODE(CL_MEM_OBJECT_ALLOCATION_FAILURE)
    GPUIMG_CODE(CL_OUT_OF_RESOURCES)
    GPUIMG_CODE(CL_OUT_OF_HOST_MEMORY)
    GPUIMG_CODE(CL_MEM_COPY_OVERLAP)
    GPUIMG_CODE(CL_BUILD_PROGRAM_FAILURE)
    GPUIMG_CODE(CL_MAP_FAILURE)
    GPUIMG_CODE(CL_MISALIGNED_SUB_BUFFER_OFFSET)
    GPUIMG_CODE(CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST)
    GPUIMG_CODE(CL_INVALID_VALUE)
    GPUIMG_CODE(CL_INVALID_DEVICE)
    GPUIMG_CODE(CL_INVALID_CONTEXT)
    GPUIMG_CODE(CL_INVALID_COMMAND_QUEUE)
    GPUIMG_CODE(CL_INVALID_HOST_PTR)
    GPUIMG_CODE(CL_INVALID_MEM_OBJECT)
    GPUIMG_CODE(CL_INVALID_BINARY)
    GPUIMG_CODE(CL_INVALID_BUILD_OPTIONS)
    GPUIMG_CODE(CL_INVALID_PROGRAM)
    GPUIMG_CODE(CL_INVALID_PROGRAM_EXECUTABLE)
    GPUIMG_CODE(CL_INVALID_KERNEL_NAME)
    GPUIMG_CODE(CL_INVALID_KERNEL)
    GPUIMG_CODE(CL_INVALID_ARG_INDEX)
    GPUIMG_CODE(CL_INVALID_ARG_VALUE)
    GPUIMG_CODE(CL_INVALID_ARG_SIZE)
    GPUIMG_CODE(CL_INVALID_KERNEL_ARGS)
    GPUIMG_CODE(CL_INVALID_WORK_DIMENSION)
    GPUIMG_CODE(CL_INVALID_WORK_GROUP_SIZE)
    GPUIMG_CODE(CL_INVALID_WORK_ITEM_SIZE)
    GPUIMG_CODE(CL_INVALID_GLOBAL_OFFSET)
    GPUIMG_CODE(CL_INVALID_EVENT_WAIT_LIST)
    GPUIMG_CODE(CL_INVALID_OPERATION)
    GPUIMG_CODE(CL_INVALID_BUFFER_SIZE)
    GPUIMG_CODE(CL_INVALID_GLOBAL_WORK_SIZE)
#undef GPUIMG_CODE
    default:
      return nullptr;
  }
}
/// The same as text; the number itself where it has no name.
[[gnu::cold]] inline std::string name_of_code(int code) {
  const char* name = known_name_of_code(code);
  return name != nullptr ? name : "OpenCL error " + std::to_string(code);
}

/// True for the codes by which drivers say that memory ran out, at creation or only at use.
constexpr bool is_memory_code(int code) {
  return code == CL_MEM_OBJECT_ALLOCATION_FAILURE || code == CL_OUT_OF_RESOURCES ||
         code == CL_OUT_OF_HOST_MEMORY;
}

/// Throws device_error naming the call and the code, unless the code is CL_SUCCESS.
inline void check(int code, const char* call) {
  if (code != CL_SUCCESS)
    throw device_error(detail::text({call, " failed: ", name_of_code(code)}), code);
}

/// Refers to a call of OpenCL that gives its code and may be made again, such as a lambda, which
/// must outlive it.
class repeatable {
 public:
  template <class Call>
  repeatable(const Call& call) : call_(&call), make_(make<Call>) {}
  int operator()() const { return make_(call_); }

 private:
  template <class Call>
  static int make(const void* call) {
    return (*static_cast<const Call*>(call))();
  }
  const void* call_;
  int (*make_)(const void*);
};

/// False once the process is ending and drivers may be gone: then nothing is released any more, the
/// system does it. A global device that was made after `main` began is destroyed after its driver.
inline std::atomic<bool>& drivers_are_loaded() {
  static std::atomic<bool> loaded = true;  // never destroyed: it can be asked to the very end
  return loaded;
}

/// To be called when drivers have been loaded: what is static is destroyed in reverse order, so
/// this notices the end before they do.
inline void notice_the_end() {
  static const struct at_exit {
    ~at_exit() { drivers_are_loaded() = false; }
  } guard;
}

/// The text that a clGet*Info function answers, without what fills it up; else empty.
template <class Get, class Object>
void info_string(Get get, Object object, cl_uint name, std::string& answer) {
  std::size_t size = 0;
  answer.clear();
  if (get(object, name, 0, nullptr, &size) != CL_SUCCESS || size == 0) return;
  answer.resize(size);
  if (get(object, name, size, answer.data(), nullptr) != CL_SUCCESS) answer.clear();
  while (!answer.empty() && (answer.back() == '\0' || answer.back() == ' ')) answer.pop_back();
}

/// The value that it answers.
template <class T, class Get, class Object>
T info_value(Get get, Object object, cl_uint name, T fallback) {
  T value{};
  return get(object, name, sizeof value, &value, nullptr) == CL_SUCCESS ? value : fallback;
}

}  // namespace gpuimg::opencl
