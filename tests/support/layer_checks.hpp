// SPDX-License-Identifier: BSD-3-Clause
// Whether a layer computes on every device, for all blocks and storages, what its definition says.
#pragma once

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "support/devices.hpp"
#include "support/layers.hpp"

namespace test {

inline nn::host_tensor rounded_to_half(nn::host_tensor t) {
  for (float& x : t.as<float>()) x = nn::detail::half_to_float(nn::detail::float_to_half(x));
  return t;
}

/// How many numbers differ by more than `tolerance`, of 1 or of themselves where they are greater;
/// with 0 all bits must be equal.
inline std::size_t differences(const nn::host_tensor& found, const nn::host_tensor& expected,
                               double tolerance) {
  const auto a = found.as<float>(), b = expected.as<float>();
  std::size_t count = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double x = a[i], y = b[i];
    const bool same = std::memcmp(&a[i], &b[i], sizeof(float)) == 0 || (x != x && y != y);
    if (!same && !(std::fabs(x - y) <= tolerance * std::fmax(1, std::fabs(y)))) ++count;
  }
  return count;
}

/// The tolerance is that of f32; where numbers are stored in half precision, that of the rounding
/// is added. `largest_block`: 1 for tensors without channels.
inline void check_on_devices(const nn::layer& layer, const std::vector<nn::host_tensor>& given,
                             double tolerance = 0, std::int64_t largest_block = 16) {
  for (const nn::element storage : {nn::element::f32, nn::element::f16}) {
    const bool is_half = storage == nn::element::f16;
    std::vector<nn::host_tensor> src = given;
    if (is_half)
      for (auto& one : src) one = rounded_to_half(one);
    nn::host_tensor expected = run(layer, src);
    if (is_half) expected = rounded_to_half(expected);
    const double limit = tolerance + (is_half && tolerance > 0 ? 0x1p-10 : 0);
    for (const gpuimg::device& device : opencl_devices())
      for (const std::int64_t block : {1, 4, 8, 16}) {
        if (block > largest_block) continue;
        INFO(layer.describe() << ", " << to_string(src[0].shape()) << ", blocks of " << block
                              << (is_half ? ", f16" : ", f32") << " on " << device.name());
        const nn::host_tensor found = run_on(device, layer, src, block, storage);
        REQUIRE(found.shape() == expected.shape());
        CHECK(differences(found, expected, limit) == 0);
      }
  }
}

inline nn::host_tensor tensor_of(const nn::tensor_shape& shape, const std::vector<float>& values) {
  return {shape, std::span<const float>(values)};
}
inline std::vector<float> numbers_of(const nn::host_tensor& t) { return t.values<float>(); }

}  // namespace test
