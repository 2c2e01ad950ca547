// SPDX-License-Identifier: BSD-3-Clause
// Images on a device whose pixel type is known only when the program runs, to and from host images.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>

#include "gpuimg/core/host_image.hpp"
#include "gpuimg/image.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// An image of any pixel type; the alternatives stand in the order of `pixel_type`.
using any_image =
    std::variant<image<std::uint8_t>, image<std::int8_t>, image<std::uint16_t>, image<std::int16_t>,
                 image<std::uint32_t>, image<std::int32_t>, image<float>>;

/// The pixel type of an image whose type is known only now.
inline pixel_type type_of(const any_image& image) { return static_cast<pixel_type>(image.index()); }

/// The same pixels in memory of their own, on the same device.
inline any_image clone(const any_image& src) {
  return std::visit([](const auto& image) -> any_image { return image.clone(); }, src);
}

/// Copies a host image to a device, of its own pixel type. Waits for the device.
/// Throws argument_error where the pixels do not fill the shape, memory_error.
inline any_image push(const device& device, const host_image& src) {
  return std::visit([&](const auto& pixels) -> any_image { return push(device, pixels, src.size); },
                    src.pixels);
}

/// As above, converted to T where the pixels are of another type, as `push` of a range does it.
template <pixel T>
image<T> push(const device& device, const host_image& src) {
  return std::visit([&](const auto& pixels) { return push<T>(device, pixels, src.size); },
                    src.pixels);
}

/// Copies an image of any type to host memory. Waits for the device. `like` is the image it was
/// made from: pixel size, channel and frame are taken over from there.
inline host_image pull(const any_image& src, const host_image& like = {}) {
  host_image dst = std::visit(
      [](const auto& typed) { return host_image{.size = typed.shape(), .pixels = pull(typed)}; },
      src);
  dst.describe_as(like);
  return dst;
}

/// As above, of an image whose type is known.
template <pixel T>
host_image pull(const image<T>& src, const host_image& like) {
  host_image dst{.size = src.shape(), .pixels = pull(src)};
  dst.describe_as(like);
  return dst;
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
