// SPDX-License-Identifier: BSD-3-Clause
// A ledger of bytes with a limit: drivers refuse too much memory late, never or by ending the
// process.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <string>
#include <system_error>

#include "gpuimg/core/error.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// Bytes, with an optional suffix K, M, G or T (powers of 1024): "512M". Throws argument_error.
inline std::uint64_t parse_bytes(const std::string& text) {
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
    throw argument_error("'" + text + "' is not a number of bytes such as 1073741824, 512M or 2G");
  return static_cast<std::uint64_t>(bytes);
}

/// The limit that the environment variable GPUIMG_MEMORY_LIMIT sets, else `fallback`.
inline std::uint64_t memory_limit(std::uint64_t fallback) {
  const char* text = std::getenv("GPUIMG_MEMORY_LIMIT");
  if (text == nullptr || *text == '\0') return fallback;
  try {
    return parse_bytes(text);
  } catch (argument_error& e) {
    e.add_context("GPUIMG_MEMORY_LIMIT", "environment");
    throw;
  }
}

/// Counts the bytes that buffers hold. Safe to use from several threads.
class memory_budget {
 public:
  explicit memory_budget(std::uint64_t limit) : limit_(limit) {}

  /// Books `bytes`, or throws memory_error naming bytes, use and budget and books nothing.
  void take(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    if (bytes > limit_ || used_ > limit_ - bytes)
      throw memory_error("needs " + std::to_string(bytes) + " bytes of device memory, " +
                             std::to_string(used_) + " are in use, the budget is " +
                             std::to_string(limit_),
                         bytes, limit_);
    used_ += bytes;
    peak_ = used_ > peak_ ? used_ : peak_;
  }
  void give_back(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    used_ -= bytes;
  }

  [[nodiscard]] std::uint64_t limit() const { return limit_; }
  [[nodiscard]] std::uint64_t used() const {
    const std::lock_guard lock(mutex_);
    return used_;
  }
  [[nodiscard]] std::uint64_t peak() const {
    const std::lock_guard lock(mutex_);
    return peak_;
  }

 private:
  std::uint64_t limit_, used_ = 0, peak_ = 0;
  mutable std::mutex mutex_;
};

}  // namespace gpuimg
