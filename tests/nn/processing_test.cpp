// SPDX-License-Identifier: BSD-3-Clause
// What is computed before and after networks. Expected numbers: numpy 2.4, float64.
#include "gpuimg/nn/processing.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

using namespace gpuimg::nn;

namespace {

/// Axes c, y, x with 2 x 2 x 3 numbers.
std::vector<float> after(processing_step step, const named_tensors& others = {}) {
  tensor_description tensor{.id = "raw"};
  for (const char* axis : {"c", "y", "x"}) tensor.axes.push_back({.id = axis});
  tensor.processing = {std::move(step)};
  const std::vector<float> values{1, 2, 4, 8, 16, 32, -1, 0, 3, 5, 5, 5.5f};
  return processed(tensor, host_tensor({2, 2, 3}, std::span<const float>(values)), others)
      .values<float>();
}

void check(const std::vector<float>& found, const std::vector<float>& wanted) {
  REQUIRE(found.size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i)
    CHECK(found[i] == Approx(wanted[i]).epsilon(2e-6).margin(1e-12));
}

}  // namespace

TEST_CASE("processing: statistics are taken over the axes that are named", "[nn]") {
  check(after(steps::zero_mean_unit_variance{.axes = {"x", "y"}}),
        {-0.8773384f, -0.784987f, -0.6002842f, -0.2308785f, 0.5079328f, 1.985555f, -1.532156f,
         -1.140967f, 0.03259906f, 0.8149764f, 0.8149764f, 1.010571f});
  check(after(steps::zero_mean_unit_variance{.axes = {"c", "y", "x"}}),
        {-0.6536345f, -0.5391292f, -0.3101186f, 0.1479027f, 1.063945f, 2.89603f, -0.8826451f,
         -0.7681398f, -0.4246239f, -0.1956132f, -0.1956132f, -0.1383606f});
  check(after(steps::scale_range{.axes = {"y", "x"}, .min_percentile = 10, .max_percentile = 90}),
        {-0.02222222f, 0.02222222f, 0.1111111f, 0.2888889f, 0.6444444f, 1.355555f, -0.08695651f,
         0.08695651f, 0.6086955f, 0.9565216f, 0.9565216f, 1.043478f});
  check(after(steps::softmax{"c"}),
        {0.8807971f, 0.8807971f, 0.7310586f, 0.9525741f, 0.9999833f, 1.f, 0.1192029f, 0.1192029f,
         0.2689414f, 0.04742587f, 1.670142e-05f, 3.098819e-12f});
  check(after(steps::clip{.min_percentile = 25, .max_percentile = 75, .axes = {"c", "y", "x"}}),
        {1.75f, 2, 4, 6.125f, 6.125f, 6.125f, 1.75f, 1.75f, 3, 5, 5, 5.5f});
}

TEST_CASE("processing: numbers hold for all, or for each place along an axis", "[nn]") {
  check(after(steps::scale_linear{.gain = {2, 10}, .offset = {1, 0}, .axis = "c"}),
        {3, 5, 9, 17, 33, 65, -10, 0, 30, 50, 50, 55});
  check(after(steps::scale_linear{.gain = {2}, .offset = {1}}),
        {3, 5, 9, 17, 33, 65, -1, 1, 7, 11, 11, 12});
  check(after(steps::binarize{.threshold = {4}}), {0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1});
  check(
      after(steps::fixed_zero_mean_unit_variance{.mean = {1, 2, 3}, .std = {2, 1, 4}, .axis = "x"}),
      {0, 0, 0.25f, 3.5f, 14, 7.25f, -1, -2, 0, 2, 3, 0.625f});
  check(after(steps::clip{.min = 0, .max = 5}), {1, 2, 4, 5, 5, 5, 0, 0, 3, 5, 5, 5});
  check(after(steps::ensure_dtype{element::u8}), {1, 2, 4, 8, 16, 32, -1, 0, 3, 5, 5, 5});
  CHECK(after(steps::sigmoid{})[6] == Approx(1 / (1 + std::exp(1.0))).epsilon(1e-6));
}

TEST_CASE("processing: a tensor that a step refers to must be there", "[nn]") {
  const steps::scale_mean_variance step{.reference_tensor = "other", .axes = {"c", "y", "x"}};
  CHECK_THROWS_MATCHES(after(step), gpuimg::argument_error,
                       Catch::Message("the tensor raw needs other of its own shape"));
  const std::vector<float> values{0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2};
  const host_tensor other({2, 2, 3}, std::span<const float>(values));
  const auto found = after(step, {{"other", &other}});
  double sum = 0;
  for (const float v : found) sum += static_cast<double>(v);
  CHECK(sum / 12 == Approx(1).epsilon(1e-6));  // the other's mean
}
