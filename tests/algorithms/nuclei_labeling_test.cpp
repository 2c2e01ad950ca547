// SPDX-License-Identifier: BSD-3-Clause
// nuclei_labeling: discs and balls are found, whole, apart and alone, whatever their brightness.
#include "gpuimg/algorithms/nuclei_labeling.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/metrics/segmentation.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::nuclei_labeling;
using gpuimg::shape;
using test::same_pixels;

struct ball {
  double x, y, z, diameter;
  int height;
};

struct scene {
  shape size;
  std::vector<std::uint16_t> pixels;
  std::vector<std::uint32_t> truth;
};

/// Balls whose brightness falls off at their edges, on a ground that rises along x, with noise.
scene scene_of(const shape& size, const std::vector<ball>& balls, double spacing_z = 1) {
  scene made{size, {}, std::vector<std::uint32_t>(size.pixels())};
  const auto noise = test::random_pixels<std::uint8_t>(size, 3);
  for (std::size_t i = 0; i < size.pixels(); ++i) {
    const auto x = static_cast<double>(i % size.x), y = static_cast<double>(i / size.x % size.y),
               z = static_cast<double>(i / size.x / size.y) * spacing_z;
    double pixel = 200 + x + noise[i] / 16;
    for (std::size_t k = 0; k < balls.size(); ++k) {
      const auto [bx, by, bz, diameter, height] = balls[k];
      const double r = std::hypot(x - bx, y - by, size.is_3d() ? z - bz : 0) / (diameter / 2);
      pixel += height * std::clamp(4 - 3.5 * r, 0.0, 1.0);
      if (r <= 1) made.truth[i] = static_cast<std::uint32_t>(k + 1);
    }
    made.pixels.push_back(static_cast<std::uint16_t>(pixel));
  }
  return made;
}

double f1_of(const gpuimg::label_image& found, const scene& from, double iou) {
  const auto truth = push(found.device(), from.truth, from.size);
  return gpuimg::metrics::match_objects(gpuimg::metrics::overlap_objects(truth, found), iou).f1(0);
}

/// On a grid, bright and dim ones in turns.
std::vector<ball> grid_of(const shape& size, double diameter, double apart) {
  std::vector<ball> balls;
  for (double y = apart / 2; y < static_cast<double>(size.y); y += apart)
    for (double x = apart / 2; x < static_cast<double>(size.x); x += apart)
      balls.push_back({x, y, 0, diameter, balls.size() % 2 == 0 ? 1500 : 700});
  return balls;
}

const scene& discs() {
  static const scene made = scene_of({150, 130}, grid_of({150, 130}, 16, 24));
  return made;
}

}  // namespace

TEST_CASE("nuclei_labeling: discs of any size and brightness are found",
          "[label][nuclei_labeling]") {
  ON_EVERY_DEVICE(device);
  for (const double diameter : {9.0, 16.0, 30.0}) {
    INFO(diameter << " pixels");
    const shape size{150, 130};
    const auto made = scene_of(size, grid_of(size, diameter, 1.5 * diameter));
    const auto found = nuclei_labeling(push(device, made.pixels, size));
    CHECK(f1_of(found, made, 0.75) == 1);
  }
}

TEST_CASE("nuclei_labeling: touching nuclei are told apart", "[label][nuclei_labeling]") {
  ON_EVERY_DEVICE(device);
  std::vector<ball> pairs;
  for (double y = 20; y < 120; y += 32)
    for (double x = 20; x < 130; x += 44) {
      pairs.push_back({x, y, 0, 16, 1200});
      pairs.push_back({x + 13, y + 3, 0, 16, 1000});
    }
  const auto made = scene_of({150, 130}, pairs);
  const auto src = push(device, made.pixels, made.size);
  CHECK(f1_of(nuclei_labeling(src, {.diameter = 16, .diameter_range = 1}), made, 0.6) == 1);
  const auto joined =
      nuclei_labeling(src, {.diameter = 16, .diameter_range = 1, .prominence = 0.2});
  CHECK(maximum_of_all_pixels(joined) == static_cast<double>(pairs.size() / 2));
}

TEST_CASE("nuclei_labeling: volumes, of pixels that are no cubes, too",
          "[label][nuclei_labeling]") {
  ON_EVERY_DEVICE(device);
  std::vector<ball> balls;
  for (const double z : {12.0, 34.0})
    for (const double y : {12.0, 34.0})
      for (const double x : {12.0, 34.0, 56.0}) balls.push_back({x, y, z, 14, 900});
  const auto cubes = scene_of({68, 46, 46}, balls);
  CHECK(f1_of(nuclei_labeling(push(device, cubes.pixels, cubes.size)), cubes, 0.7) == 1);
  const auto flat = scene_of({68, 46, 16}, balls, 3);
  CHECK(f1_of(nuclei_labeling(push(device, flat.pixels, flat.size), {.spacing_z = 3}), flat, 0.6) ==
        1);
}

TEST_CASE("nuclei_labeling: every device finds the same labels", "[label][nuclei_labeling]") {
  for (const double diameter : {16.0, 30.0}) {
    const auto expected =
        nuclei_labeling(push(gpuimg::device::reference(), discs().pixels, discs().size),
                        {.diameter = diameter, .diameter_range = 1});
    for (const auto& device : test::opencl_devices()) {
      INFO(device.name() << ", " << diameter << " pixels");
      CHECK_THAT(nuclei_labeling(push(device, discs().pixels, discs().size),
                                 {.diameter = diameter, .diameter_range = 1}),
                 same_pixels(pull(expected)));
    }
  }
}

TEST_CASE("nuclei_labeling: wide nuclei are outlined in pixels, and their holes stay filled",
          "[label][nuclei_labeling]") {
  ON_EVERY_DEVICE(device);
  const shape size{191, 173};  // no multiple of the blocks
  const auto made = scene_of(size, grid_of(size, 40, 58));
  CHECK(f1_of(nuclei_labeling(push(device, made.pixels, size)), made, 0.9) == 1);
  const auto hollowed = [&](double radius) {  // dark in the middles
    auto pixels = made.pixels;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      const auto x = static_cast<double>(i % size.x), y = static_cast<double>(i / size.x);
      const auto from = [](double at) { return at - 58 * std::floor(at / 58) - 29; };
      if (std::hypot(from(x), from(y)) < radius) pixels[i] = 200;
    }
    return push(device, pixels, size);
  };
  CHECK(f1_of(nuclei_labeling(hollowed(4)), made, 0.9) == 1);
  CHECK(f1_of(nuclei_labeling(hollowed(6), {.diameter = 40, .diameter_range = 1}), made, 0.9) == 1);
}

TEST_CASE("nuclei_labeling: a spur goes, whatever the diameter", "[label][nuclei_labeling]") {
  ON_EVERY_DEVICE(device);
  for (const auto& [diameter, width] : {std::pair{7, 2}, {14, 3}, {28, 6}}) {
    INFO(diameter << " pixels, a spur of " << width);
    const int apart = 3 * diameter;
    const auto n = static_cast<std::size_t>(diameter);
    const shape size{9 * n, 9 * n};
    auto made = scene_of(size, grid_of(size, diameter, apart));
    const auto length = static_cast<std::size_t>(diameter);  // from the middle on
    const std::size_t middle = static_cast<std::size_t>(apart) / 2;
    for (std::size_t y = middle; y < middle + static_cast<std::size_t>(width); ++y)
      for (std::size_t x = middle; x < middle + length; ++x) made.pixels[x + size.x * y] = 1700;
    const auto found =
        pull(nuclei_labeling(push(device, made.pixels, size),
                             {.diameter = static_cast<double>(diameter), .diameter_range = 1}));
    CHECK(found[middle + size.x * middle] > 0);
    CHECK(found[middle + length - 2 + size.x * (middle + 1)] == 0);
  }
}

TEST_CASE("nuclei_labeling: nuclei with a dark nucleolus are whole", "[label][nuclei_labeling]") {
  ON_EVERY_DEVICE(device);
  const shape size{191, 173};
  for (const double diameter : {14.0, 24.0}) {
    INFO(diameter << " pixels");
    const auto balls = grid_of(size, diameter, 1.3 * diameter);
    auto made = scene_of(size, balls);
    for (const auto& nucleus : balls)
      for (std::size_t i = 0; i < size.pixels(); ++i) {
        const auto x = static_cast<double>(i % size.x), y = static_cast<double>(i / size.x);
        if (std::hypot(x - nucleus.x - 0.12 * diameter, y - nucleus.y) < 0.15 * diameter)
          made.pixels[i] = static_cast<std::uint16_t>(200 + x + 0.25 * nucleus.height);
      }
    const auto found = nuclei_labeling(push(device, made.pixels, size),
                                       {.diameter = diameter, .diameter_range = 1});
    CHECK(f1_of(found, made, 0.75) == 1);
  }
}

TEST_CASE("nuclei_labeling: wide nuclei go on to the last pixel, where no block ends, too",
          "[label][nuclei_labeling]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{191, 173}, shape{189, 170}, shape{98, 46, 23}}) {
    INFO(to_string(size));
    const auto width = static_cast<double>(size.x), height = static_cast<double>(size.y);
    std::vector<ball> balls{{width - 10, height - 10, 12, 36, 1200}};
    for (double x = 25; x < width - 40; x += 50) balls.push_back({x, height - 8, 10, 36, 1200});
    const auto made = scene_of(size, balls);
    const auto found =
        nuclei_labeling(push(device, made.pixels, size), {.diameter = 36, .diameter_range = 1});
    CHECK(f1_of(found, made, 0.8) == 1);
    const auto labels = pull(found);
    const std::size_t last_of_plane = size.x * size.y - 1;  // inside the first ball
    CHECK(labels[last_of_plane + (size.is_3d() ? 12 : 0) * size.x * size.y] != 0);
  }
}

TEST_CASE("nuclei_labeling: volumes of few planes, images of few pixels",
          "[label][nuclei_labeling]") {
  ON_EVERY_DEVICE(device);
  const auto labels_at = [&](const shape& size, double wide, double diameter) {
    const auto made = scene_of(size, grid_of(size, wide, 1.5 * wide));
    return nuclei_labeling(push(device, made.pixels, size),
                           {.diameter = diameter, .diameter_range = 1});
  };
  for (const std::size_t planes : {3, 5}) {
    INFO(planes << " planes");
    CHECK(maximum_of_all_pixels(labels_at({60, 50, planes}, 12, 14)) == 9);
    CHECK(maximum_of_all_pixels(labels_at({120, 100, planes}, 24, 20)) == 9);  // in blocks
  }
  // However large the diameter, it is no error.
  for (const shape& size :
       {shape{60, 50, 2}, shape{60, 50, 3}, shape{1, 1, 2}, shape{3, 1}, shape{2, 3, 4}})
    for (const double diameter : {12.0, 32.0, 500.0, 1e9})
      CHECK(labels_at(size, 12, diameter).shape() == size);
}

TEST_CASE("nuclei_labeling: a diameter that is given says where the estimate is made",
          "[label][nuclei_labeling]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, discs().pixels, discs().size);
  const auto labels = pull(nuclei_labeling(src));
  const double taken = estimate_diameter(src);
  // Roughly given it does not matter.
  for (const double times : {0.6, 1.0, 1.7})
    CHECK_THAT(nuclei_labeling(src, {.diameter = times * taken}), same_pixels(labels));
  CHECK_THAT(nuclei_labeling(src, {.diameter = 1.7 * taken, .diameter_range = 1.2}),
             !same_pixels(labels));
  // Taken as it is.
  CHECK_THAT(nuclei_labeling(src, {.diameter = taken, .diameter_range = 1}), same_pixels(labels));
  const auto exactly = pull(nuclei_labeling(src, {.diameter = 16, .diameter_range = 1}));
  CHECK(f1_of(push(device, exactly.data(), discs().size), discs(), 0.75) == 1);
  // In another unit.
  CHECK_THAT(nuclei_labeling(
                 src, {.diameter = 8, .diameter_range = 1, .spacing_x = 0.5f, .spacing_y = 0.5f}),
             same_pixels(exactly));
}

TEST_CASE("nuclei_labeling: its steps can be looked at", "[label][nuclei_labeling]") {
  const auto src = push(gpuimg::device::reference(), discs().pixels, discs().size);
  std::vector<std::string> names;
  std::vector<double> greatest;
  const auto labels = gpuimg::ops::nuclei_labeling{.diameter = 15, .diameter_range = 1}.shown(
      src, [&](const char* name, const auto& step) {
        CHECK(step.shape() == src.shape());
        names.emplace_back(name);
        greatest.push_back(maximum_of_all_pixels(step));
      });
  CHECK_THAT(labels,
             same_pixels(pull(nuclei_labeling(src, {.diameter = 15, .diameter_range = 1}))));
  CHECK(names == std::vector<std::string>{"flat", "blobs", "basins", "foreground", "landscape",
                                          "pieces", "objects", "labels"});
  CHECK(greatest[3] == 1);
  CHECK(greatest[5] >= greatest[6]);
  CHECK(greatest[7] == maximum_of_all_pixels(labels));
}

TEST_CASE("nuclei_labeling: sizes and edges choose what stays", "[label][nuclei_labeling]") {
  ON_EVERY_DEVICE(device);
  auto balls = grid_of({150, 130}, 16, 30);
  balls[0].diameter = 21;
  balls[1].y = 6;  // cut by the edge
  const auto made = scene_of({150, 130}, balls);
  const auto src = push(device, made.pixels, made.size);
  const auto count = [&](const gpuimg::ops::nuclei_labeling& p) {
    return maximum_of_all_pixels(nuclei_labeling(src, p));
  };
  const double all = count({.diameter = 16, .diameter_range = 1});
  CHECK(all == static_cast<double>(balls.size()));
  CHECK(count({.diameter = 16, .diameter_range = 1, .minimum_size = 270}) == 1);
  CHECK(count({.diameter = 16, .diameter_range = 1, .maximum_size = 270}) == all - 1);
  CHECK(count({.diameter = 16, .diameter_range = 1, .exclude_edges = true}) == all - 1);
  CHECK(sum_of_all_pixels(greater_constant(
            nuclei_labeling(src, {.diameter = 16, .diameter_range = 1, .threshold_factor = 1.4}),
            {.scalar = 0})) <
        sum_of_all_pixels(greater_constant(
            nuclei_labeling(src, {.diameter = 16, .diameter_range = 1}), {.scalar = 0})));
}

TEST_CASE("nuclei_labeling: of blocks of pixels, too, sizes are those of the result",
          "[label][nuclei_labeling]") {
  ON_EVERY_DEVICE(device);
  const auto made = scene_of({150, 130}, grid_of({150, 130}, 40, 48));
  const auto src = push(device, made.pixels, made.size);
  const auto all = nuclei_labeling(src, {.diameter = 40, .diameter_range = 1});
  std::vector<std::uint64_t> areas;
  for (const auto& row : labels_statistics(all, src)) areas.push_back(row.area);
  std::ranges::sort(areas);
  REQUIRE(areas.size() == 9);
  for (const std::uint64_t area : areas) {
    const auto count = [&](const gpuimg::ops::nuclei_labeling& p) {
      return static_cast<std::size_t>(maximum_of_all_pixels(nuclei_labeling(src, p)));
    };
    const auto size = static_cast<double>(area);
    const auto [first, last] = std::equal_range(areas.begin(), areas.end(), area);
    CHECK(count({.diameter = 40, .diameter_range = 1, .minimum_size = size}) ==
          static_cast<std::size_t>(areas.end() - first));
    CHECK(count({.diameter = 40, .diameter_range = 1, .maximum_size = size}) ==
          static_cast<std::size_t>(last - areas.begin()));
  }
}

TEST_CASE("nuclei_labeling: images without nuclei have none", "[label][nuclei_labeling]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{0, 5}, shape{1, 1}, shape{31, 1}, shape{9, 8, 7}}) {
    const auto found = nuclei_labeling(push(device, std::vector<float>(size.pixels(), 3), size));
    CHECK_THAT(found, same_pixels(std::vector<std::uint32_t>(size.pixels())));
  }
}

TEST_CASE("nuclei_labeling: pixels that are NaN are dark ones", "[label][nuclei_labeling]") {
  ON_EVERY_DEVICE(device);
  auto made = scene_of({150, 130}, grid_of({150, 120}, 16, 24));
  std::vector<float> pixels(made.pixels.begin(), made.pixels.end());
  const std::size_t last_lines = pixels.size() - 4 * made.size.x;
  for (std::size_t i = last_lines; i < pixels.size(); ++i) pixels[i] = 0;
  const auto expected = nuclei_labeling(push(device, pixels, made.size));
  for (std::size_t i = last_lines; i < pixels.size(); ++i) pixels[i] = NAN;
  const auto found = nuclei_labeling(push(device, pixels, made.size));
  CHECK_THAT(found, same_pixels(expected));
  CHECK(maximum_of_all_pixels(found) == 30);
}

TEST_CASE("nuclei_labeling: parameters that make no sense are refused",
          "[label][nuclei_labeling]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, discs().pixels, discs().size);
  CHECK_THROWS_AS(nuclei_labeling(src, {.diameter = 0}), gpuimg::argument_error);
  CHECK_THROWS_AS(nuclei_labeling(src, {.prominence = 1.5}), gpuimg::argument_error);
  CHECK_THROWS_AS(nuclei_labeling(src, {.spacing_x = 0}), gpuimg::argument_error);
}
