// SPDX-License-Identifier: BSD-3-Clause
// A whole program: two bright spots, blurred and labelled on the best device of the machine.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <gpuimg/gpuimg.hpp>
#include <vector>

int main() {
  std::vector<float> pixels(256 * 128);
  for (int y = 0; y < 128; ++y)
    for (int x = 0; x < 256; ++x) {
      const int left = (x - 64) * (x - 64) + (y - 64) * (y - 64);
      const int right = (x - 180) * (x - 180) + (y - 50) * (y - 50);
      pixels[static_cast<std::size_t>(y * 256 + x)] = std::min(left, right) < 400 ? 1.0f : 0.0f;
    }

  auto device = gpuimg::device::best();
  auto image = gpuimg::push<float>(device, pixels, {256, 128});
  auto blurred = gpuimg::gaussian_blur(image, {.sigma_x = 2, .sigma_y = 2});
  auto labels = gpuimg::voronoi_otsu_labeling(blurred, {.spot_sigma = 3, .outline_sigma = 1});
  std::vector<std::uint32_t> result = gpuimg::pull(labels);

  const std::uint32_t objects = *std::max_element(result.begin(), result.end());
  std::printf("%u objects\n", objects);
  return objects == 2 ? 0 : 1;
}
