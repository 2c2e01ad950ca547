// SPDX-License-Identifier: BSD-3-Clause
// Transposed convolutions against their definition.
#include "gpuimg/nn/layers/transposed_convolution.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "nn/layers/convolutions.hpp"

using namespace convolutions;
using gpuimg::nn::transposed_convolution;

TEST_CASE("transposed_convolution: every device gives the definition's numbers",
          "[nn][transposed_convolution]") {
  const auto check = [](const convolution_parameters& p, const tensor_shape& shape,
                        const per_axis& output_padding = {}) {
    check_convolution<transposed_convolution>(p, {shape}, precision{}, output_padding);
  };
  check(random(32, 16, square(2, 0, 2)), {2, 32, 6, 7});
  check(random(16, 32, cube(2, 0, 2)), {1, 16, 3, 4, 5});
  window same{{1, 3, 3}, {1, 2, 2}, {1, 1, 1}, {0, 0, 0}, {0, 1, 1}};
  check(random(20, 33, same, 1, {activation_kind::relu}), {1, 20, 5, 6});
  check(random(16, 16, cube(3, 1, 2)), {1, 16, 3, 4, 5}, {1, 0, 1});
  const window odd{{1, 3, 4}, {1, 2, 3}, {1, 3, 2}, {0, 4, 0}, {0, 1, 3}};
  check(random(6, 20, odd), {2, 6, 6, 7}, {0, 1, 2});
  check(random(18, 2, square(4, 1, 2)), {1, 18, 6, 7});
  check(random(8, 12, square(3, 1, 2), 4), {1, 8, 6, 7});
  check(random(20, 20, square(3, 1, 2), 20), {1, 20, 6, 7});
  check(random(5, 18, line(2, 0, 4)), {2, 5, 33});  // pixels that no tap reaches
}

TEST_CASE("transposed_convolution: numbers may be stored in half precision",
          "[nn][transposed_convolution][slow]") {
  check_convolution<transposed_convolution>(random(32, 16, square(2, 0, 2)), {{1, 32, 8, 9}},
                                            precision{element::f16});
}

TEST_CASE("transposed_convolution: the definition is PyTorch's", "[nn][transposed_convolution]") {
  check_golden<transposed_convolution>("up", {2, 3, 4, 5}, 4, square(2, 0, 2), 1);
  check_golden<transposed_convolution>("up_padded", {1, 4, 4, 5}, 3, square(3, 1, 2), 1,
                                       per_axis{0, 1, 0});
  const window dilated{{1, 3, 2}, {1, 3, 2}, {1, 2, 1}, {}, {}};
  check_golden<transposed_convolution>("up_groups", {1, 4, 4, 5}, 6, dilated, 2);
  check_golden<transposed_convolution>("up_cube", {1, 2, 3, 2, 4}, 3, cube(3, 1, 2), 1);
}
