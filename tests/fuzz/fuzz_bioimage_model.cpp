// SPDX-License-Identifier: BSD-3-Clause
// Damaged files for read_bioimage_model.
#include "fuzz/driver.hpp"
#include "gpuimg/io/bioimage_model.hpp"

int main(int argc, char** argv) {
  return fuzz::run(argc, argv, "rdf.yaml", [](const std::string& path) {
    // the weights that the descriptions name
    const auto weights = std::filesystem::path(path).parent_path() / "weights.onnx";
    if (!std::filesystem::exists(weights)) std::ofstream(weights) << "weights";
    gpuimg::io::read_bioimage_model(path);
  });
}
