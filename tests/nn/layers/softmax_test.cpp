// SPDX-License-Identifier: BSD-3-Clause
// Softmax against its definition, and that against PyTorch.
#include "gpuimg/nn/layers/softmax.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "support/layer_checks.hpp"

namespace {

using namespace gpuimg::nn;
using test::random_tensor;

}  // namespace

TEST_CASE("softmax: every device gives the definition's numbers along any axis", "[nn][softmax]") {
  for (const tensor_shape& shape :
       {tensor_shape{2, 3, 5, 7}, {1, 17, 1, 33}, {1, 2, 3, 4, 17}, {0, 3, 2}, {3, 1, 16}})
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
      for (const bool logarithm : {false, true}) {
        host_tensor src = random_tensor(shape, 1 + axis);
        for (float& x : src.as<float>()) x *= 30;
        test::check_on_devices(softmax(axis, logarithm), {src}, 2e-6);
      }
  test::check_on_devices(softmax(0), {random_tensor({65}, 2)}, 2e-6, 1);
}

TEST_CASE("softmax: large numbers are no trouble", "[nn][softmax]") {
  const auto src = test::tensor_of({1, 3, 1}, {1000, 1000, -1000});
  CHECK(test::numbers_of(test::run(softmax(1), {src})) == std::vector<float>{0.5, 0.5, 0});
  test::check_on_devices(softmax(1), {src}, 1e-6);
}

TEST_CASE("softmax: numbers as PyTorch has them", "[nn][softmax]") {
  // torch 2.15: torch.softmax(torch.tensor([1., 2., 4.]), 0)
  const auto found = test::run(softmax(0), {test::tensor_of({3}, {1, 2, 4})});
  CHECK(test::differences(found, test::tensor_of({3}, {0.04201007f, 0.1141952f, 0.8437947f}),
                          1e-7) == 0);
}

TEST_CASE("softmax: an axis that is not there is named", "[nn][softmax]") {
  const std::vector<tensor_shape> src{{2, 3}};
  CHECK_THROWS_MATCHES(softmax(2).result(src), gpuimg::argument_error,
                       Catch::Message("softmax along axis 2: got a tensor of shape 2x3"));
}
