// SPDX-License-Identifier: BSD-3-Clause
// maximum_position: where the greatest pixel is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "gpuimg/core/table.hpp"
#include "gpuimg/operation.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/ops/projection/projection.hpp"
#include "gpuimg/ops/transform/rearrangement.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// A pixel, and where it is.
struct pixel_position {
  gpuimg::position position;
  double value;
};

inline table to_table(const pixel_position& p) {
  const auto [x, y, z] = p.position;
  return {{"x", "y", "z", "value"},
          {{static_cast<double>(x), static_cast<double>(y), static_cast<double>(z), p.value}}};
}

namespace detail {

/// The first pixel that beats all others, row by row.
template <bool is_least, pixel T>
pixel_position position_of_extreme(const image<T>& src) {
  const auto is_number = [](T value) { return value == value; };
  const auto best_of = [&](const std::vector<T>& values) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < values.size(); ++i)
      if ((is_least ? values[i] < values[best] : values[i] > values[best]) ||
          (is_number(values[i]) && !is_number(values[best])))
        best = i;
    return best;
  };
  const std::size_t nx = src.shape().x, ny = src.shape().y;
  std::vector<T> of_rows;
  if constexpr (is_least)
    of_rows = pull(gpuimg::minimum_x_projection(src));
  else
    of_rows = pull(gpuimg::maximum_x_projection(src));
  if (!std::ranges::all_of(of_rows, is_number)) {  // rows that begin with NaN
    const auto values = pull(src);
    const std::size_t i = best_of(values);
    return {{i % nx, i / nx % ny, i / nx / ny}, static_cast<double>(values[i])};
  }
  const std::size_t row = best_of(of_rows), y = row % ny, z = row / ny;
  const auto values = pull(gpuimg::crop(src, {.start_y = static_cast<int>(y),
                                              .start_z = static_cast<int>(z),
                                              .width = static_cast<int>(nx)}));
  return {{best_of(values), y, z}, static_cast<double>(of_rows[row])};
}

}  // namespace detail

namespace ops {

struct maximum_position {
  static constexpr operation_info about{
      .name = "maximum_position",
      .theme = "measure",
      .brief = "Where the greatest pixel is",
      .source = "clesperanto maximum_position; scipy.ndimage.maximum_position",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"table", kind::table}}}};
  static void check(const shape& size) { detail::check_has_pixels(size); }

  template <pixel T>
  pixel_position operator()(const image<T>& src) const {
    return detail::position_of_extreme<false>(src);
  }
};

}  // namespace ops

/// Where the greatest pixel is, the first of equals from the first row of the first plane on. NaN
/// does not count, unless all pixels are NaN.
/// src      any pixel type, at least one pixel
/// returns  its position, from 0, and its value; waits for the device
/// throws   argument_error without pixels, memory_error
/// parity   the same on every device    cost  O(pixels), one read; the host goes over the extremes
///          of rows, or over all pixels where a row begins with NaN
/// source   clesperanto maximum_position; scipy.ndimage.maximum_position
template <pixel T>
pixel_position maximum_position(const image<T>& src) {
  return run(ops::maximum_position{}, src);
}

}  // namespace gpuimg
