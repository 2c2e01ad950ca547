// SPDX-License-Identifier: BSD-3-Clause
// One device used by several threads.
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gpuimg/gpuimg.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

TEST_CASE("threads: eight of them sharing one device get right results", "[opencl][threads]") {
  ON_EVERY_DEVICE(plain);
  const auto device = test::another(plain);
  constexpr std::size_t count = 8;
  const gpuimg::shape size{65, 33};
  std::vector<std::vector<float>> inputs, expected;
  for (std::size_t t = 0; t < count; ++t) {
    inputs.push_back(test::random_pixels<float>(size, t));
    const auto sigma = static_cast<float>(t + 1) * 0.4f;
    expected.push_back(pull(
        gaussian_blur(push(test::reference(), inputs[t], size), {.sigma_x = sigma, .sigma_y = 1})));
  }
  std::vector<std::string> wrong(count);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < count; ++t)
    threads.emplace_back([&, t] {
      try {
        const auto sigma = static_cast<float>(t + 1) * 0.4f;
        const auto image = push(device, inputs[t], size);
        for (int i = 0; i < 30 && wrong[t].empty(); ++i)
          wrong[t] = test::difference(pull(gaussian_blur(image, {.sigma_x = sigma, .sigma_y = 1})),
                                      expected[t], size, test::same_bits<float>);
      } catch (const std::exception& e) {
        wrong[t] = e.what();
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(wrong == std::vector<std::string>(count));
}

TEST_CASE("threads: each may make a device of its own at the same time", "[opencl][threads]") {
  std::vector<std::string> wrong(8);
  std::vector<std::thread> threads;
  for (auto& text : wrong)
    threads.emplace_back([&text] {
      try {
        for (const auto& info : gpuimg::device::list()) {
          const auto device = gpuimg::device::by_name(info.name);
          if (pull(gaussian_blur(push(device, std::vector<float>{3}, {1}), {})) !=
              std::vector<float>{3})
            text = "wrong on " + device.name();
        }
      } catch (const std::exception& e) {
        text = e.what();
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(wrong == std::vector<std::string>(8));
}
