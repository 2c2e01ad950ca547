// SPDX-License-Identifier: BSD-3-Clause
// The image that benchmarks work on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <gpuimg/core/shape.hpp>
#include <vector>

namespace bench {

/// The number of the disc or ball in whose square or cube a pixel lies, from 1.
inline std::size_t blob_at(const gpuimg::shape& size, std::size_t pixel) {
  const std::size_t x = pixel % size.x, y = pixel / size.x % size.y, z = pixel / size.x / size.y;
  const std::size_t along_x = (size.x + 23) / 24, along_y = (size.y + 23) / 24;
  return 1 + x / 24 + along_x * (y / 24 + along_y * (z / 24));
}

/// Noisy discs or balls of radius 9 on a grid of 24 pixels, whole numbers from 20 to 251.
inline std::vector<float> blobs(const gpuimg::shape& size) {
  const auto distance = [](std::size_t i) { return static_cast<double>(i % 24) - 11.5; };
  std::vector<float> pixels;
  pixels.reserve(size.pixels());
  std::uint64_t noise = 1;
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x) {
        noise = noise * 6364136223846793005u + 1442695040888963407u;
        const double away = distance(x) * distance(x) + distance(y) * distance(y) +
                            (size.is_3d() ? distance(z) * distance(z) : 0);
        const double light = away < 81 ? 220 - away : 20;
        pixels.push_back(
            static_cast<float>(static_cast<int>(light) + static_cast<int>(noise >> 59)));
      }
  return pixels;
}

}  // namespace bench
