// SPDX-License-Identifier: BSD-3-Clause
// Strips and tiles compressed by libtiff, in memory.
#pragma once

#include <tiffio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/io/tiff/handle.hpp"
#include "gpuimg/io/tiff/info.hpp"
#include "gpuimg/io/tiff/memory.hpp"
#include "gpuimg/io/tiff/tags.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io::detail {

/// The bytes of a block as a page of this format has it: those of the one strip of a file in memory
/// that is as large as the block. `name` is the file that messages speak of.
inline std::vector<std::byte> encode_block(const tiff_page_format& page,
                                           std::span<const std::byte> pixels,
                                           const std::string& name) {
  if (page.compression == tiff_compression::none) return {pixels.begin(), pixels.end()};
  const auto rows =
      static_cast<std::uint32_t>(pixels.size() / size_of(page.type) / page.block_width);
  tiff_page_format strip = page;
  strip.width = page.block_width;
  strip.height = strip.block_height = rows;
  strip.tiled = false;

  tiff_memory file;
  const tiff_handle tiff(file, "w8", name);
  constexpr int zstd_level = 3;  // libtiff's 9 takes several times as long for a few percent
  const auto count = static_cast<tmsize_t>(pixels.size());
  // libtiff takes the pixels as void* and leaves them alone, and works on a copy of them.
  if (!tiff.set(tiff_tags(strip, "")) ||
      (page.compression == tiff_compression::zstd &&
       TIFFSetField(tiff.get(), TIFFTAG_ZSTD_LEVEL, zstd_level) != 1) ||
      TIFFWriteEncodedStrip(tiff.get(), 0, const_cast<std::byte*>(pixels.data()), count) != count)
    tiff.fail(-1, "cannot be written: a block cannot be compressed");
  const std::uint64_t begin = TIFFGetStrileOffset(tiff.get(), 0);
  const std::uint64_t bytes = TIFFGetStrileByteCount(tiff.get(), 0);
  const auto stored = std::span(file.bytes).subspan(begin, bytes);
  return {stored.begin(), stored.end()};
}

}  // namespace gpuimg::io::detail
