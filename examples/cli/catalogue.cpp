// SPDX-License-Identifier: BSD-3-Clause
// The catalogue of operations as the program shows it.
#include "cli/catalogue.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "gpuimg/other_names.hpp"
#include "registry/catalogue.hpp"

namespace gpuimg::cli {
namespace {

/// The fewest letters to insert, delete or replace that make one word of the other (Levenshtein).
std::size_t edit_distance(std::string_view from, std::string_view to) {
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

/// Up to three names that contain the word or are a few letters away from it, best first.
std::vector<std::string> similar_names(const std::string& word,
                                       std::span<const catalogue_entry> entries) {
  std::vector<std::pair<std::size_t, std::string>> candidates;
  for (const auto& entry : entries) {
    const bool contains = word.size() >= 3 && entry.name.find(word) != std::string::npos;
    const std::size_t distance = contains ? 0 : edit_distance(word, entry.name);
    if (distance <= entry.name.size() / 2) candidates.emplace_back(distance, entry.name);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (const auto& [distance, name] : candidates)
    if (names.size() < 3) names.push_back(name);
  return names;
}

}  // namespace

std::vector<catalogue_entry> catalogue() {
  std::vector<catalogue_entry> entries;
  for (const auto& entry : gpuimg::catalogue()) {
    const auto& about = *entry.about;
    entries.push_back({.name = about.name,
                       .theme = about.theme,
                       .brief = about.brief,
                       .inputs = {about.inputs.begin(), about.inputs.begin() + about.input_count()},
                       .output = about.outputs[0].kind,
                       .parameters = entry.parameters,
                       .tolerance = about.tolerance,
                       .run = entry.run});
  }
  return entries;
}

catalogue_entry find_operation(const std::string& name) {
  auto entries = catalogue();
  const auto found = std::ranges::find(entries, name, &catalogue_entry::name);
  if (found != entries.end()) return std::move(*found);

  std::string text = "there is no operation '" + name + "'";
  if (const other_name* other = find_other_name(name)) {
    text += "; in gpuimg it is " + std::string(other->operation);
    if (!other->note.empty()) text += " (" + std::string(other->note) + ")";
    throw argument_error(text);
  }
  const auto names = similar_names(name, entries);
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "; did you mean " : " or ") + names[i];
  throw argument_error(text + (names.empty() ? "; gpuimg list shows all" : "?"));
}

}  // namespace gpuimg::cli
