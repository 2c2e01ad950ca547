// SPDX-License-Identifier: BSD-3-Clause
// standard_deviation_of_masked_pixels: how far pixels where a mask is are from their mean.
#pragma once

#include <cmath>

#include "gpuimg/algorithms/variance_of_masked_pixels.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct standard_deviation_of_masked_pixels {
  int ddof = 0;

  static constexpr operation_info about{
      .name = "standard_deviation_of_masked_pixels",
      .theme = "measure",
      .brief = "The standard deviation of the pixels where a mask is not 0",
      .source = "numpy.std (where)",
      .inputs = {{{"src", kind::image}, {"mask", kind::binary}}},
      .outputs = {{{"value", kind::scalar}}}};
  static constexpr void parameters(auto&& p) {
    p("ddof", &standard_deviation_of_masked_pixels::ddof, "",
      "how much less than the number of pixels divides", 0, 2147483647);
  }

  template <pixel T>
  double operator()(const image<T>& src, const binary_image& mask) const {
    return std::sqrt(gpuimg::variance_of_masked_pixels(src, mask, {.ddof = ddof}));
  }
};

}  // namespace ops

/// The square root of variance_of_masked_pixels. Else as that.
/// source   numpy.std (where); CLIJ2 standardDeviationOfMaskedPixels
template <pixel T>
double standard_deviation_of_masked_pixels(const image<T>& src, const binary_image& mask,
                                           const ops::standard_deviation_of_masked_pixels& p = {}) {
  return run(p, src, mask);
}

}  // namespace gpuimg
