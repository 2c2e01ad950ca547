// SPDX-License-Identifier: BSD-3-Clause
// A region of interest: only a box of a large image is fetched, processed, and written back.
#include <cstdint>
#include <cstdio>
#include <gpuimg/filter.hpp>
#include <gpuimg/measure.hpp>
#include <vector>

int main() {
  const gpuimg::shape whole{1024, 768}, size{200, 100};
  const gpuimg::position at{300, 400};
  std::vector<std::uint16_t> camera(whole.pixels(), 100);
  for (std::size_t x = 0; x < size.x; x += 10)
    camera[(at.y + 50) * whole.x + at.x + x] = 4000;  // noise: single bright pixels

  const auto device = gpuimg::device::best();
  auto image = gpuimg::push(device, camera, whole);

  // [region]
  const auto region = gpuimg::crop(image, at, size);  // stays on the device
  const auto calm = gpuimg::minimum_filter(region, {.radius_x = 1, .radius_y = 1});
  gpuimg::paste(calm, image, at);                     // back where it was
  const auto pixels = gpuimg::pull(image, at, size);  // only the box is copied
  gpuimg::push(pixels, size, image, {0, 0});          // into another place
  // [region]

  std::printf("the brightest pixel is %g\n", gpuimg::maximum_of_all_pixels(image));
  return gpuimg::maximum_of_all_pixels(image) == 100 && pixels.size() == size.pixels() ? 0 : 1;
}
