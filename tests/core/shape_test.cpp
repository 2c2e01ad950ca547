// SPDX-License-Identifier: BSD-3-Clause
// Shapes, views and border indices.
#include "gpuimg/core/shape.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <numeric>
#include <vector>

#include "gpuimg/core/choices.hpp"
#include "gpuimg/core/view.hpp"

using gpuimg::border;
using gpuimg::shape;

TEST_CASE("shape: the number of pixels is the product, and 0 where an axis is 0", "[core]") {
  CHECK(shape{5, 3, 2}.pixels() == 30);
  CHECK(shape{7}.pixels() == 7);
  CHECK(shape{}.pixels() == 0);
  CHECK(shape{3, 0, 2}.pixels() == 0);
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  CHECK(shape{0, most, most}.pixels() == 0);
  CHECK(shape{most, 1, 1}.pixels() == most);
}

TEST_CASE("shape: more pixels than a size_t can count are refused", "[core]") {
  const std::size_t half = std::size_t{1} << 32;
  CHECK_THROWS_MATCHES((shape{half, half}.pixels()), gpuimg::argument_error,
                       Catch::Message("shape 4294967296x4294967296 has more pixels than memory can "
                                      "address"));
  CHECK_THROWS_AS((shape{half, half / 2, 2}.pixels()), gpuimg::argument_error);
  CHECK_THROWS_AS((shape{2, half, half / 2}.pixels()), gpuimg::argument_error);
  CHECK(shape{half, half / 2, 1}.pixels() == std::size_t{1} << 63);
}

TEST_CASE("shape: text leaves the depth of a 2D image out", "[core]") {
  CHECK(to_string(shape{512, 256, 64}) == "512x256x64");
  CHECK(to_string(shape{512, 256}) == "512x256");
  CHECK(to_string(shape{0}) == "0x1");
  CHECK(to_string(shape{2, 2, 0}) == "2x2x0");
  CHECK(shape{4, 4, 2}.is_3d());
  CHECK_FALSE(shape{4, 4}.is_3d());
}

TEST_CASE("view: x is fastest, then y, then z", "[core]") {
  std::vector<int> pixels(24);
  std::iota(pixels.begin(), pixels.end(), 0);
  const gpuimg::view<int> view(pixels.data(), {4, 3, 2});
  CHECK(view(3) == 3);
  CHECK(view(0, 1) == 4);
  CHECK(view(0, 0, 1) == 12);
  CHECK(view(3, 2, 1) == 23);
  CHECK(view[5] == 5);
  CHECK(view.size() == 24);
  CHECK(std::accumulate(view.begin(), view.end(), 0) == 276);
}

TEST_CASE("border_index: the five modes continue a b c as scipy.ndimage does", "[core]") {
  const auto continued = [](border mode, std::ptrdiff_t n) {
    std::string text;
    for (std::ptrdiff_t i = -7; i < n + 7; ++i) {
      const auto at = gpuimg::border_index(i, n, mode);
      text += at < 0 ? 'k' : static_cast<char>('a' + at);
    }
    return text;
  };
  CHECK(continued(border::nearest, 3) == "aaaaaaaabcccccccc");
  CHECK(continued(border::reflect, 3) == "aabccbaabccbaabcc");
  CHECK(continued(border::mirror, 3) == "bcbabcbabcbabcbab");
  CHECK(continued(border::wrap, 3) == "cabcabcabcabcabca");
  CHECK(continued(border::constant, 3) == "kkkkkkkabckkkkkkk");
  CHECK(continued(border::nearest, 1) == "aaaaaaaaaaaaaaa");
  CHECK(continued(border::reflect, 1) == "aaaaaaaaaaaaaaa");
  CHECK(continued(border::mirror, 1) == "aaaaaaaaaaaaaaa");
  CHECK(continued(border::wrap, 1) == "aaaaaaaaaaaaaaa");
  CHECK(continued(border::constant, 1) == "kkkkkkkakkkkkkk");
  CHECK(continued(border::mirror, 2) == "babababababababa");
}
