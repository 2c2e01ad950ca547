// SPDX-License-Identifier: BSD-3-Clause
// gpuimg model run: what a network makes of an image.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/loaded_model.hpp"
#include "cli/open_device.hpp"
#include "cli/overlay.hpp"
#include "cli/pixels.hpp"
#include "cli/report.hpp"
#include "cli/tiles.hpp"
#include "gpuimg/any_image.hpp"
#include "gpuimg/gpuimg.hpp"
#include "gpuimg/io/csv.hpp"
#include "gpuimg/io/png.hpp"
#include "gpuimg/nn/instances.hpp"
#include "gpuimg/nn/network_stage.hpp"
#include "gpuimg/nn/processing.hpp"

namespace gpuimg::cli {
namespace {

/// The channels of the image that the network sees, in its order.
std::vector<std::size_t> choose_channels(const model_run_arguments& arguments,
                                         const image_file& input, std::size_t seen) {
  std::vector<std::size_t> chosen = arguments.channels;
  for (const std::size_t channel : chosen)
    if (channel >= input.channels())
      throw argument_error("--channel must be < " + std::to_string(input.channels()) + ", got " +
                           std::to_string(channel) + " [" + input.path() + "]");
  const auto wants = [&](const std::string& given) {
    return argument_error("the network sees " + std::to_string(seen) +
                          (seen == 1 ? " channel, " : " channels, ") + given);
  };
  if (!chosen.empty() && chosen.size() != seen)
    throw wants("--channel names " + std::to_string(chosen.size()));
  if (!chosen.empty()) return chosen;
  if (seen != 1 && seen != input.channels())
    throw wants(input.path() + " has " + std::to_string(input.channels()) +
                "; name them with --channel");
  for (std::size_t channel = 0; channel < seen; ++channel) chosen.push_back(channel);
  return chosen;
}

/// The network, ready for windows of an image. What it does not take says which window it would.
nn::prepared_network prepare(const loaded_model& model, const device& device,
                             const nn::tensor_shape& window, const nn::prepare_options& options) {
  const auto takes = [&](const nn::tensor_shape& shape) {
    try {
      return model.network.steps(shape).outputs.size() == 1;
    } catch (const argument_error&) {
      return false;
    }
  };
  try {
    return model.network.prepare(device, window, options);
  } catch (const argument_error& e) {
    std::string advice;
    for (std::int64_t step = 2; step <= 64 && advice.empty(); step *= 2) {
      std::vector<std::int64_t> sizes(window.sizes().begin(), window.sizes().end());
      for (std::size_t axis = 2; axis < sizes.size(); ++axis)
        if (model.network.description().inputs.front().sizes[axis] < 0)
          sizes[axis] = std::max(sizes[axis] / step * step, step);
      if (takes(nn::tensor_shape(sizes)))
        advice = "; it takes " + to_string(nn::tensor_shape(sizes)) + ", set by --window";
    }
    throw argument_error("the network does not take a window of " + to_string(window) + advice +
                         ": " + e.what());
  }
}

/// What happens to a tensor before or after the network: of a stack plane by plane where the
/// description is one of planes.
nn::host_tensor processed_in_planes(const nn::tensor_description& description,
                                    const nn::host_tensor& image) {
  const nn::tensor_shape& shape = image.shape();
  if (shape.rank() == description.axes.size()) return nn::processed(description, image);
  const nn::tensor_shape plane_shape{1, shape[1], shape[3], shape[4]};
  const auto size = static_cast<std::size_t>(shape[3] * shape[4]);
  const auto channels = static_cast<std::size_t>(shape[1]);
  const auto planes = static_cast<std::size_t>(shape[2]);
  nn::host_tensor made(nn::element::f32, shape);
  for (std::size_t z = 0; z < planes; ++z) {
    nn::host_tensor plane(nn::element::f32, plane_shape);
    const auto place = [&](std::size_t c) { return (c * planes + z) * size; };
    for (std::size_t c = 0; c < channels; ++c)
      std::copy_n(image.as<float>().data() + place(c), size, plane.as<float>().data() + c * size);
    plane = nn::processed(description, plane);
    for (std::size_t c = 0; c < channels; ++c)
      std::copy_n(plane.as<float>().data() + c * size, size, made.as<float>().data() + place(c));
  }
  return made;
}

/// What follows the network: what --activation says, else its package.
nn::tensor_description description_of_result(const loaded_model& model,
                                             const std::optional<model_activation>& activation,
                                             std::size_t rank) {
  if (!activation && model.description) return model.description->outputs.front();
  nn::tensor_description made{
      .id = "result",
      .axes = {{nn::axis_kind::batch, "batch"}, {nn::axis_kind::channel, "channel"}}};
  for (const char* axis : {"z", "y", "x"})
    if (rank == 5 || *axis != 'z') made.axes.push_back({nn::axis_kind::space, axis});
  if (activation == model_activation::sigmoid) made.processing = {nn::steps::sigmoid{}};
  if (activation == model_activation::softmax) made.processing = {nn::steps::softmax{"channel"}};
  return made;
}

/// Where an image's numbers come from and go to: files of one folder, with what the image's file
/// says about pixels.
class result_folder {
 public:
  result_folder(const std::string& path, const host_image& like, std::string input)
      : folder_(make_folder(path)), like_(like), inputs_{std::move(input)} {}

  [[nodiscard]] std::string path_of(const std::string& name) const {
    return (folder_ / name).string();
  }
  void check(const std::vector<std::string>& names) const {
    for (const auto& name : names)
      check_output(
          path_of(name), inputs_,
          name.ends_with(".csv") ? io::special_file::write_through : io::special_file::refuse);
  }
  /// Writes a TIFF file of the pixels of each channel, one after the other.
  template <pixel T>
  void write(const std::string& name, const std::vector<T>& pixels) const {
    const std::size_t size = like_.size.pixels();
    const std::size_t channels = size == 0 ? 1 : pixels.size() / size;
    image_output out(path_of(name), {.channels = channels, .channel_count = channels});
    for (std::size_t c = 0; c < channels; ++c) {
      const T* first = pixels.data() + c * size;
      host_image channel{.size = like_.size, .pixels = std::vector<T>(first, first + size)};
      channel.describe_as(like_);
      channel.channel = c;
      channel.channels = channels;
      channel.frame = 0;
      channel.frames = 1;
      out.append(channel);
    }
    out.close();
  }
  /// Draws objects, or regions, over the image.
  void draw(const std::string& name, const std::vector<std::uint32_t>& labels) const {
    write_overlay(path_of(name), like_, host_image{.size = like_.size, .pixels = labels});
  }

 private:
  std::filesystem::path folder_;
  const host_image& like_;
  std::vector<std::string> inputs_;
};

std::vector<std::string> files_of(model_result result) {
  switch (result) {
    case model_result::objects:
      return {"probabilities.tif", "labels.tif", "overlay.png", "measurements.csv"};
    case model_result::classes:
      return {"classes.tif", "overlay.png"};
    default:
      return {std::string(model_result_names[static_cast<std::size_t>(result)]) + ".tif"};
  }
}

/// Refuses what does not go together, before anything runs.
void check_choices(const model_run_arguments& arguments, const nn::prepared_network& net,
                   const shape& size) {
  const nn::tensor_info out = net.outputs().front(), in = net.inputs().front();
  const bool is_2d = in.shape.rank() == 4;
  if (is_2d && arguments.mirror[2])
    throw argument_error("--mirror z: the network is for 2D images");
  if (!is_2d && !size.is_3d())
    throw argument_error(arguments.input + " is a plane; the network is for 3D images");
  if (out.shape.rank() != in.shape.rank())
    throw argument_error("the network gives no image: its result is " + to_string(out.shape));
  const auto channels = static_cast<std::size_t>(out.channels());
  if (arguments.result == model_result::classes && (channels < 2 || channels > 65536))
    throw argument_error("--result classes needs from 2 to 65536 channels, the network gives " +
                         std::to_string(channels));
  if (arguments.result != model_result::objects) return;
  for (const auto& [name, channel] :
       {std::pair{"--foreground", std::optional(arguments.foreground)},
        std::pair{"--contours", arguments.contours}})
    if (channel && *channel >= channels)
      throw argument_error(std::string(name) + " must be < " + std::to_string(channels) +
                           ", the channels that the network gives; got " +
                           std::to_string(*channel));
}

nn::instance_options instance_options_of(const model_run_arguments& arguments) {
  return {.threshold = arguments.threshold,
          .spot_sigma = arguments.spot_sigma,
          .minimum_size = arguments.minimum_size};
}

/// A network, what is done before and after it, and a name for all of it.
struct named_network {
  std::shared_ptr<nn::prepared_network> net;
  std::string identity;
  std::vector<nn::tensor_description> before{};  ///< as network_stage takes it
  std::optional<nn::tensor_description> after{};

  [[nodiscard]] nn::tensor_shape window() const { return net->inputs().front().shape; }
  [[nodiscard]] std::size_t channels() const {  // of the result
    return static_cast<std::size_t>(net->outputs().front().channels());
  }
};

std::string identity_of(const loaded_model& model, const model_run_arguments& arguments) {
  const std::filesystem::path path = arguments.model;
  std::string all = name_of_file(path.string());
  if (model.description)
    for (const std::string& file : {model.description->weights, (path / "bioimageio.yaml").string(),
                                    (path / "rdf.yaml").string()})
      all += "; " + name_of_file(file);
  if (arguments.activation)
    all +=
        std::string("; ") + model_activation_names[static_cast<std::size_t>(*arguments.activation)];
  return all + (arguments.f16 ? "; f16" : "") + (arguments.accurate ? "; accurate" : "");
}

/// What is made of an image, as a pipeline.
tiling::pipeline model_steps(const model_run_arguments& arguments, const named_network& model,
                             bool is_3d) {
  tiling::pipeline steps;
  std::vector<tiling::value> images;
  for (std::int64_t c = 0; c < model.net->inputs().front().channels(); ++c)
    images.push_back(steps.input("channel " + std::to_string(c)));
  const auto network = [&](nn::network_image made, std::size_t channel) {
    return steps.add(std::make_shared<nn::network_stage>(
                         model.net, model.identity,
                         nn::network_stage_options{
                             .windows = {.step = arguments.step, .mirror = arguments.mirror},
                             .before = model.before,
                             .after = model.after,
                             .made = made,
                             .channel = channel,
                             .threshold = arguments.threshold}),
                     images);
  };
  switch (arguments.result) {
    case model_result::logits:
    case model_result::probabilities:
      steps.output(model_result_names[static_cast<std::size_t>(arguments.result)],
                   network(nn::network_image::channel, 0));
      break;
    case model_result::mask:
      steps.output("mask", network(nn::network_image::mask, 0));
      break;
    case model_result::classes:
      steps.output("classes", network(nn::network_image::classes, 0));
      break;
    case model_result::objects: {
      const auto foreground = network(nn::network_image::channel, arguments.foreground);
      const auto options = instance_options_of(arguments);
      const auto labels =
          arguments.contours
              ? nn::add_instances(steps, foreground,
                                  network(nn::network_image::channel, *arguments.contours), options)
              : nn::add_instances(steps, foreground, is_3d, options);
      if (model.channels() == 1) steps.output("probabilities", foreground);
      steps.output("labels", labels);
      steps.output("measurements", steps.add(ops::labels_statistics{}, labels, images[0]));
      break;
    }
  }
  return steps;
}

/// Whether the results are to be made in tiles. Those of several channels are not.
bool needs_tiles(const model_run_arguments& arguments, const named_network& network,
                 const pipeline_inputs& inputs, const device& device) {
  const tile_choice& choice = arguments.tiles;
  if (network.channels() == 1 || arguments.result == model_result::objects ||
      arguments.result == model_result::classes)
    return needs_tiles(model_steps(arguments, network, inputs.described.size.is_3d()), inputs,
                       device, choice);
  if (choice.is_wanted || choice.memory || choice.folder)
    throw argument_error(std::string("--result ") +
                         model_result_names[static_cast<std::size_t>(arguments.result)] +
                         " is not made in tiles of a network that gives " +
                         std::to_string(network.channels()) + " channels; objects and classes are");
  return false;
}

/// Makes the results tile by tile.
void run_in_tiles(const model_run_arguments& arguments, const loaded_model& model,
                  named_network network, const pipeline_inputs& inputs, const device& device,
                  step_times& timed) {
  const result_folder folder(arguments.folder, inputs.described, arguments.input);
  folder.check(files_of(arguments.result));
  std::vector<std::shared_ptr<tiling::source>> channels;
  for (std::size_t c = 0; c < inputs.sources.size(); ++c)
    channels.push_back(inputs.sources.at("channel " + std::to_string(c)));
  if (model.description)
    network.before = timed("statistics", [&] {
      return nn::with_statistics_of(model.description->inputs.front(), channels);
    });
  const auto steps = model_steps(arguments, network, inputs.described.size.is_3d());
  result_files files;
  for (const auto& [name, value] : steps.outputs()) files[name] = folder.path_of(name + ".tif");
  tile_times times;
  const auto measured = run_pipeline(
      steps, {}, [&](const volume_range&) { return inputs; }, files, device, arguments.tiles,
      times);
  timed.print();
  times.print();
  for (const auto& file : files_of(arguments.result)) {
    const std::string name = std::filesystem::path(file).stem().string();
    const bool is_made = files.contains(name);
    if (name == "measurements") {
      const auto& measurements = std::get<table>(measured.at(name));
      io::write_csv(folder.path_of(file), measurements);
      print_fact("objects", measurements.rows.size());
    }
    print_fact(name, is_made ? folder.path_of(file) : "none of an image in tiles");
  }
}

/// Makes the results of all of the image at once.
void run_whole(const model_run_arguments& arguments, const loaded_model& model,
               const named_network& network, image_file& input,
               const std::vector<std::size_t>& channels, std::size_t frame, step_times& timed) {
  const device& device = network.net->device();
  const auto waiting = [&](const std::string& name, const auto& step) {
    return timed(name, [&] {
      auto result = step();
      device.finish();
      return result;
    });
  };
  std::vector<float> pixels;  // of all channels
  const host_image src = timed("read", [&] {
    host_image first;
    for (const std::size_t channel : channels) {
      host_image volume = read_volume(input, channel, frame);
      const host_image as_float = to_float(volume);
      const auto& values = std::get<std::vector<float>>(as_float.pixels);
      pixels.insert(pixels.end(), values.begin(), values.end());
      if (channel == channels.front()) first = std::move(volume);
    }
    return first;
  });
  const result_folder folder(arguments.folder, src, arguments.input);
  folder.check(files_of(arguments.result));

  // The steps before and after the network are taken over the whole image.
  const bool is_stack = network.window().rank() == 5 || src.size.is_3d();
  std::vector<std::int64_t> sizes{1, network.window()[1]};
  if (is_stack) sizes.push_back(static_cast<std::int64_t>(src.size.z));
  sizes.insert(sizes.end(),
               {static_cast<std::int64_t>(src.size.y), static_cast<std::int64_t>(src.size.x)});
  const nn::tensor pushed = waiting("preprocess", [&] {
    nn::host_tensor values(nn::tensor_shape(std::move(sizes)), std::span<const float>(pixels));
    if (model.description) values = processed_in_planes(model.description->inputs.front(), values);
    return nn::push(device, values);
  });
  const nn::tensor result = waiting("predict", [&] {
    return nn::predict(*network.net, pushed, {.step = arguments.step, .mirror = arguments.mirror});
  });
  const nn::host_tensor numbers = waiting("postprocess", [&] {
    nn::host_tensor values = nn::pull(result);
    return network.after ? processed_in_planes(*network.after, values) : values;
  });
  const auto values = numbers.as<float>();

  switch (arguments.result) {
    case model_result::logits:
    case model_result::probabilities:
      folder.write(files_of(arguments.result).front(),
                   std::vector<float>(values.begin(), values.end()));
      break;
    case model_result::mask: {
      std::vector<std::uint8_t> mask(values.size());
      for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = values[i] > arguments.threshold;
      folder.write("mask.tif", mask);
      break;
    }
    case model_result::classes: {
      const auto classes = nn::greatest_channel(numbers);
      if (numbers.shape()[1] > 256)
        folder.write("classes.tif", classes);
      else
        folder.write("classes.tif", std::vector<std::uint8_t>(classes.begin(), classes.end()));
      folder.draw("overlay.png", {classes.begin(), classes.end()});
      break;
    }
    case model_result::objects: {
      const label_image labels = waiting("label", [&] {
        const nn::tensor probabilities = nn::push(device, numbers);
        const auto channel = [&](std::size_t c) {
          return nn::channel_of(probabilities, static_cast<std::int64_t>(c));
        };
        const auto options = instance_options_of(arguments);
        return arguments.contours ? nn::instances(channel(arguments.foreground),
                                                  channel(*arguments.contours), options)
                                  : nn::instances(channel(arguments.foreground), options);
      });
      const table measurements = waiting(
          "measure", [&] { return to_table(labels_statistics(labels, push<float>(device, src))); });
      timed("write", [&] {
        const auto found = pull(labels);
        folder.write("probabilities.tif", std::vector<float>(values.begin(), values.end()));
        folder.write("labels.tif", found);
        folder.draw("overlay.png", found);
        io::write_csv(folder.path_of("measurements.csv"), measurements);
        return true;
      });
      print_fact("objects", measurements.rows.size());
      break;
    }
  }
  timed.print();
  for (const auto& name : files_of(arguments.result))
    print_fact(std::filesystem::path(name).stem().string(), folder.path_of(name));
}

}  // namespace

void model_run(const model_run_arguments& arguments) {
  const loaded_model model = load_model(arguments.model);
  const nn::graph& graph = model.network.description();
  if (graph.inputs.size() != 1 || graph.outputs.size() != 1)
    throw argument_error(arguments.model + ": has " + std::to_string(graph.inputs.size()) +
                         " inputs and " + std::to_string(graph.outputs.size()) +
                         " results; run takes networks with one of each");
  image_file input(arguments.input, arguments.volume.color);
  const std::size_t frame = choose_volumes({&input, 1}, arguments.volume).first_frame;
  const std::size_t given =
      arguments.channels.empty() ? input.channels() : arguments.channels.size();
  const nn::tensor_shape window_shape =
      choose_window(model, 0, static_cast<std::int64_t>(given), input.size(), arguments.window);
  const auto channels =
      choose_channels(arguments, input, static_cast<std::size_t>(window_shape[1]));

  const device device = open_device(arguments.device);
  const compile_notice notice(device);
  step_times timed;
  const auto prepared = timed("prepare", [&] {
    const nn::prepare_options options{
        .storage = arguments.f16 ? nn::element::f16 : nn::element::f32,
        .accurate = arguments.accurate};
    auto made =
        std::make_shared<nn::prepared_network>(prepare(model, device, window_shape, options));
    device.finish();
    return made;
  });
  check_choices(arguments, *prepared, input.size());
  named_network network{.net = prepared, .identity = identity_of(model, arguments)};
  const pipeline_inputs inputs = open_channels(input, channels, frame);
  const bool in_tiles = needs_tiles(arguments, network, inputs, device);
  print_fact("device", device.name());
  print_fact("image", arguments.input + ", " + to_string(input.size()) + " " +
                          std::string(name_of(input.type())));
  print_fact("window", to_string(window_shape));
  if (arguments.result != model_result::logits)
    network.after = description_of_result(model, arguments.activation, window_shape.rank());
  if (in_tiles)
    run_in_tiles(arguments, model, std::move(network), inputs, device, timed);
  else
    run_whole(arguments, model, network, input, channels, frame, timed);
}

}  // namespace gpuimg::cli
