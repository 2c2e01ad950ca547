// SPDX-License-Identifier: BSD-3-Clause
// What is prepared compiles nothing when it is needed.
#include "gpuimg/prepare.hpp"

#include <catch2/catch.hpp>
#include <cstdint>

#include "gpuimg/gpuimg.hpp"
#include "registry/cases.hpp"
#include "registry/catalogue.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/process.hpp"

using gpuimg::shape;

namespace {

// Images of 64x48(x20) random pixels, on which the operation compiles nothing more.
template <gpuimg::pixel... Inputs, class Op>
void check_prepared(const gpuimg::device& plain, const Op& op, const shape& size) {
  const auto device = test::another(plain);
  gpuimg::prepare<Inputs...>(device, op, size.is_3d() ? shape{16, 16, 16} : shape{64, 64});
  const auto built = device.opencl().programs().built();
  static_cast<void>(gpuimg::run(op, push(device, test::random_pixels<Inputs>(size, 1), size)...));
  CHECK(device.opencl().programs().built() == built);
}

}  // namespace

TEST_CASE("prepare: an operation that was prepared compiles nothing later", "[core]") {
  for (const auto& device : test::opencl_devices()) {
    const test::scoped_environment off("GPUIMG_CACHE", "off");
    namespace ops = gpuimg::ops;
    check_prepared<std::uint16_t>(device, ops::gaussian_blur{.sigma_x = 2, .sigma_y = 2}, {64, 48});
    check_prepared<std::uint16_t>(device, ops::voronoi_otsu_labeling{}, {64, 48});
    check_prepared<std::uint16_t>(device, ops::top_hat{.radius_x = 2, .radius_y = 2, .radius_z = 1},
                                  {64, 48, 20});
    check_prepared<float, std::uint8_t>(device, ops::add_images_weighted{}, {64, 48});
  }
}

TEST_CASE("prepare: no operation compiles anything for another image size", "[core]") {
  const std::vector<std::vector<shape>> sizes{{{64, 48}, {5, 4}, {1, 9}, {300, 90}},
                                              {{20, 18, 12}, {3, 2, 2}, {70, 5, 40}}};
  for (const auto& plain : test::opencl_devices()) {
    // Others compile kernel by kernel, and small images may take another one.
    if (!plain.opencl().description().compiles_at_launch) continue;
    const auto device = test::another(plain);
    for (const auto& entry : gpuimg::catalogue())
      for (const auto& parameters : gpuimg::cases_of(entry.about->name))
        for (const auto& each : sizes) {
          std::uint64_t first = 0;
          for (const shape& size : each) {
            INFO(entry.about->name << " " << entry.text(parameters) << " " << to_string(size));
            try {
              const auto inputs = gpuimg::samples::random_inputs(
                  *entry.about, gpuimg::pixel_type::u8, size, gpuimg::samples::content::even, 1);
              static_cast<void>(entry.run(parameters, gpuimg::samples::copies(inputs, device)));
            } catch (const gpuimg::argument_error&) {  // some take planes only
              continue;
            }
            const auto built = device.opencl().programs().built();
            if (size == each[0]) first = built;
            CHECK(built == first);
          }
        }
  }
}

TEST_CASE("prepare: the reference has nothing to prepare", "[core]") {
  CHECK_NOTHROW(gpuimg::prepare<float>(test::reference(), gpuimg::ops::detect_maxima{}));
  CHECK_NOTHROW(gpuimg::prepare<float>(test::reference(), gpuimg::ops::detect_maxima{}, {5, 4, 3}));
}
