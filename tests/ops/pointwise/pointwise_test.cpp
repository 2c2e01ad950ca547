// SPDX-License-Identifier: BSD-3-Clause
// Operations on pixels one by one, against their formulas.
#include "gpuimg/ops/pointwise/pointwise.hpp"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
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

template <class T, class U, class F>
auto mapped(const std::vector<T>& a, const std::vector<U>& b, F&& f) {
  std::vector<decltype(f(T{}, U{}))> result;
  for (std::size_t i = 0; i < a.size(); ++i) result.push_back(f(a[i], b[i]));
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

TEMPLATE_TEST_CASE("add, multiply and subtract images: compute in float, rounding once",
                   "[pointwise][add_images][multiply_images][subtract_images]", std::uint8_t,
                   std::int8_t, std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto a = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const auto b = test::random_pixels<float>(size, 2, test::content::awkward);
    const auto src0 = push(device, a, size);
    const auto src1 = push(device, b, size);
    const auto as_float = [](auto p) { return static_cast<float>(p); };
    CHECK_THAT(
        add_images(src0, src1),
        same_pixels(mapped(a, b, [&](auto p, auto q) { return as_float(p) + as_float(q); }), size));
    CHECK_THAT(
        multiply_images(src1, src0),
        same_pixels(mapped(b, a, [&](auto p, auto q) { return as_float(p) * as_float(q); }), size));
    CHECK_THAT(
        subtract_images(src0, src1),
        same_pixels(mapped(a, b, [&](auto p, auto q) { return as_float(p) - as_float(q); }), size));
    CHECK_THAT(
        subtract_images(src1, src0),
        same_pixels(mapped(b, a, [&](auto p, auto q) { return as_float(p) - as_float(q); }), size));
  }
}

TEST_CASE("add, multiply and subtract images: small integers neither wrap around nor saturate",
          "[pointwise][add_images][multiply_images][subtract_images]") {
  ON_EVERY_DEVICE(device);
  const auto a = push(device, std::vector<std::uint8_t>{0, 1, 200, 255}, {4});
  const auto b = push(device, std::vector<std::uint8_t>{0, 2, 100, 255}, {4});
  CHECK_THAT(add_images(a, b), same_pixels(std::vector<float>{0, 3, 300, 510}));
  CHECK_THAT(multiply_images(a, b), same_pixels(std::vector<float>{0, 2, 20000, 65025}));
  CHECK_THAT(subtract_images(a, b), same_pixels(std::vector<float>{0, -1, 100, 0}));
}

TEMPLATE_TEST_CASE("absolute, invert, sign and square: are what their names say, in float",
                   "[pointwise][absolute][invert][sign][square]", std::uint8_t, std::int8_t,
                   std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const auto src = push(device, pixels, size);
    const auto in_float = [&](auto f) {
      return same_pixels(mapped(pixels, [&](TestType p) { return f(static_cast<float>(p)); }),
                         size);
    };
    CHECK_THAT(absolute(src), in_float([](float p) { return std::fabs(p); }));
    CHECK_THAT(invert(src), in_float([](float p) { return 0 - p; }));
    CHECK_THAT(sign(src), in_float([](float p) {
                 return std::isnan(p) ? p : static_cast<float>((p > 0) - (p < 0));
               }));
    CHECK_THAT(square(src), in_float([](float p) { return p * p; }));
    CHECK_THAT(gpuimg::subtract_image_from_scalar(src, {.scalar = 0.3f}),
               in_float([](float p) { return 0.3f - p; }));
  }
}

TEST_CASE("absolute, invert and sign: zeros lose their sign, NaN and infinity stay",
          "[pointwise][absolute][invert][sign]") {
  ON_EVERY_DEVICE(device);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const auto src =
      push(device, std::vector<float>{-0.0f, 0, not_a_number, -infinity, -0x1p-149f}, {5});
  CHECK_THAT(absolute(src),
             same_pixels(std::vector<float>{0, 0, not_a_number, infinity, 0x1p-149f}));
  CHECK_THAT(invert(src), same_pixels(std::vector<float>{0, 0, not_a_number, infinity, 0x1p-149f}));
  CHECK_THAT(sign(src), same_pixels(std::vector<float>{0, 0, not_a_number, -1, -1}));
}

TEMPLATE_TEST_CASE("absolute_difference and squared_difference: of floats, in either order",
                   "[pointwise][absolute_difference][squared_difference]", std::uint8_t,
                   std::int8_t, std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto a = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const auto b = test::random_pixels<float>(size, 2, test::content::awkward);
    const auto src0 = push(device, a, size);
    const auto src1 = push(device, b, size);
    const auto difference = [](auto p, auto q) {
      return static_cast<float>(p) - static_cast<float>(q);
    };
    const auto distances = same_pixels(
        mapped(a, b, [&](auto p, auto q) { return std::fabs(difference(p, q)); }), size);
    CHECK_THAT(absolute_difference(src0, src1), distances);
    CHECK_THAT(absolute_difference(src1, src0), distances);
    CHECK_THAT(squared_difference(src0, src1), same_pixels(mapped(a, b,
                                                                  [&](auto p, auto q) {
                                                                    const float d =
                                                                        difference(p, q);
                                                                    return d * d;
                                                                  }),
                                                           size));
  }
}

TEST_CASE("replace_value: what a type cannot say is nowhere, or becomes its nearest",
          "[pointwise][replace_value]") {
  ON_EVERY_DEVICE(device);
  const auto bytes = push(device, std::vector<std::uint8_t>{0, 1, 2, 255}, {4});
  const auto check = [&](const gpuimg::ops::replace_value& p, std::vector<std::uint8_t> expected) {
    CHECK_THAT(replace_value(bytes, p), same_pixels(expected));
  };
  check({}, {1, 1, 2, 255});
  check({.value_to_replace = 2, .value_replacement = 7}, {0, 1, 7, 255});
  check({.value_to_replace = 2.5, .value_replacement = 7}, {0, 1, 2, 255});
  check({.value_to_replace = 256, .value_replacement = 7}, {0, 1, 2, 255});
  check({.value_to_replace = -1, .value_replacement = 7}, {0, 1, 2, 255});
  check({.value_to_replace = 2, .value_replacement = -3.4}, {0, 1, 0, 255});
  check({.value_to_replace = 2, .value_replacement = 300}, {0, 1, 255, 255});
  const auto greatest = push(device, std::vector<std::uint32_t>{4294967295u, 4294967294u}, {2});
  CHECK_THAT(replace_value(greatest, {.value_to_replace = 4294967295.0, .value_replacement = 5}),
             same_pixels(std::vector<std::uint32_t>{5, 4294967294u}));
  const auto floats = push(device, std::vector<float>{0.1f, not_a_number, -0.0f}, {3});
  CHECK_THAT(replace_value(floats, {.value_to_replace = 0.1, .value_replacement = 2.5}),
             same_pixels(std::vector<float>{2.5f, not_a_number, -0.0f}));
  CHECK_THAT(replace_value(floats, {.value_replacement = 3}),
             same_pixels(std::vector<float>{0.1f, not_a_number, 3}));
}

TEMPLATE_TEST_CASE("square_root: is std::sqrt, for every type and shape",
                   "[pointwise][square_root]", std::uint8_t, std::int8_t, std::uint16_t,
                   std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
    CHECK_THAT(
        square_root(push(device, pixels, size)),
        same_pixels(mapped(pixels, [](TestType p) { return std::sqrt(static_cast<float>(p)); }),
                    size));
  }
}

TEST_CASE("square_root: is correctly rounded from the least float to infinity",
          "[pointwise][square_root]") {
  ON_EVERY_DEVICE(device);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  CHECK_THAT(square_root(push(device,
                              std::vector<float>{0, -0.0f, infinity, -infinity, not_a_number, -1,
                                                 -0x1p-149f, 0x1p-148f, 0x1p-126f, 2, 0x1p127f},
                              {11})),
             same_pixels(std::vector<float>{0, -0.0f, infinity, not_a_number, not_a_number,
                                            not_a_number, not_a_number, 0x1p-74f, 0x1p-63f,
                                            0x1.6a09e6p+0f, 0x1.6a09e6p+63f}));
  std::vector<float> pixels;  // of every exponent, and next to the squares of floats
  for (std::uint64_t i = 0; i < 300000; ++i) {
    const auto bits = test::random_bits(1, i);
    pixels.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits) & 0x7fffffffu));
    const float root = std::bit_cast<float>(static_cast<std::uint32_t>(bits >> 32) & 0x7fffffffu);
    pixels.push_back(root * root);
    pixels.push_back(std::nextafter(root * root, 0.0f));
    pixels.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(i)));
  }
  CHECK_THAT(square_root(push(device, pixels, {pixels.size()})),
             same_pixels(mapped(pixels, [](float p) { return std::sqrt(p); })));
}

TEST_CASE("divide_images: is correctly rounded from the least float to infinity",
          "[pointwise][divide_images][divide_scalar_by_image][reciprocal]") {
  ON_EVERY_DEVICE(device);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> dividends, divisors;
  const auto add = [&](float dividend, float divisor) {
    dividends.push_back(dividend);
    divisors.push_back(divisor);
  };
  const std::vector<float> special{0,         -0.0f,     1,         -3,       infinity,
                                   -infinity, 0x1p-149f, 0x1p-126f, 0x1p127f, not_a_number};
  for (const float a : special)
    for (const float b : special) add(a, b);
  for (const float zero : {0.0f, -0.0f})  // whole vectors of them
    for (int i = 0; i < 64; ++i) add(zero, static_cast<float>(i % 3 == 0 ? -i - 1 : i + 1));
  for (std::uint64_t i = 0; i < 300000; ++i) {
    const auto bits = test::random_bits(1, i);
    const auto low = static_cast<std::uint32_t>(bits),
               high = static_cast<std::uint32_t>(bits >> 32);
    const float any = std::bit_cast<float>(low), divisor = std::bit_cast<float>(high);
    add(any, divisor);
    // next to a float and next to the middle of two, of an ordinary size
    const float significand = std::bit_cast<float>((low & 0x807fffffu) | 0x3f800000u);
    const double between = static_cast<double>(significand) + 0x1p-24;
    add(significand * divisor, divisor);
    add(static_cast<float>(between * static_cast<double>(divisor)), divisor);
    // halves and what is near them, below the least float of full precision
    const float power = std::bit_cast<float>(((high & 0x1fu) + 120) << 23);
    const auto least = static_cast<float>(low >> 8) * 0x1p-149f;
    add(least, power);
    add(least * power, std::nextafter(power, any));
  }
  const shape size{dividends.size()};
  CHECK_THAT(divide_images(push(device, dividends, size), push(device, divisors, size)),
             same_pixels(mapped(dividends, divisors, [](float a, float b) { return a / b; })));
  CHECK_THAT(reciprocal(push(device, divisors, size)),
             same_pixels(mapped(divisors, [](float b) { return 1 / b; })));
  CHECK_THAT(divide_scalar_by_image(push(device, divisors, size), {.scalar = -0x1.8p-120f}),
             same_pixels(mapped(divisors, [](float b) { return -0x1.8p-120f / b; })));
}

TEMPLATE_TEST_CASE("divide_images, reciprocal and modulo_images: equal numpy's",
                   "[pointwise][divide_images][reciprocal][modulo_images]", std::uint8_t,
                   std::int8_t, std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  const test::golden expected("pointwise");
  const shape size{13, 5};
  const auto pixels = test::random_pixels<TestType>(size, 27);
  const auto few = test::random_pixels<TestType>(size, 28, test::content::few);
  const auto src0 = push(device, pixels, size), src1 = push(device, few, size);
  const std::string type(name_of(gpuimg::pixel_type_of<TestType>()));
  CHECK_THAT(divide_images(src0, src1), same_pixels(expected.values<float>("divide_" + type)));
  CHECK_THAT(reciprocal(src1), same_pixels(expected.values<float>("reciprocal_" + type)));
  CHECK_THAT(modulo_images(src0, src1), same_pixels(expected.values<TestType>("modulo_" + type)));
}

TEST_CASE("modulo_images: is exact, of the sign of the first image", "[pointwise][modulo_images]") {
  ON_EVERY_DEVICE(device);
  const auto check = [&]<class T>(const std::vector<T>& a, const std::vector<T>& b,
                                  const std::vector<T>& expected) {
    CHECK_THAT(modulo_images(push(device, a, {a.size()}), push(device, b, {b.size()})),
               same_pixels(expected));
  };
  constexpr auto least = std::numeric_limits<std::int32_t>::min();
  check.operator()<std::int32_t>({7, -7, 7, -7, 5, least, least, 16777217},
                                 {4, 4, -4, -4, 0, -1, least, 16777216},
                                 {3, -3, 3, -3, 0, 0, 0, 1});
  check.operator()<std::uint32_t>({4294967295u, 4294967295u, 7}, {4294967294u, 2, 0}, {1, 1, 0});
  check.operator()<std::int8_t>({-128, -128, 127}, {-1, 100, -128}, {0, -28, 127});
  check.operator()<float>({5.25f, -5.25f, -0.0f, 1, INFINITY, 1e30f, not_a_number, 1, 0x1p-149f},
                          {1.5f, 1.5f, 2, INFINITY, 2, 7, 1, 0, 2},
                          {0.75f, -0.75f, -0.0f, 1, not_a_number, std::fmod(1e30f, 7.0f),
                           not_a_number, not_a_number, 0x1p-149f});
}

TEST_CASE("ceil, floor, round and truncate: round as their names say, halves away from 0",
          "[pointwise][ceil][floor][round][truncate]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("pointwise");
  const shape size{13, 5};
  const auto few = push(device, test::random_pixels<float>(size, 28, test::content::few), size);
  CHECK_THAT(gpuimg::ceil(few), same_pixels(expected.values<float>("ceil")));
  CHECK_THAT(gpuimg::floor(few), same_pixels(expected.values<float>("floor")));
  CHECK_THAT(gpuimg::truncate(few), same_pixels(expected.values<float>("trunc")));
  const std::vector<float> pixels{0.5f,       -0.5f,      1.5f,        -2.5f,       0.49999997f,
                                  -0.0f,      8388607.5f, -8388607.5f, 8388609,     0x1p127f,
                                  -0x1p-149f, INFINITY,   -INFINITY,   not_a_number};
  const auto src = push(device, pixels, {pixels.size()});
  CHECK_THAT(gpuimg::round(src),
             same_pixels(std::vector<float>{1, -1, 2, -3, 0, -0.0f, 8388608, -8388608, 8388609,
                                            0x1p127f, -0.0f, INFINITY, -INFINITY, not_a_number}));
  CHECK_THAT(gpuimg::ceil(src), same_pixels(mapped(pixels, [](float p) { return std::ceil(p); })));
  CHECK_THAT(gpuimg::floor(src),
             same_pixels(mapped(pixels, [](float p) { return std::floor(p); })));
  CHECK_THAT(gpuimg::truncate(src),
             same_pixels(mapped(pixels, [](float p) { return std::trunc(p); })));
}

TEMPLATE_TEST_CASE("ceil, floor, round, truncate and nan_to_num: integers stay as they are",
                   "[pointwise][ceil][floor][round][truncate][nan_to_num][undefined_to_zero]",
                   std::uint8_t, std::int32_t) {
  ON_EVERY_DEVICE(device);
  const shape size{37};
  const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
  const auto src = push(device, pixels, size);
  CHECK_THAT(gpuimg::ceil(src), same_pixels(pixels));
  CHECK_THAT(gpuimg::floor(src), same_pixels(pixels));
  CHECK_THAT(gpuimg::round(src), same_pixels(pixels));
  CHECK_THAT(gpuimg::truncate(src), same_pixels(pixels));
  CHECK_THAT(nan_to_num(src, {.nan = 1, .posinf = 2, .neginf = 3}), same_pixels(pixels));
  CHECK_THAT(undefined_to_zero(src), same_pixels(pixels));
}

TEST_CASE("nan_to_num and undefined_to_zero: replace what is not a number or infinite",
          "[pointwise][nan_to_num][undefined_to_zero]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("pointwise");
  const shape size{13, 5};
  const auto quotients =
      divide_images(push(device, test::random_pixels<float>(size, 27), size),
                    push(device, test::random_pixels<float>(size, 28, test::content::few), size));
  CHECK_THAT(nan_to_num(quotients), same_pixels(expected.values<float>("nan_to_num")));
  CHECK_THAT(nan_to_num(quotients, {.nan = -2, .posinf = 3, .neginf = 0.5f}),
             same_pixels(expected.values<float>("nan_to_num_with")));
  constexpr float most = std::numeric_limits<float>::max();
  const std::vector<float> pixels{not_a_number, INFINITY, -INFINITY, -0.0f, most, -most, 1};
  const auto src = push(device, pixels, {7});
  CHECK_THAT(nan_to_num(src, {.nan = -2, .posinf = 3, .neginf = 0.5f}),
             same_pixels(std::vector<float>{-2, 3, 0.5f, -0.0f, most, -most, 1}));
  CHECK_THAT(undefined_to_zero(src),
             same_pixels(std::vector<float>{0, 0, 0, -0.0f, most, -most, 1}));
}

TEST_CASE("maximum and minimum of an image and a number: the number is rounded, a NaN stays",
          "[pointwise][maximum_image_and_scalar][minimum_image_and_scalar]") {
  ON_EVERY_DEVICE(device);
  const auto bytes = push(device, std::vector<std::uint8_t>{0, 2, 3, 255}, {4});
  const auto check = [&](double scalar, std::vector<std::uint8_t> most,
                         std::vector<std::uint8_t> least) {
    CHECK_THAT(maximum_image_and_scalar(bytes, {.scalar = scalar}), same_pixels(most));
    CHECK_THAT(minimum_image_and_scalar(bytes, {.scalar = scalar}), same_pixels(least));
  };
  check(0, {0, 2, 3, 255}, {0, 0, 0, 0});
  check(2.7, {3, 3, 3, 255}, {0, 2, 3, 3});
  check(-2.7, {0, 2, 3, 255}, {0, 0, 0, 0});
  check(300, {255, 255, 255, 255}, {0, 2, 3, 255});
  const auto words = push(device, std::vector<std::uint32_t>{4294967295u, 16777217u}, {2});
  CHECK_THAT(maximum_image_and_scalar(words, {.scalar = 16777218}),
             same_pixels(std::vector<std::uint32_t>{4294967295u, 16777218u}));
  const auto floats = push(device, std::vector<float>{not_a_number, INFINITY, 0.1f, -0.0f}, {4});
  CHECK_THAT(maximum_image_and_scalar(floats, {.scalar = 0.7}),
             same_pixels(std::vector<float>{not_a_number, INFINITY, 0.7f, 0.7f}));
  CHECK_THAT(minimum_image_and_scalar(floats),
             same_pixels(std::vector<float>{not_a_number, 0, 0, -0.0f}));
}

TEMPLATE_TEST_CASE("clip: bounds are rounded to the type of the pixels", "[pointwise][clip]",
                   std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t,
                   std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  using gpuimg::convert_pixel;
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 3, test::content::awkward);
    const auto src = push(device, pixels, size);
    const auto clipped = [&](float minimum, float maximum) {
      const auto low = convert_pixel<TestType>(minimum), high = convert_pixel<TestType>(maximum);
      return same_pixels(mapped(pixels, [&](TestType p) { return std::clamp(p, low, high); }),
                         size);
    };
    CHECK_THAT(clip(src), same_pixels(pixels, size));
    CHECK_THAT(clip(src, {.min_intensity = -20, .max_intensity = 100.5}), clipped(-20, 100.5f));
    CHECK_THAT(clip(src, {.min_intensity = 2.5, .max_intensity = 3.5}), clipped(2.5f, 3.5f));
    CHECK_THAT(clip(src, {.min_intensity = 7, .max_intensity = 7}), clipped(7, 7));
    CHECK_THAT(clip(src, {.min_intensity = 100}), clipped(100, 3.4e38f));
    CHECK_THAT(clip(src, {.max_intensity = -3.5}), clipped(-3.4e38f, -3.5f));
    CHECK_THAT(clip(src, {.min_intensity = -1e30, .max_intensity = 1e30}), clipped(-1e30f, 1e30f));
    CHECK_THAT(clip(src, {.min_intensity = 1e30}), clipped(1e30f, 3.4e38f));
  }
}

TEST_CASE("clip: integers of 32 bits are exact, and a NaN stays", "[pointwise][clip]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(clip(push(device, std::vector<std::uint32_t>{0, 16777217, 4294967295u}, {3}),
                  {.min_intensity = 16777217, .max_intensity = 4294967294.0}),
             same_pixels(std::vector<std::uint32_t>{16777217, 16777217, 4294967294u}));
  const auto floats =
      push(device, std::vector<float>{not_a_number, -INFINITY, -0.0f, 0.3f, INFINITY}, {5});
  CHECK_THAT(clip(floats, {.min_intensity = 0, .max_intensity = 0.1}),
             same_pixels(std::vector<float>{not_a_number, 0, -0.0f, 0.1f, 0.1f}));
  CHECK_THAT(clip(floats),
             same_pixels(std::vector<float>{not_a_number, -INFINITY, -0.0f, 0.3f, INFINITY}));
}

TEST_CASE("clip: bounds in the wrong order and infinite ones are refused",
          "[pointwise][error][clip]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>(2), {2});
  const std::string where = " [src 2x1 f32 on " + device.name() + "]";
  CHECK_THROWS_MATCHES(
      clip(src, {.min_intensity = 2.5, .max_intensity = 1}), gpuimg::argument_error,
      Catch::Message("clip: min_intensity must be <= max_intensity, got 2.5 and 1" + where));
  CHECK_THROWS_MATCHES(clip(src, {.max_intensity = INFINITY}), gpuimg::argument_error,
                       Catch::Message("clip: max_intensity must be finite, got inf" + where));
}

TEMPLATE_TEST_CASE("maximum_images and minimum_images: keep the type and the pixels",
                   "[pointwise][maximum_images][minimum_images]", std::uint8_t, std::int8_t,
                   std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto a = test::random_pixels<TestType>(size, 1, test::content::awkward),
               b = test::random_pixels<TestType>(size, 2, test::content::awkward);
    const auto src0 = push(device, a, size), src1 = push(device, b, size);
    CHECK_THAT(maximum_images(src0, src1),
               same_pixels(mapped(a, b, [](auto p, auto q) { return std::max(p, q); }), size));
    CHECK_THAT(minimum_images(src0, src1),
               same_pixels(mapped(a, b, [](auto p, auto q) { return std::min(p, q); }), size));
  }
}

TEST_CASE("maximum_images and minimum_images: a NaN wins, of -0 and 0 the first",
          "[pointwise][maximum_images][minimum_images]") {
  ON_EVERY_DEVICE(device);
  std::vector<float> a{not_a_number, 1, not_a_number, not_a_number, -0.0f, 0, INFINITY, -INFINITY};
  std::vector<float> b{1, not_a_number, not_a_number, INFINITY, 0, -0.0f, -INFINITY, 5};
  std::vector<float> greatest{
      not_a_number, not_a_number, not_a_number, not_a_number, -0.0f, 0, INFINITY, 5};
  std::vector<float> least{not_a_number, not_a_number, not_a_number, not_a_number, -0.0f, 0,
                           -INFINITY,    -INFINITY};
  for (std::size_t i = 0; i < 51; ++i)  // vectors and single pixels
    for (auto* pixels : {&a, &b, &greatest, &least}) pixels->push_back((*pixels)[i % 8]);
  const auto src0 = push(device, a, {59}), src1 = push(device, b, {59});
  CHECK_THAT(maximum_images(src0, src1), same_pixels(greatest));
  CHECK_THAT(minimum_images(src0, src1), same_pixels(least));
}

namespace {

// Calls `check(compare, of_images, with_constant)` for each of the six comparisons: what it means
// in C++, and its two operations.
template <class Check>
void for_each_comparison(const Check& check) {
#define CHECK_COMPARISON(name, meaning)                                             \
  {                                                                                 \
    INFO(#name);                                                                    \
    check(                                                                          \
        meaning{}, [](const auto& a, const auto& b) { return name(a, b); },         \
        [](const auto& a, double b) { return name##_constant(a, {.scalar = b}); }); \
  }
  CHECK_COMPARISON(equal, std::equal_to<>)
  CHECK_COMPARISON(greater, std::greater<>)
  CHECK_COMPARISON(greater_or_equal, std::greater_equal<>)
  CHECK_COMPARISON(not_equal, std::not_equal_to<>)
  CHECK_COMPARISON(smaller, std::less<>)
  CHECK_COMPARISON(smaller_or_equal, std::less_equal<>)
#undef CHECK_COMPARISON
}

// Checks the comparisons of images against those of the pixels as numbers of the type Number.
template <class Number, class T, class U>
void check_comparisons(const gpuimg::device& device, const std::vector<T>& a,
                       const std::vector<U>& b, const shape& size) {
  const auto src0 = push(device, a, size);
  const auto src1 = push(device, b, size);
  for_each_comparison([&](auto compare, auto of_images, auto) {
    const auto expected = mapped(a, b, [&](T p, U q) {
      return std::uint8_t{compare(static_cast<Number>(p), static_cast<Number>(q))};
    });
    CHECK_THAT(of_images(src0, src1), same_pixels(expected, size));
  });
}

}  // namespace

TEMPLATE_TEST_CASE("comparisons of images: say what C++ says, for every type and shape",
                   "[pointwise][equal][greater][greater_or_equal][not_equal][smaller][smaller_or_"
                   "equal]",
                   std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t,
                   std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes())
    for (const auto content : {test::content::few, test::content::awkward})
      check_comparisons<TestType>(device, test::random_pixels<TestType>(size, 1, content),
                                  test::random_pixels<TestType>(size, 2, content), size);
}

TEST_CASE("comparisons of images: integers of two types are compared exactly, others as floats",
          "[pointwise][equal][greater][greater_or_equal][not_equal][smaller][smaller_or_equal]") {
  ON_EVERY_DEVICE(device);
  const shape size{130, 3};
  const auto a = [&](auto pixel, auto content) {
    return test::random_pixels<decltype(pixel)>(size, 1, content);
  };
  const auto b = [&](auto pixel, auto content) {
    return test::random_pixels<decltype(pixel)>(size, 2, content);
  };
  for (const auto content : {test::content::few, test::content::awkward}) {
    check_comparisons<double>(device, a(std::int8_t{}, content), b(std::uint8_t{}, content), size);
    check_comparisons<double>(device, a(std::uint32_t{}, content), b(std::int32_t{}, content),
                              size);
    check_comparisons<double>(device, a(std::uint16_t{}, content), b(float{}, content), size);
    check_comparisons<double>(device, a(float{}, content), b(std::int8_t{}, content), size);
    check_comparisons<float>(device, a(std::uint32_t{}, content), b(float{}, content), size);
  }
  check_comparisons<double>(device, std::vector<std::int32_t>{-1, -1, 2147483647},
                            std::vector<std::uint32_t>{4294967295u, 0, 2147483648u}, {3});
  check_comparisons<double>(device, std::vector<std::uint16_t>{2, 3, 2, 0},
                            std::vector<float>{2.5f, 2.5f, 2, not_a_number}, {4});
  // 2^24 + 1 as a float is 2^24
  check_comparisons<float>(device, std::vector<std::uint32_t>{16777217, 16777217},
                           std::vector<float>{16777216, 16777218}, {2});
}

TEST_CASE("comparisons: a NaN differs from everything, also from itself",
          "[pointwise][equal][greater][greater_or_equal][not_equal][smaller][smaller_or_equal]"
          "[equal_constant][greater_constant][greater_or_equal_constant][not_equal_constant]"
          "[smaller_constant][smaller_or_equal_constant]") {
  ON_EVERY_DEVICE(device);
  std::vector<float> a{not_a_number, not_a_number, 1, -0.0f, INFINITY};
  std::vector<float> b{not_a_number, 1, not_a_number, 0, INFINITY};
  for (std::size_t i = 0; i < 40; ++i)  // vectors and single pixels
    for (auto* pixels : {&a, &b}) pixels->push_back((*pixels)[i % 5]);
  check_comparisons<float>(device, a, b, {45});
  for_each_comparison([&](auto compare, auto, auto with_constant) {
    CHECK_THAT(with_constant(push(device, a, {45}), 0),
               same_pixels(mapped(a, [&](float p) { return std::uint8_t{compare(p, 0.0f)}; })));
  });
}

TEMPLATE_TEST_CASE("comparisons with a number: integers are compared exactly",
                   "[pointwise][equal_constant][greater_constant][greater_or_equal_constant]"
                   "[not_equal_constant][smaller_constant][smaller_or_equal_constant]",
                   std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t,
                   std::int32_t) {
  ON_EVERY_DEVICE(device);
  using limits = std::numeric_limits<TestType>;
  const double least = limits::min(), most = limits::max();
  for (const shape& size : {shape{1}, shape{17, 5, 3}, shape{65, 3, 2}}) {
    auto pixels = test::random_pixels<TestType>(size, 1, test::content::few);
    if (pixels.size() > 40) pixels[3] = pixels[pixels.size() - 1] = limits::max();
    if (pixels.size() > 40) pixels[4] = pixels[pixels.size() - 2] = limits::min();
    const auto src = push(device, pixels, size);
    for (const double scalar :
         {0.0, 2.0, 2.5, 3.0, -0.5, -2.0, -2.5, least, least - 1, least - 0.5, least + 0.5, most,
          most - 0.5, most + 0.5, most + 1, 16777217.0, 1e30, -1e30, 1e-300}) {
      INFO("scalar " << scalar);
      for_each_comparison([&](auto compare, auto, auto with_constant) {
        const auto expected = mapped(pixels, [&](TestType p) {
          return std::uint8_t{compare(static_cast<double>(p), scalar)};
        });
        CHECK_THAT(with_constant(src, scalar), same_pixels(expected, size));
      });
    }
  }
}

TEST_CASE("comparisons with a number: floats are compared with the number as a float",
          "[pointwise][equal_constant][greater_constant][greater_or_equal_constant]"
          "[not_equal_constant][smaller_constant][smaller_or_equal_constant]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    auto pixels = test::random_pixels<float>(size, 1, test::content::few);
    for (std::size_t i = 0; i < pixels.size(); i += 3) pixels[i] = 0.1f;
    const auto src = push(device, pixels, size);
    for (const double scalar : {0.0, 0.1, 0.25, -1.0, 1e-50})
      for_each_comparison([&](auto compare, auto, auto with_constant) {
        const auto expected = mapped(
            pixels, [&](float p) { return std::uint8_t{compare(p, static_cast<float>(scalar))}; });
        CHECK_THAT(with_constant(src, scalar), same_pixels(expected, size));
      });
  }
  CHECK_THAT(equal_constant(push(device, std::vector<float>{0, 0.1f}, {2})),
             same_pixels(std::vector<std::uint8_t>{1, 0}));
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

TEST_CASE("binary operations: anything but 0 is foreground, the result is 0 or 1",
          "[pointwise][binary_and][binary_not][binary_or][binary_subtract][binary_xor]") {
  ON_EVERY_DEVICE(device);
  using masks = std::vector<std::uint8_t>;
  const auto a = push(device, masks{0, 0, 1, 255, 2, 128}, {6});
  const auto b = push(device, masks{0, 7, 0, 1, 1, 64}, {6});
  CHECK_THAT(binary_and(a, b), same_pixels(masks{0, 0, 0, 1, 1, 1}));
  CHECK_THAT(binary_not(a), same_pixels(masks{1, 1, 0, 0, 0, 0}));
  CHECK_THAT(binary_or(a, b), same_pixels(masks{0, 1, 1, 1, 1, 1}));
  CHECK_THAT(binary_subtract(a, b), same_pixels(masks{0, 0, 1, 0, 0, 0}));
  CHECK_THAT(binary_xor(a, b), same_pixels(masks{0, 1, 1, 0, 0, 0}));
  for (const shape& size : test::awkward_shapes()) {
    const auto p = test::random_mask(size, 50, 1), q = test::random_mask(size, 50, 2);
    const auto src0 = push(device, p, size), src1 = push(device, q, size);
    const auto check = [&](const auto& found, auto truth) {
      CHECK_THAT(found, same_pixels(mapped(p, q,
                                           [&](std::uint8_t x, std::uint8_t y) {
                                             return std::uint8_t{truth(x != 0, y != 0)};
                                           }),
                                    size));
    };
    check(binary_and(src0, src1), [](bool x, bool y) { return x && y; });
    check(binary_not(src0), [](bool x, bool) { return !x; });
    check(binary_or(src0, src1), [](bool x, bool y) { return x || y; });
    check(binary_subtract(src0, src1), [](bool x, bool y) { return x && !y; });
    check(binary_xor(src0, src1), [](bool x, bool y) { return x != y; });
  }
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
  CHECK_THROWS_MATCHES(
      greater(wide, push(device, std::vector<float>(6), {2, 3})), gpuimg::argument_error,
      Catch::Message("greater: the images must have the same shape, got 3x2 and 2x3 [src0 3x2 u8, "
                     "src1 2x3 f32 on " +
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
  CHECK_THROWS_MATCHES(equal_constant(src, {.scalar = not_a_number}), gpuimg::argument_error,
                       Catch::Message("equal_constant: scalar must be finite, got nan" + where));
  CHECK_THROWS_MATCHES(
      add_images_weighted(src, src, {.factor1 = not_a_number}), gpuimg::argument_error,
      Catch::Message("add_images_weighted: factor1 must be finite, got nan [src0 2x1 f32, src1 2x1 "
                     "f32 on " +
                     device.name() + "]"));
}
