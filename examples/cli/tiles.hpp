// SPDX-License-Identifier: BSD-3-Clause
// Pipelines whose images are files, run in tiles where they do not fit the memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/files.hpp"
#include "cli/report.hpp"
#include "gpuimg/device.hpp"
#include "gpuimg/operation.hpp"
#include "gpuimg/tiling/run.hpp"

namespace gpuimg::cli {

/// What a command is told about tiles.
struct tile_choice {
  bool is_wanted = false;               ///< also where the images would fit
  std::optional<shape> tile;            ///< no larger than this
  std::optional<std::uint64_t> memory;  ///< bytes for tiles
  std::optional<std::string> folder;    ///< where an interrupted run is kept, to go on
};

/// The images that a pipeline is given.
struct pipeline_inputs {
  tiling::sources sources;
  std::string name;      ///< all that decides on their pixels: files, times, volumes
  host_image described;  ///< as the first that has a pixel size; without pixels
};

/// The files of a pipeline's inputs. Throws argument_error where there are too many or too few.
std::vector<image_file> open_files(const tiling::pipeline& what,
                                   const std::vector<std::string>& paths,
                                   const volume_choice& choice);

/// One volume of each file, the first of the range, as the pipeline wants them: labels as u32,
/// binary images as u8, images of different types that one step takes as f32.
pipeline_inputs open_inputs(const tiling::pipeline& what, std::span<const image_file> files,
                            const volume_range& range);

/// Channels of a frame of a file, as f32 inputs that are called "channel 0" and so on, in the order
/// in which they are named.
pipeline_inputs open_channels(const image_file& file, std::span<const std::size_t> channels,
                              std::size_t frame);

/// A file as it is now: its path, size and time.
std::string name_of_file(const std::string& path);

/// What a pipeline gives.
struct pipeline_result {
  std::string name;
  gpuimg::kind kind = kind::image;
  host_image description{};  ///< of an image
  [[nodiscard]] bool is_image() const { return kind != kind::scalar && kind != kind::table; }
};

/// Throws argument_error for parameters out of range.
std::vector<pipeline_result> describe_results(const tiling::pipeline& what,
                                              const pipeline_inputs& inputs);

/// What a run would do, and what it is allowed.
tiling::plan plan_of(const tiling::pipeline& what, const pipeline_inputs& inputs,
                     const device& device, const tile_choice& choice);

/// Whether a pipeline is to run in tiles: where that is wanted, or its images do not fit.
bool needs_tiles(const tiling::pipeline& what, const pipeline_inputs& inputs, const device& device,
                 const tile_choice& choice);

/// Whether files are to be worked on in tiles: where that is wanted, or a volume does not fit.
bool needs_tiles(const tiling::pipeline& what, std::span<const image_file> files,
                 const volume_range& range, const device& device, const tile_choice& choice);

/// Shows on a terminal how far a run is, and adds up the time of its passes.
class tile_times {
 public:
  /// What is in front of it on the terminal, such as "frame 3 of 20: ".
  void set_prefix(std::string prefix) { prefix_ = std::move(prefix); }
  void operator()(const tiling::progress& now);
  /// Prints "pass 1, histogram    12.3 ms, 8 tiles" for each.
  void print() const;

 private:
  struct pass {
    std::string name;
    std::size_t tiles = 0;
    double seconds = 0;
  };
  std::string prefix_;
  std::vector<pass> passes_;
  terminal_line line_;
};

/// Files by the names of the results that go there.
using result_files = std::map<std::string, std::string>;

/// Runs a pipeline on one volume of a range after the other, each of which `open` gives; its images
/// go to files. Returns the numbers and tables; of several volumes, tables with a row or more for
/// each. Throws argument_error where several volumes should go on after an interruption.
tiling::measurements run_pipeline(const tiling::pipeline& what, const volume_range& range,
                                  const std::function<pipeline_inputs(const volume_range&)>& open,
                                  const result_files& files, const device& device,
                                  const tile_choice& choice, tile_times& times);

}  // namespace gpuimg::cli
