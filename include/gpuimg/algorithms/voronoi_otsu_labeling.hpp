// SPDX-License-Identifier: BSD-3-Clause
// voronoi_otsu_labeling: blob-like objects, such as nuclei, told apart and outlined.
#pragma once

#include <optional>

#include "gpuimg/algorithms/masked_voronoi_labeling.hpp"
#include "gpuimg/algorithms/threshold_otsu.hpp"
#include "gpuimg/operation.hpp"
#include "gpuimg/ops/filter/detect_maxima.hpp"
#include "gpuimg/ops/filter/gaussian_blur.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct voronoi_otsu_labeling {
  float spot_sigma = 2, outline_sigma = 2;

  static constexpr operation_info about{.name = "voronoi_otsu_labeling",
                                        .theme = "label",
                                        .brief =
                                            "Label blob-like objects: maxima of a blurred image "
                                            "grow inside its thresholded foreground",
                                        .source = "clesperanto voronoi_otsu_labeling",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::labels}}}};
  static constexpr void parameters(auto&& p) {
    using Op = voronoi_otsu_labeling;
    p("spot_sigma", &Op::spot_sigma, "pixel",
      "blur before objects are found: about their radius / 3", 0, 1e4);
    p("outline_sigma", &Op::outline_sigma, "pixel", "blur before the foreground is found", 0, 1e4);
  }

  template <pixel T>
  label_image operator()(const image<T>& src) const {
    const auto blurred = [&](float sigma) {
      return gpuimg::gaussian_blur(src, {.sigma_x = sigma, .sigma_y = sigma, .sigma_z = sigma});
    };
    std::optional smooth = blurred(outline_sigma);
    const auto foreground = gpuimg::threshold_otsu(*smooth);
    if (spot_sigma != outline_sigma) {
      smooth.reset();  // its memory serves what follows, here and below
      smooth = blurred(spot_sigma);
    }
    const auto spots = gpuimg::binary_and(gpuimg::detect_maxima(*smooth), foreground);
    smooth.reset();
    return gpuimg::masked_voronoi_labeling(spots, foreground);
  }
};

}  // namespace ops

/// Tells blob-like objects apart and outlines them: the maxima of the image blurred with spot_sigma
/// that lie in its foreground, which is threshold_otsu of the image blurred with outline_sigma,
/// grow in the foreground until they meet (masked_voronoi_labeling). Foreground without a maximum
/// is dropped.
/// src      any pixel type, 2D or 3D, bright objects on a dark background
/// p        spot_sigma and outline_sigma in pixels along every axis, 0 to 10000
/// returns  labels, the same shape      edges  nearest pixel repeated
/// throws   argument_error, memory_error (about 5 temporaries of 4 bytes per pixel)
/// parity   the same labels on every device; waits for the device
/// source   clesperanto voronoi_otsu_labeling; differs where a Gaussian's radius or a bin of the
///          histogram does (see gaussian_blur, otsu_threshold)    example  examples/nuclei.cpp
template <pixel T>
label_image voronoi_otsu_labeling(const image<T>& src, const ops::voronoi_otsu_labeling& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
