// SPDX-License-Identifier: BSD-3-Clause
// detect_maxima: pixels greater than all their neighbours.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "gpuimg/kernels/filter/detect_maxima.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
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
    const auto size = without_single_pixels(src.shape);
    const bool is_box = connectivity == connectivity::box;
    opencl::defines macros{{"SRC_T", opencl_name_of(src.type)}};
    using detail::pieces;
    if (device.launches().variant == opencl::kernel_variant::serial) {
      static constexpr const char* masks[] = {"", "char", "short", "", "int"};
      constexpr std::size_t run = 2048;
      macros.add("MASK_T", masks[size_of(src.type)]);
      macros.add("RUN", run);
      device.launch(kernels::detect_maxima, "detect_maxima__runs", macros,
                    {pieces(size.x, run), size.y, size.z, {}, 27 * run},
                    {src, dst, size, static_cast<cl_int>(is_box)});
      return;
    }
    const std::size_t rows = size.is_3d() ? 4 : 8, planes = size.is_3d() ? 8 : 1;
    macros.add("ONE_PIXEL");
    macros.add("ROWS", rows);
    macros.add("AXES", static_cast<std::size_t>((size.x > 1) + (size.y > 1) + (size.z > 1)));
    if (is_box) macros.add("IS_BOX");
    if (src.type == pixel_type::f32) macros.add("IS_FLOAT");
    device.launch(
        kernels::detect_maxima, "detect_maxima__columns", macros,
        {size.x, pieces(size.y, rows), pieces(size.z, planes), {64, 4, 1}, 20 * rows * planes},
        {src, dst, size, static_cast<cl_int>(planes)});
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

 private:
  // The same pixels with the same neighbours, axes of one pixel last.
  static shape without_single_pixels(const shape& size) {
    std::array<std::size_t, 3> sides{size.x, size.y, size.z};
    std::stable_partition(sides.begin(), sides.end(), [](std::size_t n) { return n != 1; });
    return {sides[0], sides[1], sides[2]};
  }
};

}  // namespace ops

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

}  // namespace gpuimg
