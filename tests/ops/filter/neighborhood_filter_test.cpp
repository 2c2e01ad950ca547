// SPDX-License-Identifier: BSD-3-Clause
// Filters over boxes and ellipsoids: properties, then scipy's results.
#include "gpuimg/ops/filter/neighborhood_filter.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"
#include "support/neighborhoods.hpp"

namespace {

using gpuimg::connectivity;
using gpuimg::image;
using gpuimg::maximum_filter;
using gpuimg::mean_filter;
using gpuimg::minimum_filter;
using gpuimg::shape;
using gpuimg::top_hat;
using test::near_pixels;
using test::radii;
using test::same_pixels;
using test::visit_neighborhoods;

const std::vector<radii> all_radii{
    {1, 1, 1, connectivity::box},    {3, 2, 1, connectivity::box},
    {0, 5, 0, connectivity::box},    {1, 1, 1, connectivity::sphere},
    {4, 2, 2, connectivity::sphere}, {0, 3, 1, connectivity::sphere}};

template <gpuimg::pixel T>
std::vector<T> negated(const std::vector<T>& pixels) {
  std::vector<T> result;
  for (const T p : pixels) result.push_back(static_cast<T>(-p));
  return result;
}

}  // namespace

TEMPLATE_TEST_CASE("minimum_filter and maximum_filter: pick the extreme of each neighbourhood",
                   "[filter][minimum_filter][maximum_filter]", std::uint8_t, std::int16_t,
                   std::uint32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size :
       {shape{1}, shape{3, 17}, shape{17, 5, 3}, shape{63, 2}, shape{1, 9, 4}}) {
    const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const auto src = push(device, pixels, size);
    for (const auto& r : all_radii) {
      INFO(r.name() << " of " << to_string(size));
      std::vector<TestType> least(pixels.size()), most(pixels.size());
      visit_neighborhoods(pixels, size, r,
                          [&](std::size_t p, const std::vector<TestType>& covered) {
                            least[p] = *std::min_element(covered.begin(), covered.end());
                            most[p] = *std::max_element(covered.begin(), covered.end());
                          });
      CHECK_THAT(minimum_filter(src, r.as<gpuimg::ops::minimum_filter>()),
                 near_pixels<TestType>(least, 0));
      CHECK_THAT(maximum_filter(src, r.as<gpuimg::ops::maximum_filter>()),
                 near_pixels<TestType>(most, 0));
    }
  }
}

TEST_CASE("mean_filter: is the mean of each neighbourhood", "[filter][mean_filter]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size :
       {shape{1}, shape{3, 17}, shape{17, 5, 3}, shape{63, 2}, shape{1, 9, 4}}) {
    const auto pixels = test::random_pixels<std::uint16_t>(size, 2);
    for (const auto& r : all_radii) {
      INFO(r.name() << " of " << to_string(size));
      std::vector<double> mean(pixels.size());
      visit_neighborhoods(pixels, size, r, [&](std::size_t p, const auto& covered) {
        mean[p] = std::accumulate(covered.begin(), covered.end(), 0.0) /
                  static_cast<double>(covered.size());
      });
      CHECK_THAT(mean_filter(push(device, pixels, size), r.as<gpuimg::ops::mean_filter>()),
                 near_pixels(mean, 0, 2e-6));
    }
  }
}

TEST_CASE("minimum_filter and maximum_filter: windows of any length pick the extreme",
          "[filter][minimum_filter][maximum_filter]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{301, 2}, shape{2, 301}, shape{1, 3, 301}}) {
    const auto pixels = test::random_pixels<std::int16_t>(size, 9);
    const auto src = push(device, pixels, size);
    for (const int radius : {4, 7, 8, 50, 127, 128, 260}) {
      const radii r{size.x > 2 ? radius : 1, size.y > 3 ? radius : 1, size.z > 1 ? radius : 0,
                    connectivity::box};
      INFO(r.name() << " of " << to_string(size));
      std::vector<std::int16_t> least(pixels.size()), most(pixels.size());
      visit_neighborhoods(pixels, size, r, [&](std::size_t p, const auto& covered) {
        least[p] = *std::min_element(covered.begin(), covered.end());
        most[p] = *std::max_element(covered.begin(), covered.end());
      });
      CHECK_THAT(minimum_filter(src, r.as<gpuimg::ops::minimum_filter>()), same_pixels(least));
      CHECK_THAT(maximum_filter(src, r.as<gpuimg::ops::maximum_filter>()), same_pixels(most));
    }
  }
}

TEST_CASE("mean_filter: integers are summed exactly in windows of any length",
          "[filter][mean_filter]") {
  ON_EVERY_DEVICE(device);
  const shape size{301, 3};
  const auto pixels = test::random_pixels<std::uint32_t>(size, 10);
  for (const int radius : {4, 50, 127, 128, 260}) {
    const radii r{radius, 1, 0, connectivity::box};
    std::vector<float> mean(pixels.size());
    visit_neighborhoods(pixels, size, r, [&](std::size_t p, const auto& covered) {
      const auto sum = std::accumulate(covered.begin(), covered.end(), std::uint64_t{0});
      mean[p] =
          static_cast<float>(sum) * static_cast<float>(1.0 / static_cast<double>(covered.size()));
    });
    INFO(radius);
    CHECK_THAT(mean_filter(push(device, pixels, size), r.as<gpuimg::ops::mean_filter>()),
               same_pixels(mean));
  }
}

TEST_CASE("mean_filter: the rounding of floats grows with the logarithm of the radius only",
          "[filter][mean_filter]") {
  ON_EVERY_DEVICE(device);
  const shape size{1201, 1};
  auto pixels = test::random_pixels<float>(size, 11);
  for (auto& p : pixels) p = 1000 + p / 256;
  for (const int radius : {3, 8, 50, 127, 500}) {
    const radii r{radius, 0, 0, connectivity::box};
    std::vector<double> mean(pixels.size());
    visit_neighborhoods(pixels, size, r, [&](std::size_t p, const auto& covered) {
      mean[p] = std::accumulate(covered.begin(), covered.end(), 0.0) /
                static_cast<double>(covered.size());
    });
    INFO(radius);
    // Eight roundings of half a unit in the last place at most, hardly ever all in one direction.
    CHECK_THAT(mean_filter(push(device, pixels, size), r.as<gpuimg::ops::mean_filter>()),
               near_pixels(mean, 0, 4 * 6e-8));
  }
}

TEST_CASE("minimum_filter: is the negative of the maximum_filter of the negative",
          "[filter][minimum_filter][maximum_filter]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 31, 5};
  const auto pixels = test::random_pixels<float>(size, 3);
  for (const auto& r : all_radii) {
    const auto least =
        minimum_filter(push(device, pixels, size), r.as<gpuimg::ops::minimum_filter>());
    const auto most =
        maximum_filter(push(device, negated(pixels), size), r.as<gpuimg::ops::maximum_filter>());
    CHECK_THAT(least, same_pixels(negated(pull(most))));
  }
}

TEST_CASE("minimum_filter <= image <= maximum_filter", "[filter][minimum_filter][maximum_filter]") {
  ON_EVERY_DEVICE(device);
  const shape size{130, 7};
  const auto pixels = test::random_pixels<std::int8_t>(size, 4);
  const auto src = push(device, pixels, size);
  const auto least = pull(minimum_filter(src)), most = pull(maximum_filter(src));
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    REQUIRE(least[i] <= pixels[i]);
    REQUIRE(pixels[i] <= most[i]);
  }
}

TEST_CASE("opening and closing a second time changes nothing",
          "[filter][minimum_filter][maximum_filter]") {
  ON_EVERY_DEVICE(device);
  // Far from the edge: repeated edge pixels make the two filters no exact pair there.
  const shape size{40, 38};
  std::vector<std::uint8_t> pixels(size.pixels(), 0);
  for (std::size_t y = 10; y < 28; ++y)
    for (std::size_t x = 10; x < 30; ++x)
      pixels[x + size.x * y] = test::random_pixel<std::uint8_t>(test::content::even, 5, x + 99 * y);
  for (const auto& r : all_radii) {
    const auto open = [&](const image<std::uint8_t>& src) {
      return maximum_filter(minimum_filter(src, r.as<gpuimg::ops::minimum_filter>()),
                            r.as<gpuimg::ops::maximum_filter>());
    };
    const auto once = open(push(device, pixels, size));
    CHECK_THAT(open(once), same_pixels(once));
  }
}

TEST_CASE("minimum_filter and maximum_filter: a threshold before is a threshold behind",
          "[filter][minimum_filter][maximum_filter]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 31, 5};
  const auto pixels = test::random_pixels<std::uint8_t>(size, 6);
  const auto above = [](std::vector<std::uint8_t> values) {
    for (auto& v : values) v = v > 100;
    return values;
  };
  const auto src = push(device, pixels, size), mask = push(device, above(pixels), size);
  for (const auto& r : all_radii) {
    const auto max = r.as<gpuimg::ops::maximum_filter>();
    CHECK_THAT(maximum_filter(mask, max), same_pixels(above(pull(maximum_filter(src, max)))));
    const auto min = r.as<gpuimg::ops::minimum_filter>();
    CHECK_THAT(minimum_filter(mask, min), same_pixels(above(pull(minimum_filter(src, min)))));
  }
}

TEST_CASE("an impulse becomes the footprint: a box, or the ellipsoid x^2/rx^2 + y^2/ry^2 <= 1",
          "[filter][maximum_filter]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, test::impulse<std::uint8_t>({7, 5}, {3, 2}), {7, 5});
  CHECK_THAT(maximum_filter(src, {.radius_x = 2, .radius_y = 1}),
             same_pixels(std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0,  //
                                                   0, 1, 1, 1, 1, 1, 0,  //
                                                   0, 1, 1, 1, 1, 1, 0,  //
                                                   0, 1, 1, 1, 1, 1, 0,  //
                                                   0, 0, 0, 0, 0, 0, 0}));
  CHECK_THAT(
      maximum_filter(src, {.radius_x = 3, .radius_y = 2, .connectivity = connectivity::sphere}),
      same_pixels(std::vector<std::uint8_t>{0, 0, 0, 1, 0, 0, 0,  //
                                            0, 1, 1, 1, 1, 1, 0,  //
                                            1, 1, 1, 1, 1, 1, 1,  //
                                            0, 1, 1, 1, 1, 1, 0,  //
                                            0, 0, 0, 1, 0, 0, 0}));
}

TEST_CASE("a constant image stays constant, and its top_hat is 0",
          "[filter][minimum_filter][maximum_filter][mean_filter][top_hat]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const std::vector<std::int16_t> constant(size.pixels(), -300), zero(size.pixels(), 0);
    const auto src = push(device, constant, size);
    CHECK_THAT(minimum_filter(src), same_pixels(constant, size));
    CHECK_THAT(maximum_filter(src, {.connectivity = connectivity::sphere}),
               same_pixels(constant, size));
    CHECK_THAT(mean_filter(src), near_pixels(constant, 1e-4));
    CHECK_THAT(top_hat(src), same_pixels(zero, size));
  }
}

TEST_CASE("mean_filter: radius 0 gives the pixels themselves", "[filter][mean_filter]") {
  ON_EVERY_DEVICE(device);
  const shape size{17, 5, 3};
  const auto pixels = test::random_pixels<float>(size, 7);
  const auto c = GENERATE(connectivity::box, connectivity::sphere);
  CHECK_THAT(mean_filter(push(device, pixels, size),
                         {.radius_x = 0, .radius_y = 0, .radius_z = 0, .connectivity = c}),
             same_pixels(pixels));
}

TEST_CASE("a radius beyond the image covers it all",
          "[filter][minimum_filter][maximum_filter][mean_filter]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::uint8_t>{5, 9, 1, 7}, {4});
  CHECK_THAT(minimum_filter(src, {.radius_x = 100}), same_pixels(std::vector<std::uint8_t>(4, 1)));
  CHECK_THAT(maximum_filter(src, {.radius_x = 100}), same_pixels(std::vector<std::uint8_t>(4, 9)));
  // 98 times 5, then 9 and 1, then 101 times 7.
  CHECK(pull(mean_filter(src, {.radius_x = 100}))[2] ==
        Approx((99 * 5 + 9 + 1 + 100 * 7) / 201.0).epsilon(1e-6));
}

TEST_CASE("grayscale_opening and grayscale_closing: equal scipy's",
          "[filter][grayscale_opening][grayscale_closing]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("grayscale_morphology");
  const auto flat = push(device, test::random_pixels<std::uint8_t>({29, 23}, 8), {29, 23});
  const auto deep = push(device, test::random_pixels<std::uint8_t>({13, 11, 7}, 8), {13, 11, 7});
  for (const radii& r : all_radii) {
    const auto check = [&](const std::string& operation, const auto& found) {
      const std::string entry = operation + "_" + r.name();
      INFO(entry);
      CHECK_THAT(found, same_pixels(expected.values<std::uint8_t>(entry)));
    };
    const auto opening = r.as<gpuimg::ops::grayscale_opening>();
    const auto closing = r.as<gpuimg::ops::grayscale_closing>();
    check("opening_2d", grayscale_opening(flat, opening));
    check("opening_3d", grayscale_opening(deep, opening));
    check("closing_2d", grayscale_closing(flat, closing));
    check("closing_3d", grayscale_closing(deep, closing));
  }
}

TEMPLATE_TEST_CASE("grayscale_opening and grayscale_closing: twice is once, one mirrors the other",
                   "[filter][grayscale_opening][grayscale_closing]", std::uint8_t, std::int16_t,
                   std::uint32_t, float) {
  ON_EVERY_DEVICE(device);
  const shape size{33, 17, 5};
  const auto pixels = test::random_pixels<TestType>(size, 9);
  const auto src = push(device, pixels, size);
  const auto opened = grayscale_opening(src, {.radius_x = 2});
  CHECK_THAT(grayscale_opening(opened, {.radius_x = 2}), same_pixels(pull(opened)));
  const auto closed = grayscale_closing(src, {.connectivity = connectivity::sphere});
  CHECK_THAT(grayscale_closing(closed, {.connectivity = connectivity::sphere}),
             same_pixels(pull(closed)));
  const auto mirrored = [](std::vector<TestType> values) {
    for (TestType& v : values) v = static_cast<TestType>(static_cast<TestType>(-1) - v);
    return values;
  };
  CHECK_THAT(grayscale_closing(push(device, mirrored(pixels), size), {.radius_x = 2}),
             same_pixels(mirrored(pull(opened))));
}

TEST_CASE("top_hat: keeps what is narrower than the neighbourhood", "[filter][top_hat]") {
  ON_EVERY_DEVICE(device);
  const shape size{20, 20};
  std::vector<std::uint16_t> pixels(size.pixels(), 100);
  pixels[5 + 20 * 5] = 150;
  for (std::size_t y = 10; y < 18; ++y)
    for (std::size_t x = 10; x < 18; ++x) pixels[x + 20 * y] = 900;
  std::vector<std::uint16_t> expected(size.pixels(), 0);
  expected[5 + 20 * 5] = 50;
  CHECK_THAT(top_hat(push(device, pixels, size), {.radius_x = 2, .radius_y = 2}),
             same_pixels(expected));
}

TEST_CASE("bottom_hat: keeps what is dark and narrower than the neighbourhood",
          "[filter][bottom_hat]") {
  ON_EVERY_DEVICE(device);
  const shape size{20, 20};
  std::vector<std::uint16_t> pixels(size.pixels(), 100);
  pixels[5 + 20 * 5] = 50;
  for (std::size_t y = 10; y < 18; ++y)
    for (std::size_t x = 10; x < 18; ++x) pixels[x + 20 * y] = 7;
  std::vector<std::uint16_t> expected(size.pixels(), 0);
  expected[5 + 20 * 5] = 50;
  CHECK_THAT(bottom_hat(push(device, pixels, size), {.radius_x = 2, .radius_y = 2}),
             same_pixels(expected));
}

TEST_CASE("top_hat and bottom_hat: a difference beyond a signed type saturates",
          "[filter][top_hat][bottom_hat]") {
  ON_EVERY_DEVICE(device);
  const auto extreme = []<class T>(T) {
    return std::vector<T>{std::numeric_limits<T>::min(), std::numeric_limits<T>::max(),
                          std::numeric_limits<T>::min()};
  };
  const auto check = [&]<class T>(T one) {
    CHECK_THAT(top_hat(push(device, extreme(one), {3})),
               same_pixels(std::vector<T>{0, std::numeric_limits<T>::max(), 0}));
  };
  check(std::int8_t{1});
  check(std::int16_t{1});
  check(std::int32_t{1});
  CHECK_THAT(bottom_hat(push(device, std::vector<std::int8_t>{127, -128, 127}, {3})),
             same_pixels(std::vector<std::int8_t>{0, 127, 0}));
}

TEST_CASE("neighbourhood filters: a radius that is negative or too large is refused",
          "[filter][minimum_filter][maximum_filter][mean_filter][top_hat][error]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>(6), {3, 2});
  const std::string where = " [src 3x2 f32 on " + device.name() + "]";
  CHECK_THROWS_MATCHES(
      minimum_filter(src, {.radius_x = -1}), gpuimg::argument_error,
      Catch::Message("minimum_filter: radius_x must be >= 0 and <= 10000, got -1" + where));
  CHECK_THROWS_MATCHES(
      maximum_filter(src, {.radius_y = 10001}), gpuimg::argument_error,
      Catch::Message("maximum_filter: radius_y must be >= 0 and <= 10000, got 10001" + where));
  CHECK_THROWS_MATCHES(
      mean_filter(src, {.radius_z = -7}), gpuimg::argument_error,
      Catch::Message("mean_filter: radius_z must be >= 0 and <= 10000, got -7" + where));
  CHECK_THROWS_MATCHES(
      top_hat(src, {.radius_x = -1}), gpuimg::argument_error,
      Catch::Message("top_hat: radius_x must be >= 0 and <= 10000, got -1" + where));
  const auto stack = push(device, std::vector<float>(6), {3, 1, 2});
  CHECK_THROWS_MATCHES(
      mean_filter(stack,
                  {.radius_y = 10000, .radius_z = 10000, .connectivity = connectivity::sphere}),
      gpuimg::argument_error,
      Catch::Message(
          "mean_filter: the box around an ellipsoid may have 16777216 pixels: (2 radius_x + 1) "
          "(2 radius_y + 1) (2 radius_z + 1), got radii 1, 10000 and 10000 [src 3x1x2 f32 on " +
          device.name() + "]"));
}

TEST_CASE("mean_filter: sums of 32-bit integers fit as many pixels as a mean may be of",
          "[filter][mean_filter]") {
  ON_EVERY_DEVICE(device);
  const shape size{5, 4, 3};
  const auto mean = [&]<class T>(T pixel, int radius) {
    const std::vector<T> pixels(size.pixels(), pixel);
    const gpuimg::ops::mean_filter p{radius, radius, radius};
    const auto expected = pull(mean_filter(push(test::reference(), pixels, size), p));
    CHECK_THAT(mean_filter(push(device, pixels, size), p), same_pixels(expected, size));
    return static_cast<double>(expected.at(0));
  };
  for (const int radius : {700, 812}) {
    CHECK(mean(4294967295u, radius) == Approx(4294967295.0).epsilon(1e-6));
    CHECK(mean(std::int32_t{-2147483647 - 1}, radius) == Approx(-2147483648.0).epsilon(1e-6));
    CHECK(mean(std::uint16_t{65535}, radius) == Approx(65535.0).epsilon(1e-6));
  }
  const std::vector<std::uint32_t> row(40, 4294967295u);
  CHECK(pull(mean_filter(push(device, row, {20, 2}), {3, 3, 0, connectivity::sphere})).at(7) ==
        Approx(4294967295.0).epsilon(1e-6));
}

TEST_CASE("mean_filter: more pixels than a sum holds are refused", "[filter][mean_filter][error]") {
  ON_EVERY_DEVICE(device);
  const auto stack = push(device, std::vector<std::uint8_t>(8), {2, 2, 2});
  CHECK_THROWS_MATCHES(
      mean_filter(stack, {.radius_x = 813, .radius_y = 813, .radius_z = 813}),
      gpuimg::argument_error,
      Catch::Message("mean_filter: a mean may be of 4294967296 pixels, got 4306878883: radii 813, "
                     "813 and 813 [src 2x2x2 u8 on " +
                     device.name() + "]"));
  const auto flat = push(device, std::vector<std::uint8_t>{3}, {1, 1});
  CHECK_THAT(mean_filter(flat, {.radius_x = 10, .radius_y = 10, .radius_z = 10000}),
             near_pixels(std::vector<double>{3}, 1e-5));
}

TEST_CASE("an ellipsoid's rows end where scipy's rule says, in all radii",
          "[filter][minimum_filter][maximum_filter][mean_filter][top_hat]") {
  for (int x = 0; x <= 40; ++x)
    for (const int y : {0, 1, 2, 3, 7, 24, 25, 30, 40}) {
      const auto part = [](int d, int r) {
        return r == 0 ? 0.0 : static_cast<double>(d) / r * (static_cast<double>(d) / r);
      };
      for (const auto& row : gpuimg::detail::ellipsoid_rows({x, y, 0})) {
        INFO(x << ", " << y << ": row " << row.dy);
        CHECK(part(row.half, x) + part(row.dy, y) <= 1);
        if (row.half < x) CHECK(part(row.half + 1, x) + part(row.dy, y) > 1);
      }
    }
}

TEST_CASE("scipy.ndimage agrees on boxes and ellipsoids in 2D and 3D",
          "[filter][minimum_filter][maximum_filter][mean_filter][top_hat]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("neighborhood_filter"), hats("top_hat");
  for (const auto& [dimensions, size] :
       {std::pair{"2d", shape{29, 23}}, std::pair{"3d", shape{13, 11, 7}}})
    for (const auto& r : all_radii) {
      const std::string entry = std::string(dimensions) + "_" + r.name();
      INFO(entry);
      const auto src = push(device, test::random_pixels<std::uint8_t>(size, 3), size);
      CHECK_THAT(minimum_filter(src, r.as<gpuimg::ops::minimum_filter>()),
                 same_pixels(golden.values<std::uint8_t>("minimum_" + entry)));
      CHECK_THAT(maximum_filter(src, r.as<gpuimg::ops::maximum_filter>()),
                 same_pixels(golden.values<std::uint8_t>("maximum_" + entry)));
      CHECK_THAT(mean_filter(src, r.as<gpuimg::ops::mean_filter>()),
                 near_pixels(golden.values<double>("mean_" + entry), 2e-6 * 255));
      const auto hat = r.as<gpuimg::ops::top_hat>();
      CHECK_THAT(top_hat(push(device, test::random_pixels<std::uint8_t>(size, 4), size), hat),
                 same_pixels(hats.values<std::uint8_t>("u8_" + entry)));
      CHECK_THAT(top_hat(push(device, test::random_pixels<std::int8_t>(size, 4), size), hat),
                 same_pixels(hats.values<std::int8_t>("i8_" + entry)));
      if (r.x != 1 && r.connectivity == connectivity::box) continue;  // programs take their time
      CHECK_THAT(bottom_hat(push(device, test::random_pixels<std::int8_t>(size, 4), size),
                            r.as<gpuimg::ops::bottom_hat>()),
                 same_pixels(hats.values<std::int8_t>("bottom_" + entry)));
    }
}
