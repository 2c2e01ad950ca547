// SPDX-License-Identifier: BSD-3-Clause
// voronoi_otsu_labeling: blobs with a known count, properties, then pyclesperanto's result.
#include "gpuimg/algorithms/voronoi_otsu_labeling.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::shape;
using gpuimg::voronoi_otsu_labeling;
using test::same_pixels;
using labels = std::vector<std::uint32_t>;

// Discs or balls of radius 4 around the points of a grid 12 apart.
template <gpuimg::pixel T>
std::vector<T> grid_of_blobs(const shape& size) {
  std::vector<T> pixels;
  const auto off = [](std::size_t i, std::size_t n) {
    return n == 1 ? 0 : static_cast<int>(i % 12) - 6;
  };
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x) {
        const int dx = off(x, size.x), dy = off(y, size.y), dz = off(z, size.z);
        const int height = 16 - dx * dx - dy * dy - dz * dz;
        pixels.push_back(static_cast<T>(height > 0 ? 4 + height : 0));
      }
  return pixels;
}

std::uint32_t count_of(const gpuimg::label_image& image) {
  const auto pixels = pull(image);
  const std::set<std::uint32_t> distinct(pixels.begin(), pixels.end());
  const std::uint32_t most = *distinct.rbegin();
  REQUIRE(distinct.size() == most + (distinct.count(0) == 0 ? 0u : 1u));  // 1..n without gaps
  return most;
}

}  // namespace

TEMPLATE_TEST_CASE("voronoi_otsu_labeling: finds as many blobs as there are",
                   "[label][voronoi_otsu_labeling]", std::uint8_t, std::int16_t, std::uint32_t,
                   float) {
  ON_EVERY_DEVICE(device);
  const shape flat{48, 36}, deep{36, 24, 24};
  CHECK(count_of(voronoi_otsu_labeling(push(device, grid_of_blobs<TestType>(flat), flat))) == 12);
  CHECK(count_of(voronoi_otsu_labeling(push(device, grid_of_blobs<TestType>(deep), deep))) == 12);
}

TEST_CASE("voronoi_otsu_labeling: two blobs that touch are told apart",
          "[label][voronoi_otsu_labeling]") {
  ON_EVERY_DEVICE(device);
  const shape size{31, 17};
  std::vector<std::uint16_t> pixels(size.pixels(), 0);
  for (std::size_t y = 0; y < size.y; ++y)
    for (std::size_t x = 0; x < size.x; ++x)
      for (const int centre : {10, 20}) {
        const int dx = static_cast<int>(x) - centre, dy = static_cast<int>(y) - 8;
        const int height = 36 - dx * dx - dy * dy;
        auto& pixel = pixels[x + size.x * y];
        if (height > 0) pixel = std::max(pixel, static_cast<std::uint16_t>(100 + 10 * height));
      }
  const auto found =
      voronoi_otsu_labeling(push(device, pixels, size), {.spot_sigma = 2, .outline_sigma = 1});
  REQUIRE(count_of(found) == 2);
  const auto l = pull(found);
  CHECK(l[10 + 31 * 8] == 1);
  CHECK(l[20 + 31 * 8] == 2);
  CHECK(l[0] == 0);
}

TEST_CASE("voronoi_otsu_labeling: a constant image has no objects",
          "[label][voronoi_otsu_labeling]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes())
    CHECK_THAT(
        voronoi_otsu_labeling(push(device, std::vector<std::uint8_t>(size.pixels(), 0), size)),
        same_pixels(labels(size.pixels(), 0), size));
}

TEST_CASE("voronoi_otsu_labeling: brightness times two gives the same objects",
          "[label][voronoi_otsu_labeling]") {
  ON_EVERY_DEVICE(device);
  const shape size{64, 64};
  const auto pixels = test::blobs(size, 15, 7, 1);
  auto twice = pixels;
  for (auto& p : twice) p = static_cast<std::uint16_t>(2 * p);
  CHECK_THAT(voronoi_otsu_labeling(push(device, twice, size)),
             same_pixels(voronoi_otsu_labeling(push(device, pixels, size))));
}

TEST_CASE("voronoi_otsu_labeling: a negative sigma is refused",
          "[label][voronoi_otsu_labeling][error]") {
  ON_EVERY_DEVICE(device);
  CHECK_THROWS_MATCHES(
      voronoi_otsu_labeling(push(device, std::vector<std::uint8_t>(6), {3, 2}), {.spot_sigma = -2}),
      gpuimg::argument_error,
      Catch::Message(
          "voronoi_otsu_labeling: spot_sigma must be finite and >= 0 and <= 10000, got -2 "
          "[src 3x2 u8 on " +
          device.name() + "]"));
}

// pyclesperanto numbers the spots in raster order, too. Its histogram has 255 steps where
// scikit-image's has 256 bins, so a pixel that lies between the two thresholds may differ: objects
// are the same number for number wherever both see foreground, and outlines differ in few pixels.
TEST_CASE("voronoi_otsu_labeling: pyclesperanto finds the same objects",
          "[label][voronoi_otsu_labeling]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("voronoi_otsu_labeling");
  struct {
    const char* name;
    float spot, outline;
  } const sigmas[] = {{"2_2", 2, 2}, {"1_1", 1, 1}, {"3_0.5", 3, 0.5f}};
  for (const auto& [dimensions, size, count] :
       {std::tuple{"2d_", shape{40, 30}, std::size_t{7}},
        std::tuple{"3d_", shape{17, 15, 8}, std::size_t{5}}})
    for (const auto& [name, spot, outline] : sigmas) {
      const std::string entry = dimensions + std::string(name);
      INFO(entry);
      const auto src = push(device, test::blobs(size, count, 6, 17), size);
      const auto found =
          pull(voronoi_otsu_labeling(src, {.spot_sigma = spot, .outline_sigma = outline}));
      const auto expected = golden.values<std::uint32_t>(entry);
      REQUIRE(found.size() == expected.size());
      CHECK(*std::ranges::max_element(found) == *std::ranges::max_element(expected));
      std::size_t outlines = 0, objects = 0;
      for (std::size_t i = 0; i < found.size(); ++i) {
        outlines += (found[i] == 0) != (expected[i] == 0);
        objects += found[i] != 0 && expected[i] != 0 && found[i] != expected[i];
      }
      CHECK(objects == 0);
      CHECK(outlines <= found.size() / 100);
    }
}
