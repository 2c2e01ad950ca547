// SPDX-License-Identifier: BSD-3-Clause
// Layers of networks by their definition and on a device.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "gpuimg/nn/tensor.hpp"
#include "support/images.hpp"

namespace test {

namespace nn = gpuimg::nn;

inline std::vector<nn::tensor_shape> shapes_of(const std::vector<nn::host_tensor>& tensors) {
  std::vector<nn::tensor_shape> shapes;
  for (const auto& tensor : tensors) shapes.push_back(tensor.shape());
  return shapes;
}

/// What a layer makes of tensors, by its definition.
inline nn::host_tensor run(const nn::layer& layer, const std::vector<nn::host_tensor>& src) {
  nn::host_tensor dst(nn::element::f32, layer.result(shapes_of(src)));
  std::vector<nn::host_view<const float>> views;
  for (const auto& tensor : src) views.push_back({tensor.as<float>().data(), tensor.shape()});
  layer.run({dst.as<float>().data(), dst.shape()}, views);
  return dst;
}

/// What a layer makes of tensors on an OpenCL device that likes blocks of `preferred` channels.
inline nn::host_tensor run_on(const gpuimg::device& device, const nn::layer& layer,
                              const std::vector<nn::host_tensor>& src, std::int64_t preferred,
                              nn::element storage = nn::element::f32) {
  std::vector<nn::tensor_info> infos;
  for (const auto& tensor : src) infos.push_back({tensor.shape(), storage, preferred});
  const auto blocks = layer.choose_blocks(infos, preferred);
  std::vector<nn::tensor> tensors;
  std::vector<nn::device_tensor> arguments;
  for (std::size_t i = 0; i < src.size(); ++i) {
    tensors.push_back(nn::push(device, src[i], blocks.src[i], storage));
    infos[i] = tensors.back().info();
    arguments.push_back(tensors.back().opencl());
  }
  const nn::tensor dst(device, {layer.result(shapes_of(src)), storage, blocks.dst});
  const auto prepared = layer.prepare(device.opencl(), dst.info(), infos);
  const auto scratch = device.opencl().allocate(prepared.scratch_bytes);
  prepared.enqueue(dst.opencl(), arguments, scratch.memory());
  device.opencl().finish();
  return nn::pull(dst);
}

/// Numbers from -1 to 1, the same for the same seed.
inline std::vector<float> random_numbers(std::int64_t count, std::uint64_t seed) {
  std::vector<float> numbers(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<float>(random_below(1u << 20, seed, i)) * 0x1p-19f - 1.f;
  return numbers;
}
inline nn::host_tensor random_tensor(const nn::tensor_shape& shape, std::uint64_t seed) {
  return {shape, random_numbers(shape.elements(), seed)};
}

}  // namespace test
