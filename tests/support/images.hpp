// SPDX-License-Identifier: BSD-3-Clause
// Pixels for tests: seeded random ones, impulses, ramps, masks, labels, and awkward shapes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "gpuimg/image.hpp"

namespace test {

/// Empty, single pixels, thin ones, primes, one less and one more than a vector or work-group.
inline const std::vector<gpuimg::shape>& awkward_shapes() {
  static const std::vector<gpuimg::shape> shapes{{0},        {1},      {2, 3},     {3, 17},
                                                 {17, 5, 3}, {63, 2},  {64, 64},   {65, 3, 2},
                                                 {1, 9, 4},  {130, 7}, {33, 31, 5}};
  return shapes;
}

/// Number `index` of the SplitMix64 sequence that `seed` starts (Steele, Lea and Flood 2014).
constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = seed + (index + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/// A whole number from 0 to `count` - 1.
constexpr std::size_t random_below(std::size_t count, std::uint64_t seed, std::uint64_t index) {
  return static_cast<std::size_t>(random_bits(seed, index) >> 32) % count;
}

/// What the random pixels look like.
enum class content {
  even,     ///< the whole range of an integer type, or -1000 to 1000, all values equally likely
  awkward,  ///< as `even`, sprinkled with extremes; floats also -0 and +-3e38
  few       ///< eight neighbouring values, so that there are many ties
};
inline constexpr std::array all_contents{content::even, content::awkward, content::few};

constexpr const char* name_of(content c) {
  constexpr const char* names[] = {"even", "awkward", "few"};
  return names[static_cast<std::size_t>(c)];
}

template <gpuimg::pixel T>
T random_pixel(content c, std::uint64_t seed, std::uint64_t index) {
  const std::uint64_t bits = random_bits(seed, index);
  const auto choice = static_cast<std::size_t>(bits & 0xff);
  if constexpr (std::same_as<T, float>) {
    constexpr std::array extremes{0.0f,  -0.0f,  3e38f,       -3e38f,
                                  1e-3f, -1e-3f, 16777217.0f, -65536.5f};
    if (c == content::few) return static_cast<float>(choice & 7) * 0.25f - 1.0f;
    if (c == content::awkward && choice < 32) return extremes[choice & 7];
    const volatile float scaled = static_cast<float>(bits >> 40) * 0x1p-24f * 2000.0f;  // no fma
    return scaled - 1000.0f;
  } else {
    using limits = std::numeric_limits<T>;
    constexpr std::array<T, 4> extremes{limits::min(), limits::max(), T{0}, T{1}};
    if (c == content::few)
      return static_cast<T>(static_cast<int>(choice & 7) - (limits::is_signed ? 4 : 0));
    if (c == content::awkward && choice < 32) return extremes[choice & 3];
    return static_cast<T>(bits >> 32 >> (32 - 8 * sizeof(T)));
  }
}

template <gpuimg::pixel T>
std::vector<T> random_pixels(const gpuimg::shape& shape, std::uint64_t seed,
                             content c = content::even) {
  std::vector<T> pixels(shape.pixels());
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = random_pixel<T>(c, seed, i);
  return pixels;
}

/// A mask in which about `percent` of the pixels are 1 or 255, the others 0.
inline std::vector<std::uint8_t> random_mask(const gpuimg::shape& shape, std::size_t percent,
                                             std::uint64_t seed) {
  std::vector<std::uint8_t> mask(shape.pixels());
  for (std::size_t i = 0; i < mask.size(); ++i)
    mask[i] = random_below(100, seed, i) >= percent ? 0 : (random_bits(seed, i) & 1) == 0 ? 1 : 255;
  return mask;
}

/// Blocks of 3 x 3 x 2 pixels with ids that have gaps, repeat, and are 0 for a third of the blocks.
inline std::vector<std::uint32_t> random_labels(const gpuimg::shape& shape, std::uint64_t seed) {
  constexpr std::array<std::uint32_t, 12> ids{0, 0, 0, 0, 1, 2, 3, 5, 8, 13, 1000, 70001};
  std::vector<std::uint32_t> labels;
  for (std::size_t z = 0; z < shape.z; ++z)
    for (std::size_t y = 0; y < shape.y; ++y)
      for (std::size_t x = 0; x < shape.x; ++x)
        labels.push_back(
            ids[random_below(ids.size(), seed, x / 3 + 1000 * (y / 3) + 1000000 * (z / 2))]);
  labels.resize(shape.pixels());
  return labels;
}

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
