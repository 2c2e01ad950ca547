// SPDX-License-Identifier: BSD-3-Clause
// What two tables say of the same things, side by side: rows joined by a label, or by objects that
// match.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/table.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/metrics/segmentation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// Pairs of numbers, and how many had no partner.
struct joined_columns {
  std::vector<double> a, b;
  std::uint64_t only_in_a = 0, only_in_b = 0;
};

namespace detail {

using numbers_by_key = std::unordered_map<double, double>;

/// Which column of a table has this name. Throws argument_error.
inline std::size_t column_of(const table& t, const std::string& name) {
  const auto found = std::find(t.columns.begin(), t.columns.end(), name);
  if (found != t.columns.end()) return static_cast<std::size_t>(found - t.columns.begin());
  std::string all;
  for (const auto& column : t.columns) all += (all.empty() ? "" : ", ") + column;
  throw argument_error(text({"join: no column is called '", name, "'; there are ", all}));
}

inline numbers_by_key by_key(const table& t, const std::string& column, const std::string& key) {
  numbers_by_key numbers;
  const std::size_t key_column = column_of(t, key), value_column = column_of(t, column);
  for (const auto& row : t.rows)
    if (!numbers.emplace(row[key_column], row[value_column]).second)
      throw argument_error(text({"join: several rows have the same ", key}));
  return numbers;
}

/// Joins what `key_in_b(key_in_a)` says belongs together, for keys in the order of a's rows.
template <class KeyInB>
joined_columns join(const table& a, const std::string& column_a, const table& b,
                    const std::string& column_b, const std::string& key, const KeyInB& key_in_b) {
  const auto of_a = by_key(a, column_a, key), of_b = by_key(b, column_b, key);
  const std::size_t key_column = column_of(a, key);
  joined_columns result;
  for (const auto& row : a.rows) {
    const auto partner = of_b.find(key_in_b(row[key_column]));
    if (partner == of_b.end()) continue;
    result.a.push_back(of_a.at(row[key_column]));
    result.b.push_back(partner->second);
  }
  result.only_in_a = a.rows.size() - result.a.size();
  result.only_in_b = b.rows.size() - result.b.size();
  return result;
}

}  // namespace detail

/// The columns of two tables, such as the areas of labels_statistics, by rows that have the same
/// number in the column `key`.
/// returns  pairs in the order of a's rows
/// throws   argument_error where a table lacks a column, or a key is there twice
inline joined_columns join(const table& a, const std::string& column_a, const table& b,
                           const std::string& column_b, const std::string& key = "label") {
  return detail::join(a, column_a, b, column_b, key, [](double label) { return label; });
}

/// The same by objects that match, whose labels are in the column "label": the true ones in a's,
/// the predicted ones in b's. `matched` are the pairs of match_objects.
inline joined_columns join(const table& a, const std::string& column_a, const table& b,
                           const std::string& column_b,
                           std::span<const metrics::object_pair> matched) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();  // which equals no label
  std::unordered_map<double, double> partners;
  for (const auto& pair : matched) partners.emplace(pair.truth, pair.predicted);
  return detail::join(a, column_a, b, column_b, "label", [&](double label) {
    const auto partner = partners.find(label);
    return partner == partners.end() ? none : partner->second;
  });
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
