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

/// The rows by label, with the cells of these columns.
row_of_label rows_of(const table& t, const std::vector<std::string>& columns) {
  const auto at = [&](const std::string& name) {
    return static_cast<std::size_t>(std::find(t.columns.begin(), t.columns.end(), name) -
                                    t.columns.begin());
  };
  row_of_label rows;
  for (const auto& row : t.rows) {
    auto& cells = rows[row.at(at("label"))];
    for (const auto& name : columns) cells.push_back(row.at(at(name)));
  }
  return rows;
}

bool has_column(const table& t, std::string_view name) {
  return std::find(t.columns.begin(), t.columns.end(), name) != t.columns.end();
}

std::vector<std::string> common_quantities(const table& a, const table& b) {
  std::vector<std::string> names;
  for (const auto name : quantities)
    if (has_column(a, name) && has_column(b, name)) names.emplace_back(name);
  return names;
}

label_pairs same_labels(const row_of_label& a, const row_of_label& b) {
  label_pairs pairs;
  for (const auto& [label, row] : a)
    if (b.contains(label)) pairs.emplace_back(label, label);
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

void pair_two(const fs::path& study, std::string_view part, const std::string& name_a,
              const std::string& name_b) {
  const fs::path a = study / "methods" / name_a / part, b = study / "methods" / name_b / part;
  table all_a, all_b;
  std::size_t objects_a = 0, objects_b = 0;
  for (const auto& path : files_of(a, ".csv")) {
    const auto table_a = gpuimg::io::read_csv(path.string());
    const auto table_b = gpuimg::io::read_csv((b / path.filename()).string());
    all_a.columns = all_b.columns = common_quantities(table_a, table_b);
    const auto rows_a = rows_of(table_a, all_a.columns), rows_b = rows_of(table_b, all_b.columns);
    objects_a += rows_a.size();
    objects_b += rows_b.size();
    const auto image = path.filename().replace_extension(".tif");
    for (const auto& [label_a, label_b] :
         part == "own" ? matching_labels(a / image, b / image) : same_labels(rows_a, rows_b)) {
      all_a.rows.push_back(rows_a.at(label_a));
      all_b.rows.push_back(rows_b.at(label_b));
    }
  }
  const fs::path folder = folder_of_pair(study, part, name_a, name_b);
  fs::create_directories(folder);
  gpuimg::io::write_csv((folder / "a.csv").string(), all_a);
  gpuimg::io::write_csv((folder / "b.csv").string(), all_b);
  const nlohmann::ordered_json counts{
      {"objects_a", objects_a}, {"objects_b", objects_b}, {"paired", all_a.rows.size()}};
  std::ofstream(folder / "pair.json") << counts.dump(2) << '\n';
}

}  // namespace

void pair_methods(const fs::path& study) {
  const auto methods = lines_of(study / "methods.txt");
  for (const auto part : parts)
    for (std::size_t i = 0; i < methods.size(); ++i)
      for (std::size_t j = i + 1; j < methods.size(); ++j)
        pair_two(study, part, methods[i], methods[j]);
}

}  // namespace agreement_study
