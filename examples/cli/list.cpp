// SPDX-License-Identifier: BSD-3-Clause
// gpuimg list: the operations, for people and for programs.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/catalogue.hpp"
#include "cli/commands.hpp"

namespace gpuimg::cli {
namespace {

using json = nlohmann::ordered_json;

/// A default: a number, a whole number, a boolean, a word, or null for "auto".
json default_of(const parameter_description& parameter) {
  const std::string& text = parameter.default_text;
  if (parameter.type == parameter_type::choice) return text;
  if (parameter.type == parameter_type::boolean) return text == "true";
  if (text == "auto") return nullptr;
  const json number = json::parse(text);
  return parameter.type == parameter_type::integer ? json(number.get<std::int64_t>()) : number;
}

json limit(const std::optional<double>& value, parameter_type type) {
  if (!value) return nullptr;
  if (type == parameter_type::integer) return static_cast<std::int64_t>(*value);
  return *value;
}

json to_json(const parameter_description& parameter) {
  return {{"name", parameter.name},
          {"type", name_of(parameter.type)},
          {"choices", parameter.choices},
          {"default", default_of(parameter)},
          {"unit", parameter.unit},
          {"minimum", limit(parameter.minimum, parameter.type)},
          {"maximum", limit(parameter.maximum, parameter.type)},
          {"help", parameter.help}};
}

json to_json(const catalogue_entry& entry) {
  json inputs = json::array(), parameters = json::array(), tolerance;
  for (const auto& input : entry.inputs)
    inputs.push_back({{"name", input.name}, {"kind", name_of(input.kind)}});
  for (const auto& parameter : entry.parameters) parameters.push_back(to_json(parameter));
  if (entry.tolerance)
    tolerance = {{"absolute", entry.tolerance->absolute},
                 {"relative", entry.tolerance->relative},
                 {"reason", entry.tolerance->reason}};
  return {{"name", entry.name},
          {"theme", entry.theme},
          {"brief", entry.brief},
          {"inputs", inputs},
          {"output", name_of(entry.output)},
          {"parameters", parameters},
          {"tolerance", tolerance}};
}

/// "labels, image -> table"
std::string signature_of(const catalogue_entry& entry) {
  std::string text;
  for (const auto& input : entry.inputs)
    text += (text.empty() ? "" : ", ") + std::string(name_of(input.kind));
  return text + " -> " + name_of(entry.output);
}

void print_table(std::vector<catalogue_entry> entries) {
  std::ranges::stable_sort(entries, {}, &catalogue_entry::theme);
  std::size_t name_width = 0, signature_width = 0;
  for (const auto& entry : entries) {
    name_width = std::max(name_width, entry.name.size());
    signature_width = std::max(signature_width, signature_of(entry).size());
  }
  std::string theme;
  for (const auto& entry : entries) {
    if (entry.theme != theme) {
      std::cout << (theme.empty() ? "" : "\n") << entry.theme << '\n';
      theme = entry.theme;
    }
    std::cout << "  " << std::left << std::setw(static_cast<int>(name_width)) << entry.name << "  "
              << std::setw(static_cast<int>(signature_width)) << signature_of(entry) << "  "
              << entry.brief << '\n';
  }
}

}  // namespace

void print_operations(bool as_json) {
  auto entries = catalogue();
  if (!as_json) return print_table(std::move(entries));
  json all = json::array();
  for (const auto& entry : entries) all.push_back(to_json(entry));
  std::cout << all.dump(2) << '\n';
}

}  // namespace gpuimg::cli
