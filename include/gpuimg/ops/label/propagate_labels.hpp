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
    if (device.launches().variant == opencl::kernel_variant::cooperative)
      in_tiles(device, dst, labels, mask);
    else if (dst.shape.x < device.vector_width())
      in_wider_rows(device, dst, labels, mask);
    else
      step_by_step(device, dst, labels, mask);
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
  static constexpr cl_uint moved_bit = 1;  // MOVED of the kernels

  // Calls round(number, changed before, changed now) so often, or until no tile changes. Rounds
  // after the last change cost next to nothing, so look rarely.
  template <class Round>
  static void repeat(const opencl::device& device, const shape& tiles, std::size_t rounds,
                     const Round& round) {
    std::vector<cl_uint> moved(tiles.pixels());
    const std::size_t bytes = moved.size() * sizeof(cl_uint);
    std::array<opencl::buffer, 2> changed{device.allocate(bytes), device.allocate(bytes)};
    cl_uint number = 0;
    const auto next = [&] {
      round(++number, changed[0], changed[1]);
      std::swap(changed[0], changed[1]);
    };
    if (rounds > 0) {
      for (std::size_t i = 0; i < rounds; ++i) next();
      return;
    }
    do {
      for (int i = 0; i < 3; ++i) next();
      device.read(changed[0].memory(), moved.data(), bytes);
      // Tiles of work-groups say more than whether they moved.
    } while (std::ranges::any_of(moved, [](cl_uint said) { return (said & moved_bit) != 0; }));
  }

  // In rows as long as a vector: what is added to them lies outside the mask.
  void in_wider_rows(const opencl::device& device, const opencl::buffer_view& dst,
                     const opencl::buffer_view& labels, const opencl::buffer_view& mask) const {
    const shape wider{device.vector_width(), dst.shape.y, dst.shape.z};
    const auto widened = [&](const opencl::buffer& memory, const opencl::buffer_view& narrow) {
      const opencl::buffer_view all{memory.memory(), narrow.type, wider};
      std::vector<std::uint8_t> pixels(narrow.bytes()), wide(all.bytes());
      device.read(narrow.memory, pixels.data(), narrow.bytes());
      const std::size_t row = narrow.shape.x * size_of(narrow.type);
      for (std::size_t i = 0; i * row < pixels.size(); ++i)
        std::copy_n(&pixels[i * row], row, &wide[i * wider.x * size_of(narrow.type)]);
      device.write(memory.memory(), wide.data(), wide.size());
      return all;
    };
    const auto all_dst = device.allocate(wider.pixels() * sizeof(cl_uint));
    const auto all_labels = device.allocate(wider.pixels() * sizeof(cl_uint));
    const auto all_mask = device.allocate(wider.pixels());
    const opencl::buffer_view to{all_dst.memory(), dst.type, wider};
    step_by_step(device, to, widened(all_labels, labels), widened(all_mask, mask));
    std::vector<cl_uint> pixels(dst.shape.pixels());
    device.read_box(to, {}, dst.shape, pixels.data());
    device.write(dst.memory, pixels.data(), dst.bytes());
  }

  void step_by_step(const opencl::device& device, const opencl::buffer_view& dst,
                    const opencl::buffer_view& labels, const opencl::buffer_view& mask) const {
    const shape size = dst.shape;
    const std::size_t words = pieces(pieces(size.x, device.vector_width()), 32);
    const shape tile = tile_of_rows(size), tiles = pieces(size, tile);
    const opencl::defines macros{{"PLANES", std::size_t{size.is_3d() ? 3u : 1u}}};
    const auto memory = device.allocate(dst.bytes());
    const auto open = device.allocate(words * size.y * size.z * sizeof(cl_uint));
    device.launch(kernels::propagate_labels, "propagate_labels__start", macros, {size.y * size.z},
                  {labels, mask, dst, memory, open, size});
    repeat(device, tiles, steps / 2, [&](cl_uint round, const auto& before, const auto& now) {
      const auto step = [&](const opencl::argument& from, const opencl::argument& to, bool is_box) {
        device.launch(kernels::propagate_labels, "propagate_labels__step", macros,
                      {1, tiles.y, tiles.z, {1, 1, 1}},
                      {from, to, mask, open, before, now, size, tiles, tile, round,
                       static_cast<cl_int>(is_box)});
      };
      step(dst, memory, true);
      step(memory, dst, false);
    });
  }

  void in_tiles(const opencl::device& device, const opencl::buffer_view& dst,
                const opencl::buffer_view& labels, const opencl::buffer_view& mask) const {
    const shape size = dst.shape;
    const bool is_3d = size.is_3d();
    // They fit local memory; with their halo they are columns of 12 pixels along y (LENGTH).
    const shape tile = is_3d ? shape{16, 8, 8} : shape{32, 32, 1};
    const std::size_t at_once = is_3d ? 2 : 8, rounds = steps / at_once;
    const shape tiles = pieces(size, tile);
    const opencl::defines macros{{"TILE_X", tile.x},
                                 {"TILE_Y", tile.y},
                                 {"TILE_Z", tile.z},
                                 {"STEPS", at_once},
                                 {"HALO_Z", is_3d ? at_once : 0}};
    constexpr std::size_t group = 256;  // a work-item takes a column of a tile and its halo
    const opencl::grid items{tiles.x * group, tiles.y, tiles.z, {group, 1, 1}, 512};
    const auto memory = device.allocate(dst.bytes());
    opencl::buffer_view from = labels, to = dst, other = dst;
    other.memory = memory.memory();
    if (rounds > 0 && rounds % 2 == 0) std::swap(to, other);  // so that the last one is dst
    repeat(device, tiles, rounds, [&](cl_uint round, const auto& before, const auto& now) {
      device.launch(kernels::propagate_labels, "propagate_labels__round_shared", macros, items,
                    {from, mask, to, other, before, now, size, tiles, round});
      from = to;
      std::swap(to, other);
    });
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
