// SPDX-License-Identifier: BSD-3-Clause
// Options that several commands have.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "cli/files.hpp"

namespace gpuimg::cli {

inline void add_device_option(CLI::App& app, std::optional<std::string>& name) {
  app.add_option("--device", name,
                 "part of a device's name, index, platform:device or reference; gpuimg devices "
                 "shows them [the best one]")
      ->type_name("NAME");
}

inline void add_volume_options(CLI::App& app, volume_choice& choice) {
  choice.offers_grey = true;
  app.add_option("--channel", choice.channel, "channel of the image, from 0")
      ->type_name("C")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--frame", choice.frame, "time point of the image, from 0")
      ->type_name("T")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--grey", choice.grey, "turn colours into grey, by luminance");
}

}  // namespace gpuimg::cli
