// SPDX-License-Identifier: BSD-3-Clause
// gpuimg score: a segmentation against the truth, object by object.
#include "cli/score.hpp"

#include <string>

#include "cli/commands.hpp"
#include "cli/files.hpp"
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

void score(const std::string& labels, const std::string& truth, double iou) {
  const host_image found = read_labels(labels), expected = read_labels(truth);
  print_score(found.as<std::uint32_t>(), expected.as<std::uint32_t>(), iou);
}

}  // namespace gpuimg::cli
