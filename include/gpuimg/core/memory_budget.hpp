// SPDX-License-Identifier: BSD-3-Clause
// A ledger of bytes with a limit: drivers refuse too much memory late, never or by ending the
// process.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/text.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// Bytes, with an optional suffix K, M, G or T (powers of 1024): "512M". Throws argument_error.
[[gnu::cold]] inline std::uint64_t parse_bytes(const std::string& text) {
  double number = 0;
  const char* last = text.data() + text.size();
  auto [end, failure] = std::from_chars(text.data(), last, number);
  double bytes = number;
  if (failure == std::errc{} && end + 1 == last) {
    switch (*end++) {
      case 'T':
      case 't':
        bytes *= 1024;
        [[fallthrough]];
      case 'G':
      case 'g':
        bytes *= 1024;
        [[fallthrough]];
      case 'M':
      case 'm':
        bytes *= 1024;
        [[fallthrough]];
      case 'K':
      case 'k':
        bytes *= 1024;
        break;
      default:
        --end;
    }
  }
  if (failure != std::errc{} || end != last || !(bytes >= 0) || bytes >= 9e18)
    throw argument_error(
        detail::text({"'", text, "' is not a number of bytes such as 1073741824, 512M or 2G"}));
  return static_cast<std::uint64_t>(bytes);
}

/// The limit that the environment variable GPUIMG_MEMORY_LIMIT sets, else `fallback`.
[[gnu::cold]] inline std::uint64_t memory_limit(std::uint64_t fallback) {
  const char* text = std::getenv("GPUIMG_MEMORY_LIMIT");
  if (text == nullptr || *text == '\0') return fallback;
  try {
    return parse_bytes(text);
  } catch (argument_error& e) {
    e.add_context("GPUIMG_MEMORY_LIMIT", "environment");
    throw;
  }
}

/// Counts the bytes that buffers hold, and those of a part of them in the whole's ledger as well:
/// what a device holds in that of its hardware. Safe to use from several threads.
class memory_budget {
 public:
  /// `whole` must outlive the part.
  explicit memory_budget(std::uint64_t limit, memory_budget* whole = nullptr)
      : limit_(limit), whole_(whole) {}

  /// Books `bytes`, or throws memory_error naming bytes, use and budget and books nothing.
  void take(std::uint64_t bytes) {
    book(bytes);
    if (whole_ == nullptr) return;
    try {
      whole_->take(bytes);
    } catch (...) {
      unbook(bytes);
      throw;
    }
  }
  void give_back(std::uint64_t bytes) {
    unbook(bytes);
    if (whole_ != nullptr) whole_->give_back(bytes);
  }

  /// Sets how many bytes there may be from here on; what is booked stays. A part that may have more
  /// than the whole raises the whole: who names a number means it.
  void set_limit(std::uint64_t limit) {
    {
      const std::lock_guard lock(mutex_);
      limit_ = limit;
    }
    if (whole_ != nullptr && whole_->limit() < limit) whole_->set_limit(limit);
  }

  [[nodiscard]] std::uint64_t limit() const {
    const std::lock_guard lock(mutex_);
    return limit_;
  }
  [[nodiscard]] std::uint64_t used() const {
    const std::lock_guard lock(mutex_);
    return used_;
  }
  [[nodiscard]] std::uint64_t peak() const {
    const std::lock_guard lock(mutex_);
    return peak_;
  }

 private:
  void book(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    if (bytes > limit_ || used_ > limit_ - bytes)
      throw memory_error(detail::text({"needs ", bytes, " bytes of device memory, ", used_,
                                       " are in use, the budget is ", limit_}),
                         bytes, limit_);
    used_ += bytes;
    peak_ = used_ > peak_ ? used_ : peak_;
  }
  void unbook(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    used_ -= bytes;
  }

  std::uint64_t limit_, used_ = 0, peak_ = 0;
  memory_budget* whole_;
  mutable std::mutex mutex_;
};

namespace detail {

[[noreturn, gnu::cold]] inline void refuse_host_memory(std::uint64_t bytes) {
  throw memory_error(
      bytes == 0 ? "the host refused memory" : text({"the host refused ", bytes, " bytes"}), bytes,
      0);
}

/// Calls `work`, whose host memory may not be had: memory_error then says so. `bytes`: how many are
/// asked for, 0 where nobody knows.
template <class Work>
decltype(auto) with_host_memory(std::uint64_t bytes, Work&& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    refuse_host_memory(bytes);
  } catch (const std::length_error&) {  // more than a std::vector can count
    refuse_host_memory(bytes);
  }
}

}  // namespace detail

}  // namespace gpuimg
