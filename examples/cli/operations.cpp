// SPDX-License-Identifier: BSD-3-Clause
// What is said where no operation has the name.
#include "cli/operations.hpp"

#include <string>
#include <vector>

#include "cli/option_names.hpp"
#include "gpuimg/other_names.hpp"

namespace gpuimg::cli {

const registry_entry& operation_named(const std::string& name) {
  if (const registry_entry* found = find_operation(name)) return *found;

  std::string text = "there is no operation '" + name + "'";
  if (const other_name* other = find_other_name(name)) {
    text += "; in gpuimg it is " + std::string(other->operation);
    if (!other->note.empty()) text += " (" + std::string(other->note) + ")";
    throw argument_error(text);
  }
  std::vector<std::string> names;
  for (const auto& entry : catalogue()) names.emplace_back(entry.about->name);
  const std::string meant = suggestion(name, names);
  throw argument_error(text + (meant.empty() ? "; gpuimg list shows all" : meant));
}

}  // namespace gpuimg::cli
