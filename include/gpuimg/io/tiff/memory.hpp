// SPDX-License-Identifier: BSD-3-Clause
// A file in memory as libtiff writes and reads it.
#pragma once

#include <tiffio.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <new>
#include <vector>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io::detail {

/// The functions are called by libtiff, which is C: nothing is thrown through it.
struct tiff_memory {
  std::vector<std::byte> bytes{};
  std::size_t position = 0;

  static tmsize_t read(thandle_t file, void* to, tmsize_t count) {
    auto& self = *static_cast<tiff_memory*>(file);
    const std::size_t left = self.bytes.size() - std::min(self.position, self.bytes.size());
    const auto wanted = std::min(static_cast<std::size_t>(count), left);
    if (wanted > 0) std::memcpy(to, self.bytes.data() + self.position, wanted);
    self.position += wanted;
    return static_cast<tmsize_t>(wanted);
  }
  static tmsize_t write(thandle_t file, void* from, tmsize_t count) {
    auto& self = *static_cast<tiff_memory*>(file);
    const std::size_t end = self.position + static_cast<std::size_t>(count);
    try {
      if (end > self.bytes.size()) self.bytes.resize(end);
    } catch (const std::bad_alloc&) {
      return 0;
    }
    std::memcpy(self.bytes.data() + self.position, from, static_cast<std::size_t>(count));
    self.position = end;
    return count;
  }
  static toff_t seek(thandle_t file, toff_t offset, int whence) {
    auto& self = *static_cast<tiff_memory*>(file);
    self.position = offset + (whence == SEEK_END   ? self.bytes.size()
                              : whence == SEEK_CUR ? self.position
                                                   : 0);
    return self.position;
  }
  static toff_t size(thandle_t file) { return static_cast<tiff_memory*>(file)->bytes.size(); }
  static int close(thandle_t) { return 0; }
};

}  // namespace gpuimg::io::detail
