// SPDX-License-Identifier: BSD-3-Clause
// A number that tells whether bytes are those that were written: against accidents, not attacks.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io::detail {

/// FNV-1a over words of eight bytes, the last one filled with zeros, then over their number; turned
/// after each step, so that the high bits of a word matter to all bits of the sum.
inline std::uint64_t checksum(std::span<const std::byte> bytes) {
  std::uint64_t sum = 0xcbf29ce484222325;
  const auto add = [&sum](std::uint64_t word) {
    sum = std::rotl((sum ^ word) * 0x100000001b3, 31);
  };
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof(word), bytes.size() - at));
    add(word);
  }
  add(bytes.size());
  return sum;
}

}  // namespace gpuimg::io::detail

#include "gpuimg/core/pop_macros.def"
