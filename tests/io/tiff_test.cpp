// SPDX-License-Identifier: BSD-3-Clause
// io/tiff.hpp: every flavour that is read, what is written, and damaged files.
// The files in data/ come from data/make_tiff_flavours.py, which has the same formulas as below.
#include "gpuimg/io/tiff.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/files.hpp"

namespace {

using Catch::Matchers::Contains;
using gpuimg::argument_error;
using gpuimg::io_error;
using gpuimg::shape;
using gpuimg::view;
using gpuimg::io::read_tiff;
using gpuimg::io::read_tiff_info;
using gpuimg::io::write_tiff;

constexpr gpuimg::io::tiff_read_options to_grey{.color = gpuimg::io::color_handling::luminance};

std::string data_file(const std::string& name) {
  return test::source_file("io/data/" + name + ".tif");
}

std::string reason_of(const std::string& path, const gpuimg::io::tiff_read_options& options = {}) {
  try {
    read_tiff(path, options);
  } catch (const io_error& error) {
    CHECK(error.file() == path);
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.reason();
  }
  return "no error";
}

/// The number of the pixel x, y of a slice, channel and frame.
std::int64_t number(std::size_t x, std::size_t y, std::size_t z = 0, std::size_t channel = 0,
                    std::size_t frame = 0) {
  return static_cast<std::int64_t>(7 * x + 13 * y + 31 * z + 101 * channel + 211 * frame + 5);
}

struct u1 {};

/// The pixel of number n, as type T; u1 stands for one bit.
template <class T>
auto pixel(std::int64_t n) {
  if constexpr (std::is_same_v<T, u1>)
    return static_cast<std::uint8_t>(n % 3 == 0);
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return static_cast<T>(n % 251);
  else if constexpr (std::is_same_v<T, std::int8_t>)
    return static_cast<T>(n % 251 - 125);
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return static_cast<T>(n * 97 % 65521);
  else if constexpr (std::is_same_v<T, std::int16_t>)
    return static_cast<T>(n * 97 % 65521 - 32760);
  else if constexpr (std::is_same_v<T, std::uint32_t>)
    return static_cast<T>(n * 4000037 % 4294967291);
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return static_cast<T>(n * 4000037 % 4294967291 - 2147483640);
  else
    return static_cast<float>(n) / 8 - 20;
}

template <class T>
using stored = decltype(pixel<T>(0));

template <class T>
std::vector<stored<T>> pixels(const shape& size, std::size_t channel = 0, std::size_t frame = 0) {
  std::vector<stored<T>> values;
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x)
        values.push_back(pixel<T>(number(x, y, z, channel, frame)));
  return values;
}

template <class T>
void check_pixels(const gpuimg::host_image& image, const shape& size, std::size_t channel = 0,
                  std::size_t frame = 0) {
  REQUIRE(image.size == size);
  const auto got = image.as<stored<T>>();
  CHECK(std::vector<stored<T>>(got.begin(), got.end()) == pixels<T>(size, channel, frame));
}

template <class T>
void check_file(const std::string& name, const shape& size = {19, 17}) {
  INFO(name);
  check_pixels<T>(read_tiff(data_file(name)), size);
}

}  // namespace

TEST_CASE("read_tiff: big-endian and little-endian files hold the same pixels", "[io]") {
  for (const std::string order : {"little_", "big_"}) {
    check_file<u1>(order + "u1");
    check_file<std::uint8_t>(order + "u8");
    check_file<std::int8_t>(order + "i8");
    check_file<std::uint16_t>(order + "u16");
    check_file<std::int16_t>(order + "i16");
    check_file<std::uint32_t>(order + "u32");
    check_file<std::int32_t>(order + "i32");
    check_file<float>(order + "f16");
    check_file<float>(order + "f32");
    check_file<float>(order + "f64");
    CHECK(read_tiff_info(data_file(order + "u16")).big_endian == (order == "big_"));
  }
}

TEST_CASE("read_tiff: compression and predictors do not change pixels", "[io]") {
  for (const std::string codec : {"packbits", "lzw", "deflate", "zstd", "lzma"}) {
    check_file<std::uint16_t>("strips_" + codec + "_u16");
    CHECK(read_tiff_info(data_file("strips_" + codec + "_u16")).compression == codec);
  }
  for (const std::string codec : {"lzw", "deflate", "zstd", "lzma"}) {
    check_file<std::uint16_t>("predictor2_" + codec + "_u16");
    check_file<float>("predictor3_" + codec + "_f32");
  }
  check_file<std::uint32_t>("predictor2_big_u32");
  check_file<float>("predictor3_big_f64");
}

TEST_CASE("read_tiff: strips and tiles, the partial ones at the edges too, hold the same pixels",
          "[io]") {
  check_file<std::uint16_t>("strips_u16");
  check_file<std::uint16_t>("tiles_u16");
  check_file<std::uint8_t>("tiles_big_u8");
  check_file<float>("tiles_deflate_f32");
  check_file<u1>("tiles_zstd_u1");
  CHECK(read_tiff_info(data_file("tiles_u16")).tiled);
  CHECK_FALSE(read_tiff_info(data_file("strips_u16")).tiled);
}

TEST_CASE("read_tiff: BigTIFF files read like classic ones", "[io]") {
  for (const std::string name : {"bigtiff_u16", "bigtiff_big_u16", "bigtiff_tiles_u16"}) {
    check_file<std::uint16_t>(name);
    CHECK(read_tiff_info(data_file(name)).big_tiff);
  }
  CHECK_FALSE(read_tiff_info(data_file("little_u16")).big_tiff);
}

TEST_CASE("read_tiff: where 0 means white, integers are inverted", "[io]") {
  const auto check_inverted = []<class T>(const std::string& name, T most, auto black) {
    for (auto& value : black) value = static_cast<T>(most - value);
    CHECK(std::get<std::vector<T>>(read_tiff(data_file(name)).pixels) == black);
  };
  check_inverted("white_u1", std::uint8_t{1}, pixels<u1>({19, 17}));
  check_inverted("white_u8", std::uint8_t{255}, pixels<std::uint8_t>({19, 17}));
  check_inverted("white_u16", std::uint16_t{65535}, pixels<std::uint16_t>({19, 17}));
}

TEST_CASE("read_tiff: the pages of a plain stack are its slices", "[io]") {
  check_file<std::uint8_t>("stack_u8", {19, 17, 3});
  check_file<std::uint16_t>("stack_cm_u16", {5, 3, 3});
}

TEST_CASE("read_tiff_info: resolution in centimetres becomes a pixel size in um", "[io]") {
  const auto info = read_tiff_info(data_file("stack_cm_u16"));
  CHECK(info.pixel_size == std::array{0.5, 1.0, 0.0});
  CHECK(info.unit == "um");
  CHECK(read_tiff_info(data_file("stack_u8")).unit.empty());
}

TEST_CASE("read_tiff: channels and frames of ImageJ and OME files are told apart", "[io]") {
  for (const std::string name :
       {"imagej_little_u8", "imagej_big_u8", "ome_xyczt_u8", "ome_xyzct_u8", "ome_xyctz_u8",
        "ome_xytcz_u8", "ome_xyztc_u8", "ome_xytzc_u8"}) {
    INFO(name);
    const bool ome = name.starts_with("ome");
    const auto info = read_tiff_info(data_file(name));
    CHECK(info.size == shape{5, 3, 3});
    CHECK(info.channels == 2);
    CHECK(info.frames == 2);
    CHECK(info.pages == 12);
    CHECK(info.metadata == (ome ? "OME" : "ImageJ"));
    CHECK(info.pixel_size == std::array{0.25, 0.5, ome ? 2.0 : 0.5});
    CHECK(info.unit == "um");
    for (std::size_t channel = 0; channel < 2; ++channel)
      for (std::size_t frame = 0; frame < 2; ++frame)
        check_pixels<std::uint8_t>(read_tiff(data_file(name), {.channel = channel, .frame = frame}),
                                   {5, 3, 3}, channel, frame);
  }
}

TEST_CASE("read_tiff_info: OME units other than um are kept", "[io]") {
  const auto info = read_tiff_info(data_file("ome_nm_f32"));
  CHECK(info.pixel_size == std::array{65.0, 65.0, 0.0});
  CHECK(info.unit == "nm");
  check_file<float>("ome_nm_f32");
}

TEST_CASE("read_tiff: ImageJ planes without directories are found behind the first", "[io]") {
  check_file<std::uint16_t>("imagej_one_directory_u16", {5, 3, 4});
  CHECK(read_tiff_info(data_file("imagej_one_directory_u16")).pages == 1);

  const test::temporary_folder folder;
  std::vector<char> bytes = test::bytes_of(data_file("imagej_one_directory_u16"));
  bytes.resize(bytes.size() - 1);
  test::write_bytes(folder.file("short.tif"), bytes);
  CHECK(reason_of(folder.file("short.tif")) ==
        "describes 4 images of 30 bytes and is too short for them");
}

TEST_CASE("read_tiff: a channel or frame that the file does not have is an argument_error",
          "[io]") {
  CHECK_THROWS_MATCHES(
      read_tiff(data_file("imagej_big_u8"), {.channel = 2}), argument_error,
      Catch::Message("read_tiff: channel must be < 2, got 2 [" + data_file("imagej_big_u8") + "]"));
  CHECK_THROWS_MATCHES(
      read_tiff(data_file("little_u8"), {.frame = 1}), argument_error,
      Catch::Message("read_tiff: frame must be < 1, got 1 [" + data_file("little_u8") + "]"));
}

TEST_CASE("read_tiff: reduced-resolution pages are skipped", "[io]") {
  check_file<std::uint8_t>("reduced_u8", {19, 17, 2});
  check_file<std::uint8_t>("pyramid_u8");
  CHECK(read_tiff_info(data_file("reduced_u8")).pages == 4);
}

TEST_CASE("read_tiff: colours are refused with the way out, and become grey on request", "[io]") {
  for (const std::string name : {"rgb_u8", "rgba_u8", "rgb_planar_u8", "rgb_tiles_planar_u8"}) {
    INFO(name);
    CHECK(reason_of(data_file(name)) ==
          "holds RGB pixels; pass color = luminance to convert them to grey");
    CHECK(read_tiff_info(data_file(name)).color == gpuimg::io::tiff_color::rgb);
    const auto image = read_tiff(data_file(name), to_grey);
    const auto grey = image.as<std::uint8_t>();
    REQUIRE(image.size == shape{19, 17});
    for (std::size_t y = 0; y < 17; ++y)
      for (std::size_t x = 0; x < 19; ++x) {
        const std::int64_t n = number(x, y);
        const double y_of = 0.2125 * static_cast<double>(n % 251) +
                            0.7154 * static_cast<double>(n * 3 % 251) +
                            0.0721 * static_cast<double>(n * 5 % 251);
        REQUIRE(std::abs(grey(x, y) - y_of) <= 0.5 + 1e-9);
      }
  }
  const auto deep = read_tiff(data_file("rgb_u16"), to_grey);
  CHECK(deep.type() == gpuimg::pixel_type::u16);
  // 5, 15 and 25, times 257: (0.2125 * 5 + 0.7154 * 15 + 0.0721 * 25) * 257 = 3494.14...
  CHECK(deep.as<std::uint16_t>()(0) == 3494);
}

TEST_CASE("read_tiff: palette entries become the grey of their colour on request", "[io]") {
  CHECK(reason_of(data_file("palette_u8")) ==
        "holds palette pixels; pass color = luminance to convert them to grey");
  const auto image = read_tiff(data_file("palette_u8"), to_grey);
  const auto grey = image.as<std::uint8_t>();
  for (std::size_t y = 0; y < 17; ++y)
    for (std::size_t x = 0; x < 19; ++x) {
      const auto index = pixel<std::uint8_t>(number(x, y));
      REQUIRE(grey(x, y) == gpuimg::io::luminance(index, static_cast<std::uint8_t>(index * 3),
                                                  static_cast<std::uint8_t>(index * 5)));
    }
}

TEST_CASE("luminance: equal red, green and blue stay what they are", "[io]") {
  for (int value = 0; value < 256; ++value) {
    const auto grey = static_cast<std::uint8_t>(value);
    CHECK(gpuimg::io::luminance(grey, grey, grey) == grey);
  }
  constexpr std::uint32_t most = 4294967295U;
  CHECK(gpuimg::io::luminance(most, most, most) == most);
}

TEST_CASE("read_tiff: what is not read is refused with page and reason", "[io]") {
  CHECK(reason_of(data_file("refused_u64")) ==
        "holds 5x3 pixels of 1 x 64-bit unsigned samples, photometric 1, which are not read");
  CHECK(reason_of(data_file("refused_c64")) ==
        "holds 5x3 pixels of 1 x 64-bit complex samples, photometric 1, which are not read");
  CHECK(reason_of(data_file("refused_two_samples")) ==
        "holds 5x3 pixels of 2 x 8-bit unsigned samples, photometric 1, which are not read");
  CHECK(reason_of(data_file("refused_jpeg")) == "is compressed by scheme 7, which is not read");
  CHECK(reason_of(data_file("refused_depth")) ==
        "holds a volume in one page (SGI ImageDepth), which is not read");
  CHECK(reason_of(data_file("refused_sizes")) ==
        "holds 19x16 pixels of 1 x 8-bit unsigned samples, photometric 1, but page 0 holds 19x17 "
        "pixels of 1 x 8-bit unsigned samples, photometric 1");
  CHECK_THROWS_MATCHES(
      read_tiff(data_file("refused_types")), io_error,
      Catch::Message(data_file("refused_types") +
                     ", page 1: holds 19x17 pixels of 1 x 16-bit unsigned samples, "
                     "photometric 1, but page 0 holds 19x17 pixels of 1 x 8-bit "
                     "unsigned samples, photometric 1"));
}

TEST_CASE("read_tiff: what is no TIFF file is an io_error", "[io]") {
  const test::temporary_folder folder;
  CHECK(reason_of(folder.file("absent.tif")) == "there is no such file");
  CHECK(reason_of(folder.path().string()) == "is not a file");
  test::write_bytes(folder.file("empty.tif"), {});
  CHECK_THAT(reason_of(folder.file("empty.tif")), Contains("cannot be opened as TIFF"));
  test::write_bytes(folder.file("text.tif"), {'h', 'e', 'l', 'l', 'o', ',', ' ', 'y', 'o', 'u'});
  CHECK_THAT(reason_of(folder.file("text.tif")), Contains("cannot be opened as TIFF"));
}

TEST_CASE("read_tiff: pixels above max_bytes are refused before memory is taken", "[io]") {
  // 19 x 17 u16 pixels, and the one strip that they are decoded from.
  CHECK(reason_of(data_file("little_u16"), {.max_bytes = 1291}) ==
        "needs 1292 bytes of memory, above max_bytes = 1291");
  CHECK_NOTHROW(read_tiff(data_file("little_u16"), {.max_bytes = 1292}));
}

TEST_CASE("read_tiff: sizes that the file cannot hold are refused before memory is taken", "[io]") {
  const test::temporary_folder folder;
  for (const std::string name : {"little_u8", "strips_deflate_u16", "strips_zstd_u16"}) {
    std::vector<char> bytes = test::bytes_of(data_file(name));
    // The directory of these files begins at byte 8: a count, then entries of 12 bytes in order of
    // their tags. Width and length become 2^31 - 1.
    const int entries = static_cast<unsigned char>(bytes[8]);
    for (int entry = 0; entry < entries; ++entry) {
      char* at = bytes.data() + 10 + 12 * entry;
      const int tag = static_cast<unsigned char>(at[0]) + 256 * static_cast<unsigned char>(at[1]);
      if (tag != TIFFTAG_IMAGEWIDTH && tag != TIFFTAG_IMAGELENGTH) continue;
      at[2] = TIFF_LONG;
      for (int i = 8; i < 12; ++i) at[i] = static_cast<char>(i < 11 ? 0xff : 0x7f);
    }
    test::write_bytes(folder.file("huge.tif"), bytes);
    INFO(name);
    CHECK_THROWS_AS(read_tiff(folder.file("huge.tif")), io_error);
  }
}

TEST_CASE("read_tiff: a directory that points back to itself ends in an io_error", "[io]") {
  const test::temporary_folder folder;
  std::vector<char> bytes = test::bytes_of(data_file("little_u8"));
  const int entries = static_cast<unsigned char>(bytes[8]);
  bytes[static_cast<std::size_t>(10 + 12 * entries)] = 8;
  test::write_bytes(folder.file("loop.tif"), bytes);
  CHECK_THAT(reason_of(folder.file("loop.tif")), Contains("has a damaged directory"));
}

TEMPLATE_TEST_CASE("write_tiff: what is written is read back", "[io]", std::uint8_t, std::int8_t,
                   std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, float) {
  const test::temporary_folder folder;
  const std::string path = folder.file("image.tif");
  for (const shape& size : {shape{1}, shape{17, 3}, shape{64, 65}, shape{5, 4, 3}, shape{1, 1, 70}})
    for (const auto compression :
         {gpuimg::io::tiff_compression::none, gpuimg::io::tiff_compression::deflate,
          gpuimg::io::tiff_compression::zstd})
      for (const bool imagej : {true, false}) {
        const std::vector<TestType> values = pixels<TestType>(size);
        write_tiff(
            path, view<const TestType>(values.data(), size),
            {.pixel_size = {0.125, 0.25, 2.5}, .compression = compression, .imagej = imagej});
        const auto image = read_tiff(path);
        check_pixels<TestType>(image, size);
        CHECK(image.pixel_size == std::array{0.125, 0.25, 2.5});
        CHECK(image.unit == "um");
        const bool for_imagej =
            imagej && compression != gpuimg::io::tiff_compression::zstd &&
            (std::is_same_v<TestType, std::uint8_t> || std::is_same_v<TestType, std::uint16_t> ||
             std::is_same_v<TestType, float>);
        CHECK(read_tiff_info(path).metadata == (for_imagej ? "ImageJ" : "OME"));
      }
}

TEST_CASE("write_tiff: ImageJ is not told a number of images, which it reads as one block",
          "[io]") {
  const test::temporary_folder folder;
  const std::vector<std::uint8_t> values(30);
  write_tiff(folder.file("stack.tif"), view<const std::uint8_t>(values.data(), {5, 3, 2}));
  const std::vector<char> bytes = test::bytes_of(folder.file("stack.tif"));
  const std::string text(bytes.begin(), bytes.end());
  CHECK_THAT(text, Contains("ImageJ=1.53c\nslices=2\nloop=false\n"));
}

TEST_CASE(
    "write_tiff: planes of an ImageJ file that tifffile would take for one block are deflated",
    "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("a.tif");
  const std::vector<std::uint8_t> values(300 * 200 * 3);
  const auto compression_of = [&](const shape& size, bool imagej) {
    write_tiff(path, view<const std::uint8_t>(values.data(), size), {.imagej = imagej});
    return read_tiff_info(path).compression;
  };
  CHECK(compression_of({300, 200}, true) == "none");
  CHECK(compression_of({300, 200, 2}, true) == "deflate");
  CHECK(compression_of({300, 200, 2}, false) == "none");
  CHECK(compression_of({300, 200, 3}, true) == "none");
  CHECK(compression_of({3, 2, 3}, true) == "deflate");
}

TEMPLATE_TEST_CASE("tiff_writer: channels and frames that are appended are read back", "[io]",
                   std::uint8_t, std::uint16_t, std::uint32_t, float) {
  const test::temporary_folder folder;
  const std::string path = folder.file("hyperstack.tif");
  const shape size = GENERATE(shape{7, 5}, shape{7, 5, 3});
  const std::size_t channels = GENERATE(1U, 2U), frames = GENERATE(1U, 4U);
  const bool imagej = GENERATE(true, false), known = GENERATE(true, false);
  gpuimg::io::tiff_writer writer(path, {.pixel_size = {0.5, 0.5, 2},
                                        .channels = channels,
                                        .frames = known ? frames : 0,
                                        .imagej = imagej});
  for (std::size_t frame = 0; frame < frames; ++frame)
    for (std::size_t channel = 0; channel < channels; ++channel) {
      const auto values = pixels<TestType>(size, channel, frame);
      writer.append(view<const TestType>(values.data(), size));
    }
  CHECK_FALSE(std::filesystem::exists(path));
  writer.close();

  gpuimg::io::tiff_reader reader(path);
  CHECK(reader.info().channels == channels);
  CHECK(reader.info().frames == frames);
  CHECK(reader.info().pages == channels * frames * size.z);
  CHECK(reader.info().big_tiff == !known);
  CHECK(reader.info().metadata ==
        (imagej && known && !std::is_same_v<TestType, std::uint32_t> ? "ImageJ" : "OME"));
  for (std::size_t frame = frames; frame-- > 0;)  // backwards: any volume at any time
    for (std::size_t channel = 0; channel < channels; ++channel) {
      const auto volume = reader.read({.channel = channel, .frame = frame});
      check_pixels<TestType>(volume, size, channel, frame);
      CHECK(volume.channel == channel);
      CHECK(volume.channels == channels);
      CHECK(volume.frame == frame);
      CHECK(volume.frames == frames);
      CHECK(volume.pixel_size == std::array{0.5, 0.5, 2.0});
      CHECK(volume.unit == "um");
    }
}

TEST_CASE("tiff_writer: without all its volumes a file does not appear", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("a.tif");
  const std::vector<std::uint8_t> values(6);
  const view<const std::uint8_t> volume(values.data(), {3, 2});
  {
    gpuimg::io::tiff_writer writer(path, {.channels = 2, .frames = 2});
    writer.append(volume);
    CHECK_THROWS_MATCHES(
        writer.append(view<const std::uint8_t>(values.data(), {2, 3})), argument_error,
        Catch::Message("write_tiff: the volumes of a file have one shape and type; the first is "
                       "3x2 u8, number 1 is 2x3 u8"));
    CHECK_THROWS_MATCHES(writer.close(), argument_error,
                         Catch::Message("write_tiff: the file is not complete: 1 of 4 volumes were "
                                        "written [" +
                                        path + "]"));
  }
  {
    gpuimg::io::tiff_writer writer(path);
    writer.append(volume);
    CHECK_THROWS_MATCHES(writer.append(volume), argument_error,
                         Catch::Message("write_tiff: all 1 volumes were written already"));
  }
  CHECK_THROWS_AS(gpuimg::io::tiff_writer(path).close(), argument_error);
  CHECK_THROWS_MATCHES(gpuimg::io::tiff_writer(path, {.channels = 0}), argument_error,
                       Catch::Message("write_tiff: channels must be > 0, got 0"));
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("write_tiff: an image that was read is written with its pixel size", "[io]") {
  const test::temporary_folder folder;
  write_tiff(folder.file("a.tif"), read_tiff(data_file("ome_nm_f32")), {.imagej = false});
  const auto copy = read_tiff(folder.file("a.tif"));
  CHECK(copy.pixel_size == std::array{65.0, 65.0, 0.0});
  CHECK(copy.unit == "nm");
  CHECK_THROWS_MATCHES(
      write_tiff(folder.file("b.tif"), {.size = {2, 2}, .pixels = std::vector<float>(3)}),
      argument_error, Catch::Message("write_tiff: 3 pixels do not fill shape 2x2"));
}

TEST_CASE("write_tiff: an image larger than one strip is read back", "[io]") {
  const test::temporary_folder folder;
  const shape size{1000, 700};
  const std::vector<float> values = pixels<float>(size);
  write_tiff(folder.file("image.tif"), view<const float>(values.data(), size), {.unit = "nm"});
  check_pixels<float>(read_tiff(folder.file("image.tif")), size);
}

TEST_CASE("write_tiff: what cannot be written is refused and leaves nothing behind", "[io]") {
  const test::temporary_folder folder;
  const std::vector<std::uint8_t> values(4);
  const view<const std::uint8_t> image(values.data(), {2, 2});
  CHECK_THROWS_AS(write_tiff(folder.file("absent/image.tif"), image), io_error);

  const std::string path = folder.file("image.tif");
  CHECK_THROWS_MATCHES(
      write_tiff(path, view<const std::uint8_t>(nullptr, {0, 5})), argument_error,
      Catch::Message("write_tiff: a TIFF file holds 1 to 2^32 - 1 columns and rows "
                     "and 1 to 1000000 slices, all channels and frames "
                     "together [0x5]"));
  CHECK_THROWS_MATCHES(write_tiff(path, image, {.pixel_size = {-1, 1, 1}}), argument_error,
                       Catch::Message("write_tiff: pixel_size must be finite and >= 0, got -1"));
  CHECK_THROWS_MATCHES(write_tiff(path, image, {.unit = "a\nb"}), argument_error,
                       Catch::Message("write_tiff: unit must be printable ASCII without spaces, "
                                      "quotes, <, > and &"));
  std::filesystem::create_directory(path);  // a name that no file can take
  std::filesystem::create_directory(path + "/in_the_way");
  CHECK_THROWS_AS(write_tiff(path, image), io_error);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("read_tiff: a damaged file ends in an io_error or in pixels", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("damaged.tif");
  std::mt19937 random(20240501);
  const auto below = [&](std::size_t count) { return random() % count; };
  const auto read_both = [&](const std::vector<char>& bytes) {
    test::write_bytes(path, bytes);
    try {
      const auto image = read_tiff(path, to_grey);
      CHECK(std::visit([](const auto& p) { return p.size(); }, image.pixels) ==
            image.size.pixels());
    } catch (const io_error& error) {
      CHECK(error.file() == path);
      CHECK_FALSE(error.reason().empty());
    }
  };
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(GPUIMG_TEST_SOURCE_DIR) + "/io/data")) {
    if (entry.path().extension() != ".tif") continue;
    ++files;
    const std::vector<char> whole = test::bytes_of(entry.path().string());
    for (int i = 0; i < 20; ++i) {
      std::vector<char> bytes = whole;
      bytes.resize(below(bytes.size()));
      read_both(bytes);
    }
    for (int i = 0; i < 60; ++i) {
      // Header and directory stand at the beginning; a third of the damages falls anywhere.
      std::vector<char> bytes = whole;
      const std::size_t reach =
          i % 3 == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 300);
      for (std::size_t count = 1 + below(4); count > 0; --count)
        bytes[below(reach)] = static_cast<char>(i % 2 == 0 ? random() : (random() % 2) * 0xff);
      read_both(bytes);
    }
  }
  CHECK(files > 60);
}

TEST_CASE("read_tiff: microscope images read as tifffile reads them", "[io]") {
  const char* folder = std::getenv("GPUIMG_TEST_DATA");
  if (folder == nullptr || !std::ifstream(std::string(folder) + "/blobs.tif")) {
    WARN("set GPUIMG_TEST_DATA to a folder with blobs.tif and the other images to test them");
    return;
  }
  // Sums of all pixels, by tifffile 2026.3.3:
  //   python -c "import sys, tifffile; print(tifffile.imread(sys.argv[1]).sum(dtype='f8'))" FILE
  struct expectation {
    std::string name;
    shape size;
    std::size_t channels;
    double sum;
  };
  for (const auto& [name, size, channels, sum] : {
           expectation{"blobs.tif", {256, 254}, 1, 6714936.0},
           expectation{"17P1_POS0013_D_1UL.tif", {340, 340}, 1, 1336097.0},
           expectation{"BPAE_nuclei.tif", {1100, 680}, 1, 486344395.0},
           expectation{"IXMtest_A02_s9.tif", {695, 395}, 3, 203484740.0},
           expectation{"cancer_cell_migration_crop.tif", {130, 130, 48}, 1, 6998463282.0},
       }) {
    INFO(name);
    double total = 0;
    for (std::size_t channel = 0; channel < channels; ++channel) {
      const auto image = read_tiff(std::string(folder) + "/" + name, {.channel = channel});
      CHECK(image.size == size);
      CHECK(image.channels == channels);
      std::visit(
          [&](const auto& values) {
            for (const auto v : values) total += v;
          },
          image.pixels);
    }
    CHECK(total == Approx(sum).epsilon(1e-12));
  }
  for (const std::string name : {"Bead_Image1_crop.tif", "hela-cells.tif"}) {
    const std::string path = std::string(folder) + "/" + name;
    CHECK_THAT(reason_of(path), Contains("pass color = luminance"));
    CHECK(read_tiff(path, to_grey).unit == "um");
  }
}
