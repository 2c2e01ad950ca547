// SPDX-License-Identifier: BSD-3-Clause
// Tensors in host memory: the weights and constants of files, inputs and outputs.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "gpuimg/nn/tensor_shape.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// The types of numbers that files of weights hold.
enum class element : std::uint8_t {
  f16,
  bf16,
  f32,
  f64,
  i8,
  u8,
  i16,
  u16,
  i32,
  u32,
  i64,
  u64,
  boolean
};

constexpr std::size_t size_of(element type) {
  constexpr std::size_t sizes[] = {2, 2, 4, 8, 1, 1, 2, 2, 4, 4, 8, 8, 1};
  return sizes[static_cast<std::size_t>(type)];
}

/// "f16", "bf16", ... "u64", "bool": the names used in messages.
constexpr std::string_view name_of(element type) {
  constexpr std::string_view names[] = {"f16", "bf16", "f32", "f64", "i8",  "u8",  "i16",
                                        "u16", "i32",  "u32", "i64", "u64", "bool"};
  return names[static_cast<std::size_t>(type)];
}

/// Whether numbers of the type may have fractions.
constexpr bool is_float(element type) { return type <= element::f64; }

namespace detail {

/// The value of IEEE half-precision bits, exactly.
inline float half_to_float(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000u) << 16;
  const std::uint32_t exponent = (bits >> 10) & 31u, fraction = bits & 1023u;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float value = static_cast<float>(fraction) * 0x1p-24f;
  return sign != 0 ? -value : value;
}

/// The nearest half-precision bits, ties to even.
inline std::uint16_t float_to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  std::uint32_t half = 0x7c00u;  // infinity
  if (magnitude > 0x7f800000u)
    half = 0x7e00u;                  // not a number
  else if (magnitude < 0x38800000u)  // below 2^-14: multiples of 2^-24
    half = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000u;
  else if (magnitude < 0x477ff000u)  // rounds to 65504 or less
    half = (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
  return static_cast<std::uint16_t>(sign | half);
}

}  // namespace detail

/// A tensor's numbers in host memory, contiguous, the last axis fastest.
class host_tensor {
 public:
  host_tensor() : host_tensor(element::f32, tensor_shape{0}) {}
  /// All zeros.
  host_tensor(element type, tensor_shape shape)
      : type_(type),
        shape_(std::move(shape)),
        bytes_(static_cast<std::size_t>(shape_.elements()) * size_of(type)) {}
  host_tensor(tensor_shape shape, std::span<const float> values)
      : host_tensor(element::f32, std::move(shape)) {
    fill(values);
  }
  host_tensor(tensor_shape shape, std::span<const std::int64_t> values)
      : host_tensor(element::i64, std::move(shape)) {
    fill(values);
  }

  [[nodiscard]] element type() const { return type_; }
  [[nodiscard]] const tensor_shape& shape() const { return shape_; }
  [[nodiscard]] std::span<std::byte> bytes() { return bytes_; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

  /// The numbers in memory; T must be what the type is called in C++ (f16: its bits).
  template <class T>
  [[nodiscard]] std::span<T> as() {
    return {reinterpret_cast<T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }
  template <class T>
  [[nodiscard]] std::span<const T> as() const {
    return {reinterpret_cast<const T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }

  /// The numbers converted to T, each as C++ converts it.
  template <class T>
  [[nodiscard]] std::vector<T> values() const;

 private:
  template <class T>
  void fill(std::span<const T> values) {
    if (values.size_bytes() != bytes_.size())
      throw argument_error(gpuimg::detail::text(
          {"a tensor of shape ", to_string(shape_), " does not hold ", values.size(), " numbers"}));
    if (!bytes_.empty()) std::memcpy(bytes_.data(), values.data(), bytes_.size());
  }

  element type_;
  tensor_shape shape_;
  std::vector<std::byte> bytes_;
};

template <class T>
std::vector<T> host_tensor::values() const {
  std::vector<T> all(static_cast<std::size_t>(shape_.elements()));
  const auto convert = [&]<class From>(From, auto value_of) {
    const auto from = as<From>();
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<T>(value_of(from[i]));
  };
  const auto same = [](auto value) { return value; };
  switch (type_) {
    case element::f16:
      convert(std::uint16_t{}, detail::half_to_float);
      break;
    case element::bf16:
      convert(std::uint16_t{}, [](std::uint16_t bits) {
        return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
      });
      break;
    case element::f32:
      convert(float{}, same);
      break;
    case element::f64:
      convert(double{}, same);
      break;
    case element::i8:
      convert(std::uint8_t{}, [](std::uint8_t bits) { return bits < 128 ? bits : bits - 256; });
      break;
    case element::u8:
      convert(std::uint8_t{}, same);
      break;
    case element::i16:
      convert(std::int16_t{}, same);
      break;
    case element::u16:
      convert(std::uint16_t{}, same);
      break;
    case element::i32:
      convert(std::int32_t{}, same);
      break;
    case element::u32:
      convert(std::uint32_t{}, same);
      break;
    case element::i64:
      convert(std::int64_t{}, same);
      break;
    case element::u64:
      convert(std::uint64_t{}, same);
      break;
    case element::boolean:
      convert(std::uint8_t{}, [](std::uint8_t b) { return b != 0; });
      break;
  }
  return all;
}

}  // namespace gpuimg::nn
