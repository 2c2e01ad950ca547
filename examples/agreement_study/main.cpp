// SPDX-License-Identifier: BSD-3-Clause
// What scripts/agreement_study.sh does besides starting other programs: see study.hpp.
//   agreement_study prepare STUDY IMAGES
//   agreement_study measure STUDY METHOD
//   agreement_study pair STUDY
//   agreement_study summary STUDY
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <gpuimg/io/tiff.hpp>
#include <span>
#include <utility>

#include "agreement_study/study.hpp"

namespace agreement_study {

std::vector<std::string> lines_of(const fs::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<fs::path> files_of(const fs::path& folder, std::string_view ending) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().string().ends_with(ending)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<method_pair> all_pairs(const fs::path& study, std::string_view part) {
  const auto methods = lines_of(study / "methods.txt");
  std::vector<method_pair> pairs;
  for (std::size_t i = 0; i < methods.size(); ++i)
    for (std::size_t j = i + 1; j < methods.size(); ++j)
      pairs.push_back(
          {methods[i], methods[j], study / "pairs" / part / (methods[i] + "-" + methods[j])});
  return pairs;
}

void prepare(const fs::path& study, const fs::path& images) {
  fs::create_directories(study / "images");
  fs::create_directories(study / "labels");
  constexpr std::string_view ending = "_img.tif";
  for (const auto& path : files_of(images, ending)) {
    std::string name = path.filename().string();
    name.resize(name.size() - ending.size());
    const fs::path mask = images / (name + "_mask.tif");
    if (!fs::exists(mask)) continue;
    for (const auto& [from, to] : {std::pair{path, "images"}, std::pair{mask, "labels"}}) {
      auto image = gpuimg::io::read_tiff(from.string());
      image.pixel_size = {};
      gpuimg::io::write_tiff((study / to / (name + ".tif")).string(), image);
    }
  }
}

}  // namespace agreement_study

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  const std::string_view command = argc < 3 ? "" : arguments[1];
  try {
    if (command == "prepare" && argc == 4)
      agreement_study::prepare(arguments[2], arguments[3]);
    else if (command == "measure" && argc == 4)
      agreement_study::measure(arguments[2], arguments[3]);
    else if (command == "pair" && argc == 3)
      agreement_study::pair_methods(arguments[2]);
    else if (command == "summary" && argc == 3)
      agreement_study::summarise(arguments[2]);
    else
      throw gpuimg::argument_error(
          "usage: prepare STUDY IMAGES | measure STUDY METHOD | pair STUDY | summary STUDY");
  } catch (const std::exception& e) {
    std::fprintf(stderr, "agreement_study: %s\n", e.what());
    return 1;
  }
  return 0;
}
