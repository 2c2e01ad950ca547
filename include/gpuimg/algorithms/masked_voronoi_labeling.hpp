// SPDX-License-Identifier: BSD-3-Clause
// masked_voronoi_labeling: components grow inside a mask until they meet.
#pragma once

#include <vector>

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/label/labeling.hpp"
#include "gpuimg/ops/label/propagate_labels.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct masked_voronoi_labeling {
  static constexpr operation_info about{
      .name = "masked_voronoi_labeling",
      .theme = "label",
      .brief = "Label the connected components and grow them inside a mask until they meet",
      .source = "clesperanto masked_voronoi_labeling",
      .inputs = {{{"src", kind::binary}, {"mask", kind::binary}}},
      .outputs = {{{"dst", kind::labels}}}};

  label_image operator()(const binary_image& src, const binary_image& mask) const {
    return gpuimg::propagate_labels(gpuimg::connected_component_labeling(src), mask);
  }
};

}  // namespace ops

/// propagate_labels of connected_component_labeling (box): an octagonal Voronoi diagram of the
/// components of `src` inside `mask`; where two arrive together, the later one in raster order
/// wins.
/// src, mask  binary, the same shape, fewer than 2^32 - 1 pixels
/// returns  labels, the same shape      throws  argument_error, memory_error
/// parity   the same labels on every device; waits for the device now and then
/// source   clesperanto masked_voronoi_labeling; components outside the mask are dropped here, and
///          grow into it as label - 1 there
inline label_image masked_voronoi_labeling(const binary_image& src, const binary_image& mask) {
  return run(ops::masked_voronoi_labeling{}, src, mask);
}

}  // namespace gpuimg
