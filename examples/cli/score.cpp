// SPDX-License-Identifier: BSD-3-Clause
// gpuimg score: segmentations against the truth, object by object and pixel by pixel.
#include "cli/score.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/json_files.hpp"
#include "cli/open_device.hpp"
#include "cli/pixels.hpp"
#include "cli/plots.hpp"
#include "cli/report.hpp"
#include "gpuimg/any_image.hpp"
#include "gpuimg/io/csv.hpp"
#include "gpuimg/metrics/confusion.hpp"
#include "gpuimg/metrics/dataset.hpp"
#include "gpuimg/metrics/segmentation.hpp"
#include "gpuimg/metrics/surface_distance.hpp"

namespace gpuimg::cli {
namespace {

using metrics::confusion;
using metrics::matching_counts;

template <class Counts>
struct named_score {
  const char* name;
  double (Counts::*of)(double) const;
  bool is_short = false;  ///< whether it is in the short table
};
constexpr named_score<matching_counts> object_scores[] = {
    {"precision", &matching_counts::precision, true},
    {"recall", &matching_counts::recall, true},
    {"F1", &matching_counts::f1, true},
    {"accuracy", &matching_counts::accuracy},
    {"mean true score", &matching_counts::mean_true_score},
    {"mean matched score", &matching_counts::mean_matched_score},
    {"panoptic quality", &matching_counts::panoptic_quality}};
constexpr named_score<confusion> pixel_scores[] = {
    {"IoU", &confusion::iou, true},           {"Dice", &confusion::dice, true},
    {"precision", &confusion::precision},     {"recall", &confusion::recall},
    {"specificity", &confusion::specificity}, {"accuracy", &confusion::accuracy}};

/// "mean true score" as a key: "mean_true_score".
std::string key_of(std::string name) {
  std::ranges::transform(name, name.begin(), [](char c) {
    return c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return name;
}

/// What is counted in an image, or in several together.
struct counts {
  std::string name;
  confusion pixels{};
  std::size_t found = 0, truth = 0;        ///< objects
  std::vector<matching_counts> objects{};  ///< one per threshold; none of probabilities
  std::optional<metrics::surface_distance> distance{};     ///< not of several together
  std::optional<metrics::precision_recall_curve> curve{};  ///< not of several together

  counts& operator+=(const counts& other) {
    pixels += other.pixels;
    found += other.found;
    truth += other.truth;
    objects.resize(other.objects.size());
    for (std::size_t i = 0; i < objects.size(); ++i) objects[i] += other.objects[i];
    return *this;
  }
};

struct score_value {
  std::string name;  ///< "F1 at IoU 0.5"
  double value = 0;
  bool is_short = true;
};
using scores = std::vector<score_value>;  // in the same order for each image

class scorer {
 public:
  explicit scorer(const score_arguments& arguments)
      : thresholds_(arguments.thresholds),
        of_no_pixels_(arguments.of_nothing.value_or(confusion::undefined)),
        of_no_objects_(arguments.of_nothing.value_or(0)) {
    for (int percent = 50; percent <= 95; percent += 5) steps_.push_back(percent / 100.0);
  }

  [[nodiscard]] const std::vector<double>& thresholds() const { return thresholds_; }
  /// 0.5, 0.55 ... 0.95, over which the average precision is averaged.
  [[nodiscard]] const std::vector<double>& steps() const { return steps_; }
  [[nodiscard]] double of_no_objects() const { return of_no_objects_; }

  /// Counts objects at the thresholds, then at the steps.
  void count_objects(const metrics::object_overlaps& overlaps, counts& all) const {
    all.found = overlaps.predicted.size();
    all.truth = overlaps.truth.size();
    all.pixels = metrics::foreground_of(overlaps);
    for (const auto* list : {&thresholds_, &steps_})
      for (const double threshold : *list)
        all.objects.push_back(metrics::match_objects(overlaps, threshold));
  }
  [[nodiscard]] const matching_counts& at_step(const counts& all, std::size_t step) const {
    return all.objects[thresholds_.size() + step];
  }

  [[nodiscard]] scores scores_of(const counts& all) const {
    scores result;
    for (std::size_t i = 0; i < thresholds_.size() && !all.objects.empty(); ++i)
      for (const auto& score : object_scores)
        result.push_back({std::string(score.name) + " at IoU " + io::number_text(thresholds_[i]),
                          (all.objects[i].*score.of)(of_no_objects_), score.is_short});
    if (!all.objects.empty()) result.push_back({"average precision", average_precision(all)});
    for (const auto& score : pixel_scores)
      result.push_back({std::string(score.name) + " of foreground",
                        (all.pixels.*score.of)(of_no_pixels_), score.is_short});
    if (all.curve) result.push_back({"average precision", all.curve->average_precision});
    if (all.distance) {
      result.push_back({"Hausdorff distance", all.distance->hausdorff});
      result.push_back({"Hausdorff, 95 %", all.distance->hausdorff_95});
      result.push_back({"surface distance", all.distance->average});
    }
    return result;
  }
  [[nodiscard]] double average_precision(const counts& all) const {
    double sum = 0;
    for (std::size_t i = 0; i < steps_.size(); ++i) sum += at_step(all, i).accuracy(of_no_objects_);
    return sum / static_cast<double>(steps_.size());
  }

 private:
  std::vector<double> thresholds_, steps_;
  double of_no_pixels_, of_no_objects_;
};

struct file_pair {
  std::string name, found, truth;
};

/// The files of two folders by their names, or the one pair that was given.
std::vector<file_pair> pairs_of(const score_arguments& arguments) {
  namespace fs = std::filesystem;
  const bool are_folders = fs::is_directory(arguments.found);
  if (are_folders != fs::is_directory(arguments.truth))
    throw argument_error("a folder is scored against a folder, a file against a file");
  if (!are_folders) return {{arguments.found, arguments.found, arguments.truth}};
  const auto images_in = [](const std::string& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
      if (const std::string name = entry.path().filename().string(); named_format(name))
        names.insert(name);
    if (names.empty()) throw argument_error(folder + ": there are no .tif, .tiff or .png files");
    return names;
  };
  const auto found = images_in(arguments.found), truth = images_in(arguments.truth);
  const auto check = [](const auto& names, const std::string& in, const auto& others,
                        const std::string& folder) {
    for (const auto& name : names)
      if (!others.contains(name))
        throw argument_error(folder + ": there is no " + name + ", which is in " + in);
  };
  check(truth, arguments.truth, found, arguments.found);
  check(found, arguments.found, truth, arguments.truth);
  std::vector<file_pair> pairs;
  for (const auto& name : truth)
    pairs.push_back({name, (fs::path(arguments.found) / name).string(),
                     (fs::path(arguments.truth) / name).string()});
  return pairs;
}

counts count(const file_pair& pair, const score_arguments& arguments, const scorer& scorer,
             const device& device) {
  std::vector<image_file> files;
  for (const auto& path : {pair.found, pair.truth}) files.emplace_back(path);
  const volume_range range = choose_volumes(files, arguments.volume);
  if (range.count() > 1)
    throw argument_error(pair.found + ": one volume is scored, not " + to_string(range) +
                         "; pick with --channel and --frame");
  const auto read = [&](image_file& file) {
    return read_volume(file, range.first_channel, range.first_frame);
  };
  counts all{pair.name};
  host_image found = read(files[0]);
  const host_image truth = to_labels(read(files[1]), pair.truth);
  const auto t = truth.as<std::uint32_t>();
  if (arguments.probability) {
    found = to_float(std::move(found));
    all.pixels = metrics::confusion_of(t, found.as<float>(), *arguments.probability);
    all.curve = metrics::precision_recall(t, found.as<float>());
    for (auto& pixel : std::get<std::vector<float>>(found.pixels))
      pixel = static_cast<double>(pixel) > *arguments.probability ? 1.0f : 0.0f;
  } else {
    found = to_labels(std::move(found), pair.found);
    if (found.size != truth.size)
      throw argument_error(pair.found + ": is " + to_string(found.size) + ", but the truth is " +
                           to_string(truth.size));
    scorer.count_objects(metrics::overlap_objects(push<std::uint32_t>(device, truth),
                                                  push<std::uint32_t>(device, found)),
                         all);
  }
  if (arguments.spacing)
    all.distance = std::visit(
        [&]<class T>(const std::vector<T>& pixels) {
          return metrics::surface_distance_of(t, view<const T>(pixels.data(), found.size),
                                              *arguments.spacing);
        },
        found.pixels);
  return all;
}

/// All that is reported.
struct results {
  std::vector<counts> images;
  counts pooled{"pooled"};
  scores of_pool, means;  ///< means over the images; of_pool lacks what cannot be pooled
  std::vector<scores> of_images;
  std::vector<std::size_t> in_mean;  ///< images, for each score

  [[nodiscard]] bool is_set() const { return images.size() > 1; }
  [[nodiscard]] const score_value* pooled_score(const std::string& name) const {
    const auto found = std::ranges::find(of_pool, name, &score_value::name);
    return found == of_pool.end() ? nullptr : &*found;
  }
};

results add_up(std::vector<counts> images, const scorer& scorer) {
  results all;
  all.images = std::move(images);
  for (const auto& image : all.images) {
    all.pooled += image;
    all.of_images.push_back(scorer.scores_of(image));
  }
  all.of_pool = scorer.scores_of(all.pooled);
  for (std::size_t i = 0; i < all.of_images.front().size(); ++i) {
    std::vector<double> values;
    for (const auto& image : all.of_images) values.push_back(image[i].value);
    const auto mean = metrics::mean_of(values);
    const auto& score = all.of_images.front()[i];
    all.means.push_back({score.name, mean.value, score.is_short});
    all.in_mean.push_back(mean.images);
  }
  return all;
}

void print(const results& all) {
  const bool has_objects = !all.pooled.objects.empty();
  if (all.is_set()) print_fact("images", all.images.size());
  if (has_objects) {
    print_fact("objects found", all.pooled.found);
    print_fact("objects in truth", all.pooled.truth);
  }
  for (std::size_t i = 0; i < all.means.size(); ++i) {
    const auto& [name, mean, is_short] = all.means[i];
    if (!is_short) continue;
    std::string text = io::number_text(mean);
    if (all.is_set()) text += " on average of " + std::to_string(all.in_mean[i]);
    if (const auto* pooled = all.pooled_score(name); pooled != nullptr && all.is_set())
      text = io::number_text(pooled->value) + " pooled, " + text;
    print_fact(name, text);
  }
}

json to_json(const counts& image, const scorer& scorer) {
  json all{{"name", image.name},
           {"n_true", image.truth},
           {"n_pred", image.found},
           {"iou", number_or_null(image.pixels.iou())},
           {"dice", number_or_null(image.pixels.dice())},
           {"pixels",
            {{"tp", image.pixels.true_positives},
             {"fp", image.pixels.false_positives},
             {"fn", image.pixels.false_negatives},
             {"tn", image.pixels.true_negatives}}},
           {"matching", json::array()},
           {"scores", json::object()}};
  for (std::size_t i = 0; i < scorer.thresholds().size() && !image.objects.empty(); ++i) {
    const auto& m = image.objects[i];
    json row{{"threshold", scorer.thresholds()[i]},
             {"tp", m.true_positives},
             {"fp", m.false_positives},
             {"fn", m.false_negatives}};
    for (const auto& score : object_scores)
      row[key_of(score.name)] = number_or_null((m.*score.of)(scorer.of_no_objects()));
    all["matching"].push_back(row);
  }
  for (const auto& score : scorer.scores_of(image))
    all["scores"][score.name] = number_or_null(score.value);
  if (!image.objects.empty())
    all["average_precision"] = number_or_null(scorer.average_precision(image));
  return all;
}

json to_json(const results& all, const scorer& scorer) {
  if (!all.is_set()) return to_json(all.images.front(), scorer);
  json result{
      {"images", json::array()}, {"pooled", to_json(all.pooled, scorer)}, {"mean", json::object()}};
  for (const auto& image : all.images) result["images"].push_back(to_json(image, scorer));
  for (const auto& score : all.means) result["mean"][score.name] = number_or_null(score.value);
  return result;
}

/// A row per image, then the pooled images and the mean; the first one names the columns.
std::vector<std::vector<std::string>> rows_of(const results& all, int digits, bool is_short) {
  std::vector<std::vector<std::string>> rows{{"image"}};
  const bool has_objects = !all.pooled.objects.empty();
  if (has_objects) rows.front().insert(rows.front().end(), {"objects found", "objects in truth"});
  scores columns = all.means;
  std::erase_if(columns, [&](const auto& score) { return is_short && !score.is_short; });
  for (const auto& column : columns) rows.front().push_back(column.name);
  const auto add = [&](const std::string& name, const counts* of, const scores& values) {
    std::vector<std::string> row{name};
    if (has_objects) {
      row.push_back(of == nullptr ? "" : std::to_string(of->found));
      row.push_back(of == nullptr ? "" : std::to_string(of->truth));
    }
    for (const auto& column : columns) {
      const auto found = std::ranges::find(values, column.name, &score_value::name);
      row.push_back(found == values.end() ? "" : brief(found->value, digits));
    }
    rows.push_back(std::move(row));
  };
  for (std::size_t i = 0; i < all.images.size(); ++i)
    add(all.images[i].name, &all.images[i], all.of_images[i]);
  if (all.is_set()) {
    add("pooled", &all.pooled, all.of_pool);
    add("mean", nullptr, all.means);
  }
  return rows;
}

std::string csv(const results& all) {
  std::string text;
  for (const auto& row : rows_of(all, 17, false))
    for (const auto& cell : row)
      text +=
          (&cell == &row.front() ? "\"" : ",\"") + cell + (&cell == &row.back() ? "\"\n" : "\"");
  return text;
}

std::string command_of(const score_arguments& arguments) {
  std::string command = "gpuimg score " + arguments.found + " " + arguments.truth;
  if (!arguments.probability)
    for (const double& threshold : arguments.thresholds)
      command += (&threshold == &arguments.thresholds.front() ? " --iou " : ",") +
                 io::number_text(threshold);
  else
    command += " --probability " + io::number_text(*arguments.probability);
  if (arguments.spacing)
    command += " --spacing " + io::number_text((*arguments.spacing)[0]) + "," +
               io::number_text((*arguments.spacing)[1]) + "," +
               io::number_text((*arguments.spacing)[2]);
  if (arguments.of_nothing)
    command +=
        " --empty " +
        (std::isnan(*arguments.of_nothing) ? "skip" : io::number_text(*arguments.of_nothing));
  return command + options_of(arguments.volume);
}

std::string report(const score_arguments& arguments, const results& all, const scorer& scorer) {
  const auto rows = rows_of(all, 4, all.is_set());
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Scores</title>\n"
      "<style>body{font-family:sans-serif;max-width:820px;margin:2em auto;padding:0 "
      "10px}table{border-collapse:"
      "collapse;display:block;overflow-x:auto}td,th{padding:2px 12px 2px 0;text-align:left;"
      "vertical-align:bottom}svg{max-width:100%;height:auto;margin:1em 0}</style></head><body>\n"
      "<h1>Scores</h1>\n<p>Found: <code>" +
      escaped(arguments.found) + "</code><br>Truth: <code>" + escaped(arguments.truth) +
      "</code></p>\n<table" + (all.is_set() ? " style=\"font-size:small\"" : "") + ">\n";
  if (all.is_set())  // a row per image; of one image a row per score
    for (const auto& row : rows) {
      html += "<tr>";
      const std::string tag = &row == &rows.front() ? "th>" : "td>";
      for (const auto& cell : row) html += "<" + tag + escaped(cell) + "</" + tag;
      html += "</tr>\n";
    }
  else
    for (std::size_t i = 1; i < rows.front().size(); ++i)
      html += "<tr><td>" + escaped(rows[0][i]) + "</td><td>" + escaped(rows[1][i]) + "</td></tr>\n";
  html += "</table>\n";
  if (!all.pooled.objects.empty()) {
    std::vector<curve> curves;
    for (const auto& score : object_scores) {
      curves.push_back({{}, score.name});
      for (std::size_t i = 0; i < scorer.steps().size(); ++i)
        curves.back().points.push_back(
            {scorer.steps()[i], (scorer.at_step(all.pooled, i).*score.of)(confusion::undefined)});
    }
    html += curve_plot(
        {"Objects, n = " + std::to_string(all.pooled.truth) + " true ones" +
             (all.is_set() ? " in " + std::to_string(all.images.size()) + " images, pooled" : ""),
         "IoU from which on two objects are the same", "score"},
        {0.5, 0.95}, curves);
  }
  if (!all.is_set() && all.images.front().curve) {
    const auto& found = *all.images.front().curve;
    curve line{{}, "AP " + brief(found.average_precision, 4)};
    const std::size_t step = 1 + found.recall.size() / 2000;  // more points make no other picture
    for (std::size_t i = 0; i < found.recall.size(); i += step)
      line.points.push_back({found.recall[i], found.precision[i]});
    const auto pixels = all.pooled.pixels;
    html += curve_plot({"Precision and recall of pixels, n = " +
                            std::to_string(pixels.true_positives + pixels.false_positives +
                                           pixels.false_negatives + pixels.true_negatives),
                        "recall", "precision"},
                       {0, 1}, {line});
  }
  if (all.is_set())
    for (const char* name : {"F1 at IoU ", "Dice of foreground"}) {
      const auto is_it = [&](const auto& score) { return score.name.starts_with(name); };
      std::vector<double> values;
      std::string full_name;
      for (const auto& image : all.of_images)
        if (const auto at = std::ranges::find_if(image, is_it); at != image.end()) {
          full_name = at->name;
          if (!std::isnan(at->value)) values.push_back(at->value);
        }
      if (!values.empty())
        html += histogram_plot({full_name + " of each image, n = " + std::to_string(values.size()),
                                full_name, "images"},
                               values);
    }
  return html + "<p>Repeat: <code>" + escaped(command_of(arguments)) +
         "</code></p>\n</body></html>\n";
}

}  // namespace

void print_score(view<const std::uint32_t> found, view<const std::uint32_t> truth,
                 const std::vector<double>& thresholds) {
  const auto overlaps = metrics::overlap_objects(truth, found);
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

void score(const score_arguments& arguments) {
  const auto pairs = pairs_of(arguments);
  std::vector<std::string> outputs;
  if (arguments.folder) {
    std::vector<std::string> inputs;
    for (const auto& pair : pairs) inputs.insert(inputs.end(), {pair.found, pair.truth});
    for (const auto folder = make_folder(*arguments.folder);
         const char* name : {"score.csv", "score.json", "report.html"}) {
      outputs.push_back((folder / name).string());
      check_output(outputs.back(), inputs, io::special_file::write_through);
    }
  }
  const scorer scorer(arguments);
  const device device = arguments.probability ? device::reference() : open_device(arguments.device);
  const compile_notice notice(device);
  std::vector<counts> images;
  for (const auto& pair : pairs) {
    images.push_back(count(pair, arguments, scorer, device));
    auto& curve = images.back().curve;
    if (curve && pairs.size() > 1)  // its points are not drawn, and as many as pixels
      curve = {{}, {}, {}, curve->average_precision};
  }
  const results all = add_up(std::move(images), scorer);
  print(all);
  if (outputs.empty()) return;
  write_text(outputs[0], csv(all));
  write_text(outputs[1], to_json(all, scorer).dump(2) + "\n");
  write_text(outputs[2], report(arguments, all, scorer));
  print_fact("report", outputs[2]);
}

}  // namespace gpuimg::cli
