// SPDX-License-Identifier: BSD-3-Clause
// An image in host memory whose pixel type is known only when the program runs: what files hold.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/view.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// Pixels in host memory, x fastest; the alternatives stand in the order of `pixel_type`.
using any_pixels =
    std::variant<std::vector<std::uint8_t>, std::vector<std::int8_t>, std::vector<std::uint16_t>,
                 std::vector<std::int16_t>, std::vector<std::uint32_t>, std::vector<std::int32_t>,
                 std::vector<float>>;

/// A 2D or 3D image in host memory with what a file says about it: readers return it, writers take
/// it, `push` and `pull` (any_image.hpp) move it to a device and back.
struct host_image {
  gpuimg::shape size{};
  any_pixels pixels{};                    ///< as many as `size` has
  std::array<double, 3> pixel_size{};     ///< along x, y, z in `unit`; 0 where unknown
  std::string unit{};                     ///< such as "um"; "" where unknown
  std::size_t channel = 0, channels = 1;  ///< which of how many channels, from 0
  std::size_t frame = 0, frames = 1;      ///< which of how many time points, from 0

  [[nodiscard]] pixel_type type() const { return static_cast<pixel_type>(pixels.index()); }

  /// The pixels as T, for as long as this image lives; throws argument_error where they are of
  /// another type.
  template <pixel T>
  [[nodiscard]] view<const T> as() const& {
    if (const auto* values = std::get_if<std::vector<T>>(&pixels)) return {values->data(), size};
    throw argument_error("the image holds " + std::string(name_of(type())) + " pixels, not " +
                         std::string(name_of(pixel_type_of<T>())));
  }
  template <pixel T>
  void as() const&& = delete;

  /// Takes over what `other` says besides its pixels: pixel size, channel and frame.
  void describe_as(const host_image& other) {
    pixel_size = other.pixel_size;
    unit = other.unit;
    channel = other.channel;
    channels = other.channels;
    frame = other.frame;
    frames = other.frames;
  }
};

}  // namespace gpuimg
