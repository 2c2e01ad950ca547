// SPDX-License-Identifier: BSD-3-Clause
// Where images live and operations run: an OpenCL device, or the CPU reference.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/opencl/device.hpp"
#include "gpuimg/opencl/self_test.hpp"
#include "gpuimg/reference/device.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// One line of the list of devices. The reference is always the last one.
struct device_info {
  std::string platform, name, kind;  ///< kind: gpu, accelerator, cpu, other or reference
  std::uint64_t memory = 0;          ///< bytes; 0 for the reference
  opencl::device_description opencl;
};

namespace detail {

/// The devices in use that were asked for by name or as the best. One piece of hardware is one of
/// them, so that images made here and there work together. Keeps no device alive.
class devices_in_use {
 public:
  /// Never destroyed: devices may be asked for until the process ends.
  static devices_in_use& of_this_process() {
    static auto* const devices = new devices_in_use;
    return *devices;
  }

  opencl::device get(const opencl::device_description& description) {
    const std::lock_guard lock(devices_mutex_);
    opencl::device::weak& known = of(description.id).device;
    if (auto device = known.lock(); device.exists()) return device;
    opencl::device device(description);
    known = device;
    return device;
  }
  /// Tested once per process, and once per machine where the disk allows.
  opencl::exactness exactness_of(const opencl::device& device) {
    const std::lock_guard lock(tests_mutex_);
    {
      const std::lock_guard devices_lock(devices_mutex_);
      if (const auto& known = of(device.description().id); known.is_tested) return known.test;
    }
    const auto result = opencl::known_self_test(device);
    const std::lock_guard devices_lock(devices_mutex_);
    hardware& tested = of(device.description().id);
    tested.test = result;
    tested.is_tested = true;
    return result;
  }
  const reference::device& reference() const { return reference_; }

 private:
  struct hardware {
    cl_device_id id;
    opencl::device::weak device{};
    opencl::exactness test{};
    bool is_tested = false;
  };
  hardware& of(cl_device_id id) {
    for (hardware& h : hardware_)
      if (h.id == id) return h;
    return hardware_.emplace_back(hardware{.id = id});
  }

  std::mutex devices_mutex_, tests_mutex_;
  std::vector<hardware> hardware_;
  reference::device reference_;
};

}  // namespace detail

/// A value: copies are the same device, one that was moved from is it still, and so are two devices
/// of one piece of hardware that were asked for by `best`, `by_index`, `by_name` or `reference`:
/// images made with them work together. What the environment says (memory limit, folder of
/// programs) is read when the first of them is made. Devices made from an OpenCL device, or from a
/// context and a queue, are devices of their own.
class device {
 public:
  /// A device that `best` would have preferred, had it worked or been exact.
  struct passed_over {
    device_info info;
    std::string reason;
  };
  struct choice;

  /// What GPUIMG_DEVICE names, as `by_name` takes it; else the first device, in the order of
  /// `by_preference`, that works and passes the self-test of its arithmetic; else the reference.
  /// Throws argument_error, and device_error where the device that is named does not work.
  static device best();
  /// The same, with the devices that were passed over and why.
  static choice choose();

  /// Discrete GPUs, GPUs that share the host's memory, accelerators, CPUs, software that plays a
  /// device (llvmpipe); of a kind the one with the most compute units times clock first. Neither
  /// devices of other kinds nor the reference.
  static std::vector<device_info> by_preference(std::vector<device_info> infos) {
    const auto kind = [](const device_info& info) {
      const auto& d = info.opencl;
      return info.kind == "reference" ? 9
             : d.is_software          ? 5
             : d.is_gpu()             ? (d.shares_host_memory ? 2 : 1)
             : d.is_accelerator()     ? 3
             : d.is_cpu()             ? 4
                                      : 9;
    };
    const auto speed = [](const device_info& info) {
      return std::uint64_t{info.opencl.compute_units} * info.opencl.clock;
    };
    std::erase_if(infos, [&](const device_info& info) { return kind(info) == 9; });
    const auto is_before = [&](const device_info& a, const device_info& b) {
      return kind(a) != kind(b) ? kind(a) < kind(b) : speed(a) > speed(b);
    };
    for (std::size_t i = 1; i < infos.size(); ++i)  // by insertion: there are few
      for (std::size_t j = i; j > 0 && is_before(infos[j], infos[j - 1]); --j)
        std::swap(infos[j], infos[j - 1]);
    return infos;
  }

  /// The CPU reference. All calls give the same device.
  static device reference() {
    return device(detail::devices_in_use::of_this_process().reference());
  }

  /// All devices of this machine, the reference last. Creates nothing.
  static std::vector<device_info> list() {
    std::vector<device_info> infos;
    for (auto& d : opencl::list_devices()) {
      const char* kind = d.is_gpu()           ? "gpu"
                         : d.is_accelerator() ? "accelerator"
                         : d.is_cpu()         ? "cpu"
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

  explicit device(const opencl::device& d) : opencl_(d) {}
  explicit device(const gpuimg::reference::device& d) : reference_(d) {}
  /// The user's own OpenCL context and in-order queue, such as a cl::Context and a
  /// cl::CommandQueue.
  template <opencl::binding_of<cl_context> Context, opencl::binding_of<cl_command_queue> Queue>
  device(const Context& context, const Queue& queue) : opencl_(context, queue) {}

  [[nodiscard]] bool is_reference() const { return !opencl_.exists(); }
  [[nodiscard]] std::string name() const {
    return is_reference() ? "reference" : opencl().description().name;
  }
  bool operator==(const device& other) const = default;

  /// Whether the device gives the bits of the reference, as far as its arithmetic goes, and if not,
  /// why. Tests it now and waits for it.
  [[nodiscard]] gpuimg::opencl::exactness exact() const {
    return is_reference() ? gpuimg::opencl::exactness{} : gpuimg::opencl::self_test(opencl());
  }

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
    is_reference() ? reference_.limit_memory(bytes) : opencl_.limit_memory(bytes);
  }

  /// The OpenCL side: context(), queue(), pool() ... Throws argument_error on the reference.
  [[nodiscard]] const gpuimg::opencl::device& opencl() const {
    if (is_reference()) throw argument_error("the reference is not an OpenCL device");
    return opencl_;
  }
  /// The reference's side. Throws argument_error on an OpenCL device.
  [[nodiscard]] const gpuimg::reference::device& reference_side() const {
    if (!is_reference()) throw argument_error("the device is not the reference");
    return reference_;
  }

 private:
  static device of(const device_info& info) {
    return info.kind == "reference"
               ? reference()
               : device(detail::devices_in_use::of_this_process().get(info.opencl));
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

  // One of them: the other is none.
  gpuimg::opencl::device opencl_;
  gpuimg::reference::device reference_ = gpuimg::reference::device::none();
};

/// What `device::choose` found.
struct device::choice {
  device best;
  std::vector<passed_over> others;  ///< before it in the order of preference
};

inline device::choice device::choose() {
  if (const char* wanted = std::getenv("GPUIMG_DEVICE"); wanted != nullptr && *wanted != '\0')
    return {by_name(wanted), {}};
  std::vector<passed_over> others;
  for (auto& info : by_preference(list())) {
    std::string reason;
    try {
      const device candidate = of(info);
      const auto exactness =
          detail::devices_in_use::of_this_process().exactness_of(candidate.opencl());
      if (exactness.is_exact) return {candidate, std::move(others)};
      reason = exactness.reason;
    } catch (const error& e) {
      reason = e.what();
    }
    others.push_back({std::move(info), std::move(reason)});
  }
  return {reference(), std::move(others)};
}

inline device device::best() { return choose().best; }

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
