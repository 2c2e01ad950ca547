// SPDX-License-Identifier: BSD-3-Clause
// Projections along x, y and z: formulas and properties, then numpy's results.
#include "gpuimg/ops/projection/projection.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "gpuimg/ops/pointwise/pointwise.hpp"
#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::maximum_z_projection;
using gpuimg::mean_z_projection;
using gpuimg::minimum_z_projection;
using gpuimg::shape;
using gpuimg::sum_z_projection;
using test::same_pixels;

// An image whose axis z is axis x or y of another one, and whose planes are like its projections.
template <class T>
std::vector<T> turned(const std::vector<T>& pixels, const shape& size, char axis) {
  std::vector<T> result;
  const std::size_t length = axis == 'x' ? size.x : size.y, across = axis == 'x' ? size.y : size.x;
  for (std::size_t k = 0; k < length; ++k)
    for (std::size_t z = 0; z < size.z; ++z)
      for (std::size_t i = 0; i < across; ++i) {
        const std::size_t x = axis == 'x' ? k : i, y = axis == 'x' ? i : k;
        result.push_back(pixels[x + size.x * (y + size.y * z)]);
      }
  return result;
}

const std::vector<shape> sizes{{1},        {2, 3},   {3, 17},       {31, 5, 3}, {33, 31, 5},
                               {64, 9, 2}, {130, 7}, {1029, 11, 2}, {0},        {5, 40}};

// Whether results are compared with numpy's: those of the reference with all types, and those of
// other devices, which agree with it in all, with two, as each type is kernels to compile.
template <class T>
bool meets_numpy(const gpuimg::device& device) {
  return device.is_reference() || std::is_same_v<T, std::uint32_t> || std::is_same_v<T, float>;
}

}  // namespace

TEMPLATE_TEST_CASE("maximum_z_projection: is the greatest pixel of each column",
                   "[projection][maximum_z_projection]", std::uint8_t, std::int16_t) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 1);
    const std::size_t plane = size.x * size.y;
    std::vector<TestType> expected(pixels.begin(),
                                   pixels.begin() + static_cast<std::ptrdiff_t>(plane));
    for (std::size_t i = 0; i < pixels.size(); ++i)
      expected[i % plane] = std::max(expected[i % plane], pixels[i]);
    CHECK_THAT(maximum_z_projection(push(device, pixels, size)),
               same_pixels(expected, shape{size.x, size.y}));
  }
}

TEST_CASE("maximum_z_projection: does not depend on the order of the planes",
          "[projection][maximum_z_projection]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 31, 5};
  const auto pixels = test::random_pixels<std::int16_t>(size, 2);
  std::vector<std::int16_t> upside_down;
  const auto plane = static_cast<std::ptrdiff_t>(size.x * size.y);
  for (std::ptrdiff_t z = 4; z >= 0; --z)
    upside_down.insert(upside_down.end(), pixels.begin() + z * plane,
                       pixels.begin() + (z + 1) * plane);
  CHECK_THAT(maximum_z_projection(push(device, upside_down, size)),
             same_pixels(maximum_z_projection(push(device, pixels, size))));
}

TEMPLATE_TEST_CASE("sum_z_projection: is exact for integers, and rounded once",
                   "[projection][sum_z_projection][mean_z_projection]", std::int8_t, std::uint16_t,
                   std::uint32_t) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 3, test::content::awkward);
    std::vector<std::int64_t> sums(size.x * size.y);
    for (std::size_t i = 0; i < pixels.size(); ++i) sums[i % sums.size()] += pixels[i];
    std::vector<float> sum, mean;
    for (const std::int64_t exact : sums) {
      sum.push_back(static_cast<float>(exact));
      mean.push_back(sum.back() * (1 / static_cast<float>(size.z)));
    }
    const auto src = push(device, pixels, size);
    const shape plane{size.x, size.y, size.z == 0 ? 0u : 1u};
    CHECK_THAT(sum_z_projection(src), same_pixels(sum, plane));
    CHECK_THAT(mean_z_projection(src), same_pixels(mean, plane));
  }
}

TEST_CASE("sum_z_projection: columns of any height are summed exactly, or with little rounding",
          "[projection][sum_z_projection][mean_z_projection]") {
  ON_EVERY_DEVICE(device);
  for (const std::size_t planes : {std::size_t{32768}, std::size_t{32769}, std::size_t{100003}}) {
    const std::vector<std::uint16_t> pixels(3 * planes, 65535);
    const float sum = static_cast<float>(65535.0 * static_cast<double>(planes));
    CHECK_THAT(sum_z_projection(push(device, pixels, {3, 1, planes})),
               same_pixels(std::vector<float>(3, sum), shape{3, 1}));
  }
  const std::vector<float> floats(3 * 4096, 0.1f);
  for (const float sum : pull(sum_z_projection(push(device, floats, {3, 1, 4096}))))
    CHECK(sum == Approx(409.6).epsilon(2e-5));
}

TEST_CASE("projections: a 2D image stays what it is", "[projection]") {
  ON_EVERY_DEVICE(device);
  const auto pixels = test::random_pixels<float>({37, 5}, 4);
  const auto src = push(device, pixels, {37, 5});
  CHECK_THAT(minimum_z_projection(src), same_pixels(pixels, shape{37, 5}));
  CHECK_THAT(mean_z_projection(src), same_pixels(pixels, shape{37, 5}));
  CHECK_THAT(sum_z_projection(src), same_pixels(pixels, shape{37, 5}));
}

TEST_CASE("projections: NaN and infinity", "[projection][minimum_z_projection][sum_z_projection]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> pixels{nan, 1,   2, infinity, infinity,  //
                                  5,   nan, 3, 1,        -infinity};
  const auto src = push(device, pixels, {5, 1, 2});
  CHECK_THAT(minimum_z_projection(src),
             same_pixels(std::vector<float>{nan, 1, 2, 1, -infinity}, shape{5, 1}));
  CHECK_THAT(sum_z_projection(src),
             same_pixels(std::vector<float>{nan, nan, 5, infinity, nan}, shape{5, 1}));
}

TEMPLATE_TEST_CASE("projections along x and y: are those along z of the turned image",
                   "[projection][maximum_x_projection][maximum_y_projection][minimum_x_projection]"
                   "[minimum_y_projection][sum_x_projection][sum_y_projection][mean_x_projection]"
                   "[mean_y_projection]",
                   std::uint8_t, std::uint32_t) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : sizes) {
    const auto pixels = test::random_pixels<TestType>(size, 6, test::content::awkward);
    const auto src = push(device, pixels, size);
    const shape from_x{size.y, size.z, size.x}, from_y{size.x, size.z, size.y};
    const auto x = push(test::reference(), turned(pixels, size, 'x'), from_x);
    const auto y = push(test::reference(), turned(pixels, size, 'y'), from_y);
    CHECK_THAT(maximum_x_projection(src), same_pixels(maximum_z_projection(x)));
    CHECK_THAT(maximum_y_projection(src), same_pixels(maximum_z_projection(y)));
    CHECK_THAT(minimum_x_projection(src), same_pixels(minimum_z_projection(x)));
    CHECK_THAT(minimum_y_projection(src), same_pixels(minimum_z_projection(y)));
    CHECK_THAT(mean_x_projection(src), same_pixels(mean_z_projection(x)));
    CHECK_THAT(mean_y_projection(src), same_pixels(mean_z_projection(y)));
    CHECK_THAT(sum_x_projection(src), same_pixels(sum_z_projection(x)));
    CHECK_THAT(sum_y_projection(src), same_pixels(sum_z_projection(y)));
  }
}

TEST_CASE("maximum_x_projection: a NaN stays where it comes first, of 0 and -0 the first does",
          "[projection][maximum_x_projection][minimum_x_projection][maximum_y_projection]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::size_t length : {2u, 31u, 100u}) {
    const shape size{length, 4};
    std::vector<float> pixels(size.pixels(), -1);
    for (std::size_t x = 0; x < length; ++x) pixels[x] = static_cast<float>(x);
    pixels[0] = nan;           // stays
    pixels[length + 1] = nan;  // is nothing
    for (std::size_t x = 1; x < length; ++x) pixels[2 * length + x] = x == 1 ? -0.0f : 0.0f;
    for (std::size_t x = 0; x < length; ++x) pixels[3 * length + x] = x == 0 ? 0.0f : -0.0f;
    const std::vector<float> expected{nan, -1, -0.0f, 0};
    CHECK_THAT(maximum_x_projection(push(device, pixels, size)),
               same_pixels(expected, shape{4, 1}));
    CHECK_THAT(maximum_y_projection(push(device, turned(pixels, size, 'x'), {4, length})),
               same_pixels(expected, shape{4, 1}));
    for (float& pixel : pixels) pixel = -pixel;
    CHECK_THAT(minimum_x_projection(push(device, pixels, size)),
               same_pixels(std::vector<float>{nan, 1, 0, -0.0f}));
  }
}

TEST_CASE("sum_x_projection: has 32 sums of floats, sum_y_projection adds up 8 at a time",
          "[projection][sum_x_projection][sum_y_projection]") {
  ON_EVERY_DEVICE(device);
  std::vector<float> pixels(70);
  pixels[0] = 16777216;       // to which 1 adds nothing
  pixels[1] = pixels[3] = 1;  // sums 1 and 3 meet first, where they are 2
  CHECK_THAT(sum_x_projection(push(device, pixels, {70})),
             same_pixels(std::vector<float>{16777218}));
  CHECK_THAT(sum_y_projection(push(device, pixels, {1, 70})),
             same_pixels(std::vector<float>{16777216}));
}

TEMPLATE_TEST_CASE("projections: equal numpy's", "[projection]", std::uint8_t, std::int8_t,
                   std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  if (!meets_numpy<TestType>(device)) return;
  const test::golden expected("projection");
  const shape size{37, 3, 4};
  const auto src = push(device, test::random_pixels<TestType>(size, 25), size);
  const std::string type(name_of(gpuimg::pixel_type_of<TestType>()));
  const auto check = [&](const std::string& axis, const auto& minimum, const auto& mean) {
    INFO("along " << axis);
    const std::string entry = axis + "_" + type;
    CHECK_THAT(gpuimg::convert<float>(minimum),
               same_pixels(expected.values<float>("minimum_" + entry),
                           expected.shape("minimum_" + entry)));
    // Sums of integers are exact, means are rounded twice more; up to 37 floats below 1000 are
    // rounded eight times, by up to 2^-9 each.
    const double rounding = std::is_same_v<TestType, float> ? 8 * 0x1p-9 / 37 : 0;
    CHECK_THAT(mean, test::near_pixels(expected.values<float>("mean_" + entry), rounding, 0x1p-22));
  };
  check("x", minimum_x_projection(src), mean_x_projection(src));
  check("y", minimum_y_projection(src), mean_y_projection(src));
  check("z", minimum_z_projection(src), mean_z_projection(src));
}

TEMPLATE_TEST_CASE("standard deviations and variances: equal numpy's",
                   "[projection][std_x_projection][std_y_projection][std_z_projection]"
                   "[variance_x_projection][variance_y_projection][variance_z_projection]",
                   std::uint8_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  if (!meets_numpy<TestType>(device)) return;
  const test::golden expected("projection");
  const shape size{37, 3, 4};
  const auto src = push(device, test::random_pixels<TestType>(size, 25), size);
  const std::string type(name_of(gpuimg::pixel_type_of<TestType>()));
  const auto check = [&](const std::string& axis, const auto& deviation, const auto& variance) {
    INFO("along " << axis);
    const std::string entry = axis + "_" + type;
    CHECK_THAT(deviation, test::near_pixels(expected.values<float>("std_" + entry), 0, 0x1p-20));
    CHECK_THAT(variance,
               test::near_pixels(expected.values<float>("variance_" + entry), 0, 0x1p-20));
  };
  check("x", std_x_projection(src), variance_x_projection(src, {.ddof = 1}));
  check("y", std_y_projection(src), variance_y_projection(src, {.ddof = 1}));
  check("z", std_z_projection(src), variance_z_projection(src, {.ddof = 1}));
}

TEST_CASE("variance_z_projection: ddof pixels fewer divide, none gives NaN or infinity",
          "[projection][variance_z_projection][std_z_projection][variance_x_projection]") {
  ON_EVERY_DEVICE(device);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> pixels{1, 5, -3, 1,        nan, 1000001,  //
                                  3, 5, 5,  infinity, 1,   1000000};
  const auto check = [&](int ddof, const std::vector<float>& expected) {
    std::vector<float> roots;
    for (const float e : expected) roots.push_back(std::sqrt(e));
    const auto deep = push(device, pixels, {6, 1, 2});
    CHECK_THAT(variance_z_projection(deep, {.ddof = ddof}), same_pixels(expected, shape{6, 1}));
    CHECK_THAT(std_z_projection(deep, {.ddof = ddof}), same_pixels(roots));
    const auto wide = push(device, turned(pixels, {6, 2}, 'x'), {2, 6});
    CHECK_THAT(variance_x_projection(wide, {.ddof = ddof}), same_pixels(expected, shape{6, 1}));
  };
  check(0, {1, 0, 16, nan, nan, 0.25f});
  check(1, {2, 0, 32, nan, nan, 0.5f});
  check(2, {infinity, nan, infinity, nan, nan, infinity});
  check(100, {infinity, nan, infinity, nan, nan, infinity});
  CHECK_THROWS_MATCHES(
      variance_z_projection(push(device, pixels, {12}), {.ddof = -1}), gpuimg::argument_error,
      Catch::Message("variance_z_projection: ddof must be >= 0 and <= 2147483647, got "
                     "-1 [src 12x1 f32 on " +
                     device.name() + "]"));
}

TEST_CASE("standard deviations: do not depend on what all pixels have more",
          "[projection][std_x_projection][std_y_projection][std_z_projection]") {
  ON_EVERY_DEVICE(device);
  const shape size{16, 8, 4};  // so that means are exact
  std::vector<std::uint32_t> pixels(size.pixels()), more;
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::uint32_t>(test::random_bits(1, i) & 0xff) << 12;
  for (const std::uint32_t p : pixels) more.push_back(p + (1u << 24));
  const auto src = push(device, pixels, size), src_of_more = push(device, more, size);
  CHECK_THAT(std_x_projection(src_of_more), same_pixels(std_x_projection(src)));
  CHECK_THAT(std_y_projection(src_of_more), same_pixels(std_y_projection(src)));
  CHECK_THAT(std_z_projection(src_of_more), same_pixels(std_z_projection(src)));
}

TEST_CASE("standard deviations: are 0 where all pixels are the same, and their mean is rounded",
          "[projection][std_x_projection][std_y_projection][std_z_projection]") {
  ON_EVERY_DEVICE(device);
  constexpr std::size_t length = 2000;
  const std::vector<float> pixels(3 * length, 1000003), none(3);
  CHECK_THAT(std_x_projection(push(device, pixels, {length, 3})), same_pixels(none));
  CHECK_THAT(std_y_projection(push(device, pixels, {3, length})), same_pixels(none));
  CHECK_THAT(std_z_projection(push(device, pixels, {3, 1, length})), same_pixels(none));
}

TEST_CASE("variances: are precise where the mean is large and rounded",
          "[projection][variance_x_projection][variance_y_projection][variance_z_projection]") {
  ON_EVERY_DEVICE(device);
  constexpr std::size_t length = 2000;
  std::vector<float> pixels(3 * length);
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = 1000003 + static_cast<float>(test::random_bits(2, i) & 0xff) / 16;
  std::vector<float> expected;
  for (std::size_t i = 0; i < 3; ++i) {
    double sum = 0, squares = 0;
    for (std::size_t k = 0; k < length; ++k) sum += pixels[3 * k + i];
    for (std::size_t k = 0; k < length; ++k)
      squares += std::pow(pixels[3 * k + i] - sum / length, 2);
    expected.push_back(static_cast<float>(squares / length));
  }
  // Distances are exact; sums of their squares are rounded 8 + 2000 / 8 times by up to 2^-24, and
  // are at most twice the result, as the mean is less than the deviation off.
  const auto near_expected = test::near_pixels(expected, 0, 2 * (8 + length / 8 + 3) * 0x1p-24);
  const auto rows = turned(pixels, {3, length}, 'x');  // line by line
  CHECK_THAT(variance_x_projection(push(device, rows, {length, 3})), near_expected);
  CHECK_THAT(variance_y_projection(push(device, pixels, {3, length})), near_expected);
  CHECK_THAT(variance_z_projection(push(device, pixels, {3, 1, length})), near_expected);
}

TEST_CASE("maximum_z_projection: every plane counts, however many there are",
          "[projection][maximum_z_projection]") {
  ON_EVERY_DEVICE(device);
  for (std::size_t planes = 1; planes <= 20; ++planes)
    for (std::size_t greatest = 0; greatest < planes; ++greatest) {
      std::vector<std::uint8_t> pixels(37 * planes, 3);
      std::fill_n(pixels.begin() + static_cast<std::ptrdiff_t>(37 * greatest), 37, 9);
      CHECK_THAT(maximum_z_projection(push(device, pixels, {37, 1, planes})),
                 same_pixels(std::vector<std::uint8_t>(37, 9), shape{37, 1}));
    }
}

TEST_CASE("maximum_z_projection: a stack without planes gives an image without pixels",
          "[projection][maximum_z_projection]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(maximum_z_projection(push(device, std::vector<float>{}, {4, 3, 0})),
             same_pixels(std::vector<float>{}, shape{4, 3, 0}));
}

TEST_CASE(
    "maximum_z_projection: a NaN stays where it is in the first plane, else it does not count",
    "[projection][maximum_z_projection]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_THAT(maximum_z_projection(push(device, std::vector<float>{nan, 1, 5, nan}, {2, 1, 2})),
             same_pixels(std::vector<float>{nan, 1}));
}

TEMPLATE_TEST_CASE("positions of extreme pixels: are where these come first",
                   "[projection][x_position_of_maximum_x_projection]"
                   "[y_position_of_minimum_y_projection][z_position_of_maximum_z_projection]",
                   std::int8_t, std::uint32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{1}, shape{3, 17}, shape{64, 9, 2}, shape{33, 5, 9}, shape{0}}) {
    const auto pixels = test::random_pixels<TestType>(size, 5, test::content::few);
    const auto src = push(device, pixels, size);
    const auto check = [&](const gpuimg::image<std::uint32_t>& places, char axis, bool is_least) {
      INFO(axis << (is_least ? " least" : " greatest"));
      const auto found = pull(places);
      const std::size_t n = axis == 'x' ? size.x : axis == 'y' ? size.y : size.z;
      const std::size_t step = axis == 'x' ? 1 : axis == 'y' ? size.x : size.x * size.y;
      std::vector<std::uint32_t> expected;
      for (std::size_t i = 0; i < pixels.size(); ++i) {
        if (i / step % n != 0) continue;
        std::size_t at = 0;
        for (std::size_t k = 1; k < n; ++k) {
          const TestType a = pixels[i + k * step], b = pixels[i + at * step];
          if (is_least ? a < b : a > b) at = k;
        }
        expected.push_back(static_cast<std::uint32_t>(at));
      }
      CHECK(found == expected);
    };
    check(x_position_of_maximum_x_projection(src), 'x', false);
    check(x_position_of_minimum_x_projection(src), 'x', true);
    check(y_position_of_maximum_y_projection(src), 'y', false);
    check(y_position_of_minimum_y_projection(src), 'y', true);
    check(z_position_of_maximum_z_projection(src), 'z', false);
    check(z_position_of_minimum_z_projection(src), 'z', true);
  }
}

TEMPLATE_TEST_CASE("positions of greatest pixels: equal numpy's",
                   "[projection][x_position_of_maximum_x_projection]"
                   "[y_position_of_maximum_y_projection][z_position_of_maximum_z_projection]",
                   std::uint8_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  if (!meets_numpy<TestType>(device)) return;
  const test::golden expected("projection");
  const auto src = push(device, test::random_pixels<TestType>({37, 3, 4}, 25), {37, 3, 4});
  const std::string type(name_of(gpuimg::pixel_type_of<TestType>()));
  const auto numpys = [&](const std::string& axis) {
    const std::string entry = "place_" + axis + "_" + type;
    return same_pixels(expected.values<std::uint32_t>(entry), expected.shape(entry));
  };
  CHECK_THAT(x_position_of_maximum_x_projection(src), numpys("x"));
  CHECK_THAT(y_position_of_maximum_y_projection(src), numpys("y"));
  CHECK_THAT(z_position_of_maximum_z_projection(src), numpys("z"));
}

TEST_CASE("positions of extreme pixels: zeros are equal, and a NaN counts only where it is first",
          "[projection][x_position_of_maximum_x_projection][z_position_of_minimum_z_projection]") {
  ON_EVERY_DEVICE(device);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> row(40, -0.0f), late(40, 1), early(40, 1);
  row[7] = row[35] = 0;
  late[33] = nan, late[34] = 2;
  early[0] = nan, early[34] = 2;
  const auto place = [&](const std::vector<float>& pixels) {
    return pull(x_position_of_maximum_x_projection(push(device, pixels, {40})))[0];
  };
  CHECK(place(row) == 0);
  CHECK(place(late) == 34);
  CHECK(place(early) == 0);
  row[9] = -1, row[20] = -1;
  CHECK(pull(z_position_of_minimum_z_projection(push(device, row, {1, 1, 40})))[0] == 9);
}

TEST_CASE("z_position_projection: at the place of the greatest pixel is the greatest pixel",
          "[projection][z_position_projection][z_position_of_maximum_z_projection]") {
  ON_EVERY_DEVICE(device);
  const shape size{33, 31, 5};
  const auto src = push(device, test::random_pixels<std::int16_t>(size, 6), size);
  CHECK_THAT(z_position_projection(src, z_position_of_maximum_z_projection(src)),
             same_pixels(maximum_z_projection(src)));
}

TEST_CASE("z_position_projection: leaves fractions out, and stays within the image",
          "[projection][z_position_projection]") {
  ON_EVERY_DEVICE(device);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> position{
      0.9f, 1, 2.99f, -0.5f, -7, 3, 1e30f, infinity, std::numeric_limits<float>::quiet_NaN()};
  std::vector<std::uint8_t> pixels;
  for (std::uint8_t z = 10; z < 13; ++z) pixels.insert(pixels.end(), position.size(), z);
  const auto src = push(device, pixels, {position.size(), 1, 3});
  CHECK_THAT(z_position_projection(src, push(device, position, {position.size()})),
             same_pixels(std::vector<std::uint8_t>{10, 11, 12, 10, 10, 12, 12, 12, 10}));
  const std::vector<std::int8_t> whole{-128, -1, 0, 1, 2, 3, 127, 1, -2};
  CHECK_THAT(z_position_projection(src, push(device, whole, {whole.size()})),
             same_pixels(std::vector<std::uint8_t>{10, 10, 10, 11, 12, 12, 12, 11, 10}));
  CHECK_THROWS_WITH(
      z_position_projection(src, push(device, position, {3, 3})),
      Catch::Contains("z_position_projection: position must be 9x1, a plane of src, got 3x3"));
}

TEST_CASE("product projections: of small whole numbers are exact",
          "[projection][product_x_projection][product_y_projection][product_z_projection]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<std::int8_t>{1, -2, 3, 4, 5, -6, 7, 8}, {2, 2, 2});
  using floats = std::vector<float>;
  CHECK_THAT(product_x_projection(src), same_pixels(floats{-2, 12, -30, 56}, shape{2, 2}));
  CHECK_THAT(product_y_projection(src), same_pixels(floats{3, -8, 35, -48}, shape{2, 2}));
  CHECK_THAT(product_z_projection(src), same_pixels(floats{5, 12, 21, 32}, shape{2, 2}));
}

TEST_CASE("product projections: equal numpy's",
          "[projection][product_x_projection][product_y_projection][product_z_projection]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("projection");
  const shape size{37, 3, 4};
  auto pixels = test::random_pixels<float>(size, 25);
  for (float& pixel : pixels) pixel /= 500;
  const auto src = push(device, pixels, size);
  const auto numpys = [&](const std::string& axis) {
    return test::near_pixels(expected.values<double>("product_" + axis), 0, 37 * 0x1p-24);
  };
  CHECK_THAT(product_x_projection(src), numpys("x"));
  CHECK_THAT(product_y_projection(src), numpys("y"));
  CHECK_THAT(product_z_projection(src), numpys("z"));
}
