// SPDX-License-Identifier: BSD-3-Clause
// jaccard_index: how far two binary images overlap.
#pragma once

#include <concepts>
#include <cstdint>

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/measure/sum.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct jaccard_index {
  static constexpr operation_info about{
      .name = "jaccard_index",
      .theme = "measure",
      .brief = "How many of the pixels that are not 0 in one of two images are so in both",
      .source = "clesperanto jaccard_index; sklearn.metrics.jaccard_score",
      .inputs = {{{"src0", kind::binary}, {"src1", kind::binary}}},
      .outputs = {{{"value", kind::scalar}}}};

  // A template, as who does not use it shall not wait for its compilation.
  template <std::same_as<std::uint8_t> T>
  double operator()(const image<T>& src0, const image<T>& src1) const {
    const double of_both = gpuimg::sum_of_all_pixels(gpuimg::binary_and(src0, src1));
    return of_both / gpuimg::sum_of_all_pixels(gpuimg::binary_or(src0, src1));
  }
};

}  // namespace ops

/// How many of the pixels that are not 0 in one of two images are so in both, from 0, where none
/// is, to 1, where all are: the intersection over the union. NaN where there is no such pixel.
/// src0, src1  binary, the same shape
/// returns  the quotient of exact counts; waits for the device
/// throws   argument_error, memory_error (one byte per pixel)
/// parity   the same bits on every device    cost  O(pixels), six reads
/// source   clesperanto jaccard_index; sklearn.metrics.jaccard_score
template <std::same_as<std::uint8_t> T>
double jaccard_index(const image<T>& src0, const image<T>& src1) {
  return run(ops::jaccard_index{}, src0, src1);
}

}  // namespace gpuimg
