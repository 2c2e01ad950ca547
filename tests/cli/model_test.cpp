// SPDX-License-Identifier: BSD-3-Clause
// Tests of gpuimg model from outside, with small networks of tests/golden/nn.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "gpuimg/gpuimg.hpp"
#include "gpuimg/io/onnx.hpp"
#include "gpuimg/nn/network.hpp"
#include "gpuimg/nn/sliding_window.hpp"
#include "support/images.hpp"
#include "support/layers.hpp"
#include "support/process.hpp"
#include "support/program.hpp"

namespace nn = gpuimg::nn;
using gpuimg::shape;
using test::program;
using test::text_of;

namespace {

/// The path of a network's file.
std::string network(const std::string& name) {
  return test::source_file("golden/nn/networks/" + name + ".onnx");
}

/// The description of a package of weights.onnx, the nuclei network, with a line about its input
/// and one about its result.
std::string package(const std::string& about_input, const std::string& about_result) {
  const std::string axes = R"(
    axes:
      - {type: batch, size: 1}
      - {type: channel, channel_names: [c]}
      - {type: space, id: y, size: 20}
      - {type: space, id: x, size: 28}
    )";
  return "format_version: 0.5.4\ntype: model\nname: small\ninputs:\n  - id: raw" + axes +
         about_input + "\noutputs:\n  - id: result" + axes + about_result +
         "\nweights:\n  onnx: {source: weights.onnx, opset_version: 20}\n";
}

/// Writes a TIFF file of random numbers, and gives those.
std::vector<float> write_image(const program& gpuimg, const std::string& name, const shape& size,
                               std::size_t channels = 1) {
  const auto count = size.pixels() * channels;
  const auto pixels = test::random_numbers(static_cast<std::int64_t>(count), count);
  gpuimg::io::tiff_writer out(gpuimg.path(name), {.channels = channels});
  for (std::size_t c = 0; c < channels; ++c) {
    const auto first = pixels.begin() + static_cast<std::ptrdiff_t>(c * size.pixels());
    gpuimg::host_image channel{
        .size = size,
        .pixels = std::vector<float>(first, first + static_cast<std::ptrdiff_t>(size.pixels()))};
    channel.channel = c;
    channel.channels = channels;
    out.append(channel);
  }
  out.close();
  return pixels;
}

/// The pixels of all channels of a file.
template <class T>
std::vector<T> all_pixels(const program& gpuimg, const std::string& name) {
  gpuimg::io::tiff_reader file(gpuimg.path(name));
  std::vector<T> all;
  for (std::size_t c = 0; c < file.info().channels; ++c) {
    const auto volume = file.read({.channel = c});
    const auto& pixels = std::get<std::vector<T>>(volume.pixels);
    all.insert(all.end(), pixels.begin(), pixels.end());
  }
  return all;
}

/// What the library gives on the reference.
std::vector<float> predicted(const std::string& name, const nn::tensor_shape& window,
                             const nn::tensor_shape& image, const std::vector<float>& pixels,
                             const nn::window_options& options = {}) {
  const auto device = gpuimg::device::reference();
  const nn::network net(gpuimg::io::read_onnx(network(name)));
  const auto result =
      nn::predict(net.prepare(device, window),
                  nn::push(device, {image, std::span<const float>(pixels)}), options);
  return nn::pull(result).values<float>();
}

/// Whether results are the same, as far as two compilations of the reference's sums are.
bool are_near(const std::vector<float>& a, const std::vector<float>& b) {
  return std::ranges::equal(a, b, [](float x, float y) { return std::abs(x - y) <= 1e-5f; });
}

}  // namespace

TEST_CASE("gpuimg model: help has status 0", "[cli][slow]") {
  const program gpuimg;
  for (const char* words :
       {"model --help", "model info --help", "model test --help", "model run --help"})
    CHECK(gpuimg(words).succeeded());
}

TEST_CASE("gpuimg model info: layers, sums and memory for a window", "[cli][slow]") {
  const program gpuimg;
  const auto result =
      gpuimg("model info " + network("milesial_free_axes") + " --window 64x48 --device reference");
  CHECK(result.succeeded());
  for (const char* part : {"1x3x48x64", "1x2x48x64", "convolution 3x3", "GFLOP", "memory"})
    CHECK_THAT(result.out, Catch::Contains(part));
}

TEST_CASE("gpuimg model test: a package's own test passes, or has status 1", "[cli][slow]") {
  const program gpuimg;
  const std::string golden = test::source_file("golden/nn/networks/nuclei");
  std::filesystem::copy_file(golden + ".onnx", gpuimg.path("weights.onnx"));
  std::filesystem::copy_file(golden + "_input.npy", gpuimg.path("in.npy"));
  std::filesystem::copy_file(golden + "_output.npy", gpuimg.path("out.npy"));
  gpuimg.write_text("bioimageio.yaml",
                    package("test_tensor: {source: in.npy}", "test_tensor: {source: out.npy}"));
  const auto passed = gpuimg("model test . --tolerance 1e-4");
  CHECK(passed.succeeded());
  CHECK_THAT(passed.out, Catch::Contains("passed") && Catch::Contains("1x1x20x28"));
  const auto failed = gpuimg("model test . --tolerance 0");
  CHECK(failed.status == 1);
  CHECK_THAT(failed.out, Catch::Contains("failed"));
  const auto refused = gpuimg("model test weights.onnx");
  CHECK(refused.refused());
}

TEST_CASE("gpuimg model run: an image of several channels, in each kind of result", "[cli][slow]") {
  const program gpuimg;
  const auto pixels = write_image(gpuimg, "image.tif", {50, 36}, 3);
  const std::string words = "model run " + network("milesial_free_axes") +
                            " image.tif --out out --window 32x16 --device reference";
  const nn::tensor_shape window{1, 3, 16, 32}, image{1, 3, 36, 50};

  CHECK(gpuimg(words + " --result logits").succeeded());
  const auto logits = all_pixels<float>(gpuimg, "out/logits.tif");
  CHECK(are_near(logits, predicted("milesial_free_axes", window, image, pixels)));
  CHECK(gpuimg(words + " --result logits --mirror yx --step 1").succeeded());
  CHECK(are_near(all_pixels<float>(gpuimg, "out/logits.tif"),
                 predicted("milesial_free_axes", window, image, pixels,
                           {.step = 1, .mirror = {true, true, false}})));

  CHECK(gpuimg(words + " --result probabilities --activation softmax").succeeded());
  const auto probabilities = all_pixels<float>(gpuimg, "out/probabilities.tif");
  CHECK(gpuimg(words + " --result classes").succeeded());
  const auto classes = gpuimg.pixels<std::uint8_t>("out/classes.tif");
  CHECK(gpuimg.has("out/overlay.png"));
  CHECK(gpuimg(words + " --result mask --activation softmax --threshold 0.6").succeeded());
  const auto mask = all_pixels<std::uint8_t>(gpuimg, "out/mask.tif");
  const std::size_t count = 50 * 36;
  REQUIRE(classes.size() == count);
  REQUIRE(mask.size() == 2 * count);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double share = 1 / (1 + std::exp(static_cast<double>(logits[i] - logits[count + i])));
    wrong += std::fabs(static_cast<double>(probabilities[count + i]) - share) > 1e-5;
    wrong += classes[i] != (logits[count + i] > logits[i] ? 1 : 0);
    wrong += mask[i] != (probabilities[i] > 0.6f ? 1 : 0);
  }
  CHECK(wrong == 0);

  CHECK(gpuimg(words + " --foreground 1 --activation softmax").succeeded());
  for (const char* name : {"probabilities.tif", "labels.tif", "overlay.png", "measurements.csv"})
    CHECK(gpuimg.has("out/" + std::string(name)));

  // In another order of channels.
  std::vector<float> turned;
  for (const std::size_t c : {2u, 0u, 1u})
    for (std::size_t i = 0; i < count; ++i) turned.push_back(pixels[c * count + i]);
  CHECK(gpuimg(words + " --result logits --channel 2,0,1").succeeded());
  CHECK(are_near(all_pixels<float>(gpuimg, "out/logits.tif"),
                 predicted("milesial_free_axes", window, image, turned)));
}

TEST_CASE("gpuimg model run: volumes, and planes of a stack", "[cli][slow]") {
  const program gpuimg;
  const auto volume = write_image(gpuimg, "volume.tif", {14, 12, 9});
  const std::string words =
      "model run " + network("nnunet_v2_3d") + " volume.tif --out out --device reference";
  CHECK(gpuimg(words + " --result logits --mirror z").succeeded());
  CHECK(are_near(all_pixels<float>(gpuimg, "out/logits.tif"),
                 predicted("nnunet_v2_3d", {1, 1, 8, 10, 12}, {1, 1, 9, 12, 14}, volume,
                           {.mirror = {false, false, true}})));
  CHECK(gpuimg(words + " --activation softmax --foreground 1").succeeded());
  CHECK(gpuimg.read("out/labels.tif").size == shape{14, 12, 9});

  const auto stack = write_image(gpuimg, "stack.tif", {30, 22, 2});
  CHECK(gpuimg("model run " + network("nuclei") +
               " stack.tif --out out --result probabilities --activation sigmoid "
               "--device reference")
            .succeeded());
  const auto found = all_pixels<float>(gpuimg, "out/probabilities.tif");
  const std::vector<float> second(stack.begin() + 30 * 22, stack.end());
  auto wanted = predicted("nuclei", {1, 1, 20, 28}, {1, 1, 22, 30}, second);
  for (float& number : wanted) number = 1 / (1 + std::exp(-number));
  REQUIRE(found.size() == 2 * wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i)
    REQUIRE(found[wanted.size() + i] == Approx(wanted[i]).margin(1e-6));
}

TEST_CASE("gpuimg model run: in tiles it writes the same files", "[cli][slow]") {
  const program gpuimg;
  write_image(gpuimg, "plane.tif", {257, 259});
  write_image(gpuimg, "colours.tif", {258, 45}, 3);
  write_image(gpuimg, "stack.tif", {41, 33, 3});
  write_image(gpuimg, "volume.tif", {21, 17, 13});
  struct tiled {
    std::string words, tile;
    std::vector<std::string> files;
  };
  const std::string nuclei = network("nuclei") + " --activation sigmoid --step 0.8 ";
  const std::string colours =
      network("milesial_free_axes") + " --activation softmax --window 64x32 colours.tif ";
  const std::string volume = network("nnunet_v2_3d") + " volume.tif --activation softmax ";
  for (const auto& [words, tile, files] : std::vector<tiled>{
           {nuclei + "plane.tif --result logits --mirror x", "256x256", {"logits.tif"}},
           {nuclei + "plane.tif --result probabilities", "auto", {"probabilities.tif"}},
           {nuclei + "stack.tif --result mask --threshold 0.45", "24x33x2", {"mask.tif"}},
           {nuclei + "plane.tif --threshold 0.48 --minimum_size 4",
            "100x90",
            {"probabilities.tif", "labels.tif"}},
           {nuclei + "plane.tif --threshold 0.48 --spot_sigma 1.5",
            "90x256",
            {"probabilities.tif", "labels.tif"}},
           {colours + "--result classes --channel 2,0,1", "32x32", {"classes.tif"}},
           {colours + "--foreground 1 --contours 0 --threshold 0.4", "25x45", {"labels.tif"}},
           {volume + "--foreground 1", "16x16x8", {"labels.tif"}}}) {
    const std::string run = "model run " + words + " --out ";
    REQUIRE(gpuimg(run + "whole").succeeded());
    const auto result = gpuimg(run + "tiles --tile " + tile);
    INFO(result.out << result.err);
    REQUIRE(result.succeeded());
    CHECK(result.out.find("pass 1, ") != std::string::npos);
    for (const auto& file : files) {
      INFO(file);
      CHECK(gpuimg("compare whole/" + file + " tiles/" + file).out == "identical\n");
    }
    if (files.back() == "labels.tif")
      CHECK(text_of(gpuimg.path("tiles/measurements.csv")) ==
            text_of(gpuimg.path("whole/measurements.csv")));
    CHECK_FALSE(gpuimg.has("tiles/overlay.png"));
    CHECK(gpuimg.has("tiles/probabilities.tif") == (files.front() == "probabilities.tif"));
    std::filesystem::remove_all(gpuimg.path("tiles"));
    std::filesystem::remove_all(gpuimg.path("whole"));
  }
}

TEST_CASE("gpuimg model run: statistics before the network are those of the whole image",
          "[cli][slow]") {
  const program gpuimg;
  std::filesystem::copy_file(network("nuclei"), gpuimg.path("weights.onnx"));
  write_image(gpuimg, "plane.tif", {257, 66});
  write_image(gpuimg, "stack.tif", {41, 33, 3});
  for (const char* step :
       {"{id: zero_mean_unit_variance, kwargs: {axes: [x, y]}}",
        "{id: scale_range, kwargs: {axes: [x, y], min_percentile: 2, max_percentile: 99.5}}"}) {
    gpuimg.write_text("bioimageio.yaml", package("preprocessing: [" + std::string(step) + "]",
                                                 "postprocessing: [{id: sigmoid}]"));
    for (const char* image : {"plane.tif", "stack.tif"}) {
      const std::string run =
          std::string("model run . ") + image + " --result probabilities --out ";
      REQUIRE(gpuimg(run + "whole").succeeded());
      const auto result = gpuimg(run + "tiles --tile 30x33x2");
      INFO(result.out << result.err);
      REQUIRE(result.succeeded());
      CHECK(gpuimg("compare whole/probabilities.tif tiles/probabilities.tif").out == "identical\n");
    }
  }
}

TEST_CASE("gpuimg model run: what does not fit is made in tiles without being asked",
          "[cli][slow]") {
  const program gpuimg;
  write_image(gpuimg, "image.tif", {600, 500});
  const std::string run = "model run " + network("nuclei") +
                          " image.tif --result probabilities --activation sigmoid --out ";
  const auto whole = gpuimg(run + "whole");
  REQUIRE(whole.succeeded());
  CHECK(whole.out.find("pass 1, ") == std::string::npos);
  const auto tiles = gpuimg(run + "tiles --memory_limit 3M");
  INFO(tiles.err);
  REQUIRE(tiles.succeeded());
  CHECK(tiles.out.find("pass 1, ") != std::string::npos);
  CHECK(tiles.out.find(", 1 tile\n") == std::string::npos);
  CHECK(gpuimg("compare whole/probabilities.tif tiles/probabilities.tif").out == "identical\n");
}

TEST_CASE("gpuimg model run: what is killed goes on where it was", "[cli][slow]") {
  const program gpuimg;
  write_image(gpuimg, "image.tif", {400, 300});
  const std::string words = "model run " + network("nuclei") +
                            " image.tif --activation sigmoid --tile 40x40 --resume state --out ";
  REQUIRE(gpuimg(words + "good").succeeded());
  const auto files_in = [&](const std::string& folder) {
    std::error_code ignored;
    return std::distance(
        std::filesystem::recursive_directory_iterator(gpuimg.folder() / folder, ignored),
        std::filesystem::recursive_directory_iterator());
  };
  const pid_t child =
      test::start_program(gpuimg.executable(),
                          {"model", "run", network("nuclei"), "image.tif", "--activation",
                           "sigmoid", "--tile", "40x40", "--resume", "state", "--out", "tiles"},
                          gpuimg.folder().string());
  for (int tries = 0; tries < 30000 && files_in("state") < 20; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  ::kill(child, SIGKILL);
  CHECK(test::ending_signal(child) == SIGKILL);
  CHECK(files_in("state") >= 20);
  CHECK_FALSE(gpuimg.has("tiles/labels.tif"));
  const auto other = gpuimg(words + "tiles --step 1");
  CHECK(other.status == 2);
  CHECK(other.err.find("interrupted run of something else") != std::string::npos);
  CHECK(gpuimg(words + "tiles").succeeded());
  for (const char* file : {"probabilities.tif", "labels.tif", "measurements.csv"})
    CHECK(text_of(gpuimg.path("tiles/" + std::string(file))) ==
          text_of(gpuimg.path("good/" + std::string(file))));
  CHECK_FALSE(gpuimg.has("state"));
}

TEST_CASE("gpuimg model run: 16 bits inside the network change little", "[cli][slow]") {
  const program gpuimg;
  write_image(gpuimg, "image.tif", {28, 20});
  const std::string words = "model run " + network("nuclei") + " image.tif --result logits --out ";
  CHECK(gpuimg(words + "a").succeeded());
  CHECK(gpuimg(words + "b --f16").succeeded());
  const auto a = all_pixels<float>(gpuimg, "a/logits.tif");
  const auto b = all_pixels<float>(gpuimg, "b/logits.tif");
  for (std::size_t i = 0; i < a.size(); ++i) REQUIRE(a[i] == Approx(b[i]).margin(0.02));
}

TEST_CASE("gpuimg model run: says what is wrong and what is allowed", "[cli][slow]") {
  const program gpuimg;
  write_image(gpuimg, "two.tif", {40, 40}, 2);
  write_image(gpuimg, "three.tif", {40, 40}, 3);
  write_image(gpuimg, "plane.tif", {40, 40});
  write_image(gpuimg, "stack.tif", {20, 20, 10});
  const auto refusal = [&](const std::string& net, const std::string& words) {
    const auto result = gpuimg("model run " + network(net) + " " + words + " --out out");
    CHECK(result.refused());
    return result.err;
  };
  CHECK(refusal("milesial_free_axes", "two.tif") ==
        "gpuimg: the network sees 3 channels, two.tif has 2; name them with --channel\n");
  CHECK(refusal("milesial_free_axes", "three.tif --channel 0,1") ==
        "gpuimg: the network sees 3 channels, --channel names 2\n");
  CHECK(refusal("milesial_free_axes", "two.tif --channel 0,1,2") ==
        "gpuimg: --channel must be < 2, got 2 [two.tif]\n");
  CHECK(refusal("nuclei", "plane.tif --window 64x64") ==
        "gpuimg: --window: the network takes 20 along this axis, got 64\n");
  CHECK(refusal("nuclei", "plane.tif --window 28x20x4") ==
        "gpuimg: --window must be XxY for this network of 2D images\n");
  CHECK(refusal("nuclei", "plane.tif --mirror xx") ==
        "gpuimg: --mirror must be x, y, z or several of them, such as xy; got xx\n");
  CHECK(refusal("nuclei", "plane.tif --mirror z") ==
        "gpuimg: --mirror z: the network is for 2D images\n");
  CHECK(refusal("nuclei", "plane.tif --result labels") ==
        "gpuimg: --result must be one of objects|classes|mask|probabilities|logits, got labels\n");
  CHECK(refusal("nuclei", "plane.tif --result classes") ==
        "gpuimg: --result classes needs from 2 to 65536 channels, the network gives 1\n");
  CHECK(refusal("nuclei", "plane.tif --contours 1") ==
        "gpuimg: --contours must be < 1, the channels that the network gives; got 1\n");
  CHECK(refusal("milesial_free_axes", "three.tif --result logits --tile auto") ==
        "gpuimg: --result logits is not made in tiles of a network that gives 2 channels; objects "
        "and classes are\n");
  CHECK_THAT(refusal("nuclei", "plane.tif --memory_limit 50K"),
             Catch::Contains("smaller tiles are not possible"));
  CHECK(refusal("nnunet_v2_3d", "plane.tif") ==
        "gpuimg: plane.tif is a plane; the network is for 3D images\n");
  CHECK_FALSE(gpuimg.has("out"));

  setenv("GPUIMG_MEMORY_LIMIT", "600K", 1);
  const auto error = refusal("milesial_free_axes", "three.tif --window 128x128 --device reference");
  unsetenv("GPUIMG_MEMORY_LIMIT");
  CHECK_THAT(error,
             Catch::Contains("the budget is 614400; 1x3x") && Catch::EndsWith(" would fit\n"));
}

TEST_CASE("gpuimg segment: method model is model run, of objects", "[cli][slow]") {
  const program gpuimg;
  write_image(gpuimg, "image.tif", {50, 36}, 3);
  const std::string net = network("milesial_free_axes");
  const auto segmented = gpuimg("segment image.tif --model " + net + " --out segmented");
  REQUIRE(segmented.succeeded());
  REQUIRE(gpuimg("model run " + net + " image.tif --out run").succeeded());
  CHECK(gpuimg("compare segmented/labels.tif run/labels.tif").out == "identical\n");
  CHECK(text_of(gpuimg.path("segmented/measurements.csv")) ==
        text_of(gpuimg.path("run/measurements.csv")));
  for (const char* option : {"--invert", "--truth image.tif"})
    CHECK_THAT(gpuimg("segment image.tif --model " + net + " --out out " + option).err,
               Catch::Contains("is not for --method model"));
}

TEST_CASE("gpuimg model: bioimage.io's nuclei network passes its test and finds nuclei",
          "[cli][slow]") {
  const char* data = std::getenv("GPUIMG_TEST_DATA");
  const std::filesystem::path folder = data == nullptr ? "" : data;
  const auto package = folder / "models" / "unet2d_nuclei_broad";
  const auto image = folder / "nuclei" / "dsb_520x696_4_img.tif";
  if (!std::filesystem::exists(package) || !std::filesystem::exists(image)) return;
  const program gpuimg;
  CHECK(gpuimg("model test " + package.string()).succeeded());
  CHECK(gpuimg("model run " + package.string() + " " + image.string() +
               " --minimum_size 30 --out out")
            .succeeded());
  const auto truth = (folder / "nuclei" / "dsb_520x696_4_mask.tif").string();
  CHECK_THAT(gpuimg("score out/labels.tif " + truth).out,
             Catch::Contains("F1 at IoU 0.5           1\n"));
}
