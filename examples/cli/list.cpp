// SPDX-License-Identifier: BSD-3-Clause
// gpuimg list: the operations, for people and for programs.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "cli/json_files.hpp"
#include "cli/operations.hpp"

namespace gpuimg::cli {
namespace {

/// A default: a number, a whole number, a boolean, a word, or null for "auto".
json default_of(const parameter_description& parameter) {
  const std::string& text = parameter.default_text;
  if (parameter.count > 1) return json::parse("[" + text + "]");
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

json to_json(std::span<const port> ports) {
  json all = json::array();
  for (const port& p : ports) all.push_back({{"name", p.name}, {"kind", name_of(p.kind)}});
  return all;
}

std::span<const port> inputs_of(const operation_info& about) {
  return std::span(about.inputs).first(about.input_count());
}
std::span<const port> outputs_of(const operation_info& about) {
  return std::span(about.outputs).first(about.output_count());
}

json to_json(const registry_entry& entry) {
  const operation_info& about = *entry.about;
  json parameters = json::array(), tolerance;
  for (const auto& parameter : entry.parameters) parameters.push_back(to_json(parameter));
  if (about.tolerance)
    tolerance = {{"absolute", about.tolerance->absolute},
                 {"relative", about.tolerance->relative},
                 {"reason", about.tolerance->reason}};
  return {{"name", about.name},
          {"theme", about.theme},
          {"brief", about.brief},
          {"inputs", to_json(inputs_of(about))},
          {"outputs", to_json(outputs_of(about))},
          {"parameters", parameters},
          {"tolerance", tolerance}};
}

std::string kinds_of(std::span<const port> ports) {
  std::string text;
  for (const port& p : ports) text += (text.empty() ? "" : ", ") + std::string(name_of(p.kind));
  return text;
}

/// "labels, image -> table"
std::string signature_of(const operation_info& about) {
  return kinds_of(inputs_of(about)) + " -> " + kinds_of(outputs_of(about));
}

void print_table() {
  std::vector<const operation_info*> all;
  std::size_t name_width = 0, signature_width = 0;
  for (const auto& entry : catalogue()) {
    all.push_back(entry.about);
    name_width = std::max(name_width, std::string_view(entry.about->name).size());
    signature_width = std::max(signature_width, signature_of(*entry.about).size());
  }
  const auto theme_of = [](const operation_info* about) { return std::string_view(about->theme); };
  std::ranges::stable_sort(all, {}, theme_of);
  std::string_view theme;
  for (const auto* about : all) {
    if (about->theme != theme) {
      std::cout << (theme.empty() ? "" : "\n") << about->theme << '\n';
      theme = about->theme;
    }
    std::cout << "  " << std::left << std::setw(static_cast<int>(name_width)) << about->name << "  "
              << std::setw(static_cast<int>(signature_width)) << signature_of(*about) << "  "
              << about->brief << '\n';
  }
}

}  // namespace

void print_operations(bool as_json) {
  if (!as_json) return print_table();
  json all = json::array();
  for (const auto& entry : catalogue()) all.push_back(to_json(entry));
  std::cout << all.dump(2) << '\n';
}

}  // namespace gpuimg::cli
