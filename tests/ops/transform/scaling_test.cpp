// SPDX-License-Identifier: BSD-3-Clause
// bin, resize and resize_labels: formulas and properties, then scikit-image's results.
#include "gpuimg/ops/transform/scaling.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::bin;
using gpuimg::resize;
using gpuimg::resize_labels;
using gpuimg::shape;
using test::same_pixels;

namespace {

/// The means of blocks, of sums in double.
template <class T>
std::vector<double> means(const std::vector<T>& pixels, const shape& size, const shape& block) {
  const gpuimg::view<const T> src(pixels.data(), size);
  std::vector<double> all;
  for (std::size_t z = 0; z + block.z <= size.z; z += block.z)
    for (std::size_t y = 0; y + block.y <= size.y; y += block.y)
      for (std::size_t x = 0; x + block.x <= size.x; x += block.x) {
        double sum = 0;
        for (std::size_t k = 0; k < block.z; ++k)
          for (std::size_t j = 0; j < block.y; ++j)
            for (std::size_t i = 0; i < block.x; ++i)
              sum += static_cast<double>(src(x + i, y + j, z + k));
        all.push_back(sum / static_cast<double>(block.pixels()));
      }
  return all;
}

}  // namespace

TEMPLATE_TEST_CASE("bin: is the mean of every block", "[transform][bin]", std::uint8_t, std::int8_t,
                   std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size :
       {shape{1}, shape{17, 5}, shape{64, 64}, shape{2, 9, 4}, shape{65, 3, 2}, shape{33, 31, 5}}) {
    const auto pixels = test::random_pixels<TestType>(size, 1);
    const auto src = push(device, pixels, size);
    for (const auto& p : {gpuimg::ops::bin{}, gpuimg::ops::bin{.factor_x = 1, .factor_y = 1},
                          gpuimg::ops::bin{.factor_x = 3, .factor_y = 1},
                          gpuimg::ops::bin{.factor_x = 1, .factor_y = 5, .factor_z = 2},
                          gpuimg::ops::bin{.factor_x = 31, .factor_y = 3, .factor_z = 5}}) {
      const shape block{static_cast<std::size_t>(p.factor_x), static_cast<std::size_t>(p.factor_y),
                        static_cast<std::size_t>(p.factor_z)};
      const shape expected{size.x / block.x, size.y / block.y, size.z / block.z};
      if (expected.empty()) continue;
      const auto found = bin(src, p);
      CHECK(found.shape() == expected);
      // floats: each addition may round a sum of up to 1000 per pixel
      const double absolute = std::same_as<TestType, float> ? 0.002 : 0;
      CHECK_THAT(found, test::near_pixels(means(pixels, size, block), absolute, 2e-7));
    }
  }
}

TEST_CASE("bin: drops what is left of a block at the end", "[transform][bin]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, test::ramp<std::uint8_t>({5, 3}), {5, 3});
  CHECK_THAT(bin(src), same_pixels(std::vector<float>{3, 5}, shape{2, 1}));
  CHECK_THAT(bin(src, {.factor_x = 4, .factor_y = 3}), same_pixels(std::vector<float>{6.5f}));
  const auto deep = push(device, test::ramp<std::uint8_t>({2, 2, 3}), {2, 2, 3});
  CHECK_THAT(bin(deep), same_pixels(std::vector<float>{1.5f, 5.5f, 9.5f}, shape{1, 1, 3}));
  CHECK_THAT(bin(deep, {.factor_z = 2}), same_pixels(std::vector<float>{3.5f}, shape{1, 1, 1}));
}

TEST_CASE("bin: blocks of one pixel are the image", "[transform][bin]") {
  ON_EVERY_DEVICE(device);
  const auto pixels = test::random_pixels<float>({130, 7, 3}, 2, test::content::awkward);
  CHECK_THAT(bin(push(device, pixels, {130, 7, 3}), {.factor_x = 1, .factor_y = 1}),
             same_pixels(pixels, shape{130, 7, 3}));
}

TEST_CASE("bin: adds floats column by column, then the columns", "[transform][bin]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(bin(push(device, std::vector<float>{1e8f, 1, -1e8f, 1}, {2, 2})),
             same_pixels(std::vector<float>{0.5f}));
  CHECK_THAT(bin(push(device, std::vector<float>{1e8f, 1, -1e8f, 1, 1, 1, 1, 1}, {2, 2, 2}),
                 {.factor_z = 2}),
             same_pixels(std::vector<float>{0.75f}));
  CHECK_THAT(
      bin(push(device, std::vector<float>{1e8f, -1e8f, 1}, {3}), {.factor_x = 3, .factor_y = 1}),
      same_pixels(std::vector<float>{1.0f / 3}));
  // planes one after the other: 1 is lost in 1e8, not in what is left of it
  CHECK_THAT(bin(push(device, std::vector<float>{1e8f, 1, -1e8f, 1}, {1, 2, 2}),
                 {.factor_x = 1, .factor_z = 2}),
             same_pixels(std::vector<float>{0.25f}));
}

TEST_CASE("bin: sums of integers are exact", "[transform][bin]") {
  ON_EVERY_DEVICE(device);
  const auto mean = [&]<class T>(const std::vector<T>& pixels, const shape& size) {
    return pull(bin(push(device, pixels, size),
                    {.factor_x = static_cast<int>(size.x), .factor_y = static_cast<int>(size.y)}))
        .at(0);
  };
  const std::vector<std::uint32_t> large{4294967295, 4294967295, 1, 1};
  CHECK(mean(large, {2, 2}) == 2147483648.0f);
  CHECK(mean(std::vector<std::uint16_t>(1024 * 64, 65535), {1024, 64}) == 65535);
  CHECK(mean(std::vector<std::int16_t>(1024 * 64, -32768), {1024, 64}) == -32768);
  CHECK(mean(std::vector<std::int32_t>{std::numeric_limits<std::int32_t>::min(), -1, 1, -2147483647,
                                       -1, 0, 0, 0},
             {4, 2}) == -536870912.0f);
}

TEST_CASE("bin: blocks and rows of any width give the reference's bits", "[transform][bin]") {
  ON_EVERY_DEVICE(device);
  const shape size{2500, 7};
  const auto pixels = test::random_pixels<float>(size, 3);
  const auto src = push(device, pixels, size), there = push(test::reference(), pixels, size);
  for (const int factor : {1, 2, 3, 4, 5, 7, 33, 500, 513, 700, 1024}) {
    INFO("factor_x " << factor);
    CHECK_THAT(bin(src, {.factor_x = factor}), same_pixels(bin(there, {.factor_x = factor})));
  }
}

TEST_CASE("bin: refuses blocks that no image has, and images without a block", "[transform][bin]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>{1, 2, 3}, {3, 1});
  CHECK_THROWS_WITH(bin(src), Catch::Contains("bin: the image is smaller than a block of 2x2"));
  CHECK_THROWS_WITH(bin(src, {.factor_y = 1, .factor_z = 2}),
                    Catch::Contains("the image is smaller than a block of 2x1x2"));
  CHECK_THROWS_WITH(bin(src, {.factor_x = 0}),
                    Catch::Contains("factor_x must be >= 1 and <= 1024, got 0"));
  CHECK(bin(gpuimg::image<float>(device, {0})).empty());
  CHECK_THAT(bin(gpuimg::image<std::uint8_t>(device, {6, 4, 0})),
             same_pixels(std::vector<float>{}, shape{3, 2, 0}));
}

TEST_CASE("bin: equals scikit-image's downscale_local_mean", "[transform][bin]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("scaling");
  const auto check = [&](const std::string& name, const auto& src, const gpuimg::ops::bin& p) {
    INFO(name);
    const auto found = bin(src, p);
    CHECK(found.shape() == expected.shape(name));
    CHECK_THAT(found, test::near_pixels(expected.values<float>(name), 2e-4, 2e-7));
  };
  const auto flat = push(device, test::random_pixels<float>({29, 23}, 21), {29, 23});
  const auto deep = push(device, test::random_pixels<std::int16_t>({13, 11, 7}, 22), {13, 11, 7});
  check("bin_2d_2_2", flat, {});
  check("bin_2d_5_3", flat, {.factor_x = 5, .factor_y = 3});
  check("bin_3d_2_2_1", deep, {});
  check("bin_3d_3_2_3", deep, {.factor_x = 3, .factor_z = 3});
}

TEMPLATE_TEST_CASE("resize: to its own shape an image stays what it is", "[transform][resize]",
                   std::uint8_t, std::int16_t, std::uint32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 4, test::content::awkward);
    std::vector<float> expected;
    for (const TestType pixel : pixels) expected.push_back(static_cast<float>(pixel));
    CHECK_THAT(resize(push(device, pixels, size)),
               same_pixels(expected, size.empty() ? shape{0} : size));
  }
}

TEST_CASE("resize: mixes pixels by their distance, and repeats those at the edges",
          "[transform][resize]") {
  ON_EVERY_DEVICE(device);
  using floats = std::vector<float>;
  const auto src = push(device, std::vector<std::uint8_t>{0, 8}, {2});
  CHECK_THAT(resize(src, {.width = 4}), same_pixels(floats{0, 2, 6, 8}, shape{4}));
  CHECK_THAT(resize(src, {.width = 1}), same_pixels(floats{4}));
  const auto square = push(device, std::vector<std::int16_t>{0, 4, -8, 12}, {2, 2});
  CHECK_THAT(resize(square, {.width = 1, .height = 1}), same_pixels(floats{2}));
  CHECK_THAT(resize(square, {.height = 4}),
             same_pixels(floats{0, 4, -2, 6, -6, 10, -8, 12}, shape{2, 4}));
  const auto cube = push(device, test::ramp<std::uint8_t>({2, 2, 2}), {2, 2, 2});
  CHECK_THAT(resize(cube, {.width = 1, .height = 1, .depth = 4}),
             same_pixels(floats{1.5f, 2.5f, 4.5f, 5.5f}, shape{1, 1, 4}));
  CHECK_THAT(resize(cube, {.width = 1, .depth = 1}), same_pixels(floats{2.5f, 4.5f}, shape{1, 2}));
}

TEST_CASE("resize: a constant image stays constant", "[transform][resize]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{1}, shape{17, 5}, shape{65, 3, 2}}) {
    const auto src = push(device, std::vector<float>(size.pixels(), 0.1f), size);
    CHECK_THAT(resize(src, {.width = 31, .height = 29}),
               same_pixels(std::vector<float>(31 * 29 * size.z, 0.1f), shape{31, 29, size.z}));
  }
}

TEST_CASE("resize: pixels that lie on pixels of the source are these, whatever is beside them",
          "[transform][resize]") {
  ON_EVERY_DEVICE(device);
  constexpr float inf = std::numeric_limits<float>::infinity();
  constexpr float none = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> pixels = test::random_pixels<float>({41, 3, 3}, 5);
  for (std::size_t i = 0; i < pixels.size(); i += 2) pixels[i] = i % 4 == 0 ? inf : none;
  const auto larger = pull(
      resize(push(device, pixels, {41, 3, 3}), {.width = 3 * 41, .height = 5 * 3, .depth = 7 * 3}));
  const gpuimg::view<const float> found(larger.data(), {3 * 41, 5 * 3, 7 * 3});
  std::vector<float> middles;
  for (std::size_t z = 0; z < 3; ++z)
    for (std::size_t y = 0; y < 3; ++y)
      for (std::size_t x = 0; x < 41; ++x)
        middles.push_back(found(3 * x + 1, 5 * y + 2, 7 * z + 3));
  CHECK(test::difference(middles, pixels, {41, 3, 3}, test::same_bits<float>) == "");
}

TEST_CASE("resize: places are exact in large images", "[transform][resize]") {
  ON_EVERY_DEVICE(device);
  // In a row as long as this, places in f32 would be off by a 64th of a pixel.
  const shape size{200003, 1};
  std::vector<std::uint32_t> pixels(size.x);
  for (std::size_t i = 0; i < size.x; ++i) pixels[i] = i % 2 == 0 ? 0 : 1 << 20;
  std::vector<double> expected;
  for (std::size_t i = 0; i < 600008; ++i) {
    const double at = (static_cast<double>(i) + 0.5) * 200003 / 600008 - 0.5;
    const double beyond = at < 0 || at > 200002 ? 0 : std::fmod(at, 2);
    expected.push_back((beyond < 1 ? beyond : 2 - beyond) * (1 << 20));
  }
  CHECK_THAT(resize(push(device, pixels, size), {.width = 600008}),
             test::near_pixels(expected, 0.1));
}

TEST_CASE("resize: rows of any width give the reference's bits", "[transform][resize]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{3000, 5}, shape{1500, 3, 4}}) {
    const auto pixels = test::random_pixels<std::uint16_t>(size, 6);
    const auto src = push(device, pixels, size), there = push(test::reference(), pixels, size);
    for (const int width : {1, 2, 300, 700, 1000, 1499, 2999, 4001}) {
      INFO("width " << width);
      const gpuimg::ops::resize p{.width = width, .height = 4, .depth = size.is_3d() ? 3 : 0};
      CHECK_THAT(resize(src, p), same_pixels(resize(there, p)));
    }
  }
}

TEST_CASE("resize: refuses a depth for a 2D image; no pixels stay none", "[transform][resize]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>{1, 2, 3}, {3, 1});
  CHECK_THROWS_WITH(resize(src, {.depth = 2}),
                    Catch::Contains("resize: depth must be 0 or 1 for a 2D image, got 2"));
  CHECK_THROWS_WITH(resize(src, {.width = -1}), Catch::Contains("width must be >= 0"));
  CHECK(resize(src, {.depth = 1}).shape() == shape{3, 1});
  CHECK(resize(gpuimg::image<float>(device, {0}), {.width = 7}).empty());
}

TEST_CASE("resize: equals scikit-image's", "[transform][resize]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("scaling");
  const auto check = [&](const std::string& name, const auto& src, const gpuimg::ops::resize& p) {
    INFO(name);
    const auto found = resize(src, p);
    CHECK(found.shape() == expected.shape(name));
    CHECK_THAT(found, test::near_pixels(expected.values<float>(name), 5e-4, 2e-7));
  };
  const auto flat = push(device, test::random_pixels<float>({29, 23}, 23), {29, 23});
  const auto deep = push(device, test::random_pixels<std::uint8_t>({13, 11, 7}, 24), {13, 11, 7});
  check("resize_2d_40_31", flat, {.width = 40, .height = 31});
  check("resize_2d_11_23", flat, {.width = 11});
  check("resize_2d_1_58", flat, {.width = 1, .height = 58});
  check("resize_3d_17_5_9", deep, {.width = 17, .height = 5, .depth = 9});
  check("resize_3d_13_11_1", deep, {.depth = 1});
}

TEST_CASE("resize_labels: a pixel is the one in which its centre lies",
          "[transform][resize_labels]") {
  ON_EVERY_DEVICE(device);
  using labels = std::vector<std::uint32_t>;
  const auto src = push(device, labels{7, 0, 4000000000}, {3});
  CHECK_THAT(resize_labels(src, {.width = 6}),
             same_pixels(labels{7, 7, 0, 0, 4000000000, 4000000000}, shape{6}));
  CHECK_THAT(resize_labels(src, {.width = 1}), same_pixels(labels{0}));
  CHECK_THAT(resize_labels(src, {.width = 2}), same_pixels(labels{7, 4000000000}, shape{2}));
  CHECK_THAT(resize_labels(src, {.width = 4, .height = 2}),
             same_pixels(labels{7, 0, 0, 4000000000, 7, 0, 0, 4000000000}, shape{4, 2}));
  CHECK_THROWS_WITH(resize_labels(push(device, labels{1, 2}, {2, 1}), {.depth = 2}),
                    Catch::Contains("resize_labels: depth must be 0 or 1 for a 2D image, got 2"));
}

TEST_CASE("resize_labels: rows of any width give the reference's labels",
          "[transform][resize_labels]") {
  ON_EVERY_DEVICE(device);
  const shape size{700, 3, 4};
  const auto pixels = test::random_pixels<std::uint32_t>(size, 6);
  const auto src = push(device, pixels, size), there = push(test::reference(), pixels, size);
  CHECK_THAT(resize_labels(src), same_pixels(pixels));
  for (const int width : {1, 256, 257, 699, 1601}) {
    INFO("width " << width);
    const gpuimg::ops::resize_labels p{.width = width, .height = 5, .depth = 3};
    CHECK_THAT(resize_labels(src, p), same_pixels(resize_labels(there, p)));
  }
}

TEST_CASE("resize_labels: equals scikit-image's", "[transform][resize_labels]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("scaling");
  const auto check = [&](const std::string& name, const shape& size,
                         const gpuimg::ops::resize_labels& p) {
    INFO(name);
    const auto pixels = test::random_pixels<std::uint16_t>(size, 25);
    CHECK_THAT(resize_labels(
                   push(device, std::vector<std::uint32_t>(pixels.begin(), pixels.end()), size), p),
               same_pixels(expected.values<std::uint32_t>(name), expected.shape(name)));
  };
  const shape flat{29, 23}, deep{13, 11, 7};
  check("resize_labels_2d_40_31", flat, {.width = 40, .height = 31});
  check("resize_labels_2d_11_23", flat, {.width = 11});
  check("resize_labels_2d_1_58", flat, {.width = 1, .height = 58});
  check("resize_labels_3d_17_5_9", deep, {.width = 17, .height = 5, .depth = 9});
  check("resize_labels_3d_13_11_1", deep, {.depth = 1});
}
