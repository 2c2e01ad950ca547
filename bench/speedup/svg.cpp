// SPDX-License-Identifier: BSD-3-Clause
// The bar chart of a report.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/speedup/report.hpp"

namespace speedup {
namespace {

// Pixels. A group of bars per benchmark, under each other, with its name to the left.
constexpr double left = 190, width = 600, right = 70, top = 64, bar = 9, gap = 7, bottom = 30;
constexpr std::array<const char*, 8> colours{"#4e79a7", "#f28e2b", "#59a14f", "#b07aa1",
                                             "#e15759", "#76b7b2", "#9c755f", "#edc948"};

std::string digits(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::string power_text(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", value);
  return text.data();
}

/// As many digits as mean something: 0.53, 8.4, 76, 1200.
std::string ratio_text(double value) {
  std::array<char, 32> text{};
  const double step = std::pow(10, std::floor(std::log10(value)) - 1);
  const double rounded = std::round(value / step) * step;
  std::snprintf(text.data(), text.size(), "%.*f", rounded < 1 ? 2 : rounded < 10 ? 1 : 0, rounded);
  return text.data();
}

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text)
    safe += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  return safe;
}

std::string text_at(double x, double y, const std::string& text, const char* anchor = "start") {
  return "<text x=\"" + digits(x) + "\" y=\"" + digits(y) + "\" text-anchor=\"" + anchor + "\">" +
         escaped(text) + "</text>\n";
}

std::string box(double x, double y, double w, double h, const std::string& colour) {
  return "<rect x=\"" + digits(x) + "\" y=\"" + digits(y) + "\" width=\"" + digits(w) +
         "\" height=\"" + digits(h) + "\" fill=\"" + colour + "\"/>\n";
}

struct labelled_bar {
  double ratio;
  std::size_t column;
};
struct group {
  std::string name;
  std::vector<labelled_bar> bars;
};

}  // namespace

std::string to_svg(const report& r) {
  const std::string ours = our_columns(r).at(0), section = sections_of(r).at(0);
  std::vector<std::string> others;
  for (const auto& column : columns_of(r))
    if (column != ours) others.push_back(column);

  std::vector<group> groups;
  double lowest = 1, highest = 10, y = top;
  std::size_t bar_count = 0;
  for (const auto& row : r.rows) {
    if (row.section != section) continue;
    group g{row.benchmark, {}};
    for (std::size_t i = 0; i < others.size(); ++i)
      if (const double ratio = times_as_fast(r, row, ours, others[i], step::call); ratio > 0) {
        g.bars.push_back({ratio, i});
        lowest = std::min(lowest, ratio);
        highest = std::max(highest, ratio);
      }
    bar_count += g.bars.size();
    if (!g.bars.empty()) groups.push_back(std::move(g));
  }
  const double first = std::floor(std::log10(lowest)), last = std::ceil(std::log10(highest));
  const auto x_of = [&](double ratio) {
    return left + width * (std::log10(ratio) - first) / (last - first);
  };
  const double end =
      top + bar * static_cast<double>(bar_count) + gap * static_cast<double>(groups.size());
  const double total_width = left + width + right, total_height = end + bottom;

  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + digits(total_width) +
                    "\" height=\"" + digits(total_height) +
                    "\" font-family=\"sans-serif\" font-size=\"11\">\n" +
                    box(0, 0, total_width, total_height, "white");
  svg += "<g font-size=\"14\">" +
         text_at(8, 20, "How many times as fast as others: " + ours + ", " + section) + "</g>\n";
  double legend = 8;
  for (std::size_t i = 0; i < others.size(); ++i) {
    svg +=
        box(legend, 32, 10, 10, colours[i % colours.size()]) + text_at(legend + 14, 41, others[i]);
    legend += 34 + 6.2 * static_cast<double>(others[i].size());
  }
  for (double power = first; power <= last; ++power) {
    const double x = x_of(std::pow(10, power));
    svg += box(x - 0.5, top - 4, power == 0 ? 2 : 1, end - top + 4, power == 0 ? "#444" : "#ccc") +
           text_at(x, end + 16, power_text(std::pow(10, power)), "middle");
  }
  for (const auto& g : groups) {
    svg += text_at(left - 8, y + bar * static_cast<double>(g.bars.size()) / 2 + 4, g.name, "end");
    for (const auto& b : g.bars) {
      const double from = std::min(x_of(1), x_of(b.ratio)), to = std::max(x_of(1), x_of(b.ratio));
      svg += box(from, y + 0.5, to - from, bar - 1, colours[b.column % colours.size()]) +
             "<g font-size=\"9\">" + text_at(to + 3, y + bar - 1, ratio_text(b.ratio)) + "</g>\n";
      y += bar;
    }
    y += gap;
  }
  return svg + "</svg>\n";
}

}  // namespace speedup
