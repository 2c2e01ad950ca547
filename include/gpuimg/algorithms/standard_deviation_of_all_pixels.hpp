// SPDX-License-Identifier: BSD-3-Clause
// standard_deviation_of_all_pixels: how far pixels are from their mean.
#pragma once

#include <cmath>

#include "gpuimg/algorithms/variance_of_all_pixels.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct standard_deviation_of_all_pixels {
  int ddof = 0;

  static constexpr operation_info about{
      .name = "standard_deviation_of_all_pixels",
      .theme = "measure",
      .brief = "The standard deviation of all pixels",
      .source = "clesperanto standard_deviation_of_all_pixels; numpy.std",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"value", kind::scalar}}}};
  static constexpr void parameters(auto&& p) {
    p("ddof", &standard_deviation_of_all_pixels::ddof, "",
      "how much less than the number of pixels divides", 0, 2147483647);
  }
  static void check(const shape& size) { detail::reduction::check_pixels(size); }

  template <pixel T>
  double operator()(const image<T>& src) const {
    return std::sqrt(gpuimg::variance_of_all_pixels(src, {.ddof = ddof}));
  }
};

}  // namespace ops

/// The square root of variance_of_all_pixels. Else as that.
/// source   clesperanto standard_deviation_of_all_pixels; numpy.std
template <pixel T>
double standard_deviation_of_all_pixels(const image<T>& src,
                                        const ops::standard_deviation_of_all_pixels& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
