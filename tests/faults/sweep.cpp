// SPDX-License-Identifier: BSD-3-Clause
// Every OpenCL call of some work on images fails: once, for want of memory, and the result is right
// all the same; or again and again, or for another reason, and the work throws one error of the
// library. The device works on in any case.
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "faults/opencl_faults.hpp"
#include "gpuimg/gpuimg.hpp"

namespace {

using gpuimg::device;
using gpuimg::image;
using gpuimg::shape;

// Blobs on a lattice, brighter from one to the next, and noise.
std::vector<std::uint16_t> blobs(const shape& size) {
  std::vector<std::uint16_t> pixels;
  unsigned noise = 1;
  for (std::size_t y = 0; y < size.y; ++y)
    for (std::size_t x = 0; x < size.x; ++x) {
      noise = noise * 1664525 + 1013904223;
      const auto dx = static_cast<int>(x % 16) - 8, dy = static_cast<int>(y % 13) - 6;
      const int inside = dx * dx + dy * dy < 17 ? 2000 + static_cast<int>(10 * x + y) : 100;
      pixels.push_back(static_cast<std::uint16_t>(inside + static_cast<int>(noise >> 28)));
    }
  return pixels;
}

const shape size{48, 40};
const std::vector<std::uint16_t> pixels = blobs(size);

/// All numbers of a result, to be compared.
using numbers = std::vector<double>;

template <class T>
void append(numbers& all, const std::vector<T>& some) {
  all.insert(all.end(), some.begin(), some.end());
}

/// What `gpuimg segment` does.
numbers segment(const device& on) {
  const auto src = push(on, pixels, size);
  const auto flat = top_hat(src, {.radius_x = 9, .radius_y = 9});
  auto labels = voronoi_otsu_labeling(flat, {.spot_sigma = 2, .outline_sigma = 1});
  labels = remove_small_labels(labels, {.minimum_size = 5});
  numbers all;
  append(all, pull(labels));
  for (const auto& row : to_table(labels_statistics(labels, src)).rows) append(all, row);
  return all;
}

numbers blur(const device& on) {
  numbers all;
  append(all, pull(gaussian_blur(push(on, pixels, size), {.sigma_x = 1, .sigma_y = 1})));
  return all;
}

/// Every way of bringing pixels to a device, from there, and from one queue to another.
numbers copies(const device& on) {
  const auto other = on.sibling();
  auto src = push(on, pixels, size);
  push(std::vector<std::uint16_t>(6, 7), {3, 2}, src, {1, 2});
  auto part = crop(src, {4, 4}, {20, 10});
  gpuimg::paste(part, src, {9, 9});
  std::vector<std::uint16_t> seen(src.size()), box = pull(src, {8, 8}, {5, 5});
  const auto handle = on.is_reference() ? gpuimg::opencl::memory_handle{} : part.opencl_buffer();
  auto moved = move_to(src.clone(), other);
  gpuimg::push_async(pixels, src).wait();
  gpuimg::pull_async(moved, seen).wait();
  std::vector<std::uint16_t> host(4096);
  if (on.is_reference() || on.opencl().description().shares_host_memory) {
    auto wrapped = wrap(on, host, {64, 64});
    gpuimg::paste(part, wrapped, {3, 3});
  } else {
    auto whole = push(on, host, {64, 64});
    gpuimg::paste(part, whole, {3, 3});
    pull(whole, host);
  }
  numbers all;
  append(all, seen);
  append(all, host);
  append(all, box);
  append(all, pull(gaussian_blur(moved, {.sigma_x = 1})));
  append(all, pull(src));
  other.finish();
  return all;
}

/// Some work, and what is right.
struct task {
  std::function<numbers()> run;
  numbers right;
};

/// How often a call fails, and what it answers.
struct fault {
  int code;
  unsigned long times;
};

struct outcomes {
  unsigned long right = 0, thrown = 0, wrong = 0;
};

/// Does `work` with a call that fails, and `next` without. Empty where both go as they should.
std::string defect(const task& work, const task& next, unsigned long call, const fault& f,
                   outcomes& all) {
  const bool wants_memory = f.code != CL_INVALID_COMMAND_QUEUE;
  std::string text;
  faults::fail(call, f.code, f.times);
  try {
    if (work.run() != work.right) text = "a wrong result";
    ++all.right;
  } catch (const gpuimg::memory_error& e) {
    if (!wants_memory || f.times == 1) text = std::string("memory_error: ") + e.what();
    ++all.thrown;
  } catch (const gpuimg::device_error& e) {
    if (wants_memory) text = std::string("device_error: ") + e.what();
    ++all.thrown;
  } catch (const std::exception& e) {
    text = std::string("another error: ") + e.what();
  }
  faults::fail(0, 0);
  try {
    if (next.run() != next.right) text += ", then a wrong result";
  } catch (const std::exception& e) {
    text += std::string(", then the device is unusable: ") + e.what();
  }
  return text;
}

/// Faults at every call of `work`. True without a defect.
bool sweep(const char* name, const task& work, const task& next) {
  (void)work.run();  // compiles what it needs
  faults::fail(0, 0);
  bool good = work.run() == work.right;
  if (!good) std::printf("%s: wrong without a fault\n", name);
  const unsigned long calls = faults::count();
  outcomes all;
  for (unsigned long call = 1; call <= calls; ++call)
    for (const fault& f : {fault{CL_MEM_OBJECT_ALLOCATION_FAILURE, 1},
                           {CL_OUT_OF_RESOURCES, 1},
                           {CL_OUT_OF_HOST_MEMORY, 1},
                           {CL_OUT_OF_RESOURCES, 4},
                           {CL_INVALID_COMMAND_QUEUE, 1}}) {
      const std::string text = defect(work, next, call, f, all);
      if (text.empty()) continue;
      ++all.wrong;
      std::printf("%s: call %lu answers %d, %lu times: %s\n", name, call, f.code, f.times,
                  text.c_str());
    }
  std::printf("%s: %lu calls, %lu right, %lu errors, %lu defects\n", name, calls, all.right,
              all.thrown, all.wrong);
  return good && all.wrong == 0;
}

/// The error of a call that fails again and again says where.
bool says_where(const device& on) {
  const auto src = push(on, pixels, size);
  const auto blur = [&] { return gaussian_blur(src, {.sigma_x = 1}); };
  (void)blur();
  const std::string wanted_start = "gaussian_blur: the device ran out of memory in ",
                    wanted_end = " (CL_OUT_OF_RESOURCES), the budget is " +
                                 std::to_string(on.opencl().pool().limit()) +
                                 " [src 48x40 u16 on " + on.name() + "]";
  for (unsigned long call = 1;; ++call) {
    faults::fail(call, CL_OUT_OF_RESOURCES, 4);
    std::string text;
    try {
      (void)blur();
    } catch (const gpuimg::memory_error& e) {
      text = e.what();
    }
    const std::string function = faults::failed_function();
    faults::fail(0, 0);
    if (function.empty()) return std::printf("no launch failed\n"), false;
    if (function != "clEnqueueNDRangeKernel") continue;
    if (text.starts_with(wanted_start) && text.ends_with(wanted_end)) return true;
    return std::printf("a launch failed with: %s\n", text.c_str()), false;
  }
}

/// However much is enqueued without waiting, the commands in flight are bounded.
bool bounds_commands(const device& on) {
  const auto src = push(on, pixels, size);
  faults::fail(0, 0);
  for (int i = 0; i < 5000; ++i) (void)multiply_image_and_scalar(src, {.scalar = 2});
  const auto waits = faults::count("clWaitForEvents");
  if (waits < 5000 / 256 - 2) std::printf("5000 launches waited %lu times\n", waits);
  return waits >= 5000 / 256 - 2;
}

}  // namespace

int main() {
  const auto reference = device::reference();
  const numbers segmented = segment(reference), copied = copies(reference);
  bool good = true;
  for (const auto& description : gpuimg::opencl::list_devices()) {
    std::printf("%s\n", description.name.c_str());
    const device on{gpuimg::opencl::device(description)};
    const task copying{[&] { return copies(on); }, copied};
    good &= sweep("segment", {[&] { return segment(on); }, segmented}, copying);
    good &= sweep("copies", copying, copying);
    const task blurring{[&] { return blur(device(gpuimg::opencl::device(description))); },
                        blur(reference)};
    good &= sweep("blur on a new device", blurring, copying);
    good &= says_where(on);
    good &= bounds_commands(on);

    auto other = description;
    other.shares_host_memory = !description.shares_host_memory;  // copies take other ways
    const device staged{gpuimg::opencl::device(other)};
    const task copying_there{[&] { return copies(staged); }, copied};
    good &= sweep("copies through staging memory", copying_there, copying_there);
  }
  return good ? 0 : 1;
}
