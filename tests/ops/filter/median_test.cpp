// SPDX-License-Identifier: BSD-3-Clause
// median: properties, then scipy's results.
#include "gpuimg/ops/filter/median.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
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
using gpuimg::median;
using gpuimg::shape;
using test::same_pixels;

struct radii {
  int x, y, z;
  gpuimg::connectivity connectivity;

  operator gpuimg::ops::median() const {
    return {.radius_x = x, .radius_y = y, .radius_z = z, .connectivity = connectivity};
  }
  [[nodiscard]] std::string name() const {
    return std::string(connectivity == connectivity::box ? "box" : "sphere") + "_" +
           std::to_string(x) + "_" + std::to_string(y) + "_" + std::to_string(z);
  }
};
// Few pixels, which are compared in a fixed order, with rows in common or none, and many.
const std::vector<radii> all_radii{{1, 1, 1, connectivity::box},   {0, 0, 0, connectivity::box},
                                   {1, 0, 0, connectivity::box},   {0, 1, 1, connectivity::box},
                                   {2, 2, 2, connectivity::box},   {30, 2, 0, connectivity::box},
                                   {2, 40, 0, connectivity::box},  {1, 1, 1, connectivity::sphere},
                                   {5, 6, 2, connectivity::sphere}};

// The pixels of an image that the neighbourhood of every pixel covers; edges are repeated.
template <class T, class F>
void visit_neighborhoods(const std::vector<T>& pixels, const shape& size, const radii& r, F&& f) {
  const auto part = [](int d, int radius) {
    return radius == 0 ? 0.0 : static_cast<double>(d * d) / (radius * radius);
  };
  const auto at = [](std::size_t i, int d, std::size_t n) {
    const auto moved = static_cast<std::ptrdiff_t>(i) + d;
    return static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(moved, 0, static_cast<std::ptrdiff_t>(n) - 1));
  };
  const int rz = size.z > 1 ? r.z : 0;
  for (std::size_t p = 0; p < pixels.size(); ++p) {
    std::vector<T> covered;
    for (int dz = -rz; dz <= rz; ++dz)
      for (int dy = -r.y; dy <= r.y; ++dy)
        for (int dx = -r.x; dx <= r.x; ++dx)
          if (r.connectivity == connectivity::box ||
              part(dx, r.x) + part(dy, r.y) + part(dz, rz) <= 1)
            covered.push_back(pixels[at(p % size.x, dx, size.x) +
                                     size.x * (at(p / size.x % size.y, dy, size.y) +
                                               size.y * at(p / size.x / size.y, dz, size.z))]);
    f(p, covered);
  }
}

}  // namespace

TEMPLATE_TEST_CASE("median: as many pixels are below as above", "[filter][median]", std::int8_t,
                   std::uint16_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size :
       {shape{1}, shape{3, 17}, shape{17, 5, 3}, shape{63, 2}, shape{1, 9, 4}, shape{40, 70}}) {
    const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const auto src = push(device, pixels, size);
    for (const auto& r : all_radii) {
      INFO(r.name() << " of " << to_string(size));
      std::vector<double> expected(pixels.size());
      visit_neighborhoods(pixels, size, r, [&](std::size_t p, std::vector<TestType> covered) {
        std::sort(covered.begin(), covered.end());
        expected[p] = static_cast<double>(covered[covered.size() / 2]);
      });
      CHECK_THAT(median(src, r), test::near_pixels<TestType>(expected, 0));
    }
  }
}

TEST_CASE("median: NaN is the greatest and -0 is below +0", "[filter][median]") {
  ON_EVERY_DEVICE(device);
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> pixels{nan, 1, nan, 2, nan, 0.0f, -0.0f, 0.0f, -0.0f, -0.0f};
  CHECK_THAT(median(push(device, pixels, {10})),
             same_pixels(std::vector<float>{nan, nan, 2, nan, 2, 0.0f, 0.0f, -0.0f, -0.0f, -0.0f}));
  const auto wide = gpuimg::ops::median{.radius_x = 30};  // counts every pixel 1 to 26 times
  CHECK_THAT(median(push(device, pixels, {10}), wide),
             same_pixels(median(push(test::reference(), pixels, {10}), wide)));
}

TEST_CASE("median: a threshold before is a threshold behind", "[filter][median]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 31, 5};
  const auto pixels = test::random_pixels<std::uint16_t>(size, 3);
  const auto above = [](std::vector<std::uint16_t> values) {
    for (auto& v : values) v = v > 30000;
    return values;
  };
  for (const auto& r : all_radii) {
    INFO(r.name());
    const auto before = median(push(device, above(pixels), size), r);
    CHECK_THAT(before, same_pixels(above(pull(median(push(device, pixels, size), r)))));
  }
}

TEST_CASE("median: a neighbourhood has 2^24 pixels at most", "[filter][median]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>(8), {2, 2, 2});
  CHECK_THROWS_WITH(median(src, {.radius_x = 1000, .radius_y = 1000, .radius_z = 10}),
                    Catch::Contains("median: a median may be of 16777216 pixels, got 84084021: "
                                    "radii 1000, 1000 and 10"));
}

TEST_CASE("median: equals scipy's", "[filter][median]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("median");
  const auto compare = [&]<class T>(const char* type, T) {
    for (const shape& size : {shape{29, 23}, shape{13, 11, 7}}) {
      const auto src = push(device, test::random_pixels<T>(size, 16), size);
      for (const radii& r :
           {radii{1, 1, 1, connectivity::box}, radii{2, 2, 0, connectivity::box},
            radii{6, 5, 1, connectivity::box}, radii{1, 1, 1, connectivity::sphere},
            radii{5, 4, 2, connectivity::sphere}}) {
        const std::string name = type + std::string(size.is_3d() ? "_3d_" : "_2d_") + r.name();
        INFO(name);
        CHECK_THAT(median(src, r), same_pixels(expected.values<T>(name)));
      }
    }
  };
  compare("u8", std::uint8_t{});
  compare("u16", std::uint16_t{});
  compare("f32", float{});
}
