// SPDX-License-Identifier: BSD-3-Clause
// What TIFF files say about their images, and what may be asked of reader and writer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/io/image_file.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

enum class tiff_color { grey, palette, rgb };

/// What a TIFF file says about its image, without its pixels.
struct tiff_info {
  shape size;                        ///< pixels of one volume; z counts the slices
  std::size_t channels = 1;          ///< volumes side by side
  std::size_t frames = 1;            ///< volumes over time
  std::size_t pages = 0;             ///< directories in the file, reduced-resolution ones included
  pixel_type type = pixel_type::u8;  ///< of the pixels that read_tiff returns
  unsigned bits = 8;                 ///< per sample, in the file
  bool is_float = false;
  bool is_signed = false;
  unsigned samples_per_pixel = 1;
  tiff_color color = tiff_color::grey;
  std::string compression;  ///< "none", "packbits", "lzw", "deflate", "lzma" or "zstd"
  bool big_endian = false;
  bool big_tiff = false;
  bool tiled = false;
  std::array<double, 3> pixel_size{};  ///< along x, y, z in `unit`; 0 where unknown
  std::string unit;                    ///< "um" however the file spells it; "" where unknown
  std::string metadata;                ///< who described the axes: "ImageJ", "OME" or ""
};

struct tiff_read_options {
  std::size_t channel = 0;  ///< from 0
  std::size_t frame = 0;    ///< from 0
  color_handling color = color_handling::refuse;
  /// The most memory that the pixels and one decoded strip or tile may take.
  std::uint64_t max_bytes = std::uint64_t{1} << 34;
};

/// How pixels are stored; Zstandard where libtiff was built with it.
enum class tiff_compression { none, deflate, zstd };

struct tiff_write_options {
  std::array<double, 3> pixel_size{};  ///< along x, y, z in `unit`; 0 = unknown
  std::string unit = "um";             ///< printable ASCII without spaces, quotes, <, > and &
  /// A file for ImageJ of two planes, or of few and small ones, is deflated in any case: tifffile
  /// would misread it.
  tiff_compression compression = tiff_compression::none;
  std::size_t channels = 1;  ///< of each frame
  std::size_t frames = 1;    ///< 0: not known yet; the file is then a BigTIFF with OME metadata
  bool imagej = true;  ///< describe the axes for ImageJ where it can open the file, else as OME
};

/// A file with more directories than this is refused; libtiff itself gives up a little later.
inline constexpr std::size_t max_tiff_pages = 1'000'000;

}  // namespace gpuimg::io
