// SPDX-License-Identifier: BSD-3-Clause
// Prefix sums and greatest numbers against the standard library's.
#include "gpuimg/opencl/primitives.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <numeric>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"

namespace {

// Less than a vector, than a part, several parts, more than there are parts of the least size.
constexpr std::uint32_t counts[] = {1, 3, 4095, 4096, 4097, 70001, 5000000};

}  // namespace

TEST_CASE("exclusive_scan: each number becomes the sum of those before it", "[opencl]") {
  for (const auto& device : test::opencl_devices())
    for (const std::uint32_t count : counts) {
      INFO(count << " numbers on " << device.name());
      auto numbers = test::random_pixels<std::uint32_t>({count}, 1);
      const auto memory = device.opencl().allocate(count * sizeof(cl_uint));
      device.opencl().write(memory.memory(), numbers.data(), count * sizeof(cl_uint));
      gpuimg::opencl::exclusive_scan(device.opencl(), memory, count);
      std::vector<std::uint32_t> sums(count);
      device.opencl().read(memory.memory(), sums.data(), count * sizeof(cl_uint));
      std::exclusive_scan(numbers.begin(), numbers.end(), numbers.begin(), std::uint32_t{0});
      CHECK(sums == numbers);
    }
}

TEST_CASE("greatest: is the greatest number, wherever it is", "[opencl]") {
  for (const auto& device : test::opencl_devices())
    for (const std::uint32_t count : counts)
      for (const std::uint32_t place : {0u, count / 2, count - 1}) {
        INFO(count << " numbers, the greatest is " << place << " on " << device.name());
        std::vector<std::uint32_t> numbers(count, 7);
        numbers[place] = 0xfffffff0;
        const auto memory = device.opencl().allocate(count * sizeof(cl_uint));
        device.opencl().write(memory.memory(), numbers.data(), count * sizeof(cl_uint));
        CHECK(gpuimg::opencl::greatest(device.opencl(), {memory.memory(), gpuimg::pixel_type::u32,
                                                         gpuimg::shape{count}}) == 0xfffffff0);
      }
}
