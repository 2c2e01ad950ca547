// SPDX-License-Identifier: BSD-3-Clause
// gpuimg score: a segmentation against the truth, object by object.
#include "cli/score.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/pixels.hpp"
#include "cli/report.hpp"
#include "gpuimg/io/csv.hpp"
#include "gpuimg/metrics/segmentation.hpp"

namespace gpuimg::cli {

void print_score(view<const std::uint32_t> found, view<const std::uint32_t> truth, double iou) {
  const auto overlaps = metrics::overlap_objects(truth, found);
  const auto matching = metrics::match_objects(overlaps, iou);
  const std::string at = " at IoU " + io::number_text(iou);
  print_fact("objects found", overlaps.predicted_objects);
  print_fact("objects in truth", overlaps.truth_objects);
  print_fact("precision" + at, io::number_text(matching.precision()));
  print_fact("recall" + at, io::number_text(matching.recall()));
  print_fact("F1" + at, io::number_text(matching.f1()));
}

void score(const std::string& labels, const std::string& truth, double iou,
           const volume_choice& choice) {
  std::vector<image_file> files;
  for (const auto& path : {labels, truth}) files.emplace_back(path);
  const volume_range range = choose_volumes(files, choice);
  if (range.count() > 1)
    throw argument_error(labels + ": one volume is scored, not " + to_string(range) +
                         "; pick with --channel and --frame");
  const auto read = [&](image_file& file) {
    return to_labels(read_volume(file, range.first_channel, range.first_frame), file.path());
  };
  const host_image found = read(files[0]), expected = read(files[1]);
  print_score(found.as<std::uint32_t>(), expected.as<std::uint32_t>(), iou);
}

}  // namespace gpuimg::cli
