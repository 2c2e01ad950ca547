// SPDX-License-Identifier: BSD-3-Clause
// propagate_labels: labels grow into a mask until they meet.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "gpuimg/kernels/label/propagate_labels.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail {

/// Grows labels into a mask by so many steps, or until nothing moves.
struct label_growth {
  /// A multiple of 8; 0 until nothing moves.
  std::size_t steps = 0;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& labels, const opencl::buffer_view& mask) const {
    const shape size = dst.shape;
    const bool is_serial = device.launches().variant == opencl::kernel_variant::serial;
    const tiling chosen = is_serial ? serial_tiling(size) : shared_tiling(size);
    const shape tiles{pieces(size.x, chosen.x), pieces(size.y, chosen.y), pieces(size.z, chosen.z)};
    const opencl::defines macros{{"TILE_X", chosen.x},
                                 {"TILE_Y", chosen.y},
                                 {"TILE_Z", chosen.z},
                                 {"STEPS", chosen.steps},
                                 {"HALO_Z", size.is_3d() ? chosen.steps : 0}};
    // A row of a tile and its halo takes whole turns of a work-group, or nearly.
    const std::size_t columns = size.is_3d() ? 8 : 16, lines = 256 / columns;
    const opencl::grid items =
        is_serial
            ? opencl::grid{tiles.x, tiles.y, tiles.z, {1, 1, 1}}
            : opencl::grid{tiles.x * columns, tiles.y * lines, tiles.z, {columns, lines, 1}, 128};
    const char* kernel = is_serial ? "propagate_labels__round" : "propagate_labels__round_shared";
    const auto memory = device.allocate(dst.bytes());
    opencl::buffer_view from = labels, to = dst, other = dst;
    other.memory = memory.memory();
    std::vector<cl_uint> moved(tiles.pixels());
    const std::size_t flag_bytes = moved.size() * sizeof(cl_uint);
    std::array<opencl::buffer, 2> changed{device.allocate(flag_bytes), device.allocate(flag_bytes)};
    cl_uint round = 0;
    const auto take_round = [&] {
      device.launch(kernels::propagate_labels, kernel, macros, items,
                    {from, mask, to, other, changed[0], changed[1], size, tiles, ++round});
      from = to;
      std::swap(to, other);
      std::swap(changed[0], changed[1]);
    };
    if (const std::size_t rounds = steps / chosen.steps; rounds > 0) {
      if (rounds % 2 == 0) std::swap(to, other);  // so that the last one is dst
      for (std::size_t i = 0; i < rounds; ++i) take_round();
      return;
    }
    do {  // rounds after the last change cost next to nothing, so look rarely
      for (int i = 0; i < 3; ++i) take_round();
      device.read(changed[0].memory(), moved.data(), flag_bytes);
    } while (std::ranges::any_of(moved, [](cl_uint flag) { return flag != 0; }));
  }

  void operator()(const reference::device&, view<std::uint32_t> dst,
                  view<const std::uint32_t> labels, view<const std::uint8_t> mask) const {
    const shape size = dst.shape();
    for (std::size_t i = 0; i < dst.size(); ++i) dst[i] = mask[i] != 0 ? labels[i] : 0;
    std::vector<std::uint32_t> memory(dst.size());
    const view<std::uint32_t> before(memory.data(), size);
    for (std::size_t step = 0, idle = 0; idle < 2 && (steps == 0 || step < steps); ++step) {
      std::copy(dst.begin(), dst.end(), before.begin());
      const bool is_box = step % 2 == 0;
      bool is_changed = false;
      for (std::size_t z = 0; z < size.z; ++z)
        for (std::size_t y = 0; y < size.y; ++y)
          for (std::size_t x = 0; x < size.x; ++x) {
            if (mask(x, y, z) == 0 || before(x, y, z) != 0) continue;
            dst(x, y, z) = greatest_neighbor(before, x, y, z, is_box);
            is_changed |= dst(x, y, z) != 0;
          }
      idle = is_changed ? 0 : idle + 1;
    }
  }

 private:
  struct tiling {
    std::size_t x, y, z, steps;
  };
  // A tile fits a CPU's second cache, or a GPU's local memory.
  static tiling serial_tiling(const shape& size) {
    return size.is_3d() ? tiling{64, 16, 16, 2} : tiling{64, 64, 1, 8};
  }
  static tiling shared_tiling(const shape& size) {
    return size.is_3d() ? tiling{16, 8, 8, 2} : tiling{32, 32, 1, 8};
  }

  static std::uint32_t greatest_neighbor(view<const std::uint32_t> labels, std::size_t x,
                                         std::size_t y, std::size_t z, bool is_box) {
    const auto first = [](std::size_t i) { return i == 0 ? i : i - 1; };
    const auto last = [](std::size_t i, std::size_t n) { return std::min(i + 1, n - 1); };
    std::uint32_t most = 0;
    for (std::size_t nz = first(z); nz <= last(z, labels.shape().z); ++nz)
      for (std::size_t ny = first(y); ny <= last(y, labels.shape().y); ++ny)
        for (std::size_t nx = first(x); nx <= last(x, labels.shape().x); ++nx)
          if (is_box || (nx != x) + (ny != y) + (nz != z) <= 1)
            most = std::max(most, labels(nx, ny, nz));
    return most;
  }
};

}  // namespace detail

namespace ops {

struct propagate_labels : detail::label_growth {
  static constexpr operation_info about{
      .name = "propagate_labels",
      .theme = "label",
      .brief = "Grow labels into a mask, pixel by pixel, until they meet",
      .source = "the growing of clesperanto masked_voronoi_labeling",
      .inputs = {{{"labels", kind::labels}, {"mask", kind::binary}}},
      .outputs = {{{"dst", kind::labels}}}};
};

}  // namespace ops

/// Grows labels into a mask until nothing moves. In every step each unlabelled pixel of the mask
/// takes the greatest label among its neighbours: all 8 (3D 26) in even steps, those that share a
/// face in odd ones. So labels grow as octagons, and where two arrive together the greater one
/// wins.
/// labels   labels, 2D or 3D; those outside the mask are dropped first
/// mask     binary, the same shape
/// returns  labels, the same shape; 0 outside the mask and where no label gets to
/// throws   argument_error, memory_error (one temporary of the size of the result)
/// parity   the same labels on every device; waits for the device now and then, to see what still
///          moves
/// cost     O(pixels + what moves x steps)
/// source   what clesperanto masked_voronoi_labeling does with its components
inline label_image propagate_labels(const label_image& labels, const binary_image& mask) {
  return run(ops::propagate_labels{}, labels, mask);
}

}  // namespace gpuimg
