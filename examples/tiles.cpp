// SPDX-License-Identifier: BSD-3-Clause
// Nuclei of an image that is larger than the memory it may take: a pipeline, its plan, its run.
#include <cstdint>
#include <cstdio>
#include <gpuimg/any_image.hpp>
#include <gpuimg/gpuimg.hpp>
#include <gpuimg/io/tiff.hpp>
#include <gpuimg/io/tiff_region.hpp>
#include <gpuimg/tiling/run.hpp>
#include <memory>
#include <variant>
#include <vector>

namespace ops = gpuimg::ops;
namespace tiling = gpuimg::tiling;

/// Discs on a background that rises from left to right.
void make_image(const char* path, const gpuimg::shape& size) {
  std::vector<std::uint16_t> pixels;
  for (std::size_t y = 0; y < size.y; ++y)
    for (std::size_t x = 0; x < size.x; ++x) {
      const int dx = static_cast<int>(x % 40) - 20, dy = static_cast<int>(y % 40) - 20;
      const bool is_inside = dx * dx + dy * dy <= 64;
      pixels.push_back(static_cast<std::uint16_t>(100 + x / 4 + (is_inside ? 800 : 0)));
    }
  gpuimg::io::write_tiff(path, gpuimg::view<const std::uint16_t>(pixels.data(), size));
}

int main() {
  make_image("tiles.tif", {1000, 800});

  // [pipeline]
  tiling::pipeline nuclei;
  const auto src = nuclei.input("src");
  const auto flat = nuclei.add(ops::top_hat{.radius_x = 12, .radius_y = 12}, src);
  const auto labels = nuclei.add(ops::voronoi_otsu_labeling{.spot_sigma = 3}, flat);
  nuclei.output("labels", labels);
  nuclei.output("measurements", nuclei.add(ops::labels_statistics{}, labels, src));
  // [pipeline]

  // [run]
  const auto image = std::make_shared<gpuimg::io::tiff_source>("tiles.tif");
  const auto found = std::make_shared<gpuimg::io::tiff_sink>(
      "tiles_labels.tif",
      tiling::describe(image->size(), gpuimg::pixel_type::u32, image->description()));
  const tiling::run_options options{.memory = 16 << 20,  // bytes for tiles, on device and host
                                    .on_progress = [](const tiling::progress& now) {
                                      if (now.tile == now.tiles)
                                        std::printf("%s: %zu tiles\n", now.pass.c_str(), now.tiles);
                                    }};
  for (const auto& pass :
       tiling::plan_run(nuclei, {{"src", image}}, {{"labels", found}}, options).passes)
    std::printf("%s: tiles of %s, %.2f of the image to read\n", pass.name.c_str(),
                to_string(pass.tiles.tile()).c_str(), pass.read_amplification);
  const auto results = tiling::run(nuclei, {{"src", image}}, {{"labels", found}}, options);
  const auto& measurements = std::get<gpuimg::table>(results.at("measurements"));
  // [run]

  std::printf("%zu nuclei\n", measurements.rows.size());
  return measurements.rows.size() == 25 * 20 &&
                 gpuimg::io::read_tiff("tiles_labels.tif").size == image->size()
             ? 0
             : 1;
}
