// SPDX-License-Identifier: BSD-3-Clause
// Preloaded into programs that run on Oclgrind 21.10, whose record of the initialised bytes of a
// buffer is as long as what the host last wrote to it; it reports every byte beyond as
// uninitialised. So the host writes whole buffers; and buffers are never released, since a new one
// would get the place, and the record, of a released one.
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <dlfcn.h>

#include <cstring>
#include <vector>

extern "C" cl_int clReleaseMemObject(cl_mem) { return CL_SUCCESS; }

extern "C" cl_int clEnqueueWriteBuffer(cl_command_queue queue, cl_mem buffer, cl_bool,
                                       std::size_t offset, std::size_t bytes, const void* from,
                                       cl_uint count, const cl_event* events, cl_event* event) {
  static const auto write =
      reinterpret_cast<decltype(&clEnqueueWriteBuffer)>(dlsym(RTLD_NEXT, "clEnqueueWriteBuffer"));
  std::size_t size = 0;
  clGetMemObjectInfo(buffer, CL_MEM_SIZE, sizeof size, &size, nullptr);
  std::vector<char> whole(size);
  const cl_int code =
      clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, size, whole.data(), count, events, nullptr);
  if (code != CL_SUCCESS || offset + bytes > size) return CL_INVALID_VALUE;
  std::memcpy(whole.data() + offset, from, bytes);
  return write(queue, buffer, CL_TRUE, 0, size, whole.data(), 0, nullptr, event);
}
