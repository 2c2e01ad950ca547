// SPDX-License-Identifier: BSD-3-Clause
// auto_local_threshold: masks of scikit-image and of the methods' formulas, then properties.
#include "gpuimg/algorithms/auto_local_threshold.hpp"

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::auto_local_threshold;
using gpuimg::connectivity;
using gpuimg::local_threshold_method;
using gpuimg::shape;
using test::same_pixels;

}  // namespace

TEST_CASE("auto_local_threshold: scikit-image and the formulas find the same pixels",
          "[threshold][auto_local_threshold]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("auto_local_threshold");
  for (const std::string dimensions : {"2d", "3d"}) {
    const shape size = golden.shape(dimensions + "_Mean");
    const auto src = push(device, test::random_pixels<std::uint8_t>(size, 31), size);
    const int radius = size.is_3d() ? 2 : 3;
    const auto expected = [&](const std::string& entry) {
      return same_pixels(golden.values<std::uint8_t>(dimensions + "_" + entry));
    };
    const auto names = choice_names(local_threshold_method{});
    for (std::size_t i = 0; i < names.size(); ++i) {
      INFO(dimensions << ", " << names[i]);
      const auto method = static_cast<local_threshold_method>(i);
      const float offset = method == local_threshold_method::mid_grey ? 5.25f : 5.5f;
      CHECK_THAT(auto_local_threshold(src, {method, radius, radius, radius, connectivity::box,
                                            offset, 0.3f, 240, 100}),
                 expected(names[i]));
    }
    CHECK_THAT(auto_local_threshold(src, {.radius_x = radius,
                                          .radius_y = radius,
                                          .radius_z = radius,
                                          .connectivity = connectivity::sphere}),
               expected("sphere"));
  }
}

TEST_CASE("auto_local_threshold: where all pixels are the same, none is above their mean or median",
          "[threshold][auto_local_threshold]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::uint16_t>(35, 77), {7, 5});
  const auto with = [&](local_threshold_method method) {
    return auto_local_threshold(src, {.method = method, .radius_x = 1, .radius_y = 1});
  };
  const std::vector<std::uint8_t> none(35, 0), all(35, 1);
  CHECK_THAT(with(local_threshold_method::mean), same_pixels(none));
  CHECK_THAT(with(local_threshold_method::median), same_pixels(none));
  CHECK_THAT(with(local_threshold_method::mid_grey), same_pixels(none));
  CHECK_THAT(with(local_threshold_method::niblack), same_pixels(none));
  CHECK_THAT(with(local_threshold_method::contrast), same_pixels(all));
  CHECK_THAT(with(local_threshold_method::bernsen), same_pixels(none));  // 77 < 128
  CHECK_THAT(auto_local_threshold(src, {.method = local_threshold_method::bernsen, .range = 77}),
             same_pixels(all));
}

TEST_CASE("auto_local_threshold: a dim and a bright square are found on a slope",
          "[threshold][auto_local_threshold]") {
  ON_EVERY_DEVICE(device);
  const shape size{40, 12};
  std::vector<float> pixels(size.pixels());
  std::vector<std::uint8_t> expected(size.pixels(), 0);
  for (std::size_t y = 0; y < size.y; ++y)
    for (std::size_t x = 0; x < size.x; ++x) {
      const bool is_inside = y >= 4 && y < 8 && (x / 4 == 2 || x / 4 == 7);
      pixels[x + size.x * y] = static_cast<float>(10 * x + (is_inside ? 100 : 0));
      expected[x + size.x * y] = is_inside ? 1 : 0;
    }
  CHECK_THAT(auto_local_threshold(push(device, pixels, size),
                                  {.radius_x = 5, .radius_y = 5, .offset = -30}),
             same_pixels(expected));
}

TEST_CASE("auto_local_threshold: an image without pixels stays so; a range of 0 is refused",
          "[threshold][auto_local_threshold][error]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(auto_local_threshold(push(device, std::vector<float>{}, {0})),
             same_pixels(std::vector<std::uint8_t>{}, shape{0}));
  const auto src = push(device, std::vector<float>{1, 2}, {2});
  CHECK_THROWS_AS(auto_local_threshold(src, {.range = 0}), gpuimg::argument_error);
}
