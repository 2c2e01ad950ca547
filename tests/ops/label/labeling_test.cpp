// SPDX-License-Identifier: BSD-3-Clause
// connected_component_labeling, what renumbers labels, their pieces, holes and edges: properties,
// then the results of scipy, numpy and scikit-image.
#include "gpuimg/ops/label/labeling.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::connected_component_labeling;
using gpuimg::connectivity;
using gpuimg::detect_label_edges;
using gpuimg::fill_label_holes;
using gpuimg::keep_largest_pieces;
using gpuimg::relabel_sequential;
using gpuimg::remove_labels_on_edges;
using gpuimg::remove_small_labels;
using gpuimg::shape;
using test::same_pixels;
using labels = std::vector<std::uint32_t>;
using mask = std::vector<std::uint8_t>;

// Larger than a tile of the kernel along every axis, and not a multiple of it.
constexpr shape large{130, 70, 9};

std::uint32_t greatest(const labels& l) {
  return l.empty() ? 0 : *std::max_element(l.begin(), l.end());
}

}  // namespace

TEST_CASE("connected_component_labeling: numbers components in the order of their first pixels",
          "[label][connected_component_labeling]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, mask{0, 1, 0, 0, 255,  //
                                     1, 0, 0, 0, 7,    //
                                     0, 0, 1, 0, 0,    //
                                     1, 0, 1, 0, 1},
                        {5, 4});
  CHECK_THAT(connected_component_labeling(src), same_pixels(labels{0, 1, 0, 0, 2,  //
                                                                   1, 0, 0, 0, 2,  //
                                                                   0, 0, 3, 0, 0,  //
                                                                   4, 0, 3, 0, 5}));
  CHECK_THAT(connected_component_labeling(src, {.connectivity = connectivity::sphere}),
             same_pixels(labels{0, 1, 0, 0, 2,  //
                                3, 0, 0, 0, 2,  //
                                0, 0, 4, 0, 0,  //
                                5, 0, 4, 0, 6}));
}

TEST_CASE("connected_component_labeling: planes are connected along z",
          "[label][connected_component_labeling]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device,
                        mask{1, 0, 0, 0,  //
                             0, 0, 0, 1},
                        {2, 2, 2});
  CHECK_THAT(connected_component_labeling(src), same_pixels(labels{1, 0, 0, 0, 0, 0, 0, 1}));
  CHECK_THAT(connected_component_labeling(src, {.connectivity = connectivity::sphere}),
             same_pixels(labels{1, 0, 0, 0, 0, 0, 0, 2}));
}

TEST_CASE("connected_component_labeling: all background is 0, all foreground is 1",
          "[label][connected_component_labeling]") {
  ON_EVERY_DEVICE(device);
  auto sizes = test::awkward_shapes();
  sizes.push_back(large);
  for (const shape& size : sizes) {
    CHECK_THAT(connected_component_labeling(push(device, mask(size.pixels(), 0), size)),
               same_pixels(labels(size.pixels(), 0), size));
    CHECK_THAT(connected_component_labeling(push(device, mask(size.pixels(), 1), size)),
               same_pixels(labels(size.pixels(), 1), size));
  }
}

TEST_CASE("connected_component_labeling: a checkerboard is one component or many",
          "[label][connected_component_labeling]") {
  ON_EVERY_DEVICE(device);
  mask board(large.pixels());
  labels apart(large.pixels()), together(large.pixels());
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < board.size(); ++i)
    if ((i % large.x + i / large.x % large.y + i / large.x / large.y) % 2 == 0)
      board[i] = 1, together[i] = 1, apart[i] = ++count;
  const auto src = push(device, board, large);
  CHECK_THAT(connected_component_labeling(src), same_pixels(together));
  CHECK_THAT(connected_component_labeling(src, {.connectivity = connectivity::sphere}),
             same_pixels(apart));
}

TEST_CASE("connected_component_labeling: large images get the reference's labels at every density",
          "[label][connected_component_labeling]") {
  ON_EVERY_DEVICE(device);
  for (const std::size_t percent : {2u, 25u, 31u, 45u, 59u, 70u, 97u})
    for (const shape& size : {large, shape{300, 200}, shape{1, 1, 700}, shape{1, 900}, shape{2000}})
      for (const auto c : {connectivity::box, connectivity::sphere}) {
        INFO(percent << " % of " << to_string(size));
        const auto pixels = test::random_mask(size, percent, percent);
        CHECK_THAT(connected_component_labeling(push(device, pixels, size), {.connectivity = c}),
                   same_pixels(connected_component_labeling(push(test::reference(), pixels, size),
                                                            {.connectivity = c})));
      }
}

TEST_CASE("connected_component_labeling: a spiral is one component",
          "[label][connected_component_labeling]") {
  ON_EVERY_DEVICE(device);
  const shape size{200, 150};
  const auto spiral = test::spiral(size);
  const labels expected(spiral.begin(), spiral.end());
  const auto c = GENERATE(connectivity::box, connectivity::sphere);
  CHECK_THAT(connected_component_labeling(push(device, spiral, size), {.connectivity = c}),
             same_pixels(expected));
}

TEST_CASE("connected_component_labeling: a mirrored image has as many components, as large",
          "[label][connected_component_labeling]") {
  ON_EVERY_DEVICE(device);
  auto pixels = test::random_mask(large, 28, 3);
  const auto areas = [&] {
    std::map<std::uint32_t, int> sizes;
    for (const auto l : pull(connected_component_labeling(push(device, pixels, large)))) ++sizes[l];
    std::vector<int> sorted;
    for (const auto& [label, size] : sizes) sorted.push_back(size);
    std::ranges::sort(sorted);
    return sorted;
  };
  const auto before = areas();
  std::ranges::reverse(pixels);
  CHECK(areas() == before);
  CHECK(before.size() > 10);
}

TEST_CASE("connected_component_labeling: labelling the labels' foreground again changes nothing",
          "[label][connected_component_labeling][relabel_sequential]") {
  ON_EVERY_DEVICE(device);
  const auto found =
      connected_component_labeling(push(device, test::random_mask(large, 20, 4), large));
  CHECK_THAT(relabel_sequential(found), same_pixels(found));
  CHECK(greatest(pull(found)) > 100);
}

TEST_CASE("relabel_sequential: closes gaps in the order of the values",
          "[label][relabel_sequential]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(relabel_sequential(push(device, labels{7, 0, 3, 7, 100, 3}, {6})),
             same_pixels(labels{2, 0, 1, 2, 3, 1}));
  CHECK_THAT(relabel_sequential(push(device, labels{0, 0}, {2})), same_pixels(labels{0, 0}));
  CHECK_THAT(relabel_sequential(push(device, labels{}, {0})), same_pixels(labels{}, shape{0}));
}

TEST_CASE("relabel_sequential: takes the greatest labels there are",
          "[label][relabel_sequential]") {
  ON_EVERY_DEVICE(device);
  CHECK_THAT(
      relabel_sequential(push(device, labels{4294967295u, 0, 4294967294u, 1, 2147483648u}, {5})),
      same_pixels(labels{4, 0, 3, 1, 2}));
}

TEST_CASE("relabel_sequential: doing it twice is doing it once", "[label][relabel_sequential]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto once = relabel_sequential(push(device, test::random_labels(size, 5), size));
    CHECK_THAT(relabel_sequential(once), same_pixels(once));
  }
}

TEST_CASE("remove_small_labels: labels of at least the minimum size stay",
          "[label][remove_small_labels]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, labels{5, 5, 5, 2, 2, 9, 0, 0}, {8});
  CHECK_THAT(remove_small_labels(src, {.minimum_size = 2}),
             same_pixels(labels{2, 2, 2, 1, 1, 0, 0, 0}));
  CHECK_THAT(remove_small_labels(src, {.minimum_size = 3}),
             same_pixels(labels{1, 1, 1, 0, 0, 0, 0, 0}));
  CHECK_THAT(remove_small_labels(src, {.minimum_size = 0}),
             same_pixels(labels{2, 2, 2, 1, 1, 3, 0, 0}));
  CHECK_THAT(remove_small_labels(src), same_pixels(labels(8, 0)));
}

TEST_CASE("remove_labels_on_edges: a label that touches a chosen edge goes as a whole",
          "[label][remove_labels_on_edges]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, labels{0, 0, 4, 0, 0,  //
                                       1, 1, 4, 0, 0,  //
                                       0, 0, 0, 3, 0,  //
                                       0, 0, 0, 3, 0,  //
                                       0, 9, 0, 0, 0,  //
                                       0, 0, 0, 0, 0},
                        {5, 6});
  const auto kept = [](std::uint32_t one, std::uint32_t three, std::uint32_t four,
                       std::uint32_t nine) {
    return labels{0,   0,    four, 0,     0,  //
                  one, one,  four, 0,     0,  //
                  0,   0,    0,    three, 0,  //
                  0,   0,    0,    three, 0,  //
                  0,   nine, 0,    0,     0,  //
                  0,   0,    0,    0,     0};
  };
  CHECK_THAT(remove_labels_on_edges(src), same_pixels(kept(0, 1, 0, 2)));
  CHECK_THAT(remove_labels_on_edges(src, {.exclude_x = false}), same_pixels(kept(1, 2, 0, 3)));
  CHECK_THAT(remove_labels_on_edges(src, {.exclude_y = false}), same_pixels(kept(0, 1, 2, 3)));
  CHECK_THAT(remove_labels_on_edges(src, {.exclude_x = false, .exclude_y = false}),
             same_pixels(kept(1, 2, 3, 4)));
}

TEST_CASE("remove_labels_on_edges: the faces across z count in 3D only",
          "[label][remove_labels_on_edges]") {
  ON_EVERY_DEVICE(device);
  labels stack(27, 0);
  stack[4] = 2, stack[13] = 3;
  const auto deep = push(device, stack, {3, 3, 3});
  CHECK(pull(remove_labels_on_edges(deep))[4] == 0);
  CHECK(pull(remove_labels_on_edges(deep))[13] == 1);
  CHECK(pull(remove_labels_on_edges(deep, {.exclude_z = false}))[4] == 1);
  const auto flat = push(device, labels(stack.begin(), stack.begin() + 9), {3, 3});
  CHECK(pull(remove_labels_on_edges(flat))[4] == 1);
}

TEST_CASE("remove_small_labels: a negative size is refused",
          "[label][remove_small_labels][error]") {
  ON_EVERY_DEVICE(device);
  CHECK_THROWS_MATCHES(
      remove_small_labels(push(device, labels{1, 2}, {2}), {.minimum_size = -1}),
      gpuimg::argument_error,
      Catch::Message(
          "remove_small_labels: minimum_size must be >= 0 and <= 2147483647, got -1 [src "
          "2x1 u32 on " +
          device.name() + "]"));
}

TEST_CASE("connected_component_labeling: scipy.ndimage.label agrees number for number",
          "[label][connected_component_labeling]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("connected_component_labeling");
  const auto check = [&](const std::string& name, const mask& pixels, const shape& size) {
    for (const auto c : {connectivity::box, connectivity::sphere}) {
      INFO(name << " " << choice_names(c)[static_cast<std::size_t>(c)]);
      CHECK_THAT(connected_component_labeling(push(device, pixels, size), {.connectivity = c}),
                 same_pixels(golden.values<std::uint32_t>(
                     name + "_" + choice_names(c)[static_cast<std::size_t>(c)])));
    }
  };
  const shape flat{29, 23}, deep{13, 11, 7}, wide{33, 29}, thick{29, 23, 5};
  for (const std::size_t percent : {5u, 30u, 45u, 60u, 90u}) {
    check("2d_" + std::to_string(percent), test::random_mask(flat, percent, 9), flat);
    check("3d_" + std::to_string(percent), test::random_mask(deep, percent, 9), deep);
  }
  check("spiral", test::spiral(wide), wide);
  mask blobs;
  for (const auto p : test::blobs(thick, 12, 3, 10)) blobs.push_back(p > 0);
  check("blobs", blobs, thick);
}

TEST_CASE("remove_small_labels: a pixel more or less, of labels all over the image",
          "[label][remove_small_labels]") {
  ON_EVERY_DEVICE(device);
  const shape size{643, 101};
  labels pixels, without;
  for (std::size_t i = 0; i < size.pixels(); ++i) {
    pixels.push_back(i / 7 % 5 == 0 ? 1 : 2);
    without.push_back(pixels.back() - 1);
  }
  const auto count = static_cast<int>(std::count(pixels.begin(), pixels.end(), 1u));
  const auto src = push(device, pixels, size);
  CHECK_THAT(remove_small_labels(src, {.minimum_size = count}), same_pixels(pixels));
  CHECK_THAT(remove_small_labels(src, {.minimum_size = count + 1}), same_pixels(without));
}

TEST_CASE("relabelling and removing: numpy agrees",
          "[label][relabel_sequential][remove_small_labels][remove_labels_on_edges]") {
  ON_EVERY_DEVICE(device);
  const test::golden golden("labeling");
  const shape flat{29, 23}, deep{13, 11, 7};
  const auto check = [&](const std::string& dimensions, const gpuimg::label_image& src) {
    const auto expected = [&](const std::string& name) {
      return same_pixels(golden.values<std::uint32_t>(name));
    };
    CHECK_THAT(relabel_sequential(src), expected("relabel_" + dimensions));
    for (const int minimum : {1, 2, 10, 60}) {
      INFO(dimensions << " at least " << minimum);
      CHECK_THAT(remove_small_labels(src, {.minimum_size = minimum}),
                 expected("small_" + dimensions + "_" + std::to_string(minimum)));
    }
    for (const std::string axes : {"x", "y", "z", "xyz", "none"}) {
      INFO(dimensions << " edges " << axes);
      const auto has = [&](char axis) { return axes != "none" && axes.find(axis) != axes.npos; };
      CHECK_THAT(remove_labels_on_edges(
                     src, {.exclude_x = has('x'), .exclude_y = has('y'), .exclude_z = has('z')}),
                 expected("edges_" + dimensions + "_" + axes));
    }
  };
  check("2d", push(device, test::random_labels(flat, 11), flat));
  check("3d", connected_component_labeling(push(device, test::random_mask(deep, 20, 12), deep),
                                           {.connectivity = connectivity::sphere}));
}

TEST_CASE(
    "keep_largest_pieces: of each label only the largest piece stays, or the first of several",
    "[label][keep_largest_pieces]") {
  ON_EVERY_DEVICE(device);
  const labels pixels{7, 7, 0, 7, 7,  //
                      0, 7, 0, 7, 0,  //
                      4, 0, 9, 0, 4,  //
                      4, 4, 9, 0, 4,  //
                      0, 0, 4, 9, 4};
  CHECK_THAT(keep_largest_pieces(push(device, pixels, {5, 5})),
             same_pixels(labels{7, 7, 0, 0, 0,  //
                                0, 7, 0, 0, 0,  //
                                4, 0, 9, 0, 0,  //
                                4, 4, 9, 0, 0,  //
                                0, 0, 0, 0, 0}));
  const labels planes{5, 0, 0, 5,  //
                      5, 0, 0, 0};
  CHECK_THAT(keep_largest_pieces(push(device, planes, {2, 2, 2})),
             same_pixels(labels{5, 0, 0, 0, 5, 0, 0, 0}));
}

TEST_CASE("keep_largest_pieces: labels of one piece stay as they are",
          "[label][keep_largest_pieces]") {
  ON_EVERY_DEVICE(device);
  auto sizes = test::awkward_shapes();
  sizes.push_back(large);
  for (const shape& size : sizes) {
    const labels all(size.pixels(), 6), none(size.pixels());
    CHECK_THAT(keep_largest_pieces(push(device, all, size)), same_pixels(all));
    CHECK_THAT(keep_largest_pieces(push(device, none, size)), same_pixels(none));
    labels each;
    for (std::size_t i = 0; i < size.pixels(); ++i)
      each.push_back(static_cast<std::uint32_t>(i + 1));
    CHECK_THAT(keep_largest_pieces(push(device, each, size)), same_pixels(each));
  }
}

TEST_CASE("keep_largest_pieces: two spirals in each other are one piece each",
          "[label][keep_largest_pieces]") {
  ON_EVERY_DEVICE(device);
  const shape size{200, 150};
  const auto spiral = test::spiral(size);
  labels pixels;
  for (const auto p : spiral) pixels.push_back(p != 0 ? 1 : 2);
  CHECK_THAT(keep_largest_pieces(push(device, pixels, size)), same_pixels(pixels));
}

TEST_CASE("keep_largest_pieces: keeps what flooding with connected_component_labeling finds",
          "[label][keep_largest_pieces]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {large, shape{300, 200}, shape{1, 1, 700}, shape{1, 900}, shape{2000}})
    for (const std::uint32_t count : {1u, 2u, 5u}) {
      labels pixels(size.pixels()), expected(size.pixels());
      for (std::size_t i = 0; i < pixels.size(); ++i)
        pixels[i] = static_cast<std::uint32_t>(test::random_below(count + 1, count, i));
      for (std::uint32_t label = 1; label <= count; ++label) {
        mask inside;
        for (const auto pixel : pixels) inside.push_back(pixel == label);
        const labels found = pull(connected_component_labeling(
            push(test::reference(), inside, size), {.connectivity = connectivity::sphere}));
        std::vector<std::size_t> areas(greatest(found) + 1);
        for (const auto piece : found) areas[piece] += piece != 0;
        const auto best = static_cast<std::uint32_t>(std::max_element(areas.begin(), areas.end()) -
                                                     areas.begin());
        for (std::size_t i = 0; i < found.size(); ++i)
          if (found[i] == best && best != 0) expected[i] = label;
      }
      INFO(count << " labels in " << to_string(size));
      CHECK_THAT(keep_largest_pieces(push(device, pixels, size)), same_pixels(expected));
    }
}

TEST_CASE("keep_largest_pieces: takes labels that are far apart", "[label][keep_largest_pieces]") {
  ON_EVERY_DEVICE(device);
  const labels pixels{4294967295, 4294967295, 0, 4294967295, 1, 3000000000, 1};
  CHECK_THAT(keep_largest_pieces(push(device, pixels, {7})),
             same_pixels(labels{4294967295, 4294967295, 0, 0, 1, 3000000000, 0}));
}

TEST_CASE("detect_label_edges: marks pixels beside another label or the background",
          "[label][detect_label_edges]") {
  ON_EVERY_DEVICE(device);
  const labels pixels{1, 1, 1, 2, 2,  //
                      1, 1, 1, 2, 2,  //
                      1, 1, 1, 2, 2,  //
                      0, 0, 1, 1, 1};
  CHECK_THAT(detect_label_edges(push(device, pixels, {5, 4})), same_pixels(mask{0, 0, 1, 1, 0,  //
                                                                                0, 0, 1, 1, 0,  //
                                                                                1, 1, 1, 1, 1,  //
                                                                                1, 1, 1, 1, 1}));
  CHECK_THAT(detect_label_edges(push(device, labels{3, 3, 3, 4, 3, 3}, {2, 1, 3})),
             same_pixels(mask{0, 1, 1, 1, 0, 1}));
}

TEST_CASE("detect_label_edges: one label, or none, has no edges", "[label][detect_label_edges]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes())
    for (const std::uint32_t label : {0u, 1u, 4294967295u})
      CHECK_THAT(detect_label_edges(push(device, labels(size.pixels(), label), size)),
                 same_pixels(mask(size.pixels())));
}

TEST_CASE("keep_largest_pieces, detect_label_edges: equal scipy's and scikit-image's",
          "[label][keep_largest_pieces][detect_label_edges]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("label_morphology");
  for (const shape& size : {shape{45, 23}, shape{37, 11, 7}}) {
    const std::string dimensions = size.is_3d() ? "3d" : "2d";
    labels blocks = test::random_labels(size, 8);
    for (auto& label : blocks) label %= 251;  // as make_golden.py
    const auto src = push(device, blocks, size);
    CHECK_THAT(keep_largest_pieces(src),
               same_pixels(expected.values<std::uint32_t>("largest_" + dimensions)));
    CHECK_THAT(detect_label_edges(src),
               same_pixels(expected.values<std::uint8_t>("edges_" + dimensions)));
  }
}

TEST_CASE("fill_label_holes: a hole beside one label becomes that label",
          "[label][fill_label_holes]") {
  ON_EVERY_DEVICE(device);
  const labels pixels{0, 7, 7, 7, 7, 7, 0, 0, 0, 0,  //
                      7, 7, 0, 0, 7, 7, 4, 4, 4, 4,  //
                      7, 7, 7, 0, 0, 7, 4, 0, 4, 4,  //
                      7, 7, 7, 7, 7, 0, 4, 4, 4, 0,  //
                      7, 0, 7, 4, 0, 4, 4, 0, 4, 4};
  // (5, 3) is beside both, (4, 4) and others at the edge
  const auto filled = [](std::uint32_t of_one, std::uint32_t of_four) {
    const std::uint32_t s = of_one, f = of_four;
    return labels{0, 7, 7, 7, 7, 7, 0, 0, 0, 0,  //
                  7, 7, f, f, 7, 7, 4, 4, 4, 4,  //
                  7, 7, 7, f, f, 7, 4, s, 4, 4,  //
                  7, 7, 7, 7, 7, 0, 4, 4, 4, 0,  //
                  7, 0, 7, 4, 0, 4, 4, 0, 4, 4};
  };
  const auto src = push(device, pixels, {10, 5});
  CHECK_THAT(fill_label_holes(src), same_pixels(filled(4, 7)));
  CHECK_THAT(fill_label_holes(src, {.maximum_size = 4}), same_pixels(filled(4, 7)));
  CHECK_THAT(fill_label_holes(src, {.maximum_size = 3}), same_pixels(filled(4, 0)));
  CHECK_THAT(fill_label_holes(src, {.maximum_size = 0}), same_pixels(pixels));
}

TEST_CASE("fill_label_holes: what is around a label inside of another one stays",
          "[label][fill_label_holes]") {
  ON_EVERY_DEVICE(device);
  const auto island = [&](std::uint32_t inside, std::uint32_t around) {
    return labels{2, 2, 2,      2,      2,      2,  //
                  2, 0, 0,      0,      0,      2,  //
                  2, 0, inside, inside, 0,      2,  //
                  2, 0, 0,      0,      around, 2,  //
                  2, 2, 2,      2,      2,      2};
  };
  const auto stays = push(device, island(3, 0), {6, 5});
  CHECK_THAT(fill_label_holes(stays), same_pixels(island(3, 0)));
  CHECK_THAT(fill_label_holes(push(device, island(2, 0), {6, 5})), same_pixels(labels(30, 2)));
  CHECK_THAT(fill_label_holes(push(device, island(2, 9), {6, 5})), same_pixels(island(2, 9)));
}

TEST_CASE("fill_label_holes: in 3D a hole is closed along z, too, and the edge is six faces",
          "[label][fill_label_holes]") {
  ON_EVERY_DEVICE(device);
  labels ball(27, 4294967295u);
  ball[13] = 0;
  CHECK_THAT(fill_label_holes(push(device, ball, {3, 3, 3})), same_pixels(labels(27, 4294967295u)));
  for (const std::size_t open : {4u, 10u, 12u, 14u, 16u, 22u}) {
    labels pixels = ball;
    pixels[open] = 0;
    CHECK_THAT(fill_label_holes(push(device, pixels, {3, 3, 3})), same_pixels(pixels));
    pixels[open] = 8;
    CHECK_THAT(fill_label_holes(push(device, pixels, {3, 3, 3})), same_pixels(pixels));
  }
  const labels plane{1, 1, 1, 1, 0, 1, 1, 1, 1};
  CHECK_THAT(fill_label_holes(push(device, plane, {3, 3})), same_pixels(labels(9, 1)));
  CHECK_THAT(fill_label_holes(push(device, plane, {3, 1, 3})), same_pixels(plane));
}

TEST_CASE("fill_label_holes: labels without holes and images without labels stay as they are",
          "[label][fill_label_holes]") {
  ON_EVERY_DEVICE(device);
  auto sizes = test::awkward_shapes();
  sizes.push_back(large);
  for (const shape& size : sizes) {
    for (const std::uint32_t label : {0u, 1u, 4294967295u}) {
      const labels all(size.pixels(), label);
      CHECK_THAT(fill_label_holes(push(device, all, size)), same_pixels(all, size));
    }
    labels board(size.pixels());  // beside each hole there are several labels
    for (std::size_t i = 0; i < board.size(); ++i)
      if ((i % size.x + i / size.x % size.y + i / size.x / size.y) % 2 == 0)
        board[i] = static_cast<std::uint32_t>(i + 1);
    CHECK_THAT(fill_label_holes(push(device, board, size)), same_pixels(board, size));
  }
}

TEST_CASE("fill_label_holes: a checkerboard of one label is filled inside",
          "[label][fill_label_holes]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {large, shape{131, 71}}) {
    labels board(size.pixels()), expected(size.pixels());
    for (std::size_t i = 0; i < board.size(); ++i) {
      const std::size_t x = i % size.x, y = i / size.x % size.y, z = i / size.x / size.y;
      const bool is_edge = x == 0 || x + 1 == size.x || y == 0 || y + 1 == size.y ||
                           (size.is_3d() && (z == 0 || z + 1 == size.z));
      board[i] = (x + y + z) % 2 == 0 ? 5 : 0;
      expected[i] = is_edge ? board[i] : 5;
    }
    CHECK_THAT(fill_label_holes(push(device, board, size)), same_pixels(expected));
    CHECK_THAT(fill_label_holes(push(device, board, size), {.maximum_size = 1}),
               same_pixels(expected));
  }
}

TEST_CASE("fill_label_holes: large images get the reference's labels",
          "[label][fill_label_holes]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {large, shape{300, 200}, shape{1, 1, 700}, shape{2000}})
    for (const std::size_t percent : {40u, 70u, 95u})
      for (const int maximum : {gpuimg::ops::fill_label_holes::any_size, 5}) {
        INFO(percent << " % of " << to_string(size) << ", at most " << maximum);
        labels pixels;
        for (const auto pixel : test::random_mask(size, percent, percent)) {
          const std::size_t x = pixels.size() % size.x, y = pixels.size() / size.x;
          pixels.push_back(pixel == 0 ? 0 : static_cast<std::uint32_t>(x / 40 + y / 50 % 3 + 1));
        }
        CHECK_THAT(fill_label_holes(push(device, pixels, size), {.maximum_size = maximum}),
                   same_pixels(fill_label_holes(push(test::reference(), pixels, size),
                                                {.maximum_size = maximum})));
      }
}

TEST_CASE("fill_label_holes: a wide hole is filled up to its size", "[label][labeling]") {
  ON_EVERY_DEVICE(device);
  for (const shape& hole : {shape{70, 9}, shape{70, 9, 5}})
    for (const std::size_t left : {1u, 2u, 5u})
      for (const bool is_parted : {false, true}) {  // by an island of the label
        const shape size{hole.x + 2 * left, hole.y + 2, hole.is_3d() ? hole.z + 2 : 1};
        const std::size_t first = hole.is_3d() ? 1 : 0;
        labels pixels(size.pixels(), 1), all(size.pixels(), 1);
        std::size_t count = 0;
        for (std::size_t z = 0; z < hole.z; ++z)
          for (std::size_t y = 0; y < hole.y; ++y)
            for (std::size_t x = 0; x < hole.x; ++x) {
              if (is_parted && y == 4 && x >= 30 && x < 55) continue;
              pixels[left + x + size.x * (1 + y + size.y * (first + z))] = 0;
              ++count;
            }
        INFO(to_string(size) << ", parted: " << is_parted);
        const auto src = push(device, pixels, size);
        const auto most = static_cast<int>(count);
        CHECK_THAT(fill_label_holes(src, {.maximum_size = most}), same_pixels(all));
        CHECK_THAT(fill_label_holes(src, {.maximum_size = most - 1}), same_pixels(pixels));
        CHECK_THAT(fill_label_holes(src), same_pixels(all));
      }
}

TEST_CASE("fill_label_holes: a negative size is refused", "[label][fill_label_holes][error]") {
  ON_EVERY_DEVICE(device);
  CHECK_THROWS_MATCHES(
      fill_label_holes(push(device, labels{1, 2}, {2}), {.maximum_size = -1}),
      gpuimg::argument_error,
      Catch::Message("fill_label_holes: maximum_size must be >= 0 and <= 2147483647, got -1 [src "
                     "2x1 u32 on " +
                     device.name() + "]"));
}

TEST_CASE("fill_label_holes: fills what scipy fills", "[label][fill_label_holes]") {
  ON_EVERY_DEVICE(device);
  const test::golden expected("fill_label_holes");
  for (const shape& size : {shape{29, 23}, shape{13, 11, 7}}) {
    const std::string dimensions = size.is_3d() ? "3d" : "2d";
    for (const std::size_t percent : {55u, 75u}) {
      labels one;
      for (const auto pixel : test::random_mask(size, percent, 26)) one.push_back(pixel != 0);
      CHECK_THAT(fill_label_holes(push(device, one, size)),
                 same_pixels(expected.values<std::uint32_t>("mask_" + dimensions + "_" +
                                                            std::to_string(percent))));
    }
    const mask noise = test::random_mask(size, 22, 27);
    labels blocks;
    for (std::size_t i = 0; i < size.pixels(); ++i) {
      const std::size_t block = (i % size.x / 9 + i / size.x % size.y / 8) % 3;
      blocks.push_back(noise[i] != 0 ? 0 : static_cast<std::uint32_t>(3 + block * 70001));
    }
    for (const int maximum : {1, 2, gpuimg::ops::fill_label_holes::any_size}) {
      INFO(dimensions << " at most " << maximum);
      CHECK_THAT(fill_label_holes(push(device, blocks, size), {.maximum_size = maximum}),
                 same_pixels(expected.values<std::uint32_t>("labels_" + dimensions + "_" +
                                                            std::to_string(maximum))));
    }
  }
}
