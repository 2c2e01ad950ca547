// SPDX-License-Identifier: BSD-3-Clause
// Device memory with an owner, and what kernels are given of it.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/opencl/api.hpp"
#include "gpuimg/opencl/handle.hpp"
#include "gpuimg/opencl/memory_pool.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

class device;

/// Device memory that goes back to its pool when its owner lets go of it. Host memory in use as a
/// buffer is the host's again then, with what the device wrote.
class buffer {
 public:
  buffer() = default;
  buffer(buffer&& other) noexcept { swap(other); }
  buffer& operator=(buffer&& other) noexcept {
    buffer taken(std::move(other));
    swap(taken);
    return *this;
  }
  ~buffer() {
    if (block_.memory == nullptr) return;
    if (pool_ != nullptr && !is_lent_) {
      pool_->give_back(block_);
      return;
    }
    if (pool_ != nullptr) pool_->disown(block_);
    if (!drivers_are_loaded()) return;
    if (users_() != nullptr) return_to_host();
    clReleaseMemObject(block_.memory);
  }

  [[nodiscard]] cl_mem memory() const { return block_.memory; }

  /// The memory for another owner to keep. It is not used again when this one lets go of it, and
  /// stays in the ledger until both have. Throws device_error, memory_error.
  [[nodiscard]] memory_handle lend() const {
    if (pool_ != nullptr && !is_lent_.exchange(true)) {
      try {
        pool_->lend(block_);
      } catch (...) {
        is_lent_ = false;
        throw;
      }
    }
    return memory_handle(block_.memory, true);
  }

 private:
  friend class device;
  buffer(memory_pool::block block, std::shared_ptr<memory_pool> pool, queue_handle users = {})
      : block_(block), pool_(std::move(pool)), users_(std::move(users)) {}
  void swap(buffer& other) {
    std::swap(block_, other.block_);
    std::swap(pool_, other.pool_);
    std::swap(users_, other.users_);
    is_lent_ = other.is_lent_.exchange(is_lent_);
  }

  // Only mapping makes what a device wrote visible to the host. There is nobody to tell where it
  // fails, so it is tried three times.
  void return_to_host() {
    void* pointer = nullptr;
    for (int attempt = 0; attempt < 3 && pointer == nullptr; ++attempt) {
      pointer = clEnqueueMapBuffer(users_(), block_.memory, CL_TRUE, CL_MAP_READ, 0, block_.bytes,
                                   0, nullptr, nullptr, nullptr);
      if (pointer != nullptr)
        clEnqueueUnmapMemObject(users_(), block_.memory, pointer, 0, nullptr, nullptr);
      clFinish(users_());
    }
  }

  memory_pool::block block_;
  std::shared_ptr<memory_pool> pool_;          // none: the block is released, not given back
  queue_handle users_;                         // of host memory: where work may be under way
  mutable std::atomic<bool> is_lent_ = false;  // images are lent from several threads
};

/// What a kernel is given of an image: memory, pixel type and shape. Owns nothing.
struct buffer_view {
  cl_mem memory = nullptr;
  pixel_type type = pixel_type::f32;
  gpuimg::shape shape{};

  [[nodiscard]] std::size_t bytes() const { return shape.pixels() * size_of(type); }
};

}  // namespace gpuimg::opencl
