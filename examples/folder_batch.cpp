// SPDX-License-Identifier: BSD-3-Clause
// Segments every image of a folder: a label image beside each, one table for all. Ctrl-C stops it
// after the image at work, and what is written is whole.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <gpuimg/any_image.hpp>
#include <gpuimg/gpuimg.hpp>
#include <gpuimg/io/csv.hpp>
#include <gpuimg/io/tiff.hpp>
#include <string>
#include <vector>

#include "synthesize/field.hpp"

namespace fs = std::filesystem;
volatile std::sig_atomic_t is_cancelled = 0;

/// Images of different sizes to work on.
void make_input(const fs::path& folder) {
  for (unsigned i = 0; i < 4; ++i) {
    const auto field =
        gpuimg::examples::synthesize({.size = {300 + 50 * i, 250}, .nuclei = 40, .seed = i});
    gpuimg::io::write_tiff((folder / (std::to_string(i) + ".tif")).string(),
                           gpuimg::view(field.image.data(), field.size),
                           {.pixel_size = {0.5, 0.5}, .unit = "um"});
  }
}

int main() {
  const fs::path folder = "batch_images", results = folder / "results";
  fs::create_directories(results);
  make_input(folder);
  std::signal(SIGINT, [](int) { is_cancelled = 1; });

  const auto device = gpuimg::device::best();
  gpuimg::table all;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".tif") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (std::size_t i = 0; i < files.size() && is_cancelled == 0; ++i) {
    const auto file = gpuimg::io::read_tiff(files[i].string());
    const auto image = gpuimg::push<float>(device, file);
    const auto labels = gpuimg::voronoi_otsu_labeling(image, {.spot_sigma = 4, .outline_sigma = 1});
    gpuimg::io::write_tiff((results / files[i].filename()).string(), gpuimg::pull(labels, file));

    auto rows = to_table(gpuimg::labels_statistics(labels, image));
    for (auto& row : rows.rows) row.insert(row.begin(), static_cast<double>(i));
    all.rows.insert(all.rows.end(), rows.rows.begin(), rows.rows.end());
    all.columns = rows.columns;
    std::printf("%zu of %zu: %zu objects\n", i + 1, files.size(), rows.rows.size());
  }
  all.columns.insert(all.columns.begin(), "file");
  gpuimg::io::write_csv((results / "measurements.csv").string(), all);

  return files.size() == 4 && all.rows.size() > 100 ? 0 : 1;
}
