// SPDX-License-Identifier: BSD-3-Clause
// mean_of_masked_pixels: the mean of the pixels where a mask is.
#pragma once

#include "gpuimg/algorithms/sum_of_masked_pixels.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace detail {

/// How many pixels are not 0.
inline double pixels_of(const binary_image& mask) {
  return gpuimg::sum_of_all_pixels(gpuimg::greater_constant(mask, {.scalar = 0}));
}

}  // namespace detail

namespace ops {

struct mean_of_masked_pixels {
  static constexpr operation_info about{
      .name = "mean_of_masked_pixels",
      .theme = "measure",
      .brief = "The mean of the pixels where a mask is not 0",
      .source = "clesperanto prototype mean_of_masked_pixels; numpy.mean (where)",
      .inputs = {{{"src", kind::image}, {"mask", kind::binary}}},
      .outputs = {{{"value", kind::scalar}}}};

  template <pixel T>
  double operator()(const image<T>& src, const binary_image& mask) const {
    return gpuimg::sum_of_masked_pixels(src, mask) / detail::pixels_of(mask);
  }
};

}  // namespace ops

/// The mean of the pixels where a mask is not 0: sum_of_masked_pixels divided by their number. NaN
/// where there are none. Else as that.
/// source   numpy.mean (where); CLIJ2 meanOfMaskedPixels
template <pixel T>
double mean_of_masked_pixels(const image<T>& src, const binary_image& mask) {
  return run(ops::mean_of_masked_pixels{}, src, mask);
}

}  // namespace gpuimg
