// SPDX-License-Identifier: BSD-3-Clause
// gpuimg model info and test: what networks consist of, and whether they compute what they should.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/loaded_model.hpp"
#include "cli/open_device.hpp"
#include "cli/report.hpp"
#include "gpuimg/io/npy.hpp"
#include "gpuimg/nn/network.hpp"
#include "gpuimg/nn/processing.hpp"
#include "gpuimg/nn/summary.hpp"

namespace gpuimg::cli {
namespace {

std::string in_megabytes(std::uint64_t bytes) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << static_cast<double>(bytes) / (1 << 20) << " MiB";
  return text.str();
}
std::string in_gflop(std::uint64_t flops) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(3) << static_cast<double>(flops) / 1e9;
  return text.str();
}

void print_layers(const nn::network_summary& summary) {
  std::size_t name = 5, what = 5, result = 6;
  for (const auto& layer : summary.layers) {
    name = std::max(name, layer.name.size());
    what = std::max(what, layer.what.size());
    result = std::max(result, to_string(layer.result).size());
  }
  const auto row = [&](const std::string& a, const std::string& b, const std::string& c,
                       const std::string& d, const std::string& e) {
    std::cout << std::left << std::setw(static_cast<int>(name + 2)) << a
              << std::setw(static_cast<int>(what + 2)) << b
              << std::setw(static_cast<int>(result + 2)) << c << std::right << std::setw(12) << d
              << std::setw(12) << e << '\n';
  };
  row("layer", "computes", "result", "parameters", "GFLOP");
  for (const auto& layer : summary.layers)
    row(layer.name, layer.what, to_string(layer.result), std::to_string(layer.parameters),
        layer.flops == 0 ? "" : in_gflop(layer.flops));
  row("all", "", "", std::to_string(summary.parameters), in_gflop(summary.flops));
}

/// How far numbers are from what they should be.
struct deviation {
  double largest = 0, rms_of_std = 0;
  std::size_t flips = 0, count = 0;  ///< numbers on the other side of 0.5
};
deviation compare_numbers(const std::vector<float>& found, const std::vector<float>& wanted) {
  deviation d{.count = wanted.size()};
  double sum = 0, squares = 0, differences = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double w = wanted[i], difference = static_cast<double>(found[i]) - w;
    d.largest = difference == difference ? std::max(d.largest, std::fabs(difference)) : INFINITY;
    d.flips += (found[i] > 0.5f) != (wanted[i] > 0.5f);
    sum += w;
    squares += w * w;
    differences += difference * difference;
  }
  const auto n = static_cast<double>(std::max<std::size_t>(d.count, 1));
  const double variance = squares / n - sum / n * (sum / n);
  d.rms_of_std = variance > 0 ? std::sqrt(differences / n / variance) : std::sqrt(differences / n);
  return d;
}

}  // namespace

void model_info(const model_info_arguments& arguments) {
  const loaded_model model = load_model(arguments.model);
  std::vector<nn::tensor_shape> inputs;
  for (std::size_t i = 0; i < model.network.description().inputs.size(); ++i)
    inputs.push_back(choose_window(model, i, 1, std::nullopt, arguments.window));
  const nn::network_steps steps = model.network.steps(inputs);
  if (model.description) print_fact("name", model.description->name);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    print_fact("input " + model.network.description().inputs[i].name, to_string(inputs[i]));
  for (std::size_t i = 0; i < steps.outputs.size(); ++i)
    print_fact("output " + model.network.description().outputs[i].name,
               to_string(steps.tensors[steps.outputs[i]]));
  print_layers(nn::summary_of(steps));
  const device device = open_device(arguments.device);
  const nn::network_memory memory = nn::prepared_network(device, steps).memory();
  print_fact("device", device.name());
  print_fact("memory", in_megabytes(memory.peak()) + " at most: " + in_megabytes(memory.weights) +
                           " of weights, " + in_megabytes(memory.tensors) + " of tensors, " +
                           in_megabytes(memory.scratch) + " besides");
}

bool model_test(const model_test_arguments& arguments) {
  const loaded_model model = load_model(arguments.model);
  if (!model.description)
    throw argument_error(arguments.model + ": only packages of bioimage.io have tests");
  const auto& description = *model.description;
  const device device = open_device(arguments.device);
  const compile_notice notice(device);
  const auto read_test = [&](const nn::tensor_description& tensor) {
    if (tensor.test_tensor.empty())
      throw argument_error(arguments.model + ": the tensor " + tensor.id + " has no test");
    return io::read_npy(tensor.test_tensor);
  };
  std::vector<nn::tensor_shape> shapes;
  std::vector<nn::tensor> inputs;
  for (const auto& input : description.inputs) {
    inputs.push_back(nn::push(device, nn::processed(input, read_test(input))));
    shapes.push_back(inputs.back().shape());
  }
  const auto results = model.network.prepare(device, shapes)(inputs);
  print_fact("device", device.name());
  bool is_good = true;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& output = description.outputs[i];
    const nn::host_tensor wanted = read_test(output);
    const nn::host_tensor found = nn::processed(output, nn::pull(results[i]));
    if (found.shape() != wanted.shape())
      throw argument_error("the output " + output.id + " has the shape " +
                           to_string(found.shape()) + ", but its test " +
                           to_string(wanted.shape()));
    const deviation d = compare_numbers(found.values<float>(), wanted.values<float>());
    print_fact(output.id, to_string(found.shape()));
    print_fact("largest difference", d.largest);
    print_fact("rms / deviation", d.rms_of_std);
    print_fact("flips at 0.5", std::to_string(d.flips) + " of " + std::to_string(d.count));
    is_good = is_good && d.largest <= arguments.tolerance;
  }
  print_fact("verdict", is_good ? "passed" : "failed");
  return is_good;
}

}  // namespace gpuimg::cli
