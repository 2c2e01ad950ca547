// SPDX-License-Identifier: BSD-3-Clause
// Plots as SVG, to be read 800 pixels wide.
#pragma once

#include <string>
#include <vector>

#include "gpuimg/core/shape.hpp"

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

/// How often values occur; on a logarithmic scale where some do more than 1000 times.
std::string histogram_plot(const plot_texts& texts, const std::vector<double>& values);

struct curve {
  std::vector<point> points;
  std::string name;
};

/// Lines through points: x from across.x to across.y, y from 0 to 1. Points whose y is NaN are left
/// out.
std::string curve_plot(const plot_texts& texts, const point& across,
                       const std::vector<curve>& curves);

/// A picture of the pixels of a plane, y downwards, given as the bytes of a PNG file, with the
/// scale of its colours: red for `most`, white for 0, blue for -most, black for what is not finite.
/// Circles are around the marks, but not over each other.
std::string difference_plot(const plot_texts& texts, const shape& size, const std::string& png,
                            double most, const std::vector<point>& marks);

/// A number in up to `digits` digits.
std::string brief(double value, int digits = 4);

/// Text for HTML or SVG.
std::string escaped(const std::string& text);

/// Bytes for a "data:" address.
std::string base64(const std::string& bytes);

}  // namespace gpuimg::cli
