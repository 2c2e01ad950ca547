// SPDX-License-Identifier: BSD-3-Clause
// Which rows of the tables of two methods are about the same object.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <gpuimg/any_image.hpp>
#include <gpuimg/io/csv.hpp>
#include <gpuimg/io/tiff.hpp>
#include <gpuimg/metrics/segmentation.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "agreement_study/study.hpp"

namespace agreement_study {
namespace {

using gpuimg::table;
using row_of_label = std::map<double, std::vector<double>>;
using label_pairs = std::vector<std::pair<double, double>>;

std::size_t column_of(const table& t, std::string_view name) {
  return static_cast<std::size_t>(std::find(t.columns.begin(), t.columns.end(), name) -
                                  t.columns.begin());
}

/// The rows of those objects that may be nuclei.
table nuclei(const table& t) {
  table result{t.columns, {}};
  for (const auto& row : t.rows) {
    const double area = row.at(column_of(t, "area"));
    if (area >= smallest_nucleus && area <= largest_nucleus) result.rows.push_back(row);
  }
  return result;
}

std::vector<quantity> common_quantities(const table& a, const table& b) {
  std::vector<quantity> common;
  for (const auto& q : quantities)
    if (column_of(a, q.column) < a.columns.size() && column_of(b, q.column) < b.columns.size())
      common.push_back(q);
  return common;
}

/// The rows by label, with the cells of these quantities.
row_of_label rows_of(const table& t, const std::vector<quantity>& wanted) {
  row_of_label rows;
  for (const auto& row : t.rows)
    for (const auto& q : wanted)
      rows[row.at(column_of(t, "label"))].push_back(row.at(column_of(t, q.column)));
  return rows;
}

label_pairs same_labels(const row_of_label& a) {
  label_pairs pairs;
  for (const auto& [label, row] : a) pairs.emplace_back(label, label);
  return pairs;
}

/// Of two label images, which need not use the same labels for the same objects.
label_pairs matching_labels(const fs::path& path_a, const fs::path& path_b) {
  const auto read = [](const fs::path& path) {
    const auto file = gpuimg::io::read_tiff(path.string());
    return std::pair{gpuimg::pull(gpuimg::push<std::uint32_t>(gpuimg::device::reference(), file)),
                     file.size};
  };
  const auto [a, size_a] = read(path_a);
  const auto [b, size_b] = read(path_b);
  const auto matching = gpuimg::metrics::match_objects(gpuimg::view(a.data(), size_a),
                                                       gpuimg::view(b.data(), size_b), 0.5);
  label_pairs pairs;
  for (const auto& pair : matching.pairs) pairs.emplace_back(pair.truth, pair.predicted);
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

void pair_two(const fs::path& methods, std::string_view part, const method_pair& names) {
  const fs::path a = methods / names.a / part, b = methods / names.b / part;
  const bool own = part == "own";
  table all_a, all_b;
  std::size_t objects_a = 0, objects_b = 0;
  for (const auto& path : files_of(a, ".csv")) {
    auto table_a = gpuimg::io::read_csv(path.string());
    auto table_b = gpuimg::io::read_csv((b / path.filename()).string());
    if (own) table_a = nuclei(table_a), table_b = nuclei(table_b);
    const auto common = common_quantities(table_a, table_b);
    all_a.columns.clear();
    for (const auto& [column, unit] : common)
      all_a.columns.push_back(std::string(column) + " (" + std::string(unit) + ")");
    const auto rows_a = rows_of(table_a, common), rows_b = rows_of(table_b, common);
    objects_a += rows_a.size();
    objects_b += rows_b.size();
    const auto image = path.filename().replace_extension(".tif");
    for (const auto& [label_a, label_b] :
         own ? matching_labels(a / image, b / image) : same_labels(rows_a)) {
      if (!rows_a.contains(label_a) || !rows_b.contains(label_b)) continue;
      all_a.rows.push_back(rows_a.at(label_a));
      all_b.rows.push_back(rows_b.at(label_b));
    }
  }
  all_b.columns = all_a.columns;
  fs::create_directories(names.folder);
  gpuimg::io::write_csv((names.folder / (names.a + ".csv")).string(), all_a);
  gpuimg::io::write_csv((names.folder / (names.b + ".csv")).string(), all_b);
  const nlohmann::ordered_json counts{
      {"objects_a", objects_a}, {"objects_b", objects_b}, {"paired", all_a.rows.size()}};
  std::ofstream(names.folder / "pair.json") << counts.dump(2) << '\n';
}

}  // namespace

void pair_methods(const fs::path& study) {
  for (const auto part : parts)
    for (const auto& names : all_pairs(study, part)) pair_two(study / "methods", part, names);
}

}  // namespace agreement_study
