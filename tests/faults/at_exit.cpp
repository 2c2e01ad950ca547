// SPDX-License-Identifier: BSD-3-Clause
// Objects that live longer than `main`. Drivers are gone before some of them are destroyed: an
// OpenCL call after that, which may crash, ends the program with a message.
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <vector>

#include "gpuimg/gpuimg.hpp"

namespace {

bool driver_is_gone = false;

void watch(const char* name) {
  // Stands for the driver's own objects, which are made when it is loaded, with the first call.
  static const struct driver {
    ~driver() { driver_is_gone = true; }
  } loaded;
  if (!driver_is_gone) return;
  std::fprintf(stderr, "%s was called when the driver was gone\n", name);
  ::_exit(1);
}

}  // namespace

#define WATCHED(name, parameters, arguments)                                       \
  extern "C" cl_int name parameters {                                              \
    watch(#name);                                                                  \
    return reinterpret_cast<decltype(&name)>(::dlsym(RTLD_NEXT, #name)) arguments; \
  }

WATCHED(clGetPlatformIDs, (cl_uint n, cl_platform_id* ids, cl_uint* found), (n, ids, found))
WATCHED(clFinish, (cl_command_queue queue), (queue))
WATCHED(clWaitForEvents, (cl_uint n, const cl_event* events), (n, events))
WATCHED(clReleaseContext, (cl_context context), (context))
WATCHED(clReleaseCommandQueue, (cl_command_queue queue), (queue))
WATCHED(clReleaseEvent, (cl_event event), (event))
WATCHED(clReleaseMemObject, (cl_mem memory), (memory))
WATCHED(clReleaseProgram, (cl_program program), (program))
WATCHED(clReleaseKernel, (cl_kernel kernel), (kernel))

namespace {

struct everything {
  std::vector<float> pixels = std::vector<float>(1000), host = pixels;  // what the others refer to
  std::optional<gpuimg::device> device, sibling;
  std::vector<gpuimg::image<float>> images;
  gpuimg::opencl::memory_handle memory;
  gpuimg::transfer transfer;

  void fill() {
    device = gpuimg::device::best();
    sibling = device->sibling();
    const auto image = push(*device, pixels, {100, 10});
    for (int i = 0; i < 600; ++i) images.push_back(multiply_image_and_scalar(image, {.scalar = 2}));
    memory = images.front().opencl_buffer();
    transfer = pull_async(image, pixels);
    images.push_back(move_to(image.clone(), *sibling));
    if (!device->is_reference() && device->opencl().description().shares_host_memory)
      images.push_back(wrap(*device, host, {1000}));
    sibling->finish();
    device->finish();
  }
};

everything outlives_the_driver;
const gpuimg::device loads_the_driver = gpuimg::device::best();

}  // namespace

int main() {
  static everything does_not;
  outlives_the_driver.fill();
  does_not.fill();
  return 0;
}
