// SPDX-License-Identifier: BSD-3-Clause
// Names of options: with dashes or underscores, and what was meant by one that does not exist.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpuimg/core/error.hpp"

namespace gpuimg::cli {

/// The fewest letters to insert, delete or replace that make one word of the other (Levenshtein).
inline std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({row[j], row[j + 1], diagonal}) + 1);
      row[j + 1] = std::min(row[j + 1], replaced);
    }
  }
  return row.back();
}

/// "; did you mean gaussian_blur or mean_filter?": up to three of `names` that contain `word` or
/// are a few letters away from it, best first. Empty where there is none.
inline std::string suggestion(const std::string& word, const std::vector<std::string>& names) {
  std::vector<std::pair<std::size_t, std::string>> candidates;
  for (const auto& name : names) {
    const bool contains = word.size() >= 3 && name.find(word) != std::string::npos;
    const std::size_t distance = contains ? 0 : edit_distance(word, name);
    if (distance <= name.size() / 2) candidates.emplace_back(distance, name);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (std::size_t i = 0; i < candidates.size() && i < 3; ++i)
    text += (i == 0 ? "; did you mean " : " or ") + candidates[i].second;
  return text.empty() ? text : text + "?";
}

/// Throws argument_error for the first word that is an option `command` does not have; returns
/// where there is none.
inline void refuse_unknown_option(const CLI::App& command, const std::vector<std::string>& words) {
  for (const auto& word : words) {
    if (!word.starts_with("--") || word.size() == 2) continue;
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options())
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    const std::string name = word.substr(0, word.find('='));
    if (std::ranges::find(names, name) != names.end()) continue;
    throw argument_error("there is no option " + name + suggestion(name, names));
  }
}

/// Options are written with dashes or underscores, as one likes: "--spot-sigma=3" becomes
/// "--spot_sigma=3". What follows "--" is left alone.
inline void accept_dashes(std::vector<std::string>& words) {
  for (auto& word : words) {
    if (word == "--") return;
    if (!word.starts_with("--")) continue;
    const auto end =
        word.begin() + static_cast<std::ptrdiff_t>(std::min(word.find('='), word.size()));
    std::replace(word.begin() + 2, end, '-', '_');
  }
}

}  // namespace gpuimg::cli
