// SPDX-License-Identifier: BSD-3-Clause
// Where images live and operations run: an OpenCL device, or the CPU reference.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpuimg/core/observer.hpp"
#include "gpuimg/core/text.hpp"
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

  [[gnu::cold]] opencl::device get(const opencl::device_description& description) {
    const std::lock_guard lock(devices_mutex_);
    opencl::device::weak& known = of(description.id).device;
    if (auto device = known.lock(); device.exists()) return device;
    opencl::device device(description);
    known = device;
    return device;
  }
  /// Tested once per process, and once per machine where the disk allows.
  [[gnu::cold]] opencl::exactness exactness_of(const opencl::device& device) {
    const std::lock_guard lock(tests_mutex_);
    {
      const std::lock_guard devices_lock(devices_mutex_);
      if (const auto& known = of(device.description().id); known.is_tested) return known.test;
    }
    const auto result = opencl::known_self_test(device);
    const std::lock_guard devices_lock(devices_mutex_);
    hardware& tested = of(device.description().id);
    tested.test = result;
    tested.is_tested = result.was_tested;
    return result;
  }
  const reference::device& reference() const { return reference_; }

 private:
  struct hardware {
    cl_device_id id = nullptr;
    opencl::device::weak device{};
    opencl::exactness test{};
    bool is_tested = false;
    hardware* next = nullptr;
  };
  hardware& of(cl_device_id id) {
    for (hardware* h = first_; h != nullptr; h = h->next)
      if (h->id == id) return *h;
    auto* const added = new hardware{.id = id, .next = first_};
    return *(first_ = added);
  }

  std::mutex devices_mutex_, tests_mutex_;
  hardware* first_ = nullptr;  // of a chain, never destroyed
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
    const auto preference = [](const device_info& info) { return opencl::preference(info.opencl); };
    std::erase_if(infos, [&](const device_info& info) { return preference(info) == 0; });
    for (std::size_t i = 1; i < infos.size(); ++i)  // by insertion: there are few
      for (std::size_t j = i; j > 0 && preference(infos[j]) > preference(infos[j - 1]); --j)
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
    for (const auto& d : opencl::list_devices()) infos.push_back(info_of(d));
    infos.push_back({"gpuimg", "reference", "reference", 0, {}});
    return infos;
  }

  /// The device at a place of `list()`. Throws argument_error.
  static device by_index(std::size_t index) {
    const auto devices = opencl::list_devices();
    if (index > devices.size())
      throw argument_error(
          detail::text({"there is no device ", index, "; there are ", names(devices)}));
    return at(devices, index);
  }

  /// "reference", for which no driver is loaded; "platform:device", two numbers; a number, the
  /// place in `list()`; or a part of the device's name in any case, such as "4090". Throws
  /// argument_error that names the devices there are.
  [[gnu::cold]] static device by_name(const std::string& name) {
    if (name == "reference") return reference();
    const auto devices = opencl::list_devices();
    const std::size_t place = place_of(name, devices);
    if (place > devices.size())
      throw argument_error(
          detail::text({"there is no device '", name, "'; there are ", names(devices)}));
    return at(devices, place);
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
  /// Whether both are the same device, observed or not.
  bool operator==(const device& other) const {
    return opencl_ == other.opencl_ && reference_ == other.reference_;
  }

  /// The same device, on which operations tell an observer that they begin, and end with
  /// cancelled_error where it asks them to stop; null ends that. Holds for images made with it, and
  /// for results of operations on them. `watch` of watch.hpp makes one of a stop token.
  [[nodiscard]] device observed_by(const std::shared_ptr<observer>& o) const {
    device copy = *this;
    if (!is_reference()) copy.opencl_ = opencl_.observed_by(o);
    copy.observer_ = o;
    return copy;
  }
  /// Tells the observer that an operation begins. Throws cancelled_error where it wants none to.
  void begin(const char* operation) const {
    if (observer_ == nullptr) return;
    if (observer_->stop_requested()) throw cancelled_error("stopped on request");
    observer_->begins(operation);
  }

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
  // OpenCL devices; the reference comes after them.
  using devices = std::vector<opencl::device_description>;

  static device of(const opencl::device_description& description) {
    return device(detail::devices_in_use::of_this_process().get(description));
  }
  static device at(const devices& all, std::size_t index) {
    return index < all.size() ? of(all[index]) : reference();
  }
  static std::string_view name_at(const devices& all, std::size_t index) {
    if (index < all.size()) return all[index].name;
    return "reference";
  }
  static device_info info_of(const opencl::device_description& d) {
    const char* kind = d.is_gpu()           ? "gpu"
                       : d.is_accelerator() ? "accelerator"
                       : d.is_cpu()         ? "cpu"
                                            : "other";
    return {d.platform, d.name, kind, d.memory, d};
  }
  static bool is_number(std::string_view text) {
    for (const char c : text)
      if (c < '0' || c > '9') return false;
    return !text.empty() && text.size() < 6;
  }
  // The place of what `by_name` takes, nowhere where there is none.
  static constexpr std::size_t nowhere = std::string::npos;
  [[gnu::cold]] static std::size_t place_of(const std::string& name, const devices& all) {
    const std::string_view text = name;
    const std::size_t colon = text.find(':');
    if (is_number(text)) {
      const std::size_t place = std::strtoul(name.c_str(), nullptr, 10);
      if (place <= all.size()) return place;
    }
    if (colon != nowhere && is_number(text.substr(0, colon)) && is_number(text.substr(colon + 1)))
      return place_on_platform(all, std::strtoul(name.c_str(), nullptr, 10),
                               std::strtoul(name.c_str() + colon + 1, nullptr, 10));
    const std::string wanted = opencl::lower_case(name);
    for (std::size_t i = 0; i <= all.size() && !name.empty(); ++i)
      if (opencl::lower_case(name_at(all, i)).find(wanted) != nowhere) return i;
    return nowhere;
  }
  static std::size_t place_on_platform(const devices& all, std::size_t platform,
                                       std::size_t index) {
    std::size_t platforms = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i == 0 || all[i].platform_id != all[i - 1].platform_id) ++platforms;
      if (platforms == platform + 1 && index-- == 0) return i;
    }
    return nowhere;
  }
  [[gnu::cold]] static std::string names(const devices& all) {
    std::string text;
    for (std::size_t i = 0; i <= all.size(); ++i)
      text += detail::text({i == 0 ? "" : ", ", i, " ", name_at(all, i)});
    return text;
  }

  // What GPUIMG_DEVICE names, else the first in the order of preference that is exact; tells
  // `pass_over(description, reason)` of each before it.
  template <class PassOver>
  [[gnu::cold]] static device first_exact(PassOver pass_over) {
    if (const char* wanted = std::getenv("GPUIMG_DEVICE"); wanted != nullptr && *wanted != '\0')
      return by_name(wanted);
    const auto all = opencl::list_devices();
    std::vector<std::uint64_t> preferences(all.size());  // 0 for those that were tried
    for (std::size_t i = 0; i < all.size(); ++i) preferences[i] = opencl::preference(all[i]);
    for (;;) {
      std::size_t next = 0;
      for (std::size_t i = 0; i < all.size(); ++i)
        if (preferences[i] > preferences[next]) next = i;
      if (all.empty() || preferences[next] == 0) return reference();
      preferences[next] = 0;
      std::string reason;
      try {
        const device candidate = of(all[next]);
        const auto exactness =
            detail::devices_in_use::of_this_process().exactness_of(candidate.opencl());
        if (exactness.is_exact) return candidate;
        reason = exactness.reason;
      } catch (const error& e) {
        reason = e.what();
      }
      pass_over(all[next], reason);
    }
  }

  // One of them: the other is none.
  gpuimg::opencl::device opencl_;
  gpuimg::reference::device reference_ = gpuimg::reference::device::none();
  std::shared_ptr<observer> observer_;
};

/// What `device::choose` found.
struct device::choice {
  device best;
  std::vector<passed_over> others;  ///< before it in the order of preference
};

inline device::choice device::choose() {
  std::vector<passed_over> others;
  device best = first_exact([&](const opencl::device_description& d, const std::string& reason) {
    others.push_back({info_of(d), reason});
  });
  return {best, std::move(others)};
}

[[gnu::cold]] inline device device::best() {
  return first_exact([](const opencl::device_description&, const std::string&) {});
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
