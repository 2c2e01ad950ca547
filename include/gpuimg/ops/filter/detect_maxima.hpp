// SPDX-License-Identifier: BSD-3-Clause
// detect_maxima: pixels greater than all their neighbours.
// detect_scale_maxima: pixels as great as all their neighbours in images of three scales.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gpuimg/kernels/filter/detect_maxima.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/opencl/primitives.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace detail::maxima {

inline opencl::defines macros_of(pixel_type type) {
  static constexpr const char* masks[] = {"", "char", "short", "", "int"};
  opencl::defines macros{{"SRC_T", opencl_name_of(type)}, {"MASK_T", masks[size_of(type)]}};
  if (type == pixel_type::f32) macros.add("IS_FLOAT");
  return macros;
}

/// The same pixels with the same neighbours, axes of one pixel last.
inline shape without_single_pixels(const shape& size) {
  std::array<std::size_t, 3> sides{1, 1, 1};
  std::size_t count = 0;
  for (const std::size_t side : {size.x, size.y, size.z})
    if (side != 1) sides[count++] = side;
  return {sides[0], sides[1], sides[2]};
}

/// How a GPU goes about an image: in columns of some rows and planes.
struct columns {
  std::size_t rows, planes;

  explicit columns(const shape& size)
      : rows(size.is_3d() ? 4 : 8), planes(size.is_3d() ? 8 : 1), size_(size) {}
  void add_macros(opencl::defines& macros) const {
    macros.add("ONE_PIXEL");
    macros.add("ROWS", rows);
    macros.add("AXES", static_cast<std::size_t>((size_.x > 1) + (size_.y > 1) + (size_.z > 1)));
  }
  [[nodiscard]] opencl::grid grid(std::size_t cost) const {
    return {
        size_.x, pieces(size_.y, rows), pieces(size_.z, planes), {64, 4, 1}, cost * rows * planes};
  }

 private:
  shape size_;
};

constexpr std::size_t run = 512, band = 16;  // pixels of so many rows per work-item of a CPU

/// Those of all kernels that look at scales.
inline opencl::defines macros_of_scales(const opencl::device& device,
                                        const opencl::buffer_view& src) {
  opencl::defines macros = macros_of(src.type);
  if (device.launches().variant == opencl::kernel_variant::serial) {
    macros.add("RUN", run);
    macros.add("BAND", band);
  } else {
    columns(without_single_pixels(src.shape)).add_macros(macros);
  }
  return macros;
}

}  // namespace detail::maxima

namespace ops {

struct detect_maxima {
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "detect_maxima",
      .theme = "filter",
      .brief = "1 where a pixel is greater than all its neighbours",
      .source = "clesperanto detect_maxima (radius 0)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) {
    p("connectivity", &detect_maxima::connectivity, "",
      "box: 8 neighbours (3D: 26); sphere: 4 (3D: 6)");
  }
  static gpuimg::halo halo() { return {1, 1, 1}; }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const auto size = detail::maxima::without_single_pixels(src.shape);
    const bool is_box = connectivity == connectivity::box;
    opencl::defines macros = detail::maxima::macros_of(src.type);
    if (device.launches().variant == opencl::kernel_variant::serial) {
      constexpr std::size_t run = 2048;
      macros.add("RUN", run);
      device.launch(kernels::detect_maxima, "detect_maxima__runs", macros,
                    {detail::pieces(size.x, run), size.y, size.z, {}, 27 * run},
                    {src, dst, size, static_cast<cl_int>(is_box)});
      return;
    }
    const detail::maxima::columns columns(size);
    columns.add_macros(macros);
    if (is_box) macros.add("IS_BOX");
    device.launch(kernels::detect_maxima, "detect_maxima__columns", macros, columns.grid(20),
                  {src, dst, size, static_cast<cl_int>(columns.planes)});
  }

  template <pixel T>
  void operator()(const reference::device&, view<std::uint8_t> dst, view<const T> src) const {
    const shape size = src.shape();
    const auto inside = [](std::size_t i, int d, std::size_t n) {
      return d < 0 ? i > 0 : d == 0 || i + 1 < n;
    };
    const auto moved = [](std::size_t i, int d) { return i + static_cast<std::size_t>(d + 1) - 1; };
    const auto is_maximum = [&](std::size_t x, std::size_t y, std::size_t z) {
      for (int dz = -1; dz <= 1; ++dz)
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx) {
            const int away = dx * dx + dy * dy + dz * dz;
            if (away == 0 || (away > 1 && connectivity == connectivity::sphere)) continue;
            if (!inside(x, dx, size.x) || !inside(y, dy, size.y) || !inside(z, dz, size.z))
              continue;
            if (!(src(x, y, z) > src(moved(x, dx), moved(y, dy), moved(z, dz)))) return false;
          }
      return true;
    };
    for (std::size_t z = 0; z < size.z; ++z)
      for (std::size_t y = 0; y < size.y; ++y)
        for (std::size_t x = 0; x < size.x; ++x) dst(x, y, z) = is_maximum(x, y, z);
  }
};

struct detect_scale_maxima {
  static constexpr operation_info about{
      .name = "detect_scale_maxima",
      .theme = "filter",
      .brief = "Keep the pixels above 0 that no neighbour exceeds, here and at the scales beside",
      .source = "scipy.ndimage.maximum_filter of a stack of scales",
      .inputs = {{{"below", kind::image}, {"at", kind::image}, {"above", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  template <pixel T>
  using dst_pixel = T;
  static gpuimg::halo halo() { return {1, 1, 1}; }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& below, const opencl::buffer_view& at,
                  const opencl::buffer_view& above) const {
    using detail::maxima::run, detail::maxima::band;
    const auto size = detail::maxima::without_single_pixels(at.shape);
    const auto macros = detail::maxima::macros_of_scales(device, at);
    if (device.launches().variant == opencl::kernel_variant::serial) {
      device.launch(kernels::detect_maxima, "detect_maxima__scale_bands", macros,
                    {detail::pieces(size.x, run),
                     detail::pieces(size.y, band),
                     size.z,
                     {1, 1, 1},
                     27 * run * band},
                    {below, at, above, dst, size});
      return;
    }
    const detail::maxima::columns columns(size);
    device.launch(kernels::detect_maxima, "detect_maxima__scale_columns", macros, columns.grid(60),
                  {below, at, above, dst, size, static_cast<cl_int>(columns.planes)});
  }

  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> below, view<const T> at,
                  view<const T> above) const {
    const shape size = at.shape();
    const auto is_greatest = [&](std::size_t x, std::size_t y, std::size_t z) {
      const auto first = [](std::size_t i) { return i > 0 ? i - 1 : 0; };
      for (const auto& image : {below, at, above})
        for (std::size_t k = first(z); k < std::min(z + 2, size.z); ++k)
          for (std::size_t j = first(y); j < std::min(y + 2, size.y); ++j)
            for (std::size_t i = first(x); i < std::min(x + 2, size.x); ++i)
              if (!(at(x, y, z) >= image(i, j, k))) return false;
      return true;
    };
    for (std::size_t z = 0; z < size.z; ++z)
      for (std::size_t y = 0; y < size.y; ++y)
        for (std::size_t x = 0; x < size.x; ++x)
          dst(x, y, z) = at(x, y, z) > T{0} && is_greatest(x, y, z) ? at(x, y, z) : T{0};
  }
};

}  // namespace ops

namespace detail::maxima {

inline std::vector<float> above_zero(const opencl::device& device, const opencl::buffer_view& src) {
  const std::size_t pixels = src.shape.pixels();
  const auto list = device.allocate(src.bytes()), length = device.allocate(sizeof(cl_uint));
  opencl::fill_zero(device, length, 1);
  const bool is_serial = device.launches().variant == opencl::kernel_variant::serial;
  device.launch(kernels::detect_maxima, "detect_maxima__list", macros_of_scales(device, src),
                is_serial ? vectors(device, pixels) : opencl::grid{pixels},
                {src, list, length, static_cast<cl_ulong>(pixels)});
  cl_uint count = 0;
  device.read(length.memory(), &count, sizeof count);
  std::vector<float> found(count);
  if (count > 0) device.read(list.memory(), found.data(), count * sizeof(float));
  return found;
}

inline std::vector<float> above_zero(const reference::device&, view<const float> src) {
  std::vector<float> found;
  for (const float pixel : src)
    if (pixel > 0) found.push_back(pixel);
  return found;
}

/// The pixels above 0, which are fewer than 2^32, in any order. Waits for the device.
/// A template, as who does not use it shall not wait for its compilation.
template <std::same_as<float> T>
std::vector<float> above_zero(const image<T>& src) {
  const auto both = [](const auto& device, const auto& pixels) {
    return above_zero(device, pixels);
  };
  return on_backend(both, src)();
}

}  // namespace detail::maxima

/// 1 where a pixel is greater than each of its neighbours inside the image, else 0. A plateau has
/// no maximum, a pixel without neighbours is one.
/// src      any pixel type, 2D or 3D
/// p        connectivity box (8 neighbours, 3D 26) or sphere (4, 3D 6)
/// returns  u8, the same shape          throws  argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels), one read and one write
/// source   clesperanto detect_maxima with its default radius of 0
template <pixel T>
binary_image detect_maxima(const image<T>& src, const ops::detect_maxima& p = {}) {
  return run(p, src);
}

/// The pixels above 0 that are not less than any pixel of their neighbourhood of 3 x 3 (3D: x 3)
/// pixels, in the same image and in those of the scales below and above, else 0: with responses of
/// neighbouring scales, normalised, those are blobs where they are, and of the size that they have.
/// A plateau is kept as a whole; what has a NaN beside it is not.
/// below, at, above  any pixel type, 2D or 3D, of one shape
/// returns  the pixels of `at`, the same shape      edges  no pixel lies beyond them
/// throws   argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels), three reads and one write
/// source   scipy.ndimage.maximum_filter of a stack of scales; Lindeberg, IJCV 30 (1998)
template <pixel T>
image<T> detect_scale_maxima(const image<T>& below, const image<T>& at, const image<T>& above) {
  return run(ops::detect_scale_maxima{}, below, at, above);
}

}  // namespace gpuimg
