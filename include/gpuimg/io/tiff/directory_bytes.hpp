// SPDX-License-Identifier: BSD-3-Clause
// Header and directories of a TIFF file as bytes, in the byte order of this machine.
#pragma once

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "gpuimg/core/version.hpp"
#include "gpuimg/io/tiff/tags.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io::detail {

/// Bytes that numbers are appended to.
class tiff_bytes {
 public:
  /// Places in the file have 64 bits in a BigTIFF and 32 bits in a classic file.
  explicit tiff_bytes(bool big) : is_big_(big) {}

  template <class T>
  requires std::is_arithmetic_v<T>
  void add(T value) {
    const auto bytes = std::as_bytes(std::span(&value, 1));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void add_place(std::uint64_t value) {
    if (is_big_)
      add(value);
    else
      add(static_cast<std::uint32_t>(value));
  }
  void add(const tiff_bytes& other) {
    bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
  }
  /// Appends zeros until the size is a multiple of `step`.
  void fill(std::size_t step) { bytes_.resize((bytes_.size() + step - 1) / step * step); }

  [[nodiscard]] std::span<const std::byte> get() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  bool is_big_;
  std::vector<std::byte> bytes_;
};

/// The header of a file whose first directory is at byte `directory`.
inline tiff_bytes tiff_header(bool big, std::uint64_t directory) {
  tiff_bytes bytes(big);
  constexpr bool is_little = std::endian::native == std::endian::little;
  bytes.add(static_cast<std::uint16_t>(is_little ? TIFF_LITTLEENDIAN : TIFF_BIGENDIAN));
  bytes.add(static_cast<std::uint16_t>(big ? TIFF_VERSION_BIG : TIFF_VERSION_CLASSIC));
  if (big) bytes.add(std::uint32_t{8});  // bytes of a place, and two that are 0
  bytes.add_place(directory);
  return bytes;
}

/// A number as a quotient of two of 32 bits, as close as those come.
inline std::array<std::uint32_t, 2> tiff_rational(double value) {
  constexpr double most = std::numeric_limits<std::uint32_t>::max();
  const double below = std::clamp(std::floor(most / value), 1.0, most);
  const double above = std::min(std::round(value * below), most);
  return {static_cast<std::uint32_t>(above), static_cast<std::uint32_t>(below)};
}

/// An entry of a directory: a tag and its values, one behind the other.
struct tiff_entry {
  std::uint16_t number = 0;
  TIFFDataType type = TIFF_SHORT;
  std::uint64_t count = 1;
  tiff_bytes value;
};

inline tiff_entry entry_of(const tiff_tag& tag, bool big) {
  tiff_entry entry{.number = tag.number, .value = tiff_bytes(big)};
  std::visit(
      [&]<class T>(const T& value) {
        if constexpr (std::same_as<T, double>) {
          entry.type = TIFF_RATIONAL;
          for (const std::uint32_t part : tiff_rational(value)) entry.value.add(part);
        } else if constexpr (std::same_as<T, std::string>) {
          entry.type = TIFF_ASCII;
          entry.count = value.size() + 1;
          for (const char character : value) entry.value.add(character);
          entry.value.add('\0');
        } else {
          entry.type = std::same_as<T, std::uint16_t> ? TIFF_SHORT : TIFF_LONG;
          entry.value.add(value);
        }
      },
      tag.value);
  return entry;
}

/// Places or lengths of blocks.
inline tiff_entry entry_of(std::uint16_t number, std::span<const std::uint64_t> places, bool big) {
  tiff_entry entry{.number = number,
                   .type = big ? TIFF_LONG8 : TIFF_LONG,
                   .count = places.size(),
                   .value = tiff_bytes(big)};
  for (const std::uint64_t place : places) entry.value.add_place(place);
  return entry;
}

/// A directory at byte `begin` of a file, a multiple of 8, and behind it the values that its
/// entries have no room for. Another directory follows at once, unless this is the last.
inline tiff_bytes tiff_directory_at(std::uint64_t begin, std::vector<tiff_entry> entries,
                                    bool is_last, bool big) {
  std::ranges::sort(entries, {}, &tiff_entry::number);
  const std::size_t room = big ? 8 : 4;
  const std::size_t bytes = big ? 8 + entries.size() * 20 + 8 : 2 + entries.size() * 12 + 4;
  const std::uint64_t behind = begin + (bytes + 7) / 8 * 8;
  tiff_bytes directory(big), values(big);
  if (big)
    directory.add(std::uint64_t{entries.size()});
  else
    directory.add(static_cast<std::uint16_t>(entries.size()));
  for (const tiff_entry& entry : entries) {
    directory.add(entry.number);
    directory.add(static_cast<std::uint16_t>(entry.type));
    directory.add_place(entry.count);
    if (entry.value.size() > room) {
      directory.add_place(behind + values.size());
      values.add(entry.value);
      values.fill(8);
    } else {
      directory.add(entry.value);
      for (std::size_t left = entry.value.size(); left < room; ++left) directory.add('\0');
    }
  }
  directory.add_place(is_last ? 0 : behind + values.size());
  directory.fill(8);
  directory.add(values);
  return directory;
}

}  // namespace gpuimg::io::detail
