// SPDX-License-Identifier: BSD-3-Clause
// gpuimg model: networks from their files: what they consist of, whether they compute what they
// should, and what they find in an image.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/open_device.hpp"
#include "cli/overlay.hpp"
#include "cli/pixels.hpp"
#include "cli/report.hpp"
#include "gpuimg/any_image.hpp"
#include "gpuimg/gpuimg.hpp"
#include "gpuimg/io/bioimage_model.hpp"
#include "gpuimg/io/csv.hpp"
#include "gpuimg/io/npy.hpp"
#include "gpuimg/io/onnx.hpp"
#include "gpuimg/io/png.hpp"
#include "gpuimg/nn/instances.hpp"
#include "gpuimg/nn/network.hpp"
#include "gpuimg/nn/processing.hpp"
#include "gpuimg/nn/summary.hpp"

namespace gpuimg::cli {
namespace {

/// A network with what its package says about it; of an ONNX file alone that is nothing.
struct model {
  nn::network network;
  std::optional<nn::model_description> description;
};

model load_model(const std::string& path) {
  if (std::filesystem::path(path).extension() == ".onnx")
    return {nn::network(io::read_onnx(path)), std::nullopt};
  nn::model_description description = io::read_bioimage_model(path);
  nn::network network(io::read_onnx(description.weights));
  if (network.description().inputs.size() != description.inputs.size() ||
      network.description().outputs.size() != description.outputs.size())
    throw argument_error(path + ": describes other inputs and outputs than " + description.weights +
                         " has");
  return {std::move(network), std::move(description)};
}

/// Along an axis that may have any size, or one of several: that is the multiple of 32 from `size`
/// on, at most `most`, where nothing else is said.
std::int64_t choose_size(std::int64_t size, std::int64_t most, const nn::axis_size* rule) {
  const auto up = [](std::int64_t n, std::int64_t first, std::int64_t step) {
    return n <= first || step < 1 ? first : first + (n - first + step - 1) / step * step;
  };
  if (rule != nullptr) {
    if (const auto* fixed = std::get_if<nn::fixed_size>(rule)) return fixed->size;
    if (const auto* stepped = std::get_if<nn::stepped_size>(rule)) {
      const std::int64_t wanted = up(size, stepped->min, stepped->step);
      return wanted <= most ? wanted : up(most, stepped->min, stepped->step);
    }
  }
  return std::min(up(size, 32, 32), most);
}

/// The shape of an input of the network for an image: what the files say, else what they allow.
nn::tensor_shape choose_window(const model& model, std::size_t input, std::int64_t channels,
                               const std::optional<shape>& image,
                               const std::optional<shape>& window) {
  const auto& sizes = model.network.description().inputs[input].sizes;
  if (sizes.size() < 4 || sizes.size() > 5)
    throw argument_error("the network does not take 2D or 3D images with channels: its input has " +
                         std::to_string(sizes.size()) + " axes");
  const bool is_3d = sizes.size() == 5;
  const auto axes_of = [&](const shape& s) {
    std::vector<std::size_t> all{s.y, s.x};
    if (is_3d) all.insert(all.begin(), s.z);
    return all;
  };
  const std::int64_t most = is_3d ? 128 : 512;
  std::vector<std::int64_t> chosen{1, sizes[1] > 0 ? sizes[1] : channels};
  for (std::size_t axis = 2; axis < sizes.size(); ++axis) {
    const nn::axis_size* rule =
        model.description ? &model.description->inputs[input].axes[axis].size : nullptr;
    if (sizes[axis] > 0)
      chosen.push_back(sizes[axis]);
    else if (window)
      chosen.push_back(static_cast<std::int64_t>(axes_of(*window)[axis - 2]));
    else
      chosen.push_back(choose_size(
          image ? static_cast<std::int64_t>(axes_of(*image)[axis - 2]) : most, most, rule));
  }
  return nn::tensor_shape(std::move(chosen));
}

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
  const model model = load_model(arguments.model);
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
  const model model = load_model(arguments.model);
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

void model_run(const model_run_arguments& arguments) {
  const model model = load_model(arguments.model);
  image_file input(arguments.input, arguments.volume.color);
  volume_choice choice = arguments.volume;
  choice.channel = choice.channel.value_or(0);
  const volume_range range = choose_volumes({&input, 1}, choice);

  const std::filesystem::path folder = make_folder(arguments.folder);
  const auto path_of = [&](const char* name) { return (folder / name).string(); };
  const std::vector<std::string> inputs{arguments.input};
  for (const char* name : {"probabilities.tif", "labels.tif", "overlay.png"})
    check_output(path_of(name), inputs);
  check_output(path_of("measurements.csv"), inputs, io::special_file::write_through);

  const device device = open_device(arguments.device);
  const compile_notice notice(device);
  print_fact("device", device.name());
  step_times timed;
  const auto waiting = [&](const std::string& name, const auto& step) {
    return timed(name, [&] {
      auto result = step();
      device.finish();
      return result;
    });
  };
  const host_image src =
      timed("read", [&] { return read_volume(input, range.first_channel, range.first_frame); });
  const nn::prepared_network net = waiting("prepare", [&] {
    return model.network.prepare(device, choose_window(model, 0, 1, src.size, arguments.window));
  });
  const nn::tensor_info window = net.inputs().front();
  print_fact("image",
             arguments.input + ", " + to_string(src.size) + " " + std::string(name_of(src.type())));
  print_fact("window", to_string(window.shape));

  // The steps before and after the network are taken over the whole image.
  const auto numbers = [&](const std::vector<float>& pixels, std::size_t channels) {
    std::vector<std::int64_t> sizes{1, static_cast<std::int64_t>(channels)};
    if (window.shape.rank() == 5) sizes.push_back(static_cast<std::int64_t>(src.size.z));
    sizes.insert(sizes.end(),
                 {static_cast<std::int64_t>(src.size.y), static_cast<std::int64_t>(src.size.x)});
    return nn::host_tensor(nn::tensor_shape(std::move(sizes)), std::span<const float>(pixels));
  };
  if (window.shape.rank() == 4 && src.size.is_3d())
    throw argument_error(arguments.input +
                         ": a network for 2D images takes no stack; pick a plane");
  const auto as_float = to_float(src);
  const std::vector<float>& pixels = std::get<std::vector<float>>(as_float.pixels);
  const nn::tensor pushed = waiting("preprocess", [&] {
    nn::host_tensor values = numbers(pixels, 1);
    if (model.description) values = nn::processed(model.description->inputs.front(), values);
    return nn::push(device, values);
  });
  const nn::tensor result =
      waiting("predict", [&] { return nn::predict(net, pushed, {.step = arguments.step}); });
  const nn::tensor probabilities = waiting("postprocess", [&] {
    nn::host_tensor values = nn::pull(result);
    if (model.description) values = nn::processed(model.description->outputs.front(), values);
    return nn::push(device, values);
  });
  const label_image labels = waiting("label", [&] {
    return nn::instances(nn::channel_of(probabilities, 0),
                         {.threshold = arguments.threshold,
                          .spot_sigma = arguments.spot_sigma,
                          .minimum_size = arguments.minimum_size});
  });
  const table measurements = waiting(
      "measure", [&] { return to_table(labels_statistics(labels, push<float>(device, src))); });
  const host_image found = pull(labels, src);
  timed("write", [&] {
    const auto channels = static_cast<std::size_t>(probabilities.info().channels());
    image_output out(path_of("probabilities.tif"),
                     {.channels = channels, .channel_count = channels});
    for (std::size_t c = 0; c < channels; ++c) {
      host_image channel = pull(nn::channel_of(probabilities, static_cast<std::int64_t>(c)), src);
      channel.channel = c;
      channel.channels = channels;
      channel.frame = 0;
      channel.frames = 1;
      out.append(channel);
    }
    out.close();
    image_output labels_out(path_of("labels.tif"), {});
    host_image single = found;
    single.channel = single.frame = 0;
    single.channels = single.frames = 1;
    labels_out.append(single);
    labels_out.close();
    write_overlay(path_of("overlay.png"), src, found);
    io::write_csv(path_of("measurements.csv"), measurements);
    return true;
  });
  timed.print();
  print_fact("objects", measurements.rows.size());
}

}  // namespace gpuimg::cli
