// SPDX-License-Identifier: BSD-3-Clause
// A TIFF file as an image that is written in parts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/host_image.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/core/view.hpp"
#include "gpuimg/io/file_replacement.hpp"
#include "gpuimg/io/tiff/block_file.hpp"
#include "gpuimg/io/tiff/description.hpp"
#include "gpuimg/io/tiff/directory_bytes.hpp"
#include "gpuimg/io/tiff/encode.hpp"
#include "gpuimg/io/tiff/info.hpp"
#include "gpuimg/io/tiff/tags.hpp"
#include "gpuimg/tiling/box.hpp"
#include "gpuimg/tiling/storage.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

struct tiff_sink_options {
  /// With a predictor, so that smooth images become smaller; without one in files for ImageJ.
  tiff_compression compression = tiff_compression::none;
  std::size_t tile = 256;  ///< pixels along x and y, a multiple of 16
  /// A file that ImageJ can open without plugins: classic, in strips, deflated. What it cannot
  /// open, other types than u8, u16 and f32, 4 GiB and more, Zstandard, is written as without.
  bool imagej = false;
  bool big_tiff = false;     ///< a BigTIFF however small it is; not for ImageJ
  std::size_t channels = 1;  ///< of each frame
  std::size_t frames = 1;    ///< volumes of each channel
  /// Names what is computed, with everything that decides on its pixels: the file that is being
  /// written then stays, as `path` with ".part" behind, when a run is interrupted, and the next run
  /// of the same name goes on with it.
  std::string run{};
};

/// Volumes written to a TIFF file in parts: in tiles, one page per slice, with OME metadata; a
/// BigTIFF unless it is surely smaller than 4 GiB. `select` says which volume is written: channel 0
/// of frame 0, until it is called. One thread at a time.
///
/// The file appears, complete, when its last volume is finished. Blocks are appended to a temporary
/// file beside it as they come, each behind a record with its checksum; directories follow in the
/// end. A run that goes on reads what is there, and trusts the blocks up to the first that is not
/// whole.
class tiff_sink final : public tiling::sink {
 public:
  /// Volumes of the size, type and pixel size of `description`. Throws io_error where `path` cannot
  /// be written, or is being written, or where an interrupted run of another name left something;
  /// argument_error for what write_tiff refuses, and for options out of range.
  tiff_sink(const std::string& path, const host_image& description, tiff_sink_options options = {})
      : path_(path),
        options_(std::move(options)),
        description_(tiling::describe(description.size, description.type(), description)),
        format_(format()),
        is_big_(options_.big_tiff || !fits_classic(format_)),
        replacement_(path, special_file::refuse,
                     options_.run.empty() ? unfinished_file::remove : unfinished_file::keep),
        blocks_(replacement_.temporary(), path, key(), blocks_of_page() * pages()) {}

  /// The volume that is written, asked for and finished from here on. Throws argument_error.
  void select(std::size_t channel, std::size_t frame) {
    if (channel >= options_.channels || frame >= options_.frames)
      refuse(gpuimg::detail::text(
          {"there is no channel ", channel, ", frame ", frame, " [", path_, "]"}));
    channel_ = channel;
    frame_ = frame;
  }

  [[nodiscard]] const host_image& description() const override { return description_; }
  [[nodiscard]] shape chunk() const override { return {format_.block_width, format_.block_height}; }

  void write(const tiling::box& part, const host_image& pixels) override {
    tiling::detail::check_part("tiff_sink", part, pixels, description_);
    tiling::detail::check_aligned("tiff_sink", part, size(), chunk());
    for_each_block(part, [&](std::size_t index, const tiling::box& block) {
      blocks_.append(index, detail::encode_block(format_, gather(pixels, part, block), path_));
    });
  }
  [[nodiscard]] bool is_written(const tiling::box& part) const override {
    bool all = true;
    for_each_block(part, [&](std::size_t index, auto) { all = all && blocks_.has(index); });
    return all;
  }
  /// While other volumes are missing the file waits for them.
  void finish() override {
    if (is_finished_) return;
    const std::size_t count = blocks_.offsets().size(), missing = blocks_.missing();
    if (missing > 0 && is_written(tiling::whole(size()))) return;
    if (missing > 0)
      refuse("the file is not complete: " + std::to_string(count - missing) + " of " +
             std::to_string(count) + " blocks were written [" + path_ + "]");
    std::uint64_t end = blocks_.end();
    for (std::size_t page = 0; page < pages(); ++page) {
      const auto directory =
          detail::tiff_directory_at(end, entries(page), page + 1 == pages(), is_big_);
      blocks_.file().write(end, directory.get());
      end += directory.size();
    }
    blocks_.file().write(0, detail::tiff_header(is_big_, blocks_.end()).get());
    blocks_.file().sync();
    replacement_.commit();
    is_finished_ = true;
  }

 private:
  [[noreturn]] static void refuse(const std::string& reason) {
    throw argument_error("write_tiff: " + reason);
  }

  /// How pages are written. Throws argument_error where they cannot be.
  [[nodiscard]] detail::tiff_page_format format() const {
    detail::check_description(text_options());
    detail::check_compression(options_.compression);
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
    if (options_.channels == 0 || options_.frames == 0)
      refuse("a file has at least one channel and frame");
    if (size().empty() || size().x > most - 15 || size().y > most - 15 ||
        size().z > max_tiff_pages || options_.channels > max_tiff_pages / size().z ||
        options_.frames > max_tiff_pages / size().z / options_.channels)
      refuse("a TIFF file holds 1 to 2^32 - 16 columns and rows and 1 to " +
             std::to_string(max_tiff_pages) + " slices, all channels and frames together [" +
             to_string(size()) + "]");
    if (options_.tile == 0 || options_.tile % 16 != 0 || options_.tile > 65536)
      refuse("tile must be a multiple of 16 up to 65536, got " + std::to_string(options_.tile));

    detail::tiff_page_format page{.width = static_cast<std::uint32_t>(size().x),
                                  .height = static_cast<std::uint32_t>(size().y),
                                  .type = type(),
                                  .pixel_size = description_.pixel_size};
    if (options_.imagej && !options_.big_tiff &&
        detail::opens_in_imagej(type(), options_.compression)) {
      // tifffile takes the planes of such a file for one block unless they are compressed.
      page.compression = tiff_compression::deflate;
      page.block_width = page.width;
      page.block_height = detail::tiff_rows_per_strip(size().x * size_of(type()), size().y);
      if (fits_classic(page)) return page;
    }
    const auto tile = [&](std::size_t pixels) {
      return static_cast<std::uint32_t>(std::min(options_.tile, (pixels + 15) / 16 * 16));
    };
    page.compression = options_.compression;
    page.has_predictor = page.compression != tiff_compression::none;
    page.tiled = true;
    page.block_width = tile(size().x);
    page.block_height = tile(size().y);
    if (blocks_of(page) > std::numeric_limits<std::uint32_t>::max())
      refuse("more than 2^32 - 1 tiles of " + std::to_string(options_.tile) + "x" +
             std::to_string(options_.tile) + " pixels are too many [" + to_string(size()) + "]");
    return page;
  }

  static std::size_t across(const detail::tiff_page_format& page) {
    return (std::size_t{page.width} + page.block_width - 1) / page.block_width;
  }
  static std::size_t down(const detail::tiff_page_format& page) {
    return (std::size_t{page.height} + page.block_height - 1) / page.block_height;
  }
  [[nodiscard]] std::size_t blocks_of_page() const { return across(format_) * down(format_); }
  [[nodiscard]] detail::tiff_axes axes() const {
    return {.channels = options_.channels, .slices = size().z, .frames = options_.frames};
  }
  [[nodiscard]] std::size_t pages() const { return options_.channels * size().z * options_.frames; }
  /// All strips or tiles; more than there can be where they do not fit a size_t.
  [[nodiscard]] double blocks_of(const detail::tiff_page_format& page) const {
    return static_cast<double>(across(page)) * static_cast<double>(down(page)) *
           static_cast<double>(pages());
  }
  [[nodiscard]] bool fits_classic(const detail::tiff_page_format& page) const {
    const double block_bytes = static_cast<double>(page.block_width) *
                               static_cast<double>(page.block_height * size_of(page.type));
    const auto pages = static_cast<double>(this->pages());
    const double texts = 8192 + 2 * static_cast<double>(options_.run.size());
    return detail::fits_classic_tiff(blocks_of(page) * block_bytes + texts, pages,
                                     blocks_of(page) / pages);
  }

  [[nodiscard]] tiff_write_options text_options() const {
    tiff_write_options options{.pixel_size = description_.pixel_size};
    if (!description_.unit.empty()) options.unit = description_.unit;
    return options;
  }
  [[nodiscard]] std::string text() const {
    return format_.tiled ? detail::ome_description(size(), type(), axes(), text_options())
                         : detail::imagej_description(axes(), text_options());
  }
  /// What the blocks are of: runs for which this is the same may share them.
  [[nodiscard]] std::string key() const {
    return gpuimg::detail::text(
        {"gpuimg tiff_sink 1\nimage ", to_string(size()), " ", name_of(type()), ", channels ",
         options_.channels, ", frames ", options_.frames, "\nblocks ", to_string(chunk()),
         format_.tiled ? " tiles" : " strips", ", compression ",
         static_cast<std::uint64_t>(format_.compression), "\nrun ", options_.run, "\n"});
  }

  /// Calls `f` with the number of each block that has pixels of a part of the selected volume, and
  /// its pixels.
  template <class F>
  void for_each_block(const tiling::box& part, F&& f) const {
    tiling::for_each_chunk(part, chunk(), size(), [&](const tiling::box& block) {
      const std::size_t page = axes().plane(channel_, block.origin[2], frame_);
      const std::uint64_t row = page * down(format_) + block.origin[1] / format_.block_height;
      f(row * across(format_) + block.origin[0] / format_.block_width, block);
    });
  }

  /// The pixels of a block, with zeros where a tile reaches out of the image.
  std::span<const std::byte> gather(const host_image& pixels, const tiling::box& part,
                                    const tiling::box& block) {
    const std::size_t pixel_bytes = size_of(type());
    const std::size_t row_bytes = format_.block_width * pixel_bytes;
    const std::size_t rows = format_.tiled ? format_.block_height : block.size[1];
    block_.assign(rows * row_bytes, std::byte{});
    std::visit(
        [&]<class T>(const std::vector<T>& values) {
          const view<const T> src(values.data(), pixels.size);
          for (std::size_t y = 0; y < block.size[1]; ++y)
            std::memcpy(block_.data() + y * row_bytes,
                        &src(block.origin[0] - part.origin[0], block.origin[1] - part.origin[1] + y,
                             block.origin[2] - part.origin[2]),
                        block.size[0] * pixel_bytes);
        },
        pixels.pixels);
    return block_;
  }

  /// The directory of a page.
  [[nodiscard]] std::vector<detail::tiff_entry> entries(std::size_t page) const {
    std::vector<detail::tiff_entry> all;
    for (const detail::tiff_tag& tag : detail::tiff_tags(format_, page == 0 ? text() : ""))
      all.push_back(detail::entry_of(tag, is_big_));
    const std::size_t count = blocks_of_page();
    const auto of_page = [&](std::span<const std::uint64_t> blocks) {
      return blocks.subspan(page * count, count);
    };
    all.push_back(detail::entry_of(format_.tiled ? TIFFTAG_TILEOFFSETS : TIFFTAG_STRIPOFFSETS,
                                   of_page(blocks_.offsets()), is_big_));
    all.push_back(detail::entry_of(format_.tiled ? TIFFTAG_TILEBYTECOUNTS : TIFFTAG_STRIPBYTECOUNTS,
                                   of_page(blocks_.counts()), is_big_));
    return all;
  }

  std::string path_;
  tiff_sink_options options_;
  host_image description_;
  detail::tiff_page_format format_;
  bool is_big_, is_finished_ = false;
  std::size_t channel_ = 0, frame_ = 0;  // of the selected volume
  file_replacement replacement_;
  detail::tiff_block_file blocks_;
  std::vector<std::byte> block_;
};

}  // namespace gpuimg::io
