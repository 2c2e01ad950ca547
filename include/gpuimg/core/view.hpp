// SPDX-License-Identifier: BSD-3-Clause
// A shape over host memory that somebody else owns.
#pragma once

#include <cstddef>
#include <type_traits>

#include "gpuimg/core/shape.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// Contiguous pixels in host memory, x fastest. Copying a view copies no pixels.
template <class T>
class view {
 public:
  view() = default;
  view(T* data, gpuimg::shape shape) : data_(data), shape_(shape) {}
  /// A view that writes serves as one that reads.
  operator view<const T>() const requires(!std::is_const_v<T>) { return {data_, shape_}; }

  T& operator()(std::size_t x, std::size_t y = 0, std::size_t z = 0) const {
    return data_[x + shape_.x * (y + shape_.y * z)];
  }
  T& operator[](std::size_t index) const { return data_[index]; }

  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] const gpuimg::shape& shape() const { return shape_; }
  [[nodiscard]] std::size_t size() const { return shape_.pixels(); }
  [[nodiscard]] T* begin() const { return data_; }
  [[nodiscard]] T* end() const { return data_ + size(); }

 private:
  T* data_ = nullptr;
  gpuimg::shape shape_{};
};

}  // namespace gpuimg
