// SPDX-License-Identifier: BSD-3-Clause
// Blurs one image on every device of this machine: all of them give the same bits.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <gpuimg/gpuimg.hpp>
#include <vector>

int main() {
  const gpuimg::shape size{300, 200};
  std::vector<std::uint16_t> pixels;
  for (std::size_t i = 0; i < size.pixels(); ++i)
    pixels.push_back(static_cast<std::uint16_t>(i * 7919 % 4096));

  int wrong = 0;
  // [devices]
  std::vector<float> first;
  for (std::size_t i = 0; i < gpuimg::device::list().size(); ++i) {
    const auto device = gpuimg::device::by_index(i);
    const auto blurred =
        gpuimg::gaussian_blur(gpuimg::push(device, pixels, size), {.sigma_x = 2, .sigma_y = 1});
    const std::vector<float> result = gpuimg::pull(blurred);
    if (first.empty()) first = result;
    if (result != first) ++wrong;
    std::printf("%s: %s\n", device.name().c_str(), result == first ? "the same bits" : "different");
  }
  // [devices]

  // [errors]
  try {
    const auto image = gpuimg::push(gpuimg::device::reference(), pixels, size);
    gpuimg::gaussian_blur(image, {.sigma_x = -1});
    ++wrong;
  } catch (const gpuimg::argument_error& e) {
    // "gaussian_blur: sigma_x must be finite and >= 0 and <= 10000, got -1
    //  [src 300x200 u16 on reference]", on one line
    std::printf("%s\n", e.what());
  }
  // [errors]
  return wrong;
}
