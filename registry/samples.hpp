// SPDX-License-Identifier: BSD-3-Clause
// Images to try operations with: seeded random pixels, masks and labels, and awkward shapes.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "gpuimg/image.hpp"
#include "gpuimg/registry.hpp"

namespace gpuimg::samples {

/// Empty, single pixels, thin ones, primes, one less and one more than a vector or work-group.
inline const std::vector<shape>& awkward_shapes() {
  static const std::vector<shape> shapes{{0},        {1},      {2, 3},     {3, 17},
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

template <pixel T>
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

template <pixel T>
std::vector<T> random_pixels(const shape& size, std::uint64_t seed, content c = content::even) {
  std::vector<T> pixels(size.pixels());
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = random_pixel<T>(c, seed, i);
  return pixels;
}

/// A mask in which about `percent` of the pixels are 1 or 255, the others 0.
inline std::vector<std::uint8_t> random_mask(const shape& size, std::size_t percent,
                                             std::uint64_t seed) {
  std::vector<std::uint8_t> mask(size.pixels());
  for (std::size_t i = 0; i < mask.size(); ++i)
    mask[i] = random_below(100, seed, i) >= percent ? 0 : (random_bits(seed, i) & 1) == 0 ? 1 : 255;
  return mask;
}

/// Blocks of 3 x 3 x 2 pixels with ids that have gaps, repeat, and are 0 for a third of the blocks.
inline std::vector<std::uint32_t> random_labels(const shape& size, std::uint64_t seed) {
  constexpr std::array<std::uint32_t, 12> ids{0, 0, 0, 0, 1, 2, 3, 5, 8, 13, 1000, 70001};
  std::vector<std::uint32_t> labels;
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x)
        labels.push_back(
            ids[random_below(ids.size(), seed, x / 3 + 1000 * (y / 3) + 1000000 * (z / 2))]);
  labels.resize(size.pixels());
  return labels;
}

/// Random images of the kinds that an operation takes, on the reference; positions are planes.
inline std::vector<any_image> random_inputs(const operation_info& about, pixel_type type,
                                            const shape& size, content c, std::uint64_t seed) {
  static constexpr std::size_t densities[] = {50, 10, 90};
  std::vector<any_image> images;
  for (std::size_t i = 0; i < about.input_count(); ++i, ++seed) {
    const bool is_plane = std::string_view(about.inputs[i].name) == "position";
    const shape its_size = is_plane ? shape{size.x, size.y} : size;
    const auto on_reference = [&](const auto& pixels) {
      return any_image(push(device::reference(), pixels, its_size));
    };
    if (about.inputs[i].kind == kind::binary)
      images.push_back(
          on_reference(random_mask(its_size, densities[static_cast<std::size_t>(c)], seed)));
    else if (about.inputs[i].kind == kind::labels)
      images.push_back(on_reference(random_labels(its_size, seed)));
    else
      images.push_back(visit_pixel_type(type, [&]<class T>(std::type_identity<T>) {
        return on_reference(random_pixels<T>(its_size, seed, c));
      }));
  }
  return images;
}

/// The images on another device.
inline std::vector<any_image> copies(const std::vector<any_image>& images, const device& to) {
  std::vector<any_image> copied;
  for (const auto& image : images)
    copied.push_back(std::visit([&](const auto& i) { return any_image(copy_to(i, to)); }, image));
  return copied;
}

}  // namespace gpuimg::samples
