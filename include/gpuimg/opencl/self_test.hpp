// SPDX-License-Identifier: BSD-3-Clause
// Whether a device computes as the library's kernels rely on: a test of its driver, not of the
// library.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "gpuimg/core/text.hpp"
#include "gpuimg/kernels/opencl/self_test.cl.hpp"
#include "gpuimg/opencl/binary_cache.hpp"
#include "gpuimg/opencl/device.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Whether a device gives the bits that the reference gives, and if not, why: a list of what it
/// does otherwise.
struct exactness {
  bool is_exact = true;
  std::string reason{};
  bool was_tested = true;  ///< false where the self-test could not run, which may pass
};

/// What the kernel of the self-test answers.
using self_test_answers = std::array<std::uint32_t, 19>;

inline constexpr std::size_t self_test_items = 1024;

/// What goes into the kernel.
inline std::array<float, 16> self_test_input() {
  constexpr float almost_one = 1 + 0x1p-12f, smallest = std::numeric_limits<float>::denorm_min();
  return {almost_one,
          -(1 + 0x1p-11f),
          0x1p-126f,
          0.25f,
          smallest,
          -0.0f,
          1.0f,
          0.0f,
          2.5f,
          3.5f,
          16777216,
          300,
          -7,
          1.5f,
          std::numeric_limits<float>::quiet_NaN(),
          1e20f};
}

/// What a device must answer.
inline self_test_answers self_test_expected() {
  const auto bits = [](float value) { return std::bit_cast<std::uint32_t>(value); };
  constexpr std::uint32_t n = self_test_items;
  std::uint32_t state = 1;
  for (int turn = 0; turn < 100000; ++turn) state = state * 1664525u + 1013904223u;
  return {bits(0),
          bits(0x1p-24f),
          bits(0x1p-128f),
          bits(0x1p-148f),
          bits(0.0f),
          bits(-0.0f),
          2,
          4,
          bits(16777216),
          0x000200ff,
          0,
          0xffffffffu,
          state,
          0xb9000000u,
          bits(0x1p-148f),
          n,
          n * (n - 1) / 2,
          0,
          0xffffffffu};
}

/// Names each promise that the answers break.
[[gnu::cold]] inline exactness judge(const self_test_answers& answers) {
  static constexpr std::array<const char*, 19> broken{"a * b + c is contracted to an fma",
                                                      "fma rounds twice",
                                                      "products lose denormal numbers",
                                                      "sums lose denormal numbers",
                                                      "fma gets the sign of a zero sum wrong",
                                                      "fma loses the sign of -0",
                                                      "2.5 is not rounded to even",
                                                      "3.5 is not rounded to even",
                                                      "2^24 + 1 is not rounded to an even float",
                                                      "conversions to 8 bits do not saturate",
                                                      "NaN does not become 0",
                                                      "conversions to 32 bits do not saturate",
                                                      "a loop of 100000 turns ends early",
                                                      "32-bit integers do not wrap around",
                                                      "fma loses denormal numbers",
                                                      "atomic_inc loses counts",
                                                      "atomic_add loses sums",
                                                      "atomic_min is wrong",
                                                      "atomic_or is wrong"};
  const auto expected = self_test_expected();
  exactness result;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i] == expected[i]) continue;
    result.reason += detail::text({result.is_exact ? "" : "; ", broken[i]});
    result.is_exact = false;
  }
  return result;
}

/// Runs the self-test and waits for it. Division and square root are left out: no kernel of an
/// exact operation uses them. A driver that cannot run the kernel is not exact.
[[gnu::cold]] inline exactness self_test(const device& device) {
  try {
    const auto input = self_test_input();
    constexpr std::size_t computed = 15, counted = 4;
    self_test_answers answers{};
    const std::array<std::uint32_t, counted> start{0, 0, 0xffffffffu, 0};
    // Not of the budget: however little a user's images may take, the driver is what it is.
    const auto allocate = [&](std::size_t bytes) {
      cl_mem memory = nullptr;
      device.call("clCreateBuffer", [&] {
        int code = CL_SUCCESS;
        memory = clCreateBuffer(device.context()(), CL_MEM_READ_WRITE, bytes, nullptr, &code);
        return code;
      });
      return memory_handle(memory);
    };
    const memory_handle in = allocate(sizeof input), out = allocate(computed * sizeof(cl_uint)),
                        counts = allocate(counted * sizeof(cl_uint));
    device.write(in(), input.data(), sizeof input);
    device.write(counts(), start.data(), sizeof start);
    device.launch(kernels::self_test, "self_test", {}, {self_test_items},
                  {buffer_view{in()}, buffer_view{out()}, buffer_view{counts()}});
    device.read(out(), answers.data(), computed * sizeof(cl_uint));
    device.read(counts(), answers.data() + computed, counted * sizeof(cl_uint));
    return judge(answers);
  } catch (const error& e) {
    return {false, detail::text({"the self-test does not run: ", e.what()}), false};
  }
}

/// The same, run once per device, driver and version of the library on this machine, as far as
/// programs are kept on disk.
[[gnu::cold]] inline exactness known_self_test(const device& device) {
  const auto disk = binary_cache::from_environment();
  const std::string key =
      detail::text({"self-test\n", version, "\n", kernels::self_test.hash, "\n",
                    kernels::common.hash, "\n", device.programs().device_key()});
  const std::string passed = "exact";
  const std::string kept = disk.is_on() ? disk.read(key) : std::string();
  if (kept == passed) return {};
  if (!kept.empty()) return {false, kept};
  auto result = self_test(device);
  if (result.was_tested) disk.write(key, result.is_exact ? passed : result.reason);
  return result;
}

}  // namespace gpuimg::opencl
