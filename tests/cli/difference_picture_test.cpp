// SPDX-License-Identifier: BSD-3-Clause
// The picture of differences: colours, and what a place shows that stands for several pixels.
#include "cli/difference_picture.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

namespace {

using gpuimg::cli::draw_differences;
using bytes = std::vector<std::uint8_t>;

gpuimg::cli::difference_picture draw(const std::vector<float>& a, const std::vector<float>& b,
                                     const gpuimg::shape& size) {
  return draw_differences(gpuimg::view<const float>(a.data(), size),
                          gpuimg::view<const float>(b.data(), size));
}

}  // namespace

TEST_CASE("draw_differences: white is equal, red is more, blue is less, black is not finite",
          "[cli]") {
  const float nan = std::nanf("");
  const auto found = draw({1, 5, 1, nan, nan, 2}, {1, 1, 3, 1, nan, 2}, {3, 2});
  CHECK(found.most == 4);
  CHECK(found.rgb == bytes{255, 255, 255, 255, 0, 0, 85, 85, 255,  //
                           0, 0, 0, 255, 255, 255, 255, 255, 255});
}

TEST_CASE("draw_differences: the least difference is seen beside the greatest", "[cli]") {
  const auto found = draw({1e-6f, 1}, {0, 0}, {2, 1});
  CHECK(found.rgb == bytes{255, 170, 170, 255, 0, 0});
}

TEST_CASE("draw_differences: a place shows the greatest difference of its pixels", "[cli]") {
  const auto stack = draw({0, 1, 0, -3}, {0, 0, 0, 0}, {2, 1, 2});
  CHECK(stack.rgb == bytes{255, 255, 255, 0, 0, 255});
  std::vector<float> wide(3000), zero(3000);
  wide[2999] = 2;
  const auto found = draw(wide, zero, {3000, 1});
  CHECK(found.width == 1000);
  CHECK(found.height == 1);
  CHECK(found.rgb[3 * 999 + 1] == 0);
  CHECK(found.rgb[3 * 998 + 1] == 255);
}
