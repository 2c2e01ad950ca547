// SPDX-License-Identifier: BSD-3-Clause
// Draws the outlines of labelled objects over a grey image, for people to look at.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "cli/pixels.hpp"
#include "gpuimg/core/error.hpp"
#include "gpuimg/core/host_image.hpp"
#include "gpuimg/core/view.hpp"
#include "gpuimg/io/png.hpp"

namespace gpuimg::cli {

using rgb = std::array<std::uint8_t, 3>;

/// Saturated colours of middling brightness: they stand out from white, from black and from grey.
inline constexpr rgb outline_colours[] = {{255, 64, 64}, {0, 190, 60},   {80, 130, 255},
                                          {255, 150, 0}, {230, 60, 230}, {0, 190, 215},
                                          {190, 190, 0}};

/// The colour of an object's outline; consecutive ids have different hues.
constexpr rgb outline_colour(std::uint32_t id) {
  return outline_colours[id % std::size(outline_colours)];
}

/// How often draw_overlay repeats each pixel along x and y: as often as brings the longer side to
/// 512 pixels, rounded up, so that outlines stay thin beside the objects of small images.
constexpr std::size_t overlay_scale(const shape& size) {
  const std::size_t longest = std::max(size.x, size.y);
  return longest == 0 ? 1 : (std::max<std::size_t>(longest, 512) + longest - 1) / longest;
}

/// Which pixels are black and which are white.
struct contrast {
  float black = 0, white = 0;

  [[nodiscard]] std::uint8_t operator()(float value) const {
    if (!(value > black)) return 0;
    if (value >= white) return 255;
    return static_cast<std::uint8_t>(std::lround(255 * (value - black) / (white - black)));
  }
};

/// Percentiles of the finite ones of every step-th pixel, by nearest rank; 0 where there are none.
inline std::vector<float> percentiles_of(view<const float> pixels, const std::vector<double>& which,
                                         std::size_t step = 1) {
  std::vector<float> finite, found;
  for (std::size_t i = 0; i < pixels.size(); i += step)
    if (std::isfinite(pixels[i])) finite.push_back(pixels[i]);
  if (finite.empty()) return std::vector<float>(which.size());
  for (const double percent : which) {
    const double rank = percent / 100 * static_cast<double>(finite.size() - 1);
    const auto nth = finite.begin() + std::lround(rank);
    std::nth_element(finite.begin(), nth, finite.end());
    found.push_back(*nth);
  }
  return found;
}

/// From the 0.35th percentile (black) to the 99.65th (white) of the finite pixels.
inline contrast contrast_of(view<const float> pixels) {
  const auto ends = percentiles_of(pixels, {0.35, 99.65});
  return {ends[0], ends[1]};
}

/// Draws labels as coloured outlines over a grey image.
///
/// plane, labels: 2D, of equal shape; label 0 is background. The grey is that of
///   contrast_of; NaN is black.
/// returns red, green, blue per pixel, rows of `scale * x` pixels, `scale * y` rows, where scale is
///   overlay_scale(plane.shape()). Outlines are one pixel of the picture wide and lie inside their
///   objects, on pixels one of whose four neighbours carries another label; the picture's edge
///   draws no outline.
/// throws argument_error where the shapes differ or have a depth.
inline std::vector<std::uint8_t> draw_overlay(view<const float> plane,
                                              view<const std::uint32_t> labels) {
  const shape& size = plane.shape();
  if (size != labels.shape() || size.is_3d())
    throw argument_error("draw_overlay: plane and labels must be 2D and of the same shape, got " +
                         to_string(size) + " and " + to_string(labels.shape()));

  const contrast grey = contrast_of(plane);
  const std::size_t scale = overlay_scale(size), width = scale * size.x, height = scale * size.y;
  const auto label_at = [&](std::size_t x, std::size_t y) { return labels(x / scale, y / scale); };
  std::vector<std::uint8_t> picture;
  picture.reserve(width * height * 3);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const std::uint32_t id = label_at(x, y);
      const bool outline =
          id != 0 && ((x > 0 && label_at(x - 1, y) != id) || (y > 0 && label_at(x, y - 1) != id) ||
                      (x + 1 < width && label_at(x + 1, y) != id) ||
                      (y + 1 < height && label_at(x, y + 1) != id));
      const std::uint8_t value = grey(plane(x / scale, y / scale));
      const rgb colour = outline ? outline_colour(id) : rgb{value, value, value};
      picture.insert(picture.end(), colour.begin(), colour.end());
    }
  return picture;
}

/// The greatest of each column along z: x * y pixels or labels, x fastest.
template <class T>
std::vector<T> maximum_projection(view<const T> stack) {
  const std::size_t plane = stack.shape().x * stack.shape().y;
  std::vector<T> projected(stack.begin(), stack.begin() + plane);
  for (std::size_t i = plane; i < stack.size(); ++i)
    projected[i % plane] = std::max(projected[i % plane], stack[i]);
  return projected;
}

/// The outlines of the objects over the image; of a stack, those of both maximum projections.
inline void write_overlay(const std::string& path, const host_image& image,
                          const host_image& labels) {
  const host_image as_float = to_float(image);
  const shape flat{image.size.x, image.size.y};
  const auto plane = maximum_projection(as_float.as<float>());
  const auto outlined = maximum_projection(labels.as<std::uint32_t>());
  const auto picture = draw_overlay({plane.data(), flat}, {outlined.data(), flat});
  const std::size_t scale = overlay_scale(flat);
  io::write_png_rgb(path, scale * flat.x, scale * flat.y, picture);
}

}  // namespace gpuimg::cli
