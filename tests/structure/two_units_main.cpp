// SPDX-License-Identifier: BSD-3-Clause
// One of two sources that use the whole library; the other one holds blurred_by_the_other_unit.
#include <gpuimg/gpuimg.hpp>
#include <vector>

std::vector<float> blurred_by_the_other_unit(const gpuimg::image<float>& image);

int main() {
  const auto device = gpuimg::device::reference();
  const auto image = gpuimg::push<float>(device, std::vector<float>{0, 1, 2, 3}, {4, 1});
  const std::vector<float> here = gpuimg::pull(gpuimg::gaussian_blur(image, {.sigma_x = 1}));
  return here == blurred_by_the_other_unit(image) ? 0 : 1;
}
