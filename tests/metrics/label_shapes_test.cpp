// SPDX-License-Identifier: BSD-3-Clause
// label_shapes: figures derived by hand, properties, then what ImageJ and scikit-image say.
#include "gpuimg/metrics/label_shapes.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include "support/golden.hpp"

namespace {

using gpuimg::shape;
using gpuimg::view;
using gpuimg::metrics::label_shape;
using gpuimg::metrics::label_shapes;
using gpuimg::metrics::shape_of_label;
using gpuimg::metrics::to_table;
using sides = std::array<double, 3>;

constexpr double pi = std::numbers::pi;
const double corner = 2 - std::sqrt(2.0);  // what the perimeter saves at one

struct label_pixels {
  gpuimg::shape shape;
  std::vector<std::uint32_t> pixels;

  explicit label_pixels(const gpuimg::shape& size, std::vector<std::uint32_t> values = {})
      : shape(size), pixels(std::move(values)) {
    pixels.resize(size.pixels());
  }
  [[nodiscard]] view<const std::uint32_t> all() const { return {pixels.data(), shape}; }
  std::uint32_t& at(std::size_t x, std::size_t y = 0, std::size_t z = 0) {
    return view<std::uint32_t>(pixels.data(), shape)(x, y, z);
  }
};

/// Label 1 where `inside` says so, of coordinates in units.
template <class F>
label_pixels drawn(const shape& size, F inside, const sides& side = {1, 1, 1}) {
  label_pixels image(size);
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x)
        image.at(x, y, z) =
            inside(static_cast<double>(x) * side[0], static_cast<double>(y) * side[1],
                   static_cast<double>(z) * side[2])
                ? 1
                : 0;
  return image;
}

label_pixels block(const shape& size) {
  return drawn(size, [](double, double, double) { return true; });
}

label_shape only(const label_pixels& image, const sides& side = {1, 1, 1}) {
  const auto rows = label_shapes(image.all(), side);
  REQUIRE(rows.size() == 1);
  return rows[0];
}

std::vector<double> numbers_of(const label_shape& row, bool is_3d) {
  return to_table({row}, is_3d).rows.at(0);
}

Approx near_to(double value, double relative = 1e-12) {
  return Approx(value).epsilon(relative).margin(1e-12);
}

void check_rows(const std::vector<double>& found, const std::vector<double>& expected,
                double relative = 1e-12) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("column " << i);
    CHECK(found[i] == near_to(expected[i], relative));
  }
}

/// The columns of labels in a golden file, without the label.
std::vector<double> rows_of(const std::vector<label_shape>& rows, bool is_3d) {
  std::vector<double> all;
  for (const auto& row : to_table(rows, is_3d).rows)
    all.insert(all.end(), row.begin() + 1, row.end());
  return all;
}

}  // namespace

TEST_CASE("label_shapes: a rectangle in 2D", "[metrics][label_shapes]") {
  const double perimeter = 18 - 4 * corner;
  const double axis = 2 / std::sqrt(pi);
  check_rows(numbers_of(only(block({6, 3})), false),
             {1, perimeter, 4 * pi * 18 / (perimeter * perimeter), std::sqrt(45.0), 3,
              180 - 180 / pi * std::atan2(3, 6), axis * 6, axis * 3, 0, 2, 0.5, 1});
  const double oblong = 2 * (6 * 0.5 + 3 * 2) - 4 * (2.5 - std::hypot(0.5, 2));
  check_rows(numbers_of(only(block({6, 3}), {0.5, 2, 9}), false),
             {1, oblong, 4 * pi * 18 / (oblong * oblong), std::sqrt(45.0), 3,
              180 - 180 / pi * std::atan2(6, 3), axis * 6, axis * 3, 90, 2, 0.5, 1});
}

TEST_CASE("label_shapes: a pixel and lines in 2D have all columns", "[metrics][label_shapes]") {
  const double axis = 2 / std::sqrt(pi);
  check_rows(numbers_of(only(block({1, 1})), false),
             {1, 2 * std::sqrt(2.0), 1, std::sqrt(2.0), 1, 135, axis, axis, 0, 1, 1, 1});
  for (const std::size_t n : {2u, 3u, 7u, 1009u}) {
    const auto length = static_cast<double>(n);
    const auto along_x = only(block({n, 1})), along_y = only(block({1, n}));
    // ImageJ begins at the lower right: along x at the end of a step, along y behind it
    CHECK(along_x.perimeter == near_to(2 * length + 2 - 3 * corner));
    CHECK(along_y.perimeter == near_to(2 * length + 2 - 2 * corner));
    for (const auto& row : {along_x, along_y}) {
      CHECK(row.feret == near_to(std::hypot(length, 1)));
      CHECK(row.min_feret == 1);
      CHECK(row.major == near_to(axis * length));
      CHECK(row.minor == near_to(axis));
      CHECK(row.solidity == 1);
      CHECK(row.roundness == near_to(1 / length));
    }
    CHECK(along_x.angle == 0);
    CHECK(along_y.angle == 90);
  }
}

TEST_CASE("label_shapes: outlines of pieces count, those of holes do not",
          "[metrics][label_shapes]") {
  const auto full = block({7, 6});
  auto ring = full;
  for (std::size_t y = 1; y < 5; ++y)
    for (std::size_t x = 1; x < 6; ++x) ring.at(x, y) = 0;
  CHECK(only(ring).perimeter == only(full).perimeter);
  CHECK(only(ring).solidity == near_to(22.0 / 42));
  CHECK(only(ring).circularity == near_to(only(full).circularity * 22 / 42));

  auto target = ring;  // a pixel inside the ring is a piece of its own
  target.at(3, 3) = 1;
  CHECK(only(target).perimeter == near_to(only(ring).perimeter + 2 * std::sqrt(2.0)));

  const label_pixels apart({4, 3}, {1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1});
  CHECK(only(apart).perimeter == near_to(3 * 2 * std::sqrt(2.0)));
  const label_pixels touching({3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1});
  const label_pixels slit({3, 3}, {1, 1, 0, 1, 0, 1, 0, 1, 1});  // a hole that touches no outside
  CHECK(only(touching).perimeter == near_to(12 - 6 * corner));
  CHECK(only(slit).perimeter == near_to(12 - 6 * corner));
}

TEST_CASE("label_shapes: pixels of a size are as many pixels of size 1",
          "[metrics][label_shapes]") {
  const auto imagej = test::golden("label_shapes_imagej");
  const label_pixels once(imagej.shape("labels"), imagej.values<std::uint32_t>("labels"));
  label_pixels twice({2 * once.shape.x, 3 * once.shape.y});
  for (std::size_t y = 0; y < twice.shape.y; ++y)
    for (std::size_t x = 0; x < twice.shape.x; ++x) twice.at(x, y) = once.all()(x / 2, y / 3);
  auto found = label_shapes(once.all(), {2, 3, 1}), expected = label_shapes(twice.all());
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("label " << found[i].label);
    found[i].perimeter = expected[i].perimeter;  // of other corners
    found[i].circularity = expected[i].circularity;
    check_rows(numbers_of(found[i], false), numbers_of(expected[i], false), 1e-9);
  }

  const auto skimage = test::golden("label_shapes");
  const label_pixels solid(skimage.shape("labels"), skimage.values<std::uint32_t>("labels"));
  label_pixels tall({solid.shape.x, solid.shape.y, 2 * solid.shape.z});
  for (std::size_t z = 0; z < tall.shape.z; ++z)
    for (std::size_t y = 0; y < tall.shape.y; ++y)
      for (std::size_t x = 0; x < tall.shape.x; ++x) tall.at(x, y, z) = solid.all()(x, y, z / 2);
  found = label_shapes(solid.all(), {1, 1, 2}), expected = label_shapes(tall.all());
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    found[i].surface_area = expected[i].surface_area;  // of other lines
    found[i].sphericity = expected[i].sphericity;
    check_rows(numbers_of(found[i], true), numbers_of(expected[i], true), 1e-9);
  }
}

TEST_CASE("label_shapes: as ImageJ in 2D", "[metrics][label_shapes]") {
  const auto golden = test::golden("label_shapes_imagej");
  const label_pixels image(golden.shape("labels"), golden.values<std::uint32_t>("labels"));
  const std::vector<std::string> names = to_table({}, false).columns;
  for (const std::string pixels : {"square", "oblong"}) {
    const bool is_square = pixels == "square";
    const auto rows = label_shapes(image.all(), {0.5, is_square ? 0.5 : 0.8, 1});
    const auto found = rows_of(rows, false), expected = golden.values<double>(pixels);
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      const label_shape& row = rows[i / 11];
      const std::size_t column = i % 11;
      INFO(pixels << ", label " << row.label << ", " << names[column + 1]);
      const bool is_of_ellipse = column >= 5 && column < 9;
      if (is_of_ellipse && !is_square) continue;  // ImageJ gives none, or that of square pixels
      if (column == 9 && !is_square) continue;
      // ImageJ's 0.08333333 for 1/12, and, on the diagonal, 0.000001 for 0
      const bool is_diagonal = std::abs(std::fmod(row.angle, 90) - 45) < 1e-9;
      const double within = column < 5 || column == 10 ? 1e-12 : is_diagonal ? 5e-5 : 1e-7;
      CHECK(found[i] == near_to(expected[i], within));
    }
  }
}

TEST_CASE("label_shapes: as scikit-image and the definitions in 3D", "[metrics][label_shapes]") {
  const auto golden = test::golden("label_shapes");
  const label_pixels image(golden.shape("labels"), golden.values<std::uint32_t>("labels"));
  for (const std::string pixels : {"cubes", "bricks"}) {
    const auto expected = golden.values<double>(pixels);
    const auto rows =
        label_shapes(image.all(), pixels == "cubes" ? sides{1, 1, 1} : sides{0.5, 0.75, 2});
    REQUIRE(6 * rows.size() == expected.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const label_shape& row = rows[i];
      INFO(pixels << ", label " << row.label);
      check_rows({row.volume, row.surface_area, row.feret, row.major, row.intermediate, row.minor},
                 {expected.begin() + static_cast<std::ptrdiff_t>(6 * i),
                  expected.begin() + static_cast<std::ptrdiff_t>(6 * i + 6)},
                 1e-9);
      const double ball = std::cbrt(pi) * std::pow(6 * row.volume, 2.0 / 3);
      CHECK(row.sphericity == near_to(std::min(1.0, ball / row.surface_area)));
    }
  }
  // scikit-image's pixels are points: bricks have moments of their own.
  const auto rows = label_shapes(image.all());
  const auto points = golden.values<double>("points");
  for (std::size_t i = 0; i < 4; ++i) {
    const label_shape& row = rows[std::array<std::size_t, 4>{0, 1, 2, 8}[i]];
    CHECK(row.volume == points[3 * i]);
    CHECK(std::sqrt(row.major * row.major - 20.0 / 12) == near_to(points[3 * i + 1], 1e-9));
    CHECK(std::sqrt(row.minor * row.minor - 20.0 / 12) == near_to(points[3 * i + 2], 1e-9));
  }
}

TEST_CASE("label_shapes: surfaces and axes of balls", "[metrics][label_shapes]") {
  for (const sides& side : {sides{1, 1, 1}, sides{1, 1, 3}, sides{0.5, 1.5, 1}})
    for (const double radius : {5.0, 10.0, 20.0}) {
      const double pixels = radius / std::max({side[0], side[1], side[2]});
      if (pixels < 3) continue;
      const shape size{static_cast<std::size_t>((2 * radius + 2) / side[0]) + 2,
                       static_cast<std::size_t>((2 * radius + 2) / side[1]) + 2,
                       static_cast<std::size_t>((2 * radius + 2) / side[2]) + 2};
      const double x0 = radius + 1.2, y0 = radius + 1.3, z0 = radius + 1.4;
      const auto row =
          only(drawn(
                   size,
                   [&](double x, double y, double z) {
                     return (x - x0) * (x - x0) + (y - y0) * (y - y0) + (z - z0) * (z - z0) <=
                            radius * radius;
                   },
                   side),
               side);
      INFO("radius " << radius << ", side along z " << side[2]);
      const double within = pixels < 6 ? 0.03 : 0.01;
      CHECK(row.surface_area == near_to(4 * pi * radius * radius, within));
      CHECK(row.volume == near_to(4.0 / 3 * pi * std::pow(radius, 3), within));
      CHECK(row.sphericity > 1 - within);
      CHECK(row.sphericity <= 1);
      for (const double axis : {row.major, row.intermediate, row.minor})
        CHECK(axis == near_to(2 * radius, within));
      CHECK(row.feret > 2 * radius - 1);
      CHECK(row.feret < 2 * radius + std::hypot(side[0], side[1], side[2]));
    }
}

TEST_CASE("label_shapes: directions of lines share the sphere", "[metrics][label_shapes]") {
  using gpuimg::metrics::detail::label_shapes::direction_shares;
  const auto cubes = direction_shares({2, 2, 2});
  for (std::size_t i = 0; i < 13; ++i)  // Ohser and Muecklich's
    CHECK(cubes[i] / 2 == near_to(i < 3   ? 0.04577789120476
                                  : i < 9 ? 0.03698062787608
                                          : 0.03519563978232,
                                  1e-9));
  for (const sides& side :
       {sides{1, 1, 1}, sides{1, 2, 3}, sides{1, 1, 1000}, sides{1e-3, 1, 50}}) {
    double sum = 0;
    for (const double share : direction_shares(side)) sum += share;
    CHECK(sum == near_to(1, 1e-9));
  }
}

TEST_CASE("label_shapes: a pixel, a line and a plane in 3D", "[metrics][label_shapes]") {
  const auto shape_3d = [](const shape& size) {
    return shape_of_label(block(size).all(), 1, true, {1, 1, 1});
  };
  const double thin = std::sqrt(20.0 / 12);
  const auto pixel = shape_3d({1, 1, 1});
  check_rows(numbers_of(pixel, true),
             {1, 1, pixel.surface_area, 1, std::sqrt(3.0), thin, thin, thin});
  CHECK(pixel.surface_area == near_to(3, 0.01));  // three of its six sides
  for (const shape& size : {shape{7, 1, 1}, shape{1, 7, 1}, shape{1, 1, 7}}) {
    const auto line = shape_3d(size);
    check_rows(numbers_of(line, true),
               {1, 7, line.surface_area, line.sphericity, std::sqrt(51.0), 7 * thin, thin, thin});
    CHECK(line.surface_area == near_to(shape_3d({7, 1, 1}).surface_area));
    CHECK(line.sphericity < 1);
  }
  const double seven = shape_3d({7, 1, 1}).surface_area;
  const double more = shape_3d({8, 1, 1}).surface_area - seven;
  CHECK(shape_3d({1009, 1, 1}).surface_area == near_to(seven + 1002 * more, 1e-9));
  for (const shape& size : {shape{7, 5, 1}, shape{1, 7, 5}, shape{7, 1, 5}}) {
    const auto plane = shape_3d(size);
    check_rows(numbers_of(plane, true), {1, 35, plane.surface_area, plane.sphericity,
                                         std::sqrt(75.0), 7 * thin, 5 * thin, thin});
  }
}

TEST_CASE("label_shapes: an object's shape does not depend on what else is in the part",
          "[metrics][label_shapes]") {
  for (const bool is_3d : {false, true}) {
    const auto golden = test::golden(is_3d ? "label_shapes" : "label_shapes_imagej");
    const label_pixels image(golden.shape("labels"), golden.values<std::uint32_t>("labels"));
    for (const auto& row : label_shapes(image.all(), {1, 2, 3})) {
      std::array<std::size_t, 3> low{~0u, ~0u, ~0u}, high{};
      for (std::size_t z = 0; z < image.shape.z; ++z)
        for (std::size_t y = 0; y < image.shape.y; ++y)
          for (std::size_t x = 0; x < image.shape.x; ++x)
            if (image.all()(x, y, z) == row.label) {
              low = {std::min(low[0], x), std::min(low[1], y), std::min(low[2], z)};
              high = {std::max(high[0], x), std::max(high[1], y), std::max(high[2], z)};
            }
      label_pixels part({high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1});
      for (std::size_t i = 0; i < part.pixels.size(); ++i) part.pixels[i] = row.label + 1;
      for (std::size_t z = low[2]; z <= high[2]; ++z)
        for (std::size_t y = low[1]; y <= high[1]; ++y)
          for (std::size_t x = low[0]; x <= high[0]; ++x)
            if (image.all()(x, y, z) == row.label)
              part.at(x - low[0], y - low[1], z - low[2]) = row.label;
      const auto alone = shape_of_label(part.all(), row.label, is_3d, {1, 2, 3});
      CHECK(numbers_of(alone, is_3d) == numbers_of(row, is_3d));
      const auto among = shape_of_label(image.all(), row.label, is_3d, {1, 2, 3});
      CHECK(numbers_of(among, is_3d) == numbers_of(row, is_3d));
    }
  }
}

TEST_CASE("label_shapes: the greatest distance in 3D is that of all pairs",
          "[metrics][label_shapes]") {
  std::uint32_t state = 1;
  const auto next = [&] { return (state = 1664525 * state + 1013904223) >> 16; };
  for (int trial = 0; trial < 60; ++trial) {
    label_pixels image({2 + next() % 9, 2 + next() % 9, 2 + next() % 9});
    const std::uint32_t among = 1 + next() % 40;
    std::vector<sides> corners;
    const sides side{1, 0.5 + next() % 3, 0.25 * (1 + next() % 20)};
    for (std::size_t z = 0; z < image.shape.z; ++z)
      for (std::size_t y = 0; y < image.shape.y; ++y)
        for (std::size_t x = 0; x < image.shape.x; ++x) {
          if (next() % among != 0) continue;
          image.at(x, y, z) = 1;
          for (std::size_t i = 0; i < 8; ++i)
            corners.push_back({side[0] * static_cast<double>(x + i % 2),
                               side[1] * static_cast<double>(y + i / 2 % 2),
                               side[2] * static_cast<double>(z + i / 4)});
        }
    if (corners.empty()) continue;
    double most = 0;
    for (const auto& a : corners)
      for (const auto& b : corners)
        most = std::max(most, std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
    CHECK(only(image, side).feret == near_to(most));
  }
}

TEST_CASE("label_shapes: a row per label in ascending order", "[metrics][label_shapes]") {
  const label_pixels image({4, 2}, {7, 0xffffffff, 0, 7, 3, 3, 0, 7});
  const auto rows = label_shapes(image.all());
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].label == 3);
  CHECK(rows[1].label == 7);
  CHECK(rows[2].label == 0xffffffff);
  CHECK(rows[2].feret == near_to(std::sqrt(2.0)));
  CHECK(std::isnan(rows[2].volume));
  CHECK(label_shapes(label_pixels({0, 0}).all()).empty());
  CHECK(label_shapes(label_pixels({5, 4, 3}).all()).empty());

  label_pixels many({300, 300});  // more labels than are sorted at once, each twice
  for (std::size_t y = 0; y < 300; ++y)
    for (std::size_t x = 0; x < 300; ++x)
      many.at(x, y) = static_cast<std::uint32_t>(1 + (x + 300 * y) * 7919 % 75000 % 70000);
  const auto all = label_shapes(many.all());
  REQUIRE(all.size() == 70000);
  CHECK(std::is_sorted(all.begin(), all.end(),
                       [](const auto& a, const auto& b) { return a.label < b.label; }));
  CHECK(all.back().label == 70000);
}

TEST_CASE("label_shapes: the columns of its table", "[metrics][label_shapes]") {
  CHECK(to_table({}, false).columns ==
        std::vector<std::string>{"label", "perimeter", "circularity", "feret", "min_feret",
                                 "feret_angle", "major", "minor", "angle", "aspect_ratio",
                                 "roundness", "solidity"});
  CHECK(to_table({}, true).columns == std::vector<std::string>{"label", "volume", "surface_area",
                                                               "sphericity", "feret", "major",
                                                               "intermediate", "minor"});
}

TEST_CASE("label_shapes: errors say what is wrong", "[metrics][label_shapes]") {
  using gpuimg::argument_error;
  const auto image = block({2, 2, 2});
  CHECK_THROWS_AS(label_shapes(image.all(), {1, 0, 1}), argument_error);
  CHECK_THROWS_WITH(label_shapes(image.all(), {1, 1, -2}),
                    "label_shapes: pixel_size must be finite and > 0, got -2.000000");
  CHECK_THROWS_AS(shape_of_label(image.all(), 1, true, {1, 1, INFINITY}), argument_error);
  CHECK_THROWS_WITH(shape_of_label(image.all(), 2, true),
                    "shape_of_label: label 2 is not in the part of 2x2x2 pixels");
  CHECK_THROWS_AS(shape_of_label(image.all(), 0, true), argument_error);
  CHECK_THROWS_AS(shape_of_label(label_pixels({0, 3}).all(), 1, false), argument_error);
  CHECK_THROWS_WITH(shape_of_label(image.all(), 1, false),
                    "shape_of_label: a 2D object is in one plane, got 2x2x2");
}
