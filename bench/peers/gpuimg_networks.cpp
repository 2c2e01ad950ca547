// SPDX-License-Identifier: BSD-3-Clause
// This library as a peer of network_rounds.py: rows as networks_peer.py has them. GPUIMG_DEVICE
// picks the device; `half` as an argument stores floats of 16 bits between layers. It also answers
// `peak`: how many floating-point operations per second the device can do, measured.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpuimg/device.hpp"
#include "gpuimg/io/onnx.hpp"
#include "gpuimg/nn/network.hpp"

namespace {

namespace nn = gpuimg::nn;

/// "160x192x4x1", x first.
nn::tensor_shape shape_of(const std::string& text) {
  std::vector<std::int64_t> sizes;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, 'x');)
    sizes.insert(sizes.begin(), std::stoll(word));
  return nn::tensor_shape(std::move(sizes));
}

nn::host_tensor read_floats(const std::string& path, const nn::tensor_shape& shape) {
  nn::host_tensor all(nn::element::f32, shape);
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(all.bytes().data()),
                 static_cast<std::streamsize>(all.bytes().size())))
    throw gpuimg::argument_error(path + " is too short");
  return all;
}

std::string name_of(const gpuimg::device& device) {
  if (device.is_reference()) return device.name();
  const auto& about = device.opencl().description();
  return about.name + " (" + about.platform + ", driver " + about.driver + ")";
}

/// Multiplications and additions per second of a kernel that does nothing else, the most of a few.
double peak_of(const gpuimg::device& device) {
  static constexpr gpuimg::opencl::kernel_source source{
      "bench/peak",
      "#define SUMS_I _Pragma(\"unroll\") for (int i = 0; i < 12; ++i)\n"
      "kernel void peak(global FLOATS* dst, const float a, const float b) {\n"
      "  FLOATS sum[12], all = 0;\n"
      "  SUMS_I sum[i] = (FLOATS)(float)(get_global_id(0) + i);\n"
      "  for (int n = 0; n < 16384; ++n) SUMS_I sum[i] = fma(sum[i], (FLOATS)a, (FLOATS)b);\n"
      "  SUMS_I all += sum[i];\n"
      "  dst[get_global_id(0)] = all;\n"
      "}\n"};
  if (device.is_reference()) throw gpuimg::argument_error("the reference is not tuned");
  const auto& cl = device.opencl();
  const auto& about = cl.description();
  const std::size_t floats = about.is_cpu() ? about.native_floats : 1;
  const std::size_t group = about.is_cpu() ? 1 : 256;
  const std::size_t items = about.compute_units * 64 * group;
  gpuimg::opencl::defines macros;
  macros.add("FLOATS", floats == 1 ? "float" : "float" + std::to_string(floats));
  const auto dst = cl.allocate(items * floats * sizeof(float));
  double least = 1e9;
  for (int i = 0; i < 10; ++i) {
    const auto start = std::chrono::steady_clock::now();
    cl.launch(source, "peak", macros, {.x = items, .local = {group, 1, 1}}, {dst, 0.999f, 0.001f});
    cl.finish();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    least = std::min(least, time.count());
  }
  return 2. * 12 * 16384 * static_cast<double>(items * floats) / least;
}

class row {
 public:
  row(const gpuimg::device& device, nn::element storage, std::istream& words) {
    std::string operation, shape, word, model, pixels;
    words >> operation;
    while (words >> word) {
      if (word.starts_with("model=")) model = word.substr(6);
      if (const auto end = word.find(':', 4); word.starts_with("f32:") && end != word.npos) {
        shape = word.substr(4, end - 4);
        pixels = word.substr(end + 1);
      }
    }
    if (operation != "network") throw gpuimg::argument_error("no counterpart");
    const nn::host_tensor values = read_floats(pixels, shape_of(shape));
    network_ = nn::network(gpuimg::io::read_onnx(model))
                   .prepare(device, values.shape(), {.storage = storage});
    input_ = nn::push(device, values);
  }

  double call() {
    const auto& device = input_->device();
    device.finish();
    const auto start = std::chrono::steady_clock::now();
    result_ = (*network_)(*input_);
    device.finish();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  void write_result(const std::string& path) const {
    const nn::host_tensor values = nn::pull(*result_);
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(values.bytes().data()),
               static_cast<std::streamsize>(values.bytes().size()));
  }

 private:
  std::optional<nn::prepared_network> network_;
  std::optional<nn::tensor> input_, result_;
};

}  // namespace

int main(int argc, char** argv) {
  const bool is_half = argc == 2 && std::string_view(argv[1]) == "half";
  const nn::element storage = is_half ? nn::element::f16 : nn::element::f32;
  const auto device = gpuimg::device::best();
  std::cout << "gpuimg\tgpuimg " << gpuimg::version << " on " << name_of(device)
            << (is_half ? " in half" : "") << std::endl;
  std::optional<row> now;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string question, path;
    words >> question;
    try {
      if (question == "row") {
        now.reset();  // frees its memory first
        now.emplace(device, storage, words);
        std::cout << now->call() << std::endl;
      } else if (question == "call" && now) {
        std::cout << now->call() << std::endl;
      } else if (question == "peak") {
        std::cout << peak_of(device) << std::endl;
      } else if (question == "result" && now && words >> path) {
        now->write_result(path);
        std::cout << "f32" << std::endl;
      } else {
        std::cout << "none" << std::endl;
      }
    } catch (const std::exception& error) {
      now.reset();
      std::string text = error.what();
      for (char& c : text)
        if (c == '\n') c = ' ';
      std::cout << "cannot " << text << std::endl;
    }
  }
}
