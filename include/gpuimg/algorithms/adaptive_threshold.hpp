// SPDX-License-Identifier: BSD-3-Clause
// adaptive_threshold: a threshold for each block of the image, and between them what lies between.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "gpuimg/algorithms/automatic_threshold.hpp"
#include "gpuimg/core/threshold_method.hpp"
#include "gpuimg/operation.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"
#include "gpuimg/ops/transform/scaling.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct adaptive_threshold {
  threshold_method method = threshold_method::otsu;
  int block_x = 50, block_y = 50, block_z = 50;
  float minimum_factor = 0.7f, maximum_factor = 1.5f;

  static constexpr operation_info about{
      .name = "adaptive_threshold",
      .theme = "threshold",
      .brief = "1 where a pixel is above what the thresholds of the blocks around it are",
      .source = "CellProfiler IdentifyPrimaryObjects (adaptive)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) {
    using Op = adaptive_threshold;
    constexpr double most = 2147483647;
    p("method", &Op::method, "", "how a threshold is found in a histogram");
    p("block_x", &Op::block_x, "pixel", "how wide a block is along x, at least where two have room",
      1, most);
    p("block_y", &Op::block_y, "pixel", "how wide a block is along y, at least where two have room",
      1, most);
    p("block_z", &Op::block_z, "pixel", "how many planes a block has, at least where two have room",
      1, most);
    p("minimum_factor", &Op::minimum_factor, "",
      "one bound of thresholds: so much of that of the whole image", 0, 1);
    p("maximum_factor", &Op::maximum_factor, "", "the other bound of thresholds", 1, 1e9);
  }

  template <pixel T>
  binary_image operator()(const image<T>& src) const {
    if (src.empty()) return binary_image(src.device(), src.shape());
    const auto pixels = extrema_of(src);
    static_cast<void>(detail::reduction::bin_range(  // throws where they are not finite
        static_cast<float>(pixels.least), static_cast<float>(pixels.most), pixels));
    const detail::automatic_search search(method, pixel_type_of<T>(), pixels);
    if (search.is_constant) return detail::above_threshold(src, search.least);
    const auto [thresholds, blocks] = thresholds_of(src, search);
    const auto between = gpuimg::resize(push(src.device(), thresholds, blocks),
                                        {.width = static_cast<int>(src.shape().x),
                                         .height = static_cast<int>(src.shape().y),
                                         .depth = static_cast<int>(src.shape().z)});
    return gpuimg::greater(src, between);
  }

 private:
  template <pixel T>
  static detail::reduction::extrema extrema_of(const image<T>& src) {
    if constexpr (sizeof(T) == 1)  // a bin per value
      return detail::extrema_of_type(pixel_type_of<T>());
    else
      return detail::reduction::extrema_of(src);
  }
  /// Blocks are as many as have room, and where there is room for one, at least two.
  static std::size_t blocks_along(std::size_t pixels, int block) {
    return std::min(pixels, std::max<std::size_t>(pixels / static_cast<std::size_t>(block), 2));
  }

  template <pixel T>
  [[nodiscard]] std::pair<std::vector<float>, shape> thresholds_of(
      const image<T>& src, const detail::automatic_search& search) const {
    const auto [nx, ny, nz] = src.shape();
    const shape blocks{blocks_along(nx, block_x), blocks_along(ny, block_y),
                       blocks_along(nz, block_z)};
    const shape largest{detail::pieces(nx, blocks.x), detail::pieces(ny, blocks.y),
                        detail::pieces(nz, blocks.z)};
    if (largest.pixels() > 0xffffffff)
      throw argument_error("blocks must have fewer than 2^32 pixels");
    const auto counts = detail::reduction::count_blocks(src, search.wanted, blocks);
    const auto bins = static_cast<std::size_t>(search.wanted.bins);
    pixel_histogram all, block;
    all.edges = block.edges = detail::reduction::bin_edges(
        search.wanted.minimum, search.wanted.maximum, search.wanted.bins);
    all.counts.resize(bins);
    for (std::size_t i = 0; i < counts.size(); ++i) all.counts[i % bins] += counts[i];
    const double of_all = search.in(all);
    const double bounds[] = {of_all * static_cast<double>(minimum_factor),
                             of_all * static_cast<double>(maximum_factor)};
    std::vector<float> thresholds;
    for (auto next = counts.begin(); next != counts.end();) {
      const auto end = next + static_cast<std::ptrdiff_t>(bins);
      block.counts.assign(next, end);
      const bool is_empty = std::all_of(next, end, [](auto number) { return number == 0; });
      const double found = is_empty ? of_all : search.in(block);
      thresholds.push_back(static_cast<float>(
          std::clamp(found, std::min(bounds[0], bounds[1]), std::max(bounds[0], bounds[1]))));
      next = end;
    }
    return {std::move(thresholds), blocks};
  }
};

}  // namespace ops

/// 1 where src(p) is above the threshold there, else 0. The image is cut into blocks of nearly the
/// same size, at least two along an axis that has two pixels; each gets the threshold that a method
/// finds in its histogram, as automatic_threshold, of 256 levels of the whole image, but within two
/// factors of the threshold of the whole image. Between the middles of blocks thresholds are
/// interpolated linearly; beyond them they stay.
/// src      any pixel type, 2D or 3D
/// p        method, Otsu; block_x, block_y, block_z, 50 pixels, at least 1; minimum_factor 0.7, 0
///          to 1; maximum_factor 1.5, 1 to 1e9
/// returns  u8, the same shape
/// edges    thresholds are floats, as which pixels are compared with them: integers beyond 2^24 as
///          well as floats can say them; NaN gives 0, and so do images of one value wider than 8
///          bits
/// throws   argument_error (infinite pixels, blocks of 2^32 pixels), memory_error (a temporary of
///          floats, 1 KB per block)
/// parity   the same bits on every device; waits for the device    cost  O(pixels), four reads
/// source   CellProfiler IdentifyPrimaryObjects, adaptive thresholds: there cubic splines lie
///          between blocks, and pixels of 0 do not count
template <pixel T>
binary_image adaptive_threshold(const image<T>& src, const ops::adaptive_threshold& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
