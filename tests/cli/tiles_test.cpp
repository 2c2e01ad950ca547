// SPDX-License-Identifier: BSD-3-Clause
// Tests of the command line program on images that are made in tiles: pipelines, plans, runs that
// are interrupted.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gpuimg/core/shape.hpp"
#include "gpuimg/io/csv.hpp"
#include "support/process.hpp"
#include "support/program.hpp"

using gpuimg::shape;
using test::disc_labels;
using test::lines_of;
using test::picture_of;
using test::program;
using test::text_of;

namespace {

constexpr shape size{600, 400};

void write_image(const program& gpuimg) {
  gpuimg.write("image.tif", picture_of(disc_labels(size)), size, {.pixel_size = {0.5, 0.25, 2}});
}

constexpr const char* nuclei = R"({
  "inputs": ["src"],
  "steps": [
    {"name": "flat", "operation": "top_hat", "inputs": ["src"],
     "parameters": {"radius_x": 12, "radius_y": 12}},
    {"name": "labels", "operation": "voronoi_otsu_labeling", "inputs": ["flat"],
     "parameters": {"spot_sigma": 3.5, "outline_sigma": 1}},
    {"name": "measurements", "operation": "labels_statistics", "inputs": ["labels", "src"]},
    {"name": "brightest", "operation": "maximum_of_all_pixels", "inputs": ["src"]}
  ],
  "outputs": ["labels", "measurements", "flat", "brightest"]
})";

/// The lines of the output of `gpuimg plan` that are passes.
std::vector<std::string> passes_of(const std::string& plan) {
  auto lines = lines_of(plan);
  const auto head = std::ranges::find_if(
      lines, [](const std::string& line) { return line.starts_with("pass "); });
  REQUIRE(head != lines.end());
  lines.erase(lines.begin(), head + 1);
  return lines;
}

/// What was measured in tiles is what was measured in the whole, which has shapes besides.
void check_measurements(const program& gpuimg) {
  const auto found = gpuimg::io::read_csv(gpuimg.path("tiles/measurements.csv"));
  auto expected = gpuimg::io::read_csv(gpuimg.path("whole/measurements.csv"));
  const auto without_shapes = [&](auto& row) { row.resize(found.columns.size()); };
  without_shapes(expected.columns);
  std::ranges::for_each(expected.rows, without_shapes);
  CHECK(found.columns == expected.columns);
  CHECK(found.columns.back() == "standard_deviation_intensity");
  CHECK(found.rows == expected.rows);
}

}  // namespace

TEST_CASE("gpuimg run: tiles give the same pixels, numbers and tables", "[cli][slow]") {
  const program gpuimg;
  write_image(gpuimg);
  for (const std::string operation :
       {"gaussian_blur --sigma_x 3 --sigma_y 2 --border mirror", "top_hat --radius_x 9",
        "threshold_otsu", "flip", "maximum_z_projection", "voronoi_otsu_labeling --spot_sigma 3"}) {
    REQUIRE(gpuimg("run " + operation + " image.tif whole.tif").succeeded());
    for (const char* tiles : {"--tile 64x48", "--tile auto", "--memory-limit 6M"}) {
      const auto result = gpuimg("run " + operation + " " + tiles + " image.tif tiles.tif");
      CHECK(result.succeeded());
      CHECK(gpuimg("compare whole.tif tiles.tif").out == "identical\n");
      CHECK(gpuimg.read("tiles.tif").pixel_size == gpuimg.read("whole.tif").pixel_size);
    }
  }
  for (const std::string operation : {"mean_of_all_pixels", "histogram --bins 7"})
    CHECK(gpuimg("run " + operation + " --tile 64x48 image.tif").out ==
          gpuimg("run " + operation + " image.tif").out);
}

TEST_CASE("gpuimg: channels and frames are made in tiles one after the other", "[cli][slow]") {
  const program gpuimg;
  const shape volume = GENERATE(shape{300, 270}, shape{60, 50, 7});
  {
    gpuimg::io::tiff_writer movie(gpuimg.path("movie.tif"),
                                  {.pixel_size = {0.5, 0.25, 2}, .channels = 2, .frames = 3});
    auto pixels = picture_of(disc_labels(volume));
    for (int i = 0; i < 6; ++i) {
      movie.append({.size = volume, .pixels = pixels});
      std::rotate(pixels.begin(), pixels.begin() + static_cast<std::ptrdiff_t>(5 * volume.x),
                  pixels.end());
    }
    movie.close();
  }
  for (const std::string pick : {"", "--channel 1", "--frame 2"}) {
    const std::string blur = "run gaussian_blur --sigma_x 2 " + pick + " movie.tif ";
    const auto whole = gpuimg(blur + "whole.tif"),
               tiles = gpuimg(blur + "tiles.tif --tile 64x64x3");
    REQUIRE(whole.succeeded());
    REQUIRE(tiles.succeeded());
    CHECK(tiles.out == "tiles.tif" + whole.out.substr(whole.out.find(':')));
    const auto info = gpuimg::io::read_tiff_info(gpuimg.path("whole.tif"));
    CHECK(info.channels == (pick == "--channel 1" ? 1 : 2));
    CHECK(info.frames == (pick == "--frame 2" ? 1 : 3));
    for (std::size_t channel = 0; channel < info.channels; ++channel)
      for (std::size_t frame = 0; frame < info.frames; ++frame) {
        const gpuimg::io::tiff_read_options where{.channel = channel, .frame = frame};
        const auto expected = gpuimg::io::read_tiff(gpuimg.path("whole.tif"), where);
        const auto found = gpuimg::io::read_tiff(gpuimg.path("tiles.tif"), where);
        CHECK(found.pixels == expected.pixels);
        CHECK(found.pixel_size == expected.pixel_size);
        CHECK(found.channels == expected.channels);
        CHECK(found.frames == expected.frames);
      }
    for (const std::string operation : {"mean_of_all_pixels ", "histogram --bins 7 "}) {
      const std::string measure = "run " + operation + pick + " movie.tif ";
      CHECK(gpuimg(measure + "--tile 64x64x3").out == gpuimg(measure).out);
    }
  }
  const std::string segment =
      "segment movie.tif --channel 1 --spot-sigma 3.5 --background-radius 9 --out ";
  REQUIRE(gpuimg(segment + "whole").succeeded());
  REQUIRE(gpuimg(segment + "tiles --tile 64x64x3").succeeded());
  check_measurements(gpuimg);
  CHECK(gpuimg("compare whole/labels.tif tiles/labels.tif").out == "identical\n");
}

TEST_CASE("gpuimg run: what does not fit the memory is made in tiles without being asked",
          "[cli][slow]") {
  const program gpuimg;
  const shape large{1500, 1200};
  gpuimg.write("image.tif", picture_of(disc_labels(large)), large);
  const std::string blur = "run gaussian_blur --sigma_x 2 --sigma_y 2 image.tif ";
  REQUIRE(gpuimg(blur + "whole.tif").succeeded());
  const test::scoped_environment limit("GPUIMG_MEMORY_LIMIT", "16M");
  CHECK(gpuimg("plan gaussian_blur image.tif").succeeded());
  CHECK(gpuimg(blur + "tiles.tif").succeeded());
  CHECK(gpuimg("compare whole.tif tiles.tif").out == "identical\n");
}

TEST_CASE("gpuimg run --pipeline: the results of its steps, by name or in order", "[cli][slow]") {
  const program gpuimg;
  write_image(gpuimg);
  gpuimg.write_text("nuclei.json", nuclei);
  REQUIRE(gpuimg("run top_hat --radius_x 12 --radius_y 12 image.tif flat.tif").succeeded());
  REQUIRE(gpuimg("run voronoi_otsu_labeling --spot_sigma 3.5 --outline_sigma 1 flat.tif labels.tif")
              .succeeded());
  REQUIRE(gpuimg("run labels_statistics labels.tif image.tif table.csv").succeeded());
  const std::string brightest = gpuimg("run maximum_of_all_pixels image.tif").out;

  for (const std::string tiles : {"", " --tile 100x90"}) {
    const auto named = gpuimg(
        "run --pipeline nuclei.json image.tif --out flat=f.tif --out "
        "labels=l.tif --out measurements=m.csv" +
        tiles);
    CHECK(named.succeeded());
    CHECK(named.out == "brightest               " + brightest);
    CHECK(gpuimg("compare labels.tif l.tif").out == "identical\n");
    CHECK(gpuimg("compare flat.tif f.tif").out == "identical\n");
    CHECK(text_of(gpuimg.path("m.csv")) == text_of(gpuimg.path("table.csv")));
  }
  const auto in_order =
      gpuimg("run --pipeline=nuclei.json image.tif --out flat=f2.png --out l2.tif --out m2.csv");
  CHECK(in_order.succeeded());
  CHECK(gpuimg("compare labels.tif l2.tif").out == "identical\n");
  CHECK(gpuimg("compare flat.tif f2.png").out == "identical\n");
  CHECK(text_of(gpuimg.path("m2.csv")) == text_of(gpuimg.path("table.csv")));

  gpuimg.write_text("chain.json", R"({"steps": [
    {"operation": "top_hat", "parameters": {"radius_x": 12, "radius_y": 12}},
    {"operation": "voronoi_otsu_labeling", "parameters": {"spot_sigma": 3.5, "outline_sigma": 1}}
  ]})");
  CHECK(gpuimg("run --pipeline chain.json image.tif --out chain.tif").succeeded());
  CHECK(gpuimg("compare labels.tif chain.tif").out == "identical\n");
}

TEST_CASE("gpuimg: a pipeline that means nothing is refused with file and place", "[cli][slow]") {
  const program gpuimg;
  write_image(gpuimg);
  struct refusal {
    std::string text, reason;
  };
  const std::string blur = R"({"name": "a", "operation": "gaussian_blur"})";
  for (const auto& [text, reason] : std::vector<refusal>{
           {"", "p.json: is no JSON: parse error at line 1"},
           {"{\"steps\": [}", "p.json: is no JSON: parse error at line 1, column 12"},
           {std::string(100000, '['), "p.json: is no JSON: "},
           {std::string((1 << 20) + 1, ' '), "p.json: is too large for a pipeline"},
           {"[]", "p.json: must be an object"},
           {"{}", "p.json: a pipeline has steps"},
           {R"({"steps": []})", "p.json: a pipeline has steps"},
           {R"({"step": []})", "p.json: there is no 'step' here; did you mean steps?"},
           {R"({"steps": [{"operation": 7}]})", "step 1: operation: must be a name"},
           {R"({"steps": [{"operation": "gausian_blur"}]})",
            "p.json: step 1: there is no operation 'gausian_blur'; did you mean gaussian_blur?"},
           {R"({"steps": [{"operation": "top_hat_sphere"}]})", "in gpuimg it is top_hat"},
           {R"({"steps": [{"operation": "gaussian_blur", "parameters": {"sigma": 2}}]})",
            "p.json: step 1: gaussian_blur has no parameter sigma; did you mean sigma_x or"},
           {R"({"steps": [{"operation": "gaussian_blur", "parameters": {"sigma_x": -2}}]})",
            "gaussian_blur: sigma_x must be finite and >= 0"},
           {R"({"steps": [{"operation": "gaussian_blur", "parameters": {"sigma_x": "wide"}}]})",
            "p.json: step 1: sigma_x must be a number, got 'wide'"},
           {R"({"steps": [{"operation": "gaussian_blur", "parameters": {"sigma_x": 1e300}}]})",
            "gaussian_blur: sigma_x must be >= 0 and <= 10000, got 1e+300"},
           {R"({"steps": [{"operation": "gaussian_blur", "parameters": {"sigma_x": null}}]})",
            "step 1: sigma_x: must be a number, a word"},
           {R"({"steps": [{"operation": "add_images_weighted"}]})",
            "p.json: step 1: add_images_weighted: takes 2 images, got 1"},
           {R"({"steps": [{"name": "a", "operation": "gaussian_blur", "inputs": ["b"]},
                          {"name": "b", "operation": "gaussian_blur", "inputs": ["a"]}]})",
            "p.json: step 1: a: 'b' is no step before this one"},
           {R"({"steps": [{"operation": "gaussian_blur", "inputs": ["srx"]}]})",
            "nothing is called 'srx'; did you mean src?"},
           {R"({"steps": [)" + blur + "," + blur + "]}", "step 2: a: the name 'a' is taken"},
           {R"({"inputs": ["src", "src"], "steps": [)" + blur + "]}",
            "p.json: inputs: the pipeline has an input src already"},
           {R"({"steps": [)" + blur + R"(], "outputs": ["b"]})",
            "p.json: outputs: nothing is called 'b'"},
           {R"({"steps": [{"operation": "mean_of_all_pixels"}, {"operation": "gaussian_blur"}]})",
            "p.json: step 2: gaussian_blur: src must be an image, got the scalar"},
           {R"({"steps": [{"operation": "gaussian_blur"}, {"operation": "binary_erode"}]})",
            "binary_erode: src must be u8"}}) {
    gpuimg.write_text("p.json", text);
    for (const char* command :
         {"run --pipeline p.json image.tif --out out.tif", "plan --pipeline p.json image.tif"}) {
      const auto result = gpuimg(command);
      INFO("should say '" << reason << "'");
      CHECK(result.refused());
      CHECK(result.err.find(reason) != std::string::npos);
    }
    CHECK_FALSE(gpuimg.has("out.tif"));
  }
}

TEST_CASE("gpuimg: what is asked of tiles and cannot be is refused", "[cli][slow]") {
  const program gpuimg;
  write_image(gpuimg);
  {
    const auto pixels = picture_of(disc_labels({80, 80}));
    gpuimg::io::tiff_writer movie(gpuimg.path("movie.tif"), {.frames = 2});
    for (int frame = 0; frame < 2; ++frame) movie.append({.size = {80, 80}, .pixels = pixels});
    movie.close();
  }
  gpuimg.write_text("nuclei.json", nuclei);
  gpuimg.write_text("file", "");
  for (const auto& [words, reason] : std::vector<std::pair<std::string, std::string>>{
           {"run gaussian_blur --tile 64 image.tif out.tif", "--tile: expects XxY or XxYxZ"},
           {"run gaussian_blur --tile 0x64 image.tif out.tif", "--tile: expects XxY or XxYxZ"},
           {"run gaussian_blur --memory_limit much image.tif out.tif",
            "'much' is not a number of bytes"},
           {"run gaussian_blur --memory_limit 1K image.tif out.tif", " are not possible"},
           {"run gaussian_blur --tile auto --resume file image.tif out.tif", "file: "},
           {"run gaussian_blur --tile auto --resume state movie.tif out.tif",
            "--resume is for one volume, not 1 channel, 2 frames; pick with --channel"},
           {"run gaussian_blur --tile auto movie.tif out.png",
            "out.png: a PNG file holds one volume, not 1 channel, 2 frames"},
           {"run --pipeline missing.json image.tif", "missing.json: there is no such file"},
           {"run --pipeline", "--pipeline"},
           {"run --pipeline nuclei.json", "the pipeline takes 1 input file (src), got 0"},
           {"run --pipeline nuclei.json image.tif image.tif", "(src), got 2"},
           {"run --pipeline nuclei.json image.tif",
            "the output labels has no file; pass --out labels=FILE.tif"},
           {"run --pipeline nuclei.json image.tif --out label=out.tif",
            "the pipeline has no output 'label'; did you mean labels?"},
           {"run --pipeline nuclei.json image.tif --out labels=out.tif --out labels=b.tif",
            "the output labels has two files"},
           {"run --pipeline nuclei.json image.tif --out a.tif --out b.csv --out c.tif --out d.csv "
            "--out out.tif",
            "the pipeline has 4 outputs, and none is left for out.tif"},
           {"run --pipeline nuclei.json image.tif --out labels=out.png --out flat=b.tif",
            "out.png: a PNG file holds u8 or u16 pixels, not u32"},
           {"run --pipeline nuclei.json image.tif --out labels=image.tif --out flat=b.tif",
            "image.tif: is an input"},
           {"plan", "plan OPERATION (gpuimg list shows all) or --pipeline FILE"},
           {"plan gaussian_blur", "takes 1 input file (src), got 0"},
           {"verify-tiling gausian_blur image.tif", "did you mean gaussian_blur?"},
           {"segment image.tif --out out --tile auto --truth image.tif",
            "--truth is not for images in tiles"}}) {
    const auto result = gpuimg(words);
    INFO("should say '" << reason << "'");
    CHECK(result.refused());
    CHECK(result.err.find(reason) != std::string::npos);
    CHECK_FALSE(gpuimg.has("out.tif"));
  }
}

TEST_CASE("gpuimg plan: passes, tiles, halos and memory, before anything runs", "[cli][slow]") {
  const program gpuimg;
  write_image(gpuimg);
  const auto whole = gpuimg("plan gaussian_blur --sigma_x 5 --sigma_y 5 image.tif");
  REQUIRE(whole.succeeded());
  REQUIRE(passes_of(whole.out).size() == 1);
  CHECK(passes_of(whole.out)[0].find("600x400  1x1x1  600x400  20x20x0  1.00x") !=
        std::string::npos);
  const auto tiles = gpuimg("plan gaussian_blur --sigma_x 5 --sigma_y 5 --tile 256x256 image.tif");
  CHECK(passes_of(tiles.out)[0].find("3x2x1  256x256  20x20x0") != std::string::npos);

  gpuimg.write_text("nuclei.json", nuclei);
  const auto pipeline = gpuimg("plan --pipeline nuclei.json --memory-limit 8M image.tif");
  CHECK(pipeline.succeeded());
  CHECK(passes_of(pipeline.out).size() > 4);
}

TEST_CASE("gpuimg verify-tiling: tiles are the whole, and margins as wide as must be",
          "[cli][slow]") {
  const program gpuimg;
  const shape large{700, 560};
  gpuimg.write("noise.tif", gpuimg::samples::random_pixels<std::uint16_t>(large, 3), large);
  const auto margins = [](const std::string& text) {
    std::vector<std::string> all;
    for (const auto& line : lines_of(text))
      if (line.starts_with("margin of ")) all.push_back(line);
    return all;
  };
  const auto blur = gpuimg("verify-tiling gaussian_blur --sigma_x 5 --sigma_y 1 noise.tif");
  CHECK(blur.succeeded());
  CHECK(blur.out.find(" 0 of 262144 pixels differ between tiles and the whole") !=
        std::string::npos);
  REQUIRE(margins(blur.out).size() == 2);
  CHECK(margins(blur.out)[0].starts_with("margin of dst, x        20 pixels; with one less, "));
  CHECK(margins(blur.out)[1].starts_with("margin of dst, y        4 pixels; with one less, "));

  const auto top_hat =
      gpuimg("verify-tiling top_hat --radius_x 3 --radius_y 2 noise.tif --part 400x300");
  CHECK(top_hat.succeeded());
  REQUIRE(margins(top_hat.out).size() == 2);
  CHECK(margins(top_hat.out)[0].starts_with("margin of dst, x        6 pixels; "));
  CHECK(margins(top_hat.out)[1].starts_with("margin of dst, y        4 pixels; "));

  write_image(gpuimg);
  gpuimg.write_text("nuclei.json", nuclei);
  const auto nuclei_result =
      gpuimg("verify_tiling --pipeline nuclei.json image.tif --part 300x200");
  CHECK(nuclei_result.succeeded());
  for (const char* name : {"labels", "measurements", "flat", "brightest"})
    CHECK(nuclei_result.out.find("\n" + std::string(name) + " ") != std::string::npos);
}

TEST_CASE("gpuimg segment: in tiles it writes the same labels and measurements", "[cli][slow]") {
  const program gpuimg;
  const shape volume = GENERATE(shape{600, 400}, shape{120, 80, 12});
  gpuimg.write("image.tif", picture_of(disc_labels(volume)), volume, {.pixel_size = {0.5, 0.5, 1}});
  const std::string segment =
      "segment image.tif --spot-sigma 3.5 --background-radius 9 --minimum-size 20 --out ";
  REQUIRE(gpuimg(segment + "whole").succeeded());
  const auto tiles = gpuimg(segment + "tiles --tile 50x64x5");
  REQUIRE(tiles.succeeded());
  CHECK(tiles.out.find("pass 1, ") != std::string::npos);
  CHECK(gpuimg("compare whole/labels.tif tiles/labels.tif").out == "identical\n");
  check_measurements(gpuimg);
  CHECK_FALSE(gpuimg.has("tiles/overlay.png"));
}

TEST_CASE("gpuimg segment: what is killed goes on where it was", "[cli][slow]") {
  const program gpuimg;
  const shape large{1200, 1000};
  gpuimg.write("image.tif", picture_of(disc_labels(large)), large);
  const std::string options = "--spot-sigma 3.5 --background-radius 9";
  REQUIRE(gpuimg("segment image.tif --out whole " + options).succeeded());
  const auto files_in = [&](const std::string& folder) {
    std::error_code ignored;
    return std::distance(std::filesystem::directory_iterator(gpuimg.folder() / folder, ignored),
                         std::filesystem::directory_iterator());
  };
  for (int kills = 0; kills < 3; ++kills) {
    const auto before = files_in("state");
    const pid_t child =
        test::start_program(gpuimg.executable(),
                            {"segment", "image.tif", "--out", "tiles", "--spot-sigma", "3.5",
                             "--background-radius", "9", "--tile", "128x128", "--resume", "state"},
                            gpuimg.folder().string());
    for (int tries = 0; tries < 30000 && files_in("state") < before + 20; ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    ::kill(child, SIGKILL);
    CHECK(test::ending_signal(child) == SIGKILL);
    CHECK(files_in("state") > before);
    CHECK_FALSE(gpuimg.has("tiles/labels.tif"));
  }
  const std::string again = "segment image.tif --out tiles --tile 128x128 --resume state ";
  const auto other = gpuimg(again + "--spot-sigma 4 --background-radius 9");
  CHECK(other.status == 2);
  CHECK(other.err.find("interrupted run of something else") != std::string::npos);
  CHECK(gpuimg(again + options).succeeded());
  CHECK(gpuimg("compare whole/labels.tif tiles/labels.tif").out == "identical\n");
  check_measurements(gpuimg);
  CHECK_FALSE(gpuimg.has("state"));
  CHECK_FALSE(gpuimg.has("tiles/labels.tif.part"));
}

TEST_CASE("gpuimg segment: a full disk ends it with the file that does not fit", "[cli][slow]") {
  const program gpuimg;
  write_image(gpuimg);
  std::filesystem::create_directory(gpuimg.path("temporary"));
  const test::scoped_environment place("TMPDIR", gpuimg.path("temporary"));
  const std::string segment =  // drivers write files, too, and end the program where they cannot
      "segment image.tif --spot-sigma 3.5 --background-radius 9 --tile 100x90 --device reference ";
  REQUIRE(gpuimg(segment + "--out whole").succeeded());
  struct limit {
    rlim_t bytes;
    std::string options, file;
  };
  for (const limit& each :
       {limit{200000, "", "out/labels.tif"}, limit{5000, "--memory-limit 3M", "temporary"},
        limit{1000, "--resume state", "state/pass_"}}) {
    const auto result = [&] {
      const test::full_disk disk(each.bytes);
      return gpuimg(segment + "--out out " + each.options);
    }();
    CHECK(result.status == 2);
    CHECK(result.err.starts_with("gpuimg: "));
    CHECK(lines_of(result.err).size() == 1);
    CHECK(result.err.find(each.file) != std::string::npos);
    CHECK(result.err.ends_with("cannot be written: File too large\n"));
    for (const auto& entry : std::filesystem::directory_iterator(gpuimg.path("out")))
      CHECK(entry.path().extension() == ".part");
    CHECK(std::filesystem::is_empty(gpuimg.path("temporary")));
  }
  CHECK(gpuimg(segment + "--out out --resume state").succeeded());
  CHECK(gpuimg("compare whole/labels.tif out/labels.tif").out == "identical\n");
  CHECK_FALSE(gpuimg.has("state"));
}

TEST_CASE("gpuimg segment: a signal ends it without temporary files", "[cli][slow]") {
  const program gpuimg;
  const shape large{2400, 2000};
  gpuimg.write("image.tif", picture_of(disc_labels(large)), large);
  std::filesystem::create_directory(gpuimg.path("temporary"));
  const test::scoped_environment place("TMPDIR", gpuimg.path("temporary"));
  const auto files_in = [&](const std::string& folder) {
    std::error_code ignored;
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(gpuimg.folder() / folder, ignored))
      names.push_back(entry.path().filename().string());
    return names;
  };
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGKILL})
    for (const int milliseconds : {0, 200, 500}) {
      const pid_t child = test::start_program(
          gpuimg.executable(),
          {"segment", "image.tif", "--out", "out", "--spot-sigma", "3.5", "--background-radius",
           "9", "--tile", "64x64", "--memory-limit", "4M", "--device", "reference"},
          gpuimg.folder().string());
      for (int tries = 0; tries < 30000 && files_in("out").empty(); ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
      ::kill(child, signal);
      CHECK(test::ending_signal(child) == signal);
      INFO("signal " << signal << " after " << milliseconds << " ms");
      CHECK(files_in("temporary").empty());
      const auto left = files_in("out");
      if (signal != SIGKILL) {
        CHECK(left.empty());
      } else {
        CHECK(left.size() <= 1);  // what tries whether it may write there is gone at once
        for (const auto& name : left) {
          CHECK(name.starts_with("gpuimg"));
          CHECK(name.ends_with(".tmp"));
        }
      }
      std::filesystem::remove_all(gpuimg.path("out"));
    }
}
