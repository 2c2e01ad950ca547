// SPDX-License-Identifier: BSD-3-Clause
// Pipelines as JSON files.
#pragma once

#include <string>

#include "gpuimg/tiling/pipeline.hpp"

namespace gpuimg::cli {

/// Reads a pipeline:
///     {"inputs": ["src"],
///      "steps": [{"name": "flat", "operation": "top_hat", "inputs": ["src"],
///                 "parameters": {"radius_x": 6}}, ...],
///      "outputs": ["flat", ...]}
/// Of these only "operation" must be there. Without them the only input is "src", a step takes what
/// the step before it gives, or the first input, and the output is the last step's, "dst". Steps
/// stand behind those that they take.
/// Throws io_error for a file that is no JSON, argument_error for what is no pipeline, both with
/// the file's name and the place in it.
tiling::pipeline read_pipeline(const std::string& path);

}  // namespace gpuimg::cli
