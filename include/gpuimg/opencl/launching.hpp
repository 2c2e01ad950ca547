// SPDX-License-Identifier: BSD-3-Clause
// What nearly every launch of a kernel needs: numbers of work-items.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "gpuimg/opencl/device.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::detail {

/// How many pieces of `size` it takes to cover `count`.
constexpr std::size_t pieces(std::size_t count, std::size_t size) {
  return (count + size - 1) / size;
}

/// How many tiles it takes to cover an image.
constexpr shape pieces(const shape& size, const shape& tile) {
  return {pieces(size.x, tile.x), pieces(size.y, tile.y), pieces(size.z, tile.z)};
}

/// A tile of whole rows for a work-item that goes over it again and again: it fits a cache.
inline shape tile_of_rows(const shape& size) {
  const std::size_t rows = std::max<std::size_t>(32768 / size.x, 1);
  const auto side = static_cast<std::size_t>(std::sqrt(rows));
  return size.is_3d() ? shape{size.x, side, side} : shape{size.x, rows, 1};
}

/// Work-items of a kernel in which each takes VEC of so many pixels.
inline opencl::grid vectors(const opencl::device& device, std::size_t pixels) {
  return {pieces(pixels, device.vector_width())};
}

/// Work-items of a kernel in which each takes VEC pixels of one row.
inline opencl::grid row_vectors(const opencl::device& device, const shape& size) {
  return {pieces(size.x, device.vector_width()), size.y, size.z};
}

/// What kernels need for RANK of pixels.
inline opencl::defines rank_macros(pixel_type type) {
  opencl::defines macros{{"SRC_T", opencl_name_of(type)},
                         {"RANK_OF_ZERO", text({rank_of_zero(type), "u"})}};
  if (type == pixel_type::f32) macros.add("IS_FLOAT");
  return macros;
}

/// Numbers cut into parts, each for a work-item, or for a work-group along y where work-items share
/// their work.
struct parts {
  static constexpr std::size_t group = 256;  ///< work-items that share a part, at most
  std::size_t size, count;                   ///< numbers per part, parts

  /// Less than `least` numbers are not worth a part.
  parts(const opencl::device& device, std::size_t numbers, std::size_t least = 0)
      : is_shared_(device.launches().variant == opencl::kernel_variant::cooperative) {
    constexpr std::size_t step = 4096;
    const std::size_t most = is_shared_ ? 1024 : 8 * device.description().compute_units;
    size = step * std::max<std::size_t>(pieces(std::max(pieces(numbers, most), least), step), 1);
    count = pieces(numbers, size);
  }

  [[nodiscard]] bool is_shared() const { return is_shared_; }
  [[nodiscard]] opencl::grid grid() const {
    const std::size_t items = is_shared_ ? group : 1;
    return {.x = count, .local = {1, items, 1}, .cost = size / items};
  }

 private:
  bool is_shared_;
};

}  // namespace gpuimg::detail
