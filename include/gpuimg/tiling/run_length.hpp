// SPDX-License-Identifier: BSD-3-Clause
// Pixels as runs of equal ones: what label images and masks consist of.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling::detail {

/// The bytes are groups of pixels: a count, whose lowest bit says whether the pixels are equal,
/// then that one pixel or all of them. A count has seven bits in each byte, the lowest first; the
/// highest bit of a byte says that another one follows.
inline void append_count(std::vector<std::byte>& bytes, std::uint64_t count) {
  for (; count >= 0x80; count >>= 7) bytes.push_back(static_cast<std::byte>(count | 0x80));
  bytes.push_back(static_cast<std::byte>(count));
}

/// Takes a count off the front of `bytes`; nothing where there is none.
inline std::optional<std::uint64_t> take_count(std::span<const std::byte>& bytes) {
  std::uint64_t count = 0;
  for (unsigned shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
    const auto byte = std::to_integer<std::uint64_t>(bytes.front());
    bytes = bytes.subspan(1);
    count |= (byte & 0x7f) << shift;
    if (byte < 0x80) return count;
  }
  return std::nullopt;
}

/// The pixels as runs, which are never much longer than the pixels.
template <pixel T>
std::vector<std::byte> encode_runs(std::span<const T> pixels) {
  constexpr std::size_t shortest = 4;  // what is less than a count and a pixel saves nothing
  std::vector<std::byte> bytes;
  using word = std::conditional_t<sizeof(T) == 1, std::uint8_t,
                                  std::conditional_t<sizeof(T) == 2, std::uint16_t, std::uint32_t>>;
  const auto is_same = [](T a, T b) {  // bit by bit: -0, NaN
    return std::bit_cast<word>(a) == std::bit_cast<word>(b);
  };
  const auto append = [&bytes](std::span<const T> group, bool equal) {
    append_count(bytes, std::uint64_t{group.size()} << 1 | (equal ? 1 : 0));
    const auto stored = std::as_bytes(equal ? group.first(1) : group);
    bytes.insert(bytes.end(), stored.begin(), stored.end());
  };
  std::size_t begin = 0;  // of the pixels that are no run
  for (std::size_t at = 0; at < pixels.size();) {
    std::size_t end = at + 1;
    while (end < pixels.size() && is_same(pixels[end], pixels[at])) ++end;
    if (end - at >= shortest) {
      if (begin < at) append(pixels.subspan(begin, at - begin), false);
      append(pixels.subspan(at, end - at), true);
      begin = end;
    }
    at = end;
  }
  if (begin < pixels.size()) append(pixels.subspan(begin), false);
  return bytes;
}

/// The pixels of runs; false where the bytes are not those of as many pixels.
template <pixel T>
bool decode_runs(std::span<const std::byte> bytes, std::span<T> pixels) {
  while (!bytes.empty()) {
    const auto group = take_count(bytes);
    if (!group) return false;
    const std::uint64_t count = *group >> 1;
    const bool equal = (*group & 1) != 0;
    if (count == 0 || count > pixels.size() || (equal ? 1 : count) > bytes.size() / sizeof(T))
      return false;
    if (equal) {
      T value;
      std::memcpy(&value, bytes.data(), sizeof(T));
      std::fill_n(pixels.begin(), count, value);
    } else {
      std::memcpy(pixels.data(), bytes.data(), count * sizeof(T));
    }
    bytes = bytes.subspan((equal ? 1 : count) * sizeof(T));
    pixels = pixels.subspan(count);
  }
  return pixels.empty();
}

}  // namespace gpuimg::tiling::detail

#include "gpuimg/core/pop_macros.def"
