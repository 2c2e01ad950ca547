// SPDX-License-Identifier: BSD-3-Clause
// OpenCL functions that fail on request: each stands in front of the driver's function of the same
// name. Linked into a program, or preloaded into one (LD_PRELOAD), where environment variables say
// what fails: GPUIMG_FAULT_AT, the number of the call, from 1 on, GPUIMG_FAULT_CODE, what it
// answers, GPUIMG_FAULT_TIMES, how many calls from there on do (1), and GPUIMG_FAULT_COUNT, a file
// that is given the number of calls, and the function that failed, when the process ends.
#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include "faults/opencl_faults.hpp"

#include <CL/cl.h>
#include <dlfcn.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <string>

namespace {

std::mutex mutex;
std::map<std::string, unsigned long> calls_of;
std::string failed;  // the first function that did
unsigned long calls = 0, fails_at = 0, failures = 0;
int fails_with = 0;

// What the environment asks for, and the count for it.
struct from_environment {
  from_environment() {
    const char *at = std::getenv("GPUIMG_FAULT_AT"), *code = std::getenv("GPUIMG_FAULT_CODE"),
               *times = std::getenv("GPUIMG_FAULT_TIMES");
    if (at != nullptr && code != nullptr)
      faults::fail(std::strtoul(at, nullptr, 10), std::atoi(code),
                   times == nullptr ? 1 : std::strtoul(times, nullptr, 10));
  }
  ~from_environment() {
    if (const char* path = std::getenv("GPUIMG_FAULT_COUNT"))
      std::ofstream(path) << calls << "\n" << failed << "\n";
  }
} const environment;

bool fails_now(const char* function) {
  const std::lock_guard lock(mutex);
  ++calls;
  ++calls_of[function];
  if (fails_at == 0 || calls < fails_at || calls >= fails_at + failures) return false;
  if (failed.empty()) failed = function;
  return true;
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

void faults::fail(unsigned long call, int code, unsigned long times) {
  const std::lock_guard lock(mutex);
  failed.clear();
  calls_of.clear();
  calls = 0;
  fails_at = call;
  failures = times;
  fails_with = code;
}
unsigned long faults::count() {
  const std::lock_guard lock(mutex);
  return calls;
}
unsigned long faults::count(const std::string& function) {
  const std::lock_guard lock(mutex);
  return calls_of[function];
}
std::string faults::failed_function() {
  const std::lock_guard lock(mutex);
  return failed;
}

// A function that returns its code, and one that returns an object and gives its code at the end.
#define ANSWERS(name, parameters, arguments)               \
  extern "C" cl_int name parameters {                      \
    if (fails_now(#name)) return fails_with;               \
    static const auto real = next<decltype(&name)>(#name); \
    return real arguments;                                 \
  }
#define CREATES(type, name, parameters, arguments)         \
  extern "C" type name parameters {                        \
    if (fails_now(#name)) {                                \
      if (code != nullptr) *code = fails_with;             \
      return nullptr;                                      \
    }                                                      \
    static const auto real = next<decltype(&name)>(#name); \
    return real arguments;                                 \
  }
#define WAITS cl_uint n, const cl_event *waits, cl_event *event

ANSWERS(clGetPlatformIDs, (cl_uint n, cl_platform_id* ids, cl_uint* found), (n, ids, found))
ANSWERS(clGetPlatformInfo,
        (cl_platform_id id, cl_platform_info what, size_t size, void* value, size_t* wanted),
        (id, what, size, value, wanted))
ANSWERS(clGetDeviceIDs,
        (cl_platform_id id, cl_device_type type, cl_uint n, cl_device_id* ids, cl_uint* found),
        (id, type, n, ids, found))
ANSWERS(clGetDeviceInfo,
        (cl_device_id id, cl_device_info what, size_t size, void* value, size_t* wanted),
        (id, what, size, value, wanted))
ANSWERS(clGetCommandQueueInfo,
        (cl_command_queue queue, cl_command_queue_info what, size_t size, void* value,
         size_t* wanted),
        (queue, what, size, value, wanted))
CREATES(cl_context, clCreateContext,
        (const cl_context_properties* properties, cl_uint n, const cl_device_id* ids,
         void(CL_CALLBACK* notify)(const char*, const void*, size_t, void*), void* data,
         cl_int* code),
        (properties, n, ids, notify, data, code))
CREATES(cl_command_queue, clCreateCommandQueue,
        (cl_context context, cl_device_id id, cl_command_queue_properties properties, cl_int* code),
        (context, id, properties, code))
CREATES(cl_mem, clCreateBuffer,
        (cl_context context, cl_mem_flags flags, size_t size, void* host, cl_int* code),
        (context, flags, size, host, code))
ANSWERS(clSetMemObjectDestructorCallback,
        (cl_mem memory, void(CL_CALLBACK* notify)(cl_mem, void*), void* data),
        (memory, notify, data))
CREATES(cl_program, clCreateProgramWithSource,
        (cl_context context, cl_uint n, const char** text, const size_t* lengths, cl_int* code),
        (context, n, text, lengths, code))
CREATES(cl_program, clCreateProgramWithBinary,
        (cl_context context, cl_uint n, const cl_device_id* ids, const size_t* lengths,
         const unsigned char** binaries, cl_int* status, cl_int* code),
        (context, n, ids, lengths, binaries, status, code))
ANSWERS(clBuildProgram,
        (cl_program program, cl_uint n, const cl_device_id* ids, const char* options,
         void(CL_CALLBACK* notify)(cl_program, void*), void* data),
        (program, n, ids, options, notify, data))
ANSWERS(clGetProgramInfo,
        (cl_program program, cl_program_info what, size_t size, void* value, size_t* wanted),
        (program, what, size, value, wanted))
ANSWERS(clGetProgramBuildInfo,
        (cl_program program, cl_device_id id, cl_program_build_info what, size_t size, void* value,
         size_t* wanted),
        (program, id, what, size, value, wanted))
CREATES(cl_kernel, clCreateKernel, (cl_program program, const char* name, cl_int* code),
        (program, name, code))
ANSWERS(clSetKernelArg, (cl_kernel kernel, cl_uint index, size_t size, const void* value),
        (kernel, index, size, value))
ANSWERS(clGetKernelWorkGroupInfo,
        (cl_kernel kernel, cl_device_id id, cl_kernel_work_group_info what, size_t size,
         void* value, size_t* wanted),
        (kernel, id, what, size, value, wanted))
ANSWERS(clEnqueueNDRangeKernel,
        (cl_command_queue queue, cl_kernel kernel, cl_uint axes, const size_t* offset,
         const size_t* global, const size_t* local, WAITS),
        (queue, kernel, axes, offset, global, local, n, waits, event))
ANSWERS(clEnqueueReadBuffer,
        (cl_command_queue queue, cl_mem memory, cl_bool wait, size_t offset, size_t size, void* to,
         WAITS),
        (queue, memory, wait, offset, size, to, n, waits, event))
ANSWERS(clEnqueueWriteBuffer,
        (cl_command_queue queue, cl_mem memory, cl_bool wait, size_t offset, size_t size,
         const void* from, WAITS),
        (queue, memory, wait, offset, size, from, n, waits, event))
ANSWERS(clEnqueueReadBufferRect,
        (cl_command_queue queue, cl_mem memory, cl_bool wait, const size_t* there,
         const size_t* here, const size_t* region, size_t row, size_t slice, size_t host_row,
         size_t host_slice, void* to, WAITS),
        (queue, memory, wait, there, here, region, row, slice, host_row, host_slice, to, n, waits,
         event))
ANSWERS(clEnqueueWriteBufferRect,
        (cl_command_queue queue, cl_mem memory, cl_bool wait, const size_t* there,
         const size_t* here, const size_t* region, size_t row, size_t slice, size_t host_row,
         size_t host_slice, const void* from, WAITS),
        (queue, memory, wait, there, here, region, row, slice, host_row, host_slice, from, n, waits,
         event))
ANSWERS(clEnqueueCopyBuffer,
        (cl_command_queue queue, cl_mem from, cl_mem to, size_t source, size_t destination,
         size_t size, WAITS),
        (queue, from, to, source, destination, size, n, waits, event))
ANSWERS(clEnqueueCopyBufferRect,
        (cl_command_queue queue, cl_mem from, cl_mem to, const size_t* source,
         const size_t* destination, const size_t* region, size_t row, size_t slice, size_t to_row,
         size_t to_slice, WAITS),
        (queue, from, to, source, destination, region, row, slice, to_row, to_slice, n, waits,
         event))
CREATES(void*, clEnqueueMapBuffer,
        (cl_command_queue queue, cl_mem memory, cl_bool wait, cl_map_flags flags, size_t offset,
         size_t size, WAITS, cl_int* code),
        (queue, memory, wait, flags, offset, size, n, waits, event, code))
ANSWERS(clEnqueueUnmapMemObject, (cl_command_queue queue, cl_mem memory, void* mapped, WAITS),
        (queue, memory, mapped, n, waits, event))
ANSWERS(clEnqueueMarkerWithWaitList, (cl_command_queue queue, WAITS), (queue, n, waits, event))
ANSWERS(clEnqueueBarrierWithWaitList, (cl_command_queue queue, WAITS), (queue, n, waits, event))
ANSWERS(clWaitForEvents, (cl_uint n, const cl_event* events), (n, events))
ANSWERS(clFlush, (cl_command_queue queue), (queue))
ANSWERS(clFinish, (cl_command_queue queue), (queue))
