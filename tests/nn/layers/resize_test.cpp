// SPDX-License-Identifier: BSD-3-Clause
// Resize against its definition, and that against PyTorch and ONNX Runtime.
#include "gpuimg/nn/layers/resize.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "support/layer_checks.hpp"

namespace {

using namespace gpuimg::nn;
using test::check_on_devices;
using test::random_tensor;

// For results of so many pixels along z, y and x.
resize resize_to(const resize_parameters& p, const tensor_shape& src, const per_axis& size) {
  const tensor_info info{src};
  std::array<axis_taps, 3> axes;
  for (std::size_t axis = 0; axis < 3; ++axis)
    axes[axis] =
        info.spatial(axis) == size[axis]
            ? taps_of({}, size[axis], size[axis], 1)
            : taps_of(p, info.spatial(axis), size[axis],
                      static_cast<double>(size[axis]) / static_cast<double>(info.spatial(axis)));
  return {p.mode, src, axes};
}

}  // namespace

TEST_CASE("resize: every device gives the definition's bits", "[nn][resize]") {
  for (const interpolation mode :
       {interpolation::nearest, interpolation::linear, interpolation::cubic})
    for (const coordinates where :
         {coordinates::half_pixel, coordinates::align_corners, coordinates::asymmetric}) {
      const resize_parameters p{.mode = mode, .where = where};
      const auto check = [&](const tensor_shape& src, const per_axis& size) {
        check_on_devices(resize_to(p, src, size), {random_tensor(src, 1)});
      };
      check({2, 17, 5, 7}, {1, 10, 14});
      check({1, 3, 5, 1}, {1, 3, 4});
      check({1, 16, 3, 4, 5}, {6, 8, 7});
      check({2, 3, 17}, {1, 1, 9});
      check({0, 3, 17}, {1, 1, 9});
    }
}

TEST_CASE("resize: numbers as PyTorch has them", "[nn][resize]") {
  const auto src = test::tensor_of({1, 1, 3}, {1, 2, 4});
  const auto of = [&](const resize_parameters& p, std::int64_t size) {
    return test::numbers_of(test::run(resize_to(p, src.shape(), {1, 1, size}), {src}));
  };
  // torch 2.15: F.interpolate(x, size=6, mode="nearest"), mode="linear", align_corners False and
  // True
  CHECK(of({.where = coordinates::asymmetric, .nearest = nearest_pixel::floor}, 6) ==
        std::vector<float>{1, 1, 2, 2, 4, 4});
  CHECK(of({.mode = interpolation::linear}, 6) ==
        std::vector<float>{1, 1.25f, 1.75f, 2.5f, 3.5f, 4});
  CHECK(of({.mode = interpolation::linear, .where = coordinates::align_corners}, 5) ==
        std::vector<float>{1, 1.5f, 2, 3, 4});
}
