// SPDX-License-Identifier: BSD-3-Clause
// TIFF files in and out: ImageJ, OME and plain stacks, on libtiff 4.5 or newer (link with -ltiff).
#pragma once

#include "gpuimg/core/push_macros.def"

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>
#include <locale>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/view.hpp"
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

/// A volume of one channel and frame, and what its file says about it.
struct tiff_image : host_image {
  tiff_info info;
};

struct tiff_read_options {
  std::size_t channel = 0;  ///< from 0
  std::size_t frame = 0;    ///< from 0
  color_handling color = color_handling::refuse;
  /// The most memory that the pixels and one decoded strip or tile may take.
  std::uint64_t max_bytes = std::uint64_t{1} << 34;
};

enum class tiff_compression { none, deflate };

struct tiff_write_options {
  std::array<double, 3> pixel_size{};  ///< along x, y, z in `unit`; 0 = unknown
  std::string unit = "um";             ///< printable ASCII without spaces, quotes, <, > and &
  tiff_compression compression = tiff_compression::none;
  bool imagej = true;  ///< describe the axes for ImageJ where it can open the file, else as OME
};

/// A file with more directories than this is refused; libtiff itself gives up a little later.
inline constexpr std::size_t max_tiff_pages = 1'000'000;

namespace detail {

// ---- libtiff handles ----------------------------------------------------------------------------

/// The first error libtiff reports on a handle. Nothing is allocated or thrown inside libtiff.
struct tiff_log {
  std::array<char, 256> text{};
};

inline int keep_first_tiff_error(TIFF*, void* log, const char*, const char* format,
                                 std::va_list arguments) {
  auto& text = static_cast<tiff_log*>(log)->text;
  if (text[0] == '\0') std::vsnprintf(text.data(), text.size(), format, arguments);
  return 1;  // handled: the global handler, which prints, is not called
}

inline int ignore_tiff_warning(TIFF*, void*, const char*, const char*, std::va_list) { return 1; }

/// An open TIFF file; its errors carry the file, the page and libtiff's own words.
class tiff_handle {
 public:
  /// `name` is the file that messages speak of; libtiff takes at most `most_bytes` at a time.
  tiff_handle(const std::string& path, const char* mode, std::uint64_t most_bytes, std::string name)
      : name_(std::move(name)) {
    const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
        TIFFOpenOptionsAlloc(), &TIFFOpenOptionsFree);
    if (!options) throw std::bad_alloc();
    constexpr std::uint64_t most = std::numeric_limits<tmsize_t>::max();
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(),
                                        static_cast<tmsize_t>(std::min(most_bytes, most)));
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), &keep_first_tiff_error, log_.get());
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), &ignore_tiff_warning, nullptr);
    tiff_.reset(TIFFOpenExt(path.c_str(), mode, options.get()));
    if (!tiff_) fail(-1, "cannot be opened as TIFF");
  }

  [[nodiscard]] TIFF* get() const { return tiff_.get(); }

  /// Closes the file and throws where libtiff could not write all of it.
  void close() {
    tiff_.reset();
    if (log_->text[0] != '\0') fail(-1, "cannot be written");
  }

  /// The value of a tag of the current directory, its default, or `fallback`.
  template <class T>
  [[nodiscard]] T tag(std::uint32_t number, T fallback) const {
    T value{};
    return TIFFGetFieldDefaulted(get(), number, &value) == 1 ? value : fallback;
  }

  [[noreturn]] void fail(long page, std::string reason) const {
    if (log_->text[0] != '\0') reason += " (" + std::string(log_->text.data()) + ")";
    throw io_error(name_, page, one_line(std::move(reason)));
  }

 private:
  std::string name_;
  std::unique_ptr<tiff_log> log_ = std::make_unique<tiff_log>();  // outlives the handle
  std::unique_ptr<TIFF, decltype(&TIFFClose)> tiff_{nullptr, &TIFFClose};
};

// ---- what the reader knows of the format --------------------------------------------------------

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

// ---- descriptions -------------------------------------------------------------------------------

/// The axes beyond x and y: how many planes along each, and which of them runs fastest.
struct tiff_axes {
  std::size_t channels = 1, slices = 1, frames = 1;
  std::string_view order = "CZT";  ///< fastest first

  [[nodiscard]] std::size_t extent(char axis) const {
    return axis == 'C' ? channels : axis == 'Z' ? slices : frames;
  }
  /// True where there are exactly `planes` planes; cannot overflow.
  [[nodiscard]] bool count(std::size_t planes) const {
    if (channels == 0 || slices == 0 || frames == 0 || planes % channels != 0) return false;
    const std::size_t rest = planes / channels;
    return rest % slices == 0 && rest / slices == frames;
  }
  /// The number of a plane in the order of the file.
  [[nodiscard]] std::size_t plane(std::size_t channel, std::size_t slice, std::size_t frame) const {
    std::size_t index = 0, stride = 1;
    for (const char axis : order) {
      index += stride * (axis == 'C' ? channel : axis == 'Z' ? slice : frame);
      stride *= extent(axis);
    }
    return index;
  }
};

inline std::size_t to_count(std::string_view text, std::size_t fallback) {
  std::size_t value = 0;
  const auto end = text.data() + text.size();
  return std::from_chars(text.data(), end, value).ec == std::errc{} ? value : fallback;
}

/// A length > 0, or 0 for anything else.
inline double to_length(std::string_view text) {
  std::istringstream stream{std::string(text)};
  stream.imbue(std::locale::classic());
  double value = 0;
  return stream >> value && std::isfinite(value) && value > 0 ? value : 0;
}

/// What a unit may be made of, so that every reader understands the file: printable ASCII without
/// spaces, quotes, <, > and &.
inline bool is_unit_character(char c) {
  return c > ' ' && c < 0x7f && std::string_view("\"'<>&").find(c) == std::string_view::npos;
}

inline std::string to_unit(std::string_view text) {
  for (const char* micrometre : {"\xC2\xB5m", "\xCE\xBCm", "\xB5m", "\\u00B5m", "&#181;m",
                                 "&#xB5;m", "micron", "microns", "micrometer"})
    if (text == micrometre) return "um";
  std::string unit(text);
  std::erase_if(unit, [](char c) { return !is_unit_character(c); });
  return unit == "pixel" || unit == "pixels" ? std::string() : unit;
}

/// The value of the line `key=value`, or "".
inline std::string_view line_value(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(key) && line.substr(key.size()).starts_with('='))
      return line.substr(key.size() + 1);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return {};
}

/// Moves `xml` behind the next start tag of the element `name`, with or without a prefix as in
/// `ome:name`, and returns what the tag says after the name; nothing where there is none.
inline std::optional<std::string_view> next_element(std::string_view& xml, std::string_view name) {
  for (std::size_t at = 0; (at = xml.find('<')) != std::string_view::npos;) {
    xml.remove_prefix(at + 1);
    const std::string_view tag = xml.substr(0, xml.find('>'));
    xml.remove_prefix(tag.size());
    const std::size_t end = std::min(tag.find_first_of(" \t\r\n/"), tag.size());
    const std::string_view full_name = tag.substr(0, end);  // "" for an end tag
    if (full_name.substr(full_name.find(':') + 1) == name) return tag.substr(end);
  }
  return std::nullopt;
}

/// The value of ` name="value"`, or "".
inline std::string_view attribute(std::string_view attributes, std::string_view name) {
  constexpr std::string_view none;
  while (true) {
    attributes.remove_prefix(std::min(attributes.find_first_not_of(" \t\r\n"), attributes.size()));
    const std::string_view key = attributes.substr(0, attributes.find_first_of("= \t\r\n"));
    const std::size_t open = attributes.find_first_of("\"'");
    if (open == none.npos) return none;
    const std::size_t close = attributes.find(attributes[open], open + 1);
    if (close == none.npos) return none;
    if (key == name) return attributes.substr(open + 1, close - open - 1);
    attributes.remove_prefix(close + 1);
  }
}

// ---- reading ------------------------------------------------------------------------------------

/// Walks all directories of a file, finds out which page is which plane, and decodes planes.
class tiff_reader {
 public:
  explicit tiff_reader(const std::string& path)
      : path_(path),
        file_bytes_(file_bytes(path)),
        // No memory map (a file cut short while mapped ends the process), strips as they are.
        tiff_(path, "rmc", file_bytes_ + (std::uint64_t{1} << 26), path) {
    read_directories();
    arrange_planes();
    check_planes();
    describe();
  }

  [[nodiscard]] const tiff_info& info() const { return info_; }

  tiff_image read(const tiff_read_options& options) {
    check_index("channel", options.channel, info_.channels);
    check_index("frame", options.frame, info_.frames);
    const tiff_page& page = pages_[planes_.front()];
    const auto page_index = static_cast<long>(planes_.front());
    if (options.color == color_handling::refuse && info_.color != tiff_color::grey)
      tiff_.fail(page_index, color_refusal(info_.color == tiff_color::rgb ? "RGB" : "palette"));

    const auto bytes = memory_needed(page);
    if (!bytes || *bytes > options.max_bytes)
      tiff_.fail(-1,
                 "needs " + (bytes ? std::to_string(*bytes) : "more than 2^64") +
                     " bytes of memory, above max_bytes = " + std::to_string(options.max_bytes));
    tiff_image image{{info_.size, {}}, info_};
    const std::size_t plane_pixels = info_.size.x * info_.size.y;
    try {
      visit_sample_type(page.layout.format, page.layout.bits, [&]<class S>(std::type_identity<S>) {
        std::vector<pixel_of<S>> pixels(info_.size.pixels());
        for (std::size_t z = 0; z < info_.size.z; ++z)
          read_plane<S>(axes_.plane(options.channel, z, options.frame),
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
  void read_directories() {
    const char* description = nullptr;
    if (TIFFGetField(tiff_.get(), TIFFTAG_IMAGEDESCRIPTION, &description) == 1)
      description_ = description;
    resolution_ = {tiff_.tag(TIFFTAG_XRESOLUTION, 0.0F), tiff_.tag(TIFFTAG_YRESOLUTION, 0.0F)};
    resolution_unit_ = tiff_.tag<std::uint16_t>(TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE);
    while (true) {
      pages_.push_back(read_directory());
      if (TIFFLastDirectory(tiff_.get()) != 0) return;
      const auto next = static_cast<long>(pages_.size());
      if (pages_.size() == max_tiff_pages)
        tiff_.fail(next,
                   "is one more than the " + std::to_string(max_tiff_pages) + " that are read");
      if (TIFFReadDirectory(tiff_.get()) != 1) tiff_.fail(next, "has a damaged directory");
    }
  }

  [[nodiscard]] tiff_page read_directory() const {
    tiff_page page;
    page.directory = TIFFCurrentDirOffset(tiff_.get());
    page.layout = {
        .width = tiff_.tag<std::uint32_t>(TIFFTAG_IMAGEWIDTH, 0),
        .height = tiff_.tag<std::uint32_t>(TIFFTAG_IMAGELENGTH, 0),
        .bits = tiff_.tag<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1),
        .samples = tiff_.tag<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1),
        .format = tiff_.tag<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT),
        .photometric = tiff_.tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK)};
    page.layout.separate = page.layout.samples > 1 &&
                           tiff_.tag<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) ==
                               PLANARCONFIG_SEPARATE;
    page.compression = tiff_.tag<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    page.reduced = (tiff_.tag<std::uint32_t>(TIFFTAG_SUBFILETYPE, 0) & FILETYPE_REDUCEDIMAGE) != 0;
    page.tiled = TIFFIsTiled(tiff_.get()) != 0;
    if (page.tiled) {
      page.block_width = tiff_.tag<std::uint32_t>(TIFFTAG_TILEWIDTH, 0);
      page.block_height = tiff_.tag<std::uint32_t>(TIFFTAG_TILELENGTH, 0);
    } else {
      page.block_width = page.layout.width;
      page.block_height = std::min(
          tiff_.tag<std::uint32_t>(TIFFTAG_ROWSPERSTRIP, page.layout.height), page.layout.height);
    }
    page.problem = layout_problem(page);
    if (page.problem.empty()) page.problem = data_problem(page);
    return page;
  }

  /// What of the kind of pixels is not read, or "".
  [[nodiscard]] std::string layout_problem(const tiff_page& page) const {
    const tiff_layout& layout = page.layout;
    if (page.block_width == 0 || page.block_height == 0) return "has no pixels";
    if (tiff_.tag<std::uint32_t>(TIFFTAG_IMAGEDEPTH, 1) != 1 ||
        tiff_.tag<std::uint32_t>(TIFFTAG_TILEDEPTH, 1) != 1)
      return "holds a volume in one page (SGI ImageDepth), which is not read";
    if (find_tiff_codec(page.compression) == nullptr ||
        TIFFIsCODECConfigured(page.compression) != 1)
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
  [[nodiscard]] std::string data_problem(const tiff_page& page) const {
    const tiff_layout& layout = page.layout;
    const std::uint64_t row_bytes = layout.row_bytes(page.block_width);
    const std::uint64_t per_plane = page.blocks_across() * page.blocks_down();
    const auto blocks = checked_product(per_plane, layout.separate ? layout.samples : 1);
    const std::uint32_t listed =
        page.tiled ? TIFFNumberOfTiles(tiff_.get()) : TIFFNumberOfStrips(tiff_.get());
    if (!checked_product(row_bytes, page.block_height) || blocks != listed)
      return "claims a size that no file can hold";

    const tiff_codec& codec = *find_tiff_codec(page.compression);
    const std::string block_name = page.tiled ? "tile " : "strip ";
    for (std::uint32_t block = 0; block < listed; ++block) {
      const std::uint64_t offset = TIFFGetStrileOffset(tiff_.get(), block);
      const std::uint64_t bytes = TIFFGetStrileByteCount(tiff_.get(), block);
      const std::uint64_t decoded =
          row_bytes * page.stored_rows(block % per_plane / page.blocks_across());
      const std::string name = block_name + std::to_string(block);
      if (offset == 0 || bytes == 0) return "lacks " + name;
      if (offset > file_bytes_ || bytes > file_bytes_ - offset)
        return name + " ends behind the end of the file";
      if ((decoded - 1) / codec.max_expansion >= bytes)
        return name + " has " + std::to_string(bytes) + " bytes, too few for " +
               std::to_string(decoded) + " bytes of pixels";
    }
    return "";
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
    if (page.compression != COMPRESSION_NONE || page.tiled || page.layout.bits < 8)
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

  void check_index(const char* name, std::size_t index, std::size_t count) const {
    if (index >= count)
      throw argument_error("read_tiff: " + std::string(name) + " must be < " +
                           std::to_string(count) + ", got " + std::to_string(index) + " [" + path_ +
                           "]");
  }

  /// Planes of a page that are decoded together: those of red, green and blue, or one.
  static std::uint64_t decoded_planes(const tiff_layout& layout) { return layout.separate ? 3 : 1; }

  /// Bytes of the pixels and of one decoded block of a page, nothing where that overflows.
  [[nodiscard]] std::optional<std::uint64_t> memory_needed(const tiff_page& page) const {
    const std::uint64_t plane_pixels = std::uint64_t{page.layout.width} * page.layout.height;
    const auto pixels = checked_product(plane_pixels, info_.size.z);
    const auto bytes = pixels ? checked_product(*pixels, size_of(info_.type)) : pixels;
    const auto block = checked_product(page.layout.row_bytes(page.block_width),
                                       page.block_height * decoded_planes(page.layout));
    if (!bytes || !block || *bytes > std::numeric_limits<std::uint64_t>::max() - *block)
      return std::nullopt;
    return *bytes + *block;
  }

  /// Decodes a plane of samples S to `dst`.
  template <class S>
  void read_plane(std::size_t plane, pixel_of<S>* dst) {
    const std::size_t index = contiguous_bytes_ > 0 ? planes_.front() : planes_[plane];
    const tiff_page& page = pages_[index];
    const tiff_layout& layout = page.layout;
    if (TIFFSetSubDirectory(tiff_.get(), page.directory) != 1)
      tiff_.fail(static_cast<long>(index), "has a damaged directory");
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
    if (contiguous_bytes_ > 0) {
      if (!raw_.is_open()) raw_.open(path_, std::ios::binary);
      raw_.seekg(static_cast<std::streamoff>(contiguous_begin_ + plane * contiguous_bytes_ +
                                             block * dst.size()));
      raw_.read(reinterpret_cast<char*>(dst.data()), bytes);
      got = static_cast<tmsize_t>(raw_.gcount());
      if (TIFFIsByteSwapped(tiff_.get()) != 0) swap_bytes<sizeof(S)>(dst);
    } else if (pages_[page].tiled) {
      got = TIFFReadEncodedTile(tiff_.get(), number, dst.data(), bytes);
    } else {
      got = TIFFReadEncodedStrip(tiff_.get(), number, dst.data(), bytes);
    }
    if (got != bytes)
      tiff_.fail(static_cast<long>(page), (pages_[page].tiled ? "tile " : "strip ") +
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
    if (TIFFGetField(tiff_.get(), TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]) != 1)
      tiff_.fail(static_cast<long>(page), "has no palette");
    const std::size_t entries = std::size_t{1} << pages_[page].layout.bits;
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
  void convert_row(const tiff_layout& layout, const std::byte* row, std::size_t next_sample,
                   std::size_t count, pixel_of<S>* dst) const {
    using T = pixel_of<S>;
    const std::size_t next_pixel = layout.interleaved() * sizeof(S);
    const auto sample = [=](std::size_t x, std::size_t channel) {
      S value;
      std::memcpy(&value, row + x * next_pixel + channel * next_sample, sizeof(S));
      return to_pixel(value);
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

  std::string path_;
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
  std::ifstream raw_;
  std::vector<std::byte> block_;
  std::array<std::uint8_t, 256> palette_{};
};

// ---- writing ------------------------------------------------------------------------------------

inline std::string to_text(double value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

/// Without the line `images=`, which would make ImageJ take the planes for one block of bytes.
inline std::string imagej_description(const shape& size, const tiff_write_options& options) {
  std::string text = "ImageJ=1.53c\n";
  if (size.is_3d()) text += "slices=" + std::to_string(size.z) + "\n";
  if (options.pixel_size != std::array<double, 3>{}) text += "unit=" + options.unit + "\n";
  if (options.pixel_size[2] > 0) text += "spacing=" + to_text(options.pixel_size[2]) + "\n";
  return text + "loop=false\n";
}

inline std::string ome_description(const shape& size, pixel_type type,
                                   const tiff_write_options& options) {
  constexpr const char* types[] = {"uint8", "int8", "uint16", "int16", "uint32", "int32", "float"};
  constexpr const char* axes[] = {"X", "Y", "Z"};
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
      "<OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\">"
      "<Image ID=\"Image:0\"><Pixels ID=\"Pixels:0\" DimensionOrder=\"XYZCT\" Type=\"" +
      std::string(types[static_cast<std::size_t>(type)]) + "\" SizeC=\"1\" SizeT=\"1\"";
  for (std::size_t axis = 0; axis < 3; ++axis) {
    text += " Size" + std::string(axes[axis]) + "=\"" + std::to_string(size.axes()[axis]) + "\"";
    if (options.pixel_size[axis] <= 0) continue;
    const std::string physical = " PhysicalSize" + std::string(axes[axis]);
    text += physical + "=\"" + to_text(options.pixel_size[axis]) + "\"";
    if (options.unit != "um") text += physical + "Unit=\"" + options.unit + "\"";
  }
  return text +
         "><Channel ID=\"Channel:0:0\" SamplesPerPixel=\"1\"/><TiffData/></Pixels></Image></OME>";
}

inline void check_tiff_options(const shape& size, const tiff_write_options& options) {
  const std::string where = " [" + to_string(size) + "]";
  constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
  if (size.empty() || size.x > most || size.y > most || size.z > max_tiff_pages)
    throw argument_error("write_tiff: a TIFF file holds 1 to 2^32 - 1 columns and rows and 1 to " +
                         std::to_string(max_tiff_pages) + " slices" + where);
  for (const double length : options.pixel_size)
    if (!std::isfinite(length) || length < 0)
      throw argument_error("write_tiff: pixel_size must be finite and >= 0, got " +
                           to_text(length) + where);
  if (!std::ranges::all_of(options.unit, is_unit_character))
    throw argument_error(
        "write_tiff: unit must be printable ASCII without spaces, quotes, <, > "
        "and &" +
        where);
}

inline void write_tiff(const std::string& path, const void* pixels, const shape& size,
                       pixel_type type, const tiff_write_options& options) {
  check_tiff_options(size, options);
  const std::uint64_t row_bytes = size.x * size_of(type);
  const std::uint64_t rows_per_strip =
      std::clamp<std::uint64_t>((std::uint64_t{1} << 18) / row_bytes, 1, size.y);
  const std::uint64_t strips = (size.y + rows_per_strip - 1) / rows_per_strip;

  // Incompressible pixels grow by less than 1/1000; a directory and its strip table are small.
  const std::uint64_t bytes = size.pixels() * size_of(type);
  const bool big = bytes + bytes / 1000 + size.z * (1024 + 16 * strips) >=
                   std::numeric_limits<std::uint32_t>::max();
  const bool imagej =
      options.imagej && !big &&
      (type == pixel_type::u8 || type == pixel_type::u16 || type == pixel_type::f32);
  const std::string description =
      imagej ? imagej_description(size, options) : ome_description(size, type, options);
  const bool is_signed =
      type == pixel_type::i8 || type == pixel_type::i16 || type == pixel_type::i32;
  const int format = type == pixel_type::f32 ? SAMPLEFORMAT_IEEEFP
                     : is_signed             ? SAMPLEFORMAT_INT
                                             : SAMPLEFORMAT_UINT;
  const int compression =
      options.compression == tiff_compression::none ? COMPRESSION_NONE : COMPRESSION_ADOBE_DEFLATE;

  file_replacement file(path);
  tiff_handle tiff(file.temporary(), big ? "w8" : "w4", std::numeric_limits<std::uint64_t>::max(),
                   path);
  const auto* next = static_cast<const std::byte*>(pixels);
  for (std::size_t z = 0; z < size.z; ++z) {
    bool good = true;
    const auto set = [&](std::uint32_t tag, auto value) {
      good = good && TIFFSetField(tiff.get(), tag, value) == 1;
    };
    set(TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(size.x));
    set(TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(size.y));
    set(TIFFTAG_BITSPERSAMPLE, static_cast<int>(size_of(type) * 8));
    set(TIFFTAG_SAMPLESPERPIXEL, 1);
    set(TIFFTAG_SAMPLEFORMAT, format);
    set(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    set(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    set(TIFFTAG_COMPRESSION, compression);
    set(TIFFTAG_ROWSPERSTRIP, static_cast<std::uint32_t>(rows_per_strip));
    if (options.pixel_size[0] > 0 && options.pixel_size[1] > 0) {
      set(TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE);
      set(TIFFTAG_XRESOLUTION, 1.0 / options.pixel_size[0]);
      set(TIFFTAG_YRESOLUTION, 1.0 / options.pixel_size[1]);
    }
    if (z == 0) set(TIFFTAG_IMAGEDESCRIPTION, description.c_str());
    for (std::uint64_t y = 0; good && y < size.y; y += rows_per_strip) {
      const auto count = static_cast<tmsize_t>(std::min(rows_per_strip, size.y - y) * row_bytes);
      // libtiff takes the pixels as void* and leaves them alone: this is the native byte order.
      good = TIFFWriteEncodedStrip(tiff.get(), static_cast<std::uint32_t>(y / rows_per_strip),
                                   const_cast<std::byte*>(next), count) == count;
      next += count;
    }
    if (!good || TIFFWriteDirectory(tiff.get()) != 1)
      tiff.fail(static_cast<long>(z), "cannot be written");
  }
  tiff.close();
  file.commit();
}

}  // namespace detail

/// Reads what a TIFF file says about its image.
/// Throws io_error, with the file, the page from 0 and the reason, where read_tiff could not read
/// the file either; colours are described, not refused.
inline tiff_info read_tiff_info(const std::string& path) {
  return detail::tiff_reader(path).info();
}

/// Reads the volume of one channel and frame from a TIFF file.
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
inline tiff_image read_tiff(const std::string& path, const tiff_read_options& options = {}) {
  return detail::tiff_reader(path).read(options);
}

/// Writes a 2D image or a stack to a TIFF file, in strips and the byte order of this machine.
///
/// u8, u16 and f32 below 4 GiB are written for ImageJ unless `imagej` is false; everything else has
/// OME metadata, and is a BigTIFF from 4 GiB on. The file appears complete or not at all: it is
/// written beside `path` under another name and then moved.
/// Throws io_error where the file cannot be written, argument_error for an image without pixels,
/// for more than a million slices and for options out of range.
template <class T>
requires pixel<std::remove_const_t<T>>
void write_tiff(const std::string& path, view<T> image, const tiff_write_options& options = {}) {
  detail::write_tiff(path, image.data(), image.shape(), pixel_type_of<std::remove_const_t<T>>(),
                     options);
}

}  // namespace gpuimg::io

#include "gpuimg/core/pop_macros.def"
