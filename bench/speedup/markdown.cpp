// SPDX-License-Identifier: BSD-3-Clause
// The tables of a report in Markdown.
#include <array>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "bench/speedup/report.hpp"

namespace speedup {
namespace {

/// A number in three digits or more, as few decimals as that takes.
std::string number(double value) {
  const int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string short_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2g", value);
  return text.data();
}

std::string milliseconds(const std::vector<double>& seconds) {
  return seconds.empty() ? "" : number(1e3 * median(seconds));
}

class table {
 public:
  explicit table(const std::vector<std::string>& head) {
    add(head);
    add(std::vector<std::string>(head.size(), "---"));
  }
  void add(const std::vector<std::string>& cells) {
    text_ += "|";
    for (const auto& cell : cells) text_ += " " + cell + " |";
    text_ += "\n";
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

bool is_measured(const row& r) { return r.note.empty(); }

/// Median (least) milliseconds of everybody.
std::string times_table(const report& r, const std::string& section) {
  const auto columns = columns_of(r);
  std::vector<std::string> head{"benchmark", "operation", "pixels"};
  head.insert(head.end(), columns.begin(), columns.end());
  table t(head);
  for (const auto& row : r.rows) {
    if (row.section != section || !is_measured(row)) continue;
    std::vector<std::string> cells{
        row.benchmark,
        "`" + row.operation + "`" + (row.parameters.empty() ? "" : " " + row.parameters), row.size};
    for (const auto& column : columns) {
      const outcome* const o = fastest(r, row, column);
      if (o == nullptr) {
        cells.emplace_back();
        continue;
      }
      const auto& times = times_of(*o, step::call);
      cells.push_back(milliseconds(times) + " (" + number(1e3 * least(times)) + ")" +
                      (o->is_the_same ? "" : " \\*"));
    }
    t.add(cells);
  }
  return t.text();
}

/// How fast one device of ours is.
std::string device_table(const report& r, const std::string& section, const std::string& ours) {
  std::vector<std::string> head{"benchmark"}, others;
  for (const auto& column : columns_of(r))
    if (column != ours) others.push_back(column);
  for (const auto& column : others) head.push_back("times " + column);
  for (const char* text :
       {"ns per pixel", "GB/s", "of copy", "with transfer ms", "first call ms", "another size ms"})
    head.emplace_back(text);
  table t(head);
  for (const auto& row : r.rows) {
    const outcome* const o = fastest(r, row, ours);
    if (row.section != section || o == nullptr) continue;
    const double seconds = median(times_of(*o, step::call));
    const double copy = median(times_of(*o, step::copy));
    const double of_copy = row.bytes / seconds / (2 * sizeof(float) * row.pixels / copy);
    std::vector<std::string> cells{row.benchmark};
    for (const auto& column : others) {
      const double ratio = times_as_fast(r, row, ours, column, step::call);
      const double with_transfer = times_as_fast(r, row, ours, column, step::transfer);
      cells.push_back(ratio > 0 ? number(ratio) + " (" + number(with_transfer) + ")" : "");
    }
    cells.push_back(number(1e9 * seconds / row.pixels));
    cells.push_back(number(1e-9 * row.bytes / seconds));
    cells.push_back(number(100 * of_copy) + " %");
    cells.push_back(milliseconds(times_of(*o, step::transfer)));
    cells.push_back(number(1e3 * o->first_call));
    cells.push_back(milliseconds(times_of(*o, step::second_size)));
    t.add(cells);
  }
  return t.text();
}

/// How far the results of the others are from ours.
std::string differences_table(const report& r, const std::string& section) {
  std::vector<std::string> head{"benchmark"};
  for (const auto& c : r.contestants) head.push_back(c.name);
  table t(head);
  for (const auto& row : r.rows) {
    if (row.section != section || !is_measured(row)) continue;
    std::vector<std::string> cells{row.benchmark};
    for (const auto& o : row.outcomes) {
      const std::string share =
          o.differing > 0 ? ", " + short_number(100 * o.differing) + " % of pixels" : "";
      cells.push_back(o.note.empty() ? short_number(o.greatest_difference) + share : o.note);
    }
    t.add(cells);
  }
  return t.text();
}

std::string introduction(const report& r, const std::string& chart) {
  std::string text =
      "# Speed-ups on " + r.device + "\n\n![How many times as fast](" + chart +
      ")\n\nCLIJ's benchmarks and a few more (WideMedian, Maximum, TopHat, ConnectedComponents, "
      "VoronoiOtsuLabeling)" +
      (r.command.find("--all") == std::string::npos
           ? ""
           : "; then every other operation, by\nits own name, as it is by default") +
      ".\nMade by\n\n    " + r.command + "\n\non " + r.date + ", with\n\n- " + r.device + " (" +
      r.driver + ")\n- " + r.processor + ", " + std::to_string(r.threads) +
      " threads for everybody; load before and after: " + number(r.load_before) + ", " +
      number(r.load_after) + "\n- gpuimg " + r.gpuimg_version + "\n";
  for (const auto& c : r.contestants)
    if (!c.is_ours && c.name != "gpuimg reference") text += "- " + c.name + "\n";
  for (const auto& a : r.absent) text += "- left out: " + a + "\n";
  std::set<std::string> notes;
  for (const auto& row : r.rows)
    if (!is_measured(row)) notes.insert("- left out: `" + row.operation + "`: " + row.note + "\n");
  for (const auto& note : notes) text += note;
  return text +
         "\nEverybody has the same input, is called in turns, and is done when the time ends; the\n"
         "median of all rounds, and the least in brackets. What has memory of its own is given "
         "the\n"
         "input before, and keeps the result. Of two libraries in a column the faster is shown. "
         "An\n"
         "asterisk marks results that differ from ours in more than 1 % of the pixels by more "
         "than\n"
         "1 % of the range: somebody computes something else, and there is no ratio.\n";
}

}  // namespace

std::string to_markdown(const report& r, const std::string& chart) {
  std::string text = introduction(r, chart);
  for (const auto& section : sections_of(r)) {
    text += "\n## " + section + ": milliseconds\n\n" + times_table(r, section);
    for (const auto& ours : our_columns(r))
      text +=
          "\n## " + section + ": " + ours +
          "\n\nHow many times as fast as others, and in brackets with all transfers. GB/s counts "
          "each "
          "input and the\nresult once; \"of copy\" is their share of what copying a float image "
          "of the same size reaches in the\nsame rounds. The first call begins with empty caches "
          "of kernels, but what an earlier row compiled is\nthere.\n\n" +
          device_table(r, section, ours);
    text += "\n## " + section +
            ": greatest differences from our results\n\nBehind them the share of pixels that are "
            "off by more than 1 % of the range.\n\n" +
            differences_table(r, section);
  }
  return text;
}

}  // namespace speedup
