// SPDX-License-Identifier: BSD-3-Clause
// Segments a time-lapse of volumes frame by frame: one frame in memory at a time, one label file of
// all frames, and a table that says in which frame an object is.
#include <cstdint>
#include <cstdio>
#include <gpuimg/any_image.hpp>
#include <gpuimg/gpuimg.hpp>
#include <gpuimg/io/csv.hpp>
#include <gpuimg/io/tiff.hpp>

#include "synthesize/field.hpp"

constexpr std::size_t frame_count = 4;

/// A movie of volumes, appended frame by frame as a camera gives them.
void make_movie(const char* path) {
  gpuimg::io::tiff_writer movie(path,
                                {.pixel_size = {0.5, 0.5, 1}, .unit = "um", .frames = frame_count});
  for (unsigned t = 0; t < frame_count; ++t) {
    const auto field = gpuimg::examples::synthesize(
        {.size = {160, 120, 16}, .nuclei = 6 + 2 * t, .radius = 8, .seed = 1});
    movie.append(gpuimg::view<const std::uint16_t>(field.image.data(), field.size));
  }
  movie.close();
}

int main() {
  make_movie("time_lapse.tif");

  const auto device = gpuimg::device::best();
  gpuimg::io::tiff_reader movie("time_lapse.tif");  // walks the file once
  const std::size_t frames = movie.info().frames;
  gpuimg::io::tiff_writer found("time_lapse_labels.tif", {.frames = frames});
  gpuimg::table all;
  for (std::size_t t = 0; t < frames; ++t) {
    const auto volume = movie.read({.frame = t});
    const auto image = gpuimg::push<std::uint16_t>(device, volume);
    const auto labels = gpuimg::voronoi_otsu_labeling(image, {.spot_sigma = 3, .outline_sigma = 1});
    found.append(gpuimg::pull(labels, volume));

    auto rows = to_table(gpuimg::labels_statistics(labels, image));
    for (auto& row : rows.rows) row.insert(row.begin(), static_cast<double>(t));
    all.rows.insert(all.rows.end(), rows.rows.begin(), rows.rows.end());
    all.columns = rows.columns;
    std::printf("frame %zu of %zu: %zu objects\n", t, frames, rows.rows.size());
  }
  found.close();  // now the file is there
  all.columns.insert(all.columns.begin(), "frame");
  gpuimg::io::write_csv("time_lapse.csv", all);

  const auto info = gpuimg::io::read_tiff_info("time_lapse_labels.tif");
  return info.frames == frame_count && info.size.z == 16 && info.unit == "um" &&
                 all.rows.size() > 4 * 5
             ? 0
             : 1;
}
