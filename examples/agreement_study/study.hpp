// SPDX-License-Identifier: BSD-3-Clause
// The folder of an agreement study, and what is done in it. Its methods are lines of methods.txt,
// those that are not here lines of left_out.txt with the reason. Of every method there are
//   methods/METHOD/version.txt      one line
//   methods/METHOD/given/NAME.csv   measurements of labels/NAME.tif, the labels given to all
//   methods/METHOD/own/NAME.csv     measurements of own/NAME.tif, the labels that it found itself
// and of every two, in pairs/given/A-B and pairs/own/A-B:
//   A.csv, B.csv, pair.json         rows of the same objects, and how many there are
//   QUANTITY/                       the report of gpuimg agree
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace agreement_study {

namespace fs = std::filesystem;

inline constexpr std::array<std::string_view, 2> parts{"given", "own"};

/// What is compared, where both methods have a column of that name.
struct quantity {
  std::string_view column, unit;
};
inline constexpr std::array<quantity, 6> quantities{{{"area", "pixels"},
                                                     {"mean_intensity", "grey levels"},
                                                     {"centroid_x", "pixels"},
                                                     {"centroid_y", "pixels"},
                                                     {"perimeter", "pixels"},
                                                     {"perimeter_crofton", "pixels"}}};

/// Areas of what may be a nucleus, in pixels. Of the labels that methods found themselves, others
/// are dropped: specks of noise, and backgrounds that a threshold took for an object.
inline constexpr double smallest_nucleus = 20, largest_nucleus = 10'000;

std::vector<std::string> lines_of(const fs::path& path);

/// The files whose name ends so, sorted.
std::vector<fs::path> files_of(const fs::path& folder, std::string_view ending);

struct method_pair {
  std::string a, b;
  fs::path folder;
};

/// Every two methods, in the order of methods.txt.
std::vector<method_pair> all_pairs(const fs::path& study, std::string_view part);

/// Copies NAME_img.tif and NAME_mask.tif to images/NAME.tif and labels/NAME.tif in the form that
/// every program reads alike: uncompressed, and measured in pixels.
void prepare(const fs::path& study, const fs::path& images);

/// Measures and segments with gpuimg, as the method of that name.
void measure(const fs::path& study, const std::string& method);

/// Writes, for every two methods, tables in which row n is the same object of the same image.
void pair_methods(const fs::path& study);

/// Writes summary.md from the reports of all pairs.
void summarise(const fs::path& study);

}  // namespace agreement_study
