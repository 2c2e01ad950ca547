// SPDX-License-Identifier: BSD-3-Clause
// Pixels that go to other places: formulas, properties and refusals, then numpy's results.
#include "gpuimg/ops/transform/rearrangement.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gpuimg/ops/transform/flip.hpp"
#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::circular_shift;
using gpuimg::concatenate_along_x;
using gpuimg::concatenate_along_y;
using gpuimg::concatenate_along_z;
using gpuimg::crop;
using gpuimg::pad;
using gpuimg::reslice_bottom;
using gpuimg::reslice_left;
using gpuimg::reslice_right;
using gpuimg::rotate_clockwise;
using gpuimg::rotate_counter_clockwise;
using gpuimg::shape;
using gpuimg::sub_stack;
using gpuimg::transpose_xy;
using gpuimg::transpose_xz;
using gpuimg::transpose_yz;
using gpuimg::unpad;
using test::same_pixels;

/// Of every pixel of a shape, what f(x, y, z) is.
template <class F>
auto made_of(const shape& size, const F& f) {
  std::vector<decltype(f(0, 0, 0))> pixels;
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x) pixels.push_back(f(x, y, z));
  return same_pixels(pixels, size);
}

}  // namespace

TEMPLATE_TEST_CASE("transpositions, quarter turns and reslices: each pixel is where it says",
                   "[transform][transpose_xy][transpose_xz][transpose_yz][rotate_clockwise]"
                   "[rotate_counter_clockwise][reslice_bottom][reslice_left][reslice_right]",
                   std::uint8_t, std::int16_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{0}, shape{1}, shape{1, 9, 4}, shape{40, 1, 4}, shape{9, 1},
                            shape{65, 3, 2}, shape{130, 7}, shape{33, 31, 5}, shape{40, 64, 33}}) {
    const auto pixels = test::random_pixels<TestType>(size, 1);
    const gpuimg::view<const TestType> at(pixels.data(), size);
    const auto src = push(device, pixels, size);
    const auto [nx, ny, nz] = size;
    using i = std::size_t;
    const i right = nx - 1, bottom = ny - 1;
    INFO(to_string(size));
    CHECK_THAT(transpose_xy(src),
               made_of({ny, nx, nz}, [&](i x, i y, i z) { return at(y, x, z); }));
    CHECK_THAT(transpose_xz(src),
               made_of({nz, ny, nx}, [&](i x, i y, i z) { return at(z, y, x); }));
    CHECK_THAT(transpose_yz(src),
               made_of({nx, nz, ny}, [&](i x, i y, i z) { return at(x, z, y); }));
    CHECK_THAT(rotate_clockwise(src),
               made_of({ny, nx, nz}, [&](i x, i y, i z) { return at(y, bottom - x, z); }));
    CHECK_THAT(rotate_counter_clockwise(src),
               made_of({ny, nx, nz}, [&](i x, i y, i z) { return at(right - y, x, z); }));
    CHECK_THAT(reslice_bottom(src),
               made_of({nx, nz, ny}, [&](i x, i y, i z) { return at(x, bottom - z, y); }));
    CHECK_THAT(reslice_left(src),
               made_of({ny, nz, nx}, [&](i x, i y, i z) { return at(z, x, y); }));
    CHECK_THAT(reslice_right(src),
               made_of({ny, nz, nx}, [&](i x, i y, i z) { return at(right - z, x, y); }));
  }
}

TEST_CASE("quarter turns: two are a flip, and one undoes the other",
          "[transform][rotate_clockwise][rotate_counter_clockwise]") {
  ON_EVERY_DEVICE(device);
  const shape size{66, 35, 2};
  auto pixels = test::random_pixels<float>(size, 2, test::content::awkward);
  pixels[7] = std::numeric_limits<float>::quiet_NaN();
  const auto src = push(device, pixels, size);
  CHECK_THAT(rotate_clockwise(rotate_clockwise(src)),
             same_pixels(flip(src, {.flip_x = true, .flip_y = true, .flip_z = false})));
  CHECK_THAT(rotate_counter_clockwise(rotate_clockwise(src)), same_pixels(pixels, size));
}

TEST_CASE("crop and sub_stack: are the box that crop of a place and a size gives",
          "[transform][crop][sub_stack]") {
  ON_EVERY_DEVICE(device);
  const shape size{40, 9, 5};
  const auto src = push(device, test::random_pixels<std::uint16_t>(size, 3), size);
  for (const std::size_t x : {0u, 3u, 8u})
    for (const std::size_t width : {1u, 16u, 31u}) {
      const gpuimg::ops::crop p{static_cast<int>(x), 1, 2, static_cast<int>(width), 8, 3};
      CHECK_THAT(crop(src, p), same_pixels(crop(src, {x, 1, 2}, {width, 8, 3})));
    }
  CHECK_THAT(crop(src, {}), same_pixels(crop(src, {}, {1})));
  CHECK_THAT(sub_stack(src, {.start_z = 1, .end_z = 3}),
             same_pixels(crop(src, {0, 0, 1}, {40, 9, 3})));
}

TEST_CASE("unpad: undoes pad", "[transform][pad][unpad]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 6, 2};
  const auto src = push(device, test::random_pixels<std::int8_t>(size, 4), size);
  for (const bool center : {false, true})
    for (const shape& larger : {shape{33, 6, 2}, shape{34, 7, 3}, shape{64, 16, 5}}) {
      const auto [x, y, z] = larger;
      const auto padded =
          pad(src, {static_cast<int>(x), static_cast<int>(y), static_cast<int>(z), 300, center});
      CHECK(padded.shape() == larger);
      CHECK(std::ranges::count(pull(padded), 127) >=
            static_cast<std::ptrdiff_t>(larger.pixels() - size.pixels()));
      CHECK_THAT(unpad(padded, {33, 6, 2, center}), same_pixels(src));
    }
  CHECK_THAT(pad(push(device, std::vector<float>{1, 2, 3, 4}, {2, 2}),
                 {.size_x = 5, .size_y = 3, .value = 0.5f, .center = true}),
             same_pixels(std::vector<float>{0.5f, 0.5f, 0.5f, 0.5f, 0.5f,  //
                                            0.5f, 0.5f, 1, 2, 0.5f,        //
                                            0.5f, 0.5f, 3, 4, 0.5f},
                         shape{5, 3}));
}

TEST_CASE("circular_shift: shifts add up, and a whole size is none",
          "[transform][circular_shift]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{1}, shape{17, 5, 3}, shape{130, 7}}) {
    const auto pixels = test::random_pixels<std::uint32_t>(size, 5);
    const auto src = push(device, pixels, size);
    const auto moved = circular_shift(src, {.shift_x = 5, .shift_y = -3, .shift_z = 100});
    CHECK_THAT(circular_shift(moved, {.shift_x = -5, .shift_y = 3, .shift_z = -100}),
               same_pixels(pixels, size));
    CHECK_THAT(circular_shift(src, {.shift_x = static_cast<int>(7 * size.x)}),
               same_pixels(pixels, size));
  }
}

TEST_CASE("concatenate_along_x, y and z: crop gives both images again",
          "[transform][concatenate_along_x][concatenate_along_y][concatenate_along_z]") {
  ON_EVERY_DEVICE(device);
  const auto image = [&](const shape& size, std::uint64_t seed) {
    return push(device, test::random_pixels<float>(size, seed), size);
  };
  const shape size{33, 5, 2};
  const auto first = image(size, 6);
  const auto check = [&](const shape& other, const auto& join, const gpuimg::position& behind) {
    const auto second = image(other, 7);
    const auto joined = join(first, second);
    CHECK_THAT(crop(joined, {}, size), same_pixels(first));
    CHECK_THAT(crop(joined, behind, other), same_pixels(second));
  };
  check({20, 5, 2}, [](auto& a, auto& b) { return concatenate_along_x(a, b); }, {33, 0, 0});
  check({33, 1, 2}, [](auto& a, auto& b) { return concatenate_along_y(a, b); }, {0, 5, 0});
  check({33, 5, 3}, [](auto& a, auto& b) { return concatenate_along_z(a, b); }, {0, 0, 2});
  CHECK_THAT(concatenate_along_x(gpuimg::image<float>(device, {0, 5, 2}), first),
             same_pixels(first));
}

TEST_CASE("run_into: knows the shape of images that are joined",
          "[transform][concatenate_along_y]") {
  ON_EVERY_DEVICE(device);
  const auto a = push(device, std::vector<std::uint8_t>{1, 2}, {2});
  const auto b = push(device, std::vector<std::uint8_t>{3, 4, 5, 6}, {2, 2});
  gpuimg::image<std::uint8_t> dst(device, {2, 3});
  run_into(gpuimg::ops::concatenate_along_y{}, dst, a, b);
  CHECK_THAT(dst, same_pixels(std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}));
}

TEST_CASE("crop, sub_stack, pad, unpad and concatenations: what does not fit is refused",
          "[transform][crop][sub_stack][pad][unpad][concatenate_along_x][error]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>(12), {3, 2, 2});
  const std::string where = "[src 3x2x2 f32 on " + device.name() + "]";
  CHECK_THROWS_MATCHES(
      crop(src, {.start_x = 2, .width = 2}), gpuimg::argument_error,
      Catch::Message("crop: a box of 2x1 at (2, 0, 0) does not lie inside 3x2x2 " + where));
  CHECK_THROWS_MATCHES(
      sub_stack(src, {.start_z = 1, .end_z = 2}), gpuimg::argument_error,
      Catch::Message("sub_stack: a box of 3x2x2 at (0, 0, 1) does not lie inside 3x2x2 " + where));
  CHECK_THROWS_MATCHES(sub_stack(src, {.start_z = 1}), gpuimg::argument_error,
                       Catch::Message("sub_stack: end_z must be >= start_z, got 0 and 1 " + where));
  CHECK_THROWS_MATCHES(
      pad(src, {.size_x = 4, .size_y = 1}), gpuimg::argument_error,
      Catch::Message("pad: size_x, size_y and size_z must be 0 or at least the image's sizes, got "
                     "4x1x2 " +
                     where));
  CHECK_THROWS_MATCHES(
      unpad(src, {.size_z = 3}), gpuimg::argument_error,
      Catch::Message("unpad: size_x, size_y and size_z must be 0 or at most the image's sizes, got "
                     "3x2x3 " +
                     where));
  const auto other = push(device, std::vector<float>(3), {3});
  CHECK_THROWS_MATCHES(
      concatenate_along_x(src, other), gpuimg::argument_error,
      Catch::Message("concatenate_along_x: the images may differ in their size along x only, got "
                     "3x2x2 and 3x1 [src0 3x2x2 f32, src1 3x1 f32 on " +
                     device.name() + "]"));
}

TEST_CASE("numpy puts pixels to the same places", "[transform]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("rearrangement");
  for (const bool is_3d : {false, true}) {
    const shape size = is_3d ? shape{35, 3, 34} : shape{37, 33};
    const shape other = is_3d ? shape{35, 2, 34} : shape{37, 4};
    const auto src = push(device, test::random_pixels<std::uint8_t>(size, 21), size);
    const auto second = push(device, test::random_pixels<std::uint8_t>(other, 22), other);
    const auto check = [&](std::string entry, const auto& found) {
      entry += is_3d ? "_3d" : "_2d";
      INFO(entry);
      CHECK_THAT(found, same_pixels(golden.values<std::uint8_t>(entry), golden.shape(entry)));
    };
    check("transpose_xy", transpose_xy(src));
    check("transpose_xz", transpose_xz(src));
    check("transpose_yz", transpose_yz(src));
    check("clockwise", rotate_clockwise(src));
    check("counter_clockwise", rotate_counter_clockwise(src));
    check("shift", circular_shift(src, {.shift_x = 40, .shift_y = -1, .shift_z = 2}));
    check("concatenate_y", concatenate_along_y(src, second));
    check("pad", pad(src, {.size_x = static_cast<int>(size.x) + 14,
                           .size_y = static_cast<int>(size.y) + 4,
                           .size_z = static_cast<int>(size.z) + 2,
                           .value = 9,
                           .center = true}));
  }
}
