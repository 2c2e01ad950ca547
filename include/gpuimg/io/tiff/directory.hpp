// SPDX-License-Identifier: BSD-3-Clause
// All directories of a TIFF file, and which of them is which plane of its image.
#pragma once

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "gpuimg/io/tiff/description.hpp"
#include "gpuimg/io/tiff/handle.hpp"
#include "gpuimg/io/tiff/info.hpp"
#include "gpuimg/io/tiff/page.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

namespace detail {

/// An open file whose directories have all been walked, once.
class tiff_directory {
 public:
  explicit tiff_directory(const std::string& path)
      : file_bytes_(file_bytes(path)),
        // No memory map (a file cut short while mapped ends the process), strips as they are.
        tiff_(path, "rmc", file_bytes_ + (std::uint64_t{1} << 26), path) {
    read_directories();
    arrange_planes();
    check_planes();
    describe();
  }

  [[nodiscard]] const tiff_handle& file() const { return tiff_; }
  [[nodiscard]] const tiff_info& info() const { return info_; }

  /// The number of the page that holds a plane.
  [[nodiscard]] std::size_t page_of(std::size_t plane) const {
    return is_contiguous() ? planes_.front() : planes_[plane];
  }
  [[nodiscard]] const tiff_page& page(std::size_t index) const { return pages_[index]; }
  /// The number of a plane in the order of the file.
  [[nodiscard]] std::size_t plane(std::size_t channel, std::size_t slice, std::size_t frame) const {
    return axes_.plane(channel, slice, frame);
  }
  /// Whether all planes lie behind each other, with one directory for all.
  [[nodiscard]] bool is_contiguous() const { return contiguous_bytes_ > 0; }
  /// Where such a plane begins in the file.
  [[nodiscard]] std::uint64_t contiguous_begin(std::size_t plane) const {
    return contiguous_begin_ + plane * contiguous_bytes_;
  }

 private:
  void read_directories() {
    const char* description = nullptr;
    if (TIFFGetField(tiff_.get(), TIFFTAG_IMAGEDESCRIPTION, &description) == 1)
      description_ = description;
    resolution_ = {tiff_.tag(TIFFTAG_XRESOLUTION, 0.0F), tiff_.tag(TIFFTAG_YRESOLUTION, 0.0F)};
    resolution_unit_ = tiff_.tag<std::uint16_t>(TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE);
    while (true) {
      pages_.push_back(read_tiff_page(tiff_, file_bytes_));
      if (TIFFLastDirectory(tiff_.get()) != 0) return;
      const auto next = static_cast<long>(pages_.size());
      if (pages_.size() == max_tiff_pages)
        tiff_.fail(next,
                   "is one more than the " + std::to_string(max_tiff_pages) + " that are read");
      if (TIFFReadDirectory(tiff_.get()) != 1) tiff_.fail(next, "has a damaged directory");
    }
  }

  /// Decides which page is which plane, by the description where there is one.
  void arrange_planes() {
    for (std::size_t index = 0; index < pages_.size(); ++index)
      if (!pages_[index].reduced) planes_.push_back(index);
    if (planes_.empty())
      tiff_.fail(0, "and all others are reduced copies of a page that is missing");

    std::string_view xml = description_;
    if (description_.starts_with("ImageJ=")) {
      arrange_imagej();
    } else if (const auto pixels = next_element(xml, "Pixels")) {
      arrange_ome(*pixels, xml.substr(0, xml.find("Pixels>")));
    } else {
      axes_.slices = planes_.size();
      arrange_resolution();
    }
  }

  void arrange_imagej() {
    const auto count = [this](const char* key) {
      return to_count(line_value(description_, key), 1);
    };
    info_.metadata = "ImageJ";
    // Some writers count the samples of an RGB pixel as channels.
    const bool color = pages_[planes_.front()].layout.samples > 1;
    axes_ = {.channels = color ? 1 : count("channels"),
             .slices = count("slices"),
             .frames = count("frames")};
    std::size_t planes = planes_.size();
    if (planes == 1 && count("images") > 1) {
      planes = count("images");
      check_contiguous(planes);
    }
    if (!axes_.count(planes)) axes_ = {.slices = planes};

    const std::string unit = to_unit(line_value(description_, "unit"));
    if (unit.empty()) return arrange_resolution();
    info_.unit = unit;
    for (std::size_t axis = 0; axis < 2; ++axis)
      info_.pixel_size[axis] = pixel_size(resolution_[axis], 1.0);
    info_.pixel_size[2] = to_length(line_value(description_, "spacing"));
  }

  /// ImageJ's files of 4 GiB and more: one directory, and all planes behind each other.
  void check_contiguous(std::uint64_t planes) {
    tiff_page& page = pages_[planes_.front()];
    if (!page.problem.empty()) tiff_.fail(static_cast<long>(planes_.front()), page.problem);
    if (!page.is_plain || page.tiled)
      tiff_.fail(-1, "describes " + std::to_string(planes) + " images and has one page");
    contiguous_begin_ = TIFFGetStrileOffset(tiff_.get(), 0);
    std::uint64_t end = contiguous_begin_;
    for (std::uint32_t strip = 0; strip < TIFFNumberOfStrips(tiff_.get()); ++strip) {
      if (TIFFGetStrileOffset(tiff_.get(), strip) != end)
        tiff_.fail(-1, "describes " + std::to_string(planes) + " images and has one page");
      end += page.layout.row_bytes(page.block_width) * page.stored_rows(strip % page.blocks_down());
    }
    contiguous_bytes_ = end - contiguous_begin_;
    if (planes > (file_bytes_ - contiguous_begin_) / contiguous_bytes_)
      tiff_.fail(-1, "describes " + std::to_string(planes) + " images of " +
                         std::to_string(contiguous_bytes_) + " bytes and is too short for them");
    page.block_height = page.layout.height;
  }

  void arrange_ome(std::string_view pixels, std::string_view xml) {
    info_.metadata = "OME";
    const auto count = [](std::string_view element, const char* name, std::size_t fallback) {
      return to_count(attribute(element, name), fallback);
    };
    const std::size_t samples = pages_[planes_.front()].layout.samples;
    const std::string_view order = attribute(pixels, "DimensionOrder");
    axes_ = {.channels = std::max<std::size_t>(count(pixels, "SizeC", 1) / samples, 1),
             .slices = count(pixels, "SizeZ", 1),
             .frames = count(pixels, "SizeT", 1),
             .order = order.substr(std::min<std::size_t>(order.size(), 2))};
    if (!std::ranges::is_permutation(axes_.order, std::string_view("CZT")))
      tiff_.fail(-1, "has OME metadata without a valid DimensionOrder");

    std::string_view rest = xml, file;
    while (const auto uuid = next_element(rest, "UUID")) {
      const std::string_view name = attribute(*uuid, "FileName");
      if (!file.empty() && name != file)
        tiff_.fail(-1, "has OME metadata of an image in several files, which is not read");
      file = name;
    }

    const auto total = checked_product(axes_.channels, axes_.slices);
    const auto planes = total ? checked_product(*total, axes_.frames) : total;
    if (!planes || *planes == 0 || *planes > pages_.size())
      tiff_.fail(-1, "has OME metadata of more or fewer planes than its " +
                         std::to_string(pages_.size()) + " pages");
    const std::size_t unknown = pages_.size();
    planes_.assign(*planes, unknown);
    std::optional<std::string_view> data = next_element(xml, "TiffData");
    if (!data) data = "";  // as if there were one that says nothing: all planes in order
    for (; data; data = next_element(xml, "TiffData")) {
      const std::size_t channel = count(*data, "FirstC", 0) / samples;
      const std::size_t slice = count(*data, "FirstZ", 0), frame = count(*data, "FirstT", 0);
      const bool one = !attribute(*data, "IFD").empty();
      std::size_t page = count(*data, "IFD", 0);
      std::size_t left = count(*data, "PlaneCount", one ? 1 : *planes);
      bool valid = channel < axes_.channels && slice < axes_.slices && frame < axes_.frames;
      for (std::size_t plane = valid ? axes_.plane(channel, slice, frame) : 0;
           valid && left > 0 && plane < *planes; ++plane, ++page, --left) {
        valid = page < pages_.size() && planes_[plane] == unknown;
        planes_[plane] = page;
      }
      if (!valid)
        tiff_.fail(-1, "has OME metadata whose TiffData contradict each other or the file");
    }
    if (std::ranges::find(planes_, unknown) != planes_.end())
      tiff_.fail(-1, "has OME metadata whose TiffData leave out planes");

    const auto unit_of = [&](const char* name) {
      const std::string_view unit = attribute(pixels, name);
      return unit.empty() ? std::string("um") : to_unit(unit);
    };
    info_.unit = unit_of("PhysicalSizeXUnit");
    info_.pixel_size[0] = to_length(attribute(pixels, "PhysicalSizeX"));
    if (unit_of("PhysicalSizeYUnit") == info_.unit)
      info_.pixel_size[1] = to_length(attribute(pixels, "PhysicalSizeY"));
    if (unit_of("PhysicalSizeZUnit") == info_.unit)
      info_.pixel_size[2] = to_length(attribute(pixels, "PhysicalSizeZ"));
    if (info_.pixel_size == std::array<double, 3>{}) info_.unit.clear();
  }

  /// The pixel size by the resolution tags alone, which know inches and centimetres.
  void arrange_resolution() {
    const double unit = resolution_unit_ == RESUNIT_INCH         ? 25'400.0
                        : resolution_unit_ == RESUNIT_CENTIMETER ? 10'000.0
                                                                 : 0.0;
    for (std::size_t axis = 0; axis < 2; ++axis)
      info_.pixel_size[axis] = pixel_size(resolution_[axis], unit);
    if (info_.pixel_size[0] > 0 || info_.pixel_size[1] > 0) info_.unit = "um";
  }

  static double pixel_size(float resolution, double unit) {
    return std::isfinite(resolution) && resolution > 0 ? unit / static_cast<double>(resolution) : 0;
  }

  void check_planes() const {
    const std::size_t first = planes_.front();
    for (const std::size_t index : planes_) {
      const tiff_page& page = pages_[index];
      if (!page.problem.empty()) tiff_.fail(static_cast<long>(index), page.problem);
      if (page.layout != pages_[first].layout)
        tiff_.fail(static_cast<long>(index), "holds " + to_string(page.layout) + ", but page " +
                                                 std::to_string(first) + " holds " +
                                                 to_string(pages_[first].layout));
    }
  }

  void describe() {
    const tiff_page& page = pages_[planes_.front()];
    info_.size = {page.layout.width, page.layout.height, axes_.slices};
    info_.channels = axes_.channels;
    info_.frames = axes_.frames;
    info_.pages = pages_.size();
    visit_sample_type(page.layout.format, page.layout.bits, [&]<class S>(std::type_identity<S>) {
      info_.type = pixel_type_of<pixel_of<S>>();
    });
    info_.bits = page.layout.bits;
    info_.is_float = page.layout.format == SAMPLEFORMAT_IEEEFP;
    info_.is_signed = info_.is_float || page.layout.format == SAMPLEFORMAT_INT;
    info_.samples_per_pixel = page.layout.samples;
    info_.color = page.layout.color();
    info_.compression = find_tiff_codec(page.compression)->name;
    info_.big_endian = TIFFIsBigEndian(tiff_.get()) != 0;
    info_.big_tiff = TIFFIsBigTIFF(tiff_.get()) != 0;
    info_.tiled = page.tiled;
  }

  std::uint64_t file_bytes_;
  tiff_handle tiff_;
  std::string description_;
  std::array<float, 2> resolution_{};
  std::uint16_t resolution_unit_ = RESUNIT_NONE;
  std::vector<tiff_page> pages_;
  std::vector<std::size_t> planes_;  ///< the page of each plane, in the order of `axes_`
  tiff_axes axes_;
  std::uint64_t contiguous_begin_ = 0, contiguous_bytes_ = 0;  ///< planes without directories
  tiff_info info_;
};

}  // namespace detail
}  // namespace gpuimg::io
