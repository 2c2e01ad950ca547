// SPDX-License-Identifier: BSD-3-Clause
// Progress and cancellation: a device that is watched.
#include "gpuimg/watch.hpp"

#include <catch2/catch.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "gpuimg/gpuimg.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::shape;

TEST_CASE("watch: each operation says when it begins, also those inside a composition", "[core]") {
  ON_EVERY_DEVICE(device);
  std::vector<std::string> names;
  const auto watched =
      gpuimg::watch(device, {}, [&](const char* name) { names.emplace_back(name); });
  CHECK(watched == device);
  const shape size{40, 30};
  const auto mask = push(watched, test::random_mask(size, 50, 1), size);
  const auto labels = gpuimg::masked_voronoi_labeling(mask, mask);
  CHECK(names == std::vector<std::string>{"masked_voronoi_labeling", "connected_component_labeling",
                                          "propagate_labels"});
  gpuimg::relabel_sequential(labels);  // results are watched, too
  CHECK(names.back() == "relabel_sequential");
  names.clear();
  gpuimg::relabel_sequential(copy_to(labels, device));  // but not a copy on the device itself
  CHECK(names.empty());
  gpuimg::relabel_sequential(copy_to(copy_to(labels, device), watched));
  CHECK(names.size() == 1);
  const auto image = push(watched, std::vector<float>(size.pixels(), 1.0f), size);
  gpuimg::labels_statistics(labels, {&image, &image});
  CHECK(names.back() == "labels_statistics");
}

TEST_CASE("watch: once a stop is requested nothing begins, and the device works on", "[core]") {
  ON_EVERY_DEVICE(device);
  std::stop_source source;
  const auto watched = gpuimg::watch(device, source.get_token());
  const auto image = push(watched, std::vector<float>(6, 2.0f), {3, 2});
  const auto before = gpuimg::add_image_and_scalar(image, {.scalar = 1});
  source.request_stop();
  CHECK_THROWS_MATCHES(
      gpuimg::gaussian_blur(image, {.sigma_x = 1}), gpuimg::cancelled_error,
      Catch::Message("gaussian_blur: stopped on request [src 3x2 f32 on " + device.name() + "]"));
  CHECK_THAT(before, test::same_pixels(std::vector<float>(6, 3.0f)));
  const auto other = push(device, std::vector<float>(6, 2.0f), {3, 2});
  CHECK_THAT(gpuimg::add_image_and_scalar(other, {.scalar = 2}),
             test::same_pixels(std::vector<float>(6, 4.0f)));
}

TEST_CASE("watch: a stop between two launches ends the operation", "[core]") {
  for (const auto& device : test::opencl_devices()) {
    std::stop_source source;
    const auto watched = gpuimg::watch(device, source.get_token(), [&](const char* name) {
      if (std::string(name) == "gaussian_blur") source.request_stop();  // as another thread might
    });
    const auto image = push(watched, std::vector<float>(6, 2.0f), {3, 2});
    CHECK_THROWS_AS(gpuimg::gaussian_blur(image, {.sigma_x = 1}), gpuimg::cancelled_error);
  }
}
