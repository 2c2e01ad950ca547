// SPDX-License-Identifier: BSD-3-Clause
// Draws the outlines of labelled objects over a grey image, for people to look at.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/view.hpp"

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

/// Draws labels as coloured outlines over a grey image.
///
/// plane, labels: 2D, of equal shape; label 0 is background. The grey runs from the 0.35th
///   percentile (black) to the 99.65th (white) of the finite pixels, by nearest rank; NaN is black.
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

  std::vector<float> finite;
  std::copy_if(plane.begin(), plane.end(), std::back_inserter(finite),
               [](float value) { return std::isfinite(value); });
  const auto percentile = [&](double percent) {
    if (finite.empty()) return 0.0f;
    const double rank = percent / 100 * static_cast<double>(finite.size() - 1);
    const auto nth = finite.begin() + std::lround(rank);
    std::nth_element(finite.begin(), nth, finite.end());
    return *nth;
  };
  const float black = percentile(0.35), white = percentile(99.65);
  const auto grey = [&](float value) -> std::uint8_t {
    if (!(value > black)) return 0;
    if (value >= white) return 255;
    return static_cast<std::uint8_t>(std::lround(255 * (value - black) / (white - black)));
  };

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

/// Projects a 3D label image along z so that it fits the maximum projection of its image.
///
/// A pixel gets the label found where its column is brightest (the first such place), which is the
/// object that the projection shows; where that is background, the largest label of the column.
/// image, labels: of equal shape. returns x * y labels, x fastest.
/// throws argument_error where the shapes differ.
inline std::vector<std::uint32_t> project_labels(view<const float> image,
                                                 view<const std::uint32_t> labels) {
  const shape& size = image.shape();
  if (size != labels.shape())
    throw argument_error("project_labels: image and labels must have the same shape, got " +
                         to_string(size) + " and " + to_string(labels.shape()));
  std::vector<std::uint32_t> projected;
  for (std::size_t y = 0; y < size.y; ++y)
    for (std::size_t x = 0; x < size.x; ++x) {
      std::size_t brightest = 0;
      std::uint32_t largest = 0;
      for (std::size_t z = 0; z < size.z; ++z) {
        if (image(x, y, z) > image(x, y, brightest)) brightest = z;
        largest = std::max(largest, labels(x, y, z));
      }
      const std::uint32_t shown = largest == 0 ? 0 : labels(x, y, brightest);
      projected.push_back(shown != 0 ? shown : largest);
    }
  return projected;
}

}  // namespace gpuimg::cli
