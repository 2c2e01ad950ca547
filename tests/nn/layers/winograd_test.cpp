// SPDX-License-Identifier: BSD-3-Clause
// Convolutions by Winograd's products against their definition.
#include "gpuimg/nn/layers/winograd.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <vector>

#include "nn/layers/convolutions.hpp"

using namespace convolutions;
using gpuimg::nn::convolution;
using gpuimg::nn::convolution_method;

namespace {

// Both sizes of tiles. Rounding depends on all pixels of a tile.
void check_tiles(const convolution_parameters& p, const std::vector<tensor_shape>& shapes,
                 element storage = element::f32) {
  check_convolution<convolution>(p, shapes, {storage, false}, convolution_method::winograd_2);
  check_convolution<convolution>(p, shapes, {storage, false}, convolution_method::winograd_4);
}

}  // namespace

TEST_CASE("winograd: images of any size, with any padding", "[nn][winograd]") {
  check_tiles(random(16, 32, square(3, 1)), {{2, 16, 13, 22}});
  check_tiles(random(32, 16, square(3, 0)), {{1, 32, 3, 3}});
  check_tiles(random(17, 40, square(3, 1)), {{1, 17, 1, 65}});
  const window odd{{1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 4, 0}, {0, 1, 5}};
  check_tiles(random(16, 16, odd, 1, {activation_kind::leaky_relu, 0.1f}), {{1, 16, 6, 7}});
}

TEST_CASE("winograd: 3D, with windows of one and of several planes", "[nn][winograd]") {
  check_tiles(random(16, 32, cube(3, 1)), {{2, 16, 6, 5, 9}});
  check_tiles(random(16, 16, cube(3, 1)), {{1, 16, 1, 4, 4}});
  check_tiles(random(16, 16, cube(3, 0)), {{1, 16, 9, 30, 6}});
  check_tiles(random(16, 16, square(3, 1)), {{1, 16, 5, 6, 7}});
  const window deep{{2, 3, 3}, {1, 1, 1}, {1, 1, 1}, {3, 1, 1}, {0, 1, 1}};
  check_tiles(random(16, 16, deep), {{1, 16, 4, 6, 7}});
}

TEST_CASE("winograd: many channels and tiles, in several tasks", "[nn][winograd][slow]") {
  check_tiles(random(80, 144, square(3, 1)), {{1, 80, 40, 44}});
  check_tiles(random(64, 64, cube(3, 1)), {{1, 64, 9, 12, 10}});
}

TEST_CASE("winograd: two tensors, one to add, half precision", "[nn][winograd]") {
  auto p = random(40, 32, square(3, 1));
  p.sources = 2;
  check_tiles(p, {{2, 17, 7, 9}, {2, 23, 7, 9}});
  p = random(16, 24, square(3, 1), 1, {activation_kind::relu});
  p.adds_residual = true;
  check_tiles(p, {{2, 16, 8, 9}, {2, 24, 8, 9}});
  check_tiles(random(32, 32, square(3, 1)), {{1, 32, 8, 9}}, element::f16);
}

TEST_CASE("winograd: sums over many channels round little", "[nn][winograd]") {
  auto p = random(256, 32, square(3, 1));
  const std::vector<host_tensor> src = random_tensors({{1, 256, 12, 16}});
  const host_tensor exact = test::run(convolution(p), src);
  const auto check_rounding = [&](convolution_method method, double limit) {
    CAPTURE(p.is_accurate);
    for (const gpuimg::device& device : test::opencl_devices()) {
      const host_tensor found = test::run_on(device, convolution(p, method), src, 16);
      double differences = 0, squares = 0;
      for (std::size_t i = 0; i < exact.as<float>().size(); ++i) {
        const auto e = static_cast<double>(exact.as<float>()[i]);
        const double d = static_cast<double>(found.as<float>()[i]) - e;
        differences += d * d;
        squares += e * e;
      }
      INFO(device.name());
      CHECK(std::sqrt(differences / squares) < limit);
    }
  };
  check_rounding(convolution_method::winograd_2, 4e-7);
  check_rounding(convolution_method::winograd_4, 1e-6);
  p.is_accurate = true;
  check_rounding(convolution_method::automatic, 2.5e-7);
}
