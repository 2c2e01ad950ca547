// SPDX-License-Identifier: BSD-3-Clause
// gpuimg devices: what the machine has.
#include <cstddef>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>

#include "cli/commands.hpp"
#include "gpuimg/device.hpp"

namespace gpuimg::cli {
namespace {

std::string memory_text(std::uint64_t bytes) {
  if (bytes == 0) return "no limit";  // the reference
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << static_cast<double>(bytes) / (1 << 30) << " GiB";
  return text.str();
}

// Whether a device computes what the reference computes; one that does not work says why.
opencl::exactness exactness_of(std::size_t index) {
  try {
    return device::by_index(index).exact();
  } catch (const error& e) {
    return {false, e.what()};
  }
}

}  // namespace

void print_devices() {
  const auto infos = device::list();
  std::size_t platform = 0, place = 0;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    if (i > 0) {
      const bool same_platform = infos[i].opencl.platform_id == infos[i - 1].opencl.platform_id;
      platform += same_platform ? 0 : 1;
      place = same_platform ? place + 1 : 0;
    }
    const auto exactness = exactness_of(i);
    const bool is_reference = infos[i].kind == "reference";
    std::cout << std::right << std::setw(2) << i << "  " << std::left << std::setw(6)
              << (is_reference ? "-" : std::to_string(platform) + ":" + std::to_string(place))
              << std::setw(13) << infos[i].kind << std::setw(12) << memory_text(infos[i].memory)
              << std::setw(9) << (exactness.is_exact ? "exact" : "inexact") << infos[i].name << " ("
              << infos[i].platform << ")" << (exactness.is_exact ? "" : ": " + exactness.reason)
              << "\n";
  }
}

}  // namespace gpuimg::cli
