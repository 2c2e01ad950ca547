// SPDX-License-Identifier: BSD-3-Clause
// Derivatives and variances: formulas and properties, then numpy's and scipy's results.
#include "gpuimg/ops/filter/stencil.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"
#include "support/neighborhoods.hpp"

using gpuimg::connectivity;
using gpuimg::gradient_x;
using gpuimg::gradient_y;
using gpuimg::gradient_z;
using gpuimg::laplace;
using gpuimg::shape;
using gpuimg::sobel;
using gpuimg::standard_deviation;
using gpuimg::variance_filter;
using test::near_pixels;
using test::radii;
using test::same_pixels;

namespace {

template <class T>
std::vector<double> variances_of(const std::vector<T>& pixels, const shape& size, const radii& r) {
  std::vector<double> variances(pixels.size());
  visit_neighborhoods(pixels, size, r, [&](std::size_t p, const std::vector<T>& all) {
    double mean = 0, squares = 0;
    for (const T pixel : all) mean += static_cast<double>(pixel);
    mean /= static_cast<double>(all.size());
    for (const T pixel : all) squares += std::pow(static_cast<double>(pixel) - mean, 2);
    variances[p] = squares / static_cast<double>(all.size());
  });
  return variances;
}

std::vector<double> roots_of(std::vector<double> values) {
  for (double& value : values) value = std::sqrt(value);
  return values;
}

/// How far a variance may be from the exact one, in parts of it. Of integers of 8 and 16 bits it is
/// rounded three times: their spread, its scale, the product. Of others, squares are rounded at
/// each pixel of a row and at each row, after distances, which count twice; then the square of the
/// sum, the spread, its scale and the product are.
template <class T>
double rounding_of(const radii& r) {
  if (sizeof(T) < 4) return 2e-7;
  return (2 + (2 * r.x + 1) + (2 * r.y + 1) * (2 * r.z + 1) + 4) * 0x1p-24;
}

}  // namespace

TEST_CASE("gradients, laplace, sobel and variance_filter: a constant image gives 0",
          "[filter][gradient_x][laplace][sobel][variance_filter][standard_deviation]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto src = push(device, std::vector<float>(size.pixels(), 0.1f), size);
    const auto zeros = same_pixels(std::vector<float>(size.pixels()), size);
    CHECK_THAT(gradient_x(src), zeros);
    CHECK_THAT(gradient_y(src), zeros);
    CHECK_THAT(gradient_z(src), zeros);
    CHECK_THAT(laplace(src), zeros);
    CHECK_THAT(laplace(src, {connectivity::sphere}), zeros);
    CHECK_THAT(sobel(src), zeros);
    CHECK_THAT(variance_filter(src), zeros);
    CHECK_THAT(standard_deviation(src, {.connectivity = connectivity::sphere}), zeros);
  }
}

TEST_CASE("gradients: are numpy's, with one pixel alone 0", "[filter][gradient_x][gradient_y]") {
  ON_EVERY_DEVICE(device);
  const std::vector<std::uint8_t> pixels{1, 4, 9, 20, 50};
  const std::vector<float> expected{3, 4, 8, 20.5f, 30};
  CHECK_THAT(gradient_x(push(device, pixels, {5})), same_pixels(expected, shape{5}));
  CHECK_THAT(gradient_y(push(device, pixels, {1, 5})), same_pixels(expected, shape{1, 5}));
  CHECK_THAT(gradient_z(push(device, pixels, {1, 1, 5})), same_pixels(expected, shape{1, 1, 5}));
  CHECK_THAT(gradient_y(push(device, pixels, {5})), same_pixels(std::vector<float>(5)));
}

TEST_CASE("laplace: an impulse stands above all its neighbours", "[filter][laplace]") {
  ON_EVERY_DEVICE(device);
  const shape size{21, 5, 5};
  const auto src = push(device, test::impulse<std::uint16_t>(size, {18, 2, 2}, 1), size);
  for (const auto c : {connectivity::box, connectivity::sphere}) {
    std::vector<float> expected(size.pixels());
    float neighbors = 0;
    for (std::size_t p = 0; p < expected.size(); ++p) {
      const auto apart = [](std::size_t a, std::size_t b) { return a < b ? b - a : a - b; };
      const std::size_t x = apart(p % 21, 18), y = apart(p / 21 % 5, 2), z = apart(p / 105, 2);
      if (c == connectivity::box ? std::max({x, y, z}) == 1 : x + y + z == 1) {
        expected[p] = -1;
        ++neighbors;
      }
    }
    expected[18 + 21 * (2 + 5 * 2)] = neighbors;
    CHECK(neighbors == (c == connectivity::box ? 26 : 6));
    CHECK_THAT(laplace(src, {c}), same_pixels(expected, size));
  }
}

TEMPLATE_TEST_CASE("variance_filter: is the mean square of what pixels differ from their mean",
                   "[filter][variance_filter][standard_deviation]", std::uint8_t, std::int16_t,
                   std::uint16_t, std::uint32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{1}, shape{19, 17}, shape{17, 5, 3}, shape{1, 9, 4}}) {
    const auto pixels = test::random_pixels<TestType>(size, 3);
    const auto src = push(device, pixels, size);
    for (const radii& r : {radii{1, 1, 1, connectivity::box}, radii{20, 0, 1, connectivity::box},
                           radii{4, 2, 2, connectivity::sphere}}) {
      INFO(r.name() << " of " << to_string(size));
      const auto variances = variances_of(pixels, size, r);
      const double error = rounding_of<TestType>(r);
      CHECK_THAT(variance_filter(src, r.as<gpuimg::ops::variance_filter>()),
                 near_pixels(variances, 0, error));
      CHECK_THAT(standard_deviation(src, r.as<gpuimg::ops::standard_deviation>()),
                 near_pixels(roots_of(variances), 0, error));
    }
  }
}

TEMPLATE_TEST_CASE("variance_filter: an outlier in the middle counts as one at the side",
                   "[filter][variance_filter][standard_deviation][slow]", std::int32_t,
                   std::uint32_t, float) {
  ON_EVERY_DEVICE(device);
  const shape size{5, 3};
  const std::vector<TestType> pixels{0, 3, 1, 2, 1, 2, 0, 1000, 3, 1, 1, 2, 0, 0, 3};
  const auto src = push(device, pixels, size);
  for (const radii& r : {radii{30, 0, 0, connectivity::box}, radii{0, 127, 0, connectivity::box},
                         radii{127, 0, 0, connectivity::box}, radii{30, 30, 0, connectivity::box},
                         radii{127, 127, 0, connectivity::box}}) {
    INFO(r.name());
    const auto variances = variances_of(pixels, size, r);
    const double error = rounding_of<TestType>(r);
    CHECK_THAT(variance_filter(src, r.as<gpuimg::ops::variance_filter>()),
               near_pixels(variances, 0, error));
    CHECK_THAT(standard_deviation(src, r.as<gpuimg::ops::standard_deviation>()),
               near_pixels(roots_of(variances), 0, error));
  }
}

TEST_CASE("variance_filter: how high the pixels are does not matter", "[filter][variance_filter]") {
  ON_EVERY_DEVICE(device);
  const shape size{40, 9};
  const radii r{1, 1, 1, connectivity::box};
  auto pixels = test::random_pixels<float>(size, 5, test::content::few);
  const auto expected = variances_of(pixels, size, r);
  for (float& pixel : pixels) pixel += 1e6f;
  CHECK_THAT(variance_filter(push(device, pixels, size)),
             near_pixels(expected, 0, rounding_of<float>(r)));
}

TEST_CASE("variance_filter: sums of 16-bit pixels fit as many as a variance may be of",
          "[filter][variance_filter][error]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::uint16_t>{0, 65535}, {1, 2});
  const auto found = pull(variance_filter(src, {.radius_x = 127, .radius_y = 127}));
  CHECK(found[0] == Approx(65535.0 * 65535 * 128 * 127 / (255 * 255)).epsilon(2e-7));
  const auto low = push(device, std::vector<std::int16_t>{-32768, -32768}, {1, 2});
  CHECK_THAT(variance_filter(low, {.radius_x = 127, .radius_y = 127}),
             same_pixels(std::vector<float>{0, 0}));
  CHECK_THROWS_MATCHES(
      variance_filter(src, {.radius_x = 128, .radius_y = 128}), gpuimg::argument_error,
      Catch::Message("variance_filter: a variance may be of 65536 pixels, got 66049: radii 128, "
                     "128 and 0 [src 1x2 u16 on " +
                     device.name() + "]"));
}

TEST_CASE("numpy and scipy agree on derivatives and variances",
          "[filter][gradient_x][gradient_y][gradient_z][laplace][sobel][variance_filter]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("stencil");
  for (const shape& size : {shape{29, 23}, shape{13, 11, 7}}) {
    const std::string dimensions = size.is_3d() ? "3d" : "2d";
    const auto check = [&](const std::string& entry, const auto& found) {
      INFO(entry);
      const auto expected = golden.values<double>(entry);
      const auto most = std::abs(
          *std::ranges::max_element(expected, {}, [](double value) { return std::abs(value); }));
      CHECK_THAT(found, near_pixels(expected, 1e-6 * most));
    };
    const auto check_derivatives = [&](const auto& src) {
      check("gradient_x_" + dimensions, gradient_x(src));
      check("gradient_y_" + dimensions, gradient_y(src));
      if (size.is_3d()) check("gradient_z_" + dimensions, gradient_z(src));
      check("laplace_sphere_" + dimensions, laplace(src, {connectivity::sphere}));
      check("laplace_box_" + dimensions, laplace(src));
      check("sobel_" + dimensions, sobel(src));
    };
    if (size.is_3d())
      check_derivatives(push(device, test::random_pixels<std::int16_t>(size, 11), size));
    else
      check_derivatives(push(device, test::random_pixels<float>(size, 11), size));
    const auto src = push(device, test::random_pixels<std::uint8_t>(size, 12), size);
    for (const radii& r :
         {radii{1, 1, 1, connectivity::box}, radii{3, 2, 1, connectivity::box},
          radii{0, 5, 0, connectivity::box}, radii{1, 1, 1, connectivity::sphere},
          radii{4, 2, 2, connectivity::sphere}, radii{0, 3, 1, connectivity::sphere}}) {
      check("variance_" + dimensions + "_" + r.name(),
            variance_filter(src, r.as<gpuimg::ops::variance_filter>()));
    }
  }
}

TEST_CASE("sobel: without along_z each plane is an image of its own", "[filter][sobel]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 9, 4}, plane{33, 9};
  const auto pixels = test::random_pixels<std::uint16_t>(size, 7);
  std::vector<float> expected;
  for (std::size_t z = 0; z < size.z; ++z) {
    const auto first = pixels.begin() + static_cast<std::ptrdiff_t>(z * plane.pixels());
    const auto last = first + static_cast<std::ptrdiff_t>(plane.pixels());
    for (const float steepness : pull(sobel(push(device, std::vector(first, last), plane))))
      expected.push_back(steepness);
  }
  CHECK_THAT(sobel(push(device, pixels, size), {.along_z = false}), same_pixels(expected, size));
}
