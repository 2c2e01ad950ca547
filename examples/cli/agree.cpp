// SPDX-License-Identifier: BSD-3-Clause
// gpuimg agree: whether two methods that measured the same agree, with a report to look at.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/commands.hpp"
#include "cli/difference_picture.hpp"
#include "cli/files.hpp"
#include "cli/json_files.hpp"
#include "cli/open_device.hpp"
#include "cli/pixels.hpp"
#include "cli/plots.hpp"
#include "cli/report.hpp"
#include "gpuimg/agreement/bland_altman.hpp"
#include "gpuimg/agreement/compare_images.hpp"
#include "gpuimg/agreement/compare_labels.hpp"
#include "gpuimg/any_image.hpp"
#include "gpuimg/io/csv.hpp"
#include "gpuimg/io/png.hpp"

namespace gpuimg::cli {
namespace {

/// What is compared: pairs of numbers, and what is known besides of images and label images.
struct compared_pairs {
  std::string what;             ///< "pixel value", "area", a column
  std::string things = "rows";  ///< what may lack a partner
  joined_columns pairs;
  std::vector<std::pair<std::string, std::string>> facts;  ///< beyond the analysis of pairs
  json more = json::object();
  shape size;                     ///< of images that are compared by pixels
  difference_picture picture;     ///< of these
  std::vector<pixel_pair> worst;  ///< of these, the greatest difference first
};

/// agree.json has all digits.
std::string text_of(double value) { return brief(value, 6); }
std::string text_of(const estimate& e) {
  return text_of(e.value) + " [" + text_of(e.lower) + ", " + text_of(e.upper) + "]";
}

/// FILE and COLUMN of FILE.csv:COLUMN; no column for anything else.
std::pair<std::string, std::string> split_column(const std::string& argument) {
  const auto colon = argument.rfind(".csv:");
  if (colon == argument.npos) return {argument, {}};
  return {argument.substr(0, colon + 4), argument.substr(colon + 5)};
}

std::size_t column_of(const std::string& path, const table& t, const std::string& name) {
  const auto found = std::find(t.columns.begin(), t.columns.end(), name);
  if (found != t.columns.end()) return static_cast<std::size_t>(found - t.columns.begin());
  std::string all;
  for (const auto& column : t.columns) all += (all.empty() ? "" : ", ") + column;
  throw argument_error(path + ": no column is called '" + name + "'; there are " + all);
}

compared_pairs compare_columns(const agree_arguments& arguments) {
  const auto [path_a, name_a] = split_column(arguments.a);
  const auto [path_b, name_b] = split_column(arguments.b);
  if (name_a.empty() || name_b.empty())
    throw argument_error("a column, FILE.csv:COLUMN, is compared with another column");
  const table a = io::read_csv(path_a), b = io::read_csv(path_b);
  const std::size_t column_a = column_of(path_a, a, name_a),
                    column_b = column_of(path_b, b, name_b);
  compared_pairs result;
  result.what = name_a == name_b ? name_a : "value";
  const auto has_labels = [](const table& t) { return std::ranges::count(t.columns, "label") > 0; };
  if (has_labels(a) && has_labels(b) && path_a != path_b) {
    result.pairs = join(a, name_a, b, name_b);
    result.facts.emplace_back("rows joined by", "label: " + std::to_string(result.pairs.a.size()) +
                                                    " of " + std::to_string(a.rows.size()) +
                                                    " and " + std::to_string(b.rows.size()));
    return result;
  }
  if (a.rows.size() != b.rows.size())
    throw argument_error(path_a + " has " + std::to_string(a.rows.size()) + " rows, " + path_b +
                         " has " + std::to_string(b.rows.size()));
  for (const auto& row : a.rows) result.pairs.a.push_back(row[column_a]);
  for (const auto& row : b.rows) result.pairs.b.push_back(row[column_b]);
  return result;
}

compared_pairs compare_objects(const label_image& a, const label_image& b) {
  compared_pairs result;
  result.what = "area of objects that match, pixels";
  result.things = "objects";
  const auto overlaps = metrics::overlap_objects(a, b);
  const auto matching = metrics::match_objects(overlaps);
  for (const auto& pair : matching.pairs) {
    result.pairs.a.push_back(static_cast<double>(area_of(overlaps.truth, pair.truth)));
    result.pairs.b.push_back(static_cast<double>(area_of(overlaps.predicted, pair.predicted)));
  }
  result.pairs.only_in_a = matching.false_negatives;
  result.pairs.only_in_b = matching.false_positives;
  const auto found = compare_labels(overlaps);
  const auto ids = [](const std::vector<std::uint32_t>& all) {
    std::string text = std::to_string(all.size());
    for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 10); ++i)
      text += (i == 0 ? ": " : ", ") + std::to_string(all[i]);
    return text + (all.size() > 10 ? " ..." : "");
  };
  result.facts = {
      {"objects in A, in B",
       std::to_string(found.objects_a) + ", " + std::to_string(found.objects_b)},
      {"objects", found.same_labels    ? "the same, with the same labels"
                  : found.same_objects ? "the same, with other labels"
                                       : "differ"},
      {"match at IoU 0.5", std::to_string(matching.true_positives) + "; without a match " +
                               std::to_string(matching.false_negatives) + " of A, " +
                               std::to_string(matching.false_positives) + " of B"},
      {"split by B", ids(found.split)},
      {"merged by B", ids(found.merged)},
      {"missing in B", ids(found.missing)},
      {"only in B", ids(found.added)},
      {"adjusted Rand index", text_of(found.adjusted_rand_index)},
      {"variation, bits",
       text_of(found.variation_split) + " split, " + text_of(found.variation_merged) + " merged"}};
  result.more["labels"] = {{"objects_a", found.objects_a},
                           {"objects_b", found.objects_b},
                           {"same_objects", found.same_objects},
                           {"same_labels", found.same_labels},
                           {"matched", matching.true_positives},
                           {"split", found.split},
                           {"merged", found.merged},
                           {"missing", found.missing},
                           {"added", found.added},
                           {"adjusted_rand_index", found.adjusted_rand_index},
                           {"variation_split", found.variation_split},
                           {"variation_merged", found.variation_merged}};
  return result;
}

/// ", 2 steps"; nothing where a NaN is beside a number, which no steps lead to.
std::string steps_text(std::uint64_t steps) {
  if (steps == std::numeric_limits<std::uint64_t>::max()) return {};
  return ", " + std::to_string(steps) + (steps == 1 ? " step" : " steps");
}

template <pixel T>
compared_pairs compare_pixels(view<const T> a, view<const T> b) {
  compared_pairs result;
  result.what = "pixel value";
  result.size = a.shape();
  result.pairs.a.assign(a.begin(), a.end());
  result.pairs.b.assign(b.begin(), b.end());
  const auto found = compare_images(a, b);
  result.worst = found.worst;
  if (!found.is_identical()) result.picture = draw_differences(a, b);
  result.more["parts"] = json::object();
  for (const auto* part : {&found.all, &found.interior, &found.border, &found.row_ends,
                           &found.first_plane, &found.last_plane}) {
    result.facts.emplace_back(
        std::string("different, ") + part->name,
        std::to_string(part->mismatches) + " of " + std::to_string(part->pixels) +
            (part->mismatches == 0 ? ""
                                   : ", by " + text_of(part->largest) + " at most" +
                                         steps_text(part->largest_steps)));
    result.more["parts"][part->name] = {{"pixels", part->pixels},
                                        {"mismatches", part->mismatches},
                                        {"max_abs", number_or_null(part->largest)},
                                        {"max_ulp", part->largest_steps}};
  }
  result.more["worst"] = json::array();
  for (const auto& [at, x, y] : found.worst) {
    const std::string place = "(" + std::to_string(at.x) + ", " + std::to_string(at.y) + ", " +
                              std::to_string(at.z) + ")";
    result.facts.emplace_back("pixel " + place, text_of(x) + " and " + text_of(y));
    result.more["worst"].push_back(
        {{"position", {at.x, at.y, at.z}}, {"a", number_or_null(x)}, {"b", number_or_null(y)}});
  }
  return result;
}

compared_pairs compare_files(const agree_arguments& arguments) {
  std::vector<image_file> files;
  for (const auto& path : {arguments.a, arguments.b}) files.emplace_back(path);
  const volume_range range = choose_volumes(files, arguments.volume);
  if (range.count() > 1)
    throw argument_error(arguments.a + ": one volume is compared, not " + to_string(range) +
                         "; pick with --channel and --frame");
  if (files[0].size() != files[1].size())
    throw argument_error("the images are " + to_string(files[0].size()) + " and " +
                         to_string(files[1].size()));
  host_image a = read_volume(files[0], range.first_channel, range.first_frame);
  host_image b = read_volume(files[1], range.first_channel, range.first_frame);
  if (arguments.labels || (a.type() == pixel_type::u32 && b.type() == pixel_type::u32)) {
    a = to_labels(std::move(a), arguments.a);
    b = to_labels(std::move(b), arguments.b);
    const device device = open_device(arguments.device);
    const compile_notice notice(device);
    return compare_objects(push<std::uint32_t>(device, a), push<std::uint32_t>(device, b));
  }
  if (a.type() != b.type()) {
    a = to_float(std::move(a));
    b = to_float(std::move(b));
  }
  return std::visit(
      [&]<class T>(const std::vector<T>& pixels) {
        return compare_pixels(view<const T>(pixels.data(), a.size), b.as<T>());
      },
      a.pixels);
}

json to_json(const agreement& found) {
  const auto interval = [](const estimate& e) {
    return json{number_or_null(e.lower), number_or_null(e.upper)};
  };
  return {{"n", found.pairs},
          {"bias", number_or_null(found.bias.value)},
          {"sd", number_or_null(found.sd)},
          {"limits",
           {number_or_null(found.lower_limit.value), number_or_null(found.upper_limit.value)}},
          {"bias_ci", interval(found.bias)},
          {"lower_ci", interval(found.lower_limit)},
          {"upper_ci", interval(found.upper_limit)},
          {"percentiles",
           {number_or_null(found.lower_percentile), number_or_null(found.upper_percentile)}},
          {"coefficient_of_repeatability", number_or_null(found.coefficient_of_repeatability)},
          {"slope", number_or_null(found.slope)},
          {"intercept", number_or_null(found.intercept)},
          {"slope_p", number_or_null(found.slope_p)},
          {"pearson_r", number_or_null(found.pearson_r)},
          {"concordance", number_or_null(found.concordance)},
          {"identical", found.identical},
          {"non_finite", found.non_finite},
          {"unmatched", found.unmatched},
          {"max_abs", number_or_null(found.largest)}};
}

std::vector<std::pair<std::string, std::string>> facts_of(const agreement& found) {
  return {{"pairs", std::to_string(found.pairs)},
          {"identical", std::to_string(found.identical)},
          {"not finite", std::to_string(found.non_finite)},
          {"without a partner", std::to_string(found.unmatched)},
          {"greatest difference", text_of(found.largest)},
          {"bias", text_of(found.bias)},
          {"standard deviation", text_of(found.sd)},
          {"lower limit", text_of(found.lower_limit)},
          {"upper limit", text_of(found.upper_limit)},
          {"percentiles 2.5, 97.5",
           text_of(found.lower_percentile) + ", " + text_of(found.upper_percentile)},
          {"slope over the mean", text_of(found.slope) + ", p " + text_of(found.slope_p)},
          {"Pearson's r", text_of(found.pearson_r)},
          {"concordance", text_of(found.concordance)}};
}

/// Whether the pairs agree as well as was wanted beforehand, and why; empty where nothing was.
std::string verdict(const agree_arguments& arguments, const compared_pairs& compared,
                    const agreement& found) {
  if (!arguments.bar) return {};
  const std::string pairs = std::to_string(found.pairs) + " pairs ", bar = text_of(*arguments.bar);
  if (found.is_within(*arguments.bar))
    return pairs + "agree: the limits of agreement and their intervals are within -+" + bar;
  std::vector<std::string> reasons;
  if (found.unmatched > 0)
    reasons.push_back(compared.things + " only in A: " + std::to_string(compared.pairs.only_in_a) +
                      ", only in B: " + std::to_string(compared.pairs.only_in_b));
  if (found.non_finite > 0) reasons.push_back("not finite: " + std::to_string(found.non_finite));
  if (std::isnan(found.lower_limit.lower))
    reasons.emplace_back("too few for limits of agreement");
  else if (found.lower_limit.lower < -*arguments.bar || found.upper_limit.upper > *arguments.bar)
    reasons.push_back("the limits of agreement or their intervals are not within -+" + bar);
  std::string text = pairs + "do not agree";
  for (const auto& reason : reasons) text += (&reason == &reasons.front() ? ": " : "; ") + reason;
  return text;
}

/// `picture` are the bytes of a PNG file, none where there is none to look at.
std::string report(const agree_arguments& arguments, const compared_pairs& compared,
                   const agreement& found, const std::string& picture) {
  const auto& [a, b, only_in_a, only_in_b] = compared.pairs;
  std::vector<point> values, differences;
  std::vector<double> d;
  const std::size_t step = 1 + a.size() / 4'000'000;  // more points make no other picture
  for (std::size_t i = 0; i < a.size(); i += step) {
    if (!std::isfinite(a[i] - b[i])) continue;
    values.push_back({b[i], a[i]});
    d.push_back(a[i] - b[i]);
    differences.push_back({(a[i] + b[i]) / 2, d.back()});
  }
  const std::string n = ", n = " + std::to_string(found.pairs) +
                        (step == 1 ? "" : ", every " + std::to_string(step) + "th drawn");
  const auto line = [](const estimate& e, const std::string& name) {
    return marked_line{0, e.value, e.lower, e.upper, name + " " + brief(e.value)};
  };
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Agreement</title>\n"
      "<style>body{font-family:sans-serif;max-width:820px;margin:2em auto;padding:0 "
      "10px}td{padding:2px 12px 2px "
      "0}svg{max-width:100%;height:auto;margin:1em "
      "0}</style></head><body>\n<h1>Agreement</h1>\n<p>A: <code>" +
      escaped(arguments.a) + "</code><br>B: <code>" + escaped(arguments.b) + "</code><br>" +
      escaped(compared.what) + "; differences are A - B</p>\n";
  if (found.pairs > 0 && found.all_identical()) html += "<p><b>All pairs are identical.</b></p>\n";
  if (arguments.bar) html += "<p><b>" + verdict(arguments, compared, found) + ".</b></p>\n";
  html += "<table>\n";
  for (const auto& all : {facts_of(found), compared.facts})
    for (const auto& [name, value] : all)
      html += "<tr><td>" + escaped(name) + "</td><td>" + escaped(value) + "</td></tr>\n";
  html += "</table>\n<p>Intervals in brackets: 95 % confidence.</p>\n";
  if (!values.empty()) {
    html += scatter_plot({"Difference against mean (Bland-Altman)" + n,
                          "mean of A and B: " + compared.what, "A - B: " + compared.what},
                         differences,
                         {line(found.upper_limit, "+1.96 SD"), line(found.bias, "bias"),
                          line(found.lower_limit, "-1.96 SD")});
    html += scatter_plot({"A against B" + n, "B: " + compared.what, "A: " + compared.what}, values,
                         {{1, 0, 0, 0, "A = B"}}, true);
    html += histogram_plot({"Differences" + n, "A - B: " + compared.what, "pairs"}, d);
  }
  if (!picture.empty()) {
    std::vector<point> marks;
    for (const auto& worst : compared.worst)
      marks.push_back({static_cast<double>(worst.at.x), static_cast<double>(worst.at.y)});
    html += difference_plot(
        {"A - B" + std::string(compared.size.is_3d() ? ", the greatest difference along z" : ""),
         "x, pixels", "y, pixels"},
        compared.size, picture, compared.picture.most, marks);
  }
  return html + "<p>Repeat: <code>gpuimg agree " + escaped(arguments.a) + " " +
         escaped(arguments.b) + (arguments.labels ? " --labels" : "") +
         (arguments.bar ? " --bar " + io::number_text(*arguments.bar) : "") +
         options_of(arguments.volume) + "</code></p>\n</body></html>\n";
}

}  // namespace

bool agree(const agree_arguments& arguments) {
  const auto is_column = [](const std::string& argument) {
    return !split_column(argument).second.empty();
  };
  std::filesystem::path folder;
  std::vector<std::string> outputs;
  if (arguments.folder) {
    folder = make_folder(*arguments.folder);
    for (const char* name : {"agree.json", "pairs.csv", "report.html", "difference.png"}) {
      outputs.push_back((folder / name).string());
      check_output(outputs.back(),
                   std::vector{split_column(arguments.a).first, split_column(arguments.b).first},
                   io::special_file::write_through);
    }
  }
  const compared_pairs compared = is_column(arguments.a) || is_column(arguments.b)
                                      ? compare_columns(arguments)
                                      : compare_files(arguments);
  const auto& pairs = compared.pairs;
  const agreement found = bland_altman(pairs);
  print_fact("compared", compared.what);
  for (const auto& all : {facts_of(found), compared.facts})
    for (const auto& [name, value] : all) print_fact(name, value);
  if (arguments.bar) print_fact("verdict", verdict(arguments, compared, found));
  const bool is_good = !arguments.bar || found.is_within(*arguments.bar);
  if (outputs.empty()) return is_good;
  json all = to_json(found);
  if (arguments.bar) all["verdict"] = {{"bar", *arguments.bar}, {"agree", is_good}};
  all.update(compared.more);
  write_text(outputs[0], all.dump(2) + "\n");
  if (compared.size.empty()) {
    table rows{{"a", "b"}, {}};
    for (std::size_t i = 0; i < pairs.a.size(); ++i) rows.rows.push_back({pairs.a[i], pairs.b[i]});
    io::write_csv(outputs[1], rows);
  }
  std::string picture;
  if (const auto& drawn = compared.picture; !drawn.rgb.empty()) {
    io::write_png_rgb(outputs[3], drawn.width, drawn.height, drawn.rgb);
    picture = read_text(outputs[3]);
  }
  write_text(outputs[2], report(arguments, compared, found, picture));
  print_fact("report", outputs[2]);
  return is_good;
}

}  // namespace gpuimg::cli
