// SPDX-License-Identifier: BSD-3-Clause
// Launches: work-groups, local memory, and launches that are split.
#include "gpuimg/opencl/launch.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "gpuimg/gpuimg.hpp"
#include "support/devices.hpp"
#include "support/matchers.hpp"

namespace opencl = gpuimg::opencl;
using sides = std::array<std::size_t, 3>;

namespace {

// A GPU with a display: 2 compute units of 1 MHz take 400 000 operations in a launch.
opencl::device_description slow_gpu() {
  opencl::device_description d;
  d.type = CL_DEVICE_TYPE_GPU;
  d.compute_units = 2;
  d.clock = 1;
  d.largest_work_group = 256;
  d.largest_work_group_sides = {256, 256, 64};
  d.local_memory = 32768;
  return d;
}

// Every work-item adds 1 to the number at its place: what is launched twice or not at all is seen.
constexpr opencl::kernel_source counting{"test/counting",
                                         R"(
kernel void counting(volatile global uint* out, const uint4 size) {
  const size_t x = get_global_id(0), y = get_global_id(1), z = get_global_id(2);
  if (x < size.x && y < size.y && z < size.z) atomic_inc(out + x + size.x * (y + size.y * z));
}
)",
                                         "counting"};

constexpr opencl::kernel_source sharing{"test/sharing",
                                        R"(
kernel void sharing(global uint* out, local uint* shared) {
  const size_t i = get_local_id(0), n = get_local_size(0);
  shared[i] = get_global_id(0);
  barrier(CLK_LOCAL_MEM_FENCE);
  out[get_global_id(0)] = shared[n - 1 - i];
}
#if !defined(ONE_KERNEL) || defined(KERNEL_sharing__static)  // some compilers refuse it at once
kernel void sharing__static(global uint* out) {
  local uint shared[16384][64];
  shared[get_local_id(0)][0] = 0;
  barrier(CLK_LOCAL_MEM_FENCE);
  out[get_global_id(0)] = shared[0][0];
}
#endif
)",
                                        "sharing"};

std::vector<std::uint32_t> counted(const opencl::device& device, const gpuimg::shape& size,
                                   const opencl::grid& items) {
  std::vector<std::uint32_t> result(size.pixels(), 0);
  const auto memory = device.allocate(result.size() * 4);
  device.write(memory.memory(), result.data(), result.size() * 4);
  device.launch(counting, "counting", {}, items, {memory, size});
  device.read(memory.memory(), result.data(), result.size() * 4);
  return result;
}

}  // namespace

TEST_CASE("launch: a grid in one piece needs no bands", "[opencl]") {
  const auto table = launch_table_for(slow_gpu());
  const opencl::bands bands({100, 10, 3}, {64, 1, 1}, table);
  REQUIRE(bands.size() == 1);
  CHECK(bands[0].offset == sides{0, 0, 0});
  CHECK(bands[0].items == sides{128, 10, 3});
}

TEST_CASE("launch: bands cover a grid once, along z, then y, then x, below the limits",
          "[opencl]") {
  auto table = launch_table_for(slow_gpu());
  CHECK(table.longest_launch == 400000);
  CHECK(table.most_groups == sides{2147483647, 65535, 65535});
  table.most_groups = {5, 3, 2};
  const sides group{4, 2, 1}, total{15, 9, 7};  // work-groups
  for (const std::uint64_t cost : {1ull, 10000ull, 25000ull, 60000ull, 1000000000000ull}) {
    std::vector<int> seen(total[0] * total[1] * total[2], 0);
    const opencl::bands bands({60, 17, 7, {}, cost}, group, table);
    for (std::size_t i = 0; i < bands.size(); ++i) {
      const auto part = bands[i];
      sides first{}, count{};
      for (std::size_t axis = 0; axis < 3; ++axis) {
        REQUIRE(part.offset[axis] % group[axis] == 0);
        REQUIRE(part.items[axis] % group[axis] == 0);
        first[axis] = part.offset[axis] / group[axis];
        count[axis] = part.items[axis] / group[axis];
        REQUIRE(count[axis] <= table.most_groups[axis]);
      }
      const auto groups = count[0] * count[1] * count[2];
      CHECK((groups == 1 || groups * 8 * cost <= table.longest_launch));
      for (std::size_t z = first[2]; z < first[2] + count[2]; ++z)
        for (std::size_t y = first[1]; y < first[1] + count[1]; ++y)
          for (std::size_t x = first[0]; x < first[0] + count[0]; ++x)
            ++seen.at(x + total[0] * (y + total[1] * z));
    }
    CHECK(seen == std::vector<int>(seen.size(), 1));
  }
}

TEST_CASE("launch: what a device wants follows from what it is", "[opencl]") {
  auto gpu = slow_gpu();
  CHECK(launch_table_for(gpu).variant == opencl::kernel_variant::cooperative);
  CHECK(launch_table_for(gpu).vector_width == 4);
  CHECK(launch_table_for(gpu).local_memory == 32768);
  gpu.clock = 0;  // unknown: as 500 MHz
  CHECK(launch_table_for(gpu).longest_launch == 200000000);
  auto cpu = gpu;
  cpu.type = CL_DEVICE_TYPE_CPU;
  CHECK(launch_table_for(cpu).variant == opencl::kernel_variant::serial);
  for (const auto& [native, width] : {std::pair{1u, 4u}, {4u, 8u}, {8u, 16u}, {16u, 16u}}) {
    cpu.native_floats = native;
    CHECK(launch_table_for(cpu).vector_width == width);
  }
}

TEST_CASE("launch: a work-group is halved until the device takes it", "[opencl]") {
  const auto table = launch_table_for(slow_gpu());
  const auto group = [&](const opencl::grid& items, std::size_t largest) {
    return work_group_of(items, table, largest);
  };
  CHECK(group({1000}, 256) == sides{64, 1, 1});
  CHECK(group({1000}, 1) == sides{1, 1, 1});
  CHECK(group({1000, 5}, 16) == sides{16, 1, 1});
  CHECK(group({33, 5}, 256) == sides{64, 1, 1});
  CHECK(group({32, 5}, 256) == sides{16, 1, 1});  // of a narrow image
  CHECK(group({1000, 5, 1, {32, 8, 1}}, 256) == sides{32, 8, 1});
  CHECK(group({1000, 5, 1, {32, 8, 1}}, 16) == sides{2, 8, 1});
  CHECK(group({1000, 5, 9, {1, 1, 128}}, 256) == sides{1, 1, 64});
  CHECK(group({1000, 5, 9, {16, 16, 4}}, 1024) == sides{4, 16, 4});
}

TEST_CASE("launch: every work-item runs once, in one launch or in many", "[opencl]") {
  for (const auto& device : test::opencl_devices()) {
    const gpuimg::shape size{70, 9, 5};
    const std::vector<std::uint32_t> ones(size.pixels(), 1);
    const opencl::grid items{size.x, size.y, size.z};
    CHECK(counted(device.opencl(), size, items) == ones);

    auto description = device.opencl().description();
    description.type = CL_DEVICE_TYPE_GPU;
    const opencl::device gpu(description);
    CHECK(counted(gpu, size, items) == ones);
    auto dear = items;
    for (const std::uint64_t cost : {gpu.launches().longest_launch / 1000,
                                     gpu.launches().longest_launch, std::uint64_t{1} << 60}) {
      dear.cost = cost;
      CHECK(counted(gpu, size, dear) == ones);
      dear.local = {8, 2, 2};
      CHECK(counted(gpu, size, dear) == ones);
      dear.local = {};
    }
  }
}

TEST_CASE("launch: 70 000 rows or planes, more groups than some GPUs take, are launched in parts",
          "[opencl]") {
  for (const auto& device : test::opencl_devices()) {
    auto description = device.opencl().description();
    description.type = CL_DEVICE_TYPE_GPU;
    const opencl::device gpu(description);
    REQUIRE(opencl::bands({1, 70000}, {1, 1, 1}, gpu.launches()).size() == 2);
    REQUIRE(opencl::bands({1, 1, 70000}, {1, 1, 1}, gpu.launches()).size() == 2);
    for (const gpuimg::shape size : {gpuimg::shape{2, 70000, 1}, gpuimg::shape{2, 1, 70000}})
      CHECK(counted(gpu, size, {size.x, size.y, size.z, {1, 1, 1}}) ==
            std::vector<std::uint32_t>(size.pixels(), 1));
    // The same through an operation.
    const gpuimg::shape tall{3, 70000};
    std::vector<float> pixels(tall.pixels());
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i % 1013);
    CHECK_THAT(gaussian_blur(push(gpuimg::device(gpu), pixels, tall), {.sigma_x = 1, .sigma_y = 1}),
               test::same_pixels(gaussian_blur(push(test::reference(), pixels, tall),
                                               {.sigma_x = 1, .sigma_y = 1})));
  }
}

TEST_CASE("launch: work-groups share local memory, and more than there is is refused", "[opencl]") {
  for (const auto& device : test::opencl_devices()) {
    const auto& opencl = device.opencl();
    const auto memory = opencl.allocate(256);
    std::vector<std::uint32_t> result(64);
    opencl.launch(sharing, "sharing", {}, {64, 1, 1, {1, 1, 1}},
                  {memory, opencl::argument::local(4)});
    opencl.read(memory.memory(), result.data(), 256);
    for (std::uint32_t i = 0; i < 64; ++i) CHECK(result[i] == i);

    const auto available = opencl.description().local_memory;
    CHECK(available >= 32768);
    CHECK_THROWS_MATCHES(opencl.launch(sharing, "sharing", {}, {64},
                                       {memory, opencl::argument::local(available + 4)}),
                         gpuimg::argument_error,
                         Catch::Message("kernel sharing needs " + std::to_string(available + 4) +
                                        " bytes of local memory per work-group, the device has " +
                                        std::to_string(available)));
    // The kernel's own arrays count, too: 4 MiB.
    if (available < (4u << 20))
      CHECK_THROWS_AS(opencl.launch(sharing, "sharing__static", {}, {64}, {memory}), gpuimg::error);
    opencl.read(memory.memory(), result.data(), 256);  // the device works on
  }
}

// PoCL ends the program where a kernel has its first launch of a wider grid in one queue while it
// runs in others.
TEST_CASE("launch: queues launch a kernel for wider and wider grids at once", "[opencl][threads]") {
  constexpr opencl::kernel_source adding{"test/adding", R"(
kernel void adding(global uint* out) {
  uint sum = 0;
  for (uint i = 0; i < 5000; ++i) sum = sum * 3 + i + get_global_id(0);
  out[get_global_id(0)] += sum == 1 ? 2 : 1;
}
)"};
  for (const auto& one : test::opencl_devices()) {
    const std::vector<opencl::device> queues{one.opencl(), one.opencl().sibling(),
                                             test::another(one).opencl()};
    const std::vector<std::size_t> widths{1, 1, 2};
    constexpr std::size_t group = 64, rounds = 20, most = 2 * rounds * group;
    std::vector<opencl::buffer> sums;
    for (const auto& queue : queues) {
      sums.push_back(queue.allocate(most * 4));
      queue.write(sums.back().memory(), std::vector<std::uint32_t>(most).data(), most * 4);
    }
    for (std::size_t i = 1; i <= rounds; ++i) {
      for (std::size_t q = 0; q < queues.size(); ++q)
        queues[q].launch(adding, "adding", {}, {.x = widths[q] * i * group, .local = {group, 1, 1}},
                         {sums[q]});
      for (const auto& queue : queues) queue.finish();
    }
    for (std::size_t q = 0; q < queues.size(); ++q) {
      std::vector<std::uint32_t> found(most), expected(most);
      queues[q].read(sums[q].memory(), found.data(), most * 4);
      for (std::size_t i = 0; i < most; ++i)
        for (std::size_t k = 1; k <= rounds; ++k) expected[i] += i < widths[q] * k * group;
      CHECK(found == expected);
    }
  }
}
