// SPDX-License-Identifier: BSD-3-Clause
// Reading TIFF files: planes of any sample type decoded to pixels.
#pragma once

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/host_image.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/io/image_file.hpp"
#include "gpuimg/io/tiff/directory.hpp"
#include "gpuimg/io/tiff/info.hpp"
#include "gpuimg/io/tiff/page.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

/// An open TIFF file. The directories are walked once, when it is opened; each read decodes the
/// planes of one volume and nothing else. One thread at a time.
class tiff_reader {
 public:
  /// Throws io_error, with the file, the page from 0 and the reason, for a file that is not read.
  explicit tiff_reader(const std::string& path) : path_(path), directory_(path) {
    if (directory_.is_contiguous()) raw_.open(path, std::ios::binary);
  }

  [[nodiscard]] const tiff_info& info() const { return directory_.info(); }

  /// The volume of one channel and frame, with what the file says about it.
  /// Throws io_error for damaged pixels, refused colours and more than max_bytes, argument_error
  /// for a channel or frame that the file does not have, memory_error where memory runs out.
  host_image read(const tiff_read_options& options = {}) {
    check_index("channel", options.channel, info().channels);
    check_index("frame", options.frame, info().frames);
    const std::size_t first = directory_.page_of(0);
    const detail::tiff_page& page = directory_.page(first);
    if (options.color == color_handling::refuse && info().color != tiff_color::grey)
      file().fail(static_cast<long>(first),
                  detail::color_refusal(info().color == tiff_color::rgb ? "RGB" : "palette"));

    const auto bytes = memory_needed(page);
    if (!bytes || *bytes > options.max_bytes)
      file().fail(-1,
                  "needs " + (bytes ? std::to_string(*bytes) : "more than 2^64") +
                      " bytes of memory, above max_bytes = " + std::to_string(options.max_bytes));
    host_image image{.size = info().size,
                     .pixel_size = info().pixel_size,
                     .unit = info().unit,
                     .channel = options.channel,
                     .channels = info().channels,
                     .frame = options.frame,
                     .frames = info().frames};
    const std::size_t plane_pixels = info().size.x * info().size.y;
    try {
      detail::visit_sample_type(
          page.layout.format, page.layout.bits, [&]<class S>(std::type_identity<S>) {
            std::vector<detail::pixel_of<S>> pixels(info().size.pixels());
            for (std::size_t z = 0; z < info().size.z; ++z)
              read_plane<S>(directory_.plane(options.channel, z, options.frame),
                            pixels.data() + z * plane_pixels);
            image.pixels = std::move(pixels);
          });
    } catch (const std::bad_alloc&) {
      throw memory_error(path_ + ": no memory for " + std::to_string(*bytes) + " bytes", *bytes,
                         options.max_bytes);
    }
    return image;
  }

 private:
  void check_index(const char* name, std::size_t index, std::size_t count) const {
    if (index >= count)
      throw argument_error("read_tiff: " + std::string(name) + " must be < " +
                           std::to_string(count) + ", got " + std::to_string(index) + " [" + path_ +
                           "]");
  }

  /// Planes of a page that are decoded together: those of red, green and blue, or one.
  static std::uint64_t decoded_planes(const detail::tiff_layout& layout) {
    return layout.separate ? 3 : 1;
  }

  /// Bytes of the pixels and of one decoded block of a page, nothing where that overflows.
  [[nodiscard]] std::optional<std::uint64_t> memory_needed(const detail::tiff_page& page) const {
    const std::uint64_t plane_pixels = std::uint64_t{page.layout.width} * page.layout.height;
    const auto pixels = detail::checked_product(plane_pixels, info().size.z);
    const auto bytes = pixels ? detail::checked_product(*pixels, size_of(info().type)) : pixels;
    const auto block = detail::checked_product(page.layout.row_bytes(page.block_width),
                                               page.block_height * decoded_planes(page.layout));
    if (!bytes || !block || *bytes > std::numeric_limits<std::uint64_t>::max() - *block)
      return std::nullopt;
    return *bytes + *block;
  }

  /// Decodes a plane of samples S to `dst`.
  template <class S>
  void read_plane(std::size_t plane, detail::pixel_of<S>* dst) {
    const std::size_t index = directory_.page_of(plane);
    const detail::tiff_page& page = directory_.page(index);
    const detail::tiff_layout& layout = page.layout;
    if (TIFFSetSubDirectory(file().get(), page.directory) != 1)
      file().fail(static_cast<long>(index), "has a damaged directory");
    if (layout.color() == tiff_color::palette) read_palette(index);

    const std::uint64_t row_bytes = layout.row_bytes(page.block_width);
    const std::uint64_t block_bytes = row_bytes * page.block_height;
    const std::uint64_t across = page.blocks_across(), down = page.blocks_down();
    block_.resize(block_bytes * decoded_planes(layout));
    for (std::uint64_t block_y = 0; block_y < down; ++block_y) {
      for (std::uint64_t block_x = 0; block_x < across; ++block_x) {
        for (std::uint64_t s = 0; s < decoded_planes(layout); ++s)
          read_block<S>(plane, index, (s * down + block_y) * across + block_x,
                        {block_.data() + s * block_bytes, row_bytes * page.stored_rows(block_y)});
        const std::uint64_t x = block_x * page.block_width, y = block_y * page.block_height;
        const std::uint64_t rows = std::min(page.block_height, layout.height - y);
        const std::uint64_t columns = std::min(page.block_width, layout.width - x);
        for (std::uint64_t row = 0; row < rows; ++row)
          convert_row<S>(layout, block_.data() + row * row_bytes,
                         layout.separate ? block_bytes : sizeof(S), columns,
                         dst + (y + row) * layout.width + x);
      }
    }
  }

  /// Decodes one strip or tile of a page, in the byte order of this machine.
  template <class S>
  void read_block(std::size_t plane, std::size_t page, std::uint64_t block,
                  std::span<std::byte> dst) {
    const auto bytes = static_cast<tmsize_t>(dst.size());
    const auto number = static_cast<std::uint32_t>(block);
    tmsize_t got = 0;
    if (directory_.is_contiguous()) {
      raw_.seekg(
          static_cast<std::streamoff>(directory_.contiguous_begin(plane) + block * dst.size()));
      raw_.read(reinterpret_cast<char*>(dst.data()), bytes);
      got = static_cast<tmsize_t>(raw_.gcount());
      if (TIFFIsByteSwapped(file().get()) != 0) swap_bytes<sizeof(S)>(dst);
    } else if (directory_.page(page).tiled) {
      got = TIFFReadEncodedTile(file().get(), number, dst.data(), bytes);
    } else {
      got = TIFFReadEncodedStrip(file().get(), number, dst.data(), bytes);
    }
    if (got != bytes)
      file().fail(static_cast<long>(page), (directory_.page(page).tiled ? "tile " : "strip ") +
                                               std::to_string(block) + " is damaged or cut short");
  }

  template <std::size_t Size>
  static void swap_bytes(std::span<std::byte> bytes) {
    void* data = bytes.data();
    const auto count = static_cast<tmsize_t>(bytes.size() / Size);
    if constexpr (Size == 2) TIFFSwabArrayOfShort(static_cast<std::uint16_t*>(data), count);
    if constexpr (Size == 4) TIFFSwabArrayOfLong(static_cast<std::uint32_t*>(data), count);
    if constexpr (Size == 8) TIFFSwabArrayOfDouble(static_cast<double*>(data), count);
  }

  /// The grey of each palette entry, from the high bytes of its 16-bit colours.
  void read_palette(std::size_t page) {
    std::array<std::uint16_t*, 3> map{};
    if (TIFFGetField(file().get(), TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]) != 1)
      file().fail(static_cast<long>(page), "has no palette");
    const std::size_t entries = std::size_t{1} << directory_.page(page).layout.bits;
    // Some writers fill in 8-bit colours.
    const bool wide = std::ranges::any_of(map, [&](const std::uint16_t* colors) {
      return std::any_of(colors, colors + entries, [](std::uint16_t color) { return color > 255; });
    });
    const int shift = wide ? 8 : 0;
    for (std::size_t i = 0; i < entries; ++i)
      palette_[i] = luminance(static_cast<std::uint8_t>(map[0][i] >> shift),
                              static_cast<std::uint8_t>(map[1][i] >> shift),
                              static_cast<std::uint8_t>(map[2][i] >> shift));
  }

  /// Turns a row of samples into pixels; `next_sample` is the distance from red to green in bytes.
  template <class S>
  void convert_row(const detail::tiff_layout& layout, const std::byte* row, std::size_t next_sample,
                   std::size_t count, detail::pixel_of<S>* dst) const {
    using T = detail::pixel_of<S>;
    const std::size_t next_pixel = layout.interleaved() * sizeof(S);
    const auto sample = [=](std::size_t x, std::size_t channel) {
      S value;
      std::memcpy(&value, row + x * next_pixel + channel * next_sample, sizeof(S));
      return detail::to_pixel(value);
    };
    if (layout.color() == tiff_color::rgb) {
      if constexpr (std::unsigned_integral<T> || std::same_as<T, float>)
        for (std::size_t x = 0; x < count; ++x)
          dst[x] = luminance(sample(x, 0), sample(x, 1), sample(x, 2));
      return;
    }
    if (layout.bits < 8) {
      unpack_row(layout.bits, row, count, dst);
    } else if constexpr (std::same_as<S, T>) {
      std::memcpy(dst, row, count * sizeof(T));
    } else {
      for (std::size_t x = 0; x < count; ++x) dst[x] = sample(x, 0);
    }
    if constexpr (std::same_as<T, std::uint8_t>)
      if (layout.color() == tiff_color::palette)
        for (std::size_t x = 0; x < count; ++x) dst[x] = palette_[dst[x]];
    if constexpr (std::integral<T>)
      if (layout.photometric == PHOTOMETRIC_MINISWHITE) {
        const T used =
            layout.bits < 8 ? static_cast<T>((1 << layout.bits) - 1) : static_cast<T>(-1);
        for (std::size_t x = 0; x < count; ++x) dst[x] = static_cast<T>(~dst[x] & used);
      }
  }

  /// Samples of 1, 2 or 4 bits, the first in the highest bits.
  template <class T>
  static void unpack_row(unsigned bits, const std::byte* row, std::size_t count, T* dst) {
    for (std::size_t x = 0; x < count; ++x) {
      const std::size_t bit = x * bits;
      const auto byte = std::to_integer<unsigned>(row[bit / 8]);
      dst[x] = static_cast<T>((byte >> (8 - bits - bit % 8)) & ((1U << bits) - 1));
    }
  }

  [[nodiscard]] const detail::tiff_handle& file() const { return directory_.file(); }

  std::string path_;
  detail::tiff_directory directory_;
  std::ifstream raw_;  ///< of a contiguous file
  std::vector<std::byte> block_;
  std::array<std::uint8_t, 256> palette_{};
};

}  // namespace gpuimg::io
