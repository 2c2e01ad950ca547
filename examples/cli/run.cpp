// SPDX-License-Identifier: BSD-3-Clause
// gpuimg run: an operation or a pipeline on image files.
#include <algorithm>
#include <cstddef>
#include <iostream>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/open_device.hpp"
#include "cli/operations.hpp"
#include "cli/option_names.hpp"
#include "cli/pipeline_file.hpp"
#include "cli/pixels.hpp"
#include "cli/report.hpp"
#include "cli/rows.hpp"
#include "cli/tiles.hpp"
#include "gpuimg/any_image.hpp"
#include "gpuimg/io/csv.hpp"

namespace gpuimg::cli {
namespace {

/// "mask takes 2 input files (src, mask) and an output file, got 1 file"
void check_file_count(const operation_info& about, std::size_t given) {
  const std::size_t inputs = about.input_count(), outputs = about.output_count();
  const std::size_t least = inputs + (about.gives_images() ? outputs : 0);
  const std::size_t most = inputs + (about.outputs[0].kind == kind::scalar ? 0 : outputs);
  if (given >= least && given <= most) return;

  const auto count = [](std::size_t n, const std::string& what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
  };
  const auto names = [](const auto& ports) {
    std::string text;
    for (const port& p : ports)
      if (p.name != nullptr) text += (text.empty() ? "" : ", ") + std::string(p.name);
    return " (" + text + ")";
  };
  throw argument_error(std::string(about.name) + " takes " + count(inputs, "input file") +
                       names(about.inputs) + " " +
                       (outputs > 1 ? "and " + count(outputs, "output file") + names(about.outputs)
                        : least > inputs ? "and an output file"
                        : most > inputs  ? "and may take an output file"
                                         : "and no output file") +
                       ", got " + count(given, "file"));
}

/// One volume of each input as the operation wants them: labels as u32, binary images as u8, and
/// images of different types as f32. An input of one channel or frame has the same for all.
std::vector<host_image> read_volumes(const operation_info& about, std::vector<image_file>& inputs,
                                     std::size_t channel, std::size_t frame) {
  std::vector<host_image> images;
  bool same_types = true;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    image_file& input = inputs[i];
    auto image = read_volume(input, channel, frame);
    const kind wanted = about.inputs[i].kind;
    if (wanted == kind::labels) image = to_labels(std::move(image), input.path());
    if (wanted == kind::binary) image = to_binary(image);
    if (wanted == kind::image)
      for (std::size_t j = 0; j < i; ++j)
        same_types &= about.inputs[j].kind != kind::image || images[j].type() == image.type();
    images.push_back(std::move(image));
  }
  for (std::size_t i = 0; i < images.size() && !same_types; ++i)
    if (about.inputs[i].kind == kind::image) images[i] = to_float(std::move(images[i]));
  return images;
}

/// Prints the numbers and tables that do not go to files.
void write_results(const tiling::measurements& measured, const result_files& files) {
  for (const auto& [name, result] : measured) {
    const auto* number = std::get_if<double>(&result);
    const auto file = files.find(name);
    if (file != files.end())
      io::write_csv(file->second, number != nullptr ? table{.columns = {name}, .rows = {{*number}}}
                                                    : std::get<table>(result));
    else if (number != nullptr && measured.size() > 1)
      print_fact(name, io::number_text(*number));
    else if (number != nullptr)
      std::cout << io::number_text(*number) << '\n';
    else
      std::cout << io::to_csv(std::get<table>(result));
  }
}

void check_outputs(const std::vector<pipeline_result>& results, const result_files& files,
                   std::span<const std::string> inputs) {
  for (const auto& result : results) {
    const auto file = files.find(result.name);
    if (file != files.end()) {
      if (result.is_image()) format_of(file->second);
      check_output(file->second, inputs,
                   result.is_image() ? io::special_file::refuse : io::special_file::write_through);
    } else if (result.is_image()) {
      throw argument_error("the output " + result.name + " has no file; pass --out " + result.name +
                           "=FILE.tif");
    }
  }
}

/// The files of --out by the names of outputs; those without a name go to the next that has none.
result_files files_of(const tiling::pipeline& what, const std::vector<std::string>& given) {
  std::vector<std::string> names, unnamed;
  for (const auto& output : what.outputs()) names.push_back(output.name);
  result_files files;
  for (const auto& word : given) {
    const auto sign = word.find('=');
    if (sign == word.npos) {
      unnamed.push_back(word);
      continue;
    }
    const std::string name = word.substr(0, sign);
    if (std::ranges::find(names, name) == names.end())
      throw argument_error("the pipeline has no output '" + name + "'" + suggestion(name, names));
    if (!files.emplace(name, word.substr(sign + 1)).second)
      throw argument_error("the output " + name + " has two files");
  }
  auto name = names.begin();
  for (const auto& file : unnamed) {
    name = std::find_if(name, names.end(), [&](const auto& n) { return !files.contains(n); });
    if (name == names.end())
      throw argument_error("the pipeline has " + std::to_string(names.size()) +
                           (names.size() == 1 ? " output" : " outputs") +
                           ", and none is left for " + file);
    files.emplace(*name, file);
  }
  return files;
}

/// Says which volumes files are of, where that is not plain.
void print_volumes(std::span<const std::string> paths, const volume_range& range) {
  if (range.is_choice())
    for (const auto& path : paths) std::cout << path << ": " << to_string(range) << '\n';
}

void run_on_files(const tiling::pipeline& what, std::span<const image_file> inputs,
                  const volume_range& range, const result_files& files, const device& device,
                  const tile_choice& choice) {
  const compile_notice notice(device);
  tile_times times;
  const auto open = [&](const volume_range& volume) { return open_inputs(what, inputs, volume); };
  write_results(run_pipeline(what, range, open, files, device, choice, times), files);
  for (const auto& [name, path] : files) print_volumes({&path, 1}, range);
}

void run_pipeline_file(const run_arguments& arguments) {
  const tiling::pipeline what = read_pipeline(arguments.pipeline);
  const result_files files = files_of(what, arguments.outputs);
  const auto inputs = open_files(what, arguments.files, arguments.volume);
  const volume_range range = choose_volumes(inputs, arguments.volume);
  check_outputs(describe_results(what, open_inputs(what, inputs, range)), files, arguments.files);
  run_on_files(what, inputs, range, files, open_device(arguments.device), arguments.tiles);
}

}  // namespace

tiling::pipeline pipeline_of(const run_arguments& arguments) {
  return arguments.operation == nullptr
             ? read_pipeline(arguments.pipeline)
             : tiling::pipeline::of(*arguments.operation, arguments.parameters);
}

void run(const run_arguments& arguments) {
  if (arguments.operation == nullptr) return run_pipeline_file(arguments);
  const registry_entry& operation = *arguments.operation;
  const operation_info& about = *operation.about;
  check_file_count(about, arguments.files.size());
  const std::span files(arguments.files);
  const auto input_paths = files.first(about.input_count());
  const auto output_paths = files.subspan(input_paths.size());
  for (const auto& path : output_paths) {
    if (about.gives_images()) format_of(path);
    check_output(path, input_paths,
                 about.gives_images() ? io::special_file::refuse : io::special_file::write_through);
  }

  std::vector<image_file> inputs;
  for (std::size_t i = 0; i < input_paths.size(); ++i)
    inputs.emplace_back(input_paths[i], about.inputs[i].kind == kind::image ? arguments.volume.color
                                                                            : color_choice{});
  const volume_range range = choose_volumes(inputs, arguments.volume);
  const device device = open_device(arguments.device);
  if (about.output_count() == 1) {
    const auto what = tiling::pipeline::of(operation, arguments.parameters);
    if (needs_tiles(what, inputs, range, device, arguments.tiles)) {
      result_files out;
      if (!output_paths.empty()) out[what.outputs()[0].name] = output_paths[0];
      return run_on_files(what, inputs, range, out, device, arguments.tiles);
    }
  } else if (arguments.tiles.is_wanted || arguments.tiles.folder) {
    throw argument_error(std::string(about.name) +
                         " has several results, which are not made in "
                         "tiles");
  }

  std::vector<image_output> images_out;
  if (about.gives_images())
    for (const auto& path : output_paths) images_out.emplace_back(path, range);

  const compile_notice notice(device);
  table rows;
  terminal_line progress;
  for (std::size_t t = 0; t < range.frame_count; ++t)
    for (std::size_t c = 0; c < range.channel_count; ++c) {
      const std::size_t channel = range.first_channel + c, frame = range.first_frame + t;
      if (range.count() > 1)
        progress.show("channel " + std::to_string(channel) + ", frame " + std::to_string(frame));
      const auto volumes = read_volumes(about, inputs, channel, frame);
      std::vector<any_image> images;
      const host_image* described = &volumes.front();  // by the first one with a pixel size
      for (const auto& volume : volumes) {
        images.push_back(push(device, volume));
        if (described->unit.empty()) described = &volume;
      }
      auto results = operation.run(arguments.parameters, images);
      for (std::size_t i = 0; i < results.size(); ++i) {
        if (const auto* image = std::get_if<any_image>(&results[i])) {
          const host_image pixels = pull(*image, *described);
          const bool make_visible = about.outputs[i].kind == kind::binary &&
                                    format_of(output_paths[i]) == image_format::png;
          images_out[i].append(make_visible ? to_binary(pixels, 255) : pixels);
        } else if (const auto* number = std::get_if<double>(&results[i])) {
          add_rows(rows, {.columns = {about.name}, .rows = {{*number}}}, range, channel, frame);
        } else {
          add_rows(rows, std::move(std::get<table>(results[i])), range, channel, frame);
        }
      }
    }

  progress.erase();
  for (auto& output : images_out) output.close();
  if (!about.gives_images()) {
    if (!output_paths.empty())
      io::write_csv(output_paths[0], rows);
    else if (about.outputs[0].kind == kind::scalar && range.count() == 1)
      std::cout << io::number_text(rows.rows[0][0]) << '\n';
    else
      std::cout << io::to_csv(rows);
  }
  print_volumes(output_paths, range);
}

}  // namespace gpuimg::cli
