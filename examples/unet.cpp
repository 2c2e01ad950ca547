// SPDX-License-Identifier: BSD-3-Clause
// A network finds bright spots: here one of two convolutions, made in code; a U-Net runs the same
// way (unet_file.cpp).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <gpuimg/gpuimg.hpp>
#include <gpuimg/nn/instances.hpp>
#include <gpuimg/nn/network.hpp>
#include <gpuimg/nn/network_stage.hpp>
#include <gpuimg/tiling/run.hpp>
#include <memory>
#include <utility>
#include <vector>

namespace nn = gpuimg::nn;
namespace tiling = gpuimg::tiling;

// [graph]
nn::graph spot_finder() {  // sigmoid(0.5 * mean over 3x3 - 10)
  using integers = std::vector<std::int64_t>;
  nn::graph graph;
  graph.inputs = {{"image", nn::element::f32, {1, 1, -1, -1}}};  // -1: of any size
  graph.outputs = {{"probability", nn::element::f32, {1, 1, -1, -1}}};
  graph.constants["box"] = {nn::tensor_shape{1, 1, 3, 3}, std::vector<float>(9, 1.f / 9)};
  graph.constants["gain"] = {nn::tensor_shape{1, 1, 1, 1}, std::vector<float>{0.5f}};
  graph.constants["offset"] = {nn::tensor_shape{1}, std::vector<float>{-10}};
  graph.nodes = {
      {"Conv", "blur", {"image", "box"}, {"mean"}, {{"pads", integers{1, 1, 1, 1}}}},
      {"Conv", "contrast", {"mean", "gain", "offset"}, {"logit"}, {}},
      {"Sigmoid", "", {"logit"}, {"probability"}, {}},
  };
  return graph;
}
// [graph]

int main() {
  const gpuimg::shape size{600, 400};
  std::vector<float> pixels(size.pixels(), 1);
  std::size_t spots = 0;
  for (std::size_t y = 20; y < size.y; y += 60)
    for (std::size_t x = 0; x < size.x; x += 70, ++spots) pixels[y * size.x + x] = 500;
  const auto device = gpuimg::device::best();
  const auto image = gpuimg::push(device, pixels, size);

  // [predict]
  const nn::network network(spot_finder());       // or gpuimg::io::read_onnx("unet.onnx")
  const nn::tensor_shape window{1, 1, 256, 256};  // batch, channels, y, x
  const auto ready = network.prepare(device, window);
  const auto src = nn::stack({&image, 1}, window.rank());  // an image for each channel
  const auto probabilities = nn::predict(ready, src, {.step = 0.5});
  const auto labels = nn::instances(nn::channel_of(probabilities, 0), {.threshold = 0.5f});
  const auto found = gpuimg::maximum_of_all_pixels(labels);
  // [predict]

  const auto file =
      std::make_shared<tiling::memory_source>(gpuimg::host_image{.size = size, .pixels = pixels});
  const auto labels_file =
      std::make_shared<tiling::memory_sink>(tiling::describe(size, gpuimg::pixel_type::u32));
  // [tiles]
  const auto net = std::make_shared<nn::prepared_network>(network.prepare(device, window));
  const auto unet = std::make_shared<nn::network_stage>(
      net, "spot finder", nn::network_stage_options{.windows = {.step = 0.5}});
  tiling::pipeline steps;
  const auto probability = steps.add(unet, {steps.input("src")});  // an image for each channel
  steps.output("labels", nn::add_instances(steps, probability, false, {.threshold = 0.5f}));
  tiling::run(steps, {{"src", file}}, {{"labels", labels_file}}, {.devices = {device}});
  // [tiles]

  std::printf("%.0f of %zu spots on %s\n", found, spots, device.name().c_str());
  const auto in_tiles = labels_file->image().as<std::uint32_t>();
  const bool is_same = std::ranges::equal(in_tiles, gpuimg::pull(labels));
  return found == static_cast<double>(spots) && is_same ? 0 : 1;
}
