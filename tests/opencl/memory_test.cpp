// SPDX-License-Identifier: BSD-3-Clause
// Device memory: the budget, reuse of blocks, no growth, and work after a refusal.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/gpuimg.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"
#include "support/process.hpp"

using gpuimg::shape;

namespace {

gpuimg::device limited(const gpuimg::device& plain, const char* limit) {
  const test::scoped_environment set("GPUIMG_MEMORY_LIMIT", limit);
  return test::another(plain);
}

}  // namespace

TEST_CASE("memory: an image beyond the budget is refused with bytes and budget", "[opencl]") {
  ON_EVERY_DEVICE(plain);
  const auto device = limited(plain, "1M");
  const auto small = push(device, std::vector<float>(1024, 2.0f), {32, 32});
  try {
    const gpuimg::image<float> large(device, {1024, 1024});
    FAIL("it was allocated");
  } catch (const gpuimg::memory_error& e) {
    CHECK(std::string(e.what()) ==
          "needs 4194304 bytes of device memory, 4096 are in use, the budget is 1048576");
    CHECK(e.requested() == 4194304);
    CHECK(e.budget() == 1048576);
  }
  CHECK_THAT(gaussian_blur(small, {.sigma_x = 1, .sigma_y = 1}),
             test::near_pixels(std::vector<double>(1024, 2.0), 1e-6));
}

TEST_CASE("memory: an operation whose result does not fit says which, and the device works on",
          "[opencl]") {
  ON_EVERY_DEVICE(plain);
  const auto device = limited(plain, "40K");
  const auto pixels = test::random_pixels<std::uint16_t>({100, 100}, 1);
  const auto src = push(device, pixels, {100, 100});
  CHECK_THROWS_MATCHES(
      gaussian_blur(src, {.sigma_x = 1}), gpuimg::memory_error,
      Catch::Message("gaussian_blur: needs 40000 bytes of device memory, 20000 are in use, the "
                     "budget is 40960 [src 100x100 u16 on " +
                     device.name() + "]"));
  CHECK_THAT(src, test::same_pixels(pixels));
  const auto part = crop(src, {}, {50, 20});
  CHECK_THAT(gaussian_blur(part, {.sigma_x = 1}),
             test::same_pixels(gaussian_blur(copy_to(part, test::reference()), {.sigma_x = 1})));
}

TEST_CASE("memory: free blocks are released before an image is refused", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto device = limited(plain, "1M");
    for (std::size_t n = 1; n <= 40; ++n) {
      const gpuimg::image<std::uint8_t> one(device, {n * 20000});
      CHECK(device.opencl().pool().reserved() <= 1048576);
    }
    const gpuimg::image<std::uint8_t> all(device, {1048576});
    CHECK(device.opencl().pool().reserved() == 1048576);
  }
}

TEST_CASE("memory: one piece beyond what the device allows is refused before OpenCL is asked",
          "[opencl]") {
  for (const auto& device : test::opencl_devices()) {
    const auto largest = device.opencl().description().largest_buffer;
    const shape size{1 << 30, largest / (1 << 30) + 2};
    CHECK_THROWS_MATCHES(
        (gpuimg::image<std::uint8_t>(device, size)), gpuimg::memory_error,
        Catch::Message("needs " + std::to_string(size.pixels()) +
                       " bytes in one piece, the device allows " + std::to_string(largest) +
                       " (of a budget of " + std::to_string(device.opencl().pool().limit()) +
                       "): crop the image and process its parts"));
  }
}

TEST_CASE("memory: a freed block is used again, and trim gives it back", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto device = test::another(plain);
    const auto& pool = device.opencl().pool();
    cl_mem first = nullptr;
    {
      const gpuimg::image<float> image(device, {100, 100});
      first = gpuimg::detail::access::opencl(image).memory;
    }
    CHECK(pool.reserved() == 40000);
    {
      const gpuimg::image<float> image(device, {100, 99});
      CHECK(gpuimg::detail::access::opencl(image).memory == first);
    }
    CHECK(pool.reserved() == 40000);
    device.trim();
    CHECK(pool.reserved() == 0);
    CHECK(pool.peak() == 40000);
  }
}

TEST_CASE("memory: the budget is 80 % of the device, or what the environment or code says",
          "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto memory = plain.opencl().description().memory;
    {
      const test::scoped_environment unset("GPUIMG_MEMORY_LIMIT", std::nullopt);
      const auto device = test::another(plain);
      CHECK(device.opencl().pool().limit() == memory / 5 * 4);
    }
    const auto device = limited(plain, "1M");
    CHECK(device.opencl().pool().limit() == 1048576);
    device.limit_memory(5000);
    CHECK(device.opencl().pool().limit() == 5000);
    CHECK(device.sibling().opencl().pool().limit() == 5000);
    CHECK_THROWS_MATCHES(
        gpuimg::image<std::uint8_t>(device, {5001}), gpuimg::memory_error,
        Catch::Message("needs 5001 bytes of device memory, 0 are in use, the budget is 5000"));
    CHECK(gpuimg::image<std::uint8_t>(device, {5000}).size() == 5000);
  }
  const auto reference = gpuimg::device(gpuimg::reference::device());
  reference.limit_memory(10);
  CHECK_THROWS_AS(gpuimg::image<std::uint8_t>(reference, {11}), gpuimg::memory_error);
}

TEST_CASE("memory: pools on one piece of hardware share its memory, free blocks included",
          "[opencl]") {
  using gpuimg::opencl::memory_pool;
  for (const auto& device : test::opencl_devices()) {
    const auto& cl = device.opencl();
    CHECK(&gpuimg::opencl::hardware_memory::of(cl.description().id, 1) ==
          &gpuimg::opencl::hardware_memory::of(cl.description().id, 2));
    gpuimg::opencl::hardware_memory hardware(1000);
    const auto make_pool = [&] {
      return std::make_unique<memory_pool>(
          cl.context(), cl.queue(), 1000,
          std::make_shared<gpuimg::memory_budget>(1000, &hardware.budget()), hardware);
    };
    const auto one = make_pool(), other = make_pool();
    const auto block = one->take(600);
    CHECK_THROWS_MATCHES(
        other->take(600), gpuimg::memory_error,
        Catch::Message("needs 600 bytes of device memory, 600 are in use, the budget is 1000"));
    one->give_back(block);
    CHECK(hardware.budget().used() == 600);
    other->give_back(other->take(600));  // for which the first one's free block goes
    CHECK(hardware.budget().used() == 600);
    CHECK(one->reserved() == 0);
  }
}

TEST_CASE("memory: hardware keeps a raised limit until its last pool is gone", "[opencl]") {
  using gpuimg::opencl::memory_pool;
  for (const auto& device : test::opencl_devices()) {
    const auto& cl = device.opencl();
    gpuimg::opencl::hardware_memory hardware(1000);
    const auto make_pool = [&] {
      return std::make_unique<memory_pool>(
          cl.context(), cl.queue(), 5000,
          std::make_shared<gpuimg::memory_budget>(1000, &hardware.budget()), hardware);
    };
    auto one = make_pool(), other = make_pool();
    hardware.budget().set_limit(5000);
    one.reset();
    CHECK(hardware.budget().limit() == 5000);
    other.reset();
    CHECK(hardware.budget().limit() == 1000);
  }
}

TEST_CASE("memory: never are more than half as many bytes again held as were in use", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto device = test::another(plain);
    const auto& pool = device.opencl().pool();
    std::size_t most = 0;
    for (const std::size_t n : {100, 50, 120, 30, 119, 400, 170, 230, 401, 900, 10, 902}) {
      const gpuimg::image<std::uint8_t> one(device, {n * 1000});
      most = std::max(most, n * 1000);
      CHECK(2 * pool.reserved() <= 3 * most);
      CHECK(2 * pool.peak() <= 3 * most);
    }
  }
}

TEST_CASE("memory: steps of many sizes find all their blocks again", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto device = test::another(plain);
    const auto steps = [&] {
      const gpuimg::image<std::uint8_t> whole(device, {100'000}), half(device, {50'000});
      for (const std::size_t n : {20'000, 30'000, 25'000})
        (void)gpuimg::image<std::uint8_t>(device, {n});
    };
    steps();
    const auto held = device.opencl().pool().reserved();
    CHECK(held == 225'000);
    steps();
    CHECK(device.opencl().pool().reserved() == held);
    CHECK(device.opencl().pool().peak() == held);
  }
}

TEST_CASE("memory: of equal blocks the newest is used again", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto device = test::another(plain).opencl();
    auto one = device.allocate(5000), other = device.allocate(5000);
    const auto newest = other.memory();
    one = {};
    other = {};
    CHECK(device.allocate(5000).memory() == newest);
  }
}

TEST_CASE("memory: a batch of images of any sizes takes at most one and a half times the largest",
          "[opencl]") {
  const auto process = [](const gpuimg::device& device, std::size_t x, std::size_t y) {
    const auto src = push(device, std::vector<std::uint16_t>(x * y, 1), {x, y});
    return gaussian_blur(top_hat(src, {.radius_x = 3, .radius_y = 3}),
                         {.sigma_x = 1, .sigma_y = 1});
  };
  for (const auto& plain : test::opencl_devices()) {
    const auto device = test::another(plain);
    const auto alone = test::another(plain);
    (void)process(alone, 255, 255);
    const auto largest = alone.opencl().pool().peak();
    for (std::size_t i = 0; i < 200; ++i)
      (void)process(device, 64 + i * 37 % 192, 64 + i * 101 % 192);
    CHECK(2 * device.opencl().pool().peak() <= 3 * largest);
  }
}

TEST_CASE("memory: siblings share the budget, and each has free blocks of its own", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto device = test::another(plain);
    const auto sibling = device.sibling();
    CHECK(sibling.opencl().context()() == device.opencl().context()());
    CHECK(sibling.opencl().queue()() != device.opencl().queue()());
    CHECK(&sibling.opencl().programs() == &device.opencl().programs());
    device.limit_memory(1000);
    auto image = gpuimg::image<std::uint8_t>(device, {600});
    CHECK_THROWS_AS(gpuimg::image<std::uint8_t>(sibling, {600}), gpuimg::memory_error);
    image = move_to(std::move(image), sibling);
    CHECK(device.opencl().pool().reserved() == 600);
    const cl_mem memory = gpuimg::detail::access::opencl(image).memory;
    image = gpuimg::image<std::uint8_t>(sibling, {0});
    CHECK(gpuimg::detail::access::opencl(gpuimg::image<std::uint8_t>(sibling, {600})).memory ==
          memory);
    CHECK(gpuimg::image<std::uint8_t>(device, {600}).size() == 600);  // the free block goes
  }
}

TEST_CASE("memory: what is lent stays in the ledger until the last owner lets go", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto device = test::another(plain);
    const auto& pool = device.opencl().pool();
    gpuimg::opencl::memory_handle first, second;
    {
      const gpuimg::image<std::uint8_t> image(device, {600});
      for (int i = 0; i < 1000; ++i) first = image.opencl_buffer();
      second = image.opencl_buffer();
    }
    CHECK(pool.reserved() == 600);
    device.trim();
    CHECK(pool.reserved() == 600);
    first = {};
    CHECK(pool.reserved() == 600);
    second = {};
    CHECK(test::becomes_true([&] { return pool.reserved() == 0; }));
    {
      const gpuimg::image<std::uint8_t> image(device, {600});
      second = image.opencl_buffer();
      second = {};
      CHECK(pool.reserved() == 600);
    }
    CHECK(test::becomes_true([&] { return pool.reserved() == 0; }));
  }
}

TEST_CASE("memory: ten thousand chained operations leave the memory as it was", "[opencl]") {
  ON_EVERY_DEVICE(plain);
  const auto device = test::another(plain);
  const shape size{64, 64};
  auto image = push(device, test::random_pixels<float>(size, 1), size);
  std::size_t reserved = 0, resident = 0;
  const auto reserved_now = [&] {
    return device.is_reference() ? 0 : static_cast<std::size_t>(device.opencl().pool().reserved());
  };
  for (int i = 0; i < 10000; ++i) {
    image = gaussian_blur(image, {.sigma_x = 0.5f, .sigma_y = 0.5f});
    if (i % 1000 == 999) device.finish();
    if (i == 1999) {
      reserved = reserved_now();
      resident = test::resident_bytes();
    }
  }
  CHECK(reserved_now() == reserved);
  CHECK(reserved <= 4 * size.pixels() * sizeof(float));
#ifndef GPUIMG_TEST_WITH_ASAN  // which holds freed memory back to find late uses
  CHECK(test::resident_bytes() < resident + (16u << 20));
#endif
  for (const float pixel : pull(image)) REQUIRE(std::isfinite(pixel));
}

TEST_CASE("memory: images may outlive every other copy of their device", "[opencl]") {
  ON_EVERY_DEVICE(plain);
  std::vector<gpuimg::image<float>> images;
  {
    const auto device = test::another(plain);
    images.push_back(gaussian_blur(push(device, std::vector<float>{1, 1}, {2}), {}));
  }
  CHECK_THAT(images[0], test::same_pixels(std::vector<float>{1, 1}));
  CHECK_THAT(images[0].clone(), test::same_pixels(std::vector<float>{1, 1}));
}

TEST_CASE("memory: a table that was asked for before is there already", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto device = test::another(plain).opencl();
    std::vector<float> values{1, 2, 3};
    const auto table = [&] { return device.table(std::span<const float>(values)); };
    const auto first = table();
    CHECK(table().memory() == first.memory());
    CHECK(device.sibling().table(std::span<const float>(values)).memory() == first.memory());
    values[2] = 4;
    const auto second = table();
    CHECK(second.memory() != first.memory());
    for (values[0] = 0; values[0] < 100; ++values[0]) table();  // the first ones make way
    values = {1, 2, 3};
    const auto again = table();
    CHECK(again.memory() != first.memory());
    std::vector<float> found(3);
    for (const auto* kept : {&first, &again}) {
      device.read(kept->memory(), found.data(), sizeof(float) * 3);
      CHECK(found == values);
    }
    values.assign(gpuimg::opencl::table_cache::largest, 0.5f);  // too large to keep
    const auto large = table();
    CHECK(table().memory() != large.memory());
  }
}
