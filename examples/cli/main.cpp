// SPDX-License-Identifier: BSD-3-Clause
// The command line program: what the library does, on files.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cli/common_options.hpp"
#include "cli/operations.hpp"
#include "cli/option_names.hpp"
#include "cli/run_parser.hpp"
#include "cli/signals.hpp"
#include "gpuimg/core/version.hpp"
#include "gpuimg/io/csv.hpp"
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace gpuimg::cli {
namespace {

/// " [5]": how the help shows a default.
std::string preset(double value) { return " [" + io::number_text(value) + "]"; }

CLI::Option* add_file(CLI::App& app, const std::string& name, std::string& path,
                      const std::string& help) {
  return app.add_option(name, path, help)->type_name("FILE")->required();
}

void add_devices_command(CLI::App& app) {
  app.add_subcommand("devices", "Shows the devices: index, platform:device, kind, memory, name")
      ->callback(print_devices);
}

void add_info_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("info", "Shows what an image file holds");
  const auto path = std::make_shared<std::string>();
  add_file(*command, "file", *path, "TIFF or PNG file");
  command->callback([path] { print_info(*path); });
}

void add_list_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("list", "Shows all operations");
  const auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "as JSON, with the parameters of each operation");
  command->footer(
      "In JSON a default has its parameter's type; null where the operation chooses the value\n"
      "itself (\"auto\" for run). A minimum or maximum that is null does not exist.");
  command->callback([as_json] { print_operations(*as_json); });
}

/// A command whose options depend on an operation or a pipeline; what it does is `obey`.
CLI::App* add_pipeline_command(CLI::App& app, const std::string& name, const std::string& brief,
                               const std::string& footer,
                               const std::function<void(const run_arguments&)>& obey) {
  CLI::App* command = app.add_subcommand(name, brief);
  command->footer(
      "gpuimg " + name + " OPERATION [--PARAMETER VALUE]... [OPTIONS] " +
      (name == "run" ? "INPUT... [OUTPUT]" : "INPUT...") + "\ngpuimg " + name +
      " --pipeline FILE.json [OPTIONS] INPUT..." + (name == "run" ? " [--out NAME=FILE]..." : "") +
      "\n\ngpuimg list shows the operations, gpuimg " + name +
      " OPERATION --help its parameters, gpuimg\n" + name +
      " --pipeline FILE --help other options. docs/tiling.md says what a pipeline is.\n" + footer);
  command->prefix_command();  // takes all words: the options depend on the operation
  command->callback([command, name, obey] {
    if (const auto arguments = parse_run(name, command->remaining())) obey(*arguments);
  });
  return command;
}

void add_run_command(CLI::App& app) {
  add_pipeline_command(
      app, "run", "Runs an operation, or a pipeline of them, on image files",
      "INPUT is TIFF or PNG. An image goes to OUTPUT, .tif, .tiff or .png; a table to OUTPUT as "
      "CSV,\n"
      "or to the terminal; a number to the terminal. All channels and frames of INPUT are worked "
      "on,\n"
      "or those that --channel and --frame pick; tables have columns that name them. What does "
      "not\n"
      "fit the device's memory is made in tiles, with the same result, one channel and frame.",
      run);
}

void add_plan_command(CLI::App& app) {
  add_pipeline_command(app, "plan",
                       "Shows in which passes and tiles an operation or a pipeline would run",
                       "Nothing is read or written but the heads of the files.", plan);
}

void add_verify_tiling_command(CLI::App& app, int& exit_status) {
  add_pipeline_command(
      app, "verify-tiling", "Compares tiles with the whole; status 1 where they differ",
      "Runs on a part in the middle of the image, in small tiles and whole, and looks for the\n"
      "smallest margin that makes tiles of each operation the same as the whole.",
      [&exit_status](const run_arguments& given) { exit_status = verify_tiling(given) ? 0 : 1; })
      ->alias("verify_tiling");
}

/// An option that takes one of the names of an enumeration's values, in their order.
template <class Choice, class Value, std::size_t count>
void add_choice(CLI::App& app, const std::string& name, Value& value,
                const std::array<const char*, count>& names, const std::string& help) {
  std::string all;
  for (const char* one : names) all += (all.empty() ? "" : "|") + std::string(one);
  app.add_option_function<std::string>(
         name,
         [name, all, &names, &value](const std::string& text) {
           const auto found = std::find(names.begin(), names.end(), text);
           if (found == names.end())
             throw argument_error(name + " must be one of " + all + ", got " + text);
           value = static_cast<Choice>(found - names.begin());
         },
         help)
      ->type_name(all);
}

/// "Method nuclei": what the help calls the options that only one method has.
std::string group_of(segment_method method) {
  return std::string("Method ") + segment_method_names[static_cast<std::size_t>(method)];
}

/// The method that is wanted, or else whose options are given. Throws argument_error where there
/// are options of another one.
segment_method method_of(const CLI::App& command, std::optional<segment_method> wanted) {
  for (const segment_method method :
       {segment_method::nuclei, segment_method::voronoi_otsu, segment_method::model})
    for (const CLI::Option* option : command.get_options()) {
      if (option->get_group() != group_of(method) || option->count() == 0) continue;
      if (wanted.value_or(method) != method)
        throw argument_error(option->get_name() + " is of --method " +
                             segment_method_names[static_cast<std::size_t>(method)] + ", not of " +
                             segment_method_names[static_cast<std::size_t>(*wanted)]);
      wanted = method;
    }
  return wanted.value_or(segment_method::nuclei);
}

/// Labels by a network, as gpuimg model run makes them.
void segment_by_model(const segment_arguments& given) {
  if (given.model.empty()) throw argument_error("--method model needs --model FILE");
  const char* other = given.invert                        ? "--invert"
                      : given.truth                       ? "--truth"
                      : given.format != table_format::csv ? "--format tsv"
                                                          : nullptr;
  if (other != nullptr) throw argument_error(std::string(other) + " is not for --method model");
#ifdef GPUIMG_CLI_HAS_MODELS
  model_run_arguments run;
  run.model = given.model, run.input = given.input, run.folder = given.folder;
  run.device = given.device, run.volume = given.volume, run.tiles = given.tiles;
  if (given.volume.channel) run.channels = {*given.volume.channel};
  run.minimum_size = given.minimum_size.value_or(0);
  model_run(run);
#else
  throw argument_error("this program was built without networks");
#endif
}

/// Words as a shell takes them.
std::string quoted(const std::vector<std::string>& words) {
  constexpr const char* plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+%@";
  std::string all;
  for (const auto& word : words) {
    all += all.empty() ? "" : " ";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) {
      all += word;
      continue;
    }
    all += '\'';
    for (const char c : word) all += c == '\'' ? std::string("'\\''") : std::string(1, c);
    all += '\'';
  }
  return all;
}

/// words: all that follows the program's name.
void add_segment_command(CLI::App& app, const std::vector<std::string>& words) {
  CLI::App* command =
      app.add_subcommand("segment", "Finds and measures bright objects, such as nuclei");
  const auto given = std::make_shared<segment_arguments>();
  const auto method = std::make_shared<std::optional<segment_method>>();
  given->command = "gpuimg " + quoted(words);
  add_file(*command, "input", given->input, "TIFF or PNG file");
  command
      ->add_option("--out", given->folder,
                   "folder for labels.tif, measurements, overlay.png and report.html, which "
                   "opens offline")
      ->type_name("DIR")
      ->required();
  add_choice<segment_method>(*command, "--method", *method, segment_method_names,
                             "how objects are found [nuclei, or that whose options are given]");
  add_number(*command, "--minimum_size", given->minimum_size, 0, std::numeric_limits<int>::max(),
             "smaller objects are removed, pixels [nuclei: by the diameter; others: 0]");
  add_choice<table_format>(*command, "--format", given->format, table_format_names,
                           "of the measurements: commas or tabs between [csv]");
  command->add_flag("--invert", given->invert, "looks for dark objects on a bright ground");
  command->add_option("--truth", given->truth, "true labels: prints precision, recall and F1")
      ->type_name("FILE");

  const auto& parameters = operation_named("nuclei_labeling").parameters;
  const auto add_parameter = [&](const std::string& name, const std::string& help) {
    const auto& parameter = *std::ranges::find(parameters, name, &parameter_description::name);
    return command
        ->add_option_function<std::string>(
            "--" + name,
            [given, name, least = *parameter.minimum,
             most = *parameter.maximum](const std::string& text) {
              parse_number("--" + name, text, least, most);
              given->nuclei.emplace_back(name, text);
            },
            help)
        ->type_name("NUMBER")
        ->group(group_of(segment_method::nuclei));
  };
  const auto preset_of = [&](const std::string& name) {
    return " [" + std::ranges::find(parameters, name, &parameter_description::name)->default_text +
           "]";
  };
  auto* diameter =
      add_parameter("diameter", "of typical objects, roughly, pixels along x [estimated]");
  add_parameter("diameter_range",
                "by how many times the estimate may be less or more than --diameter; 1 takes that "
                "as it is" +
                    preset_of("diameter_range"))
      ->needs(diameter);
  add_parameter("threshold_factor",
                "below 1 outlines are wider, above narrower" + preset_of("threshold_factor"));
  add_parameter("prominence",
                "how deep a valley between two peaks must be, as a part of the lower one, to tell "
                "two objects apart" +
                    preset_of("prominence"));
  add_parameter("maximum_size", "larger objects are removed, pixels [none]");
  add_parameter("spacing_z", "from plane to plane, pixels along x [the file's, or 1]");
  command
      ->add_flag_callback(
          "--exclude_edges", [given] { given->nuclei.emplace_back("exclude_edges", "true"); },
          "removes objects on an edge of the image")
      ->group(group_of(segment_method::nuclei));

  const auto add_sigma = [&](const std::string& name, float& value, const std::string& help) {
    add_number(*command, name, value, 0.0f, 1e4f, help + preset(value))
        ->group(group_of(segment_method::voronoi_otsu));
  };
  add_sigma("--spot_sigma", given->spot_sigma,
            "blur that leaves one maximum per object, pixels; about a third of an object's radius");
  add_sigma("--outline_sigma", given->outline_sigma, "blur before the threshold, pixels");
  add_number(*command, "--background_radius", given->background_radius, 0,
             std::numeric_limits<int>::max(),
             "what is wider than this is background, pixels; 0 keeps the background" +
                 preset(given->background_radius))
      ->group(group_of(segment_method::voronoi_otsu));
  command
      ->add_option("--model", given->model,
                   "package of bioimage.io, or ONNX file; gpuimg model run has more options")
      ->type_name("FILE")
      ->group(group_of(segment_method::model));

  add_device_option(*command, given->device);
  add_volume_options(*command, given->volume, "0", "all");
  add_grey_option(*command, given->volume);
  add_tile_options(*command, given->tiles);
  command->footer(
      "Method nuclei estimates how large objects are, adapts to it, and finds a threshold for\n"
      "each; voronoi-otsu has one threshold for all; model asks a network. Lengths hold along\n"
      "every axis; method nuclei heeds the distance of planes. Every frame is segmented by "
      "itself.\n"
      "Infinite pixels are refused; NaN pixels are background as far as the blur reaches. What\n"
      "does not fit the device's memory is segmented in tiles, with the same labels, without\n"
      "pictures, shapes, --truth and counting NaN pixels; not by method nuclei.");
  command->callback([given, method, command] {
    given->method = method_of(*command, *method);
    if (given->method == segment_method::model)
      segment_by_model(*given);
    else
      segment(*given);
  });
}

void add_score_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("score", "Scores a segmentation against the truth");
  const auto given = std::make_shared<score_arguments>();
  const std::string is_file = ", or a folder of such files";
  add_file(*command, "prediction", given->found, "label image that was found" + is_file);
  add_file(*command, "truth", given->truth, "label image that is true" + is_file);
  command
      ->add_option_function<std::string>(
          "--iou",
          [given](const std::string& text) {
            given->thresholds = parse_numbers("--iou", text, 0.0, 1.0);
          },
          "overlaps from which on two objects are the same, 0 to 1, with commas between [0.5]")
      ->type_name("NUMBER");
  add_number(*command, "--probability", given->probability, -std::numeric_limits<double>::max(),
             std::numeric_limits<double>::max(),
             "the prediction holds probabilities, which are foreground above this number: scores "
             "pixels alone, and the area under precision over recall");
  command
      ->add_option_function<std::string>(
          "--spacing",
          [given](const std::string& text) {
            auto sides = parse_numbers("--spacing", text, 1e-300, 1e300);
            if (sides.size() > 3)
              throw argument_error("--spacing takes up to three numbers, got " + text);
            sides.resize(3, sides.back());
            given->spacing = {sides[0], sides[1], sides[2]};
          },
          "sides of a pixel along x, y, z, with commas between; one number for all: adds the "
          "distances between the surfaces of both foregrounds, in this unit")
      ->type_name("NUMBER");
  command
      ->add_option_function<std::string>(
          "--empty",
          [given](const std::string& text) {
            given->of_nothing = text == "skip" ? std::numeric_limits<double>::quiet_NaN()
                                               : parse_number("--empty", text, 0.0, 1.0);
          },
          "score of what is empty in both: 0, 1, or skip, which leaves it out of averages [0 for "
          "objects, skip for the foreground]")
      ->type_name("NUMBER");
  command
      ->add_option("--out", given->folder,
                   "folder for score.csv, score.json and report.html, which opens offline")
      ->type_name("DIR");
  add_device_option(*command, given->device);
  add_volume_options(*command, given->volume, "the only one", "the only one");
  command->footer(
      "Scores of objects are defined as by stardist.matching. IoU, Dice and others of the\n"
      "foreground are those of all its pixels, whatever their label. Of folders, files of the\n"
      "same name belong together; scores are given of all images pooled (by the sums of their\n"
      "counts) and on average over the images.");
  command->callback([given] { score(*given); });
}

void add_agree_command(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("agree", "Compares two methods by Bland-Altman analysis");
  const auto given = std::make_shared<agree_arguments>();
  add_file(*command, "a", given->a, "image file, or FILE.csv:COLUMN");
  add_file(*command, "b", given->b, "image file, or FILE.csv:COLUMN");
  command
      ->add_option("--out", given->folder,
                   "folder for agree.json, report.html, which opens offline, and pairs.csv, or "
                   "difference.png "
                   "where pixels differ")
      ->type_name("DIR");
  command->add_flag("--labels", given->labels,
                    "the images are label images; those of u32 pixels are so anyway");
  add_number(*command, "--bar", given->bar, 0.0, std::numeric_limits<double>::max(),
             "a difference too small to matter; status 1 unless the limits of agreement and their "
             "intervals are within, every pair is finite, and nothing lacks a partner");
  add_device_option(*command, given->device);
  add_volume_options(*command, given->volume, "the only one", "the only one");
  command->footer(
      "Differences are A - B. Limits of agreement are the bias -+ 1.96 standard deviations;\n"
      "intervals are 95 % confidence intervals (Bland & Altman 1999).\n"
      "Label images are compared object by object: the areas of those that match at IoU 0.5.\n"
      "What only A or only B has is no pair, and keeps a bar from being met.\n"
      "Tables are joined by the column label where both have one, else row by row.");
  command->callback([given, &exit_status] { exit_status = agree(*given) ? 0 : 1; });
}

void add_parity_command(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand(
      "parity", "Compares operations on devices with the reference; status 1 where they differ");
  const auto given = std::make_shared<parity_arguments>();
  command->add_option("--operation", given->operation, "only this one [all]")->type_name("NAME");
  add_device_option(*command, given->device, "all but the reference");
  add_number<std::size_t>(*command, "--repeat", given->repeats, 1, 1000000,
                          "runs of each, which must give the same bits [1]");
  command
      ->add_option("--out", given->folder,
                   "folder for parity.csv, parity.json, parity.md and report.html")
      ->type_name("DIR");
  command->footer(
      "Runs every case of an operation on small images of all pixel types, awkward shapes and\n"
      "several kinds of content, on every OpenCL device or on the one that --device picks.");
  command->callback([given, &exit_status] { exit_status = parity(*given) ? 0 : 1; });
}

#ifdef GPUIMG_CLI_HAS_MODELS
/// "xy": the axes to mirror along.
std::array<bool, 3> parse_axes(const std::string& text) {
  std::array<bool, 3> axes{};
  for (const char letter : text) {
    const auto axis = static_cast<std::size_t>(letter - 'x');
    if (axis > 2 || axes[axis])
      throw argument_error("--mirror must be x, y, z or several of them, such as xy; got " + text);
    axes[axis] = true;
  }
  return axes;
}

void add_model_run_options(CLI::App& run, model_run_arguments& given) {
  add_file(run, "input", given.input, "TIFF or PNG file");
  run.add_option("--out", given.folder, "folder for what --result says")
      ->type_name("DIR")
      ->required();
  add_choice<model_result>(
      run, "--result", given.result, model_result_names,
      "objects: probabilities.tif, labels.tif, overlay.png and measurements.csv; classes: "
      "classes.tif, the number of the greatest channel, and overlay.png; mask: mask.tif, 1 "
      "where a channel is above the threshold; probabilities; logits: what the network "
      "gives [objects]");
  add_choice<model_activation>(
      run, "--activation", given.activation, model_activation_names,
      "what makes probabilities of what the network gives [as its package says, else none]");
  add_number(run, "--step", given.step, 0.05, 1.0,
             "how far windows lie apart at most, in windows" + preset(given.step));
  run.add_option_function<std::string>(
         "--mirror", [&given](const std::string& text) { given.mirror = parse_axes(text); },
         "axes, such as xy: results are means over the images that are mirrored along them, too")
      ->type_name("AXES");
  run.add_flag("--f16", given.f16, "store what lies between layers in 16 bits");
  run.add_flag("--accurate", given.accurate, "rather exact than fast: round less");
  add_number(run, "--threshold", given.threshold, 0.0f, 1.0f,
             "what is above it is foreground" + preset(static_cast<double>(given.threshold)));
  constexpr std::size_t most = std::numeric_limits<int>::max();
  add_number<std::size_t>(run, "--foreground", given.foreground, 0, most,
                          "the result's channel of objects [0]");
  add_number<std::size_t>(run, "--contours", given.contours, 0, most,
                          "the result's channel of what lies between objects [none]");
  add_number(run, "--spot_sigma", given.spot_sigma, 0.0f, 1e4f,
             "above 0: one object per maximum after this blur, pixels [0]");
  add_number(run, "--minimum_size", given.minimum_size, 0, std::numeric_limits<int>::max(),
             "smaller objects are removed, pixels [0]");
  run.add_option_function<std::string>(
         "--channel",
         [&given](const std::string& text) {
           given.channels = parse_numbers<std::size_t>("--channel", text, 0, most);
         },
         "channels of the image in the network's order, from 0, with commas between [all; 0 for "
         "a network that sees one]")
      ->type_name("INTEGERS");
  add_number<std::size_t>(run, "--frame", given.volume.frame, 0, most,
                          "time point of the image, from 0 [0]");
  add_device_option(run, given.device);
  add_grey_option(run, given.volume);
  add_tile_options(run, given.tiles);
  run.footer(
      "A network for 2D images looks at every plane of a stack. The image is looked at in "
      "windows,\n"
      "which overlap; what is beyond an image that is smaller than a window is 0.");
}

void add_model_command(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("model", "Shows, tests and runs networks");
  command->require_subcommand(1);
  command->footer(
      "MODEL is an ONNX file, or a package of bioimage.io: its folder, or its bioimageio.yaml.");
  const auto add_window = [](CLI::App& of, std::optional<shape>& window) {
    of.add_option_function<std::string>(
          "--window", [&window](const std::string& text) { window = parse_size("--window", text); },
          "pixels that the network sees at once, XxY or XxYxZ, where the file leaves that open")
        ->type_name("SIZE");
  };
  const auto add_model = [](CLI::App& of, std::string& path) {
    of.add_option("model", path, "ONNX file, or package of bioimage.io")
        ->type_name("MODEL")
        ->required();
  };

  CLI::App* info = command->add_subcommand("info", "Shows layers, shapes, parameters and memory");
  const auto asked = std::make_shared<model_info_arguments>();
  add_model(*info, asked->model);
  add_window(*info, asked->window);
  add_device_option(*info, asked->device);
  info->callback([asked] { model_info(*asked); });

  CLI::App* test = command->add_subcommand(
      "test", "Runs a package on its own test tensors; status 1 where it fails");
  const auto tested = std::make_shared<model_test_arguments>();
  add_model(*test, tested->model);
  add_number(*test, "--tolerance", tested->tolerance, 0.0, 1e6,
             "the largest difference that passes" + preset(tested->tolerance));
  add_device_option(*test, tested->device);
  test->callback([tested, &exit_status] { exit_status = model_test(*tested) ? 0 : 1; });

  CLI::App* run = command->add_subcommand("run", "Lets a network look at an image");
  const auto given = std::make_shared<model_run_arguments>();
  add_model(*run, given->model);
  add_window(*run, given->window);
  add_model_run_options(*run, *given);
  run->callback([given] { model_run(*given); });
}
#endif

void add_compare_command(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand(
      "compare", "Compares all pixels of two image files; status 1 where they differ");
  const auto paths = std::make_shared<std::pair<std::string, std::string>>();
  add_file(*command, "a", paths->first, "TIFF or PNG file");
  add_file(*command, "b", paths->second, "TIFF or PNG file");
  command->callback(
      [paths, &exit_status] { exit_status = compare(paths->first, paths->second) ? 0 : 1; });
}

/// Parses and obeys the command line; the exit status.
int obey(std::vector<std::string> words) {
  CLI::App app("Image processing for microscopy on any OpenCL device.", "gpuimg");
  app.set_version_flag("--version", version);
  app.require_subcommand(1);
  int exit_status = 0;
  add_devices_command(app);
  add_info_command(app);
  add_list_command(app);
  add_run_command(app);
  add_plan_command(app);
  add_verify_tiling_command(app, exit_status);
  add_segment_command(app, words);
  add_score_command(app);
  add_agree_command(app, exit_status);
  add_parity_command(app, exit_status);
  add_compare_command(app, exit_status);
#ifdef GPUIMG_CLI_HAS_MODELS
  add_model_command(app, exit_status);
#endif
  accept_dashes(words);
  std::reverse(words.begin(), words.end());  // the order in which CLI11 takes them
  try {
    app.parse(std::move(words));
  } catch (const CLI::Success& help) {
    app.exit(help);
  } catch (const CLI::ExtrasError&) {
    for (const CLI::App* command : app.get_subcommands())
      refuse_unknown_option(*command, app.remaining(true));
    throw;
  }
  if (!std::cout.flush()) throw io_error("standard output", -1, "cannot be written");
  return exit_status;
}

/// Says why on one line, whatever line breaks a file name or a compiler's log holds.
int refuse(std::string reason) {
  while (!reason.empty() && reason.back() == '\n') reason.pop_back();
  std::replace_if(
      reason.begin(), reason.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  std::cerr << "gpuimg: " << reason << '\n';
  return 2;
}

}  // namespace
}  // namespace gpuimg::cli

int main(int argc, char** argv) {
  gpuimg::cli::clean_up_on_signals();
#ifdef __GLIBC__
  ::mallopt(M_ARENA_MAX, 2);  // else every thread keeps the memory of tiles that are gone
#endif
  try {
    return gpuimg::cli::obey({argv + 1, argv + argc});
  } catch (const std::bad_alloc&) {
    return gpuimg::cli::refuse("not enough memory");
  } catch (const std::exception& error) {
    return gpuimg::cli::refuse(error.what());
  }
}
