// SPDX-License-Identifier: BSD-3-Clause
// Networks in tiles: what they give is what they give of the whole, bit for bit.
#include "gpuimg/nn/network_stage.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/nn/layers/convolution.hpp"
#include "gpuimg/tiling/run.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/layers.hpp"

namespace nn = gpuimg::nn;
namespace ops = gpuimg::ops;
namespace tiling = gpuimg::tiling;
using gpuimg::host_image;
using gpuimg::pixel_type;
using gpuimg::shape;
using tiling::box;

namespace {

/// A network of one convolution of `inputs` channels to 2, which keeps the size or loses a margin.
struct convolution_case {
  nn::tensor_shape window;
  std::array<std::int64_t, 3> taps;  // z, y, x
  bool is_padded = true;
  nn::window_options options{};
};

nn::prepared_network prepared(const gpuimg::device& device, const convolution_case& c) {
  nn::convolution_parameters p;
  p.window.size = c.taps;
  for (std::size_t axis = 0; c.is_padded && axis < 3; ++axis)
    p.window.begin[axis] = p.window.end[axis] = c.taps[axis] / 2;
  p.src_channels = c.window[1];
  p.dst_channels = 2;
  p.weights = test::random_numbers(2 * c.window[1] * p.window.taps(), 5);
  const auto layer = std::make_shared<nn::convolution>(std::move(p));
  nn::network_steps steps;
  steps.tensors = {c.window, layer->result(std::vector{c.window})};
  steps.inputs = {0};
  steps.outputs = {1};
  steps.steps = {{layer, {0}, 1, "convolution"}};
  return {device, std::move(steps)};
}

/// Windows in 2D and 3D, that overlap or not, are mirrored, lose a margin, or see planes of stacks.
std::vector<std::pair<convolution_case, shape>> cases() {
  const nn::tensor_shape plane{1, 1, 12, 16}, two{1, 2, 10, 9}, volume{1, 1, 6, 9, 8};
  return {
      {{plane, {1, 3, 3}}, {61, 43}},
      {{plane, {1, 3, 5}, true, {.step = 0.3, .mirror = {true, true, false}}}, {49, 37}},
      {{plane, {1, 3, 3}, true, {.step = 1, .weights = nn::importance::constant}}, {33, 25}},
      {{plane, {1, 3, 3}}, {7, 5}},  // smaller than a window
      {{plane, {1, 3, 3}, true, {.beyond = gpuimg::border::reflect}}, {70, 5}},
      {{plane, {1, 3, 3}, true, {.beyond = gpuimg::border::wrap}}, {9, 40}},
      {{plane, {1, 5, 7}, false}, {41, 33}},    // results of 8 x 10
      {{plane, {1, 11, 13}, false}, {18, 13}},  // margins beyond a small image
      {{two, {1, 3, 3}}, {21, 31}},
      {{plane, {1, 3, 3}}, {30, 19, 5}},
      {{plane, {1, 5, 7}, false}, {23, 17, 3}},
      {{volume, {3, 3, 3}, true, {.mirror = {false, false, true}}}, {17, 19, 13}},
      {{volume, {3, 5, 3}, false}, {15, 11, 9}},
  };
}

nn::tensor_shape tensor_of(const convolution_case& c, const shape& size) {
  std::vector<std::int64_t> sizes{1, c.window[1]};
  if (size.is_3d() || c.window.rank() == 5) sizes.push_back(static_cast<std::int64_t>(size.z));
  sizes.insert(sizes.end(), {static_cast<std::int64_t>(size.y), static_cast<std::int64_t>(size.x)});
  return nn::tensor_shape(std::move(sizes));
}

/// The numbers of a box of all channels of a tensor.
std::vector<float> numbers_in(const nn::host_tensor& from, const shape& size, const box& part) {
  const auto values = from.as<float>();
  std::vector<float> all;
  for (std::size_t first = 0; first < values.size(); first += size.pixels()) {
    const auto channel = values.subspan(first, size.pixels());
    const host_image image{.size = size,
                           .pixels = std::vector<float>(channel.begin(), channel.end())};
    const auto cut = std::get<std::vector<float>>(crop(image, part).pixels);
    all.insert(all.end(), cut.begin(), cut.end());
  }
  return all;
}

/// Some boxes of an image: all, its corners, one pixel, and what lies anywhere.
std::vector<box> some_boxes(const shape& size, std::uint64_t seed) {
  std::vector<box> all{tiling::whole(size), {{0, 0, 0}, {1, 1, 1}}};
  all.push_back({{size.x - 1, size.y - 1, size.z - 1}, {1, 1, 1}});
  for (std::uint64_t i = 0; i < 6; ++i) {
    box part;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::size_t side = size.axes()[axis];
      part.origin[axis] = test::random_below(side, seed, 6 * i + axis);
      part.size[axis] = 1 + test::random_below(side - part.origin[axis], seed, 6 * i + axis + 3);
    }
    all.push_back(part);
  }
  return all;
}

/// Runs a pipeline whole and in tiles; "" where all results are the same.
std::string difference_in_tiles(const tiling::pipeline& what, const gpuimg::device& device,
                                const std::vector<host_image>& pixels, const shape& tile,
                                const tiling::run_options& options = {}) {
  tiling::named_images images;
  tiling::sources from;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const std::string& name = what.steps()[what.inputs()[i].index].name;
    images.emplace(name, push(device, pixels[i]));
    from[name] = std::make_shared<tiling::memory_source>(pixels[i]);
  }
  const auto whole = tiling::run(what, images);
  tiling::sinks to;
  std::map<std::string, std::shared_ptr<tiling::memory_sink>> found;
  for (const auto& [name, result] : whole)
    if (const auto* image = std::get_if<gpuimg::any_image>(&result))
      to[name] = found[name] = std::make_shared<tiling::memory_sink>(pull(*image));
  tiling::run_options in_tiles = options;
  if (in_tiles.devices.empty()) in_tiles.devices = {device};
  in_tiles.tile = tile;
  tiling::run(what, from, to, in_tiles);
  for (const auto& [name, sink] : found)
    if (sink->image().pixels != pull(std::get<gpuimg::any_image>(whole.at(name))).pixels)
      return name;
  return "";
}

host_image random_image(const shape& size, std::uint64_t seed) {
  return {.size = size,
          .pixels = test::random_numbers(static_cast<std::int64_t>(size.pixels()), seed)};
}

}  // namespace

TEST_CASE("predict_part: a box of the image becomes what it is in the whole", "[nn]") {
  std::uint64_t seed = 0;
  for (const auto& device : test::devices())
    for (const auto& each : cases()) {
      const auto& c = each.first;
      const shape& size = each.second;
      const auto net = prepared(device, c);
      const auto image = test::random_tensor(tensor_of(c, size), ++seed);
      const auto whole = nn::pull(nn::predict(net, nn::push(device, image), c.options));
      for (const box& part : some_boxes(size, seed)) {
        INFO(to_string(part) << " of " << to_string(size) << ", windows " << to_string(c.window)
                             << " on " << device.name());
        const box seen = nn::source_box(net, size, part, c.options);
        REQUIRE(tiling::whole(size).contains(seen));
        const nn::host_tensor src(tensor_of(c, seen.shape()),
                                  std::span<const float>(numbers_in(image, size, seen)));
        const auto found =
            nn::pull(nn::predict_part(net, nn::push(device, src), size, part, c.options));
        CHECK(found.values<float>() == numbers_in(whole, size, part));
      }
    }
}

TEST_CASE("source_box: every pixel at its edges has a say, and none beyond them", "[nn]") {
  const auto device = gpuimg::device::reference();
  std::uint64_t seed = 0;
  for (const auto& each : cases()) {
    const auto& c = each.first;
    const shape& size = each.second;
    const auto net = prepared(device, c);
    const box part{{size.x / 2, size.y / 2, size.z / 2}, {1, 1, 1}};
    const box seen = nn::source_box(net, size, part, c.options);
    INFO(to_string(seen) << " for " << to_string(part) << " of " << to_string(size) << ", windows "
                         << to_string(c.window));
    const auto image = test::random_tensor(tensor_of(c, size), ++seed);
    // What is beyond the box changes nothing.
    auto changed = image;
    const auto values = changed.as<float>();
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!seen.contains(
              tiling::extent{i % size.x, i / size.x % size.y, i / size.x / size.y % size.z}))
        values[i] += 1;
    const auto at = [&](const nn::host_tensor& from) {
      return numbers_in(nn::pull(nn::predict(net, nn::push(device, from), c.options)), size, part);
    };
    CHECK(at(changed) == at(image));
  }
  // A window of which each pixel has a say in each pixel: one pixel less is one too few.
  const convolution_case c{{1, 1, 8, 8}, {1, 15, 15}};
  const auto net = prepared(device, c);
  const shape size{20, 20};
  const auto image = test::random_tensor({1, 1, 20, 20}, 7);
  const box part{{9, 9, 0}, {1, 1, 1}}, seen = nn::source_box(net, size, part);
  const auto wanted = nn::pull(nn::predict(net, nn::push(device, image))).values<float>();
  for (const std::size_t pixel : {seen.origin[0] + 20 * 9, seen.end(0) - 1 + 20 * 9,
                                  9 + 20 * seen.origin[1], 9 + 20 * (seen.end(1) - 1)}) {
    auto changed = image;
    changed.as<float>()[pixel] += 1;
    const auto found = nn::pull(nn::predict(net, nn::push(device, changed))).values<float>();
    CHECK(found[9 + 20 * 9] != wanted[9 + 20 * 9]);
  }
  const nn::tensor small(device, {nn::tensor_shape{1, 1, static_cast<std::int64_t>(seen.size[1]),
                                                   static_cast<std::int64_t>(seen.size[0]) - 1}});
  CHECK_THROWS_MATCHES(nn::predict_part(net, small, size, part), gpuimg::argument_error,
                       Catch::Message("predict: for 1x1x1 at (9, 9, 0) the pixels of 12x12x1 at "
                                      "(4, 4, 0) are needed, got 11x12"));
}

TEST_CASE("network_stage: in tiles it gives what it gives whole", "[nn][tiling]") {
  std::uint64_t seed = 0;
  for (const auto& device : test::devices())
    for (const auto& each : cases()) {
      const auto& c = each.first;
      const shape& size = each.second;
      const auto net = std::make_shared<nn::prepared_network>(prepared(device, c));
      std::vector<host_image> pixels;
      tiling::pipeline steps;
      std::vector<tiling::value> images;
      for (std::int64_t channel = 0; channel < c.window[1]; ++channel) {
        images.push_back(steps.input(std::to_string(channel)));
        pixels.push_back(random_image(size, ++seed));
      }
      const auto add = [&](nn::network_image made, std::size_t channel) {
        return steps.add(
            std::make_shared<nn::network_stage>(
                net, "convolution",
                nn::network_stage_options{
                    .windows = c.options, .made = made, .channel = channel, .threshold = 0}),
            images);
      };
      const auto first = add(nn::network_image::channel, 0);
      steps.output("channel", first);
      steps.output("mask", add(nn::network_image::mask, 1));
      steps.output("classes", add(nn::network_image::classes, 0));
      steps.output("blurred", steps.add(ops::gaussian_blur{.sigma_x = 1, .sigma_y = 2}, first));
      const shape tile{(size.x + 2) / 3, (size.y + 1) / 2, (size.z + 1) / 2};
      INFO(to_string(size) << ", windows " << to_string(c.window) << " on " << device.name());
      CHECK(difference_in_tiles(steps, device, pixels, tile) == "");
    }
}

TEST_CASE("network_stage: objects in tiles are those of instances", "[nn][tiling]") {
  const convolution_case c{{1, 1, 12, 16}, {1, 3, 3}};
  for (const auto& device : test::devices()) {
    const auto net = std::make_shared<nn::prepared_network>(prepared(device, c));
    const shape size{61, 43};
    const host_image pixels = random_image(size, 11);
    const auto src = gpuimg::push<float>(device, pixels);
    const auto predicted = nn::predict(*net, nn::stack({&src, 1}, 4));
    const auto foreground = nn::channel_of(predicted, 0), contours = nn::channel_of(predicted, 1);
    for (const nn::instance_options options : {nn::instance_options{.threshold = 0.2f},
                                               {.threshold = 0.3f, .minimum_size = 3},
                                               {.threshold = -0.1f, .spot_sigma = 1.5f}}) {
      tiling::pipeline steps;
      const auto image = steps.input("src");
      const auto network = [&](const nn::network_stage_options& made) {
        return steps.add(std::make_shared<nn::network_stage>(net, "", made), {image});
      };
      const auto first = network({});
      steps.output(
          "mask",
          network({.made = nn::network_image::mask, .channel = 1, .threshold = options.threshold}));
      steps.output("classes", network({.made = nn::network_image::classes}));
      steps.output("labels", nn::add_instances(steps, first, false, options));
      steps.output("apart", nn::add_instances(steps, first, network({.channel = 1}), options));
      CHECK(difference_in_tiles(steps, device, {pixels}, {20, 11}) == "");
      tiling::named_images images;
      images.emplace("src", push(device, pixels));
      const auto found = tiling::run(steps, images);
      const auto labels_of = [&](const char* name) {
        return pull(std::get<gpuimg::label_image>(std::get<gpuimg::any_image>(found.at(name))));
      };
      CHECK(labels_of("labels") == pull(nn::instances(foreground, options)));
      CHECK(labels_of("apart") == pull(nn::instances(foreground, contours, options)));
      CHECK(std::ranges::max(labels_of("labels")) > 1);
      std::vector<std::uint8_t> mask, classes;
      const auto zero = pull(foreground), one = pull(contours);
      for (std::size_t i = 0; i < one.size(); ++i) {
        mask.push_back(one[i] > options.threshold ? 1 : 0);
        classes.push_back(one[i] > zero[i] ? 1 : 0);
      }
      const auto bytes_of = [&](const char* name) {
        return pull(std::get<gpuimg::binary_image>(std::get<gpuimg::any_image>(found.at(name))));
      };
      CHECK(bytes_of("mask") == mask);
      CHECK(bytes_of("classes") == classes);
    }
  }
}

TEST_CASE("network_stage: tiles of other devices come to the network and go back", "[nn][tiling]") {
  const convolution_case c{{1, 1, 12, 16}, {1, 3, 3}};
  for (const auto& device : test::devices()) {
    const auto net = std::make_shared<nn::prepared_network>(prepared(device, c));
    tiling::pipeline steps;
    const auto stage = std::make_shared<nn::network_stage>(net, "convolution");
    const auto first = steps.add(stage, {steps.input("src")});
    steps.output("blurred", steps.add(ops::gaussian_blur{.sigma_x = 1}, first));
    CHECK(difference_in_tiles(steps, device, {random_image({61, 43}, 3)}, {15, 12},
                              {.devices = test::devices()}) == "");
  }
}

TEST_CASE("network_stage: a run ends between windows where it is stopped", "[nn][tiling]") {
  const auto& device = test::devices().back();
  const auto net =
      std::make_shared<nn::prepared_network>(prepared(device, {{1, 1, 12, 16}, {1, 3, 3}}));
  std::stop_source stop;
  std::size_t windows = 0;
  tiling::pipeline steps;
  const auto stage = std::make_shared<nn::network_stage>(
      net, "", nn::network_stage_options{.windows = {.progress = [&](std::size_t, std::size_t) {
                                           if (++windows == 3) stop.request_stop();
                                         }}});
  steps.output("dst", steps.add(stage, {steps.input("src")}));
  const host_image pixels = random_image({61, 43}, 3);
  const auto to = std::make_shared<tiling::memory_sink>(pixels);
  CHECK_THROWS_AS(tiling::run(steps, {{"src", std::make_shared<tiling::memory_source>(pixels)}},
                              {{"dst", to}}, {.devices = {device}, .stop = stop.get_token()}),
                  gpuimg::cancelled_error);
  CHECK(windows == 3);
}

TEST_CASE("network_stage: memory, and what it does not take", "[nn][tiling]") {
  const auto device = gpuimg::device::reference();
  const convolution_case c{{1, 1, 12, 16}, {1, 3, 3}};
  const auto net = std::make_shared<nn::prepared_network>(prepared(device, c));
  const nn::network_stage stage(net, "a");
  CHECK(stage.bytes_held() == net->memory().peak());
  CHECK(stage.bytes_for({{0, 0, 0}, {10, 10, 1}}, {500, 500}) == 4 * 24 * 18 + 8 * 2 * 10 * 10);
  CHECK(stage.parameters() != nn::network_stage(net, "b").parameters());
  CHECK(stage.parameters() !=
        nn::network_stage(net, "a", {.windows = {.step = 0.25}}).parameters());
  CHECK_THROWS_WITH(stage.result_type(std::vector{pixel_type::u16}),
                    "network: takes f32 images, got u16");
  CHECK_THROWS_WITH(nn::network_stage(net, "a", {.channel = 2}),
                    "network: there is no channel 2, the network gives 2");
  const nn::tensor_description raw{.id = "raw",
                                   .axes = {{nn::axis_kind::batch, "b"},
                                            {nn::axis_kind::channel, "c"},
                                            {nn::axis_kind::space, "y"},
                                            {nn::axis_kind::space, "x"}},
                                   .processing = {nn::steps::scale_range{.axes = {"x", "y"}}}};
  CHECK_THROWS_WITH(nn::network_stage(net, "a", {.before = {raw}}),
                    "the steps of the tensor raw take statistics of all of it");
}
