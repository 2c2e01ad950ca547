// SPDX-License-Identifier: BSD-3-Clause
// From a graph's operators to layers, for inputs of known shapes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpuimg/nn/constant_folding.hpp"
#include "gpuimg/nn/prepared_network.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// Makes the steps of a network from a graph whose nodes are in an order in which they can run.
class lowering {
 public:
  /// A tensor of the graph: known before anything runs, or made by a step.
  struct value {
    const host_tensor* known = nullptr;
    std::size_t number = 0;  ///< of what is not known
    tensor_shape shape{};
  };
  /// The inputs of an operator; `exists` says whether an optional one is there.
  class operands {
   public:
    operands(const node_reader& node, std::vector<const value*> all)
        : node_(node), all_(std::move(all)) {}
    [[nodiscard]] std::size_t size() const { return all_.size(); }
    [[nodiscard]] bool exists(std::size_t i) const { return i < all_.size() && all_[i] != nullptr; }
    /// Throws argument_error where the input is left out.
    [[nodiscard]] const value& operator[](std::size_t i) const {
      if (!exists(i)) node_.fail("lacks input " + std::to_string(i));
      return *all_[i];
    }
    /// What an input holds. Throws argument_error where it is left out or made at run time.
    [[nodiscard]] const host_tensor& known(std::size_t i) const {
      if ((*this)[i].known == nullptr)
        node_.fail("input " + std::to_string(i) + " must be a constant");
      return *all_[i]->known;
    }
    /// As `known`; null where the input is left out.
    [[nodiscard]] const host_tensor* known_if_there(std::size_t i) const {
      return exists(i) ? &known(i) : nullptr;
    }
    /// What is known of the inputs.
    [[nodiscard]] known_inputs all_known() const {
      known_inputs made;
      for (const value* one : all_) made.push_back(one == nullptr ? nullptr : one->known);
      return made;
    }
    [[nodiscard]] bool are_known() const {
      for (const value* one : all_)
        if (one != nullptr && one->known == nullptr) return false;
      return true;
    }

   private:
    const node_reader& node_;
    std::vector<const value*> all_;
  };
  /// What makes layers of an operator; gives its first result.
  using rule = value (*)(lowering&, const node_reader&, const operands&);

  /// The steps for inputs of these shapes, which stand in the graph's order, as the results do.
  /// Throws argument_error where an operator does not take the shapes, or needs what is not known.
  static network_steps run(const graph& from, std::span<const tensor_shape> inputs,
                           const std::map<std::string_view, rule>& rules) {
    lowering made(from);
    for (const auto& [name, constant] : from.constants) made.define(name, to_known(constant));
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      made.values_[from.inputs[i].name] = made.new_tensor(inputs[i]);
      made.made_.inputs.push_back(i);
    }
    for (const graph_node& node : from.nodes) made.lower(node_reader(node, from.opset), rules);
    for (const graph_value& output : from.outputs) {
      const value* found = made.find(output.name);
      if (found == nullptr || found->known != nullptr)
        throw argument_error("the output " + output.name + " does not depend on the inputs");
      made.made_.outputs.push_back(found->number);
    }
    return std::move(made.made_);
  }

  /// Adds a layer over tensors that are not known. Throws argument_error where it does not take
  /// their shapes.
  value add(const node_reader& node, std::shared_ptr<const layer> what,
            std::span<const value* const> src) {
    std::vector<tensor_shape> shapes;
    network_step step{std::move(what), {}, made_.tensors.size(), node.who()};
    for (const value* one : src) {
      if (one->known != nullptr) node.fail("takes no constant there");
      shapes.push_back(one->shape);
      step.src.push_back(one->number);
    }
    try {
      const value result = new_tensor(step.what->result(shapes));
      made_.steps.push_back(std::move(step));
      return result;
    } catch (const argument_error& e) {
      node.fail(e.what());
    }
  }
  value add(const node_reader& node, std::shared_ptr<const layer> what, const value& src) {
    const value* one = &src;
    return add(node, std::move(what), std::span(&one, 1));
  }
  /// The same numbers in another shape.
  value view(const node_reader& node, const value& src, tensor_shape shape) {
    if (src.known != nullptr) node.fail("takes no constant there");
    if (shape == src.shape) return src;
    const value result = new_tensor(std::move(shape));
    made_.steps.push_back({nullptr, {src.number}, result.number, node.who()});
    return result;
  }
  /// Says what a further result of an operator is.
  void define(const std::string& name, value result) {
    if (!name.empty()) values_[name] = std::move(result);
  }
  void define(const std::string& name, host_tensor constant) {
    if (name.empty()) return;
    constants_.push_back(std::move(constant));
    values_[name] = {&constants_.back(), 0, constants_.back().shape()};
  }

 private:
  explicit lowering(const graph& from) { made_.tensors.reserve(from.nodes.size()); }

  // Sizes of bytes, and of steps along axes, are then far from where 64 bits end.
  value new_tensor(tensor_shape shape) {
    if (shape.elements() > std::int64_t{1} << 40)
      throw argument_error("a tensor of shape " + to_string(shape) + " has more numbers than 2^40");
    made_.tensors.push_back(shape);
    return {nullptr, made_.tensors.size() - 1, std::move(shape)};
  }
  [[nodiscard]] const value* find(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
  }

  void lower(const node_reader& node, const std::map<std::string_view, rule>& rules) {
    std::vector<const value*> inputs;
    for (const std::string& name : node.node().inputs) {
      inputs.push_back(name.empty() ? nullptr : find(name));
      if (!name.empty() && inputs.back() == nullptr) node.fail("nothing makes its input " + name);
    }
    if (node.node().outputs.empty()) node.fail("has no result");
    const std::string& first = node.node().outputs.front();
    const operands in(node, std::move(inputs));
    const auto shape_of = [&] {
      const auto sizes = in[0].shape.sizes();
      return std::vector<std::int64_t>(sizes.begin(), sizes.end());
    };
    try {
      if (node.op() == "Constant") {
        define(first, to_known(node.tensor("value")));
      } else if (node.op() == "Shape") {
        define(first, detail::known(part_of(node, shape_of())));
      } else if (node.op() == "Size") {
        define(first,
               detail::known(tensor_shape{}, std::vector<std::int64_t>{in[0].shape.elements()}));
      } else if (const auto fold = foldings().find(node.op());
                 fold != foldings().end() && in.are_known()) {
        for (std::size_t i = 0; i < fold->second.least_inputs; ++i) (void)in[i];
        define(first, fold->second.compute(node, in.all_known()));
      } else if (const auto rule = rules.find(node.op()); rule != rules.end()) {
        define(first, rule->second(*this, node, in));
      } else {
        node.fail("takes constants only");
      }
    } catch (const argument_error& e) {
      if (std::string_view(e.what()).starts_with(node.who())) throw;
      node.fail(e.what());
    }
  }

  // What Shape takes of the sizes, since operator set 15.
  static std::vector<std::int64_t> part_of(const node_reader& node,
                                           std::vector<std::int64_t> sizes) {
    const auto rank = static_cast<std::int64_t>(sizes.size());
    const slice_range part = slice_of(node.integer("start", 0), node.integer("end", rank), 1, rank);
    const auto first = sizes.begin() + part.start;
    return {first, first + part.count};
  }

  network_steps made_;
  std::map<std::string, value> values_;
  std::deque<host_tensor> constants_;
};

}  // namespace gpuimg::nn
