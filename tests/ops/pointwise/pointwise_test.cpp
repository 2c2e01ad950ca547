// SPDX-License-Identifier: BSD-3-Clause
// Operations on pixels one by one, against their formulas.
#include "gpuimg/ops/pointwise/pointwise.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
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

// Operations with what the library's own do not have yet: numbers in the type of the pixels, three
// numbers, three and four images, results that saturate, and truths.
constexpr gpuimg::operation_info info_of(const char* name, std::size_t images,
                                         gpuimg::kind result = gpuimg::kind::image) {
  gpuimg::operation_info about{name, "pointwise", "", "", {}, {{{"dst", result}}}};
  constexpr const char* names[] = {"src0", "src1", "src2", "src3"};
  for (std::size_t i = 0; i < images; ++i) about.inputs[i] = {names[i], gpuimg::kind::image};
  return about;
}

}  // namespace

namespace gpuimg {

struct clip_test {
  double minimum = 0, maximum = 0;
  static constexpr operation_info about = info_of("clip_test", 1);
  static constexpr void parameters(auto&& p) {
    p("minimum", &clip_test::minimum, "", "");
    p("maximum", &clip_test::maximum, "", "");
  }
  template <pixel T>
  using dst_pixel = T;
  template <pixel T>
  using acc = T;
  GPUIMG_FORMULA((auto a, auto minimum, auto maximum),
                 a<minimum ? minimum : a> maximum ? maximum : a)
};

struct replace_test {
  double from = 0, to = 0, other = 0;
  static constexpr operation_info about = info_of("replace_test", 1);
  static constexpr void parameters(auto&& p) {
    p("from", &replace_test::from, "", "");
    p("to", &replace_test::to, "", "");
    p("other", &replace_test::other, "", "");
  }
  template <pixel T>
  using dst_pixel = T;
  template <pixel T>
  using acc = T;
  GPUIMG_FORMULA((auto a, auto from, auto to, auto other), a == from ? to : other)
};

template <int Images>
struct sum_test {
  static constexpr operation_info about = info_of("sum_test", Images);
  template <pixel T>
  using dst_pixel = T;
  template <pixel T>
  using acc = std::conditional_t<std::same_as<T, float>, float, std::int64_t>;
};
struct sum_of_3 : sum_test<3> {
  GPUIMG_FORMULA((auto a, auto b, auto c), a + b - c)
};
struct sum_of_4 : sum_test<4> {
  GPUIMG_FORMULA((auto a, auto b, auto c, auto d), a + b + c + d)
};

struct between_test {
  float low = 0, high = 0;
  static constexpr operation_info about = info_of("between_test", 2, kind::binary);
  static constexpr void parameters(auto&& p) {
    p("low", &between_test::low, "", "");
    p("high", &between_test::high, "", "");
  }
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float b, float low, float high),
                 (a > low && a < high) || !(b >= low) || b == high)
};

template <>
inline constexpr bool is_operation<clip_test> = true;
template <>
inline constexpr bool is_operation<replace_test> = true;
template <>
inline constexpr bool is_operation<sum_of_3> = true;
template <>
inline constexpr bool is_operation<sum_of_4> = true;
template <>
inline constexpr bool is_operation<between_test> = true;

}  // namespace gpuimg

TEMPLATE_TEST_CASE("formulas: numbers and results in the type of the pixels", "[pointwise]",
                   std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t,
                   std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const auto src = push(device, pixels, size);
    const auto low = gpuimg::convert_pixel<TestType>(-20.0f);
    const auto high = gpuimg::convert_pixel<TestType>(3e9f);
    CHECK_THAT(
        run(gpuimg::clip_test{-20, 3e9}, src),
        same_pixels(mapped(pixels, [&](TestType p) { return p < low    ? low
                                                            : p > high ? high
                                                                       : p; }),
                    size));
    CHECK_THAT(run(gpuimg::replace_test{1, 100, 7}, src),
               same_pixels(mapped(pixels,
                                  [](TestType p) {
                                    return p == TestType{1} ? TestType{100} : TestType{7};
                                  }),
                           size));
  }
}

TEMPLATE_TEST_CASE("formulas: three and four images, saturating where a result is too large",
                   "[pointwise]", std::uint8_t, std::int8_t, std::uint16_t, std::int16_t,
                   std::uint32_t, std::int32_t) {
  ON_EVERY_DEVICE(device);
  const shape size{130, 7};
  std::array<std::vector<TestType>, 4> pixels;
  for (std::size_t k = 0; k < 4; ++k)
    pixels[k] = test::random_pixels<TestType>(size, k, test::content::awkward);
  std::vector<TestType> three, four;
  for (std::size_t i = 0; i < size.pixels(); ++i) {
    const auto at = [&](std::size_t k) { return static_cast<std::int64_t>(pixels[k][i]); };
    three.push_back(gpuimg::convert_pixel<TestType>(at(0) + at(1) - at(2)));
    four.push_back(gpuimg::convert_pixel<TestType>(at(0) + at(1) + at(2) + at(3)));
  }
  const auto a = push(device, pixels[0], size), b = push(device, pixels[1], size),
             c = push(device, pixels[2], size), d = push(device, pixels[3], size);
  CHECK_THAT(run(gpuimg::sum_of_3{}, a, b, c), same_pixels(three, size));
  CHECK_THAT(run(gpuimg::sum_of_4{}, a, b, c, d), same_pixels(four, size));
}

TEST_CASE("formulas: truths are 1 and 0, in vectors and alone", "[pointwise]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto a = test::random_pixels<float>(size, 1), b = test::random_pixels<float>(size, 2);
    std::vector<std::uint8_t> expected;
    for (std::size_t i = 0; i < a.size(); ++i)
      expected.push_back((a[i] > -200 && a[i] < 300) || b[i] < -200 || b[i] == 300);
    CHECK_THAT(run(gpuimg::between_test{-200, 300}, push(device, a, size), push(device, b, size)),
               same_pixels(expected, size));
  }
}

TEST_CASE("convert: saturates, rounds half to even, makes 0 of NaN", "[pointwise][convert]") {
  ON_EVERY_DEVICE(device);
  std::vector<float> pixels{300.7f,        -5.0f,          not_a_number,
                            0.5f,          1.5f,           2.5f,
                            -0.5f,         -1.5f,          254.5f,
                            255.5f,        127.5f,         -128.5f,
                            3e38f,         -3e38f,         4294967296.0f,
                            2147483648.0f, -2147483648.0f, std::numeric_limits<float>::infinity()};
  while (pixels.size() < 40) pixels.push_back(pixels[pixels.size() % 18]);
  const auto src = push(device, pixels, {40});
  const auto bytes = pull(gpuimg::convert<std::uint8_t>(src));
  CHECK(std::vector(bytes.begin(), bytes.begin() + 12) ==
        std::vector<std::uint8_t>{255, 0, 0, 0, 2, 2, 0, 0, 254, 255, 128, 0});
  const auto shorts = pull(gpuimg::convert<std::int8_t>(src));
  CHECK(std::vector(shorts.begin(), shorts.begin() + 12) ==
        std::vector<std::int8_t>{127, -5, 0, 0, 2, 2, 0, -2, 127, 127, 127, -128});
  const auto words = pull(gpuimg::convert<std::uint32_t>(src));
  CHECK(std::vector(words.begin() + 12, words.begin() + 18) ==
        std::vector<std::uint32_t>{4294967295u, 0, 4294967295u, 2147483648u, 0, 4294967295u});
  const auto wholes = pull(gpuimg::convert<std::int32_t>(src));
  CHECK(std::vector(wholes.begin() + 12, wholes.begin() + 18) ==
        std::vector<std::int32_t>{2147483647, -2147483647 - 1, 2147483647, 2147483647,
                                  -2147483647 - 1, 2147483647});
  CHECK_THAT(
      gpuimg::convert<float>(push(device, std::vector<std::uint32_t>{4294967295u, 16777217}, {2})),
      same_pixels(std::vector<float>{4294967296.0f, 16777216}));
}

TEMPLATE_TEST_CASE("convert: every type becomes every other", "[pointwise][convert]", std::uint8_t,
                   std::int8_t, std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{0}, shape{1}, shape{17, 5, 3}, shape{63, 2}}) {
    const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const auto src = push(device, pixels, size);
    for (const auto type : gpuimg::all_pixel_types)
      gpuimg::visit_pixel_type(type, [&]<class To>(std::type_identity<To>) {
        CHECK_THAT(gpuimg::convert<To>(src),
                   same_pixels(mapped(pixels, gpuimg::convert_pixel<To, TestType>), size));
      });
  }
}

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

TEST_CASE("add_images_weighted: adds images of different pixel types",
          "[pointwise][add_images_weighted]") {
  ON_EVERY_DEVICE(device);
  const auto few = push(device, std::vector<std::uint16_t>{1, 2, 65535}, {3});
  const auto real = push(device, std::vector<float>{0.5f, -2, 1}, {3});
  CHECK_THAT(add_images_weighted(few, real, {.factor2 = 2}),
             same_pixels(std::vector<float>{2, -2, 65537}));
  CHECK_THAT(add_images_weighted(real, few), same_pixels(std::vector<float>{1.5f, 0, 65536}));
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

TEST_CASE(
    "operations on wrapped pixels: a CPU takes them from any pixel on, a GPU where it reads fast",
    "[pointwise][core]") {
  const std::size_t n = 100;
  std::vector<float> numbers(n + 8, 2);
  std::vector<std::uint8_t> bytes(n + 32, 2);
  for (const auto& device : test::opencl_devices()) {
    auto description = device.opencl().description();
    description.shares_host_memory = true;
    const gpuimg::device owner((gpuimg::opencl::device(description)));
    const auto sum_of = [&](std::size_t first) {
      const auto floats = gpuimg::wrap(owner, std::span(numbers).subspan(first, n), {n});
      const auto small = gpuimg::wrap(owner, std::span(bytes).subspan(4 * first, n), {n});
      return gpuimg::pull(gpuimg::add_images_weighted(small, floats));
    };
    const bool any = owner.opencl().launches().any_alignment;
    const auto aligned = reinterpret_cast<std::uintptr_t>(numbers.data()) % 16 == 0 &&
                         reinterpret_cast<std::uintptr_t>(bytes.data()) % 16 == 0;
    if (any || aligned) CHECK(sum_of(4) == std::vector<float>(n, 4));
    if (any)
      CHECK(sum_of(1) == std::vector<float>(n, 4));
    else if (aligned)
      CHECK_THROWS_WITH(sum_of(1), "wrap: the pixels must begin at a multiple of 16 bytes");
  }
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
