// SPDX-License-Identifier: BSD-3-Clause
// All reports of an agreement study in one page.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <gpuimg/core/error.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "agreement_study/study.hpp"

namespace agreement_study {
namespace {

using nlohmann::json;

struct method_pair {
  std::string a, b;
  fs::path folder;
};

std::vector<method_pair> all_pairs(const fs::path& study, std::string_view part) {
  const auto methods = lines_of(study / "methods.txt");
  std::vector<method_pair> pairs;
  for (std::size_t i = 0; i < methods.size(); ++i)
    for (std::size_t j = i + 1; j < methods.size(); ++j)
      pairs.push_back(
          {methods[i], methods[j], folder_of_pair(study, part, methods[i], methods[j])});
  return pairs;
}

json read_json(const fs::path& path) {
  std::ifstream file(path);
  if (!file) throw gpuimg::io_error(path.string(), -1, "cannot be read");
  return json::parse(file);
}

/// Three digits; a dash for what could not be computed.
std::string text_of(const json& number) {
  if (number.is_null()) return "-";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", number.get<double>());
  return text.data();
}

void write_objects(std::ostream& out, const std::vector<method_pair>& pairs) {
  out << "\n| A | B | objects in A | objects in B | paired |\n|---|---|---|---|---|\n";
  for (const auto& pair : pairs) {
    const json counts = read_json(pair.folder / "pair.json");
    out << "| " << pair.a << " | " << pair.b << " | " << counts["objects_a"] << " | "
        << counts["objects_b"] << " | " << counts["paired"] << " |\n";
  }
}

void write_column(std::ostream& out, const std::vector<method_pair>& pairs,
                  std::string_view column) {
  const auto has_report = [&](const method_pair& pair) {
    return fs::exists(pair.folder / column / "agree.json");
  };
  if (std::none_of(pairs.begin(), pairs.end(), has_report)) return;
  out << "\n### " << column
      << "\n\n| A | B | n | identical | bias | SD | limits of agreement | Pearson's r | agree |\n"
         "|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& pair : pairs) {
    if (!has_report(pair)) continue;
    const json found = read_json(pair.folder / column / "agree.json");
    const bool agree = found["verdict"]["agree"];
    out << "| " << pair.a << " | " << pair.b << " | " << found["n"] << " | " << found["identical"]
        << " | " << text_of(found["bias"]) << " | " << text_of(found["sd"]) << " | "
        << text_of(found["limits"][0]) << " to " << text_of(found["limits"][1]) << " | "
        << text_of(found["pearson_r"]) << " | " << (agree ? "yes" : "no") << ", within -+"
        << text_of(found["verdict"]["bar"]) << " |\n";
  }
}

}  // namespace

void summarise(const fs::path& study) {
  std::ostringstream out;
  out << "# Agreement study\n\n"
      << files_of(study / "images", ".tif").size()
      << " images. Differences are A - B; limits of agreement are the bias -+ 1.96 SD; methods "
         "agree\nwhere the limits and their 95 % confidence intervals are within the bar.\n\n";
  for (const auto& method : lines_of(study / "methods.txt"))
    for (const auto& version : lines_of(study / "methods" / method / "version.txt"))
      out << "- " << method << ": " << version << '\n';
  for (const auto& line : lines_of(study / "left_out.txt")) out << "- left out: " << line << '\n';
  for (const auto part : parts) {
    const auto pairs = all_pairs(study, part);
    out << "\n## "
        << (part == "given" ? "The same labels, measured by every method"
                            : "Labels of their own: what was paired matches at IoU 0.5")
        << '\n';
    write_objects(out, pairs);
    for (const auto column : quantities) write_column(out, pairs, column);
  }
  std::ofstream file(study / "summary.md");
  file << out.str();
  if (!file.flush())
    throw gpuimg::io_error((study / "summary.md").string(), -1, "cannot be written");
}

}  // namespace agreement_study
