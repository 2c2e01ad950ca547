// SPDX-License-Identifier: BSD-3-Clause
// What all image file formats share: colours made grey.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "gpuimg/core/host_image.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/io/file.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

/// What a reader does with pixels that are colours (palette, RGB) or have an alpha channel:
/// throw, or turn them into grey by `luminance` and drop the alpha.
enum class color_handling { refuse, luminance };

/// 0.2125 R + 0.7154 G + 0.0721 B, the weights of scikit-image's rgb2gray; integers are rounded to
/// nearest, so equal red, green and blue stay what they are.
template <class T>
requires std::unsigned_integral<T> || std::same_as<T, float> T luminance(T red, T green, T blue) {
  if constexpr (std::same_as<T, float>) {
    const double cool = std::fma(0.7154, static_cast<double>(green), 0.0721 * blue);
    return static_cast<float>(std::fma(0.2125, static_cast<double>(red), cool));
  } else {
    return static_cast<T>((std::uint64_t{2125} * red + std::uint64_t{7154} * green +
                           std::uint64_t{721} * blue + 5000) /
                          10000);
  }
}

namespace detail {

/// The way out of a refusal of colours; a program that has another name for it puts that there.
inline constexpr std::string_view color_advice = "pass color = luminance to convert them to grey";

/// The reason given for refusing colours, with the way out.
inline std::string color_refusal(std::string_view kind) {
  return "holds " + std::string(kind) + " pixels; " + std::string(color_advice);
}

}  // namespace detail
}  // namespace gpuimg::io

#include "gpuimg/core/pop_macros.def"
