// SPDX-License-Identifier: BSD-3-Clause
#include "registry/cases.hpp"

#include <sstream>
#include <stdexcept>

namespace gpuimg {
namespace {

constexpr const char* file =
#include "cases_text.inc"
    ;

}  // namespace

parameter_texts parameters_from(const std::string& text) {
  parameter_texts all;
  std::istringstream words(text == "default" ? "" : text);
  for (std::string word; words >> word;) {
    const std::size_t sign = word.find('=');
    if (sign == word.npos) throw std::invalid_argument("no '=' in the parameter '" + word + "'");
    all.emplace_back(word.substr(0, sign), word.substr(sign + 1));
  }
  return all;
}

std::vector<std::string> all_cases() {
  std::vector<std::string> lines;
  std::istringstream text(file);
  for (std::string line; std::getline(text, line);)
    if (!line.empty() && line[0] != '#') lines.push_back(line);
  return lines;
}

std::vector<parameter_texts> cases_of(const std::string& operation) {
  std::vector<parameter_texts> all{{}};
  for (const auto& line : all_cases())
    if (line.starts_with(operation + ' '))
      all.push_back(parameters_from(line.substr(operation.size())));
  return all;
}

}  // namespace gpuimg
