// SPDX-License-Identifier: BSD-3-Clause
// Operations on pixels one by one, against their formulas.
#include "gpuimg/ops/pointwise/pointwise.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::shape;
using test::near_pixels;
using test::same_pixels;

template <class T, class F>
auto mapped(const std::vector<T>& pixels, F&& f) {
  std::vector<decltype(f(T{}))> result;
  for (const T p : pixels) result.push_back(f(p));
  return result;
}

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEMPLATE_TEST_CASE("add and multiply with a scalar: compute in float, for every shape",
                   "[pointwise][add_image_and_scalar][multiply_image_and_scalar]", std::uint8_t,
                   std::int8_t, std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const auto src = push(device, pixels, size);
    CHECK_THAT(
        add_image_and_scalar(src, {.scalar = 2.5f}),
        same_pixels(mapped(pixels, [](TestType p) { return static_cast<float>(p) + 2.5f; }), size));
    CHECK_THAT(multiply_image_and_scalar(src, {.scalar = -0.3f}),
               same_pixels(mapped(pixels, [](TestType p) { return static_cast<float>(p) * -0.3f; }),
                           size));
  }
}

TEST_CASE("add and multiply with a scalar: the defaults are 1 and 0",
          "[pointwise][add_image_and_scalar][multiply_image_and_scalar]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::uint8_t>{0, 1, 255}, {3});
  CHECK_THAT(add_image_and_scalar(src), same_pixels(std::vector<float>{1, 2, 256}));
  CHECK_THAT(multiply_image_and_scalar(src), same_pixels(std::vector<float>{0, 0, 0}));
}

TEST_CASE("add_images_weighted: is factor1 * src0 + factor2 * src1",
          "[pointwise][add_images_weighted]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto a = test::random_pixels<std::int16_t>(size, 2),
               b = test::random_pixels<std::int16_t>(size, 3);
    std::vector<double> expected;
    for (std::size_t i = 0; i < a.size(); ++i)
      expected.push_back(static_cast<double>(0.3f) * a[i] + static_cast<double>(-1.7f) * b[i]);
    CHECK_THAT(add_images_weighted(push(device, a, size), push(device, b, size),
                                   {.factor1 = 0.3f, .factor2 = -1.7f}),
               near_pixels(expected, 32768 * 2 * 1e-7, 1e-6));
  }
  const auto one = push(device, std::vector<float>{1, 2}, {2});
  CHECK_THAT(add_images_weighted(one, one), same_pixels(std::vector<float>{2, 4}));
  CHECK_THAT(add_images_weighted(one, one, {.factor2 = -1}), same_pixels(std::vector<float>{0, 0}));
}

TEST_CASE("greater_constant: equal is not greater, and a NaN never is",
          "[pointwise][greater_constant]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(greater_constant(push(device, std::vector<float>{1, 2, 3, not_a_number, -0.0f}, {5}),
                              {.scalar = 2}),
             same_pixels(std::vector<std::uint8_t>{0, 0, 1, 0, 0}));
  CHECK_THAT(greater_constant(push(device, std::vector<float>{-0.0f, 1e-3f}, {2})),
             same_pixels(std::vector<std::uint8_t>{0, 1}));
}

TEST_CASE("greater_constant: integers are compared exactly", "[pointwise][greater_constant]") {
  ON_EVERY_DEVICE(device);
  const auto u32 =
      push(device, std::vector<std::uint32_t>{16777216, 16777217, 4294967295u, 0}, {4});
  CHECK_THAT(greater_constant(u32, {.scalar = 16777216}),
             same_pixels(std::vector<std::uint8_t>{0, 1, 1, 0}));
  CHECK_THAT(greater_constant(u32, {.scalar = 4294967296.0f}),
             same_pixels(std::vector<std::uint8_t>{0, 0, 0, 0}));
  CHECK_THAT(greater_constant(u32, {.scalar = -0.5f}),
             same_pixels(std::vector<std::uint8_t>{1, 1, 1, 1}));
  const auto i8 = push(device, std::vector<std::int8_t>{-128, -3, -2, 2, 3, 127}, {6});
  CHECK_THAT(greater_constant(i8, {.scalar = 2.5f}),
             same_pixels(std::vector<std::uint8_t>{0, 0, 0, 0, 1, 1}));
  CHECK_THAT(greater_constant(i8, {.scalar = -2.5f}),
             same_pixels(std::vector<std::uint8_t>{0, 0, 1, 1, 1, 1}));
  CHECK_THAT(greater_constant(i8, {.scalar = 1e30f}), same_pixels(std::vector<std::uint8_t>(6, 0)));
  CHECK_THAT(greater_constant(i8, {.scalar = -1e30f}),
             same_pixels(std::vector<std::uint8_t>(6, 1)));
}

TEST_CASE("binary_and: anything but 0 is foreground, the result is 0 or 1",
          "[pointwise][binary_and]") {
  ON_EVERY_DEVICE(device);
  const auto a = push(device, std::vector<std::uint8_t>{0, 0, 1, 255, 2, 128}, {6});
  const auto b = push(device, std::vector<std::uint8_t>{0, 7, 0, 1, 1, 64}, {6});
  CHECK_THAT(binary_and(a, b), same_pixels(std::vector<std::uint8_t>{0, 0, 0, 1, 1, 1}));
}

TEMPLATE_TEST_CASE("mask: pixels outside become 0, the others keep their bits", "[pointwise][mask]",
                   std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t,
                   std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 4, test::content::awkward);
    const auto inside = test::random_mask(size, 50, 5);
    auto expected = pixels;
    for (std::size_t i = 0; i < expected.size(); ++i)
      if (inside[i] == 0) expected[i] = 0;
    CHECK_THAT(gpuimg::mask(push(device, pixels, size), push(device, inside, size)),
               same_pixels(expected, size));
  }
  if constexpr (std::same_as<TestType, float>)
    CHECK_THAT(gpuimg::mask(push(device, std::vector<float>{not_a_number, not_a_number}, {2}),
                            push(device, std::vector<std::uint8_t>{0, 1}, {2})),
               same_pixels(std::vector<float>{0, not_a_number}));
}

TEST_CASE("operations on two images: other shapes and other devices are refused",
          "[pointwise][error][binary_and][mask][add_images_weighted]") {
  ON_EVERY_DEVICE(device);
  const auto wide = push(device, std::vector<std::uint8_t>(6), {3, 2});
  const auto tall = push(device, std::vector<std::uint8_t>(6), {2, 3});
  const std::string name = device.name();
  CHECK_THROWS_MATCHES(
      binary_and(wide, tall), gpuimg::argument_error,
      Catch::Message("binary_and: the images must have the same shape, got 3x2 and "
                     "2x3 [src0 3x2 u8, src1 2x3 u8 on " +
                     name + "]"));
  CHECK_THROWS_MATCHES(gpuimg::mask(push(device, std::vector<float>(4), {4}), tall),
                       gpuimg::argument_error,
                       Catch::Message("mask: the images must have the same shape, got 4x1 and 2x3 "
                                      "[src 4x1 f32, mask 2x3 u8 on " +
                                      name + "]"));
  const auto elsewhere =
      push(test::another(test::reference()), std::vector<std::uint8_t>(6), {3, 2});
  CHECK_THROWS_MATCHES(
      add_images_weighted(wide, elsewhere), gpuimg::argument_error,
      Catch::Message(
          "add_images_weighted: the images are on different devices, " + name +
          " and reference; copy_to brings one to the other [src0 3x2 u8, src1 3x2 u8 on " + name +
          "]"));
}

TEST_CASE("operations with a scalar: one that is not finite is refused",
          "[pointwise][error][add_image_and_scalar][multiply_image_and_scalar][greater_constant]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>(2), {2});
  const std::string where = " [src 2x1 f32 on " + device.name() + "]";
  CHECK_THROWS_MATCHES(
      add_image_and_scalar(src, {.scalar = not_a_number}), gpuimg::argument_error,
      Catch::Message("add_image_and_scalar: scalar must be finite, got nan" + where));
  CHECK_THROWS_MATCHES(
      multiply_image_and_scalar(src, {.scalar = INFINITY}), gpuimg::argument_error,
      Catch::Message("multiply_image_and_scalar: scalar must be finite, got inf" + where));
  CHECK_THROWS_MATCHES(greater_constant(src, {.scalar = -INFINITY}), gpuimg::argument_error,
                       Catch::Message("greater_constant: scalar must be finite, got -inf" + where));
  CHECK_THROWS_MATCHES(
      add_images_weighted(src, src, {.factor1 = not_a_number}), gpuimg::argument_error,
      Catch::Message("add_images_weighted: factor1 must be finite, got nan [src0 2x1 f32, src1 2x1 "
                     "f32 on " +
                     device.name() + "]"));
}
