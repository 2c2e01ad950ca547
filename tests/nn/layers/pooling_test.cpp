// SPDX-License-Identifier: BSD-3-Clause
// Pooling against its definition, and that against PyTorch.
#include "gpuimg/nn/layers/pooling.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "support/layer_checks.hpp"

namespace {

using namespace gpuimg::nn;
using test::check_on_devices;
using test::random_tensor;

const std::vector<window> windows{
    {.size = {1, 2, 2}, .stride = {1, 2, 2}},
    {.size = {1, 3, 3}, .stride = {1, 2, 2}, .begin = {0, 1, 1}, .end = {0, 1, 1}},
    {.size = {1, 3, 2}, .stride = {1, 2, 3}, .begin = {0, 1, 0}, .end = {0, 0, 1}},
    {.size = {1, 3, 2}, .dilation = {1, 2, 3}, .begin = {0, 2, 0}, .end = {0, 1, 2}},
};

}  // namespace

TEST_CASE("pooling: every device gives the definition's numbers", "[nn][pooling]") {
  for (const bool maximum : {true, false})
    for (const bool rounds_up : {false, true})
      for (const bool counts : {false, true}) {
        if (maximum && counts) continue;
        const double tolerance = maximum ? 0 : 1e-6;
        const auto check = [&](const window& w, const tensor_shape& shape) {
          check_on_devices(pooling({w, maximum, rounds_up, counts}), {random_tensor(shape, 1)},
                           tolerance);
        };
        for (const window& w : windows)
          for (const tensor_shape& shape :
               {tensor_shape{2, 17, 7, 12}, {1, 2, 6, 65}, {0, 3, 7, 8}})
            check(w, shape);
        check({.size = {2, 2, 2}, .stride = {2, 2, 2}}, {1, 33, 5, 4, 3});
        check({.size = {1, 1, 3}, .stride = {1, 1, 2}}, {2, 3, 18});
      }
}

TEST_CASE("pooling: sizes and means as PyTorch has them", "[nn][pooling]") {
  const auto src = test::tensor_of({1, 1, 5}, {1, 2, 3, 4, 5});
  const auto of = [&](const pooling_parameters& p) {
    return test::numbers_of(test::run(pooling(p), {src}));
  };
  window w{.size = {1, 1, 2}, .stride = {1, 1, 2}, .begin = {0, 0, 1}, .end = {0, 0, 1}};
  // torch 2.15: F.avg_pool1d(torch.arange(1., 6).view(1, 1, 5), 2, 2, 1, True, counts)
  CHECK(of({w, false, true, true}) == std::vector<float>{0.5f, 2.5f, 4.5f});
  CHECK(of({w, false, true, false}) == std::vector<float>{1, 2.5f, 4.5f});
  // F.max_pool1d(..., 2, 2, 0, 1, True)
  w.begin = w.end = {};
  CHECK(of({w, true, true, false}) == std::vector<float>{2, 4, 5});
  CHECK(of({w, true, false, false}) == std::vector<float>{2, 4});
}

TEST_CASE("pooling: what it does not take is named", "[nn][pooling]") {
  const std::vector<tensor_shape> flat{{2, 3}};
  CHECK_THROWS_MATCHES(pooling({}).result(flat), gpuimg::argument_error,
                       Catch::Message("max pooling 1, stride 1: takes tensors with 3 to 5 axes, "
                                      "got 2x3"));
}
