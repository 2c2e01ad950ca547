// SPDX-License-Identifier: BSD-3-Clause
// Draws scatter plots and histograms.
#include "cli/plots.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>

namespace gpuimg::cli {
namespace {

constexpr double width = 800, height = 520, left = 90, right = 160, top = 40, bottom = 60;

/// A number in a few digits.
std::string brief(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string coordinate(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

struct range {
  double low = 0, high = 0;

  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  /// With a margin, and of some width.
  [[nodiscard]] range padded() const {
    const double size = high - low;
    const double margin = size > 0 ? size / 20 : std::max(std::abs(low), 1.0) / 20;
    return {low - margin, high + margin};
  }
  /// The first number of at least low, and the step, for about six round ones.
  [[nodiscard]] double step() const {
    const double rough = (high - low) / 6, power = std::pow(10, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
      if (factor * power >= rough) return factor * power;
    return 10 * power;
  }
};

class plot {
 public:
  plot(const plot_texts& texts, const range& x, const range& y) : x_(x.padded()), y_(y.padded()) {
    svg_ =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 520\" width=\"800\" "
        "height=\"520\" font-family=\"sans-serif\" font-size=\"14\">\n"
        "<rect width=\"800\" height=\"520\" fill=\"white\"/>\n";
    text(left, 24, escaped(texts.title), "font-size=\"16\" font-weight=\"bold\"");
    text((left + width - right) / 2, height - 14, escaped(texts.x), "text-anchor=\"middle\"");
    const std::string middle = coordinate((top + height - bottom) / 2);
    text(0, 0, escaped(texts.y),
         "text-anchor=\"middle\" transform=\"translate(18 " + middle + ") rotate(-90)\"");
    for (double at = std::ceil(x_.low / x_.step()) * x_.step(); at <= x_.high; at += x_.step()) {
      segment(to_x(at), height - bottom, to_x(at), height - bottom + 5, "stroke=\"black\"");
      text(to_x(at), height - bottom + 20, tick(at, x_), "text-anchor=\"middle\"");
    }
    for (double at = std::ceil(y_.low / y_.step()) * y_.step(); at <= y_.high; at += y_.step()) {
      segment(left - 5, to_y(at), left, to_y(at), "stroke=\"black\"");
      text(left - 8, to_y(at) + 5, tick(at, y_), "text-anchor=\"end\"");
    }
    rectangle(left, top, width - right, height - bottom, "fill=\"none\" stroke=\"black\"");
  }

  [[nodiscard]] double to_x(double x) const {
    return left + (x - x_.low) / (x_.high - x_.low) * (width - left - right);
  }
  [[nodiscard]] double to_y(double y) const {
    return height - bottom - (y - y_.low) / (y_.high - y_.low) * (height - top - bottom);
  }
  [[nodiscard]] const range& x() const { return x_; }
  [[nodiscard]] const range& y() const { return y_; }

  void rectangle(double x0, double y0, double x1, double y1, const std::string& style) {
    svg_ += "<rect x=\"" + coordinate(x0) + "\" y=\"" + coordinate(y0) + "\" width=\"" +
            coordinate(x1 - x0) + "\" height=\"" + coordinate(y1 - y0) + "\" " + style + "/>\n";
  }
  void segment(double x0, double y0, double x1, double y1, const std::string& style) {
    svg_ += "<line x1=\"" + coordinate(x0) + "\" y1=\"" + coordinate(y0) + "\" x2=\"" +
            coordinate(x1) + "\" y2=\"" + coordinate(y1) + "\" " + style + "/>\n";
  }
  void circle(double x, double y) {
    svg_ += "<circle cx=\"" + coordinate(x) + "\" cy=\"" + coordinate(y) +
            "\" r=\"3\" fill=\"#1f5fa8\" fill-opacity=\"0.5\"/>\n";
  }
  void text(double x, double y, const std::string& content, const std::string& style) {
    svg_ += "<text x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) + "\" " + style + ">" +
            content + "</text>\n";
  }

  /// The part of a line that is in the plot, its band, and its text on the right.
  void line(const marked_line& l, double& last_text) {
    if (l.lower < l.upper)
      rectangle(left, to_y(std::min(l.upper, y_.high)), width - right,
                to_y(std::max(l.lower, y_.low)), "fill=\"#c0392b\" fill-opacity=\"0.15\"");
    double from = x_.low, to = x_.high;
    if (l.slope != 0) {
      const double a = (y_.low - l.intercept) / l.slope, b = (y_.high - l.intercept) / l.slope;
      from = std::max(from, std::min(a, b));
      to = std::min(to, std::max(a, b));
    }
    const double end = to_y(l.slope * to + l.intercept);
    if (from > to || end < top || end > height - bottom) return;
    segment(to_x(from), to_y(l.slope * from + l.intercept), to_x(to), end,
            "stroke=\"#c0392b\" stroke-width=\"1.5\"");
    const double at = std::max(end + 5, last_text + 17);  // texts stand below each other
    text(width - right + 8, at, escaped(l.text), "fill=\"#c0392b\"");
    last_text = at;
  }

  std::string finish() { return svg_ + "</svg>\n"; }

 private:
  static std::string tick(double at, const range& r) {
    return brief(std::abs(at) < r.step() / 1e6 ? 0 : at);
  }
  range x_, y_;
  std::string svg_;
};

void draw_points(plot& p, const std::vector<point>& points) {
  if (points.size() <= 10'000) {
    for (const auto& at : points) p.circle(p.to_x(at.x), p.to_y(at.y));
    return;
  }
  constexpr std::size_t columns = 110, rows = 84;
  std::vector<std::size_t> counts(columns * rows);
  const auto cell = [](double value, const range& r, std::size_t cells) {
    const double share = (value - r.low) / (r.high - r.low);
    return std::min(static_cast<std::size_t>(share * static_cast<double>(cells)), cells - 1);
  };
  for (const auto& at : points)
    ++counts[cell(at.y, p.y(), rows) * columns + cell(at.x, p.x(), columns)];
  const double most =
      std::log(1 + static_cast<double>(*std::max_element(counts.begin(), counts.end())));
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const double share = std::log(1 + static_cast<double>(counts[i])) / most;
    const double w = (width - left - right) / columns, h = (height - top - bottom) / rows;
    const double x = left + static_cast<double>(i % columns) * w;
    const double y = height - bottom - static_cast<double>(i / columns + 1) * h;
    p.rectangle(x, y, x + w, y + h,
                "fill=\"#1f5fa8\" fill-opacity=\"" + brief(0.15 + 0.85 * share) + "\"");
  }
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '"')
      result += "&quot;";
    else
      result += c;
  }
  return result;
}

std::string scatter_plot(const plot_texts& texts, const std::vector<point>& points,
                         const std::vector<marked_line>& lines, bool equal_axes) {
  range x, y;
  if (!points.empty()) {
    x = {points.front().x, points.front().x};
    y = {points.front().y, points.front().y};
  }
  for (const auto& p : points) {
    x.include(p.x);
    y.include(p.y);
  }
  for (const auto& l : lines) {
    if (l.slope != 0) continue;
    for (const double value : {l.intercept, l.lower, l.upper})
      if (l.lower < l.upper || value == l.intercept) y.include(value);
  }
  if (equal_axes) {
    x.include(y.low);
    x.include(y.high);
    y = x;
  }
  plot p(texts, x, y);
  draw_points(p, points);
  std::vector<marked_line> from_above = lines;
  std::stable_sort(from_above.begin(), from_above.end(),
                   [](const auto& a, const auto& b) { return a.intercept > b.intercept; });
  double last_text = 0;
  for (const auto& l : from_above) p.line(l, last_text);
  if (points.size() > 10'000)
    p.text(width - right + 8, height - bottom - 8, "darker: more pairs", "fill=\"#1f5fa8\"");
  return p.finish();
}

std::string histogram_plot(const plot_texts& texts, const std::vector<double>& values) {
  range x;
  if (!values.empty()) x = {values.front(), values.front()};
  for (const double value : values) x.include(value);
  const auto bins = static_cast<std::size_t>(
      std::clamp(2 * std::sqrt(static_cast<double>(values.size())), 5.0, 60.0));
  std::vector<std::size_t> counts(bins);
  const range padded = x.padded();
  const double bin = (padded.high - padded.low) / static_cast<double>(bins);
  for (const double value : values)
    ++counts[std::min(static_cast<std::size_t>((value - padded.low) / bin), bins - 1)];
  const auto most = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
  plot p(texts, x, {0, most});
  for (std::size_t i = 0; i < bins; ++i) {
    if (counts[i] == 0) continue;
    const double from = padded.low + static_cast<double>(i) * bin;
    p.rectangle(p.to_x(from), p.to_y(static_cast<double>(counts[i])), p.to_x(from + bin), p.to_y(0),
                "fill=\"#1f5fa8\"");
  }
  return p.finish();
}

}  // namespace gpuimg::cli
