// SPDX-License-Identifier: BSD-3-Clause
// Where images live and operations run: an OpenCL device, or the CPU reference.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/opencl/device.hpp"
#include "gpuimg/reference/device.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// One line of the list of devices. The reference is always the last one.
struct device_info {
  std::string platform, name, kind;  ///< kind: gpu, accelerator, cpu, other or reference
  std::uint64_t memory = 0;          ///< bytes; 0 for the reference
  opencl::device_description opencl;
};

/// A value: copies are the same device, and one that was moved from is it still. Images made with
/// one device work with its copies. Two calls of `best()` make two devices with their own queues,
/// between which images are copied on request.
class device {
 public:
  /// GPU, then accelerator, then OpenCL on the CPU, then the reference; or what the environment
  /// variable GPUIMG_DEVICE names, as `by_name` takes it. Throws argument_error, device_error.
  static device best() {
    if (const char* wanted = std::getenv("GPUIMG_DEVICE"); wanted != nullptr && *wanted != '\0')
      return by_name(wanted);
    const auto infos = list();
    for (const char* kind : {"gpu", "accelerator", "cpu"})
      for (const auto& info : infos)
        if (info.kind == kind) return device(opencl::device(info.opencl));
    return reference();
  }

  static device reference() { return device(gpuimg::reference::device{}); }

  /// All devices of this machine, the reference last. Creates nothing.
  static std::vector<device_info> list() {
    std::vector<device_info> infos;
    for (auto& d : opencl::list_devices()) {
      const char* kind = d.is_gpu()                                   ? "gpu"
                         : (d.type & CL_DEVICE_TYPE_ACCELERATOR) != 0 ? "accelerator"
                         : d.is_cpu()                                 ? "cpu"
                                                                      : "other";
      infos.push_back({d.platform, d.name, kind, d.memory, d});
    }
    infos.push_back({"gpuimg", "reference", "reference", 0, {}});
    return infos;
  }

  /// The device at a place of `list()`. Throws argument_error.
  static device by_index(std::size_t index) {
    const auto infos = list();
    if (index >= infos.size())
      throw argument_error("there is no device " + std::to_string(index) + "; there are " +
                           names(infos));
    return of(infos[index]);
  }

  /// "reference"; "platform:device", two numbers; a number, the place in `list()`; or a part of the
  /// device's name in any case, such as "4090". Throws argument_error that names the devices there
  /// are.
  static device by_name(const std::string& name) {
    const auto infos = list();
    const auto digits = [](const std::string& text) {
      return !text.empty() && text.size() < 6 && text.find_first_not_of("0123456789") == text.npos;
    };
    if (digits(name) && std::stoul(name) < infos.size()) return of(infos[std::stoul(name)]);
    if (const auto colon = name.find(':');
        colon != name.npos && digits(name.substr(0, colon)) && digits(name.substr(colon + 1))) {
      if (const auto* info = find(infos, std::stoul(name), std::stoul(name.substr(colon + 1))))
        return of(*info);
    } else if (!name.empty()) {
      for (const auto& info : infos)
        if (lower(info.name).find(lower(name)) != std::string::npos) return of(info);
    }
    throw argument_error("there is no device '" + name + "'; there are " + names(infos));
  }

  explicit device(opencl::device d) : backend_(std::move(d)) {}
  explicit device(gpuimg::reference::device d) : backend_(std::move(d)) {}
  /// The user's own OpenCL context and in-order queue, such as a cl::Context and a
  /// cl::CommandQueue.
  template <opencl::binding_of<cl_context> Context, opencl::binding_of<cl_command_queue> Queue>
  device(const Context& context, const Queue& queue) : backend_(opencl::device(context, queue)) {}

  [[nodiscard]] bool is_reference() const {
    return std::holds_alternative<gpuimg::reference::device>(backend_);
  }
  [[nodiscard]] std::string name() const {
    return is_reference() ? "reference" : opencl().description().name;
  }
  bool operator==(const device& other) const = default;

  /// Waits until all work on the device is done.
  void finish() const {
    if (!is_reference()) opencl().finish();
  }
  /// Gives memory that no image uses back to the driver.
  void trim() const {
    if (!is_reference()) opencl().pool().trim();
  }

  /// Another device with the same hardware, context, compiled programs and budget, and a queue of
  /// its own: the work of siblings may overlap, such as the copies of one with the computation of
  /// another. An image belongs to one of them: operations refuse images of different siblings, and
  /// `move_to` hands an image over without a copy. The reference is its own sibling. Throws
  /// device_error, memory_error.
  [[nodiscard]] device sibling() const {
    return is_reference() ? *this : device(opencl().sibling());
  }
  /// Sets how many bytes the images of this device and its siblings may hold from here on: instead
  /// of GPUIMG_MEMORY_LIMIT, or of 80 % of the device's memory.
  void limit_memory(std::uint64_t bytes) const {
    std::visit([bytes](const auto& d) { d.limit_memory(bytes); }, backend_);
  }

  /// The OpenCL side: context(), queue(), pool() ... Throws argument_error on the reference.
  [[nodiscard]] const gpuimg::opencl::device& opencl() const {
    if (is_reference()) throw argument_error("the reference is not an OpenCL device");
    return std::get<gpuimg::opencl::device>(backend_);
  }
  [[nodiscard]] const std::variant<gpuimg::reference::device, gpuimg::opencl::device>& backend()
      const {
    return backend_;
  }

 private:
  static device of(const device_info& info) {
    return info.kind == "reference" ? reference() : device(opencl::device(info.opencl));
  }
  static const device_info* find(const std::vector<device_info>& infos, std::size_t platform,
                                 std::size_t index) {
    std::vector<cl_platform_id> seen;
    for (const auto& info : infos) {
      if (info.kind == "reference") break;
      if (seen.empty() || seen.back() != info.opencl.platform_id)
        seen.push_back(info.opencl.platform_id);
      if (seen.size() == platform + 1 && index-- == 0) return &info;
    }
    return nullptr;
  }
  static std::string names(const std::vector<device_info>& infos) {
    std::string text;
    for (std::size_t i = 0; i < infos.size(); ++i)
      text += (i == 0 ? "" : ", ") + std::to_string(i) + " " + infos[i].name;
    return text;
  }
  static std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return text;
  }

  std::variant<gpuimg::reference::device, gpuimg::opencl::device> backend_;
};

}  // namespace gpuimg
