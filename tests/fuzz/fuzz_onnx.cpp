// SPDX-License-Identifier: BSD-3-Clause
// Damaged files for read_onnx.
#include "fuzz/driver.hpp"
#include "gpuimg/io/onnx.hpp"

int main(int argc, char** argv) {
  return fuzz::run(argc, argv, "file.onnx",
                   [](const std::string& path) { gpuimg::io::read_onnx(path); });
}
