// SPDX-License-Identifier: BSD-3-Clause
// Progress and cancellation: a second thread segments, this one sees how far it is and stops it.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <gpuimg/gpuimg.hpp>
#include <gpuimg/watch.hpp>
#include <stop_token>
#include <thread>
#include <vector>

int main() {
  const gpuimg::shape size{512, 512};
  bool cancelled = false;
  std::atomic<int> begun = 0;

  std::jthread worker([&](const std::stop_token& stop) {
    // [watch]
    const auto device = gpuimg::watch(gpuimg::device::best(), stop, [&](const char* operation) {
      std::printf("%d: %s\n", ++begun, operation);
    });
    const auto image = gpuimg::push(device, std::vector<float>(size.pixels(), 1.0f), size);
    try {
      while (true) gpuimg::voronoi_otsu_labeling(image, {.spot_sigma = 3});
    } catch (const gpuimg::cancelled_error& e) {
      cancelled = true;  // "gaussian_blur: stopped on request [src 512x512 f32 on ...]"
    }
    // [watch]
  });
  while (begun < 5) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  worker.request_stop();
  worker.join();
  return cancelled ? 0 : 1;
}
