// SPDX-License-Identifier: BSD-3-Clause
// Layers that move numbers: every number arrives, unchanged, on every device.
#include "gpuimg/nn/layers/layout.hpp"

#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

#include "support/layer_checks.hpp"

namespace {

using namespace gpuimg::nn;
using indices = std::vector<std::int64_t>;
using test::check_on_devices;
using test::random_tensor;

// first, first + step, ...
indices range(std::int64_t first, std::int64_t count, std::int64_t step = 1) {
  indices all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(first + i * step);
  return all;
}

}  // namespace

TEST_CASE("reorder: any blocks to any blocks, and the rest of a block is 0", "[nn][layout]") {
  for (const gpuimg::device& device : test::opencl_devices())
    for (const tensor_shape& shape : {tensor_shape{2, 17, 3, 5}, {1, 1, 1}, {1, 16, 7}, {0, 3, 2}})
      for (const std::int64_t from : {1, 4, 8, 16})
        for (const std::int64_t to : {1, 4, 8, 16}) {
          INFO(to_string(shape) << " from " << from << " to " << to);
          const host_tensor src = random_tensor(shape, 1);
          const tensor a = push(device, src, from);
          const tensor b(device, {shape, element::f32, to});
          const auto prepared =
              reorder().prepare(device.opencl(), b.info(), std::span(&a.info(), 1));
          const device_tensor argument = a.opencl();
          prepared.enqueue(b.opencl(), std::span(&argument, 1), nullptr);
          CHECK(test::differences(pull(b), src, 0) == 0);
          std::vector<float> all(b.info().bytes() / sizeof(float));
          b.read(all.data());
          if (from == to) continue;
          double sum = 0, expected = 0;
          for (const float x : all) sum += static_cast<double>(x);
          for (const float x : src.as<float>()) expected += static_cast<double>(x);
          CHECK(sum == Approx(expected));
        }
}

TEST_CASE("rearrange: slices, paddings, transpositions, repetitions", "[nn][layout]") {
  const tensor_shape shape{2, 17, 5, 6};
  const auto check = [&](std::vector<axis_source> axes, float fill = 0) {
    check_on_devices(rearrange("rearrange", shape, std::move(axes), fill),
                     {random_tensor(shape, 1)});
  };
  const auto n = range(0, 2), c = range(0, 17), y = range(0, 5), x = range(0, 6);
  check({{0, n}, {1, c}, {2, y}, {3, x}});
  check({{0, n}, {1, c}, {2, range(4, 3, -2)}, {3, range(1, 2, 3)}});              // slice
  check({{0, n}, {1, range(3, 11)}, {2, y}, {3, x}});                              // of channels
  check({{0, n}, {1, c}, {2, {-1, 0, 1, 2, 3, 4}}, {3, {0, 1, 2, 3, 4, 5, -1}}});  // zeros around
  check({{0, n}, {1, c}, {2, {-1, 2, -1}}, {3, x}}, 1.5f);
  check({{0, n}, {1, c}, {2, {2, 1, 0, 1, 2, 3, 4, 3}}, {3, {0, 0, 0, 1, 5, 5}}});  // reflect, edge
  check({{0, n}, {2, y}, {3, x}, {1, c}});
  check({{3, x}, {1, c}, {0, n}, {2, y}});
  check({{0, n}, {1, c}, {3, x}, {2, y}});
  check({{axis_source::none, indices(3, 0)}, {0, n}, {1, c}, {2, y}, {3, x}});
  check({{0, n}, {1, {}}, {2, y}, {3, x}});
}

TEST_CASE("concat: along any axis", "[nn][layout]") {
  for (std::size_t axis = 0; axis < 4; ++axis)
    for (const std::int64_t channels : {3, 16}) {
      std::vector<host_tensor> src;
      for (const std::int64_t size : {2, 16, 1}) {
        std::vector<std::int64_t> sizes{2, channels, 3, 4};
        sizes[axis] = size;
        src.push_back(random_tensor(tensor_shape(sizes), 1 + src.size()));
      }
      check_on_devices(concat(axis), src);
      check_on_devices(concat(axis), {src[1], src[1]});
    }
  const std::vector<tensor_shape> bad{{1, 2, 3}, {1, 2, 4}};
  CHECK_THROWS_MATCHES(concat(1).result(bad), gpuimg::argument_error,
                       Catch::Message("concat along axis 1: 1x2x3 and 1x2x4 do not fit"));
}
