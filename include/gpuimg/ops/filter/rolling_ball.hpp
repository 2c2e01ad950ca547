// SPDX-License-Identifier: BSD-3-Clause
// rolling_ball: the background below what is narrower than a ball.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "gpuimg/core/product.hpp"
#include "gpuimg/kernels/filter/rolling_ball.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::rolling_ball {

/// The upper part of a ball, on a grid of blocks of pixels. The larger it is the larger are the
/// blocks, and the more is left out of its sides, which are steep.
struct ball {
  std::size_t shrink, half;    ///< pixels of a block along each axis; blocks to each side
  std::vector<float> heights;  ///< row by row

  explicit ball(double radius)
      : shrink(radius <= 10    ? 1
               : radius <= 30  ? 2
               : radius <= 100 ? 4
                               : 8) {
    const double small = std::max(radius / static_cast<double>(shrink), 1.0);
    const int left_out_percent = shrink <= 2 ? 24 : shrink == 4 ? 32 : 40;
    const int left_out = static_cast<int>(left_out_percent * small) / 100;
    half = static_cast<std::size_t>(std::floor(small - left_out + 0.5));
    const auto from_centre = [this](std::size_t i) {
      return static_cast<double>(i) - static_cast<double>(half);
    };
    for (std::size_t y = 0; y < side(); ++y)
      for (std::size_t x = 0; x < side(); ++x) {
        const double square =
            small * small - from_centre(x) * from_centre(x) - from_centre(y) * from_centre(y);
        heights.push_back(static_cast<float>(std::sqrt(std::max(square, 0.0))));
      }
  }
  [[nodiscard]] std::size_t side() const { return 2 * half + 1; }

  [[nodiscard]] shape blocks(const shape& size) const {
    return {pieces(size.x, shrink), pieces(size.y, shrink), size.z};
  }
};

inline constexpr float third = 0.33333333f;

/// Means of 3 x 3 pixels of a plane, along x first.
inline void smooth(std::vector<float>& pixels, std::size_t nx, std::size_t ny) {
  const auto along = [&](std::size_t lines, std::size_t between, std::size_t n, std::size_t step) {
    for (std::size_t line = 0; line < lines; ++line) {
      float* at = pixels.data() + line * between;
      float before = at[0];
      for (std::size_t i = 0; i < n; ++i, at += step) {
        const float here = at[0];
        at[0] = (before + here + at[i + 1 < n ? step : 0]) * third;
        before = here;
      }
    }
  };
  along(ny, nx, nx, 1);
  along(nx, 1, ny, nx);
}

/// Between which blocks a pixel is, and the share of the first one.
struct between {
  std::size_t first, next;
  float share;

  between(std::size_t i, std::size_t shrink, std::size_t blocks)
      : first(std::min((std::max(i, shrink / 2) - shrink / 2) / shrink,
                       std::max<std::size_t>(blocks, 2) - 2)),
        next(std::min(first + 1, blocks - 1)),
        share(1 - ((static_cast<float>(i) + 0.5f) / static_cast<float>(shrink) -
                   (static_cast<float>(first) + 0.5f))) {}
  /// One of them alone where the other has no share, whatever it is.
  [[nodiscard]] float mixed(float a, float b) const {
    return share == 1 ? a : share == 0 ? b : product(a, share) + product(b, 1 - share);
  }
};

/// What a ball that rolls below touches, of blocks of a plane.
inline std::vector<float> touched(const std::vector<float>& blocks, const shape& size,
                                  const ball& ball) {
  const auto side = static_cast<std::ptrdiff_t>(ball.side());
  const auto half = static_cast<std::ptrdiff_t>(ball.half);
  const auto nx = static_cast<std::ptrdiff_t>(size.x), ny = static_cast<std::ptrdiff_t>(size.y);
  std::vector<float> found(blocks.size(), -std::numeric_limits<float>::infinity());
  for (std::ptrdiff_t y = -half; y < ny + half; ++y)
    for (std::ptrdiff_t x = -half; x < nx + half; ++x) {
      const auto below = [&](auto&& f) {  // block, height
        for (std::ptrdiff_t j = std::max(y - half, std::ptrdiff_t{0});
             j <= std::min(y + half, ny - 1); ++j)
          for (std::ptrdiff_t i = std::max(x - half, std::ptrdiff_t{0});
               i <= std::min(x + half, nx - 1); ++i)
            f(static_cast<std::size_t>(i + nx * j),
              ball.heights[static_cast<std::size_t>(i - x + half + side * (j - y + half))]);
      };
      float height = std::numeric_limits<float>::infinity();
      below([&](std::size_t i, float z) {
        if (blocks[i] - z < height) height = blocks[i] - z;
      });
      below([&](std::size_t i, float z) {
        if (height + z > found[i]) found[i] = height + z;
      });
    }
  return found;
}

}  // namespace detail::rolling_ball

namespace ops {

struct rolling_ball {
  float radius = 50;
  bool light_background = false, smoothing = true;

  static constexpr operation_info about{
      .name = "rolling_ball",
      .theme = "filter",
      .brief = "The background below what is narrower than a ball",
      .source = "ImageJ's Subtract Background (create)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("radius", &rolling_ball::radius, "pixel", "of the ball", 1, 1000);
    p("light_background", &rolling_ball::light_background, "",
      "the background is light, objects are dark");
    p("smoothing", &rolling_ball::smoothing, "", "means of 3 x 3 pixels are taken before");
  }
  template <pixel T>
  using dst_pixel = float;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const detail::rolling_ball::ball ball(radius);
    const bool cooperative = device.launches().variant == opencl::kernel_variant::cooperative;
    const std::size_t vector = cooperative ? 1 : device.vector_width();
    const auto whole = [&](std::size_t n) { return detail::pieces(n, vector) * vector; };
    // The rows of what a vector reads from are so long that it need not ask.
    const shape touched_size = ball.blocks(src.shape);
    const std::size_t margin = 2 * ball.half;
    const shape places_size{whole(whole(touched_size.x) + margin), touched_size.y + margin,
                            src.shape.z};
    const shape blocks_size{places_size.x + margin, places_size.y + margin, src.shape.z};
    const auto floats = [&](const shape& size) {
      return device.allocate(size.pixels() * sizeof(cl_float));
    };

    opencl::defines macros{{"SRC_T", opencl_name_of(src.type)}};
    if (smoothing) macros.add("SMOOTH");
    if (light_background) macros.add("NEGATED");
    if (cooperative) macros.add("ONE_PIXEL");
    const auto launch = [&](const char* kernel, const shape& size, std::size_t cost,
                            std::initializer_list<opencl::argument> arguments) {
      opencl::grid grid{detail::pieces(size.x, vector), size.y, size.z};
      if (cooperative) grid.local = {32, 8, 1};
      grid.cost = cost * vector;
      device.launch(kernels::rolling_ball, kernel, macros, grid, arguments);
    };
    const auto shrink = static_cast<cl_int>(ball.shrink), half = static_cast<cl_int>(ball.half),
               side = static_cast<cl_int>(ball.side());
    const std::size_t points = ball.heights.size();
    const auto heights = device.table(std::span<const float>(ball.heights));
    const auto smooth = floats(src.shape), blocks = floats(blocks_size);
    launch("rolling_ball__smooth", src.shape, 9, {src, smooth, src.shape});
    opencl::grid each{blocks_size.x, blocks_size.y, blocks_size.z};
    each.cost = ball.shrink * ball.shrink;
    device.launch(kernels::rolling_ball, "rolling_ball__shrink", macros, each,
                  {smooth, blocks, src.shape, blocks_size, shrink, half});
    const auto places = floats(places_size), touched = floats(touched_size);
    launch("rolling_ball__rise", places_size, points,
           {blocks, places, heights, blocks_size, places_size, side});
    launch("rolling_ball__touch", touched_size, points,
           {places, touched, heights, places_size, touched_size, side});
    launch("rolling_ball__enlarge", src.shape, 16,
           {touched, dst, touched_size, src.shape, shrink, 1 / static_cast<float>(ball.shrink)});
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    const detail::rolling_ball::ball ball(radius);
    const shape& size = src.shape();
    const shape blocks_size = ball.blocks({size.x, size.y});
    const float sign = light_background ? -1.0f : 1.0f;
    for (std::size_t z = 0; z < size.z; ++z) {
      std::vector<float> plane;
      for (std::size_t i = 0; i < size.x * size.y; ++i)
        plane.push_back(sign * static_cast<float>(src[i + size.x * size.y * z]));
      if (smoothing) detail::rolling_ball::smooth(plane, size.x, size.y);
      std::vector<float> blocks(blocks_size.pixels(), std::numeric_limits<float>::infinity());
      for (std::size_t y = 0; y < size.y; ++y)
        for (std::size_t x = 0; x < size.x; ++x) {
          float& least = blocks[x / ball.shrink + blocks_size.x * (y / ball.shrink)];
          if (plane[x + size.x * y] < least) least = plane[x + size.x * y];
        }
      const auto found = detail::rolling_ball::touched(blocks, blocks_size, ball);
      for (std::size_t y = 0; y < size.y; ++y)
        for (std::size_t x = 0; x < size.x; ++x) {
          const detail::rolling_ball::between at_x(x, ball.shrink, blocks_size.x),
              at_y(y, ball.shrink, blocks_size.y);
          const auto in_row = [&](std::size_t row) {
            const float* blocks_of_row = found.data() + blocks_size.x * row;
            return at_x.mixed(blocks_of_row[at_x.first], blocks_of_row[at_x.next]);
          };
          dst(x, y, z) = sign * at_y.mixed(in_row(at_y.first), in_row(at_y.next));
        }
    }
  }
};

}  // namespace ops

/// The background of an image, as it is below a ball that rolls under the image as if brightness
/// were height (Sternberg, Computer 16 (1983)); plane by plane, and as ImageJ computes it: balls of
/// a radius above 10, 30 and 100 roll under the least pixels of blocks of 2, 4 and 8 pixels a side,
/// and are without their outermost 24, 24, 32 or 40 %.
/// src      any pixel type, 2D or 3D; pixels are taken as floats
/// p        radius in pixels, 1 to 1000, at least that of the largest object; light_background: the
///          ball rolls above the image; smoothing: of means of 3 x 3 pixels
/// returns  f32, the same shape
/// edges    smoothing: nearest pixel; the ball rolls beyond the image. A NaN has no say, but where
///          it is smoothed all around it are NaN
/// throws   argument_error, memory_error (a temporary of floats of src's size, and three of blocks)
/// parity   the same bits on every device
/// cost     O(pixels * (radius / shrink / shrink)^2), where shrink is 1, 2, 4 or 8
/// source   ImageJ's Subtract Background (create); skimage.restoration.rolling_ball is another one
template <pixel T>
image<float> rolling_ball(const image<T>& src, const ops::rolling_ball& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
