// SPDX-License-Identifier: BSD-3-Clause
// Random convolutions, and how far devices may be from their definition.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "gpuimg/nn/layers/convolution.hpp"
#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/layers.hpp"

namespace convolutions {

using gpuimg::nn::activation;
using gpuimg::nn::activation_kind;
using gpuimg::nn::convolution_parameters;
using gpuimg::nn::element;
using gpuimg::nn::host_tensor;
using gpuimg::nn::per_axis;
using gpuimg::nn::tensor_shape;
using gpuimg::nn::window;

// Parameters with random weights.
inline convolution_parameters random(std::int64_t src, std::int64_t dst, const window& w,
                                     std::int64_t groups = 1, activation f = {}) {
  convolution_parameters p{
      .src_channels = src, .dst_channels = dst, .groups = groups, .window = w, .activation = f};
  p.weights = test::random_numbers(src * dst / groups * w.taps(), 7);
  p.bias = test::random_numbers(dst, 8);
  return p;
}

inline std::vector<host_tensor> random_tensors(const std::vector<tensor_shape>& shapes) {
  std::vector<host_tensor> all;
  for (const auto& shape : shapes) all.push_back(test::random_tensor(shape, 1 + all.size()));
  return all;
}

inline host_tensor absolute(host_tensor t) {
  for (float& x : t.as<float>()) x = std::fabs(x);
  return t;
}

struct precision {
  element storage = element::f32;
  bool is_local = true;  // whether rounding depends on a pixel's own products only
};

// Whether every number differs by less than what rounding explains: sums of K products differ by
// 2 K 2^-24 times the sum of their absolute values at most, a little more behind an activation.
// Numbers of half precision are rounded to 2^-11 of themselves.
template <class Layer, class... More>
void check_convolution(const convolution_parameters& p, const std::vector<tensor_shape>& shapes,
                       precision wanted, const More&... more) {
  const Layer layer(p, more...);
  const element storage = wanted.storage;
  std::vector<host_tensor> src = random_tensors(shapes);
  if (storage == element::f16)
    for (auto& tensor : src)
      for (float& x : tensor.as<float>())
        x = gpuimg::nn::detail::half_to_float(gpuimg::nn::detail::float_to_half(x));
  const host_tensor expected = test::run(layer, src);

  convolution_parameters positive = p;
  for (float& w : positive.weights) w = std::fabs(w);
  for (float& b : positive.bias) b = std::fabs(b);
  positive.activation = {};
  std::vector<host_tensor> positive_src;
  for (const auto& tensor : src) positive_src.push_back(absolute(tensor));
  host_tensor scale = test::run(Layer(positive, more...), positive_src);
  if (const auto s = scale.as<float>(); !wanted.is_local && !s.empty())
    std::fill(s.begin(), s.end(), *std::max_element(s.begin(), s.end()));
  const auto terms = static_cast<double>(p.src_channels / p.groups * p.window.taps() + 3);

  for (const gpuimg::device& device : test::opencl_devices())
    for (const std::int64_t preferred : {1, 4, 16}) {
      INFO(layer.describe() << ", " << to_string(shapes[0]) << ", blocks of " << preferred << " on "
                            << device.name());
      const host_tensor found = test::run_on(device, layer, src, preferred, storage);
      REQUIRE(found.shape() == expected.shape());
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < found.as<float>().size(); ++i) {
        const double d = std::fabs(static_cast<double>(found.as<float>()[i]) -
                                   static_cast<double>(expected.as<float>()[i]));
        double limit = 2 * 1.2 * terms * 0x1p-24 * static_cast<double>(scale.as<float>()[i]) + 1e-6;
        if (storage == element::f16)
          limit += 0x1p-11 * std::fabs(static_cast<double>(expected.as<float>()[i]));
        if (!(d <= limit)) ++wrong;
      }
      CHECK(wrong == 0);
    }
}
template <class Layer>
void check_convolution(const convolution_parameters& p, const std::vector<tensor_shape>& shapes) {
  check_convolution<Layer>(p, shapes, precision{});
}

inline window cube(std::int64_t k, std::int64_t pad, std::int64_t stride = 1) {
  return {{k, k, k}, {stride, stride, stride}, {1, 1, 1}, {pad, pad, pad}, {pad, pad, pad}};
}
inline window square(std::int64_t k, std::int64_t pad, std::int64_t stride = 1) {
  return {{1, k, k}, {1, stride, stride}, {1, 1, 1}, {0, pad, pad}, {0, pad, pad}};
}
inline window line(std::int64_t k, std::int64_t pad, std::int64_t stride = 1) {
  return {{1, 1, k}, {1, 1, stride}, {1, 1, 1}, {0, 0, pad}, {0, 0, pad}};
}

// The numbers of tests/golden/make_convolutions.py.
inline std::vector<float> golden_numbers(std::int64_t count, std::int64_t step) {
  std::vector<float> all;
  for (std::int64_t i = 0; i < count; ++i)
    all.push_back(static_cast<float>(i * step % 65 - 32) / 32);
  return all;
}

// Whether the definition gives what PyTorch does, computed in double precision.
template <class Layer, class... More>
void check_golden(const std::string& name, const tensor_shape& src, std::int64_t dst_channels,
                  const window& w, std::int64_t groups, const More&... more) {
  convolution_parameters p{
      .src_channels = src[1], .dst_channels = dst_channels, .groups = groups, .window = w};
  p.weights = golden_numbers(src[1] * dst_channels / groups * w.taps(), 11);
  p.bias = golden_numbers(dst_channels, 13);
  const host_tensor found =
      test::run(Layer(p, more...), {host_tensor(src, golden_numbers(src.elements(), 7))});
  const auto expected = test::golden("convolutions").values<double>(name);
  INFO(name << ": " << to_string(found.shape()));
  REQUIRE(found.as<float>().size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (found.as<float>()[i] != static_cast<float>(expected[i]))
      FAIL_CHECK("number " << i << " is " << found.as<float>()[i] << ", not " << expected[i]);
}

}  // namespace convolutions
