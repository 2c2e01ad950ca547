// SPDX-License-Identifier: BSD-3-Clause
// gpuimg score: a segmentation against the truth, object by object.
#include "cli/score.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/json_files.hpp"
#include "cli/pixels.hpp"
#include "cli/report.hpp"
#include "gpuimg/io/csv.hpp"
#include "gpuimg/metrics/confusion.hpp"
#include "gpuimg/metrics/segmentation.hpp"

namespace gpuimg::cli {
namespace {

void print(const metrics::object_overlaps& overlaps, const std::vector<double>& thresholds) {
  print_fact("objects found", overlaps.predicted.size());
  print_fact("objects in truth", overlaps.truth.size());
  for (const double threshold : thresholds) {
    const auto matching = metrics::match_objects(overlaps, threshold);
    const std::string at = " at IoU " + io::number_text(threshold);
    print_fact("precision" + at, io::number_text(matching.precision()));
    print_fact("recall" + at, io::number_text(matching.recall()));
    print_fact("F1" + at, io::number_text(matching.f1()));
  }
}

json to_json(const metrics::object_overlaps& overlaps, const metrics::confusion& foreground,
             const std::vector<double>& thresholds) {
  json all{{"n_true", overlaps.truth.size()},
           {"n_pred", overlaps.predicted.size()},
           {"iou", number_or_null(foreground.iou())},
           {"dice", number_or_null(foreground.dice())},
           {"matching", json::array()}};
  for (const double threshold : thresholds) {
    const auto m = metrics::match_objects(overlaps, threshold);
    all["matching"].push_back({{"threshold", threshold},
                               {"tp", m.true_positives},
                               {"fp", m.false_positives},
                               {"fn", m.false_negatives},
                               {"precision", m.precision()},
                               {"recall", m.recall()},
                               {"accuracy", m.accuracy()},
                               {"f1", m.f1()},
                               {"mean_true_score", m.mean_true_score()},
                               {"mean_matched_score", m.mean_matched_score()},
                               {"panoptic_quality", m.panoptic_quality()}});
  }
  all["average_precision"] = metrics::average_precision(overlaps);
  return all;
}

}  // namespace

void print_score(view<const std::uint32_t> found, view<const std::uint32_t> truth,
                 const std::vector<double>& thresholds) {
  print(metrics::overlap_objects(truth, found), thresholds);
}

void score(const score_arguments& arguments) {
  std::vector<image_file> files;
  for (const auto& path : {arguments.labels, arguments.truth}) files.emplace_back(path);
  const volume_range range = choose_volumes(files, arguments.volume);
  if (range.count() > 1)
    throw argument_error(arguments.labels + ": one volume is scored, not " + to_string(range) +
                         "; pick with --channel and --frame");
  const auto read = [&](image_file& file) {
    return to_labels(read_volume(file, range.first_channel, range.first_frame), file.path());
  };
  std::string path;
  if (arguments.folder) {
    path = (make_folder(*arguments.folder) / "score.json").string();
    check_output(path, std::vector{arguments.labels, arguments.truth},
                 io::special_file::write_through);
  }
  const host_image found = read(files[0]), expected = read(files[1]);
  const auto f = found.as<std::uint32_t>(), t = expected.as<std::uint32_t>();
  const auto overlaps = metrics::overlap_objects(t, f);
  const auto foreground = metrics::confusion_of(t, f);
  print(overlaps, arguments.thresholds);
  print_fact("IoU of foreground", io::number_text(foreground.iou()));
  print_fact("Dice of foreground", io::number_text(foreground.dice()));
  if (!arguments.folder) return;
  write_text(path, to_json(overlaps, foreground, arguments.thresholds).dump(2) + "\n");
  print_fact("scores", path);
}

}  // namespace gpuimg::cli
