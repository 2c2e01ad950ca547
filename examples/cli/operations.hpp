// SPDX-License-Identifier: BSD-3-Clause
// The operations of the library by name, with a word of help where there is none of that name.
#pragma once

#include <string>

#include "registry/catalogue.hpp"

namespace gpuimg::cli {

using parameter_type = enum parameter_description::type;

/// The operation of that name; throws argument_error that says what it is called here where other
/// libraries have the name, and else suggests names like it.
const registry_entry& operation_named(const std::string& name);

}  // namespace gpuimg::cli
