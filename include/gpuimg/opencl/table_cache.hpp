// SPDX-License-Identifier: BSD-3-Clause
// The small tables that kernels read, kept for the next call.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "gpuimg/core/version.hpp"
#include "gpuimg/opencl/handle.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Read-only tables by their bytes, such as the weights of a filter: the next call wants the same
/// ones, and a driver may wait for all work when it makes a buffer from the host's memory. The last
/// ones made are kept, a megabyte at most, which no budget counts. Safe to use from several threads.
class table_cache {
 public:
  static constexpr std::size_t largest = 16384;  ///< bytes of a table that is kept

  /// The memory of a table that has these bytes: a kept one, or else what `make()` returns.
  template <class Make>
  memory_handle get(std::string_view bytes, const Make& make) {
    const std::lock_guard lock(mutex_);
    for (const auto& table : kept_)
      if (table.memory() != nullptr && table.bytes == bytes) return table.memory;
    auto& oldest = kept_[next_];
    oldest = {std::string(bytes), make()};
    next_ = (next_ + 1) % kept_.size();
    return oldest.memory;
  }

 private:
  struct kept {
    std::string bytes;
    memory_handle memory;
  };
  std::mutex mutex_;
  std::array<kept, 64> kept_;
  std::size_t next_ = 0;
};

}  // namespace gpuimg::opencl
