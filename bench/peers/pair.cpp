// SPDX-License-Identifier: BSD-3-Clause
// One half of a comparison: a call per line on standard input, its milliseconds on standard output.
//
//   gpuimg_pair gaussian_blur SIGMA FILE             u16, converted to float on the way
//   gpuimg_pair voronoi_otsu_labeling SPOT_SIGMA OUTLINE_SIGMA FILE
//
// The first line is the device. The image is on the device before; a call is timed until its pixels
// are in host memory. A line holds the milliseconds, those of all processors
// together, and the greatest pixel of the result.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <exception>
#include <gpuimg/gpuimg.hpp>
#include <gpuimg/io/tiff.hpp>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

namespace {

/// Times a call that returns pixels in host memory, once per line.
template <class Call>
void serve(const Call& call) {
  for (std::string line; std::getline(std::cin, line);) {
    const std::clock_t processor_start = std::clock();
    const auto start = std::chrono::steady_clock::now();
    const auto pixels = call();
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    const auto processor = static_cast<double>(std::clock() - processor_start);
    std::cout << time.count() << " " << 1000 * processor / CLOCKS_PER_SEC << " "
              << *std::max_element(pixels.begin(), pixels.end()) << std::endl;
  }
}

int run(int argc, char** argv) {
  const std::string operation = argc > 1 ? argv[1] : "";
  if (!(operation == "gaussian_blur" && argc == 4) &&
      !(operation == "voronoi_otsu_labeling" && argc == 5)) {
    std::cerr
        << "gpuimg_pair: gaussian_blur SIGMA FILE, or voronoi_otsu_labeling SPOT OUTLINE FILE\n";
    return 2;
  }
  const auto device = gpuimg::device::best();
  const auto file = gpuimg::io::read_tiff(argv[argc - 1]);
  std::cout << device.name() << std::endl;
  const auto& pixels = std::get<std::vector<std::uint16_t>>(file.pixels);  // as synthesize writes
  const float sigma = std::stof(argv[2]);
  if (operation == "gaussian_blur") {
    const auto image = gpuimg::push<float>(device, pixels, file.size);
    serve([&] {
      return gpuimg::pull(gpuimg::gaussian_blur(image, {.sigma_x = sigma, .sigma_y = sigma}));
    });
  } else {
    const float outline = std::stof(argv[3]);
    const auto image = gpuimg::push(device, pixels, file.size);
    serve([&] {
      return gpuimg::pull(
          gpuimg::voronoi_otsu_labeling(image, {.spot_sigma = sigma, .outline_sigma = outline}));
    });
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "gpuimg_pair: " << e.what() << "\n";
    return 1;
  }
}
