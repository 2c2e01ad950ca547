// SPDX-License-Identifier: BSD-3-Clause
// watershed: markers flood an image, lowest pixels first.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "gpuimg/kernels/label/watershed.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/opencl/primitives.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct watershed {
  static constexpr operation_info about{
      .name = "watershed",
      .theme = "label",
      .brief = "Flood an image from markers inside a mask, lowest pixels first",
      .source = "skimage.segmentation.watershed",
      .inputs = {{{"src", kind::image}, {"markers", kind::labels}, {"mask", kind::binary}}},
      .outputs = {{{"dst", kind::labels}}}};

  static void check(const shape& size) {
    if (size.pixels() > 0xffffffff)
      throw argument_error(
          "at most 2^32 - 1 pixels can be flooded at once; crop the image and flood its parts, "
          "got " +
          to_string(size));
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src, const opencl::buffer_view& markers,
                  const opencl::buffer_view& mask) const {
    if (src.shape.empty()) return;
    const bool is_serial = device.launches().variant == opencl::kernel_variant::serial;
    opencl::defines macros = detail::rank_macros(src.type);
    opencl::grid rows = detail::row_vectors(device, src.shape);
    if (!is_serial) {
      macros.add("ONE_PIXEL");
      rows.x = src.shape.x;
    }
    const auto ways = device.allocate(dst.bytes()), numbers = device.allocate(dst.bytes());
    const auto bottoms = device.allocate(sizeof(cl_uint));
    opencl::fill_zero(device, bottoms, 1);
    device.launch(kernels::watershed, "watershed__drain", macros, rows,
                  {src, mask, ways, numbers, bottoms, src.shape});
    look_up(device, ways, numbers, mask, dst);
    const auto& basins = dst;
    opencl::buffer places;  // a GPU needs the ways once more
    if (!is_serial) places = device.allocate(dst.bytes());
    const auto levels =
        levels_of(device, macros, rows, src, markers, basins, number_in(device, bottoms) + 1,
                  {is_serial ? ways : places, numbers});
    places = {};
    device.launch(kernels::watershed, "watershed__parents", macros, rows,
                  {src, markers, mask, basins, levels, ways, src.shape});
    look_up(device, ways, markers, mask, dst);
  }

  /// A queue of pixels, the lowest one first.
  template <pixel T>
  void operator()(const reference::device&, view<std::uint32_t> dst, view<const T> src,
                  view<const std::uint32_t> markers, view<const std::uint8_t> mask) const {
    using entry = std::pair<decltype(detail::ordered(T{})), std::size_t>;  // value, place
    std::vector<entry> waiting;  // a heap, the lowest pixel first
    const auto last = [](const entry& a, const entry& b) { return a > b; };
    const auto add = [&](std::size_t i) {
      waiting.emplace_back(detail::ordered(src[i]), i);
      std::push_heap(waiting.begin(), waiting.end(), last);
    };
    for (std::size_t i = 0; i < dst.size(); ++i) {
      dst[i] = mask[i] != 0 ? markers[i] : 0;
      if (dst[i] != 0) add(i);
    }
    const auto [nx, ny, nz] = src.shape();
    while (!waiting.empty()) {
      std::pop_heap(waiting.begin(), waiting.end(), last);
      const std::size_t at = waiting.back().second;
      waiting.pop_back();
      const auto flood = [&](bool is_there, std::size_t there) {
        if (!is_there || mask[there] == 0 || dst[there] != 0) return;
        dst[there] = dst[at];
        add(there);
      };
      const std::size_t x = at % nx, y = at / nx % ny, z = at / nx / ny;
      flood(x > 0, at - 1);
      flood(x + 1 < nx, at + 1);
      flood(y > 0, at - nx);
      flood(y + 1 < ny, at + nx);
      flood(z > 0, at - nx * ny);
      flood(z + 1 < nz, at + nx * ny);
    }
  }

 private:
  using two = std::array<opencl::argument, 2>;

  static cl_uint number_in(const opencl::device& device, const opencl::buffer& memory) {
    cl_uint number = 0;
    device.read(memory.memory(), &number, sizeof number);
    return number;
  }

  /// Calls step(unfinished) until a kernel leaves `unfinished` 0.
  template <class Step>
  static void repeat(const opencl::device& device, const Step& step) {
    const auto unfinished = device.allocate(sizeof(cl_uint));
    do {
      opencl::fill_zero(device, unfinished, 1);
      step(unfinished);
    } while (number_in(device, unfinished) != 0);
  }

  /// What a table has at the ends of ways, inside the mask. On CPUs the ways get shorter.
  static void look_up(const opencl::device& device, const opencl::buffer& ways,
                      const opencl::argument& table, const opencl::buffer_view& mask,
                      const opencl::buffer_view& result) {
    const std::size_t pixels = mask.shape.pixels();
    const auto count = static_cast<cl_ulong>(pixels);
    if (device.launches().variant == opencl::kernel_variant::serial) {
      const detail::parts all(device, pixels);
      device.launch(kernels::watershed, "watershed__shorten", {}, all.grid(),
                    {ways, count, static_cast<cl_ulong>(all.size)});
    }
    const opencl::grid grid{.x = pixels, .cost = 32};
    const auto unfinished = device.allocate(sizeof(cl_uint));
    std::array<opencl::buffer, 2> shorter;  // in turns
    for (const opencl::buffer* from = &ways;;) {
      opencl::fill_zero(device, unfinished, 1);
      device.launch(kernels::watershed, "watershed__look_up", {}, grid,
                    {*from, table, mask, result, unfinished, count});
      if (number_in(device, unfinished) == 0) return;
      opencl::buffer& to = shorter[from == shorter.data()];
      if (to.memory() == nullptr) to = device.allocate(result.bytes());
      device.launch(kernels::watershed, "watershed__follow", {}, grid, {*from, to, count});
      from = &to;
    }
  }

  /// The levels of so many basins. `passes` have room for the places of all pixels.
  static opencl::buffer levels_of(const opencl::device& device, const opencl::defines& macros,
                                  opencl::grid rows, const opencl::buffer_view& src,
                                  const opencl::buffer_view& markers,
                                  const opencl::buffer_view& basins, cl_uint count, two passes) {
    const auto numbers = [&] { return device.allocate(count * sizeof(cl_uint)); };
    const auto keys = [&] { return device.allocate(count * sizeof(cl_ulong)); };
    std::array roots{numbers(), numbers()};
    std::array gates{keys(), keys()};
    const auto ranks = numbers(), places = numbers(), found = device.allocate(sizeof(cl_uint));
    opencl::fill_zero(device, found, 1);
    rows.local = {64, 1, 1};
    device.launch(kernels::watershed, "watershed__find", macros, rows,
                  {src, markers, basins, passes[0], found, src.shape});
    std::size_t left = number_in(device, found);
    for (cl_int is_first = 1; left > 0; is_first = 0) {
      device.launch(kernels::watershed, "watershed__begin", {}, {count},
                    {roots[0], gates[0], ranks, places, count, is_first});
      opencl::fill_zero(device, found, 1);
      device.launch(kernels::watershed, "watershed__narrow", macros, {.x = left, .cost = 32},
                    {src, markers, basins, roots[0], passes[0], passes[1], found, ranks, src.shape,
                     static_cast<cl_ulong>(left)});
      std::swap(passes[0], passes[1]);
      left = number_in(device, found);
      device.launch(kernels::watershed, "watershed__choose", macros, {.x = left, .cost = 32},
                    {src, basins, roots[0], passes[0], ranks, places, src.shape,
                     static_cast<cl_ulong>(left)});
      device.launch(
          kernels::watershed, "watershed__hook", macros, {.x = count, .cost = 64},
          {src, markers, basins, roots[0], gates[0], places, roots[1], gates[1], src.shape, count});
      std::ranges::reverse(roots);
      std::ranges::reverse(gates);
      repeat(device, [&](const opencl::buffer& unfinished) {
        device.launch(kernels::watershed, "watershed__climb", {}, {.x = count, .cost = 64},
                      {roots[0], gates[0], roots[1], gates[1], unfinished, count});
        std::ranges::reverse(roots);
        std::ranges::reverse(gates);
      });
    }
    device.launch(kernels::watershed, "watershed__levels", {}, {count},
                  {roots[0], gates[0], gates[1], count});
    return std::move(gates[1]);
  }
};

}  // namespace ops

/// Floods an image from markers inside a mask: a watershed by flooding (Meyer 1991), lowest pixels
/// first, and of equal ones the first in raster order. Each pixel gets the label of the marker from
/// which the lowest pass leads there; neighbours share a face.
/// src      any pixel type, 2D or 3D; floats in their total order (IEEE 754)
/// markers  labels, the same shape; those outside the mask are dropped
/// mask     binary, the same shape
/// returns  labels, the same shape; 0 outside the mask and where no marker gets to
/// throws   argument_error, memory_error (8 to 28 bytes per pixel besides the result: 8, on
///          GPUs 12, up to 16 where ways are long, and 32 per local minimum)
/// parity   the same labels on every device; waits for the device now and then
/// cost     O(pixels log minima) at most; less where they are few
/// source   skimage.segmentation.watershed, the same labels where all values differ
template <pixel T>
label_image watershed(const image<T>& src, const label_image& markers, const binary_image& mask) {
  return run(ops::watershed{}, src, markers, mask);
}

}  // namespace gpuimg
