// SPDX-License-Identifier: BSD-3-Clause
// The commands of the program as functions; main.cpp makes a command line of them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/files.hpp"
#include "cli/operations.hpp"
#include "cli/score.hpp"
#include "cli/segment_defaults.hpp"
#include "cli/tiles.hpp"
#include "gpuimg/device.hpp"
#include "gpuimg/tiling/pipeline.hpp"

namespace gpuimg::cli {

/// Prints a line per device, and where it stands: its index and platform:device; and whether it
/// computes exactly what the reference computes, or what it does otherwise.
void print_devices();

/// Prints what an image file holds.
void print_info(const std::string& path);

/// Prints all operations, as a table or as JSON.
void print_operations(bool as_json);

/// An operation or a pipeline, and what follows it on the command line.
struct run_arguments {
  const registry_entry* operation = nullptr;                    ///< null where there is a pipeline
  std::vector<std::pair<std::string, std::string>> parameters;  ///< names and values
  std::string pipeline;                                         ///< file of a pipeline
  std::vector<std::string> files;    ///< inputs, then the output of an operation
  std::vector<std::string> outputs;  ///< of a pipeline: "NAME=FILE" or "FILE"
  std::optional<std::string> device;
  volume_choice volume;
  tile_choice tiles;
  std::optional<shape> part;  ///< that is verified
};

/// What they name.
tiling::pipeline pipeline_of(const run_arguments& arguments);

/// Runs an operation or a pipeline on image files.
void run(const run_arguments& arguments);

/// Prints the passes and tiles of a run.
void plan(const run_arguments& arguments);

/// Compares a run in tiles with one of the whole, and prints how wide the margins of tiles must be;
/// true where the results are the same.
bool verify_tiling(const run_arguments& arguments);

/// How objects are found.
enum class segment_method { nuclei, voronoi_otsu, model };
inline constexpr std::array<const char*, 3> segment_method_names{"nuclei", "voronoi-otsu", "model"};

/// What the file of measurements is called, and so what stands between its values.
enum class table_format { csv, tsv };
inline constexpr std::array<const char*, 2> table_format_names{"csv", "tsv"};

struct segment_arguments {
  std::string input, folder;
  std::optional<std::string> truth, device;
  volume_choice volume;
  tile_choice tiles;
  segment_method method = segment_method::nuclei;
  table_format format = table_format::csv;
  bool invert = false;                  ///< the objects are dark on a bright ground
  std::optional<int> minimum_size;      ///< pixels
  tiling::pipeline::parameters nuclei;  ///< of the operation nuclei_labeling, those that are given
  float spot_sigma = defaults::spot_sigma, outline_sigma = defaults::outline_sigma;
  int background_radius = defaults::background_radius;
  std::string model;    ///< a package of bioimage.io, or a network
  std::string command;  ///< as it was given, for a shell
};

/// Finds bright objects, by any method but a model, which is for model_run; writes labels, pictures
/// and measurements into a folder.
void segment(const segment_arguments& arguments);

struct agree_arguments {
  std::string a, b;                   ///< image files, or FILE.csv:COLUMN
  std::optional<std::string> folder;  ///< for the report
  bool labels = false;                ///< the images show objects, whatever their pixel type
  std::optional<double> bar;          ///< a difference that is too small to matter
  std::optional<std::string> device;  ///< which overlaps label images
  volume_choice volume;
};

/// Prints, and writes, how well two images, label images or columns of tables agree; false where
/// there is a bar that they do not keep (agreement::is_within).
bool agree(const agree_arguments& arguments);

struct parity_arguments {
  std::optional<std::string> operation, device;  ///< only these
  std::optional<std::string> folder;             ///< for the report
  std::size_t repeats = 1;
};

/// Compares operations on devices with the reference, prints and writes what differs; true where
/// nothing does.
bool parity(const parity_arguments& arguments);

struct model_info_arguments {
  std::string model;
  std::optional<shape> window;  ///< of the input, where the file leaves its size open
  std::optional<std::string> device;
};

/// Prints what a network consists of.
void model_info(const model_info_arguments& arguments);

struct model_test_arguments {
  std::string model;
  double tolerance = 1e-5;
  std::optional<std::string> device;
};

/// Runs a package of bioimage.io on its own test tensors and prints how far the results are off;
/// true where that is no more than the tolerance.
bool model_test(const model_test_arguments& arguments);

/// What is made of an image with a network.
enum class model_result {
  objects,        ///< labels and measurements, from probabilities
  classes,        ///< which channel is the greatest
  mask,           ///< where channels are above a threshold
  probabilities,  ///< after the steps that follow the network
  logits          ///< what the network gives
};
inline constexpr std::array<const char*, 5> model_result_names{"objects", "classes", "mask",
                                                               "probabilities", "logits"};
/// What makes probabilities of what a network gives.
enum class model_activation { none, sigmoid, softmax };
inline constexpr std::array<const char*, 3> model_activation_names{"none", "sigmoid", "softmax"};

struct model_run_arguments {
  std::string model, input, folder;
  std::optional<shape> window;
  std::optional<std::string> device;
  volume_choice volume;               ///< its frame and colours
  std::vector<std::size_t> channels;  ///< of the image, in the network's order
  double step = 0.5;
  std::array<bool, 3> mirror{};  ///< along x, y, z
  bool f16 = false;              ///< how tensors inside the network are stored
  bool accurate = false;         ///< rather exact than fast
  model_result result = model_result::objects;
  std::optional<model_activation> activation;  ///< in place of what the package says
  std::size_t foreground = 0;                  ///< the channel of objects,
  std::optional<std::size_t> contours;         ///< and that of what lies between them
  float threshold = 0.5f, spot_sigma = 0;
  int minimum_size = 0;
  tile_choice tiles;
};

/// Lets a network look at an image; writes what it gives, or what is made of that, into a folder.
void model_run(const model_run_arguments& arguments);

/// Compares two image files and prints the verdict; true where all pixels are equal.
bool compare(const std::string& a, const std::string& b);

}  // namespace gpuimg::cli
