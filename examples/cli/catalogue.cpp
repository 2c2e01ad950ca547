// SPDX-License-Identifier: BSD-3-Clause
// The catalogue of operations as the program shows it.
#include "cli/catalogue.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/option_names.hpp"
#include "gpuimg/other_names.hpp"
#include "registry/catalogue.hpp"

namespace gpuimg::cli {
std::vector<catalogue_entry> catalogue() {
  std::vector<catalogue_entry> entries;
  for (const auto& entry : gpuimg::catalogue()) {
    const auto& about = *entry.about;
    entries.push_back({.name = about.name,
                       .theme = about.theme,
                       .brief = about.brief,
                       .inputs = {about.inputs.begin(), about.inputs.begin() + about.input_count()},
                       .output = about.outputs[0].kind,
                       .parameters = entry.parameters,
                       .tolerance = about.tolerance,
                       .run = entry.run});
  }
  return entries;
}

catalogue_entry find_operation(const std::string& name) {
  auto entries = catalogue();
  const auto found = std::ranges::find(entries, name, &catalogue_entry::name);
  if (found != entries.end()) return std::move(*found);

  std::string text = "there is no operation '" + name + "'";
  if (const other_name* other = find_other_name(name)) {
    text += "; in gpuimg it is " + std::string(other->operation);
    if (!other->note.empty()) text += " (" + std::string(other->note) + ")";
    throw argument_error(text);
  }
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.name);
  const std::string meant = suggestion(name, names);
  throw argument_error(text + (meant.empty() ? "; gpuimg list shows all" : meant));
}

}  // namespace gpuimg::cli
