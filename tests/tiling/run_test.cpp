// SPDX-License-Identifier: BSD-3-Clause
// Tiled is untiled: every operation, pipelines of them, and images that are hard to cut.
#include "gpuimg/tiling/run.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "agreement/operations.hpp"
#include "registry/parity.hpp"
#include "support/devices.hpp"
#include "support/files.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::any_image;
using gpuimg::any_result;
using gpuimg::host_image;
using gpuimg::pixel_type;
using gpuimg::shape;
namespace tiling = gpuimg::tiling;
namespace ops = gpuimg::ops;

/// Sides of tiles that leave remainders of 1 pixel, and others.
shape random_tile(const shape& size, std::uint64_t seed) {
  const auto side = [&](std::size_t n, std::uint64_t axis) -> std::size_t {
    if (n <= 2) return n;
    const std::size_t parts = 1 + gpuimg::samples::random_below(4, seed, axis);
    if (gpuimg::samples::random_below(2, seed, axis + 3) == 0) return (n - 1) / parts;
    return 1 + (n - 1) / parts;
  };
  return {side(size.x, 0), side(size.y, 1), side(size.z, 2)};
}

bool is_same(const std::vector<std::vector<double>>& a, const std::vector<std::vector<double>>& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return std::ranges::equal(x, y, test::same_bits<double>);
  });
}

/// Runs a pipeline in tiles on the device of its inputs, and whole, and compares.
void check_tiled(const tiling::pipeline& what, const std::vector<any_image>& inputs,
                 const shape& tile) {
  const gpuimg::device device =
      std::visit([](const auto& image) { return image.device(); }, inputs[0]);
  tiling::named_images named;
  tiling::sources from;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string& name = what.steps()[what.inputs()[i].index].name;
    named.emplace(name, gpuimg::clone(inputs[i]));
    from[name] = std::make_shared<tiling::memory_source>(pull(inputs[i]));
  }
  const auto whole = tiling::run(what, named);
  tiling::sinks to;
  std::map<std::string, std::shared_ptr<tiling::memory_sink>> images;
  for (const auto& [name, result] : whole)
    if (const auto* image = std::get_if<any_image>(&result)) {
      const auto size = std::visit([](const auto& i) { return i.shape(); }, *image);
      images[name] = std::make_shared<tiling::memory_sink>(tiling::describe(size, type_of(*image)));
      to[name] = images[name];
    }
  const auto measured = tiling::run(what, from, to, {.devices = {device}, .tile = tile});
  for (const auto& [name, result] : whole) {
    INFO("output " << name << ", tiles of " << to_string(tile));
    if (const auto* image = std::get_if<any_image>(&result)) {
      const host_image expected = pull(*image), made = images.at(name)->image();
      std::visit(
          [&]<class T>(const std::vector<T>& pixels) {
            const auto& found = std::get<std::vector<T>>(made.pixels);
            CHECK(test::difference(found, pixels, expected.size, test::same_bits<T>) == "");
          },
          expected.pixels);
    } else if (const auto* number = std::get_if<double>(&result)) {
      CHECK(test::same_bits(std::get<double>(measured.at(name)), *number));
    } else {
      const auto& expected = std::get<gpuimg::table>(result);
      const auto& found = std::get<gpuimg::table>(measured.at(name));
      CHECK(found.columns == expected.columns);
      CHECK(is_same(found.rows, expected.rows));
    }
  }
}

const std::vector<shape>& sizes() {
  static const std::vector<shape> all{{97, 61}, {49, 41, 23}};
  return all;
}

}  // namespace

TEST_CASE("tiling: every operation gives in tiles what it gives whole", "[tiling][slow]") {
  std::uint64_t seed = 0;
  for (const gpuimg::device& device : test::devices())
    for (const auto& [entry, cases] :
         test::tested_operations(test::case_filter::from_environment()))
      for (std::size_t i = 0; i < (device.is_reference() ? 1 : cases.size()); ++i)
        for (const shape& size : sizes()) {
          if (i > 0 && size.is_3d() != (i % 2 == 0)) continue;  // all cases, but once
          const auto& parameters = cases[i];
          const auto type = static_cast<pixel_type>(seed % 7);
          // a histogram refuses a range that is not finite
          const std::string name = entry->about->name;
          const bool counts = name == "histogram" || name.find("threshold") != name.npos ||
                              name.find("otsu") != name.npos;
          const auto content = counts ? test::content::few : static_cast<test::content>(seed % 3);
          const auto inputs = gpuimg::samples::copies(
              gpuimg::samples::random_inputs(*entry->about, type, size, content, ++seed), device);
          INFO(entry->about->name << " " << test::text_of(*entry, parameters) << " of "
                                  << name_of(type) << " " << to_string(size) << " on "
                                  << device.name() << ", seed " << seed);
          check_tiled(tiling::pipeline::of(*entry, parameters), inputs, random_tile(size, seed));
        }
}

TEST_CASE("tiling: inputs may be of different sizes", "[tiling]") {
  using gpuimg::any_image, gpuimg::device, gpuimg::push, tiling::pipeline;
  std::vector<any_image> inputs;
  inputs.emplace_back(
      push(device::reference(), gpuimg::samples::random_labels({49, 41}, 1), {49, 41}));
  inputs.emplace_back(push(device::reference(), std::vector<std::uint32_t>{0, 7, 3}, {3}));
  check_tiled(pipeline::of(ops::replace_values{}), inputs, {16, 16, 1});
}

TEST_CASE("tiling: who runs a pipeline as a whole may run each of its steps", "[tiling]") {
  const auto image =
      gpuimg::push(gpuimg::device::reference(), test::random_pixels<float>({9, 7}, 1), {9, 7});
  const auto steps = ops::top_hat{.radius_x = 2} | ops::gaussian_blur{.sigma_x = 1};
  tiling::named_images inputs;
  inputs.emplace("src", image.clone());
  std::string names;
  const auto found = tiling::run(steps, inputs, [&](const std::string& name, const auto& compute) {
    names += name + " ";
    return compute();
  });
  CHECK(names == "top_hat gaussian_blur ");
  CHECK(pull(std::get<gpuimg::image<float>>(std::get<any_image>(found.at("dst")))) ==
        pull(gaussian_blur(top_hat(image, {.radius_x = 2}), {.sigma_x = 1})));
}

TEST_CASE("tiling: pipelines give in tiles what they give whole", "[tiling]") {
  using tiling::pipeline;
  const auto segment = [](auto find) {
    pipeline p;
    const auto src = p.input("src");
    const auto labels = find(p, src);
    p.output("labels", labels);
    p.output("measurements", p.add(ops::labels_statistics{}, labels, src));
    return p;
  };
  const auto difference_of_gaussians = [] {
    pipeline p;
    const auto src = p.input("src");
    const auto fine = p.add(ops::gaussian_blur{.sigma_x = 1, .sigma_y = 1, .sigma_z = 1}, src);
    const auto coarse =
        p.add(ops::gaussian_blur{.sigma_x = 3, .sigma_y = 2, .border = gpuimg::border::wrap}, src);
    p.output("dst", p.add(ops::add_images_weighted{.factor2 = -1}, fine, coarse));
    p.output("coarse", coarse);
    return p;
  };
  const std::vector<pipeline> all{
      ops::gaussian_blur{.sigma_x = 2, .sigma_y = 1.5f} | ops::top_hat{.radius_x = 4},
      ops::top_hat{.radius_x = 3, .radius_y = 3, .radius_z = 2} | ops::gaussian_blur{.sigma_y = 2},
      ops::median{} | ops::maximum_filter{.radius_x = 5} | ops::minimum_filter{.radius_y = 4},
      ops::flip{} | ops::gaussian_blur{.sigma_x = 3, .border = gpuimg::border::reflect},
      ops::gaussian_blur{.sigma_x = 3, .border = gpuimg::border::wrap} | ops::flip{},
      ops::gaussian_blur{.sigma_z = 2} | ops::maximum_z_projection{} | ops::median{},
      ops::mean_filter{.radius_x = 6, .radius_y = 1} | ops::greater_constant{.scalar = 500},
      ops::gaussian_blur{.sigma_x = 1} | ops::threshold_otsu{} | ops::binary_erode{},
      ops::threshold_otsu{} | ops::binary_dilate{.radius_x = 2} |
          ops::connected_component_labeling{},
      ops::threshold_otsu{} |
          ops::connected_component_labeling{.connectivity = gpuimg::connectivity::sphere} |
          ops::remove_labels_on_edges{},
      ops::gaussian_blur{.sigma_x = 1, .sigma_y = 1} | ops::threshold_otsu{} |
          ops::connected_component_labeling{} | ops::remove_small_labels{.minimum_size = 30},
      ops::gaussian_blur{.sigma_x = 1} |
          ops::automatic_threshold{.method = gpuimg::threshold_method::li},
      ops::gaussian_blur{.sigma_x = 2} | ops::mean_of_all_pixels{},
      ops::gaussian_blur{.sigma_x = 2} | ops::histogram{.bins = 31},
      ops::rotate{.angle_z = 30, .interpolation = gpuimg::interpolation::linear} |
          ops::gaussian_blur{.sigma_x = 1},
      ops::gaussian_blur{.sigma_y = 1} | ops::maximum_of_all_pixels{},
      ops::gaussian_blur{.sigma_x = 2} | ops::bin{.factor_x = 3} | ops::resize{.height = 70} |
          ops::bin{.factor_x = 5, .factor_y = 7} | ops::median{},
      ops::top_hat{.radius_x = 5, .radius_y = 5} | ops::voronoi_otsu_labeling{.spot_sigma = 1},
      ops::gaussian_blur{.sigma_x = 1} | ops::sum_x_projection{} | ops::median{},
      ops::std_y_projection{.ddof = 1} | ops::gaussian_blur{.sigma_x = 1},
      ops::maximum_z_projection{} | ops::voronoi_otsu_labeling{.spot_sigma = 2, .outline_sigma = 1},
      difference_of_gaussians(),
      segment([](pipeline& p, tiling::value src) {
        return p.add(ops::voronoi_otsu_labeling{.spot_sigma = 1.5f, .outline_sigma = 1}, src);
      }),
      segment([](pipeline& p, tiling::value src) {
        const auto blurred = p.add(ops::gaussian_blur{.sigma_x = 1.5f, .sigma_y = 1}, src);
        const auto labels =
            p.add(ops::connected_component_labeling{}, p.add(ops::threshold_otsu{}, blurred));
        return p.add(ops::remove_small_labels{.minimum_size = 5},
                     p.add(ops::remove_labels_on_edges{}, labels));
      }),
  };
  REQUIRE(all.size() == 24);
  std::uint64_t seed = 0;
  for (const gpuimg::device& device : test::devices())
    for (std::size_t i = 0; i < all.size(); ++i)
      for (const shape& size : sizes()) {
        const auto type = i % 2 == 0 ? pixel_type::u16 : pixel_type::f32;
        const auto inputs = gpuimg::samples::copies(
            gpuimg::samples::random_inputs(ops::gaussian_blur::about, type, size,
                                           test::content::even, ++seed),
            device);
        INFO("pipeline " << i << " of " << name_of(type) << " " << to_string(size) << " on "
                         << device.name() << ", seed " << seed);
        check_tiled(all[i], inputs, random_tile(size, seed));
      }
}

namespace {

/// A path of one pixel's width, and a gap of as much, that winds to the middle.
std::vector<std::uint8_t> spiral(std::size_t n) {
  std::vector<std::uint8_t> mask(n * n);
  const gpuimg::view<std::uint8_t> at(mask.data(), shape{n, n});
  std::ptrdiff_t x = 0, y = 0, dx = 1, dy = 0;
  const auto side = static_cast<std::ptrdiff_t>(n);
  const auto is_free = [&](std::ptrdiff_t u, std::ptrdiff_t v) {
    return u < 0 || v < 0 || u >= side || v >= side ||
           at(static_cast<std::size_t>(u), static_cast<std::size_t>(v), 0) == 0;
  };
  for (int turns = 0; turns < 2;) {
    at(static_cast<std::size_t>(x), static_cast<std::size_t>(y), 0) = 1;
    const bool is_inside = x + dx >= 0 && y + dy >= 0 && x + dx < side && y + dy < side;
    if (is_inside && is_free(x + dx, y + dy) && is_free(x + 2 * dx, y + 2 * dy)) {
      x += dx, y += dy, turns = 0;
    } else {
      const std::ptrdiff_t before = dx;
      dx = -dy, dy = before;
      ++turns;
    }
  }
  return mask;
}

}  // namespace

TEST_CASE("tiling: labels are those of the whole image where objects cross every tile",
          "[tiling]") {
  ON_EVERY_DEVICE(device);
  const auto check = [&](const std::vector<std::uint8_t>& mask, const shape& size) {
    const std::vector<std::uint8_t> seeds = gpuimg::samples::random_mask(size, 1, 7);
    for (const auto connectivity : {gpuimg::connectivity::box, gpuimg::connectivity::sphere})
      for (std::uint64_t seed = 1; seed < 4; ++seed) {
        std::vector<any_image> image, both;
        image.emplace_back(push(device, mask, size));
        check_tiled(
            tiling::pipeline::of(ops::connected_component_labeling{.connectivity = connectivity}),
            image, random_tile(size, seed));
        both.emplace_back(push(device, seeds, size));
        both.emplace_back(push(device, mask, size));
        check_tiled(tiling::pipeline::of(ops::masked_voronoi_labeling{}), both,
                    random_tile(size, seed));
      }
  };
  SECTION("a spiral") { check(spiral(61), {61, 61}); }
  SECTION("noise where it percolates") {
    check(gpuimg::samples::random_mask({83, 71}, 59, 1), {83, 71});
    check(gpuimg::samples::random_mask({83, 71}, 41, 2), {83, 71});
    check(gpuimg::samples::random_mask({31, 29, 17}, 31, 3), {31, 29, 17});
    check(gpuimg::samples::random_mask({31, 29, 17}, 10, 4), {31, 29, 17});
  }
  SECTION("one object that is the image") {
    check(std::vector<std::uint8_t>(47 * 53, 1), {47, 53});
    check(std::vector<std::uint8_t>(17 * 13 * 11, 1), {17, 13, 11});
  }
  SECTION("none") { check(std::vector<std::uint8_t>(47 * 53), {47, 53}); }
}

TEST_CASE("tiling: a run that was stopped goes on where it was", "[tiling]") {
  const gpuimg::device& device = test::devices().back();
  const shape size{150, 120};
  const tiling::pipeline what = ops::gaussian_blur{.sigma_x = 1, .sigma_y = 1} |
                                ops::voronoi_otsu_labeling{.spot_sigma = 1, .outline_sigma = 1};
  const auto pixels = gpuimg::samples::random_pixels<std::uint16_t>(size, 5);
  tiling::named_images images;
  images.emplace("src", push(device, pixels, size));
  const auto whole = tiling::run(what, images);
  const auto expected = pull(std::get<gpuimg::label_image>(std::get<any_image>(whole.at("dst"))));

  const test::temporary_folder folder;
  const auto to = std::make_shared<tiling::memory_sink>(tiling::describe(size, pixel_type::u32));
  std::atomic<std::size_t> reads = 0;
  const auto run = [&](std::size_t reads_until_stop) {
    std::stop_source stop;
    const auto from = std::make_shared<tiling::generated_source>(
        tiling::describe(size, pixel_type::u16), [&](const tiling::box& part) {
          ++reads;
          if (--reads_until_stop == 0) stop.request_stop();
          return crop(host_image{.size = size, .pixels = pixels}, part);
        });
    tiling::run(what, {{"src", from}}, {{"dst", to}},
                {.devices = {device},
                 .tile = shape{40, 40},
                 .stop = stop.get_token(),
                 .folder = folder.file("run")});
  };
  run(1000);
  const std::size_t least = reads.exchange(0);
  CHECK(std::get<std::vector<std::uint32_t>>(to->image().pixels) == expected);
  CHECK_FALSE(std::filesystem::exists(folder.file("run")));

  int stops = 0;
  for (bool is_done = false; !is_done;) try {
      run(9);
      is_done = true;
    } catch (const gpuimg::cancelled_error&) {
      ++stops;
    }
  CHECK(stops >= 3);
  CHECK(reads < least + 10 * static_cast<std::size_t>(stops));  // tiles that were under way
  CHECK(std::get<std::vector<std::uint32_t>>(to->image().pixels) == expected);
}

TEST_CASE("tiling: images without pixels give what they give whole", "[tiling]") {
  ON_EVERY_DEVICE(device);
  std::vector<any_image> nothing;
  nothing.emplace_back(gpuimg::image<std::uint16_t>(device, {0, 5}));
  check_tiled(ops::gaussian_blur{.sigma_x = 2} | ops::voronoi_otsu_labeling{}, nothing, {2, 2});
  check_tiled(tiling::pipeline::of(ops::sum_of_all_pixels{}), nothing, {2, 2});
  const auto from = std::make_shared<tiling::memory_source>(pull(nothing[0]));
  CHECK_THROWS_WITH(tiling::run(tiling::pipeline::of(ops::minimum_of_all_pixels{}), {{"src", from}},
                                {}, {.devices = {device}}),
                    Catch::Contains("the image has no pixels"));
}

TEST_CASE("tiling: what cannot be run is refused", "[tiling]") {
  const auto& device = test::devices().back();
  tiling::pipeline what;
  const auto src = what.input("src");
  const auto labels = what.add(ops::voronoi_otsu_labeling{}, src);
  what.output("labels", labels);
  const auto contains = [](const char* text) { return Catch::Contains(text); };
  CHECK_THROWS_WITH(what.input("src"), contains("has an input src already"));
  CHECK_THROWS_WITH(what.output("labels", labels), contains("has an output labels already"));
  CHECK_THROWS_WITH(what.add(ops::mask{}, src), contains("mask: takes 2 images, got 1"));
  CHECK_THROWS_WITH(what.add(ops::median{}, what.add(ops::histogram{}, src)),
                    contains("src must be an image, got the table of histogram"));
  CHECK_THROWS_WITH(what.output("other", {99}), contains("of another pipeline"));

  const shape size{64, 64};
  const auto from = std::make_shared<tiling::memory_source>(tiling::zeros(size, pixel_type::u16));
  const auto to = std::make_shared<tiling::memory_sink>(tiling::describe(size, pixel_type::u32));
  const auto other = std::make_shared<tiling::memory_sink>(tiling::describe(size, pixel_type::u8));
  const tiling::run_options options{.devices = {device}};
  CHECK_THROWS_WITH(tiling::run(what, {}, {{"labels", to}}, options),
                    contains("input src is missing"));
  CHECK_THROWS_WITH(tiling::run(what, {{"src", from}}, {}, options),
                    contains("output labels has nowhere to go"));
  CHECK_THROWS_WITH(tiling::run(what, {{"src", from}}, {{"labels", other}}, options),
                    contains("output labels is 64x64 u32, but it is to go where 64x64 u8"));
  CHECK_THROWS_WITH(tiling::run(tiling::pipeline::of(ops::relabel_sequential{}), {{"src", from}},
                                {{"dst", to}}, options),
                    contains("relabel_sequential: src must be u32"));
  CHECK_THROWS_AS(
      tiling::run(what, {{"src", from}}, {{"labels", to}}, {.devices = {device}, .memory = 1000}),
      gpuimg::memory_error);
}
