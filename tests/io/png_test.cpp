// SPDX-License-Identifier: BSD-3-Clause
// io/png.hpp: what is written is read back, colours, and damaged files.
#include "gpuimg/io/png.hpp"

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "support/files.hpp"

namespace {

using Catch::Matchers::Contains;
using gpuimg::argument_error;
using gpuimg::io_error;
using gpuimg::shape;
using gpuimg::view;
using gpuimg::io::read_png;
using gpuimg::io::write_png;
using gpuimg::io::write_png_rgb;

constexpr gpuimg::io::png_read_options to_grey{.color = gpuimg::io::color_handling::luminance};

std::string data_file(const std::string& name) {
  return test::source_file("io/data/" + name + ".png");
}

std::string reason_of(const std::string& path, const gpuimg::io::png_read_options& options = {}) {
  try {
    read_png(path, options);
  } catch (const io_error& error) {
    CHECK(error.file() == path);
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.reason();
  }
  return "no error";
}

std::size_t number(std::size_t x, std::size_t y) { return 7 * x + 13 * y + 5; }

template <class T>
std::vector<T> pixels(const shape& size, std::size_t factor = 97, std::size_t modulus = 65521) {
  std::vector<T> values;
  for (std::size_t y = 0; y < size.y; ++y)
    for (std::size_t x = 0; x < size.x; ++x)
      values.push_back(static_cast<T>(number(x, y) * factor % modulus));
  return values;
}

/// Red, green and blue of every pixel, the three of them different.
std::vector<std::uint8_t> colors(const shape& size) {
  std::vector<std::uint8_t> values;
  for (std::size_t y = 0; y < size.y; ++y)
    for (std::size_t x = 0; x < size.x; ++x)
      for (const std::size_t factor : {1U, 3U, 5U})
        values.push_back(static_cast<std::uint8_t>(number(x, y) * factor % 251));
  return values;
}

}  // namespace

TEMPLATE_TEST_CASE("write_png: grey that is written is read back", "[io]", std::uint8_t,
                   std::uint16_t) {
  const test::temporary_folder folder;
  for (const shape& size : {shape{1}, shape{17, 3}, shape{1, 65}, shape{300, 200}}) {
    const std::vector<TestType> values = pixels<TestType>(size);
    write_png(folder.file("grey.png"), view<const TestType>(values.data(), size));
    const auto image = read_png(folder.file("grey.png"));
    CHECK(image.size == size);
    CHECK(std::get<std::vector<TestType>>(image.pixels) == values);
  }
}

TEST_CASE("read_png: RGB is refused with the way out, and becomes grey on request", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("rgb.png");
  const shape size{19, 17};
  const std::vector<std::uint8_t> rgb = colors(size);
  write_png_rgb(path, size.x, size.y, rgb);
  CHECK(reason_of(path) == "holds RGB pixels; pass color = luminance to convert them to grey");
  const auto image = read_png(path, to_grey);
  const auto grey = image.as<std::uint8_t>();
  REQUIRE(image.size == size);
  for (std::size_t i = 0; i < size.pixels(); ++i)
    REQUIRE(grey[i] == gpuimg::io::luminance(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]));
}

TEST_CASE("read_png: packed, interlaced, palette and alpha files of another writer are read",
          "[io]") {
  const shape size{19, 17};
  for (const std::size_t bits : {1U, 2U, 4U}) {
    INFO(bits);
    const auto image = read_png(data_file("grey_" + std::to_string(bits)));
    CHECK(std::get<std::vector<std::uint8_t>>(image.pixels) ==
          pixels<std::uint8_t>(size, 1, std::size_t{1} << bits));
  }
  const auto interlaced = read_png(data_file("interlaced_16"));
  CHECK(std::get<std::vector<std::uint16_t>>(interlaced.pixels) == pixels<std::uint16_t>(size));

  CHECK_THAT(reason_of(data_file("palette")), Contains("holds palette pixels; pass color"));
  const auto palette =
      std::get<std::vector<std::uint8_t>>(read_png(data_file("palette"), to_grey).pixels);
  const std::vector<std::uint8_t> rgb = colors(size);
  for (std::size_t i = 0; i < size.pixels(); ++i)
    REQUIRE(palette[i] == gpuimg::io::luminance(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]));

  CHECK_THAT(reason_of(data_file("grey_alpha")), Contains("holds grey and alpha pixels; pass"));
  const auto grey = read_png(data_file("grey_alpha"), to_grey);
  CHECK(std::get<std::vector<std::uint8_t>>(grey.pixels) == pixels<std::uint8_t>(size, 1, 251));
}

TEST_CASE("read_png: what is no PNG file is an io_error", "[io]") {
  const test::temporary_folder folder;
  CHECK(reason_of(folder.file("absent.png")) == "there is no such file");
  CHECK(reason_of(folder.path().string()) == "is not a file");
  test::write_bytes(folder.file("text.png"), {'h', 'e', 'l', 'l', 'o', ',', ' ', 'y', 'o', 'u'});
  CHECK(reason_of(folder.file("text.png")) == "Not a PNG file");
}

TEST_CASE("read_png: pixels above max_bytes are refused before memory is taken", "[io]") {
  const test::temporary_folder folder;
  const std::vector<std::uint16_t> values(12);
  write_png(folder.file("grey.png"), view<const std::uint16_t>(values.data(), {4, 3}));
  CHECK(reason_of(folder.file("grey.png"), {.max_bytes = 23}) ==
        "of 4x3 pixels needs more memory than max_bytes = 23");
  CHECK_NOTHROW(read_png(folder.file("grey.png"), {.max_bytes = 24}));
}

TEST_CASE("write_png: what cannot be written is refused and leaves nothing behind", "[io]") {
  const test::temporary_folder folder;
  const std::vector<std::uint8_t> values(12);
  const std::string path = folder.file("image.png");
  CHECK_THROWS_AS(
      write_png(folder.file("absent/image.png"), view<const std::uint8_t>(values.data(), {4, 3})),
      io_error);
  CHECK_THROWS_MATCHES(write_png(path, view<const std::uint8_t>(values.data(), {2, 2, 3})),
                       argument_error,
                       Catch::Message("write_png: a PNG file holds one slice of 1 to 2^31 - 1 "
                                      "columns and rows [2x2x3]"));
  CHECK_THROWS_AS(write_png(path, view<const std::uint8_t>(nullptr, {0, 5})), argument_error);
  CHECK_THROWS_MATCHES(
      write_png_rgb(path, 2, 3, values), argument_error,
      Catch::Message("write_png_rgb: 2x3 pixels have 3 values each, got 12 values"));
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("read_png: a damaged file ends in an io_error or in pixels", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("damaged.png");
  std::mt19937 random(20240502);
  const auto below = [&](std::size_t count) { return random() % count; };
  const auto try_to_read = [&](const std::vector<char>& bytes) {
    test::write_bytes(path, bytes);
    try {
      const auto image = read_png(path, to_grey);
      CHECK(std::visit([](const auto& p) { return p.size(); }, image.pixels) ==
            image.size.pixels());
    } catch (const io_error& error) {
      CHECK(error.file() == path);
      CHECK_FALSE(error.reason().empty());
    }
  };
  for (const std::string name :
       {"grey_1", "grey_2", "grey_4", "interlaced_16", "palette", "grey_alpha"}) {
    const std::vector<char> whole = test::bytes_of(data_file(name));
    REQUIRE_FALSE(whole.empty());
    for (int i = 0; i < 40; ++i) {
      std::vector<char> bytes = whole;
      bytes.resize(below(bytes.size()));
      CHECK_FALSE((test::write_bytes(path, bytes), reason_of(path, to_grey)) == "no error");
      bytes = whole;
      for (std::size_t count = 1 + below(4); count > 0; --count)
        bytes[below(i % 2 == 0 ? bytes.size() : 60)] = static_cast<char>(random());
      try_to_read(bytes);
    }
  }
}
