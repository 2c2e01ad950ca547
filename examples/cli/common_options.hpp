// SPDX-License-Identifier: BSD-3-Clause
// Options that several commands have, and numbers as people write them.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "cli/files.hpp"
#include "gpuimg/core/error.hpp"
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
