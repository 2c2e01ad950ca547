// SPDX-License-Identifier: BSD-3-Clause
// What all image file formats share: colours made grey, checks of files.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/host_image.hpp"
#include "gpuimg/core/pixel.hpp"

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

/// `text` with every byte that could break a line or a terminal replaced by a space.
inline std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text;
}

/// Bytes of a regular file; io_error where there is none.
inline std::uint64_t file_bytes(const std::string& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) throw io_error(path, -1, "there is no such file");
  if (!std::filesystem::is_regular_file(status)) throw io_error(path, -1, "is not a file");
  const std::uintmax_t bytes = std::filesystem::file_size(path, failure);
  if (failure) throw io_error(path, -1, failure.message());
  return bytes;
}

}  // namespace detail
}  // namespace gpuimg::io

#include "gpuimg/core/pop_macros.def"
