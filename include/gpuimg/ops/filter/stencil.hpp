// SPDX-License-Identifier: BSD-3-Clause
// Derivatives from the nearest neighbours of each pixel, and the variance of the pixels around it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <span>
#include <type_traits>
#include <vector>

#include "gpuimg/core/product.hpp"
#include "gpuimg/kernels/filter/stencil.cl.hpp"
#include "gpuimg/neighborhood.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::stencil {

/// Enqueues a kernel in which a work-item takes so many neighbours of each of its pixels. A GPU's
/// has one pixel; or a vector of them, where what is read for one serves the others.
inline void launch(const opencl::device& device, const char* kernel, opencl::defines macros,
                   const shape& size, double neighbors,
                   std::initializer_list<opencl::argument> arguments, bool has_vector = false) {
  const bool shared = device.launches().variant == opencl::kernel_variant::cooperative;
  opencl::grid items = row_vectors(device, size);
  const bool is_one = shared && !has_vector;
  if (shared) items.local = {is_one ? 64u : 16u, is_one ? 4u : 16u, 1};  // read the same rows
  if (is_one) {
    macros.add("ONE_PIXEL");
    items.x = size.x;
  }
  items.cost = static_cast<std::uint64_t>(neighbors) * (is_one ? 1 : device.vector_width());
  device.launch(kernels::stencil, kernel, macros, items, arguments);
}

inline opencl::defines macros_of(const opencl::buffer_view& src) {
  opencl::defines macros{{"SRC_T", opencl_name_of(src.type)}};
  if (src.type == pixel_type::f32) macros.add("IS_FLOAT");
  return macros;
}

/// What gradient_x, gradient_y and gradient_z have in common.
template <int Axis>
struct gradient {
  template <pixel T>
  using dst_pixel = float;
  [[nodiscard]] static gpuimg::halo halo() { return halo_of(Axis == 0, Axis == 1, Axis == 2); }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    launch(device, "stencil__gradient", macros_of(src), src.shape, 2,
           {src, dst, src.shape, static_cast<cl_int>(Axis)});
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    const std::size_t n = src.shape().axes()[Axis];
    for_each_pixel(src.shape(), [&](std::size_t x, std::size_t y, std::size_t z) {
      const auto neighbor = [&](int d) {
        return static_cast<float>(
            nearest_pixel(src, x, y, z, Axis == 0 ? d : 0, Axis == 1 ? d : 0, Axis == 2 ? d : 0));
      };
      const std::size_t at = std::array{x, y, z}[Axis];
      const bool is_edge = at == 0 || at == n - 1;
      dst(x, y, z) = (neighbor(1) - neighbor(-1)) * (is_edge ? 1.0f : 0.5f);
    });
  }
};

template <class T>
concept small_pixel = pixel<T> && sizeof(T) < 4;

/// The variance of `count` pixels of 8 or 16 bits, from exact sums of them and of their squares.
template <small_pixel T>
float variance_at(view<const T> src, const std::vector<footprint_row>& rows, std::uint32_t count,
                  std::size_t x, std::size_t y, std::size_t z) {
  std::int64_t sum = 0;
  std::uint64_t squares = 0;
  for_each_neighbor(src, rows, x, y, z, [&](T pixel) {
    sum += pixel;
    squares += static_cast<std::uint64_t>(std::int64_t{pixel} * pixel);
  });
  const auto total = static_cast<std::uint64_t>(std::abs(sum));
  const auto scale = static_cast<float>(1.0 / count / count);
  return static_cast<float>(count * squares - total * total) * scale;
}

/// The same of pixels of 32 bits: their mean comes from how far they are above the one in the
/// middle, their variance from how far they are above that mean, a whole number where they are
/// such. Rows are summed, then their sums, so that little is rounded.
template <pixel T>
float variance_at(view<const T> src, const std::vector<footprint_row>& rows, std::uint32_t count,
                  std::size_t x, std::size_t y, std::size_t z) {
  using wide = std::conditional_t<std::integral<T>, std::int64_t, T>;
  wide mean = src(x, y, z);
  const auto sum_of = [&](const auto& add) {
    float sum = 0;
    for (const auto& row : rows) {
      float sum_of_row = 0;
      for (int dx = -row.half; dx <= row.half; ++dx) {
        const wide above = nearest_pixel(src, x, y, z, dx, row.dy, row.dz) - mean;
        sum_of_row = add(static_cast<float>(above), sum_of_row);
      }
      sum += sum_of_row;
    }
    return sum;
  };
  const auto scale = static_cast<float>(1.0 / count);
  const auto plus = [](float a, float b) { return a + b; };
  const float above = product(sum_of(plus), scale);
  mean += static_cast<wide>(std::integral<T> ? std::rint(above) : above);
  const float sum = sum_of(plus);
  const float squares = sum_of([](float d, float before) { return std::fma(d, d, before); });
  return std::max(std::fma(sum * -scale, sum, squares), 0.0f) * scale;
}

inline constexpr double most_pixels = 65536;  // of which the sums of 16-bit pixels fit

inline void variance(const opencl::device& device, const opencl::buffer_view& dst,
                     const opencl::buffer_view& src, const neighborhood& around,
                     bool is_deviation) {
  const auto rows = rows_of(around);
  const double count = around.pixels();
  opencl::defines macros = macros_of(src);
  const bool is_exact = size_of(src.type) < 4;
  if (is_exact) {
    macros.add("SUM_T", src.type == pixel_type::u8 || src.type == pixel_type::u16 ? "uint" : "int");
    macros.add("SQUARES_T", size_of(src.type) == 1 ? "uint" : "ulong");
  }
  launch(device, "stencil__variance", macros, src.shape, is_exact ? count : 2 * count,
         {src, dst, device.table(std::span<const footprint_row>(rows)),
          static_cast<cl_int>(rows.size()), src.shape, static_cast<cl_ulong>(count),
          static_cast<cl_float>(is_exact ? 1 / count / count : 1 / count),
          static_cast<cl_int>(is_deviation)},
         true);
}

template <pixel T>
void variance(view<float> dst, view<const T> src, const neighborhood& around, bool is_deviation) {
  const auto rows = rows_of(around);
  const auto count = static_cast<std::uint32_t>(around.pixels());
  for_each_pixel(src.shape(), [&](std::size_t x, std::size_t y, std::size_t z) {
    const float found = variance_at(src, rows, count, x, y, z);
    dst(x, y, z) = is_deviation ? std::sqrt(found) : found;
  });
}

}  // namespace detail::stencil

namespace ops {

struct gradient_x : detail::stencil::gradient<0> {
  static constexpr operation_info about{.name = "gradient_x",
                                        .theme = "filter",
                                        .brief = "How much pixels grow along x",
                                        .source = "numpy.gradient; clesperanto gradient_x",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
};

struct gradient_y : detail::stencil::gradient<1> {
  static constexpr operation_info about{.name = "gradient_y",
                                        .theme = "filter",
                                        .brief = "How much pixels grow along y",
                                        .source = "numpy.gradient; clesperanto gradient_y",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
};

struct gradient_z : detail::stencil::gradient<2> {
  static constexpr operation_info about{.name = "gradient_z",
                                        .theme = "filter",
                                        .brief = "How much pixels grow along z",
                                        .source = "numpy.gradient; clesperanto gradient_z",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
};

struct laplace {
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "laplace",
      .theme = "filter",
      .brief = "How much higher a pixel is than its neighbours, summed up",
      .source = "clesperanto laplace; scipy.ndimage.laplace (mode nearest), negative",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("connectivity", &laplace::connectivity, "",
      "box: all pixels around a pixel; sphere: those that share a face with it");
  }
  template <pixel T>
  using dst_pixel = float;
  [[nodiscard]] static gpuimg::halo halo() { return {1, 1, 1}; }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::stencil::launch(device, "stencil__laplace", detail::stencil::macros_of(src), src.shape,
                            27, {src, dst, src.shape, cl_int{connectivity == connectivity::box}});
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    const int reach_z = src.shape().is_3d() ? 1 : 0;
    detail::for_each_pixel(src.shape(), [&](std::size_t x, std::size_t y, std::size_t z) {
      float sum = 0;
      for (int dz = -reach_z; dz <= reach_z; ++dz)
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx) {
            const int apart = std::abs(dx) + std::abs(dy) + std::abs(dz);
            if (apart == 0 || (apart > 1 && connectivity == connectivity::sphere)) continue;
            sum += static_cast<float>(src(x, y, z)) -
                   static_cast<float>(detail::nearest_pixel(src, x, y, z, dx, dy, dz));
          }
      dst(x, y, z) = sum;
    });
  }
};

struct sobel {
  bool along_z = true;

  static constexpr operation_info about{
      .name = "sobel",
      .theme = "filter",
      .brief = "How steep an image is: the length of Sobel's differences along all axes",
      .source = "clesperanto sobel; scipy.ndimage.sobel (mode nearest) along all axes",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("along_z", &sobel::along_z, "",
      "whether planes are compared, or each is an image of its own");
  }
  template <pixel T>
  using dst_pixel = float;
  [[nodiscard]] gpuimg::halo halo() const { return {1, 1, along_z ? 1u : 0u}; }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::stencil::launch(device, "stencil__sobel", detail::stencil::macros_of(src), src.shape,
                            27, {src, dst, src.shape, cl_int{reach_z(src.shape)}});
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    const int reach = reach_z(src.shape());
    detail::for_each_pixel(src.shape(), [&](std::size_t x, std::size_t y, std::size_t z) {
      float along_x = 0, along_y = 0, along_z = 0, above = 0;
      std::array<float, 3> earlier{};
      for (int dz = -reach; dz <= reach; ++dz)
        for (int dy = -1; dy <= 1; ++dy) {
          const auto at = [&](int dx) {
            return static_cast<float>(detail::nearest_pixel(src, x, y, z, dx, dy, dz));
          };
          const float weight_y = dy == 0 ? 2 : 1, weight_z = dz == 0 && reach > 0 ? 2 : 1;
          const float smooth = std::fma(2.0f, at(0), at(-1)) + at(1);
          along_x = std::fma(weight_y * weight_z, at(1) - at(-1), along_x);
          float& before = earlier[static_cast<std::size_t>(dy) + 1];  // -1 wraps
          if (dy < 0) above = smooth;
          if (dz < 0) before = smooth;
          if (dy > 0) along_y = std::fma(weight_z, smooth - above, along_y);
          if (dz > 0) along_z = std::fma(weight_y, smooth - before, along_z);
        }
      dst(x, y, z) =
          std::sqrt(std::fma(along_z, along_z, std::fma(along_y, along_y, along_x * along_x)));
    });
  }

 private:
  [[nodiscard]] int reach_z(const shape& size) const { return along_z && size.is_3d() ? 1 : 0; }
};

struct standard_deviation {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "standard_deviation",
      .theme = "filter",
      .brief = "The standard deviation of the pixels of a neighbourhood",
      .source = "clesperanto standard_deviation; scipy.ndimage.generic_filter (numpy.std)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) { detail::parameters_of<standard_deviation>(p); }
  [[nodiscard]] gpuimg::halo halo() const { return detail::halo_of(radius_x, radius_y, radius_z); }
  void check(const shape& size) const {
    around(size).check_pixels("a standard deviation", detail::stencil::most_pixels);
  }
  template <pixel T>
  using dst_pixel = float;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::stencil::variance(device, dst, src, around(src.shape), true);
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    detail::stencil::variance(dst, src, around(src.shape()), true);
  }

 private:
  [[nodiscard]] detail::neighborhood around(const shape& size) const {
    return {radius_x, radius_y, radius_z, connectivity, size};
  }
};

struct variance_filter {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "variance_filter",
      .theme = "filter",
      .brief = "The variance of the pixels of a neighbourhood",
      .source = "clesperanto variance_filter; scipy.ndimage.generic_filter (numpy.var)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) { detail::parameters_of<variance_filter>(p); }
  [[nodiscard]] gpuimg::halo halo() const { return detail::halo_of(radius_x, radius_y, radius_z); }
  void check(const shape& size) const {
    around(size).check_pixels("a variance", detail::stencil::most_pixels);
  }
  template <pixel T>
  using dst_pixel = float;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::stencil::variance(device, dst, src, around(src.shape), false);
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    detail::stencil::variance(dst, src, around(src.shape()), false);
  }

 private:
  [[nodiscard]] detail::neighborhood around(const shape& size) const {
    return {radius_x, radius_y, radius_z, connectivity, size};
  }
};

}  // namespace ops

/// How much pixels grow along x: half the difference of the two neighbours; at the edges, that of
/// the pixel and its one neighbour. Pixels are taken as floats.
///     dst(x) = (src(x + 1) - src(x - 1)) / 2
/// src      any pixel type, 2D or 3D    returns  f32, the same shape
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   numpy.gradient; clesperanto gradient_x
template <pixel T>
image<float> gradient_x(const image<T>& src) {
  return run(ops::gradient_x{}, src);
}

/// How much pixels grow along y; else as gradient_x.
template <pixel T>
image<float> gradient_y(const image<T>& src) {
  return run(ops::gradient_y{}, src);
}

/// How much pixels grow along z, 0 in a 2D image; else as gradient_x.
template <pixel T>
image<float> gradient_z(const image<T>& src) {
  return run(ops::gradient_z{}, src);
}

/// How much higher a pixel is than its neighbours, summed up: above 0 where it is bright among dark
/// ones. Pixels are taken as floats.
///     dst(p) = sum over the neighbours q of src(p) - src(q), z, then y, then x ascending
/// src      any pixel type, 2D or 3D
/// p        connectivity: box (26 neighbours, 8 in 2D) or sphere (6, or 4)
/// returns  f32, the same shape         edges  nearest pixel repeated
/// throws   argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   clesperanto laplace; with sphere, the negative of scipy.ndimage.laplace
template <pixel T>
image<float> laplace(const image<T>& src, const ops::laplace& p = {}) {
  return run(p, src);
}

/// How steep an image is: the root of the sum of the squares of Sobel's differences along all axes,
/// each of which is the difference of the two neighbours, weighted 1, 2, 1 along the other axes.
/// Pixels are taken as floats.
/// src      any pixel type, 2D or 3D
/// p        along_z: false makes each plane an image of its own
/// returns  f32, the same shape         edges  nearest pixel repeated
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   clesperanto sobel; scipy.ndimage.sobel along all axes
template <pixel T>
image<float> sobel(const image<T>& src, const ops::sobel& p = {}) {
  return run(p, src);
}

/// The root of the variance_filter, rounded correctly; everything else as that.
/// source   clesperanto standard_deviation; numpy.std
template <pixel T>
image<float> standard_deviation(const image<T>& src, const ops::standard_deviation& p = {}) {
  return run(p, src);
}

/// The variance of the pixels of a box or an ellipsoid around each pixel: the mean square of what
/// they differ from their mean. That of pixels of 8 and 16 bit comes from exact sums, and is
/// rounded three times; of others their mean is found first, and then what they differ from it is
/// summed in floats, so that neither how high they are matters nor an outlier among them.
/// src      any pixel type, 2D or 3D
/// p        radius_x, radius_y, radius_z in pixels, 0 to 10000 (no effect along z on a 2D image);
///          connectivity box (2 radius + 1 pixels per axis) or sphere (the ellipsoid); of at most
///          65536 pixels in the box
/// returns  f32, the same shape         edges  nearest pixel repeated
/// throws   argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels x pixels of the neighbourhood)
/// source   clesperanto variance_filter; numpy.var
template <pixel T>
image<float> variance_filter(const image<T>& src, const ops::variance_filter& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
