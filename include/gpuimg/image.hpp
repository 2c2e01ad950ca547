// SPDX-License-Identifier: BSD-3-Clause
// Pixels on a device: to and from host memory, boxes of them, copies.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/core/view.hpp"
#include "gpuimg/device.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail {

struct access;

/// An image without the type of its pixels: where it lives, and how bytes get there and back. One
/// that was moved from is an image of the same device without pixels.
class untyped_image {
 public:
  untyped_image(const gpuimg::device& device, const gpuimg::shape& shape, pixel_type type)
      : device_(device), shape_(shape), type_(type) {
    check_size();
    const std::size_t count = bytes();
    if (count == 0) return;
    if (device_.is_reference())
      host_ = device_.reference_side().allocate(count);
    else
      memory_ = device_.opencl().allocate(count);
  }
  untyped_image(const gpuimg::device& device, const gpuimg::shape& shape, pixel_type type,
                reference::buffer host, opencl::buffer memory)
      : device_(device),
        shape_(shape),
        type_(type),
        host_(std::move(host)),
        memory_(std::move(memory)) {
    check_size();
  }
  untyped_image(untyped_image&& other) noexcept
      : device_(other.device_),
        shape_(std::exchange(other.shape_, {})),
        type_(other.type_),
        host_(std::exchange(other.host_, {})),
        memory_(std::exchange(other.memory_, {})) {}
  untyped_image& operator=(untyped_image&& other) noexcept {
    untyped_image taken(std::move(other));
    device_ = taken.device_;
    std::swap(shape_, taken.shape_);
    std::swap(host_, taken.host_);
    std::swap(memory_, taken.memory_);
    return *this;
  }

  [[nodiscard]] const gpuimg::device& device() const { return device_; }
  [[nodiscard]] const gpuimg::shape& shape() const { return shape_; }
  [[nodiscard]] std::size_t size() const { return shape_.pixels(); }  ///< pixels
  [[nodiscard]] bool empty() const { return shape_.empty(); }
  [[nodiscard]] std::size_t bytes() const { return size() * size_of(type_); }

  /// The OpenCL buffer behind the image, which shares its memory; null without pixels. It becomes a
  /// cl::Buffer where one is wanted, and may outlive the image: its memory is never used again, and
  /// counts in the budget until both are gone. Throws device_error, memory_error.
  [[nodiscard]] opencl::memory_handle opencl_buffer() const {
    return memory_.memory() == nullptr ? opencl::memory_handle{} : memory_.lend();
  }

 protected:
  friend struct access;

  [[nodiscard]] void* host() const { return host_.data(); }
  [[nodiscard]] opencl::buffer_view opencl() const { return {memory_.memory(), type_, shape_}; }

  void write(const void* from) {
    if (empty()) return;
    if (device_.is_reference())
      std::memcpy(host(), from, bytes());
    else
      device_.opencl().write(memory_.memory(), from, bytes());
  }
  void read(void* to) const {
    if (empty()) return;
    if (device_.is_reference())
      std::memcpy(to, host(), bytes());
    else
      device_.opencl().read(memory_.memory(), to, bytes());
  }
  void write_box(position target, const gpuimg::shape& size, const void* from) {
    if (size.empty()) return;
    if (device_.is_reference())
      copy_rows(static_cast<const char*>(from), size, {}, host(), shape_, target, size);
    else
      device_.opencl().write_box(opencl(), target, size, from);
  }
  void read_box(position origin, const gpuimg::shape& size, void* to) const {
    if (size.empty()) return;
    if (device_.is_reference())
      copy_rows(host(), shape_, origin, to, size, {}, size);
    else
      device_.opencl().read_box(opencl(), origin, size, to);
  }
  void copy_box(position origin, untyped_image& dst, position target,
                const gpuimg::shape& size) const {
    if (size.empty()) return;
    if (device_.is_reference())
      copy_rows(host(), shape_, origin, dst.host(), dst.shape_, target, size);
    else
      device_.opencl().copy_box(opencl(), origin, dst.opencl(), target, size);
  }

 private:
  // Kernels count along an axis in 32 bits with a sign, and go beyond its end, or to twice its
  // length where a border reflects.
  static constexpr std::size_t largest_axis = std::size_t{1} << 30;

  void check_size() const {
    for (const std::size_t size : shape_.axes())
      if (size > largest_axis)
        throw argument_error(
            text({"an axis may have ", largest_axis, " pixels, got shape ", to_string(shape_)}));
    if (!shape_.empty() && shape_.x * shape_.y > SIZE_MAX / size_of(type_) / shape_.z)
      throw argument_error(
          text({"shape ", to_string(shape_), " has more bytes than there are addresses"}));
  }

  void copy_rows(const void* from, const gpuimg::shape& from_shape, position origin, void* to,
                 const gpuimg::shape& to_shape, position target, const gpuimg::shape& size) const {
    const std::size_t pixel = size_of(type_);
    const auto at = [pixel](const gpuimg::shape& whole, const position& p, std::size_t y,
                            std::size_t z) {
      return pixel * (p.x + whole.x * (p.y + y + whole.y * (p.z + z)));
    };
    for (std::size_t z = 0; z < size.z; ++z)
      for (std::size_t y = 0; y < size.y; ++y)
        std::memcpy(static_cast<char*>(to) + at(to_shape, target, y, z),
                    static_cast<const char*>(from) + at(from_shape, origin, y, z), pixel * size.x);
  }

  gpuimg::device device_;
  gpuimg::shape shape_;
  pixel_type type_;
  reference::buffer host_;  // on the reference
  opencl::buffer memory_;   // on an OpenCL device
};

}  // namespace detail

/// A 2D or 3D image on one device: contiguous, x fastest. Moves, and copies only by `clone()`; one
/// that was moved from is an image of the same device without pixels. Images without pixels are
/// legal everywhere.
template <pixel T>
class image : detail::untyped_image {
 public:
  using value_type = T;

  /// Uninitialised pixels. Throws argument_error where an axis has more than 2^30, memory_error.
  image(const gpuimg::device& device, const gpuimg::shape& shape)
      : untyped_image(device, shape, pixel_type_of<T>()) {}

  using untyped_image::bytes;
  using untyped_image::device;
  using untyped_image::empty;
  using untyped_image::opencl_buffer;
  using untyped_image::shape;
  using untyped_image::size;

  /// The same pixels in memory of their own, on the same device.
  [[nodiscard]] image clone() const {
    image copy(device(), shape());
    copy_box({}, copy, {}, shape());
    return copy;
  }

 private:
  friend struct detail::access;
  explicit image(untyped_image&& other) : untyped_image(std::move(other)) {}
};

using binary_image = image<std::uint8_t>;  ///< 0 is background, anything else is foreground
using label_image = image<std::uint32_t>;  ///< 0 is background

namespace detail {

/// What the backends see of an image. Only an image that may change is written to.
struct access {
  template <pixel T>
  static view<const T> read(const image<T>& src) {
    return {static_cast<const T*>(src.host()), src.shape()};
  }
  template <pixel T>
  static view<T> write(image<T>& dst) {
    return {static_cast<T*>(dst.host()), dst.shape()};
  }
  template <pixel T>
  static opencl::buffer_view opencl(const image<T>& image) {
    return image.opencl();
  }
  template <pixel T>
  static untyped_image& untyped(image<T>& dst) {
    return dst;
  }
  template <pixel T>
  static const untyped_image& untyped(const image<T>& src) {
    return src;
  }
  template <pixel T>
  static image<T> make(const device& device, const shape& shape, reference::buffer host,
                       opencl::buffer memory) {
    return image<T>(
        untyped_image(device, shape, pixel_type_of<T>(), std::move(host), std::move(memory)));
  }

  static void* host(const untyped_image& image) { return image.host(); }
  static cl_mem memory(const untyped_image& image) { return image.opencl().memory; }
  static void write(untyped_image& dst, const void* from) { dst.write(from); }
  static void read(const untyped_image& src, void* to) { src.read(to); }
  static void write_box(untyped_image& dst, position target, const shape& size, const void* from) {
    dst.write_box(target, size, from);
  }
  static void read_box(const untyped_image& src, position origin, const shape& size, void* to) {
    src.read_box(origin, size, to);
  }
  static void copy_box(const untyped_image& src, position origin, untyped_image& dst,
                       position target, const shape& size) {
    src.copy_box(origin, dst, target, size);
  }
  /// The image with its own device, which may be observed otherwise.
  template <pixel T>
  static image<T> on(const device& device, image<T>&& src) {
    src.device_ = device;
    return std::move(src);
  }
  static opencl::buffer take(untyped_image& src) {
    src.shape_ = {};
    return std::exchange(src.memory_, {});
  }
};

inline void check_count(const char* what, std::size_t given, const shape& shape) {
  if (given != shape.pixels())
    throw argument_error(text({what, ": ", given, " pixels do not fill shape ", to_string(shape),
                               ", which has ", shape.pixels()}));
}

inline bool lies_inside(const shape& whole, const position& at, const shape& size) {
  const auto fits = [](std::size_t n, std::size_t from, std::size_t count) {
    return from <= n && count <= n - from;
  };
  return fits(whole.x, at.x, size.x) && fits(whole.y, at.y, size.y) && fits(whole.z, at.z, size.z);
}

/// `opening`: of the text, such as "crop: "; operations get theirs where they run.
inline void check_box(const char* opening, const shape& whole, const position& at,
                      const shape& size) {
  if (!lies_inside(whole, at, size))
    throw argument_error(text({opening, "a box of ", to_string(size), " at (", at.x, ", ", at.y,
                               ", ", at.z, ") does not lie inside ", to_string(whole)}));
}

/// The element type of a contiguous range: of a vector, an array, a span; const where it is.
template <class R>
using range_element = typename decltype(std::span(std::declval<R&>()))::element_type;
template <class R>
using range_pixel = std::remove_const_t<range_element<const R>>;

template <class R>
concept pixel_range = pixel<range_pixel<R>>;
template <class R, class T>
concept range_of = std::same_as<T, range_pixel<R>>;

/// A contiguous range whose pixels can be written. `R` is a forwarding reference's.
template <class R>
concept writable_pixel_range = pixel<range_element<R>>;
template <class R, class T>
concept writable_range_of = std::same_as<T, range_element<R>>;

/// A range whose pixels stay when the call is over: one that has a name, or a span.
template <class R>
concept lasting =
    std::is_lvalue_reference_v<R> || std::ranges::enable_borrowed_range<std::remove_cvref_t<R>>;

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

}  // namespace detail

/// Copies host pixels into an image that exists, converted to T where they are of another type (to
/// integers: saturating, rounded half to even, NaN is 0). Waits for the device. `pixels`: any
/// contiguous range of a pixel type, of as many pixels as the image has. Throws argument_error,
/// memory_error.
template <detail::pixel_range R, pixel T>
void push(const R& pixels, image<T>& dst) {
  detail::check_count("push", std::span(pixels).size(), dst.shape());
  const auto converted = detail::as_pixels_of<T>(pixels);
  detail::access::write(detail::access::untyped(dst), converted.data());
}

/// As above, into the box of `size` pixels whose first pixel is `target`.
template <detail::pixel_range R, pixel T>
void push(const R& pixels, shape size, image<T>& dst, position target) {
  detail::check_count("push", std::span(pixels).size(), size);
  detail::check_box("push: ", dst.shape(), target, size);
  const auto converted = detail::as_pixels_of<T>(pixels);
  detail::access::write_box(detail::access::untyped(dst), target, size, converted.data());
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
/// image, or a span. Throws argument_error where the device has memory of its own, and where it is
/// no CPU and the pixels do not begin at a multiple of 16 bytes.
template <detail::writable_pixel_range R>
auto wrap(const device& device, R&& pixels, shape shape) {
  static_assert(detail::lasting<R>, "the pixels must outlive the image");
  using T = detail::range_element<R>;
  const std::span<T> given(pixels);
  detail::check_count("wrap", given.size(), shape);
  if (shape.empty()) return image<T>(device, shape);
  if (device.is_reference())
    return detail::access::make<T>(device, shape, reference::buffer(given.data()), {});
  if (!device.opencl().description().shares_host_memory)
    throw argument_error(
        detail::text({"wrap: ", device.name(), " does not share host memory; use push"}));
  return detail::access::make<T>(device, shape, {},
                                 device.opencl().wrap(given.data(), given.size_bytes()));
}

/// Uses an OpenCL buffer of the device's context as it is, such as a cl::Buffer with as many pixels
/// as the shape has, or more: image and buffer share the memory, which stays until both are gone
/// and does not count in the budget. Throws argument_error where the buffer is too small or belongs
/// to another context, or where the device is the reference.
template <pixel T, opencl::binding_of<cl_mem> Buffer>
image<T> wrap(const device& device, const Buffer& buffer, shape shape) {
  if (shape.empty()) return image<T>(device, shape);
  return detail::access::make<T>(device, shape, {},
                                 device.opencl().share(buffer(), shape.pixels() * sizeof(T)));
}

/// Copies the pixels to host memory. Waits for the device. `dst`: any contiguous range of as many
/// pixels as the image has. Throws argument_error, memory_error.
template <pixel T, detail::writable_range_of<T> R>
void pull(const image<T>& src, R&& dst) {
  const std::span<T> to(dst);
  detail::check_count("pull", to.size(), src.shape());
  detail::access::read(detail::access::untyped(src), to.data());
}
template <pixel T>
void pull(const image<T>& src, T* dst) {
  detail::access::read(detail::access::untyped(src), dst);
}

/// As above, those of the box of `size` pixels whose first pixel is `origin`.
template <pixel T, detail::writable_range_of<T> R>
void pull(const image<T>& src, position origin, shape size, R&& dst) {
  const std::span<T> to(dst);
  detail::check_box("pull: ", src.shape(), origin, size);
  detail::check_count("pull", to.size(), size);
  detail::access::read_box(detail::access::untyped(src), origin, size, to.data());
}
template <pixel T>
std::vector<T> pull(const image<T>& src, position origin, shape size) {
  detail::check_box("pull: ", src.shape(), origin, size);
  auto pixels = detail::with_host_memory(size.pixels() * sizeof(T),
                                         [&] { return std::vector<T>(size.pixels()); });
  detail::access::read_box(detail::access::untyped(src), origin, size, pixels.data());
  return pixels;
}

/// The pixels, x fastest. Waits for the device. Throws memory_error.
template <pixel T>
std::vector<T> pull(const image<T>& src) {
  if (src.empty()) return {};
  return detail::with_host_memory(src.bytes(), [&] {
    std::vector<T> pixels;
    const auto assign = [&](const void* from) {
      const T* first = static_cast<const T*>(from);
      pixels.assign(first, first + src.size());
    };
    if (src.device().is_reference()) {
      assign(detail::access::read(src).data());
    } else if (src.device().opencl().description().shares_host_memory) {
      src.device().opencl().with_mapped(detail::access::opencl(src).memory, src.bytes(), assign);
    } else {
      pixels.resize(src.size());
      pull(src, pixels.data());
    }
    return pixels;
  });
}

/// A copy that may still be under way. `wait()` returns when it is done; the host's memory must
/// stay until then, or until the transfer is destroyed, which waits as well. Throws device_error,
/// memory_error where the copy failed. Belongs to one thread.
using transfer = opencl::transfer;

/// As `push` into an image, of the same pixel type, but returns while the copy may be under way.
/// What is enqueued later comes after it.
template <class R, pixel T>
requires detail::range_of<std::remove_cvref_t<R>, T> transfer push_async(R&& pixels,
                                                                         image<T>& dst) {
  static_assert(detail::lasting<R>, "the pixels must outlive the transfer");
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
template <pixel T, detail::writable_range_of<T> R>
transfer pull_async(const image<T>& src, R&& dst) {
  static_assert(detail::lasting<R>, "the memory must outlive the transfer");
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
  if (src.device() != device) return push<T>(device, pull(src), src.shape());
  image<T> copy(device, src.shape());
  detail::access::copy_box(detail::access::untyped(src), {}, detail::access::untyped(copy), {},
                           src.shape());
  return copy;
}

namespace detail {

/// The memory of an image that moves to a sibling of its device. Throws argument_error where it is
/// none.
inline opencl::buffer memory_on_sibling(untyped_image& src, const device& device) {
  if (src.device().is_reference() || device.is_reference() ||
      !device.opencl().is_sibling_of(src.device().opencl()))
    throw argument_error(text({"move_to: ", device.name(), " is no sibling of the image's device, ",
                               src.device().name(), "; use copy_to"}));
  if (src.empty()) return {};
  device.opencl().come_after(src.device().opencl());
  return device.opencl().adopt(access::take(src));
}

}  // namespace detail

/// The image itself, without a copy, on a sibling of its device: what the sibling is given to do
/// from now on comes after what the device was given. `src` has no pixels then. Waits for nothing.
/// Throws argument_error where `device` is no sibling, device_error, memory_error.
template <pixel T>
image<T> move_to(image<T>&& src, const device& device) {
  if (src.device() == device) return detail::access::on(device, std::move(src));
  const auto shape = src.shape();
  return detail::access::make<T>(device, shape, {},
                                 detail::memory_on_sibling(detail::access::untyped(src), device));
}

/// The box of `size` pixels whose first pixel is `origin`. Throws argument_error, memory_error.
template <pixel T>
image<T> crop(const image<T>& src, position origin, shape size) {
  detail::check_box("crop: ", src.shape(), origin, size);
  image<T> dst(src.device(), size);
  detail::access::copy_box(detail::access::untyped(src), origin, detail::access::untyped(dst), {},
                           size);
  return dst;
}

/// Writes all of `src` into `dst`, another image, its first pixel at `target`. Throws
/// argument_error.
template <pixel T>
void paste(const image<T>& src, image<T>& dst, position target) {
  if (&src == &dst) throw argument_error("paste: an image is not pasted into itself");
  if (src.device() != dst.device())
    throw argument_error(detail::text({"paste: the images are on different devices, ",
                                       src.device().name(), " and ", dst.device().name()}));
  detail::check_box("paste: ", dst.shape(), target, src.shape());
  detail::access::copy_box(detail::access::untyped(src), {}, detail::access::untyped(dst), target,
                           src.shape());
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
