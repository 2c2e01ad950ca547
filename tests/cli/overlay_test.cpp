// SPDX-License-Identifier: BSD-3-Clause
// Tests of the label overlay.
#include "cli/overlay.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <vector>

using gpuimg::shape;
using gpuimg::cli::draw_overlay;
using gpuimg::cli::maximum_projection;
using gpuimg::cli::outline_colour;
using gpuimg::cli::overlay_scale;
using gpuimg::cli::rgb;

namespace {

rgb pixel_at(const std::vector<std::uint8_t>& picture, std::size_t width, std::size_t x,
             std::size_t y) {
  const std::uint8_t* p = picture.data() + 3 * (x + width * y);
  return {p[0], p[1], p[2]};
}

}  // namespace

TEST_CASE("draw_overlay: small images grow to 512 pixels or a little more", "[cli]") {
  CHECK(overlay_scale({1, 1}) == 512);
  CHECK(overlay_scale({200, 100}) == 3);
  CHECK(overlay_scale({511, 1}) == 2);
  CHECK(overlay_scale({512, 512}) == 1);
  CHECK(overlay_scale({4096, 2}) == 1);
  CHECK(overlay_scale({0, 0}) == 1);
}

TEST_CASE("draw_overlay: an outline is one pixel wide and inside its object", "[cli]") {
  constexpr shape size{600, 20};
  const std::vector<float> plane(size.pixels(), 7);
  std::vector<std::uint32_t> labels(size.pixels());
  for (std::size_t y = 5; y < 15; ++y)
    for (std::size_t x = 100; x < 120; ++x) labels[x + size.x * y] = 3;
  const auto picture = draw_overlay({plane.data(), size}, {labels.data(), size});
  REQUIRE(picture.size() == 3 * size.pixels());
  const rgb black{0, 0, 0};
  CHECK(pixel_at(picture, 600, 99, 10) == black);
  CHECK(pixel_at(picture, 600, 100, 10) == outline_colour(3));
  CHECK(pixel_at(picture, 600, 101, 10) == black);
  CHECK(pixel_at(picture, 600, 110, 5) == outline_colour(3));
  CHECK(pixel_at(picture, 600, 119, 14) == outline_colour(3));
  CHECK(pixel_at(picture, 600, 120, 14) == black);
}

TEST_CASE("draw_overlay: outlines stay one pixel wide where small images are enlarged", "[cli]") {
  const std::vector<float> plane{1, 1};
  const std::vector<std::uint32_t> labels{1, 2};
  const auto picture = draw_overlay({plane.data(), {2, 1}}, {labels.data(), {2, 1}});
  REQUIRE(picture.size() == 3 * 512 * 256);
  const rgb black{0, 0, 0};
  CHECK(pixel_at(picture, 512, 254, 9) == black);
  CHECK(pixel_at(picture, 512, 255, 9) == outline_colour(1));
  CHECK(pixel_at(picture, 512, 256, 9) == outline_colour(2));
  CHECK(pixel_at(picture, 512, 257, 9) == black);
}

TEST_CASE("draw_overlay: grey rises from black to white and outliers saturate", "[cli]") {
  std::vector<float> plane(2001);
  for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = static_cast<float>(i);
  plane[0] = -1e9f;
  plane[2000] = 1e9f;
  const shape size{plane.size()};
  const std::vector<std::uint32_t> labels(plane.size());
  auto picture = draw_overlay({plane.data(), size}, {labels.data(), size});
  CHECK(pixel_at(picture, 2001, 7, 0) == rgb{0, 0, 0});  // rank 7 of 0..2000: 0.35 %
  CHECK(pixel_at(picture, 2001, 404, 0) == rgb{51, 51, 51});
  CHECK(pixel_at(picture, 2001, 1993, 0) == rgb{255, 255, 255});

  plane[500] = std::numeric_limits<float>::quiet_NaN();
  plane[501] = std::numeric_limits<float>::infinity();
  picture = draw_overlay({plane.data(), size}, {labels.data(), size});
  CHECK(pixel_at(picture, 2001, 500, 0) == rgb{0, 0, 0});
  CHECK(pixel_at(picture, 2001, 501, 0) == rgb{255, 255, 255});
}

TEST_CASE("outline_colour: no colour is close to a grey, and the next id has another", "[cli]") {
  for (std::uint32_t id = 1; id < 100; ++id) {
    const rgb colour = outline_colour(id);
    const auto [low, high] = std::minmax_element(colour.begin(), colour.end());
    CHECK(*high - *low >= 150);
    CHECK(outline_colour(id + 1) != colour);
  }
}

TEST_CASE("draw_overlay: an image without pixels makes a picture without pixels", "[cli]") {
  CHECK(draw_overlay({nullptr, {0, 0}}, {nullptr, {0, 0}}).empty());
}

TEST_CASE("draw_overlay: other shapes and volumes are refused", "[cli]") {
  const std::vector<float> plane(8);
  const std::vector<std::uint32_t> labels(8);
  CHECK_THROWS_AS(draw_overlay({plane.data(), {4, 2}}, {labels.data(), {2, 4}}),
                  gpuimg::argument_error);
  CHECK_THROWS_AS(draw_overlay({plane.data(), {2, 2, 2}}, {labels.data(), {2, 2, 2}}),
                  gpuimg::argument_error);
}

TEST_CASE("maximum_projection: the greatest of each column", "[cli]") {
  const std::vector<std::uint32_t> labels = {7, 4, 0, 2, 6, 0, 7, 0, 0};
  const gpuimg::view<const std::uint32_t> stack(labels.data(), {3, 1, 3}),
      flat(labels.data(), {3, 3});
  CHECK(maximum_projection(stack) == std::vector<std::uint32_t>{7, 6, 0});
  CHECK(maximum_projection(flat) == labels);
}
