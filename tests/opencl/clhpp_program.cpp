// SPDX-License-Identifier: BSD-3-Clause
// A user who includes CL/opencl.hpp first, configured as the compiler's options say. Exits with 0
// where an image survives the way to the device, through an operation and back, and where an error
// is still the library's own.
#include <CL/opencl.hpp>

#include <gpuimg/gpuimg.hpp>
#include <iostream>
#include <string>
#include <vector>

int main() {
  const auto device = gpuimg::device::best();
  const std::vector<float> pixels{1, 2, 3, 4, 5, 6};
  const auto image = gpuimg::push(device, pixels, {3, 2});
  if (gpuimg::pull(gpuimg::gaussian_blur(image, {})) != pixels) return 1;
  try {
    gpuimg::gaussian_blur(image, {.sigma_x = -1});
    return 2;
  } catch (const gpuimg::argument_error&) {
  }
  if (device.is_reference()) return 0;
  const cl::Buffer buffer = image.opencl_buffer();
  if (buffer() == nullptr) return 3;
  const gpuimg::device same(device.opencl().context(), device.opencl().queue());
  if (gpuimg::pull(gpuimg::gaussian_blur(gpuimg::push(same, pixels, {6}), {})) != pixels) return 4;
  const gpuimg::opencl::kernel_source broken{"test/broken", "kernel void broken() { no_such; }",
                                             "0"};
  try {
    device.opencl().launch(broken, "broken", {}, {1});
    return 5;
  } catch (const gpuimg::build_error&) {
  }
  std::cout << device.name() << "\n";
}
