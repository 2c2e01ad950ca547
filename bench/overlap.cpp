// SPDX-License-Identifier: BSD-3-Clause
// How far copies and computation overlap: images pass through a device one after the other, then
// through two siblings of it, each with a thread and pinned memory of its own.
//   gpuimg_overlap [PIXELS_ALONG_X_AND_Y [IMAGES]]
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <gpuimg/gpuimg.hpp>
#include <thread>
#include <vector>

namespace {

/// Blurs every second image, or all of them: up, through, and back.
void process(const gpuimg::device& device, const std::vector<std::vector<float>>& images,
             std::vector<std::vector<float>>& results, const gpuimg::shape& size, std::size_t first,
             std::size_t step) {
  gpuimg::image<float> src(device, size);
  for (std::size_t i = first; i < images.size(); i += step) {
    auto up = push_async(images[i], src);
    const auto blurred = gpuimg::gaussian_blur(src, {.sigma_x = 4, .sigma_y = 4});
    auto down = pull_async(blurred, results[i]);
    up.wait();
    down.wait();
  }
}

template <class F>
double milliseconds(const F& work) {
  work();  // compiles, and fills the pools
  double best = 1e300;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count());
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t side = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 2048;
  const std::size_t count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 16;
  const gpuimg::shape size{side, side};
  const auto device = gpuimg::device::best(), other = device.sibling();
  std::vector<std::vector<float>> images(count, std::vector<float>(size.pixels(), 1.0f));
  auto results = images;

  const auto src = gpuimg::push(device, images[0], size);
  const double computing = milliseconds([&] {
    for (std::size_t i = 0; i < count; ++i)
      gpuimg::gaussian_blur(src, {.sigma_x = 4, .sigma_y = 4});
    device.finish();
  });
  const double one = milliseconds([&] { process(device, images, results, size, 0, 1); });
  const double two = milliseconds([&] {
    std::thread second([&] { process(other, images, results, size, 1, 2); });
    process(device, images, results, size, 0, 2);
    second.join();
  });
  std::printf("%s, %zu images of %zux%zu f32, gaussian_blur sigma 4\n", device.name().c_str(),
              count, side, side);
  std::printf("computation alone %.1f ms; one queue %.1f ms; two siblings %.1f ms (%.2f times)\n",
              computing, one, two, one / two);
}
