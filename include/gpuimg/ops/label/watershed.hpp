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
    const std::size_t pixels = src.shape.pixels();
    if (pixels == 0) return;
    const opencl::defines macros = detail::rank_macros(src.type);
    const auto levels = device.allocate(pixels * sizeof(cl_ulong));
    device.launch(kernels::watershed, "watershed__start", macros, {pixels},
                  {src, markers, mask, levels, static_cast<cl_ulong>(pixels)});
    if (device.launches().variant == opencl::kernel_variant::serial)
      flood_rows(device, macros, src, mask, levels);
    else
      flood_tiles(device, macros, src, mask, levels);

    std::array<opencl::buffer, 2> parents{device.allocate(dst.bytes()),
                                          device.allocate(dst.bytes())};
    device.launch(kernels::watershed, "watershed__parents", macros,
                  {src.shape.x, src.shape.y, src.shape.z},
                  {markers, levels, parents[0], src.shape});
    const auto unfinished = device.allocate(sizeof(cl_uint));
    for (cl_uint left = 1; left != 0; std::swap(parents[0], parents[1])) {
      opencl::fill_zero(device, unfinished, 1);
      device.launch(
          kernels::watershed, "watershed__follow", macros, {.x = pixels, .cost = 32},
          {markers, mask, parents[0], parents[1], dst, unfinished, static_cast<cl_ulong>(pixels)});
      device.read(unfinished.memory(), &left, sizeof left);
    }
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
  static void flood_rows(const opencl::device& device, const opencl::defines& macros,
                         const opencl::buffer_view& src, const opencl::buffer_view& mask,
                         const opencl::buffer& levels) {
    const shape size = src.shape;
    const shape tile = detail::tile_of_rows(size), tiles = detail::pieces(size, tile);
    flood(device, tiles, 1, [&](cl_uint launch, const opencl::buffer& changed_at) {
      device.launch(kernels::watershed, "watershed__sweep_rows", macros,
                    {1, tiles.y, tiles.z, {1, 1, 1}},
                    {src, mask, levels, changed_at, size, tile, tiles, launch});
    });
  }
  static void flood_tiles(const opencl::device& device, opencl::defines macros,
                          const opencl::buffer_view& src, const opencl::buffer_view& mask,
                          const opencl::buffer& levels) {
    const shape size = src.shape;
    const shape tile = size.is_3d() ? shape{16, 8, 8} : shape{32, 32, 1};  // fit local memory
    const shape tiles = detail::pieces(size, tile);
    macros.add("TILE_X", tile.x);
    macros.add("TILE_Y", tile.y);
    macros.add("TILE_Z", tile.z);
    constexpr std::size_t group = 64;
    flood(device, tiles, 4, [&](cl_uint launch, const opencl::buffer& changed_at) {
      device.launch(kernels::watershed, "watershed__sweep_shared", macros,
                    {tiles.x * group, tiles.y, tiles.z, {group, 1, 1}, 4096},
                    {src, mask, levels, changed_at, size, tiles, launch});
    });
  }

  /// Launches the tiles of either colour in turns, until nothing changes; looks after so many turns
  /// of both.
  template <class Launch>
  static void flood(const opencl::device& device, const shape& tiles, int turns,
                    const Launch& launch) {
    std::vector<cl_uint> changed_at(tiles.pixels());
    const std::size_t bytes = changed_at.size() * sizeof(cl_uint);
    const auto memory = device.allocate(bytes);
    opencl::fill_zero(device, memory, changed_at.size());
    cl_uint number = 0, last = 0;
    do {
      for (int i = 0; i < 2 * turns; ++i) launch(++number, memory);
      device.read(memory.memory(), changed_at.data(), bytes);
      last = *std::ranges::max_element(changed_at);
    } while (last + 1 >= number);
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
/// throws   argument_error, memory_error (16 bytes per pixel besides the result)
/// parity   the same labels on every device; waits for the device now and then
/// cost     O(pixels), times how often ways turn
/// source   skimage.segmentation.watershed, the same labels where all values differ
template <pixel T>
label_image watershed(const image<T>& src, const label_image& markers, const binary_image& mask) {
  return run(ops::watershed{}, src, markers, mask);
}

}  // namespace gpuimg
