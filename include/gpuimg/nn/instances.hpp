// SPDX-License-Identifier: BSD-3-Clause
// Objects from what networks give: label images from probabilities.
#pragma once

#include "gpuimg/algorithms/masked_voronoi_labeling.hpp"
#include "gpuimg/nn/sliding_window.hpp"
#include "gpuimg/ops/filter/detect_maxima.hpp"
#include "gpuimg/ops/filter/gaussian_blur.hpp"
#include "gpuimg/ops/label/labeling.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// How probabilities become objects.
struct instance_options {
  float threshold = 0.5f;          ///< what is above it is foreground
  float contour_threshold = 0.5f;  ///< what is above it lies between objects
  float spot_sigma = 0;            ///< above 0: one object per maximum after this blur, pixels
  int minimum_size = 0;            ///< smaller objects are removed, pixels
};

namespace detail {

inline label_image without_small(label_image labels, int minimum_size) {
  return minimum_size > 0 ? remove_small_labels(labels, {.minimum_size = minimum_size})
                          : std::move(labels);
}

}  // namespace detail

/// The objects in a channel of probabilities: connected components of the foreground; with
/// `spot_sigma`, the foreground divided among the maxima of the blurred channel.
/// src      f32, 2D or 3D: probabilities, or distances where a network gives them
/// returns  labels 1 ... n in raster order, the same shape
/// throws   argument_error, memory_error    parity  the same labels on every device
inline label_image instances(const image<float>& src, const instance_options& options = {}) {
  const binary_image foreground = greater_constant(src, {.scalar = options.threshold});
  if (options.spot_sigma <= 0)
    return detail::without_small(connected_component_labeling(foreground), options.minimum_size);
  const float sigma = options.spot_sigma;
  const image<float> blurred = gaussian_blur(
      src, {.sigma_x = sigma, .sigma_y = sigma, .sigma_z = src.shape().is_3d() ? sigma : 0});
  const binary_image spots = binary_and(detect_maxima(blurred), foreground);
  return detail::without_small(masked_voronoi_labeling(spots, foreground), options.minimum_size);
}

/// The objects in a channel of foreground and one of contours, as BiaPy's networks give them: what
/// is foreground and no contour are the seeds, which grow into the foreground.
/// throws   argument_error where the shapes differ, memory_error
/// source   BiaPy, instance segmentation with channels B and C
inline label_image instances(const image<float>& foreground, const image<float>& contours,
                             const instance_options& options = {}) {
  const binary_image mask = greater_constant(foreground, {.scalar = options.threshold});
  const binary_image inner = greater_constant(multiply_image_and_scalar(contours, {.scalar = -1}),
                                              {.scalar = -options.contour_threshold});
  return detail::without_small(masked_voronoi_labeling(binary_and(mask, inner), mask),
                               options.minimum_size);
}

}  // namespace gpuimg::nn
