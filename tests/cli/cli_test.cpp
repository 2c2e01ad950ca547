// SPDX-License-Identifier: BSD-3-Clause
// Tests of the command line program from outside: exit status, output, one line for what is
// refused.
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/gpuimg.hpp"
#include "gpuimg/io/csv.hpp"
#include "gpuimg/io/png.hpp"
#include "gpuimg/io/tiff.hpp"
#include "registry/catalogue.hpp"
#include "support/devices.hpp"
#include "support/files.hpp"
#include "support/images.hpp"
#include "support/process.hpp"
#include "support/program.hpp"

using gpuimg::shape;
using gpuimg::view;
using test::lines_of;
using test::program;
using test::text_of;
namespace io = gpuimg::io;
using nlohmann::json;

using test::disc_labels;
using test::lines_of;
using test::picture_of;
using test::program;
using test::text_of;

namespace {

constexpr shape small_size{24, 20, 3};

/// Writes image.tif (u16, with a pixel size), labels.tif (u8) and mask.tif (u8), all of one shape,
/// and plane.tif, which is as wide and high.
void write_small_images(const program& gpuimg) {
  std::vector<std::uint16_t> image(small_size.pixels());
  std::vector<std::uint8_t> labels(image.size()), mask(image.size());
  for (std::size_t i = 0; i < image.size(); ++i) {
    image[i] = static_cast<std::uint16_t>(test::random_below(4000, 2, i));
    labels[i] = static_cast<std::uint8_t>(i / 300);
    mask[i] = static_cast<std::uint8_t>(i % 7 < 3 ? 7 : 0);
  }
  gpuimg.write("image.tif", image, small_size, {.pixel_size = {0.5, 0.25, 2}});
  gpuimg.write("labels.tif", labels, small_size);
  gpuimg.write("mask.tif", mask, small_size);
  const shape plane{small_size.x, small_size.y};
  gpuimg.write("plane.tif", std::vector<std::uint16_t>(plane.pixels(), 1), plane);
}

/// The files that an operation of the list takes: those of write_small_images.
std::string inputs_of(const json& operation) {
  std::string words;
  for (const auto& input : operation["inputs"])
    words += " " +
             (input["name"] == "position" ? std::string("plane")
              : input["kind"] == "binary" ? std::string("mask")
                                          : input["kind"].get<std::string>()) +
             ".tif";
  return words;
}

}  // namespace

TEST_CASE("gpuimg: help has status 0 everywhere", "[cli][slow]") {
  const program gpuimg;
  for (const char* words :
       {"--help", "-h", "--version", "devices --help", "info --help", "list --help", "run --help",
        "run gaussian_blur --help", "run --pipeline p.json --help", "plan --help",
        "plan top_hat --help", "verify-tiling --help", "segment --help", "score --help",
        "agree --help", "parity --help", "compare --help"}) {
    const auto result = gpuimg(words);
    CHECK(result.succeeded());
    CHECK_FALSE(result.out.empty());
  }
}

TEST_CASE("gpuimg run OPERATION --help: every parameter with default, unit and range",
          "[cli][slow]") {
  const program gpuimg;
  const auto blur = gpuimg("run gaussian_blur --help").out;
  CHECK(blur.find("--sigma_x NUMBER") != std::string::npos);
  CHECK(blur.find("[0 pixel, >= 0, <= 10000]") != std::string::npos);
  CHECK(blur.find("--border nearest|reflect|mirror|wrap|constant") != std::string::npos);
}

TEST_CASE("gpuimg devices: a line per device, the reference last", "[cli][slow]") {
  const program gpuimg;
  const auto result = gpuimg("devices");
  CHECK(result.succeeded());
  const auto lines = lines_of(result.out);
  REQUIRE(lines.size() == gpuimg::device::list().size());
  CHECK(lines.back().find("reference") != std::string::npos);
}

TEST_CASE("gpuimg info: says what a TIFF or PNG file holds", "[cli][slow]") {
  const program gpuimg;
  write_small_images(gpuimg);
  const auto tiff = gpuimg("info image.tif");
  CHECK(tiff.succeeded());
  for (const char* part : {"24x20x3", "u16", "0.5 x 0.25 x 2 um", "ImageJ", "none"})
    CHECK(tiff.out.find(part) != std::string::npos);

  const std::vector<std::uint8_t> red(3 * 6, 200);
  io::write_png_rgb(gpuimg.path("colour.png"), 3, 2, red);
  const auto png = gpuimg("info colour.png");
  CHECK(png.succeeded());
  CHECK(png.out.find("3x2") != std::string::npos);
}

TEST_CASE("gpuimg list: JSON names all operations, and describes each completely", "[cli][slow]") {
  const program gpuimg;
  const auto result = gpuimg("list --json");
  REQUIRE(result.succeeded());
  const json list = json::parse(result.out);

  std::vector<std::string> names, expected;
  for (const auto& operation : list) names.push_back(operation.at("name"));
  for (const auto& entry : gpuimg::catalogue()) expected.emplace_back(entry.about->name);
  CHECK(names == expected);

  const std::set<std::string> outputs{"image", "binary", "labels", "scalar", "table"};
  for (const auto& operation : list) {
    INFO(operation.dump());
    CHECK(operation.at("theme").is_string());
    CHECK(operation.at("brief").is_string());
    CHECK((operation.at("inputs").size() >= 1 && operation.at("inputs").size() <= 4));
    CHECK(operation.at("outputs").size() >= 1);
    for (const auto& output : operation.at("outputs"))
      CHECK(outputs.contains(output.at("kind").get<std::string>()));
    CHECK((operation.at("tolerance").is_null() || operation["tolerance"].contains("reason")));
    for (const auto& parameter : operation.at("parameters")) {
      const std::string type = parameter.at("type");
      const json& preset = parameter.at("default");
      if (type == "number") CHECK((preset.is_number() || preset.is_null() || preset.is_array()));
      if (type == "integer") CHECK(preset.is_number_integer());
      if (type == "boolean") CHECK(preset.is_boolean());
      if (type == "choice")
        CHECK(std::ranges::count(parameter.at("choices"), preset) == 1);
      else
        CHECK(parameter.at("choices").empty());
      for (const char* limit : {"minimum", "maximum"})
        CHECK((parameter.at(limit).is_number() || parameter.at(limit).is_null()));
      CHECK(parameter.at("unit").is_string());
      CHECK_FALSE(parameter.at("help").get<std::string>().empty());
    }
  }

  const auto table = gpuimg("list").out;
  for (const auto& name : names) CHECK(table.find("  " + name + " ") != std::string::npos);
}

TEST_CASE("gpuimg run: every operation runs; OpenCL gives the reference's pixels", "[cli][slow]") {
  const program gpuimg;
  write_small_images(gpuimg);
  std::set<std::string> compared;  // the agreement tests compare all, here one of a kind is enough
  for (const auto& operation : json::parse(gpuimg("list --json").out)) {
    const std::string name = operation["name"], output = operation["outputs"][0]["kind"];
    const std::string words = "run " + name + inputs_of(operation);
    const bool is_new = operation["tolerance"].is_null() &&
                        compared.insert(operation["theme"].get<std::string>() + output).second;
    INFO(words);
    if (output == "scalar" || output == "table") {
      const auto reference = gpuimg(words + " --device reference");
      CHECK(reference.succeeded());
      CHECK_FALSE(reference.out.empty());
      if (is_new) CHECK(gpuimg(words).out == reference.out);
      continue;
    }
    CHECK(gpuimg(words + " reference.tif --device reference").succeeded());
    if (is_new) {
      CHECK(gpuimg(words + " best.tif").succeeded());
      CHECK(gpuimg("compare best.tif reference.tif").out == "identical\n");
    }
    const auto image = gpuimg.read("reference.tif");
    if (output == "labels") CHECK(image.type() == gpuimg::pixel_type::u32);
    if (output == "binary") CHECK(image.type() == gpuimg::pixel_type::u8);
    CHECK(image.pixel_size[0] ==
          (inputs_of(operation).find("image") == std::string::npos ? 0 : 0.5));
  }
}

TEST_CASE("gpuimg run: parameters are set by name, negative ones too", "[cli][slow]") {
  const program gpuimg;
  gpuimg.write<std::int16_t>("a.tif", {-4, 0, 10, 7}, {2, 2});
  for (const char* scalar : {"--scalar -3", "--scalar=-3", "--scalar -3.0", "--scalar=-3e0"}) {
    CHECK(gpuimg("run add_image_and_scalar a.tif " + std::string(scalar) + " b.tif").succeeded());
    CHECK(gpuimg.pixels<float>("b.tif") == std::vector<float>{-7, -3, 7, 4});
  }
  CHECK(gpuimg("run gaussian_blur --sigma_x 1 --border mirror a.tif b.tif").succeeded());
}

TEST_CASE("gpuimg run: two images of different types both become f32", "[cli][slow]") {
  const program gpuimg;
  gpuimg.write<std::int16_t>("a.tif", {-4, 10}, {2, 1});
  gpuimg.write<std::uint32_t>("b.tif", {1, 70000}, {2, 1});
  CHECK(gpuimg("run add_images_weighted --factor2 2 a.tif b.tif c.tif").succeeded());
  CHECK(gpuimg.pixels<float>("c.tif") == std::vector<float>{-2, 140010});
}

TEST_CASE("gpuimg run: PNG files come in and go out", "[cli][slow]") {
  const program gpuimg;
  const std::vector<std::uint8_t> bytes{0, 100, 200, 250};
  io::write_png(gpuimg.path("a.png"), view(bytes.data(), {4, 1}));
  CHECK(gpuimg("run greater_constant --scalar 150 a.png b.png").succeeded());
  CHECK(gpuimg.pixels<std::uint8_t>("b.png") == std::vector<std::uint8_t>{0, 0, 255, 255});

  CHECK(gpuimg("run greater_constant --scalar 150 a.png b.tif").succeeded());
  CHECK(gpuimg.pixels<std::uint8_t>("b.tif") == std::vector<std::uint8_t>{0, 0, 1, 1});

  CHECK(gpuimg("run maximum_z_projection a.png c.png").succeeded());
  CHECK(gpuimg("compare a.png c.png").out == "identical\n");

  gpuimg.write<std::uint16_t>("d.tif", {1, 2, 65535}, {3, 1});
  CHECK(gpuimg("run maximum_z_projection d.tif d.png").succeeded());
  CHECK(gpuimg("compare d.tif d.png").out == "identical\n");

  const auto refused = gpuimg("run gaussian_blur a.png e.png");
  CHECK(refused.refused());
  CHECK(refused.err.find("not f32") != std::string::npos);
  CHECK_FALSE(gpuimg.has("e.png"));
}

TEST_CASE("gpuimg run: colours need --grey", "[cli][slow]") {
  const program gpuimg;
  io::write_png_rgb(gpuimg.path("a.png"), 2, 1, std::vector<std::uint8_t>{9, 9, 9, 70, 70, 70});
  const auto refused = gpuimg("run maximum_z_projection a.png b.png");
  CHECK(refused.refused());
  CHECK(refused.err == "gpuimg: a.png: holds RGB pixels; pass --grey to convert them to grey\n");
  CHECK(gpuimg("segment a.png --out out").err == refused.err);
  CHECK(gpuimg("run maximum_z_projection --grey a.png b.png").succeeded());
  CHECK(gpuimg.pixels<std::uint8_t>("b.png") == std::vector<std::uint8_t>{9, 70});

  std::filesystem::copy_file(std::string(GPUIMG_TEST_SOURCE_DIR) + "/io/data/palette_u8.tif",
                             gpuimg.path("a.tif"));
  const auto tiff = gpuimg("run maximum_z_projection a.tif b.tif");
  CHECK(tiff.refused());
  CHECK(tiff.err.find("a.tif, page 0: holds palette pixels; pass --grey") != std::string::npos);

  const auto labels = gpuimg("score a.png a.png");  // has no such option
  CHECK(labels.refused());
  CHECK(labels.err == "gpuimg: a.png: holds RGB pixels; they must be grey here\n");
}

TEST_CASE("gpuimg run: labels are whole numbers of any type", "[cli][slow]") {
  const program gpuimg;
  gpuimg.write<float>("whole.tif", {0, 5, 5, 9}, {4, 1});
  gpuimg.write<float>("half.tif", {0, 0.5f, 5, 9}, {4, 1});
  gpuimg.write<std::int16_t>("negative.tif", {0, 5, -1, 9}, {4, 1});
  CHECK(gpuimg("run relabel_sequential whole.tif labels.tif").succeeded());
  CHECK(gpuimg.pixels<std::uint32_t>("labels.tif") == std::vector<std::uint32_t>{0, 1, 1, 2});
  const auto half = gpuimg("run relabel_sequential half.tif labels.tif");
  CHECK(half.refused());
  CHECK(half.err ==
        "gpuimg: half.tif: labels must be whole numbers from 0 to 4294967295, got 0.5\n");
  const auto negative = gpuimg("run relabel_sequential negative.tif labels.tif");
  CHECK(negative.refused());
  CHECK(negative.err.find("got -1") != std::string::npos);
}

TEST_CASE("gpuimg run: a table is CSV that reads back exactly", "[cli][slow]") {
  const program gpuimg;
  gpuimg.write<std::uint8_t>("labels.tif", {0, 1, 1, 1}, {4, 1});
  gpuimg.write<std::uint16_t>("image.tif", {9, 1, 2, 4}, {4, 1});
  const auto result = gpuimg("run labels_statistics labels.tif image.tif");
  REQUIRE(result.succeeded());
  const auto lines = lines_of(result.out);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("label,area,centroid_x,"));
  CHECK(lines[1].starts_with("1,3,2,0,0,"));
  CHECK(lines[1].find(",2.3333333333333335,") != std::string::npos);
  gpuimg.write<std::uint16_t>("short.tif", {7, 5}, {2, 1});
  CHECK(gpuimg("run concatenate_along_x image.tif short.tif longer.tif").succeeded());
  CHECK(gpuimg.read("longer.tif").size == shape{6, 1});
  CHECK(gpuimg("run crop --start_x 2 --width 2 image.tif part.tif").succeeded());
  CHECK(gpuimg.read("part.tif").size == shape{2, 1});
  gpuimg.write_text("table.csv.tmp", "mine");
  CHECK(gpuimg("run labels_statistics labels.tif image.tif table.csv").succeeded());
  CHECK(text_of(gpuimg.path("table.csv")) == result.out);
  CHECK(text_of(gpuimg.path("table.csv.tmp")) == "mine");
}

TEST_CASE("gpuimg: bad input has status 2 and one line that says why", "[cli][slow]") {
  const program gpuimg;
  write_small_images(gpuimg);
  gpuimg.write_text("text.tif", "this is no image\n");
  gpuimg.write_text("empty.tif", "");
  gpuimg.write_text("short.tif", text_of(gpuimg.path("image.tif")).substr(0, 500));
  gpuimg.write_text("short.png", "\x89PNG\r\n\x1a\n\x01\x02");
  gpuimg.write_text("file", "");
  std::filesystem::create_directory(gpuimg.folder() / "folder");
  std::filesystem::create_directory(gpuimg.folder() / "taken.tif");

  struct refusal {
    const char* words;
    const char* reason;
  };
  for (const auto& [words, reason] : std::vector<refusal>{
           {"", "subcommand"},
           {"frobnicate", "subcommand"},
           {"info", "file is required"},
           {"info image.tif labels.tif", "not expected"},
           {"info missing.tif", "missing.tif: there is no such file"},
           {"info 'two\nlines.tif'", "two lines.tif: there is no such file"},
           {"info folder", "folder: is not a file"},
           {"info text.tif", "text.tif: "},
           {"info empty.tif", "empty.tif: "},
           {"info short.tif", "short.tif"},
           {"info short.png", "short.png: "},
           {"list --xml", "--xml"},
           {"devices all", "not expected"},
           {"run", "OPERATION"},
           {"run gausian_blur image.tif out.tif", "did you mean gaussian_blur?"},
           {"run no_such_thing image.tif out.tif", "there is no operation 'no_such_thing'"},
           {"run top_hat_sphere image.tif out.tif",
            "'top_hat_sphere'; in gpuimg it is top_hat (connectivity sphere)"},
           {"run statistics_of_labelled_pixels labels.tif image.tif",
            "in gpuimg it is labels_statistics (the label image comes first)"},
           {"run maximumZProjection image.tif out.tif", "in gpuimg it is maximum_z_projection\n"},
           {"run GaussianBlur2D --help", "in gpuimg it is gaussian_blur\n"},
           {"run --help_me", "there is no operation '--help_me'"},
           {"run gaussian_blur --sigma 2 image.tif out.tif", "--sigma"},
           {"run gaussian_blur --sigma_x -2 image.tif out.tif", "sigma_x must be finite and >= 0"},
           {"run gaussian_blur --sigma_x nan image.tif out.tif", "got nan"},
           {"run gaussian_blur --sigma_x two image.tif out.tif", "must be a number, got 'two'"},
           {"run gaussian_blur --sigma_x '' image.tif out.tif", "must be a number, got ''"},
           {"run gaussian_blur --sigma_x 1 --sigma_x 2 image.tif out.tif", "--sigma_x"},
           {"run gaussian_blur --border round image.tif out.tif", "must be nearest, reflect"},
           {"run gaussian_blur image.tif out.tif --sigma_x", "--sigma_x"},
           {"run gaussian_blur", "got 0 files"},
           {"run gaussian_blur image.tif", "got 1 file"},
           {"run gaussian_blur image.tif out.tif more.tif", "got 3 files"},
           {"run add_images_weighted image.tif out.tif", "takes 2 input files"},
           {"run mean_of_all_pixels image.tif out.tif", "and no output file, got 2 files"},
           {"run gaussian_blur missing.tif out.tif", "there is no such file"},
           {"run gaussian_blur folder out.tif", "is not a file"},
           {"run gaussian_blur short.tif out.tif", "short.tif"},
           {"run gaussian_blur short.png out.tif", "short.png"},
           {"run gaussian_blur image.tif out.jpg", "must end in .tif, .tiff or .png"},
           {"run gaussian_blur image.tif nowhere/out.tif", "nowhere/out.tif: "},
           {"run gaussian_blur image.tif taken.tif",
            "taken.tif: cannot be written: it is a folder"},
           {"run gaussian_blur image.tif image.tif",
            "image.tif: is an input, which is not written"},
           {"run labels_statistics labels.tif image.tif ./labels.tif", "./labels.tif: is an input"},
           {"run gaussian_blur image.tif file/out.tif", "file/out.tif: "},
           {"run gaussian_blur --channel 1 image.tif out.tif",
            "--channel must be < 1, got 1 [image.tif]"},
           {"run gaussian_blur --frame -1 image.tif out.tif",
            "--frame must be a whole number from 0 to 2147483647, got -1\n"},
           {"run gaussian_blur --channel 99999999999999999999 image.tif out.tif",
            "--channel must be a whole number from 0 to 2147483647, got 99999999999999999999\n"},
           {"run gaussian_blur --sigma_x 1e300 image.tif out.tif",
            "gaussian_blur: sigma_x must be >= 0 and <= 10000, got 1e300\n"},
           {"run mean_filter --radius_x 99999999999 image.tif out.tif",
            "mean_filter: radius_x must be >= 0 and <= "},
           {"run gaussian_blur --sigmax 1 image.tif out.tif",
            "there is no option --sigmax; did you mean --sigma_x or "},
           {"run gaussian_blur --warp-drive=3 image.tif out.tif",
            "there is no option --warp_drive\n"},
           {"run gaussian_blur --device warp_drive image.tif out.tif",
            "there is no device 'warp_drive'"},
           {"run histogram image.tif nowhere/table.csv",
            "nowhere/table.csv: cannot be written: there is no folder nowhere\n"},
           {"run histogram --bins 2.5 image.tif", "bins must be a whole number"},
           {"score labels.tif", "truth is required"},
           {"score labels.tif missing.tif", "there is no such file"},
           {"score --iou 2 labels.tif labels.tif", "--iou must be a number from 0 to 1, got 2\n"},
           {"compare image.tif missing.tif", "there is no such file"},
           {"segment image.tif", "--out is required"},
           {"segment image.tif --out file", "file: "},
           {"segment image.tif --out file/folder", "file/folder: "},
           {"segment missing.tif --out out", "there is no such file"},
           {"segment image.tif --out out --spot-sigma wide",
            "--spot_sigma must be a number from 0 to 10000, got wide\n"},
           {"segment image.tif --out out --minimum-size 99999999999",
            "--minimum_size must be a whole number from 0 to 2147483647, got 99999999999\n"},
           {"segment image.tif --out out --spotsigma 3",
            "there is no option --spotsigma; did you mean --spot_sigma"},
           {"segment image.tif --out out --truth image.tif --frame 2",
            "--frame must be < 1, got 2"},
           {"segment image.tif --out out --truth short.tif", "short.tif"},
           {"segment image.tif --out out --method watershed",
            "--method must be one of nuclei|voronoi-otsu|model, got watershed\n"},
           {"segment image.tif --out out --diameter -3",
            "--diameter must be a number from 1e-07 to 1000000000, got -3\n"},
           {"segment image.tif --out out --diameter 9 --spot_sigma 3",
            "--spot_sigma is of --method voronoi-otsu, not of nuclei\n"},
           {"segment image.tif --out out --method voronoi-otsu --exclude_edges",
            "--exclude_edges is of --method nuclei, not of voronoi-otsu\n"},
           {"segment image.tif --out out --method model", "--method model needs --model FILE\n"}}) {
    const auto result = gpuimg(words);
    INFO("gpuimg " << words << "\nshould say '" << reason << "', says\n" << result.err);
    CHECK(result.status == 2);
    CHECK(lines_of(result.err).size() == 1);
    CHECK(result.err.starts_with("gpuimg: "));
    CHECK(result.err.find(reason) != std::string::npos);
    CHECK_FALSE(gpuimg.has("out.tif"));
  }
  for (const auto& entry : std::filesystem::directory_iterator(gpuimg.folder()))
    CHECK(entry.path().extension() != ".tmp");
}

TEST_CASE("gpuimg segment: finds and measures discs, and scores them", "[cli][slow]") {
  const program gpuimg;
  const shape size = GENERATE(shape{160, 120}, shape{120, 80, 4});
  const auto truth = disc_labels(size);
  const std::size_t objects = std::ranges::max(truth);
  gpuimg.write("image.tif", picture_of(truth), size, {.pixel_size = {0.5, 0.5, 1}});
  gpuimg.write("truth.tif", truth, size);
  const std::string segment =
      "segment image.tif --spot-sigma 3.5 --outline-sigma 1 --minimum-size 0 --background-radius ";
  const auto result = gpuimg(segment + "0 --out results/here --truth truth.tif");
  REQUIRE(result.succeeded());
  CHECK(result.out.find("F1 at IoU 0.5           1\n") != std::string::npos);

  const auto labels = gpuimg.read("results/here/labels.tif");
  CHECK(labels.size == size);
  CHECK(labels.pixel_size[0] == 0.5);
  CHECK(std::ranges::max(std::get<std::vector<std::uint32_t>>(labels.pixels)) == objects);
  const auto rows = lines_of(text_of(gpuimg.path("results/here/measurements.csv")));
  CHECK(rows.size() == 1 + objects);
  CHECK(rows.front().starts_with("label,area,"));
  CHECK(rows.front().ends_with(size.is_3d() ? ",major,intermediate,minor" : ",roundness,solidity"));
  const auto report = text_of(gpuimg.path("results/here/report.html"));
  CHECK(report.find("gpuimg segment image.tif --spot-sigma 3.5 ") != std::string::npos);
  CHECK(report.find("lengths in") != std::string::npos);
  const auto overlay = io::read_png(gpuimg.path("results/here/overlay.png"),
                                    {.color = io::color_handling::luminance});
  CHECK(overlay.size.x % size.x == 0);

  CHECK(gpuimg(segment + "12 --out again --device reference --format tsv").succeeded());
  const auto with_tabs = text_of(gpuimg.path("again/measurements.tsv"));
  CHECK(with_tabs.starts_with("label\tarea\t"));
  CHECK(with_tabs.find(',') == std::string::npos);
  CHECK(io::read_csv(gpuimg.path("again/measurements.tsv")).rows.size() == objects);
  CHECK(gpuimg("segment image.tif --out none --minimum-size 1000000").succeeded());
  CHECK(lines_of(text_of(gpuimg.path("none/measurements.csv"))).size() == 1);

  CHECK(gpuimg("segment image.tif --out bad --spot-sigma -1").status == 2);
  CHECK(gpuimg("segment image.tif --out bad --background-radius -1").status == 2);
  CHECK(gpuimg("segment image.tif --out bad --minimum-size -1").status == 2);
}

TEST_CASE("gpuimg segment: nothing need be known about nuclei", "[cli][slow]") {
  const program gpuimg;
  const shape size{320, 240};
  const auto truth = disc_labels(size);
  const auto image = picture_of(truth);
  auto inverted = image;
  for (auto& pixel : inverted) pixel = static_cast<std::uint16_t>(60000 - pixel);
  gpuimg.write("image.tif", image, size);
  gpuimg.write("inverted.tif", inverted, size);
  gpuimg.write("truth.tif", truth, size);
  const auto says = [](const auto& result, const std::string& text) {
    return result.succeeded() && result.out.find(text) != std::string::npos;
  };

  const auto estimated = gpuimg("segment image.tif --out estimated --truth truth.tif");
  CHECK(says(estimated, "method                  nuclei\n"));
  CHECK(says(estimated, " pixels, estimated\n"));
  CHECK(says(estimated, "F1 at IoU 0.5           1\n"));
  CHECK_FALSE(says(estimated, "warning"));
  CHECK(gpuimg("segment image.tif --device reference --out reference").succeeded());
  CHECK(gpuimg("segment image.tif --tile 64x64 --out tiles").succeeded());
  CHECK(gpuimg("segment inverted.tif --invert --out dark").succeeded());
  for (const char* other : {"reference", "tiles", "dark"})
    CHECK(gpuimg("compare estimated/labels.tif " + std::string(other) + "/labels.tif").out ==
          "identical\n");

  CHECK(says(gpuimg("segment inverted.tif --out out"), "; --invert looks for dark objects\n"));
  CHECK(says(gpuimg("segment image.tif --invert --out out"),
             "; without --invert, bright objects are looked for\n"));
  CHECK(says(gpuimg("segment image.tif --diameter 16 --out near"), " pixels, estimated near 16\n"));
  CHECK(gpuimg("compare estimated/labels.tif near/labels.tif").out == "identical\n");
  CHECK(says(gpuimg("segment image.tif --diameter 60 --diameter_range 1.1 --out far"),
             "60 pixels, as given: none was found near it\n"));
  CHECK(gpuimg("segment image.tif --diameter 60 --diameter_range 1 --out exactly").succeeded());
  CHECK(gpuimg("compare far/labels.tif exactly/labels.tif").out == "identical\n");
  CHECK(gpuimg("compare estimated/labels.tif exactly/labels.tif").out != "identical\n");
  CHECK_FALSE(gpuimg("segment image.tif --diameter_range 2 --out none").succeeded());
  const auto given =
      gpuimg("segment image.tif --diameter 16 --diameter_range 1 --maximum_size 10 --out none");
  CHECK_FALSE(says(given, "estimate"));
  CHECK(says(given, "objects                 0\n"));
  CHECK(says(gpuimg("segment image.tif --minimum_size 1000 --out none"),
             "objects                 0\n"));
}

TEST_CASE("gpuimg segment: the distance of planes is the file's, or what is said", "[cli][slow]") {
  const program gpuimg;
  const shape size{120, 80, 16};
  const auto truth = disc_labels(size);
  const auto image = picture_of(truth);
  gpuimg.write("truth.tif", truth, size);
  gpuimg.write("file.tif", image, size, {.pixel_size = {0.5, 0.5, 1.5}});
  gpuimg.write("unknown.tif", image, size);
  gpuimg.write("odd.tif", image, size, {.pixel_size = {0.5, 0.5, 5000}});
  for (const char* words :
       {"file.tif --out file", "unknown.tif --spacing_z 3 --out three", "odd.tif --out odd"})
    REQUIRE(gpuimg("segment " + std::string(words)).succeeded());
  CHECK(gpuimg("segment unknown.tif --out unknown --truth truth.tif")
            .out.find("F1 at IoU 0.5           1\n") != std::string::npos);
  const auto labels = [&](const std::string& folder) {
    return gpuimg.pixels<std::uint32_t>(folder + "/labels.tif");
  };
  CHECK(labels("file") == labels("three"));
  CHECK(labels("odd") == labels("unknown"));
  CHECK(labels("file") != labels("unknown"));
}

TEST_CASE("gpuimg segment: shapes are in the unit of the file, else in pixels", "[cli][slow]") {
  const program gpuimg;
  const shape size = GENERATE(shape{120, 80}, shape{120, 80, 16});
  const auto image = picture_of(disc_labels(size));
  gpuimg.write("known.tif", image, size, {.pixel_size = {0.5, 0.5, 0.5}, .unit = "um"});
  gpuimg.write("unknown.tif", image, size);
  const auto feret_of = [&](const std::string& name, const std::string& unit) {
    const auto result = gpuimg("segment " + name + ".tif --spot_sigma 3.5 --out " + name);
    CHECK(result.out.find("lengths in              " + unit + "\n") != std::string::npos);
    const auto table = gpuimg::io::read_csv(gpuimg.path(name + "/measurements.csv"));
    const auto column = std::ranges::find(table.columns, "feret") - table.columns.begin();
    return table.rows.at(0).at(static_cast<std::size_t>(column));
  };
  const double feret = feret_of("unknown", "pixels");
  CHECK(feret > 16);
  CHECK(feret_of("known", "um") == Approx(feret / 2));
}

TEST_CASE("gpuimg segment: thousands of specks are doubted", "[cli][slow]") {
  const program gpuimg;
  const shape size{300, 200};
  std::vector<std::uint16_t> noise(size.pixels());
  for (std::size_t i = 0; i < noise.size(); ++i)
    noise[i] = static_cast<std::uint16_t>(test::random_below(200, 1, i));
  gpuimg.write("noise.tif", noise, size);
  CHECK(gpuimg("segment noise.tif --out out").out.find("if that is noise, --diameter says how") !=
        std::string::npos);
  CHECK(gpuimg("segment noise.tif --spot_sigma 0.7 --out out")
            .out.find("if that is noise, a larger --spot_sigma") != std::string::npos);
}

TEST_CASE("gpuimg segment: an image without objects gives files without objects", "[cli][slow]") {
  const program gpuimg;
  gpuimg.write("flat.tif", std::vector<float>(30 * 20, 7.f), {30, 20});
  CHECK(gpuimg("segment flat.tif --out out").succeeded());
  CHECK(std::ranges::max(gpuimg.pixels<std::uint32_t>("out/labels.tif")) == 0);
}

TEST_CASE("gpuimg segment: infinite pixels are refused by name, and NaN pixels are counted",
          "[cli][slow]") {
  const program gpuimg;
  std::vector<float> pixels(30 * 20);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i % 7);
  pixels[3] = std::nanf("");
  gpuimg.write("nan.tif", pixels, {30, 20});
  const auto nan = gpuimg("segment nan.tif --out out");
  CHECK(nan.succeeded());
  CHECK(nan.out.find("NaN pixels              1, background as far as the blur reaches\n") !=
        std::string::npos);
  pixels[4] = HUGE_VALF;
  gpuimg.write("inf.tif", pixels, {30, 20});
  const auto infinite = gpuimg("segment inf.tif --out none");
  CHECK(infinite.status == 2);
  CHECK(infinite.err ==
        "gpuimg: inf.tif: 1 pixel is infinite; no threshold can be found among them\n");
  CHECK_FALSE(gpuimg.has("none/labels.tif"));
}

TEST_CASE("gpuimg segment: every frame of one channel, which the report names", "[cli][slow]") {
  const program gpuimg;
  const shape size{80, 40};
  const auto labels = disc_labels(size);
  io::tiff_writer writer(gpuimg.path("movie.tif"),
                         {.pixel_size = {0.5, 0.5, 1}, .channels = 2, .frames = 3});
  std::vector<std::uint16_t> dark(size.pixels(), 100);
  for (std::size_t frame = 0; frame < 3; ++frame) {
    const auto picture = picture_of(labels);
    const auto& shown = frame == 1 ? dark : picture;
    writer.append(view<const std::uint16_t>(dark.data(), size));
    writer.append(view<const std::uint16_t>(shown.data(), size));
  }
  writer.close();

  const auto result = gpuimg("segment movie.tif --out out --channel 1 --spot_sigma 3.5");
  REQUIRE(result.succeeded());
  CHECK(result.out.find("volumes                 channel 1 of 2, 3 frames\n") != std::string::npos);
  const auto rows = lines_of(text_of(gpuimg.path("out/measurements.csv")));
  REQUIRE(rows.size() == 5);  // two objects in each of two frames
  CHECK(rows[0].starts_with("channel,frame,label,area,"));
  CHECK(rows[1].starts_with("1,0,1,"));
  CHECK(rows[4].starts_with("1,2,2,"));
  io::tiff_reader found(gpuimg.path("out/labels.tif"));
  CHECK(found.info().channels == 1);
  CHECK(found.info().frames == 3);
  for (const auto& [frame, objects] : {std::pair{0U, 2U}, {1U, 0U}, {2U, 2U}}) {
    const auto volume = found.read({.frame = frame});
    CHECK(std::ranges::max(volume.as<std::uint32_t>()) == objects);
  }

  CHECK(result.out.find("report                  out/report.html, of frame 0\n") !=
        std::string::npos);
  const auto first = gpuimg("segment movie.tif --out first --frame 2");
  CHECK(first.out.find("channel 0 of 2, frame 2 of 3\n") != std::string::npos);
  CHECK(lines_of(text_of(gpuimg.path("first/measurements.csv")))[0].starts_with("label,area,"));
  CHECK(gpuimg("segment movie.tif --out out --truth out/labels.tif").err ==
        "gpuimg: out/labels.tif: --truth scores one frame, not 3; pick one with --frame\n");
  CHECK(gpuimg("segment movie.tif --out scored --channel 1 --frame 2 --spot_sigma 3.5 --truth "
               "out/labels.tif")
            .out.find("F1 at IoU 0.5           1\n") != std::string::npos);
  CHECK(
      gpuimg("score out/labels.tif out/labels.tif").err ==
      "gpuimg: out/labels.tif: one volume is scored, not 1 channel, 3 frames; pick with --channel "
      "and --frame\n");
  CHECK(gpuimg("score out/labels.tif scored/labels.tif --frame 2")
            .out.find("F1 at IoU 0.5           1\n") != std::string::npos);
  CHECK(gpuimg("score out/labels.tif scored/labels.tif --frame 1")
            .out.find("objects found           0\n") != std::string::npos);
  CHECK(gpuimg("segment out/labels.tif --out out").err ==
        "gpuimg: out/labels.tif: is an input, which is not written over\n");
}

TEST_CASE("gpuimg run: all channels and frames, or those that are picked", "[cli][slow]") {
  const program gpuimg;
  const shape size{4, 3, 2};
  const auto value = [](std::size_t channel, std::size_t frame) {
    return static_cast<std::uint8_t>(10 * channel + frame + 1);
  };
  io::tiff_writer writer(gpuimg.path("a.tif"),
                         {.pixel_size = {0.5, 0.5, 1}, .channels = 3, .frames = 2});
  for (std::size_t frame = 0; frame < 2; ++frame)
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const std::vector<std::uint8_t> pixels(size.pixels(), value(channel, frame));
      writer.append(view<const std::uint8_t>(pixels.data(), size));
    }
  writer.close();
  gpuimg.write("ones.tif", std::vector<std::uint8_t>(size.pixels(), 1), size);

  const auto all = gpuimg("run maximum_z_projection a.tif b.tif");
  CHECK(all.succeeded());
  CHECK(all.out == "b.tif: 3 channels, 2 frames\n");
  io::tiff_reader result(gpuimg.path("b.tif"));
  CHECK(result.info().metadata == "ImageJ");
  CHECK(result.info().channels == 3);
  CHECK(result.info().frames == 2);
  CHECK(result.info().pixel_size[0] == 0.5);
  for (std::size_t frame = 0; frame < 2; ++frame)
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const auto volume = result.read({.channel = channel, .frame = frame});
      CHECK(volume.as<std::uint8_t>()[11] == value(channel, frame));
    }

  CHECK(gpuimg("run maximum_z_projection --channel 2 a.tif c.tif").out ==
        "c.tif: channel 2 of 3, 2 frames\n");
  CHECK(io::read_tiff_info(gpuimg.path("c.tif")).channels == 1);
  CHECK(gpuimg("run mean_of_all_pixels --channel 2 --frame 1 a.tif").out == "22\n");
  CHECK(gpuimg("run mean_of_all_pixels --channel 2 a.tif").out ==
        "channel,frame,mean_of_all_pixels\n2,0,21\n2,1,22\n");

  // An input of one volume goes with all of the other's.
  const auto table = lines_of(gpuimg("run labels_statistics ones.tif a.tif").out);
  REQUIRE(table.size() == 7);
  CHECK(table[0].starts_with("channel,frame,label,area,"));
  CHECK(table[6].starts_with("2,1,1,24,"));
  io::tiff_writer two(gpuimg.path("two.tif"), {.channels = 2});
  const std::vector<std::uint8_t> zeros(size.pixels());
  for (int channel = 0; channel < 2; ++channel)
    two.append(view<const std::uint8_t>(zeros.data(), size));
  two.close();
  CHECK(gpuimg("run add_images_weighted two.tif a.tif d.tif").err ==
        "gpuimg: two.tif has 2 channels, a.tif has 3\n");
  CHECK(gpuimg("run maximum_z_projection a.tif e.png").err ==
        "gpuimg: e.png: a PNG file holds one volume, not 3 channels, 2 frames; pick with --channel "
        "and --frame, or write a .tif file\n");
  CHECK(gpuimg("run maximum_z_projection --channel 0 --frame 0 a.tif e.png").succeeded());
}

TEST_CASE("gpuimg: options are written with dashes or underscores", "[cli][slow]") {
  const program gpuimg;
  write_small_images(gpuimg);
  CHECK(gpuimg("run gaussian_blur --sigma-x 2 image.tif a.tif").succeeded());
  CHECK(gpuimg("run gaussian_blur --sigma_x=2 image.tif b.tif").succeeded());
  CHECK(gpuimg("compare a.tif b.tif").out == "identical\n");
  CHECK(gpuimg("segment image.tif --out a --spot-sigma=2 --minimum-size 3").succeeded());
  CHECK(gpuimg("segment image.tif --out b --spot_sigma 2 --minimum_size=3").succeeded());
  CHECK(gpuimg("compare a/labels.tif b/labels.tif").out == "identical\n");
}

TEST_CASE("gpuimg: outputs that cannot be written are refused before any work", "[cli][slow]") {
  const program gpuimg;
  write_small_images(gpuimg);
  // The input is damaged: what is said is about the output, so that was looked at first.
  gpuimg.write_text("short.tif", text_of(gpuimg.path("image.tif")).substr(0, 500));
  gpuimg.write_text("kept.tif", "mine");
  std::filesystem::permissions(gpuimg.path("kept.tif"), static_cast<std::filesystem::perms>(0444));
  REQUIRE(::mkfifo(gpuimg.path("pipe.tif").c_str(), 0666) == 0);
  CHECK(gpuimg("run gaussian_blur short.tif kept.tif").err ==
        "gpuimg: kept.tif: cannot be written: it is read-only\n");
  CHECK(gpuimg("run gaussian_blur short.tif pipe.tif").err ==
        "gpuimg: pipe.tif: cannot be written: it is a device, a pipe or a socket, not a file\n");
  CHECK(gpuimg("run gaussian_blur short.tif nowhere/a.tif").err ==
        "gpuimg: nowhere/a.tif: cannot be written: there is no folder nowhere\n");
  const std::string long_name(252, 'n');
  CHECK(gpuimg("run gaussian_blur short.tif " + long_name + ".tif").err ==
        "gpuimg: " + long_name + ".tif: cannot be written: File name too long\n");
  CHECK(gpuimg("run gaussian_blur image.tif " + long_name.substr(1) + ".tif").succeeded());
  CHECK(text_of(gpuimg.path("kept.tif")) == "mine");
}

TEST_CASE("gpuimg run: a table goes through a pipe or a device, which stays what it is",
          "[cli][slow]") {
  const program gpuimg;
  write_small_images(gpuimg);
  const std::string words = "run labels_statistics labels.tif image.tif ";
  const std::string expected = gpuimg(words).out;
  REQUIRE_FALSE(expected.empty());
  CHECK(gpuimg(words + "/dev/stdout | cat").out == expected);
  if (::geteuid() == 0 &&
      ::mknod(gpuimg.path("null").c_str(), S_IFCHR | 0666, makedev(1, 3)) == 0 &&
      std::ofstream(gpuimg.path("null")).put('x').flush()) {
    CHECK(gpuimg(words + "null").succeeded());
    CHECK(std::filesystem::is_character_file(gpuimg.path("null")));
  } else {
    WARN("only the superuser can make the device that this test writes to");
  }
}

TEST_CASE("gpuimg: a signal leaves no temporary file and no half a result", "[cli][slow]") {
  const program gpuimg;
  gpuimg.write("big.tif", std::vector<std::uint8_t>(2000 * 1500, 1), {2000, 1500});
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const pid_t child = test::start_program(
        gpuimg.executable(),
        {"run", "gaussian_blur", "--sigma_y", "300", "--device", "reference", "big.tif", "out.tif"},
        gpuimg.folder().string());
    const auto temporaries = [&] {
      return std::ranges::count_if(
          std::filesystem::directory_iterator(gpuimg.folder()),
          [](const auto& entry) { return entry.path().extension() == ".tmp"; });
    };
    // The one of the check before the work may be seen as well: wait for the one that stays.
    for (int seen = 0, tries = 0; seen < 5 && tries < 3000; ++tries) {
      seen = temporaries() == 1 ? seen + 1 : 0;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    CHECK(temporaries() == 1);
    ::kill(child, signal);
    CHECK(test::ending_signal(child) == signal);
    CHECK(temporaries() == 0);
    CHECK_FALSE(gpuimg.has("out.tif"));
  }
}

TEST_CASE("gpuimg: memory that runs out is one line, and nothing is half written", "[cli][slow]") {
  const program gpuimg;
  write_small_images(gpuimg);
  const test::scoped_environment limit("GPUIMG_MEMORY_LIMIT", "1K");
  for (const char* words : {"run gaussian_blur image.tif out.tif", "segment image.tif --out out",
                            "run gaussian_blur image.tif out.tif --device reference"}) {
    const auto result = gpuimg(words);
    CHECK(result.status == 2);
    CHECK(lines_of(result.err).size() == 1);
    CHECK(result.err.find(" bytes") != std::string::npos);
  }
  CHECK_FALSE(gpuimg.has("out.tif"));
  CHECK((!gpuimg.has("out") || std::filesystem::is_empty(gpuimg.path("out"))));
}

TEST_CASE("gpuimg: where no device is found, it says so once", "[cli][slow]") {
  const program gpuimg;
  write_small_images(gpuimg);
  const test::scoped_environment no_driver("OCL_ICD_VENDORS", "/nonexistent");
  const auto result = gpuimg("run gaussian_blur --sigma_x 1 image.tif out.tif");
  CHECK(result.status == 0);
  CHECK(result.err == "gpuimg: there is no OpenCL device; the reference computes, which is slow\n");
  CHECK(gpuimg("run gaussian_blur image.tif out.tif --device reference").succeeded());
  const test::scoped_environment named("GPUIMG_DEVICE", "reference");
  CHECK(gpuimg("run gaussian_blur image.tif out.tif").succeeded());
}

TEST_CASE("gpuimg: on a terminal it says when kernels are compiled, and only then", "[cli][slow]") {
  const program gpuimg;
  write_small_images(gpuimg);
  if (gpuimg::device::list().size() == 1 || std::system("script --version >/dev/null 2>&1") != 0) {
    WARN("this test needs an OpenCL device and the program script");
    return;
  }
  const test::temporary_folder cache;
  const test::scoped_environment ours("GPUIMG_CACHE", cache.file("gpuimg")),
      pocl("POCL_CACHE_DIR", cache.file("pocl"));
  const std::string notice = "compiling kernels for this device, once";
  const auto on_terminal = [&](const char* words) {
    const std::string command = "cd '" + gpuimg.folder().string() + "' && script -qec \"'" +
                                gpuimg.executable() + "' " + words +
                                "\" typescript >/dev/null 2>&1 </dev/null";
    CHECK(std::system(command.c_str()) == 0);
    return text_of(gpuimg.path("typescript"));
  };
  // How long a driver takes is its own matter: where it took long the notice comes, once; it never
  // comes where nothing is compiled.
  const auto start = std::chrono::steady_clock::now();
  const std::string first = on_terminal("segment image.tif --out out --spot_sigma 2");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  CHECK(first.find(notice) == first.rfind(notice));
  if (took.count() > 2.5) CHECK(first.find(notice) != std::string::npos);
  const auto again = std::chrono::steady_clock::now();
  const bool came =
      on_terminal("segment image.tif --out out --spot_sigma 2").find(notice) != std::string::npos;
  // A driver without binaries compiles anew each time, which takes this long on a busy machine.
  if (std::chrono::steady_clock::now() - again < std::chrono::seconds(1)) CHECK_FALSE(came);
  CHECK(on_terminal("run gaussian_blur image.tif out.tif --device reference").find(notice) ==
        std::string::npos);
}

TEST_CASE("gpuimg score: counts objects that match", "[cli][slow]") {
  const program gpuimg;
  gpuimg.write<std::uint8_t>("truth.tif", {1, 1, 1, 1, 0, 2, 2, 0}, {8, 1});
  gpuimg.write<std::uint16_t>("found.tif", {7, 7, 7, 0, 0, 0, 0, 9}, {8, 1});
  const auto result = gpuimg("score found.tif truth.tif");
  CHECK(result.succeeded());
  CHECK(result.out.find("objects found           2\n") != std::string::npos);
  CHECK(result.out.find("precision at IoU 0.5    0.5\n") != std::string::npos);
  CHECK(result.out.find("recall at IoU 0.5       0.5\n") != std::string::npos);
  CHECK(gpuimg("score found.tif truth.tif --iou 0.8").out.find("F1 at IoU 0.8           0\n") !=
        std::string::npos);
}

TEST_CASE("gpuimg score: writes all scores at several thresholds", "[cli][slow]") {
  const program gpuimg;
  gpuimg.write<std::uint8_t>("truth.tif", {1, 1, 1, 1, 0, 2, 2, 0}, {8, 1});
  gpuimg.write<std::uint16_t>("found.tif", {7, 7, 7, 0, 0, 0, 0, 9}, {8, 1});
  CHECK(gpuimg("score found.tif truth.tif --iou 0.5,0.8 --channel 0 --out out").succeeded());
  CHECK_THAT(text_of(gpuimg.path("out/report.html")),
             Catch::Contains("<code>gpuimg score found.tif truth.tif --iou 0.5,0.8 --channel 0<"));
  const auto scores = json::parse(text_of(gpuimg.path("out/score.json")));
  CHECK(scores["n_true"] == 2);
  CHECK(scores["n_pred"] == 2);
  CHECK(scores["iou"] == 3.0 / 7);
  CHECK(scores["dice"] == 0.6);
  CHECK(scores["average_precision"] == Approx(6 * (1 / 3.0) / 10));
  REQUIRE(scores["matching"].size() == 2);
  const auto& loose = scores["matching"][0];
  CHECK(loose["threshold"] == 0.5);
  CHECK(loose["tp"] == 1);
  CHECK(loose["fp"] == 1);
  CHECK(loose["fn"] == 1);
  CHECK(loose["accuracy"] == 1.0 / 3);
  CHECK(loose["f1"] == 0.5);
  CHECK(loose["mean_true_score"] == 0.375);
  CHECK(loose["mean_matched_score"] == 0.75);
  CHECK(loose["panoptic_quality"] == 0.375);
  CHECK(scores["matching"][1]["tp"] == 0);
  gpuimg.write<std::uint8_t>("empty.tif", {0, 0}, {2, 1});
  CHECK(gpuimg("score empty.tif empty.tif --out out").succeeded());
  CHECK(json::parse(text_of(gpuimg.path("out/score.json")))["iou"].is_null());
}

TEST_CASE("gpuimg agree: images, objects and columns, with a report", "[cli][slow]") {
  const program gpuimg;
  gpuimg.write<float>("a.tif", {1, 2, 3, 4}, {2, 2});
  gpuimg.write<float>("b.tif", {1, 2, 3, 2}, {2, 2});
  CHECK(gpuimg("agree a.tif b.tif --frame 0 --out out").succeeded());
  CHECK_THAT(text_of(gpuimg.path("out/report.html")),
             Catch::Contains("<code>gpuimg agree a.tif b.tif --frame 0<"));
  auto found = json::parse(text_of(gpuimg.path("out/agree.json")));
  CHECK(found["n"] == 4);
  CHECK(found["bias"] == 0.5);
  CHECK(found["sd"] == 1);
  CHECK(found["limits"][1] == Approx(2.46));
  CHECK(found["identical"] == 3);
  CHECK(found["non_finite"] == 0);
  CHECK(found["max_abs"] == 2);
  CHECK(found["parts"]["border"]["mismatches"] == 1);
  CHECK(found["worst"][0]["position"] == json{1, 1, 0});
  CHECK(text_of(gpuimg.path("out/report.html")).find("</svg>") != std::string::npos);
  CHECK(gpuimg("agree a.tif a.tif").out.find("identical               4\n") != std::string::npos);

  gpuimg.write<std::uint32_t>("truth.tif", {1, 1, 1, 1, 0, 2, 2, 0}, {8, 1});
  gpuimg.write<std::uint32_t>("found.tif", {7, 7, 7, 0, 0, 8, 8, 9}, {8, 1});
  CHECK(gpuimg("agree truth.tif found.tif --out out").succeeded());
  found = json::parse(text_of(gpuimg.path("out/agree.json")));
  CHECK(found["n"] == 2);
  CHECK(found["bias"] == 0.5);
  CHECK(found["labels"]["same_objects"] == false);
  CHECK(found["labels"]["added"] == json{9});
  CHECK(text_of(gpuimg.path("out/pairs.csv")) == "a,b\n2,2\n4,3\n");

  gpuimg.write_text("x.csv", "label,area\n1,10\n2,20\n");
  gpuimg.write_text("y.csv", "area,label,name\n21,2,\"a, b\"\n10,1,c\n5,7,d\n");
  CHECK(gpuimg("agree x.csv:area x.csv:area --bar 0").succeeded());
  const auto judged = gpuimg("agree x.csv:area y.csv:area --bar 0.5 --out out");
  CHECK(judged.status == 1);
  CHECK(judged.out.find("do not agree") != std::string::npos);
  CHECK(json::parse(text_of(gpuimg.path("out/agree.json")))["verdict"] ==
        json{{"bar", 0.5}, {"agree", false}});
  CHECK(text_of(gpuimg.path("out/report.html"))
            .find("2 pairs do not agree: rows only in A: 0, only in B: 1; the limits") !=
        std::string::npos);
  CHECK(gpuimg("agree x.csv:area y.csv:area --bar 100")
            .out.find("rows only in A: 0, only in B: 1\n") != std::string::npos);
  gpuimg.write_text("one.csv", "area,other\n1,2\n");
  CHECK(gpuimg("agree one.csv:area one.csv:other --bar 9").out.find("too few") !=
        std::string::npos);
  CHECK(gpuimg("agree x.csv:area y.csv:area --out out").succeeded());
  CHECK(json::parse(text_of(gpuimg.path("out/agree.json")))["bias"] == -0.5);
  const auto refused = gpuimg("agree x.csv:area y.csv:volume");
  CHECK(refused.status == 2);
  CHECK(refused.err ==
        "gpuimg: y.csv: no column is called 'volume'; there are area, label, name\n");
  CHECK(gpuimg("agree x.csv:area a.tif").err ==
        "gpuimg: a column, FILE.csv:COLUMN, is compared with another column\n");
}

TEST_CASE("gpuimg agree: what one number for the whole image hides is named", "[cli][slow]") {
  const program gpuimg;
  const shape size{37, 20};
  const auto pixels = test::random_pixels<float>(size, 3);
  gpuimg.write("a.tif", pixels, size);
  // What the command says, and the report shows, of an image that was changed.
  const auto said_of = [&](const auto& change) {
    auto other = pixels;
    change(other);
    gpuimg.write("b.tif", other, size);
    const auto result = gpuimg("agree a.tif b.tif --bar 1e6 --out out");
    const auto report = text_of(gpuimg.path("out/report.html"));
    CHECK(report.find("href=\"data:image/png;base64,iVBOR") != std::string::npos);
    CHECK(report.find("<td>different, border</td>") != std::string::npos);
    return result.out;
  };
  const auto step =
      said_of([](auto& b) { b[10 * 37 + 10] = std::nextafter(b[10 * 37 + 10], 1e9f); });
  CHECK_THAT(step, Catch::Contains("different, interior     1 of 630, by") &&
                       Catch::Contains(" at most, 1 step\n") &&
                       Catch::Contains("different, border       0 of 110\n") &&
                       Catch::Contains("pixel (10, 10, 0)"));
  const auto column = said_of([](auto& b) {
    for (std::size_t y = 0; y < 20; ++y) b[y * 37 + 36] += 0.5f;
  });
  CHECK_THAT(column, Catch::Contains("different, interior     0 of 630\n") &&
                         Catch::Contains("different, border       20 of 110, by 0.5 at most") &&
                         Catch::Contains("different, row ends     20 of 100"));
  const auto nan = said_of([](auto& b) { b[3 * 37 + 5] = std::nanf(""); });
  CHECK_THAT(nan, Catch::Contains("not finite              1\n") &&
                      Catch::Contains("different, all          1 of 740, by inf at most\n") &&
                      Catch::Contains("pixel (5, 3, 0)") && Catch::Contains(" and nan\n") &&
                      Catch::Contains("739 pairs do not agree: not finite: 1\n"));

  const std::vector<std::uint32_t> labels{1, 1, 1, 1, 0, 2, 2, 0};
  const auto said_of_labels = [&](const std::vector<std::uint32_t>& other) {
    gpuimg.write("a.tif", labels, {8, 1});
    gpuimg.write("b.tif", other, {8, 1});
    return gpuimg("agree a.tif b.tif --bar 0 --out out");
  };
  const auto swapped = said_of_labels({2, 2, 2, 2, 0, 1, 1, 0});
  CHECK(swapped.status == 0);
  CHECK_THAT(swapped.out,
             Catch::Contains("the same, with other labels\n") && Catch::Contains("2 pairs agree"));
  const auto split = said_of_labels({3, 3, 4, 4, 0, 2, 2, 0});
  CHECK(split.status == 1);
  CHECK_THAT(split.out, Catch::Contains("split by B              1: 1\n") &&
                            Catch::Contains("objects only in A: 0, only in B: 1; the limits"));
  const auto missing = said_of_labels({1, 1, 1, 1, 0, 0, 0, 0});
  CHECK(missing.status == 1);
  CHECK_THAT(missing.out, Catch::Contains("missing in B            1: 2\n") &&
                              Catch::Contains("objects only in A: 1, only in B: 0"));
}

TEST_CASE("gpuimg score: folders are scored image by image, pooled and on average", "[cli][slow]") {
  const program gpuimg;
  std::filesystem::create_directory(gpuimg.path("truth"));
  std::filesystem::create_directory(gpuimg.path("found"));
  const auto write = [&](const std::string& name, const std::vector<std::uint8_t>& truth,
                         const std::vector<std::uint8_t>& found) {
    gpuimg.write("truth/" + name, truth, {truth.size(), 1});
    gpuimg.write("found/" + name, found, {found.size(), 1});
  };
  write("1.tif", {1, 1, 1, 1, 0, 2, 2, 0}, {7, 7, 7, 0, 0, 0, 0, 9});
  write("2.tif", {5, 5, 0}, {1, 1, 0});
  write("3.TIF", {0, 0}, {0, 0});
  const auto result = gpuimg("score found truth --out out");
  CHECK(result.succeeded());
  CHECK_THAT(
      result.out,
      Catch::Contains("images                  3\n") &&
          Catch::Contains("objects in truth        3\n") &&
          Catch::Contains("F1 at IoU 0.5           0.6666666666666666 pooled, 0.5 on average "
                          "of 3\n") &&
          Catch::Contains("Dice of foreground      0.7142857142857143 pooled, 0.8 on average "
                          "of 2\n"));
  const auto scores = json::parse(text_of(gpuimg.path("out/score.json")));
  CHECK(scores["images"].size() == 3);
  CHECK(scores["images"][0]["name"] == "1.tif");
  CHECK(scores["pooled"]["matching"][0]["tp"] == 2);
  CHECK(scores["mean"]["recall at IoU 0.5"] == 0.5);
  const auto rows = lines_of(text_of(gpuimg.path("out/score.csv")));
  REQUIRE(rows.size() == 6);
  CHECK(rows[0].starts_with("\"image\",\"objects found\",\"objects in truth\",\"precision at IoU"));
  CHECK(rows[4].starts_with("\"pooled\",\"3\",\"3\","));
  CHECK(text_of(gpuimg.path("out/report.html")).find("n = 3 true ones in 3 images, pooled") !=
        std::string::npos);

  CHECK_THAT(
      gpuimg("score found truth --empty 1").out,
      Catch::Contains("F1 at IoU 0.5           0.6666666666666666 pooled, 0.8333333333333334 "
                      "on average of 3\n"));
  CHECK_THAT(gpuimg("score found truth --empty skip").out,
             Catch::Contains("0.75 on average of 2\n"));
  CHECK(gpuimg("score found truth/1.tif").err ==
        "gpuimg: a folder is scored against a folder, a file against a file\n");
  CHECK(gpuimg("score found truth --empty 2").err ==
        "gpuimg: --empty must be a number from 0 to 1, got 2\n");
  std::filesystem::remove(gpuimg.path("found/2.tif"));
  CHECK(gpuimg("score found truth").err == "gpuimg: found: there is no 2.tif, which is in truth\n");
}

TEST_CASE("gpuimg score: probabilities and surfaces", "[cli][slow]") {
  const program gpuimg;
  gpuimg.write<std::uint8_t>("truth.tif", {1, 0, 1, 1, 0, 0, 1, 0}, {8, 1});
  gpuimg.write<float>("found.tif", {.9f, .8f, .7f, .7f, .6f, .4f, .4f, .1f}, {8, 1});
  const auto result = gpuimg("score found.tif truth.tif --probability 0.65 --out out");
  CHECK(result.succeeded());
  CHECK_THAT(result.out, Catch::Contains("average precision       0.767857142857") &&
                             Catch::Contains("IoU of foreground       0.6\n") &&
                             !Catch::Contains("objects"));
  CHECK(text_of(gpuimg.path("out/report.html")).find("AP 0.7679") != std::string::npos);
  gpuimg.write<std::uint8_t>("a.tif", {1, 0, 0, 0, 0, 0}, {2, 3});
  gpuimg.write<std::uint8_t>("b.tif", {0, 0, 0, 0, 0, 1}, {2, 3});
  CHECK_THAT(gpuimg("score a.tif b.tif --spacing 3,2").out,
             Catch::Contains("Hausdorff distance      5\n") &&
                 Catch::Contains("surface distance        5\n"));
  CHECK(gpuimg("score a.tif b.tif --spacing 3,0").status == 2);
}

TEST_CASE("gpuimg parity: an operation on all devices against the reference, several times",
          "[cli][slow]") {
  const program gpuimg;
  const auto result = gpuimg("parity --operation flip --repeat 3 --out out");
  CHECK(result.succeeded());
  const auto found = json::parse(text_of(gpuimg.path("out/parity.json")));
  CHECK(found.size() == test::devices().size());
  for (const auto& row : found) {
    CHECK(row["operation"] == "flip");
    CHECK(row["verdict"] == "identical");
    CHECK(row["values"] > 100000);
    CHECK(row["different"] == 0);
    CHECK(row["differing_runs"] == 0);
    CHECK(row["tolerance"].is_null());
  }
  for (const char* file : {"out/parity.md", "out/parity.csv", "out/report.html"})
    CHECK(text_of(gpuimg.path(file)).find("identical") != std::string::npos);
  const auto refused = gpuimg("parity --operation flop");
  CHECK(refused.status == 2);
  CHECK(refused.err.find("did you mean flip") != std::string::npos);
  CHECK(gpuimg("parity --operation flip --repeat 0").status == 2);
}

TEST_CASE("gpuimg parity: status 1 where a device differs, which the report names", "[cli][slow]") {
  if (test::opencl_devices().empty()) return;
  const program gpuimg;
  // As many bytes as the reference needs, and too few for what OpenCL devices need besides.
  setenv("GPUIMG_MEMORY_LIMIT", "45000", 1);
  const auto result = gpuimg("parity --operation connected_component_labeling --out out");
  unsetenv("GPUIMG_MEMORY_LIMIT");
  CHECK(result.status == 1);
  CHECK(result.err.empty());
  const std::string failure = "connected_component_labeling/u8/33x31x5/default/even",
                    reason = "fails: connected_component_labeling: needs 20460 bytes";
  CHECK_THAT(result.out,
             Catch::StartsWith("differs  ") && Catch::Contains(failure + ": " + reason));
  const auto found = json::parse(text_of(gpuimg.path("out/parity.json")));
  REQUIRE(found.size() == test::opencl_devices().size());
  for (const auto& row : found) {
    CHECK(row["verdict"] == "differs");
    CHECK(row["failed"] > 0);
    CHECK(row["case"] == failure);
  }
  CHECK_THAT(text_of(gpuimg.path("out/parity.md")),
             Catch::Contains(reason) && Catch::Contains("(`" + failure + "`)"));
  CHECK_THAT(text_of(gpuimg.path("out/report.html")),
             Catch::Contains("<tr class=\"differs\">") && Catch::Contains(failure));
  CHECK_THAT(text_of(gpuimg.path("out/parity.csv")), Catch::Contains("\"differs\""));
}

TEST_CASE("gpuimg compare: status 1 and the largest difference where pixels differ",
          "[cli][slow]") {
  const program gpuimg;
  const float nan = std::nanf("");
  gpuimg.write<float>("a.tif", {1, 2, nan, 4}, {4, 1});
  gpuimg.write<float>("b.tif", {1, 2.5f, nan, 7}, {4, 1});
  gpuimg.write<float>("c.tif", {1, 2, 3, 4}, {2, 2});
  gpuimg.write<std::uint8_t>("d.tif", {1, 2, 3, 4}, {2, 2});
  CHECK(gpuimg("compare a.tif a.tif").out == "identical\n");
  const auto different = gpuimg("compare a.tif b.tif");
  CHECK(different.status == 1);
  CHECK(different.out == "different: 2 pixels, by 3 at most\n");
  CHECK(gpuimg("compare a.tif c.tif").status == 1);
  const auto types = gpuimg("compare c.tif d.tif");
  CHECK(types.status == 1);
  CHECK(types.out == "different: 2x2 f32, channels 1, frames 1 and 2x2 u8, channels 1, frames 1\n");
}

TEST_CASE("gpuimg: damaged TIFF files are refused in one line, or read", "[cli][slow]") {
  const program gpuimg;
  write_small_images(gpuimg);
  const auto image = gpuimg.read("image.tif");
  io::write_tiff(gpuimg.path("deflated.tif"), image.as<std::uint16_t>(),
                 {.compression = io::tiff_compression::deflate, .imagej = false});
  std::size_t refused = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto random = [&](std::size_t count, std::uint64_t index) {
      return test::random_below(count, 1000 + seed, index);
    };
    std::string bytes = text_of(gpuimg.path(seed % 2 == 0 ? "image.tif" : "deflated.tif"));
    std::uint32_t directory = 0;  // where the first one stands
    std::memcpy(&directory, bytes.data() + 4, sizeof directory);
    REQUIRE(directory + 2 < bytes.size());
    if (seed % 5 == 0) {
      bytes.resize(random(bytes.size(), 0));
    } else {
      for (std::uint64_t change = 0; change <= seed % 4; ++change) {
        const bool in_header = random(8, 3 * change) == 0;
        const std::size_t at =
            in_header ? random(8, 3 * change + 1) : directory + random(200, 3 * change + 1);
        if (at < bytes.size()) bytes[at] = static_cast<char>(random(256, 3 * change + 2));
      }
    }
    gpuimg.write_text("damaged.tif", bytes);
    INFO("seed " << seed);
    for (const char* words :
         {"info damaged.tif", "run maximum_z_projection --device reference damaged.tif out.tif"}) {
      const auto result = gpuimg(words, 10);
      CHECK((result.succeeded() || result.refused()));
      refused += result.refused() ? 1 : 0;
    }
  }
  CHECK(refused >= 100);
}
