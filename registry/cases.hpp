// SPDX-License-Identifier: BSD-3-Clause
// The parameters that operations are tried and timed with: the lines of registry/cases.txt.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gpuimg {

/// Parameters as the registry takes them: names and values; empty where all are the defaults.
using parameter_texts = std::vector<std::pair<std::string, std::string>>;

/// "sigma_x=2 sigma_y=1" in parts; "" and "default" are the defaults. Throws std::invalid_argument.
parameter_texts parameters_from(const std::string& text);

/// The cases of an operation: the defaults first, then those that the file lists.
std::vector<parameter_texts> cases_of(const std::string& operation);

/// The lines of the file that are cases.
std::vector<std::string> all_cases();

}  // namespace gpuimg
