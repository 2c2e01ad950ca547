// SPDX-License-Identifier: BSD-3-Clause
// tiling/scratch.hpp: what was written is read, what was not is missed, and other folders are safe.
#include "gpuimg/tiling/scratch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "support/files.hpp"
#include "support/process.hpp"

namespace {

namespace fs = std::filesystem;
using gpuimg::argument_error;
using gpuimg::host_image;
using gpuimg::io_error;
using gpuimg::pixel_type;
using gpuimg::shape;
using gpuimg::tiling::box;
using gpuimg::tiling::crop;
using gpuimg::tiling::for_each_chunk;
using gpuimg::tiling::scratch_store;
using gpuimg::tiling::whole;

/// An image with runs and without, by a formula.
host_image sample(const shape& size, pixel_type type) {
  host_image image = gpuimg::tiling::zeros(size, type);
  image.unit = "um";
  image.pixel_size = {0.5, 0.5, 2};
  std::visit(
      [&]<class T>(std::vector<T>& pixels) {
        for (std::size_t i = 0; i < pixels.size(); ++i)
          pixels[i] = static_cast<T>(i % 97 < 40 ? i / 500 : i * i % 113);
      },
      image.pixels);
  return image;
}

/// All chunks of the image, in an order of chance.
std::vector<box> chunks_of(const host_image& image, const shape& chunk, unsigned seed = 1) {
  std::vector<box> chunks;
  for_each_chunk(whole(image.size), chunk, image.size, [&](const box& b) { chunks.push_back(b); });
  std::shuffle(chunks.begin(), chunks.end(), std::mt19937(seed));
  return chunks;
}

std::string reason_of(const std::string& folder, const host_image& image, const shape& chunk,
                      const std::string& run) {
  try {
    const scratch_store store(folder, image, chunk, run);
  } catch (const io_error& error) {
    CHECK(error.file() == folder);
    return error.reason();
  }
  return "no error";
}

}  // namespace

TEST_CASE("scratch_store: any box of what was written is read, of every pixel type", "[tiling]") {
  const test::temporary_folder folder;
  std::mt19937 random(2);
  for (const pixel_type type : gpuimg::all_pixel_types)
    for (const shape& size : {shape{1}, shape{70, 33}, shape{33, 20, 9}}) {
      const host_image image = sample(size, type);
      const shape chunk{16, 8, 4};
      scratch_store store(folder.file("store"), image, chunk);
      CHECK(store.size() == size);
      CHECK(store.type() == type);
      CHECK(store.chunk() == chunk);
      for (const box& part : chunks_of(image, chunk)) {
        CHECK_FALSE(store.is_written(part));
        store.write(part, crop(image, part));
        CHECK(store.is_written(part));
      }
      store.finish();
      CHECK(store.read(whole(size)).pixels == image.pixels);
      for (int repeat = 0; repeat < 20; ++repeat) {
        box part;
        for (std::size_t axis = 0; axis < 3; ++axis) {
          part.origin[axis] = random() % size.axes()[axis];
          part.size[axis] = 1 + random() % (size.axes()[axis] - part.origin[axis]);
        }
        const host_image read = store.read(part);
        CHECK(read.pixels == crop(image, part).pixels);
        CHECK(read.size == part.shape());
        CHECK(read.unit == "um");
        CHECK(read.pixel_size == image.pixel_size);
      }
    }
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("scratch_store: a box of several chunks is written at once", "[tiling]") {
  const test::temporary_folder folder;
  const host_image image = sample({33, 20, 9}, pixel_type::u16);
  scratch_store store(folder.file("store"), image, {16, 8, 4});
  store.write(whole(image.size), image);
  CHECK(store.read(whole(image.size)).pixels == image.pixels);
}

TEST_CASE("scratch_store: label images take a fraction of their bytes", "[tiling]") {
  const test::temporary_folder folder;
  host_image labels = gpuimg::tiling::zeros({256, 256, 8}, pixel_type::u32);
  auto& pixels = std::get<std::vector<std::uint32_t>>(labels.pixels);
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::uint32_t>(i / 16 % 3 == 0 ? 0 : i / 16);
  scratch_store store(folder.file("store"), labels, {64, 64, 8});
  store.write(whole(labels.size), labels);
  CHECK(store.read(whole(labels.size)).pixels == labels.pixels);
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(folder.file("store"))) bytes += entry.file_size();
  CHECK(bytes < pixels.size() * sizeof(std::uint32_t) / 10);
}

TEST_CASE("scratch_store: a run of the same name goes on, another one is refused", "[tiling]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("store");
  const host_image image = sample({40, 20}, pixel_type::u16);
  const shape chunk{16, 16};
  const auto chunks = chunks_of(image, chunk);
  {
    scratch_store store(path, image, chunk, "blur, sigma 2");
    store.write(chunks[0], crop(image, chunks[0]));
  }
  CHECK(reason_of(path, image, chunk, "blur, sigma 3") ==
        "holds what an interrupted run of something else left; remove it to begin anew");
  CHECK(reason_of(path, image, {16, 8}, "blur, sigma 2").starts_with("holds what"));
  CHECK(reason_of(path, sample({40, 20}, pixel_type::i16), chunk, "blur, sigma 2")
            .starts_with("holds what"));
  CHECK(reason_of(path, image, chunk, "") ==
        "is in use, or was left by a run that was interrupted; remove it to begin anew");

  scratch_store store(path, image, chunk, "blur, sigma 2");
  CHECK(store.is_written(chunks[0]));
  CHECK_FALSE(store.is_written(chunks[1]));
  CHECK_FALSE(store.is_written(whole(image.size)));
  CHECK_THROWS_AS(store.read(whole(image.size)), io_error);
  CHECK_THROWS_MATCHES(store.finish(), argument_error,
                       Catch::Message("scratch_store: chunks are missing"));
  for (std::size_t i = 1; i < chunks.size(); ++i) store.write(chunks[i], crop(image, chunks[i]));
  store.finish();
  CHECK(store.read(whole(image.size)).pixels == image.pixels);
  store.remove();
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("scratch_store: a folder of somebody else's is refused and left alone", "[tiling]") {
  const test::temporary_folder folder;
  const host_image image = sample({4, 4}, pixel_type::u8);
  fs::create_directory(folder.file("mine"));
  test::write_bytes(folder.file("mine/thesis.chunk"), {'x'});
  CHECK(reason_of(folder.file("mine"), image, {4, 4}, "run") ==
        "is no folder of intermediate images");
  CHECK(fs::exists(folder.file("mine/thesis.chunk")));
  test::write_bytes(folder.file("file"), {'x'});
  CHECK(reason_of(folder.file("file"), image, {4, 4}, "run").starts_with("cannot be made: "));
  CHECK(reason_of(folder.file("no/folder"), image, {4, 4}, "run").starts_with("cannot be made: "));
  CHECK_THROWS_AS(scratch_store(folder.file("a"), image, {4, 0}), argument_error);
}

TEST_CASE("scratch_store: a chunk that is cut short is missing, and a changed one is damaged",
          "[tiling]") {
  const test::temporary_folder folder;
  const host_image image = sample({300, 4}, pixel_type::u16);
  scratch_store store(folder.file("store"), image, {300, 4});
  store.write(whole(image.size), image);
  const std::string path = folder.file("store/0_0_0.chunk");
  const std::vector<char> bytes = test::bytes_of(path);
  std::mt19937 random(6);
  for (int repeat = 0; repeat < 100; ++repeat) {
    auto damaged = bytes;
    const std::size_t at = random() % bytes.size();
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
    test::write_bytes(path, damaged);
    INFO(at);
    CHECK_THROWS_MATCHES(store.read(whole(image.size)), io_error,
                         Catch::Message(path + ": is damaged"));
    damaged = bytes;
    damaged.resize(random() % bytes.size());
    test::write_bytes(path, damaged);
    CHECK_FALSE(store.is_written(whole(image.size)));
    CHECK_THROWS_AS(store.read(whole(image.size)), io_error);
  }
  test::write_bytes(path, bytes);
  CHECK(store.read(whole(image.size)).pixels == image.pixels);
}

TEST_CASE("scratch_store: after SIGKILL the chunks that are there are whole", "[tiling]") {
  const test::temporary_folder folder;
  const host_image image = sample({640, 640}, pixel_type::u16);
  const shape chunk{16, 16};
  const auto chunks = chunks_of(image, chunk);
  std::mt19937 random(7);
  std::size_t written = 0;
  for (int kill = 0; kill < 10; ++kill) {
    const pid_t child = ::fork();
    if (child == 0) {
      scratch_store store(folder.file("store"), image, chunk, "run");
      for (const box& part : chunks)
        if (!store.is_written(part)) store.write(part, crop(image, part));
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(random() % 20000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    if (!fs::exists(folder.file("store"))) continue;
    scratch_store store(folder.file("store"), image, chunk, "run");
    std::size_t now = 0;
    for (const box& part : chunks)
      if (store.is_written(part)) {
        ++now;
        REQUIRE(store.read(part).pixels == crop(image, part).pixels);
      }
    CHECK(now >= written);
    written = now;
  }
  scratch_store store(folder.file("store"), image, chunk, "run");
  for (const box& part : chunks)
    if (!store.is_written(part)) store.write(part, crop(image, part));
  CHECK(store.read(whole(image.size)).pixels == image.pixels);
  store.remove();
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("scratch_store: a chunk that does not fit on the disk is missing", "[tiling]") {
  const test::temporary_folder folder;
  host_image image = gpuimg::tiling::zeros({200, 200}, pixel_type::u16);
  auto& pixels = std::get<std::vector<std::uint16_t>>(image.pixels);
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::uint16_t>(i * i * 40503U);
  scratch_store store(folder.file("store"), image, {200, 200});
  std::string reason;
  try {
    const test::full_disk disk(10000);
    store.write(whole(image.size), image);
  } catch (const io_error& error) {
    reason = error.reason();
  }
  CHECK(reason == "cannot be written: File too large");
  CHECK_FALSE(store.is_written(whole(image.size)));
  store.write(whole(image.size), image);
  CHECK(store.read(whole(image.size)).pixels == image.pixels);
}
