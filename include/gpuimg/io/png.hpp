// SPDX-License-Identifier: BSD-3-Clause
// PNG files in and out: 8- and 16-bit grey, and RGB for figures, on libpng (link with -lpng).
#pragma once

#include "gpuimg/core/push_macros.def"

#include <png.h>

#include <array>
#include <bit>
#include <cerrno>
#include <concepts>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/host_image.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/view.hpp"
#include "gpuimg/io/file_replacement.hpp"
#include "gpuimg/io/image_file.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

struct png_read_options {
  color_handling color = color_handling::refuse;
  std::uint64_t max_bytes = std::uint64_t{1} << 34;  ///< the most the pixels may take in memory
};

namespace detail {

/// An open PNG file and libpng's state for reading or writing it.
class png_handle {
 public:
  enum class mode { read, write };

  /// `name` is the file that messages speak of.
  png_handle(const std::string& path, mode how, std::string name)
      : name_(std::move(name)),
        file_(std::fopen(path.c_str(), how == mode::read ? "rb" : "wb")),
        state_(how, *message_) {
    if (!file_) fail("cannot be opened: " + std::generic_category().message(errno));
    if (state_.png == nullptr || state_.info == nullptr) throw std::bad_alloc();
    call([file = file_.get()](png_structp png, png_infop) {
      png_init_io(png, file);
      png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    });
  }

  /// Calls `f(png, info)`; an error inside libpng becomes an io_error.
  /// libpng leaves by longjmp, which runs no destructors: `f` may only own what needs none.
  template <class F>
  void call(F f) const {
    static_assert(std::is_trivially_destructible_v<F>);
    errno = 0;
    if (setjmp(png_jmpbuf(state_.png)) != 0)
      fail(state_.how == mode::write && errno != 0
               ? "cannot be written: " + std::generic_category().message(errno)
               : message_->data());
    f(state_.png, state_.info);
  }

  [[nodiscard]] png_structp png() const { return state_.png; }
  [[nodiscard]] png_infop info() const { return state_.info; }

  /// Closes a written file and throws where the system could not write all of it.
  void close() {
    if (std::fclose(file_.release()) != 0)
      fail("cannot be written: " + std::generic_category().message(errno));
  }

  [[noreturn]] void fail(const std::string& reason) const {
    throw io_error(name_, -1, one_line(reason));
  }

 private:
  using message = std::array<char, 128>;

  struct state {
    state(mode direction, message& text) : how(direction) {
      const auto create = how == mode::read ? png_create_read_struct : png_create_write_struct;
      png = create(PNG_LIBPNG_VER_STRING, &text, &leave, &ignore);
      if (png != nullptr) info = png_create_info_struct(png);
    }
    state(const state&) = delete;
    state& operator=(const state&) = delete;
    ~state() {
      if (how == mode::read)
        png_destroy_read_struct(&png, &info, nullptr);
      else
        png_destroy_write_struct(&png, &info);
    }
    mode how;
    png_structp png = nullptr;
    png_infop info = nullptr;
  };
  struct closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  [[noreturn]] static void leave(png_structp png, png_const_charp text) {
    auto& kept = *static_cast<message*>(png_get_error_ptr(png));
    std::snprintf(kept.data(), kept.size(), "%s", text);
    png_longjmp(png, 1);
  }
  static void ignore(png_structp, png_const_charp) {}

  std::string name_;
  std::unique_ptr<message> message_ = std::make_unique<message>();
  std::unique_ptr<std::FILE, closer> file_;
  state state_;
};

/// The rows of an image as libpng wants them: one pointer each.
inline std::vector<png_bytep> png_rows(std::byte* first, std::size_t row_bytes, std::size_t rows) {
  std::vector<png_bytep> pointers(rows);
  for (std::size_t y = 0; y < rows; ++y)
    pointers[y] = reinterpret_cast<png_bytep>(first + y * row_bytes);
  return pointers;
}

inline void write_png(const std::string& path, const void* pixels, const shape& size, int bits,
                      int color_type) {
  if (size.empty() || size.z != 1 || size.x > PNG_UINT_31_MAX || size.y > PNG_UINT_31_MAX)
    throw argument_error(
        "write_png: a PNG file holds one slice of 1 to 2^31 - 1 columns and rows [" +
        to_string(size) + "]");
  const std::size_t samples = color_type == PNG_COLOR_TYPE_RGB ? 3 : 1;
  const std::size_t row_bytes = size.x * samples * static_cast<std::size_t>(bits / 8);

  file_replacement file(path);
  png_handle handle(file.temporary(), png_handle::mode::write, path);
  // libpng takes rows to write as mutable pointers and leaves them alone.
  auto* first = const_cast<std::byte*>(static_cast<const std::byte*>(pixels));
  std::vector<png_bytep> rows = png_rows(first, row_bytes, size.y);
  handle.call([&size, bits, color_type, data = rows.data()](png_structp png, png_infop info) {
    png_set_IHDR(png, info, static_cast<png_uint_32>(size.x), static_cast<png_uint_32>(size.y),
                 bits, color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    if (bits == 16 && std::endian::native == std::endian::little) png_set_swap(png);
    png_write_image(png, data);
    png_write_end(png, info);
  });
  handle.close();
  file.commit();
}

}  // namespace detail

/// Reads a PNG file.
///
/// Pixels: grey of 1, 2, 4 and 8 bits (u8) and of 16 bits (u16), as stored: 1-bit values are 0
/// and 1. Palette, RGB and alpha need `color = color_handling::luminance`, which drops the alpha.
/// Throws io_error, with the file and the reason, for a file that cannot be read, memory_error
/// where memory runs out.
inline host_image read_png(const std::string& path, const png_read_options& options = {}) {
  const std::uint64_t file_bytes = detail::file_bytes(path);
  const detail::png_handle handle(path, detail::png_handle::mode::read, path);
  handle.call([](png_structp png, png_infop info) { png_read_info(png, info); });

  const png_byte color_type = png_get_color_type(handle.png(), handle.info());
  if (color_type != PNG_COLOR_TYPE_GRAY && options.color == color_handling::refuse)
    handle.fail(detail::color_refusal(color_type == PNG_COLOR_TYPE_PALETTE      ? "palette"
                                      : color_type == PNG_COLOR_TYPE_GRAY_ALPHA ? "grey and alpha"
                                      : color_type == PNG_COLOR_TYPE_RGB        ? "RGB"
                                                                                : "RGBA"));

  // Sizes first: libpng makes room for whole rows as soon as the transformations are settled.
  const shape size{png_get_image_width(handle.png(), handle.info()),
                   png_get_image_height(handle.png(), handle.info())};
  const bool deep = png_get_bit_depth(handle.png(), handle.info()) == 16;
  const std::uint64_t pixel_bytes =
      color_type == PNG_COLOR_TYPE_PALETTE
          ? 4
          : (deep ? 2 : 1) * png_get_channels(handle.png(), handle.info());
  if (size.x * pixel_bytes > options.max_bytes / size.y)
    handle.fail("of " + to_string(size) +
                " pixels needs more memory than max_bytes = " + std::to_string(options.max_bytes));
  constexpr std::uint64_t deflate_expansion = 1032;  // at most
  if (png_get_rowbytes(handle.png(), handle.info()) * size.y / deflate_expansion > file_bytes)
    handle.fail("is too short for its " + to_string(size) + " pixels");

  handle.call([](png_structp png, png_infop info) {
    png_set_packing(png);  // fewer than 8 bits become a byte
    if (png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (std::endian::native == std::endian::little) png_set_swap(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
  });
  const std::size_t row_bytes = png_get_rowbytes(handle.png(), handle.info());
  const std::size_t samples = png_get_channels(handle.png(), handle.info());

  const auto read = [&]<pixel T>(std::type_identity<T>) -> host_image {
    std::vector<T> values(row_bytes / sizeof(T) * size.y);
    std::vector<png_bytep> rows =
        detail::png_rows(reinterpret_cast<std::byte*>(values.data()), row_bytes, size.y);
    handle.call([data = rows.data()](png_structp png, png_infop) {
      png_read_image(png, data);
      png_read_end(png, nullptr);
    });
    if (samples == 1) return {.size = size, .pixels = std::move(values)};
    const bool is_rgb = samples >= 3;
    std::vector<T> grey(size.pixels());
    for (std::size_t i = 0; i < grey.size(); ++i) {
      const T* sample = values.data() + i * samples;
      grey[i] = is_rgb ? luminance(sample[0], sample[1], sample[2]) : sample[0];
    }
    return {.size = size, .pixels = std::move(grey)};
  };
  try {
    return deep ? read(std::type_identity<std::uint16_t>{})
                : read(std::type_identity<std::uint8_t>{});
  } catch (const std::bad_alloc&) {
    throw memory_error(path + ": no memory for " + to_string(size) + " pixels", row_bytes * size.y,
                       options.max_bytes);
  }
}

/// Writes a 2D image of u8 or u16 pixels as grey. The file appears complete or not at all.
/// Throws io_error where the file cannot be written, argument_error for a stack or no pixels.
template <class T>
requires std::same_as<std::remove_const_t<T>, std::uint8_t> ||
    std::same_as<std::remove_const_t<T>, std::uint16_t>
void write_png(const std::string& path, view<T> grey) {
  detail::write_png(path, grey.data(), grey.shape(), 8 * static_cast<int>(sizeof(T)),
                    PNG_COLOR_TYPE_GRAY);
}

/// As above. Throws argument_error where the pixels are neither u8 nor u16.
inline void write_png(const std::string& path, const host_image& image) {
  if (image.type() == pixel_type::u8)
    write_png(path, image.as<std::uint8_t>());
  else if (image.type() == pixel_type::u16)
    write_png(path, image.as<std::uint16_t>());
  else
    throw argument_error("write_png: a PNG file holds u8 or u16 pixels, not " +
                         std::string(name_of(image.type())));
}

/// Writes 8-bit RGB: red, green and blue of the first pixel, then of its right neighbour.
/// Throws as write_png does, and argument_error unless `rgb` has 3 * width * height values.
inline void write_png_rgb(const std::string& path, std::size_t width, std::size_t height,
                          std::span<const std::uint8_t> rgb) {
  const shape size{width, height};
  if (rgb.size() % 3 != 0 || rgb.size() / 3 != size.pixels())
    throw argument_error("write_png_rgb: " + to_string(size) + " pixels have 3 values each, got " +
                         std::to_string(rgb.size()) + " values");
  detail::write_png(path, rgb.data(), size, 8, PNG_COLOR_TYPE_RGB);
}

}  // namespace gpuimg::io

#include "gpuimg/core/pop_macros.def"
