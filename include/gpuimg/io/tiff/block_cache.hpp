// SPDX-License-Identifier: BSD-3-Clause
// Decoded strips and tiles of a TIFF file that may be needed again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <utility>
#include <vector>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io::detail {

/// The blocks that were used last: as many as `most_bytes` hold, and one in any case.
class tiff_block_cache {
 public:
  using bytes = std::vector<std::byte>;

  explicit tiff_block_cache(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

  /// A block of `count` bytes of a page; `decode` fills it where it is not here.
  template <class F>
  const bytes& get(std::size_t page, std::uint64_t number, std::uint64_t count, F&& decode) {
    const auto found = std::find_if(blocks_.begin(), blocks_.end(), [&](const block& candidate) {
      return candidate.page == page && candidate.number == number;
    });
    if (found != blocks_.end()) {
      blocks_.splice(blocks_.begin(), blocks_, found);
      return found->decoded;
    }
    bytes decoded;
    while (!blocks_.empty() && used_bytes_ + count > most_bytes_) {
      decoded = std::move(blocks_.back().decoded);
      used_bytes_ -= decoded.size();
      blocks_.pop_back();
    }
    decoded.resize(count);
    decode(std::span(decoded));
    used_bytes_ += count;
    blocks_.push_front({page, number, std::move(decoded)});
    return blocks_.front().decoded;
  }

 private:
  struct block {
    std::size_t page;
    std::uint64_t number;
    bytes decoded;
  };

  std::uint64_t most_bytes_, used_bytes_ = 0;
  std::list<block> blocks_;  ///< the one used last in front
};

}  // namespace gpuimg::io::detail
