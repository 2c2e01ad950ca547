// SPDX-License-Identifier: BSD-3-Clause
// An image of more than 2^31 pixels: where an index of 32 bits would be too short.
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "gpuimg/ops/filter/detect_maxima.hpp"
#include "gpuimg/ops/filter/gaussian_blur.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"
#include "gpuimg/ops/transform/flip.hpp"
#include "gpuimg/ops/transform/resampling.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"

namespace {

// Of the host, in bytes; 0 where the system does not say.
double available_memory() {
  std::ifstream file("/proc/meminfo");
  std::string word;
  double kibibytes = 0;
  while (file >> word)
    if (word == "MemAvailable:") file >> kibibytes;
  return kibibytes * 1024;
}

}  // namespace

TEST_CASE("large images: more than 2^31 pixels are read and written where they are",
          "[slow][opencl][large]") {
  const gpuimg::shape size{65537, 32769};
  const gpuimg::position last{size.x - 1, size.y - 1, 0};
  REQUIRE(size.pixels() > std::size_t{1} << 31);
  for (const auto& device : test::opencl_devices()) {
    INFO("on " << device.name());
    const auto& description = device.opencl().description();
    const double needed = 3.0 * static_cast<double>(size.pixels());
    if (static_cast<double>(description.largest_buffer) < static_cast<double>(size.pixels()) ||
        static_cast<double>(description.memory) < 1.3 * needed ||
        (description.shares_host_memory && available_memory() < 1.3 * needed)) {
      WARN("left out on " << device.name() << ": it has less than 8 GB of memory");
      continue;
    }
    gpuimg::image<std::uint8_t> src(device, size);
    const std::size_t band = 1024;
    const auto zeros = push(device, std::vector<std::uint8_t>(size.x * band), {size.x, band});
    const auto zero_row = push(device, std::vector<std::uint8_t>(size.x), {size.x});
    for (std::size_t y = 0; y + band <= size.y; y += band) paste(zeros, src, {0, y});
    paste(zero_row, src, {0, last.y});
    paste(push(device, std::vector<std::uint8_t>{3}, {1}), src, {});
    paste(push(device, std::vector<std::uint8_t>{7}, {1}), src, last);

    CHECK(maximum_of_all_pixels(src) == 7);
    CHECK(sum_of_all_pixels(src) == 10);
    const auto last_of = [&](const auto& image) { return int{pull(crop(image, last, {1})).at(0)}; };
    {
      const auto above = greater_constant(src, {.scalar = 5});
      CHECK(sum_of_all_pixels(above) == 1);
      CHECK(last_of(above) == 1);
    }
    const auto maxima = detect_maxima(src, {gpuimg::connectivity::sphere});
    CHECK(sum_of_all_pixels(maxima) == 2);
    CHECK(last_of(maxima) == 1);
  }
}

TEST_CASE("large images: results that are stored past the caches are those of the reference",
          "[slow][opencl][large]") {
  // The one of rows of whole vectors, the other not.
  for (const gpuimg::shape size : {gpuimg::shape{4096, 683, 3}, gpuimg::shape{4099, 2049}}) {
    REQUIRE(size.pixels() >= std::size_t{1} << 23);
    const auto pixels = test::random_pixels<float>(size, 7);
    const auto results = [&](const gpuimg::device& device) {
      const auto src = push(device, pixels, size);
      return std::vector{
          pull(multiply_image_and_scalar(src, {.scalar = 3})),
          pull(flip(src, {.flip_x = true, .flip_y = true, .flip_z = true})),
          pull(rotate(src, {.angle_z = 10, .interpolation = gpuimg::interpolation::linear})),
          pull(gaussian_blur(src, {.sigma_x = 0.5f, .sigma_y = 0.5f, .sigma_z = 0.5f}))};
    };
    const auto expected = results(gpuimg::device::reference());
    for (const auto& device : test::opencl_devices()) {
      INFO(to_string(size) << " on " << device.name());
      const auto found = results(device);
      for (std::size_t i = 0; i < expected.size(); ++i) CHECK((found[i] == expected[i]));
    }
  }
}
