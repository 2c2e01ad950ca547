// SPDX-License-Identifier: BSD-3-Clause
// halo(): what an operation reads around a pixel, for every operation that says it.
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "gpuimg/gpuimg.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::position;
using gpuimg::shape;

/// One axis of a box inside an image, and of the box with its halo as far as the image goes.
struct extent {
  std::size_t first, count, outer_first, outer_count;
  extent(std::size_t n, std::size_t halo) : first(n / 3), count((n + 2) / 3) {
    outer_first = first - std::min(first, halo);
    outer_count = std::min(n, first + count + halo) - outer_first;
  }
};

template <class Op, class... Image>
void check_halo(const Op& op, const Image&... src) {
  const shape size = std::get<0>(std::tie(src...)).shape();
  const auto halo = op.halo();
  const extent x(size.x, halo.x), y(size.y, halo.y), z(size.z, size.is_3d() ? halo.z : 0);
  const position outer{x.outer_first, y.outer_first, z.outer_first},
      origin{x.first, y.first, z.first};
  const position inner{x.first - outer.x, y.first - outer.y, z.first - outer.z};
  const shape box{x.count, y.count, z.count},
      outer_box{x.outer_count, y.outer_count, z.outer_count};
  const auto whole = gpuimg::run(op, src...),
             part = gpuimg::run(op, crop(src, outer, outer_box)...);
  CHECK_THAT(crop(part, inner, box), test::same_pixels(crop(whole, origin, box)));
}

}  // namespace

TEST_CASE("halo: a box with its halo around it gives the box as the whole image does",
          "[agreement]") {
  const auto& device = test::devices().back();  // an OpenCL device, where there is one
  int checked = 0;
  for (const shape& size : {shape{97, 61}, shape{49, 41, 23}}) {
    const auto first = push(device, test::random_pixels<float>(size, 1), size);
    const auto second = push(device, test::random_pixels<float>(size, 2), size);
    const auto mask = push(device, test::random_mask(size, 50, 3), size);
    gpuimg::for_each_operation([&]<class Op>() {
      if constexpr (requires(const Op& op) { op.halo(); }) {
        for (const auto& op : Op::cases()) {
          INFO(Op::about.name << " on " << to_string(size));
          constexpr auto& inputs = Op::about.inputs;
          constexpr bool one = Op::about.input_count() == 1,
                         of_images = inputs[0].kind == gpuimg::kind::image;
          if constexpr (one && of_images)
            check_halo(op, first);
          else if constexpr (of_images && inputs[1].kind == gpuimg::kind::image)
            check_halo(op, first, second);
          else if constexpr (of_images)
            check_halo(op, first, mask);
          else
            check_halo(op, mask, mask);
          ++checked;
        }
      }
    });
  }
  CHECK(checked > 20);
}
