// SPDX-License-Identifier: BSD-3-Clause
// Pixels on a device: to and from host memory, boxes of them, copies.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ranges>
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

namespace detail {
struct access;
}

/// A 2D or 3D image on one device: contiguous, x fastest. Moves, and copies only by `clone()`; one
/// that was moved from is an image of the same device without pixels. Images without pixels are
/// legal everywhere.
template <pixel T>
class image {
 public:
  using value_type = T;

  /// Uninitialised pixels. Throws argument_error where an axis has more than 2^30, memory_error.
  image(gpuimg::device device, gpuimg::shape shape) : device_(std::move(device)), shape_(shape) {
    check_size();
    const std::size_t bytes = shape_.pixels() * sizeof(T);
    if (bytes == 0) return;
    if (device_.is_reference())
      memory_ = device_.reference_side().allocate(bytes);
    else
      memory_ = device_.opencl().allocate(bytes);
  }

  image(image&& other) noexcept
      : device_(other.device_),
        shape_(std::exchange(other.shape_, {})),
        memory_(std::exchange(other.memory_, {})) {}
  image& operator=(image&& other) noexcept {
    image taken(std::move(other));
    device_ = taken.device_;
    std::swap(shape_, taken.shape_);
    std::swap(memory_, taken.memory_);
    return *this;
  }

  [[nodiscard]] const gpuimg::device& device() const { return device_; }
  [[nodiscard]] const gpuimg::shape& shape() const { return shape_; }
  [[nodiscard]] std::size_t size() const { return shape_.pixels(); }  ///< pixels
  [[nodiscard]] bool empty() const { return shape_.empty(); }

  /// The same pixels in memory of their own, on the same device.
  [[nodiscard]] image clone() const;

  /// The OpenCL buffer behind the image, which shares its memory; null without pixels. It becomes a
  /// cl::Buffer where one is wanted, and may outlive the image: its memory is never used again, and
  /// counts in the budget until both are gone. Throws device_error, memory_error.
  [[nodiscard]] opencl::memory_handle opencl_buffer() const {
    if (const auto* buffer = std::get_if<opencl::buffer>(&memory_)) return buffer->lend();
    return {};
  }

 private:
  friend struct detail::access;
  image(gpuimg::device device, gpuimg::shape shape,
        std::variant<reference::buffer, opencl::buffer> memory)
      : device_(std::move(device)), shape_(shape), memory_(std::move(memory)) {
    check_size();
  }

  // Kernels count along an axis in 32 bits with a sign, and go beyond its end, or to twice its
  // length where a border reflects.
  static constexpr std::size_t largest_axis = std::size_t{1} << 30;

  void check_size() const {
    for (const std::size_t size : shape_.axes())
      if (size > largest_axis)
        throw argument_error("an axis may have " + std::to_string(largest_axis) +
                             " pixels, got shape " + to_string(shape_));
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

/// What the backends see of an image. Only an image that may change is written to.
struct access {
  template <pixel T>
  static view<const T> read(const image<T>& src) {
    return {host<T>(src), src.shape_};
  }
  template <pixel T>
  static view<T> write(image<T>& dst) {
    return {host<T>(dst), dst.shape_};
  }
  template <pixel T>
  static opencl::buffer_view opencl(const image<T>& image) {
    const auto* buffer = std::get_if<opencl::buffer>(&image.memory_);
    return {buffer == nullptr ? nullptr : buffer->memory(), pixel_type_of<T>(), image.shape_};
  }
  template <pixel T, class Buffer>
  static image<T> make(const device& device, const shape& shape, Buffer&& memory) {
    return {device, shape, std::forward<Buffer>(memory)};
  }
  template <pixel T>
  static opencl::buffer take(image<T>& src) {
    src.shape_ = {};
    return std::get<opencl::buffer>(std::exchange(src.memory_, {}));
  }

 private:
  template <pixel T>
  static T* host(const image<T>& image) {
    const auto* buffer = std::get_if<reference::buffer>(&image.memory_);
    return static_cast<T*>(buffer == nullptr ? nullptr : buffer->data());
  }
};

inline void check_count(const char* what, std::size_t given, const shape& shape) {
  if (given != shape.pixels())
    throw argument_error(std::string(what) + ": " + std::to_string(given) +
                         " pixels do not fill shape " + to_string(shape) + ", which has " +
                         std::to_string(shape.pixels()));
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

/// The element type of a contiguous range: of a vector, an array, a span; const where it is.
template <class R>
using range_element = typename decltype(std::span(std::declval<R&>()))::element_type;
template <class R>
using range_pixel = std::remove_const_t<range_element<const R>>;

template <class R>
concept pixel_range = pixel<range_pixel<R>>;

/// A contiguous range whose pixels can be written. `R` is a forwarding reference's.
template <class R>
concept writable_pixel_range = pixel<range_element<R>>;

/// The pixels converted to T, in memory of their own where they are of another type.
template <pixel T, pixel_range R>
auto as_pixels_of(const R& pixels) {
  const std::span given(pixels);
  if constexpr (std::same_as<T, range_pixel<R>>) {
    return std::span<const T>(given);
  } else {
    return with_host_memory(given.size() * sizeof(T), [&] {
      std::vector<T> converted(given.size());
      std::transform(given.begin(), given.end(), converted.begin(),
                     [](auto p) { return convert_pixel<T>(p); });
      return converted;
    });
  }
}

/// Calls `row(y, z, pixel)` for every row of a box; `pixel` is the index of the row's first pixel
/// among those of the box.
template <class Row>
void for_each_row(const shape& size, Row row) {
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y) row(y, z, size.x * (y + size.y * z));
}

}  // namespace detail

template <pixel T>
image<T> image<T>::clone() const {
  image copy(device_, shape_);
  if (empty()) return copy;
  if (device_.is_reference())
    std::copy_n(detail::access::read(*this).data(), size(), detail::access::write(copy).data());
  else
    device_.opencl().copy(detail::access::opencl(*this).memory, detail::access::opencl(copy).memory,
                          size() * sizeof(T));
  return copy;
}

/// Copies host pixels into an image that exists, converted to T where they are of another type (to
/// integers: saturating, rounded half to even, NaN is 0). Waits for the device. `pixels`: any
/// contiguous range of a pixel type, of as many pixels as the image has. Throws argument_error,
/// memory_error.
template <detail::pixel_range R, pixel T>
void push(const R& pixels, image<T>& dst) {
  detail::check_count("push", std::span(pixels).size(), dst.shape());
  if (dst.empty()) return;
  const auto converted = detail::as_pixels_of<T>(pixels);
  if (dst.device().is_reference())
    std::copy_n(converted.data(), dst.size(), detail::access::write(dst).data());
  else
    dst.device().opencl().write(detail::access::opencl(dst).memory, converted.data(),
                                dst.size() * sizeof(T));
}

/// As above, into the box of `size` pixels whose first pixel is `target`.
template <detail::pixel_range R, pixel T>
void push(const R& pixels, shape size, image<T>& dst, position target) {
  detail::check_count("push", std::span(pixels).size(), size);
  detail::check_box("push", dst.shape(), target, size);
  if (size.empty()) return;
  const auto converted = detail::as_pixels_of<T>(pixels);
  if (dst.device().is_reference()) {
    const auto to = detail::access::write(dst);
    detail::for_each_row(size, [&](std::size_t y, std::size_t z, std::size_t first) {
      std::copy_n(converted.data() + first, size.x, &to(target.x, target.y + y, target.z + z));
    });
  } else {
    dst.device().opencl().write_box(detail::access::opencl(dst), target, size, converted.data());
  }
}

/// A new image on a device with the host's pixels, as `push` into an image.
template <pixel T, detail::pixel_range R>
image<T> push(const device& device, const R& pixels, shape shape) {
  detail::check_count("push", std::span(pixels).size(), shape);
  image<T> dst(device, shape);
  push(pixels, dst);
  return dst;
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
/// the device: until then the host leaves it alone. `pixels`: a contiguous range that outlives the
/// image, or a span. Throws argument_error where the device has memory of its own.
template <detail::writable_pixel_range R>
requires(std::ranges::borrowed_range<R>) auto wrap(const device& device, R&& pixels, shape shape) {
  using T = detail::range_element<R>;
  const std::span<T> given(pixels);
  detail::check_count("wrap", given.size(), shape);
  if (shape.empty()) return image<T>(device, shape);
  if (device.is_reference())
    return detail::access::make<T>(device, shape, reference::buffer(given.data()));
  if (!device.opencl().description().shares_host_memory)
    throw argument_error("wrap: " + device.name() + " does not share host memory; use push");
  return detail::access::make<T>(device, shape,
                                 device.opencl().wrap(given.data(), given.size_bytes()));
}

/// Copies the pixels to host memory. Waits for the device. `dst`: any contiguous range of as many
/// pixels as the image has. Throws argument_error, memory_error.
template <pixel T, detail::writable_pixel_range R>
requires(std::same_as<T, detail::range_element<R>>) void pull(const image<T>& src, R&& dst) {
  const std::span<T> to(dst);
  detail::check_count("pull", to.size(), src.shape());
  if (src.empty()) return;
  if (src.device().is_reference())
    std::copy_n(detail::access::read(src).data(), src.size(), to.data());
  else
    src.device().opencl().read(detail::access::opencl(src).memory, to.data(), to.size_bytes());
}
template <pixel T>
void pull(const image<T>& src, T* dst) {
  pull(src, std::span(dst, src.size()));
}

/// As above, those of the box of `size` pixels whose first pixel is `origin`.
template <pixel T, detail::writable_pixel_range R>
requires(std::same_as<T, detail::range_element<R>>) void pull(const image<T>& src, position origin,
                                                              shape size, R&& dst) {
  const std::span<T> to(dst);
  detail::check_box("pull", src.shape(), origin, size);
  detail::check_count("pull", to.size(), size);
  if (size.empty()) return;
  if (src.device().is_reference()) {
    const auto from = detail::access::read(src);
    detail::for_each_row(size, [&](std::size_t y, std::size_t z, std::size_t first) {
      std::copy_n(&from(origin.x, origin.y + y, origin.z + z), size.x, to.data() + first);
    });
  } else {
    src.device().opencl().read_box(detail::access::opencl(src), origin, size, to.data());
  }
}
template <pixel T>
std::vector<T> pull(const image<T>& src, position origin, shape size) {
  detail::check_box("pull", src.shape(), origin, size);
  auto pixels = detail::with_host_memory(size.pixels() * sizeof(T),
                                         [&] { return std::vector<T>(size.pixels()); });
  pull(src, origin, size, pixels);
  return pixels;
}

/// The pixels, x fastest. Waits for the device. Throws memory_error.
template <pixel T>
std::vector<T> pull(const image<T>& src) {
  if (src.empty()) return {};
  return detail::with_host_memory(src.size() * sizeof(T), [&] {
    if (src.device().is_reference()) {
      const auto pixels = detail::access::read(src);
      return std::vector<T>(pixels.begin(), pixels.end());
    }
    std::vector<T> pixels;
    const auto& device = src.device().opencl();
    if (device.description().shares_host_memory) {
      device.with_mapped(detail::access::opencl(src).memory, src.size() * sizeof(T),
                         [&](const void* mapped) {
                           const T* first = static_cast<const T*>(mapped);
                           pixels.assign(first, first + src.size());
                         });
    } else {
      pixels.resize(src.size());
      pull(src, pixels);
    }
    return pixels;
  });
}

/// A copy that may still be under way. `wait()` returns when it is done, and throws device_error or
/// memory_error where it failed; the host's memory must stay until then, or until the transfer is
/// destroyed, which waits as well. Belongs to one thread.
using transfer = opencl::transfer;

/// As `push` into an image, of the same pixel type, but returns while the copy may be under way.
/// What is enqueued later comes after it.
template <detail::pixel_range R, pixel T>
requires(std::same_as<T, detail::range_pixel<R>>&& std::ranges::borrowed_range<const R&>) transfer
    push_async(const R& pixels, image<T>& dst) {
  const std::span<const T> from(pixels);
  detail::check_count("push_async", from.size(), dst.shape());
  if (dst.empty()) return {};
  if (!dst.device().is_reference())
    return dst.device().opencl().start_write(detail::access::opencl(dst).memory, from.data(),
                                             from.size_bytes());
  push(from, dst);
  return {};
}

/// As `pull`, but returns while the copy may be under way: the pixels are there when `wait()`
/// returns. What is enqueued later comes after it, and the image may be gone by then.
template <pixel T, detail::writable_pixel_range R>
requires(std::same_as<T, detail::range_element<R>>&& std::ranges::borrowed_range<R>) transfer
    pull_async(const image<T>& src, R&& dst) {
  const std::span<T> to(dst);
  detail::check_count("pull_async", to.size(), src.shape());
  if (src.empty()) return {};
  if (!src.device().is_reference())
    return src.device().opencl().start_read(detail::access::opencl(src).memory, to.data(),
                                            to.size_bytes());
  pull(src, to);
  return {};
}

/// The same pixels on another device, or in memory of their own on the same one.
template <pixel T>
image<T> copy_to(const image<T>& src, const device& device) {
  if (src.device() == device) return src.clone();
  return push<T>(device, pull(src), src.shape());
}

/// The image itself, without a copy, on a sibling of its device: what the sibling is given to do
/// from now on comes after what the device was given. `src` has no pixels then. Waits for nothing.
/// Throws argument_error where `device` is no sibling, device_error, memory_error.
template <pixel T>
image<T> move_to(image<T>&& src, const device& device) {
  if (src.device() == device) return std::move(src);
  if (src.device().is_reference() || device.is_reference() ||
      !device.opencl().is_sibling_of(src.device().opencl()))
    throw argument_error("move_to: " + device.name() + " is no sibling of the image's device, " +
                         src.device().name() + "; use copy_to");
  if (src.empty()) return image<T>(device, src.shape());
  const auto& own = device.opencl();
  own.come_after(src.device().opencl());
  const auto shape = src.shape();
  return detail::access::make<T>(device, shape, own.adopt(detail::access::take(src)));
}

namespace detail {

template <pixel T>
void copy_box(const image<T>& src, position origin, image<T>& dst, position target, shape size) {
  if (size.empty()) return;
  if (!src.device().is_reference()) {
    src.device().opencl().copy_box(access::opencl(src), origin, access::opencl(dst), target, size);
    return;
  }
  const auto from = access::read(src);
  const auto to = access::write(dst);
  for_each_row(size, [&](std::size_t y, std::size_t z, std::size_t) {
    std::copy_n(&from(origin.x, origin.y + y, origin.z + z), size.x,
                &to(target.x, target.y + y, target.z + z));
  });
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

/// Writes all of `src` into `dst`, another image, its first pixel at `target`. Throws
/// argument_error.
template <pixel T>
void paste(const image<T>& src, image<T>& dst, position target) {
  if (&src == &dst) throw argument_error("paste: an image is not pasted into itself");
  if (src.device() != dst.device())
    throw argument_error("paste: the images are on different devices, " + src.device().name() +
                         " and " + dst.device().name());
  detail::check_box("paste", dst.shape(), target, src.shape());
  detail::copy_box(src, {}, dst, target, src.shape());
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
