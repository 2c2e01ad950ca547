// SPDX-License-Identifier: BSD-3-Clause
// Tests of the generator of synthetic fields.
#include "synthesize/field.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using gpuimg::shape;
using gpuimg::examples::field;
using gpuimg::examples::field_options;
using gpuimg::examples::synthesize;

namespace {

/// FNV-1a over whole pixels: the same on machines of either byte order.
template <class T>
std::uint64_t checksum(const std::vector<T>& pixels) {
  std::uint64_t hash = 14695981039346656037u;
  for (const T pixel : pixels) hash = (hash ^ pixel) * 1099511628211u;
  return hash;
}

struct statistics {
  double mean = 0, variance = 0;
};

statistics statistics_of(const std::vector<std::uint16_t>& pixels) {
  const auto n = static_cast<double>(pixels.size());
  statistics result;
  for (const std::uint16_t pixel : pixels) result.mean += pixel / n;
  for (const std::uint16_t pixel : pixels)
    result.variance += (pixel - result.mean) * (pixel - result.mean) / n;
  return result;
}

}  // namespace

TEST_CASE("synthesize: a seed stands for the same pixels on every platform", "[examples]") {
  const field plane = synthesize({.size = {200, 150}, .nuclei = 25, .seed = 7});
  CHECK(checksum(plane.image) == 0xc5fa8cf8f41dfac5u);
  CHECK(checksum(plane.labels) == 0x9afbc6b7f281b08u);
  const field volume = synthesize({.size = {48, 40, 20}, .nuclei = 12, .radius = 6, .seed = 7});
  CHECK(checksum(volume.image) == 0xf0b9ad5bedfbd0f8u);
  CHECK(checksum(volume.labels) == 0xbfe0d7f48d29c6adu);
}

TEST_CASE("synthesize: another seed makes another field", "[examples]") {
  const field a = synthesize({.size = {64, 64}, .nuclei = 5, .seed = 1});
  const field b = synthesize({.size = {64, 64}, .nuclei = 5, .seed = 2});
  CHECK(a.image != b.image);
  CHECK(a.labels != b.labels);
}

TEST_CASE("synthesize: labels are numbered 1..n in raster order of their first pixel",
          "[examples]") {
  for (const shape size : {shape{300, 200}, shape{60, 50, 30}, shape{100, 1}, shape{1, 1, 40}}) {
    const field f = synthesize({.size = size, .nuclei = 60, .radius = 7});
    std::uint32_t highest = 0;
    for (const std::uint32_t label : f.labels) {
      REQUIRE(label <= highest + 1);
      highest = std::max(highest, label);
    }
    CHECK(highest == f.nuclei);
    CHECK(highest > 0);
  }
}

TEST_CASE("synthesize: all nuclei are placed where there is room", "[examples]") {
  CHECK(synthesize({.size = {512, 512}, .nuclei = 130}).nuclei == 130);
  CHECK(synthesize({.size = {100, 100, 50}, .nuclei = 40, .radius = 8}).nuclei == 40);
}

TEST_CASE("synthesize: placing ends where no room is left", "[examples]") {
  const field f = synthesize({.size = {100, 100}, .nuclei = 100000});
  CHECK(f.nuclei > 10);
  CHECK(f.nuclei < 100);
}

TEST_CASE("synthesize: nuclei have about the volume of a ball of their radius", "[examples]") {
  constexpr double pi = 3.14159265358979;
  for (const bool is_3d : {false, true}) {
    const shape size = is_3d ? shape{150, 150, 150} : shape{600, 600};
    const field f = synthesize({.size = size, .nuclei = 300, .radius = 5, .spacing = 1.3f});
    const double pixels = static_cast<double>(
        std::ranges::count_if(f.labels, [](std::uint32_t label) { return label != 0; }));
    const double ball = is_3d ? 4.0 / 3 * pi * 125 : pi * 25;
    CHECK(pixels / f.nuclei == Approx(ball).epsilon(0.15));  // the edges cut some
  }
}

TEST_CASE("synthesize: an empty field has the level and the noise that were asked for",
          "[examples]") {
  for (const float background : {0.0f, 4.0f, 12.0f, 250.0f}) {  // both ways of making Poisson noise
    const field f = synthesize({.size = {500, 500},
                                .nuclei = 0,
                                .background = background,
                                .vignette = 0,
                                .read_noise = 2,
                                .offset = 90});
    CHECK(f.nuclei == 0);
    const statistics s = statistics_of(f.image);
    const double variance = background + 2 * 2 + 1.0 / 12;  // photons, camera, rounding
    CHECK(std::abs(s.mean - (90 + background)) < 5 * std::sqrt(variance / 250000));
    CHECK(s.variance == Approx(variance).epsilon(0.02));
  }
}

TEST_CASE("synthesize: nuclei are as bright as asked for, apart from noise", "[examples]") {
  const field f = synthesize({.size = {120, 120, 60},
                              .nuclei = 60,
                              .radius = 9,
                              .photons = 1000,
                              .background = 0,
                              .vignette = 0,
                              .offset = 0});
  double inside = 0, outside = 0, pixels = 0;
  for (std::size_t i = 0; i < f.image.size(); ++i) {
    (f.labels[i] != 0 ? inside : outside) += f.image[i];
    pixels += f.labels[i] != 0;
  }
  CHECK(inside / pixels > 700);  // blur carries some light out
  CHECK((inside + outside) / pixels == Approx(1000).epsilon(0.15));
}

TEST_CASE("synthesize: the vignette darkens the field and nothing else does", "[examples]") {
  field_options options{.size = {300, 300}, .nuclei = 0, .background = 1000, .vignette = 0.5f};
  const field f = synthesize(options);
  const auto mean_of_corner = [&](std::size_t x0, std::size_t y0) {
    double sum = 0;
    for (std::size_t y = y0; y < y0 + 15; ++y)
      for (std::size_t x = x0; x < x0 + 15; ++x) sum += f.image[x + 300 * y] / 225.0;
    return sum;
  };
  const double darkest = std::min({mean_of_corner(0, 0), mean_of_corner(285, 0),
                                   mean_of_corner(0, 285), mean_of_corner(285, 285)});
  CHECK(darkest == Approx(100 + 500).epsilon(0.1));
  CHECK(*std::max_element(f.image.begin(), f.image.end()) > 1100);
}

TEST_CASE("synthesize: grey levels saturate", "[examples]") {
  const field f = synthesize({.size = {20, 20}, .nuclei = 0, .offset = 1e6f});
  CHECK(std::ranges::all_of(f.image, [](std::uint16_t level) { return level == 65535; }));
}

TEST_CASE("synthesize: a field without pixels is legal", "[examples]") {
  const field f = synthesize({.size = {0, 10}});
  CHECK(f.image.empty());
  CHECK(f.labels.empty());
  CHECK(f.nuclei == 0);
}

TEST_CASE("synthesize: options out of range are refused by name", "[examples]") {
  CHECK_THROWS_WITH(synthesize({.radius = -1}),
                    "synthesize: radius must be in [0.5, 1000], got -1");
  CHECK_THROWS_WITH(synthesize({.vignette = 1.5f}),
                    "synthesize: vignette must be in [0, 1], got 1.5");
  CHECK_THROWS_AS(synthesize({.read_noise = -3}), gpuimg::argument_error);
  CHECK_THROWS_AS(synthesize({.background = std::numeric_limits<float>::infinity()}),
                  gpuimg::argument_error);
}
