// SPDX-License-Identifier: BSD-3-Clause
// Convolutions against their definition.
#include "gpuimg/nn/layers/convolution.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "nn/layers/convolutions.hpp"

using namespace convolutions;
using gpuimg::nn::convolution;
using gpuimg::nn::convolution_method;

namespace {

void check(const convolution_parameters& p, const std::vector<tensor_shape>& shapes,
           precision wanted = {}) {
  check_convolution<convolution>(p, shapes, wanted, convolution_method::direct);
}

}  // namespace

TEST_CASE("convolution: a window of one weight 1 copies the image", "[nn][convolution]") {
  const host_tensor src = test::random_tensor({2, 1, 5, 7}, 3);
  const host_tensor dst = test::run(convolution({.weights = {1}}), {src});
  CHECK(dst.shape() == src.shape());
  CHECK(std::equal(src.as<float>().begin(), src.as<float>().end(), dst.as<float>().begin()));
}

TEST_CASE("convolution: every device gives the definition's numbers", "[nn][convolution]") {
  const activation leaky{activation_kind::leaky_relu, 0.1f};
  SECTION("2D, common windows") {
    check(random(3, 17, square(3, 1), 1, leaky), {{2, 3, 9, 13}});
    check(random(32, 32, square(3, 1)), {{1, 32, 10, 12}});
    check(random(16, 48, square(3, 0)), {{2, 16, 11, 19}});
    check(random(20, 40, square(3, 1, 2)), {{1, 20, 9, 14}});
    check(random(33, 2, square(1, 0)), {{2, 33, 5, 31}});
    check(random(8, 8, square(5, 2)), {{1, 8, 1, 1}});
    check(random(1, 1, square(7, 3)), {{1, 1, 17, 65}});
    check(random(4, 3, square(2, 1)), {{1, 4, 6, 5}});
  }
  SECTION("1D and 3D") {
    check(random(5, 18, line(4, 2, 3)), {{2, 5, 63}});
    check(random(18, 5, line(9, 0)), {{1, 18, 65}});
    check(random(16, 33, cube(3, 1)), {{2, 16, 4, 5, 6}});
    check(random(1, 16, cube(3, 1, 2)), {{1, 1, 7, 5, 9}});
    check(random(32, 16, cube(3, 1)), {{1, 32, 1, 1, 3}});
  }
  SECTION("dilation, unequal padding and strides") {
    const window odd{{1, 3, 2}, {1, 2, 3}, {1, 3, 2}, {0, 4, 0}, {0, 1, 5}};
    check(random(6, 20, odd, 1, leaky), {{1, 6, 13, 17}});
    const window deep{{2, 1, 3}, {1, 3, 1}, {2, 1, 4}, {0, 0, 3}, {1, 2, 9}};
    check(random(17, 16, deep), {{2, 17, 5, 6, 7}});
  }
  SECTION("groups") {
    check(random(32, 64, square(3, 1), 2), {{1, 32, 6, 7}});
    check(random(12, 18, square(3, 1), 6), {{2, 12, 6, 7}});
    check(random(40, 40, square(3, 1), 40), {{1, 40, 9, 11}});
    check(random(3, 3, square(3, 1, 2), 3, leaky), {{1, 3, 9, 11}});
    check(random(20, 40, cube(3, 1), 20), {{1, 20, 3, 4, 5}});
  }
  SECTION("without a bias") {
    auto p = random(16, 16, square(3, 1));
    p.bias.clear();
    check(p, {{1, 16, 6, 7}});
  }
  SECTION("no images") { check(random(16, 16, square(3, 1)), {{0, 16, 6, 7}}); }
  SECTION("no pixels but what is beyond the border") {
    check(random(16, 16, square(3, 2)), {{1, 16, 0, 7}});
  }
}

TEST_CASE("convolution: many pixels of few channels fit the least local memory that GPUs have",
          "[nn][convolution]") {
  const convolution layer(random(8, 2, square(1, 0)));
  const auto src = random_tensors({{1, 8, 32, 40}});
  const host_tensor expected = test::run(layer, src);
  for (auto description : gpuimg::opencl::list_devices()) {
    description.type = CL_DEVICE_TYPE_GPU;
    description.shares_host_memory = false;
    description.local_memory = 32 << 10;
    const gpuimg::device device(gpuimg::opencl::device{description});
    const host_tensor found = test::run_on(device, layer, src, 1, element::f32);
    for (std::size_t i = 0; i < expected.as<float>().size(); ++i)
      REQUIRE(found.as<float>()[i] == Approx(expected.as<float>()[i]).margin(1e-5));
  }
}

TEST_CASE("convolution: the way that is taken for the fastest gives the same numbers",
          "[nn][convolution]") {
  check_convolution<convolution>(random(32, 48, square(3, 1)), {{1, 32, 33, 35}},
                                 {.is_local = false});
  check_convolution<convolution>(random(64, 64, square(3, 1)), {{1, 64, 5, 6}},
                                 {.is_local = false});
}

TEST_CASE("convolution: the source may be two tensors", "[nn][convolution]") {
  auto p = random(40, 32, square(3, 1));
  p.sources = 2;
  check(p, {{2, 24, 7, 9}, {2, 16, 7, 9}});
  check(p, {{2, 17, 7, 9}, {2, 23, 7, 9}});
  p.groups = 2;
  p.weights.resize(p.weights.size() / 2);
  check(p, {{1, 17, 7, 9}, {1, 23, 7, 9}});
  p = random(40, 2, square(1, 0));
  p.sources = 2;
  check(p, {{2, 7, 7, 9}, {2, 33, 7, 9}});
}

TEST_CASE("convolution: a tensor may be added before the activation", "[nn][convolution]") {
  auto p = random(16, 24, square(3, 1, 2), 1, {activation_kind::relu});
  p.adds_residual = true;
  check(p, {{2, 16, 8, 9}, {2, 24, 4, 5}});
  p = random(16, 3, square(3, 1), 1, {activation_kind::relu});
  p.adds_residual = true;
  check(p, {{1, 16, 8, 9}, {1, 3, 8, 9}});
}

TEST_CASE("convolution: numbers may be stored in half precision", "[nn][convolution][slow]") {
  const activation relu{activation_kind::relu};
  check(random(3, 32, square(3, 1), 1, relu), {{1, 3, 8, 9}}, precision{element::f16});
  check(random(32, 32, square(3, 1), 1, relu), {{1, 32, 8, 9}}, precision{element::f16});
  check(random(32, 2, square(1, 0)), {{1, 32, 8, 9}}, precision{element::f16});
  check(random(32, 32, square(3, 1), 32), {{1, 32, 8, 9}}, precision{element::f16});
}

TEST_CASE("convolution: sums of many channels round little", "[nn][convolution]") {
  const auto p = [] {
    convolution_parameters made = random(4096, 16, square(1, 0));
    for (float& w : made.weights) w = std::fabs(w);
    return made;
  }();
  const std::vector<host_tensor> src{absolute(test::random_tensor({1, 4096, 8, 9}, 1))};
  const convolution layer(p);
  const host_tensor expected = test::run(layer, src);
  for (const gpuimg::device& device : test::opencl_devices()) {
    if (device.opencl().launches().variant != gpuimg::opencl::kernel_variant::serial) continue;
    const host_tensor found = test::run_on(device, layer, src, 16);
    double squares = 0;
    for (std::size_t i = 0; i < found.as<float>().size(); ++i) {
      const double d = static_cast<double>(found.as<float>()[i]) / expected.as<float>()[i] - 1;
      squares += d * d;
    }
    // one after the other, 4096 numbers give 8e-7
    CHECK(std::sqrt(squares / static_cast<double>(found.as<float>().size())) < 4e-7);
  }
}

TEST_CASE("convolution: says what it is and what does not fit", "[nn][convolution]") {
  const convolution c(random(32, 64, square(3, 1, 2), 1, {activation_kind::relu}));
  CHECK(c.describe() == "convolution 3x3, stride 2x2, 32 to 64 channels, relu");
  CHECK(c.parameters() == 32 * 64 * 9 + 64);
  CHECK(c.flops(std::vector<tensor_shape>{{1, 32, 8, 8}}) == 2 * 32 * 64 * 9 * 16);
  CHECK_THROWS_WITH(c.result(std::vector<tensor_shape>{{1, 31, 8, 8}}),
                    c.describe() + ": takes 32 channels, got 1x31x8x8");
  CHECK_THROWS_WITH(c.result(std::vector<tensor_shape>{{1, 32, 8}}),
                    c.describe() + ": the window does not fit, got 1x32x8");
  CHECK_THROWS_AS(
      convolution(random(8, 8, square(3, 0))).result(std::vector<tensor_shape>{{1, 8, 2, 9}}),
      gpuimg::argument_error);
  auto p = random(32, 64, square(3, 1));
  p.weights.pop_back();
  CHECK_THROWS_WITH(convolution(p), "convolution: there must be 18432 weights, got 18431");
}

TEST_CASE("convolution: the definition is PyTorch's", "[nn][convolution]") {
  check_golden<convolution>("line", {2, 3, 11}, 4, line(4, 2, 3), 1);
  check_golden<convolution>("square", {2, 3, 7, 9}, 5, square(3, 1), 1);
  const window dilated{{1, 3, 2}, {1, 2, 1}, {1, 2, 3}, {0, 2, 1}, {0, 2, 1}};
  check_golden<convolution>("dilated", {1, 2, 9, 8}, 3, dilated, 1);
  check_golden<convolution>("groups", {1, 6, 5, 6}, 4, square(3, 0), 2);
  check_golden<convolution>("depthwise", {1, 4, 5, 6}, 4, square(3, 1), 4);
  check_golden<convolution>("cube", {1, 2, 4, 5, 6}, 3, cube(3, 1, 2), 1);
}
