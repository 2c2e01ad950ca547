// SPDX-License-Identifier: BSD-3-Clause
// gpuimg segment: from an image of bright objects to labels, a picture and measurements.
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/numbers.hpp"
#include "cli/overlay.hpp"
#include "cli/pixels.hpp"
#include "cli/report.hpp"
#include "gpuimg/gpuimg.hpp"
#include "gpuimg/io/png.hpp"

namespace gpuimg::cli {
namespace {

struct objects {
  label_image labels;
  table measurements;  ///< a row per label
};

/// Removes the background, finds the objects, and measures them in the image as it was.
template <pixel T>
objects find_objects(const image<T>& src, const segment_arguments& arguments) {
  const auto step = [&](const std::string& name, const auto& operation) {
    return timed(name, [&] {
      auto result = operation();
      src.device().finish();
      return result;
    });
  };

  std::optional<image<T>> flat;
  if (const int radius = arguments.background_radius; radius != 0)
    flat = step("top_hat", [&] {
      return top_hat(src, {.radius_x = radius,
                           .radius_y = radius,
                           .radius_z = src.shape().is_3d() ? radius : 0,
                           .connectivity = defaults::background_neighbourhood});
    });
  label_image labels = step("voronoi_otsu_labeling", [&] {
    return voronoi_otsu_labeling(flat ? *flat : src, {.spot_sigma = arguments.spot_sigma,
                                                      .outline_sigma = arguments.outline_sigma});
  });
  if (arguments.minimum_size != 0)
    labels = step("remove_small_labels", [&] {
      return remove_small_labels(labels, {.minimum_size = arguments.minimum_size});
    });
  table measurements =
      step("labels_statistics", [&] { return to_table(labels_statistics(labels, src)); });
  return {std::move(labels), std::move(measurements)};
}

loaded_image read_truth(const std::string& path, const shape& wanted) {
  loaded_image truth = read_labels(path);
  if (truth.size != wanted)
    throw argument_error(path + ": is " + to_string(truth.size) + ", but the image is " +
                         to_string(wanted));
  return truth;
}

std::filesystem::path make_folder(const std::string& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (failure) throw io_error(path, -1, "cannot be made a folder: " + failure.message());
  return path;
}

/// The outlines of the objects over the image; of a stack, those of both maximum projections.
void write_overlay(const std::string& path, const io::host_image& image,
                   view<const std::uint32_t> labels) {
  const io::host_image as_float = to_float(image);
  const auto stack = as_float.as<float>();
  const shape flat{stack.shape().x, stack.shape().y};
  const auto plane = maximum_projection(stack);
  const auto outlined = maximum_projection(labels);
  const auto picture = draw_overlay({plane.data(), flat}, {outlined.data(), flat});
  const std::size_t scale = overlay_scale(flat);
  io::write_png_rgb(path, scale * flat.x, scale * flat.y, picture);
}

}  // namespace

void segment(const segment_arguments& arguments) {
  const device device = arguments.device ? device::by_name(*arguments.device) : device::best();
  print_fact("device", device.name());
  const loaded_image input =
      timed("read", [&] { return read_image(arguments.input, arguments.volume); });
  print_fact("image", arguments.input + ", " + to_string(input.size) + " " +
                          std::string(name_of(input.type())));
  std::optional<loaded_image> truth;
  if (arguments.truth) truth = read_truth(*arguments.truth, input.size);
  const std::filesystem::path folder = make_folder(arguments.folder);

  const auto run_on_device = [&]<pixel T>(const std::vector<T>& pixels) {
    constexpr bool is_common = std::same_as<T, std::uint8_t> || std::same_as<T, std::uint16_t>;
    using Pixel = std::conditional_t<is_common, T, float>;  // rare types are not worth compiling
    const image<Pixel> src = timed("push", [&] {
      auto image = push<Pixel>(device, pixels, input.size);
      device.finish();
      return image;
    });
    return find_objects(src, arguments);
  };
  const objects found = std::visit(run_on_device, input.pixels);
  const std::vector<std::uint32_t> pixels = timed("pull", [&] { return pull(found.labels); });
  const view<const std::uint32_t> labels(pixels.data(), input.size);

  const std::string labels_path = (folder / "labels.tif").string();
  const std::string overlay_path = (folder / "overlay.png").string();
  const std::string measurements_path = (folder / "measurements.csv").string();
  timed("write", [&] {
    write_image(labels_path, {input.size, pixels}, input.length);
    write_overlay(overlay_path, input, labels);
    write_text(measurements_path, to_csv(found.measurements));
    return true;
  });
  print_fact("labels", labels_path);
  print_fact("overlay", overlay_path);
  print_fact("measurements", measurements_path);
  print_fact("objects", found.measurements.rows.size());
  if (truth) print_score(labels, truth->as<std::uint32_t>(), default_iou);
}

}  // namespace gpuimg::cli
