// SPDX-License-Identifier: BSD-3-Clause
// elementwise against the same formulas in C++, and what it says of expressions that are none.
#include "gpuimg/elementwise.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::elementwise;
using gpuimg::expression;
using gpuimg::shape;
using test::same_pixels;

namespace {

constexpr shape size{37, 3};  // vectors and what is left of them

// The value of an expression of x and y.
float value_of(const expression& e, float x = 0, float y = 0) {
  std::vector<float> of_names;
  for (const std::string& name : e.names()) of_names.push_back(name == "x" ? x : y);
  return e.value(of_names);
}

std::string message_of(const char* text) {
  try {
    const expression e(text);
  } catch (const gpuimg::build_error& error) {
    CHECK(error.kernel() == text);
    CHECK(error.options().empty());
    CHECK(error.what() == "the expression does not build:\n" + error.log());
    return error.log();
  }
  return "it builds";
}

}  // namespace

TEST_CASE("expression: operators bind as in C", "[custom][elementwise]") {
  CHECK(value_of("1 + 2 * 3 - 4 / 8") == 1 + 2 * 3 - 0.5f);
  CHECK(value_of("(1 + 2) * 3") == 9);
  CHECK(value_of("2 - 3 - 4") == -5);
  CHECK(value_of("64 / 4 / 2") == 8);
  CHECK(value_of("-2 * -3 + + 1") == 7);
  CHECK(value_of("7 % 4 * 2") == 6);
  CHECK(value_of("1 < 2 == 3 > 2") == 1);
  CHECK(value_of("0 && 0 || 1") == 1);
  CHECK(value_of("0 && (0 || 1)") == 0);
  CHECK(value_of("!0 + !5") == 1);
  CHECK(value_of("1 <= 1 && 1 >= 1 && 1 != 2") == 1);
  CHECK(value_of("0 ? 1 : 0 ? 2 : 3") == 3);
  CHECK(value_of("x > y ? x - y : y - x", 3, 5) == 2);
}

TEST_CASE("expression: numbers are the nearest floats", "[custom][elementwise]") {
  CHECK(value_of("0.1") == 0.1f);
  CHECK(value_of(".5e1") == 5);
  CHECK(value_of("1e-3f") == 1e-3f);
  CHECK(value_of("16777217") == 16777216);
}

TEST_CASE("expression: functions are those of C++", "[custom][elementwise]") {
  CHECK(value_of("abs(-3) + abs(2)") == 5);
  CHECK(value_of("ceil(1.5) + floor(-1.5) + trunc(-1.5)") == -1);
  CHECK(value_of("round(2.5) + round(-0.5)") == 2);
  CHECK(value_of("clamp(7, 1, 5) + clamp(0, 1, 5) + clamp(3, 1, 5)") == 9);
  CHECK(value_of("min(3, 4) * max(3, 4)") == 12);
  CHECK(value_of("fma(x, x, y)", 1 + 0x1p-20f, -1) == std::fma(1 + 0x1p-20f, 1 + 0x1p-20f, -1.f));
  CHECK(value_of("sqrt(2)") == std::sqrt(2.f));
}

TEST_CASE("expression: spaces and lines do not matter", "[custom][elementwise]") {
  CHECK(value_of(" x\n  *x\t+\r\n y ", 3, 1) == 10);
  CHECK(value_of("x*x+y", 3, 1) == 10);
}

TEST_CASE("expression: says what is wrong where", "[custom][elementwise]") {
  CHECK(message_of("") == "1:1: a number, a name or a ( is expected here\n\n^");
  CHECK(message_of("(x - y) * (x - )") ==
        "1:16: a number, a name or a ( is expected here\n"
        "(x - y) * (x - )\n"
        "               ^");
  CHECK(message_of("x +\ny y\n* 2") ==
        "2:3: an operator is expected here: + - * / % < <= > >= == != && || or ? :\n"
        "y y\n"
        "  ^");
  CHECK(message_of("z = x") ==
        "1:3: an operator is expected here: + - * / % < <= > >= == != && || or ? :\n"
        "z = x\n"
        "  ^");
  CHECK(message_of("2 * (x + 1") == "1:5: this ( is not closed\n2 * (x + 1\n    ^");
  CHECK(message_of("(x ; 1)") ==
        "1:4: an operator, a comma or a ) is expected here\n(x ; 1)\n   ^");
  CHECK(message_of("x ? 1") ==
        "1:6: a : is expected here, which belongs to the ? before it\nx ? 1\n     ^");
  CHECK(
      message_of("1 + system(x)") ==
      "1:5: there is no function system; there are abs, ceil, clamp, floor, fma, max, min, round, "
      "sqrt, trunc\n"
      "1 + system(x)\n"
      "    ^");
  CHECK(message_of("max(x)") == "1:1: max takes 2 numbers, got 1\nmax(x)\n^");
  CHECK(message_of("abs()") == "1:1: abs takes 1 number, got 0\nabs()\n^");
  CHECK(message_of("fma(1, 2, 3, 4, 5)") ==
        "1:1: fma takes 3 numbers, got 5\nfma(1, 2, 3, 4, 5)\n^");
  CHECK(message_of("1e99") == "1:1: 1e99 is beyond what a float holds\n1e99\n^");
  CHECK(message_of("x + .") == "1:5: a digit is expected here\nx + .\n    ^");
}

TEST_CASE("expression: is neither too deep nor too long", "[custom][elementwise]") {
  CHECK_THAT(message_of((std::string(5000, '(') + "x" + std::string(5000, ')')).c_str()),
             Catch::StartsWith("1:101: too many brackets and conditions in each other\n"));
  CHECK_THAT(message_of((std::string(5000, '-') + "x").c_str()),
             Catch::StartsWith("1:5002: the expression is too long"));
}

TEST_CASE("elementwise: computes what the expression says", "[custom][elementwise]") {
  ON_EVERY_DEVICE(device);
  const auto x = test::random_pixels<float>(size, 1), y = test::random_pixels<float>(size, 2);
  std::vector<float> expected;
  for (std::size_t i = 0; i < x.size(); ++i) expected.push_back((x[i] - y[i]) * (x[i] - y[i]));
  const auto squares =
      elementwise("(x - y) * (x - y)", push(device, x, size), push(device, y, size));
  CHECK_THAT(squares, same_pixels(expected, size));
}

TEST_CASE("elementwise: gives every device the bits of the reference",
          "[custom][elementwise][oclgrind]") {
  // Every operator and function, and numbers on either side of them; the second one gives numbers
  // where NaN is among them.
  const expression all[] = {
      "x / y - x % 3.7 * y + abs(-x) + ceil(x / 9) - floor(y * 0.3) + round(y / 7) * trunc(x / 5)"
      "+ clamp(x, -5, y) * fma(x, 0.1, -y) - min(x, y) + max(3, x) + sqrt(y)",
      "(x < y) - (x <= 1) * 2 + (x > y) * 4 + (0 >= x) * 8 + (x == y || x != 0 && y) * 16 + !x * 32"
      "+ (x ? 64 : 65) + (max(3, x) > 0 ? 128 : 0) + (min(x, -3) < 0) * 256"
      "+ (max(x, 3) != 3) * 512 + (min(-3, x) == x) * 1024 + (clamp(x, 1, 2) > 1) * 2048"};
  ON_EVERY_DEVICE(device);
  for (const expression& e : all) {
    auto x = test::random_pixels<float>(size, 1, test::content::awkward);
    const auto y = test::random_pixels<float>(size, 2);
    x[3] = x[36] = std::numeric_limits<float>::quiet_NaN();
    const auto expected =
        elementwise(e, push(test::reference(), x, size), push(test::reference(), y, size));
    CHECK_THAT(elementwise(e, push(device, x, size), push(device, y, size)), same_pixels(expected));
  }
}

TEST_CASE("elementwise: rounds a product before it adds", "[custom][elementwise]") {
  ON_EVERY_DEVICE(device);
  const float near_one = 1 + 0x1p-20f, square = near_one * near_one;
  const auto x = push(device, std::vector<float>(20, near_one), {20, 1});
  CHECK_THAT(elementwise("x * x - y", x, push(device, std::vector<float>(20, square), {20, 1})),
             same_pixels(std::vector<float>(20, 0)));
}

TEST_CASE("elementwise: takes four images of any types, and gives any type",
          "[custom][elementwise]") {
  ON_EVERY_DEVICE(device);
  const auto x = push(device, std::vector<std::uint8_t>{255, 3, 0}, {3, 1});
  const auto y = push(device, std::vector<std::int16_t>{-7, 2, 0}, {3, 1});
  const auto z = push(device, std::vector<float>{0.5f, 0.25f, 9}, {3, 1});
  const auto w = push(device, std::vector<std::uint32_t>{70000, 4, 1}, {3, 1});
  CHECK_THAT(elementwise("x + y * z + w", x, y, z, w),
             same_pixels(std::vector<float>{70251.5f, 7.5f, 1}));
  CHECK_THAT(elementwise<std::uint8_t>("x + y * z + w", x, y, z, w),
             same_pixels(std::vector<std::uint8_t>{255, 8, 1}));
}

TEST_CASE("elementwise: numbers have names, and other values compile nothing",
          "[custom][elementwise]") {
  ON_EVERY_DEVICE(device);
  const auto x = push(device, std::vector<std::uint16_t>{1, 2, 3}, {3, 1});
  const int offset = 10;
  CHECK_THAT(elementwise("(x - dark) * gain", {{"gain", 2.5}, {"dark", offset}}, x),
             same_pixels(std::vector<float>{-22.5f, -20, -17.5f}));
  const auto built = device.is_reference() ? 0 : device.opencl().programs().built();
  CHECK_THAT(elementwise("(x - dark) * gain", {{"gain", -1}, {"dark", 0}}, x),
             same_pixels(std::vector<float>{-1, -2, -3}));
  if (!device.is_reference()) CHECK(device.opencl().programs().built() == built);
}

TEST_CASE("elementwise: images and numbers are those of the expression", "[custom][elementwise]") {
  const auto& device = test::reference();
  const auto x = push(device, std::vector<float>{1}, {1, 1});
  CHECK_THROWS_MATCHES(elementwise("x + 2 * gian", {{"gain", 2}}, x), gpuimg::build_error,
                       Catch::Message("the expression does not build:\n"
                                      "1:9: there is no gian; there are x, gain\n"
                                      "x + 2 * gian\n"
                                      "        ^"));
  CHECK_THROWS_MATCHES(elementwise("2 * x", x, x), gpuimg::argument_error,
                       Catch::Message("elementwise: y does not occur in the expression 2 * x"));
  CHECK_THROWS_MATCHES(elementwise("x + y", {{"y", 2}}, x, x), gpuimg::argument_error,
                       Catch::Message("elementwise: two things are called y"));
  const std::vector<gpuimg::named_number> nine{{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1},
                                               {"f", 1}, {"g", 1}, {"h", 1}, {"i", 1}};
  CHECK_THROWS_MATCHES(elementwise("x", nine, x), gpuimg::argument_error,
                       Catch::Message("elementwise: an expression takes up to 8 numbers, got 9"));
  const auto other = push(device, std::vector<std::uint8_t>{1, 2}, {2, 1});
  CHECK_THROWS_MATCHES(elementwise("x + y", x, other), gpuimg::argument_error,
                       Catch::Message("elementwise: the images must have the same shape, got 1x1 "
                                      "and 2x1 [x 1x1 f32, y 2x1 u8 on reference]"));
}
