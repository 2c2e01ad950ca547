// SPDX-License-Identifier: BSD-3-Clause
// A network as files describe it: operators over named tensors, as ONNX defines them. Nothing in it
// is checked or run yet; a network is made from it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "gpuimg/nn/host_tensor.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// What an attribute of an operator can be.
using attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>,
                               std::vector<float>, std::vector<std::string>, host_tensor>;

/// One operator. Names of inputs that are left out are empty.
struct graph_node {
  std::string op;    ///< ONNX's name: "Conv"; operators of another domain as "domain::name"
  std::string name;  ///< may be empty
  std::vector<std::string> inputs, outputs;
  std::map<std::string, attribute> attributes;
};

/// An input or an output of the network. An axis has size -1 where the network leaves it open.
struct graph_value {
  std::string name;
  element type = element::f32;
  std::vector<std::int64_t> sizes;
};

/// Operators over named tensors, in any order. What names stand for is ONNX's operator set `opset`.
struct graph {
  std::string name;
  std::int64_t opset = 17;
  std::vector<graph_value> inputs, outputs;  ///< inputs without those that are constants
  std::vector<graph_node> nodes;
  std::map<std::string, host_tensor> constants;
};

}  // namespace gpuimg::nn
