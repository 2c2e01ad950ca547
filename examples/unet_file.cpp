// SPDX-License-Identifier: BSD-3-Clause
// Runs a U-Net from its file, on its test input:
//   unet_file NETWORK.onnx INPUT.npy OUTPUT.npy
//   unet_file PACKAGE      of bioimage.io, with its own test
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <gpuimg/gpuimg.hpp>
#include <gpuimg/io/bioimage_model.hpp>
#include <gpuimg/io/npy.hpp>
#include <gpuimg/io/onnx.hpp>
#include <gpuimg/nn/network.hpp>
#include <gpuimg/nn/processing.hpp>
#include <string>

namespace nn = gpuimg::nn;

nn::host_tensor run_file(const gpuimg::device& device, const std::string& path,
                         const std::string& input) {
  // [onnx]
  const nn::network network(gpuimg::io::read_onnx(path));
  const nn::host_tensor values = gpuimg::io::read_npy(input);
  const nn::prepared_network ready = network.prepare(device, values.shape());
  return nn::pull(ready(nn::push(device, values)));
  // [onnx]
}

nn::host_tensor run_package(const gpuimg::device& device, const std::string& path) {
  // [bioimage]
  const nn::model_description model = gpuimg::io::read_bioimage_model(path);
  const nn::network network(gpuimg::io::read_onnx(model.weights));
  const auto& input = model.inputs.front();
  const auto values = nn::processed(input, gpuimg::io::read_npy(input.test_tensor));
  const nn::tensor result = network.prepare(device, values.shape())(nn::push(device, values));
  return nn::processed(model.outputs.front(), nn::pull(result));
  // [bioimage]
}

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) return 2;
  const auto device = gpuimg::device::best();
  const bool is_package = argc == 2;
  const auto found = is_package ? run_package(device, argv[1]) : run_file(device, argv[1], argv[2]);
  const auto wanted = gpuimg::io::read_npy(
      is_package ? gpuimg::io::read_bioimage_model(argv[1]).outputs.front().test_tensor : argv[3]);
  const auto a = found.values<float>(), b = wanted.values<float>();
  float largest = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    largest = std::max(largest, std::abs(a[i] - b[i]));
  std::printf("largest difference %.1e on %s\n", largest, device.name().c_str());
  return a.size() == b.size() && largest < 1e-4f ? 0 : 1;
}
