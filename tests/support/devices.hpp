// SPDX-License-Identifier: BSD-3-Clause
// The devices that tests run on: the reference and every OpenCL device of this machine.
#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "gpuimg/device.hpp"

namespace test {

/// The reference, then every OpenCL device. With GPUIMG_TEST_AS_GPU set, each of these is called a
/// GPU of its own memory: vector widths and the ways to split and copy are then a GPU's on any
/// device. Made once per process and never destroyed, so that no OpenCL object outlives its driver
/// when the process ends.
inline const std::vector<gpuimg::device>& devices() {
  static const auto* const all = [] {
    auto* found = new std::vector<gpuimg::device>{gpuimg::device::reference()};
    for (auto description : gpuimg::opencl::list_devices()) {
      if (std::getenv("GPUIMG_TEST_AS_GPU") != nullptr) {
        description.type = CL_DEVICE_TYPE_GPU;
        description.shares_host_memory = false;
        description.compiles_at_launch = false;  // programs of one kernel
      }
      found->emplace_back(gpuimg::opencl::device(description));
    }
    return found;
  }();
  return *all;
}

inline const gpuimg::device& reference() { return devices().front(); }

inline std::vector<gpuimg::device> opencl_devices() {
  return {devices().begin() + 1, devices().end()};
}

/// Those that each test runs on: all, or, with GPUIMG_TEST_OPENCL_ONLY set, all but the reference,
/// whose results no setting of a driver changes.
inline std::vector<gpuimg::device> tested_devices() {
  const bool opencl_only = std::getenv("GPUIMG_TEST_OPENCL_ONLY") != nullptr;
  return opencl_only && devices().size() > 1 ? opencl_devices() : devices();
}

/// Another device of the same hardware that shares nothing with it, and reads the environment anew.
inline gpuimg::device another(const gpuimg::device& device) {
  if (device.is_reference()) return gpuimg::device(gpuimg::reference::device{});
  return gpuimg::device(gpuimg::opencl::device(device.opencl().description()));
}

/// Whether something becomes true within two seconds: drivers may let go of memory in a thread of
/// their own.
template <class Condition>
bool becomes_true(const Condition& condition) {
  for (int i = 0; i < 200; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return condition();
}

}  // namespace test

template <>
struct Catch::StringMaker<gpuimg::device> {
  static std::string convert(const gpuimg::device& device) { return device.name(); }
};

/// Runs the rest of the test once per device, under the given name.
#define ON_EVERY_DEVICE(variable)                                                                  \
  const gpuimg::device variable = GENERATE(Catch::Generators::from_range(test::tested_devices())); \
  INFO("on " << (variable).name())
