// SPDX-License-Identifier: BSD-3-Clause
// Device memory that is given back to be used again, within a budget of bytes.
#pragma once

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#include "gpuimg/core/memory_budget.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/opencl/api.hpp"
#include "gpuimg/opencl/handle.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

class memory_pool;

/// The memory of one piece of hardware: a ledger of what the whole process holds there, and the
/// pools that hold it.
class hardware_memory {
 public:
  explicit hardware_memory(std::uint64_t limit, cl_device_id id = nullptr)
      : limit_(limit), budget_(limit), id_(id) {}
  hardware_memory(const hardware_memory&) = delete;
  hardware_memory& operator=(const hardware_memory&) = delete;

  /// How many of its `bytes` bytes are used where nobody says otherwise. A fifth is left to the
  /// driver, the screen and others, for drivers that run out of memory say so late or never.
  static constexpr std::uint64_t default_limit(std::uint64_t bytes) { return bytes / 5 * 4; }

  /// The one of a device, which has `bytes` bytes.
  ///
  /// The chain of them is global, for two devices on one GPU know nothing else of each other, and
  /// must not both spend its memory. It is never destroyed: devices may be made until the process
  /// ends.
  static hardware_memory& of(cl_device_id id, std::uint64_t bytes) {
    static std::mutex mutex;
    static hardware_memory* first = nullptr;
    const std::lock_guard lock(mutex);
    for (hardware_memory* known = first; known != nullptr; known = known->next_)
      if (known->id_ == id) return *known;
    auto* const added = new hardware_memory(default_limit(bytes), id);
    added->next_ = first;
    return *(first = added);
  }

  /// Its limit may be raised, and is what it was when the last pool is gone.
  [[nodiscard]] memory_budget& budget() { return budget_; }

  /// Releases the blocks that nobody uses, of all pools. True where there were any.
  bool trim();

  /// Calls OpenCL. `once()` does so and returns its code, `name` is for messages. Where the device
  /// says that memory ran out, which may be at any call since drivers allocate late, what is under
  /// way in `queue` is finished, blocks that nobody uses are released, and the call is made once
  /// more. Throws memory_error or device_error where that fails too; the device goes on working.
  /// `budget` and `bytes`: of the device, and how many the call asks for, for messages.
  void call(const char* name, repeatable once, cl_command_queue queue, std::uint64_t budget,
            std::uint64_t bytes = 0) {
    int code = once();
    if (is_memory_code(code)) {
      make_room(queue);
      code = once();
    }
    if (code != CL_SUCCESS) refuse(name, code, budget, bytes);
  }

 private:
  friend class memory_pool;
  // Whether these succeed matters less than what the second call says.
  [[gnu::cold]] void make_room(cl_command_queue queue) {
    if (queue != nullptr) clFinish(queue);
    // Some drivers free only now what was released while it was in use.
    if (trim() && queue != nullptr) clFinish(queue);
  }
  [[noreturn, gnu::cold]] static void refuse(const char* name, int code, std::uint64_t budget,
                                             std::uint64_t bytes) {
    const std::string limit = detail::text({" (", name_of_code(code), "), the budget is ", budget});
    if (bytes != 0 && (is_memory_code(code) || code == CL_INVALID_BUFFER_SIZE))
      throw memory_error(detail::text({"the device refused ", bytes, " bytes", limit}), bytes,
                         budget);
    if (is_memory_code(code))
      throw memory_error(detail::text({"the device ran out of memory in ", name, limit}), 0,
                         budget);
    check(code, name);
    std::terminate();  // a code that is no error never gets here
  }
  void join(memory_pool& pool);
  void leave(memory_pool& pool);

  const std::uint64_t limit_;
  memory_budget budget_;
  std::mutex mutex_;
  memory_pool* pools_ = nullptr;  // the first of a chain
  cl_device_id id_;
  hardware_memory* next_ = nullptr;
};

/// What a pool's blocks are for.
enum class memory_kind {
  device,  ///< images: counted in the budget
  cpu,     ///< the same, of a device that is a CPU
  staging  ///< host memory that the device can reach at full speed, mapped as long as it exists
};

/// Blocks of one queue. A block that is given back may be handed out at once: all work runs in that
/// queue, in order, so whoever takes it next comes after whoever used it last. The pool holds at
/// most half as many bytes again as were in use at the same time, so images of ever new sizes do
/// not pile up.
class memory_pool {
 public:
  struct block {
    cl_mem memory = nullptr;
    std::size_t bytes = 0;
    void* mapped = nullptr;  ///< of staging memory: where the host finds it
  };

  /// `largest`: how many bytes the device allows in one piece.
  memory_pool(context_handle context, queue_handle queue, std::uint64_t largest,
              std::shared_ptr<memory_budget> budget, hardware_memory& hardware,
              memory_kind kind = memory_kind::device)
      : context_(std::move(context)),
        queue_(std::move(queue)),
        largest_(largest),
        budget_(std::move(budget)),
        hardware_(hardware),
        kind_(kind) {
    hardware_.join(*this);
  }
  memory_pool(const memory_pool&) = delete;
  memory_pool& operator=(const memory_pool&) = delete;
  [[gnu::cold]] ~memory_pool() {
    hardware_.leave(*this);
    trim();
  }

  /// As hardware_memory::call, for calls that have to do with the pool's queue.
  void call(const char* name, repeatable once, std::uint64_t bytes = 0) {
    hardware_.call(name, once, queue_(), budget_->limit(), bytes);
  }

  /// A block of at least `bytes` bytes (> 0). Throws memory_error; free blocks are released first.
  block take(std::size_t bytes) {
    if (bytes > largest_)
      throw memory_error(detail::text({"needs ", bytes, " bytes in one piece, the device allows ",
                                       largest_, " (of a budget of ", budget_->limit(),
                                       "): crop the image and process its parts"}),
                         bytes, budget_->limit());
    block taken = reuse(bytes);
    if (taken.memory == nullptr) taken = create(bytes);
    adopt(taken);
    return taken;
  }

  /// A block in use that another pool of the same context took now belongs to this one.
  void adopt(const block& b) {
    const std::lock_guard lock(mutex_);
    used_ += b.bytes;
    if (used_ > most_used_) most_used_ = used_;
    release_surplus(used_);
  }
  /// A block in use is this pool's no longer: another adopts it, or its memory is somebody else's.
  void disown(const block& b) {
    const std::lock_guard lock(mutex_);
    used_ -= b.bytes;
  }

  void give_back(block b) noexcept {
    disown(b);
    const std::lock_guard lock(mutex_);
    try {
      free_ = new free_block{b, free_};
      free_bytes_ += b.bytes;
    } catch (const std::bad_alloc&) {  // no room to note it: it is released instead
      release(b);
    }
    release_surplus(used_);
  }

  /// The block's memory has another owner, too. It stays in the ledger until both let go of it, and
  /// is released then: it must be disowned, not given back.
  void lend(const block& b) {
    std::unique_ptr<lent_memory> note(new lent_memory{budget_, b.bytes});
    call("clSetMemObjectDestructorCallback", [&] {
      return clSetMemObjectDestructorCallback(
          b.memory,
          [](cl_mem, void* data) {
            const std::unique_ptr<lent_memory> lent(static_cast<lent_memory*>(data));
            lent->budget->give_back(lent->bytes);
          },
          note.get());
    });
    static_cast<void>(note.release());  // the callback's from here on
  }

  /// Releases the blocks that nobody uses, and forgets how many bytes were in use. True where there
  /// were any.
  bool trim() {
    const std::lock_guard lock(mutex_);
    const bool any = free_ != nullptr;
    while (free_ != nullptr) release(take_out(free_));
    most_used_ = used_;
    return any;
  }

  [[nodiscard]] std::uint64_t limit() const { return budget_->limit(); }
  /// Bytes in blocks, those that wait to be used again included, and those of siblings.
  [[nodiscard]] std::uint64_t reserved() const { return budget_->used(); }
  [[nodiscard]] std::uint64_t peak() const { return budget_->peak(); }

 private:
  struct lent_memory {
    std::shared_ptr<memory_budget> budget;
    std::size_t bytes;
  };

  // The newest comes first.
  struct free_block {
    block memory;
    free_block* next;
  };

  // The smallest free block that fits without wasting more than an eighth of itself; of several
  // the newest, which may still lie in a cache. None: there is room for a new one.
  block reuse(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    free_block** best = nullptr;
    for (free_block** at = &free_; *at != nullptr; at = &(*at)->next) {
      const std::size_t size = (*at)->memory.bytes;
      if (size >= bytes && size - bytes <= size / 8 &&
          (best == nullptr || size < (*best)->memory.bytes))
        best = at;
    }
    if (best != nullptr) return take_out(*best);
    release_surplus(used_ + bytes);
    return {};
  }

  // Takes the block to which `at` points out of the chain.
  block take_out(free_block*& at) {
    const free_block* const taken = at;
    const block memory = taken->memory;
    at = taken->next;
    free_bytes_ -= memory.bytes;
    delete taken;
    return memory;
  }

  // The oldest free blocks go until those that stay are, with so many bytes in use, within what the
  // pool may hold.
  void release_surplus(std::uint64_t used) {
    const std::uint64_t most = 3 * std::max(most_used_, used);
    while (free_ != nullptr && 2 * (used + free_bytes_) > most) {
      free_block** last = &free_;
      while ((*last)->next != nullptr) last = &(*last)->next;
      release(take_out(*last));
    }
  }

  void release(const block& b) {
    if (drivers_are_loaded()) {
      if (b.mapped != nullptr)
        clEnqueueUnmapMemObject(queue_(), b.memory, b.mapped, 0, nullptr, nullptr);
      clReleaseMemObject(b.memory);
    }
    budget_->give_back(b.bytes);
  }

  block create(std::size_t bytes) {
    try {
      budget_->take(bytes);
    } catch (const memory_error&) {
      hardware_.trim();
      budget_->take(bytes);
    }
    block made{nullptr, bytes, nullptr};
    try {
      call(
          "clCreateBuffer",
          [&] {
            int code = CL_SUCCESS;
            const cl_mem_flags flags = kind_ == memory_kind::staging ? CL_MEM_ALLOC_HOST_PTR : 0;
            made.memory =
                clCreateBuffer(context_(), CL_MEM_READ_WRITE | flags, bytes, nullptr, &code);
            return code;
          },
          bytes);
      if (kind_ == memory_kind::staging) map(made);
      if (kind_ == memory_kind::cpu) ask_for_large_pages(made);
    } catch (...) {
      if (made.memory != nullptr) clReleaseMemObject(made.memory);
      budget_->give_back(bytes);
      throw;
    }
    return made;
  }

  void map(block& b) {
    call("clEnqueueMapBuffer", [&] {
      int code = CL_SUCCESS;
      b.mapped = clEnqueueMapBuffer(queue_(), b.memory, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0,
                                    b.bytes, 0, nullptr, nullptr, &code);
      return code;
    });
  }

  // Where the driver's memory is fresh from the system, which has given it no pages yet, Linux may
  // give it few large ones: they are made and found faster. Whatever fails changes nothing.
  void ask_for_large_pages([[maybe_unused]] const block& b) {
#if defined(MADV_HUGEPAGE)
    constexpr std::size_t page = std::size_t{1} << 21;
    if (b.bytes < 2 * page) return;
    int code = CL_SUCCESS;
    void* const memory = clEnqueueMapBuffer(queue_(), b.memory, CL_FALSE, CL_MAP_READ, 0, b.bytes,
                                            0, nullptr, nullptr, &code);
    if (code != CL_SUCCESS) return;
    void* first = memory;
    std::size_t bytes = b.bytes;
    if (std::align(page, page, first, bytes) != nullptr)
      madvise(first, bytes / page * page, MADV_HUGEPAGE);
    clEnqueueUnmapMemObject(queue_(), b.memory, memory, 0, nullptr, nullptr);
#endif
  }

  context_handle context_;
  queue_handle queue_;
  std::uint64_t largest_;
  std::shared_ptr<memory_budget> budget_;
  hardware_memory& hardware_;
  memory_kind kind_;
  std::mutex mutex_;
  free_block* free_ = nullptr;
  std::uint64_t free_bytes_ = 0, used_ = 0, most_used_ = 0;
  friend class hardware_memory;
  memory_pool* next_ = nullptr;  // of the same hardware
};

inline bool hardware_memory::trim() {
  const std::lock_guard lock(mutex_);
  bool any = false;
  for (memory_pool* pool = pools_; pool != nullptr; pool = pool->next_) any = pool->trim() || any;
  return any;
}

inline void hardware_memory::join(memory_pool& pool) {
  const std::lock_guard lock(mutex_);
  pool.next_ = pools_;
  pools_ = &pool;
}

inline void hardware_memory::leave(memory_pool& pool) {
  const std::lock_guard lock(mutex_);
  memory_pool** at = &pools_;
  while (*at != &pool) at = &(*at)->next_;
  *at = pool.next_;
  if (pools_ == nullptr) budget_.set_limit(limit_);  // what its last users had set is over
}

}  // namespace gpuimg::opencl
