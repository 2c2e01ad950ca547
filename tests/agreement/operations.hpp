// SPDX-License-Identifier: BSD-3-Clause
// Every operation with its cases, as the registry runs it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gpuimg/gpuimg.hpp"
#include "registry/parity.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"

namespace test {

using gpuimg::text_of;
using parameters = gpuimg::parameter_texts;

/// What GPUIMG_CASE='gaussian_blur/u16/65x33x7/sigma_x=2 sigma_y=1/few' asks for, part by part; a
/// part that is missing or empty asks for all. The parameters may be written `default`.
struct case_filter {
  std::string operation{}, type{}, shape{}, parameters{}, content{};

  static case_filter from_environment() {
    const char* text = std::getenv("GPUIMG_CASE");
    return parse(text == nullptr ? "" : text);
  }
  static case_filter parse(const std::string& text) {
    case_filter filter;
    std::istringstream parts(text);
    for (std::string* part :
         {&filter.operation, &filter.type, &filter.shape, &filter.parameters, &filter.content})
      std::getline(parts, *part, '/');
    return filter;
  }
  static bool allows(const std::string& wanted, std::string_view value) {
    return wanted.empty() || wanted == value;
  }
};

/// "65x33x7" as a shape.
inline gpuimg::shape shape_from(const std::string& text) {
  gpuimg::shape shape;
  char by = 'x';
  std::istringstream in(text);
  in >> shape.x >> by >> shape.y >> by >> shape.z;
  return shape;
}

struct tested_operation {
  const gpuimg::registry_entry* entry;
  std::vector<parameters> cases;
};

/// Every operation that the filter allows. A case that it names need not be one of the list.
inline std::vector<tested_operation> tested_operations(const case_filter& filter) {
  std::vector<tested_operation> all;
  for (const auto& entry : gpuimg::catalogue()) {
    const std::string name = entry.about->name;
    if (!case_filter::allows(filter.operation, name)) continue;
    if (filter.parameters.empty())
      all.push_back({&entry, gpuimg::cases_of(name)});
    else
      all.push_back({&entry, {gpuimg::parameters_from(filter.parameters)}});
  }
  return all;
}

}  // namespace test
