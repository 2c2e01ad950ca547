// SPDX-License-Identifier: BSD-3-Clause
// halo(): what an operation reads around a pixel, for every operation that says it.
#include <array>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "agreement/operations.hpp"
#include "support/devices.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::any_image;
using gpuimg::position;
using gpuimg::shape;

/// One axis of a box at the first third, the middle or the last third of an image, and of the box
/// with its halo: as far as the image goes, or around its ends where the halo wraps.
struct extent {
  std::size_t n, first, count;
  std::ptrdiff_t outer_first;
  std::size_t outer_count;

  extent(std::size_t axis, std::size_t halo, bool wraps, std::size_t third)
      : n(axis),
        first(third == 0   ? 0
              : third == 1 ? n / 3
                           : n - (n + 2) / 3),
        count((n + 2) / 3) {
    const auto signed_first = static_cast<std::ptrdiff_t>(first);
    const std::size_t before = wraps ? halo : std::min(first, halo);
    const std::size_t after = wraps ? halo : std::min(n - first - count, halo);
    outer_first = signed_first - static_cast<std::ptrdiff_t>(before);
    outer_count = before + count + after;
  }
  [[nodiscard]] std::size_t source(std::size_t i) const {
    const auto size = static_cast<std::ptrdiff_t>(n);
    return static_cast<std::size_t>(((outer_first + static_cast<std::ptrdiff_t>(i)) % size + size) %
                                    size);
  }
  [[nodiscard]] std::size_t inner() const {
    return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(first) - outer_first);
  }
};

using extents = std::array<extent, 3>;

any_image outer_box(const any_image& src, const extents& e) {
  return std::visit(
      [&]<class T>(const gpuimg::image<T>& image) -> any_image {
        const auto pixels = pull(image);
        const gpuimg::view<const T> all(pixels.data(), image.shape());
        const shape size{e[0].outer_count, e[1].outer_count, e[2].outer_count};
        std::vector<T> box;
        for (std::size_t z = 0; z < size.z; ++z)
          for (std::size_t y = 0; y < size.y; ++y)
            for (std::size_t x = 0; x < size.x; ++x)
              box.push_back(all(e[0].source(x), e[1].source(y), e[2].source(z)));
        return push(image.device(), box, size);
      },
      src);
}

/// Calls `compare(computed, expected)` with a box computed from itself and its halo alone, and that
/// of `whole`.
void with_boxes(const any_image& whole, const any_image& part, const extents& e,
                const auto& compare) {
  std::visit(
      [&]<class T>(const gpuimg::image<T>& image) {
        const shape box{e[0].count, e[1].count, e[2].count};
        compare(
            crop(std::get<gpuimg::image<T>>(part), {e[0].inner(), e[1].inner(), e[2].inner()}, box),
            crop(image, {e[0].first, e[1].first, e[2].first}, box));
      },
      whole);
}

/// Images that are the same all across an axis: along it they are of one value, but for the first
/// pixel beyond the outer box, or for those from the last pixel of the box to the one before that.
/// Values are 0 and 1, those of grey images 1 and 2.
std::vector<any_image> layered_inputs(const gpuimg::operation_info& about, const shape& size,
                                      std::size_t axis, const extent& e, std::uint64_t variant) {
  const auto beyond = static_cast<std::size_t>(e.outer_first) + e.outer_count;
  const std::size_t begin = variant < 2 ? beyond : e.first + e.count - 1,
                    end = variant < 2 ? beyond + 1 : beyond;
  std::vector<float> pixels;
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x) {
        const std::size_t at = std::array{x, y, z}[axis];
        pixels.push_back((begin <= at && at < end) == (variant % 2 == 0) ? 1 : 0);
      }
  std::vector<float> grey;
  for (const float pixel : pixels) grey.push_back(pixel + 1);
  const auto reference = gpuimg::device::reference();
  std::vector<any_image> images;
  for (std::size_t i = 0; i < about.input_count(); ++i)
    if (about.inputs[i].kind == gpuimg::kind::image)
      images.emplace_back(push(reference, grey, size));
    else if (about.inputs[i].kind == gpuimg::kind::labels)
      images.emplace_back(gpuimg::push<std::uint32_t>(reference, pixels, size));
    else
      images.emplace_back(gpuimg::push<std::uint8_t>(reference, pixels, size));
  return images;
}

}  // namespace

TEST_CASE("halo: a box with its halo gives the box as the whole image does, at every corner",
          "[agreement][slow]") {
  const auto& device = test::devices().back();  // an OpenCL device, where there is one
  int checked = 0;
  for (const auto& [entry, cases] : test::tested_operations({}))
    for (const shape& size : {shape{97, 61}, shape{49, 41, 23}}) {
      const auto inputs = gpuimg::samples::copies(
          gpuimg::samples::random_inputs(*entry->about, gpuimg::pixel_type::f32, size,
                                         test::content::even, 1),
          device);
      // the reference is slow, and gives what a device gives: its defaults have to do
      for (const auto& parameters :
           std::span(cases).first(device.is_reference() ? 1 : cases.size())) {
        const auto halo = entry->halo(parameters);
        if (!halo) continue;
        const auto whole = entry->run(parameters, inputs);
        for (std::size_t place = 0; place < (size.is_3d() ? 27 : 9); ++place) {
          INFO(entry->about->name << " " << test::text_of(*entry, parameters) << " on "
                                  << to_string(size) << ", box " << place);
          const extents e{extent(size.x, halo->x, halo->wraps, place % 3),
                          extent(size.y, halo->y, halo->wraps, place / 3 % 3),
                          extent(size.z, size.is_3d() ? halo->z : 0, halo->wraps, place / 9)};
          std::vector<any_image> boxes;
          for (const auto& input : inputs) boxes.push_back(outer_box(input, e));
          const auto part = entry->run(parameters, boxes);
          for (std::size_t i = 0; i < whole.size(); ++i)
            with_boxes(std::get<any_image>(whole[i]), std::get<any_image>(part[i]), e,
                       [](const auto& computed, const auto& expected) {
                         CHECK_THAT(computed, test::same_pixels(expected));
                       });
          ++checked;
        }
      }
    }
  CHECK(checked > 400);
}

TEST_CASE("halo: one pixel less is too few", "[agreement][slow]") {
  const auto& device = test::devices().back();
  int checked = 0;
  for (const auto& [entry, cases] : test::tested_operations({}))
    for (const auto& parameters :
         std::span(cases).first(device.is_reference() ? 1 : cases.size())) {
      const auto halo = entry->halo(parameters);
      if (!halo) continue;
      const std::array needs{halo->x, halo->y, halo->z};
      const shape size{3 * needs[0] + 11, 3 * needs[1] + 11, needs[2] == 0 ? 1 : 3 * needs[2] + 5};
      for (std::size_t axis = 0; axis < 3; ++axis) {
        if (needs[axis] == 0) continue;
        auto fewer = needs;
        --fewer[axis];
        const extents e{extent(size.x, fewer[0], halo->wraps, 1),
                        extent(size.y, fewer[1], halo->wraps, 1),
                        extent(size.z, fewer[2], halo->wraps, size.is_3d() ? 1 : 0)};
        bool is_tight = false;
        for (std::uint64_t seed = 0; seed < 16 && !is_tight; ++seed) {
          const auto inputs = gpuimg::samples::copies(
              seed < 4
                  ? layered_inputs(*entry->about, size, axis, e[axis], seed)
                  : gpuimg::samples::random_inputs(*entry->about, gpuimg::pixel_type::f32, size,
                                                   static_cast<test::content>(seed % 3), seed),
              device);
          std::vector<any_image> boxes;
          for (const auto& input : inputs) boxes.push_back(outer_box(input, e));
          with_boxes(std::get<any_image>(entry->run(parameters, inputs)[0]),
                     std::get<any_image>(entry->run(parameters, boxes)[0]), e,
                     [&](const auto& computed, const auto& expected) {
                       is_tight = pull(computed) != pull(expected);
                     });
        }
        INFO(entry->about->name << " " << test::text_of(*entry, parameters) << " along axis "
                                << axis);
        CHECK(is_tight);
        ++checked;
      }
    }
  CHECK(checked > 50);
}
