// SPDX-License-Identifier: BSD-3-Clause
// Products of matrices against their definition, and that against numpy.
#include "gpuimg/nn/layers/matrix_product.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "support/layer_checks.hpp"

namespace {

using namespace gpuimg::nn;
using test::check_on_devices;
using test::random_tensor;
using test::tensor_of;

}  // namespace

TEST_CASE("matrix product: every device gives the definition's numbers", "[nn][matrix_product]") {
  const std::vector<std::pair<tensor_shape, tensor_shape>> pairs{
      {{1, 1}, {1, 1}},
      {{3, 17}, {17, 2}},
      {{9, 65}, {65, 33}},
      {{2, 3, 5, 7}, {7, 16}},
      {{5, 7}, {2, 3, 7, 20}},
      {{2, 1, 5, 7}, {1, 3, 7, 4}},
      {{2, 12, 17}, {2, 17, 3}},
      {{7}, {7, 5}},
      {{3, 7}, {7}},
      {{7}, {7}},
      {{0, 3}, {3, 2}},
      {{2, 0}, {0, 3}},
  };
  for (const auto& [a, b] : pairs) {
    check_on_devices(matrix_product({}), {random_tensor(a, 1), random_tensor(b, 2)}, 1e-5, 1);
    check_on_devices(matrix_product({.b = random_tensor(b, 2)}), {random_tensor(a, 1)}, 1e-5, 1);
  }
}

TEST_CASE("matrix product: transposed operands, factors, and something added",
          "[nn][matrix_product]") {
  for (const bool turns_a : {false, true})
    for (const bool turns_b : {false, true})
      for (const tensor_shape& c : {tensor_shape{}, {1}, {35}, {9, 1}, {1, 35}, {9, 35}}) {
        const tensor_shape a = turns_a ? tensor_shape{6, 9} : tensor_shape{9, 6};
        const tensor_shape b = turns_b ? tensor_shape{35, 6} : tensor_shape{6, 35};
        matrix_product_parameters p{
            .transposes_a = turns_a, .transposes_b = turns_b, .alpha = 0.5f, .beta = -2};
        p.adds_source = true;
        check_on_devices(matrix_product(p),
                         {random_tensor(a, 1), random_tensor(b, 2), random_tensor(c, 3)}, 1e-5, 1);
        p.adds_source = false;
        p.b = random_tensor(b, 2);
        p.c = random_tensor(c, 3);
        check_on_devices(matrix_product(p), {random_tensor(a, 1)}, 1e-5, 1);
      }
}

TEST_CASE("matrix product: numbers and shapes as numpy has them", "[nn][matrix_product]") {
  const auto a = tensor_of({2, 3}, {1, 2, 3, 4, 5, 6}), b = tensor_of({3, 2}, {1, 0, 2, 1, 0, 3});
  CHECK(test::numbers_of(test::run(matrix_product({}), {a, b})) ==
        std::vector<float>{5, 11, 14, 23});
  CHECK(test::numbers_of(test::run(matrix_product({.transposes_a = true, .transposes_b = true}),
                                   {a, b})) == std::vector<float>{1, 6, 12, 2, 9, 15, 3, 12, 18});
  const std::vector<tensor_shape> shapes{{4, 1, 2, 3}, {5, 3, 7}}, rows{{3}, {2, 3, 4}};
  CHECK(matrix_product({}).result(shapes) == tensor_shape{4, 5, 2, 7});
  CHECK(matrix_product({}).flops(shapes) == 2 * 4 * 5 * 2 * 3 * 7);
  CHECK(matrix_product({}).result(rows) == tensor_shape{2, 4});
}

TEST_CASE("matrix product: shapes that do not fit are named", "[nn][matrix_product]") {
  const std::vector<tensor_shape> src{{2, 3}, {4, 2}};
  CHECK_THROWS_MATCHES(matrix_product({}).result(src), gpuimg::argument_error,
                       Catch::Message("matrix product: needs as many rows as columns to multiply, "
                                      "has 2x3 and 4x2, got 2x3, 4x2"));
}
