// SPDX-License-Identifier: BSD-3-Clause
// Finds nuclei in one channel and measures them in both: one table with the columns of either.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <gpuimg/any_image.hpp>
#include <gpuimg/gpuimg.hpp>
#include <gpuimg/io/csv.hpp>
#include <gpuimg/io/tiff.hpp>
#include <vector>

#include "synthesize/field.hpp"

/// Channel 0 shows nuclei; channel 1 is twice as bright and brighter by 10.
void make_image(const char* path) {
  const auto field = gpuimg::examples::synthesize({.size = {400, 300}, .nuclei = 60});
  std::vector<std::uint16_t> second = field.image;
  for (auto& pixel : second) pixel = static_cast<std::uint16_t>(2 * pixel + 10);
  gpuimg::io::tiff_writer file(path, {.channels = 2});
  file.append(gpuimg::view<const std::uint16_t>(field.image.data(), field.size));
  file.append(gpuimg::view<const std::uint16_t>(second.data(), field.size));
  file.close();
}

int main() {
  make_image("two_channels.tif");

  const auto device = gpuimg::device::best();
  gpuimg::io::tiff_reader file("two_channels.tif");
  const auto nuclei = gpuimg::push<std::uint16_t>(device, file.read({.channel = 0}));
  const auto signal = gpuimg::push<std::uint16_t>(device, file.read({.channel = 1}));
  const auto labels = gpuimg::voronoi_otsu_labeling(nuclei, {.spot_sigma = 4, .outline_sigma = 1});

  const auto rows = gpuimg::labels_statistics(labels, {&nuclei, &signal});  // in one go
  gpuimg::table all{.columns = {"label", "area", "mean_0", "mean_1"}};
  for (std::size_t i = 0; i < rows[0].size(); ++i)  // rows are in the order of the labels
    all.rows.push_back({static_cast<double>(rows[0][i].label), static_cast<double>(rows[0][i].area),
                        rows[0][i].mean_intensity, rows[1][i].mean_intensity});
  gpuimg::io::write_csv("two_channels.csv", all);

  std::printf("%zu objects\n", all.rows.size());
  bool right = all.rows.size() > 30;
  for (const auto& row : all.rows) right &= std::abs(row[3] - (2 * row[2] + 10)) < 1e-6;
  return right ? 0 : 1;
}
