// SPDX-License-Identifier: BSD-3-Clause
// TIFF files in and out: ImageJ, OME and plain stacks, on libtiff 4.5 or newer (link with -ltiff).
#pragma once

#include "gpuimg/core/push_macros.def"

#include <string>
#include <type_traits>

#include "gpuimg/core/host_image.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/view.hpp"
#include "gpuimg/io/tiff/info.hpp"
#include "gpuimg/io/tiff/read.hpp"
#include "gpuimg/io/tiff/write.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

/// Reads what a TIFF file says about its image.
/// Throws io_error, with the file, the page from 0 and the reason, where read_tiff could not read
/// the file either; colours are described, not refused.
inline tiff_info read_tiff_info(const std::string& path) { return tiff_reader(path).info(); }

/// Reads the volume of one channel and frame from a TIFF file. For several volumes of one file a
/// `tiff_reader` is faster, which walks its directories only once.
///
/// Files: classic and BigTIFF in both byte orders; strips and tiles; uncompressed, PackBits, LZW,
/// deflate, LZMA and Zstandard as far as libtiff has them, with predictors; ImageJ hyperstacks
/// (those without directories beyond the first included), OME-TIFF in one file, plain stacks.
/// Pages of reduced resolution are skipped; of several OME images the first is read.
/// Pixels: unsigned integers of 1, 2, 4, 8 (u8), 16 and 32 bits, signed ones of 8, 16 and 32,
/// floats of 16, 32 and 64 bits (f32). Values are as stored, but where 0 means white integers are
/// inverted. Palette and RGB pixels need `color = color_handling::luminance`. Throws io_error for a
/// file that cannot be read, argument_error for a channel or frame that it does not have,
/// memory_error where memory runs out. Cost: one pass over the directories, then the planes of this
/// volume only.
inline host_image read_tiff(const std::string& path, const tiff_read_options& options = {}) {
  return tiff_reader(path).read(options);
}

/// Writes a 2D image or a stack to a TIFF file, in strips and the byte order of this machine. For
/// several channels or frames there is `tiff_writer`.
///
/// u8, u16 and f32 below 4 GiB are written for ImageJ unless `imagej` is false; everything else has
/// OME metadata, and is a BigTIFF from 4 GiB on. The file appears complete or not at all: it is
/// written beside `path` under another name and then moved (see file_replacement).
/// Throws io_error where the file cannot be written, argument_error for an image without pixels,
/// for more than a million slices and for options out of range.
template <class T>
requires pixel<std::remove_const_t<T>>
void write_tiff(const std::string& path, view<T> image, const tiff_write_options& options = {}) {
  tiff_writer writer(path, options);
  writer.append(image);
  writer.close();
}

/// As above; where the options give no pixel size, the image's own is written.
inline void write_tiff(const std::string& path, const host_image& image,
                       const tiff_write_options& options = {}) {
  tiff_writer writer(path, options);
  writer.append(image);
  writer.close();
}

}  // namespace gpuimg::io

#include "gpuimg/core/pop_macros.def"
