// SPDX-License-Identifier: BSD-3-Clause
// Reductions and positions against their definitions, and those against numpy.
#include "gpuimg/nn/layers/axis_reduction.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "support/layer_checks.hpp"

namespace {

using namespace gpuimg::nn;
using kind = reduction_kind;
using test::check_on_devices;
using test::random_tensor;
using test::tensor_of;

// Bit i of a number: whether axis i goes.
std::vector<bool> axes(std::size_t rank, unsigned bits) {
  std::vector<bool> all(rank);
  for (std::size_t axis = 0; axis < rank; ++axis) all[axis] = (bits >> axis & 1u) != 0;
  return all;
}

}  // namespace

TEST_CASE("reduction: every device gives the definition's numbers along any axes",
          "[nn][axis_reduction]") {
  for (unsigned bits = 0; bits < 16; ++bits)
    for (const kind what : {kind::mean, kind::maximum}) {
      const bool keeps = bits % 3 != 0;
      check_on_devices(reduction(what, axes(4, bits), keeps), {random_tensor({2, 17, 5, 7}, 1)},
                       what == kind::maximum ? 0 : 1e-5);
    }
}

TEST_CASE("reduction: every kind, rows of any length", "[nn][axis_reduction]") {
  for (const kind what : {kind::sum, kind::mean, kind::product, kind::maximum, kind::minimum,
                          kind::l1, kind::l2, kind::sum_square}) {
    const double tolerance = what == kind::maximum || what == kind::minimum ? 0 : 1e-5;
    for (const std::int64_t size : {1, 2, 31, 33, 1025, 5000}) {
      host_tensor src = random_tensor({1, 3, size}, 2);
      if (what == kind::product)
        for (float& x : src.as<float>()) x = 1 + x / 100;
      check_on_devices(reduction(what, axes(3, 4)), {src}, tolerance);
    }
    check_on_devices(reduction(what, axes(5, 28)), {random_tensor({2, 3, 3, 4, 5}, 3)}, tolerance);
    check_on_devices(reduction(what, axes(3, 2)), {random_tensor({2, 70, 33}, 3)}, tolerance);
  }
  check_on_devices(reduction(kind::sum, axes(1, 1), false), {random_tensor({40000}, 3)}, 1e-5, 1);
  check_on_devices(reduction(kind::sum, axes(3, 4)), {random_tensor({0, 3, 4}, 3)});
}

TEST_CASE("argmax and argmin: every device finds the same place", "[nn][axis_reduction]") {
  for (const bool least : {false, true})
    for (const bool last : {false, true})
      for (std::size_t axis = 0; axis < 4; ++axis) {
        host_tensor src = random_tensor({2, 5, 3, 19}, 4 + axis);
        for (float& x : src.as<float>()) x = std::floor(x * 3);  // many are equal
        check_on_devices(position_of_extremum(least, axis, axis % 2 == 0, last), {src});
      }
}

TEST_CASE("reduction: numbers as numpy has them", "[nn][axis_reduction]") {
  const auto src = tensor_of({2, 3}, {1, -2, 3, 4, 5, -6});
  const auto of = [&](kind what, unsigned bits) {
    return test::numbers_of(test::run(reduction(what, axes(2, bits)), {src}));
  };
  CHECK(of(kind::sum, 1) == std::vector<float>{5, 3, -3});
  CHECK(of(kind::mean, 2) == std::vector<float>{2.f / 3, 1});
  CHECK(of(kind::product, 3) == std::vector<float>{720});
  CHECK(of(kind::l1, 2) == std::vector<float>{6, 15});
  CHECK(of(kind::l2, 3) == std::vector<float>{9.539392f});
  CHECK(of(kind::minimum, 0) == std::vector<float>{1, -2, 3, 4, 5, -6});
  CHECK(test::numbers_of(test::run(position_of_extremum(false, 1), {src})) ==
        std::vector<float>{2, 1});
  CHECK(test::numbers_of(test::run(position_of_extremum(true, 0), {src})) ==
        std::vector<float>{0, 0, 1});
}

TEST_CASE("reduction: other shapes are named", "[nn][axis_reduction]") {
  const std::vector<tensor_shape> src{{2, 0}};
  CHECK_THROWS_MATCHES(reduction(kind::sum, axes(3, 5)).result(src), gpuimg::argument_error,
                       Catch::Message("sum along 0 2: takes tensors with 3 axes, got 2x0"));
  CHECK_THROWS_MATCHES(position_of_extremum(true, 1).result(src), gpuimg::argument_error,
                       Catch::Message("argmin along axis 1: got a tensor of shape 2x0"));
}
