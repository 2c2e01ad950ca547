// SPDX-License-Identifier: BSD-3-Clause
// Pixels on a device: to and from host memory, boxes of them, copies.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/view.hpp"
#include "gpuimg/device.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// A 2D or 3D image on one device: contiguous, x fastest. Moves, and copies only by `clone()`.
/// Images without pixels are legal everywhere.
template <pixel T>
class image {
 public:
  using pixel_type = T;

  /// Uninitialised pixels. Throws argument_error where an axis does not fit 31 bits, memory_error.
  image(gpuimg::device device, gpuimg::shape shape) : device_(std::move(device)), shape_(shape) {
    check_size();
    const std::size_t bytes = shape_.pixels() * sizeof(T);
    if (bytes == 0) return;
    if (device_.is_reference())
      memory_ = std::get<reference::device>(device_.backend()).allocate(bytes);
    else
      memory_ = device_.opencl().allocate(bytes);
  }

  [[nodiscard]] const gpuimg::device& device() const { return device_; }
  [[nodiscard]] const gpuimg::shape& shape() const { return shape_; }
  [[nodiscard]] std::size_t size() const { return shape_.pixels(); }  ///< pixels
  [[nodiscard]] bool empty() const { return shape_.empty(); }

  /// The same pixels in memory of their own, on the same device.
  [[nodiscard]] image clone() const {
    image copy(device_, shape_);
    if (empty()) return copy;
    if (device_.is_reference())
      std::copy_n(host().data(), size(), copy.host().data());
    else
      device_.opencl().copy(on_opencl().memory, copy.on_opencl().memory, size() * sizeof(T));
    return copy;
  }

  /// The OpenCL buffer behind the image, which shares its memory; null without pixels. It becomes a
  /// cl::Buffer where one is wanted, and may outlive the image: its memory is never used again.
  [[nodiscard]] opencl::memory_handle opencl_buffer() const {
    if (const auto* buffer = std::get_if<opencl::buffer>(&memory_)) return buffer->lend();
    return {};
  }

  /// How the backends see the image.
  [[nodiscard]] view<T> host() const {
    const auto* buffer = std::get_if<reference::buffer>(&memory_);
    return {static_cast<T*>(buffer == nullptr ? nullptr : buffer->data()), shape_};
  }
  [[nodiscard]] view<const T> reading() const { return {host().data(), shape_}; }
  [[nodiscard]] opencl::buffer_view on_opencl() const {
    const auto* buffer = std::get_if<opencl::buffer>(&memory_);
    return {buffer == nullptr ? nullptr : buffer->memory(), pixel_type_of<T>(), shape_};
  }

 private:
  template <pixel U>
  friend image<U> wrap(const gpuimg::device&, std::span<U>, gpuimg::shape);
  image(gpuimg::device device, gpuimg::shape shape,
        std::variant<reference::buffer, opencl::buffer> memory)
      : device_(std::move(device)), shape_(shape), memory_(std::move(memory)) {
    check_size();
  }

  void check_size() const {
    for (const std::size_t size : shape_.axes())
      if (size > 0x7fffffff)
        throw argument_error("an axis may have 2147483647 pixels, got shape " + to_string(shape_));
    if (!shape_.empty() && shape_.x * shape_.y > SIZE_MAX / sizeof(T) / shape_.z)
      throw argument_error("shape " + to_string(shape_) +
                           " has more bytes than there are addresses");
  }

  gpuimg::device device_;
  gpuimg::shape shape_;
  std::variant<reference::buffer, opencl::buffer> memory_;
};

using binary_image = image<std::uint8_t>;  ///< 0 is background, anything else is foreground
using label_image = image<std::uint32_t>;  ///< 0 is background

namespace detail {

inline void check_count(const char* what, std::size_t given, const shape& shape) {
  if (given != shape.pixels())
    throw argument_error(std::string(what) + ": " + std::to_string(given) +
                         " pixels do not fill shape " + to_string(shape) + ", which has " +
                         std::to_string(shape.pixels()));
}

/// The pixel type of a contiguous range: of a vector, an array, a span.
template <class R>
using range_pixel =
    std::remove_const_t<typename decltype(std::span(std::declval<const R&>()))::element_type>;

template <class R>
concept pixel_range = pixel<range_pixel<R>>;

}  // namespace detail

/// Copies host pixels to a device, converted to T where they are of another type (to integers:
/// saturating, rounded half to even, NaN is 0). Waits for the device. `pixels`: any contiguous
/// range of a pixel type, of as many pixels as the shape has. Throws argument_error, memory_error.
template <pixel T, detail::pixel_range R>
image<T> push(const device& device, const R& pixels, shape shape) {
  const std::span given(pixels);
  detail::check_count("push", given.size(), shape);
  if constexpr (std::same_as<T, detail::range_pixel<R>>) {
    image<T> dst(device, shape);
    if (dst.empty()) return dst;
    const T* from = given.data();
    if (device.is_reference())
      std::copy_n(from, dst.size(), dst.host().data());
    else
      device.opencl().write(dst.on_opencl().memory, from, dst.size() * sizeof(T));
    return dst;
  } else {
    std::vector<T> converted(given.size());
    std::transform(given.begin(), given.end(), converted.begin(),
                   [](auto p) { return convert_pixel<T>(p); });
    return push<T>(device, converted, shape);
  }
}

/// As above, of the range's own pixel type.
template <detail::pixel_range R>
auto push(const device& device, const R& pixels, shape shape) {
  return push<detail::range_pixel<R>>(device, pixels, shape);
}

/// As above, from a pointer to as many pixels as the shape has.
template <pixel T>
image<T> push(const device& device, const T* pixels, shape shape) {
  return push<T>(device, std::span(pixels, shape.pixels()), shape);
}

/// Uses host memory as it is, without a copy, from here until the image is gone, which waits for
/// the device: until then the host leaves it alone. Throws argument_error where the device has
/// memory of its own.
template <pixel T>
image<T> wrap(const device& device, std::span<T> pixels, shape shape) {
  detail::check_count("wrap", pixels.size(), shape);
  if (shape.empty()) return image<T>(device, shape);
  if (device.is_reference()) return {device, shape, reference::buffer(pixels.data())};
  if (!device.opencl().description().shares_host_memory)
    throw argument_error("wrap: " + device.name() + " does not share host memory; use push");
  return {device, shape, device.opencl().wrap(pixels.data(), pixels.size_bytes())};
}

/// Copies the pixels to host memory, as many as the image has. Waits for the device.
template <pixel T>
void pull(const image<T>& src, std::span<T> dst) {
  detail::check_count("pull", dst.size(), src.shape());
  if (src.empty()) return;
  if (src.device().is_reference())
    std::copy_n(src.host().data(), src.size(), dst.data());
  else
    src.device().opencl().read(src.on_opencl().memory, dst.data(), dst.size_bytes());
}
template <pixel T>
void pull(const image<T>& src, T* dst) {
  pull(src, std::span(dst, src.size()));
}

/// The pixels, x fastest. Waits for the device.
template <pixel T>
std::vector<T> pull(const image<T>& src) {
  if (src.empty()) return {};
  if (src.device().is_reference()) return {src.host().begin(), src.host().end()};
  std::vector<T> pixels;
  const auto& device = src.device().opencl();
  if (device.description().shares_host_memory) {
    device.with_mapped(src.on_opencl().memory, src.size() * sizeof(T), [&](const void* mapped) {
      const T* first = static_cast<const T*>(mapped);
      pixels.assign(first, first + src.size());
    });
  } else {
    pixels.resize(src.size());
    pull(src, std::span(pixels));
  }
  return pixels;
}

/// The same pixels on another device, or in memory of their own on the same one.
template <pixel T>
image<T> copy_to(const image<T>& src, const device& device) {
  if (src.device() == device) return src.clone();
  return push<T>(device, pull(src), src.shape());
}

namespace detail {

template <pixel T>
void copy_box(const image<T>& src, position origin, const image<T>& dst, position target,
              shape size) {
  if (size.empty()) return;
  if (!src.device().is_reference()) {
    src.device().opencl().copy_box(src.on_opencl(), origin, dst.on_opencl(), target, size);
    return;
  }
  const auto from = src.host(), to = dst.host();
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      std::copy_n(&from(origin.x, origin.y + y, origin.z + z), size.x,
                  &to(target.x, target.y + y, target.z + z));
}

inline void check_box(const char* what, const shape& whole, const position& at, const shape& size) {
  const auto fits = [](std::size_t n, std::size_t from, std::size_t count) {
    return from <= n && count <= n - from;
  };
  if (!fits(whole.x, at.x, size.x) || !fits(whole.y, at.y, size.y) || !fits(whole.z, at.z, size.z))
    throw argument_error(std::string(what) + ": a box of " + to_string(size) + " at (" +
                         std::to_string(at.x) + ", " + std::to_string(at.y) + ", " +
                         std::to_string(at.z) + ") does not lie inside " + to_string(whole));
}

}  // namespace detail

/// The box of `size` pixels whose first pixel is `origin`. Throws argument_error, memory_error.
template <pixel T>
image<T> crop(const image<T>& src, position origin, shape size) {
  detail::check_box("crop", src.shape(), origin, size);
  image<T> dst(src.device(), size);
  detail::copy_box(src, origin, dst, {}, size);
  return dst;
}

/// Writes all of `src` into `dst`, its first pixel at `target`. Throws argument_error.
template <pixel T>
void paste(const image<T>& src, image<T>& dst, position target) {
  if (src.device() != dst.device())
    throw argument_error("paste: the images are on different devices, " + src.device().name() +
                         " and " + dst.device().name());
  detail::check_box("paste", dst.shape(), target, src.shape());
  detail::copy_box(src, {}, dst, target, src.shape());
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
