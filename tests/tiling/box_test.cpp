// SPDX-License-Identifier: BSD-3-Clause
// tiling/box.hpp: boxes against pixels that are counted one by one.
#include "gpuimg/tiling/box.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <random>

using gpuimg::argument_error;
using gpuimg::shape;
using gpuimg::tiling::box;
using gpuimg::tiling::clip;
using gpuimg::tiling::extent;
using gpuimg::tiling::grow;
using gpuimg::tiling::intersection;
using gpuimg::tiling::whole;

namespace {

/// Calls `f` with every pixel of a cube that all boxes of these tests lie in.
template <class F>
void for_each_pixel(F&& f) {
  for (std::uint64_t z = 0; z < 12; ++z)
    for (std::uint64_t y = 0; y < 12; ++y)
      for (std::uint64_t x = 0; x < 12; ++x) f(extent{x, y, z});
}

box random_box(std::mt19937& random) {
  const auto below = [&](std::uint64_t count) { return std::uint64_t{random()} % count; };
  return {{below(7), below(7), below(7)}, {below(5), below(5), below(5)}};
}

}  // namespace

TEST_CASE("box: the pixels of an intersection are those of both boxes", "[tiling]") {
  std::mt19937 random(1);
  for (int repeat = 0; repeat < 100; ++repeat) {
    const box a = random_box(random), b = random_box(random);
    const box both = intersection(a, b);
    std::uint64_t count = 0;
    bool holds = true;
    for_each_pixel([&](const extent& pixel) {
      const bool in_both = a.contains(pixel) && b.contains(pixel);
      holds = holds && both.contains(pixel) == in_both;
      count += in_both ? 1 : 0;
    });
    CHECK(holds);
    CHECK(both.pixels() == count);
    CHECK(both.empty() == (count == 0));
    CHECK(a.contains(both));
    CHECK(a.contains(b) == (b.empty() || count == b.pixels()));
  }
}

TEST_CASE("grow: a box reaches further on each side, as far as the image does", "[tiling]") {
  const shape image{100, 50, 3};
  CHECK(grow({{10, 10, 1}, {20, 20, 1}}, {5, 4, 0}, {3, 2, 1}, image) ==
        box{{5, 6, 1}, {28, 26, 2}});
  CHECK(grow({{10, 10, 1}, {20, 20, 1}}, {50, 50, 50}, {500, 500, 500}, image) == whole(image));
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  CHECK(grow(whole(image), {most, most, most}, {most, most, most}, image) == whole(image));
  CHECK(clip({{90, 0, 2}, {20, 10, 5}}, image) == box{{90, 0, 2}, {10, 10, 1}});
  CHECK(clip({{100, 0, 0}, {20, 10, 5}}, image).empty());
}

TEST_CASE("box: coordinates beyond 2^32 are whole numbers like others", "[tiling]") {
  constexpr std::uint64_t far_away = std::uint64_t{1} << 40;
  const shape image{far_away, far_away, far_away};
  const box part{{far_away - 7, 1, 2}, {5, 3, 1}};
  CHECK(whole(image).contains(part));
  CHECK(part.end(0) == far_away - 2);
  CHECK(grow(part, {1, 1, 1}, {9, 9, 9}, image) == box{{far_away - 8, 0, 1}, {8, 13, 11}});
  CHECK_THROWS_AS(whole(image).pixels(), argument_error);
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  CHECK_FALSE(whole(image).contains(box{{most, 0, 0}, {2, 1, 1}}));
}

TEST_CASE("check_inside: a box that is empty or reaches out is told with the image", "[tiling]") {
  using gpuimg::tiling::check_inside;
  const shape image{10, 10, 2};
  CHECK_NOTHROW(check_inside("read", {{9, 9, 1}, {1, 1, 1}}, image));
  CHECK_THROWS_MATCHES(
      check_inside("read", {{9, 9, 1}, {2, 1, 1}}, image), argument_error,
      Catch::Message("read: 2x1x1 at (9, 9, 1) is no part of an image of 10x10x2"));
  CHECK_THROWS_AS(check_inside("read", {{0, 0, 0}, {0, 1, 1}}, image), argument_error);
}
