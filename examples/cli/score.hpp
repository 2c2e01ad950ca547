// SPDX-License-Identifier: BSD-3-Clause
// Prints how well found objects match true ones.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/files.hpp"
#include "gpuimg/core/view.hpp"

namespace gpuimg::cli {

struct score_arguments {
  std::string found, truth;             ///< image files, or folders of files of the same names
  std::vector<double> thresholds{0.5};  ///< IoU from which on two objects are the same
  std::optional<double> probability;    ///< `found` has no labels: it is foreground above this
  std::optional<std::array<double, 3>> spacing;  ///< of pixels: scores distances of surfaces, too
  std::optional<double> of_nothing;              ///< a score of nothing; NaN is left out of means
  std::optional<std::string> folder;             ///< for the report
  std::optional<std::string> device;             ///< which overlaps label images
  volume_choice volume;
};

/// Prints the number of objects, and precision, recall and F1 at each threshold. Throws
/// argument_error where the shapes differ or a threshold is not in [0, 1].
void print_score(view<const std::uint32_t> found, view<const std::uint32_t> truth,
                 const std::vector<double>& thresholds = {0.5});

/// Prints, and writes, how well labels or probabilities match the truth, in one volume of each
/// file.
void score(const score_arguments& arguments);

}  // namespace gpuimg::cli
