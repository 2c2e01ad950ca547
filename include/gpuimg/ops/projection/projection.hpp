// SPDX-License-Identifier: BSD-3-Clause
// Projections of a stack along z.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "gpuimg/kernels/projection/projection.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::projection {

struct to_plane {
  static shape dst_shape(const shape& src) { return {src.x, src.y, src.z == 0 ? 0u : 1u}; }
};

// `arguments`: what the kernels take behind the images and their size.
template <class... Arguments>
void launch(const opencl::device& device, const opencl::buffer_view& dst,
            const opencl::buffer_view& src, const char* kernel, const char* kernel_of_runs,
            opencl::defines macros, const Arguments&... arguments) {
  const cl_ulong plane = dst.shape.pixels(), planes = src.shape.z;
  macros.add("SRC_T", opencl_name_of(src.type));
  if (device.launches().variant == opencl::kernel_variant::serial) {
    constexpr std::size_t run = 1024;
    macros.add("RUN", run);
    device.launch(kernels::projection, kernel_of_runs, macros,
                  {.x = pieces(plane, run), .local = {1, 1, 1}, .cost = run * planes},
                  {src, dst, plane, planes, arguments...});
    return;
  }
  auto items = vectors(device, plane);
  items.cost = planes * device.vector_width();
  device.launch(kernels::projection, kernel, macros, items,
                {src, dst, plane, planes, arguments...});
}

/// The greatest pixel of each column, or the least.
template <bool is_least>
struct extreme : to_plane {
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    opencl::defines macros;
    if (is_least) macros.add("IS_LEAST", std::size_t{1});
    launch(device, dst, src, "projection__extreme", "projection__extreme_runs", macros);
  }

  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    const std::size_t plane = dst.size();
    for (std::size_t i = 0; i < plane; ++i) {
      T found = src[i];
      for (std::size_t z = 1; z < src.shape().z; ++z) {
        const T next = src[z * plane + i];
        if (is_least ? next < found : next > found) found = next;
      }
      dst[i] = found;
    }
  }
};

/// The sum of each column, or the mean.
template <bool is_mean>
struct sum : to_plane {
  template <pixel T>
  using dst_pixel = float;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    launch(device, dst, src, "projection__sum", "projection__sum_runs",
           {{"SUM_T", opencl_type(src)}}, factor_for(src.shape.z));
  }

  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    using sum_type = std::conditional_t<std::is_floating_point_v<T>, float, std::int64_t>;
    const std::size_t plane = dst.size(), planes = src.shape().z;
    const float factor = factor_for(planes);
    for (std::size_t i = 0; i < plane; ++i) {
      sum_type all = 0;
      for (std::size_t z = 0; z < planes; z += together) {
        sum_type part = 0;
        for (std::size_t k = z; k < std::min(z + together, planes); ++k) part += src[k * plane + i];
        all += part;
      }
      dst[i] = static_cast<float>(all) * factor;
    }
  }

 private:
  static constexpr std::size_t together = 8;  // TOGETHER of the kernels

  static float factor_for(std::size_t planes) {
    return is_mean ? 1 / static_cast<float>(planes) : 1;
  }

  // The type that sums a column exactly, the narrower the faster.
  static const char* opencl_type(const opencl::buffer_view& src) {
    if (src.type == pixel_type::f32) return "float";
    constexpr std::size_t planes_of_16_bit = 1u << 15;
    return size_of(src.type) <= 2 && src.shape.z <= planes_of_16_bit ? "int" : "long";
  }
};

}  // namespace detail::projection

namespace ops {

struct maximum_z_projection : detail::projection::extreme</*is_least=*/false> {
  static constexpr operation_info about{
      .name = "maximum_z_projection",
      .theme = "projection",
      .brief = "The greatest pixel along z",
      .source = "clesperanto maximum_z_projection; numpy.max(axis=0)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
};

struct mean_z_projection : detail::projection::sum</*is_mean=*/true> {
  static constexpr operation_info about{
      .name = "mean_z_projection",
      .theme = "projection",
      .brief = "The mean of the pixels along z",
      .source = "clesperanto mean_z_projection; numpy.mean(axis=0)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
};

struct minimum_z_projection : detail::projection::extreme</*is_least=*/true> {
  static constexpr operation_info about{
      .name = "minimum_z_projection",
      .theme = "projection",
      .brief = "The least pixel along z",
      .source = "clesperanto minimum_z_projection; numpy.min(axis=0)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
};

struct sum_z_projection : detail::projection::sum</*is_mean=*/false> {
  static constexpr operation_info about{.name = "sum_z_projection",
                                        .theme = "projection",
                                        .brief = "The sum of the pixels along z",
                                        .source = "clesperanto sum_z_projection; numpy.sum(axis=0)",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
};

}  // namespace ops

/// The greatest pixel of every column along z. A NaN counts only in the first plane, where it
/// stays.
/// src      any pixel type, 2D or 3D
/// returns  the same type, z = 1; a 2D image comes back as it is
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   clesperanto maximum_z_projection; numpy.max(axis=0)    example  examples/projection.cpp
template <pixel T>
image<T> maximum_z_projection(const image<T>& src) {
  return run(ops::maximum_z_projection{}, src);
}

/// The mean of every column along z: its sum, as of sum_z_projection, times 1 / planes, both
/// rounded to f32.
/// src      any pixel type, 2D or 3D
/// returns  f32, z = 1
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   clesperanto mean_z_projection; numpy.mean(axis=0)
template <pixel T>
image<float> mean_z_projection(const image<T>& src) {
  return run(ops::mean_z_projection{}, src);
}

/// The least pixel of every column along z. Else as maximum_z_projection.
/// source   clesperanto minimum_z_projection; numpy.min(axis=0)
template <pixel T>
image<T> minimum_z_projection(const image<T>& src) {
  return run(ops::minimum_z_projection{}, src);
}

/// The sum of every column along z: exact for integers, and rounded once. Floats are added up 8
/// planes at a time, and these sums in order, which rounds less than one by one.
/// src      any pixel type, 2D or 3D
/// returns  f32, z = 1
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   clesperanto sum_z_projection; numpy.sum(axis=0)
template <pixel T>
image<float> sum_z_projection(const image<T>& src) {
  return run(ops::sum_z_projection{}, src);
}

}  // namespace gpuimg
