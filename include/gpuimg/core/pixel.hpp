// SPDX-License-Identifier: BSD-3-Clause
// The closed list of pixel types, and the one rule that converts between them.
#pragma once

#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

enum class pixel_type : std::uint8_t { u8, i8, u16, i16, u32, i32, f32 };

inline constexpr pixel_type all_pixel_types[] = {pixel_type::u8,  pixel_type::i8,  pixel_type::u16,
                                                 pixel_type::i16, pixel_type::u32, pixel_type::i32,
                                                 pixel_type::f32};

/// The C++ types an image can hold.
template <class T>
concept pixel = std::same_as<T, std::uint8_t> || std::same_as<T, std::int8_t> ||
    std::same_as<T, std::uint16_t> || std::same_as<T, std::int16_t> ||
    std::same_as<T, std::uint32_t> || std::same_as<T, std::int32_t> || std::same_as<T, float>;

/// Calls `f(std::type_identity<T>{})` with the C++ type that `type` stands for.
template <class F>
constexpr decltype(auto) visit_pixel_type(pixel_type type, F&& f) {
  switch (type) {
    case pixel_type::u8:
      return f(std::type_identity<std::uint8_t>{});
    case pixel_type::i8:
      return f(std::type_identity<std::int8_t>{});
    case pixel_type::u16:
      return f(std::type_identity<std::uint16_t>{});
    case pixel_type::i16:
      return f(std::type_identity<std::int16_t>{});
    case pixel_type::u32:
      return f(std::type_identity<std::uint32_t>{});
    case pixel_type::i32:
      return f(std::type_identity<std::int32_t>{});
    case pixel_type::f32:
      break;
  }
  return f(std::type_identity<float>{});
}

template <pixel T>
constexpr pixel_type pixel_type_of() {
  if constexpr (std::same_as<T, std::uint8_t>) return pixel_type::u8;
  if constexpr (std::same_as<T, std::int8_t>) return pixel_type::i8;
  if constexpr (std::same_as<T, std::uint16_t>) return pixel_type::u16;
  if constexpr (std::same_as<T, std::int16_t>) return pixel_type::i16;
  if constexpr (std::same_as<T, std::uint32_t>) return pixel_type::u32;
  if constexpr (std::same_as<T, std::int32_t>) return pixel_type::i32;
  return pixel_type::f32;
}

/// "u8", "i8", ... "f32": the names used in messages, tables and on the command line.
constexpr std::string_view name_of(pixel_type type) {
  constexpr std::string_view names[] = {"u8", "i8", "u16", "i16", "u32", "i32", "f32"};
  return names[static_cast<std::size_t>(type)];
}

/// The OpenCL C name of the type: "uchar" ... "float".
constexpr std::string_view opencl_name_of(pixel_type type) {
  constexpr std::string_view names[] = {"uchar", "char", "ushort", "short", "uint", "int", "float"};
  return names[static_cast<std::size_t>(type)];
}

constexpr std::size_t size_of(pixel_type type) {
  return visit_pixel_type(type, []<class T>(std::type_identity<T>) { return sizeof(T); });
}

constexpr bool is_signed_integer(pixel_type type) {
  return type == pixel_type::i8 || type == pixel_type::i16 || type == pixel_type::i32;
}

/// Converts a pixel value: to an integer it saturates and rounds half to even, NaN becomes 0.
template <pixel To, class From>
requires pixel<From> || std::same_as<From, std::int64_t> To convert_pixel(From value) {
  if constexpr (std::same_as<To, From> || std::same_as<To, float>) {
    return static_cast<To>(value);
  } else if constexpr (std::same_as<From, float>) {
    if (std::isnan(value)) return To{0};
    constexpr double low = std::numeric_limits<To>::min(), high = std::numeric_limits<To>::max();
    const double rounded = std::nearbyint(static_cast<double>(value));
    return static_cast<To>(rounded < low ? low : rounded > high ? high : rounded);
  } else {
    constexpr std::int64_t low = std::numeric_limits<To>::min();
    constexpr std::int64_t high = std::numeric_limits<To>::max();
    const auto wide = std::int64_t{1} * value;
    return static_cast<To>(wide < low ? low : wide > high ? high : wide);
  }
}

namespace detail {

/// An integer of the order of the floats with these bits, and back.
constexpr std::int32_t ordered_bits(std::int32_t bits) { return bits ^ (bits >> 31 & 0x7fffffff); }

/// A float as an integer of the same order, so that any order of comparing gives the same bits.
template <pixel T>
auto ordered(T value) {
  if constexpr (std::same_as<T, float>)
    return ordered_bits(std::bit_cast<std::int32_t>(value));
  else
    return value;
}

/// 0 of unsigned integers, else half of all numbers that there are.
constexpr std::uint32_t rank_of_zero(pixel_type type) {
  if (type != pixel_type::f32 && !is_signed_integer(type)) return 0;
  return 1u << (8 * size_of(type) - 1);
}

/// A whole number of the order of the pixels, from 0 on; floats in their total order.
template <pixel T>
std::uint32_t rank_of(T value) {
  return static_cast<std::uint32_t>(ordered(value)) + rank_of_zero(pixel_type_of<T>());
}

/// The pixel of a rank.
inline double pixel_of_rank(std::uint32_t rank, pixel_type type) {
  rank -= rank_of_zero(type);
  if (rank_of_zero(type) == 0) return static_cast<double>(rank);
  const auto number = static_cast<std::int32_t>(rank);
  return type == pixel_type::f32 ? static_cast<double>(std::bit_cast<float>(ordered_bits(number)))
                                 : static_cast<double>(number);
}

/// How many of `count` pixels in order come before the one that is the percentile.
inline std::size_t pixels_before(double percentile, std::size_t count) {
  return static_cast<std::size_t>(std::floor(percentile / 100 * static_cast<double>(count - 1)));
}

}  // namespace detail

}  // namespace gpuimg
