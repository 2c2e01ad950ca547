// SPDX-License-Identifier: BSD-3-Clause
// What a layer of a network is: the shape of its result, reference loops, and kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gpuimg/nn/host_tensor.hpp"
#include "gpuimg/opencl/device.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// What a tensor on a device holds, and how. Channels (axis 1) lie in blocks:
///     (n, c, p) is at ((n * blocks + c / block) * pixels + p) * block + c % block
/// with p counting along the spatial axes and blocks = channels / block, rounded up. With block = 1
/// tensors lie as in files. What lies behind the last channel of a block is any finite number.
struct tensor_info {
  tensor_shape shape{};
  element type = element::f32;  ///< f32, or f16 to be stored in half the bytes
  std::int64_t block = 1;       ///< 1, 4, 8 or 16

  bool operator==(const tensor_info&) const = default;
  [[nodiscard]] std::int64_t batch() const { return shape.rank() < 1 ? 1 : shape[0]; }
  [[nodiscard]] std::int64_t channels() const { return shape.rank() < 2 ? 1 : shape[1]; }
  /// How many blocks of channels there are per image of the batch.
  [[nodiscard]] std::int64_t blocks() const { return (channels() + block - 1) / block; }
  /// The size of spatial axis 0 (z), 1 (y) or 2 (x); axes that the tensor lacks have size 1.
  [[nodiscard]] std::int64_t spatial(std::size_t axis) const {
    const std::size_t missing = shape.rank() < 5 ? 5 - shape.rank() : 0;
    return axis < missing ? 1 : shape[axis - missing + 2];
  }
  [[nodiscard]] std::int64_t pixels() const {
    return shape.rank() < 3 ? 1 : shape.product(2, shape.rank());
  }
  [[nodiscard]] std::uint64_t bytes() const {
    return static_cast<std::uint64_t>(batch() * blocks() * block * pixels()) * size_of(type);
  }
};

namespace detail {

/// Calls f(place in a file's order, place on the device) for each number.
template <class F>
void for_each_place(const tensor_info& info, F f) {
  const std::int64_t pixels = info.pixels(), channels = info.channels(), block = info.block;
  for (std::int64_t n = 0; n < info.batch(); ++n)
    for (std::int64_t c = 0; c < channels; ++c)
      for (std::int64_t p = 0; p < pixels; ++p)
        f(static_cast<std::size_t>((n * channels + c) * pixels + p),
          static_cast<std::size_t>(((n * info.blocks() + c / block) * pixels + p) * block +
                                   c % block));
}

}  // namespace detail

/// The numbers of `from` as a tensor of `info`, which has as many, lies in memory.
inline std::vector<std::byte> packed(const host_tensor& from, const tensor_info& info) {
  const std::vector<float> values = from.values<float>();
  std::vector<std::byte> all(info.bytes());
  if (info.block == 1 && info.type == element::f32) {
    if (!all.empty()) std::memcpy(all.data(), values.data(), all.size());
    return all;
  }
  const auto put = [&](auto convert) {
    using number = decltype(convert(0.f));
    detail::for_each_place(info, [&](std::size_t in_file, std::size_t there) {
      const number value = convert(values[in_file]);
      std::memcpy(all.data() + there * sizeof value, &value, sizeof value);
    });
  };
  if (info.type == element::f16)
    put(detail::float_to_half);
  else
    put([](float value) { return value; });
  return all;
}

/// The numbers of a tensor of `info` that lies so in memory, as f32 in a file's order.
inline host_tensor unpacked(std::span<const std::byte> from, const tensor_info& info) {
  host_tensor made(element::f32, info.shape);
  const std::span<float> values = made.as<float>();
  const auto take = [&](auto number, auto convert) {
    detail::for_each_place(info, [&](std::size_t in_file, std::size_t there) {
      std::memcpy(&number, from.data() + there * sizeof number, sizeof number);
      values[in_file] = convert(number);
    });
  };
  if (info.type == element::f16)
    take(std::uint16_t{}, detail::half_to_float);
  else
    take(float{}, [](float value) { return value; });
  return made;
}

/// A tensor in the memory of an OpenCL device, as kernels are given it.
struct device_tensor {
  tensor_info info;
  cl_mem memory = nullptr;
  operator opencl::argument() const { return opencl::buffer_view{memory}; }
};

/// A tensor in host memory: numbers without gaps, the last axis fastest.
template <class T>
struct host_view {
  T* data = nullptr;
  tensor_shape shape{};
};

/// A layer made ready for one device, and for tensors of one shape and layout.
struct prepared_layer {
  /// Enqueues the layer. `scratch` holds `scratch_bytes`, and nothing else.
  std::function<void(const device_tensor& dst, std::span<const device_tensor> src, cl_mem scratch)>
      enqueue;
  std::uint64_t weight_bytes = 0;   ///< what it keeps on the device
  std::uint64_t scratch_bytes = 0;  ///< what it needs while it runs
};

/// One step of a network: a result from one or several tensors. A layer never changes; it holds its
/// parameters and its weights in host memory.
class layer {
 public:
  virtual ~layer() = default;

  /// What it does, for people: "convolution 3x3, 32 to 64 channels, relu".
  [[nodiscard]] virtual std::string describe() const = 0;
  /// The shape of the result. Throws argument_error where the layer does not take these shapes.
  [[nodiscard]] virtual tensor_shape result(std::span<const tensor_shape> src) const = 0;
  /// How many numbers it has learnt.
  [[nodiscard]] virtual std::uint64_t parameters() const { return 0; }
  /// Multiplications and additions of convolutions and products of matrices; 0 for all else.
  [[nodiscard]] virtual std::uint64_t flops(std::span<const tensor_shape>) const { return 0; }

  /// In which blocks the channels of inputs must lie, given how they lie now, and how those of the
  /// result will. `preferred` is what the device likes best.
  struct blocks {
    std::vector<std::int64_t> src;
    std::int64_t dst = 1;
  };
  [[nodiscard]] virtual blocks choose_blocks(std::span<const tensor_info> src,
                                             std::int64_t preferred) const {
    (void)preferred;
    return {std::vector<std::int64_t>(src.size(), 1), 1};
  }
  /// Whether the result is stored as f32 whatever the others are: f16 has whole numbers up to 2048.
  [[nodiscard]] virtual bool makes_whole_numbers() const { return false; }
  /// Whether the result may lie where the first input lies.
  [[nodiscard]] virtual bool runs_in_place() const { return false; }

  /// The definition of what the layer computes.
  virtual void run(host_view<float> dst, std::span<const host_view<const float>> src) const = 0;
  /// Packs weights, chooses and compiles kernels.
  [[nodiscard]] virtual prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                               std::span<const tensor_info> src) const = 0;
};

}  // namespace gpuimg::nn
