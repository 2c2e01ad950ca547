// SPDX-License-Identifier: BSD-3-Clause
// Functions of one tensor's numbers and of two tensors'.
#include "gpuimg/nn/layers/elementwise.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "support/layer_checks.hpp"
#include "support/matchers.hpp"

namespace {

using namespace gpuimg::nn;
using test::check_on_devices;
using test::random_tensor;

const std::vector<combination> combinations{combination::add,      combination::subtract,
                                            combination::multiply, combination::maximum,
                                            combination::minimum,  combination::prelu};

host_tensor positive(host_tensor t) {
  for (float& x : t.as<float>()) x = x * x + 0.1f;
  return t;
}

}  // namespace

TEST_CASE("activation_layer: every function gives the definition's numbers on every device",
          "[nn][elementwise][slow]") {
  for (int kind = 0; kind <= static_cast<int>(activation_kind::ceil); ++kind) {
    const auto which = static_cast<activation_kind>(kind);
    const bool is_exact = which == activation_kind::identity || which == activation_kind::relu ||
                          which == activation_kind::leaky_relu || which == activation_kind::clip ||
                          which == activation_kind::negate || which == activation_kind::absolute ||
                          which == activation_kind::floor || which == activation_kind::ceil;
    const activation f{which, which == activation_kind::clip ? -0.3f : 0.2f, 0.5f};
    host_tensor src = random_tensor({2, 17, 3, 5}, 1);
    for (float& x : src.as<float>()) x *= 5;
    if (!is_finite(which)) src = positive(src);
    check_on_devices(activation_layer(f), {src}, is_exact ? 0 : 2e-6);
  }
}

TEST_CASE("activation_layer: any number of axes, and none of the numbers", "[nn][elementwise]") {
  const activation_layer relu({activation_kind::relu});
  for (const tensor_shape& shape : {tensor_shape{}, {1}, {3}, {17, 2}, {0}, {2, 0, 3}})
    check_on_devices(relu, {random_tensor(shape, 2)}, 0, 1);
  for (const tensor_shape& shape : {tensor_shape{1, 1, 1}, {0, 3, 2, 2}, {1, 33, 2, 3, 65}})
    check_on_devices(relu, {random_tensor(shape, 3)});
}

TEST_CASE("elementwise: two tensors, each repeated in any way, give the definition's bits",
          "[nn][elementwise][slow]") {
  const std::vector<std::pair<tensor_shape, tensor_shape>> pairs{
      {{2, 17, 5, 7}, {2, 17, 5, 7}},
      {{2, 17, 5, 7}, {1, 17, 1, 1}},
      {{2, 17, 5, 7}, {2, 17, 1, 1}},
      {{2, 17, 5, 7}, {2, 1, 5, 7}},
      {{2, 1, 5, 7}, {2, 17, 5, 7}},
      {{1, 1, 1, 1}, {2, 17, 5, 7}},
      {{2, 3, 5, 7}, {7}},
      {{3, 1, 1}, {2, 3, 5, 7}},
      {{2, 17, 5, 1}, {1, 17, 1, 7}},
      {{2, 17, 1, 7}, {2, 1, 5, 1}},
      {{2, 32, 4, 16}, {2, 32, 4, 16}},
      {{1, 16, 2, 3, 4}, {1, 16, 1, 3, 1}},
      {{2, 1, 5}, {1, 4, 1}},
      {{0, 3, 2}, {1, 3, 1}},
      {{1, 16, 9, 1}, {1, 16, 9, 33}},
  };
  for (const auto& [a, b] : pairs)
    for (const combination what : {combination::subtract, combination::prelu})
      check_on_devices(elementwise(what), {random_tensor(a, 1), random_tensor(b, 2)});
  for (const combination what : combinations)
    check_on_devices(elementwise(what),
                     {random_tensor({2, 17, 5, 7}, 1), random_tensor({1, 17, 5, 1}, 2)});
  for (const auto& [a, b] : pairs)
    check_on_devices(elementwise(combination::divide),
                     {random_tensor(a, 1), positive(random_tensor(b, 2))}, 1e-6);
  check_on_devices(elementwise(combination::power),
                   {positive(random_tensor({2, 17, 3, 5}, 1)), random_tensor({17, 1, 1}, 2)}, 4e-6);
  for (const tensor_shape& shape : {tensor_shape{}, {17}, {3, 65}})
    check_on_devices(elementwise(combination::add),
                     {random_tensor(shape, 1), random_tensor({1}, 2)}, 0, 1);
}

TEST_CASE("elementwise: one operand may be a constant, a function follows", "[nn][elementwise]") {
  const activation relu{activation_kind::relu};
  const host_tensor src = random_tensor({2, 17, 5, 7}, 1);
  for (const tensor_shape& shape :
       {tensor_shape{}, {1}, {17, 1, 1}, {1, 17, 1, 1}, {2, 1, 1, 7}, {5, 7}, {3, 1, 17, 5, 7}})
    for (const combination what : {combination::subtract, combination::prelu}) {
      const host_tensor constant = test::rounded_to_half(random_tensor(shape, 2));
      check_on_devices(elementwise(what, constant, false, relu), {src}, 0);
      check_on_devices(elementwise(what, constant, true, relu), {src}, 0);
    }
  check_on_devices(elementwise(combination::divide, test::tensor_of({}, {1}), true),
                   {positive(src)}, 1e-6);
}

TEST_CASE("elementwise: numbers as numpy has them", "[nn][elementwise]") {
  const auto a = test::tensor_of({2, 1}, {1, -2}), b = test::tensor_of({3}, {10, 20, 40});
  CHECK(test::numbers_of(test::run(elementwise(combination::subtract), {a, b})) ==
        std::vector<float>{-9, -19, -39, -12, -22, -42});
  CHECK(test::numbers_of(test::run(elementwise(combination::divide), {b, a})) ==
        std::vector<float>{10, 20, 40, -5, -10, -20});
  CHECK(test::numbers_of(test::run(elementwise(combination::prelu), {a, b})) ==
        std::vector<float>{1, 1, 1, -20, -40, -80});
}

TEST_CASE("elementwise: what lies behind the last channel stays a number", "[nn][elementwise]") {
  const tensor_info three{{1, 3, 4, 4}, element::f32, 16}, sixteen{{1, 16, 4, 4}, element::f32, 16};
  const elementwise divide(combination::divide);
  CHECK(divide.choose_blocks(std::vector{three, three}, 16).dst == 1);
  CHECK(divide.choose_blocks(std::vector{sixteen, sixteen}, 16).dst == 16);
  CHECK(activation_layer({activation_kind::log}).choose_blocks(std::vector{three}, 16).dst == 1);
}

TEST_CASE("elementwise: shapes that do not go together are named", "[nn][elementwise]") {
  const std::vector<tensor_shape> bad{{1, 3, 4}, {1, 2, 4}};
  CHECK_THROWS_MATCHES(elementwise(combination::add).result(bad), gpuimg::argument_error,
                       Catch::Message("shapes 1x3x4 and 1x2x4 do not go together"));
}
