// SPDX-License-Identifier: BSD-3-Clause
// Normalizations against their definitions, and those against PyTorch.
#include "gpuimg/nn/layers/normalization.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "support/layer_checks.hpp"

namespace {

using namespace gpuimg::nn;
using test::check_on_devices;
using test::random_numbers;
using test::random_tensor;

learnt_scale random_scale(std::int64_t channels) {
  return {random_numbers(channels, 5), random_numbers(channels, 6)};
}
const activation leaky{activation_kind::leaky_relu, 0.01f};

}  // namespace

TEST_CASE("channel_scale: every device gives the definition's bits", "[nn][normalization]") {
  for (const tensor_shape& shape : {tensor_shape{2, 17, 5, 7}, {1, 1, 1}, {2, 32, 2, 3, 4}, {3, 5}})
    check_on_devices(channel_scale(random_scale(shape[1]), leaky), {random_tensor(shape, 1)}, 0,
                     shape.rank() > 2 ? 16 : 1);
}

TEST_CASE("normalization: every device gives the definition's numbers", "[nn][normalization]") {
  for (const std::int64_t group : {1, 3, 6})
    for (const tensor_shape& shape :
         {tensor_shape{2, 18, 5, 7}, {1, 6, 1, 1}, {1, 6, 65, 63}, {2, 6, 3}, {0, 6, 3}})
      check_on_devices(normalization(group, 1e-5f, random_scale(shape[1]), leaky),
                       {random_tensor(shape, 1)}, 1e-5);
}

TEST_CASE("normalization: numbers far from 0 lose no more than their own precision",
          "[nn][normalization]") {
  host_tensor src = random_tensor({1, 4, 64, 64}, 1);
  for (float& x : src.as<float>()) x = x * 4 + 1000;
  const normalization layer(1, 1e-5f, {{1, 1, 1, 1}, {0, 0, 0, 0}});
  const host_tensor expected = test::run(layer, {src});
  for (const gpuimg::device& device : test::opencl_devices())
    for (const std::int64_t block : {1, 16})
      CHECK(test::differences(test::run_on(device, layer, {src}, block), expected, 1e-4) == 0);
}

TEST_CASE("layer_normalization: every device gives the definition's numbers",
          "[nn][normalization]") {
  for (const std::size_t axis : {1u, 2u, 3u}) {
    const tensor_shape shape{2, 3, 5, 17};
    check_on_devices(
        layer_normalization(axis, 1e-6f, random_scale(shape.product(axis, shape.rank()))),
        {random_tensor(shape, 1)}, 1e-5);
  }
}

TEST_CASE("normalization: numbers as PyTorch has them", "[nn][normalization]") {
  const auto src = test::tensor_of({1, 2, 3}, {1, 2, 6, -1, 0, 4});
  // torch 2.15: F.instance_norm(x, weight=tensor([1., 2.]), bias=tensor([0., 1.]))
  const auto instance = test::run(normalization(1, 1e-5f, {{1, 2}, {0, 1}}), {src});
  CHECK(test::differences(instance,
                          test::tensor_of({1, 2, 3}, {-0.9258193f, -0.4629097f, 1.3887290f,
                                                      -0.8516387f, 0.0741807f, 3.7774580f}),
                          1e-6) == 0);
}

TEST_CASE("normalization: what does not fit is named", "[nn][normalization]") {
  const std::vector<tensor_shape> src{{1, 3, 4}};
  CHECK_THROWS_MATCHES(
      normalization(2, 1e-5f, {{1, 1, 1}, {0, 0, 0}}).result(src), gpuimg::argument_error,
      Catch::Message("group normalization, 2 channels each: does not divide 1x3x4"));
  CHECK_THROWS_MATCHES(
      channel_scale({{1}, {0}}).result(src), gpuimg::argument_error,
      Catch::Message("batch normalization: has 1 factors and 1 shifts for 3 channels"));
}
