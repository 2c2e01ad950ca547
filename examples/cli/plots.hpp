// SPDX-License-Identifier: BSD-3-Clause
// Plots as SVG, to be read 800 pixels wide.
#pragma once

#include <string>
#include <vector>

namespace gpuimg::cli {

struct point {
  double x = 0, y = 0;
};

/// A line across the plot, with the band that its interval covers.
struct marked_line {
  double slope = 0, intercept = 0;  ///< y = slope * x + intercept
  double lower = 0, upper = 0;      ///< of the band, where lower < upper; for lines of slope 0
  std::string text;
};

struct plot_texts {
  std::string title, x, y;
};

/// Points where there are up to 10,000; else how many there are in each cell of a grid, on a
/// logarithmic scale. With `equal_axes` both axes show the same range.
std::string scatter_plot(const plot_texts& texts, const std::vector<point>& points,
                         const std::vector<marked_line>& lines, bool equal_axes = false);

/// How often values occur.
std::string histogram_plot(const plot_texts& texts, const std::vector<double>& values);

/// Text for HTML or SVG.
std::string escaped(const std::string& text);

}  // namespace gpuimg::cli
