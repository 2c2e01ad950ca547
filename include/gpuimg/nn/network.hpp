// SPDX-License-Identifier: BSD-3-Clause
// A network: what a file describes, checked, for inputs of any legal size on any device.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/nn/fusion.hpp"
#include "gpuimg/nn/lowering.hpp"
#include "gpuimg/nn/rules.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// How a network is made ready.
struct prepare_options {
  element storage = element::f32;  ///< of what lies between layers: f32 or f16
  /// Rather exact than fast: convolutions add up short sums, and use Winograd's smallest tiles.
  bool accurate = false;
};

/// An immutable network. It holds its weights in host memory; what is prepared from it does not
/// need it any more.
class network {
 public:
  /// Throws argument_error where operators are not supported, naming all of them, where something
  /// that an operator reads is made by none, or where operators wait for each other.
  explicit network(graph from) : graph_(std::move(from)) {
    check_operators();
    sort_nodes();
  }

  [[nodiscard]] const graph& description() const { return graph_; }

  /// The layers for inputs of these shapes, fused where that saves memory or time. Throws
  /// argument_error where the network does not take the shapes.
  [[nodiscard]] network_steps steps(std::span<const tensor_shape> inputs) const {
    check_inputs(inputs);
    network_steps made = lowering::run(graph_, inputs, rules());
    fuse(made);
    return made;
  }
  [[nodiscard]] network_steps steps(const tensor_shape& input) const {
    return steps(std::span(&input, 1));
  }

  /// The network made ready for a device and for inputs of these shapes. Throws argument_error,
  /// build_error, device_error, and memory_error, which names the largest smaller input that fits.
  [[nodiscard]] prepared_network prepare(const device& device, std::span<const tensor_shape> inputs,
                                         const prepare_options& options = {}) const {
    try {
      return make_ready(device, inputs, options);
    } catch (const memory_error& e) {
      if (inputs.size() != 1) throw;
      const auto smaller = largest_that_fits(device, inputs.front(), options);
      throw memory_error(
          gpuimg::detail::text({e.what(), smaller ? "; " + to_string(*smaller) + " would fit"
                                                  : "; no smaller input would fit"}),
          e.requested(), e.budget());
    }
  }
  [[nodiscard]] prepared_network prepare(const device& device, const tensor_shape& input,
                                         const prepare_options& options = {}) const {
    return prepare(device, std::span(&input, 1), options);
  }

 private:
  [[nodiscard]] prepared_network make_ready(const device& device,
                                            std::span<const tensor_shape> inputs,
                                            const prepare_options& options) const {
    network_steps all = steps(inputs);
    if (options.accurate)
      for (network_step& step : all.steps)
        if (const auto* layer = dynamic_cast<const convolution*>(step.what.get())) {
          convolution_parameters p = layer->get();
          p.is_accurate = true;
          step.what = std::make_shared<convolution>(std::move(p));
        }
    return {device, std::move(all), options.storage};
  }

  void check_operators() const {
    std::map<std::string, int> missing;
    for (const graph_node& node : graph_.nodes)
      if (!is_built_in(node.op) && foldings().count(node.op) == 0 && rules().count(node.op) == 0)
        ++missing[node.op];
    if (missing.empty()) return;
    std::string all;
    for (const auto& [op, count] : missing)
      all += (all.empty() ? "" : ", ") + op + " (" + std::to_string(count) + ")";
    throw argument_error("the network has operators that are not supported: " + all);
  }
  static bool is_built_in(const std::string& op) {
    return op == "Constant" || op == "Shape" || op == "Size";
  }

  // In an order in which they can run: a node comes when all that it reads is there.
  void sort_nodes() {
    std::set<std::string> there;
    for (const auto& [name, constant] : graph_.constants) there.insert(name);
    for (const graph_value& input : graph_.inputs) there.insert(input.name);
    std::map<std::string, std::vector<std::size_t>> readers;
    std::vector<std::size_t> missing(graph_.nodes.size(), 0);
    std::set<std::size_t> ready;  // the file's order where there is a choice: it saves memory
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      for (const std::string& name : graph_.nodes[i].inputs)
        if (!name.empty() && there.count(name) == 0) {
          readers[name].push_back(i);
          ++missing[i];
        }
      if (missing[i] == 0) ready.insert(i);
    }
    std::vector<graph_node> sorted;
    while (!ready.empty()) {
      sorted.push_back(graph_.nodes[*ready.begin()]);
      ready.erase(ready.begin());
      for (const std::string& name : sorted.back().outputs) {
        if (name.empty()) continue;
        if (!there.insert(name).second)
          throw argument_error("two operators of the network make " + name);
        for (const std::size_t reader : readers[name])
          if (--missing[reader] == 0) ready.insert(reader);
      }
    }
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
      if (missing[i] != 0)
        node_reader(graph_.nodes[i], graph_.opset)
            .fail("reads what no operator makes, or what depends on its own result");
    graph_.nodes = std::move(sorted);
  }

  void check_inputs(std::span<const tensor_shape> inputs) const {
    bool fits = inputs.size() == graph_.inputs.size();
    for (std::size_t i = 0; fits && i < inputs.size(); ++i) {
      const auto& sizes = graph_.inputs[i].sizes;
      fits = sizes.size() == inputs[i].rank();
      for (std::size_t axis = 0; fits && axis < sizes.size(); ++axis)
        fits = sizes[axis] < 0 || sizes[axis] == inputs[i][axis];
    }
    if (fits) return;
    std::string wanted, given;
    for (const graph_value& input : graph_.inputs) {
      std::string sizes;
      for (const std::int64_t size : input.sizes)
        sizes += (sizes.empty() ? "" : "x") + (size < 0 ? "any" : std::to_string(size));
      wanted += (wanted.empty() ? "" : ", ") + input.name + " of " + sizes;
    }
    for (const tensor_shape& shape : inputs)
      given += (given.empty() ? "" : ", ") + to_string(shape);
    throw argument_error("the network takes " + wanted + ", got " + given);
  }

  // By how many pixels less the network takes along an axis, in powers of two up to 256; 0 where it
  // takes only the size that is given.
  [[nodiscard]] std::int64_t granularity(const tensor_shape& input, std::size_t axis) const {
    for (std::int64_t step = 1; step <= 256 && step < input[axis]; step *= 2) {
      std::vector<std::int64_t> sizes(input.sizes().begin(), input.sizes().end());
      sizes[axis] -= step;
      if (takes(tensor_shape(std::move(sizes)))) return step;
    }
    return 0;
  }
  [[nodiscard]] bool takes(const tensor_shape& input) const {
    try {
      (void)steps(input);
      return true;
    } catch (const argument_error&) {
      return false;
    }
  }

  // Of the smaller inputs of the same proportions, as far as the network takes them, the largest
  // that fits. Each is tried, which takes no more memory than there is.
  [[gnu::cold, nodiscard]] std::optional<tensor_shape> largest_that_fits(
      const device& device, const tensor_shape& input, const prepare_options& options) const {
    std::vector<std::int64_t> steps_along(input.rank(), 0), most_along(input.rank(), 0);
    std::int64_t most = 0;
    for (std::size_t axis = 2; axis < input.rank(); ++axis)
      if (const std::int64_t step = steps_along[axis] = granularity(input, axis); step > 0) {
        most_along[axis] = (input[axis] - 1) / step;
        most = std::max(most, most_along[axis]);
      }
    const auto smaller = [&](std::int64_t count) {
      std::vector<std::int64_t> sizes(input.sizes().begin(), input.sizes().end());
      for (std::size_t axis = 2; axis < sizes.size(); ++axis)
        sizes[axis] -= steps_along[axis] * ((most_along[axis] * count + most - 1) / most);
      return tensor_shape(std::move(sizes));
    };
    const auto needs_too_much = [&](const tensor_shape& one) {
      try {
        (void)make_ready(device, std::span(&one, 1), options);
      } catch (const memory_error&) {
        return true;
      } catch (const argument_error&) {  // too small for the network
      }
      return false;
    };
    std::int64_t too_large = 0, rest = most + 1;
    while (rest - too_large > 1) {
      const std::int64_t middle = too_large + (rest - too_large) / 2;
      (needs_too_much(smaller(middle)) ? too_large : rest) = middle;
    }
    if (rest > most || !takes(smaller(rest))) return std::nullopt;
    return smaller(rest);
  }

  graph graph_;
};

}  // namespace gpuimg::nn
