// SPDX-License-Identifier: BSD-3-Clause
// gpuimg parity: every operation on every device against the reference, with a report.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/json_files.hpp"
#include "cli/open_device.hpp"
#include "cli/operations.hpp"
#include "cli/plots.hpp"
#include "cli/report.hpp"
#include "gpuimg/core/version.hpp"
#include "gpuimg/io/csv.hpp"
#include "registry/parity.hpp"

namespace gpuimg::cli {
namespace {

/// What all comparisons of an operation on a device say together.
struct parity_row {
  const registry_entry* entry;
  std::string device;
  std::uint64_t comparisons = 0, refused = 0;  ///< refused: arguments that both refuse, alike
  std::uint64_t values = 0, different = 0, largest_steps = 0, failed = 0, other_runs = 0;
  double largest = 0;
  std::string first_failure{}, first_case{};  ///< what, and with which images and parameters

  void add(const comparison& c) {
    ++comparisons;
    refused += c.expected.refusal.empty() ? 0 : 1;
    values += c.difference.values;
    different += c.difference.different;
    largest = std::max(largest, c.difference.largest);
    largest_steps = std::max(largest_steps, c.difference.largest_steps);
    other_runs += c.other_runs;
    if (c.difference.text.empty() && c.other_runs == 0) return;
    if (++failed > 1) return;
    first_failure = c.difference.text.empty() ? "another run has other bits" : c.difference.text;
    first_case = c.name(*entry);
  }
  [[nodiscard]] std::string verdict() const {
    if (failed > 0) return "differs";
    return different == 0 ? "identical" : "within tolerance";
  }
  [[nodiscard]] std::string tolerance_text() const {
    const auto& allowed = entry->about->tolerance;
    if (!allowed) return "none";
    return io::number_text(allowed->absolute) + " + " + io::number_text(allowed->relative) +
           " of the value";
  }
};

const std::vector<std::string> columns{"operation", "device",         "verdict",  "comparisons",
                                       "values",    "different",      "greatest", "steps",
                                       "tolerance", "differing runs", "refused"};

std::vector<std::string> cells_of(const parity_row& row) {
  return {row.entry->about->name,
          row.device,
          row.verdict(),
          std::to_string(row.comparisons),
          std::to_string(row.values),
          std::to_string(row.different),
          io::number_text(row.largest),
          std::to_string(row.largest_steps),
          row.tolerance_text(),
          std::to_string(row.other_runs),
          std::to_string(row.refused)};
}

/// Cells, each between `before` and `after`.
std::string joined(const std::vector<std::string>& cells, const std::string& before,
                   const std::string& after) {
  std::string text;
  for (const auto& cell : cells) text += before + cell + after;
  return text;
}

/// The command that makes the same report.
std::string command_of(const parity_arguments& arguments) {
  std::string command = "gpuimg parity";
  if (arguments.operation) command += " --operation " + *arguments.operation;
  if (arguments.device) command += " --device " + *arguments.device;
  if (arguments.repeats > 1) command += " --repeat " + std::to_string(arguments.repeats);
  return command;
}

/// What was compared, in a few sentences, after the command.
std::string introduction(const parity_arguments& arguments) {
  return "By gpuimg " + std::string(version) +
         ". Each operation ran with all its cases, on images of every pixel type, of awkward "
         "shapes (empty, single pixels, thin, primes, around multiples of vectors, 2D and 3D) and "
         "of three kinds of content (even, with extremes, with many ties), on each device and on "
         "the reference. Values are pixels and numbers in tables; different ones have other bits "
         "(any two NaN are alike); steps are units in the last place of float pixels. Refused are "
         "arguments that both refuse with the same words." +
         (arguments.repeats > 1
              ? " Everything ran " + std::to_string(arguments.repeats) +
                    " times; differing runs have other bits than the first. The rows of the "
                    "reference are about its runs alone."
              : "");
}

/// The platform and the driver of each device.
std::string platform_of(const device& device) {
  if (device.is_reference()) return device.name();
  const auto about = device.opencl().description();
  return about.name + ": " + about.platform + ", driver " + about.driver;
}

std::string markdown(const parity_arguments& arguments, const std::vector<std::string>& devices,
                     const std::vector<parity_row>& rows) {
  std::string text = "# Parity with the reference\n\n    " + command_of(arguments) + "\n\n" +
                     introduction(arguments) + "\n\n" + joined(devices, "- ", "\n") + "\n|" +
                     joined(columns, " ", " |") + "\n|";
  for (std::size_t c = 0; c < columns.size(); ++c) text += " --- |";
  for (const auto& row : rows) text += "\n|" + joined(cells_of(row), " ", " |");
  text += "\n";
  for (const auto& row : rows)
    if (row.failed > 0)
      text += "\n- " + std::string(row.entry->about->name) + " on " + row.device + ": " +
              row.first_failure + " (`" + row.first_case + "`)";
  return text + (text.back() == '\n' ? "" : "\n");
}

std::string html(const parity_arguments& arguments, std::vector<std::string> devices,
                 const std::vector<parity_row>& rows) {
  for (auto& device : devices) device = escaped(device);
  const auto line = [](std::vector<std::string> cells, const std::string& tag) {
    for (auto& cell : cells) cell = escaped(cell);
    return "<tr>" + joined(cells, "<" + tag + ">", "</" + tag + ">") + "</tr>\n";
  };
  std::string text =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Parity</title>\n"
      "<style>body{font-family:sans-serif;max-width:1200px;margin:2em auto}"
      "table{border-collapse:collapse;font-size:small}th{text-align:left;border-bottom:1px solid}"
      "td,th{padding:2px 8px 2px 0}td:nth-child(n+4){text-align:right}.differs{background:#fdd}"
      "</style></head><body>\n<h1>Parity with the reference</h1>\n<p><code>" +
      escaped(command_of(arguments)) + "</code></p>\n<p>" + introduction(arguments) +
      "</p>\n<ul>\n" + joined(devices, "<li>", "</li>\n") + "</ul>\n<table>\n" +
      line(columns, "th");
  for (const auto& row : rows) {
    std::string cells = line(cells_of(row), "td");
    if (row.failed > 0) cells.replace(0, 4, "<tr class=\"differs\">");
    text += cells;
  }
  text += "</table>\n<ul>\n";
  for (const auto& row : rows)
    if (row.failed > 0)
      text += "<li>" +
              escaped(std::string(row.entry->about->name) + " on " + row.device + ": " +
                      row.first_failure) +
              "; case <code>" + escaped(row.first_case) + "</code></li>\n";
  return text + "</ul>\n</body></html>\n";
}

json to_json(const std::vector<parity_row>& rows) {
  json all = json::array();
  for (const auto& row : rows) {
    const auto& allowed = row.entry->about->tolerance;
    all.push_back({{"operation", row.entry->about->name},
                   {"device", row.device},
                   {"verdict", row.verdict()},
                   {"comparisons", row.comparisons},
                   {"refused", row.refused},
                   {"values", row.values},
                   {"different", row.different},
                   {"max_abs", row.largest},
                   {"max_ulp", row.largest_steps},
                   {"tolerance", allowed ? json{allowed->absolute, allowed->relative} : json()},
                   {"differing_runs", row.other_runs},
                   {"failed", row.failed},
                   {"first_failure", row.first_failure},
                   {"case", row.first_case}});
  }
  return all;
}

std::string csv(const std::vector<parity_row>& rows) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text;
    for (const auto& cell : cells) text += (text.empty() ? "\"" : ",\"") + cell + '"';
    return text + "\n";
  };
  std::string text = line(columns);
  for (const auto& row : rows) text += line(cells_of(row));
  return text;
}

std::vector<device> devices_of(const parity_arguments& arguments) {
  if (arguments.device) return {open_device(*arguments.device)};
  std::vector<device> all;
  if (arguments.repeats > 1) all.push_back(device::reference());
  for (const auto& description : opencl::list_devices())
    all.emplace_back(opencl::device(description));
  return all;
}

}  // namespace

bool parity(const parity_arguments& arguments) {
  std::vector<const registry_entry*> entries;
  if (arguments.operation)
    entries.push_back(&operation_named(*arguments.operation));
  else
    for (const auto& entry : catalogue()) entries.push_back(&entry);
  const auto devices = devices_of(arguments);
  if (devices.empty())
    throw device_error("there is no OpenCL device to compare with the reference",
                       CL_DEVICE_NOT_FOUND);
  std::vector<std::string> outputs;
  if (arguments.folder)
    for (const auto folder = make_folder(*arguments.folder);
         const char* name : {"parity.csv", "parity.json", "parity.md", "report.html"}) {
      outputs.push_back((folder / name).string());
      check_output(outputs.back(), std::vector<std::string>{}, io::special_file::write_through);
    }
  std::vector<parity_row> rows;
  for (const auto* entry : entries) {
    std::vector<parity_row> on;
    for (const auto& device : devices) on.push_back({entry, device.name()});
    const auto cases = cases_of(entry->about->name);
    compare_with_reference(*entry, cases, {}, devices, arguments.repeats, [&](const comparison& c) {
      on[static_cast<std::size_t>(&c.device - devices.data())].add(c);
    });
    for (const auto& row : on) {
      print_fact(row.verdict(),
                 std::string(row.entry->about->name) + " on " + row.device + ": " +
                     std::to_string(row.values) + " values in " + std::to_string(row.comparisons) +
                     " comparisons" +
                     (row.failed == 0 ? "" : "; " + row.first_case + ": " + row.first_failure));
      rows.push_back(row);
    }
  }
  if (!outputs.empty()) {
    std::vector<std::string> platforms;
    for (const auto& device : devices) platforms.push_back(platform_of(device));
    write_text(outputs[0], csv(rows));
    write_text(outputs[1], to_json(rows).dump(2) + "\n");
    write_text(outputs[2], markdown(arguments, platforms, rows));
    write_text(outputs[3], html(arguments, platforms, rows));
    print_fact("report", outputs[3]);
  }
  return std::ranges::all_of(rows, [](const parity_row& row) { return row.failed == 0; });
}

}  // namespace gpuimg::cli
