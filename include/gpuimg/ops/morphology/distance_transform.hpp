// SPDX-License-Identifier: BSD-3-Clause
// distance_transform: how far each pixel is from the background. expand_labels, erode_labels:
// labels that grow or shrink by a distance.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "gpuimg/kernels/morphology/distance_transform.cl.hpp"
#include "gpuimg/neighborhood.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail {

/// The greatest whole number below `beyond` that is right, where 0 is and all up to it are.
template <class IsRight>
std::uint32_t greatest_right(std::uint32_t beyond, const IsRight& is_right) {
  std::uint32_t found = 0;
  while (beyond - found > 1) {
    const std::uint32_t middle = found + (beyond - found) / 2;
    (is_right(middle) ? found : beyond) = middle;
  }
  return found;
}

/// Euclidean distances between the pixels of an image, as kernels and references compute them: by
/// their squares. Those above `most` do not matter.
class pixel_distances {
 public:
  pixel_distances(const shape& size, const std::array<float, 3>& spacing,
                  float most = std::numeric_limits<float>::infinity())
      : steps(spacing), unit(spacing[0]), most_(most) {
    for (std::size_t axis = 0; axis < 3; ++axis) reach[axis] = reach_of(spacing[axis], most);
    double longest = 0;
    for (const std::size_t n : size.axes())
      longest += product(static_cast<double>(n), static_cast<double>(n));
    is_exact = spacing[0] == spacing[1] &&
               (!size.is_3d() || spacing[2] == spacing[0] || spacing[2] > most) &&
               (longest < whole_none || limit<std::uint32_t>() < whole_none - 1);
    if (is_exact)
      steps = {1, 1, 1};
    else
      unit = 1;
  }

  /// Cubes have whole squares, which fit 31 bits unless very long ones matter; others are floats.
  bool is_exact;
  std::array<float, 3> steps;            ///< from pixel to pixel
  float unit;                            ///< what all distances are multiplied by in the end
  std::array<std::uint32_t, 3> reach{};  ///< how many steps along an axis matter

  static gpuimg::halo halo(const std::array<float, 3>& spacing, float most) {
    return {reach_of(spacing[0], most), reach_of(spacing[1], most), reach_of(spacing[2], most)};
  }

  /// What makes kernels compute such squares.
  [[nodiscard]] opencl::defines macros(const opencl::device& device) const {
    opencl::defines all{{"SQUARE_T", is_exact ? "uint" : "float"}};
    if (!is_exact) all.add("IS_SPACED");
    if (device.launches().variant != opencl::kernel_variant::serial) all.add("ONE_PIXEL");
    return all;
  }
  /// The greatest square that matters.
  [[nodiscard]] opencl::argument greatest_square() const {
    return is_exact ? opencl::argument(limit<std::uint32_t>()) : opencl::argument(limit<float>());
  }
  /// Work-items that look along an axis.
  [[nodiscard]] opencl::grid items_along(std::size_t axis, const opencl::device& device,
                                         const shape& size) const {
    opencl::grid grid = row_vectors(device, size);
    if (device.launches().variant != opencl::kernel_variant::serial) {
      grid.x = size.x;
      // Wide enough, those of a group look at the same pixels.
      if (size.x >= 32 && axis == 1) grid.local = {32, 8, 1};
      if (size.x >= 32 && axis == 2) grid.local = {32, 1, 8};
    }
    grid.cost = 4 * std::min<std::size_t>(size.axes()[axis], reach[axis] + 1);
    return grid;
  }

  /// The distance of each pixel to the nearest 0, or to the nearest other value.
  template <pixel T>
  void to_background(view<float> dst, view<const T> src, bool between_labels) const {
    with_square([&]<class Square>(Square zero) {
      std::vector<feature<Square>> nearest(src.size());
      for (std::size_t i = 0; i < src.size(); ++i)
        nearest[i].first = src[i] == 0 ? zero : none<Square>();
      look_around(src.shape(), nearest, [&](const auto& before, std::size_t i, std::size_t there) {
        const bool ends = between_labels ? src[there] != src[i] : src[there] == 0;
        return ends ? feature<Square>{} : before[there];
      });
      for (std::size_t i = 0; i < dst.size(); ++i) dst[i] = distance_of(nearest[i].first);
    });
  }
  /// The label that is nearest to each pixel; 0 where none matters.
  void to_labels(view<std::uint32_t> dst, view<const std::uint32_t> src) const {
    with_square([&]<class Square>(Square zero) {
      std::vector<feature<Square>> nearest(src.size());
      for (std::size_t i = 0; i < src.size(); ++i)
        nearest[i] = {src[i] != 0 ? zero : none<Square>(), src[i]};
      look_around(src.shape(), nearest,
                  [](const auto& before, std::size_t, std::size_t there) { return before[there]; });
      for (std::size_t i = 0; i < dst.size(); ++i)
        dst[i] = distance_of(nearest[i].first) <= most_ ? nearest[i].second : 0;
    });
  }

 private:
  /// A square, and the label that was found there: the lesser of two is nearer, or of a smaller
  /// label.
  template <class Square>
  using feature = std::pair<Square, std::uint32_t>;

  static constexpr std::uint32_t whole_none = 1u << 31;
  /// What is greater than the square of any distance.
  template <class Square>
  static constexpr Square none() {
    if constexpr (std::same_as<Square, float>) return std::numeric_limits<float>::infinity();
    return static_cast<Square>(whole_none);
  }

  /// Calls `f(0)` with a square of the type that they have.
  template <class F>
  void with_square(const F& f) const {
    if (is_exact)
      f(std::uint32_t{0});
    else
      f(0.0f);
  }
  template <class Square>
  [[nodiscard]] Square square_of(std::size_t n, std::size_t axis) const {
    if constexpr (!std::same_as<Square, float>) return static_cast<Square>(n * n);
    const float distance = product(static_cast<float>(n), steps[axis]);
    return static_cast<Square>(product(distance, distance));
  }
  template <class Square>
  [[nodiscard]] float distance_of(Square square) const {
    if (square >= none<Square>()) return std::numeric_limits<float>::infinity();
    return std::sqrt(static_cast<float>(square)) * unit;
  }
  static std::uint32_t reach_of(float spacing, float most) {
    return greatest_right(whole_none - 1,
                          [&](std::uint32_t n) { return static_cast<float>(n) * spacing <= most; });
  }
  template <class Square>
  [[nodiscard]] Square limit() const {
    if constexpr (std::same_as<Square, float>)
      return std::bit_cast<float>(greatest_right(0x7f800000, [&](std::uint32_t bits) {
        return distance_of(std::bit_cast<float>(bits)) <= most_;  // bits have the order of floats
      }));
    else
      return greatest_right(whole_none,
                            [&](Square square) { return distance_of(square) <= most_; });
  }

  /// Each pixel i looks along one axis after the other for a lesser feature than its own:
  /// `seen(features, i, there)`, with the square of the distance on top.
  template <class Square, class Seen>
  void look_around(const shape& size, std::vector<feature<Square>>& features,
                   const Seen& seen) const {
    const std::array<std::size_t, 3> pitches{1, size.x, size.x * size.y};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::vector<feature<Square>> before = features;
      const std::size_t n = size.axes()[axis], pitch = pitches[axis];
      for (std::size_t i = 0; i < features.size(); ++i) {
        feature<Square>& nearest = features[i];
        const std::size_t at = i / pitch % n;
        for (std::size_t k = 1; k < n && k <= reach[axis]; ++k) {
          const auto square = square_of<Square>(k, axis);
          if (nearest.first < square) break;
          const auto look = [&](std::size_t there) {
            feature<Square> found = seen(before, i, there);
            found.first += square;
            nearest = std::min(nearest, found);
          };
          if (k <= at) look(i - k * pitch);
          if (at + k < n) look(i + k * pitch);
        }
      }
    }
  }

  float most_;
};

/// Launches the passes over all axes that make distances, or what follows from them. The macros are
/// those that the passes have besides.
inline void launch_distances(const opencl::device& device, const opencl::buffer_view& dst,
                             const opencl::buffer_view& src, const pixel_distances& distances,
                             const opencl::defines& macros) {
  const std::size_t axes = src.shape.is_3d() ? 3 : 2;
  const auto memory = device.allocate(dst.bytes());
  opencl::buffer_view squares = dst, closer = dst;  // in turns, so that the last one is dst
  (axes == 3 ? squares : closer).memory = memory.memory();
  for (std::size_t axis = 0; axis < axes; ++axis, std::swap(squares, closer)) {
    if (axis == 0 && device.launches().variant == opencl::kernel_variant::serial) {
      device.launch(kernels::distance_transform, "distance_transform__row", macros,
                    {src.shape.y * src.shape.z},
                    {src, closer, src.shape, distances.steps[0], distances.reach[0]});
      continue;
    }
    opencl::defines all = macros;
    if (axis == 0) all.add("FIRST");
    if (axis + 1 == axes) all.add("LAST");
    device.launch(
        kernels::distance_transform, "distance_transform__along", all,
        distances.items_along(axis, device, src.shape),
        {src, squares, closer, src.shape, static_cast<cl_uint>(axis), distances.steps[axis],
         distances.reach[axis], distances.unit, distances.greatest_square()});
  }
}

/// Of distances to the nearest 0: how high they are where ridges and peaks lie between pixels, as
/// ImageJ estimates it.
inline image<float> ridges_of(const image<float>& distances) {
  struct ridges {
    void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                    const opencl::buffer_view& src) const {
      device.launch(kernels::distance_transform, "distance_transform__ridges", {},
                    {.x = src.shape.x, .y = src.shape.y, .z = src.shape.z, .cost = 27},
                    {src, dst, src.shape});
    }
    void operator()(const reference::device&, view<float> dst, view<const float> src) const {
      const shape size = src.shape();
      for_each_pixel(src.shape(), [&](std::size_t x, std::size_t y, std::size_t z) {
        const bool is_inside = std::min(x, y) > 0 && x + 1 < size.x && y + 1 < size.y &&
                               (size.z == 1 || (z > 0 && z + 1 < size.z));
        const float here = src(x, y, z);
        dst(x, y, z) = is_inside && here > 0 ? height(src, x, y, z) : here;
      });
    }
    static float height(const view<const float>& src, std::size_t x, std::size_t y, std::size_t z) {
      constexpr float steps[] = {0, 1, 0x1.6a09e6p+0f, 0x1.bb67aep+0f};  // roots of 1, 2 and 3
      const bool is_3d = src.shape().z > 1;
      const float here = src(x, y, z);
      float height = here + 0.5f * steps[is_3d ? 3 : 2];
      bool is_ridge = false;
      for (std::size_t k = is_3d ? 13 : 4; k > 0; --k) {
        const std::size_t dx = (k + 1) % 3, dy = (k + 4) / 3 % 3, dz = (k + 13) / 9;
        const float a = src(x + dx - 1, y + dy - 1, z + dz - 1),
                    b = src(x + 1 - dx, y + 1 - dy, z + 1 - dz);
        const bool is_top = here >= a && here >= b;
        is_ridge = is_ridge || is_top;
        height = std::min(height, (is_top ? (a + b) * 0.5f : std::min(a, b)) +
                                      steps[(dx != 1) + (dy != 1) + (dz != 1)]);
      }
      return is_ridge ? height : here;
    }
  };
  image<float> dst(distances.device(), distances.shape());
  if (!dst.empty()) on_backend(ridges{}, distances)(dst);
  return dst;
}

}  // namespace detail

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
    const auto distances = distances_in(src.shape);
    opencl::defines macros = distances.macros(device);
    macros.add("SRC_T", opencl_name_of(src.type));
    if (between_labels) macros.add("BETWEEN_LABELS");
    detail::launch_distances(device, dst, src, distances, macros);
  }

  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    distances_in(src.shape()).to_background(dst, src, between_labels);
  }

 private:
  [[nodiscard]] detail::pixel_distances distances_in(const shape& size) const {
    return {size, {spacing_x, spacing_y, spacing_z}};
  }
};

struct erode_labels {
  float radius = 1, spacing_x = 1, spacing_y = 1, spacing_z = 1;

  static constexpr operation_info about{
      .name = "erode_labels",
      .theme = "morphology",
      .brief = "Take from every label what is near another label or the background",
      .source = "scipy.ndimage.distance_transform_edt of each label",
      .inputs = {{{"src", kind::labels}}},
      .outputs = {{{"dst", kind::labels}}}};
  static constexpr void parameters(auto&& p) {
    using op = erode_labels;
    p("radius", &op::radius, "", "what is no farther away than that goes", 0, 1e18);
    p("spacing_x", &op::spacing_x, "", "from pixel to pixel along x", 1e-7, 1e7);
    p("spacing_y", &op::spacing_y, "", "from pixel to pixel along y", 1e-7, 1e7);
    p("spacing_z", &op::spacing_z, "", "from plane to plane", 1e-7, 1e7);
  }
  [[nodiscard]] gpuimg::halo halo() const {
    return detail::pixel_distances::halo({spacing_x, spacing_y, spacing_z}, radius);
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const auto distances = distances_in(src.shape);
    opencl::defines macros = distances.macros(device);
    macros.add("SRC_T", "uint");
    macros.add("BETWEEN_LABELS");
    macros.add("ERODE");
    detail::launch_distances(device, dst, src, distances, macros);
  }

  void operator()(const reference::device&, view<std::uint32_t> dst,
                  view<const std::uint32_t> src) const {
    std::vector<float> memory(src.size());
    const view<float> depth(memory.data(), src.shape());
    distances_in(src.shape()).to_background(depth, src, true);
    for (std::size_t i = 0; i < dst.size(); ++i) dst[i] = depth[i] <= radius ? 0 : src[i];
  }

 private:
  [[nodiscard]] detail::pixel_distances distances_in(const shape& size) const {
    return {size, {spacing_x, spacing_y, spacing_z}, radius};
  }
};

struct expand_labels {
  float distance = 1, spacing_x = 1, spacing_y = 1, spacing_z = 1;

  static constexpr operation_info about{
      .name = "expand_labels",
      .theme = "morphology",
      .brief = "Grow labels by a Euclidean distance, until they meet",
      .source = "skimage.segmentation.expand_labels",
      .inputs = {{{"src", kind::labels}}},
      .outputs = {{{"dst", kind::labels}}}};
  static constexpr void parameters(auto&& p) {
    using op = expand_labels;
    p("distance", &op::distance, "", "how far labels grow at most", 0, 1e18);
    p("spacing_x", &op::spacing_x, "", "from pixel to pixel along x", 1e-7, 1e7);
    p("spacing_y", &op::spacing_y, "", "from pixel to pixel along y", 1e-7, 1e7);
    p("spacing_z", &op::spacing_z, "", "from plane to plane", 1e-7, 1e7);
  }
  [[nodiscard]] gpuimg::halo halo() const {
    return detail::pixel_distances::halo({spacing_x, spacing_y, spacing_z}, distance);
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const auto distances = distances_in(src.shape);
    const opencl::defines macros = distances.macros(device);
    const std::size_t axes = src.shape.is_3d() ? 3 : 2;
    const auto memory = device.allocate(dst.bytes());
    const opencl::buffer squares[] = {device.allocate(dst.bytes()),
                                      axes == 3 ? device.allocate(dst.bytes()) : opencl::buffer()};
    opencl::buffer_view labels = src, nearest = dst;
    for (std::size_t axis = 0; axis < axes; ++axis, labels = nearest) {
      const bool is_last = axis + 1 == axes;
      nearest.memory = (axes - axis) % 2 == 0 ? memory.memory() : dst.memory;  // dst in the end
      const opencl::buffer& closer = squares[is_last ? 0 : axis];
      if (axis == 0 && device.launches().variant == opencl::kernel_variant::serial) {
        device.launch(kernels::distance_transform, "distance_transform__nearest_in_row", macros,
                      {src.shape.y * src.shape.z},
                      {labels, nearest, closer, src.shape, distances.steps[0], distances.reach[0]});
        continue;
      }
      opencl::defines all = macros;
      if (axis == 0) all.add("FIRST");
      if (is_last) all.add("LAST");
      device.launch(kernels::distance_transform, "distance_transform__nearest_along", all,
                    distances.items_along(axis, device, src.shape),
                    {labels, squares[axis == 0 ? 0 : axis - 1], nearest, closer, src.shape,
                     static_cast<cl_uint>(axis), distances.steps[axis], distances.reach[axis],
                     distances.greatest_square()});
    }
  }

  void operator()(const reference::device&, view<std::uint32_t> dst,
                  view<const std::uint32_t> src) const {
    distances_in(src.shape()).to_labels(dst, src);
  }

 private:
  [[nodiscard]] detail::pixel_distances distances_in(const shape& size) const {
    return {size, {spacing_x, spacing_y, spacing_z}, distance};
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

/// Takes from every label the pixels that are no farther than `radius` from one of another label or
/// of the background, by `distance_transform` with `between_labels`. With a radius of 1 those go
/// that share a face with another label.
/// src      labels, 2D or 3D
/// p        radius in the unit of the spacing, 0 to 1e18; spacing_x, spacing_y, spacing_z from
///          pixel to pixel, 1e-7 to 1e7
/// returns  labels, the same shape, not numbered anew: a label may be in pieces, or gone
/// edges    beyond the image there is nothing: a label is not taken from there
/// throws   argument_error, memory_error (one temporary of the size of the result)
/// parity   the same labels on every device    cost  O(pixels radius), less where labels are thin
/// source   scipy.ndimage.distance_transform_edt of each label; clesperanto erode_labels, whose
///          steps are boxes and diamonds in turns
inline label_image erode_labels(const label_image& src, const ops::erode_labels& p = {}) {
  return run(p, src);
}

/// Gives each pixel of the background the label that is nearest to it, if that is no farther away
/// than `distance`, by `distance_transform`. Of several that are as near it is the smallest label.
/// With a great distance labels grow until they meet: the Voronoi diagram of the labels.
/// src      labels, 2D or 3D
/// p        distance in the unit of the spacing, 0 to 1e18; spacing_x, spacing_y, spacing_z from
///          pixel to pixel, 1e-7 to 1e7
/// returns  labels, the same shape
/// throws   argument_error, memory_error (two temporaries of the size of the result, in 3D three)
/// parity   the same labels on every device
/// cost     O(pixels), times the distances where those are long
/// source   skimage.segmentation.expand_labels, where no two labels are as near
inline label_image expand_labels(const label_image& src, const ops::expand_labels& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
