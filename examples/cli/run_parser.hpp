// SPDX-License-Identifier: BSD-3-Clause
// The options of `gpuimg run OPERATION`, made from the operation's parameters.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cli/common_options.hpp"
#include "cli/operations.hpp"
#include "cli/option_names.hpp"

namespace gpuimg::cli {

/// "NUMBER", "INTEGER", "true|false" or the words of a choice.
inline std::string value_text(const parameter_description& parameter) {
  if (parameter.count > 1) return std::to_string(parameter.count) + " NUMBERS,WITH,COMMAS";
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
  if (parameter.minimum) text += ", >= " + io::number_text(*parameter.minimum);
  if (parameter.maximum) text += ", <= " + io::number_text(*parameter.maximum);
  return text + "]";
}

/// Refuses a number that no parameter of its type could hold, in words of the range; other texts
/// are left to the operation. Throws argument_error.
inline void check_number(const std::string& operation, const parameter_description& parameter,
                         const std::string& text) {
  const bool is_integer = parameter.type == parameter_type::integer;
  if ((!is_integer && parameter.type != parameter_type::number) || parameter.count > 1) return;
  double value = 0;
  const char* last = text.data() + text.size();
  const auto [end, failure] = std::from_chars(text.data(), last, value);
  if (end != last || text.empty()) return;
  const double most = is_integer ? std::numeric_limits<int>::max()
                                 : static_cast<double>(std::numeric_limits<float>::max());
  if (failure == std::errc{} && !(std::abs(value) > most)) return;
  if (std::isinf(value)) return;
  std::string range;
  if (parameter.minimum) range += ">= " + io::number_text(*parameter.minimum);
  if (parameter.maximum)
    range += (range.empty() ? "<= " : " and <= ") + io::number_text(*parameter.maximum);
  if (range.empty()) range = "from " + io::number_text(-most) + " to " + io::number_text(most);
  throw argument_error(operation + ": " + parameter.name + " must be " + range + ", got " + text);
}

/// Parses what follows `gpuimg run`, or another command of operations and pipelines. Throws as
/// CLI11 does; where help is asked for, prints it and returns nothing.
inline std::optional<run_arguments> parse_run(const std::string& command,
                                              std::vector<std::string> words) {
  if (words.empty())
    throw CLI::RequiredError(command + " OPERATION (gpuimg list shows all) or --pipeline FILE");
  run_arguments arguments;
  const bool has_pipeline = std::ranges::any_of(words, [](const std::string& word) {
    return word == "--pipeline" || word.starts_with("--pipeline=");
  });
  if (!has_pipeline) {
    arguments.operation = &operation_named(words.front());
    words.erase(words.begin());
  }
  const registry_entry* operation = arguments.operation;
  CLI::App app(operation != nullptr ? operation->about->brief : "Operations that feed one another",
               "gpuimg " + command + " " +
                   (operation != nullptr ? operation->about->name : "--pipeline FILE"));
  app.add_option("files", arguments.files,
                 operation != nullptr && command == "run" ? "the input files, then the output file"
                                                          : "the input files")
      ->type_name("FILE");
  std::map<std::string, std::string> values;
  if (operation != nullptr)
    for (const auto& parameter : operation->parameters)
      app.add_option("--" + parameter.name, values[parameter.name], help_text(parameter))
          ->type_name(value_text(parameter))
          ->group("Parameters");
  else
    app.add_option("--pipeline", arguments.pipeline, "JSON file that names the operations")
        ->type_name("FILE")
        ->required();
  if (operation == nullptr && command == "run")
    app.add_option("--out", arguments.outputs,
                   "where an output goes; without its name, the next one that has no file")
        ->type_name("[NAME=]FILE")
        ->allow_extra_args(false);
  add_device_option(app, arguments.device);
  add_volume_options(app, arguments.volume, "all", "all");
  add_grey_option(app, arguments.volume);
  if (command == "verify-tiling") {
    add_tile_option(app, arguments.tiles, "size of the tiles [a quarter of the part]");
    app.add_option_function<std::string>(
           "--part",
           [&arguments](const std::string& text) { arguments.part = parse_size("--part", text); },
           "size of the part in the middle of the image [512x512, or 128x128x64 of a volume]")
        ->type_name("SIZE");
  } else if (command == "plan") {
    add_tile_option(app, arguments.tiles, "size of the tiles at most [as memory allows]");
    add_memory_option(app, arguments.tiles);
  } else {
    add_tile_options(app, arguments.tiles);
  }

  try {
    std::reverse(words.begin(), words.end());  // the order in which CLI11 takes them
    app.parse(std::move(words));
  } catch (const CLI::Success& help) {
    app.exit(help);
    return std::nullopt;
  } catch (const CLI::ExtrasError&) {
    refuse_unknown_option(app, app.remaining());
    throw;
  }
  if (operation == nullptr) return arguments;
  for (const auto& parameter : operation->parameters)
    if (app.count("--" + parameter.name) > 0) {
      check_number(operation->about->name, parameter, values[parameter.name]);
      arguments.parameters.emplace_back(parameter.name, values[parameter.name]);
    }
  return arguments;
}

}  // namespace gpuimg::cli
