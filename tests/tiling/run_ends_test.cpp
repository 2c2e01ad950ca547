// SPDX-License-Identifier: BSD-3-Clause
// Runs on several devices, on ones with less memory than they say, on full disks, and runs that are
// stopped: the same bits, or an error that leaves nothing that looks whole.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/io/tiff.hpp"
#include "gpuimg/io/tiff_region.hpp"
#include "gpuimg/tiling/run.hpp"
#include "support/devices.hpp"
#include "support/files.hpp"
#include "support/images.hpp"
#include "support/process.hpp"

namespace {

namespace fs = std::filesystem;
namespace ops = gpuimg::ops;
namespace tiling = gpuimg::tiling;
using gpuimg::host_image;
using gpuimg::io_error;
using gpuimg::pixel_type;
using gpuimg::shape;

constexpr shape size{300, 280};

/// Objects, their measurements, and the image that they are found in.
tiling::pipeline segmentation() {
  tiling::pipeline p;
  const auto src = p.input("src");
  const auto smooth = p.add(ops::gaussian_blur{.sigma_x = 1, .sigma_y = 1}, src);
  const auto labels =
      p.add(ops::voronoi_otsu_labeling{.spot_sigma = 2, .outline_sigma = 1}, smooth);
  p.output("labels", labels);
  p.output("smooth", smooth);
  p.output("measurements", p.add(ops::labels_statistics{}, labels, src));
  return p;
}

std::shared_ptr<tiling::source> source() {
  return std::make_shared<tiling::memory_source>(
      host_image{.size = size, .pixels = gpuimg::samples::random_pixels<std::uint16_t>(size, 5)});
}

/// What a run of `segmentation` gives.
struct results {
  gpuimg::any_pixels labels, smooth;
  gpuimg::table measurements;
  bool operator==(const results& other) const {
    return labels == other.labels && smooth == other.smooth &&
           measurements.rows == other.measurements.rows;
  }
};

results run(const tiling::run_options& options) {
  const auto labels =
      std::make_shared<tiling::memory_sink>(tiling::describe(size, pixel_type::u32), shape{64, 64});
  const auto smooth =
      std::make_shared<tiling::memory_sink>(tiling::describe(size, pixel_type::f32), shape{64, 64});
  const auto numbers = tiling::run(segmentation(), {{"src", source()}},
                                   {{"labels", labels}, {"smooth", smooth}}, options);
  return {labels->image().pixels, smooth->image().pixels,
          std::get<gpuimg::table>(numbers.at("measurements"))};
}

/// The same without tiles.
const results& expected() {
  static const results whole = run({.devices = {test::reference()}});
  return whole;
}

/// The largest number of tiles of any pass.
class most_tiles {
 public:
  std::function<void(const tiling::progress&)> counter() {
    return [this](const tiling::progress& now) { count_ = std::max(count_, now.tiles); };
  }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  std::size_t count_ = 0;
};

/// The labels alone go to a file.
void run_to_file(const std::string& path, const std::string& run, tiling::run_options options) {
  tiling::pipeline what;
  const auto src = what.input("src");
  what.output("labels",
              what.add(ops::voronoi_otsu_labeling{.spot_sigma = 2, .outline_sigma = 1}, src));
  const auto to = std::make_shared<gpuimg::io::tiff_sink>(
      path, tiling::describe(size, pixel_type::u32),
      gpuimg::io::tiff_sink_options{.tile = 64, .run = run});
  options.tile = shape{100, 90};
  tiling::run(what, {{"src", source()}}, {{"labels", to}}, options);
}

std::string file_of_error(const std::function<void()>& work) {
  try {
    work();
  } catch (const io_error& error) {
    CHECK(error.reason() == "cannot be written: File too large");
    return error.file();
  }
  return "no error";
}

}  // namespace

TEST_CASE("tiling: several devices give the bits of one", "[tiling]") {
  const auto& one = test::devices().back();
  const std::vector<std::vector<gpuimg::device>> all{{one, test::another(one)},
                                                     {one, one},
                                                     {test::reference(), one},
                                                     {one, one.sibling(), test::reference()}};
  const test::temporary_folder folder;
  for (const auto& devices : all)
    for (const std::string& state : {std::string(), folder.file("state")}) {
      INFO(devices.size() << " devices, folder '" << state << "'");
      CHECK(run({.devices = devices, .tile = shape{70, 60}, .folder = state}) == expected());
    }
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("tiling: a device with less memory than is asked for has smaller tiles", "[tiling]") {
  ON_EVERY_DEVICE(plain);
  const test::temporary_folder folder;
  for (const std::string& state : {std::string(), folder.file("state")})
    for (const std::uint64_t bytes : {1'000'000u, 600'000u}) {
      const auto device = test::another(plain);
      device.limit_memory(bytes);
      most_tiles tiles;
      INFO(bytes << " bytes, folder '" << state << "'");
      CHECK(run({.devices = {device},
                 .memory = 1 << 30,
                 .on_progress = tiles.counter(),
                 .folder = state}) == expected());
      CHECK(tiles.count() > 1);
    }
  const auto device = test::another(plain);
  device.limit_memory(20'000);
  const std::string path = folder.file("labels.tif");
  CHECK_THROWS_WITH(run_to_file(path, "", {.devices = {device}, .memory = 1 << 30}),
                    Catch::Contains("needs") && Catch::Contains("the budget is 20000"));
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("tiling: the plan counts the memory of a tile that is whole", "[tiling]") {
  const auto memory_of = [](const shape& image) {
    const auto to = std::make_shared<tiling::memory_sink>(tiling::describe(image, pixel_type::u8));
    const auto from = std::make_shared<tiling::memory_source>(tiling::zeros(image, pixel_type::u8));
    return tiling::plan_run(tiling::pipeline::of(ops::greater_constant{}), {{"src", from}},
                            {{"dst", to}},
                            {.devices = {test::reference()}, .tile = shape{256, 256}})
        .passes.at(0)
        .tile_memory;
  };
  CHECK(memory_of({257, 257}) == memory_of({511, 511}));
  CHECK(memory_of({257, 257}) > memory_of({200, 200}));
}

TEST_CASE("tiling: a run goes on with tiles of another size than before", "[tiling]") {
  ON_EVERY_DEVICE(plain);
  const test::temporary_folder folder;
  const auto stopped_at = [&](std::size_t progress, const gpuimg::device& device,
                              const std::optional<shape>& tile) {
    std::stop_source stop;
    std::size_t seen = 0;
    const auto count = [&](const tiling::progress&) {
      if (++seen == progress) stop.request_stop();
    };
    try {
      const results found = run({.devices = {device},
                                 .memory = 1 << 30,
                                 .tile = tile,
                                 .on_progress = count,
                                 .stop = stop.get_token(),
                                 .folder = folder.file("state")});
      CHECK(found == expected());
      return false;
    } catch (const gpuimg::cancelled_error&) {
      return true;
    }
  };
  const auto small = test::another(plain);
  small.limit_memory(600'000);
  std::size_t stops = 0;
  while (stopped_at(3 + 9 * stops, small, std::nullopt)) {
    INFO("stopped " << stops + 1 << " times");
    const auto tile = stops % 2 == 0 ? std::nullopt : std::optional(shape{64, 64});
    CHECK_FALSE(stopped_at(0, plain, tile));
    ++stops;
  }
  CHECK(stops > 2);
}

TEST_CASE("tiling: a run that is stopped leaves nothing that looks whole", "[tiling]") {
  const auto& device = test::devices().back();
  const test::temporary_folder folder;
  const std::string path = folder.file("labels.tif");
  run_to_file(path, "", {.devices = {device}});
  const auto pixels = gpuimg::io::read_tiff(path).pixels;
  for (const bool is_kept : {false, true})
    for (std::size_t at = 1;; at += 7) {
      fs::remove(path);
      INFO("stopped at " << at << (is_kept ? ", with" : ", without") << " a folder");
      std::stop_source stop;
      std::size_t seen = 0;
      const auto count = [&](const tiling::progress&) {
        if (++seen == at) stop.request_stop();
      };
      tiling::run_options options{
          .devices = {device}, .on_progress = count, .stop = stop.get_token()};
      if (is_kept) options.folder = folder.file("state");
      const std::string run = is_kept ? "run" : "";
      try {
        run_to_file(path, run, options);
        CHECK(seen <= at);
        CHECK(at > 60);
        break;
      } catch (const gpuimg::cancelled_error&) {
      }
      CHECK_FALSE(fs::exists(path));
      CHECK(fs::is_empty(folder.path()) == !is_kept);
      if (!is_kept) continue;
      options.on_progress = {};
      options.stop = {};
      run_to_file(path, run, options);
      CHECK(gpuimg::io::read_tiff(path).pixels == pixels);
      CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
    }
}

TEST_CASE("tiling: a run that only copies can be stopped", "[tiling]") {
  tiling::pipeline copy;
  copy.output("dst", copy.input("src"));
  const auto to = std::make_shared<tiling::memory_sink>(tiling::describe(size, pixel_type::u16));
  std::stop_source stop;
  CHECK_THROWS_AS(tiling::run(copy, {{"src", source()}}, {{"dst", to}},
                              {.devices = {test::devices().back()},
                               .tile = shape{32, 32},
                               .on_progress = [&](const tiling::progress&) { stop.request_stop(); },
                               .stop = stop.get_token()}),
                  gpuimg::cancelled_error);
}

TEST_CASE("tiling: of what goes wrong at once the first is told", "[tiling]") {
  class full_sink : public tiling::sink {
   public:
    [[nodiscard]] const host_image& description() const override { return description_; }
    [[nodiscard]] shape chunk() const override { return {1, 1, 1}; }
    void write(const tiling::box&, const host_image&) override {
      if (++writes_ == 5) throw io_error("image", -1, "does not fit");
    }
    void finish() override {}

   private:
    host_image description_ = tiling::describe({300, 280}, pixel_type::u16);
    int writes_ = 0;
  };
  tiling::pipeline copy;
  copy.output("dst", copy.input("src"));
  for (int repeat = 0; repeat < 50; ++repeat)
    CHECK_THROWS_WITH(
        tiling::run(copy, {{"src", source()}}, {{"dst", std::make_shared<full_sink>()}},
                    {.devices = {test::reference()}, .tile = shape{16, 16}}),
        "image: does not fit");
}

TEST_CASE("tiling: on a full disk a run ends with the file that does not fit, and nothing is left",
          "[tiling]") {
  const auto& device = test::devices().back();
  const test::temporary_folder folder, temporary;
  const test::scoped_environment place("TMPDIR", temporary.path().string());
  const std::string path = folder.file("labels.tif"), state = folder.file("state");
  run_to_file(path, "", {.devices = {device}});  // compiles what it needs
  const auto pixels = gpuimg::io::read_tiff(path).pixels;
  fs::remove(path);
  SECTION("the output") {
    CHECK(file_of_error([&] {
            const test::full_disk disk(50000);
            run_to_file(path, "", {.devices = {device}});
          }) == path);
    CHECK(fs::is_empty(folder.path()));
  }
  SECTION("the temporary file") {
    CHECK(file_of_error([&] {
            const test::full_disk disk(5000);
            run_to_file(path, "", {.devices = {device}, .memory = 1'500'000});
          }) == temporary.path());
    CHECK(fs::is_empty(folder.path()));
  }
  SECTION("the folder of a run that can go on") {
    const std::string file = file_of_error([&] {
      const test::full_disk disk(1000);
      run_to_file(path, "run", {.devices = {device}, .folder = state});
    });
    CHECK_THAT(file, Catch::StartsWith(state + "/pass_"));
    CHECK_FALSE(fs::exists(path));
    for (const auto& entry : fs::recursive_directory_iterator(state))
      CHECK(entry.path().extension() != ".tmp");
    run_to_file(path, "run", {.devices = {device}, .folder = state});  // there is room again
    CHECK(gpuimg::io::read_tiff(path).pixels == pixels);
    CHECK_FALSE(fs::exists(state));
  }
  CHECK(fs::is_empty(temporary.path()));
}

TEST_CASE("tiling: what does not fit the memory has no name among the temporary files",
          "[tiling]") {
  const test::temporary_folder temporary;
  std::size_t tiles = 0;
  {
    const test::scoped_environment place("TMPDIR", temporary.path().string());
    CHECK(run({.devices = {test::devices().back()},
               .memory = 1'500'000,
               .tile = shape{70, 60},
               .on_progress = [&](const tiling::progress&) {
                 ++tiles;
                 CHECK(fs::is_empty(temporary.path()));
               }}) == expected());
  }
  CHECK(tiles > 100);
  const test::scoped_environment place("TMPDIR", temporary.file("missing"));
  CHECK_THROWS_WITH(run({.devices = {test::devices().back()}, .memory = 1'500'000}),
                    Catch::StartsWith("the folder of temporary files: "));
}

TEST_CASE("tiling: a folder that is not the run's is refused and left alone", "[tiling]") {
  const auto& device = test::devices().back();
  const test::temporary_folder folder;
  const std::string state = folder.file("state");
  const auto reason_of = [&](const tiling::run_options& options) -> std::string {
    try {
      run(options);
    } catch (const io_error& error) {
      CHECK(error.file() == options.folder);
      return error.reason();
    }
    return "no error";
  };
  fs::create_directory(folder.file("mine"));
  test::write_bytes(folder.file("mine/thesis.txt"), {'x'});
  CHECK(reason_of({.devices = {device}, .folder = folder.file("mine")}) ==
        "is no folder of an interrupted run; name a new or an empty one");
  CHECK(fs::exists(folder.file("mine/thesis.txt")));

  std::stop_source stop;
  tiling::run_options options{.devices = {device},
                              .tile = shape{70, 60},
                              .on_progress = [&](const tiling::progress&) { stop.request_stop(); },
                              .stop = stop.get_token(),
                              .folder = state,
                              .inputs_name = "monday"};
  CHECK_THROWS_AS(run(options), gpuimg::cancelled_error);  // before any image is kept
  const tiling::run_options same{.devices = {device}, .folder = state, .inputs_name = "monday"};
  CHECK(reason_of({.devices = {device}, .folder = state, .inputs_name = "tuesday"}) ==
        "holds what an interrupted run of something else left; remove it to begin anew");

  test::write_bytes(state + "/notes.txt", {'x'});
  std::string reason;
  options.stop = {};
  options.on_progress = [&](const tiling::progress&) {
    if (reason.empty()) reason = reason_of(same);
  };
  CHECK(run(options) == expected());
  CHECK(reason == "is in use by another run");
  CHECK(fs::exists(state + "/notes.txt"));
  CHECK(std::distance(fs::directory_iterator(state), {}) == 1);
}
