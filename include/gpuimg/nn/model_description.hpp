// SPDX-License-Identifier: BSD-3-Clause
// What bioimage.io says of a network: the axes of its inputs and outputs, and what is computed
// before and after it. Nothing in it is run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gpuimg/core/version.hpp"
#include "gpuimg/nn/host_tensor.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

enum class axis_kind : std::uint8_t { batch, channel, index, time, space };

/// Any size, as of a batch.
struct any_size {};
struct fixed_size {
  std::int64_t size = 1;
};
/// min, min + step, min + 2 step ...
struct stepped_size {
  std::int64_t min = 1, step = 1;
};
/// floor(scale * size of the axis of that tensor + offset), where halos are still there
struct referred_size {
  std::string tensor{}, axis{};
  double scale = 1, offset = 0;
};
using axis_size = std::variant<any_size, fixed_size, stepped_size, referred_size>;

struct axis_description {
  axis_kind kind = axis_kind::space;
  std::string id{};  ///< "x", "channel"
  axis_size size{};
  double scale = 1;       ///< units from one number to the next
  std::string unit{};     ///< "micrometer"; may be empty
  std::int64_t halo = 0;  ///< numbers of an output to leave out at each end
  std::vector<std::string> channel_names{};
};

/// What is computed before or after a network, one step after the other. `axes` are the ids of the
/// axes over which a statistic is taken, one for each place along the other axes. Where a step
/// has an `axis`, its numbers are those along that axis; otherwise one is for the whole tensor.
namespace steps {

struct ensure_dtype {
  element type = element::f32;
};
/// x > threshold
struct binarize {
  std::vector<double> threshold{};
  std::string axis{};
};
/// Each limit is a number, or the percentile over the axes, or is left out.
struct clip {
  std::optional<double> min{}, max{}, min_percentile{}, max_percentile{};
  std::vector<std::string> axes{};
};
/// gain * x + offset
struct scale_linear {
  std::vector<double> gain{}, offset{};
  std::string axis{};
};
struct sigmoid {};
struct softmax {
  std::string axis{};
};
/// (x - mean) / (standard deviation + eps)
struct zero_mean_unit_variance {
  std::vector<std::string> axes{};
  double eps = 1e-6;
};
/// (x - mean) / std
struct fixed_zero_mean_unit_variance {
  std::vector<double> mean{}, std{};
  std::string axis{};
};
/// (x - low) / (high - low + eps), percentiles of the reference tensor or, without its name, of x
struct scale_range {
  std::vector<std::string> axes{};
  double min_percentile = 0, max_percentile = 100, eps = 1e-6;
  std::string reference_tensor{};
};
/// (x - mean) / (std + eps) * (std of the reference + eps) + mean of the reference
struct scale_mean_variance {
  std::string reference_tensor{};
  std::vector<std::string> axes{};
  double eps = 1e-6;
};

}  // namespace steps

using processing_step =
    std::variant<steps::ensure_dtype, steps::binarize, steps::clip, steps::scale_linear,
                 steps::sigmoid, steps::softmax, steps::zero_mean_unit_variance,
                 steps::fixed_zero_mean_unit_variance, steps::scale_range,
                 steps::scale_mean_variance>;

/// An input of a network, or an output.
struct tensor_description {
  std::string id{};
  std::vector<axis_description> axes{};
  element type = element::f32;  ///< before an input's steps, after an output's
  std::vector<processing_step>
      processing{};           ///< of an input before the network, of an output after
  std::string test_tensor{};  ///< path of a .npy file; may be empty
};

struct model_description {
  std::string name{};
  std::vector<tensor_description> inputs{}, outputs{};
  std::string weights{};  ///< path of the ONNX file
};

}  // namespace gpuimg::nn
