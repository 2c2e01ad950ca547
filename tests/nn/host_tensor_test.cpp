// SPDX-License-Identifier: BSD-3-Clause
// Tensors in host memory, their shapes, and numbers in half precision.
#include "gpuimg/nn/host_tensor.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using namespace gpuimg::nn;

TEST_CASE("tensor_shape: numbers are counted, and shapes that cannot be are refused", "[nn]") {
  CHECK(tensor_shape{}.elements() == 1);
  CHECK(tensor_shape{2, 3, 5}.elements() == 30);
  CHECK(tensor_shape{2, 0, 5}.elements() == 0);
  CHECK(to_string(tensor_shape{1, 32, 7}) == "1x32x7");
  CHECK(to_string(tensor_shape{}) == "1");
  CHECK_THROWS_MATCHES((tensor_shape{2, -1}), gpuimg::argument_error,
                       Catch::Message("a tensor's axis must have a size of 0 or more, got 2x-1"));
  constexpr std::int64_t large = std::int64_t{1} << 32;
  CHECK_THROWS_AS((tensor_shape{large, large}), gpuimg::argument_error);
  CHECK_THROWS_AS((tensor_shape{large, 0, large}), gpuimg::argument_error);
}

TEST_CASE("half precision: every number survives the way to float and back", "[nn]") {
  int wrong = 0;
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const float value = detail::half_to_float(static_cast<std::uint16_t>(bits));
    if (std::isnan(value))
      wrong += (bits & 0x7c00) != 0x7c00 || (bits & 0x3ff) == 0;
    else
      wrong += detail::float_to_half(value) != bits;
  }
  CHECK(wrong == 0);
}

TEST_CASE("half precision: floats round to the nearest number, ties to even", "[nn]") {
  // numpy 2.4: numpy.float32(x).astype(numpy.float16).view(numpy.uint16)
  CHECK(detail::float_to_half(1.f) == 0x3c00);
  CHECK(detail::float_to_half(-2.5f) == 0xc100);
  CHECK(detail::float_to_half(1.00048828125f) == 0x3c00);  // half way, down to even
  CHECK(detail::float_to_half(1.00146484375f) == 0x3c02);  // half way, up to even
  CHECK(detail::float_to_half(65504.f) == 0x7bff);
  CHECK(detail::float_to_half(65519.f) == 0x7bff);
  CHECK(detail::float_to_half(65520.f) == 0x7c00);
  CHECK(detail::float_to_half(5.9604645e-8f) == 0x0001);  // the smallest
  CHECK(detail::float_to_half(2.9802322e-8f) == 0x0000);  // half of it
  CHECK(detail::float_to_half(2.9802326e-8f) == 0x0001);
  CHECK(detail::float_to_half(6.097555e-5f) == 0x03ff);
  CHECK(detail::float_to_half(std::numeric_limits<float>::infinity()) == 0x7c00);
  CHECK((detail::float_to_half(std::nanf("")) & 0x7fff) > 0x7c00);
}

TEST_CASE("host_tensor: numbers are converted from every type", "[nn]") {
  host_tensor halves(element::f16, {3});
  halves.as<std::uint16_t>()[0] = 0x3c00;
  halves.as<std::uint16_t>()[2] = 0xc000;
  CHECK(halves.values<float>() == std::vector<float>{1, 0, -2});
  host_tensor brains(element::bf16, {2});
  brains.as<std::uint16_t>()[1] = 0x4049;
  CHECK(brains.values<float>() == std::vector<float>{0, 3.140625f});
  host_tensor truths(element::boolean, {2});
  truths.as<std::uint8_t>()[1] = 7;
  CHECK(truths.values<std::int64_t>() == std::vector<std::int64_t>{0, 1});
  const std::vector<std::int64_t> whole{5, -6};
  CHECK(host_tensor({2}, std::span<const std::int64_t>(whole)).values<float>() ==
        std::vector<float>{5, -6});
  CHECK_THROWS_MATCHES(host_tensor({3}, std::span<const std::int64_t>(whole)),
                       gpuimg::argument_error,
                       Catch::Message("a tensor of shape 3 does not hold 2 numbers"));
}
