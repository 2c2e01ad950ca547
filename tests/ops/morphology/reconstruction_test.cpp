// SPDX-License-Identifier: BSD-3-Clause
// Reconstruction, and the maxima and domes made of it: small pictures, properties, then
// scikit-image's results.
#include "gpuimg/ops/morphology/reconstruction.hpp"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::connectivity;
using gpuimg::h_dome;
using gpuimg::h_maxima;
using gpuimg::h_maxima_transform;
using gpuimg::h_minima;
using gpuimg::reconstruct_by_dilation;
using gpuimg::reconstruct_by_erosion;
using gpuimg::regional_maxima;
using gpuimg::regional_minima;
using gpuimg::shape;
using test::same_pixels;

using bytes = std::vector<std::uint8_t>;

constexpr float positive_nan = std::numeric_limits<float>::quiet_NaN();
const float negative_nan = std::bit_cast<float>(0xffc00000u);  // what x86 makes of 0 / 0

constexpr auto both = {connectivity::box, connectivity::sphere};

// A corridor that leads through all of an image, to and fro along x, from plane to plane in 3D.
bytes corridor(const shape& size) {
  bytes inside(size.pixels(), 0);
  const auto at = [&](std::size_t x, std::size_t y, std::size_t z) -> auto& {
    return inside[x + size.x * (y + size.y * z)];
  };
  for (std::size_t z = 0; z < size.z; z += 2) {
    for (std::size_t y = 0; y < size.y; y += 2) {
      for (std::size_t x = 0; x < size.x; ++x) at(x, y, z) = 1;
      if (y + 1 < size.y) at(y % 4 == 0 ? size.x - 1 : 0, y + 1, z) = 1;
    }
    if (z + 1 < size.z) at(0, z % 4 == 0 ? size.y - 1 : 0, z + 1) = 1;
  }
  return inside;
}

// The inputs of make_golden.py.
template <class T>
struct golden_pair {
  std::vector<T> mask, marker;

  golden_pair(const shape& size, bool from_below)
      : mask(test::random_pixels<T>(size, 30,
                                    size.is_3d() ? test::content::even : test::content::few)) {
    const T extreme = from_below ? *std::min_element(mask.begin(), mask.end())
                                 : *std::max_element(mask.begin(), mask.end());
    const auto kept = test::random_mask(size, 10, 31);
    for (std::size_t i = 0; i < mask.size(); ++i)
      marker.push_back(kept[i] != 0 ? mask[i] : extreme);
  }
};

const shape flat{29, 23}, deep{13, 11, 7};

}  // namespace

TEST_CASE("reconstruct_by_dilation: what the marker touches comes back as a whole",
          "[morphology][reconstruct_by_dilation]") {
  ON_EVERY_DEVICE(device);
  const shape line{9};
  const auto mask = push(device, bytes{1, 5, 7, 5, 2, 6, 9, 6, 0}, line);
  const auto from = [&](const bytes& marker) {
    return reconstruct_by_dilation(push(device, marker, line), mask);
  };
  CHECK_THAT(from({0, 0, 7, 0, 0, 0, 0, 0, 0}), same_pixels(bytes{1, 5, 7, 5, 2, 2, 2, 2, 0}));
  CHECK_THAT(from({0, 4, 0, 0, 0, 0, 0, 0, 0}), same_pixels(bytes{1, 4, 4, 4, 2, 2, 2, 2, 0}));
  CHECK_THAT(from(bytes(9, 8)), same_pixels(bytes{1, 5, 7, 5, 2, 6, 8, 6, 0}));
  CHECK_THAT(from(bytes(9, 0)), same_pixels(bytes(9, 0)));
}

TEST_CASE("reconstruct_by_dilation: corners connect in a box, not in a sphere",
          "[morphology][reconstruct_by_dilation]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{2, 2}, shape{2, 1, 2}}) {
    const auto mask = push(device, bytes{3, 0, 0, 4}, size);
    const auto marker = push(device, bytes{3, 0, 0, 0}, size);
    CHECK_THAT(reconstruct_by_dilation(marker, mask), same_pixels(bytes{3, 0, 0, 3}));
    CHECK_THAT(reconstruct_by_dilation(marker, mask, {.connectivity = connectivity::sphere}),
               same_pixels(bytes{3, 0, 0, 0}));
  }
}

TEST_CASE("reconstruct_by_dilation: finds its way along a spiral and through all planes",
          "[morphology][reconstruct_by_dilation]") {
  ON_EVERY_DEVICE(device);
  const auto check = [&](const bytes& inside, const shape& size) {
    std::vector<std::uint16_t> mask, marker(inside.size(), 0), expected;
    for (std::size_t i = 0; i < inside.size(); ++i) {
      mask.push_back(inside[i] != 0 ? static_cast<std::uint16_t>(700 + i % 13) : 3);
      expected.push_back(inside[i] != 0 ? 699 : 3);
    }
    marker[0] = 699;
    CHECK_THAT(reconstruct_by_dilation(push(device, marker, size), push(device, mask, size),
                                       {.connectivity = connectivity::sphere}),
               same_pixels(expected));
  };
  check(test::spiral({150, 131}), {150, 131});
  check(corridor({70, 19, 35}), {70, 19, 35});
  check(corridor({3, 3001}), {3, 3001});
}

TEST_CASE("reconstruct_by_dilation: finds its way from corner to corner, back and forth",
          "[morphology][reconstruct_by_dilation]") {
  ON_EVERY_DEVICE(device);
  // A coordinate that goes to and fro between 0 and n - 1.
  const auto folded = [](std::size_t step, std::size_t n) {
    const std::size_t at = step % (2 * n - 2);
    return at < n ? at : 2 * n - 2 - at;
  };
  for (const shape& size : {shape{131, 70}, shape{101, 35, 19}}) {
    bytes mask(size.pixels(), 0), expected(size.pixels(), 0);
    const auto at = [&](std::size_t step) {
      const std::size_t z = size.is_3d() ? folded(step, size.z) : 0;
      return step + size.x * (folded(step, size.y) + size.y * z);
    };
    for (std::size_t step = 0; step < size.x; ++step)
      mask[at(step)] = expected[at(step)] = static_cast<std::uint8_t>(250 - step);
    for (const std::size_t from : {std::size_t{0}, size.x - 1}) {
      bytes marker(size.pixels(), 0);
      marker[at(from)] = mask[at(from)];
      if (from > 0)
        std::ranges::replace_if(
            expected, [](auto p) { return p > 0; }, mask[at(from)]);
      CHECK_THAT(reconstruct_by_dilation(push(device, marker, size), push(device, mask, size)),
                 same_pixels(expected));
      CHECK_THAT(reconstruct_by_dilation(push(device, marker, size), push(device, mask, size),
                                         {.connectivity = connectivity::sphere}),
                 same_pixels(marker));
    }
  }
}

TEST_CASE(
    "reconstruct_by_dilation: lies between marker and mask, and doing it twice is doing it once",
    "[morphology][reconstruct_by_dilation]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{130, 37}, shape{33, 31, 5}})
    for (const auto c : both) {
      const auto mask = test::random_pixels<std::int16_t>(size, 1);
      auto marker = test::random_pixels<std::int16_t>(size, 2);
      for (std::size_t i = 0; i < mask.size(); ++i) marker[i] = std::min(marker[i], mask[i]);
      const auto under = push(device, mask, size);
      const auto once =
          reconstruct_by_dilation(push(device, marker, size), under, {.connectivity = c});
      const auto pixels = pull(once);
      bool is_between = true;
      for (std::size_t i = 0; i < mask.size(); ++i)
        is_between &= marker[i] <= pixels[i] && pixels[i] <= mask[i];
      CHECK(is_between);
      CHECK_THAT(reconstruct_by_dilation(once, under, {.connectivity = c}), same_pixels(once));
    }
}

TEST_CASE("reconstruct_by_dilation: a marker above the mask is lowered to it",
          "[morphology][reconstruct_by_dilation][reconstruct_by_erosion]") {
  ON_EVERY_DEVICE(device);
  const shape size{40, 21};
  const auto mask = push(device, test::random_pixels<float>(size, 1), size);
  CHECK_THAT(
      reconstruct_by_dilation(push(device, std::vector<float>(size.pixels(), 3e38f), size), mask),
      same_pixels(mask));
  CHECK_THAT(
      reconstruct_by_erosion(push(device, std::vector<float>(size.pixels(), -3e38f), size), mask),
      same_pixels(mask));
}

TEST_CASE("reconstruct_by_dilation: NaN is above all, infinities and zeros keep their place",
          "[morphology][reconstruct_by_dilation][reconstruct_by_erosion]") {
  ON_EVERY_DEVICE(device);
  const float infinity = std::numeric_limits<float>::infinity();
  const shape line{5};
  const auto mask = push(device, std::vector<float>{positive_nan, 1, infinity, -infinity, 0}, line);
  CHECK_THAT(
      reconstruct_by_dilation(
          push(device, std::vector<float>{positive_nan, -5, -5, -infinity, -0.0f}, line), mask),
      same_pixels(std::vector<float>{positive_nan, 1, 1, -infinity, -0.0f}));
  CHECK_THAT(
      reconstruct_by_erosion(
          push(device,
               std::vector<float>{positive_nan, positive_nan, positive_nan, 3, positive_nan}, line),
          mask),
      same_pixels(std::vector<float>{positive_nan, infinity, infinity, 3, 3}));
}

TEST_CASE("reconstruct_by_dilation: negative NaN is below all",
          "[morphology][reconstruct_by_dilation][reconstruct_by_erosion]") {
  ON_EVERY_DEVICE(device);
  const float infinity = std::numeric_limits<float>::infinity();
  const auto with = [&](float middle) {
    return push(device, std::vector<float>{-infinity, middle, -1}, {3});
  };
  const auto marker = push(device, std::vector<float>{3, 3, -infinity}, {3});
  CHECK_THAT(reconstruct_by_dilation(marker, with(positive_nan)),
             same_pixels(std::vector<float>{-infinity, 3, -1}));
  CHECK_THAT(reconstruct_by_dilation(marker, with(negative_nan)),
             same_pixels(std::vector<float>{-infinity, negative_nan, -infinity}));
  CHECK_THAT(reconstruct_by_erosion(marker, with(negative_nan)),
             same_pixels(std::vector<float>{-1, -1, -1}));
}

TEST_CASE("reconstruct_by_erosion: is the reconstruction by dilation of what is inverted",
          "[morphology][reconstruct_by_dilation][reconstruct_by_erosion]") {
  ON_EVERY_DEVICE(device);
  const shape size{70, 9, 4};
  const auto inverted = [](bytes pixels) {
    for (auto& p : pixels) p = static_cast<std::uint8_t>(255 - p);
    return pixels;
  };
  const auto marker = test::random_pixels<std::uint8_t>(size, 1);
  const auto mask = test::random_pixels<std::uint8_t>(size, 2);
  const auto dilated = reconstruct_by_dilation(push(device, inverted(marker), size),
                                               push(device, inverted(mask), size));
  CHECK_THAT(reconstruct_by_erosion(push(device, marker, size), push(device, mask, size)),
             same_pixels(inverted(pull(dilated))));
}

TEST_CASE("regional_maxima: plateaus are marked as a whole, a constant image is none",
          "[morphology][regional_maxima][regional_minima]") {
  ON_EVERY_DEVICE(device);
  const shape line{9};
  const auto src = push(device, bytes{4, 4, 2, 3, 3, 5, 0, 0, 1}, line);
  CHECK_THAT(regional_maxima(src), same_pixels(bytes{1, 1, 0, 0, 0, 1, 0, 0, 1}));
  CHECK_THAT(regional_minima(src), same_pixels(bytes{0, 0, 1, 0, 0, 0, 1, 1, 0}));
  for (const auto value : bytes{0, 7, 255}) {
    const auto constant = push(device, bytes(12, value), {4, 3});
    CHECK_THAT(regional_maxima(constant), same_pixels(bytes(12, 0)));
    CHECK_THAT(regional_minima(constant), same_pixels(bytes(12, 0)));
  }
}

TEST_CASE("regional_maxima: zeros are equal, so are NaN of any bits, above all",
          "[morphology][regional_maxima][regional_minima][h_maxima][h_minima]") {
  ON_EVERY_DEVICE(device);
  const float infinity = std::numeric_limits<float>::infinity();
  const float other_nan = std::bit_cast<float>(0x7f800001u);
  const std::vector<float> pixels{-1,           0,         -0.0f, 0, -3, infinity, negative_nan,
                                  positive_nan, other_nan, -4};
  const auto src = push(device, pixels, {pixels.size()});
  const bytes maxima{0, 1, 1, 1, 0, 0, 1, 1, 1, 0}, minima{1, 0, 0, 0, 1, 0, 0, 0, 0, 1};
  CHECK_THAT(regional_maxima(src), same_pixels(maxima));
  CHECK_THAT(regional_minima(src), same_pixels(minima));
  CHECK_THAT(h_maxima(src), same_pixels(maxima));
  CHECK_THAT(h_minima(src), same_pixels(minima));
}

TEST_CASE("h_maxima: are maxima that stand out by h", "[morphology][h_maxima][h_minima]") {
  ON_EVERY_DEVICE(device);
  const auto check = [&](auto zero) {
    using T = decltype(zero);
    const auto src = push(device, std::vector<T>{1, 8, 6, 7, 3, 9, 9, 2}, {8});
    const auto maxima = [&](double h) { return h_maxima(src, {.h = h}); };
    CHECK_THAT(maxima(0), same_pixels(bytes{0, 1, 0, 1, 0, 1, 1, 0}));
    CHECK_THAT(maxima(1), same_pixels(bytes{0, 1, 0, 1, 0, 1, 1, 0}));
    CHECK_THAT(maxima(1.5), same_pixels(bytes{0, 1, 0, 0, 0, 1, 1, 0}));
    CHECK_THAT(maxima(5), same_pixels(bytes{0, 1, 0, 0, 0, 1, 1, 0}));
    CHECK_THAT(maxima(6), same_pixels(bytes{0, 0, 0, 0, 0, 1, 1, 0}));
    CHECK_THAT(maxima(8), same_pixels(bytes{0, 0, 0, 0, 0, 1, 1, 0}));
    CHECK_THAT(maxima(9), same_pixels(bytes(8, 0)));
    CHECK_THAT(maxima(1000), same_pixels(bytes(8, 0)));
    CHECK_THAT(h_minima(src, {.h = 1}), same_pixels(bytes{1, 0, 1, 0, 1, 0, 0, 1}));
    CHECK_THAT(h_minima(src, {.h = 2}), same_pixels(bytes{1, 0, 0, 0, 1, 0, 0, 1}));
    CHECK_THAT(h_minima(src, {.h = 7}), same_pixels(bytes{1, 0, 0, 0, 0, 0, 0, 1}));
  };
  check(std::uint8_t{});
  check(std::int8_t{});
  check(0.0f);
}

TEST_CASE("h_maxima: a slope that vanishes beside h is no maximum", "[morphology][h_maxima]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>{-3e7f, 1, 1.25f, 1, -3e7f}, {5});
  CHECK_THAT(h_maxima(src, {.h = 2e7}), same_pixels(bytes{0, 0, 1, 0, 0}));
}

TEST_CASE("h_dome: is what stands out, at most h", "[morphology][h_dome]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, bytes{1, 8, 6, 7, 3, 9, 9, 2}, {8});
  CHECK_THAT(h_dome(src, {.h = 2}), same_pixels(bytes{0, 2, 0, 1, 0, 2, 2, 0}));
  CHECK_THAT(h_dome(src, {.h = 0}), same_pixels(bytes(8, 0)));
  CHECK_THAT(h_dome(src, {.h = 300}), same_pixels(bytes{1, 8, 6, 7, 3, 9, 9, 2}));
  const auto wide = push(device, std::vector<std::int8_t>{-128, 127}, {2});
  CHECK_THAT(h_dome(wide, {.h = 1000}), same_pixels(std::vector<std::int8_t>{0, 127}));
}

TEST_CASE("h_dome: of floats is 0 to h, also where heights are rounded, infinite or NaN",
          "[morphology][h_dome][h_maxima_transform]") {
  ON_EVERY_DEVICE(device);
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> pixels{-infinity,    5,         -infinity,   infinity, -infinity,
                                  positive_nan, -infinity, negative_nan};
  const auto src = push(device, pixels, {pixels.size()});
  CHECK_THAT(h_dome(src, {.h = 2}), same_pixels(std::vector<float>{0, 2, 0, 0, 0, 0, 0, 0}));
  CHECK_THAT(h_dome(src, {.h = 0}), same_pixels(std::vector<float>(8, 0)));
  CHECK_THAT(h_maxima_transform(src, {.h = 2}),
             same_pixels(std::vector<float>{-infinity, 3, -infinity, infinity, -infinity,
                                            positive_nan, -infinity, positive_nan}));
  const auto extreme = push(device, std::vector<float>{-3e38f, 3e38f}, {2});
  CHECK_THAT(h_dome(extreme, {.h = 3e38}), same_pixels(std::vector<float>{0, 3e38f}));
  const auto low = push(device, std::vector<float>{-3e38f, -2e38f}, {2});
  CHECK_THAT(h_dome(low, {.h = 3e38}), same_pixels(std::vector<float>{3e38f, 3e38f}));
  const auto rounded = push(device, std::vector<float>{0, 16777220}, {2});
  CHECK_THAT(h_dome(rounded, {.h = 1.5}), same_pixels(std::vector<float>{0, 1.5}));
}

TEST_CASE("h_maxima_transform: is the image less its domes", "[morphology][h_maxima_transform]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, bytes{1, 8, 6, 7, 3, 9, 9, 2}, {8});
  const auto lowered = [&](double h) { return h_maxima_transform(src, {.h = h}); };
  CHECK_THAT(lowered(2), same_pixels(bytes{1, 6, 6, 6, 3, 7, 7, 2}));
  CHECK_THAT(lowered(1.5), same_pixels(bytes{1, 6, 6, 6, 3, 7, 7, 2}));
  CHECK_THAT(lowered(0), same_pixels(src));
  CHECK_THAT(lowered(300), same_pixels(bytes(8, 0)));
}

TEMPLATE_TEST_CASE("reconstructions equal scikit-image's", "[morphology][reconstruct_by_dilation]",
                   std::uint8_t, std::uint16_t, float) {
  ON_EVERY_DEVICE(device);
  const test::golden expected("reconstruction");
  const std::string type(name_of(gpuimg::pixel_type_of<TestType>()));
  for (const shape& size : {flat, deep})
    for (const auto c : both) {
      if ((type == "u16" && c == connectivity::box) || (type == "f32" && c != connectivity::box))
        continue;
      const std::string name =
          type + (size.is_3d() ? "_3d" : "_2d") + (c == connectivity::box ? "_box" : "_sphere");
      INFO(name);
      const golden_pair<TestType> below(size, true), above(size, false);
      CHECK_THAT(reconstruct_by_dilation(push(device, below.marker, size),
                                         push(device, below.mask, size), {.connectivity = c}),
                 same_pixels(expected.values<TestType>("dilation_" + name)));
      CHECK_THAT(reconstruct_by_erosion(push(device, above.marker, size),
                                        push(device, above.mask, size), {.connectivity = c}),
                 same_pixels(expected.values<TestType>("erosion_" + name)));
    }
}

TEMPLATE_TEST_CASE("maxima and minima equal scikit-image's",
                   "[morphology][regional_maxima][regional_minima][h_maxima][h_minima]",
                   std::uint8_t, std::int16_t, float) {
  ON_EVERY_DEVICE(device);
  const test::golden expected("reconstruction");
  const std::string type(name_of(gpuimg::pixel_type_of<TestType>()));
  for (const shape& size : {flat, deep})
    for (const auto c : both) {
      const std::string name = "_" + type + (size.is_3d() ? "_3d" : "_2d") +
                               (c == connectivity::box ? "_box" : "_sphere");
      INFO(name);
      const auto src = push(device, golden_pair<TestType>(size, true).mask, size);
      const double h = size.is_3d() ? 80 : type == "f32" ? 0.75 : 3;
      CHECK_THAT(regional_maxima(src, {.connectivity = c}),
                 same_pixels(expected.values<std::uint8_t>("maxima" + name)));
      CHECK_THAT(regional_minima(src, {.connectivity = c}),
                 same_pixels(expected.values<std::uint8_t>("minima" + name)));
      CHECK_THAT(h_maxima(src, {.h = h, .connectivity = c}),
                 same_pixels(expected.values<std::uint8_t>("h_maxima" + name)));
      CHECK_THAT(h_minima(src, {.h = h, .connectivity = c}),
                 same_pixels(expected.values<std::uint8_t>("h_minima" + name)));
    }
}
