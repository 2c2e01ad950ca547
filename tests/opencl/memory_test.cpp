// SPDX-License-Identifier: BSD-3-Clause
// Device memory: the budget, reuse of blocks, no growth, and work after a refusal.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
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
    const shape size{2147483647, largest / 2147483647 + 2};
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
      first = image.on_opencl().memory;
    }
    CHECK(pool.reserved() == 40000);
    {
      const gpuimg::image<float> image(device, {100, 99});
      CHECK(image.on_opencl().memory == first);
    }
    CHECK(pool.reserved() == 40000);
    device.trim();
    CHECK(pool.reserved() == 0);
    CHECK(pool.peak() == 40000);
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
#if !defined(__SANITIZE_ADDRESS__)  // which holds freed memory back to find late uses
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
