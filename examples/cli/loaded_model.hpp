// SPDX-License-Identifier: BSD-3-Clause
// A network from its file or package, and the windows that it takes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/io/bioimage_model.hpp"
#include "gpuimg/io/onnx.hpp"
#include "gpuimg/nn/network.hpp"

namespace gpuimg::cli {

/// A network with what its package says about it; of an ONNX file alone that is nothing.
struct loaded_model {
  nn::network network;
  std::optional<nn::model_description> description;
};

inline loaded_model load_model(const std::string& path) {
  if (std::filesystem::path(path).extension() == ".onnx")
    return {nn::network(io::read_onnx(path)), std::nullopt};
  nn::model_description description = io::read_bioimage_model(path);
  nn::network network(io::read_onnx(description.weights));
  if (network.description().inputs.size() != description.inputs.size() ||
      network.description().outputs.size() != description.outputs.size())
    throw argument_error(path + ": describes other inputs and outputs than " + description.weights +
                         " has");
  return {std::move(network), std::move(description)};
}

namespace detail {

/// first, first + step, ...: the least of them that is `size` or more.
inline std::int64_t rounded_up(std::int64_t size, std::int64_t first, std::int64_t step) {
  return size <= first || step < 1 ? first : first + (size - first + step - 1) / step * step;
}

/// Along an axis that may have any size, or one of several: that is the multiple of 32 from `size`
/// on, at most `most`, where nothing else is said.
inline std::int64_t choose_size(std::int64_t size, std::int64_t most, const nn::axis_size* rule) {
  if (rule != nullptr) {
    if (const auto* fixed = std::get_if<nn::fixed_size>(rule)) return fixed->size;
    if (const auto* stepped = std::get_if<nn::stepped_size>(rule)) {
      const std::int64_t wanted = rounded_up(size, stepped->min, stepped->step);
      return wanted <= most ? wanted : rounded_up(most, stepped->min, stepped->step);
    }
  }
  return std::min(rounded_up(size, 32, 32), most);
}

/// Refuses a size of --window that the network's file, or the rule of its package, does not allow.
inline void check_size(std::int64_t size, std::int64_t in_file, const nn::axis_size* rule) {
  std::string wanted = in_file > 0 ? std::to_string(in_file) : "";
  if (rule != nullptr && in_file <= 0) {
    if (const auto* fixed = std::get_if<nn::fixed_size>(rule)) wanted = std::to_string(fixed->size);
    if (const auto* stepped = std::get_if<nn::stepped_size>(rule);
        stepped != nullptr && rounded_up(size, stepped->min, stepped->step) != size)
      wanted =
          std::to_string(stepped->min) + " plus a multiple of " + std::to_string(stepped->step);
  }
  if (!wanted.empty() && wanted != std::to_string(size))
    throw argument_error("--window: the network takes " + wanted + " along this axis, got " +
                         std::to_string(size));
}

}  // namespace detail

/// The shape of an input of the network for an image: what the files say, else what they allow.
/// Throws argument_error where the network takes no images, or not this window.
inline nn::tensor_shape choose_window(const loaded_model& model, std::size_t input,
                                      std::int64_t channels, const std::optional<shape>& image,
                                      const std::optional<shape>& window) {
  const auto& sizes = model.network.description().inputs[input].sizes;
  if (sizes.size() < 4 || sizes.size() > 5)
    throw argument_error("the network does not take 2D or 3D images with channels: its input has " +
                         std::to_string(sizes.size()) + " axes");
  const bool is_3d = sizes.size() == 5;
  if (window && (window->z > 1) != is_3d)
    throw argument_error(is_3d ? "--window must be XxYxZ for this network of 3D images"
                               : "--window must be XxY for this network of 2D images");
  const auto size_of = [&](const shape& of, std::size_t axis) {  // of the tensor's axis
    const std::size_t all[] = {of.x, of.y, of.z};
    return static_cast<std::int64_t>(all[sizes.size() - 1 - axis]);
  };
  const std::int64_t most = is_3d ? 128 : 512;
  std::vector<std::int64_t> chosen{std::max<std::int64_t>(sizes[0], 1),
                                   sizes[1] > 0 ? sizes[1] : channels};
  for (std::size_t axis = 2; axis < sizes.size(); ++axis) {
    const nn::axis_size* rule =
        model.description ? &model.description->inputs[input].axes[axis].size : nullptr;
    if (window) detail::check_size(size_of(*window, axis), sizes[axis], rule);
    if (sizes[axis] > 0)
      chosen.push_back(sizes[axis]);
    else if (window)
      chosen.push_back(size_of(*window, axis));
    else
      chosen.push_back(detail::choose_size(image ? size_of(*image, axis) : most, most, rule));
  }
  return nn::tensor_shape(std::move(chosen));
}

}  // namespace gpuimg::cli
