// SPDX-License-Identifier: BSD-3-Clause
// The other of two sources that use the whole library.
#include <gpuimg/gpuimg.hpp>
#include <vector>

std::vector<float> blurred_by_the_other_unit(const gpuimg::image<float>& image) {
  return gpuimg::pull(gpuimg::gaussian_blur(image, {.sigma_x = 1}));
}
