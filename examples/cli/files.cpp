// SPDX-License-Identifier: BSD-3-Clause
// Reading and writing image files by what they hold and how they are named.
#include "cli/files.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "gpuimg/io/png.hpp"
#include "gpuimg/io/tiff_region.hpp"

namespace gpuimg::cli {
namespace {

/// Runs `read`; a refusal of colours names the command's option, where it has one.
template <class Read>
auto in_own_words(const color_choice& color, const Read& read) {
  try {
    return read();
  } catch (const io_error& error) {
    constexpr std::string_view advice = io::detail::color_advice;
    std::string reason = error.reason();
    if (!reason.ends_with(advice)) throw;
    reason.replace(
        reason.size() - advice.size(), advice.size(),
        color.offers_grey ? "pass --grey to convert them to grey" : "they must be grey here");
    throw io_error(error.file(), error.page(), reason);
  }
}

io::color_handling handling_of(const color_choice& color) {
  return color.grey ? io::color_handling::luminance : io::color_handling::refuse;
}

/// "3 channels", "1 frame"
std::string count_text(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// How many channels or frames the inputs have together.
std::size_t common_count(std::span<const image_file> inputs, const std::string& what,
                         std::size_t (image_file::*count_of)() const) {
  const image_file* longest = &inputs.front();
  for (const auto& input : inputs)
    if ((input.*count_of)() > (longest->*count_of)()) longest = &input;
  const std::size_t most = (longest->*count_of)();
  for (const auto& input : inputs)
    if (const std::size_t count = (input.*count_of)(); count != 1 && count != most)
      throw argument_error(input.path() + " has " + count_text(count, what) + ", " +
                           longest->path() + " has " + std::to_string(most));
  return most;
}

void check_picked(const std::string& option, std::optional<std::size_t> picked, std::size_t count,
                  const std::string& path) {
  if (picked && *picked >= count)
    throw argument_error(option + " must be < " + std::to_string(count) + ", got " +
                         std::to_string(*picked) + " [" + path + "]");
}

}  // namespace

bool is_png(const std::string& path) {
  constexpr std::string_view signature = "\x89PNG\r\n\x1a\n";
  std::array<char, signature.size()> first{};
  std::ifstream file(path, std::ios::binary);
  file.read(first.data(), first.size());
  return file.good() && std::ranges::equal(first, signature);
}

image_file::image_file(const std::string& path, const color_choice& color)
    : path_(path), color_(color) {
  if (is_png(path))
    png_ = in_own_words(color, [&] { return io::read_png(path, {.color = handling_of(color)}); });
  else
    tiff_ = std::make_unique<io::tiff_reader>(path);
}

host_image image_file::read(std::size_t channel, std::size_t frame) {
  if (!tiff_) return png_;
  return in_own_words(color_, [&] {
    return tiff_->read({.channel = channel, .frame = frame, .color = handling_of(color_)});
  });
}

std::shared_ptr<tiling::source> image_file::source(std::size_t channel, std::size_t frame) const {
  if (!tiff_) return std::make_shared<tiling::memory_source>(png_);
  return in_own_words(color_, [&] {
    return std::make_shared<io::tiff_source>(
        path_,
        io::tiff_read_options{.channel = channel, .frame = frame, .color = handling_of(color_)});
  });
}

std::vector<volume_range> volume_range::volumes() const {
  std::vector<volume_range> all;
  for (std::size_t t = 0; t < frame_count; ++t)
    for (std::size_t c = 0; c < channel_count; ++c)
      all.push_back({.channels = channels,
                     .frames = frames,
                     .first_channel = first_channel + c,
                     .first_frame = first_frame + t});
  return all;
}

std::string to_string(const volume_range& range) {
  const auto part = [](const std::string& what, std::size_t first, std::size_t count,
                       std::size_t of) {
    return count == of ? count_text(of, what)
                       : what + " " + std::to_string(first) + " of " + std::to_string(of);
  };
  return part("channel", range.first_channel, range.channel_count, range.channels) + ", " +
         part("frame", range.first_frame, range.frame_count, range.frames);
}

std::string options_of(const volume_choice& choice) {
  std::string options;
  if (choice.channel) options += " --channel " + std::to_string(*choice.channel);
  if (choice.frame) options += " --frame " + std::to_string(*choice.frame);
  return options;
}

volume_range choose_volumes(std::span<const image_file> inputs, const volume_choice& choice) {
  volume_range range;
  range.channels = common_count(inputs, "channel", &image_file::channels);
  range.frames = common_count(inputs, "frame", &image_file::frames);
  check_picked("--channel", choice.channel, range.channels, inputs.front().path());
  check_picked("--frame", choice.frame, range.frames, inputs.front().path());
  range.first_channel = choice.channel.value_or(0);
  range.channel_count = choice.channel ? 1 : range.channels;
  range.first_frame = choice.frame.value_or(0);
  range.frame_count = choice.frame ? 1 : range.frames;
  return range;
}

host_image read_volume(image_file& input, std::size_t channel, std::size_t frame) {
  return input.read(input.channels() == 1 ? 0 : channel, input.frames() == 1 ? 0 : frame);
}

std::optional<image_format> named_format(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (extension == ".png") return image_format::png;
  if (extension == ".tif" || extension == ".tiff") return image_format::tiff;
  return std::nullopt;
}

image_format format_of(const std::string& path) {
  if (const auto format = named_format(path)) return *format;
  throw argument_error(path + ": the name of an image file must end in .tif, .tiff or .png");
}

void check_output(const std::string& path, std::span<const std::string> inputs,
                  io::special_file special) {
  std::error_code ignored;
  for (const auto& input : inputs)
    if (std::filesystem::equivalent(path, input, ignored) &&
        std::filesystem::is_regular_file(path, ignored))
      throw argument_error(path + ": is an input, which is not written over");
  io::check_writable(path, special);
}

image_output::image_output(std::string path, const volume_range& range) : path_(std::move(path)) {
  if (format_of(path_) == image_format::tiff)
    tiff_ = std::make_unique<io::tiff_writer>(
        path_,
        io::tiff_write_options{.channels = range.channel_count, .frames = range.frame_count});
  else if (range.count() > 1)
    throw argument_error(path_ + ": a PNG file holds one volume, not " + to_string(range) +
                         "; pick with --channel and --frame, or write a .tif file");
}

void image_output::check(pixel_type type) const {
  if (!tiff_ && type != pixel_type::u8 && type != pixel_type::u16)
    throw argument_error(path_ + ": a PNG file holds u8 or u16 pixels, not " +
                         std::string(name_of(type)) + "; write a .tif file");
}

void image_output::append(const host_image& volume) {
  check(volume.type());
  if (tiff_) return tiff_->append(volume);
  png_ = volume;
}

void image_output::close() {
  if (tiff_)
    tiff_->close();
  else
    io::write_png(path_, png_);
}

std::filesystem::path make_folder(const std::string& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (failure) throw io_error(path, -1, "cannot be made a folder: " + failure.message());
  return path;
}

}  // namespace gpuimg::cli
