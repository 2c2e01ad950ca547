// SPDX-License-Identifier: BSD-3-Clause
// The catalogue of operations: the one file that compiles all of them for all pixel types.
#include "cli/catalogue.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/suggestions.hpp"
#include "gpuimg/gpuimg.hpp"
#include "gpuimg/other_names.hpp"
#include "gpuimg/registry.hpp"

namespace gpuimg::cli {
namespace {

template <class Op>
any_result run_operation(std::span<const std::pair<std::string, std::string>> parameters,
                         std::span<const any_image> images) {
  Op op;
  for (const auto& [name, value] : parameters) set_parameter(op, name, value);
  return invoke(op, images);
}

}  // namespace

std::vector<catalogue_entry> catalogue() {
  std::vector<catalogue_entry> entries;
  for_each_operation([&]<class Op>() {
    const auto& inputs = Op::about.inputs;
    entries.push_back({.name = Op::about.name,
                       .theme = Op::about.theme,
                       .brief = Op::about.brief,
                       .inputs = {inputs.begin(), inputs.begin() + Op::about.input_count()},
                       .output = Op::about.output,
                       .parameters = describe_parameters<Op>(),
                       .tolerance = Op::about.tolerance,
                       .run = &run_operation<Op>});
  });
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
