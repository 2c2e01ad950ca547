// SPDX-License-Identifier: BSD-3-Clause
// tiling/storage.hpp: images in memory and formulas as sources and sinks.
#include "gpuimg/tiling/storage.hpp"

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

using gpuimg::argument_error;
using gpuimg::host_image;
using gpuimg::pixel_type;
using gpuimg::shape;
using gpuimg::tiling::box;
using gpuimg::tiling::generated_source;
using gpuimg::tiling::memory_sink;
using gpuimg::tiling::memory_source;

namespace {

/// An image whose pixels count up, with something to say about it.
host_image counted(const shape& size) {
  std::vector<std::uint16_t> pixels(size.pixels());
  std::iota(pixels.begin(), pixels.end(), std::uint16_t{0});
  return {.size = size,
          .pixels = pixels,
          .pixel_size = {0.5, 0.5, 2},
          .unit = "um",
          .channel = 1,
          .channels = 3};
}

}  // namespace

TEST_CASE("memory_source: a box holds the pixels of the image at its place", "[tiling]") {
  const host_image image = counted({7, 5, 3});
  memory_source source(image);
  CHECK(source.size() == image.size);
  CHECK(source.type() == pixel_type::u16);
  const host_image part = source.read({{2, 1, 1}, {3, 2, 2}});
  CHECK(part.size == shape{3, 2, 2});
  CHECK(part.unit == "um");
  CHECK(part.pixel_size == image.pixel_size);
  CHECK(part.channel == 1);
  CHECK(part.channels == 3);
  const auto whole = image.as<std::uint16_t>(), pixels = part.as<std::uint16_t>();
  for (std::size_t z = 0; z < 2; ++z)
    for (std::size_t y = 0; y < 2; ++y)
      for (std::size_t x = 0; x < 3; ++x) CHECK(pixels(x, y, z) == whole(x + 2, y + 1, z + 1));
  CHECK_THROWS_MATCHES(source.read({{5, 0, 0}, {3, 1, 1}}), argument_error,
                       Catch::Message("crop: 3x1x1 at (5, 0, 0) is no part of an image of 7x5x3"));
  CHECK_THROWS_MATCHES(memory_source(host_image{.size = {2, 2}, .pixels = std::vector<float>(3)}),
                       argument_error,
                       Catch::Message("memory_source: 3 pixels do not fill shape 2x2"));
}

TEST_CASE("memory_sink: boxes in any order make the image", "[tiling]") {
  const host_image image = counted({7, 5, 3});
  memory_source source(image);
  memory_sink sink(image, {4, 2, 2});
  for (const std::size_t z : {2U, 0U})
    for (const std::size_t y : {4U, 0U, 2U})
      for (const std::size_t x : {0U, 4U}) {
        const box part = gpuimg::tiling::clip({{x, y, z}, {4, 2, 2}}, image.size);
        CHECK_FALSE(sink.is_written(part));
        sink.write(part, source.read(part));
      }
  sink.finish();
  CHECK(sink.image().pixels == image.pixels);
  CHECK(sink.image().unit == "um");
}

TEST_CASE("memory_sink: what does not fit is refused", "[tiling]") {
  const host_image image = counted({7, 5, 3});
  memory_source source(image);
  memory_sink sink(image, {4, 2, 2});
  const box part{{0, 0, 0}, {4, 2, 2}};
  CHECK_THROWS_MATCHES(
      sink.write({{2, 0, 0}, {4, 2, 2}}, source.read(part)), argument_error,
      Catch::Message("memory_sink: 4x2x2 at (2, 0, 0) does not consist of chunks of 4x2x2 of "
                     "7x5x3"));
  CHECK_THROWS_MATCHES(sink.write({{0, 0, 0}, {7, 2, 2}}, source.read(part)), argument_error,
                       Catch::Message("paste: 7x2x2 at (0, 0, 0) of u16 cannot take 4x2x2 u16"));
  CHECK_THROWS_MATCHES(sink.write(part, gpuimg::tiling::zeros({4, 2, 2}, pixel_type::f32)),
                       argument_error,
                       Catch::Message("paste: 4x2x2 at (0, 0, 0) of u16 cannot take 4x2x2 f32"));
  sink.write(part, source.read(part));
  CHECK_THROWS_MATCHES(
      sink.finish(), argument_error,
      Catch::Message("memory_sink: the image is not complete: 16 of 105 pixels were written"));
}

TEST_CASE("generated_source: a box holds what the function gives", "[tiling]") {
  const shape size{std::size_t{1} << 40, 3, 2};
  generated_source source(gpuimg::tiling::describe(size, pixel_type::u16), [](const box& part) {
    return host_image{.size = part.shape(),
                      .pixels = std::vector<std::uint16_t>(
                          part.pixels(), static_cast<std::uint16_t>(part.origin[0] >> 30))};
  });
  CHECK(source.size() == size);
  const box part{{std::size_t{5} << 30, 1, 0}, {2, 2, 2}};
  CHECK(source.read(part).pixels == gpuimg::any_pixels(std::vector<std::uint16_t>(8, 5)));

  generated_source wrong(gpuimg::tiling::describe(size, pixel_type::f32), [](const box& b) {
    return gpuimg::tiling::zeros(b.shape(), pixel_type::u8);
  });
  CHECK_THROWS_AS(wrong.read(part), argument_error);
}
