// SPDX-License-Identifier: BSD-3-Clause
// Every OpenCL call of some work on an image fails once, with each code. The work then gives the
// right result or throws one error of the library, and the device works on.
//   sweep <output of an earlier run is compared with nothing: the CPU reference says what is right>
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
  numbers all;
  append(all, seen);
  append(all, box);
  append(all, pull(gaussian_blur(moved, {.sigma_x = 1})));
  append(all, pull(src));
  other.finish();
  return all;
}

struct result {
  unsigned long calls = 0, right = 0, thrown = 0, wrong = 0;
};

/// One run with one fault. True if it went as it should.
bool withstands(const std::function<numbers()>& work, const std::function<numbers()>& next,
                const numbers& right, const numbers& right_next, unsigned long call, int code,
                result& so_far) {
  std::string text;
  bool good = true;
  faults::fail(call, code);
  try {
    good = work() == right;
    if (good) ++so_far.right;
    text = good ? "" : "a wrong result";
  } catch (const gpuimg::error& e) {
    ++so_far.thrown;
    const bool about_memory = dynamic_cast<const gpuimg::memory_error*>(&e) != nullptr;
    const bool about_device = dynamic_cast<const gpuimg::device_error*>(&e) != nullptr;
    good = code == -36 ? about_device : about_memory;
    text = good ? "" : std::string("an error of another type: ") + e.what();
  } catch (const std::exception& e) {
    good = false;
    text = std::string("not an error of the library: ") + e.what();
  }
  const std::string function = faults::failed_function();
  faults::fail(0, 0);
  try {
    if (next() != right_next) good = false, text += " then a wrong result";
  } catch (const std::exception& e) {
    good = false;
    text += std::string(" then the device is unusable: ") + e.what();
  }
  if (good) return true;
  ++so_far.wrong;
  std::printf("call %lu, %s, answers %d: %s\n", call, function.c_str(), code, text.c_str());
  return false;
}

/// Faults at the first calls of `work`, and at every `step`-th one.
bool sweep(const char* name, const std::function<numbers()>& work,
           const std::function<numbers()>& next, const numbers& right, const numbers& right_next,
           unsigned long step) {
  faults::fail(0, 0);
  if (work() != right) return std::printf("%s: wrong without a fault\n", name), false;
  faults::fail(0, 0);
  (void)work();
  result all;
  all.calls = faults::count();
  for (unsigned long call = 1; call <= all.calls; call += call < 9 ? 1 : step)
    for (const int code : {-4, -5, -6, -36})
      withstands(work, next, right, right_next, call, code, all);
  std::printf("%s: %lu calls, %lu right, %lu errors, %lu defects\n", name, all.calls, all.right,
              all.thrown, all.wrong);
  return all.wrong == 0;
}

}  // namespace

int main() {
  const auto reference = device::reference();
  const auto devices = gpuimg::opencl::list_devices();
  bool good = true;
  for (const auto& description : devices) {
    std::printf("%s\n", description.name.c_str());
    auto own_memory = description;  // another way to copy
    own_memory.shares_host_memory = false;
    for (const auto& one : {description, own_memory}) {
      const device on{gpuimg::opencl::device(one)};
      const auto segmented = segment(reference), copied = copies(reference);
      const auto segment_here = [&] { return segment(on); };
      const auto copy_here = [&] { return copies(on); };
      if (one.shares_host_memory == description.shares_host_memory)
        good &= sweep("segment", segment_here, copy_here, segmented, copied, 1);
      good &= sweep("copies", copy_here, copy_here, copied, copied, 1);
    }
    const device on{gpuimg::opencl::device(description)};
    const auto once = [&] { return segment(device(gpuimg::opencl::device(description))); };
    const auto segmented = segment(reference), copied = copies(reference);
    good &= sweep(
        "segment on a new device", once, [&] { return copies(on); }, segmented, copied, 23);
  }
  return good ? 0 : 1;
}
