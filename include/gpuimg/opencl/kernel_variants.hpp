// SPDX-License-Identifier: BSD-3-Clause
// Launches on drivers that compile a kernel anew for wider grids, side by side in several queues.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>

#include "gpuimg/core/version.hpp"
#include "gpuimg/opencl/api.hpp"
#include "gpuimg/opencl/handle.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Keeps a kernel from running in one queue while it has its first launch of a wider grid in
/// another.
///
/// PoCL 3.1 to 5 compiles a kernel for a work-group and the widest grid so far, and takes this
/// variant for narrower grids, too. It counts the launches that use a variant; but one that ends is
/// taken from the count of the newest variant, even where it began with an older one, and a count
/// below zero ends the program (`pocl_release_dlhandle_cache`). It keeps 128 variants per process.
///
/// Safe to use from several threads. A launch that has to wait for another queue waits in the host.
class kernel_variants {
 public:
  /// The one of the process, as PoCL's cache is.
  static kernel_variants& of_process() {
    static auto& variants = *new kernel_variants;  // never destroyed: devices may outlive statics
    return variants;
  }

  /// Calls `enqueue`, which launches a kernel, sets `event` and returns the code. `kernel` is all
  /// that tells the kernel and its work-group from others, `width` the widest side of the grid.
  [[gnu::cold]] int launch(cl_command_queue queue, const std::string& kernel, std::size_t width,
                           repeatable enqueue, const cl_event& event) {
    const std::lock_guard lock(mutex_);
    uses& known = uses_of(kernel);
    const bool widens = width > known.widest || known.turn != turn();
    use* mine = nullptr;
    for (use* each = known.first; each != nullptr; each = each->next) {
      if (each->queue == queue || (mine == nullptr && each->queue == nullptr)) mine = each;
      if (each->queue == nullptr || each->queue == queue) continue;
      if (!widens && each->queue != known.widened_by) continue;
      if (const int code = wait_for(each->last()); code != CL_SUCCESS) return code;
    }
    if (known.widened_by != queue) known.widened_by = nullptr;
    if (mine == nullptr) mine = known.first = new use{known.first};

    const int code = enqueue();
    if (code != CL_SUCCESS) return code;
    if (widens) {
      ++widened_;
      known.widest = width;
      known.turn = turn();
      known.widened_by = queue;
    }
    mine->queue = queue;
    mine->last = event_handle(event);
    return code;
  }

  /// To be called before a queue is released.
  [[gnu::cold]] void forget(cl_command_queue queue) {
    const std::lock_guard lock(mutex_);
    for (uses* known = kernels_; known != nullptr; known = known->next)
      for (use* each = known->first; each != nullptr; each = each->next)
        if (each->queue == queue) each->queue = nullptr, each->last = {};
  }

 private:
  struct use {
    use* next;
    cl_command_queue queue = nullptr;  // null where it is forgotten
    event_handle last{};               // launch of the kernel
  };
  struct uses {
    uses* next;
    std::string kernel;
    std::size_t widest = 0, turn = 0;
    cl_command_queue widened_by = nullptr;  // null once the others have waited for it
    use* first = nullptr;
  };

  uses& uses_of(const std::string& kernel) {
    for (uses* known = kernels_; known != nullptr; known = known->next)
      if (known->kernel == kernel) return *known;
    return *(kernels_ = new uses{kernels_, kernel});
  }

  // What was noted before may have left PoCL's cache when this counts on.
  [[nodiscard]] std::size_t turn() const { return 1 + widened_ / 100; }

  static int wait_for(cl_event event) {
    const int code = clWaitForEvents(1, &event);
    return code == CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST ? CL_SUCCESS : code;  // it is over
  }

  std::mutex mutex_;
  uses* kernels_ = nullptr;  // the first of a chain
  std::size_t widened_ = 0;
};

}  // namespace gpuimg::opencl
