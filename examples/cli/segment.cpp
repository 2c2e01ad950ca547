// SPDX-License-Identifier: BSD-3-Clause
// gpuimg segment: from an image of bright objects to labels, a picture and measurements.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/open_device.hpp"
#include "cli/operations.hpp"
#include "cli/overlay.hpp"
#include "cli/pixels.hpp"
#include "cli/plots.hpp"
#include "cli/report.hpp"
#include "cli/rows.hpp"
#include "cli/segmentation_page.hpp"
#include "cli/tiles.hpp"
#include "gpuimg/any_image.hpp"
#include "gpuimg/gpuimg.hpp"
#include "gpuimg/io/csv.hpp"
#include "gpuimg/io/png.hpp"
#include "gpuimg/metrics/label_shapes.hpp"

namespace gpuimg::cli {
namespace {

/// The distances between pixels of a file along y and z, those along x being 1; 1 where it does not
/// say them, or says what no microscope has.
std::array<double, 2> spacing_of(const std::array<double, 3>& pixel_size, bool is_3d) {
  const auto beside_x = [&](double size) {
    const double ratio = size / pixel_size[0];
    return ratio >= 0.05 && ratio <= 20 ? ratio : 1;  // not where one is unknown, either
  };
  return {beside_x(pixel_size[1]), is_3d ? beside_x(pixel_size[2]) : 1};
}

/// What is given for a parameter of nuclei_labeling.
std::optional<std::string> given(const segment_arguments& arguments, const std::string& name) {
  const auto found =
      std::ranges::find(arguments.nuclei, name, [](const auto& p) { return p.first; });
  if (found == arguments.nuclei.end()) return {};
  return found->second;
}

/// The parameters of nuclei_labeling for an image; with a diameter, that instead of a given one.
tiling::pipeline::parameters nuclei_parameters(const segment_arguments& arguments,
                                               const host_image& described,
                                               std::optional<double> diameter) {
  tiling::pipeline::parameters all = arguments.nuclei;
  if (diameter) {
    std::erase_if(
        all, [](const auto& p) { return p.first == "diameter" || p.first == "diameter_range"; });
    all.emplace_back("diameter", io::number_text(*diameter));
    all.emplace_back("diameter_range", "1");
  }
  const auto spacing = spacing_of(described.pixel_size, described.size.is_3d());
  all.emplace_back("spacing_y", io::number_text(static_cast<float>(spacing[0])));
  if (!given(arguments, "spacing_z"))
    all.emplace_back("spacing_z", io::number_text(static_cast<float>(spacing[1])));
  if (arguments.minimum_size)
    all.emplace_back("minimum_size", std::to_string(*arguments.minimum_size));
  return all;
}

/// The parameters of the estimate that nuclei_labeling would make.
tiling::pipeline::parameters estimate_parameters(const segment_arguments& arguments,
                                                 const host_image& described) {
  auto all = nuclei_parameters(arguments, described, {});
  std::erase_if(all, [](const auto& p) { return !p.first.starts_with("spacing"); });
  if (auto diameter = given(arguments, "diameter"))
    all.emplace_back("expected", *std::move(diameter));
  if (const auto range = given(arguments, "diameter_range")) all.emplace_back("range", *range);
  return all;
}

/// The image whose objects are bright.
tiling::value add_bright(tiling::pipeline& steps, const segment_arguments& arguments,
                         tiling::value src) {
  return arguments.invert ? steps.add(ops::multiply_image_and_scalar{.scalar = -1}, src) : src;
}

/// From "src" to "diameter", which nuclei_labeling would take.
tiling::pipeline estimation(const segment_arguments& arguments, const host_image& described) {
  tiling::pipeline steps;
  const tiling::value bright = add_bright(steps, arguments, steps.input("src"));
  steps.output("diameter", steps.add(operation_named("estimate_diameter"),
                                     estimate_parameters(arguments, described), {bright}));
  return steps;
}

/// From "src" to "labels" and "measurements": the objects, measured in the image as it was.
tiling::pipeline segmentation(const segment_arguments& arguments, const host_image& described,
                              std::optional<double> diameter = {}) {
  tiling::pipeline steps;
  const tiling::value src = steps.input("src");
  tiling::value flat = add_bright(steps, arguments, src);
  tiling::value labels = flat;
  if (arguments.method == segment_method::nuclei) {
    labels = steps.add(operation_named("nuclei_labeling"),
                       nuclei_parameters(arguments, described, diameter), {flat});
  } else {
    if (const int radius = arguments.background_radius; radius != 0)
      flat = steps.add(ops::top_hat{.radius_x = radius,
                                    .radius_y = radius,
                                    .radius_z = described.size.is_3d() ? radius : 0,
                                    .connectivity = defaults::background_neighbourhood},
                       flat);
    labels = steps.add(ops::voronoi_otsu_labeling{.spot_sigma = arguments.spot_sigma,
                                                  .outline_sigma = arguments.outline_sigma},
                       flat);
    if (const int least = arguments.minimum_size.value_or(0); least != 0)
      labels = steps.add(ops::remove_small_labels{.minimum_size = least}, labels);
  }
  steps.output("labels", labels);
  steps.output("measurements", steps.add(ops::labels_statistics{}, labels, src));
  return steps;
}

/// Whether a diameter is to be estimated.
bool estimates(const segment_arguments& arguments) {
  const auto range = given(arguments, "diameter_range");
  return arguments.method == segment_method::nuclei &&
         !(given(arguments, "diameter") && range && std::stod(*range) == 1);
}

/// Whether the sides of pixels are known along all axes of an image.
bool has_pixel_size(const host_image& image) {
  return image.pixel_size[0] > 0 && image.pixel_size[1] > 0 &&
         (!image.size.is_3d() || image.pixel_size[2] > 0);
}

struct objects {
  label_image labels;
  table measurements;              ///< a row per label
  std::optional<double> diameter;  ///< that was estimated
};

/// Finds the objects of a volume; pixel types other than u8 and u16 become f32.
objects find_objects(const device& device, const host_image& src,
                     const segment_arguments& arguments, step_times& timed) {
  const auto run_step = [&](const std::string& name, const auto& compute) {
    return timed(name, [&] {
      any_result result = compute();
      device.finish();
      return result;
    });
  };
  const bool is_kept = src.type() == pixel_type::u8 || src.type() == pixel_type::u16;
  tiling::named_images images;
  images.emplace("src", std::get<any_image>(run_step("push", [&]() -> any_result {
                   return is_kept ? push(device, src) : any_image(push<float>(device, src));
                 })));
  std::optional<double> diameter;
  if (estimates(arguments)) {
    const auto found = tiling::run(estimation(arguments, src), images, run_step);
    diameter = std::get<double>(found.at("diameter"));
  }
  auto found = tiling::run(segmentation(arguments, src, diameter), images, run_step);
  return {std::get<label_image>(std::move(std::get<any_image>(found.at("labels")))),
          std::get<table>(std::move(found.at("measurements"))), diameter};
}

/// Adds the shapes of objects, in the unit of the pixel size where that is known, else in pixels.
void add_shapes(table& measurements, const host_image& labels) {
  const std::size_t axes = labels.size.is_3d() ? 3 : 2;
  std::array<double, 3> pixel_size{1, 1, 1};
  if (has_pixel_size(labels)) std::copy_n(labels.pixel_size.begin(), axes, pixel_size.begin());
  const table shapes = metrics::to_table(
      metrics::label_shapes(labels.as<std::uint32_t>(), pixel_size), labels.size.is_3d());
  const auto append = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin() + 1, from.end());  // without the label
  };
  append(measurements.columns, shapes.columns);
  for (std::size_t i = 0; i < shapes.rows.size(); ++i) append(measurements.rows[i], shapes.rows[i]);
}

/// "24.3 pixels", or "22.1 to 25 pixels" of several.
std::string text_of_diameters(const std::vector<double>& diameters) {
  const auto [least, most] = std::ranges::minmax(diameters);
  return (least == most ? brief(least, 3) : brief(least, 3) + " to " + brief(most, 3)) + " pixels";
}

/// "estimated near 24", or how else the diameters were found.
std::string origin_of(const std::vector<double>& diameters,
                      const std::optional<std::string>& expected) {
  if (!expected) return "estimated";
  const auto is_expected = [&](double diameter) { return diameter == std::stod(*expected); };
  return std::ranges::all_of(diameters, is_expected) ? "as given: none was found near it"
                                                     : "estimated near " + *expected;
}

enum class ground { dark, bright, neither };

/// Whether most of the image is as dark, or as bright, as it gets.
ground ground_of(const host_image& src) {
  const host_image as_float = to_float(src);
  const auto at = percentiles_of(as_float.as<float>(), {1, 50, 99},
                                 1 + src.size.pixels() / 1'000'000);  // a sample is enough
  const float below = at[1] - at[0], above = at[2] - at[1];
  return below > 2 * above ? ground::bright : above > 2 * below ? ground::dark : ground::neither;
}

/// What is odd about objects that were found in an image, and what to do about it.
std::vector<std::string> doubts(const host_image& src, const table& measurements,
                                const segment_arguments& arguments) {
  std::vector<double> areas;
  for (const auto& row : measurements.rows) areas.push_back(row[1]);
  std::vector<std::string> all;
  const double covered = std::accumulate(areas.begin(), areas.end(), 0.0) /
                         static_cast<double>(std::max<std::size_t>(src.size.pixels(), 1));
  const bool is_wrong_way = ground_of(src) == (arguments.invert ? ground::dark : ground::bright);
  if (covered > 0.7 || is_wrong_way)
    all.push_back((covered > 0.7 ? "objects cover " + brief(100 * covered, 2) + " % of the image"
                                 : std::string("most of the image is ") +
                                       (arguments.invert ? "dark" : "bright")) +
                  (arguments.invert ? "; without --invert, bright objects are looked for"
                                    : "; --invert looks for dark objects"));
  if (areas.size() >= 1000) {
    std::ranges::nth_element(areas, areas.begin() + static_cast<std::ptrdiff_t>(areas.size() / 2));
    const double median = areas[areas.size() / 2];
    if (median < 25)
      all.push_back("half of the " + std::to_string(areas.size()) + " objects have less than " +
                    brief(median + 1) + " pixels; " +
                    (arguments.method == segment_method::nuclei
                         ? "if that is noise, --diameter says how large objects are"
                         : "if that is noise, a larger --spot_sigma finds less of it"));
  }
  return all;
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
  for (const char* name : {"overlay", "report", "shapes"})
    print_fact(name, "none of an image in tiles");
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
  const std::string report_path = (folder / "report.html").string();
  const std::string measurements_path =
      (folder / "measurements.").string() +
      table_format_names[static_cast<std::size_t>(arguments.format)];
  const std::vector<std::string> inputs{arguments.input, arguments.truth.value_or(arguments.input)};
  check_output(labels_path, inputs);
  check_output(overlay_path, inputs);
  check_output(report_path, inputs, io::special_file::write_through);
  check_output(measurements_path, inputs, io::special_file::write_through);

  const device device = open_device(arguments.device);
  const compile_notice notice(device);
  host_image described = tiling::describe(input.size(), input.type());
  described.pixel_size = input.pixel_size();
  const tiling::pipeline steps = segmentation(arguments, described);
  const bool in_tiles = needs_tiles(steps, {&input, 1}, range, device, arguments.tiles);
  if (in_tiles && truth)
    throw argument_error("--truth is not for images in tiles; gpuimg score compares label images");
  print_fact("device", device.name());
  print_fact("image", arguments.input + ", " + to_string(input.size()) + " " +
                          std::string(name_of(input.type())));
  if (range.is_choice()) print_fact("volumes", to_string(range));
  print_fact("method", segment_method_names[static_cast<std::size_t>(arguments.method)]);
  if (in_tiles) {
    segment_in_tiles(arguments, steps, input, range, labels_path, measurements_path, device);
    return;
  }

  step_times timed;
  image_output labels_out(labels_path, range);
  table measurements, first_measurements;
  host_image first_image, first_labels;  // those of the pictures
  std::size_t nan_pixels = 0;
  std::vector<double> diameters;
  std::vector<std::string> warnings;
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
    timed("label_shapes", [&] { return add_shapes(found.measurements, labels), true; });
    if (found.diameter) diameters.push_back(*found.diameter);
    for (auto& doubt : doubts(src, found.measurements, arguments))
      warnings.push_back(
          (range.frame_count > 1 ? "frame " + std::to_string(frame) + ": " : std::string{}) +
          std::move(doubt));
    if (t == 0) first_measurements = found.measurements;
    add_rows(measurements, std::move(found.measurements), range, range.first_channel, frame);
    if (t == 0) {
      first_image = std::move(src);
      first_labels = std::move(labels);
    }
  }
  const char* method = segment_method_names[static_cast<std::size_t>(arguments.method)];
  std::vector<std::pair<std::string, std::string>> facts{{"method", method}};
  if (nan_pixels > 0)
    facts.emplace_back("NaN pixels",
                       std::to_string(nan_pixels) + ", background as far as the blur reaches");
  if (!diameters.empty())
    facts.emplace_back("diameter", text_of_diameters(diameters) + ", " +
                                       origin_of(diameters, given(arguments, "diameter")));
  facts.emplace_back("lengths in", !has_pixel_size(first_image) ? "pixels"
                                   : first_image.unit.empty()   ? "the unit of the file"
                                                                : first_image.unit);
  facts.emplace_back("objects", std::to_string(measurements.rows.size()));
  for (const auto& warning : warnings) facts.emplace_back("warning", warning);
  timed("write", [&] {
    write_overlay(overlay_path, first_image, first_labels);
    write_segmentation_page(report_path, {.title = arguments.input,
                                          .facts = facts,
                                          .command = arguments.command,
                                          .image = first_image,
                                          .labels = first_labels,
                                          .measurements = first_measurements});
    io::write_csv(measurements_path, measurements);
    labels_out.close();
    return true;
  });

  timed.print();
  const std::string of_frame =
      range.frame_count > 1 ? ", of frame " + std::to_string(range.first_frame) : "";
  print_fact("labels", labels_path);
  print_fact("overlay", overlay_path + of_frame);
  print_fact("report", report_path + of_frame);
  print_fact("measurements", measurements_path);
  for (std::size_t i = 1; i < facts.size(); ++i)  // the method was printed before
    print_fact(facts[i].first, facts[i].second);
  if (truth) print_score(first_labels.as<std::uint32_t>(), truth->as<std::uint32_t>());
}

}  // namespace gpuimg::cli
