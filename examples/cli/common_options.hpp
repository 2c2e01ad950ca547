// SPDX-License-Identifier: BSD-3-Clause
// Options that several commands have, and numbers as people write them.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "cli/files.hpp"
#include "cli/tiles.hpp"
#include "gpuimg/core/error.hpp"
#include "gpuimg/core/memory_budget.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/io/csv.hpp"

namespace gpuimg::cli {

/// The number that an option is followed by. Throws argument_error that says what is allowed.
template <class T>
T parse_number(const std::string& option, const std::string& text, T least, T most) {
  T value{};
  const char* last = text.data() + text.size();
  const auto [end, failure] = std::from_chars(text.data(), last, value);
  if (failure != std::errc{} || end != last || !(value >= least && value <= most))
    throw argument_error(
        option + " must be a " + (std::numeric_limits<T>::is_integer ? "whole number" : "number") +
        " from " + io::number_text(static_cast<double>(least)) + " to " +
        io::number_text(static_cast<double>(most)) + ", got " + (text.empty() ? "''" : text));
  return value;
}

/// Numbers with commas between. Throws as parse_number.
template <class T>
std::vector<T> parse_numbers(const std::string& option, const std::string& text, T least, T most) {
  std::vector<T> numbers;
  for (std::size_t begin = 0, end = 0; end != text.npos; begin = end + 1) {
    end = text.find(',', begin);
    numbers.push_back(parse_number(option, text.substr(begin, end - begin), least, most));
  }
  return numbers;
}

/// An option that takes a number from `least` to `most`. Returns the option.
template <class T, class Value>
CLI::Option* add_number(CLI::App& app, const std::string& name, Value& value, T least, T most,
                        const std::string& help) {
  return app
      .add_option_function<std::string>(
          name,
          [name, &value, least, most](const std::string& text) {
            value = parse_number(name, text, least, most);
          },
          help)
      ->type_name(std::numeric_limits<T>::is_integer ? "INTEGER" : "NUMBER");
}

/// "512x512" or "128x128x64".
inline shape parse_size(const std::string& option, const std::string& text) {
  std::vector<std::size_t> sizes;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('x', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    const bool is_number = !part.empty() && part.size() < 7 &&
                           part.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number || std::stoul(part) == 0)
      throw CLI::ValidationError(option, "expects XxY or XxYxZ, such as 512x512; got " + text);
    sizes.push_back(std::stoul(part));
    begin = end + 1;
  }
  if (sizes.size() != 2 && sizes.size() != 3)
    throw CLI::ValidationError(option, "expects XxY or XxYxZ, such as 512x512; got " + text);
  return {sizes[0], sizes[1], sizes.size() == 3 ? sizes[2] : 1};
}

inline CLI::Option* add_tile_option(CLI::App& app, tile_choice& choice, const std::string& help) {
  return app
      .add_option_function<std::string>(
          "--tile",
          [&choice](const std::string& text) {
            choice.is_wanted = true;
            if (text != "auto") choice.tile = parse_size("--tile", text);
          },
          help)
      ->type_name("auto|SIZE");
}

inline void add_memory_option(CLI::App& app, tile_choice& choice) {
  app.add_option_function<std::string>(
         "--memory_limit",
         [&choice](const std::string& text) { choice.memory = parse_bytes(text); },
         "for tiles, such as 512M or 2G [what the device may hold]")
      ->type_name("BYTES");
}

inline void add_tile_options(CLI::App& app, tile_choice& choice) {
  add_tile_option(app, choice,
                  "works in tiles, at most XxY or XxYxZ pixels large, or as large as memory allows "
                  "[where the image does not fit]");
  add_memory_option(app, choice);
  app.add_option("--resume", choice.folder,
                 "folder for what is between passes: the same command goes on there after an "
                 "interruption")
      ->type_name("DIR");
}

inline void add_device_option(CLI::App& app, std::optional<std::string>& name,
                              const std::string& preset = "the best one") {
  app.add_option("--device", name,
                 "part of a device's name, index, platform:device or reference; gpuimg devices "
                 "shows them [" +
                     preset + "]")
      ->type_name("NAME");
}

/// The last two say what is taken where nothing is picked.
inline void add_volume_options(CLI::App& app, volume_choice& choice, const std::string& channel,
                               const std::string& frame) {
  constexpr std::size_t most = std::numeric_limits<int>::max();
  add_number<std::size_t>(app, "--channel", choice.channel, 0, most,
                          "channel of the image, from 0 [" + channel + "]");
  add_number<std::size_t>(app, "--frame", choice.frame, 0, most,
                          "time point of the image, from 0 [" + frame + "]");
}

inline void add_grey_option(CLI::App& app, volume_choice& choice) {
  choice.color.offers_grey = true;
  app.add_flag("--grey", choice.color.grey, "turn colours into grey, by luminance");
}

}  // namespace gpuimg::cli
