// SPDX-License-Identifier: BSD-3-Clause
// Writing TIFF files: volume by volume, of any number of channels and frames.
#pragma once

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/host_image.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/view.hpp"
#include "gpuimg/io/file_replacement.hpp"
#include "gpuimg/io/tiff/description.hpp"
#include "gpuimg/io/tiff/handle.hpp"
#include "gpuimg/io/tiff/info.hpp"
#include "gpuimg/io/tiff/tags.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

/// Writes a TIFF file of volumes that are appended one after the other: all channels of the first
/// frame, then those of the second, and so on. The file appears, complete, when it is closed;
/// without that nothing is left of it. The first volume decides on shape and pixel type.
///
/// Planes stand in ImageJ's order, channels fastest, then slices; so a frame of several channels
/// and slices is kept in memory until it is complete.
class tiff_writer {
 public:
  /// Throws io_error where `path` cannot be written, argument_error for options out of range.
  explicit tiff_writer(const std::string& path, tiff_write_options options = {})
      : path_(path), options_(std::move(options)), replacement_(path) {
    detail::check_description(options_);
    detail::check_compression(options_.compression);
    if (options_.channels == 0) refuse("channels must be > 0, got 0");
  }

  /// Appends a volume. Throws argument_error for another shape or type than the first volume's, for
  /// one without pixels, and for more volumes than the options say; io_error.
  template <class T>
  requires pixel<std::remove_const_t<T>>
  void append(view<T> volume) {
    append(volume.data(), volume.shape(), pixel_type_of<std::remove_const_t<T>>());
  }

  /// As above. Where the options give no pixel size, that of the first image is written.
  void append(const host_image& volume) {
    const bool is_silent = options_.pixel_size == std::array<double, 3>{};
    if (appended_ == 0 && is_silent && volume.pixel_size != std::array<double, 3>{}) {
      options_.pixel_size = volume.pixel_size;
      if (!volume.unit.empty()) options_.unit = volume.unit;
      detail::check_description(options_);
    }
    std::visit(
        [&]<class T>(const std::vector<T>& pixels) {
          if (pixels.size() != volume.size.pixels())
            refuse(std::to_string(pixels.size()) + " pixels do not fill shape " +
                   to_string(volume.size));
          append(view<const T>(pixels.data(), volume.size));
        },
        volume.pixels);
  }

  /// Completes the file and moves it to its place. Throws argument_error where volumes are missing,
  /// io_error where the system could not write all of it.
  void close() {
    const std::size_t frames = options_.frames != 0 ? options_.frames : frames_begun();
    if (is_damaged_ || appended_ == 0 || appended_ != frames * options_.channels)
      refuse("the file is not complete: " + std::to_string(appended_) + " of " +
             std::to_string(std::max<std::size_t>(frames, 1) * options_.channels) +
             " volumes were written [" + path_ + "]");
    if (options_.frames == 0 && frames > 1) describe_again(frames);
    tiff_->close();
    replacement_.commit();
  }

 private:
  [[noreturn]] static void refuse(const std::string& reason) {
    throw argument_error("write_tiff: " + reason);
  }

  [[nodiscard]] std::size_t frames_begun() const {
    return (appended_ + options_.channels - 1) / options_.channels;
  }

  void append(const void* pixels, const shape& size, pixel_type type) {
    if (appended_ == 0) {
      check_first(size);
      size_ = size;
      type_ = type;
      open();
    }
    if (size != size_ || type != type_)
      refuse("the volumes of a file have one shape and type; the first is " + to_string(size_) +
             " " + std::string(name_of(type_)) + ", number " + std::to_string(appended_) + " is " +
             to_string(size) + " " + std::string(name_of(type)));
    if (options_.frames != 0 && appended_ == options_.frames * options_.channels)
      refuse("all " + std::to_string(appended_) + " volumes were written already");

    is_damaged_ = true;  // until the volume is written whole
    const auto* bytes = static_cast<const std::byte*>(pixels);
    const std::size_t plane_bytes = size.x * size.y * size_of(type);
    if (options_.channels == 1 || size.z == 1) {
      for (std::size_t z = 0; z < size.z; ++z) write_plane(bytes + z * plane_bytes);
    } else {
      frame_.insert(frame_.end(), bytes, bytes + size.z * plane_bytes);
      if ((appended_ + 1) % options_.channels == 0) {
        for (std::size_t z = 0; z < size.z; ++z)
          for (std::size_t channel = 0; channel < options_.channels; ++channel)
            write_plane(frame_.data() + (channel * size.z + z) * plane_bytes);
        frame_.clear();
      }
    }
    ++appended_;
    is_damaged_ = false;
  }

  void check_first(const shape& size) const {
    const std::string where = " [" + to_string(size) + "]";
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
    const std::size_t frames = std::max<std::size_t>(options_.frames, 1);
    if (size.empty() || size.x > most || size.y > most || size.z > max_tiff_pages ||
        options_.channels > max_tiff_pages / size.z ||
        frames > max_tiff_pages / size.z / options_.channels)
      refuse("a TIFF file holds 1 to 2^32 - 1 columns and rows and 1 to " +
             std::to_string(max_tiff_pages) + " slices, all channels and frames together" + where);
  }

  void open() {
    const std::uint64_t row_bytes = size_.x * size_of(type_);
    rows_per_strip_ = detail::tiff_rows_per_strip(row_bytes, size_.y);
    const std::uint64_t strips = (size_.y + rows_per_strip_ - 1) / rows_per_strip_;

    const double pages = static_cast<double>(size_.z) * static_cast<double>(options_.channels) *
                         static_cast<double>(options_.frames);
    const double plane_bytes = static_cast<double>(row_bytes) * static_cast<double>(size_.y);
    const bool big =
        options_.frames == 0 ||
        !detail::fits_classic_tiff(pages * plane_bytes, pages, static_cast<double>(strips));
    is_imagej_ = options_.imagej && !big && detail::opens_in_imagej(type_, options_.compression);
    // Where the first two directories are no further apart than all planes are long, tifffile takes
    // the planes of an ImageJ file for one block behind the first directory, unless they are
    // compressed.
    const double directory = 512 + 16 * static_cast<double>(strips) +
                             static_cast<double>(description(options_.frames).size());
    if (is_imagej_ && pages > 1 && (pages - 2) * plane_bytes < directory)
      options_.compression = tiff_compression::deflate;
    tiff_.emplace(replacement_.temporary(), big ? "w8" : "w4",
                  std::numeric_limits<std::uint64_t>::max(), path_);
  }

  [[nodiscard]] std::string description(std::size_t frames) const {
    const detail::tiff_axes axes{
        .channels = options_.channels, .slices = size_.z, .frames = frames};
    return is_imagej_ ? detail::imagej_description(axes, options_)
                      : detail::ome_description(size_, type_, axes, options_);
  }

  void write_plane(const std::byte* pixels) {
    const std::string text =
        planes_ == 0 ? description(std::max<std::size_t>(options_.frames, 1)) : "";
    errno = 0;
    bool good = tiff_->set(detail::tiff_tags({.width = static_cast<std::uint32_t>(size_.x),
                                              .height = static_cast<std::uint32_t>(size_.y),
                                              .type = type_,
                                              .compression = options_.compression,
                                              .block_height = rows_per_strip_,
                                              .pixel_size = options_.pixel_size},
                                             text));
    const std::uint64_t row_bytes = size_.x * size_of(type_);
    for (std::uint64_t y = 0; good && y < size_.y; y += rows_per_strip_) {
      const std::uint64_t rows = std::min<std::uint64_t>(rows_per_strip_, size_.y - y);
      const auto count = static_cast<tmsize_t>(rows * row_bytes);
      // libtiff takes the pixels as void* and leaves them alone: this is the native byte order.
      good = TIFFWriteEncodedStrip(tiff_->get(), static_cast<std::uint32_t>(y / rows_per_strip_),
                                   const_cast<std::byte*>(pixels + y * row_bytes), count) == count;
    }
    if (!good || TIFFWriteDirectory(tiff_->get()) != 1)
      tiff_->fail(static_cast<long>(planes_), "cannot be written" + system_reason());
    ++planes_;
  }

  /// ": No space left on device", or nothing where the system did not complain.
  static std::string system_reason() {
    return errno == 0 ? "" : ": " + std::generic_category().message(errno);
  }

  /// Says in the first directory how many frames there were, which nobody knew at the beginning.
  void describe_again(std::size_t frames) {
    if (TIFFSetDirectory(tiff_->get(), 0) != 1 ||
        TIFFSetField(tiff_->get(), TIFFTAG_IMAGEDESCRIPTION, description(frames).c_str()) != 1 ||
        TIFFRewriteDirectory(tiff_->get()) != 1)
      tiff_->fail(0, "cannot be written");
  }

  std::string path_;
  tiff_write_options options_;
  file_replacement replacement_;
  std::optional<detail::tiff_handle> tiff_;  // from the first volume on
  shape size_;
  pixel_type type_ = pixel_type::u8;
  bool is_imagej_ = false, is_damaged_ = false;
  std::uint32_t rows_per_strip_ = 1;
  std::size_t appended_ = 0, planes_ = 0;  ///< volumes; planes in the file
  std::vector<std::byte> frame_;           ///< the volumes of a frame that waits for channels
};

}  // namespace gpuimg::io
