// SPDX-License-Identifier: BSD-3-Clause
// Prints how well found objects match true ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/files.hpp"
#include "gpuimg/core/view.hpp"

namespace gpuimg::cli {

struct score_arguments {
  std::string labels, truth;
  std::vector<double> thresholds{0.5};  ///< IoU from which on two objects are the same
  std::optional<std::string> folder;    ///< for score.json
  volume_choice volume;
};

/// Prints the number of objects, and precision, recall and F1 at each threshold. Throws
/// argument_error where the shapes differ or a threshold is not in [0, 1].
void print_score(view<const std::uint32_t> found, view<const std::uint32_t> truth,
                 const std::vector<double>& thresholds = {0.5});

/// Prints, and writes, how well labels match true ones, in one volume of both files.
void score(const score_arguments& arguments);

}  // namespace gpuimg::cli
