// SPDX-License-Identifier: BSD-3-Clause
// gpuimg plan: the passes and tiles of a run, before it begins.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/open_device.hpp"
#include "cli/report.hpp"
#include "cli/tiles.hpp"
#include "gpuimg/io/csv.hpp"

namespace gpuimg::cli {
namespace {

std::string bytes_text(std::uint64_t bytes) {
  constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
  std::ostringstream text;
  text << std::fixed << std::setprecision(unit == 0 || value >= 100 ? 0 : 1) << value << ' '
       << units[unit];
  return text.str();
}

std::string numbers_text(const std::array<std::size_t, 3>& n) {
  return std::to_string(n[0]) + "x" + std::to_string(n[1]) + "x" + std::to_string(n[2]);
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      std::size_t width = 0;
      for (const auto& other : rows) width = std::max(width, other[c].size());
      line += row[c] + (c + 1 < row.size() ? std::string(width - row[c].size() + 2, ' ') : "");
    }
    std::cout << line << '\n';
  }
}

}  // namespace

void plan(const run_arguments& arguments) {
  const tiling::pipeline what = pipeline_of(arguments);
  const auto files = open_files(what, arguments.files, arguments.volume);
  const pipeline_inputs inputs = open_inputs(what, files, choose_volumes(files, arguments.volume));
  const device device = open_device(arguments.device);
  const tiling::plan found = plan_of(what, inputs, device, arguments.tiles);

  print_fact("device", device.name());
  print_fact("memory for tiles", bytes_text(found.limits.memory));
  std::vector<std::vector<std::string>> rows{
      {"pass", "image", "tiles", "tile", "halo", "reads", "memory per tile", "at once", "to read"}};
  for (const auto& pass : found.passes) {
    std::ostringstream reads;
    reads << std::fixed << std::setprecision(2) << pass.read_amplification << "x";
    rows.push_back(
        {pass.name, to_string(pass.tiles.image()), numbers_text(pass.tiles.count()),
         to_string(pass.tiles.tile()),
         numbers_text({pass.halo.x, pass.halo.y, pass.halo.z}) + (pass.halo.wraps ? ", wraps" : ""),
         reads.str(), bytes_text(pass.tile_memory),
         std::to_string(std::min(pass.in_flight, pass.tiles.size())),
         bytes_text(pass.bytes_to_read)});
  }
  print_table(rows);
}

}  // namespace gpuimg::cli
