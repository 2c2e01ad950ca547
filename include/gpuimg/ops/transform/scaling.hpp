// SPDX-License-Identifier: BSD-3-Clause
// Images of fewer pixels, or of more: bin, resize and resize_labels.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "gpuimg/kernels/transform/scaling.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::scaling {

/// Between which pixels of the source a pixel of the result lies, along one axis.
struct place {
  std::size_t pixel, next;
  float fraction;  ///< how far beyond `pixel`, in 1/2^24 pixel, from 0 to 1

  /// (i + 1/2) n / dst_n - 1/2, between 0 and n - 1.
  place(std::size_t i, std::size_t n, std::size_t dst_n) {
    const std::uint64_t whole = 2 * dst_n, end = (2 * i + 1) * n;
    const std::uint64_t at = end <= dst_n ? 0 : std::min(end - dst_n, whole * (n - 1));
    pixel = at / whole;
    next = std::min(pixel + 1, n - 1);
    const std::uint64_t parts = ((at % whole << 24) + dst_n) / whole;
    fraction = static_cast<float>(parts) * 0x1p-24f;
  }

  /// Where it is a pixel, the next one has no say, whatever it is.
  template <class Pixel>
  [[nodiscard]] float mixed(const Pixel& pixel_at) const {
    const float before = pixel_at(pixel);
    return fraction == 0 ? before : std::fma(fraction, pixel_at(next) - before, before);
  }
};

/// The shape of an image with another number of pixels, or for 0 as many as it has.
inline shape resized(const shape& src, int width, int height, int depth) {
  if (src.empty()) return {0};
  const auto chosen = [](int wanted, std::size_t n) {
    return wanted == 0 ? n : static_cast<std::size_t>(wanted);
  };
  return {chosen(width, src.x), chosen(height, src.y), chosen(depth, src.z)};
}

template <class Op>
constexpr void parameters_of_size(auto&& p) {
  constexpr double most = 1 << 30;
  p("width", &Op::width, "pixel", "of the result; 0: as the image", 0, most);
  p("height", &Op::height, "pixel", "of the result; 0: as the image", 0, most);
  p("depth", &Op::depth, "pixel", "planes of the result; 0: as the image", 0, most);
}

inline void check_depth(const shape& src, int depth) {
  if (!src.is_3d() && depth > 1)
    throw argument_error(text({"depth must be 0 or 1 for a 2D image, got ", number_text(depth)}));
}

/// How the kernels that resize run: work-items make so many pixels of a row.
struct resizing {
  std::size_t run = 1;
  opencl::defines macros{};
  opencl::grid grid;

  resizing(const opencl::device& device, const shape& dst) {
    const bool cooperative = device.launches().variant == opencl::kernel_variant::cooperative;
    if (!cooperative) run = 256;
    macros.add(cooperative ? "ONE_PIXEL" : "RUN", run);
    grid = {pieces(dst.x, run), dst.y, dst.z};
    grid.local = {1, 1, 1};
    if (cooperative) grid.local = {32, 8, 1};
    grid.cost = 16 * run;
  }
};

}  // namespace detail::scaling

namespace ops {

struct bin {
  int factor_x = 2, factor_y = 2, factor_z = 1;

  static constexpr operation_info about{.name = "bin",
                                        .theme = "transform",
                                        .brief = "The means of blocks of pixels",
                                        .source = "skimage.transform.downscale_local_mean",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("factor_x", &bin::factor_x, "pixel", "width of a block", 1, widest);
    p("factor_y", &bin::factor_y, "pixel", "height of a block", 1, widest);
    p("factor_z", &bin::factor_z, "pixel", "depth of a block", 1, widest);
  }
  template <pixel T>
  using dst_pixel = float;

  /// Of so many pixels each pixel of the result is the mean.
  [[nodiscard]] shape block() const {
    return {static_cast<std::size_t>(factor_x), static_cast<std::size_t>(factor_y),
            static_cast<std::size_t>(factor_z)};
  }
  void check(const shape& src) const {
    if (!src.empty() && dst_shape(src).empty())
      throw argument_error("the image is smaller than a block of " + to_string(block()));
  }
  [[nodiscard]] shape dst_shape(const shape& src) const {
    return {src.x / block().x, src.y / block().y, src.z / block().z};
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const bool cooperative = device.launches().variant == opencl::kernel_variant::cooperative;
    const auto factors = block();
    opencl::defines macros{{"SRC_T", opencl_name_of(src.type)}, {"ACC_T", sum_type(src.type)}};
    if (cooperative) macros.add("ONE_PIXEL");
    if (factor_x <= 4) macros.add("FACTOR_X", factors.x);
    const std::size_t in_tile = widest / factors.x;
    const std::size_t columns = std::min(in_tile, dst.shape.x) * factors.x;
    const std::size_t lanes =
        cooperative ? std::clamp<std::size_t>(std::bit_ceil(columns), 32, 256) : 1;
    const std::size_t rows = dst.shape.y * dst.shape.z;
    // Of a CPU's work-group several, where enough are left for all of its cores.
    const bool has_many =
        !cooperative && rows % 16 == 0 && rows / 128 >= device.description().compute_units;
    device.launch(kernels::scaling, "scaling__bin", macros,
                  {.x = rows,
                   .z = detail::pieces(dst.shape.x, in_tile),
                   .local = {has_many ? 16u : 1u, lanes, 1},
                   .cost = columns * factors.y * factors.z / lanes + factors.x},
                  {src, dst, src.shape, dst.shape, factors,
                   static_cast<float>(1.0 / static_cast<double>(factors.pixels()))});
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    using sum_t = std::conditional_t<
        std::same_as<T, float>, float,
        std::conditional_t<std::same_as<T, std::uint32_t>, std::uint64_t, std::int64_t>>;
    const auto factors = block();
    const auto scale = static_cast<float>(1.0 / static_cast<double>(factors.pixels()));
    for (std::size_t z = 0; z < dst.shape().z; ++z)
      for (std::size_t y = 0; y < dst.shape().y; ++y)
        for (std::size_t x = 0; x < dst.shape().x; ++x) {
          const auto column_sum = [&](std::size_t i) {
            sum_t sum{};
            for (std::size_t k = 0; k < factors.z; ++k)
              for (std::size_t j = 0; j < factors.y; ++j) {
                const auto pixel = static_cast<sum_t>(
                    src(x * factors.x + i, y * factors.y + j, z * factors.z + k));
                sum = k == 0 && j == 0 ? pixel : sum + pixel;
              }
            return sum;
          };
          sum_t sum = column_sum(0);
          for (std::size_t i = 1; i < factors.x; ++i) sum += column_sum(i);
          dst(x, y, z) = static_cast<float>(sum) * scale;
        }
  }

 private:
  static constexpr int widest = 1024;  // the kernel's TILE

  /// What holds the sum of a block.
  [[nodiscard]] const char* sum_type(pixel_type type) const {
    if (type == pixel_type::f32) return "float";
    if (type == pixel_type::u32) return "ulong";
    const std::size_t bits = 8 * size_of(type) + std::bit_width(block().pixels());
    return bits < 32 ? "int" : "long";
  }
};

struct resize {
  int width = 0, height = 0, depth = 0;

  static constexpr operation_info about{
      .name = "resize",
      .theme = "transform",
      .brief = "The image with another number of pixels, interpolated linearly",
      .source = "skimage.transform.resize (order 1, mode edge, no anti_aliasing)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) { detail::scaling::parameters_of_size<resize>(p); }
  template <pixel T>
  using dst_pixel = float;

  void check(const shape& src) const { detail::scaling::check_depth(src, depth); }
  [[nodiscard]] shape dst_shape(const shape& src) const {
    return detail::scaling::resized(src, width, height, depth);
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const std::size_t entries = dst.shape.x + dst.shape.y + dst.shape.z;
    const auto pixels = device.allocate(entries * sizeof(cl_uint));
    const auto fractions = device.allocate(entries * sizeof(cl_float));
    detail::scaling::resizing how(device, dst.shape);
    how.macros.add("SRC_T", opencl_name_of(src.type));
    device.launch(kernels::scaling, "scaling__places", how.macros, {entries},
                  {pixels, fractions, src.shape, dst.shape});
    device.launch(kernels::scaling, "scaling__resize", how.macros, how.grid,
                  {src, dst, pixels, fractions, src.shape, dst.shape});
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    using detail::scaling::place;
    const auto [nx, ny, nz] = src.shape();
    std::size_t i = 0;
    for (std::size_t z = 0; z < dst.shape().z; ++z)
      for (std::size_t y = 0; y < dst.shape().y; ++y)
        for (std::size_t x = 0; x < dst.shape().x; ++x) {
          const place at_x(x, nx, dst.shape().x), at_y(y, ny, dst.shape().y),
              at_z(z, nz, dst.shape().z);
          dst[i++] = at_x.mixed([&](std::size_t column) {
            return at_z.mixed([&](std::size_t plane) {
              return at_y.mixed(
                  [&](std::size_t row) { return static_cast<float>(src(column, row, plane)); });
            });
          });
        }
  }
};

struct resize_labels {
  int width = 0, height = 0, depth = 0;

  static constexpr operation_info about{
      .name = "resize_labels",
      .theme = "transform",
      .brief = "Labels with another number of pixels, the nearest",
      .source = "OpenCV INTER_NEAREST_EXACT",
      .inputs = {{{"src", kind::labels}}},
      .outputs = {{{"dst", kind::labels}}}};
  static constexpr void parameters(auto&& p) {
    detail::scaling::parameters_of_size<resize_labels>(p);
  }
  void check(const shape& src) const { detail::scaling::check_depth(src, depth); }
  [[nodiscard]] shape dst_shape(const shape& src) const {
    return detail::scaling::resized(src, width, height, depth);
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const std::size_t entries = dst.shape.x + dst.shape.y + dst.shape.z;
    const auto pixels = device.allocate(entries * sizeof(cl_uint));
    detail::scaling::resizing how(device, dst.shape);
    device.launch(kernels::scaling, "scaling__nearest", how.macros, {entries},
                  {pixels, src.shape, dst.shape});
    device.launch(kernels::scaling, "scaling__resize_labels", how.macros, how.grid,
                  {src, dst, pixels, src.shape, dst.shape});
  }
  void operator()(const reference::device&, view<std::uint32_t> dst,
                  view<const std::uint32_t> src) const {
    const shape &n = src.shape(), &dst_n = dst.shape();
    for (std::size_t z = 0; z < dst_n.z; ++z)
      for (std::size_t y = 0; y < dst_n.y; ++y)
        for (std::size_t x = 0; x < dst_n.x; ++x)
          dst(x, y, z) = src((2 * x + 1) * n.x / (2 * dst_n.x), (2 * y + 1) * n.y / (2 * dst_n.y),
                             (2 * z + 1) * n.z / (2 * dst_n.z));
  }
};

}  // namespace ops

/// The means of blocks of pixels that lie side by side; what is left of a block at the end of an
/// axis is dropped.
///     dst(x, y, z) = sum of src(factor_x x + i, factor_y y + j, factor_z z + k) * (1 / count)
/// Sums of integers are exact. Floats are added column by column of a block, from the first row on
/// and plane by plane, then from column to column.
/// src      any pixel type, 2D or 3D
/// p        factor_x, factor_y, factor_z: pixels of a block along each axis, whole, 1 to 1024
/// returns  f32; the shape is floor(size / factor) per axis
/// edges    none
/// throws   argument_error where the image is smaller than a block; memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   skimage.transform.downscale_local_mean, which adds 0s to blocks that are not whole
template <pixel T>
image<float> bin(const image<T>& src, const ops::bin& p = {}) {
  return run(p, src);
}

/// The image with another number of pixels, interpolated linearly. Both images cover the same area:
///     dst(x, y, z) = src((x + 1/2) size_x / width - 1/2, y and z likewise)
/// mixed along y, then z, then x. Nothing is blurred before: to make images much smaller, bin.
/// src      any pixel type, 2D or 3D
/// p        width, height, depth: pixels of the result, whole, 0 to 2^30; 0: as src
/// returns  f32                              edges  nearest pixel
/// throws   argument_error where depth is more than 1 for a 2D image; memory_error (8 bytes per
///          row, column and plane of the result)
/// parity   the same bits on every device    cost  O(pixels of the result)
/// source   skimage.transform.resize (order 1, mode edge, no anti_aliasing); OpenCV INTER_LINEAR
template <pixel T>
image<float> resize(const image<T>& src, const ops::resize& p = {}) {
  return run(p, src);
}

/// Labels with another number of pixels; both images cover the same area. A pixel of the result is
/// the one in which its centre lies:
///     dst(x, y, z) = src(floor((x + 1/2) size_x / width), y and z likewise)
/// src      labels, 2D or 3D
/// p        width, height, depth: pixels of the result, whole, 0 to 2^30; 0: as src
/// returns  labels                           edges  none
/// throws   argument_error where depth is more than 1 for a 2D image; memory_error (4 bytes per
///          row, column and plane of the result)
/// parity   the same labels on every device    cost  O(pixels of the result)
/// source   OpenCV INTER_NEAREST_EXACT; skimage.transform.resize (order 0, no anti_aliasing)
inline label_image resize_labels(const label_image& src, const ops::resize_labels& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
