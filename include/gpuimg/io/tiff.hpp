// SPDX-License-Identifier: BSD-3-Clause
// TIFF files in and out: ImageJ, OME and plain stacks, on libtiff (link with -ltiff).
#pragma once

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <bit>
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
#include <numeric>
#include <optional>
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

namespace gpuimg::io {

enum class tiff_color { grey, palette, rgb };

/// What a TIFF file says about its image, without its pixels.
struct tiff_info {
  shape size;                ///< pixels of one volume; z counts the slices
  std::size_t channels = 1;  ///< volumes side by side
  std::size_t frames = 1;    ///< volumes over time
  std::size_t pages = 0;     ///< directories in the file, reduced-resolution ones included
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
  std::uint64_t max_bytes = std::uint64_t{1} << 34;  ///< the most the pixels may take in memory
};

enum class tiff_compression { none, deflate };

struct tiff_write_options {
  std::array<double, 3> pixel_size{};  ///< along x, y, z in `unit`; 0 = unknown
  std::string unit = "um";             ///< printable ASCII without spaces, quotes, <, > and &
  tiff_compression compression = tiff_compression::none;
  bool imagej = true;  ///< describe the axes for ImageJ where it can open the file, else as OME
};

/// A file with more directories than this is refused: finding a loop among them takes too long.
inline constexpr std::size_t max_tiff_pages = 65'536;

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

// ---- what the reader knows of the format ----------------------------------------------------------

/// A compression that is read, and how far one byte of it can expand at most: a file that claims
/// more is damaged, and is refused before memory is taken.
struct tiff_codec {
  std::uint16_t scheme;
  const char* name;
  std::uint64_t max_expansion;
};

inline constexpr tiff_codec tiff_codecs[] = {
    {COMPRESSION_NONE, "none", 1},
    {COMPRESSION_PACKBITS, "packbits", 64},         // two bytes stand for 128
    {COMPRESSION_LZW, "lzw", 4096},                 // a 12-bit code stands for fewer than 4096 bytes
    {COMPRESSION_ADOBE_DEFLATE, "deflate", 1032},   // 258 bytes in two bits
    {COMPRESSION_DEFLATE, "deflate", 1032},
    {COMPRESSION_LZMA, "lzma", 16'384},             // 273 bytes in about 0.3 bits
    {COMPRESSION_ZSTD, "zstd", 65'536},             // a block of 128 KiB in four bytes
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
    default: return false;
  }
}

/// Bytes of the plane a block of the page takes, or nothing where that overflows.
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

inline std::string to_unit(std::string_view text) {
  for (const char* micrometre : {"\xC2\xB5m", "\xCE\xBCm", "\xB5m", "\\u00B5m", "&#181;m",
                                 "&#xB5;m", "micron", "microns", "micrometer"})
    if (text == micrometre) return "um";
  return text == "pixel" || text == "pixels" ? std::string() : std::string(text);
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

/// Removes `text` up to the end of the next start tag `name`, with or without a prefix as in
/// `ome:name`, and returns that tag's attributes; nothing where there is no such tag.
inline std::optional<std::string_view> next_element(std::string_view& text, std::string_view name) {
  while (true) {
    const std::size_t at = text.find(name);
    if (at == std::string_view::npos) return std::nullopt;
    const char before = at > 0 ? text[at - 1] : ' ';
    text.remove_prefix(at + name.size());
    if ((before != '<' && before != ':') || text.find_first_of(" \t\r\n/>") != 0) continue;
    const std::string_view attributes = text.substr(0, text.find('>'));
    text.remove_prefix(attributes.size());
    return attributes;
  }
}

/// The value of an attribute, or "".
inline std::string_view attribute(std::string_view attributes, std::string_view name) {
  for (std::size_t at = 0; (at = attributes.find(name, at)) != std::string_view::npos; ++at) {
    const std::string_view rest = attributes.substr(at + name.size());
    const bool whole = at > 0 && std::string_view(" \t\r\n").contains_not_used;
  }
  return {};
}
