// SPDX-License-Identifier: BSD-3-Clause
// Images: pixels in and out, boxes, copies, devices.
#include "gpuimg/image.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gpuimg/ops/filter/neighborhood_filter.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::image;
using gpuimg::pull;
using gpuimg::push;
using gpuimg::shape;
using test::same_pixels;

// The page that some drivers want a wrapped pointer to start at.
struct alignas(4096) page {
  std::array<std::uint16_t, 2048> pixels{};
};

std::vector<float> box_of(const std::vector<float>& pixels, const shape& whole,
                          const gpuimg::position& at, const shape& size) {
  std::vector<float> box;
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x)
        box.push_back(pixels[at.x + x + whole.x * (at.y + y + whole.y * (at.z + z))]);
  return box;
}

}  // namespace

TEMPLATE_TEST_CASE("image: what is pushed is what is pulled, for every shape", "[core]",
                   std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t,
                   std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const auto on_device = push(device, pixels, size);
    CHECK_THAT(on_device, same_pixels(pixels, size));
    std::vector<TestType> into_span(pixels.size()), into_pointer(pixels.size());
    pull(on_device, std::span(into_span));
    pull(on_device, into_pointer.data());
    CHECK(into_span == pixels);
    CHECK(into_pointer == pixels);
  }
}

TEST_CASE("image: vectors, arrays, spans and pointers are pushed alike", "[core]") {
  ON_EVERY_DEVICE(device);
  const std::array<std::uint16_t, 6> pixels{1, 2, 3, 4, 5, 65535};
  const std::vector<std::uint16_t> expected(pixels.begin(), pixels.end());
  CHECK_THAT(push(device, pixels, {3, 2}), same_pixels(expected));
  CHECK_THAT(push(device, expected, {3, 2}), same_pixels(expected));
  CHECK_THAT(push(device, std::span(pixels), {3, 2}), same_pixels(expected));
  CHECK_THAT(push(device, pixels.data(), {3, 2}), same_pixels(expected));
}

TEST_CASE("image: pixels of another type are converted when they are pushed", "[core]") {
  ON_EVERY_DEVICE(device);
  const std::vector<float> pixels{-1.0f,  0.5f,   1.5f,
                                  254.5f, 300.0f, std::numeric_limits<float>::quiet_NaN()};
  CHECK_THAT(push<std::uint8_t>(device, pixels, {6}),
             same_pixels(std::vector<std::uint8_t>{0, 0, 2, 254, 255, 0}));
  CHECK_THAT(push<float>(device, std::vector<std::int8_t>{-128, 127}, {2}),
             same_pixels(std::vector<float>{-128, 127}));
  CHECK_THAT(push<std::int16_t>(device, std::vector<std::uint32_t>{4000000000u, 5}, {2}),
             same_pixels(std::vector<std::int16_t>{32767, 5}));
}

TEST_CASE("image: a wrong number of pixels is refused with both numbers", "[core]") {
  ON_EVERY_DEVICE(device);
  const std::vector<std::uint8_t> five(5);
  CHECK_THROWS_MATCHES(push(device, five, {2, 3}), gpuimg::argument_error,
                       Catch::Message("push: 5 pixels do not fill shape 2x3, which has 6"));
  CHECK_THROWS_MATCHES(push<float>(device, five, {0}), gpuimg::argument_error,
                       Catch::Message("push: 5 pixels do not fill shape 0x1, which has 0"));
  std::vector<std::uint8_t> into(7);
  const auto six = push(device, std::vector<std::uint8_t>(6), {2, 3});
  CHECK_THROWS_MATCHES(pull(six, std::span(into)), gpuimg::argument_error,
                       Catch::Message("pull: 7 pixels do not fill shape 2x3, which has 6"));
  CHECK_THROWS_MATCHES(gpuimg::wrap(device, std::span(into), {2, 3}), gpuimg::argument_error,
                       Catch::Message("wrap: 7 pixels do not fill shape 2x3, which has 6"));
}

TEST_CASE("image: an axis beyond 31 bits is refused", "[core]") {
  ON_EVERY_DEVICE(device);
  CHECK_THROWS_MATCHES(
      (image<std::uint8_t>(device, {std::size_t{1} << 31})), gpuimg::argument_error,
      Catch::Message("an axis may have 2147483647 pixels, got shape 2147483648x1"));
  CHECK_THROWS_AS((image<std::uint8_t>(device, {0, std::size_t{1} << 31})), gpuimg::argument_error);
}

TEST_CASE("image: a shape of more bytes than 64 bits count is refused", "[core]") {
  ON_EVERY_DEVICE(device);
  const shape size{1 << 30, 1 << 30,
                   4};  // 2^62 pixels: as floats 2^64 bytes, which would count as none
  const float pixel = 0;
  const auto refused =
      Catch::Message("shape 1073741824x1073741824x4 has more bytes than there are addresses");
  CHECK_THROWS_MATCHES(image<float>(device, size), gpuimg::argument_error, refused);
  CHECK_THROWS_MATCHES(push(device, &pixel, size), gpuimg::argument_error, refused);
}

TEST_CASE("image: images without pixels are pushed, pulled, cloned, copied and cropped", "[core]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{0}, shape{0, 5}, shape{4, 0, 3}, shape{2, 2, 0}}) {
    const std::vector<float> none;
    auto empty = push(device, none, size);
    CHECK(empty.empty());
    CHECK(empty.size() == 0);
    CHECK_THAT(empty, same_pixels(none, size));
    CHECK_THAT(empty.clone(), same_pixels(none, size));
    CHECK_THAT(copy_to(empty, test::reference()), same_pixels(none, size));
    CHECK_THAT(gpuimg::wrap(device, std::span<float>(), size), same_pixels(none, size));
    CHECK_THAT(crop(empty, {}, size), same_pixels(none, size));
    gpuimg::paste(push(device, none, size), empty, {});
    if (!device.is_reference()) CHECK(empty.opencl_buffer()() == nullptr);
  }
  const auto some = push(device, std::vector<float>{1, 2}, {2});
  CHECK_THAT(crop(some, {1}, {0}), same_pixels(std::vector<float>{}, shape{0}));
}

TEST_CASE("image: a clone has pixels of its own", "[core]") {
  ON_EVERY_DEVICE(device);
  auto original = push(device, std::vector<float>{1, 2, 3}, {3});
  const auto copy = original.clone();
  CHECK(copy.device() == device);
  gpuimg::paste(push(device, std::vector<float>{9}, {1}), original, {1});
  CHECK_THAT(copy, same_pixels(std::vector<float>{1, 2, 3}));
  CHECK_THAT(original, same_pixels(std::vector<float>{1, 9, 3}));
}

TEST_CASE("image: moving keeps the pixels and the device", "[core]") {
  ON_EVERY_DEVICE(device);
  auto first = push(device, std::vector<std::int16_t>{-1, 2}, {2});
  image<std::int16_t> second = std::move(first);
  CHECK_THAT(second, same_pixels(std::vector<std::int16_t>{-1, 2}));
  first = push(device, std::vector<std::int16_t>{7, 8, 9}, {3});
  second = std::move(first);
  CHECK_THAT(second, same_pixels(std::vector<std::int16_t>{7, 8, 9}, shape{3}));
}

TEST_CASE("image: a wrapped image and the host share memory", "[core]") {
  ON_EVERY_DEVICE(device);
  page memory;
  memory.pixels[0] = 1;
  const shape size{64, 32};
  if (!device.is_reference() && !device.opencl().description().shares_host_memory) {
    CHECK_THROWS_MATCHES(
        gpuimg::wrap(device, std::span<std::uint16_t>(memory.pixels), size), gpuimg::argument_error,
        Catch::Message("wrap: " + device.name() + " does not share host memory; use push"));
    return;
  }
  memory.pixels[2047] = 4711;
  {
    auto wrapped = gpuimg::wrap(device, std::span<std::uint16_t>(memory.pixels), size);
    CHECK(pull(wrapped).front() == 1);
    CHECK(pull(wrapped).back() == 4711);
    gpuimg::paste(push(device, std::vector<std::uint16_t>{5, 6}, {2}), wrapped, {3, 1});
    CHECK(pull(wrapped)[67] == 5);
  }
  CHECK(memory.pixels[67] == 5);
  CHECK(memory.pixels[68] == 6);
}

TEST_CASE("image: a wrapped image waits for the work on it before it goes", "[core]") {
  ON_EVERY_DEVICE(device);
  if (!device.is_reference() && !device.opencl().description().shares_host_memory) return;
  const shape size{512, 512};
  const auto pixels = test::random_pixels<float>(size, 5);
  const auto expected = maximum_filter(push(device, pixels, size), {.radius_x = 9, .radius_y = 9});
  auto memory = std::make_unique<std::vector<float>>(pixels);
  auto wrapped = std::make_optional(gpuimg::wrap(device, std::span(*memory), size));
  const auto found = maximum_filter(*wrapped, {.radius_x = 9, .radius_y = 9});
  wrapped.reset();
  std::ranges::fill(*memory, 1e9f);  // what the work would read if it were still under way
  memory.reset();
  CHECK_THAT(found, same_pixels(expected));
}

TEST_CASE("image: copy_to brings the pixels to any device and back", "[core]") {
  ON_EVERY_DEVICE(device);
  const auto pixels = test::random_pixels<std::uint32_t>({17, 5, 3}, 2);
  const auto here = push(device, pixels, {17, 5, 3});
  for (const auto& other : test::devices()) {
    const auto there = copy_to(here, other);
    CHECK(there.device() == other);
    CHECK_THAT(there, same_pixels(pixels, shape{17, 5, 3}));
    CHECK_THAT(copy_to(there, device), same_pixels(pixels));
  }
}

TEST_CASE("crop: the box has the pixels it covers", "[core]") {
  ON_EVERY_DEVICE(device);
  const shape whole{33, 31, 5};
  const auto pixels = test::random_pixels<float>(whole, 3);
  const auto src = push(device, pixels, whole);
  const std::pair<gpuimg::position, shape> boxes[] = {
      {{0, 0, 0}, whole},       {{3, 0, 0}, {5, 31, 5}}, {{32, 30, 4}, {1, 1, 1}},
      {{1, 2, 3}, {17, 13, 2}}, {{0, 7, 0}, {33, 1, 5}}, {{33, 31, 5}, {0, 0, 0}}};
  for (const auto& [at, size] : boxes)
    CHECK_THAT(crop(src, at, size), same_pixels(box_of(pixels, whole, at, size), size));
  const auto flat = push(device, test::ramp<std::uint8_t>({4, 3}), {4, 3});
  CHECK_THAT(crop(flat, {1, 1}, {2, 2}), same_pixels(std::vector<std::uint8_t>{5, 6, 9, 10}));
}

TEST_CASE("crop: a box that sticks out is refused with its place and both sizes", "[core]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>(24), {4, 3, 2});
  CHECK_THROWS_MATCHES(
      crop(src, {1, 0, 0}, {4, 3, 2}), gpuimg::argument_error,
      Catch::Message("crop: a box of 4x3x2 at (1, 0, 0) does not lie inside 4x3x2"));
  CHECK_THROWS_AS(crop(src, {0, 1, 0}, {1, 3, 1}), gpuimg::argument_error);
  CHECK_THROWS_AS(crop(src, {0, 0, 2}, {1, 1, 1}), gpuimg::argument_error);
  CHECK_THROWS_AS(crop(src, {5, 0, 0}, {0, 1, 1}), gpuimg::argument_error);
  CHECK_THROWS_AS(crop(src, {~std::size_t{0}, 0, 0}, {2, 1, 1}), gpuimg::argument_error);
}

TEST_CASE("paste: the box changes and nothing else does", "[core]") {
  ON_EVERY_DEVICE(device);
  const shape whole{33, 31, 5}, size{7, 6, 2};
  const auto before = test::random_pixels<float>(whole, 4),
             patch = test::random_pixels<float>(size, 5);
  auto dst = push(device, before, whole);
  gpuimg::paste(push(device, patch, size), dst, {26, 3, 1});
  auto expected = before;
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x)
        expected[26 + x + whole.x * (3 + y + whole.y * (1 + z))] =
            patch[x + size.x * (y + size.y * z)];
  CHECK_THAT(dst, same_pixels(expected));
}

TEST_CASE("paste: what crop took out goes back in", "[core]") {
  ON_EVERY_DEVICE(device);
  const shape whole{17, 5, 3};
  const auto pixels = test::random_pixels<std::int8_t>(whole, 6);
  auto dst = push(device, pixels, whole);
  gpuimg::paste(crop(dst, {2, 1, 1}, {9, 3, 2}), dst, {2, 1, 1});
  CHECK_THAT(dst, same_pixels(pixels));
}

TEST_CASE("paste: a box that sticks out, or another device, is refused", "[core]") {
  ON_EVERY_DEVICE(device);
  auto dst = push(device, std::vector<float>(6, 1.0f), {3, 2});
  CHECK_THROWS_MATCHES(gpuimg::paste(push(device, std::vector<float>(4), {2, 2}), dst, {2, 0}),
                       gpuimg::argument_error,
                       Catch::Message("paste: a box of 2x2 at (2, 0, 0) does not lie inside 3x2"));
  const auto other = test::another(test::reference());
  CHECK_THROWS_MATCHES(
      gpuimg::paste(push(other, std::vector<float>(1), {1}), dst, {}), gpuimg::argument_error,
      Catch::Message("paste: the images are on different devices, reference and " + device.name()));
  CHECK_THAT(dst, same_pixels(std::vector<float>(6, 1.0f)));
}
