// SPDX-License-Identifier: BSD-3-Clause
// The program of the README: blurs an image and labels its bright spots.
// [app]
#include <cstdint>
#include <cstdio>
#include <gpuimg/gpuimg.hpp>
#include <vector>

int main() {
  std::vector<float> pixels(2048 * 1024);
  pixels[400 * 2048 + 700] = pixels[600 * 2048 + 1500] = 1000;  // two bright points
  auto device = gpuimg::device::best();
  auto image = gpuimg::push<float>(device, pixels, {2048, 1024});  // x fastest; {x, y, z} in 3D
  auto blurred = gpuimg::gaussian_blur(image, {.sigma_x = 2, .sigma_y = 2});
  auto labels = gpuimg::voronoi_otsu_labeling(blurred, {.spot_sigma = 3, .outline_sigma = 1});
  std::vector<std::uint32_t> result = gpuimg::pull(labels);
  std::printf("%u spots on %s\n", result[600 * 2048 + 1500], device.name().c_str());
  return result[400 * 2048 + 700] == 1 && result[600 * 2048 + 1500] == 2 ? 0 : 1;
}
// [app]
