// SPDX-License-Identifier: BSD-3-Clause
// any_image.hpp and core/host_image.hpp: images whose type is known only when the program runs.
#include "gpuimg/any_image.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "gpuimg/core/host_image.hpp"
#include "support/devices.hpp"

using gpuimg::argument_error;
using gpuimg::host_image;
using gpuimg::shape;

TEMPLATE_TEST_CASE("any_image: what is pushed is pulled, with what its file said", "[any_image]",
                   std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t,
                   std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  const host_image src{.size = {3, 2},
                       .pixels = std::vector<TestType>{1, 2, 3, 4, 5, 6},
                       .pixel_size = {0.5, 0.25, 2},
                       .unit = "um",
                       .channel = 1,
                       .channels = 3,
                       .frame = 4,
                       .frames = 5};
  const gpuimg::any_image image = gpuimg::push(device, src);
  CHECK(type_of(image) == src.type());
  for (const host_image& dst :
       {gpuimg::pull(image, src), gpuimg::pull(std::get<gpuimg::image<TestType>>(image), src)}) {
    CHECK(dst.size == src.size);
    CHECK(dst.pixels == src.pixels);
    CHECK(dst.pixel_size == src.pixel_size);
    CHECK(dst.unit == src.unit);
    CHECK(dst.channel == 1);
    CHECK(dst.channels == 3);
    CHECK(dst.frame == 4);
    CHECK(dst.frames == 5);
  }
  CHECK(gpuimg::pull(image).unit.empty());
  CHECK(gpuimg::pull(gpuimg::push<float>(device, src)) == std::vector<float>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("any_image: images without pixels are legal", "[any_image]") {
  ON_EVERY_DEVICE(device);
  const host_image src{.size = {0, 5}, .pixels = std::vector<std::uint16_t>{}};
  const host_image dst = gpuimg::pull(gpuimg::push(device, src));
  CHECK(dst.size == src.size);
  CHECK(dst.type() == gpuimg::pixel_type::u16);
}

TEST_CASE("host_image: pixels that do not fill the shape are refused", "[any_image]") {
  const host_image src{.size = {2, 2}, .pixels = std::vector<float>(3)};
  CHECK_THROWS_MATCHES(gpuimg::push(test::reference(), src), argument_error,
                       Catch::Message("push: 3 pixels do not fill shape 2x2, which has 4"));
  CHECK_THROWS_MATCHES(src.as<std::uint8_t>(), argument_error,
                       Catch::Message("the image holds f32 pixels, not u8"));
}
