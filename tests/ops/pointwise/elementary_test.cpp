// SPDX-License-Identifier: BSD-3-Clause
// Exponentials, logarithms, powers and angles: against the functions of C for doubles, of which a
// result may be so many units in the last place of a float away, and numpy's.
#include "gpuimg/ops/pointwise/elementary.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::image;
using gpuimg::shape;
using test::same_pixels;

constexpr float infinite = std::numeric_limits<float>::infinity();
constexpr float undefined = std::numeric_limits<float>::quiet_NaN();

// The distance of a float from a number, in units of the last place of floats next to the number.
double units_apart(float found, double exact) {
  const auto nearest = static_cast<float>(exact);
  if (test::same_bits(found, nearest)) return std::isfinite(nearest) ? 0.5 : 0;
  if (!std::isfinite(found) || !std::isfinite(exact) || std::signbit(found) != std::signbit(exact))
    return infinite;
  const int exponent = std::max(std::ilogb(exact), -126);
  return std::abs(static_cast<double>(found) - exact) / std::ldexp(1, exponent - 23);
}

// Every so many-th float, and numbers around which functions change.
std::vector<float> numbers() {
  std::vector<float> all{0, infinite, undefined, 0x1p-149f, 0x1p-126f, 0x1.fffffep127f};
  for (std::uint64_t bits = 0; bits < 1u << 31; bits += 120011)
    all.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  for (const float around : {0.5f, 1.0f, 2.0f, 1.5707964f, 88.7f, 38.5f, 10.0f, 126.0f, 131072.0f})
    for (int step = -60; step <= 60; ++step)
      all.push_back(around + static_cast<float>(step * step * step) * around * 1e-6f);
  for (int step = 0; step < 4000; ++step) all.push_back(static_cast<float>(step) * 0.02513f);
  const std::size_t count = all.size();
  for (std::size_t i = 0; i < count; ++i) all.push_back(-all[i]);
  return all;
}

struct named {
  const char* name;
  image<float> (*of_image)(const image<float>&);
  double (*of_number)(double);
  double units;  // what the comment of the function promises
};

const named functions[] = {
    {"acos", gpuimg::acos<float>, std::acos, 0.7},
    {"asin", gpuimg::asin<float>, std::asin, 0.7},
    {"atan", gpuimg::atan<float>, std::atan, 1},
    {"cos", gpuimg::cos<float>, std::cos, 0.8},
    {"cosh", gpuimg::cosh<float>, std::cosh, 1},
    {"cubic_root", gpuimg::cubic_root<float>, std::cbrt, 0.51},
    {"exponential", gpuimg::exponential<float>, std::exp, 0.9},
    {"exponential10", gpuimg::exponential10<float>, [](double x) { return std::pow(10, x); }, 1},
    {"exponential2", gpuimg::exponential2<float>, std::exp2, 0.9},
    {"logarithm", gpuimg::logarithm<float>, std::log, 0.8},
    {"logarithm10", gpuimg::logarithm10<float>, std::log10, 0.9},
    {"logarithm2", gpuimg::logarithm2<float>, std::log2, 0.95},
    {"sin", gpuimg::sin<float>, std::sin, 0.8},
    {"sinh", gpuimg::sinh<float>, std::sinh, 1},
    {"tan", gpuimg::tan<float>, std::tan, 1},
    {"tanh", gpuimg::tanh<float>, std::tanh, 0.75},
};

}  // namespace

TEST_CASE("functions of one number: errors are below what is said of them",
          "[pointwise][exponential][exponential2][exponential10][logarithm][logarithm2]"
          "[logarithm10][cubic_root][sin][cos][tan][asin][acos][atan][sinh][cosh][tanh]") {
  ON_EVERY_DEVICE(device);
  const auto pixels = numbers();
  const auto src = push(device, pixels, {pixels.size()});
  for (const auto& [name, of_image, of_number, units] : functions) {
    INFO(name);
    const auto found = pull(of_image(src));
    double most = 0;
    std::size_t worst = 0;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      const double apart = units_apart(found[i], of_number(static_cast<double>(pixels[i])));
      if (!(apart <= most)) most = apart, worst = i;
    }
    INFO("of " << test::text_of(static_cast<double>(pixels[worst])) << ": " << found[worst]);
    CHECK(most < units);
  }
}

TEST_CASE("functions of one number: what is exact is exact",
          "[pointwise][exponential2][logarithm2][logarithm10][cubic_root]") {
  ON_EVERY_DEVICE(device);
  std::vector<float> whole, powers, cubes, tens, small;
  for (int n = -149; n <= 127; ++n) {
    whole.push_back(static_cast<float>(n));
    powers.push_back(std::ldexp(1.0f, n));
  }
  for (int n = -200; n <= 200; ++n) {
    small.push_back(static_cast<float>(n));
    cubes.push_back(static_cast<float>(n * n * n));
  }
  const auto push_row = [&](const std::vector<float>& row) {
    return push(device, row, {row.size()});
  };
  CHECK_THAT(exponential2(push_row(whole)), same_pixels(powers));
  CHECK_THAT(logarithm2(push_row(powers)), same_pixels(whole));
  CHECK_THAT(cubic_root(push_row(cubes)), same_pixels(small));
  CHECK_THAT(logarithm10(push_row({1, 10, 100, 1000, 10000, 1e5f, 1e6f, 1e7f})),
             same_pixels(std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST_CASE("functions of one number: zeros keep their sign, and infinity has a limit or none",
          "[pointwise][sin][cos][tan][asin][acos][atan][sinh][cosh][tanh][exponential]"
          "[logarithm][cubic_root]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>{0, -0.0f, infinite, -infinite, undefined}, {5});
  const auto check = [&](const image<float>& found, std::vector<float> expected) {
    expected.push_back(undefined);
    CHECK_THAT(found, same_pixels(expected));
  };
  const float right_angle = 1.57079633f;
  check(sin(src), {0, -0.0f, undefined, undefined});
  check(tan(src), {0, -0.0f, undefined, undefined});
  check(cos(src), {1, 1, undefined, undefined});
  check(asin(src), {0, -0.0f, undefined, undefined});
  check(acos(src), {right_angle, right_angle, undefined, undefined});
  check(atan(src), {0, -0.0f, right_angle, -right_angle});
  check(sinh(src), {0, -0.0f, infinite, -infinite});
  check(cosh(src), {1, 1, infinite, infinite});
  check(tanh(src), {0, -0.0f, 1, -1});
  check(exponential(src), {1, 1, infinite, 0});
  check(logarithm(src), {-infinite, -infinite, infinite, undefined});
  check(cubic_root(src), {0, -0.0f, infinite, -infinite});
}

TEST_CASE("logarithms: what is special in an image has no say in the rest",
          "[pointwise][logarithm][logarithm2][logarithm10]") {
  ON_EVERY_DEVICE(device);
  std::vector<float> usual = numbers(), mixed;
  std::erase_if(usual, [](float x) { return !(x >= 0x1p-126f && x < infinite); });
  for (std::size_t i = 0; i < usual.size(); ++i) {
    mixed.push_back(usual[i]);
    mixed.push_back(std::array{0.0f, -1.0f, 0x1p-140f, infinite, undefined}[i % 5]);
  }
  REQUIRE(usual.size() > 1000);
  for (const auto& of_image :
       {gpuimg::logarithm<float>, gpuimg::logarithm2<float>, gpuimg::logarithm10<float>}) {
    const auto found = pull(of_image(push(device, mixed, {mixed.size()})));
    std::vector<float> expected;
    for (std::size_t i = 0; i < found.size(); i += 2) expected.push_back(found[i]);
    CHECK_THAT(of_image(push(device, usual, {usual.size()})), same_pixels(expected));
  }
}

TEST_CASE("power: is that of C, within a unit in the last place", "[pointwise][power_images]") {
  ON_EVERY_DEVICE(device);
  const std::vector<float> special{0,
                                   -0.0f,
                                   1,
                                   -1,
                                   2,
                                   -2,
                                   0.5f,
                                   -0.5f,
                                   3,
                                   -3,
                                   -4.5f,
                                   infinite,
                                   -infinite,
                                   undefined,
                                   0x1p-149f,
                                   0x1p-126f,
                                   16777215,
                                   16777216,
                                   -16777217e3f,
                                   0x1p127f,
                                   1e-30f,
                                   0.999999f,
                                   1.000001f,
                                   1 / 3.0f};
  std::vector<float> bases, exponents;
  for (const float base : special)
    for (const float exponent : special) {
      bases.push_back(base);
      exponents.push_back(exponent);
    }
  for (std::uint32_t i = 0; i < 20000; ++i) {  // bases of all sizes, results that are floats
    const float base = std::bit_cast<float>(i * 104729u % 0x7f800000u);
    const double most = 140 / std::max(std::abs(std::log2(static_cast<double>(base))), 1e-6);
    bases.push_back(base);
    exponents.push_back(static_cast<float>(most * (i % 2003 / 1001.0 - 1)));
  }
  const shape size{bases.size()};
  const auto found = pull(power_images(push(device, bases, size), push(device, exponents, size)));
  double most = 0;
  std::size_t worst = 0;
  for (std::size_t i = 0; i < bases.size(); ++i) {
    const double apart = units_apart(
        found[i], std::pow(static_cast<double>(bases[i]), static_cast<double>(exponents[i])));
    if (!(apart <= most)) most = apart, worst = i;
  }
  INFO(bases[worst] << " to the power of " << exponents[worst] << ": " << found[worst]);
  CHECK(most < 0.95);
}

TEST_CASE("power: by a number is that by an image of it", "[pointwise][power][power_images]") {
  ON_EVERY_DEVICE(device);
  const shape size{37, 5};
  const auto src = push(device, test::random_pixels<std::uint16_t>(size, 1), size);
  for (const float scalar : {-1.5f, 0.0f, 0.45f, 1.0f, 2.0f}) {
    const std::vector<float> exponents(size.pixels(), scalar);
    CHECK_THAT(power(src, {.scalar = scalar}),
               same_pixels(power_images(src, push(device, exponents, size))));
  }
  std::vector<float> pixels;
  for (const std::uint16_t pixel : pull(src)) pixels.push_back(pixel);
  CHECK_THAT(power(src, {}), same_pixels(pixels));
  CHECK_THAT(power(src, {.scalar = 2}), same_pixels(square(src)));
}

TEMPLATE_TEST_CASE("functions of pixels of any type: are those of their values as floats",
                   "[pointwise][sin][power_images]", std::uint8_t, std::int8_t, std::uint16_t,
                   std::int16_t, std::uint32_t, std::int32_t) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{1}, shape{63, 3}, shape{16, 4}}) {
    const auto pixels = test::random_pixels<TestType>(size, 2, test::content::awkward);
    const auto src = push(device, pixels, size), few = push(device, pixels, size);
    const auto floats = push(device, std::vector<float>(pixels.begin(), pixels.end()), size);
    CHECK_THAT(sin(src), same_pixels(sin(floats)));
    const auto other = push(device, test::random_pixels<std::int8_t>(size, 3), size);
    CHECK_THAT(power_images(src, other), same_pixels(power_images(floats, other)));
    CHECK_THAT(power_images(other, src), same_pixels(power_images(other, floats)));
  }
}

TEST_CASE("functions of one number: equal numpy's", "[pointwise]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("elementary");
  std::vector<float> pixels;
  for (const float pixel : test::random_pixels<float>({40, 5}, 29)) pixels.push_back(pixel / 500);
  const auto src = push(device, pixels, {40, 5});
  for (const auto& [name, of_image, of_number, units] : functions) {
    INFO(name);
    CHECK_THAT(of_image(src), test::near_pixels(expected.values<double>(name), 0, 0x1p-23));
  }
  CHECK_THAT(power(src, {.scalar = 3}),
             test::near_pixels(expected.values<double>("power"), 0, 0x1p-23));
}
