// SPDX-License-Identifier: BSD-3-Clause
// Tensors on a device, to and from host memory and images.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "gpuimg/image.hpp"
#include "gpuimg/nn/layer.hpp"
#include "gpuimg/opencl/primitives.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// Numbers on one device. Moves, and does not copy; one that was moved from has no numbers.
class tensor {
 public:
  /// Uninitialised numbers. Throws argument_error where an axis is too long, memory_error.
  tensor(const gpuimg::device& device, tensor_info info)
      : info_(std::move(info)),
        memory_(device, memory_shape(info_),
                info_.type == element::f16 ? pixel_type::u16 : pixel_type::f32) {}

  [[nodiscard]] const gpuimg::device& device() const { return memory_.device(); }
  [[nodiscard]] const tensor_info& info() const { return info_; }
  [[nodiscard]] const tensor_shape& shape() const { return info_.shape; }

  /// What kernels are given; on an OpenCL device.
  [[nodiscard]] device_tensor opencl() const { return {info_, access::memory(memory_)}; }
  /// What reference loops are given; on the reference.
  [[nodiscard]] float* host() const { return static_cast<float*>(access::host(memory_)); }

  /// Copies the numbers in and out, which lie as on the device. Waits for the device.
  void write(const void* from) { access::write(memory_, from); }
  void read(void* to) const { access::read(memory_, to); }
  /// Copies the pixels of one channel, of the only image of a batch, to an image or from one.
  void copy_channel(std::int64_t channel, image<float>& to) const {
    for_each_plane(channel, to.shape(), [&](position at, std::size_t z, const gpuimg::shape& size) {
      access::copy_box(memory_, at, access::untyped(to), {0, 0, z}, size);
    });
  }
  void set_channel(std::int64_t channel, const image<float>& from) {
    for_each_plane(channel, from.shape(),
                   [&](position at, std::size_t z, const gpuimg::shape& size) {
                     access::copy_box(access::untyped(from), {0, 0, z}, memory_, at, size);
                   });
  }

  /// Sets all numbers to 0.
  void fill_with_zeros() {
    if (device().is_reference())
      std::fill_n(host(), info_.shape.elements(), 0.f);
    else
      gpuimg::opencl::fill_zero(device().opencl(), opencl(), memory_.bytes() / 4);
  }

 private:
  using access = gpuimg::detail::access;
  struct memory : gpuimg::detail::untyped_image {
    using untyped_image::device, untyped_image::bytes;
    using untyped_image::untyped_image;
  };
  // An axis of an image is not as long as a tensor may be.
  static gpuimg::shape memory_shape(const tensor_info& info) {
    const auto size = [](std::int64_t n) { return static_cast<std::size_t>(n); };
    if (info.shape.elements() == 0) return {0, 1, 1};
    return {size(info.spatial(2) * info.block), size(info.pixels() / info.spatial(2)),
            size(info.batch() * info.blocks())};
  }

  // f(where a plane of the channel is, the plane's z, size of a plane)
  template <class F>
  void for_each_plane(std::int64_t channel, const gpuimg::shape& size, F f) const {
    for (std::size_t z = 0; z < size.z; ++z)
      f(position{0, z * size.y, static_cast<std::size_t>(channel)}, z,
        gpuimg::shape{size.x, size.y});
  }

  tensor_info info_;
  memory memory_;
};

/// A new tensor on a device with the host's numbers, as f32 in a file's order, or as `block` and
/// `type` want it. Waits for the device. Throws argument_error, memory_error.
inline tensor push(const gpuimg::device& device, const host_tensor& from, std::int64_t block = 1,
                   element type = element::f32) {
  tensor made(device, {from.shape(), type, block});
  made.write(packed(from, made.info()).data());
  return made;
}

/// The numbers as f32 in a file's order. Waits for the device. Throws memory_error.
inline host_tensor pull(const tensor& from) {
  std::vector<std::byte> bytes(from.info().bytes());
  from.read(bytes.data());
  return unpacked(bytes, from.info());
}

/// The size of the images that the channels of a tensor are.
inline gpuimg::shape image_shape(const tensor_info& info) {
  const auto size = [&](std::size_t axis) { return static_cast<std::size_t>(info.spatial(axis)); };
  return {size(2), size(1), size(0)};
}

/// A tensor [1, channels, (z,) y, x] from images of one size on one device, one per channel; with z
/// where `rank` is 5. Throws argument_error where they differ, or there are none; memory_error.
inline tensor stack(std::span<const image<float>> channels, std::size_t rank) {
  if (channels.empty()) throw argument_error("stack needs one image or more");
  const auto [x, y, z] = channels.front().shape();
  for (const auto& channel : channels)
    if (channel.shape() != channels.front().shape() ||
        channel.device() != channels.front().device())
      throw argument_error("stack: channels must be of one size, on one device");
  if (rank != 5 && (rank != 4 || z != 1))
    throw argument_error("stack: an image of " + to_string(channels.front().shape()) +
                         " is no tensor with " + std::to_string(rank) + " axes");
  const auto size = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  std::vector<std::int64_t> sizes{1, size(channels.size())};
  if (rank == 5) sizes.push_back(size(z));
  sizes.insert(sizes.end(), {size(y), size(x)});
  tensor made(channels.front().device(), {tensor_shape(std::move(sizes))});
  for (std::size_t c = 0; c < channels.size(); ++c) made.set_channel(size(c), channels[c]);
  return made;
}

/// One channel of a tensor [1, channels, (z,) y, x], f32 in a file's order, as an image of its own.
/// Throws argument_error where the tensor is another, or lacks the channel; memory_error.
inline image<float> channel_of(const tensor& from, std::int64_t channel) {
  const tensor_info& info = from.info();
  if (info.batch() != 1 || info.block != 1 || info.type != element::f32 || channel < 0 ||
      channel >= info.channels())
    throw argument_error("channel_of: no channel " + std::to_string(channel) +
                         " in a tensor of shape " + to_string(info.shape));
  image<float> made(from.device(), image_shape(info));
  from.copy_channel(channel, made);
  return made;
}

}  // namespace gpuimg::nn
