// SPDX-License-Identifier: BSD-3-Clause
// The parameters that operations are tested and timed with: the lines of tests/cases.txt.
#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// Parameters as the registry takes them: names and values; empty where all are the defaults.
using parameters = std::vector<std::pair<std::string, std::string>>;

/// "sigma_x=2 sigma_y=1" in parts; "" and "default" are the defaults.
inline parameters parameters_from(const std::string& text) {
  parameters all;
  std::istringstream words(text == "default" ? "" : text);
  for (std::string word; words >> word;) {
    const std::size_t sign = word.find('=');
    if (sign == word.npos) throw std::invalid_argument("no '=' in the parameter '" + word + "'");
    all.emplace_back(word.substr(0, sign), word.substr(sign + 1));
  }
  return all;
}

/// The cases of an operation: the defaults first, then those that the file lists.
inline std::vector<parameters> cases_of(const std::string& operation) {
  std::ifstream file(GPUIMG_CASES_FILE);
  if (!file) throw std::runtime_error("cannot read " GPUIMG_CASES_FILE);
  std::vector<parameters> all{{}};
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(operation + ' '))
      all.push_back(parameters_from(line.substr(operation.size())));
  return all;
}

}  // namespace test
