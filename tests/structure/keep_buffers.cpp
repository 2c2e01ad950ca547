// SPDX-License-Identifier: BSD-3-Clause
// Preloaded into programs that run on Oclgrind 21.10, whose record of the initialised bytes of a
// buffer is as long as what the host last wrote to it or copied; it reports every byte beyond as
// uninitialised. So the host writes whole buffers; and buffers are never released, since a new one
// would get the place, and the record, of a released one.
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <dlfcn.h>

#include <vector>

namespace {

template <class Function>
Function* original(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

/// Writes a buffer as it is, where a command succeeded that changed it.
cl_int rewritten(cl_int code, cl_command_queue queue, cl_mem buffer) {
  std::size_t size = 0;
  if (code == CL_SUCCESS)
    code = clGetMemObjectInfo(buffer, CL_MEM_SIZE, sizeof size, &size, nullptr);
  std::vector<char> bytes(size);
  if (code == CL_SUCCESS) code = clFinish(queue);
  if (code == CL_SUCCESS)
    code = clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, size, bytes.data(), 0, nullptr, nullptr);
  static auto* const write = original<decltype(clEnqueueWriteBuffer)>("clEnqueueWriteBuffer");
  return code == CL_SUCCESS
             ? write(queue, buffer, CL_TRUE, 0, size, bytes.data(), 0, nullptr, nullptr)
             : code;
}

}  // namespace

extern "C" {

cl_int clReleaseMemObject(cl_mem) { return CL_SUCCESS; }

cl_int clEnqueueWriteBuffer(cl_command_queue queue, cl_mem buffer, cl_bool is_blocking,
                            std::size_t offset, std::size_t bytes, const void* from, cl_uint count,
                            const cl_event* events, cl_event* event) {
  static auto* const write = original<decltype(clEnqueueWriteBuffer)>("clEnqueueWriteBuffer");
  return rewritten(write(queue, buffer, is_blocking, offset, bytes, from, count, events, event),
                   queue, buffer);
}

cl_int clEnqueueWriteBufferRect(cl_command_queue queue, cl_mem buffer, cl_bool is_blocking,
                                const std::size_t* origin, const std::size_t* host_origin,
                                const std::size_t* region, std::size_t row, std::size_t slice,
                                std::size_t host_row, std::size_t host_slice, const void* from,
                                cl_uint count, const cl_event* events, cl_event* event) {
  static auto* const write =
      original<decltype(clEnqueueWriteBufferRect)>("clEnqueueWriteBufferRect");
  return rewritten(write(queue, buffer, is_blocking, origin, host_origin, region, row, slice,
                         host_row, host_slice, from, count, events, event),
                   queue, buffer);
}

cl_int clEnqueueCopyBuffer(cl_command_queue queue, cl_mem from, cl_mem to, std::size_t offset,
                           std::size_t to_offset, std::size_t bytes, cl_uint count,
                           const cl_event* events, cl_event* event) {
  static auto* const copy = original<decltype(clEnqueueCopyBuffer)>("clEnqueueCopyBuffer");
  return rewritten(copy(queue, from, to, offset, to_offset, bytes, count, events, event), queue,
                   to);
}

cl_int clEnqueueCopyBufferRect(cl_command_queue queue, cl_mem from, cl_mem to,
                               const std::size_t* origin, const std::size_t* to_origin,
                               const std::size_t* region, std::size_t row, std::size_t slice,
                               std::size_t to_row, std::size_t to_slice, cl_uint count,
                               const cl_event* events, cl_event* event) {
  static auto* const copy = original<decltype(clEnqueueCopyBufferRect)>("clEnqueueCopyBufferRect");
  return rewritten(copy(queue, from, to, origin, to_origin, region, row, slice, to_row, to_slice,
                        count, events, event),
                   queue, to);
}
}
