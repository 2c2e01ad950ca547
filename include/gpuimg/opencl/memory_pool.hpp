// SPDX-License-Identifier: BSD-3-Clause
// Device memory that is given back to be used again, within a budget of bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <new>
#include <vector>

#include "gpuimg/core/memory_budget.hpp"
#include "gpuimg/opencl/api.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Blocks of one context. A block that is given back may be handed out at once: all work runs in
/// one queue, in order, so whoever takes it next comes after whoever used it last.
class memory_pool {
 public:
  struct block {
    cl_mem memory = nullptr;
    std::size_t bytes = 0;
  };

  memory_pool(cl_context context, std::uint64_t limit, std::uint64_t largest)
      : context_(context), largest_(largest), budget_(limit) {}
  memory_pool(const memory_pool&) = delete;
  memory_pool& operator=(const memory_pool&) = delete;
  ~memory_pool() { trim(); }

  /// A block of at least `bytes` bytes (> 0). Throws memory_error; free blocks are released first.
  block take(std::size_t bytes) {
    if (bytes > largest_)
      throw memory_error("needs " + std::to_string(bytes) +
                             " bytes in one piece, the device allows " + std::to_string(largest_) +
                             " (of a budget of " + std::to_string(budget_.limit()) +
                             "): crop the image and process its parts",
                         bytes, budget_.limit());
    if (block found = reuse(bytes); found.memory != nullptr) return found;
    try {
      return create(bytes);
    } catch (const memory_error&) {
      trim();
      return create(bytes);
    }
  }

  void give_back(block b) noexcept {
    const std::lock_guard lock(mutex_);
    try {
      if (std::erase(lent_, b.memory) == 0) {
        free_.emplace(b.bytes, b.memory);
        return;
      }
    } catch (const std::bad_alloc&) {  // no room to note it: it is released instead
    }
    release(b);
  }

  /// The block's memory has another owner, too: once given back it is released, not used again.
  void lend(const block& b) {
    const std::lock_guard lock(mutex_);
    lent_.push_back(b.memory);
  }

  /// Releases the blocks that nobody uses.
  void trim() {
    const std::lock_guard lock(mutex_);
    for (const auto& [bytes, memory] : free_) release({memory, bytes});
    free_.clear();
  }

  [[nodiscard]] std::uint64_t limit() const { return budget_.limit(); }
  /// Bytes in blocks, those that wait to be used again included.
  [[nodiscard]] std::uint64_t reserved() const { return budget_.used(); }
  [[nodiscard]] std::uint64_t peak() const { return budget_.peak(); }

 private:
  // The smallest free block that fits without wasting more than an eighth of itself.
  block reuse(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    const auto fit = free_.lower_bound(bytes);
    if (fit == free_.end() || fit->first - bytes > fit->first / 8) return {};
    const block found{fit->second, fit->first};
    free_.erase(fit);
    return found;
  }

  void release(const block& b) {
    clReleaseMemObject(b.memory);
    budget_.give_back(b.bytes);
  }

  block create(std::size_t bytes) {
    budget_.take(bytes);
    int code = CL_SUCCESS;
    cl_mem memory = clCreateBuffer(context_, CL_MEM_READ_WRITE, bytes, nullptr, &code);
    if (code == CL_SUCCESS) return {memory, bytes};
    budget_.give_back(bytes);
    if (is_memory_code(code) || code == CL_OUT_OF_RESOURCES || code == CL_INVALID_BUFFER_SIZE)
      throw memory_error("the device refused " + std::to_string(bytes) + " bytes (" +
                             name_of_code(code) + "), the budget is " +
                             std::to_string(budget_.limit()),
                         bytes, budget_.limit());
    throw device_error("clCreateBuffer failed: " + name_of_code(code), code);
  }

  cl_context context_;
  std::uint64_t largest_;
  memory_budget budget_;
  std::mutex mutex_;
  std::multimap<std::size_t, cl_mem> free_;
  std::vector<cl_mem> lent_;
};

}  // namespace gpuimg::opencl
