// SPDX-License-Identifier: BSD-3-Clause
// sum_of_masked_pixels: the sum of the pixels where a mask is.
#pragma once

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct sum_of_masked_pixels {
  static constexpr operation_info about{.name = "sum_of_masked_pixels",
                                        .theme = "measure",
                                        .brief = "The sum of the pixels where a mask is not 0",
                                        .source = "numpy.sum (where)",
                                        .inputs = {{{"src", kind::image}, {"mask", kind::binary}}},
                                        .outputs = {{{"value", kind::scalar}}}};

  template <pixel T>
  double operator()(const image<T>& src, const binary_image& mask) const {
    return gpuimg::sum_of_all_pixels(gpuimg::mask(src, mask));
  }
};

}  // namespace ops

/// The sum of the pixels where a mask is not 0: sum_of_all_pixels where the others are 0.
/// src      any pixel type    mask  of the same shape
/// returns  the sum; waits for the device
/// throws   argument_error (another shape), memory_error (a temporary of the size of src)
/// parity   the same bits on every device    cost  O(pixels), two reads
/// source   numpy.sum (where); CLIJ2 sumOfMaskedPixels
template <pixel T>
double sum_of_masked_pixels(const image<T>& src, const binary_image& mask) {
  return run(ops::sum_of_masked_pixels{}, src, mask);
}

}  // namespace gpuimg
