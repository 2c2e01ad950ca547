// SPDX-License-Identifier: BSD-3-Clause
// What may be an operation: up to 4 images in, up to 3 images, a number or a table out, parameters
// of every type, shapes that are checked; run() and run_into().
#include "gpuimg/operation.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <new>
#include <string>
#include <vector>

#include "gpuimg/opencl/kernel_source.hpp"
#include "support/devices.hpp"
#include "support/matchers.hpp"

using gpuimg::image;
using gpuimg::kind;
using gpuimg::pixel;
using gpuimg::shape;
using gpuimg::view;
using test::same_pixels;

namespace {

constexpr gpuimg::opencl::kernel_source forms{"test/forms", R"(
kernel void forms__spread(global float* low, global float* high, global uchar* apart,
                          global const SRC_T* a, global const SRC_T* b, global const float* c,
                          global const uchar* mask, const float4 limits, const ulong count) {
  const size_t i = get_global_id(0);
  if (i >= count) return;
  const float x = (float)a[i], y = (float)b[i];
  low[i] = fmin(x, y) + c[i];
  high[i] = fmax(x, y) + c[i];
  apart[i] = mask[i] != 0 && high[i] - low[i] > limits.y;
}
kernel void forms__choose(global SRC_T* dst, global const SRC_T* a, global const SRC_T* b,
                          global const uchar* mask, const ulong count) {
  const size_t i = get_global_id(0);
  if (i < count) dst[i] = mask[i] != 0 ? a[i] : b[i];
}
)",
                                              "forms 1"};

gpuimg::opencl::defines pixels_of(const gpuimg::opencl::buffer_view& src) {
  return {{"SRC_T", std::string(opencl_name_of(src.type))}};
}

/// Four images in, three images of two types out, an array as a parameter.
struct spread {
  std::array<float, 2> limits{0, 1};

  static constexpr gpuimg::operation_info about{
      .name = "spread",
      .theme = "test",
      .brief = "",
      .source = "",
      .inputs =
          {{{"a", kind::image}, {"b", kind::image}, {"c", kind::image}, {"mask", kind::binary}}},
      .outputs = {{{"low", kind::image}, {"high", kind::image}, {"apart", kind::binary}}}};
  static constexpr void parameters(auto&& p) {
    p("limits", &spread::limits, "", "what counts as apart", 0, 10);
  }
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  struct result {
    image<float> low, high;
    gpuimg::binary_image apart;
  };

  using memory = gpuimg::opencl::buffer_view;
  void operator()(const gpuimg::opencl::device& device, const memory& low, const memory& high,
                  const memory& apart, const memory& a, const memory& b, const memory& c,
                  const memory& mask) const {
    const std::size_t count = low.shape.pixels();
    device.launch(forms, "forms__spread", pixels_of(a), {count},
                  {low, high, apart, a, b, c, mask, cl_float4{{limits[0], limits[1], 0, 0}},
                   static_cast<cl_ulong>(count)});
  }
  template <pixel T>
  void operator()(const gpuimg::reference::device&, view<float> low, view<float> high,
                  view<std::uint8_t> apart, view<const T> a, view<const T> b, view<const float> c,
                  view<const std::uint8_t> mask) const {
    for (std::size_t i = 0; i < low.size(); ++i) {
      const auto x = static_cast<float>(a[i]), y = static_cast<float>(b[i]);
      low[i] = std::min(x, y) + c[i];
      high[i] = std::max(x, y) + c[i];
      apart[i] = mask[i] != 0 && high[i] - low[i] > limits[1];
    }
  }
};

/// Three images in, one out; the shapes are checked by the operation.
struct choose {
  static constexpr gpuimg::operation_info about{
      .name = "choose",
      .theme = "test",
      .brief = "",
      .source = "",
      .inputs = {{{"a", kind::image}, {"b", kind::image}, {"mask", kind::binary}}},
      .outputs = {{{"dst", kind::image}}}};
  template <pixel T>
  using dst_pixel = T;
  static void check(const shape& a, const shape& b, const shape& mask) {
    if (a.x != b.x || a.x != mask.x) throw gpuimg::argument_error("x must be the same");
  }

  using memory = gpuimg::opencl::buffer_view;
  void operator()(const gpuimg::opencl::device& device, const memory& dst, const memory& a,
                  const memory& b, const memory& mask) const {
    const std::size_t count = dst.shape.pixels();
    device.launch(forms, "forms__choose", pixels_of(a), {count},
                  {dst, a, b, mask, static_cast<cl_ulong>(count)});
  }
  template <pixel T>
  void operator()(const gpuimg::reference::device&, view<T> dst, view<const T> a, view<const T> b,
                  view<const std::uint8_t> mask) const {
    for (std::size_t i = 0; i < dst.size(); ++i) dst[i] = mask[i] != 0 ? a[i] : b[i];
  }
};

/// Two images in, a number out; one check for the shape that both have.
struct count_equal {
  static constexpr gpuimg::operation_info about{
      .name = "count_equal",
      .theme = "test",
      .brief = "",
      .source = "",
      .inputs = {{{"a", kind::image}, {"b", kind::image}}},
      .outputs = {{{"value", kind::scalar}}}};
  static void check(const shape& size) {
    if (size.is_3d()) throw gpuimg::argument_error("the images must be flat");
  }
  double operator()(const gpuimg::opencl::device&, const gpuimg::opencl::buffer_view& a,
                    const gpuimg::opencl::buffer_view&) const {
    return static_cast<double>(a.shape.pixels());
  }
  template <pixel T>
  double operator()(const gpuimg::reference::device&, view<const T> a, view<const T>) const {
    return static_cast<double>(a.size());
  }
};

/// An operation whose reference runs out of memory.
struct greedy {
  static constexpr gpuimg::operation_info about{.name = "greedy",
                                                .theme = "test",
                                                .brief = "",
                                                .source = "",
                                                .inputs = {{{"src", kind::image}}},
                                                .outputs = {{{"value", kind::scalar}}}};
  double operator()(const gpuimg::opencl::device&, const gpuimg::opencl::buffer_view&) const {
    throw std::bad_alloc();
  }
  template <pixel T>
  double operator()(const gpuimg::reference::device&, view<const T>) const {
    throw std::bad_alloc();
  }
};

}  // namespace

template <>
inline constexpr bool gpuimg::is_operation<spread> = true;
template <>
inline constexpr bool gpuimg::is_operation<choose> = true;
template <>
inline constexpr bool gpuimg::is_operation<count_equal> = true;
template <>
inline constexpr bool gpuimg::is_operation<greedy> = true;

namespace {

const std::vector<std::uint8_t> mask_pixels{0, 1, 255};

}  // namespace

TEST_CASE("operation: four images in and three out, which come as a named struct", "[core]") {
  ON_EVERY_DEVICE(device);
  const auto a = push(device, std::vector<std::uint16_t>{1, 20, 3}, {3});
  const auto b = push(device, std::vector<std::uint16_t>{5, 2, 3}, {3});
  const auto c = push(device, std::vector<float>{0.5f, 0, -1}, {3});
  const auto mask = push(device, mask_pixels, {3});
  const auto result = gpuimg::run(spread{.limits = {0, 3}}, a, b, c, mask);
  CHECK_THAT(result.low, same_pixels(std::vector<float>{1.5f, 2, 2}));
  CHECK_THAT(result.high, same_pixels(std::vector<float>{5.5f, 20, 2}));
  CHECK_THAT(result.apart, same_pixels(std::vector<std::uint8_t>{0, 1, 0}));
}

TEST_CASE("operation: every element of an array must lie in the range of the parameter", "[core]") {
  ON_EVERY_DEVICE(device);
  const image<float> none(device, {0});
  const gpuimg::binary_image mask(device, {0});
  CHECK_THROWS_MATCHES(
      gpuimg::run(spread{.limits = {1, -2}}, none, none, none, mask), gpuimg::argument_error,
      Catch::Message("spread: limits must be finite and >= 0 and <= 10, got -2 [a 0x1 f32, b 0x1 "
                     "f32, c 0x1 f32, mask 0x1 u8 on " +
                     device.name() + "]"));
}

TEST_CASE("operation: an operation of several images checks the shapes of all", "[core]") {
  ON_EVERY_DEVICE(device);
  const auto a = push(device, std::vector<float>{1, 2, 3}, {3});
  const auto mask = push(device, mask_pixels, {3});
  CHECK_THAT(gpuimg::run(choose{}, a, a, mask), same_pixels(std::vector<float>{1, 2, 3}));
  const image<float> wide(device, {4});
  CHECK_THROWS_WITH(gpuimg::run(choose{}, a, wide, mask),
                    Catch::StartsWith("choose: x must be the same [a 3x1 f32, b 4x1 f32, "));
}

TEST_CASE("operation: a check of one shape is asked after all have that shape", "[core]") {
  ON_EVERY_DEVICE(device);
  const image<float> flat(device, {2, 2}), deep(device, {2, 2, 2});
  CHECK(gpuimg::run(count_equal{}, flat, flat) == 4);
  CHECK_THROWS_WITH(gpuimg::run(count_equal{}, deep, deep),
                    Catch::StartsWith("count_equal: the images must be flat [a 2x2x2 f32, "));
  CHECK_THROWS_WITH(gpuimg::run(count_equal{}, flat, deep),
                    Catch::StartsWith("count_equal: the images must have the same shape, got 2x2 "
                                      "and 2x2x2 ["));
}

TEST_CASE("operation: where the host has no memory left, that is a memory_error", "[core]") {
  ON_EVERY_DEVICE(device);
  const image<float> src(device, {2, 2});
  CHECK_THROWS_MATCHES(
      gpuimg::run(greedy{}, src), gpuimg::memory_error,
      Catch::Message("greedy: the host has not enough memory left [src 2x2 f32 on " +
                     device.name() + "]"));
}

TEST_CASE("run_into: fills images that are there, results first", "[core]") {
  ON_EVERY_DEVICE(device);
  const auto a = push(device, std::vector<float>{1, 2, 3}, {3});
  const auto b = push(device, std::vector<float>{7, 8, 9}, {3});
  const auto mask = push(device, mask_pixels, {3});
  image<float> dst(device, {3});
  gpuimg::run_into(choose{}, dst, a, b, mask);
  CHECK_THAT(dst, same_pixels(std::vector<float>{7, 2, 3}));
  gpuimg::run_into(choose{}, dst, b, a, mask);
  CHECK_THAT(dst, same_pixels(std::vector<float>{1, 8, 9}));

  image<float> low(device, {3}), high(device, {3});
  gpuimg::binary_image apart(device, {3});
  gpuimg::run_into(spread{}, low, high, apart, a, b, a, mask);
  CHECK_THAT(low, same_pixels(std::vector<float>{2, 4, 6}));
  CHECK_THAT(high, same_pixels(std::vector<float>{8, 10, 12}));
  CHECK_THAT(apart, same_pixels(std::vector<std::uint8_t>{0, 1, 1}));
}

TEST_CASE("run_into: an image of another shape, or an input, is refused", "[core]") {
  ON_EVERY_DEVICE(device);
  auto a = push(device, std::vector<float>{1, 2, 3}, {3});
  const auto mask = push(device, mask_pixels, {3});
  image<float> small(device, {2});
  CHECK_THROWS_WITH(gpuimg::run_into(choose{}, small, a, a, mask),
                    Catch::StartsWith("choose: dst must have the shape 3x1, got 2x1 ["));
  CHECK_THROWS_WITH(gpuimg::run_into(choose{}, a, a, a, mask),
                    Catch::StartsWith("choose: dst must be another image than the inputs ["));
  image<float> low(device, {3});
  gpuimg::binary_image apart(device, {3});
  CHECK_THROWS_WITH(gpuimg::run_into(spread{}, low, low, apart, a, a, a, mask),
                    Catch::StartsWith("spread: high must be another image than low ["));
  image<float> elsewhere(gpuimg::device::reference(), {3});
  if (!device.is_reference())
    CHECK_THROWS_WITH(gpuimg::run_into(choose{}, elsewhere, a, a, mask),
                      Catch::StartsWith("choose: the images are on different devices, "));
}
