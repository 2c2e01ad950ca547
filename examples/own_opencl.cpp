// SPDX-License-Identifier: BSD-3-Clause
// Works in the user's own OpenCL context and queue, before and after the user's own kernel.
#define CL_HPP_TARGET_OPENCL_VERSION 120
#define CL_HPP_MINIMUM_OPENCL_VERSION 120
#include <CL/opencl.hpp>
#include <cstddef>
#include <cstdio>
#include <gpuimg/gpuimg.hpp>
#include <vector>

namespace {

constexpr const char* invert = R"(
kernel void invert(global float* image, const float white) {
  const size_t i = get_global_id(0);
  image[i] = white - image[i];
})";

/// A context and a queue as a program that uses OpenCL already has them; empty without a device.
cl::CommandQueue make_queue(cl::Context& context) {
  const auto devices = gpuimg::opencl::list_devices();
  if (devices.empty()) return {};
  context = cl::Context(cl::Device(devices[0].id, true));
  return cl::CommandQueue(context, cl::Device(devices[0].id, true));
}

}  // namespace

int main() {
  cl::Context context;
  cl::CommandQueue queue = make_queue(context);
  if (queue() == nullptr) {
    std::printf("there is no OpenCL device\n");
    return 0;
  }
  cl::Program program(context, invert, true);
  const std::vector<float> pixels(640 * 480, 10);
  cl::Buffer camera(context, CL_MEM_READ_WRITE, pixels.size() * sizeof(float));  // the user's
  queue.enqueueWriteBuffer(camera, CL_FALSE, 0, pixels.size() * sizeof(float), pixels.data());

  // [own_opencl]
  gpuimg::device device(context, queue);  // shares the context and the in-order queue
  auto image = gpuimg::wrap<float>(device, camera, {640, 480});  // a cl::Buffer, not copied
  auto blurred = gpuimg::gaussian_blur(image, {.sigma_x = 3, .sigma_y = 3});

  cl::Kernel kernel(program, "invert");  // the user's kernel, in the same queue: no waiting between
  kernel.setArg<cl::Buffer>(0, blurred.opencl_buffer());
  kernel.setArg(1, 255.0f);
  queue.enqueueNDRangeKernel(kernel, cl::NullRange, cl::NDRange(blurred.size()));

  double darkest = gpuimg::minimum_of_all_pixels(blurred);
  // [own_opencl]

  std::printf("the darkest pixel is %g\n", darkest);
  return darkest > 244.999 && darkest < 245.001 ? 0 : 1;
}
