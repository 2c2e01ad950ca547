// SPDX-License-Identifier: BSD-3-Clause
// One directory of a TIFF file: its pixels, its strips or tiles, and what is wrong with them.
#pragma once

#include <tiffio.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "gpuimg/core/pixel.hpp"
#include "gpuimg/io/tiff/handle.hpp"
#include "gpuimg/io/tiff/info.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

namespace detail {

/// A compression that is read, and how far one byte of it can expand at most: a file that claims
/// more is damaged, and is refused before memory is taken.
struct tiff_codec {
  std::uint16_t scheme;
  const char* name;
  std::uint64_t max_expansion;
};

inline constexpr tiff_codec tiff_codecs[] = {
    {COMPRESSION_NONE, "none", 1},
    {COMPRESSION_PACKBITS, "packbits", 64},        // two bytes stand for 128
    {COMPRESSION_LZW, "lzw", 4096},                // a 12-bit code stands for fewer than 4096 bytes
    {COMPRESSION_ADOBE_DEFLATE, "deflate", 1032},  // 258 bytes in two bits
    {COMPRESSION_DEFLATE, "deflate", 1032},
    {COMPRESSION_LZMA, "lzma", 16'384},  // 273 bytes in about 0.3 bits
    {COMPRESSION_ZSTD, "zstd", 65'536},  // a block of 128 KiB in four bytes
};

inline const tiff_codec* find_tiff_codec(std::uint16_t scheme) {
  const auto* found = std::ranges::find(tiff_codecs, scheme, &tiff_codec::scheme);
  return found == std::end(tiff_codecs) ? nullptr : found;
}

/// What all pages of one image have in common.
struct tiff_layout {
  std::uint32_t width = 0, height = 0;
  std::uint16_t bits = 1, samples = 1, format = SAMPLEFORMAT_UINT;
  std::uint16_t photometric = PHOTOMETRIC_MINISBLACK;
  bool separate = false;  ///< one plane per sample

  bool operator==(const tiff_layout&) const = default;

  [[nodiscard]] tiff_color color() const {
    if (photometric == PHOTOMETRIC_PALETTE) return tiff_color::palette;
    return photometric == PHOTOMETRIC_RGB ? tiff_color::rgb : tiff_color::grey;
  }
  /// Samples that lie side by side in one strip or tile.
  [[nodiscard]] std::uint64_t interleaved() const { return separate ? 1 : samples; }
  /// Bytes of `pixels` pixels in one row of a strip or tile; no overflow with 32-bit pixels.
  [[nodiscard]] std::uint64_t row_bytes(std::uint64_t pixels) const {
    return (pixels * interleaved() * bits + 7) / 8;
  }
};

inline std::string to_string(const tiff_layout& layout) {
  const char* format = layout.format == SAMPLEFORMAT_INT      ? "signed "
                       : layout.format == SAMPLEFORMAT_IEEEFP ? "float "
                       : layout.format > SAMPLEFORMAT_VOID    ? "complex "
                                                              : "unsigned ";
  return std::to_string(layout.width) + "x" + std::to_string(layout.height) + " pixels of " +
         std::to_string(layout.samples) + " x " + std::to_string(layout.bits) + "-bit " + format +
         "samples, photometric " + std::to_string(layout.photometric);
}

/// One directory of the file. A strip is a block as wide as the page.
struct tiff_page {
  std::uint64_t directory = 0;  ///< where it stands in the file
  tiff_layout layout;
  std::uint16_t compression = COMPRESSION_NONE;
  bool reduced = false;  ///< a smaller copy of another page
  bool tiled = false;
  bool is_plain = false;  ///< samples of whole bytes lie in the file as they are
  std::uint64_t block_width = 0, block_height = 0;  ///< pixels
  std::string problem;                              ///< why it cannot be read; empty if it can

  [[nodiscard]] std::uint64_t blocks_across() const {
    return (layout.width + block_width - 1) / block_width;
  }
  [[nodiscard]] std::uint64_t blocks_down() const {
    return (layout.height + block_height - 1) / block_height;
  }
  /// Rows stored in the blocks of block row `index`: tiles are padded, the last strip is not.
  [[nodiscard]] std::uint64_t stored_rows(std::uint64_t index) const {
    return tiled ? block_height : std::min(block_height, layout.height - index * block_height);
  }
};

/// A half-precision sample as it stands in the file.
struct tiff_half {
  std::uint16_t bits;
};

inline float to_pixel(tiff_half half) {
  const int exponent = (half.bits >> 10) & 31, mantissa = half.bits & 1023;
  float value = std::ldexp(static_cast<float>(mantissa), -24);
  if (exponent == 31)
    value = mantissa != 0 ? std::numeric_limits<float>::quiet_NaN()
                          : std::numeric_limits<float>::infinity();
  else if (exponent != 0)
    value = std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
  return std::copysign(value, (half.bits & 0x8000) != 0 ? -1.0F : 1.0F);
}
inline float to_pixel(double sample) { return static_cast<float>(sample); }
template <pixel T>
T to_pixel(T sample) {
  return sample;
}

/// The pixel type that samples of type S become.
template <class S>
using pixel_of = decltype(to_pixel(S{}));

/// Calls `f(std::type_identity<S>{})` with the C++ type of the samples; samples of fewer than 8
/// bits count as bytes. Returns false where the library has no such pixels.
template <class F>
bool visit_sample_type(std::uint16_t format, std::uint16_t bits, F&& f) {
  const auto with = [&f]<class S>(std::type_identity<S> type) { return f(type), true; };
  switch (format) {
    case SAMPLEFORMAT_UINT:
    case SAMPLEFORMAT_VOID:
      if (bits == 1 || bits == 2 || bits == 4 || bits == 8)
        return with(std::type_identity<std::uint8_t>{});
      if (bits == 16) return with(std::type_identity<std::uint16_t>{});
      if (bits == 32) return with(std::type_identity<std::uint32_t>{});
      return false;
    case SAMPLEFORMAT_INT:
      if (bits == 8) return with(std::type_identity<std::int8_t>{});
      if (bits == 16) return with(std::type_identity<std::int16_t>{});
      if (bits == 32) return with(std::type_identity<std::int32_t>{});
      return false;
    case SAMPLEFORMAT_IEEEFP:
      if (bits == 16) return with(std::type_identity<tiff_half>{});
      if (bits == 32) return with(std::type_identity<float>{});
      if (bits == 64) return with(std::type_identity<double>{});
      return false;
    default:
      return false;
  }
}

/// a * b, or nothing where that overflows.
inline std::optional<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b) {
  if (a != 0 && b > std::numeric_limits<std::uint64_t>::max() / a) return std::nullopt;
  return a * b;
}

/// What of the kind of pixels is not read, or "".
inline std::string tiff_layout_problem(const tiff_handle& tiff, const tiff_page& page) {
  const tiff_layout& layout = page.layout;
  if (page.block_width == 0 || page.block_height == 0) return "has no pixels";
  if (tiff.tag<std::uint32_t>(TIFFTAG_IMAGEDEPTH, 1) != 1 ||
      tiff.tag<std::uint32_t>(TIFFTAG_TILEDEPTH, 1) != 1)
    return "holds a volume in one page (SGI ImageDepth), which is not read";
  if (find_tiff_codec(page.compression) == nullptr || TIFFIsCODECConfigured(page.compression) != 1)
    return "is compressed by scheme " + std::to_string(page.compression) + ", which is not read";
  const std::string holds = "holds " + to_string(layout) + ", which are not read";
  if (!visit_sample_type(layout.format, layout.bits, [](auto) {})) return holds;
  const bool is_unsigned =
      layout.format != SAMPLEFORMAT_INT && layout.format != SAMPLEFORMAT_IEEEFP;
  switch (layout.photometric) {
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MINISWHITE:
      return layout.samples == 1 ? "" : holds;
    case PHOTOMETRIC_PALETTE:
      return layout.samples == 1 && is_unsigned && layout.bits <= 8 ? "" : holds;
    case PHOTOMETRIC_RGB:
      return layout.samples >= 3 && layout.bits >= 8 && layout.format != SAMPLEFORMAT_INT ? ""
                                                                                          : holds;
    default:
      return holds;
  }
}

/// What is wrong with the sizes and places of the strips or tiles, or "".
inline std::string tiff_data_problem(const tiff_handle& tiff, const tiff_page& page,
                                     std::uint64_t file_bytes) {
  const tiff_layout& layout = page.layout;
  const std::uint64_t row_bytes = layout.row_bytes(page.block_width);
  const std::uint64_t per_plane = page.blocks_across() * page.blocks_down();
  const auto blocks = checked_product(per_plane, layout.separate ? layout.samples : 1);
  const std::uint32_t listed =
      page.tiled ? TIFFNumberOfTiles(tiff.get()) : TIFFNumberOfStrips(tiff.get());
  if (!checked_product(row_bytes, page.block_height) || blocks != listed)
    return "claims a size that no file can hold";

  const tiff_codec& codec = *find_tiff_codec(page.compression);
  const std::string block_name = page.tiled ? "tile " : "strip ";
  for (std::uint32_t block = 0; block < listed; ++block) {
    const std::uint64_t offset = TIFFGetStrileOffset(tiff.get(), block);
    const std::uint64_t bytes = TIFFGetStrileByteCount(tiff.get(), block);
    const std::uint64_t decoded =
        row_bytes * page.stored_rows(block % per_plane / page.blocks_across());
    const std::string name = block_name + std::to_string(block);
    if (offset == 0 || bytes == 0) return "lacks " + name;
    if (offset > file_bytes || bytes > file_bytes - offset)
      return name + " ends behind the end of the file";
    if ((decoded - 1) / codec.max_expansion >= bytes)
      return name + " has " + std::to_string(bytes) + " bytes, too few for " +
             std::to_string(decoded) + " bytes of pixels";
  }
  return "";
}

/// The current directory of a file of `file_bytes` bytes.
inline tiff_page read_tiff_page(const tiff_handle& tiff, std::uint64_t file_bytes) {
  tiff_page page;
  page.directory = TIFFCurrentDirOffset(tiff.get());
  page.layout = {
      .width = tiff.tag<std::uint32_t>(TIFFTAG_IMAGEWIDTH, 0),
      .height = tiff.tag<std::uint32_t>(TIFFTAG_IMAGELENGTH, 0),
      .bits = tiff.tag<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1),
      .samples = tiff.tag<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1),
      .format = tiff.tag<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT),
      .photometric = tiff.tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK)};
  page.layout.separate =
      page.layout.samples > 1 &&
      tiff.tag<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
  page.compression = tiff.tag<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  page.reduced = (tiff.tag<std::uint32_t>(TIFFTAG_SUBFILETYPE, 0) & FILETYPE_REDUCEDIMAGE) != 0;
  page.tiled = TIFFIsTiled(tiff.get()) != 0;
  page.is_plain =
      page.compression == COMPRESSION_NONE && page.layout.bits >= 8 &&
      tiff.tag<std::uint16_t>(TIFFTAG_FILLORDER, FILLORDER_MSB2LSB) == FILLORDER_MSB2LSB;
  if (page.tiled) {
    page.block_width = tiff.tag<std::uint32_t>(TIFFTAG_TILEWIDTH, 0);
    page.block_height = tiff.tag<std::uint32_t>(TIFFTAG_TILELENGTH, 0);
  } else {
    page.block_width = page.layout.width;
    page.block_height = std::min(tiff.tag<std::uint32_t>(TIFFTAG_ROWSPERSTRIP, page.layout.height),
                                 page.layout.height);
  }
  page.problem = tiff_layout_problem(tiff, page);
  if (page.problem.empty()) page.problem = tiff_data_problem(tiff, page, file_bytes);
  return page;
}

}  // namespace detail
}  // namespace gpuimg::io
