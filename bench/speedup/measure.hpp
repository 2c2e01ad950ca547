// SPDX-License-Identifier: BSD-3-Clause
// The measurement: every contestant of a row in turns.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/speedup/contestant.hpp"
#include "bench/speedup/report.hpp"

namespace speedup {

struct plan {
  int rounds = 15;
  double seconds = 1;    ///< a contestant that used up so many in a row joins no further round
  double patience = 10;  ///< a call that takes longer is not repeated; not made, if foreseen
  std::vector<gpuimg::pixel_type> types{gpuimg::pixel_type::f32};
  gpuimg::shape size_2d{2048, 1024}, size_3d{256, 256, 256};
  bool large = false;  ///< also images that fit no cache
  bool all = false;    ///< every operation, CLIJ's benchmarks first
  std::string only;    ///< rows whose name contains it
  std::string folder;  ///< for files of pixels
};

/// Measures all rows and says on stderr how far it is. The first contestant of ours gives the
/// results that the others' are compared with.
std::vector<row> measure(const plan& p, std::vector<std::unique_ptr<contestant>>& contestants);

}  // namespace speedup
