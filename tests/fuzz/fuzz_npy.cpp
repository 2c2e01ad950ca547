// SPDX-License-Identifier: BSD-3-Clause
// Damaged files for read_npy.
#include "fuzz/driver.hpp"
#include "gpuimg/io/npy.hpp"

int main(int argc, char** argv) {
  return fuzz::run(argc, argv, "file.npy",
                   [](const std::string& path) { gpuimg::io::read_npy(path); });
}
