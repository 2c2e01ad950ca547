// SPDX-License-Identifier: BSD-3-Clause
// Owners of OpenCL objects that fit any C++ binding of OpenCL without including one.
#pragma once

#include <concepts>
#include <utility>

#include "gpuimg/opencl/api.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Owns one reference to an OpenCL object. Becomes an object of the user's C++ binding where one is
/// wanted: `cl::Buffer buffer = image.opencl_buffer();`.
template <class Object, auto Retain, auto Release>
class handle {
 public:
  handle() = default;
  explicit handle(Object object, bool retain = false) : object_(object) {
    if (retain && object_ != nullptr) Retain(object_);
  }
  handle(const handle& other) : handle(other.object_, true) {}
  handle(handle&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  handle& operator=(handle other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~handle() {
    if (object_ != nullptr && drivers_are_loaded()) Release(object_);
  }

  [[nodiscard]] Object operator()() const { return object_; }

  template <class Binding>
  requires std::constructible_from<Binding, Object, bool>
  operator Binding() const { return Binding(object_, true); }

 private:
  Object object_ = nullptr;
};

using context_handle = handle<cl_context, clRetainContext, clReleaseContext>;
using queue_handle = handle<cl_command_queue, clRetainCommandQueue, clReleaseCommandQueue>;
using kernel_handle = handle<cl_kernel, clRetainKernel, clReleaseKernel>;
using event_handle = handle<cl_event, clRetainEvent, clReleaseEvent>;
using memory_handle = handle<cl_mem, clRetainMemObject, clReleaseMemObject>;
using program_handle = handle<cl_program, clRetainProgram, clReleaseProgram>;

/// An object of some C++ binding, such as cl::Context, whose call operator gives OpenCL's own
/// handle.
template <class T, class Object>
concept binding_of = requires(const T& object) {
  { object() } -> std::convertible_to<Object>;
};

}  // namespace gpuimg::opencl
