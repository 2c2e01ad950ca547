// SPDX-License-Identifier: BSD-3-Clause
// The catalogue of operations: the one file that compiles all of them for all pixel types.
#include "cli/catalogue.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "gpuimg/gpuimg.hpp"
#include "gpuimg/other_names.hpp"
#include "gpuimg/registry.hpp"

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

template <class Op>
any_result run_operation(std::span<const std::pair<std::string, std::string>> parameters,
                         std::span<const any_image> images) {
  Op op;
  for (const auto& [name, value] : parameters) set_parameter(op, name, value);
  return invoke(op, images);
}

}  // namespace

std::vector<catalogue_entry> catalogue() {
  std::vector<catalogue_entry> entries;
  for_each_operation([&]<class Op>() {
    const auto& inputs = Op::about.inputs;
    entries.push_back({.name = Op::about.name,
                       .theme = Op::about.theme,
                       .brief = Op::about.brief,
                       .inputs = {inputs.begin(), inputs.begin() + Op::about.input_count()},
                       .output = Op::about.output,
                       .parameters = describe_parameters<Op>(),
                       .tolerance = Op::about.tolerance,
                       .run = &run_operation<Op>});
  });
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
