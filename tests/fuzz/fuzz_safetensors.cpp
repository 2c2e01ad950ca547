// SPDX-License-Identifier: BSD-3-Clause
// Damaged files for read_safetensors.
#include "fuzz/driver.hpp"
#include "gpuimg/io/safetensors.hpp"

int main(int argc, char** argv) {
  return fuzz::run(argc, argv, "file.safetensors",
                   [](const std::string& path) { gpuimg::io::read_safetensors(path); });
}
