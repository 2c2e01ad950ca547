// SPDX-License-Identifier: BSD-3-Clause
// gpuimg run: one operation on image files.
#include <cstddef>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/catalogue.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/open_device.hpp"
#include "cli/pixels.hpp"
#include "cli/report.hpp"
#include "cli/rows.hpp"
#include "gpuimg/any_image.hpp"
#include "gpuimg/io/csv.hpp"

namespace gpuimg::cli {
namespace {

bool gives_image(const catalogue_entry& entry) {
  return entry.output != kind::scalar && entry.output != kind::table;
}

/// "mask takes 2 input files (src, mask) and an output file, got 1 file"
void check_file_count(const catalogue_entry& entry, std::size_t given) {
  const std::size_t inputs = entry.inputs.size();
  const std::size_t least = inputs + (gives_image(entry) ? 1 : 0);
  const std::size_t most = inputs + (entry.output == kind::scalar ? 0 : 1);
  if (given >= least && given <= most) return;

  const auto count = [](std::size_t n, const std::string& what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
  };
  std::string names;
  for (const auto& input : entry.inputs)
    names += (names.empty() ? "" : ", ") + std::string(input.name);
  throw argument_error(entry.name + " takes " + count(inputs, "input file") + " (" + names + ") " +
                       (least > inputs  ? "and an output file"
                        : most > inputs ? "and may take an output file"
                                        : "and no output file") +
                       ", got " + count(given, "file"));
}

/// One volume of each input as the operation wants them: labels as u32, binary images as u8, and
/// images of different types as f32. An input of one channel or frame has the same for all.
std::vector<host_image> read_volumes(const catalogue_entry& entry, std::vector<image_file>& inputs,
                                     std::size_t channel, std::size_t frame) {
  std::vector<host_image> images;
  bool same_types = true;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    image_file& input = inputs[i];
    auto image = read_volume(input, channel, frame);
    const kind wanted = entry.inputs[i].kind;
    if (wanted == kind::labels) image = to_labels(std::move(image), input.path());
    if (wanted == kind::binary) image = to_binary(image);
    if (wanted == kind::image)
      for (std::size_t j = 0; j < i; ++j)
        same_types &= entry.inputs[j].kind != kind::image || images[j].type() == image.type();
    images.push_back(std::move(image));
  }
  for (std::size_t i = 0; i < images.size() && !same_types; ++i)
    if (entry.inputs[i].kind == kind::image) images[i] = to_float(std::move(images[i]));
  return images;
}

}  // namespace

void run(const std::string& operation, const run_arguments& arguments) {
  const catalogue_entry entry = find_operation(operation);
  check_file_count(entry, arguments.files.size());
  const std::span files(arguments.files);
  const auto input_paths = files.first(entry.inputs.size());
  const bool has_output = files.size() > input_paths.size();
  const std::string& output = files.back();
  const bool to_png = gives_image(entry) && format_of(output) == image_format::png;
  if (has_output)
    check_output(output, input_paths,
                 gives_image(entry) ? io::special_file::refuse : io::special_file::write_through);

  std::vector<image_file> inputs;
  for (std::size_t i = 0; i < input_paths.size(); ++i)
    inputs.emplace_back(input_paths[i], entry.inputs[i].kind == kind::image ? arguments.volume.color
                                                                            : color_choice{});
  const volume_range range = choose_volumes(inputs, arguments.volume);
  std::optional<image_output> images_out;
  if (gives_image(entry)) images_out.emplace(output, range);

  const device device = open_device(arguments.device);
  const compile_notice notice(device);
  table rows;
  terminal_line progress;
  for (std::size_t t = 0; t < range.frame_count; ++t)
    for (std::size_t c = 0; c < range.channel_count; ++c) {
      const std::size_t channel = range.first_channel + c, frame = range.first_frame + t;
      if (range.count() > 1)
        progress.show("channel " + std::to_string(channel) + ", frame " + std::to_string(frame));
      const auto volumes = read_volumes(entry, inputs, channel, frame);
      std::vector<any_image> images;
      const host_image* described = &volumes.front();  // by the first one with a pixel size
      for (const auto& volume : volumes) {
        images.push_back(push(device, volume));
        if (described->unit.empty()) described = &volume;
      }
      any_result result = std::move(entry.run(arguments.parameters, images).front());
      if (const auto* image = std::get_if<any_image>(&result)) {
        const host_image pixels = pull(*image, *described);
        const bool make_visible = to_png && entry.output == kind::binary;
        images_out->append(make_visible ? to_binary(pixels, 255) : pixels);
      } else if (const auto* number = std::get_if<double>(&result)) {
        add_rows(rows, {.columns = {entry.name}, .rows = {{*number}}}, range, channel, frame);
      } else {
        add_rows(rows, std::move(std::get<table>(result)), range, channel, frame);
      }
    }

  progress.erase();
  if (images_out)
    images_out->close();
  else if (has_output)
    io::write_csv(output, rows);
  else if (entry.output == kind::scalar && range.count() == 1)
    std::cout << io::number_text(rows.rows[0][0]) << '\n';
  else
    std::cout << io::to_csv(rows);
  if (has_output && range.is_choice()) std::cout << output << ": " << to_string(range) << '\n';
}

}  // namespace gpuimg::cli
