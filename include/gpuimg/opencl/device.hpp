// SPDX-License-Identifier: BSD-3-Clause
// One OpenCL device with a context, one in-order queue, a memory pool and its compiled programs.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/core/memory_budget.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/opencl/api.hpp"
#include "gpuimg/opencl/handle.hpp"
#include "gpuimg/opencl/memory_pool.hpp"
#include "gpuimg/opencl/program_cache.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// What a device says of itself. Nothing is created by asking.
struct device_description {
  std::string platform, platform_version, name, vendor, version, driver;
  cl_device_type type = 0;
  std::uint64_t memory = 0;            ///< bytes
  std::uint64_t largest_buffer = 0;    ///< bytes
  std::size_t largest_work_group = 1;  ///< work-items
  bool shares_host_memory = false;
  cl_platform_id platform_id = nullptr;
  cl_device_id id = nullptr;

  [[nodiscard]] bool is_gpu() const { return (type & CL_DEVICE_TYPE_GPU) != 0; }
  [[nodiscard]] bool is_cpu() const { return (type & CL_DEVICE_TYPE_CPU) != 0; }
};

inline device_description describe(cl_device_id id) {
  device_description d;
  d.id = id;
  d.platform_id = info_value<cl_platform_id>(clGetDeviceInfo, id, CL_DEVICE_PLATFORM, nullptr);
  d.platform = info_string(clGetPlatformInfo, d.platform_id, CL_PLATFORM_NAME);
  d.platform_version = info_string(clGetPlatformInfo, d.platform_id, CL_PLATFORM_VERSION);
  d.name = info_string(clGetDeviceInfo, id, CL_DEVICE_NAME);
  d.vendor = info_string(clGetDeviceInfo, id, CL_DEVICE_VENDOR);
  d.version = info_string(clGetDeviceInfo, id, CL_DEVICE_VERSION);
  d.driver = info_string(clGetDeviceInfo, id, CL_DRIVER_VERSION);
  d.type = info_value<cl_device_type>(clGetDeviceInfo, id, CL_DEVICE_TYPE, 0);
  d.memory = info_value<cl_ulong>(clGetDeviceInfo, id, CL_DEVICE_GLOBAL_MEM_SIZE, 0);
  d.largest_buffer = info_value<cl_ulong>(clGetDeviceInfo, id, CL_DEVICE_MAX_MEM_ALLOC_SIZE, 0);
  d.largest_work_group =
      info_value<std::size_t>(clGetDeviceInfo, id, CL_DEVICE_MAX_WORK_GROUP_SIZE, 1);
  d.shares_host_memory =
      info_value<cl_bool>(clGetDeviceInfo, id, CL_DEVICE_HOST_UNIFIED_MEMORY, CL_FALSE) == CL_TRUE;
  return d;
}

/// Every device of every platform, in the platforms' order; empty where there is no OpenCL.
inline std::vector<device_description> list_devices() {
  std::vector<device_description> found;
  cl_uint count = 0;
  if (clGetPlatformIDs(0, nullptr, &count) != CL_SUCCESS) return found;
  std::vector<cl_platform_id> platforms(count);
  if (count == 0 || clGetPlatformIDs(count, platforms.data(), nullptr) != CL_SUCCESS) return found;
  for (cl_platform_id platform : platforms) {
    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &count) != CL_SUCCESS) continue;
    std::vector<cl_device_id> ids(count);
    if (count == 0 ||
        clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, ids.data(), nullptr) != CL_SUCCESS)
      continue;
    for (cl_device_id id : ids) found.push_back(describe(id));
  }
  return found;
}

class device;

/// Device memory that goes back to its pool when its owner lets go of it. Host memory in use as a
/// buffer is the host's again then, with what the device wrote.
class buffer {
 public:
  buffer() = default;
  buffer(buffer&& other) noexcept { swap(other); }
  buffer& operator=(buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~buffer() {
    if (block_.memory == nullptr) return;
    if (pool_ != nullptr) {
      pool_->give_back(block_);
    } else {
      if (users_() != nullptr) return_to_host();
      clReleaseMemObject(block_.memory);
    }
  }

  [[nodiscard]] cl_mem memory() const { return block_.memory; }

  /// The memory for another owner to keep. It is not used again when this one lets go of it.
  [[nodiscard]] memory_handle lend() const {
    if (pool_ != nullptr) pool_->lend(block_);
    return memory_handle(block_.memory, true);
  }

 private:
  friend class device;
  buffer(memory_pool::block block, std::shared_ptr<memory_pool> pool, queue_handle users = {})
      : block_(block), pool_(std::move(pool)), users_(std::move(users)) {}
  void swap(buffer& other) {
    std::swap(block_, other.block_);
    std::swap(pool_, other.pool_);
    std::swap(users_, other.users_);
  }

  // Only mapping makes what a device wrote visible to the host.
  void return_to_host() {
    if (void* pointer = clEnqueueMapBuffer(users_(), block_.memory, CL_TRUE, CL_MAP_READ, 0,
                                           block_.bytes, 0, nullptr, nullptr, nullptr))
      clEnqueueUnmapMemObject(users_(), block_.memory, pointer, 0, nullptr, nullptr);
    clFinish(users_());
  }

  memory_pool::block block_;
  std::shared_ptr<memory_pool> pool_;  // none: the block is released, not given back
  queue_handle users_;                 // of host memory: where work on it may be under way
};

/// What a kernel is given of an image: memory, pixel type and shape. Owns nothing.
struct buffer_view {
  cl_mem memory = nullptr;
  pixel_type type = pixel_type::f32;
  gpuimg::shape shape{};

  [[nodiscard]] std::size_t bytes() const { return shape.pixels() * size_of(type); }
};

/// One argument of a kernel: a buffer, a buffer view, a shape (uint4), or a number of a type that
/// OpenCL C has.
class argument {
 public:
  argument(const buffer& b) { set(b.memory()); }
  argument(const buffer_view& b) { set(b.memory); }
  argument(const gpuimg::shape& s) {
    set(cl_uint4{
        {static_cast<cl_uint>(s.x), static_cast<cl_uint>(s.y), static_cast<cl_uint>(s.z), 0}});
  }
  argument(cl_int value) { set(value); }
  argument(cl_uint value) { set(value); }
  argument(cl_long value) { set(value); }
  argument(cl_ulong value) { set(value); }
  argument(cl_float value) { set(value); }

  [[nodiscard]] const void* data() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  template <class T>
  void set(const T& value) {
    static_assert(sizeof value <= sizeof bytes_);
    std::memcpy(bytes_, &value, sizeof value);
    size_ = sizeof value;
  }

  alignas(16) unsigned char bytes_[16];
  std::size_t size_ = 0;
};

/// How many work-items along each axis; `local` is the wanted size of a work-group along x.
struct grid {
  std::size_t x = 1, y = 1, z = 1;
  std::size_t local = 64;
};

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
  [[nodiscard]] const program_cache& programs() const { return state_->programs; }
  bool operator==(const device& other) const = default;

  /// Pixels along x that a work-item handles: 16 on a CPU, 4 (16 bytes of float) on a GPU.
  [[nodiscard]] std::size_t vector_width() const { return description().is_cpu() ? 16 : 4; }

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
    const kernel_handle kernel(clCreateKernel(state_->programs.get(source, macros), name, &code));
    check(code, "clCreateKernel");
    cl_uint index = 0;
    for (const argument& a : arguments)
      check(clSetKernelArg(kernel(), index++, a.size(), a.data()), "clSetKernelArg");

    std::size_t limit = 1;
    check(clGetKernelWorkGroupInfo(kernel(), description().id, CL_KERNEL_WORK_GROUP_SIZE,
                                   sizeof limit, &limit, nullptr),
          "clGetKernelWorkGroupInfo");
    std::size_t local = items.local;
    while (local > std::min(limit, description().largest_work_group) && local > 1) local /= 2;
    const std::array<std::size_t, 3> locals{local, 1, 1};
    const std::array<std::size_t, 3> globals{(items.x + local - 1) / local * local, items.y,
                                             items.z};
    check_enqueued(clEnqueueNDRangeKernel(queue()(), kernel(), 3, nullptr, globals.data(),
                                          locals.data(), 0, nullptr, nullptr),
                   name);
  }

 private:
  struct state {
    state(context_handle c, queue_handle q, const device_description& d)
        : context(std::move(c)),
          queue(std::move(q)),
          description(d),
          pool(std::make_shared<memory_pool>(context(), memory_limit(d.memory), d.largest_buffer)),
          programs(context(), d.id,
                   d.platform + "\n" + d.platform_version + "\n" + d.vendor + "\n" + d.name + "\n" +
                       d.version + "\n" + d.driver + "\n" + std::to_string(sizeof(void*))) {}
    ~state() { clFinish(queue()); }

    context_handle context;
    queue_handle queue;
    device_description description;
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

  std::shared_ptr<state> state_;
};

}  // namespace gpuimg::opencl
