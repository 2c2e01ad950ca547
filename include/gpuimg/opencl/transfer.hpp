// SPDX-License-Identifier: BSD-3-Clause
// Pixels on their way between host and device.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

#include "gpuimg/opencl/api.hpp"
#include "gpuimg/opencl/handle.hpp"
#include "gpuimg/opencl/memory_pool.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

class device;

/// A copy that may still be under way. The host's memory must stay until `wait()` returns or the
/// transfer is destroyed, which waits as well. Belongs to one thread.
class [[nodiscard]] transfer {
 public:
  /// One that is over.
  transfer() = default;
  transfer(transfer&& other) noexcept { swap(other); }
  transfer& operator=(transfer&& other) noexcept {
    transfer taken(std::move(other));
    swap(taken);
    return *this;
  }
  ~transfer() {
    try {
      wait();
    } catch (const error&) {  // there is nobody to tell: who wants to know calls wait()
    }
    if (staging_.memory != nullptr) staging_pool_->give_back(staging_);
  }

  /// Returns when the copy is done. Throws device_error or memory_error where it failed.
  void wait() {
    if (event_() == nullptr || !drivers_are_loaded()) return;
    pool_->call("clWaitForEvents", [&] {
      const cl_event waited_for = event_();
      return clWaitForEvents(1, &waited_for);
    });
    event_ = {};
    if (to_ != nullptr) std::memcpy(to_, staging_.mapped, bytes_);
  }

 private:
  friend class device;
  void swap(transfer& other) {
    std::swap(event_, other.event_);
    std::swap(pool_, other.pool_);
    std::swap(staging_, other.staging_);
    std::swap(staging_pool_, other.staging_pool_);
    std::swap(to_, other.to_);
    std::swap(bytes_, other.bytes_);
  }

  event_handle event_;  // none: the copy is done
  std::shared_ptr<memory_pool> pool_;
  memory_pool::block staging_;
  std::shared_ptr<memory_pool> staging_pool_;
  void* to_ = nullptr;  // where what was read into staging memory goes
  std::size_t bytes_ = 0;
};

}  // namespace gpuimg::opencl
