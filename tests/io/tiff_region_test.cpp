// SPDX-License-Identifier: BSD-3-Clause
// io/tiff_region.hpp: parts of files are what read_tiff reads there, files written in parts are
// whole or not there, and interrupted runs are gone on with.
#include "gpuimg/io/tiff_region.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "gpuimg/io/tiff.hpp"
#include "support/files.hpp"
#include "support/process.hpp"

namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using gpuimg::argument_error;
using gpuimg::host_image;
using gpuimg::io_error;
using gpuimg::pixel_type;
using gpuimg::shape;
using gpuimg::io::read_tiff;
using gpuimg::io::read_tiff_info;
using gpuimg::io::tiff_compression;
using gpuimg::io::tiff_sink;
using gpuimg::io::tiff_sink_options;
using gpuimg::io::tiff_source;
using gpuimg::tiling::box;
using gpuimg::tiling::crop;
using gpuimg::tiling::for_each_chunk;
using gpuimg::tiling::whole;

constexpr auto to_grey = gpuimg::io::color_handling::luminance;

box random_box(std::mt19937& random, const shape& size) {
  box part;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    part.origin[axis] = random() % size.axes()[axis];
    part.size[axis] = 1 + random() % (size.axes()[axis] - part.origin[axis]);
  }
  return part;
}

/// The paths of all images that the tests of read_tiff read.
std::vector<std::string> data_files() {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(test::source_file("io/data")))
    if (entry.path().extension() == ".tif") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

/// An image by a formula, with an area of equal pixels.
host_image sample(const shape& size, pixel_type type) {
  host_image image = gpuimg::tiling::zeros(size, type);
  image.pixel_size = {0.125, 0.25, 2.5};
  image.unit = "um";
  std::visit(
      [&]<class T>(std::vector<T>& pixels) {
        for (std::size_t i = 0; i < pixels.size(); ++i)
          pixels[i] = i < pixels.size() / 3 ? T{5} : static_cast<T>(i * i % 60013) / T{3};
      },
      image.pixels);
  return image;
}

/// The boxes of chunks, or of several chunks, in an order of chance.
std::vector<box> parts_of(const shape& size, const shape& chunk, unsigned seed = 1) {
  std::vector<box> parts;
  for_each_chunk(whole(size), chunk, size, [&](const box& part) { parts.push_back(part); });
  std::shuffle(parts.begin(), parts.end(), std::mt19937(seed));
  return parts;
}

void write_all(tiff_sink& sink, const host_image& image, const shape& chunk) {
  for (const box& part : parts_of(image.size, chunk)) {
    if (sink.is_written(part)) continue;
    sink.write(part, crop(image, part));
    CHECK(sink.is_written(part));
  }
  sink.finish();
}

/// One of several volumes, no two of which are the same.
host_image volume(const shape& size, pixel_type type, std::size_t channel, std::size_t frame) {
  host_image image = sample(size, type);
  std::visit(
      [&]<class T>(std::vector<T>& pixels) {
        for (T& pixel : pixels)
          pixel = static_cast<T>(pixel + static_cast<T>(7 * channel + 19 * frame));
      },
      image.pixels);
  return image;
}

/// Writes all volumes of a file that are not there; `image_of(channel, frame)` gives them.
template <class Image>
void write_volumes(tiff_sink& sink, const tiff_sink_options& options, const Image& image_of) {
  for (std::size_t frame = 0; frame < options.frames; ++frame)
    for (std::size_t channel = 0; channel < options.channels; ++channel) {
      sink.select(channel, frame);
      write_all(sink, image_of(channel, frame), sink.chunk());
    }
}

int u16_at(tiff_source& source, const gpuimg::tiling::extent& pixel) {
  const host_image image = source.read({pixel, {1, 1, 1}});
  return image.as<std::uint16_t>()(0);
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("tiff_source: any box holds the pixels that read_tiff reads there", "[io]") {
  std::mt19937 random(1);
  std::size_t volumes = 0;
  for (const std::string& path : data_files()) {
    INFO(path);
    std::optional<gpuimg::io::tiff_info> info;
    try {
      info = read_tiff_info(path);
    } catch (const io_error&) {
      continue;  // tests of read_tiff see what is refused
    }
    for (std::size_t channel = 0; channel < info->channels; ++channel)
      for (std::size_t frame = 0; frame < info->frames; ++frame)
        for (const std::uint64_t cache_bytes : {0U, 600U, 1U << 20}) {
          const gpuimg::io::tiff_read_options options{
              .channel = channel, .frame = frame, .color = to_grey};
          const host_image image = read_tiff(path, options);
          tiff_source source(path, options, cache_bytes);
          ++volumes;
          CHECK(source.size() == image.size);
          CHECK(source.type() == image.type());
          for (int repeat = 0; repeat < 30; ++repeat) {
            const box part = random_box(random, image.size);
            INFO(to_string(part));
            const host_image read = source.read(part);
            REQUIRE(read.pixels == crop(image, part).pixels);
            REQUIRE(read.size == part.shape());
            CHECK(read.pixel_size == image.pixel_size);
            CHECK(read.unit == image.unit);
            CHECK(read.channel == channel);
            CHECK(read.frame == frame);
            CHECK(read.channels == image.channels);
            CHECK(read.frames == image.frames);
          }
        }
  }
  CHECK(volumes > 200);
}

TEST_CASE("tiff_source: of rows that are long only the wanted pixels are read", "[io]") {
  const test::temporary_folder folder;
  const host_image image = sample({3000, 40, 3}, pixel_type::f32);
  gpuimg::io::write_tiff(folder.file("a.tif"), image, {.imagej = false});
  // A box of 10 x 5 x 2 floats and the samples of one of its planes.
  tiff_source source(folder.file("a.tif"), {.max_bytes = 600});
  std::mt19937 random(3);
  for (int repeat = 0; repeat < 50; ++repeat) {
    const box part{{random() % 2991, random() % 36, random() % 2}, {10, 5, 2}};
    CHECK(source.read(part).pixels == crop(image, part).pixels);
  }
}

TEST_CASE("tiff_source: says in which parts it is cheap to read", "[io]") {
  const auto chunk_of = [](const std::string& name) {
    return tiff_source(test::source_file("io/data/" + name + ".tif")).chunk();
  };
  CHECK(chunk_of("strips_u16") == shape{1, 1});
  CHECK(chunk_of("tiles_u16") == shape{1, 1});
  CHECK(chunk_of("imagej_one_directory_u16") == shape{1, 1});
  CHECK(chunk_of("strips_deflate_u16") == shape{19, 5});
  CHECK(chunk_of("tiles_deflate_f32") == shape{16, 16});
  CHECK(chunk_of("tiles_zstd_u1") == shape{16, 16});
}

TEST_CASE("tiff_source: what read_tiff refuses is refused when the file is opened", "[io]") {
  const std::string path = test::source_file("io/data/rgb_u8.tif");
  CHECK_THROWS_MATCHES(tiff_source(path), io_error,
                       Catch::Message(path + ", page 0: holds RGB pixels; pass color = luminance "
                                             "to convert them to grey"));
  const std::string grey = test::source_file("io/data/strips_zstd_u16.tif");
  CHECK_THROWS_AS(tiff_source(grey, {.channel = 1}), argument_error);
  CHECK_THROWS_AS(tiff_source(grey).read({{0, 0, 0}, {20, 1, 1}}), argument_error);
  // 2 pixels of 2 bytes, and a strip of 19 x 5.
  CHECK_NOTHROW(tiff_source(grey, {.max_bytes = 194}).read({{3, 7, 0}, {2, 1, 1}}));
  CHECK_THROWS_MATCHES(tiff_source(grey, {.max_bytes = 193}).read({{3, 7, 0}, {2, 1, 1}}), io_error,
                       Catch::Message(grey + ": needs 194 bytes of memory, above max_bytes = 193"));
}

TEST_CASE("tiff_source: a box of a stack beyond 4 GiB is read from its place", "[io]") {
  // As ImageJ writes them: one directory, and the planes behind each other. Only the header and a
  // few pixels take room on the disk.
  const test::temporary_folder folder;
  const std::string path = folder.file("sparse.tif");
  constexpr std::uint64_t width = 4096, height = 1024, planes = 700;
  const std::string text =
      "ImageJ=1.53c\nimages=700\nslices=700\nunit=um\nspacing=0.5\nloop=false\n";
  std::vector<char> head;
  const auto add = [&head](std::uint64_t value, int bytes) {  // big-endian, as ImageJ does
    for (int at = bytes - 1; at >= 0; --at) head.push_back(static_cast<char>(value >> 8 * at));
  };
  constexpr int entries = 9;
  constexpr std::uint64_t text_at = 8 + 2 + entries * 12 + 4, pixels_at = 1024;
  add(0x4d4d, 2);
  add(42, 2);
  add(8, 4);
  add(entries, 2);
  const auto add_entry = [&](std::uint64_t tag, std::uint64_t type, std::uint64_t count,
                             std::uint64_t value) {
    add(tag, 2);
    add(type, 2);
    add(count, 4);
    if (type == TIFF_SHORT) value <<= 16;
    add(value, 4);
  };
  add_entry(TIFFTAG_IMAGEWIDTH, TIFF_LONG, 1, width);
  add_entry(TIFFTAG_IMAGELENGTH, TIFF_LONG, 1, height);
  add_entry(TIFFTAG_BITSPERSAMPLE, TIFF_SHORT, 1, 16);
  add_entry(TIFFTAG_PHOTOMETRIC, TIFF_SHORT, 1, PHOTOMETRIC_MINISBLACK);
  add_entry(TIFFTAG_IMAGEDESCRIPTION, TIFF_ASCII, text.size() + 1, text_at);
  add_entry(TIFFTAG_STRIPOFFSETS, TIFF_LONG, 1, pixels_at);
  add_entry(TIFFTAG_SAMPLESPERPIXEL, TIFF_SHORT, 1, 1);
  add_entry(TIFFTAG_ROWSPERSTRIP, TIFF_LONG, 1, height);
  add_entry(TIFFTAG_STRIPBYTECOUNTS, TIFF_LONG, 1, width * height * 2);
  add(0, 4);
  REQUIRE(head.size() == text_at);
  head.insert(head.end(), text.begin(), text.end());
  test::write_bytes(path, head);
  std::error_code failure;
  fs::resize_file(path, pixels_at + width * height * 2 * planes, failure);
  if (failure) {
    WARN("this file system takes no file of 6 GB: " + failure.message());
    return;
  }
  const auto place = [](std::uint64_t x, std::uint64_t y, std::uint64_t z) {
    return static_cast<std::streamoff>(pixels_at + 2 * (x + width * (y + height * z)));
  };
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(place(4095, 1023, 699)).write("\x12\x34", 2);
    file.seekp(place(7, 1000, 600)).write("\x56\x78", 2);
  }

  tiff_source source(path);
  CHECK(source.size() == shape{width, height, planes});
  CHECK(source.description().pixel_size[2] == 0.5);
  const host_image end = source.read({{4088, 1022, 698}, {8, 2, 2}});
  const auto pixels = end.as<std::uint16_t>();
  CHECK(pixels(7, 1, 1) == 0x1234);
  CHECK(std::count(pixels.begin(), pixels.end(), 0) == 31);
  CHECK(u16_at(source, {7, 1000, 600}) == 0x5678);
}

TEST_CASE("tiff_source: boxes of damaged files end in an io_error or in pixels", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("damaged.tif");
  std::mt19937 random(2);
  for (const std::string& file : data_files()) {
    const std::vector<char> original = test::bytes_of(file);
    for (int repeat = 0; repeat < 30; ++repeat) {
      std::vector<char> bytes = original;
      const std::size_t reach =
          std::min<std::size_t>(bytes.size(), repeat % 2 == 0 ? 300 : bytes.size());
      for (std::size_t count = 1 + random() % 4; count > 0; --count)
        bytes[random() % reach] = static_cast<char>(random());
      if (repeat % 5 == 0) bytes.resize(random() % bytes.size());
      test::write_bytes(path, bytes);
      try {
        tiff_source source(path, {.color = to_grey, .max_bytes = 1 << 26});
        for (int read = 0; read < 3; ++read) {
          const box part = random_box(random, source.size());
          const host_image pixels = source.read(part);
          CHECK(std::visit([](const auto& p) { return p.size(); }, pixels.pixels) == part.pixels());
        }
      } catch (const io_error& error) {
        CHECK(error.file() == path);
        CHECK_FALSE(error.reason().empty());
      }
    }
  }
}

TEST_CASE("tiff_source: a file that is cut short while it is open is an io_error", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("a.tif");
  for (const auto compression : {tiff_compression::none, tiff_compression::deflate}) {
    const host_image image = sample({300, 300, 2}, pixel_type::u16);
    gpuimg::io::write_tiff(path, image, {.compression = compression, .imagej = false});
    tiff_source source(path, {}, 0);
    CHECK_NOTHROW(source.read({{0, 290, 1}, {300, 1, 1}}));
    fs::resize_file(path, 1000);
    CHECK_THROWS_MATCHES(source.read({{0, 290, 0}, {300, 1, 1}}), io_error,
                         Catch::Predicate<io_error>([&](const io_error& error) {
                           return error.file() == path && error.page() == 0;
                         }));
  }
}

TEST_CASE("tiff_sink: what is written in any order is read back", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("a.tif");
  for (const pixel_type type : gpuimg::all_pixel_types)
    for (const shape& size : {shape{1}, shape{70, 33}, shape{40, 50, 3}, shape{3, 2, 20}})
      for (const auto compression :
           {tiff_compression::none, tiff_compression::deflate, tiff_compression::zstd})
        for (const bool imagej : {false, true}) {
          INFO(name_of(type) << " " << to_string(size));
          const host_image image = sample(size, type);
          {
            tiff_sink sink(path, image, {.compression = compression, .tile = 32, .imagej = imagej});
            CHECK(sink.size() == size);
            CHECK(sink.type() == type);
            write_all(sink, image, sink.chunk());
          }
          const bool is_for_imagej =
              imagej && compression != tiff_compression::zstd &&
              (type == pixel_type::u8 || type == pixel_type::u16 || type == pixel_type::f32);
          const auto info = read_tiff_info(path);
          CHECK(info.metadata == (is_for_imagej ? "ImageJ" : "OME"));
          CHECK(info.tiled == !is_for_imagej);
          CHECK_FALSE(info.big_tiff);
          CHECK(info.compression == (is_for_imagej                              ? "deflate"
                                     : compression == tiff_compression::none    ? "none"
                                     : compression == tiff_compression::deflate ? "deflate"
                                                                                : "zstd"));
          const host_image read = read_tiff(path);
          CHECK(read.size == size);
          CHECK(read.pixels == image.pixels);
          CHECK(read.pixel_size == image.pixel_size);
          CHECK(read.unit == "um");
          CHECK(files_in(folder.path()) == 1);
        }
}

TEST_CASE("tiff_sink: boxes of many tiles are written at once", "[io]") {
  const test::temporary_folder folder;
  const host_image image = sample({500, 300, 7}, pixel_type::u16);
  tiff_sink sink(folder.file("a.tif"), image, {.compression = tiff_compression::zstd, .tile = 64});
  CHECK(sink.chunk() == shape{64, 64});
  write_all(sink, image, {128, 192, 4});
  CHECK(read_tiff(folder.file("a.tif")).pixels == image.pixels);
  tiff_source source(folder.file("a.tif"));
  CHECK(source.read({{60, 60, 2}, {10, 10, 3}}).pixels ==
        crop(image, {{60, 60, 2}, {10, 10, 3}}).pixels);
}

TEST_CASE("tiff_sink: volumes of channels and frames are read back where they belong", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("a.tif");
  for (const shape& size : {shape{70, 33}, shape{40, 20, 3}})
    for (const bool imagej : {false, true}) {
      const tiff_sink_options options{
          .tile = 32, .imagej = imagej, .channels = 3, .frames = 2, .run = "run"};
      const auto image_of = [&](std::size_t channel, std::size_t frame) {
        return volume(size, pixel_type::u16, channel, frame);
      };
      {  // a run that is interrupted in its third volume
        tiff_sink sink(path, sample(size, pixel_type::u16), options);
        for (const std::size_t channel : {0u, 1u}) {
          sink.select(channel, 0);
          write_all(sink, image_of(channel, 0), sink.chunk());
        }
        CHECK_THROWS_AS(sink.select(3, 0), argument_error);
        CHECK_THROWS_AS(sink.select(0, 2), argument_error);
        sink.select(2, 0);
        CHECK_FALSE(sink.is_written(whole(size)));
        CHECK_THROWS_MATCHES(sink.finish(), argument_error,
                             Catch::Predicate<argument_error>([](const argument_error& error) {
                               return std::string(error.what()).find("is not complete") !=
                                      std::string::npos;
                             }));
      }
      CHECK_FALSE(fs::exists(path));
      {  // one that is interrupted when all is written
        tiff_sink sink(path, sample(size, pixel_type::u16), options);
        sink.select(1, 0);
        CHECK(sink.is_written(whole(size)));
        for (std::size_t frame = 0; frame < 2; ++frame)
          for (std::size_t channel = 0; channel < 3; ++channel) {
            sink.select(channel, frame);
            if (!sink.is_written(whole(size))) sink.write(whole(size), image_of(channel, frame));
          }
      }
      CHECK_FALSE(fs::exists(path));
      {
        tiff_sink sink(path, sample(size, pixel_type::u16), options);
        write_volumes(sink, options, image_of);
      }
      const auto info = read_tiff_info(path);
      CHECK(info.channels == 3);
      CHECK(info.frames == 2);
      CHECK(info.size == size);
      for (std::size_t frame = 0; frame < 2; ++frame)
        for (std::size_t channel = 0; channel < 3; ++channel) {
          const host_image read = read_tiff(path, {.channel = channel, .frame = frame});
          CHECK(read.pixels == image_of(channel, frame).pixels);
          CHECK(read.pixel_size == sample({1}, pixel_type::u8).pixel_size);
        }
      CHECK(files_in(folder.path()) == 1);
      fs::remove(path);
    }
  CHECK_THROWS_AS(tiff_sink(path, sample({4, 4}, pixel_type::u8), {.channels = 0}), argument_error);
  CHECK_THROWS_AS(tiff_sink(path, sample({4, 4, 2}, pixel_type::u8), {.frames = 600000}),
                  argument_error);
}

TEST_CASE("tiff_sink: a BigTIFF however small it is, where that is asked for", "[io]") {
  const test::temporary_folder folder;
  const host_image image = sample({70, 33, 2}, pixel_type::u16);
  for (const bool imagej : {false, true}) {
    tiff_sink sink(folder.file("a.tif"), image, {.imagej = imagej, .big_tiff = true});
    write_all(sink, image, sink.chunk());
    CHECK(read_tiff_info(folder.file("a.tif")).big_tiff);
    CHECK(read_tiff_info(folder.file("a.tif")).metadata == "OME");
    CHECK(read_tiff(folder.file("a.tif")).pixels == image.pixels);
  }
}

TEST_CASE("tiff_sink: a predictor makes smooth images smaller", "[io]") {
  const test::temporary_folder folder;
  for (const pixel_type type : {pixel_type::u16, pixel_type::f32}) {
    host_image image = gpuimg::tiling::zeros({256, 256}, type);
    std::visit(
        [&]<class T>(std::vector<T>& pixels) {
          for (std::size_t i = 0; i < pixels.size(); ++i)
            pixels[i] = static_cast<T>(3 * (i % 256) + 7 * (i / 256));
        },
        image.pixels);
    tiff_sink sink(folder.file("a.tif"), image, {.compression = tiff_compression::deflate});
    write_all(sink, image, sink.chunk());
    gpuimg::io::write_tiff(folder.file("b.tif"), image,
                           {.compression = tiff_compression::deflate, .imagej = false});
    CHECK(fs::file_size(folder.file("a.tif")) < fs::file_size(folder.file("b.tif")));
  }
}

TEST_CASE("tiff_sink: what may reach 4 GiB is a BigTIFF", "[.][io]") {
  const test::temporary_folder folder;
  // Equal tiles take few bytes of such a file.
  const shape size{20000, 20000, 6};
  const host_image image = gpuimg::tiling::describe(size, pixel_type::u16);
  const std::string path = folder.file("a.tif");
  tiff_sink sink(path, image,
                 {.compression = tiff_compression::zstd, .tile = 4096, .imagej = true});
  host_image tile = gpuimg::tiling::zeros({4096, 4096}, pixel_type::u16);
  for (const box& part : parts_of(size, sink.chunk())) {
    tile = gpuimg::tiling::zeros(part.shape(), pixel_type::u16);
    std::get<std::vector<std::uint16_t>>(tile.pixels)[0] =
        static_cast<std::uint16_t>(1 + part.origin[0] / 4096 + 10 * part.origin[2]);
    sink.write(part, tile);
  }
  sink.finish();
  const auto info = read_tiff_info(path);
  CHECK(info.big_tiff);
  CHECK(info.size == size);
  tiff_source source(path, {.max_bytes = std::uint64_t{1} << 32});
  CHECK(u16_at(source, {16384, 16384, 5}) == 55);
  CHECK(u16_at(source, {16383, 16384, 5}) == 0);
}

TEST_CASE("tiff_sink: without finish no file appears and nothing is left", "[io]") {
  const test::temporary_folder folder;
  const host_image image = sample({64, 64}, pixel_type::u8);
  const std::string path = folder.file("a.tif");
  {
    tiff_sink sink(path, image, {.tile = 32});
    const box part{{32, 0, 0}, {32, 32, 1}};
    sink.write(part, crop(image, part));
    CHECK_FALSE(fs::exists(path));
    CHECK_THROWS_MATCHES(
        sink.finish(), argument_error,
        Catch::Message("write_tiff: the file is not complete: 1 of 4 blocks were written [" + path +
                       "]"));
  }
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("tiff_sink: what does not fit is refused", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("a.tif");
  const host_image image = sample({64, 64}, pixel_type::u8);
  CHECK_THROWS_MATCHES(
      tiff_sink(path, image, {.tile = 24}), argument_error,
      Catch::Message("write_tiff: tile must be a multiple of 16 up to 65536, got 24"));
  CHECK_THROWS_AS(tiff_sink(path, gpuimg::tiling::describe({0, 5}, pixel_type::u8)),
                  argument_error);
  CHECK_THROWS_MATCHES(
      tiff_sink(path, gpuimg::tiling::describe({1U << 31, 1U << 31}, pixel_type::u8), {.tile = 16}),
      argument_error,
      Catch::Message("write_tiff: more than 2^32 - 1 tiles of 16x16 pixels are too many "
                     "[2147483648x2147483648]"));
  host_image strange = image;
  strange.unit = "<m>";
  CHECK_THROWS_AS(tiff_sink(path, strange), argument_error);
  CHECK_THROWS_AS(tiff_sink(folder.file("no/folder.tif"), image), io_error);
  tiff_sink sink(path, image, {.tile = 32});
  CHECK_THROWS_AS(sink.write({{16, 0, 0}, {32, 32, 1}}, crop(image, {{16, 0, 0}, {32, 32, 1}})),
                  argument_error);
  CHECK_THROWS_AS(sink.write({{0, 0, 0}, {32, 32, 1}}, sample({32, 32}, pixel_type::i8)),
                  argument_error);
}

TEST_CASE("tiff_sink: a run of the same name goes on, another one is refused", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("a.tif");
  const host_image image = sample({100, 70, 2}, pixel_type::u16);
  const auto reason_of = [&](const tiff_sink_options& options) -> std::string {
    try {
      tiff_sink(path, image, options);
    } catch (const io_error& error) {
      CHECK(error.file() == path);
      return error.reason();
    }
    return "no error";
  };
  const box part{{32, 32, 0}, {32, 32, 2}};
  {
    tiff_sink sink(path, image, {.tile = 32, .run = "blur, sigma 2"});
    sink.write(part, crop(image, part));
    CHECK(reason_of({.tile = 32, .run = "blur, sigma 2"}) == "is being written already");
  }
  CHECK_FALSE(fs::exists(path));
  const std::string refusal = "cannot be written: " + path +
                              ".part is what an interrupted run of something else left; remove it "
                              "to begin anew";
  CHECK(reason_of({.tile = 32, .run = "blur, sigma 3"}) == refusal);
  CHECK(reason_of({.tile = 64, .run = "blur, sigma 2"}) == refusal);
  CHECK(reason_of({.compression = tiff_compression::zstd, .tile = 32, .run = "blur, sigma 2"}) ==
        refusal);
  {
    tiff_sink sink(path, image, {.tile = 32, .run = "blur, sigma 2"});
    CHECK(sink.is_written(part));
    CHECK_FALSE(sink.is_written({{32, 32, 0}, {33, 32, 2}}));
    write_all(sink, image, sink.chunk());
  }
  CHECK(read_tiff(path).pixels == image.pixels);
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("tiff_sink: of an interrupted file no block is trusted that is not whole", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("a.tif"), unfinished = path + ".part";
  const host_image image = sample({128, 128}, pixel_type::u16);
  const tiff_sink_options options{
      .compression = tiff_compression::deflate, .tile = 16, .run = "run"};
  const auto parts = parts_of(image.size, {16, 16});
  {
    tiff_sink sink(path, image, options);
    for (std::size_t i = 0; i < 40; ++i) sink.write(parts[i], crop(image, parts[i]));
  }
  const std::vector<char> bytes = test::bytes_of(unfinished);
  std::mt19937 random(8);
  for (int repeat = 0; repeat < 60; ++repeat) {
    std::vector<char> torn = bytes;
    torn.resize(random() % (bytes.size() + 1));
    if (repeat % 3 == 0) torn.resize(torn.size() + random() % 500, static_cast<char>(random()));
    test::write_bytes(unfinished, torn);
    fs::remove(path);
    std::optional<tiff_sink> sink;
    try {
      sink.emplace(path, image, options);
    } catch (const io_error&) {
      continue;  // the text in front was torn, and something else follows
    }
    std::size_t there = 0;
    while (there < 40 && sink->is_written(parts[there])) ++there;
    for (std::size_t i = there; i < parts.size(); ++i) REQUIRE_FALSE(sink->is_written(parts[i]));
    write_all(*sink, image, sink->chunk());
    sink.reset();
    REQUIRE(read_tiff(path).pixels == image.pixels);
  }
}

TEST_CASE("tiff_sink: after SIGKILL a run goes on and gives the same pixels", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("a.tif");
  const host_image image = sample({640, 640, 2}, pixel_type::u16);
  const tiff_sink_options options{.compression = tiff_compression::zstd, .tile = 16, .run = "run"};
  std::mt19937 random(9);
  std::size_t before = 0;
  for (int kill = 0; kill < 10; ++kill) {
    const pid_t child = ::fork();
    if (child == 0) {
      tiff_sink sink(path, image, options);
      for (const box& part : parts_of(image.size, {16, 16, 2}))
        if (!sink.is_written(part)) sink.write(part, crop(image, part));
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(random() % 15000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK_FALSE(fs::exists(path));
    const tiff_sink sink(path, image, options);
    std::size_t now = 0;
    for (const box& part : parts_of(image.size, {16, 16})) now += sink.is_written(part) ? 1 : 0;
    CHECK(now >= before);
    before = now;
  }
  tiff_sink sink(path, image, options);
  write_all(sink, image, {16, 16, 2});
  CHECK(read_tiff(path).pixels == image.pixels);
}

TEST_CASE("tiff_sink: a file that does not fit on the disk is an io_error, and not there", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("a.tif");
  const host_image image = sample({200, 200}, pixel_type::u16);
  for (const std::string run : {"", "run"}) {
    std::string reason;
    std::size_t written = 0;
    try {
      const test::full_disk disk(30000);
      tiff_sink sink(path, image, {.tile = 64, .run = run});
      for (const box& part : parts_of(image.size, sink.chunk())) {
        sink.write(part, crop(image, part));
        ++written;
      }
    } catch (const io_error& error) {
      reason = error.reason();
      CHECK(error.file() == path);
    }
    CHECK(reason == "cannot be written: File too large");
    CHECK(written == 3);
    CHECK_FALSE(fs::exists(path));
    CHECK(fs::is_empty(folder.path()) == run.empty());
  }
  tiff_sink sink(path, image, {.tile = 64, .run = "run"});  // there is room again
  write_all(sink, image, sink.chunk());
  CHECK(read_tiff(path).pixels == image.pixels);
}

TEST_CASE("tiff_sink: tifffile reads the same pixels and sizes", "[io]") {
  const char* python = std::getenv("GPUIMG_TEST_PYTHON");
  if (python == nullptr) {
    WARN("set GPUIMG_TEST_PYTHON to a Python with tifffile and imagecodecs to test with them");
    return;
  }
  const test::temporary_folder folder;
  std::size_t number = 0;
  const auto write = [&](const shape& size, pixel_type type, const tiff_sink_options& options) {
    std::string axes = "YX";
    if (options.channels > 1) axes = "C" + axes;
    if (size.z > 1) axes = "Z" + axes;
    if (options.frames > 1) axes = "T" + axes;
    const std::string name =
        folder.file(std::to_string(number++) + (options.big_tiff ? "_big_" : "_") +
                    std::string(name_of(type)) + "_" + axes);
    tiff_sink sink(name + ".tif", sample(size, type), options);
    const auto image_of = [&](std::size_t channel, std::size_t frame) {
      return volume(size, type, channel, frame);
    };
    write_volumes(sink, options, image_of);
    std::ofstream raw(name + ".raw", std::ios::binary);
    for (std::size_t frame = 0; frame < options.frames; ++frame)
      for (std::size_t z = 0; z < size.z; ++z)
        for (std::size_t channel = 0; channel < options.channels; ++channel)
          std::visit(
              [&]<class T>(const std::vector<T>& pixels) {
                raw.write(reinterpret_cast<const char*>(pixels.data() + z * size.x * size.y),
                          static_cast<std::streamsize>(size.x * size.y * sizeof(T)));
              },
              image_of(channel, frame).pixels);
  };
  for (const pixel_type type : gpuimg::all_pixel_types)
    for (const shape& size : {shape{70, 33}, shape{40, 50, 2}, shape{3, 2, 20}})
      for (const auto compression :
           {tiff_compression::none, tiff_compression::deflate, tiff_compression::zstd})
        for (const bool imagej : {false, true}) {
          tiff_sink_options options{.compression = compression, .tile = 32, .imagej = imagej};
          write(size, type, options);
          options.big_tiff = true;
          write(size, type, options);
        }
  for (const shape& size : {shape{70, 33}, shape{20, 10, 3}})
    for (const bool imagej : {false, true})
      for (const auto& [channels, frames] : {std::pair{3, 1}, {1, 2}, {2, 4}})
        write(size, pixel_type::u16,
              {.tile = 32,
               .imagej = imagej,
               .channels = static_cast<std::size_t>(channels),
               .frames = static_cast<std::size_t>(frames)});
  const pid_t child =
      test::start_program(python, {test::source_file("io/check_with_tifffile.py"), folder.path()},
                          folder.path().string());
  CHECK(test::exit_status(child) == 0);
}

TEST_CASE("tiff_directory_at: directories of BigTIFF and classic files say the same", "[io]") {
  namespace detail = gpuimg::io::detail;
  const test::temporary_folder folder;
  const std::string path = folder.file("a.tif");
  const detail::tiff_page_format page{.width = 3,
                                      .height = 2,
                                      .type = pixel_type::u16,
                                      .block_width = 3,
                                      .block_height = 1,
                                      .pixel_size = {0.5, 0.25, 0}};
  for (const bool big : {false, true}) {
    std::vector<char> bytes;
    const auto add = [&](const detail::tiff_bytes& more) {
      for (const std::byte byte : more.get()) bytes.push_back(static_cast<char>(byte));
    };
    add(detail::tiff_header(big, 64));
    bytes.resize(64);
    for (std::size_t i = 0; i < 12; ++i) bytes[40 + i] = static_cast<char>(i / 2);
    std::uint64_t at = 64;
    for (const bool is_last : {false, true}) {  // two pages of the same pixels
      std::vector<detail::tiff_entry> entries;
      for (const auto& tag : detail::tiff_tags(page, is_last ? "" : "a long description"))
        entries.push_back(detail::entry_of(tag, big));
      entries.push_back(detail::entry_of(TIFFTAG_STRIPOFFSETS, std::array{40UL, 46UL}, big));
      entries.push_back(detail::entry_of(TIFFTAG_STRIPBYTECOUNTS, std::array{6UL, 6UL}, big));
      const auto directory = detail::tiff_directory_at(at, entries, is_last, big);
      add(directory);
      at += directory.size();
    }
    test::write_bytes(path, bytes);
    const auto info = read_tiff_info(path);
    CHECK(info.big_tiff == big);
    CHECK(info.size == shape{3, 2, 2});
    CHECK(info.pages == 2);
    const host_image image = read_tiff(path);
    CHECK(image.as<std::uint16_t>()(1, 0, 0) == 0x0101);
    CHECK(image.as<std::uint16_t>()(2, 1, 1) == 0x0505);
  }
}

TEST_CASE("tiff_rational: a quotient of 32-bit numbers is close to the number", "[io]") {
  for (const double value : {8.0, 4.0, 2.5, 1.0, 0.2, 1 / 0.65, 1 / 0.3, 12345.678, 1e-5, 4e9}) {
    const auto [above, below] = gpuimg::io::detail::tiff_rational(value);
    CHECK(static_cast<double>(above) / below == Approx(value).epsilon(1e-5));
    if (value > 0.001) CHECK(static_cast<double>(above) / below == Approx(value).epsilon(1e-9));
  }
  CHECK(gpuimg::io::detail::tiff_rational(1e300)[1] > 0);
  CHECK(gpuimg::io::detail::tiff_rational(1e-300)[0] == 0);
}
