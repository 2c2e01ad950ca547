// SPDX-License-Identifier: BSD-3-Clause
// binary_fill_holes: foreground without holes.
#pragma once

#include <cstdint>

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/label/labeling.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct binary_fill_holes {
  static constexpr operation_info about{.name = "binary_fill_holes",
                                        .theme = "morphology",
                                        .brief = "1 where the foreground is, or is all around",
                                        .source = "scipy.ndimage.binary_fill_holes",
                                        .inputs = {{{"src", kind::binary}}},
                                        .outputs = {{{"dst", kind::binary}}}};
  static void check(const shape& size) { detail::labeling::check_pixels(size); }

  binary_image operator()(const binary_image& src) const {
    const auto label = gpuimg::convert<std::uint32_t>(gpuimg::greater_constant(src, {.scalar = 0}));
    return gpuimg::greater_constant(gpuimg::fill_label_holes(label), {.scalar = 0});
  }
};

}  // namespace ops

/// Fills holes: pieces of the background, connected by faces (4 neighbours, 3D 6), that lie nowhere
/// at the edge of the image.
/// src      binary, 2D or 3D, fewer than 2^32 - 1 pixels
/// returns  u8, 0 and 1, the same shape
/// edges    those of a 2D image are its four sides, of a 3D one its six
/// throws   argument_error, memory_error (as fill_label_holes, and 8 bytes per pixel)
/// parity   the same bits on every device      cost  O(pixels), nearly
/// source   scipy.ndimage.binary_fill_holes
inline binary_image binary_fill_holes(const binary_image& src) {
  return run(ops::binary_fill_holes{}, src);
}

}  // namespace gpuimg
