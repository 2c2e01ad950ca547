// SPDX-License-Identifier: BSD-3-Clause
// The image files that commands read and write, as TIFF or PNG, volume by volume.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gpuimg/core/host_image.hpp"
#include "gpuimg/io/tiff.hpp"
#include "gpuimg/tiling/storage.hpp"

namespace gpuimg::cli {

/// What becomes of colours in an input.
struct color_choice {
  bool grey = false;         ///< they become grey
  bool offers_grey = false;  ///< whether the command has the option --grey, for a refusal to name
};

/// Which volumes of a file a command is told to take; all of them where nothing is said.
struct volume_choice {
  std::optional<std::size_t> channel, frame;
  color_choice color;
};

/// The volumes that are picked, as options behind a command: " --channel 1 --frame 0".
std::string options_of(const volume_choice& choice);

/// Whether a file is read as PNG: by its first bytes. Everything else is read as TIFF.
bool is_png(const std::string& path);

/// An open image file. Throws what read_tiff and read_png throw; of colours in the program's words.
class image_file {
 public:
  explicit image_file(const std::string& path, const color_choice& color = {});

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] shape size() const { return tiff_ ? tiff_->info().size : png_.size; }
  [[nodiscard]] pixel_type type() const { return tiff_ ? tiff_->info().type : png_.type(); }
  /// Along x, y, z; 0 where unknown.
  [[nodiscard]] std::array<double, 3> pixel_size() const {
    return tiff_ ? tiff_->info().pixel_size : png_.pixel_size;
  }
  [[nodiscard]] std::size_t channels() const { return tiff_ ? tiff_->info().channels : 1; }
  [[nodiscard]] std::size_t frames() const { return tiff_ ? tiff_->info().frames : 1; }

  [[nodiscard]] host_image read(std::size_t channel = 0, std::size_t frame = 0);
  /// A volume to read in parts, which does not need this object.
  [[nodiscard]] std::shared_ptr<tiling::source> source(std::size_t channel,
                                                       std::size_t frame) const;

 private:
  std::string path_;
  color_choice color_;
  std::unique_ptr<io::tiff_reader> tiff_;  ///< else it is a PNG file, read already
  host_image png_;
};

/// The volumes that a command works on, and how many its inputs have.
struct volume_range {
  std::size_t channels = 1, frames = 1;  ///< of the inputs
  std::size_t first_channel = 0, channel_count = 1, first_frame = 0, frame_count = 1;

  [[nodiscard]] std::size_t count() const { return channel_count * frame_count; }
  [[nodiscard]] bool is_choice() const { return channels > 1 || frames > 1; }
  /// Each volume by itself, in the order of files: all channels of a frame, then the next frame.
  [[nodiscard]] std::vector<volume_range> volumes() const;
};

/// "3 channels, frame 2 of 4": what a range takes of how much.
std::string to_string(const volume_range& range);

/// All volumes of the inputs, or those that were picked. An input of one channel goes with every
/// channel of the others, one of one frame with every frame. Throws argument_error where numbers of
/// channels or frames differ otherwise, or lack what was picked.
volume_range choose_volumes(std::span<const image_file> inputs, const volume_choice& choice);

/// A volume of one of several inputs; one that has a single channel or frame has it for all.
host_image read_volume(image_file& input, std::size_t channel, std::size_t frame);

enum class image_format { tiff, png };

/// The format that a file is named for; none where its name does not end in .tif, .tiff or .png, in
/// letters of either case.
std::optional<image_format> named_format(const std::string& path);

/// The same of a file to write; argument_error where there is none.
image_format format_of(const std::string& path);

/// Refuses an output, before any work, that cannot be written or is one of the inputs.
/// Throws io_error, argument_error.
void check_output(const std::string& path, std::span<const std::string> inputs,
                  io::special_file special = io::special_file::refuse);

/// The folder, made where it is not there. Throws io_error.
std::filesystem::path make_folder(const std::string& path);

/// An image file that is written volume by volume and appears when it is closed.
class image_output {
 public:
  /// Throws argument_error where a PNG file should hold several volumes.
  image_output(std::string path, const volume_range& range);

  /// Throws argument_error for pixels that the file cannot hold.
  void check(pixel_type type) const;
  /// Throws what `check` throws, io_error.
  void append(const host_image& volume);
  void close();

 private:
  std::string path_;
  std::unique_ptr<io::tiff_writer> tiff_;  ///< else it is a PNG file
  host_image png_;
};

}  // namespace gpuimg::cli
