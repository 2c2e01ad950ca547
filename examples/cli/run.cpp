// SPDX-License-Identifier: BSD-3-Clause
// gpuimg run: one operation on image files.
#include <cstddef>
#include <iostream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/catalogue.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/numbers.hpp"
#include "cli/pixels.hpp"

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

/// The input files as the operation wants them: labels as u32, binary images as u8, and two images
/// of different types as f32.
std::vector<loaded_image> read_inputs(const catalogue_entry& entry,
                                      const run_arguments& arguments) {
  std::vector<loaded_image> images;
  for (std::size_t i = 0; i < entry.inputs.size(); ++i) {
    const std::string& path = arguments.files[i];
    const kind wanted = entry.inputs[i].kind;
    auto image = wanted == kind::labels  ? read_labels(path)
                 : wanted == kind::image ? read_image(path, arguments.volume)
                                         : read_image(path);
    if (wanted == kind::binary) image = {to_binary(image), image.length};
    images.push_back(std::move(image));
  }
  if (images.size() == 2 && entry.inputs[0].kind == kind::image &&
      entry.inputs[1].kind == kind::image && images[0].type() != images[1].type())
    for (auto& image : images) image = {to_float(std::move(image)), image.length};
  return images;
}

any_image push(const device& device, const io::host_image& image) {
  return std::visit(
      [&](const auto& pixels) -> any_image { return gpuimg::push(device, pixels, image.size); },
      image.pixels);
}

io::host_image pull(const any_image& image) {
  return std::visit(
      [](const auto& typed) -> io::host_image {
        return {typed.shape(), gpuimg::pull(typed)};
      },
      image);
}

}  // namespace

void run(const std::string& operation, const run_arguments& arguments) {
  const catalogue_entry entry = find_operation(operation);
  check_file_count(entry, arguments.files.size());
  const bool has_output = arguments.files.size() > entry.inputs.size();
  const std::string& output = arguments.files.back();
  const bool to_png = gives_image(entry) && format_of(output) == image_format::png;

  const device device = arguments.device ? device::by_name(*arguments.device) : device::best();
  std::vector<any_image> images;
  pixel_length length;
  for (const auto& image : read_inputs(entry, arguments)) {
    images.push_back(push(device, image));
    if (length.unit.empty()) length = image.length;
  }

  const any_result result = std::move(entry.run(arguments.parameters, images).front());
  if (const auto* image = std::get_if<any_image>(&result)) {
    const io::host_image pixels = pull(*image);
    const bool make_visible = to_png && entry.output == kind::binary;
    write_image(output, make_visible ? to_binary(pixels, 255) : pixels, length);
  } else if (const auto* number = std::get_if<double>(&result)) {
    std::cout << number_text(*number) << '\n';
  } else if (has_output) {
    write_text(output, to_csv(std::get<table>(result)));
  } else {
    std::cout << to_csv(std::get<table>(result));
  }
}

}  // namespace gpuimg::cli
