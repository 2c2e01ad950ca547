// SPDX-License-Identifier: BSD-3-Clause
// One OpenCL device with a context, one in-order queue, a memory pool and its compiled programs.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "gpuimg/core/memory_budget.hpp"
#include "gpuimg/core/observer.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/opencl/api.hpp"
#include "gpuimg/opencl/buffer.hpp"
#include "gpuimg/opencl/device_description.hpp"
#include "gpuimg/opencl/handle.hpp"
#include "gpuimg/opencl/kernel_variants.hpp"
#include "gpuimg/opencl/launch.hpp"
#include "gpuimg/opencl/memory_pool.hpp"
#include "gpuimg/opencl/program_cache.hpp"
#include "gpuimg/opencl/table_cache.hpp"
#include "gpuimg/opencl/transfer.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Copies of a device share everything. Safe to use from several threads.
class device {
 public:
  /// A context and a queue of its own.
  [[gnu::cold]] explicit device(const device_description& description) {
    const cl_context_properties properties[] = {
        CL_CONTEXT_PLATFORM, reinterpret_cast<cl_context_properties>(description.platform_id), 0};
    auto& hardware = hardware_memory::of(description.id, description.memory);
    const auto limit = hardware.budget().limit();
    context_handle context;
    const auto make_context = [&] {
      int code = CL_SUCCESS;
      context =
          context_handle(clCreateContext(properties, 1, &description.id, nullptr, nullptr, &code));
      return code;
    };
    hardware.call("clCreateContext", make_context, nullptr, limit);
    notice_the_end();
    queue_handle queue;
    const auto make_own_queue = [&] { return make_queue(context(), description.id, queue); };
    hardware.call("clCreateCommandQueue", make_own_queue, nullptr, limit);
    state_ = make_state(context, description, queue);
  }

  /// The user's own context and in-order queue, such as a cl::Context and a cl::CommandQueue, which
  /// this device shares from here on.
  template <binding_of<cl_context> Context, binding_of<cl_command_queue> Queue>
  device(const Context& users_context, const Queue& users_queue) {
    const context_handle context(users_context(), true);
    const queue_handle queue(users_queue(), true);
    const auto id =
        info_value<cl_device_id>(clGetCommandQueueInfo, queue(), CL_QUEUE_DEVICE, nullptr);
    const auto properties = info_value<cl_command_queue_properties>(clGetCommandQueueInfo, queue(),
                                                                    CL_QUEUE_PROPERTIES, 0);
    if (id == nullptr) throw argument_error("the command queue has no device");
    if ((properties & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE) != 0)
      throw argument_error("the command queue must execute in order");
    notice_the_end();
    state_ = make_state(context, describe(id), queue);
  }

  /// No device: good for nothing but to be given one.
  device() = default;
  [[nodiscard]] bool exists() const { return state_ != nullptr; }

  // Moving copies: one that was moved from is the same device still.
  device(const device&) = default;
  device& operator=(const device&) = default;

  /// Another one with the same context, programs and budget, and a queue and free memory of its
  /// own: the work of two siblings may overlap. Throws device_error, memory_error.
  [[nodiscard]] device sibling() const {
    queue_handle own;
    call("clCreateCommandQueue", [&] { return make_queue(context()(), description().id, own); });
    return device(std::shared_ptr<state>(new state(state_->shared, own)));
  }
  [[nodiscard]] bool is_sibling_of(const device& other) const {
    return state_->shared == other.state_->shared;
  }

  [[nodiscard]] const device_description& description() const {
    return state_->shared->description;
  }
  [[nodiscard]] const context_handle& context() const { return state_->shared->context; }
  [[nodiscard]] const queue_handle& queue() const { return state_->queue; }
  [[nodiscard]] memory_pool& pool() const { return *state_->pool; }
  [[nodiscard]] program_cache& programs() const { return state_->shared->programs; }
  bool operator==(const device& other) const { return state_ == other.state_; }

  /// Refers to a device without keeping it alive.
  class weak;

  [[nodiscard]] const launch_table& launches() const { return state_->shared->launches; }
  /// Pixels along x that a work-item handles.
  [[nodiscard]] std::size_t vector_width() const { return launches().vector_width; }

  /// Sets how many bytes this device and its siblings may hold from here on.
  void limit_memory(std::uint64_t bytes) const { state_->shared->budget->set_limit(bytes); }

  [[nodiscard]] const memory_budget& budget() const { return *state_->shared->budget; }

  /// Uninitialised memory from the pool. Throws memory_error.
  [[nodiscard]] buffer allocate(std::size_t bytes) const {
    return {state_->pool->take(std::max<std::size_t>(bytes, 1)), state_->pool};
  }

  /// A small table for kernels to read, copied at once. Those that were asked for before are there
  /// already.
  template <class T>
  [[nodiscard]] buffer table(std::span<const T> values) const {
    return table(
        std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
  }

  /// The host's memory itself, not a copy: it must outlive the buffer.
  [[nodiscard]] buffer wrap(void* pointer, std::size_t bytes) const {
    check_alignment(pointer);
    return {from_host(CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, pointer, bytes), nullptr, queue()};
  }

  /// A buffer of the user's in this device's context, of at least `bytes` bytes, which is shared.
  [[nodiscard]] buffer share(cl_mem users, std::size_t bytes) const {
    const auto size = info_value<std::size_t>(clGetMemObjectInfo, users, CL_MEM_SIZE, 0);
    if (size < bytes)
      throw argument_error(
          detail::text({"wrap: the buffer has ", size, " bytes, but the image has ", bytes}));
    if (info_value<cl_context>(clGetMemObjectInfo, users, CL_MEM_CONTEXT, nullptr) != context()())
      throw argument_error("wrap: the buffer belongs to another context than the device");
    check_alignment(info_value<void*>(clGetMemObjectInfo, users, CL_MEM_HOST_PTR, nullptr));
    clRetainMemObject(users);
    return {{users, bytes, nullptr}, nullptr};
  }

  /// What is enqueued here from now on comes after what a sibling has enqueued by now. Waits for
  /// nothing. Throws device_error, memory_error.
  void come_after(const device& sibling) const {
    const event_handle done = sibling.marker();
    call("clEnqueueBarrierWithWaitList", [&] {
      const cl_event waited_for = done();
      return clEnqueueBarrierWithWaitList(queue()(), 1, &waited_for, nullptr);
    });
  }
  /// Memory of a sibling, after which this device has come, as this device's own.
  [[nodiscard]] buffer adopt(buffer from) const {
    if (from.pool_ != nullptr) {
      from.pool_->disown(from.block_);
      from.pool_ = state_->pool;
      from.pool_->adopt(from.block_);
    }
    if (from.users_() != nullptr) from.users_ = queue();
    return from;
  }

  void write(cl_mem to, const void* from, std::size_t bytes, std::size_t offset = 0) const {
    call("clEnqueueWriteBuffer", [&] {
      return clEnqueueWriteBuffer(queue()(), to, CL_TRUE, offset, bytes, from, 0, nullptr, nullptr);
    });
  }
  void read(cl_mem from, void* to, std::size_t bytes, std::size_t offset = 0) const {
    call("clEnqueueReadBuffer", [&] {
      return clEnqueueReadBuffer(queue()(), from, CL_TRUE, offset, bytes, to, 0, nullptr, nullptr);
    });
  }

  /// As `write`, but returns at once. The host's memory must stay until the transfer is over.
  transfer start_write(cl_mem to, const void* from, std::size_t bytes) const {
    transfer t = new_transfer(bytes);
    if (t.staging_.memory != nullptr) std::memcpy(t.staging_.mapped, from, bytes);
    const void* source = t.staging_.memory != nullptr ? t.staging_.mapped : from;
    call("clEnqueueWriteBuffer", [&] {
      return start(t, [&](cl_event* event) {
        return clEnqueueWriteBuffer(queue()(), to, CL_FALSE, 0, bytes, source, 0, nullptr, event);
      });
    });
    flush();
    return t;
  }
  /// As `read`, but returns at once. The pixels are there when the transfer is over.
  transfer start_read(cl_mem from, void* to, std::size_t bytes) const {
    transfer t = new_transfer(bytes);
    if (t.staging_.memory != nullptr) t.to_ = to;
    void* destination = t.staging_.memory != nullptr ? t.staging_.mapped : to;
    call("clEnqueueReadBuffer", [&] {
      return start(t, [&](cl_event* event) {
        return clEnqueueReadBuffer(queue()(), from, CL_FALSE, 0, bytes, destination, 0, nullptr,
                                   event);
      });
    });
    flush();
    return t;
  }

  /// Writes host pixels, `size` of them without gaps, into a box of an image. Waits for the device.
  void write_box(const buffer_view& to, position target, gpuimg::shape size,
                 const void* from) const {
    const box there(to, target), here({nullptr, to.type, size}, {});
    const auto region = there.region(size);
    call("clEnqueueWriteBufferRect", [&] {
      return clEnqueueWriteBufferRect(queue()(), to.memory, CL_TRUE, there.origin.data(),
                                      here.origin.data(), region.data(), there.row, there.slice,
                                      here.row, here.slice, from, 0, nullptr, nullptr);
    });
  }
  /// Reads a box of an image into host pixels without gaps. Waits for the device.
  void read_box(const buffer_view& from, position origin, gpuimg::shape size, void* to) const {
    const box there(from, origin), here({nullptr, from.type, size}, {});
    const auto region = there.region(size);
    call("clEnqueueReadBufferRect", [&] {
      return clEnqueueReadBufferRect(queue()(), from.memory, CL_TRUE, there.origin.data(),
                                     here.origin.data(), region.data(), there.row, there.slice,
                                     here.row, here.slice, to, 0, nullptr, nullptr);
    });
  }
  /// Copies a box of `size` pixels between two images of one pixel type.
  void copy_box(const buffer_view& from, position origin, const buffer_view& to, position target,
                gpuimg::shape size) const {
    const box source(from, origin), destination(to, target);
    const auto region = source.region(size);
    const bool is_all = from.shape == size && to.shape == size;
    bound_commands_in_flight();
    call(is_all ? "clEnqueueCopyBuffer" : "clEnqueueCopyBufferRect", [&] {
      if (is_all)
        return clEnqueueCopyBuffer(queue()(), from.memory, to.memory, 0, 0, from.bytes(), 0,
                                   nullptr, nullptr);
      return clEnqueueCopyBufferRect(queue()(), from.memory, to.memory, source.origin.data(),
                                     destination.origin.data(), region.data(), source.row,
                                     source.slice, destination.row, destination.slice, 0, nullptr,
                                     nullptr);
    });
    flush();
  }
  /// Calls `use(const void*)` with the bytes of a buffer where the host can read them.
  template <class Use>
  void with_mapped(cl_mem memory, std::size_t bytes, Use&& use) const {
    void* pointer = nullptr;
    call("clEnqueueMapBuffer", [&] {
      int code = CL_SUCCESS;
      pointer = clEnqueueMapBuffer(queue()(), memory, CL_TRUE, CL_MAP_READ, 0, bytes, 0, nullptr,
                                   nullptr, &code);
      return code;
    });
    const auto unmap = [&] {
      return clEnqueueUnmapMemObject(queue()(), memory, pointer, 0, nullptr, nullptr);
    };
    try {
      use(static_cast<const void*>(pointer));
    } catch (...) {
      unmap();
      throw;
    }
    call("clEnqueueUnmapMemObject", unmap);
  }

  /// Waits until all work is done.
  void finish() const {
    call("clFinish", [&] { return clFinish(queue()()); });
  }
  /// Has the device begin what is enqueued, which drivers may else put off until somebody waits.
  void flush() const {
    call("clFlush", [&] { return clFlush(queue()()); });
  }

  /// Calls OpenCL, as hardware_memory::call does: everything that enqueues, waits or creates goes
  /// through here.
  void call(const char* name, repeatable once, std::uint64_t bytes = 0) const {
    state_->pool->call(name, once, bytes);
  }

  /// The same device, watched: what is launched from now on asks first whether to stop.
  [[nodiscard]] device observed_by(std::shared_ptr<observer> o) const {
    device copy = *this;
    copy.observer_ = std::move(o);
    return copy;
  }

  /// Enqueues one kernel. Throws build_error, device_error, memory_error, and cancelled_error where
  /// an observer wants it.
  void launch(const kernel_source& source, const char* name, const defines& macros,
              const grid& items, std::initializer_list<argument> arguments = {}) const {
    launch(source, name, macros, items, arguments.begin(), arguments.size());
  }
  void launch(const kernel_source& source, const char* name, const defines& macros,
              const grid& items, const argument* arguments, std::size_t count) const {
    if (items.x == 0 || items.y == 0 || items.z == 0) return;
    const launched what{ready_kernel(source, name, macros, arguments, count), source, name, macros};
    check_local_memory(name, work_group_info<cl_ulong>(what.kernel(), CL_KERNEL_LOCAL_MEM_SIZE),
                       launches());
    const auto largest = work_group_info<std::size_t>(what.kernel(), CL_KERNEL_WORK_GROUP_SIZE);
    const auto group = work_group_of(items, launches(), largest);
    const bands parts(items, group, launches());
    const std::size_t part_count = parts.size();
    for (std::size_t i = 0; i < part_count; ++i) {
      if (i > 0) stop_on_request();
      enqueue(what, parts[i], part_count > 1, group);
      // Each band is handed over on its own: watchdogs look at what is handed over together.
      if (part_count > 1) flush();
    }
  }
  /// The same in one piece and of exactly these work-items, for kernels that do not look where they
  /// are. Where `local` is 0 the driver chooses work-groups.
  void launch_exactly(const kernel_source& source, const char* name, const defines& macros,
                      const grid& items, const argument* arguments, std::size_t count) const {
    if (items.x == 0 || items.y == 0 || items.z == 0) return;
    const launched what{ready_kernel(source, name, macros, arguments, count), source, name, macros};
    enqueue(what, {{}, {items.x, items.y, items.z}}, false, items.local);
  }

 private:
  // The host's memory, or null. What OpenCL allocates is aligned well enough.
  void check_alignment(const void* pointer) const {
    const std::size_t widest = vector_width() * sizeof(float);
    if (!launches().any_alignment && reinterpret_cast<std::uintptr_t>(pointer) % widest != 0)
      throw argument_error(
          detail::text({"wrap: the pixels must begin at a multiple of ", widest, " bytes"}));
  }

  void stop_on_request() const {
    if (observer_ != nullptr && observer_->stop_requested())
      throw cancelled_error("stopped on request");
  }

  template <class T>
  [[nodiscard]] T work_group_info(cl_kernel kernel, cl_kernel_work_group_info what) const {
    T value{};
    call("clGetKernelWorkGroupInfo", [&] {
      return clGetKernelWorkGroupInfo(kernel, description().id, what, sizeof value, &value,
                                      nullptr);
    });
    return value;
  }

  // What siblings have in common.
  struct shared_state {
    [[gnu::cold]] shared_state(context_handle c, const device_description& d)
        : context(std::move(c)),
          description(d),
          launches(launch_table_for(d)),
          hardware(hardware_memory::of(d.id, d.memory)),
          budget(new memory_budget(hardware_memory::default_limit(d.memory), &hardware.budget())),
          programs(context(), d,
                   detail::text({"#define VEC ", launches.vector_width, "\n",
                                 launches.any_alignment ? "#define HOST_MEMORY\n" : ""})) {
      if (d.shares_host_memory) return;
      const auto make_own_queue = [&] { return make_queue(context(), d.id, staging_queue); };
      hardware.call("clCreateCommandQueue", make_own_queue, nullptr, budget->limit());
    }

    context_handle context;
    device_description description;
    launch_table launches;
    hardware_memory& hardware;
    std::shared_ptr<memory_budget> budget;
    program_cache programs;
    table_cache tables;
    queue_handle
        staging_queue;  // where the device has memory of its own: mapping waits for no work
  };

  struct state {
    [[gnu::cold]] state(std::shared_ptr<shared_state> s, queue_handle q)
        : shared(std::move(s)),
          queue(std::move(q)),
          pool(new memory_pool(
              shared->context, queue, shared->description.largest_buffer, shared->budget,
              shared->hardware,
              shared->description.is_cpu() ? memory_kind::cpu : memory_kind::device)),
          // The device's own memory is what the budget counts; this is the host's.
          staging(new memory_pool(shared->context, shared->staging_queue,
                                  shared->description.largest_buffer,
                                  std::shared_ptr<memory_budget>(
                                      new memory_budget(std::numeric_limits<std::uint64_t>::max())),
                                  shared->hardware, memory_kind::staging)) {}
    [[gnu::cold]] ~state() {
      if (!drivers_are_loaded()) return;
      clFinish(queue());
      if (shared->description.miscounts_variants) kernel_variants::of_process().forget(queue());
    }

    std::shared_ptr<shared_state> shared;
    queue_handle queue;
    std::shared_ptr<memory_pool> pool, staging;
    std::atomic<std::uint64_t> launched = 0;
    std::mutex mutex;
    event_handle last_marker;  // of the commands in flight
  };

  // How a box lies in memory, in bytes.
  struct box {
    box(const buffer_view& image, position at)
        : pixel(size_of(image.type)),
          row(image.shape.x * pixel),
          slice(image.shape.y * row),
          origin{at.x * pixel, at.y, at.z} {}
    [[nodiscard]] std::array<std::size_t, 3> region(gpuimg::shape size) const {
      return {size.x * pixel, size.y, size.z};
    }
    std::size_t pixel, row, slice;
    std::array<std::size_t, 3> origin;
  };

  explicit device(std::shared_ptr<state> s) : state_(std::move(s)) {}
  static std::shared_ptr<state> make_state(const context_handle& context,
                                           const device_description& description,
                                           const queue_handle& queue) {
    std::shared_ptr<shared_state> shared(new shared_state(context, description));
    std::shared_ptr<state> made(new state(shared, queue));
    // Not before: hardware keeps a limit that was raised as long as it has pools.
    shared->budget->set_limit(memory_limit(shared->budget->limit()));
    return made;
  }

  static int make_queue(cl_context context, cl_device_id id, queue_handle& made) {
    int code = CL_SUCCESS;
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif
    made = queue_handle(clCreateCommandQueue(context, id, 0, &code));
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
    return code;
  }

  [[nodiscard]] memory_pool::block from_host(cl_mem_flags flags, void* pointer,
                                             std::size_t bytes) const {
    cl_mem memory = nullptr;
    call(
        "clCreateBuffer",
        [&] {
          int code = CL_SUCCESS;
          memory = clCreateBuffer(context()(), flags, bytes, pointer, &code);
          return code;
        },
        bytes);
    return {memory, bytes, nullptr};
  }
  [[nodiscard]] buffer table(std::string_view bytes) const {
    const auto make = [&] {
      return from_host(CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, const_cast<char*>(bytes.data()),
                       bytes.size());
    };
    if (bytes.size() > table_cache::largest) return {make(), nullptr};
    const memory_handle kept =
        state_->shared->tables.get(bytes, [&] { return memory_handle(make().memory); });
    clRetainMemObject(kept());
    return {{kept(), bytes.size(), nullptr}, nullptr};
  }

  // A kernel with its arguments, and what tells it from others.
  struct launched {
    kernel_handle kernel;
    const kernel_source& source;
    const char* name;
    const defines& macros;
  };
  [[nodiscard]] kernel_handle ready_kernel(const kernel_source& source, const char* name,
                                           const defines& macros, const argument* arguments,
                                           std::size_t count) const {
    stop_on_request();
    bound_commands_in_flight();
    // A kernel of one's own per launch: arguments belong to the kernel, which threads cannot share.
    kernel_handle kernel = make_kernel(source, name, macros);
    std::uint64_t local_bytes = 0;
    for (std::size_t i = 0; i < count; ++i)
      local_bytes += arguments[i].is_local() ? arguments[i].size() : 0;
    check_local_memory(name, local_bytes, launches());
    for (cl_uint i = 0; i < count; ++i)
      call("clSetKernelArg",
           [&] { return clSetKernelArg(kernel(), i, arguments[i].size(), arguments[i].data()); });
    return kernel;
  }
  // Offsets only where there are any: a driver may compile a kernel anew for them. Without a
  // work-group the driver chooses one.
  void enqueue(const launched& what, const band& part, bool has_offset,
               const std::array<std::size_t, 3>& group) const {
    const bool is_noted = description().miscounts_variants;
    cl_event event = nullptr;
    const auto once = [&] {
      return clEnqueueNDRangeKernel(
          queue()(), what.kernel(), 3, has_offset ? part.offset.data() : nullptr, part.items.data(),
          group[0] > 0 ? group.data() : nullptr, 0, nullptr, is_noted ? &event : nullptr);
    };
    call(what.name, [&] {
      if (!is_noted) return once();
      return kernel_variants::of_process().launch(
          queue()(),
          detail::text({what.source.key(), "\n", what.name, "\n", what.macros.text(), group[0], "x",
                        group[1], "x", group[2]}),
          *std::ranges::max_element(part.items), once, event);
    });
  }

  [[nodiscard]] kernel_handle make_kernel(const kernel_source& source, const char* name,
                                          const defines& macros) const {
    program_handle program;
    call("clBuildProgram", [&] {
      try {
        program = state_->shared->programs.get(source, name, macros);
      } catch (const device_error& e) {
        if (!is_memory_code(e.code())) throw;
        return e.code();
      }
      return CL_SUCCESS;
    });
    cl_kernel kernel = nullptr;
    call("clCreateKernel", [&] {
      int code = CL_SUCCESS;
      kernel = clCreateKernel(program(), name, &code);
      return code;
    });
    return kernel_handle(kernel);
  }

  // An event that comes after all that is enqueued by now, which the device begins.
  [[nodiscard]] event_handle marker() const {
    cl_event event = nullptr;
    call("clEnqueueMarkerWithWaitList",
         [&] { return clEnqueueMarkerWithWaitList(queue()(), 0, nullptr, &event); });
    event_handle owned(event);
    flush();
    return owned;
  }

  // Drivers slow down, and keep memory, where thousands of commands wait: PoCL's take 40 times as
  // long at 100,000. From time to time this waits until those before the last marker are done.
  void bound_commands_in_flight() const {
    constexpr std::uint64_t commands = 256;
    if (++state_->launched % commands != 0) return;
    event_handle now = marker(), before;
    {
      const std::lock_guard lock(state_->mutex);
      before = std::exchange(state_->last_marker, now);
    }
    if (before() == nullptr) return;
    call("clWaitForEvents", [&] {
      const cl_event waited_for = before();
      return clWaitForEvents(1, &waited_for);
    });
  }

  [[nodiscard]] transfer new_transfer(std::size_t bytes) const {
    transfer t;
    t.pool_ = state_->pool;
    t.bytes_ = bytes;
    if (description().shares_host_memory) return t;
    t.staging_pool_ = state_->staging;
    t.staging_ = state_->staging->take(bytes);
    return t;
  }
  template <class Enqueue>
  static int start(transfer& t, Enqueue enqueue) {
    cl_event event = nullptr;
    const int code = enqueue(&event);
    if (code == CL_SUCCESS) t.event_ = event_handle(event);
    return code;
  }

  std::shared_ptr<state> state_;
  std::shared_ptr<observer> observer_;
};

class device::weak {
 public:
  weak() = default;
  weak(const device& device) : state_(device.state_) {}
  /// The device, where somebody still uses it, else none.
  [[nodiscard]] device lock() const { return device(state_.lock()); }

 private:
  std::weak_ptr<state> state_;
};

}  // namespace gpuimg::opencl
