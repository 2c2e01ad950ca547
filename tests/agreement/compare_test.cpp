// SPDX-License-Identifier: BSD-3-Clause
// difference_from_reference finds what differs, and nothing else.
#include "gpuimg/agreement/compare.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"

using gpuimg::difference_from_reference;
using gpuimg::image;
using gpuimg::kind;
using gpuimg::pixel;
using gpuimg::view;
using memory = gpuimg::opencl::buffer_view;

namespace {

constexpr gpuimg::opencl::kernel_source twice_source{"test/twice", R"(
kernel void twice(global float* dst, global float* negative, global const SRC_T* src,
                  const ulong count, const ulong wrong_at, const float by) {
  const size_t i = get_global_id(0);
  if (i >= count) return;
  dst[i] = 2 * (float)src[i];
  negative[i] = -dst[i];
  if (i == wrong_at) negative[i] += by;
}
)"};

/// Two results; the second is wrong by `by` on OpenCL, at one pixel.
struct twice {
  float by = 0;

  static constexpr gpuimg::operation_info about{
      .name = "twice",
      .theme = "test",
      .brief = "",
      .source = "",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}, {"negative", kind::image}}}};
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  struct result {
    image<float> dst, negative;
  };

  void operator()(const gpuimg::opencl::device& device, const memory& dst, const memory& negative,
                  const memory& src) const {
    const cl_ulong count = dst.shape.pixels(), wrong_at = 8;
    device.launch(twice_source, "twice", {{"SRC_T", opencl_name_of(src.type)}}, {count},
                  {dst, negative, src, count, wrong_at, by});
  }
  template <pixel T>
  void operator()(const gpuimg::reference::device&, view<float> dst, view<float> negative,
                  view<const T> src) const {
    for (std::size_t i = 0; i < dst.size(); ++i) {
      dst[i] = 2 * static_cast<float>(src[i]);
      negative[i] = -dst[i];
    }
  }
};

/// A number, and how wrong it is on OpenCL.
struct pixel_count {
  double by = 0;

  static constexpr gpuimg::operation_info about{.name = "pixel_count",
                                                .theme = "test",
                                                .brief = "",
                                                .source = "",
                                                .inputs = {{{"src", kind::image}}},
                                                .outputs = {{{"value", kind::scalar}}}};
  double operator()(const gpuimg::opencl::device&, const memory& src) const {
    return static_cast<double>(src.shape.pixels()) + by;
  }
  template <pixel T>
  double operator()(const gpuimg::reference::device&, view<const T> src) const {
    return static_cast<double>(src.size());
  }
};

struct sides {
  std::vector<double> lengths;
};
gpuimg::table to_table(const sides& s) {
  gpuimg::table t{{"axis", "length"}, {}};
  for (std::size_t i = 0; i < s.lengths.size(); ++i)
    t.rows.push_back({static_cast<double>(i), s.lengths[i]});
  return t;
}

/// A table that on OpenCL is wrong in one row, or has one row more.
struct side_lengths {
  double by = 0;
  bool is_longer = false;

  static constexpr gpuimg::operation_info about{.name = "side_lengths",
                                                .theme = "test",
                                                .brief = "",
                                                .source = "",
                                                .inputs = {{{"src", kind::image}}},
                                                .outputs = {{{"sides", kind::table}}}};
  sides operator()(const gpuimg::opencl::device&, const memory& src) const {
    sides found{{static_cast<double>(src.shape.x), static_cast<double>(src.shape.y) + by}};
    if (is_longer) found.lengths.push_back(1);
    return found;
  }
  template <pixel T>
  sides operator()(const gpuimg::reference::device&, view<const T> src) const {
    return {{static_cast<double>(src.shape().x), static_cast<double>(src.shape().y)}};
  }
};

}  // namespace

template <>
inline constexpr bool gpuimg::is_operation<twice> = true;
template <>
inline constexpr bool gpuimg::is_operation<pixel_count> = true;
template <>
inline constexpr bool gpuimg::is_operation<side_lengths> = true;

TEST_CASE("difference_from_reference: is empty where all results have the same bits",
          "[agreement]") {
  ON_EVERY_DEVICE(device);
  const auto src =
      push(device, test::random_pixels<std::int16_t>({3, 2, 2}, 1), gpuimg::shape{3, 2, 2});
  CHECK(difference_from_reference(twice{}, src).empty());
  CHECK(difference_from_reference(pixel_count{}, src).empty());
  CHECK(difference_from_reference(side_lengths{}, src).empty());
  const image<float> none(device, {0});
  CHECK(difference_from_reference(twice{}, none).empty());
}

TEST_CASE("difference_from_reference: a wrong kernel is found, with result and pixel",
          "[agreement]") {
  for (const auto& device : test::opencl_devices()) {
    const auto src = push(device, std::vector<std::uint16_t>(12, 5), {3, 2, 2});
    CHECK(difference_from_reference(twice{.by = 0.5f}, src) ==
          "negative: 1 differ, by up to 0.5; first at (2, 0, 1): -9.5 instead of -10");
    CHECK_THAT(difference_from_reference(twice{.by = 1e-6f}, src),
               Catch::EndsWith("first at (2, 0, 1): -9.999999 instead of -10"));
  }
}

TEST_CASE("difference_from_reference: a wrong number or table is found", "[agreement]") {
  for (const auto& device : test::opencl_devices()) {
    const image<float> src(device, {3, 2});
    CHECK(difference_from_reference(pixel_count{.by = 1}, src) ==
          "1 differ, by up to 1; first number: 7 instead of 6");
    CHECK(difference_from_reference(side_lengths{.by = 0.25}, src) ==
          "1 differ, by up to 0.25; first in row 1, length: 2.25 instead of 2");
    CHECK(difference_from_reference(side_lengths{.is_longer = true}, src) == "3 rows instead of 2");
  }
}

TEST_CASE("difference_from_reference: NaN agrees with NaN alone", "[agreement]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& device : test::opencl_devices()) {
    const auto src = push(device, std::vector<float>(9, nan), {9});
    CHECK(difference_from_reference(twice{}, src).empty());
    CHECK(difference_from_reference(pixel_count{.by = std::numeric_limits<double>::quiet_NaN()},
                                    src) == "1 differ; first number: nan instead of 9");
  }
}

TEST_CASE("difference_from_reference: shapes, columns and the signs of zeros count",
          "[agreement]") {
  const auto difference = [](const auto& found, const auto& expected) {
    gpuimg::result_difference all;
    gpuimg::detail::add_result(all, "", found, expected, {});
    return all.text;
  };
  const auto& device = test::reference();
  const auto wide = push(device, std::vector<float>{0, 1}, {2});
  const auto tall = push(device, std::vector<float>{0, 1}, {1, 2});
  const auto minus = push(device, std::vector<float>{-0.0f, 1}, {2});
  CHECK(difference(wide, wide).empty());
  CHECK(difference(wide, tall) == "shape 2x1 instead of 1x2");
  CHECK(difference(minus, wide) == "1 differ; first at (0, 0, 0): -0 instead of 0");
  const gpuimg::table a{{"x"}, {{1}}}, b{{"y"}, {{1}}};
  CHECK(difference(a, b) == "the columns have other names");
}

TEST_CASE("difference_from_reference: a tolerance is absolute plus relative, of finite numbers",
          "[agreement]") {
  const std::optional<gpuimg::tolerance> allowed{{.absolute = 0.5, .relative = 0.125}};
  const double infinity = std::numeric_limits<double>::infinity();
  const auto agree = [&](double found, double expected) {
    return gpuimg::detail::agrees(found, expected, allowed);
  };
  CHECK(agree(9.5, 8));
  CHECK(agree(6.5, 8));
  CHECK_FALSE(agree(9.75, 8));
  CHECK_FALSE(agree(6.25, 8));
  CHECK(agree(0.0, -0.0));
  CHECK(agree(infinity, infinity));
  CHECK_FALSE(agree(infinity, -infinity));
  CHECK_FALSE(agree(8, infinity));
  CHECK_FALSE(agree(infinity, 8));
  CHECK_FALSE(gpuimg::detail::agrees(9, 8, allowed));  // whole numbers are the same or they are not
}
