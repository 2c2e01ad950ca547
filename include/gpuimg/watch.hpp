// SPDX-License-Identifier: BSD-3-Clause
// An observer made of a stop token and a function: progress and cancellation in one line.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

#include "gpuimg/device.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// The same device, on which operations end with cancelled_error once `stop` is requested: when the
/// next one begins, or between the launches of one that is under way. `begins` is called with the
/// name of each operation as it begins. Images are watched where they were made with the device
/// that this returns; so are results.
///     auto watched = gpuimg::watch(device, source.get_token(), [](const char* name) { ... });
inline device watch(const device& device, std::stop_token stop,
                    std::function<void(const char* operation)> begins = {}) {
  class watcher : public observer {
   public:
    watcher(std::stop_token stop, std::function<void(const char*)> begins)
        : stop_(std::move(stop)), begins_(std::move(begins)) {}
    void begins(const char* operation) override {
      if (begins_) begins_(operation);
    }
    [[nodiscard]] bool stop_requested() const override { return stop_.stop_requested(); }

   private:
    std::stop_token stop_;
    std::function<void(const char*)> begins_;
  };
  return device.observed_by(std::make_shared<watcher>(std::move(stop), std::move(begins)));
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
