// SPDX-License-Identifier: BSD-3-Clause
// Steps of pipelines that are no operations, in tiles and whole.
#include "gpuimg/tiling/stage.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/tiling/run.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"

using gpuimg::any_image;
using gpuimg::host_image;
using gpuimg::pixel_type;
using gpuimg::shape;
namespace ops = gpuimg::ops;
namespace tiling = gpuimg::tiling;
using tiling::box;

namespace {

/// How a test's stage is used, by several threads.
struct counts {
  std::atomic<std::size_t> boxes = 0, pixels = 0;
};

/// Each pixel times its x, plus the pixel left of it, 0 at the edge.
class slope final : public tiling::stage {
 public:
  explicit slope(std::uint64_t held = 0, counts* used = nullptr) : held_(held), used_(used) {}
  [[nodiscard]] std::string name() const override { return "slope"; }
  [[nodiscard]] std::string parameters() const override { return "held=" + std::to_string(held_); }
  [[nodiscard]] pixel_type result_type(std::span<const pixel_type> inputs) const override {
    if (inputs[0] != pixel_type::f32) throw gpuimg::argument_error("slope: takes f32 images");
    return pixel_type::f32;
  }
  [[nodiscard]] box source_box(const box& part, const shape& image) const override {
    return tiling::grow(part, {1, 0, 0}, {0, 0, 0}, image);
  }
  [[nodiscard]] any_image compute(std::vector<any_image> inputs, const box& part,
                                  const shape& image) const override {
    const auto& src = std::get<gpuimg::image<float>>(inputs[0]);
    const box from = source_box(part, image);
    REQUIRE(src.shape() == from.shape());
    const host_image pixels = pull(inputs[0]);
    const auto values = pixels.as<float>();
    const std::size_t before = from.size[0] - part.size[0];
    std::vector<float> made;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t x = i % from.size[0];
      if (x < before) continue;
      made.push_back(values[i] * static_cast<float>(from.origin[0] + x) +
                     (x > 0 ? values[i - 1] : 0));
    }
    if (used_ != nullptr) ++used_->boxes, used_->pixels += made.size();
    return push(src.device(), made, part.shape());
  }
  [[nodiscard]] std::uint64_t bytes_held() const override { return held_; }

 private:
  std::uint64_t held_;
  counts* used_;
};

std::vector<float> numbers(const shape& size) {
  return gpuimg::samples::random_pixels<float>(size, 1);
}

std::vector<float> defined(const std::vector<float>& src, const shape& size) {
  std::vector<float> made(src.size());
  for (std::size_t i = 0; i < made.size(); ++i) {
    const std::size_t x = i % size.x;
    made[i] = src[i] * static_cast<float>(x) + (x > 0 ? src[i - 1] : 0);
  }
  return made;
}

}  // namespace

TEST_CASE("stage: a step of one's own runs whole and in tiles", "[tiling]") {
  ON_EVERY_DEVICE(device);
  for (const shape size : {shape{37, 20}, shape{11, 9, 7}}) {
    const auto pixels = numbers(size);
    tiling::pipeline steps;
    const auto src = steps.input("src");
    const auto sloped = steps.add(std::make_shared<slope>(), {src});
    steps.output("sloped", sloped);
    steps.output("blurred", steps.add(ops::gaussian_blur{.sigma_x = 1}, sloped));
    steps.output("maximum", steps.add(ops::maximum_of_all_pixels{}, sloped));

    tiling::named_images images;
    images.emplace("src", push(device, pixels, size));
    const auto whole = tiling::run(steps, images);
    const auto pixels_of = [&](const char* name) {
      const auto& image = std::get<gpuimg::image<float>>(std::get<any_image>(whole.at(name)));
      return pull(image);
    };
    CHECK(pixels_of("sloped") == defined(pixels, size));

    const auto description = tiling::describe(size, pixel_type::f32);
    const auto to = std::make_shared<tiling::memory_sink>(description);
    const auto blurred = std::make_shared<tiling::memory_sink>(description);
    const auto found = tiling::run(
        steps,
        {{"src",
          std::make_shared<tiling::memory_source>(host_image{.size = size, .pixels = pixels})}},
        {{"sloped", to}, {"blurred", blurred}}, {.devices = {device}, .tile = shape{10, 8, 3}});
    CHECK(std::get<std::vector<float>>(to->image().pixels) == defined(pixels, size));
    CHECK(std::get<std::vector<float>>(blurred->image().pixels) == pixels_of("blurred"));
    CHECK(std::get<double>(found.at("maximum")) == std::get<double>(whole.at("maximum")));
  }
}

TEST_CASE("stage: each pixel is computed once, however often it is needed", "[tiling]") {
  const shape size{64, 48};
  counts used;
  const auto stage = std::make_shared<slope>(0, &used);
  tiling::pipeline steps;
  const auto sloped = steps.add(stage, {steps.input("src")});
  steps.output("sloped", sloped);
  steps.output("binary", steps.add(ops::threshold_otsu{}, sloped));
  const tiling::sources from{{"src", std::make_shared<tiling::memory_source>(
                                         host_image{.size = size, .pixels = numbers(size)})}};
  const tiling::sinks to{
      {"sloped", std::make_shared<tiling::memory_sink>(tiling::describe(size, pixel_type::f32))},
      {"binary", std::make_shared<tiling::memory_sink>(tiling::describe(size, pixel_type::u8))}};
  tiling::run(steps, from, to, {.devices = {gpuimg::device::reference()}, .tile = shape{16, 16}});
  CHECK(used.boxes.load() == 12);
  CHECK(used.pixels.load() == size.pixels());
}

TEST_CASE("stage: the plan counts what it holds", "[tiling]") {
  const shape size{512, 512};
  const auto planned = [&](std::uint64_t held, std::uint64_t memory) {
    tiling::pipeline steps;
    steps.output("dst", steps.add(std::make_shared<slope>(held), {steps.input("src")}));
    return tiling::plan_run(
        steps,
        {{"src", std::make_shared<tiling::memory_source>(tiling::zeros(size, pixel_type::f32))}},
        {{"dst", std::make_shared<tiling::memory_sink>(tiling::describe(size, pixel_type::f32))}},
        {.devices = {gpuimg::device::reference()}, .memory = memory});
  };
  const auto small = planned(10 << 20, 11 << 20).passes.at(0);
  CHECK(small.held_memory == 10 << 20);
  CHECK(small.in_flight * small.tile_memory <= 1 << 20);
  CHECK(planned(0, 11 << 20).passes.at(0).tiles.tile().pixels() > small.tiles.tile().pixels());
  CHECK_THROWS_WITH(planned(12 << 20, 11 << 20), Catch::Contains("the budget is 11534336"));
}

TEST_CASE("stage: what it does not take is refused", "[tiling]") {
  tiling::pipeline steps;
  const auto src = steps.input("src");
  const auto stage = std::make_shared<slope>();
  CHECK_THROWS_WITH(steps.add(stage, {src, src}), "slope: takes 1 images, got 2");
  CHECK_THROWS_WITH(steps.add(stage, {steps.add(ops::histogram{}, src)}),
                    "slope: what it takes must be an image, got the table of histogram");
  const auto sloped = steps.add(stage, {src});
  CHECK(to_string(steps).find("slope(0) held=0; ") != std::string::npos);
  steps.output("dst", sloped);
  const tiling::sources from{
      {"src", std::make_shared<tiling::memory_source>(tiling::zeros({4, 4}, pixel_type::u16))}};
  const tiling::sinks to{
      {"dst", std::make_shared<tiling::memory_sink>(tiling::describe({4, 4}, pixel_type::f32))}};
  CHECK_THROWS_WITH(tiling::run(steps, from, to, {.devices = {gpuimg::device::reference()}}),
                    "slope: takes f32 images");
}
