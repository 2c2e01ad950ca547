// SPDX-License-Identifier: BSD-3-Clause
// What a pipeline's JSON means, and what is said where it means nothing.
#include "cli/pipeline_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/json_files.hpp"
#include "cli/operations.hpp"
#include "cli/option_names.hpp"
#include "cli/run_parser.hpp"
#include "gpuimg/core/error.hpp"

namespace gpuimg::cli {
namespace {

json parse_file(const std::string& path) {
  constexpr std::uintmax_t most = std::uintmax_t{1} << 20;
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure))
    throw io_error(path, -1, "there is no such file");
  if (std::filesystem::file_size(path, failure) > most)
    throw io_error(path, -1, "is too large for a pipeline, more than 1 MiB");
  try {
    return json::parse(read_text(path));
  } catch (const json::parse_error& error) {
    std::string reason =
        error.what();  // "[json.exception.parse_error.101] parse error at line ..."
    if (const auto end = reason.find("] "); end != reason.npos) reason.erase(0, end + 2);
    throw io_error(path, -1, "is no JSON: " + reason);
  }
}

/// A place in a pipeline's file, for what is wrong there.
class place {
 public:
  explicit place(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] place at(const std::string& below) const { return place(name_ + ": " + below); }
  [[noreturn]] void refuse(const std::string& reason) const {
    throw argument_error(name_ + ": " + reason);
  }

  void check_keys(const json& object, const std::vector<std::string>& known) const {
    if (!object.is_object()) refuse("must be an object, {...}");
    for (const auto& [key, value] : object.items())
      if (std::ranges::find(known, key) == known.end())
        refuse("there is no '" + key + "' here" + suggestion(key, known));
  }
  [[nodiscard]] std::string word(const json& value) const {
    if (!value.is_string()) refuse("must be a name in quotation marks, got " + shown(value));
    return value.get<std::string>();
  }
  [[nodiscard]] std::vector<std::string> words(const json& value) const {
    if (!value.is_array()) refuse("must be a list of names, got " + shown(value));
    std::vector<std::string> all;
    for (const json& each : value) all.push_back(word(each));
    return all;
  }
  /// A parameter as the registry takes it.
  [[nodiscard]] std::string parameter(const json& value) const {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number() || value.is_boolean()) return value.dump();
    if (!value.is_array()) refuse("must be a number, a word, true, false or a list of numbers");
    std::string all;
    for (const json& each : value) {
      if (!each.is_number()) refuse("must be a list of numbers, got " + shown(value));
      all += (all.empty() ? "" : ",") + each.dump();
    }
    return all;
  }

 private:
  static std::string shown(const json& value) {
    std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
    return text.size() > 40 ? text.substr(0, 40) + "..." : text;
  }
  std::string name_;
};

/// Runs what may throw argument_error, which then names the place.
template <class F>
auto in(const place& at, const F& f) {
  try {
    return f();
  } catch (const argument_error& error) {
    at.refuse(error.what());
  }
}

class pipeline_reader {
 public:
  explicit pipeline_reader(const std::string& path) : file_(path), content_(parse_file(path)) {}

  tiling::pipeline read() {
    file_.check_keys(content_, {"inputs", "steps", "outputs"});
    const auto inputs = content_.contains("inputs") ? file_.at("inputs").words(content_["inputs"])
                                                    : std::vector<std::string>{"src"};
    if (inputs.empty()) file_.refuse("a pipeline has at least one input");
    for (const auto& name : inputs)
      in(file_.at("inputs"), [&] { values_.emplace(name, made_.input(name)); });
    if (!content_.contains("steps") || !content_["steps"].is_array() || content_["steps"].empty())
      file_.refuse("a pipeline has steps, \"steps\": [{\"operation\": ...}, ...]");
    tiling::value last = made_.inputs()[0];
    for (std::size_t i = 0; i < content_["steps"].size(); ++i)
      last = add_step(file_.at("step " + std::to_string(i + 1)), content_["steps"][i], last);
    if (!content_.contains("outputs")) {
      made_.output("dst", last);
      return std::move(made_);
    }
    const place at = file_.at("outputs");
    for (const auto& name : at.words(content_["outputs"])) {
      const tiling::value value = named(at, name);
      in(at, [&] { made_.output(name, value); });
    }
    if (made_.outputs().empty()) at.refuse("a pipeline has at least one output");
    return std::move(made_);
  }

 private:
  void add_name(const place& at, const std::string& name, tiling::value value) {
    if (!values_.emplace(name, value).second) at.refuse("the name '" + name + "' is taken");
  }
  [[nodiscard]] tiling::value named(const place& at, const std::string& name) const {
    if (const auto found = values_.find(name); found != values_.end()) return found->second;
    for (const json& step : content_["steps"])
      if (step.is_object() && step.contains("name") && step["name"] == name)
        at.refuse("'" + name + "' is no step before this one; steps stand behind what they take");
    std::vector<std::string> names;
    for (const auto& [known, value] : values_) names.push_back(known);
    at.refuse("nothing is called '" + name + "'" + suggestion(name, names));
  }

  tiling::value add_step(place at, const json& step, tiling::value before) {
    at.check_keys(step, {"name", "operation", "inputs", "parameters"});
    if (step.contains("name")) at = at.at(at.word(step["name"]));
    if (!step.contains("operation")) at.refuse("it has no operation");
    const std::string name = at.at("operation").word(step["operation"]);
    const registry_entry& operation = *in(at, [&] { return &operation_named(name); });
    tiling::pipeline::parameters parameters;
    if (step.contains("parameters")) {
      if (!step["parameters"].is_object()) at.refuse("parameters must be an object, {...}");
      for (const auto& [key, value] : step["parameters"].items())
        parameters.emplace_back(key, at.at(key).parameter(value));
    }
    check_parameters(at, operation, parameters);
    std::vector<tiling::value> inputs{before};
    if (step.contains("inputs")) {
      inputs.clear();
      for (const auto& taken : at.at("inputs").words(step["inputs"]))
        inputs.push_back(named(at, taken));
    }
    const tiling::value made = in(at, [&] { return made_.add(operation, parameters, inputs); });
    if (step.contains("name")) add_name(at, step["name"].get<std::string>(), made);
    return made;
  }
  static void check_parameters(const place& at, const registry_entry& operation,
                               const tiling::pipeline::parameters& given) {
    std::vector<std::string> names;
    for (const auto& parameter : operation.parameters) names.push_back(parameter.name);
    for (const auto& [name, text] : given) {
      const auto found = std::ranges::find(names, name);
      if (found == names.end())
        at.refuse(std::string(operation.about->name) + " has no parameter " + name +
                  suggestion(name, names));
      in(at, [&, text = text] {
        check_number(operation.about->name,
                     operation.parameters[static_cast<std::size_t>(found - names.begin())], text);
      });
    }
  }

  place file_;
  json content_;
  tiling::pipeline made_;
  std::map<std::string, tiling::value> values_;
};

}  // namespace

tiling::pipeline read_pipeline(const std::string& path) { return pipeline_reader(path).read(); }

}  // namespace gpuimg::cli
