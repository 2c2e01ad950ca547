// SPDX-License-Identifier: BSD-3-Clause
// Every operation of the library as data and one function.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/registry.hpp"

namespace gpuimg::cli {

using parameter_type = enum parameter_description::type;

struct catalogue_entry {
  std::string name, theme, brief;
  std::vector<port> inputs;
  kind output;
  std::vector<parameter_description> parameters;
  std::optional<gpuimg::tolerance> tolerance;

  /// Sets parameters (names and values) and runs the operation; throws what set_parameter and
  /// invoke throw.
  std::vector<any_result> (*run)(assignments parameters, std::span<const any_image> images);
};

/// All operations, in the order of operations.def.
std::vector<catalogue_entry> catalogue();

/// The operation of that name; throws argument_error that says what it is called here where other
/// libraries have the name, and else suggests names like it.
catalogue_entry find_operation(const std::string& name);

}  // namespace gpuimg::cli
