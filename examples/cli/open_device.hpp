// SPDX-License-Identifier: BSD-3-Clause
// The device a command runs on, and what a person in front of a terminal should know about it.
#pragma once

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "gpuimg/device.hpp"

namespace gpuimg::cli {

/// The device of that name, or the best one; says on stderr which ones were passed over and why,
/// and where only the reference is left.
inline device open_device(const std::optional<std::string>& name) {
  if (name) return device::by_name(*name);
  const auto choice = device::choose();
  for (const auto& other : choice.others)
    std::cerr << "gpuimg: " << other.info.name << " is passed over: " << other.reason << '\n';
  const char* wanted = std::getenv("GPUIMG_DEVICE");
  if (choice.best.is_reference() && (wanted == nullptr || *wanted == '\0'))
    std::cerr << "gpuimg: there is no " << (choice.others.empty() ? "" : "other ")
              << "OpenCL device; the reference computes, which is slow\n";
  return choice.best;
}

/// While it lives, says once on a terminal that kernels are being compiled, where that has taken
/// longer than a second.
class compile_notice {
 public:
  explicit compile_notice(const device& device) : device_(device) {
    if (device.is_reference() || isatty(STDERR_FILENO) != 1) return;
    device.opencl().programs().observed_by(std::make_shared<observer>(*this));
  }
  compile_notice(const compile_notice&) = delete;
  compile_notice& operator=(const compile_notice&) = delete;
  ~compile_notice() {
    if (!device_.is_reference()) device_.opencl().programs().observed_by(nullptr);
  }

 private:
  class observer final : public opencl::build_observer {
   public:
    explicit observer(compile_notice& notice) : notice_(notice) {}
    void builds(const char*) override { notice_.start(); }

   private:
    compile_notice& notice_;
  };

  void start() {
    const std::lock_guard lock(mutex_);
    if (!watch_.joinable()) watch_ = std::jthread([this](std::stop_token stop) { wait(stop); });
  }

  /// From the first program that is compiled on.
  void wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const bool stopped = stopped_.wait_for(lock, stop, std::chrono::seconds(1),
                                           [&] { return stop.stop_requested(); });
    if (!stopped) std::cerr << "\r\x1b[Kcompiling kernels for this device, once\n" << std::flush;
  }

  device device_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread watch_;  // last: it ends before what it uses
};

}  // namespace gpuimg::cli
