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
#include "gpuimg/core/shape.hpp"
#include "gpuimg/io/image_file.hpp"
#include "gpuimg/io/random_access_file.hpp"
#include "gpuimg/io/tiff/block_cache.hpp"
#include "gpuimg/io/tiff/directory.hpp"
#include "gpuimg/io/tiff/info.hpp"
#include "gpuimg/io/tiff/page.hpp"
#include "gpuimg/tiling/box.hpp"
#include "gpuimg/tiling/storage.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

/// An open TIFF file. The directories are walked once, when it is opened; each read decodes the
/// planes of one volume, or the strips and tiles of a part of it, and nothing else. One thread at a
/// time.
class tiff_reader {
 public:
  /// Keeps as many decoded strips and tiles as `cache_bytes` hold, for parts that share them.
  /// Throws io_error, with the file, the page from 0 and the reason, for a file that is not read.
  explicit tiff_reader(const std::string& path, std::uint64_t cache_bytes = 0)
      : path_(path),
        directory_(path),
        raw_(path, detail::random_access_file::access::read, path),
        cache_(cache_bytes) {}

  [[nodiscard]] const tiff_info& info() const { return directory_.info(); }

  /// The strips or tiles that are decoded as a whole; 1x1 where any pixel is read as it is.
  [[nodiscard]] shape block() const {
    const detail::tiff_page& page = directory_.page(directory_.page_of(0));
    if (page.is_plain) return {1, 1};
    return {std::min<std::uint64_t>(page.block_width, page.layout.width), page.block_height};
  }

  /// The volume of one channel and frame as the file describes it, without its pixels. Throws what
  /// `read` throws for the channel, the frame and colours.
  [[nodiscard]] host_image describe(const tiff_read_options& options = {}) const {
    check_index("channel", options.channel, info().channels);
    check_index("frame", options.frame, info().frames);
    if (options.color == color_handling::refuse && info().color != tiff_color::grey)
      file().fail(static_cast<long>(directory_.page_of(0)),
                  detail::color_refusal(info().color == tiff_color::rgb ? "RGB" : "palette"));
    return tiling::describe(info().size, info().type,
                            {.pixel_size = info().pixel_size,
                             .unit = info().unit,
                             .channel = options.channel,
                             .channels = info().channels,
                             .frame = options.frame,
                             .frames = info().frames});
  }

  /// The volume of one channel and frame, with what the file says about it.
  /// Throws io_error for damaged pixels, refused colours and more than max_bytes, argument_error
  /// for a channel or frame that the file does not have, memory_error where memory runs out.
  host_image read(const tiff_read_options& options = {}) {
    return read(options, tiling::whole(info().size));
  }
  /// As above, the pixels of a part of the volume; argument_error where it is not inside.
  host_image read(const tiff_read_options& options, const tiling::box& part) {
    host_image image = describe(options);
    tiling::check_inside("read_tiff", part, image.size);
    const detail::tiff_page& page = directory_.page(directory_.page_of(0));
    const auto bytes = memory_needed(page, part);
    if (!bytes || *bytes > options.max_bytes)
      file().fail(-1,
                  "needs " + (bytes ? std::to_string(*bytes) : "more than 2^64") +
                      " bytes of memory, above max_bytes = " + std::to_string(options.max_bytes));
    image.size = part.shape();
    try {
      detail::visit_sample_type(
          page.layout.format, page.layout.bits, [&]<class S>(std::type_identity<S>) {
            std::vector<detail::pixel_of<S>> pixels(image.size.pixels());
            for (std::size_t z = 0; z < image.size.z; ++z)
              read_plane<S>(directory_.plane(options.channel, part.origin[2] + z, options.frame),
                            part, pixels.data() + z * image.size.x * image.size.y);
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

  /// Bytes of the pixels of a part and of what is read of one block for it, nothing where that
  /// overflows.
  [[nodiscard]] std::optional<std::uint64_t> memory_needed(const detail::tiff_page& page,
                                                           const tiling::box& part) const {
    const auto plane = detail::checked_product(part.size[0], part.size[1]);
    const auto pixels = plane ? detail::checked_product(*plane, part.size[2]) : plane;
    const auto bytes = pixels ? detail::checked_product(*pixels, size_of(info().type)) : pixels;
    const bool plain = page.is_plain;
    const std::uint64_t columns = plain ? columns_read(page, part.size[0]) : page.block_width;
    const std::uint64_t rows =
        plain ? std::min(page.block_height, part.size[1]) : page.block_height;
    const auto block =
        detail::checked_product(page.layout.row_bytes(columns), rows * decoded_planes(page.layout));
    if (!bytes || !block || *bytes > std::numeric_limits<std::uint64_t>::max() - *block)
      return std::nullopt;
    return *bytes + *block;
  }

  /// How many pixels of the rows of a block are read where they lie in the file as they are: all of
  /// short rows, which takes one call of the system for all of them, and else those wanted.
  static std::uint64_t columns_read(const detail::tiff_page& page, std::uint64_t wanted) {
    constexpr std::uint64_t short_bytes = 4096;
    return page.layout.row_bytes(page.block_width) <= short_bytes
               ? page.block_width
               : std::min(page.block_width, wanted);
  }

  /// Samples in memory.
  struct sample_rows {
    const std::byte* first;     ///< of the first row
    std::uint64_t row_bytes;    ///< from a row to the next
    std::uint64_t plane_bytes;  ///< from red to green, where they are separate
    std::uint64_t skip;         ///< pixels of a row that come before those that are wanted
  };

  /// Decodes what a plane of samples S has of a part, whose z is not looked at, to `dst`.
  template <class S>
  void read_plane(std::size_t plane, const tiling::box& part, detail::pixel_of<S>* dst) {
    const std::size_t index = directory_.page_of(plane);
    const detail::tiff_page& page = directory_.page(index);
    go_to(index);
    for (std::uint64_t y = part.origin[1], bottom = 0; y < part.end(1); y = bottom) {
      bottom = std::min(part.end(1), (y / page.block_height + 1) * page.block_height);
      for (std::uint64_t x = part.origin[0], right = 0; x < part.end(0); x = right) {
        right = std::min(part.end(0), (x / page.block_width + 1) * page.block_width);
        const tiling::box inside_block{{x, y, 0}, {right - x, bottom - y, 1}};
        const sample_rows rows = page.is_plain ? read_samples<S>(plane, index, inside_block)
                                               : decode_samples(index, inside_block);
        for (std::uint64_t row = 0; row < bottom - y; ++row)
          convert_row<S>(page.layout, rows, row, right - x,
                         dst + (y - part.origin[1] + row) * part.size[0] + x - part.origin[0]);
      }
    }
  }

  /// Makes a page the one that libtiff looks at.
  void go_to(std::size_t page) {
    if (current_page_ == page) return;
    current_page_.reset();
    if (TIFFSetSubDirectory(file().get(), directory_.page(page).directory) != 1)
      file().fail(static_cast<long>(page), "has a damaged directory");
    if (directory_.page(page).layout.color() == tiff_color::palette) read_palette(page);
    current_page_ = page;
  }

  /// Reads samples that lie in the file as they are, of a part of one strip or tile.
  template <class S>
  sample_rows read_samples(std::size_t plane, std::size_t index, const tiling::box& part) {
    const detail::tiff_page& page = directory_.page(index);
    const std::uint64_t columns = columns_read(page, part.size[0]), rows = part.size[1];
    const std::uint64_t column =
        columns == page.block_width ? 0 : part.origin[0] % page.block_width;
    const std::uint64_t bytes = page.layout.row_bytes(columns);
    const std::uint64_t stored_bytes = page.layout.row_bytes(page.block_width);
    samples_.resize(decoded_planes(page.layout) * rows * bytes);
    for (std::uint64_t s = 0; s < decoded_planes(page.layout); ++s) {
      const std::uint32_t block = block_at(page, part, s);
      const std::uint64_t begin =
          directory_.is_contiguous()
              ? directory_.contiguous_begin(plane) + s * page.block_height * stored_bytes
              : TIFFGetStrileOffset(file().get(), block);
      const std::uint64_t first =
          begin + part.origin[1] % page.block_height * stored_bytes + page.layout.row_bytes(column);
      const auto samples = std::span(samples_).subspan(s * rows * bytes, rows * bytes);
      bool whole = true;
      if (bytes == stored_bytes)
        whole = raw_.read(first, samples) == samples.size();
      else
        for (std::uint64_t row = 0; whole && row < rows; ++row)
          whole =
              raw_.read(first + row * stored_bytes, samples.subspan(row * bytes, bytes)) == bytes;
      if (!whole) fail_block(index, block);
      if (TIFFIsByteSwapped(file().get()) != 0) swap_bytes<sizeof(S)>(samples);
    }
    return {samples_.data(), bytes, rows * bytes, part.origin[0] % page.block_width - column};
  }

  /// Decodes the strip or tile that a part lies in, in the byte order of this machine.
  sample_rows decode_samples(std::size_t index, const tiling::box& part) {
    const detail::tiff_page& page = directory_.page(index);
    const std::uint64_t row_bytes = page.layout.row_bytes(page.block_width);
    const std::uint64_t block_bytes = row_bytes * page.block_height;
    const std::uint64_t rows = page.stored_rows(part.origin[1] / page.block_height);
    const auto decode = [&](std::span<std::byte> decoded) {
      for (std::uint64_t s = 0; s < decoded_planes(page.layout); ++s)
        decode_block(index, block_at(page, part, s),
                     decoded.subspan(s * block_bytes, rows * row_bytes));
    };
    const auto& decoded = cache_.get(index, block_at(page, part, 0),
                                     block_bytes * decoded_planes(page.layout), decode);
    return {decoded.data() + part.origin[1] % page.block_height * row_bytes, row_bytes, block_bytes,
            part.origin[0] % page.block_width};
  }

  void decode_block(std::size_t page, std::uint32_t block, std::span<std::byte> dst) {
    const auto bytes = static_cast<tmsize_t>(dst.size());
    const tmsize_t got = directory_.page(page).tiled
                             ? TIFFReadEncodedTile(file().get(), block, dst.data(), bytes)
                             : TIFFReadEncodedStrip(file().get(), block, dst.data(), bytes);
    if (got != bytes) fail_block(page, block);
  }

  /// The number of the strip or tile that holds a plane's samples of a part's first pixel.
  static std::uint32_t block_at(const detail::tiff_page& page, const tiling::box& part,
                                std::uint64_t sample) {
    const std::uint64_t down = sample * page.blocks_down() + part.origin[1] / page.block_height;
    return static_cast<std::uint32_t>(down * page.blocks_across() +
                                      part.origin[0] / page.block_width);
  }

  [[noreturn]] void fail_block(std::size_t page, std::uint32_t block) const {
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

  /// Turns samples of a row into pixels.
  template <class S>
  void convert_row(const detail::tiff_layout& layout, const sample_rows& rows, std::uint64_t index,
                   std::size_t count, detail::pixel_of<S>* dst) const {
    using T = detail::pixel_of<S>;
    const std::size_t next_pixel = layout.interleaved() * sizeof(S);
    const std::size_t next_sample = layout.separate ? rows.plane_bytes : sizeof(S);
    const std::byte* row = rows.first + index * rows.row_bytes;
    if (layout.bits >= 8) row += rows.skip * next_pixel;
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
      unpack_row(layout.bits, row, rows.skip, count, dst);
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
  static void unpack_row(unsigned bits, const std::byte* row, std::size_t skip, std::size_t count,
                         T* dst) {
    for (std::size_t x = 0; x < count; ++x) {
      const std::size_t bit = (skip + x) * bits;
      const auto byte = std::to_integer<unsigned>(row[bit / 8]);
      dst[x] = static_cast<T>((byte >> (8 - bits - bit % 8)) & ((1U << bits) - 1));
    }
  }

  [[nodiscard]] const detail::tiff_handle& file() const { return directory_.file(); }

  std::string path_;
  detail::tiff_directory directory_;
  detail::random_access_file raw_;  ///< for samples that lie in the file as they are
  std::vector<std::byte> samples_;
  detail::tiff_block_cache cache_;
  std::optional<std::size_t> current_page_;  ///< that libtiff looks at
  std::array<std::uint8_t, 256> palette_{};
};

}  // namespace gpuimg::io
