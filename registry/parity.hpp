// SPDX-License-Identifier: BSD-3-Clause
// Operations on devices against the reference, on small awkward images: what differs, and how much.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gpuimg/agreement/difference.hpp"
#include "registry/cases.hpp"
#include "registry/catalogue.hpp"
#include "registry/samples.hpp"

namespace gpuimg {

/// What an operation gave: results, or why it refused its arguments, with DEVICE for the name of
/// the device.
struct outcome {
  std::vector<any_result> results;
  std::string refusal{};
};
outcome outcome_of(const registry_entry& entry, const parameter_texts& parameters,
                   const std::vector<any_image>& images);

/// How two outcomes differ, refusals included.
result_difference compare(const outcome& found, const outcome& expected,
                          const std::optional<tolerance>& allowed);

/// The images that operations are tried with.
struct parity_scope {
  std::vector<shape> shapes = samples::awkward_shapes();
  std::vector<pixel_type> types{std::begin(all_pixel_types), std::end(all_pixel_types)};
  std::vector<samples::content> contents{samples::all_contents.begin(),
                                         samples::all_contents.end()};
};

/// One outcome on a device beside that of the reference.
struct comparison {
  pixel_type type;
  gpuimg::shape shape;
  samples::content content;
  const parameter_texts& parameters;
  const gpuimg::device& device;
  const outcome& expected;
  result_difference difference;
  std::size_t other_runs;  ///< of the repeats, with other bits than the first

  /// "gaussian_blur/u16/65x33x7/sigma_x=2/few"
  [[nodiscard]] std::string name(const registry_entry& entry) const;
};

/// "sigma_x=2", or "default".
std::string text_of(const registry_entry& entry, const parameter_texts& parameters);

/// Runs an operation with each of the cases on every image of the scope, on the reference and on
/// the devices, there `repeats` times; calls `report` for each. The same images in every run. Where
/// a driver fails, that is the difference.
void compare_with_reference(const registry_entry& entry, std::span<const parameter_texts> cases,
                            const parity_scope& scope, std::span<const device> devices,
                            std::size_t repeats,
                            const std::function<void(const comparison&)>& report);

}  // namespace gpuimg
