// SPDX-License-Identifier: BSD-3-Clause
// open_labels: properties, then scipy's result.
#include "gpuimg/algorithms/open_labels.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::open_labels;
using gpuimg::shape;
using test::same_pixels;
using labels = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("open_labels: takes spurs and bridges, and what hangs together by them",
          "[label][open_labels]") {
  ON_EVERY_DEVICE(device);
  const labels pixels{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  //
                      0, 3, 3, 3, 3, 0, 0, 5, 5, 5, 0,  //
                      0, 3, 3, 3, 3, 3, 3, 5, 5, 5, 0,  //
                      0, 3, 3, 3, 3, 0, 0, 5, 5, 5, 0,  //
                      0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0,  //
                      0, 0, 8, 8, 0, 0, 0, 5, 5, 0, 0};
  CHECK_THAT(open_labels(push(device, pixels, {11, 6})),
             same_pixels(labels{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  //
                                0, 0, 3, 3, 3, 0, 0, 0, 5, 0, 0,  //
                                0, 3, 3, 3, 3, 3, 0, 5, 5, 5, 0,  //
                                0, 0, 3, 3, 3, 0, 0, 5, 5, 5, 0,  //
                                0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0,  //
                                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  const labels lobes{2, 2, 2, 0, 0, 2, 2, 2, 2,  //
                     2, 2, 2, 2, 2, 2, 2, 2, 2,  //
                     2, 2, 2, 0, 0, 2, 2, 2, 2};
  CHECK_THAT(open_labels(push(device, lobes, {9, 3})),
             same_pixels(labels{0, 0, 0, 0, 0, 2, 2, 2, 2,  //
                                0, 0, 0, 0, 2, 2, 2, 2, 2,  //
                                0, 0, 0, 0, 0, 2, 2, 2, 2}));
}

TEST_CASE("open_labels: keeps pixels of labels as they are, and the second time all of them",
          "[label][open_labels]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{133, 95}, shape{31, 40, 21}, shape{64, 1}})
    for (const gpuimg::ops::open_labels& p :
         {gpuimg::ops::open_labels{}, gpuimg::ops::open_labels{.radius = 1.5f},
          gpuimg::ops::open_labels{.radius = 0.65f, .spacing_x = 0.3f, .spacing_y = 0.7f}}) {
      const labels pixels = test::random_labels(size, 3);
      const auto opened = open_labels(push(device, pixels, size), p);
      const labels found = pull(opened);
      std::size_t others = 0;
      for (std::size_t i = 0; i < found.size(); ++i)
        others += found[i] != 0 && found[i] != pixels[i];
      CHECK(others == 0);
      CHECK_THAT(open_labels(opened, p), same_pixels(found));
    }
}

TEST_CASE("open_labels: one label over all of the image stays", "[label][open_labels]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const labels one(size.pixels(), 2);
    CHECK_THAT(open_labels(push(device, one, size), {.radius = 5}), same_pixels(one));
  }
}

TEST_CASE("open_labels: equals scipy's distances, taken twice", "[label][open_labels]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("label_morphology");
  for (const shape& size : {shape{45, 23}, shape{37, 11, 7}}) {
    labels blocks = test::random_labels(size, 8);
    for (auto& label : blocks) label %= 251;  // as make_golden.py
    const auto src = push(device, blocks, size);
    const auto check = [&](const std::string& name, const gpuimg::ops::open_labels& p) {
      INFO(name);
      CHECK_THAT(open_labels(src, p), same_pixels(expected.values<std::uint32_t>(
                                          (size.is_3d() ? "open_3d_" : "open_2d_") + name)));
    };
    check("1", {.radius = 1});
    check("1.5", {.radius = 1.5f});
    check("xyz", {.radius = 0.65f, .spacing_x = 0.3f, .spacing_y = 0.7f, .spacing_z = 2});
  }
}
