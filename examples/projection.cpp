// SPDX-License-Identifier: BSD-3-Clause
// Projects a stack along z; the result stays on the device, ready for the next operation.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <gpuimg/gpuimg.hpp>
#include <vector>

int main() {
  // A bright pixel in each plane, one step to the right from plane to plane.
  const gpuimg::shape size{64, 48, 10};
  std::vector<std::uint16_t> pixels(size.pixels(), 100);
  for (std::size_t z = 0; z < size.z; ++z)
    pixels[5 + 2 * z + size.x * (20 + size.y * z)] = static_cast<std::uint16_t>(1000 + z);

  const auto device = gpuimg::device::best();
  // [projection]
  const auto stack = gpuimg::push(device, pixels, size);         // image<std::uint16_t>
  const auto flat = gpuimg::maximum_z_projection(stack);         // the same type, 64 x 48
  const auto mean = gpuimg::mean_filter(flat, {.radius_x = 2});  // image<float>: an average
  const double brightest = gpuimg::maximum_of_all_pixels(flat);  // waits for the device
  // [projection]

  const auto plane = gpuimg::pull(flat);
  bool is_right = flat.shape() == gpuimg::shape{64, 48} && brightest == 1009;
  for (std::size_t z = 0; z < size.z; ++z) is_right &= plane[5 + 2 * z + size.x * 20] == 1000 + z;
  is_right &= std::abs(gpuimg::pull(mean)[0] - 100) < 0.001f;
  std::printf("%s projected to %s, the brightest pixel is %g\n", to_string(size).c_str(),
              to_string(flat.shape()).c_str(), brightest);
  return is_right ? 0 : 1;
}
