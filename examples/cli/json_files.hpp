// SPDX-License-Identifier: BSD-3-Clause
// JSON files, complete or not there.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

namespace gpuimg::cli {

using json = nlohmann::ordered_json;

/// The number, or null where it is none: JSON has no NaN.
inline json number_or_null(double value) { return std::isfinite(value) ? json(value) : json(); }

/// Writes a text file. Throws io_error.
void write_text(const std::string& path, const std::string& text);

/// The bytes of a file. Throws io_error.
std::string read_text(const std::string& path);

}  // namespace gpuimg::cli
