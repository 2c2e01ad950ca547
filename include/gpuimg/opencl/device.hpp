// SPDX-License-Identifier: BSD-3-Clause
// One OpenCL device with a context, one in-order queue, a memory pool and its compiled programs.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "gpuimg/core/memory_budget.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/opencl/api.hpp"
#include "gpuimg/opencl/buffer.hpp"
#include "gpuimg/opencl/device_description.hpp"
#include "gpuimg/opencl/handle.hpp"
#include "gpuimg/opencl/launch.hpp"
#include "gpuimg/opencl/memory_pool.hpp"
#include "gpuimg/opencl/program_cache.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Copies of a device share everything. Safe to use from several threads.
class device {
 public:
  /// A context and a queue of its own.
  explicit device(const device_description& description) {
    int code = CL_SUCCESS;
    const cl_context_properties properties[] = {
        CL_CONTEXT_PLATFORM, reinterpret_cast<cl_context_properties>(description.platform_id), 0};
    context_handle context(
        clCreateContext(properties, 1, &description.id, nullptr, nullptr, &code));
    check(code, "clCreateContext");
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif
    queue_handle queue(clCreateCommandQueue(context(), description.id, 0, &code));
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
    check(code, "clCreateCommandQueue");
    state_ = std::make_shared<state>(std::move(context), std::move(queue), description);
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
    state_ = std::make_shared<state>(context, queue, describe(id));
  }

  [[nodiscard]] const device_description& description() const { return state_->description; }
  [[nodiscard]] const context_handle& context() const { return state_->context; }
  [[nodiscard]] const queue_handle& queue() const { return state_->queue; }
  [[nodiscard]] memory_pool& pool() const { return *state_->pool; }
  [[nodiscard]] program_cache& programs() const { return state_->programs; }
  bool operator==(const device& other) const = default;

  /// Refers to a device without keeping it alive.
  class weak;

  [[nodiscard]] const launch_table& launches() const { return state_->launches; }
  /// Pixels along x that a work-item handles.
  [[nodiscard]] std::size_t vector_width() const { return state_->launches.vector_width; }

  /// Uninitialised memory from the pool. Throws memory_error.
  [[nodiscard]] buffer allocate(std::size_t bytes) const {
    return {state_->pool->take(std::max<std::size_t>(bytes, 1)), state_->pool};
  }

  /// A small read-only table, copied at once. Waits for nothing.
  template <class T>
  [[nodiscard]] buffer table(std::span<const T> values) const {
    return {from_host(CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, const_cast<T*>(values.data()),
                      values.size_bytes()),
            nullptr};
  }

  /// The host's memory itself, not a copy: it must outlive the buffer.
  [[nodiscard]] buffer wrap(void* pointer, std::size_t bytes) const {
    return {from_host(CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, pointer, bytes), nullptr, queue()};
  }

  void write(cl_mem to, const void* from, std::size_t bytes, std::size_t offset = 0) const {
    check_enqueued(
        clEnqueueWriteBuffer(queue()(), to, CL_TRUE, offset, bytes, from, 0, nullptr, nullptr),
        "clEnqueueWriteBuffer");
  }
  void read(cl_mem from, void* to, std::size_t bytes, std::size_t offset = 0) const {
    check_enqueued(
        clEnqueueReadBuffer(queue()(), from, CL_TRUE, offset, bytes, to, 0, nullptr, nullptr),
        "clEnqueueReadBuffer");
  }
  void copy(cl_mem from, cl_mem to, std::size_t bytes) const {
    check_enqueued(clEnqueueCopyBuffer(queue()(), from, to, 0, 0, bytes, 0, nullptr, nullptr),
                   "clEnqueueCopyBuffer");
  }
  /// Copies a box of `size` pixels between two images of one pixel type.
  void copy_box(const buffer_view& from, position origin, const buffer_view& to, position target,
                gpuimg::shape size) const {
    const std::size_t bytes = size_of(from.type);
    const std::array<std::size_t, 3> source{origin.x * bytes, origin.y, origin.z};
    const std::array<std::size_t, 3> destination{target.x * bytes, target.y, target.z};
    const std::array<std::size_t, 3> region{size.x * bytes, size.y, size.z};
    check_enqueued(clEnqueueCopyBufferRect(queue()(), from.memory, to.memory, source.data(),
                                           destination.data(), region.data(), from.shape.x * bytes,
                                           from.shape.x * from.shape.y * bytes, to.shape.x * bytes,
                                           to.shape.x * to.shape.y * bytes, 0, nullptr, nullptr),
                   "clEnqueueCopyBufferRect");
  }
  /// Calls `use(const void*)` with the bytes of a buffer where the host can read them.
  template <class Use>
  void with_mapped(cl_mem memory, std::size_t bytes, Use&& use) const {
    int code = CL_SUCCESS;
    void* pointer = clEnqueueMapBuffer(queue()(), memory, CL_TRUE, CL_MAP_READ, 0, bytes, 0,
                                       nullptr, nullptr, &code);
    check_enqueued(code, "clEnqueueMapBuffer");
    const auto unmap = [&] {
      return clEnqueueUnmapMemObject(queue()(), memory, pointer, 0, nullptr, nullptr);
    };
    try {
      use(static_cast<const void*>(pointer));
    } catch (...) {
      unmap();
      throw;
    }
    check_enqueued(unmap(), "clEnqueueUnmapMemObject");
  }

  /// Waits until all work is done.
  void finish() const { check_enqueued(clFinish(queue()()), "clFinish"); }

  /// Enqueues one kernel. Throws build_error, device_error, memory_error.
  void launch(const kernel_source& source, const char* name, defines macros, const grid& items,
              std::initializer_list<argument> arguments = {}) const {
    launch(source, name, std::move(macros), items, std::span(arguments.begin(), arguments.size()));
  }
  void launch(const kernel_source& source, const char* name, defines macros, const grid& items,
              std::span<const argument> arguments) const {
    if (items.x == 0 || items.y == 0 || items.z == 0) return;
    macros.emplace_back("VEC", std::to_string(vector_width()));
    int code = CL_SUCCESS;
    // A kernel of one's own per launch: arguments belong to the kernel, which threads cannot share.
    const kernel_handle kernel(
        clCreateKernel(state_->programs.get(source, name, macros)(), name, &code));
    check(code, "clCreateKernel");
    cl_uint index = 0;
    std::uint64_t local_bytes = 0;
    for (const argument& a : arguments) local_bytes += a.is_local() ? a.size() : 0;
    check_local_memory(name, local_bytes, launches());
    for (const argument& a : arguments)
      check(clSetKernelArg(kernel(), index++, a.size(), a.data()), "clSetKernelArg");
    check_local_memory(name, work_group_info<cl_ulong>(kernel(), CL_KERNEL_LOCAL_MEM_SIZE),
                       launches());

    const auto largest = work_group_info<std::size_t>(kernel(), CL_KERNEL_WORK_GROUP_SIZE);
    const auto group = work_group_of(items, launches(), largest);
    const auto bands = bands_of(items, group, launches());
    for (const band& part : bands) {
      // Offsets only where there are any: a driver may compile a kernel anew for them.
      check_enqueued(clEnqueueNDRangeKernel(queue()(), kernel(), 3,
                                            bands.size() > 1 ? part.offset.data() : nullptr,
                                            part.items.data(), group.data(), 0, nullptr, nullptr),
                     name);
      // Each band is handed over on its own: watchdogs look at what is handed over together.
      if (bands.size() > 1) check_enqueued(clFlush(queue()()), "clFlush");
    }
  }

 private:
  template <class T>
  [[nodiscard]] T work_group_info(cl_kernel kernel, cl_kernel_work_group_info what) const {
    T value{};
    check(clGetKernelWorkGroupInfo(kernel, description().id, what, sizeof value, &value, nullptr),
          "clGetKernelWorkGroupInfo");
    return value;
  }

  struct state {
    state(context_handle c, queue_handle q, const device_description& d)
        : context(std::move(c)),
          queue(std::move(q)),
          description(d),
          launches(launch_table_for(d)),
          pool(std::make_shared<memory_pool>(context(), memory_limit(d.memory), d.largest_buffer)),
          programs(context(), d) {}
    ~state() { clFinish(queue()); }

    context_handle context;
    queue_handle queue;
    device_description description;
    launch_table launches;
    std::shared_ptr<memory_pool> pool;
    program_cache programs;
  };

  [[nodiscard]] memory_pool::block from_host(cl_mem_flags flags, void* pointer,
                                             std::size_t bytes) const {
    int code = CL_SUCCESS;
    cl_mem memory = clCreateBuffer(context()(), flags, bytes, pointer, &code);
    check_enqueued(code, "clCreateBuffer");
    return {memory, bytes};
  }

  // Drivers that allocate late say so when work is enqueued or waited for. What nobody uses is
  // released first, so that the next call finds more.
  void check_enqueued(int code, const char* call) const {
    if (is_memory_code(code)) {
      pool().trim();
      throw memory_error("the device ran out of memory in " + std::string(call) + " (" +
                             name_of_code(code) + "), the budget is " +
                             std::to_string(pool().limit()),
                         0, pool().limit());
    }
    check(code, call);
  }

  explicit device(std::shared_ptr<state> shared) : state_(std::move(shared)) {}

  std::shared_ptr<state> state_;
};

class device::weak {
 public:
  weak() = default;
  weak(const device& device) : state_(device.state_) {}
  /// The device, where somebody still uses it.
  [[nodiscard]] std::optional<device> lock() const {
    if (auto shared = state_.lock()) return device(std::move(shared));
    return std::nullopt;
  }

 private:
  std::weak_ptr<state> state_;
};

}  // namespace gpuimg::opencl
