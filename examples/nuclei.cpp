// SPDX-License-Identifier: BSD-3-Clause
// Segments a synthetic field of nuclei, scores the labels against the truth, writes them to a file.
#include <cstdint>
#include <cstdio>
#include <gpuimg/gpuimg.hpp>
#include <gpuimg/io/tiff.hpp>
#include <gpuimg/metrics/segmentation.hpp>

#include "synthesize/field.hpp"

int main() {
  const auto field = gpuimg::examples::synthesize({.size = {512, 512}, .nuclei = 150});
  const auto device = gpuimg::device::best();

  // [nuclei]
  const auto image = gpuimg::push(device, field.image, field.size);
  const auto flat = gpuimg::top_hat(image, {.radius_x = 25, .radius_y = 25});  // even background
  auto labels = gpuimg::voronoi_otsu_labeling(flat, {.spot_sigma = 5, .outline_sigma = 1});
  labels = gpuimg::remove_small_labels(labels, {.minimum_size = 50});
  const auto found = gpuimg::pull(labels);
  // [nuclei]

  // [score]
  const gpuimg::view<const std::uint32_t> truth(field.labels.data(), field.size);
  const gpuimg::view<const std::uint32_t> predicted(found.data(), field.size);
  const auto matching = gpuimg::metrics::match_objects(truth, predicted, 0.5);
  std::printf("%u nuclei, F1 %.3f at IoU 0.5\n", field.nuclei, matching.f1());
  // [score]
  // [tiff]
  gpuimg::io::write_tiff("nuclei_labels.tif", predicted);
  // [tiff]
  return matching.f1() > 0.85 ? 0 : 1;
}
