// SPDX-License-Identifier: BSD-3-Clause
// What all image file formats share: pixels of any type, colours made grey, files replaced whole.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/view.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

/// What a reader does with pixels that are colours (palette, RGB) or have an alpha channel:
/// throw, or turn them into grey by `luminance` and drop the alpha.
enum class color_handling { refuse, luminance };

/// Pixels in host memory, x fastest; the alternatives stand in the order of `pixel_type`.
using any_pixels =
    std::variant<std::vector<std::uint8_t>, std::vector<std::int8_t>, std::vector<std::uint16_t>,
                 std::vector<std::int16_t>, std::vector<std::uint32_t>, std::vector<std::int32_t>,
                 std::vector<float>>;

/// An image in host memory, of the pixel type its file has.
struct host_image {
  gpuimg::shape size;
  any_pixels pixels;

  [[nodiscard]] pixel_type type() const { return static_cast<pixel_type>(pixels.index()); }

  /// The pixels as T, for as long as this image lives; throws argument_error where they are of
  /// another type.
  template <pixel T>
  [[nodiscard]] view<const T> as() const& {
    if (const auto* values = std::get_if<std::vector<T>>(&pixels)) return {values->data(), size};
    throw argument_error("the image holds " + std::string(name_of(type())) + " pixels, not " +
                         std::string(name_of(pixel_type_of<T>())));
  }
  template <pixel T>
  void as() const&& = delete;
};

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

/// A name beside `path` to write to; `commit()` moves the complete file to `path` in one step, and
/// without it the destructor removes what was written.
class file_replacement {
 public:
  explicit file_replacement(std::string path) : path_(std::move(path)) {
    std::random_device random;
    temporary_ = path_ + "." + std::to_string(random()) + ".tmp";
  }
  file_replacement(const file_replacement&) = delete;
  file_replacement& operator=(const file_replacement&) = delete;
  ~file_replacement() {
    std::error_code ignored;
    if (!committed_) std::filesystem::remove(temporary_, ignored);
  }

  [[nodiscard]] const std::string& temporary() const { return temporary_; }

  void commit() {
    std::error_code failure;
    std::filesystem::rename(temporary_, path_, failure);
    if (failure) throw io_error(path_, -1, "cannot be replaced: " + failure.message());
    committed_ = true;
  }

 private:
  std::string path_, temporary_;
  bool committed_ = false;
};

}  // namespace detail
}  // namespace gpuimg::io

#include "gpuimg/core/pop_macros.def"
