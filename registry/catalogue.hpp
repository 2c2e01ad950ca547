// SPDX-License-Identifier: BSD-3-Clause
// Every operation of the library, compiled once for all pixel types: what the command line, the
// benchmark, the tests and the documentation share.
#pragma once

#include <string>
#include <vector>

#include "gpuimg/registry.hpp"

namespace gpuimg {

/// All operations, sorted by name.
const std::vector<registry_entry>& catalogue();

/// The operation of that name; null where there is none.
const registry_entry* find_operation(const std::string& name);

}  // namespace gpuimg
