// SPDX-License-Identifier: BSD-3-Clause
// Pixel types and the conversion between them.
#include "gpuimg/core/pixel.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::convert_pixel;
using gpuimg::pixel_type;

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("pixel: a float becomes an integer by rounding half to even and saturating", "[core]") {
  struct {
    float value;
    std::uint8_t u8;
    std::int8_t i8;
    std::uint16_t u16;
    std::int16_t i16;
    std::uint32_t u32;
    std::int32_t i32;
  } const rows[] = {
      {0.0f, 0, 0, 0, 0, 0, 0},
      {-0.0f, 0, 0, 0, 0, 0, 0},
      {0.5f, 0, 0, 0, 0, 0, 0},
      {0.50000006f, 1, 1, 1, 1, 1, 1},
      {1.5f, 2, 2, 2, 2, 2, 2},
      {2.5f, 2, 2, 2, 2, 2, 2},
      {-0.5f, 0, 0, 0, 0, 0, 0},
      {-1.5f, 0, -2, 0, -2, 0, -2},
      {-2.5f, 0, -2, 0, -2, 0, -2},
      {126.5f, 126, 126, 126, 126, 126, 126},
      {127.5f, 128, 127, 128, 128, 128, 128},
      {-128.5f, 0, -128, 0, -128, 0, -128},
      {254.5f, 254, 127, 254, 254, 254, 254},
      {255.5f, 255, 127, 256, 256, 256, 256},
      {32767.5f, 255, 127, 32768, 32767, 32768, 32768},
      {65535.5f, 255, 127, 65535, 32767, 65536, 65536},
      {16777217.0f, 255, 127, 65535, 32767, 16777216, 16777216},
      {2147483520.0f, 255, 127, 65535, 32767, 2147483520u, 2147483520},
      {2147483648.0f, 255, 127, 65535, 32767, 2147483648u, 2147483647},
      {-2147483648.0f, 0, -128, 0, -32768, 0, std::numeric_limits<std::int32_t>::min()},
      {4294967040.0f, 255, 127, 65535, 32767, 4294967040u, 2147483647},
      {4294967296.0f, 255, 127, 65535, 32767, 4294967295u, 2147483647},
      {3e38f, 255, 127, 65535, 32767, 4294967295u, 2147483647},
      {-3e38f, 0, -128, 0, -32768, 0, std::numeric_limits<std::int32_t>::min()},
      {infinity, 255, 127, 65535, 32767, 4294967295u, 2147483647},
      {-infinity, 0, -128, 0, -32768, 0, std::numeric_limits<std::int32_t>::min()},
      {not_a_number, 0, 0, 0, 0, 0, 0}};
  for (const auto& row : rows) {
    INFO("from " << row.value);
    CHECK(+convert_pixel<std::uint8_t>(row.value) == +row.u8);
    CHECK(+convert_pixel<std::int8_t>(row.value) == +row.i8);
    CHECK(convert_pixel<std::uint16_t>(row.value) == row.u16);
    CHECK(convert_pixel<std::int16_t>(row.value) == row.i16);
    CHECK(convert_pixel<std::uint32_t>(row.value) == row.u32);
    CHECK(convert_pixel<std::int32_t>(row.value) == row.i32);
  }
}

TEST_CASE("pixel: an integer becomes another integer by saturating", "[core]") {
  CHECK(convert_pixel<std::uint8_t>(std::int8_t{-1}) == 0);
  CHECK(convert_pixel<std::uint8_t>(std::uint16_t{256}) == 255);
  CHECK(convert_pixel<std::int8_t>(std::uint8_t{128}) == 127);
  CHECK(convert_pixel<std::int16_t>(std::uint32_t{4294967295u}) == 32767);
  CHECK(convert_pixel<std::int16_t>(std::int32_t{-40000}) == -32768);
  CHECK(convert_pixel<std::int32_t>(std::uint32_t{4294967295u}) == 2147483647);
  CHECK(convert_pixel<std::uint32_t>(std::int32_t{-5}) == 0);
  CHECK(convert_pixel<std::uint32_t>(std::uint16_t{65535}) == 65535);
  CHECK(convert_pixel<std::uint16_t>(std::uint16_t{77}) == 77);
}

TEST_CASE("pixel: an integer becomes the nearest float", "[core]") {
  CHECK(convert_pixel<float>(std::uint8_t{255}) == 255.0f);
  CHECK(convert_pixel<float>(std::int8_t{-128}) == -128.0f);
  CHECK(convert_pixel<float>(std::uint32_t{16777217}) == 16777216.0f);
  CHECK(convert_pixel<float>(std::uint32_t{4294967295u}) == 4294967296.0f);
  CHECK(test::same_bits(convert_pixel<float>(-0.0f), -0.0f));
  CHECK(std::isnan(convert_pixel<float>(not_a_number)));
}

TEST_CASE("pixel: a value that both types have survives the way there and back", "[core]") {
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const auto value = test::random_pixel<std::int16_t>(test::content::awkward, 1, i);
    CHECK(convert_pixel<std::int16_t>(convert_pixel<float>(value)) == value);
    CHECK(convert_pixel<std::int16_t>(convert_pixel<std::int32_t>(value)) == value);
  }
}

TEST_CASE("pixel: names, sizes and C++ types belong together", "[core]") {
  std::string names, opencl_names;
  std::size_t sizes = 0;
  for (const pixel_type type : gpuimg::all_pixel_types) {
    names += std::string(name_of(type)) + " ";
    opencl_names += std::string(opencl_name_of(type)) + " ";
    sizes = sizes * 10 + size_of(type);
    gpuimg::visit_pixel_type(type, [&]<class T>(std::type_identity<T>) {
      CHECK(gpuimg::pixel_type_of<T>() == type);
      CHECK(sizeof(T) == size_of(type));
    });
  }
  CHECK(names == "u8 i8 u16 i16 u32 i32 f32 ");
  CHECK(opencl_names == "uchar char ushort short uint int float ");
  CHECK(sizes == 1122444);
}
