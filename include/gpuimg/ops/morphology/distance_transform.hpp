// SPDX-License-Identifier: BSD-3-Clause
// distance_transform: how far each pixel is from the background.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "gpuimg/kernels/morphology/distance_transform.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct distance_transform {
  float spacing_x = 1, spacing_y = 1, spacing_z = 1;
  bool between_labels = false;

  static constexpr operation_info about{
      .name = "distance_transform",
      .theme = "morphology",
      .brief = "The Euclidean distance to the nearest pixel that is 0",
      .source = "scipy.ndimage.distance_transform_edt",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    using op = distance_transform;
    p("spacing_x", &op::spacing_x, "", "from pixel to pixel along x", 1e-7, 1e7);
    p("spacing_y", &op::spacing_y, "", "from pixel to pixel along y", 1e-7, 1e7);
    p("spacing_z", &op::spacing_z, "", "from plane to plane", 1e-7, 1e7);
    p("between_labels", &op::between_labels, "", "whether other labels count as background, too");
  }
  template <pixel T>
  using dst_pixel = float;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const bool serial = device.launches().variant == opencl::kernel_variant::serial;
    opencl::defines macros{{"SRC_T", opencl_name_of(src.type)}};
    macros.add("SQUARE_T", is_exact(src.shape) ? "uint" : "float");
    if (!is_exact(src.shape)) macros.add("IS_SPACED");
    if (between_labels) macros.add("BETWEEN_LABELS");
    if (!serial) macros.add("ONE_PIXEL");
    const auto spacing = spacing_of(src.shape);
    const std::size_t axes = src.shape.is_3d() ? 3 : 2;
    const auto memory = device.allocate(dst.bytes());
    opencl::buffer_view squares = dst, closer = dst;  // in turns, so that the last one is dst
    (axes == 3 ? squares : closer).memory = memory.memory();
    for (std::size_t axis = 0; axis < axes; ++axis, std::swap(squares, closer)) {
      if (axis == 0 && serial) {
        device.launch(kernels::distance_transform, "distance_transform__row", macros,
                      {src.shape.y * src.shape.z}, {src, closer, src.shape, spacing[0]});
        continue;
      }
      opencl::defines all = macros;
      if (axis == 0) all.add("FIRST");
      if (axis + 1 == axes) all.add("LAST");
      opencl::grid grid = detail::row_vectors(device, src.shape);
      if (!serial) grid.x = src.shape.x;
      grid.cost = 4 * src.shape.axes()[axis];
      device.launch(kernels::distance_transform, "distance_transform__along", all, grid,
                    {src, squares, closer, src.shape, static_cast<cl_uint>(axis), spacing[axis],
                     unit_of(src.shape)});
    }
  }

  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    if (is_exact(src.shape()))
      transform<std::uint32_t>(dst, src);
    else
      transform<float>(dst, src);
  }

 private:
  /// Cubes have whole squared distances, which fit 31 bits unless an image is very long.
  [[nodiscard]] bool is_exact(const shape& size) const {
    double longest = 0;
    for (const std::size_t n : size.axes())
      longest += detail::product(static_cast<double>(n), static_cast<double>(n));
    return spacing_x == spacing_y && (!size.is_3d() || spacing_x == spacing_z) &&
           longest < 2147483648.0;
  }
  /// Of each axis; where that is 1, `unit_of` is what all distances are multiplied by in the end.
  [[nodiscard]] std::array<float, 3> spacing_of(const shape& size) const {
    if (is_exact(size)) return {1, 1, 1};
    return {spacing_x, spacing_y, spacing_z};
  }
  [[nodiscard]] float unit_of(const shape& size) const { return is_exact(size) ? spacing_x : 1; }

  template <class Square, pixel T>
  void transform(view<float> dst, view<const T> src) const {
    constexpr bool exact = std::same_as<Square, std::uint32_t>;
    constexpr Square none = exact ? Square{1u << 31} : std::numeric_limits<Square>::infinity();
    const shape size = src.shape();
    const auto spacing = spacing_of(size);
    const float unit = unit_of(size);
    std::vector<Square> squares(src.size()), closer(src.size());
    for (std::size_t i = 0; i < src.size(); ++i) squares[i] = src[i] == 0 ? Square{0} : none;
    const std::array<std::size_t, 3> steps{1, size.x, size.x * size.y};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto square_of = [&](std::size_t n) {
        if constexpr (exact) return static_cast<Square>(n * n);
        const float distance = detail::product(static_cast<float>(n), spacing[axis]);
        return static_cast<Square>(detail::product(distance, distance));
      };
      for (std::size_t i = 0; i < src.size(); ++i) {
        const std::size_t n = size.axes()[axis], at = i / steps[axis] % n;
        Square best = squares[i];
        const auto look = [&](std::size_t there, Square square) {
          const bool ends = between_labels ? src[there] != src[i] : src[there] == 0;
          const Square found = ends ? Square{0} : squares[there];
          best = std::min(best, found + square);
        };
        for (std::size_t k = 1; k < n && best > square_of(k); ++k) {
          if (k <= at) look(i - k * steps[axis], square_of(k));
          if (at + k < n) look(i + k * steps[axis], square_of(k));
        }
        closer[i] = best;
      }
      squares.swap(closer);
    }
    for (std::size_t i = 0; i < dst.size(); ++i)
      dst[i] = squares[i] >= none ? std::numeric_limits<float>::infinity()
                                  : std::sqrt(static_cast<float>(squares[i])) * unit;
  }
};

}  // namespace ops

/// The Euclidean distance from each pixel to the nearest one that is 0, exact; `between_labels` to
/// the nearest one of another value: how deep a pixel lies inside its label.
///     dst(p) = src(p) = 0 ? 0 : least |q - p| over the pixels q with src(q) = 0 (or != src(p))
/// src      any pixel type, 2D or 3D
/// p        spacing_x, spacing_y, spacing_z from pixel to pixel, 1e-7 to 1e7 in any unit;
///          between_labels
/// returns  f32 in the unit of the spacing; infinity where there is no such pixel
/// edges    no pixel lies beyond them
/// throws   argument_error, memory_error (one temporary of the size of the result)
/// parity   the same bits on every device: with one spacing along all axes the root of a whole
///          number, rounded once
/// cost     O(pixels), times the distances where those are long
/// source   scipy.ndimage.distance_transform_edt
template <pixel T>
image<float> distance_transform(const image<T>& src, const ops::distance_transform& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
