// SPDX-License-Identifier: BSD-3-Clause
// What directories say of the pages that are written.
#pragma once

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/version.hpp"
#include "gpuimg/io/tiff/info.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io::detail {

/// The format of pages that are written: all of an image have the same. A strip is a block as wide
/// as the page.
struct tiff_page_format {
  std::uint32_t width = 0, height = 0;
  pixel_type type = pixel_type::u8;
  tiff_compression compression = tiff_compression::none;
  bool has_predictor = false;  ///< pixels are compressed as differences; ImageJ cannot read it
  bool tiled = false;
  std::uint32_t block_width = 0, block_height = 0;
  std::array<double, 3> pixel_size{};  ///< 0 where unknown
};

/// A tag with one value: SHORT, LONG, RATIONAL or ASCII.
struct tiff_tag {
  std::uint16_t number;
  std::variant<std::uint16_t, std::uint32_t, double, std::string> value;
};

/// Throws argument_error for a compression that libtiff was built without.
inline void check_compression(tiff_compression compression) {
  if (compression == tiff_compression::zstd && TIFFIsCODECConfigured(COMPRESSION_ZSTD) != 1)
    throw argument_error("write_tiff: this libtiff was built without Zstandard");
}

/// All tags of a page but the places of its pixels, in ascending order; without a description where
/// that is empty.
inline std::vector<tiff_tag> tiff_tags(const tiff_page_format& page,
                                       const std::string& description) {
  constexpr std::uint16_t formats[] = {SAMPLEFORMAT_UINT,  SAMPLEFORMAT_INT,  SAMPLEFORMAT_UINT,
                                       SAMPLEFORMAT_INT,   SAMPLEFORMAT_UINT, SAMPLEFORMAT_INT,
                                       SAMPLEFORMAT_IEEEFP};
  constexpr std::uint16_t schemes[] = {COMPRESSION_NONE, COMPRESSION_ADOBE_DEFLATE,
                                       COMPRESSION_ZSTD};
  std::vector<tiff_tag> tags;
  const auto add_short = [&](std::uint16_t number, std::size_t value) {
    tags.push_back({number, static_cast<std::uint16_t>(value)});
  };
  tags.push_back({TIFFTAG_IMAGEWIDTH, page.width});
  tags.push_back({TIFFTAG_IMAGELENGTH, page.height});
  add_short(TIFFTAG_BITSPERSAMPLE, size_of(page.type) * 8);
  add_short(TIFFTAG_COMPRESSION, schemes[static_cast<std::size_t>(page.compression)]);
  add_short(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  if (!description.empty()) tags.push_back({TIFFTAG_IMAGEDESCRIPTION, description});
  add_short(TIFFTAG_SAMPLESPERPIXEL, 1);
  if (!page.tiled) tags.push_back({TIFFTAG_ROWSPERSTRIP, page.block_height});
  const bool has_size = page.pixel_size[0] > 0 && page.pixel_size[1] > 0;
  if (has_size) tags.push_back({TIFFTAG_XRESOLUTION, 1.0 / page.pixel_size[0]});
  if (has_size) tags.push_back({TIFFTAG_YRESOLUTION, 1.0 / page.pixel_size[1]});
  add_short(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  if (has_size) add_short(TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE);
  if (page.has_predictor)
    add_short(TIFFTAG_PREDICTOR,
              page.type == pixel_type::f32 ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL);
  if (page.tiled) tags.push_back({TIFFTAG_TILEWIDTH, page.block_width});
  if (page.tiled) tags.push_back({TIFFTAG_TILELENGTH, page.block_height});
  add_short(TIFFTAG_SAMPLEFORMAT, formats[static_cast<std::size_t>(page.type)]);
  return tags;
}

/// Whether an image of so many bytes of pixels, padding included, surely fits a classic file, which
/// is smaller than 4 GiB.
inline bool fits_classic_tiff(double pixel_bytes, double pages, double blocks_per_page) {
  // Incompressible pixels grow by less than 1/1000. A block is in two lists, and has a record.
  const double bytes = pixel_bytes * 1.001 + pages * (1024 + 64 * blocks_per_page);
  return bytes < static_cast<double>(std::numeric_limits<std::uint32_t>::max());
}

/// Strips of about 256 KiB.
inline std::uint32_t tiff_rows_per_strip(std::uint64_t row_bytes, std::uint64_t height) {
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>((std::uint64_t{1} << 18) / row_bytes, 1, height));
}

/// Whether ImageJ opens such pixels, in strips of a classic file.
inline bool opens_in_imagej(pixel_type type, tiff_compression compression) {
  return compression != tiff_compression::zstd &&
         (type == pixel_type::u8 || type == pixel_type::u16 || type == pixel_type::f32);
}

}  // namespace gpuimg::io::detail
