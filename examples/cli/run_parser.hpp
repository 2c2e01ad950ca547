// SPDX-License-Identifier: BSD-3-Clause
// The options of `gpuimg run OPERATION`, made from the operation's parameters.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/catalogue.hpp"
#include "cli/commands.hpp"
#include "cli/common_options.hpp"
#include "cli/numbers.hpp"

namespace gpuimg::cli {

/// "NUMBER", "INTEGER", "true|false" or the words of a choice.
inline std::string value_text(const parameter_description& parameter) {
  switch (parameter.type) {
    case parameter_type::number:
      return "NUMBER";
    case parameter_type::integer:
      return "INTEGER";
    case parameter_type::boolean:
      return "true|false";
    case parameter_type::choice:
      break;
  }
  std::string words;
  for (const auto& word : parameter.choices) words += (words.empty() ? "" : "|") + word;
  return words;
}

/// "standard deviation along x [0 pixel, >= 0, <= 10000]": the help, the default and the range.
inline std::string help_text(const parameter_description& parameter) {
  std::string text = parameter.help + " [" + parameter.default_text;
  if (!parameter.unit.empty()) text += " " + parameter.unit;
  if (parameter.minimum) text += ", >= " + number_text(*parameter.minimum);
  if (parameter.maximum) text += ", <= " + number_text(*parameter.maximum);
  return text + "]";
}

/// Parses what follows the operation's name. Throws as CLI11 does; where help is asked for, prints
/// it and returns nothing.
inline std::optional<run_arguments> parse_run(const catalogue_entry& entry,
                                              std::vector<std::string> words) {
  CLI::App app(entry.brief, "gpuimg run " + entry.name);
  run_arguments arguments;
  app.add_option("files", arguments.files, "the input files, then the output file")
      ->type_name("FILE");
  std::map<std::string, std::string> values;
  for (const auto& parameter : entry.parameters)
    app.add_option("--" + parameter.name, values[parameter.name], help_text(parameter))
        ->type_name(value_text(parameter))
        ->group("Parameters");
  add_device_option(app, arguments.device);
  add_volume_options(app, arguments.volume);

  try {
    std::reverse(words.begin(), words.end());  // the order in which CLI11 takes them
    app.parse(std::move(words));
  } catch (const CLI::Success& help) {
    app.exit(help);
    return std::nullopt;
  }
  for (const auto& parameter : entry.parameters)
    if (app.count("--" + parameter.name) > 0)
      arguments.parameters.emplace_back(parameter.name, values[parameter.name]);
  return arguments;
}

}  // namespace gpuimg::cli
