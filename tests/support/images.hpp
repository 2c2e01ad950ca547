// SPDX-License-Identifier: BSD-3-Clause
// Pixels for tests: those of registry/samples.hpp, impulses, ramps, blobs and a spiral.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gpuimg/image.hpp"
#include "registry/samples.hpp"

namespace test {

using namespace gpuimg::samples;

/// One pixel of the given value among zeros.
template <gpuimg::pixel T>
std::vector<T> impulse(const gpuimg::shape& shape, const gpuimg::position& at, T value = T{1}) {
  std::vector<T> pixels(shape.pixels(), T{0});
  pixels[at.x + shape.x * (at.y + shape.y * at.z)] = value;
  return pixels;
}

/// 0, 1, 2 ... in memory order; saturates.
template <gpuimg::pixel T>
std::vector<T> ramp(const gpuimg::shape& shape) {
  std::vector<T> pixels(shape.pixels());
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = gpuimg::convert_pixel<T>(static_cast<std::uint32_t>(i));
  return pixels;
}

/// Round blobs: the greatest of 1 + radius^2 - distance^2 over `count` random centres, times 10.
inline std::vector<std::uint16_t> blobs(const gpuimg::shape& shape, std::size_t count,
                                        std::size_t radius, std::uint64_t seed) {
  std::vector<std::uint16_t> pixels(shape.pixels(), 0);
  const auto square = [](std::size_t a, std::size_t b) {
    const auto d = static_cast<std::int64_t>(a) - static_cast<std::int64_t>(b);
    return d * d;
  };
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t cx = random_below(shape.x, seed, 3 * i);
    const std::size_t cy = random_below(shape.y, seed, 3 * i + 1);
    const std::size_t cz = random_below(shape.z, seed, 3 * i + 2);
    std::size_t p = 0;
    for (std::size_t z = 0; z < shape.z; ++z)
      for (std::size_t y = 0; y < shape.y; ++y)
        for (std::size_t x = 0; x < shape.x; ++x, ++p) {
          const auto height = 10 * (1 + static_cast<std::int64_t>(radius * radius) - square(x, cx) -
                                    square(y, cy) - square(z, cz));
          if (height > pixels[p]) pixels[p] = static_cast<std::uint16_t>(height);
        }
  }
  return pixels;
}

/// A one pixel wide square spiral of foreground, its turns separated by background.
inline std::vector<std::uint8_t> spiral(const gpuimg::shape& shape) {
  std::vector<std::uint8_t> mask(shape.pixels(), 0);
  const auto nx = static_cast<std::ptrdiff_t>(shape.x), ny = static_cast<std::ptrdiff_t>(shape.y);
  const auto at = [&](std::ptrdiff_t x, std::ptrdiff_t y) -> std::uint8_t& {
    return mask[static_cast<std::size_t>(x + nx * y)];
  };
  const auto taken = [&](std::ptrdiff_t x, std::ptrdiff_t y) {
    return x >= 0 && y >= 0 && x < nx && y < ny && at(x, y) != 0;
  };
  const auto free = [&](std::ptrdiff_t x, std::ptrdiff_t y) {
    return x >= 0 && y >= 0 && x < nx && y < ny && at(x, y) == 0;
  };
  std::ptrdiff_t x = 0, y = 0, dx = 1, dy = 0;
  at(0, 0) = 1;
  for (int turns = 0; turns < 2;) {
    if (free(x + dx, y + dy) && !taken(x + 2 * dx, y + 2 * dy)) {
      x += dx, y += dy, turns = 0;
      at(x, y) = 1;
    } else {
      const auto before = dx;
      dx = -dy, dy = before, ++turns;
    }
  }
  return mask;
}

}  // namespace test
