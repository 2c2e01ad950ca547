// SPDX-License-Identifier: BSD-3-Clause
// A pipeline: operations that feed one another, as a value that runs whole or in tiles.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/any_image.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/registry.hpp"
#include "gpuimg/tiling/stage.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

namespace detail {

template <class Op>
const registry_entry& entry_for() {
  static const registry_entry entry = entry_of<Op>();
  return entry;
}

}  // namespace detail

/// An image, a number or a table of a pipeline: an input, or what a step gives. Only the pipeline
/// that made it knows what it is.
struct value {
  std::size_t index = 0;
  bool operator==(const value&) const = default;
};

/// Operations that feed one another, from named inputs to named outputs: a chain or a graph.
///     tiling::pipeline nuclei;
///     const auto src = nuclei.input("src");
///     const auto flat = nuclei.add(ops::top_hat{.radius_x = 12, .radius_y = 12}, src);
///     const auto labels = nuclei.add(ops::voronoi_otsu_labeling{}, flat);
///     nuclei.output("labels", labels);
///     nuclei.output("measurements", nuclei.add(ops::labels_statistics{}, labels, src));
/// A chain from "src" to "dst" is shorter: ops::top_hat{} | ops::gaussian_blur{.sigma_x = 2}.
class pipeline {
 public:
  using parameters = std::vector<std::pair<std::string, std::string>>;

  /// A value and how it comes about.
  struct step {
    const registry_entry* operation = nullptr;  ///< null for an input, and for a stage
    pipeline::parameters parameters{};          ///< those that are given, in words
    std::vector<value> inputs{};
    std::string name{};                            ///< of an input
    std::shared_ptr<const tiling::stage> stage{};  ///< null for all others

    [[nodiscard]] bool is_input() const { return operation == nullptr && stage == nullptr; }
  };
  struct named_value {
    std::string name;
    tiling::value value;
  };

  /// An image that the pipeline is given. Throws argument_error for a name that is taken.
  value input(const std::string& name) {
    for (const value& known : inputs_)
      if (steps_[known.index].name == name)
        throw argument_error("the pipeline has an input " + name + " already");
    inputs_.push_back(push({.name = name}));
    return inputs_.back();
  }

  /// What an operation gives. Throws argument_error for parameters, or a number or kind of inputs,
  /// that it does not take.
  template <class Op, std::same_as<value>... Value>
  requires is_operation<Op> value add(const Op& op, Value... inputs) {
    return add(detail::entry_for<Op>(), assignments_of(op), {inputs...});
  }

  /// As above, of an entry that outlives the pipeline, with parameters in words.
  value add(const registry_entry& operation, pipeline::parameters parameters,
            std::vector<value> inputs) {
    const operation_info& about = *operation.about;
    const auto refuse = [&](const std::string& why) {
      throw argument_error(gpuimg::detail::text({about.name, ": ", why}));
    };
    if (about.output_count() != 1) refuse("a pipeline takes operations with one result");
    if (inputs.size() != about.input_count())
      refuse("takes " + std::to_string(about.input_count()) + " images, got " +
             std::to_string(inputs.size()));
    for (std::size_t i = 0; i < inputs.size(); ++i)
      check_is_image(inputs[i], about.name, about.inputs[i].name);
    operation.text(parameters);  // throws for those that it does not have
    return push({.operation = &operation,
                 .parameters = std::move(parameters),
                 .inputs = std::move(inputs)});
  }

  /// What a stage gives.
  value add(std::shared_ptr<const tiling::stage> stage, std::vector<value> inputs) {
    if (inputs.size() != stage->input_count())
      throw argument_error(gpuimg::detail::text(
          {stage->name(), ": takes ", stage->input_count(), " images, got ", inputs.size()}));
    for (const value& input : inputs) check_is_image(input, stage->name(), "what it takes");
    return push({.inputs = std::move(inputs), .stage = std::move(stage)});
  }

  /// Names a value as a result. Throws argument_error for a name that is taken.
  void output(const std::string& name, value from) {
    check(from);
    if (std::ranges::find(outputs_, name, &named_value::name) != outputs_.end())
      throw argument_error("the pipeline has an output " + name + " already");
    outputs_.push_back({name, from});
  }

  /// "0 = src; 1 = top_hat(0) radius_x=6; labels = 1".
  friend std::string to_string(const pipeline& p) {
    std::string all;
    for (std::size_t i = 0; i < p.steps_.size(); ++i) {
      const step& each = p.steps_[i];
      all += std::to_string(i) + " = ";
      if (each.is_input()) {
        all += each.name + "; ";
        continue;
      }
      all += each.stage ? each.stage->name() : each.operation->about->name;
      for (std::size_t k = 0; k < each.inputs.size(); ++k)
        all += (k == 0 ? "(" : ", ") + std::to_string(each.inputs[k].index);
      const std::string given =
          each.stage ? each.stage->parameters() : each.operation->text(each.parameters);
      all += (given.empty() ? ")" : ") ") + given + "; ";
    }
    for (const auto& [name, value] : p.outputs_)
      all += name + " = " + std::to_string(value.index) + "; ";
    return all;
  }

  [[nodiscard]] const std::vector<step>& steps() const { return steps_; }
  [[nodiscard]] const std::vector<value>& inputs() const { return inputs_; }
  [[nodiscard]] const std::vector<named_value>& outputs() const { return outputs_; }

  /// A chain with one more operation at its end.
  template <class Op>
  requires is_operation<Op>
  friend pipeline operator|(pipeline chain, const Op& op) {
    if (chain.outputs_.size() != 1)
      throw argument_error("only a pipeline with one output goes on with |");
    chain.outputs_[0].value = chain.add(op, chain.outputs_[0].value);
    return chain;
  }
  /// An operation alone, from "src" (and what else it takes, by its own names) to "dst".
  template <class Op>
  requires is_operation<Op>
  static pipeline of(const Op& op) { return of(detail::entry_for<Op>(), assignments_of(op)); }
  static pipeline of(const registry_entry& operation, pipeline::parameters parameters) {
    pipeline one;
    std::vector<value> inputs;
    for (std::size_t i = 0; i < operation.about->input_count(); ++i)
      inputs.push_back(one.input(operation.about->inputs[i].name));
    one.output(operation.about->outputs[0].name,
               one.add(operation, std::move(parameters), std::move(inputs)));
    return one;
  }

 private:
  value push(step&& added) {
    steps_.push_back(std::move(added));
    return {steps_.size() - 1};
  }
  void check(value given) const {
    if (given.index >= steps_.size()) throw argument_error("the value is of another pipeline");
  }
  void check_is_image(value given, const std::string& taker, const std::string& input) const {
    check(given);
    const auto* from = steps_[given.index].operation;
    if (from != nullptr && !from->about->gives_images())
      throw argument_error(
          gpuimg::detail::text({taker, ": ", input, " must be an image, got the ",
                                name_of(from->about->outputs[0].kind), " of ", from->about->name}));
  }

  std::vector<step> steps_;  // each after those that it takes
  std::vector<value> inputs_;
  std::vector<named_value> outputs_;
};

/// Images, numbers and tables by the names that a pipeline gives them.
using named_images = std::map<std::string, any_image>;
using named_results = std::map<std::string, any_result>;

namespace detail {

/// Throws argument_error where a stage does not take images of these types and sizes.
inline pixel_type check_inputs(const stage& what, std::span<const pixel_type> types,
                               std::span<const shape> sizes) {
  for (const shape& size : sizes)
    if (size != sizes[0])
      throw argument_error(
          gpuimg::detail::text({what.name(), ": the images must have the same shape, got ",
                                to_string(sizes[0]), " and ", to_string(size)}));
  return what.result_type(types);
}

inline any_image run_whole(const stage& what, std::vector<any_image> images) {
  std::vector<pixel_type> types;
  std::vector<shape> sizes;
  for (const any_image& image : images) {
    types.push_back(type_of(image));
    sizes.push_back(std::visit([](const auto& typed) { return typed.shape(); }, image));
  }
  check_inputs(what, types, sizes);
  return what.compute(std::move(images), whole(what.result_size(sizes[0])), sizes[0]);
}

}  // namespace detail

/// Computes a step, whose name it is told, by calling the function: to take its time, say.
using step_runner =
    std::function<any_result(const std::string& name, const std::function<any_result()>& compute)>;

/// Runs a pipeline on images that are on one device, as a whole; its image results stay there.
/// Throws argument_error where an input is missing, and what the operations throw.
inline named_results run(const pipeline& what, const named_images& inputs,
                         const step_runner& run_step = {}) {
  std::vector<std::optional<any_result>> values;  // by step
  for (const pipeline::step& step : what.steps()) {
    if (step.is_input()) {
      const auto found = inputs.find(step.name);
      if (found == inputs.end())
        throw argument_error("the pipeline's input " + step.name + " is missing");
      values.emplace_back(clone(found->second));
      continue;
    }
    std::vector<any_image> images;
    for (const value& input : step.inputs)
      images.push_back(clone(std::get<any_image>(*values[input.index])));
    const auto compute = [&]() -> any_result {
      if (step.stage) return detail::run_whole(*step.stage, std::move(images));
      return std::move(step.operation->run(step.parameters, images)[0]);
    };
    const std::string name = step.stage ? step.stage->name() : step.operation->about->name;
    values.emplace_back(run_step ? run_step(name, compute) : compute());
  }
  named_results all;
  for (const auto& [name, from] : what.outputs()) {
    const any_result& result = *values[from.index];
    if (const auto* image = std::get_if<any_image>(&result))
      all.emplace(name, clone(*image));
    else if (const auto* number = std::get_if<double>(&result))
      all.emplace(name, *number);
    else
      all.emplace(name, std::get<table>(result));
  }
  return all;
}

}  // namespace gpuimg::tiling

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::ops {

/// A chain of two operations, from "src" to "dst".
template <class First, class Second>
requires is_operation<First> && is_operation<Second> tiling::pipeline operator|(
    const First& first, const Second& second) {
  return tiling::pipeline::of(first) | second;
}

}  // namespace gpuimg::ops

#include "gpuimg/core/pop_macros.def"
