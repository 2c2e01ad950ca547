// SPDX-License-Identifier: BSD-3-Clause
// variance_of_masked_pixels: how far pixels where a mask is are from their mean, squared.
#pragma once

#include "gpuimg/algorithms/mean_of_masked_pixels.hpp"
#include "gpuimg/algorithms/variance_of_all_pixels.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct variance_of_masked_pixels {
  int ddof = 0;

  static constexpr operation_info about{.name = "variance_of_masked_pixels",
                                        .theme = "measure",
                                        .brief = "The variance of the pixels where a mask is not 0",
                                        .source = "numpy.var (where)",
                                        .inputs = {{{"src", kind::image}, {"mask", kind::binary}}},
                                        .outputs = {{{"value", kind::scalar}}}};
  static constexpr void parameters(auto&& p) {
    p("ddof", &variance_of_masked_pixels::ddof, "",
      "how much less than the number of pixels divides", 0, 2147483647);
  }

  template <pixel T>
  double operator()(const image<T>& src, const binary_image& mask) const {
    const auto sum = [&](const auto& pixels) { return gpuimg::sum_of_masked_pixels(pixels, mask); };
    return detail::variance(src, detail::pixels_of(mask), sum, ddof);
  }
};

}  // namespace ops

/// The variance of the pixels where a mask is not 0, as variance_of_all_pixels of all; NaN without
/// pixels.
/// src      any pixel type    mask  of the same shape    p  ddof
/// returns  the variance; waits for the device
/// throws   argument_error (another shape), memory_error (three temporaries of floats)
/// parity   the same bits on every device    cost  O(pixels), six reads
/// source   numpy.var (where); CLIJ2 varianceOfMaskedPixels
template <pixel T>
double variance_of_masked_pixels(const image<T>& src, const binary_image& mask,
                                 const ops::variance_of_masked_pixels& p = {}) {
  return run(p, src, mask);
}

}  // namespace gpuimg
