// SPDX-License-Identifier: BSD-3-Clause
// Projections of a stack along z.
#pragma once

#include <vector>

#include "gpuimg/kernels/projection/projection.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct maximum_z_projection {
  static constexpr operation_info about{
      .name = "maximum_z_projection",
      .theme = "projection",
      .brief = "The greatest pixel along z",
      .source = "clesperanto maximum_z_projection; numpy.max(axis=0)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  template <pixel T>
  using dst_pixel = T;

  static shape dst_shape(const shape& src) { return {src.x, src.y, src.z == 0 ? 0u : 1u}; }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const cl_ulong plane = dst.shape.pixels(), planes = src.shape.z;
    opencl::defines macros{{"SRC_T", opencl_name_of(src.type)}};
    if (device.launches().variant == opencl::kernel_variant::serial) {
      constexpr std::size_t run = 1024;
      macros.add("RUN", run);
      device.launch(kernels::projection, "projection__maximum_z_runs", macros,
                    {.x = detail::pieces(plane, run), .local = {1, 1, 1}, .cost = run * planes},
                    {src, dst, plane, planes});
      return;
    }
    auto items = detail::vectors(device, plane);
    items.cost = planes * device.vector_width();
    device.launch(kernels::projection, "projection__maximum_z", macros, items,
                  {src, dst, plane, planes});
  }

  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    const std::size_t plane = dst.size();
    for (std::size_t i = 0; i < plane; ++i) {
      T most = src[i];
      for (std::size_t z = 1; z < src.shape().z; ++z)
        if (src[z * plane + i] > most) most = src[z * plane + i];
      dst[i] = most;
    }
  }
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

}  // namespace gpuimg
