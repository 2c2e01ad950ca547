// SPDX-License-Identifier: BSD-3-Clause
// gpuimg segment: from an image of bright objects to labels, a picture and measurements.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/open_device.hpp"
#include "cli/overlay.hpp"
#include "cli/pixels.hpp"
#include "cli/report.hpp"
#include "cli/rows.hpp"
#include "cli/tiles.hpp"
#include "gpuimg/any_image.hpp"
#include "gpuimg/gpuimg.hpp"
#include "gpuimg/io/csv.hpp"
#include "gpuimg/io/png.hpp"

namespace gpuimg::cli {
namespace {

struct objects {
  label_image labels;
  table measurements;  ///< a row per label
};

/// Removes the background, finds the objects, and measures them in the image as it was.
template <pixel T>
objects find_objects(const image<T>& src, const segment_arguments& arguments, step_times& timed) {
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

/// As above, of a host image; pixel types other than u8 and u16 become f32.
objects find_objects(const device& device, const host_image& src,
                     const segment_arguments& arguments, step_times& timed) {
  const auto as = [&]<pixel T>(std::type_identity<T>) {
    const image<T> pushed = timed("push", [&] {
      auto image = push<T>(device, src);
      device.finish();
      return image;
    });
    return find_objects(pushed, arguments, timed);
  };
  if (src.type() == pixel_type::u8) return as(std::type_identity<std::uint8_t>{});
  if (src.type() == pixel_type::u16) return as(std::type_identity<std::uint16_t>{});
  return as(std::type_identity<float>{});  // rare types are not worth compiling
}

/// Reads the volume of a frame and refuses infinite pixels; adds up those that are no number.
host_image read_frame(image_file& input, std::size_t channel, std::size_t frame,
                      std::size_t& nan_pixels) {
  host_image volume = input.read(channel, frame);
  const odd_pixels odd = count_odd_pixels(volume);
  if (odd.infinite > 0)
    throw argument_error(
        input.path() + ": " + std::to_string(odd.infinite) +
        (odd.infinite == 1 ? " pixel is infinite" : " pixels are infinite") +
        (input.frames() > 1 ? " in frame " + std::to_string(frame) : std::string{}) +
        "; no threshold can be found among them");
  nan_pixels += odd.nan;
  return volume;
}

/// The same steps as a pipeline.
tiling::pipeline segmentation(const segment_arguments& arguments, bool is_3d) {
  tiling::pipeline steps;
  const tiling::value src = steps.input("src");
  tiling::value flat = src;
  if (const int radius = arguments.background_radius; radius != 0)
    flat = steps.add(ops::top_hat{.radius_x = radius,
                                  .radius_y = radius,
                                  .radius_z = is_3d ? radius : 0,
                                  .connectivity = defaults::background_neighbourhood},
                     src);
  tiling::value labels =
      steps.add(ops::voronoi_otsu_labeling{.spot_sigma = arguments.spot_sigma,
                                           .outline_sigma = arguments.outline_sigma},
                flat);
  if (arguments.minimum_size != 0)
    labels = steps.add(ops::remove_small_labels{.minimum_size = arguments.minimum_size}, labels);
  steps.output("labels", labels);
  steps.output("measurements", steps.add(ops::labels_statistics{}, labels, src));
  return steps;
}

/// An image whose pixels must be finite or NaN, as f32 where they are neither u8 nor u16.
class segmented_source final : public tiling::source {
 public:
  segmented_source(std::shared_ptr<tiling::source> from, std::string path)
      : from_(std::move(from)), path_(std::move(path)) {
    const pixel_type type = from_->type();
    is_kept_ = type == pixel_type::u8 || type == pixel_type::u16;
    description_ =
        tiling::describe(from_->size(), is_kept_ ? type : pixel_type::f32, from_->description());
  }
  [[nodiscard]] const host_image& description() const override { return description_; }
  [[nodiscard]] shape chunk() const override { return from_->chunk(); }
  [[nodiscard]] host_image read(const tiling::box& part) override {
    host_image pixels = from_->read(part);
    if (is_kept_) return pixels;
    pixels = to_float(std::move(pixels));
    if (count_odd_pixels(pixels).infinite > 0)
      throw argument_error(path_ + ": pixels are infinite in " + to_string(part) +
                           "; no threshold can be found among them");
    return pixels;
  }

 private:
  std::shared_ptr<tiling::source> from_;
  std::string path_;
  host_image description_;
  bool is_kept_ = false;
};

/// Finds and measures objects tile by tile.
void segment_in_tiles(const segment_arguments& arguments, const tiling::pipeline& steps,
                      const image_file& input, const volume_range& range,
                      const std::string& labels_path, const std::string& measurements_path,
                      const device& device) {
  const auto open = [&](const volume_range& volume) {
    pipeline_inputs inputs = open_inputs(steps, {&input, 1}, volume);
    auto& src = inputs.sources.at("src");
    src = std::make_shared<segmented_source>(src, arguments.input);
    return inputs;
  };
  tile_times times;
  const auto measured =
      run_pipeline(steps, range, open, {{"labels", labels_path}}, device, arguments.tiles, times);
  const auto& measurements = std::get<table>(measured.at("measurements"));
  io::write_csv(measurements_path, measurements);
  times.print();
  print_fact("labels", labels_path);
  print_fact("overlay", "none of an image in tiles");
  print_fact("measurements", measurements_path);
  print_fact("objects", measurements.rows.size());
}

/// The true labels of the one volume that is segmented.
host_image read_truth(const std::string& path, const shape& wanted, const volume_range& range) {
  if (range.frame_count > 1)
    throw argument_error(path + ": --truth scores one frame, not " +
                         std::to_string(range.frame_count) + "; pick one with --frame");
  image_file file(path);
  host_image truth = to_labels(read_volume(file, range.first_channel, range.first_frame), path);
  if (truth.size != wanted)
    throw argument_error(path + ": is " + to_string(truth.size) + ", but the image is " +
                         to_string(wanted));
  return truth;
}

}  // namespace

void segment(const segment_arguments& arguments) {
  image_file input(arguments.input, arguments.volume.color);
  volume_choice choice = arguments.volume;
  choice.channel = choice.channel.value_or(0);
  const volume_range range = choose_volumes({&input, 1}, choice);
  std::optional<host_image> truth;
  if (arguments.truth) truth = read_truth(*arguments.truth, input.size(), range);

  const std::filesystem::path folder = make_folder(arguments.folder);
  const std::string labels_path = (folder / "labels.tif").string();
  const std::string overlay_path = (folder / "overlay.png").string();
  const std::string measurements_path = (folder / "measurements.csv").string();
  const std::vector<std::string> inputs{arguments.input, arguments.truth.value_or(arguments.input)};
  check_output(labels_path, inputs);
  check_output(overlay_path, inputs);
  check_output(measurements_path, inputs, io::special_file::write_through);

  const device device = open_device(arguments.device);
  const compile_notice notice(device);
  const tiling::pipeline steps = segmentation(arguments, input.size().is_3d());
  const bool in_tiles = needs_tiles(steps, {&input, 1}, range, device, arguments.tiles);
  if (in_tiles && truth)
    throw argument_error("--truth is not for images in tiles; gpuimg score compares label images");
  print_fact("device", device.name());
  print_fact("image", arguments.input + ", " + to_string(input.size()) + " " +
                          std::string(name_of(input.type())));
  if (range.is_choice()) print_fact("volumes", to_string(range));
  if (in_tiles) {
    segment_in_tiles(arguments, steps, input, range, labels_path, measurements_path, device);
    return;
  }

  step_times timed;
  image_output labels_out(labels_path, range);
  table measurements;
  host_image first_image, first_labels;  // those of the overlay
  std::size_t nan_pixels = 0;
  for (std::size_t t = 0; t < range.frame_count; ++t) {
    const std::size_t frame = range.first_frame + t;
    if (range.frame_count > 1)
      timed.set_prefix("frame " + std::to_string(frame) + " of " + std::to_string(range.frames) +
                       ": ");
    host_image src =
        timed("read", [&] { return read_frame(input, range.first_channel, frame, nan_pixels); });
    objects found = find_objects(device, src, arguments, timed);
    host_image labels = timed("pull", [&] { return pull(found.labels, src); });
    timed("write", [&] { return labels_out.append(labels), true; });
    add_rows(measurements, std::move(found.measurements), range, range.first_channel, frame);
    if (t == 0) {
      first_image = std::move(src);
      first_labels = std::move(labels);
    }
  }
  timed("write", [&] {
    write_overlay(overlay_path, first_image, first_labels);
    io::write_csv(measurements_path, measurements);
    labels_out.close();
    return true;
  });

  if (nan_pixels > 0)
    print_fact("NaN pixels",
               std::to_string(nan_pixels) + ", background as far as the blur reaches");
  timed.print();
  print_fact("labels", labels_path);
  print_fact("overlay", overlay_path + (range.frame_count > 1 ? ", of frame 0" : ""));
  print_fact("measurements", measurements_path);
  print_fact("objects", measurements.rows.size());
  if (truth) print_score(first_labels.as<std::uint32_t>(), truth->as<std::uint32_t>());
}

}  // namespace gpuimg::cli
