// SPDX-License-Identifier: BSD-3-Clause
// All reports of an agreement study in one page.
#include <array>
#include <cstdio>
#include <fstream>
#include <gpuimg/core/error.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "agreement_study/study.hpp"

namespace agreement_study {
namespace {

using nlohmann::json;

json read_json(const fs::path& path) {
  std::ifstream file(path);
  if (!file) throw gpuimg::io_error(path.string(), -1, "cannot be read");
  return json::parse(file);
}

/// A dash for what could not be computed.
std::string text_of(const json& number, int digits = 3) {
  if (number.is_null()) return "-";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*g", digits, number.get<double>());
  return text.data();
}

void write_objects(std::ostream& out, const std::vector<method_pair>& pairs) {
  out << "\n| A | B | objects in A | objects in B | the same |\n|---|---|---|---|---|\n";
  for (const auto& pair : pairs) {
    const json counts = read_json(pair.folder / "pair.json");
    out << "| " << pair.a << " | " << pair.b << " | " << counts["objects_a"] << " | "
        << counts["objects_b"] << " | " << counts["paired"] << " |\n";
  }
}

/// An interval that agree.json has as an array.
std::string interval_of(const json& ends) { return text_of(ends[0]) + " to " + text_of(ends[1]); }

void write_quantity(std::ostream& out, const std::vector<method_pair>& pairs,
                    const quantity& what) {
  std::string rows;
  json bar;
  for (const auto& pair : pairs) {
    const fs::path report = pair.folder / what.column / "agree.json";
    if (!fs::exists(report)) continue;
    const json found = read_json(report);
    bar = found["verdict"]["bar"];
    rows += "| " + pair.a + " | " + pair.b;
    for (const auto& cell :
         {found["n"].dump(), found["identical"].dump(), text_of(found["bias"]),
          text_of(found["sd"]), interval_of(found["limits"]), interval_of(found["percentiles"]),
          text_of(found["pearson_r"], 6), std::string(found["verdict"]["agree"] ? "yes" : "no")})
      rows += " | " + cell;
    rows += " |\n";
  }
  if (rows.empty()) return;
  out << "\n### " << what.column << ", " << what.unit
      << "\n\n| A | B | n | identical | bias | SD | limits of agreement | percentiles 2.5 to 97.5"
         " | Pearson's r | within -+"
      << text_of(bar) << " |\n|---|---|---|---|---|---|---|---|---|---|\n"
      << rows;
}

}  // namespace

void summarise(const fs::path& study) {
  std::ostringstream out;
  out << "# Agreement study\n\n"
      << files_of(study / "images", ".tif").size()
      << " images. Differences are A - B. The limits of agreement are the bias -+ 1.96 SD;\n"
         "the last column says whether they are, with their 95 % confidence intervals, within\n"
         "what does not matter.\n\n";
  for (const auto& method : lines_of(study / "methods.txt"))
    for (const auto& version : lines_of(study / "methods" / method / "version.txt"))
      out << "- " << method << ": " << version << '\n';
  for (const auto& line : lines_of(study / "left_out.txt")) out << "- left out: " << line << '\n';
  for (const auto part : parts) {
    const auto pairs = all_pairs(study, part);
    if (part == "given")
      out << "\n## The same labels, measured by every method\n";
    else
      out << "\n## Labels of their own\n\nObjects of " << smallest_nucleus << " to "
          << largest_nucleus << " pixels; the same are those that match at IoU 0.5.\n";
    write_objects(out, pairs);
    for (const auto& what : quantities) write_quantity(out, pairs, what);
  }
  std::ofstream file(study / "summary.md");
  file << out.str();
  if (!file.flush())
    throw gpuimg::io_error((study / "summary.md").string(), -1, "cannot be written");
}

}  // namespace agreement_study
