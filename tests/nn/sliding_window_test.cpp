// SPDX-License-Identifier: BSD-3-Clause
// Windows of images: where they lie, what they count, and what a network makes of the whole image,
// against nnU-Net (tests/golden/nn/make_sliding_window.py).
#include "gpuimg/nn/sliding_window.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "gpuimg/nn/layers/convolution.hpp"
#include "support/devices.hpp"
#include "support/layers.hpp"

namespace nn = gpuimg::nn;

namespace {

const std::string stem = std::string(GPUIMG_TEST_SOURCE_DIR) + "/golden/nn/sliding_window";

nlohmann::json read_json() {
  std::ifstream file(stem + ".json");
  return nlohmann::json::parse(file);
}

/// A network of one convolution.
nn::network_steps one_convolution(const nn::tensor_shape& input, nn::convolution_parameters p) {
  const auto layer = std::make_shared<nn::convolution>(std::move(p));
  nn::network_steps steps;
  steps.tensors = {input, layer->result(std::vector{input})};
  steps.inputs = {0};
  steps.outputs = {1};
  steps.steps = {{layer, {0}, 1, "convolution"}};
  return steps;
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double most = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    most = std::max(most, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return most;
}

}  // namespace

TEST_CASE("windows: they begin where nnU-Net's begin", "[nn]") {
  const auto cases = read_json()["starts"];
  for (const auto& c : cases) {
    INFO(c.dump());
    CHECK(nn::window_starts(c["image"], c["tile"], c["step"]) ==
          c["starts"].get<std::vector<std::int64_t>>());
  }
  CHECK(nn::window_starts(20, 64, 0.5) == std::vector<std::int64_t>{0});
  CHECK_THROWS_MATCHES(nn::window_starts(20, 0, 0.5), gpuimg::argument_error,
                       Catch::Message("a window must have 1 pixel or more along each axis, got 0"));
  CHECK_THROWS_AS(nn::window_starts(20, 4, 0.0), gpuimg::argument_error);
  CHECK_THROWS_AS(nn::window_starts(20, 4, 1.5), gpuimg::argument_error);
}

TEST_CASE("windows: all over a pixel count 1 together", "[nn]") {
  for (const auto kind : {nn::importance::gaussian, nn::importance::constant}) {
    const auto starts = nn::window_starts(110, 64, 0.5);
    const auto weights = nn::window_weights(64, starts, kind);
    std::vector<double> sums(110, 0);
    for (std::size_t i = 0; i < starts.size(); ++i)
      for (std::size_t k = 0; k < 64; ++k)
        sums[static_cast<std::size_t>(starts[i]) + k] += static_cast<double>(weights[i][k]);
    for (const double sum : sums) CHECK(sum == Approx(1).epsilon(1e-6));
  }
}

TEST_CASE("predict: a network that does nothing gives the image back", "[nn]") {
  for (const auto& device : test::devices()) {
    INFO("on " << device.name());
    const nn::prepared_network net(device, one_convolution({1, 1, 16, 12}, {.weights = {1.f}}));
    const auto image = test::random_tensor({1, 1, 37, 29}, 1);
    const auto found =
        nn::pull(nn::predict(net, nn::push(device, image), {.mirror = {true, true}}));
    CHECK(found.shape() == image.shape());
    CHECK(largest_difference(found.values<float>(), image.values<float>()) <= 1e-6);
  }
}

TEST_CASE("predict: valid convolutions see the mirrored image, and tiles fit without a seam",
          "[nn]") {
  const nn::convolution_parameters p{.window = {.size = {1, 3, 5}},
                                     .weights = test::random_numbers(15, 2)};
  for (const auto& device : test::devices()) {
    INFO("on " << device.name());
    const auto image = nn::push(device, test::random_tensor({1, 1, 30, 41}, 3));
    const nn::prepared_network small(device, one_convolution({1, 1, 10, 12}, p));
    const nn::prepared_network large(device, one_convolution({1, 1, 32, 45}, p));
    const auto tiled = nn::pull(nn::predict(small, image));
    CHECK(tiled.shape() == nn::tensor_shape{1, 1, 30, 41});
    CHECK(tiled.values<float>() == nn::pull(nn::predict(large, image)).values<float>());
  }
}
