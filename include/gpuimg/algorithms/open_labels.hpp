// SPDX-License-Identifier: BSD-3-Clause
// open_labels: labels without what is thin.
#pragma once

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/label/labeling.hpp"
#include "gpuimg/ops/morphology/distance_transform.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct open_labels {
  float radius = 1, spacing_x = 1, spacing_y = 1, spacing_z = 1;

  static constexpr operation_info about{
      .name = "open_labels",
      .theme = "label",
      .brief = "Take from every label what is thin, and what hangs together by that alone",
      .source = "scipy.ndimage.distance_transform_edt of each label, twice",
      .inputs = {{{"src", kind::labels}}},
      .outputs = {{{"dst", kind::labels}}}};
  static constexpr void parameters(auto&& p) {
    using op = open_labels;
    p("radius", &op::radius, "", "of the balls that labels are made of", 0, 1e18);
    p("spacing_x", &op::spacing_x, "", "from pixel to pixel along x", 1e-7, 1e7);
    p("spacing_y", &op::spacing_y, "", "from pixel to pixel along y", 1e-7, 1e7);
    p("spacing_z", &op::spacing_z, "", "from plane to plane", 1e-7, 1e7);
  }
  static void check(const shape& size) { detail::labeling::check_pixels(size); }

  label_image operator()(const label_image& src) const {
    const auto cores = gpuimg::erode_labels(src, {radius, spacing_x, spacing_y, spacing_z});
    return gpuimg::expand_labels(gpuimg::keep_largest_pieces(cores),
                                 {radius, spacing_x, spacing_y, spacing_z});
  }
};

}  // namespace ops

/// expand_labels of keep_largest_pieces of erode_labels, all by `radius`: of each label the largest
/// piece of what balls of that radius fill, as far as they go. So spurs and bridges go, and a label
/// keeps no pixel that was not its own. Labels without room for a ball go.
/// src      labels, 2D or 3D, fewer than 2^32 - 1 pixels
/// p        radius in the unit of the spacing, 0 to 1e18; spacing_x, spacing_y, spacing_z from
///          pixel to pixel, 1e-7 to 1e7
/// returns  labels, the same shape; labels keep their values
/// edges    beyond the image there is nothing: a label is not taken from there
/// throws   argument_error, memory_error
/// parity   the same labels on every device; waits once, for the greatest label
/// cost     O(pixels radius), less where labels are thin
/// source   scipy.ndimage.distance_transform_edt of each label and of what stays of it
inline label_image open_labels(const label_image& src, const ops::open_labels& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
