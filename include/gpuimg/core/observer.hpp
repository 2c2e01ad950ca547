// SPDX-License-Identifier: BSD-3-Clause
// What watches the work on a device: shows how far it is, or has it stopped.
#pragma once

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// Given to a device by `device::observed_by`. Called by the threads that run operations there.
class observer {
 public:
  observer() = default;
  observer(const observer&) = delete;
  observer& operator=(const observer&) = delete;
  virtual ~observer() = default;

  /// An operation begins; those that a composition is made of begin after it.
  virtual void begins(const char* operation) = 0;
  /// Whether operations are to end as soon as they can, with cancelled_error.
  [[nodiscard]] virtual bool stop_requested() const = 0;
};

}  // namespace gpuimg
