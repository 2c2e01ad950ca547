// SPDX-License-Identifier: BSD-3-Clause
// gpuimg segment: from an image of bright objects to labels, a picture and measurements.
#include "cli/commands.hpp"
#include "gpuimg/core/error.hpp"

namespace gpuimg::cli {

void segment(const segment_arguments&) {
  throw argument_error("segment: the operations it needs are not in the library yet");
}

}  // namespace gpuimg::cli
