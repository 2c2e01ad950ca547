// SPDX-License-Identifier: BSD-3-Clause
// The size of a tensor along its axes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// Sizes along the axes of a tensor, the last axis fastest in memory, as ONNX and PyTorch order
/// them: batch, channels, then z, y, x as far as there are such axes. No axes: one number.
class tensor_shape {
 public:
  tensor_shape() = default;
  tensor_shape(std::initializer_list<std::int64_t> sizes) : sizes_(sizes) { check(); }
  /// Throws argument_error where a size is negative, or the tensor has more numbers than 2^62, or
  /// more than 64 axes.
  explicit tensor_shape(std::vector<std::int64_t> sizes) : sizes_(std::move(sizes)) { check(); }

  [[nodiscard]] std::size_t rank() const { return sizes_.size(); }
  [[nodiscard]] std::int64_t operator[](std::size_t axis) const { return sizes_[axis]; }
  [[nodiscard]] std::span<const std::int64_t> sizes() const { return sizes_; }
  /// How many numbers a tensor of this shape has.
  [[nodiscard]] std::int64_t elements() const { return product(0, rank()); }
  /// The product of the sizes from axis `first` up to, not with, axis `last`.
  [[nodiscard]] std::int64_t product(std::size_t first, std::size_t last) const {
    std::int64_t count = 1;
    for (std::size_t axis = first; axis < last; ++axis) count *= sizes_[axis];
    return count;
  }
  bool operator==(const tensor_shape&) const = default;

  /// Throws argument_error for more than 64 axes.
  static void check_rank(std::size_t axes) {
    if (axes > 64)
      throw argument_error("a tensor may have 64 axes at most, got " + std::to_string(axes));
  }

  /// "1x32x512x512"; "1" without axes.
  friend std::string to_string(const tensor_shape& shape) {
    std::string all;
    for (const std::int64_t size : shape.sizes_)
      all += (all.empty() ? "" : "x") + std::to_string(size);
    return all.empty() ? "1" : all;
  }

 private:
  void check() const {
    check_rank(rank());
    std::int64_t count = 1;
    for (const std::int64_t size : sizes_) {
      if (size < 0)
        throw argument_error("a tensor's axis must have a size of 0 or more, got " +
                             to_string(*this));
      if (size != 0 && count > (std::int64_t{1} << 62) / size)
        throw argument_error("a tensor may have 2^62 numbers at most, got shape " +
                             to_string(*this));
      count *= size == 0 ? 1 : size;
    }
  }

  std::vector<std::int64_t> sizes_;
};

}  // namespace gpuimg::nn
