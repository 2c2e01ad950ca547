// SPDX-License-Identifier: BSD-3-Clause
// Works in the user's own OpenCL context and queue, before and after the user's own kernel; runs
// expressions and kernels of the user's on images.
#define CL_HPP_TARGET_OPENCL_VERSION 120
#define CL_HPP_MINIMUM_OPENCL_VERSION 120
#include <CL/opencl.hpp>
#include <cstddef>
#include <cstdio>
#include <gpuimg/elementwise.hpp>
#include <gpuimg/execute.hpp>
#include <gpuimg/gpuimg.hpp>
#include <string>
#include <vector>

namespace {

constexpr const char* invert = R"(
kernel void invert(global float* image, const float white) {
  const size_t i = get_global_id(0);
  image[i] = white - image[i];
})";

// [dialect]
// The brightest of the planes that are not above a limit, in CLIJ's dialect.
const std::string brightest_below = R"(
__kernel void brightest_below(IMAGE_dst_TYPE dst, IMAGE_src_TYPE src, const float limit) {
  const sampler_t sampler =
      CLK_NORMALIZED_COORDS_FALSE | CLK_ADDRESS_CLAMP_TO_EDGE | CLK_FILTER_NEAREST;
  const int x = get_global_id(0), y = get_global_id(1);
  float brightest = 0;
  for (int z = 0; z < GET_IMAGE_DEPTH(src); ++z) {
    const float value = READ_src_IMAGE(src, sampler, POS_src_INSTANCE(x, y, z, 0)).x;
    if (value <= limit) brightest = max(brightest, value);
  }
  WRITE_dst_IMAGE(dst, POS_dst_INSTANCE(x, y, 0, 0), CONVERT_dst_PIXEL_TYPE(brightest));
})";
// [dialect]

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

  // [elementwise]
  auto squared = gpuimg::elementwise("(x - y) * (x - y)", image, blurred);
  auto flat = gpuimg::elementwise("max(x - dark, 0) * gain", {{"dark", 2}, {"gain", 1.5}}, image);
  // [elementwise]

  // [execute]
  const std::string source = R"(
    kernel void invert(global float* image, const float white) {
      const size_t i = get_global_id(0);
      image[i] = white - image[i];
    })";
  gpuimg::execute(device, source, "invert", {flat.size()}, {{"image", flat}, {"white", 255}});
  // [execute]

  const auto stack = gpuimg::push(device, std::vector<unsigned char>{90, 20, 210, 40}, {2, 1, 2});
  // [run_dialect]
  const auto size = stack.shape();
  gpuimg::image<float> plane(device, {size.x, size.y});
  gpuimg::execute(device, brightest_below, "brightest_below", plane.shape(),
                  {{"dst", plane}, {"src", stack}, {"limit", 200}});
  // [run_dialect]

  const bool is_right = darkest > 244.999 && darkest < 245.001 &&
                        gpuimg::minimum_of_all_pixels(squared) > 55200 &&
                        gpuimg::maximum_of_all_pixels(flat) == 243 &&
                        gpuimg::pull(plane) == std::vector<float>{90, 40};
  return is_right ? 0 : 1;
}
