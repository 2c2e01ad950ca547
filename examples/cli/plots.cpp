// SPDX-License-Identifier: BSD-3-Clause
// Draws scatter plots and histograms.
#include "cli/plots.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace gpuimg::cli {
namespace {

constexpr double width = 800, height = 520, left = 90, right = 160, top = 40, bottom = 60;

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
  /// With a margin, and of some width: what is apart by less than a millionth is one number.
  [[nodiscard]] range padded() const {
    const double size = high - low, most = std::max(std::abs(low), std::abs(high));
    const double margin = size > most / 1e6 ? size / 20 : std::max(most, 1.0) / 20;
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

/// An SVG picture `width` wide, with a title and the names of its axes.
class canvas {
 public:
  canvas(const plot_texts& texts, double high) {
    const std::string size = "width=\"800\" height=\"" + coordinate(high) + "\"";
    svg_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 " + coordinate(high) +
           "\" " + size + " font-family=\"sans-serif\" font-size=\"14\">\n<rect " + size +
           " fill=\"white\"/>\n";
    text(left, 24, escaped(texts.title), "font-size=\"16\" font-weight=\"bold\"");
    text((left + width - right) / 2, high - 14, escaped(texts.x), "text-anchor=\"middle\"");
    const std::string middle = coordinate((top + high - bottom) / 2);
    text(0, 0, escaped(texts.y),
         "text-anchor=\"middle\" transform=\"translate(18 " + middle + ") rotate(-90)\"");
  }

  void add(const std::string& element) { svg_ += element + "\n"; }
  void rectangle(double x0, double y0, double x1, double y1, const std::string& style) {
    add("<rect x=\"" + coordinate(x0) + "\" y=\"" + coordinate(y0) + "\" width=\"" +
        coordinate(x1 - x0) + "\" height=\"" + coordinate(y1 - y0) + "\" " + style + "/>");
  }
  void segment(double x0, double y0, double x1, double y1, const std::string& style) {
    add("<line x1=\"" + coordinate(x0) + "\" y1=\"" + coordinate(y0) + "\" x2=\"" + coordinate(x1) +
        "\" y2=\"" + coordinate(y1) + "\" " + style + "/>");
  }
  void circle(double x, double y, double radius, const std::string& style) {
    add("<circle cx=\"" + coordinate(x) + "\" cy=\"" + coordinate(y) + "\" r=\"" +
        coordinate(radius) + "\" " + style + "/>");
  }
  void text(double x, double y, const std::string& content, const std::string& style) {
    add("<text x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) + "\" " + style + ">" + content +
        "</text>");
  }
  std::string finish() { return svg_ + "</svg>\n"; }

 private:
  std::string svg_;
};

class plot : public canvas {
 public:
  /// With powers of ten along y where those are logarithms.
  plot(const plot_texts& texts, const range& x, const range& y, bool is_logarithmic = false)
      : canvas(texts, height), x_(x.padded()), y_(y.padded()) {
    for (double at = std::ceil(x_.low / x_.step()) * x_.step(); at <= x_.high; at += x_.step()) {
      segment(to_x(at), height - bottom, to_x(at), height - bottom + 5, "stroke=\"black\"");
      text(to_x(at), height - bottom + 20, tick(at, x_), "text-anchor=\"middle\"");
    }
    const double step = is_logarithmic ? 1 : y_.step();
    for (double at = std::ceil(y_.low / step) * step; at <= y_.high; at += step) {
      segment(left - 5, to_y(at), left, to_y(at), "stroke=\"black\"");
      text(left - 8, to_y(at) + 5, is_logarithmic ? brief(std::pow(10, at)) : tick(at, y_),
           "text-anchor=\"end\"");
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

 private:
  static std::string tick(double at, const range& r) {
    const double step = r.step(), value = std::abs(at) < step / 1e6 ? 0 : at;
    const double decimals = std::max(-std::floor(std::log10(step) + 1e-9), 0.0);
    if (std::max(std::abs(r.low), std::abs(r.high)) >= 1e7 || decimals > 7) return brief(value);
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%.*f", static_cast<int>(decimals), value);
    return text.data();
  }
  range x_, y_;
};

void draw_points(plot& p, const std::vector<point>& points) {
  if (points.size() <= 10'000) {
    for (const auto& at : points)
      p.circle(p.to_x(at.x), p.to_y(at.y), 3, "fill=\"#1f5fa8\" fill-opacity=\"0.5\"");
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

std::string brief(double value, int digits) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*g", digits, value);
  return text.data();
}

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

std::string base64(const std::string& bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t k = i; k < i + 3; ++k)
      three = three << 8 | (k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      text += i + k > bytes.size() ? '=' : digits[three >> (18 - 6 * k) & 63];
  }
  return text;
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
  const bool is_logarithmic = most > 1000;  // else one pair beside them would not be seen
  const auto place_of = [&](double count) { return is_logarithmic ? std::log10(count) : count; };
  const range y = is_logarithmic ? range{-0.5, std::log10(most)} : range{0, most};
  plot p({texts.title, texts.x, texts.y + (is_logarithmic ? ", on a logarithmic scale" : "")}, x, y,
         is_logarithmic);
  for (std::size_t i = 0; i < bins; ++i) {
    if (counts[i] == 0) continue;
    const double from = padded.low + static_cast<double>(i) * bin;
    p.rectangle(p.to_x(from), p.to_y(place_of(static_cast<double>(counts[i]))), p.to_x(from + bin),
                p.to_y(y.low), "fill=\"#1f5fa8\"");
  }
  return p.finish();
}

std::string curve_plot(const plot_texts& texts, const point& across,
                       const std::vector<curve>& curves) {
  plot p(texts, {across.x, across.y}, {0, 1});
  constexpr std::array colours{"#1f5fa8", "#c0392b", "#1e8449", "#7d3c98",
                               "#b9770e", "#17a2a2", "#555555"};
  double text_at = top + 14;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const std::string colour = colours[i % colours.size()];
    std::string path;
    for (const auto& at : curves[i].points) {
      if (std::isnan(at.y)) continue;
      path += coordinate(p.to_x(at.x)) + "," + coordinate(p.to_y(at.y)) + " ";
      if (curves[i].points.size() <= 50)
        p.circle(p.to_x(at.x), p.to_y(at.y), 3, "fill=\"" + colour + "\"");
    }
    p.add("<polyline points=\"" + path + "\" fill=\"none\" stroke=\"" + colour +
          "\" stroke-width=\"1.5\"/>");
    p.text(width - right + 8, text_at, escaped(curves[i].name), "fill=\"" + colour + "\"");
    text_at += 20;
  }
  return p.finish();
}

std::string difference_plot(const plot_texts& texts, const shape& size, const std::string& png,
                            double most, const std::vector<point>& marks) {
  const auto columns = static_cast<double>(size.x), rows = static_cast<double>(size.y);
  const double scale = std::min((width - left - right) / columns, 700 / rows);  // of a pixel
  const double wide = scale * columns, high = scale * rows;
  canvas p(texts, top + std::max(high, 180.0) + bottom);
  p.add("<image x=\"" + coordinate(left) + "\" y=\"" + coordinate(top) + "\" width=\"" +
        coordinate(wide) + "\" height=\"" + coordinate(high) +
        "\" preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" "
        "href=\"data:image/png;base64," +
        base64(png) + "\"/>");
  p.rectangle(left, top, left + wide, top + high, "fill=\"none\" stroke=\"black\"");
  const double step = std::max(range{0, std::max(columns, rows)}.step(), 1.0);
  for (double at = 0; at < columns; at += step) {
    const double x = left + (at + 0.5) * scale;
    p.segment(x, top + high, x, top + high + 5, "stroke=\"black\"");
    p.text(x, top + high + 20, brief(at), "text-anchor=\"middle\"");
  }
  for (double at = 0; at < rows; at += step) {
    const double y = top + (at + 0.5) * scale;
    p.segment(left - 5, y, left, y, "stroke=\"black\"");
    p.text(left - 8, y + 5, brief(at), "text-anchor=\"end\"");
  }
  const double radius = std::max(8.0, scale);
  std::vector<point> circles;  // none over another
  for (const auto& mark : marks) {
    const point at{left + (mark.x + 0.5) * scale, top + (mark.y + 0.5) * scale};
    if (std::ranges::any_of(circles, [&](const point& other) {
          return std::hypot(at.x - other.x, at.y - other.y) < 2 * radius;
        }))
      continue;
    circles.push_back(at);
    p.circle(at.x, at.y, radius, "fill=\"none\" stroke=\"#1e8449\" stroke-width=\"1.5\"");
  }

  const double bar = width - right + 20;  // the scale of colours, with its three numbers
  p.add(
      "<defs><linearGradient id=\"scale\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"1\">"
      "<stop offset=\"0\" stop-color=\"#f00\"/><stop offset=\".49\" stop-color=\"#faa\"/>"
      "<stop offset=\".49\" stop-color=\"#fff\"/><stop offset=\".51\" stop-color=\"#fff\"/>"
      "<stop offset=\".51\" stop-color=\"#aaf\"/><stop offset=\"1\" stop-color=\"#00f\"/>"
      "</linearGradient></defs>");
  p.rectangle(bar, top, bar + 18, top + 100, "fill=\"url(#scale)\" stroke=\"black\"");
  p.text(bar + 26, top + 10, brief(most), "");
  p.text(bar + 26, top + 55, "0", "");
  p.text(bar + 26, top + 100, brief(-most), "");
  p.rectangle(bar, top + 116, bar + 18, top + 130, "fill=\"black\"");
  p.text(bar + 26, top + 128, "not finite", "");
  p.circle(bar + 9, top + 150, 8, "fill=\"none\" stroke=\"#1e8449\" stroke-width=\"1.5\"");
  p.text(bar + 26, top + 155, "worst pixels", "");
  return p.finish();
}

}  // namespace gpuimg::cli
