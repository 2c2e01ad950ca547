// SPDX-License-Identifier: BSD-3-Clause
// The CPU reference: host memory and plain loops. It defines what every other device must compute.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <utility>

#include "gpuimg/core/memory_budget.hpp"
#include "gpuimg/core/text.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::reference {

/// Host memory, counted in its device's budget, or the user's own where it was wrapped.
class buffer {
 public:
  buffer() = default;
  explicit buffer(void* wrapped) : data_(wrapped) {}
  buffer(std::size_t bytes, std::shared_ptr<memory_budget> budget) : bytes_(bytes) {
    budget->take(bytes);
    data_ = ::operator new (bytes, std::align_val_t{64}, std::nothrow);
    if (data_ == nullptr) {
      budget->give_back(bytes);
      throw memory_error(
          detail::text({"the host refused ", bytes, " bytes, the budget is ", budget->limit()}),
          bytes, budget->limit());
    }
    budget_ = std::move(budget);
  }
  buffer(buffer&& other) noexcept { swap(other); }
  buffer& operator=(buffer&& other) noexcept {
    buffer taken(std::move(other));
    swap(taken);
    return *this;
  }
  ~buffer() {
    if (budget_ == nullptr) return;
    ::operator delete (data_, std::align_val_t{64});
    budget_->give_back(bytes_);
  }

  [[nodiscard]] void* data() const { return data_; }

 private:
  void swap(buffer& other) {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    std::swap(budget_, other.budget_);
  }

  void* data_ = nullptr;
  std::size_t bytes_ = 0;
  std::shared_ptr<memory_budget> budget_;  // none: the memory is the user's
};

/// Copies of a device share everything.
class device {
 public:
  device() : budget_(new memory_budget(memory_limit(std::numeric_limits<std::uint64_t>::max()))) {}

  /// No device: good for nothing but to be given one.
  static device none() { return device(nullptr); }

  // Moving copies: one that was moved from is the same device still.
  device(const device&) = default;
  device& operator=(const device&) = default;

  [[nodiscard]] buffer allocate(std::size_t bytes) const { return {bytes, budget_}; }
  /// Sets how many bytes this device may hold from here on.
  void limit_memory(std::uint64_t bytes) const { budget_->set_limit(bytes); }
  [[nodiscard]] const memory_budget& budget() const { return *budget_; }
  bool operator==(const device&) const = default;

 private:
  explicit device(std::nullptr_t) {}
  std::shared_ptr<memory_budget> budget_;
};

}  // namespace gpuimg::reference
