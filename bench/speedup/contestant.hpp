// SPDX-License-Identifier: BSD-3-Clause
// Who takes part in the table of speed-ups: devices of this library, and peers in processes of
// their own (bench/peers). A peer says what it is when it starts,
//
//   COLUMN <tab> NAME             or "missing REASON", and ends
//
// and then answers lines:
//
//   row OPERATION WORD...         the seconds of the first call, or "cannot REASON". A word is a
//                                 parameter, name=value, or a file of raw pixels, type:shape:path
//   result PATH                   the pixel type of the result, which it wrote into that file
//   call, transfer, second_size   the seconds of this step, or "none"
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/speedup/report.hpp"
#include "gpuimg/core/host_image.hpp"
#include "gpuimg/device.hpp"
#include "gpuimg/registry.hpp"

namespace speedup {

/// What all contestants of a row compute.
struct problem {
  const gpuimg::registry_entry* entry = nullptr;
  std::vector<std::pair<std::string, std::string>> parameters{};  ///< all of the operation's
  std::vector<gpuimg::host_image> inputs{};
  std::vector<std::string> files{};  ///< the pixels of each input
};

/// The size of the second images, an eighth smaller along each axis.
inline gpuimg::shape second_size(const gpuimg::shape& s) {
  return {s.x - s.x / 8, s.y - s.y / 8, s.z - s.z / 8};
}

class contestant {
 public:
  contestant() = default;
  contestant(const contestant&) = delete;
  contestant& operator=(const contestant&) = delete;
  virtual ~contestant() = default;

  [[nodiscard]] virtual contestant_info info() const = 0;
  /// The seconds of the first call. Throws std::runtime_error that says why it takes no part.
  virtual double begin(const problem& p) = 0;
  /// What the call gives, in host memory.
  virtual gpuimg::host_image result() = 0;
  /// The seconds of a step; nothing where it has no such step.
  virtual std::optional<double> time(step s) = 0;
};

/// A device of this library.
std::unique_ptr<contestant> make_device_contestant(const gpuimg::device& device,
                                                   const std::string& column);

/// A peer. `command` is for the shell; `folder` is where it writes results. Throws
/// std::runtime_error that says why it does not take part.
std::unique_ptr<contestant> start_peer(const std::string& command, const std::string& folder);

}  // namespace speedup
