// SPDX-License-Identifier: BSD-3-Clause
// labels_statistics: formulas and properties, then scikit-image's results.
#include "gpuimg/ops/measure/labels_statistics.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::label_statistics;
using gpuimg::labels_statistics;
using gpuimg::shape;
using labels = std::vector<std::uint32_t>;

std::vector<double> row_of(const label_statistics& row) {
  return gpuimg::to_table({row}).rows.at(0);
}

}  // namespace

TEST_CASE("labels_statistics: measures size, place and intensity of each label",
          "[measure][labels_statistics]") {
  ON_EVERY_DEVICE(device);
  const auto rows = labels_statistics(push(device,
                                           labels{0, 2, 2,  //
                                                  7, 0, 2,  //
                                                  0, 0, 0,  //
                                                  7, 0, 0},
                                           {3, 2, 2}),
                                      push(device,
                                           std::vector<std::int16_t>{100, 1, 2,      //
                                                                     -5, 100, 6,     //
                                                                     100, 100, 100,  //
                                                                     -7, 100, 100},
                                           {3, 2, 2}));
  REQUIRE(rows.size() == 2);
  CHECK(row_of(rows[0]) == std::vector<double>{2, 3, 5.0 / 3, 1.0 / 3, 0, 1, 0, 0, 2, 1, 0, 1, 6, 9,
                                               3, std::sqrt((4.0 + 1 + 9) / 3)});
  CHECK(row_of(rows[1]) ==
        std::vector<double>{7, 2, 0, 1, 0.5, 0, 1, 0, 0, 1, 1, -7, -5, -12, -6, 1});
}

TEST_CASE("labels_statistics: the table's columns have the names of the fields",
          "[measure][labels_statistics]") {
  const auto table = gpuimg::to_table(std::vector<label_statistics>{});
  CHECK(table.rows.empty());
  CHECK(table.columns == std::vector<std::string>{
                             "label", "area", "centroid_x", "centroid_y", "centroid_z",
                             "bbox_min_x", "bbox_min_y", "bbox_min_z", "bbox_max_x", "bbox_max_y",
                             "bbox_max_z", "min_intensity", "max_intensity", "sum_intensity",
                             "mean_intensity", "standard_deviation_intensity"});
}

TEST_CASE("labels_statistics: background alone, or no pixels, give no rows",
          "[measure][labels_statistics]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes())
    CHECK(labels_statistics(push(device, labels(size.pixels(), 0), size),
                            push(device, test::random_pixels<float>(size, 1), size))
              .empty());
}

TEST_CASE("labels_statistics: areas and sums of all labels are those of the foreground",
          "[measure][labels_statistics]") {
  ON_EVERY_DEVICE(device);
  const shape size{130, 70, 9};
  const auto label = test::random_labels(size, 2);
  const auto pixels = test::random_pixels<std::uint16_t>(size, 3);
  std::uint64_t area = 0, sum = 0;
  for (std::size_t i = 0; i < label.size(); ++i)
    if (label[i] != 0) ++area, sum += pixels[i];
  double sums = 0;
  std::uint32_t before = 0;
  for (const auto& row : labels_statistics(push(device, label, size), push(device, pixels, size))) {
    CHECK(row.label > before);
    before = row.label;
    area -= row.area;
    sums += row.sum_intensity;
    CHECK(row.min_intensity <= row.mean_intensity);
    CHECK(row.mean_intensity <= row.max_intensity);
    CHECK(row.bbox_min_x <= row.centroid_x);
    CHECK(row.centroid_x <= row.bbox_max_x);
  }
  CHECK(area == 0);
  CHECK(sums == static_cast<double>(sum));
}

TEST_CASE("labels_statistics: a single pixel deviates by 0 from itself",
          "[measure][labels_statistics]") {
  ON_EVERY_DEVICE(device);
  const auto rows = labels_statistics(push(device, labels{0, 9}, {1, 2}),
                                      push(device, std::vector<float>{1, 0.1f}, {1, 2}));
  REQUIRE(rows.size() == 1);
  CHECK(row_of(rows[0]) ==
        std::vector<double>{9, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0.1f, 0.1f, 0.1f, 0.1f, 0});
}

TEST_CASE("labels_statistics: a large offset does not spoil the standard deviation",
          "[measure][labels_statistics]") {
  ON_EVERY_DEVICE(device);
  const labels one(4, 1);
  const auto deviation = [&](const auto& pixels) {
    return labels_statistics(push(device, one, {4}), push(device, pixels, {4}))
        .at(0)
        .standard_deviation_intensity;
  };
  CHECK(deviation(std::vector<float>{1e6f, 1e6f + 1, 1e6f + 2, 1e6f + 3}) ==
        Approx(std::sqrt(1.25)));
  CHECK(deviation(std::vector<std::uint32_t>{4294967292u, 4294967293u, 4294967294u, 4294967295u}) ==
        Approx(std::sqrt(1.25)));
  CHECK(deviation(std::vector<std::uint16_t>{65532, 65533, 65534, 65535}) ==
        Approx(std::sqrt(1.25)));
}

TEST_CASE("labels_statistics: memory is for the labels there are, not for all up to the greatest",
          "[measure][labels_statistics]") {
  ON_EVERY_DEVICE(device);
  const shape size{64, 64};
  labels far(size.pixels(), 10000000u);
  far[5] = 20000000u;
  const auto rows = labels_statistics(push(device, far, size),
                                      push(device, std::vector<std::uint8_t>(size.pixels()), size));
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].area == 4095);
  CHECK(rows[1].label == 20000000u);
  if (!device.is_reference()) CHECK(device.opencl().pool().peak() < 1u << 29);  // 2.5 GB by label
}

TEST_CASE("labels_statistics: the greatest label there is gets its row",
          "[measure][labels_statistics]") {
  ON_EVERY_DEVICE(device);
  const auto rows = labels_statistics(push(device, labels{4294967295u, 0, 1}, {3}),
                                      push(device, std::vector<std::uint8_t>{5, 6, 7}, {3}));
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].label == 1);
  CHECK(rows[1].label == 4294967295u);
  CHECK(rows[1].sum_intensity == 5);
}

TEST_CASE("labels_statistics: several images give what each gives alone",
          "[measure][labels_statistics]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{0}, shape{600, 7}, shape{33, 31, 5}}) {
    const auto label = push(device, test::random_labels(size, 1), size);
    const auto check = [&]<class T>(T) {
      std::vector<gpuimg::image<T>> images;
      for (std::uint64_t seed = 1; seed <= 3; ++seed)
        images.push_back(push(device, test::random_pixels<T>(size, seed), size));
      const auto all = labels_statistics(label, {&images[0], &images[1], &images[2]});
      REQUIRE(all.size() == 3);
      CHECK(labels_statistics(label, images).size() == 3);
      for (std::size_t k = 0; k < 3; ++k) {
        const auto alone = labels_statistics(label, images[k]);
        REQUIRE(all[k].size() == alone.size());
        for (std::size_t r = 0; r < alone.size(); ++r) CHECK(row_of(all[k][r]) == row_of(alone[r]));
      }
    };
    check(std::uint16_t{});
    check(float{});
  }
  const auto label = push(device, labels(4), {4});
  CHECK(labels_statistics(label, std::vector<gpuimg::image<float>>{}).empty());
  const auto good = push(device, std::vector<float>(4), {4});
  const auto bad = push(device, std::vector<float>(4), {2, 2});
  CHECK_THROWS_MATCHES(
      labels_statistics(label, {&good, &bad}), gpuimg::argument_error,
      Catch::Message(
          "labels_statistics: the images must have the same shape, got 4x1 and 2x2 [label "
          "4x1 u32, intensity 2x2 f32 on " +
          device.name() + "]"));
}

TEST_CASE("labels_statistics: floats are summed run by run, then the runs in lanes",
          "[measure][labels_statistics]") {
  ON_EVERY_DEVICE(device);
  // Pixel by pixel through the label the 1 vanishes beside 1e15, which is an error of 1e30. In a
  // run of their own these cancel out first.
  const auto sum = [&](const labels& label, const std::vector<float>& pixels, const shape& size) {
    return labels_statistics(push(device, label, size), push(device, pixels, size))
        .at(0)
        .sum_intensity;
  };
  CHECK(sum({7, 0, 0, 0, 7, 7, 7, 7}, {1, 9, 9, 9, 1e30f, 1e15f, -1e15f, -1e30f}, {4, 2}) == 1);
  CHECK(sum({7, 0, 7, 7, 7, 7}, {1, 9, 1e30f, 1e15f, -1e15f, -1e30f}, {6}) == 1);
  CHECK(sum({7, 7, 7, 7, 7}, {1, 1e30f, 1e15f, -1e15f, -1e30f}, {5}) == 0);
  std::vector<float> row(600, 0);  // a run is cut every 256 pixels
  row[255] = 1, row[256] = 1e30f, row[257] = 1e15f, row[258] = -1e15f, row[511] = -1e30f;
  CHECK(sum(labels(600, 3), row, {600}) == 1);

  // The same with so many labels that they may be measured one by one.
  const shape many{600, 500};
  labels all(many.pixels());
  std::vector<float> pixels;
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = static_cast<std::uint32_t>(i / 600 + 1);
    pixels.push_back(row[i % 600]);
  }
  const auto rows = labels_statistics(push(device, all, many), push(device, pixels, many));
  REQUIRE(rows.size() == 500);
  for (const auto& each : rows) CHECK(each.sum_intensity == 1);

  // Of 200 runs, one in each row, the second one and those 64, 128 and 192 later share a lane.
  labels column(2 * 200, 0);
  std::vector<float> apart(column.size(), 0);
  for (std::size_t i = 0; i < column.size(); i += 2) column[i] = 5;
  apart[0] = 1, apart[2] = 1e30f, apart[130] = 1e15f, apart[258] = -1e15f, apart[386] = -1e30f;
  CHECK(sum(column, apart, {2, 200}) == 1);
}

TEST_CASE("labels_statistics: the runs of a label come in raster order, however many there are",
          "[measure][labels_statistics]") {
  ON_EVERY_DEVICE(device);
  const shape size{1000, 300, 2};
  const auto pixels = test::random_pixels<float>(size, 4);
  labels label(size.pixels(), 1);  // a label everywhere, in which others lie
  for (std::size_t i = 0; i < label.size(); i += 11) label[i] = static_cast<std::uint32_t>(i % 97);
  const auto expected = labels_statistics(push(test::reference(), label, size),
                                          push(test::reference(), pixels, size));
  const auto found = labels_statistics(push(device, label, size), push(device, pixels, size));
  CHECK(gpuimg::to_table(found).rows == gpuimg::to_table(expected).rows);
}

TEST_CASE("labels_statistics: sums of the greatest pixels stay exact",
          "[measure][labels_statistics]") {
  ON_EVERY_DEVICE(device);
  const shape size{300, 50};
  const std::vector<std::uint32_t> pixels(size.pixels(), 4294967295u);
  const auto rows =
      labels_statistics(push(device, labels(size.pixels(), 1), size), push(device, pixels, size));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].sum_intensity == 15000 * 4294967295.0);
  CHECK(rows[0].mean_intensity == 4294967295.0);
  CHECK(rows[0].standard_deviation_intensity == 0);
}

TEST_CASE("labels_statistics: more pixels than runs are counted of are refused",
          "[measure][labels_statistics][error]") {
  CHECK_NOTHROW(gpuimg::ops::labels_statistics::check({65535, 65536}));
  CHECK_THROWS_MATCHES(gpuimg::ops::labels_statistics::check({65536, 65536}),
                       gpuimg::argument_error,
                       Catch::Message("at most 2^32 - 2 pixels can be measured at once; crop the "
                                      "images, got 65536x65536"));
}

TEST_CASE("labels_statistics: images of other shapes are refused",
          "[measure][labels_statistics][error]") {
  ON_EVERY_DEVICE(device);
  CHECK_THROWS_MATCHES(
      labels_statistics(push(device, labels(4), {4}), push(device, std::vector<float>(4), {2, 2})),
      gpuimg::argument_error,
      Catch::Message(
          "labels_statistics: the images must have the same shape, got 4x1 and 2x2 [label "
          "4x1 u32, intensity 2x2 f32 on " +
          device.name() + "]"));
}

TEMPLATE_TEST_CASE("labels_statistics: skimage.measure.regionprops agrees",
                   "[measure][labels_statistics]", std::uint8_t, std::int16_t, float) {
  ON_EVERY_DEVICE(device);
  const test::golden golden("labels_statistics");
  for (const auto& [dimensions, size] :
       {std::pair{"2d", shape{29, 23}}, std::pair{"3d", shape{13, 11, 7}}}) {
    const std::string entry =
        std::string(gpuimg::name_of(gpuimg::pixel_type_of<TestType>())) + "_" + dimensions;
    const auto expected = golden.values<double>(entry);
    const auto rows =
        labels_statistics(push(device, test::random_labels(size, 13), size),
                          push(device, test::random_pixels<TestType>(size, 14), size));
    REQUIRE(rows.size() * 16 == expected.size());
    const auto columns = gpuimg::to_table(rows).columns;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto found = row_of(rows[r]);
      for (std::size_t c = 0; c < 16; ++c) {
        INFO(entry << ", label " << rows[r].label << ", " << columns[c]);
        // Integers are summed exactly; floats to about 1e-7 of the greatest pixel.
        const double scale =
            std::same_as<TestType, float> ? 1000.0 * 1e-7 * static_cast<double>(rows[r].area) : 0;
        CHECK(std::abs(found[c] - expected[16 * r + c]) <=
              scale + 1e-12 * std::abs(expected[16 * r + c]));
      }
    }
  }
}
