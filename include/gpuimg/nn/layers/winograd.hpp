// SPDX-License-Identifier: BSD-3-Clause
// Convolutions with windows of 3 x 3 or n x 3 x 3 and stride 1, with fewer multiplications.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gpuimg/kernels/nn/winograd.cl.hpp"
#include "gpuimg/nn/convolution_parameters.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn::detail {

/// How a convolution is cut into tasks for kernels/nn/winograd.cl.
class winograd {
 public:
  /// Tiles of the result have unit x unit pixels: 2 or 4.
  winograd(const convolution_parameters& p, std::int64_t unit, const opencl::device& device,
           const tensor_info& dst, std::span<const tensor_info> src)
      : p_(p),
        unit_(unit),
        side_(unit + 2),
        dst_(dst),
        src_(src),
        channels_(channels_in_blocks(channels_of(p, src), dst.block)) {
    block_ = dst.block;
    blocks_ = static_cast<std::int64_t>(channels_.size()) / block_;
    out_blocks_ = dst.blocks() == 1 ? 1 : dst.blocks() == 3 ? 3 : 2;
    groups_ = divided_up(dst.blocks(), out_blocks_);
    tiles_x_ = divided_up(dst.spatial(2), unit);
    all_tiles_ = tiles_x_ * divided_up(dst.spatial(1), unit);
    tiles_ = tiles_per_product();

    const std::int64_t planes = dst.spatial(0), images = dst.batch(), depth = p.window.size[0];
    const auto workers = 4 * static_cast<std::int64_t>(device.description().compute_units);
    const auto missing = [&](std::int64_t tasks) {
      return divided_up(workers, std::max<std::int64_t>(tasks, 1));
    };
    const std::int64_t tile_bytes =
        side_ * side_ * block_ * std::int64_t{sizeof(float)} * (blocks_ * depth + out_blocks_);
    const std::int64_t fits = std::clamp<std::int64_t>(cache / tile_bytes, least_chunk, 64);
    chunks_ = divided_up(all_tiles_, fits);
    chunk_ = divided_up(divided_up(all_tiles_, chunks_), tiles_) * tiles_;
    chunks_ = divided_up(all_tiles_, chunk_);
    at_once_ = std::min(divided_up(least_chunk, chunk_), planes);
    runs_ = std::clamp<std::int64_t>(planes / std::max<std::int64_t>(4, at_once_), 1,
                                     missing(chunks_ * images));
    planes_ = divided_up(planes, runs_);
    runs_ = divided_up(planes, planes_);
    const std::int64_t parts = std::min(missing(chunks_ * images * runs_), groups_);
    groups_per_task_ = divided_up(groups_, parts);
    tasks_ = chunks_ * images * runs_ * divided_up(groups_, groups_per_task_);
    items_ = std::min(tasks_, workers);
    scratch_ =
        side_ * side_ *
        (chunk_ * (blocks_ * (depth + at_once_ - 1) + out_blocks_ * at_once_) + depth + at_once_);
  }

  /// Multiplications of vectors that the kernel does, about, and as many as could be done while the
  /// weights come from memory.
  [[nodiscard]] std::int64_t cost() const {
    const std::int64_t elements = side_ * side_, planes = dst_.spatial(0) * dst_.batch();
    const std::int64_t outs = groups_ * out_blocks_;
    const std::int64_t per_tile = p_.window.size[0] * blocks_ * block_ * outs;
    const std::int64_t tiles = divided_up(all_tiles_, tiles_) * tiles_;
    const std::int64_t transforms = 3 * all_tiles_ * (blocks_ + outs);
    return elements * (planes * (tiles * per_tile + transforms) + per_tile * weight_cost(block_));
  }

  /// Whether it can be done this way at all.
  static bool takes(const convolution_parameters& p, const tensor_info& dst,
                    std::span<const tensor_info> src) {
    const window& w = p.window;
    return p.groups == 1 && w.size[1] == 3 && w.size[2] == 3 && w.stride == per_axis{1, 1, 1} &&
           w.dilation == per_axis{1, 1, 1} && dst.block == src[0].block && dst.block >= 4;
  }

  [[nodiscard]] prepared_layer prepare(const opencl::device& device) const {
    const auto number = [](std::int64_t n) { return static_cast<std::uint64_t>(n); };
    const window& w = p_.window;
    const std::vector<cl_int4> geometry{xyz(spatial(src_[0])),
                                        xyz(spatial(dst_)),
                                        xyz(w.begin, w.size[0]),
                                        xyz({chunk_, all_tiles_, tiles_x_}, chunks_),
                                        xyz({dst_.batch(), runs_, planes_}, at_once_),
                                        xyz({dst_.blocks(), blocks_, src_[0].blocks()}),
                                        xyz({tasks_, groups_per_task_, groups_})};
    const std::vector<float> weights = transformed_weights();
    std::vector<float> bias(number(groups_ * out_blocks_ * block_));
    std::copy(p_.bias.begin(), p_.bias.end(), bias.begin());
    opencl::defines macros = macros_of(p_, block_, dst_, src_[0]);
    macros.add("UNIT", number(unit_));
    macros.add("OUT_BLOCKS", number(out_blocks_));
    macros.add("TILES", number(tiles_));
    const opencl::grid items{.x = number(items_), .local = {1, 1, 1}};

    prepared_layer made;
    made.weight_bytes = weights.size() * sizeof(float);
    made.scratch_bytes = number(items_ * scratch_ * block_) * sizeof(float);
    made.enqueue = [device, items, macros, all_weights = on_device(device, weights),
                    bias = on_device(device, bias), plan = on_device(device, geometry),
                    blocks = static_cast<cl_ulong>(scratch_), f = p_.activation,
                    sources = p_.sources](const device_tensor& to,
                                          std::span<const device_tensor> from, cl_mem scratch) {
      device.launch(kernels::winograd, "winograd", macros, items,
                    {from[0], from[sources - 1], from.back(), *all_weights, *bias, *plan, to,
                     opencl::buffer_view{scratch}, blocks, f.alpha, f.beta});
    };
    return made;
  }

 private:
  static constexpr std::int64_t cache = 512 << 10;  // bytes of a core's cache that may be used
  static constexpr std::int64_t least_chunk = 24;   // tiles: fewer use the weights too seldom

  // As many as there are registers for, or less where that leaves fewer of them without a tile.
  [[nodiscard]] std::int64_t tiles_per_product() const {
    const std::int64_t most = block_ < 16 ? 4 : out_blocks_ == 1 ? 14 : out_blocks_ == 2 ? 10 : 8;
    const auto filled_up = [&](std::int64_t tiles) {
      return divided_up(all_tiles_, tiles) * tiles;
    };
    std::int64_t best = most;
    for (std::int64_t tiles = most; tiles >= 4; --tiles)
      if (filled_up(tiles) < filled_up(best)) best = tiles;
    return all_tiles_ > 5 * most ? (out_blocks_ == 2 && block_ == 16 ? 8 : most) : best;
  }

  // G g G' in the order in which the kernel reads it.
  [[nodiscard]] std::vector<float> transformed_weights() const {
    const std::int64_t step = out_blocks_ * block_, places = blocks_ * block_;
    const std::int64_t planes = p_.window.size[0], stride = planes * places * step;
    std::vector<float> all(static_cast<std::size_t>(groups_ * side_ * side_ * stride));
    for (std::int64_t group = 0; group < groups_; ++group)
      for (std::int64_t i = 0; i < planes * places; ++i) {
        const std::int64_t channel = channels_[static_cast<std::size_t>(i % places)];
        if (channel < 0) continue;
        for (std::int64_t lane = 0; lane < std::min(step, p_.dst_channels - group * step); ++lane) {
          const std::int64_t filter = (group * step + lane) * p_.src_channels + channel;
          transform(&p_.weights[static_cast<std::size_t>((filter * planes + i / places) * 9)],
                    &all[static_cast<std::size_t>(
                        (group * side_ * side_ * planes * places + i) * step + lane)],
                    stride);
        }
      }
    return all;
  }
  // One g; elements of the result are `stride` numbers apart.
  void transform(const float* g, float* to, std::int64_t stride) const {
    const auto& factors = unit_ == 2 ? factors_of_2 : factors_of_4;
    for (std::int64_t y = 0; y < side_; ++y) {
      double row[3] = {};
      for (std::int64_t k = 0; k < 9; ++k)
        row[k % 3] += gpuimg::detail::product(factors[y][k / 3], static_cast<double>(g[k]));
      for (std::int64_t x = 0; x < side_; ++x, to += stride)
        *to = static_cast<float>(gpuimg::detail::product(row[0], factors[x][0]) +
                                 gpuimg::detail::product(row[1], factors[x][1]) +
                                 gpuimg::detail::product(row[2], factors[x][2]));
    }
  }
  // G.
  static constexpr double factors_of_2[6][3] = {
      {1, 0, 0}, {1 / 2., 1 / 2., 1 / 2.}, {1 / 2., -1 / 2., 1 / 2.}, {0, 0, 1}};
  // 1, x, x^2 at the kernel's P and Q, over the product of its distances from the other points.
  static constexpr double p = 5 / 8., q = 3 / 2., of_p = 2 * p * p * (p * p - q * q),
                          of_q = 2 * q * q * (q * q - p * p);
  static constexpr double factors_of_4[6][3] = {
      {1 / (p * p * q * q), 0, 0},        {1 / of_p, p / of_p, p* p / of_p},
      {1 / of_p, -p / of_p, p* p / of_p}, {1 / of_q, q / of_q, q* q / of_q},
      {1 / of_q, -q / of_q, q* q / of_q}, {0, 0, 1}};

  const convolution_parameters& p_;
  std::int64_t unit_, side_;
  const tensor_info& dst_;
  std::span<const tensor_info> src_;
  std::vector<std::int64_t> channels_;
  std::int64_t block_, blocks_;               // of the source
  std::int64_t out_blocks_, groups_;          // of the result: per product; products side by side
  std::int64_t tiles_, tiles_x_, all_tiles_;  // per product; along x; in a plane
  std::int64_t chunk_, chunks_;               // tiles of a task; of those in a plane
  std::int64_t at_once_, planes_, runs_;      // planes of the result: at once; per task; tasks
  std::int64_t groups_per_task_, tasks_, items_;
  std::int64_t scratch_;  // blocks per work-item
};

}  // namespace gpuimg::nn::detail
