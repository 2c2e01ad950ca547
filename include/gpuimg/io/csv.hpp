// SPDX-License-Identifier: BSD-3-Clause
// Tables as values with commas or tabs between that any program reads back to the same bits, in any
// locale.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <system_error>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/table.hpp"
#include "gpuimg/io/file_replacement.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

/// The shortest text that is read back as the same number: whole numbers up to 2^53 as integers,
/// "nan", "inf" and "-inf".
inline std::string number_text(double value) {
  if (std::isnan(value)) return "nan";  // of which some have a sign
  std::array<char, 32> text{};
  const bool whole = std::abs(value) <= 9007199254740992.0 && value == std::trunc(value);
  const auto end =
      whole ? std::to_chars(text.begin(), text.end(), static_cast<std::int64_t>(value)).ptr
            : std::to_chars(text.begin(), text.end(), value).ptr;
  return {text.data(), end};
}

/// What stands between the values of a file: tabs in FILE.tsv, commas in any other.
inline char separator_of(const std::string& path) { return path.ends_with(".tsv") ? '\t' : ','; }

/// Values with a separator between: a line of column names, then a line per row.
inline std::string to_csv(const table& table, char separator = ',') {
  std::string text;
  const auto add_line = [&](const auto& cells, const auto& text_of) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text += separator;
      text += text_of(cells[i]);
    }
    text += '\n';
  };
  add_line(table.columns, [](const std::string& name) { return name; });
  for (const auto& row : table.rows) add_line(row, number_text);
  return text;
}

/// Reads a table of comma-separated values, or of FILE.tsv, with a line of column names. What is no
/// number, such as a text or an empty cell, becomes NaN. Throws io_error where there is no such
/// line, or a row has another number of cells.
inline table read_csv(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw io_error(path, -1, "cannot be read");
  const auto cells_of = [separator = separator_of(path)](std::string line) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string> cells(1);
    bool is_quoted = false;
    for (const char c : line) {
      if (c == '"')
        is_quoted = !is_quoted;
      else if (c == separator && !is_quoted)
        cells.emplace_back();
      else
        cells.back() += c;
    }
    return cells;
  };
  table result;
  std::string line;
  if (!std::getline(file, line)) throw io_error(path, -1, "has no line of column names");
  result.columns = cells_of(line);
  while (std::getline(file, line)) {
    if (line.empty() || line == "\r") continue;
    const auto cells = cells_of(line);
    if (cells.size() != result.columns.size())
      throw io_error(path, -1,
                     "row " + std::to_string(result.rows.size() + 1) + " has " +
                         std::to_string(cells.size()) + " cells instead of " +
                         std::to_string(result.columns.size()));
    auto& row = result.rows.emplace_back();
    for (const auto& cell : cells) {
      double value = 0;
      const char* const end = cell.data() + cell.size();
      const auto [stop, failure] = std::from_chars(cell.data(), end, value);
      row.push_back(failure == std::errc{} && stop == end && !cell.empty()
                        ? value
                        : std::numeric_limits<double>::quiet_NaN());
    }
  }
  return result;
}

/// Writes a table; tabs or commas as separator_of says. A regular file appears complete or not at
/// all; a device or a pipe is written to. Throws io_error.
inline void write_csv(const std::string& path, const table& table) {
  file_replacement replacement(path, special_file::write_through);
  errno = 0;
  std::ofstream file(replacement.temporary(), std::ios::binary);
  file << to_csv(table, separator_of(path));
  file.close();
  if (!file)
    throw io_error(path, -1, "cannot be written: " + std::generic_category().message(errno));
  replacement.commit();
}

}  // namespace gpuimg::io

#include "gpuimg/core/pop_macros.def"
