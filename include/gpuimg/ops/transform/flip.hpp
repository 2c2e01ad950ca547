// SPDX-License-Identifier: BSD-3-Clause
// flip: an image mirrored along axes.
#pragma once

#include "gpuimg/kernels/transform/flip.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct flip {
  bool flip_x = true, flip_y = true, flip_z = true;

  static constexpr operation_info about{.name = "flip",
                                        .theme = "transform",
                                        .brief = "The image mirrored along axes",
                                        .source = "numpy.flip",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("flip_x", &flip::flip_x, "", "whether left and right change places");
    p("flip_y", &flip::flip_y, "", "whether top and bottom change places");
    p("flip_z", &flip::flip_z, "", "whether the first plane and the last change places");
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    opencl::defines macros{{"SRC_T", opencl_name_of(src.type)}};
    const cl_uint axes = (flip_x ? 1u : 0u) | (flip_y ? 2u : 0u) | (flip_z ? 4u : 0u);
    const bool cooperative = device.launches().variant == opencl::kernel_variant::cooperative;
    const bool aligned = src.shape.x % device.vector_width() == 0;
    if (cooperative && aligned) macros.add("ALIGNED");
    if (cooperative && !aligned)
      device.launch(kernels::flip, "flip__pixels", macros, {src.shape.x, src.shape.y, src.shape.z},
                    {src, dst, src.shape, axes});
    else
      device.launch(kernels::flip, "flip__vectors", macros, detail::row_vectors(device, src.shape),
                    {src, dst, src.shape, axes});
  }

  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    const auto [nx, ny, nz] = src.shape();
    for (std::size_t z = 0; z < nz; ++z)
      for (std::size_t y = 0; y < ny; ++y)
        for (std::size_t x = 0; x < nx; ++x)
          dst(x, y, z) =
              src(flip_x ? nx - 1 - x : x, flip_y ? ny - 1 - y : y, flip_z ? nz - 1 - z : z);
  }
};

}  // namespace ops

/// The image mirrored along axes.
///     dst(x, y, z) = src(nx - 1 - x, ny - 1 - y, nz - 1 - z), per axis where its flip is on
/// src      any pixel type, 2D or 3D    p  flip_x, flip_y, flip_z (no effect on a 2D image)
/// returns  src's type and shape        edges  none
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   clesperanto flip; numpy.flip
template <pixel T>
image<T> flip(const image<T>& src, const ops::flip& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
