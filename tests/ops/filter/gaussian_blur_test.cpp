// SPDX-License-Identifier: BSD-3-Clause
// gaussian_blur and its kin: formulas and properties, then scipy's results.
#include "gpuimg/ops/filter/gaussian_blur.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <initializer_list>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::border;
using gpuimg::difference_of_gaussian;
using gpuimg::gaussian_blur;
using gpuimg::laplacian_of_gaussian;
using gpuimg::shape;
using test::near_pixels;
using test::same_pixels;

// w(i) for i = -radius ... radius, normalised.
std::vector<double> gaussian(double sigma) {
  const int radius = static_cast<int>(4 * sigma + 0.5);
  std::vector<double> weights;
  for (int i = -radius; i <= radius; ++i) weights.push_back(std::exp(-i * i / (2 * sigma * sigma)));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& w : weights) w /= sum;
  return weights;
}

double greatest(const std::vector<double>& values) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

struct named_sigmas {
  const char* name;  // of the golden image, with % for the border mode
  float x, y, z;
};

/// scipy's images in every border mode, within a multiple of the greatest pixel.
template <class Op>
void check_borders(const gpuimg::device& device, Op p, std::initializer_list<named_sigmas> all,
                   double tolerance) {
  const test::golden golden(Op::about.name);
  const shape flat{29, 23}, deep{13, 11, 7};
  const auto src2 = push(device, test::random_pixels<float>(flat, 1), flat);
  const auto src3 = push(device, test::random_pixels<std::uint16_t>(deep, 2), deep);
  const std::pair<const char*, border> modes[] = {{"nearest", border::nearest},
                                                  {"reflect", border::reflect},
                                                  {"mirror", border::mirror},
                                                  {"wrap", border::wrap},
                                                  {"constant", border::constant}};
  for (const auto& [mode_name, mode] : modes)
    for (const auto& [pattern, x, y, z] : all) {
      std::string entry = pattern;
      entry.replace(entry.find('%'), 1, mode_name);
      INFO(entry);
      const auto expected = golden.values<double>(entry);
      p.sigma_x = x, p.sigma_y = y, p.sigma_z = z, p.border = mode;
      CHECK_THAT(z == 0 ? gpuimg::run(p, src2) : gpuimg::run(p, src3),
                 near_pixels(expected, tolerance * greatest(expected)));
    }
}

}  // namespace

TEST_CASE("gaussian_blur: an impulse becomes the Gaussian itself", "[filter][gaussian_blur]") {
  ON_EVERY_DEVICE(device);
  const shape size{25, 21, 17};
  const auto src = push(device, test::impulse<float>(size, {12, 10, 8}, 1.0f), size);
  const auto wx = gaussian(2), wy = gaussian(1), wz = gaussian(1.5);
  std::vector<double> expected;
  const auto weight = [](const std::vector<double>& w, std::size_t at, std::size_t centre) {
    const std::size_t i = at + w.size() / 2;
    return i < centre || i - centre >= w.size() ? 0.0 : w[i - centre];
  };
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x)
        expected.push_back(weight(wx, x, 12) * weight(wy, y, 10) * weight(wz, z, 8));
  CHECK_THAT(gaussian_blur(src, {.sigma_x = 2, .sigma_y = 1, .sigma_z = 1.5f}),
             near_pixels(expected, 1e-8, 1e-6));
}

TEST_CASE("gaussian_blur: sigma 0 gives the pixels themselves, as float",
          "[filter][gaussian_blur]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto floats = test::random_pixels<float>(size, 1, test::content::awkward);
    CHECK_THAT(gaussian_blur(push(device, floats, size), {}), near_pixels(floats, 0));
    const auto shorts = test::random_pixels<std::int16_t>(size, 1);
    CHECK_THAT(gaussian_blur(push(device, shorts, size), {}), near_pixels(shorts, 0));
  }
}

TEST_CASE("gaussian_blur: a constant image stays constant, except with a constant border",
          "[filter][gaussian_blur]") {
  ON_EVERY_DEVICE(device);
  const auto mode = GENERATE(border::nearest, border::reflect, border::mirror, border::wrap);
  for (const shape& size : test::awkward_shapes()) {
    const auto src = push(device, std::vector<std::uint8_t>(size.pixels(), 200), size);
    CHECK_THAT(gaussian_blur(src, {.sigma_x = 3, .sigma_y = 1, .sigma_z = 0.7f, .border = mode}),
               near_pixels(std::vector<double>(size.pixels(), 200), 1e-4));
  }
}

TEST_CASE("gaussian_blur: a constant border of the image's own value changes nothing",
          "[filter][gaussian_blur]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>(60, 7.0f), {5, 4, 3});
  CHECK_THAT(gaussian_blur(src, {.sigma_x = 2,
                                 .sigma_y = 2,
                                 .sigma_z = 2,
                                 .border = border::constant,
                                 .border_value = 7}),
             near_pixels(std::vector<double>(60, 7.0), 1e-5));
}

TEST_CASE("gaussian_blur: wrapping keeps the sum", "[filter][gaussian_blur]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 31, 5};
  const auto pixels = test::random_pixels<std::uint16_t>(size, 2);
  const auto blurred =
      pull(gaussian_blur(push(device, pixels, size),
                         {.sigma_x = 2, .sigma_y = 3, .sigma_z = 1, .border = border::wrap}));
  CHECK(std::accumulate(blurred.begin(), blurred.end(), 0.0) ==
        Approx(std::accumulate(pixels.begin(), pixels.end(), 0.0)).epsilon(1e-6));
}

TEST_CASE("gaussian_blur: blurring x, then y, then z is blurring all", "[filter][gaussian_blur]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 31, 5};
  const auto src = push(device, test::random_pixels<float>(size, 3), size);
  const auto x = gaussian_blur(src, {.sigma_x = 1.5f});
  const auto xy = gaussian_blur(x, {.sigma_y = 2});
  const auto xyz = gaussian_blur(xy, {.sigma_z = 0.8f});
  CHECK_THAT(gaussian_blur(src, {.sigma_x = 1.5f, .sigma_y = 2, .sigma_z = 0.8f}),
             same_pixels(xyz));
}

TEST_CASE("gaussian_blur: long rows, high stacks and long Gaussians have the bits of the reference",
          "[filter][gaussian_blur]") {
  ON_EVERY_DEVICE(device);
  const auto mode = GENERATE(border::nearest, border::mirror, border::constant);
  const float sigma = GENERATE(1.2f, 40.0f);
  const auto same_along = [&](const shape& size, gpuimg::ops::gaussian_blur p) {
    p.border = mode;
    p.border_value = 3;
    INFO(to_string(size));
    const auto pixels = test::random_pixels<std::uint16_t>(size, 6);
    CHECK_THAT(gaussian_blur(push(device, pixels, size), p),
               same_pixels(gaussian_blur(push(test::reference(), pixels, size), p)));
  };
  for (const std::size_t n : {511u, 512u, 513u, 1100u}) same_along({n, 3}, {.sigma_x = sigma});
  for (const std::size_t n : {30u, 100u, 129u}) {
    same_along({47, n}, {.sigma_y = sigma});
    same_along({33, 2, n}, {.sigma_z = sigma});
    same_along({n, n + 1}, {.sigma_x = sigma, .sigma_y = 2});
  }
  same_along({513, 65, 3}, {.sigma_x = 0.9f, .sigma_y = sigma, .sigma_z = 0.5f});
  same_along({1100, 131}, {.sigma_x = 2, .sigma_y = sigma});
}

TEST_CASE(
    "gaussian_blur, laplacian_of_gaussian: the longest blur along x and y at once, and one more",
    "[filter][gaussian_blur][laplacian_of_gaussian]") {
  ON_EVERY_DEVICE(device);
  const auto mode = GENERATE(border::nearest, border::reflect, border::wrap, border::constant);
  const float sigma = GENERATE(2.9f, 3.2f);  // a radius of 12, and of 13
  for (const shape& size : {shape{1100, 131}, shape{513, 65, 3}, shape{40, 47}, shape{700, 48}}) {
    INFO(to_string(size));
    const auto pixels = test::random_pixels<std::uint8_t>(size, 7);
    const auto check = [&](auto p) {
      p.sigma_x = 1.5f, p.sigma_y = sigma, p.sigma_z = 0.5f;
      p.border = mode;
      p.border_value = 3;
      CHECK_THAT(run(p, push(device, pixels, size)),
                 same_pixels(run(p, push(test::reference(), pixels, size))));
    };
    check(gpuimg::ops::gaussian_blur{});
    check(gpuimg::ops::laplacian_of_gaussian{});
  }
}

TEST_CASE("gaussian_blur: an image turned around or on its side gives the result turned likewise",
          "[filter][gaussian_blur]") {
  ON_EVERY_DEVICE(device);
  const std::size_t n = 19;
  const auto pixels = test::random_pixels<std::uint8_t>({n, n}, 4);
  std::vector<std::uint8_t> transposed(n * n), reversed(pixels.rbegin(), pixels.rend());
  for (std::size_t i = 0; i < n * n; ++i) transposed[i % n * n + i / n] = pixels[i];
  const auto blur = [&](const auto& p, float sx, float sy) {
    return pull(gaussian_blur(push(device, p, {n, n}), {.sigma_x = sx, .sigma_y = sy}));
  };
  const auto along_x = blur(pixels, 2, 0), along_y = blur(transposed, 0, 2);
  for (std::size_t i = 0; i < n * n; ++i) REQUIRE(along_y[i % n * n + i / n] == along_x[i]);
  const auto both = blur(pixels, 1, 2), back = blur(reversed, 1, 2);
  for (std::size_t i = 0; i < n * n; ++i)
    REQUIRE(back[n * n - 1 - i] == Approx(both[i]).margin(1e-4));
}

TEST_CASE("gaussian_blur: sigma_z has no effect on a 2D image, and one pixel stays",
          "[filter][gaussian_blur]") {
  ON_EVERY_DEVICE(device);
  const auto flat = push(device, test::random_pixels<float>({17, 9}, 5), {17, 9});
  CHECK_THAT(gaussian_blur(flat, {.sigma_x = 1, .sigma_z = 5, .border = border::constant}),
             same_pixels(gaussian_blur(flat, {.sigma_x = 1, .border = border::constant})));
  CHECK_THAT(gaussian_blur(push(device, std::vector<float>{3}, {1}), {.sigma_x = 9, .sigma_y = 9}),
             near_pixels(std::vector<float>{3}, 1e-5));
}

TEST_CASE("gaussian_blur: the halo is the Gaussian's radius", "[filter][gaussian_blur]") {
  const auto halo =
      gpuimg::ops::gaussian_blur{.sigma_x = 2, .sigma_y = 0.7f, .sigma_z = 1.4f}.halo();
  CHECK(halo.x == 8);
  CHECK(halo.y == 3);
  CHECK(halo.z == 6);
}

TEST_CASE("gaussian_blur: a sigma that is negative, too large or no number is refused",
          "[filter][gaussian_blur][error]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::uint16_t>(24), {4, 3, 2});
  const std::string where = " [src 4x3x2 u16 on " + device.name() + "]";
  const auto message = [&](const std::string& text) {
    return Catch::Message("gaussian_blur: " + text + where);
  };
  CHECK_THROWS_MATCHES(gaussian_blur(src, {.sigma_x = -1}), gpuimg::argument_error,
                       message("sigma_x must be finite and >= 0 and <= 10000, got -1"));
  CHECK_THROWS_MATCHES(gaussian_blur(src, {.sigma_y = 20000}), gpuimg::argument_error,
                       message("sigma_y must be finite and >= 0 and <= 10000, got 20000"));
  CHECK_THROWS_MATCHES(gaussian_blur(src, {.sigma_z = NAN}), gpuimg::argument_error,
                       message("sigma_z must be finite and >= 0 and <= 10000, got nan"));
  CHECK_THROWS_MATCHES(gaussian_blur(src, {.border_value = INFINITY}), gpuimg::argument_error,
                       message("border_value must be finite, got inf"));
}

TEST_CASE("gaussian_blur: scipy.ndimage.gaussian_filter agrees in every border mode",
          "[filter][gaussian_blur]") {
  ON_EVERY_DEVICE(device);
  check_borders(device, gpuimg::ops::gaussian_blur{.border_value = 7},
                {{"2d_%_1_1", 1, 1, 0},
                 {"2d_%_2.5_0.7", 2.5f, 0.7f, 0},
                 {"2d_%_0_9", 0, 9, 0},
                 {"3d_%_1_1_1", 1, 1, 1},
                 {"3d_%_2_0.6_1.3", 2, 0.6f, 1.3f}},
                2e-6);
}

TEST_CASE("laplacian_of_gaussian: an impulse becomes the second derivative itself",
          "[filter][laplacian_of_gaussian]") {
  ON_EVERY_DEVICE(device);
  const auto is_normalized = GENERATE(false, true);
  const shape size{25, 21, 17};
  const auto src = push(device, test::impulse<float>(size, {12, 10, 8}, 1.0f), size);
  const double sigma[] = {2, 1, 1.5};
  const std::size_t centre[] = {12, 10, 8};
  const std::vector<double> weights[] = {gaussian(2), gaussian(1), gaussian(1.5)};
  std::vector<double> expected;
  for (std::size_t p = 0; p < size.pixels(); ++p) {
    const std::size_t at[] = {p % size.x, p / size.x % size.y, p / size.x / size.y};
    double gauss = 1, factor = 0;
    for (std::size_t a = 0; a < 3; ++a) {
      const std::size_t i = at[a] + weights[a].size() / 2;
      const bool is_there = i >= centre[a] && i - centre[a] < weights[a].size();
      const double t = (static_cast<double>(at[a]) - static_cast<double>(centre[a])) / sigma[a];
      gauss *= is_there ? weights[a][i - centre[a]] : 0;
      factor += (t * t - 1) / (is_normalized ? 1 : sigma[a] * sigma[a]);
    }
    expected.push_back(gauss * factor);
  }
  CHECK_THAT(
      laplacian_of_gaussian(
          src, {.sigma_x = 2, .sigma_y = 1, .sigma_z = 1.5f, .scale_normalized = is_normalized}),
      near_pixels(expected, 1e-7, 1e-5));
}

TEST_CASE("laplacian_of_gaussian: least at the centre of a disc of the radius sqrt(2) sigma",
          "[filter][laplacian_of_gaussian]") {
  ON_EVERY_DEVICE(device);
  const std::size_t n = 81, middle = n / 2;
  std::vector<std::uint8_t> disc(n * n);
  for (std::size_t i = 0; i < disc.size(); ++i) {
    const double x = static_cast<double>(i % n) - 40, y = static_cast<double>(i / n) - 40;
    disc[i] = x * x + y * y < 100 ? 200 : 0;  // radius 10
  }
  const auto src = push(device, disc, {n, n});
  const auto at_centre = [&](float sigma) {
    const auto found = pull(
        laplacian_of_gaussian(src, {.sigma_x = sigma, .sigma_y = sigma, .scale_normalized = true}));
    CHECK(std::min_element(found.begin(), found.end()) - found.begin() ==
          static_cast<std::ptrdiff_t>(middle * n + middle));
    return found[middle * n + middle];
  };
  const float sigma = 10 / std::sqrt(2.0f);
  CHECK(at_centre(sigma) < at_centre(0.9f * sigma));
  CHECK(at_centre(sigma) < at_centre(1.1f * sigma));
}

TEST_CASE("laplacian_of_gaussian: long Gaussians have the bits of the reference",
          "[filter][laplacian_of_gaussian]") {
  ON_EVERY_DEVICE(device);
  const auto mode = GENERATE(border::nearest, border::constant);
  const float sigma = GENERATE(15.75f, 40.0f);  // of 127 weights, and of 321
  for (const shape& size : {shape{300, 33}, shape{67, 21, 6}, shape{5, 130}}) {
    INFO(to_string(size));
    const auto pixels = test::random_pixels<float>(size, 8);
    gpuimg::ops::laplacian_of_gaussian p{.sigma_x = sigma, .sigma_y = sigma, .border = mode};
    p.border_value = 3;
    CHECK_THAT(laplacian_of_gaussian(push(device, pixels, size), p),
               same_pixels(laplacian_of_gaussian(push(test::reference(), pixels, size), p)));
  }
}

TEST_CASE("laplacian_of_gaussian: an axis of sigma 0 is left out, and z of a 2D image",
          "[filter][laplacian_of_gaussian]") {
  ON_EVERY_DEVICE(device);
  const shape slice{17, 9}, size{17, 9, 3};
  const auto pixels = test::random_pixels<float>(size, 5);
  const auto of_slices = pull(laplacian_of_gaussian(push(device, pixels, size), {.sigma_z = 0}));
  for (std::size_t z = 0; z < size.z; ++z) {
    const auto first = static_cast<std::ptrdiff_t>(z * slice.pixels());
    const auto end = first + static_cast<std::ptrdiff_t>(slice.pixels());
    const std::vector<float> part(pixels.begin() + first, pixels.begin() + end);
    CHECK_THAT(
        laplacian_of_gaussian(push(device, part, slice)),
        near_pixels(std::vector<float>(of_slices.begin() + first, of_slices.begin() + end), 0));
  }
}

TEST_CASE("laplacian_of_gaussian: a constant image has no derivatives, up to the Gaussian's tails",
          "[filter][laplacian_of_gaussian]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>(60, 7.0f), {5, 4, 3});
  const auto mode = GENERATE(border::nearest, border::constant);
  CHECK_THAT(laplacian_of_gaussian(src, {.border = mode, .border_value = 7}),
             near_pixels(std::vector<double>(60, 0), 1e-2));
}

TEST_CASE("laplacian_of_gaussian: the halo is the Gaussian's radius",
          "[filter][laplacian_of_gaussian]") {
  const auto halo =
      gpuimg::ops::laplacian_of_gaussian{.sigma_x = 2, .sigma_y = 0.7f, .sigma_z = 1.4f}.halo();
  CHECK(halo.x == 8);
  CHECK(halo.y == 3);
  CHECK(halo.z == 6);
}

TEST_CASE("laplacian_of_gaussian: no sigma at all is refused",
          "[filter][laplacian_of_gaussian][error]") {
  ON_EVERY_DEVICE(device);
  const auto flat = push(device, std::vector<float>(12), {4, 3});
  const auto deep = push(device, std::vector<float>(24), {4, 3, 2});
  CHECK_THROWS_MATCHES(laplacian_of_gaussian(flat, {.sigma_x = 0, .sigma_y = 0}),
                       gpuimg::argument_error,
                       Catch::Message("laplacian_of_gaussian: one of sigma_x and sigma_y must be "
                                      "above 0 [src 4x3 f32 on " +
                                      device.name() + "]"));
  CHECK_THROWS_MATCHES(laplacian_of_gaussian(deep, {.sigma_x = 0, .sigma_y = 0, .sigma_z = 0}),
                       gpuimg::argument_error,
                       Catch::Message("laplacian_of_gaussian: one of sigma_x, sigma_y and sigma_z "
                                      "must be above 0 [src 4x3x2 f32 on " +
                                      device.name() + "]"));
  CHECK_THROWS_AS(laplacian_of_gaussian(flat, {.sigma_x = -1}), gpuimg::argument_error);
}

TEST_CASE("laplacian_of_gaussian: scipy.ndimage.gaussian_laplace agrees in every border mode",
          "[filter][laplacian_of_gaussian]") {
  ON_EVERY_DEVICE(device);
  check_borders(device, gpuimg::ops::laplacian_of_gaussian{},
                {{"2d_%_1_1", 1, 1, 0},
                 {"2d_%_2.5_0.7", 2.5f, 0.7f, 0},
                 {"3d_%_1_1_1", 1, 1, 1},
                 {"3d_%_2_0.6_1.3", 2, 0.6f, 1.3f}},
                4e-6);
}

TEST_CASE("difference_of_gaussian: is the difference of two gaussian_blurs",
          "[filter][difference_of_gaussian][subtract_gaussian_background]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{1}, shape{3, 17}, shape{530, 9}, shape{33, 31, 5}}) {
    const auto src = push(device, test::random_pixels<std::uint16_t>(size, 3), size);
    const auto minus = [&](const auto& one, const auto& other) {
      std::vector<float> difference = pull(one);
      const auto subtrahend = pull(other);
      for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= subtrahend[i];
      return same_pixels(difference, size);
    };
    for (const gpuimg::ops::gaussian_blur& p :
         std::vector<gpuimg::ops::gaussian_blur>{{2, 2, 2}, {1, 3, 0}, {3, 0, 0}, {0, 1, 2}, {}}) {
      const auto blurred = gaussian_blur(src, p);
      CHECK_THAT(difference_of_gaussian(src, {.sigma1_x = 1,
                                              .sigma1_y = 1,
                                              .sigma1_z = 0.5f,
                                              .sigma2_x = p.sigma_x,
                                              .sigma2_y = p.sigma_y,
                                              .sigma2_z = p.sigma_z}),
                 minus(gaussian_blur(src, {.sigma_x = 1, .sigma_y = 1, .sigma_z = 0.5f}), blurred));
      CHECK_THAT(gpuimg::subtract_gaussian_background(src, {p.sigma_x, p.sigma_y, p.sigma_z}),
                 minus(gaussian_blur(src, {}), blurred));
    }
  }
}

TEST_CASE("difference_of_gaussian: scipy.ndimage agrees for every border",
          "[filter][difference_of_gaussian][subtract_gaussian_background]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("difference_of_gaussian");
  const shape flat{29, 23}, deep{13, 11, 7};
  const auto src2 = push(device, test::random_pixels<float>(flat, 1), flat);
  const auto src3 = push(device, test::random_pixels<std::uint16_t>(deep, 2), deep);
  const std::pair<const char*, border> modes[] = {{"nearest", border::nearest},
                                                  {"reflect", border::reflect},
                                                  {"mirror", border::mirror},
                                                  {"wrap", border::wrap},
                                                  {"constant", border::constant}};
  for (const auto& [mode_name, mode] : modes) {
    const auto check = [&](const std::string& entry, const auto& found) {
      INFO(entry);
      const auto expected = golden.values<double>(entry);
      CHECK_THAT(found, near_pixels(expected, 2e-6 * greatest(expected)));
    };
    const std::string name = mode_name;
    check("2d_" + name, difference_of_gaussian(src2, {1, 0.6f, 0, 2, 3, 0, mode, 7}));
    check("3d_" + name, difference_of_gaussian(src3, {1, 1, 0.5f, 2, 1.5f, 1, mode, 7}));
    check("subtract_2d_" + name, subtract_gaussian_background(src2, {2, 3, 0, mode, 7}));
    check("subtract_3d_" + name, subtract_gaussian_background(src3, {2, 1.5f, 1, mode, 7}));
  }
}
