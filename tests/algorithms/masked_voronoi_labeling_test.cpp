// SPDX-License-Identifier: BSD-3-Clause
// masked_voronoi_labeling: properties, then pyclesperanto's result.
#include "gpuimg/algorithms/masked_voronoi_labeling.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::masked_voronoi_labeling;
using gpuimg::shape;
using test::same_pixels;
using labels = std::vector<std::uint32_t>;
using mask = std::vector<std::uint8_t>;

// The inputs of make_golden.py.
mask golden_mask(const shape& size, std::size_t count) {
  mask inside;
  for (const auto p : test::blobs(size, count, 7, 15)) inside.push_back(p > 100);
  return inside;
}

}  // namespace

TEST_CASE("masked_voronoi_labeling: components grow until they meet, inside the mask",
          "[label][masked_voronoi_labeling]") {
  ON_EVERY_DEVICE(device);
  const auto seeds = push(device, mask{1, 0, 0, 0, 0, 0, 0, 1}, {8});
  CHECK_THAT(masked_voronoi_labeling(seeds, push(device, mask(8, 1), {8})),
             same_pixels(labels{1, 1, 1, 1, 2, 2, 2, 2}));
  CHECK_THAT(masked_voronoi_labeling(seeds, push(device, mask{1, 1, 0, 1, 1, 0, 0, 9}, {8})),
             same_pixels(labels{1, 1, 0, 0, 0, 0, 0, 2}));
}

TEST_CASE("masked_voronoi_labeling: without seeds, or without a mask, all is 0",
          "[label][masked_voronoi_labeling]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto none = push(device, mask(size.pixels(), 0), size);
    const auto some = push(device, test::random_mask(size, 50, 1), size);
    const auto expected = same_pixels(labels(size.pixels(), 0), size);
    CHECK_THAT(masked_voronoi_labeling(none, some), expected);
    CHECK_THAT(masked_voronoi_labeling(some, none), expected);
  }
}

TEST_CASE("masked_voronoi_labeling: with every pixel inside, every pixel gets a label",
          "[label][masked_voronoi_labeling]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 31, 5};
  const auto all = push(device, mask(size.pixels(), 1), size);
  for (const auto label :
       pull(masked_voronoi_labeling(push(device, test::random_mask(size, 1, 2), size), all)))
    REQUIRE(label > 0);
}

// pyclesperanto numbers the components of the seeds in raster order, as scipy.ndimage.label with a
// full structure, and grows them by octagons: the labels are equal number for number. Seeds outside
// the mask are left out here, for they are dropped by one and grow in the other.
TEST_CASE("masked_voronoi_labeling: pyclesperanto gives the same labels",
          "[label][masked_voronoi_labeling]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("masked_voronoi_labeling");
  const auto check = [&](const char* entry, const shape& size, std::size_t count) {
    const mask inside = golden_mask(size, count);
    mask seeds = test::random_mask(size, 2, 16);
    for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = seeds[i] != 0 && inside[i] != 0;
    CHECK_THAT(masked_voronoi_labeling(push(device, seeds, size), push(device, inside, size)),
               same_pixels(golden.values<std::uint32_t>(entry), size));
  };
  check("2d", {40, 30}, 7);
  check("3d", {17, 15, 8}, 5);
}

TEST_CASE("masked_voronoi_labeling: images of other shapes are refused",
          "[label][masked_voronoi_labeling][error]") {
  ON_EVERY_DEVICE(device);
  CHECK_THROWS_MATCHES(
      masked_voronoi_labeling(push(device, mask(4), {4}), push(device, mask(4), {2, 2})),
      gpuimg::argument_error,
      Catch::Message(
          "masked_voronoi_labeling: the images must have the same shape, got 4x1 and 2x2 "
          "[src 4x1 u8, mask 2x2 u8 on " +
          device.name() + "]"));
}
