// SPDX-License-Identifier: BSD-3-Clause
// The device a command runs on, and what a person in front of a terminal should know about it.
#pragma once

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "gpuimg/device.hpp"

namespace gpuimg::cli {

/// The device of that name, or the best one; says on stderr where that is only the reference.
inline device open_device(const std::optional<std::string>& name) {
  if (name) return device::by_name(*name);
  device best = device::best();
  const char* wanted = std::getenv("GPUIMG_DEVICE");
  if (best.is_reference() && (wanted == nullptr || *wanted == '\0'))
    std::cerr << "gpuimg: there is no OpenCL device; the reference computes, which is slow\n";
  return best;
}

/// While it lives, says once on a terminal that kernels are being compiled, if that is what the
/// first second and more goes by with. A look at the count of programs waits for the one that is
/// being compiled, which is how this class knows.
class compile_notice {
 public:
  explicit compile_notice(const device& device) {
    if (isatty(STDERR_FILENO) != 1 || device.is_reference()) return;
    watch_ = std::jthread([device, this](const std::stop_token& stop) {
      using namespace std::chrono_literals;
      const auto begin = std::chrono::steady_clock::now();
      while (!is_stopped_within(50ms, stop)) {
        const auto look = std::chrono::steady_clock::now();
        (void)device.opencl().programs().built();
        const auto now = std::chrono::steady_clock::now();
        if (now - look < 50ms || now - begin < 1s) continue;
        std::cerr << "\r\x1b[Kcompiling kernels for this device, once\n" << std::flush;
        return;
      }
    });
  }

 private:
  bool is_stopped_within(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    return stopped_.wait_for(lock, stop, time, [&] { return stop.stop_requested(); });
  }

  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread watch_;  // last: its thread uses the others
};

}  // namespace gpuimg::cli
