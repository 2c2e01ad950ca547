// SPDX-License-Identifier: BSD-3-Clause
// Devices and images that live until the process ends, after a driver may have gone.
#include <cstdio>
#include <gpuimg/gpuimg.hpp>
#include <memory>
#include <vector>

namespace {

gpuimg::device best = gpuimg::device::best();
gpuimg::image<float> made_before_main = gpuimg::push(best, std::vector<float>{1, 2, 3}, {3});
std::unique_ptr<gpuimg::image<float>> made_in_main;

}  // namespace

int main() {
  static const gpuimg::device local = gpuimg::device::by_index(0);
  static const auto kept = gpuimg::push(local, std::vector<float>(10000, 1.0f), {100, 100});
  thread_local const auto threads_own = gpuimg::gaussian_blur(kept, {.sigma_x = 1});
  made_in_main = std::make_unique<gpuimg::image<float>>(
      gpuimg::gaussian_blur(made_before_main, {.sigma_x = 1}));
  // Work is still under way when main returns.
  for (int i = 0; i < 100; ++i)
    *made_in_main = gpuimg::gaussian_blur(*made_in_main, {.sigma_x = 1});
  std::printf("%s\n", best.name().c_str());
  return 0;
}
