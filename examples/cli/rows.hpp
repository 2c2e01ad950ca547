// SPDX-License-Identifier: BSD-3-Clause
// Measurements of several volumes in one table.
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>

#include "cli/files.hpp"
#include "gpuimg/core/table.hpp"

namespace gpuimg::cli {

/// Adds the rows measured in one volume; of several volumes each row says which.
inline void add_rows(table& all, table part, const volume_range& range, std::size_t channel,
                     std::size_t frame) {
  if (range.count() > 1) {
    part.columns.insert(part.columns.begin(), {"channel", "frame"});
    for (auto& row : part.rows)
      row.insert(row.begin(), {static_cast<double>(channel), static_cast<double>(frame)});
  }
  all.columns = std::move(part.columns);
  std::move(part.rows.begin(), part.rows.end(), std::back_inserter(all.rows));
}

}  // namespace gpuimg::cli
