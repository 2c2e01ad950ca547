// SPDX-License-Identifier: BSD-3-Clause
// Numbers in named columns: what an operation returns that measures several things.
#pragma once

#include <string>
#include <vector>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

struct table {
  std::vector<std::string> columns{};
  std::vector<std::vector<double>> rows{};  ///< each as long as `columns`
};

}  // namespace gpuimg
